"""The operator's page says what the code and the template say."""

from __future__ import annotations

import json
import re
from pathlib import Path

from chalicelib.settings import Settings

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "operations.md").read_text()
FRAGMENT = json.loads((ROOT / "infra" / "resources.json").read_text())
STATEMENTS = json.loads((ROOT / "infra" / "iam-policy.json").read_text())["Statement"]


def test_every_setting_is_described_and_no_other() -> None:
    described = set(re.findall(r"^\| `((?:THRIIVES|AWS)_[A-Z_]+)` \| (.*?) \| (.*?) \| `(.*?)` \|$", PAGE, re.M))
    assert described == {(row.variable, row.needed, row.meaning, row.example) for row in Settings.describe()}


def test_every_alarm_is_explained_and_no_other() -> None:
    alarms = {name for name, found in FRAGMENT["Resources"].items() if found.get("Type") == "AWS::CloudWatch::Alarm"}
    assert set(re.findall(r"^\| `(\w+Alarm)` \|", PAGE, re.M)) == alarms


def test_every_parameter_is_explained_and_no_other() -> None:
    section = PAGE.partition("| parameter |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.M)) == set(FRAGMENT["Parameters"])


def test_every_right_of_the_role_is_listed() -> None:
    section = PAGE.partition("## What the role may do")[2].partition("## Restore")[0]
    for statement in STATEMENTS:
        if statement["Effect"] == "Allow":
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            assert all(action.partition(":")[2] in section for action in actions), statement["Sid"]
