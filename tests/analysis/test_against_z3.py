"""The search against z3, a solver that is no part of the product, on policies too large to enumerate."""

from __future__ import annotations

import pytest
import z3

from bench.analysis import random_policy
from chalicelib.analysis.calls import Calls, closing
from chalicelib.analysis.formula import Both, Formula, Literal, denied, holds
from chalicelib.analysis.reading import Reading, read
from chalicelib.analysis.search import lowest_first


class Solver:
    """The complete calls of a policy for z3: one truth for each cell of each variable, exactly one of them true."""

    def __init__(self, reading: Reading) -> None:
        self._solver = z3.Solver()
        self._cells: dict[tuple[int, int], z3.BoolRef] = {}
        for variable in reading.policy.variables:
            cells = [z3.Bool(f"v{variable.index}_{cell}") for cell in lowest_first(variable.full)]
            self._cells |= {(variable.index, 1 << place): cell for place, cell in enumerate(cells)}
            self._solver.add(z3.PbEq([(cell, 1) for cell in cells], 1))
        for gate in reading.gates:
            self._solver.add(self._term(closing(reading, gate)))
        for odd in reading.impossible:
            self._solver.add(self._term(denied(odd.when)))

    def can_be(self, *formulas: Formula) -> bool:
        self._solver.push()
        self._solver.add(*(self._term(formula) for formula in formulas))
        found = self._solver.check()
        self._solver.pop()
        assert found != z3.unknown
        return bool(found == z3.sat)

    def _term(self, formula: Formula) -> z3.BoolRef:
        if isinstance(formula, Literal):
            return z3.Or(*(self._cells[formula.variable, cell] for cell in lowest_first(formula.cells)))
        join = z3.And if isinstance(formula, Both) else z3.Or
        return join(*(self._term(part) for part in formula.parts))


@pytest.mark.parametrize(("facts", "rules", "seed"), [(20, 30, 2), (20, 30, 3), (20, 60, 4), (40, 80, 5), (12, 80, 6)])
def test_rules_that_decide_alone_gaps_and_hidden_rules_are_those_that_z3_finds(
    facts: int, rules: int, seed: int
) -> None:
    reading = read(random_policy(facts, rules, seed))
    calls, solver = Calls(reading), Solver(reading)
    gap = [denied(reading.earned), *(floor.fails for floor in reading.reaching(1))]
    asked = [gap, *([floor.when] for floor in reading.floors)]
    for floor in reading.floors:
        asked.append([floor.when, *(other.fails for other in reading.reaching(floor.rank) if other is not floor)])
    answers: set[bool] = set()
    for formulas in asked:
        found = calls.find(calls.true(formula) for formula in formulas)
        assert (found is not None) == solver.can_be(*formulas)
        assert found is None or all(holds(formula, found) for formula in formulas)
        answers.add(found is not None)
    assert answers == {True, False}
