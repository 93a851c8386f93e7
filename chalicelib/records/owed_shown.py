"""Fills in what is shown of what is owed, due and told. It decides nothing."""

from __future__ import annotations

from datetime import datetime

from chalicelib.assessment.call import Call
from chalicelib.assessment.clocks import end_of_working_day
from chalicelib.assessment.decision import Result
from chalicelib.policy.closed_lists import Clock
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.obligations import Duty
from chalicelib.records.owed import CheckShown, DutyShown, NeedsShown, TellingShown, TimerShown, VictimShown


def duties_shown(policy: CompiledPolicy, call: Call, result: Result) -> tuple[DutyShown, ...]:
    """The duties that are owed, with the agreed words and, where the call itself starts their time, by when."""
    duties = {duty.id: duty for duty in policy.policy.duties}
    texts = {text.id: text.text for text in policy.policy.texts}
    return tuple(
        DutyShown(
            duty=duty.id,
            title=duty.title,
            owed_by=duty.owed_by.value,
            minutes=duty.minutes,
            working_days=duty.working_days,
            due=_due(policy, call, duty),
            clock=duty.clock.value if duty.clock else None,
            must_not=True if duty.must_not else None,
            text=texts[duty.text] if duty.text else None,
            rules=owed.rules,
        )
        for owed in result.duties
        for duty in (duties[owed.duty],)
    )


def _due(policy: CompiledPolicy, call: Call, duty: Duty) -> datetime | None:
    """By when a duty of so many working days is owed, where it runs from the call itself."""
    calendar = policy.policy.calendar
    if duty.working_days is None or calendar is None or duty.clock is not Clock.CALL_RECEIVED:
        return None
    return end_of_working_day(call.contact.started_at, duty.working_days, calendar)


def needs_shown(policy: CompiledPolicy, result: Result) -> tuple[NeedsShown, ...] | None:
    """What the permitted responses need on record before they count."""
    demanding = [one for one in policy.policy.responses if one.needs]
    found = (NeedsShown(response=one.id, needs=one.needs) for one in demanding if one.id in result.response.permitted)
    return tuple(found) if demanding else None


def checks_shown(policy: CompiledPolicy, result: Result) -> tuple[CheckShown, ...] | None:
    """The checks that have to be made."""
    titles = {check.id: check.title for check in policy.policy.checks}
    if result.checks is None:
        return None
    return tuple(CheckShown(check=one.check, title=titles[one.check]) for one in result.checks)


def timers_shown(policy: CompiledPolicy, result: Result) -> tuple[TimerShown, ...] | None:
    """The timers that run."""
    timers = {timer.id: timer for timer in policy.policy.timers}
    if result.timers is None:
        return None
    return tuple(
        TimerShown(
            timer=timer.id,
            title=timer.title,
            owed_by=timer.owed_by.value,
            severity=timer.severity.value,
            due=running.due,
        )
        for running in result.timers
        for timer in (timers[running.timer],)
    )


def victims_shown(policy: CompiledPolicy, result: Result) -> tuple[VictimShown, ...] | None:
    """What each victim is owed, in words."""
    code = policy.policy.victims_code
    if result.victims is None or code is None:
        return None
    grounds = {category.id: category.title for category in code.categories}
    tellings = {telling.id: telling for telling in code.tell}
    texts = {text.id: text.text for text in policy.policy.texts}
    return tuple(
        VictimShown(
            about=owed.about,
            category=owed.category,
            because=tuple(grounds[name] for name in owed.because),
            settled_by=owed.settled_by,
            tell=tuple(
                TellingShown(id=one.id, title=telling.title, say=one.say, text=texts.get(telling.text or ""))
                for one in owed.tell
                for telling in (tellings[one.id],)
            ),
        )
        for owed in result.victims
    )
