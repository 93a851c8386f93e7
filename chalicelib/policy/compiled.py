"""A policy compiled for evaluation: data only, every name resolved, every condition a function of masks.

Truth is three-valued after Kleene: FALSE 0, UNKNOWN 1, TRUE 2; `all` is the least, `any` the greatest, `none` the
opposite of `any`. A leaf is TRUE or FALSE only when every value that is still possible makes it so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from chalicelib.policy.document import Absence, Grade, NotAsked, Policy, Rule
from chalicelib.policy.vocabulary import Term, Variable

FALSE, UNKNOWN, TRUE = 0, 1, 2

Kind = Literal["all", "any", "none"]
Masks = Sequence[int]
Test = Callable[[Masks], int]


@dataclass(frozen=True, slots=True)
class Node:
    """A compiled condition: its three-valued test and the variables that it looks at."""

    test: Test
    uses: frozenset[int]


@dataclass(frozen=True, slots=True)
class Floor:
    """A rule ready to be tested. `rank` is that of its grade, -1 when it gives none."""

    rule: Rule
    node: Node
    rank: int


@dataclass(frozen=True, slots=True)
class Guard:
    """A precaution ready to be tested."""

    id: str
    on: Node
    scope: Node
    reasons: frozenset[Absence]
    not_asked: NotAsked
    rank: int


@dataclass(frozen=True, slots=True)
class Gate:
    """When a fact is asked, and which masks its variables take while it is not."""

    fact: str
    node: Node
    otherwise: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Bearing:
    """What a variable's value bears on, as places in the policy's tuples."""

    floors: frozenset[int]
    guards: frozenset[int]
    gates: tuple[int, ...]
    earned: bool


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """A policy that can be applied. Immutable, shared between threads, kept by its digest."""

    policy: Policy
    digest: str
    grades: tuple[Grade, ...]
    """From the lowest up: a grade's rank is its place here."""
    base_rank: int
    earned: Node
    terms: dict[str, Term]
    variables: tuple[Variable, ...]
    gates: tuple[Gate, ...]
    """In an order in which no gate looks at a fact whose own gate comes later."""
    floors: tuple[Floor, ...]
    guards: tuple[Guard, ...]
    impossible: tuple[tuple[str, Node], ...]
    needs: tuple[tuple[str, Node], ...]
    atoms: tuple[tuple[int, ...], ...]
    """For each variable: the classes of cells that no condition tells apart, as masks."""
    bearings: tuple[Bearing, ...]
    """For each variable: what its value bears on."""

    def rank_of(self, grade: str) -> int:
        """The rank of a local grade."""
        return next(rank for rank, known in enumerate(self.grades) if known.id == grade)


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

    return Node(test, frozenset(indexes))


_ABSENT, _PRESENT, _EITHER = 1, 2, 3
"""The masks of a tag."""


def branch(kind: Kind, parts: Sequence[Node]) -> Node:
    """The test that joins others."""
    tests = tuple(part.test for part in parts)
    uses = frozenset[int]().union(*(part.uses for part in parts))
    if kind == "all":
        return Node(_every(tests), uses)
    some = _some(tests)
    return Node(some if kind == "any" else lambda masks: TRUE - some(masks), uses)


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
