"""What is shown to the control room of a decision: the result in words, ready for a screen and an incident log.

It leaves out what the policy's digest and an id rebuild: the wording of every question but the one to put, titles of
elements, and the sources of rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import Field

from chalicelib.assessment.call import Call, Mode, PolicyUsed, Warned
from chalicelib.assessment.decision import Change, Found, Open, Owed, Reason, Refusal, Result, Side
from chalicelib.model import Frozen, Reference
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Duty, FactType, National, Source
from chalicelib.records.envelope import Envelope

LOG_CHARACTERS = 500
"""The longest paragraph that incident logs of command-and-control systems take without cutting."""


class GradeShown(Frozen):
    """The recommended grade, how sure it is, and what stands for the incident."""

    recommended: str
    """The local grade's id."""
    title: str
    national: National
    certain: str
    possible: str
    provisional: bool
    settled: bool
    standing: National
    """The highest recommended since a human last set it; only a recorded human act lowers it."""
    words: str


class ReasonShown(Frozen):
    """Why: a rule that holds or a precaution that applies, and the answers it rests on."""

    id: str
    kind: str
    grade: str | None = None
    says: str
    answers: tuple[str, ...] = ()


class OptionShown(Frozen):
    """One answer that can be given."""

    id: str
    title: str


class QuestionShown(Frozen):
    """The question to put now, as a handler would ask it."""

    fact: str
    question: str
    help: str | None = None
    type: FactType
    options: tuple[OptionShown, ...] = ()
    because: str
    could_reach: str | None = None


class ResponseShown(Frozen):
    """Which kinds of answer are required, permitted and refused."""

    require: str | None = None
    required_by: tuple[str, ...] = ()
    permitted: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()


class DutyShown(Frozen):
    """Something owed to the victim or the caller."""

    duty: str
    title: str
    owed_by: str
    minutes: int | None = None
    clock: str | None = None
    rules: tuple[str, ...]


class ConflictShown(Frozen):
    """Answers that contradict each other, and which stands."""

    fact: str
    about: Reference | None = None
    words: str


class Advice(Frozen):
    """Everything that is advised in one decision."""

    grade: GradeShown
    reasons: tuple[ReasonShown, ...]
    findings: tuple[Found, ...]
    next_question: QuestionShown | None = None
    open_questions: tuple[Open, ...]
    may_stop: bool
    response: ResponseShown
    duties: tuple[DutyShown, ...]
    flags: tuple[str, ...]
    needs: tuple[str, ...]
    changes: tuple[Change, ...]
    """Single answers that would change the grade by themselves."""
    conflicts: tuple[ConflictShown, ...]
    log: str = Field(max_length=LOG_CHARACTERS)
    """A paragraph for the incident log."""


class Shown(Frozen):
    """What was sent."""

    decision: str
    contact: Reference
    incident: Reference | None = None
    mode: Mode
    policy: PolicyUsed
    warnings: tuple[Warned, ...]
    advice: Advice | None = None
    """Absent in mode `observe`, which records without showing."""


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
    )


def advice_of(policy: CompiledPolicy, call: Call, result: Result) -> Advice:
    """A result in words."""
    says = {rule.id: rule.says for rule in policy.policy.rules} | {
        precaution.id: precaution.says for precaution in policy.policy.precautions
    }
    titles = {grade.id: grade.title for grade in policy.grades}
    duties = {duty.id: duty for duty in policy.policy.duties}
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
        ),
        duties=tuple(_duty(duties[owed.duty], owed) for owed in result.duties),
        flags=result.flags,
        needs=result.needs,
        changes=result.changes,
        conflicts=tuple(
            ConflictShown(fact=one.fact, about=one.about, words=_conflict(one.tag, one.sides))
            for one in result.conflicts
        ),
        log=_log(call, result, titles, reasons, question),
    )  # fmt: skip


def _duty(duty: Duty, owed: Owed) -> DutyShown:
    return DutyShown(
        duty=duty.id,
        title=duty.title,
        owed_by=duty.owed_by,
        minutes=duty.minutes,
        clock=duty.clock,
        rules=owed.rules,
    )


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


_SAID_BY = {
    Source.CALLER: "Caller", Source.VICTIM: "Victim", Source.THIRD_PARTY: "Third party",
    Source.HEARD_ON_LINE: "Heard on the line", Source.SYSTEM_CHECK: "System check", Source.HISTORY: "History",
    Source.CLOCK: "Clock", Source.OFFICER_AT_SCENE: "Officer at the scene", Source.OTHER_AGENCY: "Other agency",
    Source.HANDLER: "Handler",
}  # fmt: skip


def _conflict(tag: str | None, sides: Iterable[Side]) -> str:
    """Who says what since when. Of a set it is about one tag, which is said to be there or not."""
    words = {"present": tag, "absent": f"not {tag}"} if tag else {}
    said = (
        f"{_SAID_BY[side.source]}: {' or '.join(words.get(value) or value for value in side.values)}"
        f" {london_time(side.at)}."
        for side in sides
    )
    return f"{' '.join(said)} The worse stands."


def london_time(at: datetime) -> str:
    """The time of day that clocks in the United Kingdom show; with its zone in the hour that they show twice."""
    local = at.astimezone(ZoneInfo("Europe/London"))
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{local:%H:%M %Z}" if twice else f"{local:%H:%M}"


def _log(
    call: Call, result: Result, titles: dict[str, str], reasons: tuple[ReasonShown, ...], question: QuestionShown | None
) -> str:
    """At most 500 plain characters; of a re-assessment only what changed."""
    earlier = call.earlier
    title = titles[result.recommended].upper()
    known = set(earlier.reasons)
    news = [reason.says.rstrip(".") for reason in reasons if reason.id not in known]
    if earlier.recommended is None:
        head = f"THRIIVES {call.policy.version}: {title}"
    elif earlier.recommended == result.recommended:
        head = f"THRIIVES re-assessed: {title}, unchanged"
    else:
        head = f"THRIIVES re-assessed: {titles.get(earlier.recommended, earlier.recommended).upper()} to {title}"
    parts = [head + (f", could be {titles[result.possible]}" if result.provisional else "")]
    if result.national.standing.rank > result.national.recommended.rank:
        parts.append(f"{result.national.standing.value} still stands")
    if news:
        parts.append(("New: " if earlier.recommended else "Because: ") + "; ".join(news))
    if question:
        parts.append(f"Open: {question.question.rstrip('?.')}")
    text = ". ".join(parts) + "."
    plain = "".join(letter if 32 <= ord(letter) < 127 else "?" for letter in text)
    return plain if len(plain) <= LOG_CHARACTERS else plain[: LOG_CHARACTERS - 3].rstrip() + "..."
