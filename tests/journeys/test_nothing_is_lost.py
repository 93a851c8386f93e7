"""What was answered once counts for every later decision: after twins, spills, other contacts, other versions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.cli.shipped_policies import put_in_force
from chalicelib.errors import StoreFailed
from chalicelib.model import instant_text
from chalicelib.records.entry import Entry
from chalicelib.services import Services
from chalicelib.storage.sqlite_trail import SqliteTrail
from tests.journeys.calls import SHIPPED, a_call, activate, approved, grade, open_facts, shipped, warned
from tests.journeys.people import Caller
from tests.journeys.rooms import Stage, embedded, local_tokens, room_of

VIOLENCE = {"fact": "dangers_now", "present": ["violence"]}
NOTHING = {"fact": "dangers_now", "value": "none_of_these"}
INCIDENT = {"incident": {"reference": "HC-20261123-0417"}}


def test_a_correction_says_something_about_what_it_names_and_nothing_else(fresh: Stage) -> None:
    handler = fresh.room.handler
    handler.decide(a_call({"fact": "dangers_now", "present": ["violence", "breaking_in"]}, contact="A"))
    told = handler.decide(
        a_call({"fact": "dangers_now", "ruled_out": ["breaking_in"], "correction": True}, contact="A")
    )
    assert grade(told) == "IMMEDIATE"


def test_a_correction_that_says_nothing_corrects_nothing(fresh: Stage) -> None:
    handler = fresh.room.handler
    handler.decide(a_call(VIOLENCE, contact="A"))
    told = handler.decide(a_call({"fact": "dangers_now", "absent": "not_asked", "correction": True}, contact="A"))
    assert grade(told) == "IMMEDIATE"
    assert warned(told)


def test_the_caller_of_another_contact_does_not_correct_the_first_one(fresh: Stage) -> None:
    handler = fresh.room.handler
    handler.decide(a_call(VIOLENCE, contact="A", **INCIDENT))
    told = handler.decide(a_call({**NOTHING, "correction": True}, contact="B", **INCIDENT))
    assert grade(told) == "IMMEDIATE"
    assert told["advice"]["conflicts"], "both stand, and it is shown"


def test_what_one_caller_did_not_know_is_asked_of_the_next(fresh: Stage) -> None:
    handler = fresh.room.handler
    first = handler.decide(a_call(contact="A", **INCIDENT))
    unknown = [{"fact": fact, "absent": "unknown"} for fact in open_facts(first)]
    again = handler.decide(a_call(*unknown, contact="A", **INCIDENT))
    assert not set(open_facts(again)) & {one["fact"] for one in unknown}
    other = handler.decide(a_call(contact="B", **INCIDENT))
    assert set(open_facts(other)) >= {"dangers_now", "concerns"}


def test_a_danger_that_is_said_again_after_a_correction_counts_again(fresh: Stage) -> None:
    handler = fresh.room.handler
    handler.decide(a_call({**VIOLENCE, "source": "victim"}, contact="A"))
    fresh.clock.move(minutes=1)
    calm = handler.decide(a_call({**NOTHING, "source": "officer_at_scene", "correction": True}, contact="A"))
    assert grade(calm) != "IMMEDIATE"
    fresh.clock.move(minutes=20)
    told = handler.decide(a_call({**VIOLENCE, "source": "victim"}, contact="A"))
    assert grade(told) == "IMMEDIATE"


def test_nothing_is_said_in_the_future(fresh: Stage) -> None:
    handler = fresh.room.handler
    told = handler.decide(a_call({**NOTHING, "correction": True, "at": "2062-01-01T00:00:00Z"}, contact="A"))
    assert ("future", "/answers/0/at") in warned(told)
    fresh.clock.move(minutes=1)
    assert grade(handler.decide(a_call(VIOLENCE, contact="A"))) == "IMMEDIATE"


def test_a_post_that_leaves_the_incident_out_still_belongs_to_it(fresh: Stage) -> None:
    handler = fresh.room.handler
    handler.decide(a_call(contact="A", **INCIDENT))
    inherited = handler.decide(a_call(VIOLENCE, contact="A"))
    assert inherited["incident"] == "HC-20261123-0417"
    assert grade(handler.decide(a_call(contact="B", **INCIDENT))) == "IMMEDIATE"


def test_decisions_that_did_not_see_each_other_are_joined_however_many_they_are(fresh: Stage) -> None:
    handler = fresh.room.handler
    calls = [a_call(*([VIOLENCE] if number == 0 else []), contact=f"C{number}", **INCIDENT) for number in range(9)]
    with ThreadPoolExecutor(9) as threads:
        list(threads.map(handler.decide, calls))
    last = handler.decide(a_call(contact="LAST", **INCIDENT))
    assert (grade(last), last["advice"]["grade"]["standing"]) == ("IMMEDIATE", "IMMEDIATE")


def test_answers_outlive_the_version_that_asked_for_them(fresh: Stage) -> None:
    handler, owner, approver = fresh.room.handler, fresh.room.owner, fresh.room.approver
    handler.decide(a_call({"fact": "where", "value": "approximate"}, VIOLENCE, contact="A", **INCIDENT))
    other = shipped().replaced('"approximate"', '"roughly"').labelled("2026.9")
    start = instant_text(fresh.clock() + timedelta(minutes=2))
    activate(approver, approved(owner, approver, other), start=start).granted()
    fresh.clock.move(minutes=5)
    told = handler.decide(a_call(contact="B", **INCIDENT))
    assert any(code == "earlier_answer_not_in_policy" for code, _ in warned(told))
    assert "where" in open_facts(told), "an option that is gone has to be asked for again"


class FlakyTrail(SqliteTrail):
    """A trail that can be told not to answer."""

    down = False

    def append(self, entry: Entry) -> Entry | None:
        self._answer()
        return super().append(entry)

    def get(self, *where: Any) -> Entry | None:  # noqa: ANN401  # passed on as it comes
        self._answer()
        return super().get(*where)

    def newest(self, *what: Any) -> Any:  # noqa: ANN401  # passed on as it comes
        self._answer()
        return super().newest(*what)

    def _answer(self) -> None:
        if self.down:
            raise StoreFailed("The trail did not answer.")


def test_a_spill_that_comes_back_late_counts_for_everything_after_it(tmp_path: Path) -> None:
    made = embedded(tmp_path)
    trail = FlakyTrail(tmp_path / "trail.sqlite")
    services = Services(made.settings, replace(made.ports, trail=trail))
    put_in_force(services, SHIPPED)
    with room_of(services, local_tokens(services)) as room:
        handler: Caller = room.handler
        handler.decide(a_call(contact="WARM"))
        trail.down = True
        assert grade(handler.decide(a_call(VIOLENCE, contact="A", **INCIDENT))) == "IMMEDIATE"
        trail.down = False
        for _ in range(4):
            handler.decide(a_call(contact="A", **INCIDENT))
        assert services.drain().brought_back == 1
        for contact in ("A", "A", "A", "A", "B"):
            told = handler.decide(a_call(contact=contact, **INCIDENT))
            assert (grade(told), told["advice"]["grade"]["standing"]) == ("IMMEDIATE", "IMMEDIATE")
        assert services.drain().brought_back == 0


@pytest.mark.parametrize("name", ["Jane Smith 07700900123", "07700900123"])
def test_a_members_name_is_not_repeated_in_the_record(fresh: Stage, name: str) -> None:
    told = fresh.room.handler.decide(a_call({"fact": "dangers_now", "value": "none_of_these", name: 1}, contact="A"))
    assert [where for _, where in warned(told)] == ["/answers/0"]


def test_saying_the_same_over_and_over_does_not_make_a_record_grow(fresh: Stage) -> None:
    there, gone = {"present": ["violence"]}, {"ruled_out": ["violence"]}
    answers = [
        {
            "fact": "dangers_now",
            "at": f"2026-11-20T01:{number // 60:02}:{number % 60:02}Z",
            **(there if number % 2 else gone),
        }
        for number in range(390)
    ]
    told = fresh.room.handler.decide(a_call(*answers, contact="A"))
    assert grade(told) == "IMMEDIATE"
    (conflict,) = told["advice"]["conflicts"]
    assert len(conflict["words"]) < 120, "each side once"
