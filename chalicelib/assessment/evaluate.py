"""`evaluate(policy, call, at)`: the recommended grade and all that goes with it. Pure, total, independent of any order.

Rules are floors in strong Kleene logic. `certain` and `possible` are exact over all completions of what is not known;
precautions and the base raise only `recommended`, so that a later answer never widens the interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chalicelib.assessment.asking import Asking, askable
from chalicelib.assessment.bounds import bounds
from chalicelib.assessment.call import Call
from chalicelib.assessment.changes import changes
from chalicelib.assessment.completions import Completions
from chalicelib.assessment.decision import (
    Basis,
    Disputed,
    Found,
    Grades,
    Open,
    Owed,
    Reason,
    Refusal,
    Reply,
    Result,
    RuleTruth,
    Side,
    Used,
)
from chalicelib.assessment.obligations import checks_due, owed_to_victims, timers_running
from chalicelib.assessment.precautions import applying, applying_at_end
from chalicelib.assessment.questions import questions
from chalicelib.assessment.settlement import Settlement
from chalicelib.assessment.standing import Conflict, Standing, standing_of
from chalicelib.policy.compiled import CompiledPolicy, Floor, Guard
from chalicelib.policy.document import Absence, National
from chalicelib.policy.levels import Level
from chalicelib.policy.nodes import FALSE, TRUE, UNKNOWN


def evaluate(policy: CompiledPolicy, call: Call, at: datetime) -> Result:
    """Apply a policy to what is known of a call at a moment. Raises nothing: every call has a result."""
    standing = standing_of(policy, call, at)
    masks = standing.masks
    floors = tuple(floor.node.test(masks) for floor in policy.floors)
    held = [floor for floor, truth in zip(policy.floors, floors, strict=True) if truth == TRUE]
    completions = Completions(policy, masks)
    certain, possible = bounds(policy, floors, completions)
    applies = applying(policy, call.contact.state, standing)
    feared = tuple(applies.values())
    recommended, basis = _recommended(policy, held, certain, feared, masks)
    free = askable(policy, standing)
    at_end = _at_end(policy, standing, recommended, free)
    asking = Asking(policy, standing, call.contact.state, recommended, certain, possible, floors, applies, at_end, free)
    asked = questions(asking)
    settled = _nothing_to_come(asking, asked) or Settlement(asking, completions).settled()
    earlier = call.earlier.standing
    return Result(
        recommended=policy.grades[recommended].id,
        national=_national(policy.grades[recommended].national, earlier),
        certain=policy.grades[certain].id,
        possible=policy.grades[possible].id,
        exact=completions.exact,
        basis=basis,
        provisional=possible > recommended,
        grade_settled=settled,
        may_stop=settled and not at_end and not any(question.because == "required" for question in asked),
        findings=_findings(policy, floors),
        rules=_truths(policy, floors),
        reasons=_reasons(policy, standing, held, feared),
        response=_reply(policy, floors, held, masks),
        flags=_flags(policy, held),
        needs=tuple(name for name, node in policy.needs if node.test(masks) == TRUE),
        duties=_duties(policy, held),
        questions=asked,
        changes=changes(asking),
        conflicts=_disputes(standing),
        impossible=tuple(name for name, node in policy.impossible if node.test(masks) == TRUE),
        checks=checks_due(policy, call, masks),
        timers=timers_running(policy, call, masks, at=at, grade=_standing_rank(policy, recommended, earlier)),
        victims=owed_to_victims(policy, call, standing),
    )


def _at_end(policy: CompiledPolicy, standing: Standing, recommended: int, free: frozenset[int]) -> tuple[Guard, ...]:
    """The precautions that would raise the grade if the contact ended now, and that a question can still settle."""
    return tuple(
        guard
        for guard in applying_at_end(policy, standing).values()
        if guard.rank > recommended and not free.isdisjoint(guard.on.uses)
    )


def _nothing_to_come(asking: Asking, asked: Sequence[Open]) -> bool:
    """Whether there is no question to put and nothing is being looked up: then no answer can be had."""
    return not asked and not any(Absence.PENDING in reasons for reasons in asking.standing.reasons.values())


def _national(recommended: National, earlier: National | None) -> Grades:
    return Grades(recommended=recommended, standing=max(recommended, earlier or recommended, key=lambda one: one.rank))


def _truths(policy: CompiledPolicy, floors: Sequence[int]) -> tuple[RuleTruth, ...]:
    return tuple(
        RuleTruth(rule=floor.rule.id, truth="true" if truth == TRUE else "unknown")
        for floor, truth in zip(policy.floors, floors, strict=True)
        if truth != FALSE
    )


def _flags(policy: CompiledPolicy, held: Sequence[Floor]) -> tuple[str, ...]:
    raised = {flag for floor in held for flag in floor.rule.flags}
    return tuple(flag.id for flag in policy.policy.flags if flag.id in raised)


def _standing_rank(policy: CompiledPolicy, recommended: int, earlier: National | None) -> int:
    """The local grade that stands: what is recommended, or the lowest that is as high as what stood before."""
    if earlier is None or earlier.rank <= policy.grades[recommended].national.rank:
        return recommended
    as_high = (rank for rank, grade in enumerate(policy.grades) if grade.national.rank >= earlier.rank)
    return next(as_high, len(policy.grades) - 1)


def _recommended(
    policy: CompiledPolicy, held: Sequence[Floor], certain: int, feared: Sequence[Guard], masks: Sequence[int]
) -> tuple[int, Basis]:
    """The grade and what it rests on: rules before precautions before the base, where several give the same."""
    base = 0 if policy.earned.test(masks) == TRUE else policy.base_rank
    recommended = max(certain, base, *(guard.rank for guard in feared), 0)
    by_rule = tuple(floor.rule.id for floor in held if floor.rank == recommended)
    if by_rule:
        return recommended, Basis(kind="rule", ids=by_rule)
    if certain == recommended > 0:
        return recommended, Basis(kind="completions")
    by_precaution = tuple(guard.id for guard in feared if guard.rank == recommended)
    if by_precaution:
        return recommended, Basis(kind="precaution", ids=by_precaution)
    return recommended, Basis(kind="base")


def _findings(policy: CompiledPolicy, floors: Sequence[int]) -> tuple[Found, ...]:
    given: dict[str, list[tuple[Level, int]]] = {element.id: [] for element in policy.policy.elements}
    for floor, truth in zip(policy.floors, floors, strict=True):
        if truth != FALSE:
            for finding in floor.rule.findings:
                given[finding.element].append((finding.level, truth))
    found: list[Found] = []
    for element, levels in given.items():
        known = (level for level, truth in levels if truth == TRUE)
        highest = max(known, key=lambda level: level.rank, default=Level.NONE)
        settled = not any(truth == UNKNOWN and level.rank > highest.rank for level, truth in levels)
        found.append(Found(element=element, level=highest, settled=settled))
    return tuple(found)


def _reasons(
    policy: CompiledPolicy, standing: Standing, floors: Sequence[Floor], feared: Sequence[Guard]
) -> tuple[Reason, ...]:
    """Rules that hold and precautions that apply, the highest grade first, each with the answers it rests on."""
    held = [(floor.rank, floor.rule.id, "rule", floor.node.uses) for floor in floors]
    cautions = [(guard.rank, guard.id, "precaution", guard.scope.uses) for guard in feared]
    return tuple(
        Reason(
            id=name,
            kind="rule" if kind == "rule" else "precaution",
            grade=policy.grades[rank].id if rank >= 0 else None,
            used=_used(policy, standing, uses),
        )
        for rank, name, kind, uses in sorted([*held, *cautions], key=lambda one: (-one[0], one[2] != "rule"))
    )


def _used(policy: CompiledPolicy, standing: Standing, uses: frozenset[int]) -> tuple[Used, ...]:
    """The answers that a condition rests on: each value that stands, with the last claim that says so."""
    found: list[Used] = []
    for variable in (policy.variables[index] for index in sorted(uses)):
        mask = standing.masks[variable.index]
        if variable.fact not in standing.claimed or mask == variable.full or (variable.tag and mask == 1):
            continue
        agreeing = [said.claim for said in standing.told.get(variable.index, ()) if said.mask & mask]
        last = max(agreeing, key=lambda claim: claim.at, default=None)
        values = (variable.tag,) if variable.tag else variable.labels(mask)
        found.append(
            Used(
                fact=variable.fact,
                values=values,
                source=last.source if last else None,
                at=last.at if last else None,
            )
        )
    return tuple(found)


def _disputes(standing: Standing) -> tuple[Disputed, ...]:
    return tuple(
        Disputed(
            fact=one.variable.fact,
            about=one.about,
            tag=one.variable.tag,
            stands=one.variable.labels(one.stands),
            sides=_sides(one),
        )
        for one in standing.conflicts
    )


def _sides(conflict: Conflict) -> tuple[Side, ...]:
    """Who says what, each only once, by when it was last said."""
    last: dict[tuple[str, int, str | None], Side] = {}
    for said in conflict.said:
        claim = said.claim
        values = conflict.variable.labels(said.mask)
        who = claim.source, said.mask, claim.contact
        last.pop(who, None)  # so that it stands where it was last said
        last[who] = Side(source=claim.source, at=claim.at, values=values)
    return tuple(last.values())


def _duties(policy: CompiledPolicy, held: Sequence[Floor]) -> tuple[Owed, ...]:
    owed = [
        (duty.id, tuple(floor.rule.id for floor in held if duty.id in floor.rule.duties))
        for duty in policy.policy.duties
    ]
    return tuple(Owed(duty=name, rules=rules) for name, rules in owed if rules)


def _reply(policy: CompiledPolicy, floors: Sequence[int], held: Sequence[Floor], masks: Sequence[int]) -> Reply:
    """What is required and what is permitted. A response is permitted only when no rule against it can still hold."""
    required = tuple(floor.rule.id for floor in held if floor.rule.response and floor.rule.response.require)
    refused: list[Refusal] = []
    speaking = [
        (floor, floor.rule.response, truth)
        for floor, truth in zip(policy.floors, floors, strict=True)
        if truth != FALSE and floor.rule.response
    ]
    for response in policy.policy.responses:
        against = [
            (floor, says, truth)
            for floor, says, truth in speaking
            if response.id in says.forbid or (says.require and not response.attends)
        ]
        if against:
            # What nobody can authorise comes before what somebody can: the order of the rules means nothing.
            floor, says, truth = max(against, key=lambda one: (one[2], one[1].unless_authorised_by is None))
            opened = next(
                (policy.variables[i].fact for i in sorted(floor.node.uses) if masks[i] & (masks[i] - 1)), None
            )
            refused.append(
                Refusal(
                    response=response.id,
                    rule=floor.rule.id,
                    settled_by=None if truth == TRUE else opened,
                    unless_authorised_by=says.unless_authorised_by,
                )
            )
    named = {refusal.response for refusal in refused}
    return Reply(
        require="attendance" if required else None,
        required_by=required,
        permitted=tuple(response.id for response in policy.policy.responses if response.id not in named),
        refused=tuple(refused),
    )
