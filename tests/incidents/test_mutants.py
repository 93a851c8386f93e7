"""Each fault that is planted in what becomes of incidents is seen by the rows that are about it."""

from __future__ import annotations

from collections import Counter

import pytest

from chalicelib.errors import Refused
from tests.incidents.mutants import MUTANTS, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_planted_fault_is_seen_by_a_row(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant.look()
    monkeypatch.setattr(mutant.function, "__code__", mutant.code())
    with pytest.raises((AssertionError, Refused)):
        mutant.look()


def test_every_mutant_of_incidents_has_a_name_of_its_own() -> None:
    assert [name for name, count in Counter(mutant.name for mutant in MUTANTS).items() if count > 1] == []
