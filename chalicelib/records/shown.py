"""Fills in what the control room is shown of a decision: the result in words, for a screen and an incident log."""

from __future__ import annotations

from chalicelib.assessment.call import Call
from chalicelib.assessment.contact import Mode
from chalicelib.assessment.decision import Reason, Result
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.records.advice import (
    Advice,
    ConflictShown,
    GradeShown,
    OptionShown,
    QuestionShown,
    ReasonShown,
    ResponseShown,
    Shown,
)
from chalicelib.records.envelope import Envelope
from chalicelib.records.history_shown import history_shown, related_shown
from chalicelib.records.log_line import conflict_in_words, log_line, london_time
from chalicelib.records.owed_shown import checks_shown, duties_shown, needs_shown, timers_shown, victims_shown

MANUAL_FALLBACK = "manual_fallback"
"""Why a call is assessed that was decided by hand while the service was down."""


def shown_of(policy: CompiledPolicy, envelope: Envelope, call: Call, result: Result) -> Shown:
    """What to show of a result."""
    return Shown(
        decision=envelope.id,
        contact=envelope.contact or "",
        incident=envelope.incident,
        mode=envelope.mode,
        policy=call.policy,
        warnings=call.warnings,
        advice=None if envelope.mode is Mode.OBSERVE else advice_of(policy, call, result),
        after_the_fact=True if call.trigger == MANUAL_FALLBACK and envelope.at < envelope.recorded_at else None,
    )


def advice_of(policy: CompiledPolicy, call: Call, result: Result) -> Advice:
    """A result in words."""
    says = {rule.id: rule.says for rule in policy.policy.rules} | {
        precaution.id: precaution.says for precaution in policy.policy.precautions
    }
    titles = {grade.id: grade.title for grade in policy.grades}
    question = _question(policy, result)
    reasons = tuple(_reason(policy, reason, says[reason.id]) for reason in result.reasons)
    return Advice(
        grade=GradeShown(
            recommended=result.recommended,
            title=titles[result.recommended],
            national=result.national.recommended,
            certain=result.certain,
            possible=result.possible,
            provisional=result.provisional,
            settled=result.grade_settled,
            standing=result.national.standing,
            words=_words(result, titles, question),
        ),
        reasons=reasons,
        findings=result.findings,
        next_question=question,
        open_questions=result.questions,
        may_stop=result.may_stop,
        response=ResponseShown(
            require=result.response.require,
            required_by=result.response.required_by,
            permitted=result.response.permitted,
            refused=result.response.refused,
            needs=needs_shown(policy, result),
        ),
        duties=duties_shown(policy, call, result),
        flags=result.flags,
        needs=result.needs,
        changes=result.changes,
        conflicts=tuple(
            ConflictShown(fact=one.fact, about=one.about, words=conflict_in_words(one.tag, one.sides))
            for one in result.conflicts
        ),
        log=log_line(call, result, titles, reasons, question),
        checks=checks_shown(policy, result),
        timers=timers_shown(policy, result),
        victims=victims_shown(policy, result),
        history=history_shown(policy, call),
        related=related_shown(call),
    )  # fmt: skip


def _question(policy: CompiledPolicy, result: Result) -> QuestionShown | None:
    if not result.questions:
        return None
    first = result.questions[0]
    fact = policy.terms[first.fact].fact
    return QuestionShown(
        fact=fact.id,
        question=fact.question,
        help=fact.help,
        type=fact.type,
        options=tuple(OptionShown(id=option.id, title=option.title) for option in fact.options or ()),
        because=first.because,
        could_reach=first.could_reach,
        sensitive=True if fact.sensitive else None,
    )


def _reason(policy: CompiledPolicy, reason: Reason, says: str) -> ReasonShown:
    return ReasonShown(
        id=reason.id,
        kind=reason.kind,
        grade=reason.grade,
        says=says,
        answers=tuple(
            f"{used.fact}: {' or '.join(used.values)}"
            + (f" ({used.source.value} {london_time(used.at)})" if used.source and used.at else "")
            for used in reason.used
        ),
    )


def _words(result: Result, titles: dict[str, str], question: QuestionShown | None) -> str:
    title = titles[result.recommended]
    if not result.provisional:
        return f"{title}." if result.grade_settled else f"{title}, on what is known so far."
    open_point = f" Not settled: {question.question}" if question else ""
    return f"At least {title} so far, could be {titles[result.possible]}.{open_point}"
