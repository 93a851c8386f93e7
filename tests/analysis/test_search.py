from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from random import Random

import pytest

from chalicelib.analysis.formula import NEVER, Formula, denied, every, holds, literal, some
from chalicelib.analysis.search import Effort, Goal, NotDecided, Problem


def _formula(chance: Random, fulls: Sequence[int], depth: int) -> Formula:
    if depth == 0 or chance.random() < 0.3:
        variable = chance.randrange(len(fulls))
        return literal(variable, chance.randint(0, fulls[variable]), fulls[variable])
    parts = [_formula(chance, fulls, depth - 1) for _ in range(chance.randint(1, 4))]
    return chance.choice([every, some])(parts)


@pytest.mark.parametrize("seed", range(250))
def test_the_search_finds_an_assignment_exactly_when_there_is_one(seed: int) -> None:
    chance = Random(seed)
    fulls = [(1 << chance.randint(1, 4)) - 1 for _ in range(chance.randint(1, 5))]
    problem = Problem()
    for full in fulls:
        problem.variable(full, 1 << chance.randrange(full.bit_length()))
    formulas = [_formula(chance, fulls, 3) for _ in range(6)]
    formulas += [denied(formula) for formula in formulas]
    goals = [problem.goal(formula) for formula in formulas]
    everything = list(product(*([1 << cell for cell in range(full.bit_length())] for full in fulls)))
    for _ in range(8):
        asked = chance.sample(range(len(goals)), chance.randint(1, 6))
        found = problem.find(goals[place] for place in asked)
        there = [whole for whole in everything if all(holds(formulas[place], whole) for place in asked)]
        assert (found is not None) == bool(there)
        assert found is None or tuple(found[: len(fulls)]) in there


def test_a_denial_is_false_exactly_where_the_formula_is_true() -> None:
    chance = Random(7)
    fulls = [3, 7, 15]
    for _ in range(300):
        formula = _formula(chance, fulls, 3)
        whole = [1 << chance.randrange(full.bit_length()) for full in fulls]
        assert holds(denied(formula), whole) != holds(formula, whole)


def test_the_mildest_assignment_is_left_where_nothing_asks_for_another() -> None:
    problem = Problem()
    first, second = problem.variable(7, 4), problem.variable(3, 1)
    assert problem.find([problem.goal(literal(first, 6, 7))]) == (4, 1)
    assert problem.find([problem.goal(literal(second, 2, 3))]) == (4, 2)


def test_what_can_never_be_is_not_found() -> None:
    problem = Problem()
    problem.variable(3, 1)
    assert problem.find([problem.goal(NEVER)]) is None


def test_a_question_beyond_the_limit_is_not_decided_and_the_next_one_begins_anew() -> None:
    problem = Problem()
    goals = _seven_birds_in_six_holes(problem)
    with pytest.raises(NotDecided):
        problem.find(goals, 50)
    assert problem.find(goals[:6]) is not None


def test_problems_that_share_an_effort_decide_nothing_once_it_is_spent() -> None:
    effort = Effort(60)
    first, second = Problem(effort), Problem(effort)
    with pytest.raises(NotDecided):
        first.find(_seven_birds_in_six_holes(first))
    with pytest.raises(NotDecided):
        second.find([second.goal(literal(second.variable(3, 1), 2, 3))])


def _seven_birds_in_six_holes(problem: Problem) -> list[Goal]:
    """No search by cases alone gets through that in 60 steps."""
    birds = [problem.variable(0b111111, 1) for _ in range(7)]
    return [
        problem.goal(some([literal(one, 63 & ~(1 << hole), 63), literal(other, 63 & ~(1 << hole), 63)]))
        for place, one in enumerate(birds)
        for other in birds[:place]
        for hole in range(6)
    ]


def test_choices_that_rest_on_one_another_too_deep_are_not_decided() -> None:
    problem = Problem()
    variables = [problem.variable(3, 1) for _ in range(900)]
    pairs = zip(variables[::2], variables[1::2], strict=True)
    goals = [problem.goal(some([literal(one, 2, 3), literal(other, 2, 3)])) for one, other in pairs]
    with pytest.raises(NotDecided):
        problem.find(goals)
