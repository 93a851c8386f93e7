"""Conditions as three-valued tests of masks. They know no policy.

Truth is after Kleene: FALSE 0, UNKNOWN 1, TRUE 2; `all` is the least, `any` the greatest, `none` the opposite of `any`.
A leaf is TRUE or FALSE only when every value that is still possible makes it so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from chalicelib.policy.vocabulary import Variable

FALSE, UNKNOWN, TRUE = 0, 1, 2

Kind = Literal["all", "any", "none"]
Masks = Sequence[int]
Test = Callable[[Masks], int]


@dataclass(frozen=True, slots=True)
class Node:
    """A compiled condition: its three-valued test and the variables that it looks at."""

    test: Test
    uses: frozenset[int]
    kind: Kind | None = None
    """What joins its parts; None of a leaf."""
    parts: tuple[Node, ...] = ()
    bits: int = field(init=False)
    """What it looks at as a set of bits, which is quick to compare."""

    def __post_init__(self) -> None:
        """Gather the bits."""
        object.__setattr__(self, "bits", bits_of(self.uses))


def bits_of(indexes: Iterable[int]) -> int:
    """Variables as a set of bits."""
    return sum(1 << index for index in set(indexes))


def leaf(variable: Variable, mask: int) -> Node:
    """The test whether a variable's value is one of a mask."""
    index, wrong = variable.index, variable.full & ~mask

    def test(masks: Masks) -> int:
        still = masks[index]
        return TRUE if not still & wrong else UNKNOWN if still & mask else FALSE

    return Node(test, frozenset((index,)))


def tags(kind: Kind, variables: Sequence[Variable]) -> Node:
    """The test of several tags of one set: a `branch` of their leaves, in one pass over the masks."""
    indexes = tuple(variable.index for variable in variables)
    decides = _ABSENT if kind == "all" else _PRESENT

    def test(masks: Masks) -> int:
        unknown = False
        for index in indexes:
            mask = masks[index]
            if mask == decides:
                return TRUE if kind == "any" else FALSE
            if mask == _EITHER:
                unknown = True
        return UNKNOWN if unknown else FALSE if kind == "any" else TRUE

    return Node(test, frozenset(indexes), kind, tuple(leaf(variable, _PRESENT) for variable in variables))


_ABSENT, _PRESENT, _EITHER = 1, 2, 3
"""The masks of a tag."""


def branch(kind: Kind, parts: Sequence[Node]) -> Node:
    """The test that joins others."""
    tests = tuple(part.test for part in parts)
    uses = frozenset[int]().union(*(part.uses for part in parts))
    if kind == "all":
        return Node(_every(tests), uses, kind, tuple(parts))
    some = _some(tests)
    return Node(some if kind == "any" else lambda masks: TRUE - some(masks), uses, kind, tuple(parts))


def _every(tests: Sequence[Test]) -> Test:
    def test(masks: Masks) -> int:
        least = TRUE
        for part in tests:
            truth = part(masks)
            if truth == FALSE:
                return FALSE
            if truth < least:
                least = truth
        return least

    return test


def _some(tests: Sequence[Test]) -> Test:
    def test(masks: Masks) -> int:
        greatest = FALSE
        for part in tests:
            truth = part(masks)
            if truth == TRUE:
                return TRUE
            if truth > greatest:
                greatest = truth
        return greatest

    return test


NEVER = Node(lambda masks: FALSE, frozenset())
"""A condition that never holds: a finding that no rule gives, or what could not be compiled."""


def atoms(full: int, masks: Sequence[int]) -> tuple[int, ...]:
    """The classes of cells that a variable's leaves do not tell apart, the worst of an upward scale first."""
    classes = [full]
    for mask in masks:
        classes = [part for known in classes for part in (known & mask, known & ~mask) if part]
    return tuple(sorted(classes, reverse=True))
