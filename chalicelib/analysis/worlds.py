"""What may be so in the world, and the complete call that each of two policies makes of it. It compares nothing.

The world has one value for every fact. A policy finds that value where it asks, or where the answer is given unasked,
and else the fact's `otherwise`. Where both ask alike they share a variable. An answer that is given unasked is given
to both; only while a call is not complete can one of them have to reckon with an answer that the other does not expect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from enum import Enum, auto

from chalicelib.analysis.findings import Answered
from chalicelib.analysis.formula import (
    ALWAYS,
    Cells,
    Formula,
    Literal,
    denied,
    entails,
    every,
    holds,
    literal,
    some,
    within,
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
from chalicelib.analysis.search import Effort, Goal, NotDecided, Problem, Witness, lowest_first
from chalicelib.analysis.words import example

FEW = 200
"""How many choices it may take to find out that one policy asks only what the other does."""


class Unasked(Enum):
    """Which answers are given to what a policy does not ask."""

    NEITHER = auto()
    """None."""
    BOTH = auto()
    """Any, and both policies are given them."""
    LAST = auto()
    """Any, and one of the two may have to reckon with some that the other is not given."""


class Worlds:
    """All worlds, as one problem."""

    def __init__(self, sides: Sequence[Reading], effort: Effort | None = None) -> None:
        """Set the problem up for two policies side by side."""
        self.problem = Problem(effort)
        self.views = tuple(View(side, {}) for side in sides)
        self.facts = matched(sides)
        self._mildest = mildest_rows(sides, self.facts)
        self._world: dict[Twin, int] = {}
        self._told: dict[Twin, tuple[int, ...]] = {}
        """For each unknown that is not always asked whether a side is told it unasked: the second cell."""
        self._always: set[Goal] = set()
        apart = self._place_all()
        for fact, side in apart:
            self._always |= {self.problem.goal(formula) for formula in self._as_asked(fact, side)}
        untold = [literal(variable, 1, 3) for told in self._told.values() for variable in dict.fromkeys(told)]
        self._neither = frozenset(self.problem.goal(formula) for formula in untold)
        self._given: tuple[set[Goal], set[Goal]] = (set(), set())
        """For each side that what it is told unasked the other is told too."""
        self._complete: set[Goal] = set()
        """The same of facts that are not the same otherwise: that can be said of complete calls alone."""
        self._follows: tuple[set[Goal], set[Goal]] = (set(), set())
        """For each side what its values show of the other's: each that it has because the fact was asked or told."""
        self._shown: tuple[dict[tuple[int, int], dict[Cells, Cells]], ...] = ({}, {})
        """The same by variables: for each single value those that the other side has with it."""
        for fact in dict.fromkeys(fact for fact, _ in apart if all(fact.sides)):
            self._set_apart(fact)
        self._possible = tuple(
            frozenset(self.problem.goal(denied(view.known(odd.when))) for odd in view.reading.impossible)
            for view in self.views
        )

    def find(self, goals: Iterable[Goal], unasked: Unasked, last: int) -> Witness | None:
        """A world that reaches all goals and is possible for one side. Raises NotDecided.

        `last` is the side that may have to reckon with answers that the other is not given.
        """
        wanted = self._always.union(goals, self._neither if unasked is Unasked.NEITHER else ())
        for side in (1 - last,) if unasked is Unasked.LAST else (0, 1):
            wanted |= self._given[side] | self._follows[side]
        if unasked is not Unasked.LAST:
            wanted |= self._complete
        for possible in dict.fromkeys(self._possible):
            found = self.problem.find(wanted | possible)
            if found is not None:
                return found
        return None

    def shows(self, side: int) -> Callable[[Literal, Literal], bool]:
        """Whether what one literal says of a side is known to show what another says of the other side."""
        known = self._shown[side]

        def shows(one: Literal, other: Literal) -> bool:
            values = known.get((one.variable, other.variable))
            if values is None:
                return within(one, other)
            return all(cell in values and not values[cell] & ~other.cells for cell in lowest_first(one.cells))

        return shows

    def widest(self, *, complete: bool) -> Unasked:
        """The widest way that there is: of complete calls alone, or of all."""
        if not self._told:
            return Unasked.NEITHER
        apart = any(len(set(told)) > 1 for told in self._told.values())
        return Unasked.LAST if apart and not complete else Unasked.BOTH

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
        told = {fact.fact for fact in self.facts for twin in fact.twins if self._is_in(twin, side, witness)}
        return [gate.fact for gate in gates if gate.fact not in told and not holds(gate.asked, call)]

    def _is_in(self, twin: Twin, side: int, witness: Witness) -> bool:
        return twin in self._told and witness[self._told[twin][side]] == 2

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
                    self._told[twin] = (self.problem.variable(3, 1),) * len(self.views)
            shared = self._shared(fact) if ready else None
            if shared is None and all(fact.gates):
                self._tell_apart(fact)
            if shared is not None:
                self._always.add(self.problem.goal(shared))
            for side in fact.having:
                own = shared is None and fact.gates[side] is not None
                for twin in fact.twins:
                    self._place_one(twin, side, own=own)
                apart += [(fact, side)] if own else []
        return apart

    def _tell_apart(self, fact: Matched) -> None:
        """Let each side be told by itself of a fact that both ask in their own way."""
        for twin in fact.twins:
            self._told[twin] = (self._told[twin][0], self.problem.variable(3, 1))

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
            row = self._row_otherwise(fact, twin)
            if row is None:
                return None
            closed = literal(self._world[twin], 1 << row, twin.full)
            parts.append(some([asked, self._is_told(twin, 0), closed]))
        return every(parts)

    @staticmethod
    def _row_otherwise(fact: Matched, twin: Twin) -> int | None:
        """The joint value that a fact has where it is not asked; None where that is another one on each side."""
        return twin.row([otherwise(gate, one) for gate, one in zip(fact.gates, twin.variables, strict=True)])

    def _set_apart(self, fact: Matched) -> None:
        """Say what the answers of each side to a fact that both ask in their own way show of the other's.

        Where one side asks a fact only if the other does, its values are the other's too. That follows from the rest
        already; to have it said spares every search finding it out. And where the form alone shows it, nobody can know
        that the other will not ask while it is open whether the one does: it reckons with no answer alone.
        """
        if all(fact.gates) and any(self._row_otherwise(fact, twin) is None for twin in fact.twins):
            # A part of an answer can leave open what the one takes for granted and rule out what the other does.
            for side, other in ((0, 1), (1, 0)):
                self._complete |= {self.problem.goal(one) for one in self._told_to_both(fact, side, other)}
            return
        asked = [view.known(gate.asked) if gate else ALWAYS for view, gate in zip(self.views, fact.gates, strict=True)]
        for side, other in ((0, 1), (1, 0)):
            given = {self.problem.goal(one) for one in self._told_to_both(fact, side, other)}
            if entails(asked[side], asked[other]):
                self._always |= given
            self._given[side].update(given)
        for side, other in ((0, 1), (1, 0)):
            known = self._always | self._given[side] | self._follows[side]
            alone = {self.problem.goal(asked[side]), self.problem.goal(denied(asked[other]))}
            with suppress(NotDecided):
                if self.problem.find(known | alone, FEW) is None:
                    self._note(side, self._same_in(fact, side, other))

    def _note(self, side: int, pairs: Iterable[tuple[Formula, Formula]]) -> None:
        """Note that where the first holds on one side the second does on the other."""
        for here, there in pairs:
            self._follows[side].add(self.problem.goal(some([denied(here), there])))
            if isinstance(here, Literal) and isinstance(there, Literal):
                known = self._shown[side].setdefault((here.variable, there.variable), {})
                known[here.cells] = there.cells

    def _told_to_both(self, fact: Matched, side: int, other: int) -> Iterator[Formula]:
        for twin in fact.twins:
            told = self._told[twin]
            if told[side] != told[other]:
                yield some([literal(told[side], 1, 3), literal(told[other], 2, 3)])

    def _same_in(self, fact: Matched, side: int, other: int) -> Iterator[tuple[Formula, Formula]]:
        """Each value that one side does not have for want of an answer, and those that the other then has with it."""
        for twin in fact.twins:
            own, its = twin.variables[side], twin.variables[other]
            if own is None or its is None:
                continue
            silent, values = otherwise(fact.gates[side], own), dict.fromkeys(row.cells[side] for row in twin.rows)
            for cell in (one for one in values if one != silent):
                same = {row.cells[other] for row in twin.rows if row.cells[side] == cell}
                yield self.views[side].among(own.index, [cell]), self.views[other].among(its.index, same)

    def _is_told(self, twin: Twin, side: int) -> Formula:
        return literal(self._told[twin][side], 2, 3)

    def _as_asked(self, fact: Matched, side: int) -> Iterator[Formula]:
        """What a side finds of a fact that it asks in its own way."""
        gate, view = fact.gates[side], self.views[side]
        for twin in fact.twins:
            variable = twin.variables[side]
            if variable is None or gate is None:
                continue
            found = some([view.known(gate.asked), self._is_told(twin, side)])
            yield some([found, view.among(variable.index, [otherwise(gate, variable)])])
            for place, row in enumerate(twin.rows):
                other = literal(self._world[twin], twin.full & ~(1 << place), twin.full)
                yield some([denied(found), other, view.among(variable.index, [row.cells[side]])])
