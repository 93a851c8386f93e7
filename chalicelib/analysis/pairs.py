"""Two complete calls that differ in one fact, and in what is asked because of it, as goals of one problem. No verdict.

The second call is the first with some variables put in a second time: those of the fact, and those of the questions
whose being asked it can decide. A question that both calls ask has one answer, because the caller is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chalicelib.analysis.calls import Calls, closing
from chalicelib.analysis.findings import Answered
from chalicelib.analysis.formula import (
    Formula,
    Literal,
    denied,
    every,
    literal,
    literals,
    replaced,
    some,
    variables,
)
from chalicelib.analysis.reading import Floor, Gate, Reading
from chalicelib.analysis.search import Goal, Witness, lowest_first
from chalicelib.policy.vocabulary import Variable


class Lasting:
    """Whether a condition that holds plainly still holds when one variable is worse, and nothing else changes.

    Plainly means by its form: it asks for "at least so bad", and of what is asked because of the variable only for what
    can only be so when it is asked. What does not last plainly may last all the same.
    """

    def __init__(self, reading: Reading, variable: Variable) -> None:
        """Ask about one variable."""
        self._variable = variable
        self._gates = {index: (gate, cells) for gate in reading.gates for index, cells in gate.otherwise}
        self._known: dict[Formula, bool] = {}
        self._moved = {variable.index}
        for gate in reading.gates:
            if not self._moved.isdisjoint(gate.uses):
                self._moved |= {index for index, _ in gate.otherwise}

    def __call__(self, formula: Formula) -> bool:
        """Whether a condition lasts plainly."""
        if formula not in self._known:
            moved = (one for one in literals(formula) if one.variable in self._moved)
            self._known[formula] = all(self._lasts(one) for one in moved)
        return self._known[formula]

    def _lasts(self, one: Literal) -> bool:
        if one.variable == self._variable.index:
            if self._variable.worse > 0:
                return one.cells == one.full & ~((one.cells & -one.cells) - 1)
            return one.cells & (one.cells + 1) == 0
        gate, otherwise = self._gates[one.variable]
        return not one.cells & otherwise and self(gate.asked)


class Pair:
    """The pairs of calls that differ in some variables."""

    def __init__(self, calls: Calls, changed: Iterable[int], second: dict[int, int]) -> None:
        """Set up the goals. `second` holds the second variables that were made so far and is added to."""
        self._calls, self._second = calls, second
        self.changed = frozenset(changed)
        self.differ = set(self.changed)
        for gate in calls.reading.gates:
            if not self.differ.isdisjoint(variables(gate.asked)):
                self.differ |= {index for index, _ in gate.otherwise}
        for index in self.differ:
            if index not in second:
                variable = calls.reading.policy.variables[index]
                second[index] = calls.problem.variable(variable.full, calls.problem.mildest(index))
        self._below: dict[int, frozenset[Goal]] = {}
        self._both = frozenset(calls.problem.goal(formula) for formula in self._linked())

    def true_of_second(self, formula: Formula) -> Goal:
        """The goal that a formula holds in the second call."""
        return self._calls.problem.goal(self._of_second(formula))

    def below_in_second(self, rank: int) -> frozenset[Goal]:
        """The goals that no rule gives the second call a grade or a higher one, and the base does not either."""
        if rank not in self._below:
            self._below[rank] = self._below_in_second(rank)
        return self._below[rank]

    def _below_in_second(self, rank: int) -> frozenset[Goal]:
        reading = self._calls.reading
        goals = {self.true_of_second(floor.fails) for floor in reading.reaching(rank) if self.touches(floor)}
        goals |= {self._calls.true(floor.fails) for floor in reading.reaching(rank) if not self.touches(floor)}
        if rank <= reading.policy.base_rank:
            goals.add(self.true_of_second(reading.earned))
        return frozenset(goals)

    def touches(self, floor: Floor) -> bool:
        """Whether a rule can tell the two calls apart."""
        return not self.differ.isdisjoint(floor.uses)

    def worse(self, index: int) -> Goal:
        """The goal that one changed variable is worse in the second call, and the other changed ones are the same."""
        variable = self._calls.reading.policy.variables[index]
        full, parts = variable.full, list[Formula]()
        for cell in lowest_first(full):
            beyond = full & ~(cell | (cell - 1)) if variable.worse > 0 else cell - 1
            parts.append(some([literal(index, full & ~cell, full), literal(self._second[index], beyond, full)]))
        for other in sorted(self.changed - {index}):
            parts += self._equal(other)
        return self._calls.problem.goal(every(parts))

    def different(self) -> Goal:
        """The goal that some changed variable differs."""
        parts: list[Formula] = []
        for index in sorted(self.changed):
            full = self._calls.reading.policy.variables[index].full
            for cell in lowest_first(full):
                other = literal(self._second[index], full & ~cell, full)
                parts.append(every([literal(index, cell, full), other]))
        return self._calls.problem.goal(some(parts))

    def find(self, goals: Iterable[Goal]) -> Witness | None:
        """Two calls that reach all goals. Raises NotDecided."""
        return self._calls.find(self._both.union(goals))

    def second_of(self, witness: Witness) -> Witness:
        """The second call as if it were a first."""
        return tuple(
            witness[self._second[index]] if index in self.differ else cell for index, cell in enumerate(witness)
        )

    def example(self, witness: Witness) -> tuple[Answered, ...]:
        """The answers of the second call."""
        return self._calls.example(self.second_of(witness))

    def _of_second(self, formula: Formula) -> Formula:
        def moved(one: Literal) -> Formula:
            return literal(self._second[one.variable], one.cells, one.full) if one.variable in self.differ else one

        return replaced(formula, moved)

    def _linked(self) -> Iterator[Formula]:
        """What has to hold of the second call besides: it is complete and possible, and the caller is the same."""
        reading = self._calls.reading
        for gate in reading.gates:
            own = {index for index, _ in gate.otherwise}
            if self.changed & own:
                yield gate.asked
            elif self.differ & own:
                yield self._of_second(closing(reading, gate))
                yield from self._same_answer(gate)
        for odd in reading.impossible:
            if not self.differ.isdisjoint(variables(odd.when)):
                yield denied(self._of_second(odd.when))

    def _same_answer(self, gate: Gate) -> Iterator[Formula]:
        unasked = [denied(gate.asked), denied(self._of_second(gate.asked))]
        for index, _ in gate.otherwise:
            yield from (some([*unasked, same]) for same in self._equal(index))

    def _equal(self, index: int) -> Iterator[Formula]:
        full = self._calls.reading.policy.variables[index].full
        for cell in lowest_first(full):
            yield some([literal(index, full & ~cell, full), literal(self._second[index], cell, full)])
