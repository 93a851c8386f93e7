"""The moment at which a case has to be assessed so that its clock facts are what they have to be. It reads no clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.assessment.call import Incident
from chalicelib.authoring.cases import BEGINS
from chalicelib.policy.calendar import Calendar
from chalicelib.policy.conditions import Value
from chalicelib.policy.document import ClockFact, Fact

_NOON = 12
_DAYS = 400
"""Within how many days every kind of day comes round."""

_WEEKEND = {5: "saturday", 6: "sunday"}


@dataclass(frozen=True, slots=True)
class Moment:
    """When a case is assessed, and when what it is about began."""

    at: datetime = BEGINS
    started_at: datetime = BEGINS
    happened_at: datetime | None = None
    opened_at: datetime | None = None

    def incident(self) -> Incident | None:
        """The case's incident, where it matters when it was opened."""
        return Incident(opened_at=self.opened_at) if self.opened_at is not None else None


def moment_of(wanted: Mapping[ClockFact, Value], calendar: Calendar | None) -> Moment | None:
    """The moment at which clocks say what is wanted of them; None when the calendar has no such moment."""
    at: datetime | None = BEGINS
    if ClockFact.HOUR in wanted or ClockFact.KIND_OF_DAY in wanted:
        at = next(_moments(wanted, calendar), None) if calendar else None
    if at is None:
        return None

    def before(clock: ClockFact) -> datetime | None:
        minutes = wanted.get(clock)
        return at - timedelta(minutes=minutes) if at is not None and type(minutes) is int else None

    return Moment(
        at=at,
        started_at=before(ClockFact.MINUTES_SINCE_CONTACT) or at,
        happened_at=before(ClockFact.MINUTES_SINCE_EVENT),
        opened_at=before(ClockFact.MINUTES_SINCE_OPENED),
    )


def clocks_in(facts: Mapping[str, Fact], values: Mapping[str, Value]) -> dict[ClockFact, Value]:
    """What clocks have to say, from the values of facts that are read off them."""
    found: dict[ClockFact, Value] = {}
    for name, value in values.items():
        clock = facts[name].clock
        if clock is not None:
            found[clock] = value
    return found


def _moments(wanted: Mapping[ClockFact, Value], calendar: Calendar) -> Iterator[datetime]:
    zone, kind, hour = ZoneInfo(calendar.time_zone), wanted.get(ClockFact.KIND_OF_DAY), wanted.get(ClockFact.HOUR)
    for day in _days(calendar):
        if kind is None or kind == _kind(day, calendar):
            begins = time(hour if type(hour) is int else _NOON)
            at = datetime.combine(day, begins, zone).astimezone(BEGINS.tzinfo)
            if at.astimezone(zone).time() == begins:  # else the clocks were put forward over it
                yield at


def _days(calendar: Calendar) -> Iterator[date]:
    """Days whose kind the calendar knows: from the beginning of all cases on, or up to its own end."""
    last = calendar.known_until
    first = min(BEGINS.date(), last - timedelta(days=_DAYS))
    ahead = [BEGINS.date() + timedelta(days=number) for number in range(_DAYS)]
    yield from (day for day in ahead if day <= last)
    yield from (first + timedelta(days=number) for number in range((last - first).days + 1))
    yield from (day for day in calendar.bank_holidays if day <= last)


def _kind(day: date, calendar: Calendar) -> str:
    return "bank_holiday" if day in calendar.bank_holidays else _WEEKEND.get(day.weekday(), "weekday")
