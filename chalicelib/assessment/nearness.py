"""Rules that do not hold, but would if one single answer were different or known. It recommends nothing.

Each class of values of each variable is tried with the others as they stand; questions that would then be put, or no
longer be put, are taken into account. What is not asked as things stand is no answer that could be different.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass

from chalicelib.assessment.standing import Standing
from chalicelib.assessment.turning import Turning, indexes
from chalicelib.policy.compiled import CompiledPolicy, Floor
from chalicelib.policy.nodes import FALSE, TRUE


@dataclass(frozen=True, slots=True)
class Nearly:
    """A rule by its place, the one variable, and the values with any of which the rule would hold."""

    place: int
    index: int
    needed: int
    by_itself: bool
    """Whether that answer is all that the rule needs; else others that it needs stand already."""


def nearly(policy: CompiledPolicy, standing: Standing, waiting: Set[int]) -> tuple[Nearly, ...]:
    """Which of some rules that do not hold are one answer away, in the policy's order; `waiting` has their places."""
    closed = {name for name, truth in standing.gates.items() if truth == FALSE and name not in standing.claimed}
    doubtful = frozenset[int]().union(*(node.uses for _, node in policy.impossible))
    hopes = _hopes(policy, standing, waiting)
    found: dict[tuple[int, int], int] = {}
    for index, (own, gates) in sorted(hopes.items()):
        if policy.variables[index].fact in closed:
            continue
        for told in _told(policy, standing, index):
            masks, changed = _with(policy, standing, index, told, gates)
            if not doubtful.isdisjoint(changed) and _cannot_be(policy, masks):
                continue
            for place in own if len(changed) == 1 else _touched(policy, changed) & waiting:
                if policy.floors[place].node.test(masks) == TRUE:
                    found[place, index] = found.get((place, index), 0) | told
    unknown = [variable.full for variable in policy.variables]
    return tuple(
        Nearly(place, index, needed, _by_itself(policy.floors[place], unknown, index, needed))
        for (place, index), needed in sorted(found.items())
    )


def _hopes(policy: CompiledPolicy, standing: Standing, waiting: Set[int]) -> dict[int, tuple[list[int], list[int]]]:
    """For each variable the rules that it could make hold by itself, and the gates that it could open or close."""
    turning = Turning(standing.masks)
    hopes: dict[int, tuple[list[int], list[int]]] = {}
    for place in waiting:
        for index in indexes(turning.to(TRUE, policy.floors[place].node)):
            hopes.setdefault(index, ([], []))[0].append(place)
    for place, gate in enumerate(policy.gates):
        closed = standing.gates[gate.fact] == FALSE
        for index in gate.node.uses if closed else indexes(turning.to(FALSE, gate.node)):
            hopes.setdefault(index, ([], []))[1].append(place)
    return hopes


def _told(policy: CompiledPolicy, standing: Standing, index: int) -> Iterator[int]:
    """What another answer would leave possible: of what is open the parts, else every other class of values."""
    mask = standing.masks[index]
    for atom in policy.atoms[index]:
        part = mask & atom or atom
        if part != mask:
            yield part


def _with(
    policy: CompiledPolicy, standing: Standing, index: int, told: int, gates: Sequence[int]
) -> tuple[list[int], set[int]]:
    """The masks with one of them replaced, and all that are then different. `gates` are those that may change by it.

    The gates come in an order in which none looks at a fact whose own gate comes later, so each is tested once.
    """
    masks, changed = standing.masks.copy(), {index}
    masks[index] = told
    waiting = set(gates)
    own, truths, ungated = policy.variables[index].fact, standing.gates, standing.ungated
    while waiting:
        place = min(waiting)
        waiting.remove(place)
        gate = policy.gates[place]
        closes = gate.node.test(masks) == FALSE
        if gate.fact == own or closes == (truths[gate.fact] == FALSE):
            continue
        for other, mask in gate.otherwise:
            before = ungated.get(other, masks[other])
            after = before & mask or before if closes else before
            if after != masks[other]:
                masks[other] = after
                changed.add(other)
                waiting.update(policy.bearings[other].gates)
    return masks, changed


def _touched(policy: CompiledPolicy, changed: Iterable[int]) -> set[int]:
    return set[int]().union(*(policy.bearings[index].floors for index in changed))


def _cannot_be(policy: CompiledPolicy, masks: Sequence[int]) -> bool:
    """Whether the policy says that what would then be known cannot be."""
    return any(node.test(masks) == TRUE for _, node in policy.impossible)


def _by_itself(floor: Floor, unknown: list[int], index: int, needed: int) -> bool:
    """Whether a rule holds when nothing but this one answer is known."""
    before, unknown[index] = unknown[index], needed
    truth = floor.node.test(unknown)
    unknown[index] = before
    return truth == TRUE
