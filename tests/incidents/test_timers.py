"""Which timers run in an incident, and when each is due: rows of a policy's timer and of what happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from chalicelib.canonical import Json
from tests.incidents.tales import Tale, minute, with_timer


class Row(NamedTuple):
    """A timer of the policy, what happened, and the minute at which it is due; None: it does not run."""

    remark: str
    timer: dict[str, Json]
    happened: Callable[[Tale], Tale]
    due: float | None
    paused: bool = False


def _at(clock: str, **parts: Json) -> dict[str, Json]:
    return {"clock": clock, "minutes": 15, **parts}


def _call(tale: Tale) -> Tale:
    return tale.decision(0, "immediate")


AGAIN: dict[str, Json] = {"again_minutes": 20}
SENT: dict[str, Json] = {"until": ["assigned", "dispatched", "attended", "closed"]}
AGENCY: dict[str, Json] = {"grades": ["priority"]}

CLOCKS = (
    Row("from the call", _at("call_received"), lambda tale: tale.decision(5), 15),
    Row("from when the incident was opened", _at("incident_opened"), lambda tale: tale.decision(5), 15),
    Row("from when the grade that stands came about", _at("graded"), lambda tale: tale.decision(5), 20),
    Row("and not from when a human agreed to it", _at("graded"),
        lambda tale: tale.decision(5).outcome(9, "immediate"), 20),
    Row("from when the call ended", _at("call_ended"),
        lambda tale: tale.decision(5).decision(7, state="completed"), 22),
    Row("not before the call has ended", _at("call_ended"), lambda tale: tale.decision(5), None),
    Row("from the last giving to somebody", _at("assigned"),
        lambda tale: _call(tale).event(3, "assigned").event(8, "assigned"), 23),
    Row("from the last sending", _at("dispatched"), lambda tale: _call(tale).event(8, "dispatched"), 23),
    Row("from attendance", _at("attended", until=["finding"]), lambda tale: _call(tale).event(8, "attended"), 23),
    Row("from a delay", _at("attendance_delayed"),
        lambda tale: _call(tale).event(8, "attendance_delayed", because="no_unit"), 23),
    Row("from when it happened, also when it is recorded later", _at("attendance_delayed"),
        lambda tale: _call(tale).event(8, "attendance_delayed", recorded=30, because="no_unit"), 23),
    Row("from when an agency was asked", _at("agency_asked"),
        lambda tale: _call(tale).event(8, "other_agency", agency="ambulance", state="asked"), 23),
    Row("from when an agency is expected", _at("agency_expected"), lambda tale: _call(tale).event(
        8, "other_agency", agency="ambulance", state="accepted", expected_at=minute(30)), 45),
    Row("from when it is to be looked at again, if that is said", _at("agency_expected"),
        lambda tale: _call(tale).event(8, "other_agency", agency="ambulance", state="accepted",
                                       expected_at=minute(30), recheck_at=minute(20)), 35),
    Row("from an appointment", _at("appointment"),
        lambda tale: _call(tale).event(8, "assigned", appointment_at=minute(90)), 105),
    Row("from the appointment that was agreed last", _at("appointment"), lambda tale: _call(tale).event(
        8, "assigned", appointment_at=minute(90)).event(9, "assigned", appointment_at=minute(60)), 75),
    Row("from a change of shift", _at("shift_change"),
        lambda tale: _call(tale).event(8, "transferred", to="next_shift"), 23),
    Row("handing it to others is no change of shift", _at("shift_change"),
        lambda tale: _call(tale).event(8, "transferred", to="neighbourhood_team"), None),
)  # fmt: skip

STOPPED = (
    Row("stopped by what it waits for", SENT, lambda tale: _call(tale).event(3, "dispatched"), None),
    Row("not by anything else", SENT, lambda tale: _call(tale).event(3, "callback", reached="spoken"), 30),
    Row("a unit that is taken away is not on its way", SENT,
        lambda tale: _call(tale).event(3, "dispatched").event(5, "diverted"), 30),
    Row("nor is what it was assigned to", SENT,
        lambda tale: _call(tale).event(2, "assigned").event(3, "dispatched").event(5, "diverted"), 30),
    Row("until another is sent", SENT,
        lambda tale: _call(tale).event(3, "dispatched").event(5, "diverted").event(9, "dispatched"), None),
    Row("a diversion that is recorded late undoes only what was before it", SENT,
        lambda tale: _call(tale).event(9, "dispatched").event(5, "diverted", recorded=12), None),
    Row("who was sent before the grade went up is still on the way", SENT,
        lambda tale: tale.decision(0, "priority").event(3, "dispatched").decision(9, "immediate"), None),
    Row("a review of before the grade went up is none of it", {"until": ["review_done"]},
        lambda tale: tale.decision(0, "priority").event(3, "review_done", result="as_it_was").decision(9), 39),
    Row("a closing that waits for a second person stops nothing", SENT,
        lambda tale: _call(tale).event(9, "closed", reason="seen_elsewhere", needs="second_person"), 30),
    Row("nor does one that a second person refused", SENT, lambda tale: _call(tale)
        .event(9, "closed", reason="seen_elsewhere", needs="second_person").answered(10, "e1", "refused"), 30),
    Row("closed, nothing runs", SENT, lambda tale: _call(tale).event(9, "closed", reason="dealt_with"), None),
    Row("a call that comes after opens it again, and who had been sent before is not on the way", SENT,
        lambda tale: _call(tale).event(3, "dispatched").event(4, "attended").event(9, "closed", reason="dealt_with")
        .outcome(10, "resolve").decision(60), 90),
    Row("also where the grade had stood all the while", SENT,
        lambda tale: _call(tale).event(3, "dispatched").event(9, "closed", reason="dealt_with").decision(60), 30),
    Row("an appointment that is kept is not overdue", {"clock": "appointment", "minutes": 0, "until": ["attended"]},
        lambda tale: _call(tale).event(5, "assigned", appointment_at=minute(120)).event(110, "attended"), None),
    Row("an attendance long before it does not keep it", {"clock": "appointment", "minutes": 0, "until": ["attended"]},
        lambda tale: _call(tale).event(3, "attended").event(5, "assigned", appointment_at=minute(120)), 120),
    Row("an agency that answers is not silent", {"clock": "agency_asked", "until": ["other_agency"]},
        lambda tale: _call(tale).event(5, "other_agency", agency="ambulance", state="asked")
        .event(9, "other_agency", agency="ambulance", state="refused"), None),
    Row("an agency that is asked and says nothing is", {"clock": "agency_asked", "until": ["other_agency"]},
        lambda tale: _call(tale).event(5, "other_agency", agency="ambulance", state="asked"), 35),
    Row("only with the grades that it names", {"grades": ["priority"]}, _call, None),
    Row("with the grade that stands, not with what was recommended last", {"grades": ["immediate"]},
        lambda tale: _call(tale).decision(9, "scheduled"), 30),
    Row("with the grade that a human lowered it to", {"grades": ["immediate"]},
        lambda tale: _call(tale).decision(9, "scheduled").outcome(10, "scheduled"), None),
    Row("only while its condition is known true", {"when": {"fact": "victim", "is": True}}, _call, None),
    Row("and then it does run", {"when": {"fact": "victim", "is": True}},
        lambda tale: tale.decision(0, victim=True), 30),
)  # fmt: skip

LOOKED = (
    Row("due again some time after somebody looked at it", AGAIN, lambda tale: _call(tale).decision(31), 50),
    Row("as often as it is due", AGAIN, lambda tale: _call(tale).decision(75), 90),
    Row("to look before it is due puts nothing off", AGAIN, lambda tale: _call(tale).decision(20), 30),
    Row("a machine does not look", AGAIN, lambda tale: _call(tale).decision(31, role="service"), 30),
    Row("calling back is looking", AGAIN, lambda tale: _call(tale).event(31, "callback", reached="spoken"), 50),
    Row("calling in vain is not", AGAIN, lambda tale: _call(tale).event(31, "callback", reached="no_answer"), 30),
    Row("a review is looking", AGAIN, lambda tale: _call(tale).event(31, "review_done", result="as_it_was"), 50),
    Row("without a second time it stays due", {}, lambda tale: _call(tale).decision(31), 30),
)  # fmt: skip


def _agency(tale: Tale, state: str, at: float = 8) -> Tale:
    expected: dict[str, Any] = {"expected_at": minute(90)} if state == "accepted" else {}
    return tale.event(at, "other_agency", agency="ambulance", state=state, **expected)


PAUSED = (
    Row("paused once another agency has accepted", AGENCY,
        lambda tale: _agency(tale.decision(0, "priority"), "accepted"), 30, paused=True),
    Row("not while it is only asked", AGENCY, lambda tale: _agency(tale.decision(0, "priority"), "asked"), 30),
    Row("not when it has accepted and does not say when it comes", AGENCY, lambda tale: tale.decision(
        0, "priority").event(8, "other_agency", agency="ambulance", state="accepted"), 30),
    Row("while it is there", AGENCY,
        lambda tale: _agency(_agency(tale.decision(0, "priority"), "accepted"), "arrived", 20), 30, paused=True),
    Row("not where officers have to attend", {}, lambda tale: _agency(_call(tale), "accepted"), 30),
    Row("no more when the agency refuses", AGENCY,
        lambda tale: _agency(_agency(tale.decision(0, "priority"), "accepted"), "refused", 12), 30),
    Row("no more when it is late", AGENCY,
        lambda tale: _agency(_agency(tale.decision(0, "priority"), "accepted"), "delayed", 12), 30),
    Row("no more when it does not answer", AGENCY,
        lambda tale: _agency(_agency(tale.decision(0, "priority"), "accepted"), "no_answer", 12), 30),
    Row("no more when something new has raised the grade", AGENCY,
        lambda tale: _agency(tale.decision(0, "scheduled"), "accepted").decision(12, "priority"), 42),
    Row("again once the agency accepts what is new", AGENCY,
        lambda tale: _agency(_agency(tale.decision(0, "scheduled"), "accepted").decision(12, "priority"),
                             "accepted", 15), 42, paused=True),
    Row("a time that does not run from the grade goes on", _at("incident_opened"),
        lambda tale: _agency(tale.decision(0, "priority"), "accepted"), 15),
)  # fmt: skip


ROWS = [*CLOCKS, *STOPPED, *LOOKED, *PAUSED]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.remark)
def test_a_timer_runs_only_while_that_means_something(row: Row) -> None:
    timers = row.happened(Tale(with_timer(**row.timer))).items("timer")
    assert [item.due for item in timers.values()] == ([] if row.due is None else [minute(row.due)])
    assert [item.paused for item in timers.values()] == ([] if row.due is None else [True if row.paused else None])


@pytest.mark.parametrize(("state", "until"), [("accepted", 90), ("arrived", None)])
def test_a_timer_is_paused_until_the_other_agency_is_expected_or_for_good_once_it_is_there(
    state: str, until: float | None
) -> None:
    tale = _agency(_agency(Tale(with_timer()).decision(0, "priority"), "accepted"), state, 20)
    [item] = tale.items("timer").values()
    assert item.paused_until == (None if until is None else minute(until))


@pytest.mark.parametrize(
    ("remark", "timer", "fed", "measured"),
    [
        ("the force feeds what begins and ends it", _at("dispatched"), ["dispatched", "attended"], None),
        ("it does not feed what begins it", _at("dispatched"), ["attended"], False),
        ("it does not feed what ends it", _at("graded"), ["callback"], False),
        ("it feeds one of those that end it", SENT, ["attended"], None),
        ("closing alone does not count as fed", {"until": ["attended", "closed"]}, ["callback"], False),
    ],
)
def test_a_timer_on_events_that_a_force_does_not_feed_is_not_measured(
    remark: str, timer: dict[str, Json], fed: list[str], measured: bool | None
) -> None:
    kind = "dispatched" if "clock" in timer else "callback"
    tale = _call(Tale(with_timer(events_fed=fed, **timer))).event(3, kind, reached="spoken")
    [item] = tale.items("timer").values()
    assert item.measured is measured
    assert (item.due is None) == (measured is False)
