"""Which duties are outstanding: rows of what was owed, what happened, and what is owed after it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from chalicelib.canonical import Json
from tests.incidents.tales import Tale, minute, with_duty


class Row(NamedTuple):
    """What happened, and whether a duty is owed after it."""

    remark: str
    duty: str
    happened: Callable[[Tale], Tale]
    owed: bool
    since: float | None = None


def _call(tale: Tale) -> Tale:
    return tale.decision(0, "immediate", victim=True)


def _told(
    tale: Tale, at: float, that: str = "police_come", *, duties: list[str] | None = None, recorded: float | None = None
) -> Tale:
    return tale.event(at, "caller_told", recorded=recorded, that=that, duties=duties)


DONE = (
    Row("owed from the decision that finds it", "tell_caller", _call, True, 0),
    Row("not owed before", "ambulance", lambda tale: tale.decision(0), False),
    Row("owed from the first decision that found it", "ambulance", lambda tale: tale.decision(0).decision(
        5, victim=True).decision(9, victim=True), True, 5),
    Row("no more when the newest decision does not find it", "evidence_advice",
        lambda tale: _call(tale).decision(9, "priority"), False),
    Row("what must not be done is owed by nobody", "no_voicemail", _call, False),
    Row("done by its kind of event", "tell_caller", lambda tale: _told(_call(tale), 3), False),
    Row("not by another kind", "tell_caller", lambda tale: _call(tale).event(3, "callback", reached="spoken"), True),
    Row("done by its name", "tell_caller", lambda tale: _told(_call(tale), 3, duties=["tell_caller"]), False),
    Row("not by an event that names another", "tell_caller", lambda tale: _told(_call(tale), 3, duties=[]), True),
    Row("advice that names it does it", "safety_advice",
        lambda tale: _call(tale).event(3, "advice_given", duties=["safety_advice"]), False),
    Row("and nothing else", "evidence_advice",
        lambda tale: _call(tale).event(3, "advice_given", duties=["safety_advice"]), True),
    Row("advice that names nothing does none of two", "safety_advice",
        lambda tale: _call(tale).event(3, "advice_given"), True),
    Row("it does the only one that advice can do", "safety_advice",
        lambda tale: tale.decision(0, "priority").event(3, "advice_given"), False),
    Row("a caller who was not reached was not told", "tell_caller",
        lambda tale: _told(_call(tale), 3, that="not_reached"), True),
    Row("not even if it names it", "tell_caller",
        lambda tale: _told(_call(tale), 3, that="not_reached", duties=["tell_caller"]), True),
    Row("done in the call, before it was assessed", "tell_caller",
        lambda tale: _call(_told(tale, -1)), False),
    Row("before it arose is not done", "ambulance", lambda tale: tale.decision(0).event(
        3, "other_agency", agency="ambulance", state="asked").decision(5, victim=True), True),
    Row("a decision by a human", "reassess", lambda tale: _call(tale).decision(9), False),
    Row("not one by a machine", "reassess", lambda tale: _call(tale).decision(9, role="service"), True),
    Row("not the decision that it arose from", "reassess", _call, True),
    Row("a review does it too", "reassess",
        lambda tale: _call(tale).event(9, "review_done", result="as_it_was"), False),
)  # fmt: skip

_DELAY: dict[str, Any] = {"because": "no_unit"}
_AGENCY: dict[str, Any] = {"agency": "ambulance"}

AGAIN = (
    Row("owed again after a delay", "tell_caller",
        lambda tale: _told(_call(tale), 3).event(9, "attendance_delayed", **_DELAY), True, 9),
    Row("until told again", "tell_caller",
        lambda tale: _told(_told(_call(tale), 3).event(9, "attendance_delayed", **_DELAY), 10), False),
    Row("to tell nobody else is again to be done", "tell_caller",
        lambda tale: _told(_call(tale).event(9, "attendance_delayed", **_DELAY), 10, that="not_reached"), True, 9),
    Row("not what a delay does not touch", "check_number", lambda tale: _call(tale).event(
        3, "check", check="number", result="clear").event(9, "attendance_delayed", **_DELAY), False),
    Row("what is entered in one go, after it happened, counts as it happened", "tell_caller",
        lambda tale: _told(_call(tale).event(9, "attendance_delayed", recorded=20, **_DELAY), 10, recorded=20.1),
        False),
    Row("told before anybody knew of the delay is not told of it", "tell_caller",
        lambda tale: _told(_call(tale), 10).event(9, "attendance_delayed", recorded=12, **_DELAY), True, 9),
    Row("told before the delay, and entered after it, is not told of it", "tell_caller",
        lambda tale: _told(_call(tale).event(9, "attendance_delayed", **_DELAY), 3, recorded=12), True, 9),
    Row("owed again when an agency refuses", "tell_caller",
        lambda tale: _told(_call(tale), 3).event(9, "other_agency", state="refused", **_AGENCY), True, 9),
    Row("when it is late", "tell_caller",
        lambda tale: _told(_call(tale), 3).event(9, "other_agency", state="delayed", **_AGENCY), True, 9),
    Row("not when it accepts", "tell_caller",
        lambda tale: _told(_call(tale), 3).event(9, "other_agency", state="accepted", **_AGENCY), False),
    Row("that an agency refuses does not mean that it was asked again", "ambulance", lambda tale: _call(tale).event(
        3, "other_agency", state="asked", **_AGENCY).event(9, "other_agency", state="refused", **_AGENCY), True, 9),
    Row("nor that it is late", "ambulance", lambda tale: _call(tale).event(
        3, "other_agency", state="asked", **_AGENCY).event(9, "other_agency", state="delayed", **_AGENCY), True, 9),
    Row("asked again it was", "ambulance", lambda tale: _call(tale).event(
        3, "other_agency", state="asked", **_AGENCY).event(9, "other_agency", state="refused", **_AGENCY)
        .event(12, "other_agency", state="asked", **_AGENCY), False),
    Row("owed again when a decision raises what stands", "tell_caller",
        lambda tale: _told(tale.decision(0, "priority"), 3).decision(9, "immediate"), True, 9),
    Row("not when a lower recommendation changes nothing", "tell_caller",
        lambda tale: _told(tale.decision(0, "immediate"), 3).decision(9, "priority"), False),
    Row("when a human lowers it", "tell_caller",
        lambda tale: _told(_call(tale).decision(2, "priority"), 3).outcome(9, "priority"), True, 9),
    Row("not while that waits for a second person", "tell_caller",
        lambda tale: _told(_call(tale).decision(2, "priority"), 3).pending(9, "priority"), False),
    Row("once it is authorised", "tell_caller", lambda tale: _told(_call(tale).decision(2, "priority"), 3).pending(
        9, "priority").answered(12, "e2"), True, 12),
    Row("not when it is refused", "tell_caller", lambda tale: _told(_call(tale).decision(2, "priority"), 3).pending(
        9, "priority").answered(12, "e2", "refused"), False),
    Row("not by the assessment after it, which changes nothing", "tell_caller", lambda tale: _told(_call(tale).decision(
        2, "priority").outcome(9, "priority"), 10).decision(12, "priority"), False),
    Row("when a closing is authorised, what stands stays", "tell_caller", lambda tale: _told(_call(tale).event(
        2, "closed", needs="second_person"), 3).answered(9, "e1").decision(12), False),
    Row("not when a human agrees", "tell_caller", lambda tale: _told(_call(tale), 3).outcome(9, "immediate"), False),
    Row("when a human sets another grade without advice", "tell_caller", lambda tale: _told(tale.decision(
        0, "priority"), 3).event(9, "grade_set", grade="immediate", national="IMMEDIATE", outcome="set", reason="x",
                                 seen=[]), True, 9),
    Row("when the response changes", "tell_caller", lambda tale: _told(_call(tale).outcome(
        2, "immediate", response="attend"), 3).outcome(9, "immediate", response="desk"), True, 9),
    Row("not when the same one is chosen again", "tell_caller", lambda tale: _told(_call(tale).outcome(
        2, "immediate", response="attend"), 3).outcome(9, "immediate", response="attend"), False),
)  # fmt: skip


ROWS = [*DONE, *AGAIN]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.remark)
def test_a_duty_is_owed_until_an_event_does_it(row: Row) -> None:
    duties = row.happened(Tale()).items("duty")
    assert (row.duty in duties) is row.owed
    if row.since is not None:
        assert duties[row.duty].since == minute(row.since)


@pytest.mark.parametrize("reached", ["no_answer", "not_safe", "somebody_else"])
def test_a_call_back_in_vain_does_no_duty(reached: str) -> None:
    under = with_duty("check_number", done_by=["callback"])
    assert "check_number" in _call(Tale(under)).event(3, "callback", reached=reached).items()
    assert "check_number" not in _call(Tale(under)).event(3, "callback", reached="spoken_alone").items()


@pytest.mark.parametrize(
    ("remark", "duty", "happened", "due"),
    [
        ("from the grade", "check_number", _call, minute(15)),
        ("from the grade that came later", "check_number",
         lambda tale: tale.decision(0, "priority").decision(9), minute(24)),
        ("not before its clock begins", "tell_caller", _call, None),
        ("when the call has ended", "tell_caller", lambda tale: tale.decision(5, state="completed"), minute(5)),
        ("owed again, its time begins again", "ambulance", lambda tale: _call(tale).event(
            3, "other_agency", state="asked", **_AGENCY).event(9, "other_agency", state="refused", **_AGENCY),
         minute(11)),
        ("by the end of the second working day", "refer_support", _call, datetime(2026, 11, 26, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_a_duty_is_due_by_the_time_that_the_policy_gives(
    remark: str, duty: str, happened: Callable[[Tale], Tale], due: datetime | None
) -> None:
    assert happened(Tale()).items("duty")[duty].due == due


@pytest.mark.parametrize(
    ("parts", "severity"),
    [({}, "act"), ({"clock": "call_ended"}, "watch"), ({"minutes": None, "working_days": 1}, "watch")],
)
def test_only_what_runs_from_the_grade_by_the_minute_is_to_be_acted_on(parts: dict[str, Json], severity: str) -> None:
    assert _call(Tale(with_duty("check_number", **parts))).items("duty")["check_number"].severity == severity
