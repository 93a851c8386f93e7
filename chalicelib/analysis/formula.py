"""Formulas over variables with few values: "this variable is one of these cells", joined by all and any. No search.

There is no "not": a denial is the complement of the cells, and of a branch the other branch of its parts' denials. In
Kleene's logic that is the same condition, so what is unknown stays unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Cells: TypeAlias = int
"""Cells of a variable as a mask."""


@dataclass(frozen=True, slots=True)
class Literal:
    """That a variable is one of some of its cells. `full` is the mask of all of them."""

    variable: int
    cells: Cells
    full: Cells


@dataclass(frozen=True, slots=True)
class Both:
    """That every part holds; with no part: always."""

    parts: tuple[Formula, ...]
    _hash: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Note the hash, which would else be made of the whole tree each time."""
        object.__setattr__(self, "_hash", hash((True, self.parts)))

    def __hash__(self) -> int:
        """The hash that was noted."""
        return self._hash


@dataclass(frozen=True, slots=True)
class Either:
    """That at least one part holds; with no part: never."""

    parts: tuple[Formula, ...]
    _hash: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Note the hash, which would else be made of the whole tree each time."""
        object.__setattr__(self, "_hash", hash((False, self.parts)))

    def __hash__(self) -> int:
        """The hash that was noted."""
        return self._hash


Formula: TypeAlias = "Literal | Both | Either"

ALWAYS = Both(())
NEVER = Either(())


def literal(variable: int, cells: Cells, full: Cells) -> Formula:
    """That a variable is one of some cells, or a constant where that is always or never so."""
    cells &= full
    return NEVER if not cells else ALWAYS if cells == full else Literal(variable, cells, full)


def every(parts: Iterable[Formula]) -> Formula:
    """That all parts hold, without what is idle. Literals stay apart: joining them would change what is unknown."""
    found: dict[Formula, None] = {}
    for part in _flat(Both, parts):
        if part == NEVER:
            return NEVER
        found[part] = None
    return next(iter(found)) if len(found) == 1 else Both(tuple(found))


def some(parts: Iterable[Formula]) -> Formula:
    """That one part holds, without what is idle. Literals stay apart as in `every`."""
    found: dict[Formula, None] = {}
    for part in _flat(Either, parts):
        if part == ALWAYS:
            return ALWAYS
        found[part] = None
    return next(iter(found)) if len(found) == 1 else Either(tuple(found))


def _flat(kind: type[Both] | type[Either], parts: Iterable[Formula]) -> Iterator[Formula]:
    for part in parts:
        if isinstance(part, kind):
            yield from part.parts
        else:
            yield part


def denied(formula: Formula) -> Formula:
    """That a formula is false."""
    match formula:
        case Literal(variable, cells, full):
            return Literal(variable, full & ~cells, full)
        case Both(parts=parts):
            return some(denied(part) for part in parts)
        case Either(parts=parts):
            return every(denied(part) for part in parts)


def within(one: Literal, other: Literal) -> bool:
    """Whether two literals are about one variable, and the cells of the first are among those of the other."""
    return one.variable == other.variable and not one.cells & ~other.cells


def entails(one: Formula, other: Formula, shows: Callable[[Literal, Literal], bool] = within) -> bool:
    """Whether the form alone shows that where one holds the other does: no call is looked at. False says nothing.

    `shows` says so of two literals.
    """
    if isinstance(one, Either):
        return all(entails(part, other, shows) for part in one.parts)
    if isinstance(other, Both):
        return all(entails(one, part, shows) for part in other.parts)
    if isinstance(other, Either) and any(entails(one, part, shows) for part in other.parts):
        return True
    if isinstance(one, Both):
        return any(entails(part, other, shows) for part in one.parts)
    return isinstance(other, Literal) and shows(one, other)


def replaced(formula: Formula, literals: Callable[[Literal], Formula]) -> Formula:
    """The formula with something else in place of each literal."""
    match formula:
        case Literal():
            return literals(formula)
        case Both(parts=parts):
            return every(replaced(part, literals) for part in parts)
        case Either(parts=parts):
            return some(replaced(part, literals) for part in parts)


def literals(formula: Formula) -> Iterator[Literal]:
    """Every literal of a formula."""
    if isinstance(formula, Literal):
        yield formula
    else:
        for part in formula.parts:
            yield from literals(part)


def variables(formula: Formula) -> frozenset[int]:
    """The variables that a formula looks at."""
    return frozenset(one.variable for one in literals(formula))


def holds(formula: Formula, values: Sequence[Cells]) -> bool:
    """Whether a formula is true when each variable has one cell, given as a mask."""
    match formula:
        case Literal(variable, cells, _):
            return bool(values[variable] & cells)
        case Both(parts=parts):
            return all(holds(part, values) for part in parts)
        case Either(parts=parts):
            return any(holds(part, values) for part in parts)


def because(formula: Formula, values: Sequence[Cells]) -> Formula:
    """What makes a formula true when each variable has one cell: of several ways in which it can be, the first."""
    match formula:
        case Literal():
            return formula
        case Both(parts=parts):
            return every(because(part, values) for part in parts)
        case Either(parts=parts):
            return because(next(part for part in parts if holds(part, values)), values)
