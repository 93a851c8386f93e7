"""Moments at which clocks say what a case needs of them."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib.authoring.cases import BEGINS
from chalicelib.playing.moments import moment_of
from chalicelib.policy.calendar import Calendar
from chalicelib.policy.conditions import Value
from chalicelib.policy.document import ClockFact

ZONE = ZoneInfo("Europe/London")
CALENDAR = Calendar(bank_holidays=(date(2026, 1, 1), date(2026, 12, 25)), known_until=date(2027, 12, 31))
ENDED = Calendar(bank_holidays=(date(2024, 12, 25),), known_until=date(2025, 6, 30))

# what the clocks have to say, calendar, remark
ROWS: list[tuple[dict[ClockFact, Value], Calendar, str]] = [
    ({ClockFact.HOUR: 3}, CALENDAR, "an hour"),
    ({ClockFact.HOUR: 0, ClockFact.KIND_OF_DAY: "sunday"}, CALENDAR, "both"),
    ({ClockFact.KIND_OF_DAY: "weekday"}, CALENDAR, "not the first of January"),
    ({ClockFact.KIND_OF_DAY: "saturday"}, CALENDAR, "a Saturday"),
    ({ClockFact.KIND_OF_DAY: "bank_holiday"}, CALENDAR, "a holiday"),
    ({ClockFact.KIND_OF_DAY: "bank_holiday"}, ENDED, "one of long ago"),
    ({ClockFact.KIND_OF_DAY: "weekday", ClockFact.HOUR: 23}, ENDED, "within what the calendar knows"),
]


def kind_of(day: date, calendar: Calendar) -> str:
    if day in calendar.bank_holidays:
        return "bank_holiday"
    return (["weekday"] * 5 + ["saturday", "sunday"])[day.weekday()]


@pytest.mark.parametrize(("wanted", "calendar", "remark"), ROWS)
def test_the_clocks_say_at_that_moment_what_they_have_to(
    wanted: dict[ClockFact, Value], calendar: Calendar, remark: str
) -> None:
    moment = moment_of(wanted, calendar)
    assert moment is not None, remark
    local = moment.at.astimezone(ZONE)
    assert local.hour == wanted.get(ClockFact.HOUR, local.hour), remark
    assert local.date() <= calendar.known_until, remark
    kind = kind_of(local.date(), calendar)
    assert kind == wanted.get(ClockFact.KIND_OF_DAY, kind), remark


def test_an_hour_that_the_clocks_leave_out_is_found_on_another_day() -> None:
    forward, christmas = date(2026, 3, 29), date(2026, 12, 25)
    calendar = Calendar(bank_holidays=(forward, christmas), known_until=date(2026, 12, 31))
    for hour, day in ((1, christmas), (2, forward)):
        moment = moment_of({ClockFact.HOUR: hour, ClockFact.KIND_OF_DAY: "bank_holiday"}, calendar)
        assert moment is not None
        local = moment.at.astimezone(ZONE)
        assert (local.hour, local.date()) == (hour, day)


def test_minutes_are_counted_back_from_the_assessment() -> None:
    moment = moment_of(
        {
            ClockFact.MINUTES_SINCE_CONTACT: 30,
            ClockFact.MINUTES_SINCE_EVENT: 90,
            ClockFact.MINUTES_SINCE_OPENED: 0,
        },
        None,
    )
    assert moment is not None
    assert moment.at == BEGINS
    assert moment.at - moment.started_at == timedelta(minutes=30)
    assert moment.happened_at == BEGINS - timedelta(minutes=90)
    assert moment.opened_at == BEGINS


def test_without_clocks_a_case_begins_when_all_cases_do() -> None:
    moment = moment_of({}, None)
    assert moment is not None
    assert (moment.at, moment.started_at, moment.happened_at, moment.incident()) == (BEGINS, BEGINS, None, None)


def test_what_the_calendar_does_not_have_is_no_moment() -> None:
    no_holidays = Calendar(known_until=date(2026, 12, 31))
    assert moment_of({ClockFact.KIND_OF_DAY: "bank_holiday"}, no_holidays) is None
    assert moment_of({ClockFact.HOUR: 3}, None) is None
