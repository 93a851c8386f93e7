"""The exact interval of the grade: proved by what is known, and still possible. No precaution and no base is in it."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.assessment.completions import IS_FALSE, IS_TRUE, Completions, Goal
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.nodes import TRUE, UNKNOWN


def bounds(policy: CompiledPolicy, truths: Sequence[int], completions: Completions) -> tuple[int, int]:
    """The ranks of `certain` and `possible`; Kleene's bounds where the search met its limit.

    `truths` are those of the rules in the state that is completed.
    """
    certain = max((floor.rank for floor, truth in zip(policy.floors, truths, strict=True) if truth == TRUE), default=0)
    certain = max(certain, 0)
    undecided = [
        floor for floor, truth in zip(policy.floors, truths, strict=True) if truth == UNKNOWN and floor.rank > certain
    ]
    possible = certain
    for floor in sorted(undecided, key=lambda floor: -floor.rank):
        if floor.rank > possible and completions.exists([Goal(floor.node, IS_TRUE)]) is not False:
            possible = floor.rank
            break
    while certain < possible:
        higher = [Goal(floor.node, IS_FALSE) for floor in undecided if floor.rank > certain]
        if completions.exists(higher) is not False:
            break
        certain = min(floor.rank for floor in undecided if floor.rank > certain)
    return certain, possible


def certain_rank(policy: CompiledPolicy, masks: Sequence[int], completions: Completions) -> int:
    """The rank of `certain` in a state of knowledge."""
    return bounds(policy, [floor.node.test(masks) for floor in policy.floors], completions)[0]
