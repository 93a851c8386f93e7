"""What time does to an incident, by P21 to P25 of the policies, and what the record keeps: of outcomes that did not see
each other, of requests that come twice or stop half-way, of other forces and of training, and of words.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from chalicelib.errors import StoreFailed
from chalicelib.records.entry import Entry, Place, Shelf
from chalicelib.services import Services
from chalicelib.storage.folder_objects import FolderObjects
from chalicelib.storage.sqlite_trail import SqliteTrail
from tests import prepared
from tests.journeys.incident_room import DISPATCHER, INSPECTOR, SERGEANT, Tale, Worker, refused
from tests.journeys.people import Answer, new_key
from tests.journeys.rooms import MovableClock, Stage, embedded, local_tokens, room_of
from tests.prepared import place_store

VIOLENCE = {"fact": "dangers_now", "present": ["violence"]}
DISTRESS = {"fact": "call_signs", "present": ["extreme_distress"]}
KNOWN = {"fact": "where", "value": "known"}


class WaitingTrail(SqliteTrail):
    """The embedded trail. When told to, it shows no events, as it does to those who read before any is written, or
    stops taking entries after some."""

    blind = False
    takes: int | None = None

    def events(self, force: str, place: Place) -> Sequence[Entry]:
        return [] if self.blind else super().events(force, place)

    def append(self, entry: Entry) -> Entry | None:
        if self.takes is not None:
            if self.takes == 0:
                raise StoreFailed("The trail did not answer.")
            self.takes -= 1
        return super().append(entry)


class FailingSpill(FolderObjects):
    """A spill that takes nothing while it fails."""

    fails = False

    def create(self, name: str, data: bytes) -> bool:
        if self.fails:
            raise StoreFailed("The spill did not answer.")
        return super().create(name, data)


class Stores(NamedTuple):
    """A stage, and the stores behind it."""

    stage: Stage
    trail: WaitingTrail
    spill: FailingSpill


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """One room for all; each test has an incident of its own."""
    folder, clock = tmp_path_factory.mktemp("record") / "data", MovableClock()
    place_store(folder, prepared.shortened())
    made = embedded(folder, clock)
    trail, spill = WaitingTrail(folder / "trail.sqlite"), FailingSpill(folder / "spilled")
    services = Services(made.settings, replace(made.ports, trail=trail, spill=spill))
    with room_of(services, local_tokens(services)) as room:
        yield Stores(Stage(room, clock), trail, spill)


@pytest.fixture
def tale(stores: Stores) -> Tale:
    """A new incident."""
    return Tale(stores.stage.room, stores.stage.clock)


class Wait(NamedTuple):
    """What becomes due when nothing happens."""

    case: str
    answer: dict[str, Any]
    grade: str
    before: float
    """Minutes after which it is not due yet."""
    after: float
    item: str
    owed_by: str
    severity: str
    until: dict[str, Any]
    """The event that ends it."""


WAITS = [
    Wait("P21: GRADE 2 unallocated for 40 minutes goes to the sergeant", DISTRESS, "PRIORITY", 39, 40,
         "priority_to_sergeant", "dispatcher", "act", {"kind": "assigned", "unit": "HC21"}),
    Wait("P22: GRADE 1 unallocated goes to the inspector at once", VIOLENCE, "IMMEDIATE", -1, 0,
         "immediate_to_inspector", "dispatcher", "act", {"kind": "dispatched", "unit": "HC21"}),
    Wait("P23: prompt and unallocated for 45 minutes is reviewed by a supervisor", DISTRESS, "PRIORITY", 44, 45,
         "priority_supervisor_review", "supervisor", "act", {"kind": "review_done", "result": "as_it_was"}),
    Wait("P24: open for three and a half hours is assessed again", DISTRESS, "PRIORITY", 209, 210,
         "open_reassess", "dispatcher", "act", {"kind": "attended", "unit": "HC21"}),
    Wait("P24: also one that is scheduled, without an appointment", KNOWN, "SCHEDULED", 209, 210,
         "scheduled_reassess", "dispatcher", "watch", {"kind": "assigned", "appointment_at": "2026-12-24T09:00:00Z"}),
    Wait("IMMEDIATE and nobody there: assessed again every 15 minutes", VIOLENCE, "IMMEDIATE", 14, 15,
         "immediate_reassess", "dispatcher", "act", {"kind": "attended", "unit": "HC21"}),
    Wait("PRIORITY past its hour: assessed again", DISTRESS, "PRIORITY", 59, 60,
         "priority_reassess", "dispatcher", "act", {"kind": "attended", "unit": "HC21"}),
]  # fmt: skip


@pytest.mark.parametrize("wait", WAITS, ids=[wait.case for wait in WAITS])
def test_what_waits_becomes_due(tale: Tale, wait: Wait) -> None:
    tale.assess(wait.answer)
    assert tale.stands == wait.grade
    if wait.before >= 0:
        tale.clock.move(minutes=wait.before)
        assert wait.item not in tale.due()
    tale.clock.move(minutes=wait.after - max(wait.before, 0))
    item = tale.items()[wait.item]
    assert (item["owed_by"], item["severity"]) == (wait.owed_by, wait.severity)
    assert (item["overdue_minutes"], wait.item in tale.due()) == (0, True)
    # Nothing but the event ends it: not that a unit is short, nor that somebody asks for less.
    decision = tale.told()["decisions"][-1]
    if wait.grade != "SCHEDULED":
        assert "reason_refused" in refused(tale.decide(decision, grade="resolve", reason="no_units"))
        assert "reason_refused" in refused(tale.close("no_units"))
    tale.did("attendance_delayed", because="no_unit", by=DISPATCHER)
    assert wait.item in tale.due()
    tale.did(by=SERGEANT if wait.until["kind"] == "review_done" else DISPATCHER, **wait.until)
    assert wait.item not in tale.items()


def test_an_incident_whose_opening_is_not_told_is_still_looked_at_again(tale: Tale) -> None:
    call = tale.call(DISTRESS)
    tale.caller(DISPATCHER).decide({**call, "incident": {"reference": tale.reference}})
    tale.clock.move(minutes=209)
    assert "open_reassess" not in tale.due()
    tale.clock.move(minutes=1)
    assert "open_reassess" in tale.due()


def test_p25_a_downgrade_for_want_of_units_is_refused_and_what_to_do_instead_works(tale: Tale) -> None:
    decision = tale.assess(DISTRESS)
    answer = tale.decide(decision, grade="scheduled", reason="no_units", by=DISPATCHER)
    assert refused(answer) == ["reason_refused", "not_reassessed"]
    first, second = answer.json()["obstacles"]
    assert first["instead"] == "Record instead: attendance_delayed."
    assert "keep them safe and tell the caller" in first["says"]
    assert "assess again" in second["instead"]
    # Doing as it says keeps the grade, and makes a re-assessment, safeguarding and telling the caller due.
    tale.did("caller_told", that="police_come")
    tale.did("advice_given", duties=["safeguarding_advice"])
    tale.did("attendance_delayed", because="no_unit", expected_at=tale.ahead(hours=2), by=DISPATCHER)
    assert tale.stands == "PRIORITY"
    assert {"reassess:attendance_delayed", "delayed_reassess", "tell_caller", "safeguarding_advice"} <= tale.due()
    again = tale.assess({"fact": "call_signs", "ruled_out": ["extreme_distress"], "correction": True}, KNOWN,
                        by=DISPATCHER)  # fmt: skip
    # The reason stays no ground, also after a re-assessment that found less.
    assert refused(tale.decide(again, grade="scheduled", reason="no_units", by=DISPATCHER)) == ["reason_refused"]
    asked = tale.decide(
        again, grade="scheduled", reason="danger_is_over", words="Calm now, a friend is there.", by=DISPATCHER
    ).granted()
    assert (asked["needs"], tale.stands) == ("second_person", "PRIORITY")
    tale.answer(asked["event"]["id"], "authorised").granted()
    told = tale.told()
    assert told["standing"] == "SCHEDULED"
    assert [event["kind"] for event in told["events"]] == [
        "outcome_refused", "caller_told", "advice_given", "attendance_delayed", "outcome_refused", "outcome",
        "outcome_authorised",
    ]  # fmt: skip
    assert "tell_caller" in tale.due()


def test_a_change_of_shift_asks_for_everything_that_is_past_its_target_again(tale: Tale) -> None:
    tale.assess(VIOLENCE)
    tale.clock.move(minutes=30)
    tale.did("assigned", unit="HC21", by=DISPATCHER)
    assert "shift_change" not in tale.items()
    tale.did("transferred", to="next_shift", by=DISPATCHER)
    assert {"shift_change", "reassess:transferred"} <= tale.due()
    tale.assess(by=Worker("di-2301", "dispatcher"))
    assert "reassess:transferred" not in tale.items()
    tale.did("dispatched", unit="HC21", by=DISPATCHER)
    assert "shift_change" not in tale.items()


def test_two_supervisors_who_did_not_see_each_other_are_both_kept_and_the_higher_stands(
    tale: Tale, stores: Stores
) -> None:
    tale.assess(VIOLENCE)
    decision = tale.assess(KNOWN)
    words = {"reason": "danger_is_over", "words": "Both are out of the house.", "act": "fact"}

    def lower(worker: Worker, to: str) -> Answer:
        return tale.decide(decision, by=worker, grade=to, **words)

    stores.trail.blind = True
    with ThreadPoolExecutor(2) as pool:
        found = [pool.submit(lower, *pair) for pair in ((SERGEANT, "priority"), (INSPECTOR, "resolve"))]
        outcomes = [one.result() for one in found]
    stores.trail.blind = False
    assert [one.status for one in outcomes] == [201, 201]
    assert [one.json()["decision"] for one in outcomes] == [decision["decision"]] * 2
    assert [one.json()["seen"] for one in outcomes] == [[], []]
    told = tale.told()
    assert (told["fork"], told["standing"], tale.kinds()) == (True, "PRIORITY", ["outcome", "outcome"])
    assert "fork:outcome" in tale.due()
    assert "fork" in refused(tale.close("attended_and_done"))
    # The next assessment knows of both, and of what stands.
    third = tale.assess({"fact": "call_signs", "value": "none_of_these"})
    assert third["advice"]["grade"]["standing"] == "IMMEDIATE"
    resolved = tale.decide(third, grade="immediate", by=SERGEANT).granted()
    assert set(resolved["seen"]) == {one.json()["event"]["id"] for one in outcomes}
    told = tale.told()
    assert ("fork" in told, told["standing"]) == (False, "IMMEDIATE")
    assert "fork:outcome" not in tale.items()


Act = Callable[[Tale, dict[str, Any], str, str], Answer]
TWICE: list[tuple[str, Act]] = [
    ("an outcome", lambda tale, decision, key, reason: tale.decide(
        decision, key=key, grade="immediate", reason=reason, words="I heard it.")),
    ("a refusal", lambda tale, decision, key, reason: tale.decide(
        decision, key=key, grade="resolve", reason="no_units", words=reason)),
    ("events", lambda tale, decision, key, reason: tale.happens(
        {"kind": "callback", "reached": "no_answer"}, {"kind": "review_opened", "because": reason}, key=key)),
]  # fmt: skip


@pytest.mark.parametrize("act", [row[1] for row in TWICE], ids=[row[0] for row in TWICE])
def test_the_same_request_twice_is_on_record_once_and_answered_with_the_same_bytes(tale: Tale, act: Act) -> None:
    decision, key = tale.assess(DISTRESS), new_key()
    first = act(tale, decision, key, "something_new")
    kinds = tale.kinds()
    tale.clock.move(hours=2)
    tale.assess(VIOLENCE)
    again = act(tale, decision, key, "something_new")
    assert tale.kinds() == kinds
    if first.status == 409:
        assert (again.status, _without_instance(again)) == (409, _without_instance(first))
    else:
        assert (first.status, again.status, again.body) == (201, 200, first.body)
        assert again.headers["idempotent-replayed"] == "true"
    act(tale, decision, key, "strong_reasons").problem(422, "idempotency_mismatch")
    assert tale.kinds() == kinds


def _without_instance(answer: Answer) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name != "instance"}


BATCH = (
    {"kind": "callback", "reached": "no_answer"},
    {"kind": "closed", "act": "fact", "reason": "agency_was_there", "words": "They are with her."},
    {"kind": "review_opened", "because": "closed_early"},
)


@pytest.mark.parametrize("taken", range(4))
def test_events_that_were_broken_off_half_way_are_completed_by_the_same_request(
    tale: Tale, stores: Stores, taken: int
) -> None:
    tale.assess(DISTRESS)
    key = new_key()
    stores.trail.takes, stores.spill.fails = taken, True
    broken = tale.happens(*BATCH, key=key)
    stores.trail.takes, stores.spill.fails = None, False
    assert broken.status == 503
    half = tale.kinds()
    assert len(half) < len(BATCH)
    if half:
        tale.happens(*BATCH[:2], key=key).problem(422, "idempotency_mismatch")
    done = tale.happens(*BATCH, key=key)
    again = tale.happens(*BATCH, key=key)
    assert (done.status, again.status, again.body) == (201, 200, done.body)
    assert tale.kinds() == ["callback", "closed", "review_opened"]


def test_another_forces_decisions_and_incidents_do_not_exist(tale: Tale) -> None:
    decision = tale.assess(VIOLENCE)
    waiting = tale.decide(
        tale.assess(KNOWN), grade="scheduled", reason="victim_found_safe", words="Seen alone."
    ).granted()["event"]["id"]
    other = tale.room.caller("control_room", "supervisor", subject="bd-1", force="bedfordshire")
    actor = SERGEANT.actor
    outcome, closing = {"actor": actor, "act": "request"}, {"kind": "closed", "act": "fact", "reason": "no_answer"}
    answer = {"actor": actor, "answer": "authorised", "incident": tale.reference}
    for strange in (
        other.post(f"/v1/decisions/{decision['decision']}/outcomes", outcome),
        other.post(f"/v1/incidents/{tale.reference}/events", {"actor": actor, "events": [closing]}),
        other.post(f"/v1/outcomes/{waiting}/authorise", answer),
        other.get(f"/v1/incidents/{tale.reference}"),
    ):
        strange.problem(404, "not_found")
    told = tale.told()
    assert (told["standing"], told["waiting"], tale.kinds()) == ("IMMEDIATE", [waiting], ["outcome"])


def test_training_is_apart_from_what_is_live_also_under_the_same_reference(tale: Tale) -> None:
    taught = Tale(tale.room, tale.clock, mode="training", reference=tale.reference)
    tale.assess(VIOLENCE)
    lesson = taught.assess(DISTRESS)
    taught.decide(lesson, act="fact", grade="resolve", reason="no_units", by=SERGEANT).granted()
    taught.close("no_answer", act="fact").granted()
    assert (taught.stands, taught.kinds()) == ("RESOLVE", ["outcome", "closed"])
    assert (tale.stands, tale.kinds()) == ("IMMEDIATE", [])
    assert "closed_at" not in tale.told()
    assert tale.assess(KNOWN)["advice"]["grade"]["standing"] == "IMMEDIATE"


def test_the_handlers_own_view_before_the_advice_is_on_record_beside_it(tale: Tale) -> None:
    decision = tale.assess(DISTRESS)
    view = {"before_advice": True, "levels": {"threat": "low", "vulnerability": "high"}}
    kept = tale.decide(decision, view=view).granted()
    assert (kept["outcome"], kept["view"], kept["recommended"]) == ("set", view, "PRIORITY")
    assert tale.last("outcome")["view"] == view
    higher = tale.decide(decision, view=view, grade="immediate", reason="strong_reasons", words="Her voice.").granted()
    assert (higher["outcome"], tale.stands) == ("raised", "IMMEDIATE")
    wrong = {"before_advice": True, "levels": {"threat": "awful"}}
    assert tale.decide(decision, view=wrong).status == 422


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """Everything that is logged, with all that comes with it."""
    found: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(repr(record.__dict__))

    loggers, keep = (logging.getLogger("thriives.lines"), logging.getLogger()), Keep()
    caplog.set_level(logging.DEBUG, logger="thriives.lines")
    for logger in loggers:
        logger.addHandler(keep)
    yield found
    for logger in loggers:
        logger.removeHandler(keep)


def test_words_are_an_item_of_their_own_and_are_in_no_answer_and_no_log(
    tale: Tale, stores: Stores, lines: list[str]
) -> None:
    said = "The neighbour at number nine heard it through the wall."
    tale.assess(VIOLENCE)
    second = tale.assess(KNOWN)
    asked = tale.decide(second, grade="scheduled", reason="victim_found_safe", words=said)
    fact = tale.close("agency_was_there", act="fact", words=said)
    refusal = tale.decide(second, grade="scheduled", reason="no_units", words=said)
    wrong = tale.decide(second, grade="scheduled", reason="no_units", words=said, act="perhaps")
    assert [one.status for one in (asked, fact, refusal, wrong)] == [201, 201, 409, 422]
    texts = [asked.body, fact.body, refusal.body, wrong.body, json.dumps(tale.told()).encode()]
    assert not any(b"neighbour" in text for text in texts)
    assert len(lines) >= len(texts)
    assert not any("neighbour" in line for line in lines)
    entries = stores.trail.events("hertfordshire", Place(Shelf.INCIDENT, tale.reference))
    holding = [entry for entry in entries if said in repr(entry)]
    words = {asked.json()["words"], fact.json()["events"][0]["details"]["words"]}
    assert {entry.id for entry in holding} == words
    assert len({entry.secret for entry in entries}) == len(entries)
