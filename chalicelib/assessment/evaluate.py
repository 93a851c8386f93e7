"""`evaluate(policy, call)`: the recommended grade and all that goes with it. Pure, total, independent of any order.

Rules are floors in strong Kleene logic. `certain` and `possible` are exact over all completions of what is not known;
precautions and the base raise only `recommended`, so that a later answer never widens the interval.
"""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.assessment.call import Call
from chalicelib.assessment.changes import changes
from chalicelib.assessment.completions import IS_FALSE, IS_TRUE, IS_UNKNOWN, Completions, Goal
from chalicelib.assessment.decision import (
    Basis,
    Disputed,
    Found,
    Grades,
    Owed,
    Reason,
    Refusal,
    Reply,
    Result,
    RuleTruth,
    Side,
    Used,
)
from chalicelib.assessment.precautions import applying, put_to_rest
from chalicelib.assessment.questions import Asking, askable, questions
from chalicelib.assessment.standing import Conflict, Standing, standing_of
from chalicelib.policy.compiled import FALSE, TRUE, UNKNOWN, CompiledPolicy, Floor, Guard
from chalicelib.policy.conditions import Level
from chalicelib.policy.document import National


def evaluate(policy: CompiledPolicy, call: Call) -> Result:
    """Apply a policy to what is known of a call. Raises nothing: every call has a result."""
    standing = standing_of(policy, call)
    masks = standing.masks
    floors = tuple(floor.node.test(masks) for floor in policy.floors)
    completions = Completions(policy, masks, standing.claimed)
    certain, possible = _bounds(policy, floors, completions)
    applies = applying(policy, call.contact.state, standing)
    feared = tuple(applies.values())
    recommended, basis = _recommended(policy, floors, certain, feared, masks)
    asking = Asking(
        policy, standing, call.contact.state, recommended, certain, floors, applies, askable(policy, standing)
    )
    open_questions = questions(asking)
    settled = _settled(policy, asking, completions, basis)
    local = policy.grades[recommended]
    earlier = call.earlier.standing
    return Result(
        recommended=local.id,
        national=Grades(recommended=local.national, standing=max(local.national, earlier or local.national, key=_rank)),
        certain=policy.grades[certain].id,
        possible=policy.grades[max(possible, certain)].id,
        exact=completions.exact,
        basis=basis,
        provisional=possible > recommended,
        grade_settled=settled,
        may_stop=settled and not any(question.because == "required" for question in open_questions),
        findings=_findings(policy, floors),
        rules=tuple(
            RuleTruth(rule=floor.rule.id, truth="true" if truth == TRUE else "unknown")
            for floor, truth in zip(policy.floors, floors, strict=True)
            if truth != FALSE
        ),
        reasons=_reasons(policy, standing, floors, feared),
        response=_reply(policy, floors, masks),
        flags=tuple(
            flag.id
            for flag in policy.policy.flags
            if any(flag.id in floor.rule.flags for floor in _held(policy, floors))
        ),
        needs=tuple(name for name, node in policy.needs if node.test(masks) == TRUE),
        duties=_duties(policy, floors),
        questions=open_questions,
        changes=changes(asking),
        conflicts=_disputes(standing),
        impossible=tuple(name for name, node in policy.impossible if node.test(masks) == TRUE),
    )


def _rank(grade: National) -> int:
    return grade.rank


def _held(policy: CompiledPolicy, floors: Sequence[int]) -> list[Floor]:
    return [floor for floor, truth in zip(policy.floors, floors, strict=True) if truth == TRUE]


def _bounds(policy: CompiledPolicy, floors: Sequence[int], completions: Completions) -> tuple[int, int]:
    """The exact `certain` and `possible`, as ranks; Kleene's bounds where the search met its limit."""
    certain = max((floor.rank for floor in _held(policy, floors)), default=0)
    certain = max(certain, 0)
    undecided = [
        floor for floor, truth in zip(policy.floors, floors, strict=True) if truth == UNKNOWN and floor.rank > certain
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


def _recommended(
    policy: CompiledPolicy, floors: Sequence[int], certain: int, feared: Sequence[Guard], masks: Sequence[int]
) -> tuple[int, Basis]:
    """The grade and what it rests on: rules before precautions before the base, where several give the same."""
    base = 0 if policy.earned.test(masks) == TRUE else policy.base_rank
    recommended = max(certain, base, *(guard.rank for guard in feared), 0)
    by_rule = tuple(floor.rule.id for floor in _held(policy, floors) if floor.rank == recommended)
    if by_rule:
        return recommended, Basis(kind="rule", ids=by_rule)
    if certain == recommended > 0:
        return recommended, Basis(kind="completions")
    by_precaution = tuple(guard.id for guard in feared if guard.rank == recommended)
    if by_precaution:
        return recommended, Basis(kind="precaution", ids=by_precaution)
    return recommended, Basis(kind="base")


def _settled(policy: CompiledPolicy, asking: Asking, completions: Completions, basis: Basis) -> bool:
    """Whether no answer that can still be had changes the recommended grade. Beyond the node limit: no."""
    free = asking.askable
    if not free:
        return True
    higher = [floor for floor in policy.floors if floor.rank > asking.recommended]
    if any(completions.exists([Goal(floor.node, IS_TRUE)], free) is not False for floor in higher):
        return False
    cautions = [
        guard
        for place, guard in enumerate(policy.guards)
        if guard.rank > asking.recommended and place not in asking.applying
    ]
    if any(
        completions.exists([Goal(guard.scope, IS_TRUE), Goal(guard.on, IS_UNKNOWN)], free) is not False
        for guard in cautions
    ):
        return False
    if asking.recommended == 0 or basis.kind in ("rule", "completions"):
        return True
    return completions.exists(_lowering(policy, asking), free) is False


def _lowering(policy: CompiledPolicy, asking: Asking) -> list[Goal]:
    """What has to come about for the recommendation, which rests on a precaution or the base, to be lower."""
    goals = [
        Goal(put_to_rest(policy, guard, asking.state, asking.standing), IS_TRUE)
        for guard in asking.applying.values()
        if guard.rank >= asking.recommended
    ]
    if asking.recommended <= policy.base_rank and asking.recommended > 0:
        goals.append(Goal(policy.earned, IS_TRUE))
    return goals + [
        Goal(floor.node, IS_FALSE | IS_UNKNOWN) for floor in policy.floors if floor.rank >= asking.recommended > 0
    ]


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
    policy: CompiledPolicy, standing: Standing, floors: Sequence[int], feared: Sequence[Guard]
) -> tuple[Reason, ...]:
    """Rules that hold and precautions that apply, the highest grade first, each with the answers it rests on."""
    held = [(floor.rank, floor.rule.id, "rule", floor.node.uses) for floor in _held(policy, floors)]
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
        last[claim.source, said.mask, claim.contact] = Side(source=claim.source, at=claim.at, values=values)
    return tuple(last.values())


def _duties(policy: CompiledPolicy, floors: Sequence[int]) -> tuple[Owed, ...]:
    held = _held(policy, floors)
    owed = [
        (duty.id, tuple(floor.rule.id for floor in held if duty.id in floor.rule.duties))
        for duty in policy.policy.duties
    ]
    return tuple(Owed(duty=name, rules=rules) for name, rules in owed if rules)


def _reply(policy: CompiledPolicy, floors: Sequence[int], masks: Sequence[int]) -> Reply:
    """What is required and what is permitted. A response is permitted only when no rule against it can still hold."""
    required = tuple(
        floor.rule.id for floor in _held(policy, floors) if floor.rule.response and floor.rule.response.require
    )
    refused: list[Refusal] = []
    speaking = [
        (floor, floor.rule.response, truth)
        for floor, truth in zip(policy.floors, floors, strict=True)
        if truth != FALSE and floor.rule.response
    ]
    for response in policy.policy.responses:
        against = [
            (floor, truth)
            for floor, says, truth in speaking
            if response.id in says.forbid or (says.require and not response.attends)
        ]
        if against:
            floor, truth = max(against, key=lambda one: one[1])
            opened = next(
                (policy.variables[i].fact for i in sorted(floor.node.uses) if masks[i] & (masks[i] - 1)), None
            )
            refused.append(
                Refusal(
                    response=response.id,
                    rule=floor.rule.id,
                    settled_by=None if truth == TRUE else opened,
                    unless_authorised_by=floor.rule.response.unless_authorised_by if floor.rule.response else None,
                )
            )
    named = {refusal.response for refusal in refused}
    return Reply(
        require="attendance" if required else None,
        required_by=required,
        permitted=tuple(response.id for response in policy.policy.responses if response.id not in named),
        refused=tuple(refused),
    )
