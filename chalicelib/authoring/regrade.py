"""The grade that a draft gives to a recorded call: that of `evaluate`, without all else that a live call needs.

It asks nothing and explains nothing. What was never asked leaves a range, which is found elsewhere.
"""

from __future__ import annotations

from dataclasses import replace

from chalicelib.assessment.bounds import bounds
from chalicelib.assessment.completions import IS_FALSE, Completions, Goal, LimitReached
from chalicelib.assessment.contact import ContactState
from chalicelib.assessment.precautions import applying
from chalicelib.assessment.standing import Standing
from chalicelib.authoring.grade_range import GradeRange, Regraded, Search
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.nodes import TRUE, UNKNOWN


def regrade(policy: CompiledPolicy, state: ContactState, standing: Standing, never: frozenset[int]) -> Regraded:
    """Grade a state of knowledge in which some variables could not have been told."""
    masks = standing.masks
    truths = [floor.node.test(masks) for floor in policy.floors]
    guards = applying(policy, state, standing)
    base = 0 if policy.earned.test(masks) == TRUE else policy.base_rank
    certain = max((floor.rank for floor, truth in zip(policy.floors, truths, strict=True) if truth == TRUE), default=0)
    rank = max(certain, base, *(guard.rank for guard in guards.values()), 0)
    higher = [
        floor for floor, truth in zip(policy.floors, truths, strict=True) if truth == UNKNOWN and floor.rank > rank
    ]
    seen = Regraded(rank, rank, rank, truths, tuple(guards.values()))
    if not higher and not never:
        return seen
    completions = Completions(policy, masks)
    without: list[int] | None = None
    try:
        without = completions.example([Goal(floor.node, IS_FALSE) for floor in higher]) if higher else list(masks)
        if without is None:
            # Whichever way the open answers turn out, one of these rules holds: more is certain than one rule says.
            certain = bounds(policy, truths, Completions(policy, masks))[0]
            rank = max(rank, certain)
            seen = replace(seen, rank=rank, lowest=rank, highest=rank)
    except LimitReached:
        pass  # then `certain` is what single rules prove, as in `evaluate`
    if not never:
        return seen
    return GradeRange(policy, state, standing, never).found(seen, max(certain, 0), guards, Search(completions, without))
