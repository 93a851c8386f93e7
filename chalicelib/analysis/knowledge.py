"""What may be known of a call that is not complete, and what some policies recommend then. It compares nothing.

Of each fact the whole value is known, or of a scale a part of it, or nothing for one reason. A policy looks at what was
said; where that leaves it open, a fact that is not asked is as it is otherwise. Precautions and the base go by what is
known; a rule counts as far as every completion meets it, so that the last side is completed as well, in variables of
its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from chalicelib.analysis.calls import mildest_of
from chalicelib.analysis.findings import Answered
from chalicelib.analysis.formula import (
    NEVER,
    Cells,
    Formula,
    denied,
    every,
    holds,
    literal,
    some,
    variables,
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
from chalicelib.analysis.reading import Fear, Gate, Reading
from chalicelib.analysis.search import Effort, Goal, Problem, Witness, lowest_first
from chalicelib.analysis.words import differing, example, missing
from chalicelib.assessment.contact import ContactState
from chalicelib.policy.document import Absence, NotAsked

REASONS = tuple(Absence)
STATES = (ContactState.IN_PROGRESS, ContactState.LOST, ContactState.COMPLETED)
"""How far a contact has got, as far as precautions tell it apart."""

LONGEST_SCALE = 30
"""Scales with more values are known wholly, not at all, or as at least or at most something."""

MOST_DIFFERING = 5
"""Of choices with more options no more than two that sources differ about are taken together."""

_UNASKED_COUNTS = {
    NotAsked.FROM_START: 0b111,
    NotAsked.IF_LOST: 0b010,
    NotAsked.AT_END: 0b110,
    NotAsked.NEVER: 0,
}


@dataclass(frozen=True, slots=True)
class Caution:
    """Something that is recommended because something is not known."""

    rank: int
    about: Formula
    """What is not known."""
    when: Formula
    """When it counts, over the variables of the problem."""
    fear: Fear | None
    """The precaution; None: the base."""


class Knowledge:
    """All states of knowledge, as one problem. The last side is completed."""

    def __init__(self, sides: Sequence[Reading], effort: Effort | None = None) -> None:
        """Set the problem up."""
        self.problem = Problem(effort)
        self.views = tuple(View(side, {}) for side in sides)
        self.facts = matched(sides)
        self._rows = mildest_rows(sides, self.facts)
        self._always: set[Goal] = set()
        self._said: dict[Twin, Place] = {}
        """For each unknown what was said of it: the states are masks of joint values, the first that nothing was."""
        self._contact = self.problem.variable(0b111, 1)
        self._reasons = {fact.fact: self.problem.variable((1 << len(REASONS)) - 1, 1) for fact in self.facts}
        for fact in self.facts:
            for twin in fact.twins:
                states = tuple(_states(twin))
                mild = states.index(1 << self._rows[twin])
                self._said[twin] = Place(self.problem.variable((1 << len(states)) - 1, 1 << mild), states)
        self._always |= {self.problem.goal(formula) for formula in self._not_taken_back()}
        self._place_all()
        self._completed = self._complete(len(sides) - 1)
        self._last = self.cautions(len(sides) - 1)
        self._possible = tuple(
            frozenset(self.problem.goal(denied(view.known(odd.when))) for odd in view.reading.impossible)
            for view in self.views
        )

    def find(self, goals: Iterable[Goal]) -> Witness | None:
        """A state of knowledge that reaches all goals and is possible for one side. Raises NotDecided."""
        wanted = self._always.union(goals)
        for possible in dict.fromkeys(self._possible):
            found = self.problem.find(wanted | possible)
            if found is not None:
                return found
        return None

    def cautions(self, side: int) -> list[Caution]:
        """All that a side recommends because something is not known: its precautions, and the base."""
        view = self.views[side]
        policy = view.reading.policy
        found = [Caution(fear.rank, fear.on, self._applies(side, fear), fear) for fear in view.reading.fears]
        earned = view.reading.earned
        found.append(Caution(policy.base_rank, earned, denied(view.known(earned)), None))
        return [caution for caution in found if caution.rank > 0]

    def counts(self, caution: Caution) -> Goal:
        """The goal that a caution counts."""
        return self.problem.goal(caution.when)

    def below(self, rank: int, leave_out: Fear | None = None) -> set[Goal]:
        """The goals that the last side recommends less than a grade. One precaution may be left out."""
        floors = self.views[-1].reading.reaching(rank)
        goals = {self.problem.goal(self._completed.known(floor.fails)) for floor in floors}
        for caution in self._last:
            if caution.rank >= rank and (leave_out is None or caution.fear is not leave_out):
                goals.add(self.problem.goal(denied(caution.when)))
        return goals

    def example(self, side: int, witness: Witness) -> tuple[Answered, ...]:
        """What was said in a state of knowledge, and why the rest is missing."""
        policy = self.views[side].reading.policy
        left = self._left(side, witness)
        told = example(policy, left, (), self._numbers(side, witness))
        return (*told, *differing(policy, left), *missing(policy, self._missing(side, witness)))

    def contact(self, witness: Witness) -> ContactState:
        """How far the contact has got."""
        return STATES[witness[self._contact].bit_length() - 1]

    def _left(self, side: int, witness: Witness) -> dict[int, Cells]:
        """For each variable of a side the cells that what was said leaves; all where nothing was said."""
        found: dict[int, Cells] = {}
        for twin, place in self._said.items():
            own = twin.variables[side]
            if own is not None:
                found[own.index] = _side_of(twin, side, place.states[witness[place.variable].bit_length() - 1])
        return found

    def _numbers(self, side: int, witness: Witness) -> dict[int, tuple[int, int]]:
        """For each whole number of a side that something was said of the span in which it lies."""
        found: dict[int, tuple[int, int]] = {}
        for twin, place in self._said.items():
            own, rows = twin.variables[side], place.states[witness[place.variable].bit_length() - 1]
            if own is not None and twin.rows[0].span is not None and rows != twin.full:
                spans = [row.span for step, row in enumerate(twin.rows) if rows >> step & 1 and row.span]
                found[own.index] = (spans[0][0], spans[0][0] if len(spans) == 1 else spans[-1][1])
        return found

    def _missing(self, side: int, witness: Witness) -> dict[str, Absence]:
        """For each fact of a side that is not wholly known the reason."""
        reading = self.views[side].reading
        found: dict[str, Absence] = {}
        for fact in self.facts:
            if fact.sides[side]:
                left = [self.views[side].places[one.index] for one in reading.policy.terms[fact.fact].variables]
                seen = [place.states[witness[place.variable].bit_length() - 1] for place in left]
                if any(cells & (cells - 1) for cells in seen):
                    found[fact.fact] = REASONS[witness[self._reasons[fact.fact]].bit_length() - 1]
        return found

    def _not_taken_back(self) -> Iterator[Formula]:
        """An answer that could not be read may have been worse: what was said to the good does not stand beside it."""
        invalid = 1 << REASONS.index(Absence.INVALID)
        full = (1 << len(REASONS)) - 1
        for fact in self.facts:
            readable = literal(self._reasons[fact.fact], full & ~invalid, full)
            for twin in fact.twins:
                place = self._said[twin]
                stands = sum(1 << step for step, rows in enumerate(place.states) if _no_better(twin, rows) == rows)
                yield some([readable, literal(place.variable, stands, (1 << len(place.states)) - 1)])

    def _place_all(self) -> None:
        """Give all sides their variables: what was said of a fact, or where nothing was, what it is otherwise."""
        gated: list[tuple[Matched, int, dict[Twin, int]]] = []
        for fact, ready in in_order(self.views, self.facts):
            alike = ready and asked_alike(self.views, fact) is not None and self._close_alike(fact)
            for sides in [fact.having] if alike else [[side] for side in fact.having]:
                asks = fact.gates[sides[0]]
                closed = ready and asks is not None and self._closed_at_first(sides[0], asks)
                seen = {
                    twin: self._seen(twin, closed=closed) if asks else self._said[twin].variable for twin in fact.twins
                }
                for side in sides:
                    self._look(fact, side, seen)
                if asks:
                    gated.append((fact, sides[0], seen))
        for fact, side, seen in gated:
            self._always |= {self.problem.goal(formula) for formula in self._gated(fact, side, seen)}

    def _closed_at_first(self, side: int, gate: Gate) -> bool:
        """Whether a fact is not asked where everything is as the search tries it first."""
        return holds(self.views[side].known(denied(gate.asked)), self.problem.mildest_of_all())

    def _seen(self, twin: Twin, *, closed: bool) -> int:
        """A variable for what is found of an unknown that is not always asked: as was said, or last, as otherwise."""
        states = self._said[twin].states
        as_said = states.index(1 << self._rows[twin])
        return self.problem.variable((2 << len(states)) - 1, 1 << (len(states) if closed else as_said))

    def _look(self, fact: Matched, side: int, seen: dict[Twin, int]) -> None:
        for twin in fact.twins:
            own, gate = twin.variables[side], fact.gates[side]
            if own is not None:
                states = [_side_of(twin, side, left) for left in self._said[twin].states]
                last = [otherwise(gate, own)] if gate else []
                self.views[side].places[own.index] = Place(seen[twin], (*states, *last))

    def _close_alike(self, fact: Matched) -> bool:
        """Whether all sides that have a fact put its `otherwise` in at the same answers."""
        return all(
            len({self._closes(fact, twin, side, rows) for side in fact.having if twin.variables[side]}) <= 1
            for twin in fact.twins
            for rows in self._said[twin].states
        )

    def _closes(self, fact: Matched, twin: Twin, side: int, rows: Cells) -> bool:
        """Whether an answer leaves open what a fact is otherwise; if not, it stands although it was not asked for."""
        return bool(_side_of(twin, side, rows) & otherwise(fact.gates[side], twin.variables[side]))

    def _is_as_otherwise(self, fact: Matched, twin: Twin, rows: Cells) -> bool:
        """Whether an answer says just what a fact is otherwise, so that it does not matter whether it is asked."""
        having = [side for side in fact.having if twin.variables[side]]
        return all(_side_of(twin, side, rows) == otherwise(fact.gates[side], twin.variables[side]) for side in having)

    def _gated(self, fact: Matched, side: int, seen: dict[Twin, int]) -> Iterator[Formula]:
        """What is found of a fact that is not always asked."""
        gate = fact.gates[side]
        closed = self.views[side].known(denied(gate.asked)) if gate else NEVER
        for twin, variable in seen.items():
            states = self._said[twin].states
            full = (2 << len(states)) - 1
            last = literal(variable, 1 << len(states), full)
            for step, rows in enumerate(states):
                said, same = self._not_said(twin, step), literal(variable, 1 << step, full)
                if self._is_as_otherwise(fact, twin, rows):
                    yield some([said, literal(variable, 1 << step | 1 << len(states), full)])
                elif self._closes(fact, twin, side, rows):
                    yield some([said, closed, same])
                    yield some([said, denied(closed), last])
                else:
                    yield some([said, same])

    def _not_said(self, twin: Twin, step: int) -> Formula:
        place = self._said[twin]
        full = (1 << len(place.states)) - 1
        return literal(place.variable, full & ~(1 << step), full)

    def _applies(self, side: int, fear: Fear) -> Formula:
        """Known to be in scope, not known whether so, and something of it missing for a reason that is feared."""
        view = self.views[side]
        unknown = [denied(view.known(fear.on)), denied(view.known(denied(fear.on)))]
        feared = [
            every([self._open(view, index), self._for_a_reason(view, index, fear)])
            for index in sorted(variables(fear.on))
        ]
        return every([view.known(fear.scope), *unknown, some(feared)])

    def _open(self, view: View, index: int) -> Formula:
        return view.among(index, {cells for cells in view.places[index].states if cells & (cells - 1)})

    def _for_a_reason(self, view: View, index: int, fear: Fear) -> Formula:
        variable = self._reasons[view.reading.policy.variables[index].fact]
        full = (1 << len(REASONS)) - 1
        given = sum(1 << step for step, reason in enumerate(REASONS) if reason in fear.reasons)
        unasked = literal(variable, 1 << REASONS.index(Absence.NOT_ASKED), full)
        in_time = literal(self._contact, _UNASKED_COUNTS[fear.not_asked], 0b111)
        return some([literal(variable, given, full), every([unasked, in_time])])

    def _complete(self, side: int) -> View:
        """A completion of what a side finds: one cell within what is left of each variable."""
        view = self.views[side]
        reading, completed = view.reading, View(view.reading, {})
        mild = mildest_of(reading)
        for variable in reading.policy.variables:
            states = tuple(1 << cell for cell in range(len(variable.cells)))
            place = Place(self.problem.variable(variable.full, mild[variable.index]), states)
            completed.places[variable.index] = place
            for cell in lowest_first(variable.full):
                other = literal(place.variable, variable.full & ~cell, variable.full)
                possible = denied(view.within(variable.index, variable.full & ~cell))
                self._always.add(self.problem.goal(some([other, possible])))
        for odd in reading.impossible:
            # As in an evaluation: what is already known to hold is no ground to leave completions out.
            self._always.add(self.problem.goal(some([denied(completed.known(odd.when)), view.known(odd.when)])))
        return completed


def _side_of(twin: Twin, side: int, rows: Cells) -> Cells:
    cells = 0
    for step, row in enumerate(twin.rows):
        if rows >> step & 1:
            cells |= row.cells[side]
    return cells


def _no_better(twin: Twin, rows: Cells) -> Cells:
    """What is left of an answer by somebody who may only make things worse, on all sides."""
    worse = {one.worse for one in twin.variables if one is not None}
    if worse == {1}:
        return twin.full & ~((rows & -rows) - 1)
    return (1 << rows.bit_length()) - 1 if worse == {-1} else twin.full


def _states(twin: Twin) -> Iterator[Cells]:
    """What can be said of an unknown, as masks of its joint values: nothing first, then the whole, then parts."""
    count = len(twin.rows)
    yield twin.full
    seen = {twin.full}
    spans = [(low, low) for low in range(count)]
    if twin.ordered:
        spans += [
            (low, high)
            for low in range(count)
            for high in range(low + 1, count)
            if count <= LONGEST_SCALE or low == 0 or high == count - 1
        ]
    for low, high in spans:
        rows = (1 << high + 1) - (1 << low)
        if rows not in seen:
            seen.add(rows)
            yield rows
    if {one.worse for one in twin.variables if one is not None} == {0} and twin.rows[0].span is None:
        # Of what is neither better nor worse all stands that sources differ about.
        for size in range(2, count if count <= MOST_DIFFERING else 3):
            for chosen in combinations(range(count), size):
                rows = sum(1 << row for row in chosen)
                if rows not in seen:
                    seen.add(rows)
                    yield rows
