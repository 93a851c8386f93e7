"""What may be so in the world, and the complete call that each of two policies makes of it. It compares nothing.

The world has one value for every fact. A policy finds that value where it asks, or where the answer is given unasked,
and else the fact's `otherwise`. Where both ask alike they share a variable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from chalicelib.analysis.findings import Answered
from chalicelib.analysis.formula import (
    Cells,
    Formula,
    denied,
    every,
    holds,
    literal,
    some,
)
from chalicelib.analysis.joint import (
    Matched,
    Place,
    Twin,
    View,
    asked_alike,
    in_order,
    matched,
    mildest_rows,
    otherwise,
)
from chalicelib.analysis.reading import Reading
from chalicelib.analysis.search import Goal, Problem, Witness
from chalicelib.analysis.words import example


class Worlds:
    """All worlds, as one problem."""

    def __init__(self, sides: Sequence[Reading]) -> None:
        """Set the problem up for some policies side by side."""
        self.problem = Problem()
        self.views = tuple(View(side, {}) for side in sides)
        self.facts = matched(sides)
        self._mildest = mildest_rows(sides, self.facts)
        self._world: dict[Twin, int] = {}
        self._told: dict[Twin, int] = {}
        """For each unknown that is not always asked whether it is told unasked: its second cell."""
        self._always: set[Goal] = set()
        apart = self._place_all()
        for fact, side in apart:
            self._always |= {self.problem.goal(formula) for formula in self._as_asked(fact, side)}
        self._only_asked = frozenset(self.problem.goal(literal(variable, 1, 3)) for variable in self._told.values())
        self._possible = tuple(
            frozenset(self.problem.goal(denied(view.known(odd.when))) for odd in view.reading.impossible)
            for view in self.views
        )

    def find(self, goals: Iterable[Goal]) -> tuple[Witness, bool] | None:
        """A world that reaches all goals and is possible for one side, and whether only what is asked is answered.

        Such a world with answers to what is not asked comes only after all others. Raises NotDecided.
        """
        wanted = self._always.union(goals)
        for only_asked in (True, False) if self._only_asked else (True,):
            for possible in dict.fromkeys(self._possible):
                found = self.problem.find(wanted | possible | (self._only_asked if only_asked else frozenset()))
                if found is not None:
                    return found, only_asked
        return None

    def true(self, side: int, formula: Formula) -> Goal:
        """The goal that a condition of a side holds."""
        return self.problem.goal(self.views[side].known(formula))

    def false(self, side: int, formula: Formula) -> Goal:
        """The goal that a condition of a side does not hold."""
        return self.problem.goal(self.views[side].known(denied(formula)))

    def call(self, side: int, witness: Witness) -> tuple[Cells, ...]:
        """The complete call that a side makes of a world: for each of its variables the cell."""
        view = self.views[side]
        found: list[Cells] = []
        for variable in view.reading.policy.variables:
            place = view.places[variable.index]
            found.append(place.states[witness[place.variable].bit_length() - 1])
        return tuple(found)

    def example(self, side: int, witness: Witness) -> tuple[Answered, ...]:
        """The answers of a world as one side asks for them."""
        call = self.call(side, witness)
        left = dict(enumerate(call))
        return example(self.views[side].reading.policy, left, self._silent(side, witness), self._spans(side, witness))

    def _silent(self, side: int, witness: Witness) -> list[str]:
        """The facts that a side neither asks in a world nor is told anything of unasked."""
        gates, call = self.views[side].reading.gates, self.call(side, witness)
        told = {fact.fact for fact in self.facts for twin in fact.twins if self._is_in(twin, witness)}
        return [gate.fact for gate in gates if gate.fact not in told and not holds(gate.asked, call)]

    def _is_in(self, twin: Twin, witness: Witness) -> bool:
        return twin in self._told and witness[self._told[twin]] == 2

    def _spans(self, side: int, witness: Witness) -> dict[int, tuple[int, int]]:
        """For each whole number of a side the number that it is in a world."""
        found: dict[int, tuple[int, int]] = {}
        for twin, variable in self._world.items():
            own, row = twin.variables[side], twin.rows[witness[variable].bit_length() - 1]
            if own is not None and row.span is not None:
                least = row.span[0]
                found[own.index] = (least, least)
        return found

    def _place_all(self) -> list[tuple[Matched, int]]:
        """Give every side its variables. The facts and sides whose own way of asking still has to be said."""
        apart: list[tuple[Matched, int]] = []
        for fact, ready in in_order(self.views, self.facts):
            for twin in fact.twins:
                self._world[twin] = self.problem.variable(twin.full, 1 << self._mildest[twin])
                if any(fact.gates):
                    self._told[twin] = self.problem.variable(3, 1)
            shared = self._shared(fact) if ready else None
            if shared is not None:
                self._always.add(self.problem.goal(shared))
            for side in fact.having:
                own = shared is None and fact.gates[side] is not None
                for twin in fact.twins:
                    self._place_one(twin, side, own=own)
                apart += [(fact, side)] if own else []
        return apart

    def _place_one(self, twin: Twin, side: int, *, own: bool) -> None:
        variable = twin.variables[side]
        if variable is None:
            return
        if own:
            mildest = twin.rows[self._mildest[twin]].cells[side]
            states = tuple(1 << cell for cell in range(len(variable.cells)))
            place = Place(self.problem.variable(variable.full, mildest), states)
        else:
            place = Place(self._world[twin], tuple(row.cells[side] for row in twin.rows))
        self.views[side].places[variable.index] = place

    def _shared(self, fact: Matched) -> Formula | None:
        """What makes a fact the same on all sides that have it; None where they ask it in different ways."""
        asked = asked_alike(self.views, fact)
        if asked is None or not any(fact.gates):
            return asked
        parts: list[Formula] = []
        for twin in fact.twins:
            row = twin.row([otherwise(gate, one) for gate, one in zip(fact.gates, twin.variables, strict=True)])
            if row is None:
                return None
            closed = literal(self._world[twin], 1 << row, twin.full)
            parts.append(some([asked, self._is_told(twin), closed]))
        return every(parts)

    def _is_told(self, twin: Twin) -> Formula:
        return literal(self._told[twin], 2, 3)

    def _as_asked(self, fact: Matched, side: int) -> Iterator[Formula]:
        """What a side finds of a fact that it asks in its own way."""
        gate, view = fact.gates[side], self.views[side]
        for twin in fact.twins:
            variable = twin.variables[side]
            if variable is None or gate is None:
                continue
            found = some([view.known(gate.asked), self._is_told(twin)])
            yield some([found, view.among(variable.index, [otherwise(gate, variable)])])
            for place, row in enumerate(twin.rows):
                other = literal(self._world[twin], twin.full & ~(1 << place), twin.full)
                yield some([denied(found), other, view.among(variable.index, [row.cells[side]])])
