"""What facts that are read off a clock are worth at a moment. It reads no clock itself: the moment is given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.assessment.call import Call
from chalicelib.policy.calendar import Calendar
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import ClockFact
from chalicelib.policy.vocabulary import Term

_SATURDAY, _SUNDAY = 5, 6


def read_off(policy: CompiledPolicy, call: Call, at: datetime) -> Iterator[tuple[int, int]]:
    """For each variable that is read off a clock, the mask of what it is at a moment; nothing where that is unknown."""
    calendar = policy.policy.calendar
    for term in policy.terms.values():
        mask = _mask(term, call, at, calendar) if term.fact.clock else None
        if mask is not None:
            yield term.variables[0].index, mask


def end_of_working_day(start: datetime, days: int, calendar: Calendar) -> datetime:
    """The end of the given number of working days after a moment, counted from the day after it.

    Days whose kind is not known yet count as working days: what is owed is not put off because of it.
    """
    zone = ZoneInfo(calendar.time_zone)
    day = start.astimezone(zone)
    while days:
        day += timedelta(days=1)
        days -= "weekday" in _kinds_of_day(day, calendar)
    midnight = (day + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return midnight.astimezone(start.tzinfo)


def _mask(term: Term, call: Call, at: datetime, calendar: Calendar | None) -> int | None:
    opened = call.incident.opened_at if call.incident else None
    match term.fact.clock:
        case ClockFact.HOUR if calendar:
            return term.mask("is", at.astimezone(ZoneInfo(calendar.time_zone)).hour)
        case ClockFact.KIND_OF_DAY if calendar:
            return term.mask("one_of", _kinds_of_day(at.astimezone(ZoneInfo(calendar.time_zone)), calendar))
        case ClockFact.MINUTES_SINCE_CONTACT:
            return _since(term, call.contact.started_at, at)
        case ClockFact.MINUTES_SINCE_OPENED if opened:
            return _since(term, opened, at)
        case ClockFact.MINUTES_SINCE_EVENT if call.contact.happened_at:
            return _since(term, call.contact.happened_at, at)
    return None


def _since(term: Term, start: datetime, at: datetime) -> int:
    """The whole minutes that have passed; the nearest that the fact can say."""
    span = term.fact.range
    minutes = (at - start) // timedelta(minutes=1)
    return term.mask("is", max(span.least, min(span.most, minutes)) if span else minutes)


def _kinds_of_day(day: datetime, calendar: Calendar) -> tuple[str, ...]:
    """What kind of day a local day is; two where the calendar does not reach so far."""
    if day.date() in calendar.bank_holidays:
        return ("bank_holiday",)
    plain = {_SATURDAY: "saturday", _SUNDAY: "sunday"}.get(day.weekday(), "weekday")
    return (plain, "bank_holiday") if day.date() > calendar.known_until else (plain,)
