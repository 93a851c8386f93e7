"""The facts of one policy, or of two side by side, over one common domain each. It asks nothing and compares nothing.

Facts and tags are matched by id, options by id, numbers by value; a fact of another type is another fact. What only one
side has is free in the other: an option that was added may have been answered in any way before, or on an ordered scale
as the nearest that both have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from chalicelib.analysis.calls import mildest_of
from chalicelib.analysis.formula import ALWAYS, Cells, Formula, Literal, literal, replaced
from chalicelib.analysis.reading import Gate, Reading
from chalicelib.policy.document import FactType
from chalicelib.policy.vocabulary import Term, Variable


@dataclass(frozen=True, slots=True)
class Row:
    """One joint value: the cell that it is on each side (0 where a side has no such fact), and of numbers the span."""

    cells: tuple[Cells, ...]
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Twin:
    """One unknown: the variable that it is on each side, and its joint values."""

    variables: tuple[Variable | None, ...]
    rows: tuple[Row, ...]
    ordered: bool

    @property
    def full(self) -> Cells:
        """The mask of all joint values."""
        return (1 << len(self.rows)) - 1

    def row(self, cells: Sequence[Cells]) -> int | None:
        """The joint value with these cells."""
        return next((place for place, row in enumerate(self.rows) if list(row.cells) == list(cells)), None)


@dataclass(frozen=True, slots=True)
class Matched:
    """A fact: its unknowns, and when each side asks it."""

    fact: str
    sides: tuple[bool, ...]
    """Which sides have it."""
    twins: tuple[Twin, ...]
    gates: tuple[Gate | None, ...]

    @property
    def having(self) -> list[int]:
        """The sides that have it."""
        return [side for side, has in enumerate(self.sides) if has]


@dataclass(frozen=True, slots=True)
class Place:
    """Where one side finds a variable: a variable of the problem, and the own cells that each of its states leaves."""

    variable: int
    states: tuple[Cells, ...]


@dataclass(slots=True)
class View:
    """One side's conditions over the variables of a problem."""

    reading: Reading
    places: dict[int, Place]

    def known(self, formula: Formula) -> Formula:
        """That a condition is known to be true. With one cell in every state: that it is true."""
        return replaced(formula, self._within)

    def among(self, index: int, cells: Iterable[Cells]) -> Formula:
        """That what is left of a variable is exactly one of these."""
        place, wanted = self.places[index], set(cells)
        chosen = sum(1 << step for step, left in enumerate(place.states) if left in wanted)
        return literal(place.variable, chosen, (1 << len(place.states)) - 1)

    def within(self, index: int, cells: Cells) -> Formula:
        """That what is left of a variable lies within some cells."""
        place = self.places[index]
        chosen = sum(1 << step for step, left in enumerate(place.states) if not left & ~cells)
        return literal(place.variable, chosen, (1 << len(place.states)) - 1)

    def ready(self, gate: Gate) -> bool:
        """Whether all that a gate looks at has its place."""
        return all(one in self.places for one in gate.uses)

    def _within(self, one: Literal) -> Formula:
        return self.within(one.variable, one.cells)


def matched(sides: Sequence[Reading]) -> list[Matched]:
    """The facts of all sides, those of the last side first, in its order."""
    gates = [{gate.fact: gate for gate in side.gates} for side in sides]
    found: list[Matched] = []
    for place in reversed(range(len(sides))):
        for name, term in sides[place].policy.terms.items():
            terms = [_alike(side, name, term) for side in sides]
            if any(terms[later] is not None for later in range(place + 1, len(sides))):
                continue
            found.append(
                Matched(
                    fact=name,
                    sides=tuple(one is not None for one in terms),
                    twins=tuple(_twins(terms)),
                    gates=tuple(gates[side].get(name) if terms[side] else None for side in range(len(sides))),
                )
            )
    return found


def mildest_rows(sides: Sequence[Reading], facts: Iterable[Matched]) -> dict[Twin, int]:
    """For each unknown the joint value to try first: the mildest on as many sides as may be, the last before all."""
    mild = [mildest_of(side) for side in sides]
    found: dict[Twin, int] = {}
    for fact in facts:
        for twin in fact.twins:
            wanted = [mild[side][one.index] if one else 0 for side, one in enumerate(twin.variables)]
            agree = [
                [cell == want for cell, want in zip(reversed(row.cells), reversed(wanted), strict=True)]
                for row in twin.rows
            ]
            found[twin] = max(range(len(agree)), key=lambda place: (agree[place], -place))
    return found


def in_order(views: Sequence[View], facts: Iterable[Matched]) -> Iterator[tuple[Matched, bool]]:
    """The facts, so that all that decides whether one is asked comes before it; and whether that could be had.

    Two policies can each ask in good order, and not both in one. Each fact has to be given its places before the next
    is taken.
    """
    waiting = list(facts)
    while waiting:
        ready = [fact for fact in waiting if _ready(views, fact)]
        yield from ((fact, bool(ready)) for fact in ready or waiting)
        waiting = [fact for fact in waiting if fact not in ready] if ready else []


def _ready(views: Sequence[View], fact: Matched) -> bool:
    return all(gate is None or view.ready(gate) for view, gate in zip(views, fact.gates, strict=True))


def asked_alike(views: Sequence[View], fact: Matched) -> Formula | None:
    """When all sides that have a fact ask it; None where they ask it in different ways."""
    asked = {
        view.known(gate.asked) if gate else ALWAYS
        for view, gate, has in zip(views, fact.gates, fact.sides, strict=True)
        if has
    }
    return asked.pop() if len(asked) == 1 else None


def otherwise(gate: Gate | None, variable: Variable | None) -> Cells:
    """What a variable is while its fact is not asked; nothing where there is no such variable or gate."""
    if gate is None or variable is None:
        return 0
    return next(cells for index, cells in gate.otherwise if index == variable.index)


def _alike(side: Reading, name: str, term: Term) -> Term | None:
    other = side.policy.terms.get(name)
    return other if other is not None and other.fact.type is term.fact.type else None


def _twins(terms: Sequence[Term | None]) -> Iterator[Twin]:
    kind = next(term.fact.type for term in terms if term)
    if kind is FactType.SET:
        tags = dict.fromkeys(str(one.tag) for term in reversed(terms) if term for one in term.variables)
        for tag in tags:
            of_tag = tuple(term.tag(tag) if term and tag in term.ids else None for term in terms)
            yield Twin(of_tag, tuple(Row(tuple(cell if one else 0 for one in of_tag)) for cell in (1, 2)), False)
        return
    variables = tuple(term.variables[0] if term else None for term in terms)
    if kind is FactType.WHOLE:
        yield Twin(variables, tuple(_spans(terms)), True)
    else:
        rows = tuple(_options(terms, ordered=kind is FactType.ORDERED))
        yield Twin(variables, rows, kind is FactType.ORDERED)


def _spans(terms: Sequence[Term | None]) -> Iterator[Row]:
    """The numbers, cut wherever one side cuts them. Beyond the range of a side it takes the nearest it can say."""
    present = [term for term in terms if term and term.fact.range]
    ranges = [term.fact.range for term in present if term.fact.range]
    beyond = [span.most + 1 for span in ranges]
    most = max(beyond)
    cuts = sorted({*(cut for term in present for cut in term.cuts), *beyond} - {most})
    for least, following in zip(cuts, [*cuts[1:], most], strict=True):
        yield Row(tuple(_cell_of_number(term, least) for term in terms), (least, following - 1))


def _cell_of_number(term: Term | None, number: int) -> Cells:
    if term is None or term.fact.range is None:
        return 0
    span = term.fact.range
    return 1 << term.cell(min(max(number, span.least), span.most))


def _options(terms: Sequence[Term | None], *, ordered: bool) -> Iterator[Row]:
    """The values of a choice or of yes/no: those that all have, and what one alone has beside what it may have been."""
    present = [term for term in terms if term]
    names = [term.variables[0].cells for term in present]
    common = [name for name in names[-1] if all(name in other for other in names)]
    rows: dict[tuple[str, ...], None] = {}
    for side, own in enumerate(names):
        for name in own:
            if name in common:
                rows[tuple(name for _ in present)] = None
            elif len(present) == 2:
                for other in _may_have_been(own, names[1 - side], name, common, ordered=ordered):
                    rows[(name, other) if side == 0 else (other, name)] = None
    for row in sorted(rows, key=lambda row: tuple(own.index(name) for own, name in zip(names, row, strict=True))):
        left = iter(zip(names, row, strict=True))
        yield Row(tuple(_cell_of_name(*next(left)) if term else 0 for term in terms))


def _cell_of_name(names: Sequence[str], name: str) -> Cells:
    return 1 << names.index(name)


def _may_have_been(
    own: Sequence[str], other: Sequence[str], name: str, common: Sequence[str], *, ordered: bool
) -> Sequence[str]:
    """What the other side may have been told in place of an option that it does not have."""
    place = own.index(name)
    below = [known for known in own[:place] if known in common]
    above = [known for known in own[place + 1 :] if known in common]
    low = other.index(below[-1]) if below and ordered else 0
    high = other.index(above[0]) if above and ordered else len(other) - 1
    return other[low : high + 1] or other
