"""What is due, running and owed to each victim in a state of knowledge. It fulfils nothing and lowers nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.assessment.call import Call
from chalicelib.assessment.dues import DueCheck, OwedToVictim, Running, ToTell
from chalicelib.assessment.standing import Standing
from chalicelib.policy.closed_lists import Clock
from chalicelib.policy.compiled import CompiledPolicy, Telling
from chalicelib.policy.document import Role
from chalicelib.policy.nodes import FALSE, TRUE, UNKNOWN, Masks, Node


def checks_due(policy: CompiledPolicy, call: Call, masks: Masks) -> tuple[DueCheck, ...] | None:
    """The checks that have to be made and are not on record; None when the policy demands none at all."""
    due = policy.obligations.checks
    done = {one.check for one in call.checks}
    found = tuple(DueCheck(check=name) for name, node in due if name not in done and node.test(masks) == TRUE)
    return found if due else None


def timers_running(
    policy: CompiledPolicy, call: Call, masks: Masks, *, at: datetime, grade: int
) -> tuple[Running, ...] | None:
    """The timers that run for a grade, each with when it is due if its clock is known here; None when there are none.

    Other clocks start with events of the incident; when those were, the incident's story knows.
    """
    timers = policy.obligations.timers
    local = policy.grades[grade]
    earlier = call.earlier.standing
    newly_graded = earlier is None or earlier.rank < local.national.rank
    moments: dict[Clock, datetime | None] = {
        Clock.CALL_RECEIVED: call.contact.started_at,
        Clock.INCIDENT_OPENED: call.incident.opened_at if call.incident else None,
        Clock.GRADED: at if newly_graded else None,
    }
    found: list[Running] = []
    for timer, node in timers:
        if (timer.grades is None or local.id in timer.grades) and (node is None or node.test(masks) == TRUE):
            start = moments.get(timer.clock)
            due = None if start is None else start + timedelta(minutes=timer.minutes)
            found.append(Running(timer=timer.id, due=due))
    return tuple(found) if timers else None


def owed_to_victims(policy: CompiledPolicy, call: Call, standing: Standing) -> tuple[OwedToVictim, ...] | None:
    """What the Victims' Code owes to each victim; to an unnamed one while nobody is named; None without such a part."""
    if policy.policy.victims_code is None:
        return None
    named: list[str | None] = [person.ref for person in call.people if Role.VICTIM in person.roles]
    return tuple(_owed(policy, about, _of_one(policy, about, standing)) for about in named or [None])


def _of_one(policy: CompiledPolicy, about: str | None, standing: Standing) -> Masks:
    """What is known of one victim: what stands, but of facts that are asked of each victim only that victim's own.

    What is not asked of this victim is as the policy says it then is, whatever is asked of others.
    """
    own = standing.people.get(about, {})
    masks = standing.masks.copy()
    for index in policy.obligations.per_victim:
        masks[index] = own.get(index, masks[index] if about is None else policy.variables[index].full)
    for gate in policy.gates:
        if gate.node.test(masks) == FALSE:
            for index, mask in gate.otherwise:
                if index in policy.obligations.per_victim:
                    masks[index] = masks[index] & mask or masks[index]
    return masks


def _owed(policy: CompiledPolicy, about: str | None, masks: Masks) -> OwedToVictim:
    obligations = policy.obligations
    truths = [(name, node, node.test(masks)) for name, node in obligations.categories]
    because = tuple(name for name, _, truth in truths if truth == TRUE)
    undecided = [node for _, node, truth in truths if truth == UNKNOWN]
    left = obligations.left_to_officer is not None and obligations.left_to_officer.test(masks) == TRUE
    return OwedToVictim(
        about=about,
        category="enhanced" if because else "not_settled" if undecided else "standard",
        because=because,
        settled_by=() if because else _open_facts(policy, undecided, masks),
        tell=tuple(
            ToTell(id=one.telling.id, say="officer" if left and one.telling.say != "now" else one.telling.say)
            for one in obligations.tellings
            if _told(one, masks)
        ),
    )


def _told(one: Telling, masks: Masks) -> bool:
    """Whether a victim is to be told: a right that may be theirs is not kept from them because nobody asked."""
    return one.node is None or one.node.test(masks) >= UNKNOWN


def _open_facts(policy: CompiledPolicy, nodes: list[Node], masks: Masks) -> tuple[str, ...]:
    indexes = sorted({index for node in nodes for index in node.uses if masks[index] & (masks[index] - 1)})
    return tuple(dict.fromkeys(policy.variables[index].fact for index in indexes))
