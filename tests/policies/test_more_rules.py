"""A rule that is added to a shipped policy only adds: nobody has to accept a lowering that is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.analysis.comparison import compare
from chalicelib.authoring.documents import checked
from chalicelib.cli.policy_files import compiled_file

FOLDER = Path(__file__).parents[2] / "policies" / "hertfordshire-thriives"
SHIPPED = compiled_file(FOLDER / "policy.yaml")
WHEN = {"all": [{"fact": "victim_at_work", "is": "shop"}, {"fact": "incidents_here_12m", "at_least": 2}]}


@pytest.mark.parametrize("level", ["low", "medium", "high"])
@pytest.mark.parametrize("element", ["threat", "harm", "risk", "vulnerability"])
def test_one_more_rule_lowers_nothing_whatever_it_finds(element: str, level: str) -> None:
    document: dict[str, Any] = json.loads(SHIPPED.stored)
    rule = {"id": "more", "says": "More.", "basis": ["proposed"], "when": WHEN}
    document["rules"] += [{**rule, "grade": "priority", "findings": [{"element": element, "level": level}]}]
    found = compare(SHIPPED.compiled, checked(json.dumps(document).encode()).compiled)
    assert found.never_lowers
    assert found.step == "minor"
