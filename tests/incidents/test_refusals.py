"""Why something is refused: rows of what stood and happened, what is asked, and the codes that say why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from chalicelib.incidents.refusals import Decided, against_authorising, against_closing, against_outcome
from tests.incidents.tales import Tale, minute, policy


class Row(NamedTuple):
    """A story, what is asked, and what stands against it."""

    remark: str
    tale: Tale
    asked: Mapping[str, Any]
    codes: tuple[str, ...]


def _asked(tale: Tale, given: Mapping[str, Any]) -> Decided:
    given = {"role": "supervisor", "supervisor": True, "response": None, "words": None, "reason": None, **given}
    reason = next((one for one in policy().policy.outcomes if one.id == given["reason"]), None)
    basis = next((one for one in tale.story.decisions if one.envelope.id == given.get("on")), tale.told.newest)
    return Decided(
        given["outcome"], reason, given["response"], given["words"], given["role"], given["supervisor"], basis
    )


def _call() -> Tale:
    return Tale().decision(0, "immediate")


_LOWER = {"outcome": "lowered", "reason": "officer_says"}
_NOTHING_NEW = {"danger": "violence"}

LOWERING = (
    Row("nobody has assessed it again", _call(), _LOWER, ("not_reassessed",)),
    Row("assessed again with an answer that is new", _call().decision(5, "scheduled"), _LOWER, ()),
    Row("with the same answers", _call().decision(5, "immediate"), _LOWER, ("not_reassessed",)),
    Row("with the same, and another contact attempt",
        _call().event(4, "callback", reached="no_answer").decision(5), _LOWER, ()),
    Row("with the same, and a check",
        _call().event(4, "check", check="number", result="clear").decision(5), _LOWER, ()),
    Row("with what an officer found",
        _call().event(4, "finding", by="officer", found=["calm"]).decision(5), _LOWER, ()),
    Row("a contact attempt alone is no assessment", _call().event(4, "callback", reached="spoken"), _LOWER,
        ("not_reassessed",)),
    Row("by a machine", _call().decision(5, "scheduled", role="service"), _LOWER, ("not_reassessed",)),
    Row("before the grade that stands came about",
        Tale().decision(0, "scheduled").decision(5, "priority").decision(9, "immediate"), _LOWER, ("not_reassessed",)),
    Row("before a human raised it", Tale().decision(0, "scheduled").decision(5, "resolve").outcome(6, "immediate"),
        _LOWER, ("not_reassessed",)),
    Row("after it", Tale().decision(0, "scheduled").outcome(6, "immediate").decision(9, "resolve"), _LOWER, ()),
    Row("that somebody agreed meanwhile changes nothing",
        _call().decision(5, "scheduled").outcome(6, "immediate"), _LOWER, ()),
    Row("on an older decision", _call().decision(5, "scheduled"), {**_LOWER, "on": "d1"}, ("newer_decision",)),
)  # fmt: skip

_BASIS = _call().decision(5, "scheduled")

REASONS = (
    Row("a reason that is none", _BASIS, {**_LOWER, "reason": "no_units"}, ("reason_refused",)),
    Row("by a role that may not give it", _BASIS, {**_LOWER, "role": "dispatcher", "supervisor": False},
        ("reason_by_others",)),
    Row("by somebody who only says so", _BASIS, {**_LOWER, "supervisor": False}, ("not_a_supervisor",)),
    Row("agreeing needs nothing", _call(), {"outcome": "accepted", "role": "call_handler", "supervisor": False}, ()),
    Row("raising needs no assessment", _call(), {"outcome": "raised", "reason": "own_reasons"}, ()),
    Row("all at once", _call(), {**_LOWER, "reason": "no_units"}, ("reason_refused", "not_reassessed")),
)  # fmt: skip

_DESK = {"outcome": "accepted", "response": "desk"}

RESPONSES = (
    Row("a response that is refused", _call(), _DESK, ("response_refused",)),
    Row("a supervisor, with a reason in words", _call(), {**_DESK, "reason": "agreed", "words": "Seen there."}, ()),
    Row("a supervisor without words", _call(), {**_DESK, "reason": "agreed"}, ("response_refused",)),
    Row("a supervisor, with words alone", _call(), {**_DESK, "words": "Seen there."}, ()),
    Row("somebody else, with a reason in words", _call(),
        {**_DESK, "reason": "agreed", "words": "Seen.", "role": "call_handler", "supervisor": False},
        ("response_refused",)),
    Row("a response that is not", _call(), {**_DESK, "response": "attend"}, ()),
    Row("one that an open question decides, even for a supervisor", Tale().decision(0, "scheduled", danger=None),
        {**_DESK, "reason": "agreed", "words": "Seen there."}, ("response_refused",)),
)  # fmt: skip

_CLOSE = {"outcome": "closed", "reason": "dealt_with"}


def _done(tale: Tale) -> Tale:
    """All that an attack owes is done."""
    return (
        tale.event(1, "attended").event(1, "caller_told", that="police_come").decision(2, "immediate")
        .event(3, "advice_given", duties=["safety_advice", "evidence_advice"])
        .event(3, "check", check="number", result="clear")
    )  # fmt: skip


CLOSING = (
    Row("all is done", _done(_call()), _CLOSE, ()),
    Row("nothing is", _call(), _CLOSE, ("not_attended", *["duty_outstanding"] * 5)),
    Row("a duty is owed", _done(_call()).decision(5, victim=True), _CLOSE, ("duty_outstanding",)),
    Row("it has become worse, and nobody has assessed it again",
        _done(_call()).event(5, "transferred", to="next_shift"), _CLOSE, ("not_reassessed",)),
    Row("a duty that is owed in days does not hold it up",
        Tale().decision(0, "resolve", victim=True).event(1, "other_agency", agency="ambulance", state="asked"),
        _CLOSE, ()),
    Row("a review is open", _done(_call()).event(5, "review_opened", because="worry"), _CLOSE, ("review_open",)),
    Row("a lowering waits", _done(_call()).pending(5, "resolve"), _CLOSE, ("waits_for_second_person",)),
    Row("a fork", _done(_call()).outcome(5, "immediate", seen=()).outcome(6, "immediate", seen=()), _CLOSE, ("fork",)),
    Row("a grade stands that nobody has answered", Tale().decision(0, "scheduled"), _CLOSE, ("grade_stands",)),
    Row("another agency has accepted it, and is not there yet", Tale().decision(0, "scheduled").event(
        3, "other_agency", agency="ambulance", state="accepted"), _CLOSE, ("grade_stands",)),
    Row("another agency is there", Tale().decision(0, "scheduled").event(
        3, "other_agency", agency="ambulance", state="arrived"), _CLOSE, ()),
    Row("another agency has refused it", Tale().decision(0, "scheduled").event(
        3, "other_agency", agency="ambulance", state="refused"), _CLOSE, ("not_reassessed", "grade_stands")),
    Row("nothing needs to be answered", Tale().decision(0, "resolve"), _CLOSE, ()),
    Row("somebody else has seen them, which a second person authorises", Tale().decision(0, "scheduled"),
        {**_CLOSE, "reason": "seen_elsewhere"}, ()),
    Row("no unit is free", _done(_call()), {**_CLOSE, "reason": "no_units"}, ("reason_refused",)),
    Row("by a call handler", _done(_call()), {**_CLOSE, "role": "call_handler", "supervisor": False},
        ("reason_by_others",)),
    Row("on an older decision", _done(_call()), {**_CLOSE, "on": "d1"}, ("newer_decision",)),
    Row("attended once, and called again: nobody was there for what is new",
        _done(_call()).decision(60, started=59), _CLOSE, ("not_attended",)),
)  # fmt: skip


def _asked_to_close(tale: Tale) -> Tale:
    return tale.event(10, "closed", reason="seen_elsewhere", needs="second_person")


@pytest.mark.parametrize(
    ("remark", "tale", "codes"),
    [
        ("as it was", _asked_to_close(_call()), []),
        ("assessed again since", _asked_to_close(_call()).decision(12), ["newer_decision"]),
        ("a review was opened since", _asked_to_close(_call()).event(12, "review_opened", because="worry"),
         ["review_open"]),
        ("a unit was taken away since", _asked_to_close(_call()).event(12, "diverted"), ["not_reassessed"]),
        ("an outcome, which what it did not see counts above", _call().pending(10, "resolve").decision(12), []),
    ],
)  # fmt: skip
def test_a_closing_that_was_overtaken_cannot_be_authorised(remark: str, tale: Tale, codes: list[str]) -> None:
    asked = next(tale.story.of("closed", "outcome"))
    assert [one.code for one in against_authorising(tale.story, asked)] == codes


@pytest.mark.parametrize("row", [*LOWERING, *REASONS, *RESPONSES], ids=lambda row: row.remark)
def test_an_outcome_is_refused_for_what_stands_against_it(row: Row) -> None:
    found = against_outcome(row.tale.told, _asked(row.tale, row.asked))
    assert tuple(one.code for one in found) == row.codes


@pytest.mark.parametrize("row", CLOSING, ids=lambda row: row.remark)
def test_a_closing_is_refused_for_what_is_left_undone(row: Row) -> None:
    found = against_closing(row.tale.told, _asked(row.tale, row.asked))
    assert tuple(one.code for one in found) == row.codes


@pytest.mark.parametrize("row", [row for row in (*LOWERING, *REASONS, *RESPONSES, *CLOSING) if row.codes],
                         ids=lambda row: row.remark)  # fmt: skip
def test_every_refusal_says_what_to_do_instead(row: Row) -> None:
    against = against_closing if row.asked["outcome"] == "closed" else against_outcome
    assert all(one.says and one.instead for one in against(row.tale.told, _asked(row.tale, row.asked)))


def test_times_are_told_as_clocks_in_the_control_room_show_them() -> None:
    summer = 200 * 24 * 60
    tale = Tale(opened=summer).decision(summer)
    tale = tale.event(summer + 10, "closed", reason="seen_elsewhere", needs="second_person")
    tale = tale.event(summer + 12, "review_opened", because="worry")
    [found] = against_authorising(tale.story, next(tale.story.of("closed")))
    opened = minute(summer + 12)
    assert found.says == f"A review is open since {opened + timedelta(hours=1):%H:%M}."
