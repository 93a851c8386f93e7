"""The product's backtest against one in a few lines that tries every answer, on the calls of `make bench`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench._plain_backtest import outcomes
from bench._recorded import NEW_FACT, draft_of, write_days
from bench.evaluate import SHIPPED
from chalicelib.cli.main import main
from chalicelib.cli.policy_files import compiled_file

DECISIONS = 100


def test_a_backtest_equals_an_independent_one_and_gives_the_same_bytes_twice(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    shipped = compiled_file(SHIPPED / "policy.yaml")
    draft = draft_of(shipped)
    files = write_days(shipped.compiled, DECISIONS, tmp_path)
    (tmp_path / "trial").mkdir()
    (tmp_path / "trial" / "policy.yaml").write_bytes(draft.stored)
    (tmp_path / "old.json").write_bytes(shipped.stored)
    words = ["policy", "simulate", str(tmp_path / "trial" / "policy.yaml"), "--under", str(tmp_path / "old.json")]
    printed = []
    for _ in range(2):
        assert main([*words, "--json", "--records", *map(str, files)]) == 1
        printed.append(capfdbinary.readouterr().out)
    assert printed[0] == printed[1]
    report = json.loads(printed[0])
    expected = outcomes(draft.compiled, NEW_FACT, (path.read_bytes() for path in files))
    assert all(count > 0 for count in report["outcome"].values()), report["outcome"]
    assert sum(report["outcome"].values()) == report["decisions"] == sum(expected.values())
    assert {name: count for name, count in report["outcome"].items() if count} == dict(expected)
    assert report["not_exact"] <= DECISIONS // 50
