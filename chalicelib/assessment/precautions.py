"""When a precaution applies: not known, so treated as the worst. It gives no grade by itself.

A precaution stays out of `certain` and `possible`; it raises only what is recommended, and only while its condition is
neither known true nor known false for a reason that the policy fears.
"""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.assessment.contact import ContactState
from chalicelib.assessment.standing import Standing
from chalicelib.policy.compiled import CompiledPolicy, Guard
from chalicelib.policy.document import Absence, NotAsked
from chalicelib.policy.nodes import TRUE, UNKNOWN, Masks, Node


def applying(policy: CompiledPolicy, state: ContactState, standing: Standing) -> dict[int, Guard]:
    """The precautions that apply in a state of knowledge, by their place in the policy."""
    masks = standing.masks
    return {place: guard for place, guard in enumerate(policy.guards) if applies(policy, guard, state, standing, masks)}


def applying_at_end(policy: CompiledPolicy, standing: Standing) -> dict[int, Guard]:
    """The precautions that would apply if the contact ended as things stand."""
    return applying(policy, ContactState.COMPLETED, standing)


def applies(
    policy: CompiledPolicy, guard: Guard, state: ContactState, standing: Standing, masks: Sequence[int]
) -> bool:
    """Whether a precaution applies when these are the values; why others are missing is told by `standing`."""
    if guard.scope.test(masks) != TRUE or guard.on.test(masks) != UNKNOWN:
        return False
    return any(masks[index] & (masks[index] - 1) for index in feared(policy, guard, state, standing))


def put_to_rest(policy: CompiledPolicy, guard: Guard, state: ContactState, standing: Standing) -> Node:
    """The test whether a precaution that applies has ceased to: it is settled, or what it fears missing is there."""
    missing = feared(policy, guard, state, standing)

    def test(masks: Masks) -> int:
        there = all(sum(1 for atom in policy.atoms[index] if masks[index] & atom) == 1 for index in missing)
        return TRUE if there or guard.on.test(masks) != UNKNOWN else UNKNOWN

    return Node(test, guard.on.uses)


def feared(policy: CompiledPolicy, guard: Guard, state: ContactState, standing: Standing) -> list[int]:
    """The variables that a precaution looks at and that are missing, if they are, for a reason that it fears."""
    reasons = guard.reasons | ({Absence.NOT_ASKED} if unasked_counts(guard, state) else set())
    return [index for index in guard.on.uses if standing.reasons[policy.variables[index].fact] & reasons]


def unasked_counts(guard: Guard, state: ContactState) -> bool:
    """Whether a precaution fears what nobody has asked, in a state of the contact."""
    match guard.not_asked:
        case NotAsked.FROM_START:
            return True
        case NotAsked.IF_LOST:
            return state is ContactState.LOST
        case NotAsked.AT_END:
            return state.ended
        case NotAsked.NEVER:
            return False
