"""History at first contact through HTTP: repeat callers, victims and places, and what could not be looked up."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.assessment.call import Call
from chalicelib.errors import StoreFailed
from chalicelib.ports import Trail
from chalicelib.records.entry import Summary
from chalicelib.records.record import record_of
from chalicelib.records.slots import Indexed
from chalicelib.services import Services
from chalicelib.workflows import look_up_history
from chalicelib.workflows.record_entry import place_of_decision
from tests.journeys.calls import FORCE, a_call, reasons
from tests.journeys.people import replay_everything
from tests.journeys.rooms import MovableClock, Room, Stage, embedded, local_tokens, room_of
from tests.prepared import place_store, shortened

NUMBER, OTHER_NUMBER = "+447700900123", "+447700900456"
SWITCHBOARD = "01632 960000"
HOME = "1 Sample Street, Sampleton, SG1 1AA"
DANGER = {"fact": "affects_safety", "value": "yes"}


class OwnTrail:
    """A trail whose look-ups of people and places can be made to fail or to hang, by the slot that is looked in."""

    def __init__(self, trail: Trail) -> None:
        """Take the trail that does everything else."""
        self._trail = trail
        self.failing: frozenset[str] = frozenset()
        self.hanging: frozenset[str] = frozenset()
        self.let_go = threading.Event()
        self.looked_up = 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the trail has
        return getattr(self._trail, name)

    def of_subject(self, force: str, mode: str, indexed: Indexed, since: str, limit: int) -> Sequence[Summary]:
        """As the trail does, or not."""
        self.looked_up += 1
        if indexed.slot in self.failing:
            raise StoreFailed("The trail did not answer.")
        if indexed.slot in self.hanging:
            self.let_go.wait(20)
        return self._trail.of_subject(force, mode, indexed, since, limit)


@contextmanager
def a_stage(folder: Path) -> Iterator[tuple[Stage, OwnTrail]]:
    """A room with such a trail, a clock of its own and the shipped policy in force."""
    place_store(folder, shortened())
    clock = MovableClock()
    services = embedded(folder, clock)
    trail = OwnTrail(services.ports.trail)
    services = Services(services.settings, replace(services.ports, trail=trail))
    with room_of(services, local_tokens(services)) as room:
        yield Stage(room, clock), trail
        trail.let_go.set()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path / "data") as (made, _):
        yield made


def caller(*numbers: str, shared: bool = False) -> dict[str, Any]:
    """Somebody who calls from these numbers."""
    phones = [{"kind": "phone", "value": number} | ({"shared": True} if shared else {}) for number in numbers]
    return {"ref": "C1", "roles": ["caller"], "identifiers": phones}


def at_home(shared: bool = False) -> dict[str, Any]:
    """A place."""
    return {"ref": "P1", "roles": ["other"], "identifiers": [{"kind": "address", "value": HOME, "shared": shared}]}


def victim() -> dict[str, Any]:
    """Somebody whose name is known."""
    return {"ref": "V1", "roles": ["victim"], "identifiers": [{"kind": "name_dob", "value": "Sample|Ada|1980-02-29"}]}


def suspect() -> dict[str, Any]:
    """The same person, accused this time."""
    return {**victim(), "ref": "S1", "roles": ["suspect"]}


def call_of(room: Room, decision: dict[str, Any]) -> Call:
    """What is on record of a decision's call."""
    place = place_of_decision(decision["decision"])
    found = room.services.recorder.find(FORCE, place, decision["decision"])
    assert found is not None
    return record_of(found.entry).call


def counted(room: Room, decision: dict[str, Any]) -> dict[str, object]:
    """What was counted: for each fact the number, `n or more`, or why there is none."""
    found: dict[str, object] = {}
    for one in call_of(room, decision).answers:
        if one.counted:
            said = one.value if one.value is not None else one.absent or f"{one.at_least} or more"
            found[one.fact] = found.get(one.fact, said) if said == one.absent else said
    return found


def related(decision: dict[str, Any]) -> list[str]:
    """The other incidents that may be the same."""
    return [one.get("incident") or one["contact"] for one in decision["advice"].get("related", ())]


def in_incident(reference: str) -> dict[str, Any]:
    """The member of a call that belongs to an incident."""
    return {"incident": {"reference": reference}}


def test_the_third_incident_from_a_number_in_a_day_is_seen_as_such(stage: Stage) -> None:
    room, handler = stage.room, stage.room.handler
    first = handler.decide(a_call(DANGER, contact="K-1", people=[caller(NUMBER)], **in_incident("I-1")))
    assert "history" not in first["advice"]
    assert counted(room, first)["calls_24h"] == 0
    stage.clock.move(hours=20)
    again = handler.decide(a_call(contact="K-1", people=[caller(NUMBER)]))
    of_same = handler.decide(a_call(DANGER, contact="K-1b", people=[caller(NUMBER)], **in_incident("I-1")))
    assert counted(room, again)["calls_24h"] == counted(room, of_same)["calls_24h"] == 0, "its own incident is no other"
    stage.clock.move(minutes=30)
    second = handler.decide(a_call(DANGER, contact="K-2", people=[caller("07700 900123")], **in_incident("I-2")))
    assert counted(room, second)["calls_24h"] == 1, "several decisions of one incident count once"
    assert "repeat_calls_today" not in reasons(second)
    stage.clock.move(hours=3)
    third = handler.decide(a_call(DANGER, contact="K-3", people=[caller(NUMBER)], **in_incident("I-3")))
    assert third["advice"]["history"][0] == (
        "2 earlier incidents from this number in 24 hours, the last graded PRIORITY 3 hours ago; flags: Vulnerable."
    )
    assert "repeat_calls_today" in reasons(third)
    assert "repeat" in third["advice"]["flags"]
    stage.clock.move(days=1)
    fourth = handler.decide(a_call(DANGER, contact="K-4", people=[caller(NUMBER)], **in_incident("I-4")))
    assert counted(room, fourth)["calls_24h"] == 0, "all of them were more than a day ago"
    assert "repeat_calls_today" not in reasons(fourth)
    replay_everything(room.auditor, room.journal)


def test_a_second_call_about_an_open_incident_is_named_though_the_cad_did_not_say_so(stage: Stage) -> None:
    handler = stage.room.handler
    handler.decide(a_call(DANGER, contact="K-1", people=[caller(NUMBER), at_home()], **in_incident("HC-20261123-0417")))
    stage.clock.move(minutes=12)
    neighbour = handler.decide(a_call(DANGER, contact="K-2", people=[caller(OTHER_NUMBER), at_home()]))
    [same] = neighbour["advice"]["related"]
    assert same["says"] == (
        "HC-20261123-0417 may be the same: same place, PRIORITY, 12 minutes ago. Link it or say that it is another."
    )
    assert (same["incident"], same["by"], same["standing"]) == ("HC-20261123-0417", ["address"], "PRIORITY")
    linked = handler.decide(a_call(contact="K-2", people=[at_home()], **in_incident("HC-20261123-0417")))
    assert "related" not in linked["advice"], "it is its own incident now"
    apart = handler.decide(a_call(contact="K-3", people=[at_home()], **in_incident("HC-20261123-0418")))
    assert [one["says"] for one in apart["advice"]["related"]] == [
        "HC-20261123-0417 may be the same: same place, PRIORITY, just now."
    ]
    stage.clock.move(hours=25)
    assert related(handler.decide(a_call(contact="K-4", people=[at_home()]))) == []
    replay_everything(stage.room.auditor, stage.room.journal)


def test_who_was_the_victim_before_is_known_when_accused_today(stage: Stage) -> None:
    handler = stage.room.handler
    handler.decide(a_call(DANGER, contact="K-1", people=[victim()], **in_incident("I-1")))
    accused = handler.decide(a_call(DANGER, contact="K-2", people=[suspect()], **in_incident("I-2")))
    assert accused["advice"]["history"] == [
        "At least 1 earlier incident with the suspect in 12 months, graded PRIORITY just now; flags: Vulnerable."
    ], "the force's own history began less than a year ago"
    assert counted(stage.room, accused) == {"incidents_victim_12m": "1 or more"}
    stage.clock.move(days=10)
    later = handler.decide(a_call(DANGER, contact="K-3", people=[suspect()], **in_incident("I-3")))
    assert counted(stage.room, later) == {"incidents_victim_12m": 2}, "now it covers the whole window"


def test_a_place_that_many_share_is_shown_and_not_counted(stage: Stage) -> None:
    handler = stage.room.handler
    hospital = [caller(SWITCHBOARD, shared=True), at_home(shared=True)]
    for number in range(3):
        told = handler.decide(a_call(DANGER, contact=f"K-{number}", people=hospital, **in_incident(f"I-{number}")))
    assert told["advice"]["history"] == [
        "2 earlier incidents from this number in 12 months: shared by many people, not counted.",
        "2 earlier incidents at this place in 12 months: shared by many people, not counted.",
    ]
    assert counted(stage.room, told) == {}
    assert related(told) == []
    assert "repeat_calls_today" not in reasons(told)
    replay_everything(stage.room.auditor, stage.room.journal)


@pytest.mark.parametrize("source", ["system_check", "history"])
def test_the_cad_s_own_count_stands_beside_ours_and_the_worse_holds(stage: Stage, source: str) -> None:
    handler = stage.room.handler
    higher = {"fact": "calls_24h", "value": 4, "source": source}
    told = handler.decide(a_call(DANGER, higher, contact="K-1", people=[caller(NUMBER)]))
    assert "repeat_calls_today" in reasons(told)
    assert [one["fact"] for one in told["advice"]["conflicts"]] == ["calls_24h"]
    for number in (2, 3):
        lower = {"fact": "calls_24h", "value": 0, "source": source, "correction": True}
        told = handler.decide(a_call(DANGER, lower, contact=f"K-{number}", people=[caller(NUMBER)]))
    assert counted(stage.room, told)["calls_24h"] == 2
    assert "repeat_calls_today" in reasons(told)


def test_what_was_counted_once_holds_when_nobody_is_sent_again(stage: Stage) -> None:
    room, handler = stage.room, stage.room.handler
    for number in (1, 2, 3):
        told = handler.decide(a_call(DANGER, contact=f"K-{number}", people=[caller(NUMBER)]))
    stage.clock.move(hours=23.9)
    later = handler.decide(a_call(contact="K-3", state="completed"))
    assert counted(room, later) == counted(room, told)
    assert "repeat_calls_today" in reasons(later)
    assert "history" not in later["advice"]


def test_modes_and_forces_do_not_see_each_other(stage: Stage) -> None:
    room = stage.room
    room.handler.decide(a_call(DANGER, contact="K-1", people=[caller(NUMBER)]))
    for mode in ("training", "test", "observe"):
        told = room.handler.decide(a_call(DANGER, contact=f"K-{mode}", people=[caller(NUMBER)], mode=mode))
        assert counted(room, told)["calls_24h"] == 0
    watched = room.handler.decide(a_call(DANGER, contact="K-2", people=[caller(NUMBER)], mode="observe"))
    assert counted(room, watched)["calls_24h"] == 1
    assert "advice" not in watched, "nothing of other incidents is shown while nothing is shown"


FAULTY: list[tuple[str, frozenset[str], frozenset[str]]] = [
    ("it fails", frozenset({"caller", "address", "victim", "suspect"}), frozenset()),
    ("it hangs", frozenset(), frozenset({"caller", "address", "victim", "suspect"})),
]
SOON = 1.0
"""Seconds: the deadline, and all else that an assessment does on a machine with much else to do."""


@pytest.mark.parametrize(("failing", "hanging"), [row[1:] for row in FAULTY], ids=[row[0] for row in FAULTY])
def test_without_any_look_up_the_assessment_answers_in_time_and_says_what_it_could_not_see(
    tmp_path: Path, failing: frozenset[str], hanging: frozenset[str]
) -> None:
    with a_stage(tmp_path / "data") as (stage, trail):
        room, handler, people = stage.room, stage.room.handler, [caller(NUMBER), at_home(), victim()]
        handler.decide(a_call(DANGER, contact="K-1", people=people))
        trail.failing, trail.hanging = failing, hanging
        for number in range(2, 8):  # more look-ups than there are threads for them
            began = time.monotonic()
            told = handler.decide(a_call(DANGER, contact=f"K-{number}", people=people))
            assert time.monotonic() - began < SOON
        assert told["advice"]["history"] == [
            f"Earlier incidents {where} could not be looked up; treated as not known."
            for where in ("from this number", "at this place", "with the victim")
        ]
        counts = dict.fromkeys(("calls_24h", "incidents_here_12m", "incidents_victim_12m", "abuse_12m"), "pending")
        assert counted(room, told) == counts
        assert told["advice"]["grade"]["national"] == "PRIORITY"
        trail.failing = trail.hanging = frozenset()
        trail.let_go.set()
        seen = handler.decide(a_call(contact="K-7", people=people))
        assert counted(room, seen)["calls_24h"] == 6
        replay_everything(room.auditor, room.journal)


def test_what_is_pending_is_treated_as_the_policy_treats_what_is_pending(tmp_path: Path) -> None:
    with a_stage(tmp_path / "data") as (stage, trail):
        trail.failing = frozenset({"caller"})
        told = stage.room.handler.decide(a_call(DANGER, contact="K-1", people=[caller(NUMBER)]))
        as_sent = stage.room.handler.decide(
            a_call(DANGER, {"fact": "calls_24h", "absent": "pending", "source": "history"}, contact="K-2")
        )
        assert told["advice"]["grade"] == as_sent["advice"]["grade"]
        assert reasons(told) == reasons(as_sent)


def test_what_only_a_part_of_the_look_ups_has_seen_may_be_more(tmp_path: Path) -> None:
    with a_stage(tmp_path / "data") as (stage, trail):
        room, handler, people = stage.room, stage.room.handler, [caller(NUMBER), at_home(), victim()]
        stage.clock.move(days=30)
        for number in (1, 2):
            handler.decide(a_call(DANGER, contact=f"K-{number}", people=people, **in_incident(f"I-{number}")))
        trail.hanging = frozenset({"suspect"})
        told = handler.decide(a_call(DANGER, contact="K-3", people=people))
        assert counted(room, told) == {
            "calls_24h": 2, "incidents_here_12m": 2, "incidents_victim_12m": "2 or more", "abuse_12m": "pending",
        }  # fmt: skip
        assert told["advice"]["history"][-2:] == [
            "At least 2 earlier incidents with the victim in 12 months, the last graded PRIORITY just now; "
            "flags: Repeat victim or repeat calls, Vulnerable.",
            "Not all earlier incidents with the victim could be looked up; there may be more.",
        ]
        history = call_of(room, told).history
        assert history is not None
        states = [(one.by, one.among, one.state) for one in history.look_ups]
        assert states == [
            ("caller", "caller", "read"), ("address", "address", "read"),
            ("victim", "victim", "read"), ("victim", "suspect", "late"),
        ]  # fmt: skip
        replay_everything(room.auditor, room.journal)


def test_where_nobody_can_be_found_again_nothing_is_looked_up(tmp_path: Path) -> None:
    with a_stage(tmp_path / "data") as (stage, trail):
        nameless = {"ref": "W1", "roles": ["witness"], "identifiers": [{"kind": "name_dob", "value": "A|B|1980-01-01"}]}
        stage.room.handler.decide(a_call(DANGER, contact="K-1"))
        told = stage.room.handler.decide(a_call(DANGER, contact="K-2", people=[nameless]))
        assert trail.looked_up == 0
        assert call_of(stage.room, told).history is None


def test_what_lies_behind_the_most_that_is_read_may_be_more(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look_up_history, "LIMIT", 3)
    for number in range(5):
        told = stage.room.handler.decide(a_call(DANGER, contact=f"K-{number}", people=[caller(NUMBER)]))
        expected: object = number if number < 3 else "3 or more"
        assert counted(stage.room, told)["calls_24h"] == expected
    assert told["advice"]["history"][0].startswith("At least 3 earlier incidents from this number in 24 hours")


def test_who_is_not_looked_up_may_have_called_more_often(stage: Stage) -> None:
    room, handler = stage.room, stage.room.handler
    numbers = [f"+4477009001{place:02}" for place in range(look_up_history.MOST_LOOK_UPS)]
    handler.decide(a_call(DANGER, contact="K-1", people=[caller(numbers[0])], **in_incident("I-1")))
    all_of_them = handler.decide(a_call(contact="K-2", people=[caller(*numbers)]))
    assert counted(room, all_of_them)["calls_24h"] == 1
    too_many = [caller(*numbers), {**caller(OTHER_NUMBER), "ref": "C2"}]
    assert counted(room, handler.decide(a_call(contact="K-4", people=too_many)))["calls_24h"] == "2 or more"
    handler.decide(a_call(contact="K-5", people=[caller(numbers[0])]))
    later = handler.decide(a_call(contact="K-5", people=[{**caller(OTHER_NUMBER), "ref": "C2"}]))
    history = call_of(room, later).history
    assert history is not None
    assert history.left_out == ("caller",), "the number of the first time is not looked up again"
