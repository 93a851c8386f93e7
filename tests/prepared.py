"""A store with a policy in force, made once for each process and copied: publishing takes seconds.

Of the shipped policies only a few cases are kept. What publishing the real ones does, their own tests say.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from chalicelib.canonical import Json, canonical
from chalicelib.cli.shipped_policies import put_in_force
from chalicelib.reader import read_yaml
from chalicelib.services import Services, services_for
from chalicelib.settings import Settings
from chalicelib.storage.sqlite_trail import SqliteTrail

POLICIES = Path(__file__).parent.parent / "policies"
SHIPPED_ID = "hertfordshire-thriives"
PUBLISHED = datetime(2025, 12, 1, 9, tzinfo=UTC)
"""When the prepared stores' policies were published: before every story."""

A_FEW = 12
"""How many cases of each policy are kept."""


@cache
def shortened() -> Path:
    """The folder of the shipped policy, beside its base, each with a few of its cases."""
    root = Path(tempfile.mkdtemp(prefix="policies-"))
    for folder in POLICIES.iterdir():
        if folder.is_dir():
            (root / folder.name).mkdir()
            shutil.copy(folder / "policy.yaml", root / folder.name)
            (root / folder.name / "cases.yaml").write_text(a_few_cases(folder.name))
    return root / SHIPPED_ID


@cache
def a_few_cases(name: str) -> str:
    """A few of the cases of a shipped policy."""
    written: Json = read_yaml((POLICIES / name / "cases.yaml").read_bytes(), most=4 * 1024 * 1024).value
    assert isinstance(written, dict)
    cases = written["cases"]
    assert isinstance(cases, list)
    return json.dumps(json.loads(canonical({**written, "cases": cases[:A_FEW]})), indent=1, ensure_ascii=False)


def _published() -> Iterator[datetime]:
    """A clock that goes on by a millisecond with each look."""
    at = PUBLISHED
    while True:
        at += timedelta(milliseconds=1)
        yield at


@cache
def _store(policy: Path) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="store-"))
    made = services_for(Settings.from_env({"THRIIVES_MODE": "embedded", "THRIIVES_DATA": str(folder)}))
    clock = _published()
    put_in_force(Services(made.settings, replace(made.ports, clock=lambda: next(clock))), policy)
    if isinstance(made.ports.trail, SqliteTrail):
        made.ports.trail.close()
    return folder


def place_store(folder: Path, policy: Path) -> None:
    """Put a copy of a prepared store, with a policy in force, into a folder that has none yet."""
    if not folder.exists() or not any(folder.iterdir()):
        shutil.copytree(_store(policy), folder, dirs_exist_ok=True)
