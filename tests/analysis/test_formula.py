"""What the form of two formulas shows by itself, held against every assignment."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from chalicelib.analysis.formula import Formula, because, entails, every, holds, literal, some, variables

FULL = 0b111
ALL = list(product((1, 2, 4), repeat=3))


def a_formula(chance: Random, depth: int = 3) -> Formula:
    if depth == 0 or chance.random() < 0.3:
        return literal(chance.randrange(3), chance.randrange(1, FULL), FULL)
    join = chance.choice((every, some))
    return join(a_formula(chance, depth - 1) for _ in range(chance.randint(1, 3)))


@pytest.mark.parametrize("seed", range(50))
def test_what_is_said_to_follow_follows_in_every_assignment(seed: int) -> None:
    chance = Random(seed)
    said = 0
    for _ in range(60):
        one, other = a_formula(chance), a_formula(chance, 2)
        assert entails(one, one)
        assert entails(every([one, other]), one)
        assert entails(one, some([other, one]))
        if entails(one, other):
            said += 1
            assert all(holds(other, values) for values in ALL if holds(one, values))
    assert said, "a test that never sees it proves nothing"


def test_what_only_a_search_can_see_is_not_said_to_follow() -> None:
    low, high = literal(0, 0b001, FULL), literal(0, 0b110, FULL)
    one = literal(1, 0b001, FULL)
    assert not entails(one, some([every([one, low]), every([one, high])]))


@pytest.mark.parametrize("seed", range(20))
def test_what_makes_a_formula_true_is_true_and_enough(seed: int) -> None:
    chance = Random(seed)
    for _ in range(30):
        formula = a_formula(chance)
        for values in [one for one in ALL if holds(formula, one)]:
            reason = because(formula, values)
            assert holds(reason, values)
            assert entails(reason, formula)
            assert variables(reason) <= variables(formula)
