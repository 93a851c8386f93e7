"""What is recorded at the same time, or on what is no longer the newest, at a service on the embedded store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from chalicelib.errors import Refused
from chalicelib.incidents.standing import Stands, stands
from chalicelib.records.entry import Entry
from chalicelib.records.envelope import Actor
from chalicelib.records.record import details_of, record_of
from chalicelib.workflows.incident_desk import Doer
from tests.incidents.desks import Desk, a_desk

FIRST, SECOND = (Doer(Actor(pseudonym=name, role="supervisor"), supervisor=True) for name in ("sup-1", "sup-2"))
LOWER: dict[str, Any] = {"act": "request", "grade": "scheduled", "reason": "officer_says"}
AGREE: dict[str, Any] = {"act": "request", "grade": "immediate", "reason": "agreed"}


def _assessed(desk: Desk, *levels: str) -> list[Entry]:
    made = len(desk.raw())
    return [
        desk.assess("one", "in_progress", "call_handler", {"fact": "danger", "value": level, "correction": True},
                    key=f"a{made + place}").entry
        for place, level in enumerate(levels)
    ]  # fmt: skip


def _stands(desk: Desk) -> Stands:
    found = stands(desk.services.stories.story(desk.filed))
    assert found is not None
    return found


@pytest.mark.parametrize("attempt", range(4))
def test_of_two_supervisors_outcomes_at_once_both_are_kept_and_the_higher_stands(attempt: int) -> None:
    desk, ready = a_desk(), Barrier(2)
    newest = _assessed(desk, "violence", "some")[-1].id

    def decide(said: dict[str, Any], doer: Doer) -> Entry:
        ready.wait(10)
        return desk.outcome(newest, said, doer, key=doer.actor.pseudonym).entry

    with ThreadPoolExecutor(2) as pool:
        lowered, agreed = pool.submit(decide, LOWER, FIRST), pool.submit(decide, AGREE, SECOND)
        kept = {"SCHEDULED": lowered.result(), details_of(agreed.result())["national"]: agreed.result()}
    assert {entry.id for entry in kept.values()} <= {entry.id for entry in desk.raw()}
    what = _stands(desk)
    seen = {name for entry in kept.values() for name in details_of(entry)["seen"]}
    if what.fork:
        assert (what.grade, seen) == ("IMMEDIATE", set())
    else:
        [head] = what.heads
        assert {entry.id for entry in kept.values()} == {head.id} | seen
        assert what.grade == head.details["national"]


@pytest.mark.parametrize("reason", [{}, {"reason": "agreed"}], ids=["no reason", "the reason for agreeing"])
def test_whoever_goes_back_up_to_what_the_decision_showed_needs_no_further_reason(reason: dict[str, Any]) -> None:
    desk = a_desk()
    newest = _assessed(desk, "violence", "some")[-1].id
    desk.outcome(newest, LOWER, FIRST, key="lower")
    assert _stands(desk).grade == "SCHEDULED"
    desk.outcome(newest, {"act": "request", "grade": "immediate", **reason}, SECOND, key="back")
    assert _stands(desk).grade == "IMMEDIATE"


def test_outcomes_that_did_not_see_each_other_are_a_fork_until_one_saw_both() -> None:
    desk = a_desk()
    newest = _assessed(desk, "violence", "some")[-1].id
    lowered = desk.outcome(newest, LOWER, FIRST, key="o1").entry
    with desk.trail.without(lowered.id):
        agreed = desk.outcome(newest, AGREE, SECOND, key="o2").entry
    assert _stands(desk).fork
    assert (_stands(desk).grade, [event.id for event in _stands(desk).heads]) == ("IMMEDIATE", [lowered.id, agreed.id])
    [after] = _assessed(desk, "threats")
    assert record_of(after).result.national.standing == "IMMEDIATE"
    desk.outcome(after.id, LOWER, FIRST, key="o3")
    assert (_stands(desk).fork, _stands(desk).grade) == (False, "SCHEDULED")
    assert record_of(_assessed(desk, "none")[-1]).result.national.standing == "SCHEDULED"


def test_what_was_done_on_an_older_decision_does_not_lower_what_was_found_since() -> None:
    desk = a_desk()
    first = _assessed(desk, "some", "violence", "some", "some", "some")[0].id
    desk.outcome(first, {**LOWER, "act": "fact"}, FIRST, key="o1")
    assert _stands(desk).grade == "IMMEDIATE"
    for decision in _assessed(desk, "some", "some"):
        assert record_of(decision).result.national.standing == "IMMEDIATE"


def test_nor_where_the_older_decision_is_still_the_newest_of_its_own_contact() -> None:
    desk = a_desk()
    [first] = _assessed(desk, "some")
    for place, level in enumerate(("violence", "some", "some", "some")):
        said = {"fact": "danger", "value": level, "correction": True}
        desk.assess("two", "in_progress", "call_handler", said, key=f"two{place}")
    desk.outcome(first.id, {**LOWER, "act": "fact"}, FIRST, key="o1")
    assert _stands(desk).grade == "IMMEDIATE"
    assert record_of(_assessed(desk, "some")[-1]).result.national.standing == "IMMEDIATE"


def test_what_is_authorised_late_does_not_lower_what_was_found_meanwhile() -> None:
    desk = a_desk()
    newest = _assessed(desk, "violence", "some")[-1].id
    asked = desk.outcome(newest, {**LOWER, "reason": "found_safe"}, FIRST, key="o1").entry
    _assessed(desk, "threats", "some", "some", "some")
    desk.answer(asked.id, "authorised", SECOND, key="s1")
    assert _stands(desk).grade == "PRIORITY"
    assert record_of(_assessed(desk, "some")[-1]).result.national.standing == "PRIORITY"


def test_a_request_is_refused_and_the_same_as_a_fact_is_recorded_and_marked() -> None:
    desk = a_desk()
    [only] = _assessed(desk, "violence")
    with pytest.raises(Refused) as refused:
        desk.outcome(only.id, LOWER, FIRST, key="o1")
    assert refused.value.code == "not_reassessed"
    assert _stands(desk).grade == "IMMEDIATE"
    done = desk.outcome(only.id, {**LOWER, "act": "fact"}, FIRST, key="o2").entry
    assert details_of(done)["against"] == ["not_reassessed"]
    assert _stands(desk).grade == "SCHEDULED"


def test_a_grade_that_was_set_without_advice_is_recorded_and_stands() -> None:
    desk = a_desk()
    _assessed(desk, "some")
    said = {"kind": "grade_set", "grade": "immediate", "reason": "own_reasons"}
    desk.events([said], FIRST, key="g1")
    assert _stands(desk).grade == "IMMEDIATE"
