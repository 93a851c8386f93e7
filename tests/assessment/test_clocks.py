"""Facts that are read off a clock: rows of moments, nights on which clocks change, and days that are not known yet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.assessment.call import Call, Incident
from chalicelib.assessment.clocks import end_of_working_day
from chalicelib.assessment.evaluate import evaluate
from chalicelib.assessment.standing import standing_of
from chalicelib.canonical import Json
from chalicelib.model import instant_of
from chalicelib.policy.calendar import Calendar
from chalicelib.policy.document import Absence, Source
from chalicelib.reader import as_model
from tests.strategies import BEGINS, a_call, claim, compiled, document, fact, rule

CALENDAR: dict[str, Json] = {
    "time_zone": "Europe/London",
    "bank_holidays": ["2026-12-25", "2026-12-28"],
    "known_until": "2026-12-31",
}
KINDS: list[Json] = [{"id": kind, "title": kind} for kind in ("weekday", "saturday", "sunday", "bank_holiday")]
MINUTES: dict[str, Json] = {"range": {"least": 0, "most": 600}}
POLICY = compiled(
    document(
        [
            fact("hour", "whole", clock="hour", range={"least": 0, "most": 23}),
            fact("day", "choice", clock="kind_of_day", options=KINDS),
            fact("since_contact", "whole", clock="minutes_since_contact", **MINUTES),
            fact("since_opened", "whole", clock="minutes_since_opened", **MINUTES),
            fact("since_event", "whole", clock="minutes_since_event", worse="lower", **MINUTES),
        ],
        [
            rule("night", {"any": [{"fact": "hour", "at_least": 22}, {"fact": "hour", "at_most": 5}]}, grade="low"),
            rule("holiday", {"fact": "day", "is": "bank_holiday"}, grade="low"),
            rule("waiting", {"fact": "since_contact", "at_least": 60}, grade="high"),
            rule("open_long", {"fact": "since_opened", "at_least": 210}, grade="high"),
            rule("just_now", {"fact": "since_event", "at_most": 10}, grade="top"),
        ],
        calendar=CALENDAR,
    )
)

# at, the rules that hold, the rules that are not known, remark
MOMENTS: list[tuple[str, set[str], set[str], str]] = [
    ("2026-11-23T21:59:59Z", set(), set(), "a minute to ten on a working Monday"),
    ("2026-11-23T22:00:00Z", {"night"}, set(), "ten sharp"),
    ("2026-06-01T21:30:00Z", {"night"}, set(), "half past ten in summer time"),
    ("2026-10-25T00:30:00Z", {"night"}, set(), "01:30 the first time"),
    ("2026-10-25T01:30:00Z", {"night"}, set(), "01:30 the second time"),
    ("2026-12-25T12:00:00Z", {"holiday"}, set(), "a bank holiday on a Friday"),
    ("2026-12-26T12:00:00Z", set(), set(), "a Saturday that is not listed"),
    ("2027-01-01T12:00:00Z", set(), {"holiday"}, "beyond the calendar: it is not known to be a working day"),
    ("2026-12-24T23:59:59Z", {"night"}, set(), "the night before"),
]


@pytest.mark.parametrize(("at", "hold", "unknown", "remark"), MOMENTS)
def test_hours_and_days_are_those_of_the_calendars_zone(
    at: str, hold: set[str], unknown: set[str], remark: str
) -> None:
    moment = instant_of(at)
    call = a_call().model_copy(update={"contact": a_call().contact.model_copy(update={"started_at": moment})})
    truths = {one.rule: one.truth for one in evaluate(POLICY, call, moment).rules}
    of_days = {"night", "holiday"}
    assert {rule for rule, truth in truths.items() if truth == "true"} & of_days == hold, remark
    assert {rule for rule, truth in truths.items() if truth == "unknown"} & of_days == unknown, remark


def _held(call: Call, after: timedelta) -> set[str]:
    found = {one.rule for one in evaluate(POLICY, call, BEGINS + after).rules if one.truth == "true"}
    return found & {"waiting", "open_long", "just_now"}


def test_minutes_pass_by_themselves_and_stop_at_the_end_of_the_range() -> None:
    assert _held(a_call(), timedelta(minutes=59, seconds=59)) == set()
    assert _held(a_call(), timedelta(minutes=60)) == {"waiting"}
    assert _held(a_call(), timedelta(days=9)) == {"waiting"}


def test_a_moment_before_the_contact_counts_as_its_beginning() -> None:
    assert _held(a_call(), timedelta(minutes=-5)) == set()


def test_what_has_no_time_on_record_is_not_known() -> None:
    truths = {one.rule: one.truth for one in evaluate(POLICY, a_call(), BEGINS).rules}
    assert truths["open_long"] == truths["just_now"] == "unknown"


def test_the_time_of_the_incident_and_of_the_event_count_once_they_are_given() -> None:
    opened = a_call().model_copy(update={"incident": Incident(opened_at=BEGINS)})
    assert _held(opened, timedelta(minutes=210)) == {"waiting", "open_long"}
    contact = a_call().contact.model_copy(update={"happened_at": BEGINS - timedelta(minutes=5)})
    happened = a_call().model_copy(update={"contact": contact})
    assert _held(happened, timedelta(minutes=5)) == {"just_now"}
    assert _held(happened, timedelta(minutes=6)) == set()


def test_what_a_clock_shows_is_never_asked_and_nobody_can_answer_it() -> None:
    said = claim("hour", value=3)
    result = evaluate(POLICY, a_call(said), datetime(2026, 11, 23, 12, tzinfo=UTC))
    assert result.questions == ()
    assert "night" not in {one.rule for one in result.rules}


# start, working days, end, remark
DUE: list[tuple[str, int, str, str]] = [
    ("2026-11-23T09:00:00Z", 2, "2026-11-26T00:00:00Z", "Monday: the end of Wednesday"),
    ("2026-11-27T23:30:00Z", 1, "2026-12-01T00:00:00Z", "Friday night: the end of Monday"),
    ("2026-12-24T10:00:00Z", 2, "2026-12-31T00:00:00Z", "over Christmas: Tuesday and Wednesday"),
    ("2026-10-23T10:00:00+01:00", 1, "2026-10-27T00:00:00Z", "over the night on which summer time ends"),
    (
        "2027-03-25T10:00:00Z",
        1,
        "2027-03-27T00:00:00Z",
        "days not known yet are working days",
    ),
]


@pytest.mark.parametrize(("start", "days", "end", "remark"), DUE)
def test_working_days_are_counted_by_the_calendar(start: str, days: int, end: str, remark: str) -> None:
    calendar = as_model(Calendar, CALENDAR)
    assert end_of_working_day(instant_of(start), days, calendar) == instant_of(end), remark


HISTORY = compiled(
    document(
        [
            fact("danger", "yes_no"),
            fact("calls", "whole", worse="higher", history={"days": 1, "matched_by": ["phone"]}),
        ],
        [rule("repeat", {"fact": "calls", "at_least": 2}, grade="high")],
    )
)


def test_what_history_counts_is_never_asked_and_nobody_can_talk_it_down() -> None:
    assert [one.fact for one in evaluate(HISTORY, a_call(), BEGINS).questions] == ["danger"]
    counted = claim("calls", value=3, source=Source.HISTORY)
    denied = claim("calls", 1, value=0, source=Source.CALLER)
    assert [one.id for one in evaluate(HISTORY, a_call(counted, denied), BEGINS).reasons] == ["repeat"]
    assert evaluate(HISTORY, a_call(denied), BEGINS).possible == "high"


def test_a_look_up_that_is_running_keeps_the_grade_open() -> None:
    known = claim("danger", value=False)
    pending = claim("calls", absent=Absence.PENDING, source=Source.HISTORY)
    assert not evaluate(HISTORY, a_call(known, pending), BEGINS).grade_settled
    assert evaluate(HISTORY, a_call(known), BEGINS).may_stop


def test_a_clock_that_runs_backwards_stands_still() -> None:
    masks = standing_of(POLICY, a_call(), BEGINS - timedelta(days=1)).masks
    variable = POLICY.terms["since_contact"].variables[0]
    assert variable.labels(masks[variable.index])[0].startswith("0")
