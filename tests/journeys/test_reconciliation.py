"""The nightly reconciliation through HTTP: which of a day's incidents were never assessed, and what was recorded."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.journeys.calls import VIOLENCE_HERE, a_call
from tests.journeys.people import Answer, new_key
from tests.journeys.rooms import STRANGERS, MovableClock, Room, Stage, embedded_room

PATH = "/v1/reconciliations"
MIDDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def stage(fresh: Stage) -> Stage:
    """A room of its own, at midday of 23 November."""
    move_to(fresh, MIDDAY)
    return fresh


def move_to(stage: Stage, at: datetime) -> None:
    stage.clock.move(seconds=(at - stage.clock()).total_seconds())


def night_after(stage: Stage, day: int = 24) -> None:
    move_to(stage, datetime(2026, 11, day, 2, 30, tzinfo=UTC))


def decide(room: Room, incident: str | None, contact: str, *answers: dict[str, Any], **changes: object) -> str:
    """Assess a contact, of an incident if one is named; the decision."""
    named = {"incident": {"reference": incident}} if incident else {}
    found: str = room.handler.decide(a_call(*answers, contact=contact, **named, **changes))["decision"]
    return found


def sent(*incidents: str | dict[str, Any], day: str = "2026-11-23", **changes: object) -> dict[str, Any]:
    listed = [{"reference": one} if isinstance(one, str) else one for one in incidents]
    return {"day": day, "incidents": listed, **changes}


def reconcile(
    stage: Stage, *incidents: str | dict[str, Any], day: str = "2026-11-23", **changes: object
) -> dict[str, Any]:
    return stage.room.handler.post(PATH, sent(*incidents, day=day, **changes)).granted()


def test_a_day_tells_which_incidents_were_never_assessed_and_which_are_not_in_the_cad(stage: Stage) -> None:
    decide(stage.room, "assessed", "c-1")
    decide(stage.room, None, "c-2")
    decide(stage.room, "wr0ng", "c-3")
    decide(stage.room, "stranger", "c-4")
    for mode in ("observe", "training", "test"):
        decide(stage.room, "never-live", f"c-{mode}", mode=mode)
    night_after(stage)
    incidents = (
        {"reference": "assessed", "opened_at": "2026-11-23T12:00:30Z", "contacts": ["c-1"]},
        {"reference": "before-it-was-opened", "contacts": ["c-other", "c-2"]},
        {"reference": "wrong", "contacts": ["c-3"]},
        {"reference": "never-live", "contacts": ["c-observe", "c-training", "c-test"]},
        "never-at-all",
    )
    found = reconcile(stage, *incidents)
    assert found["never_assessed"] == ["never-live", "never-at-all"]
    assert found["contact_only"] == [{"reference": "before-it-was-opened", "contact": "c-2"}]
    assert found["under_another"] == [{"reference": "wrong", "contact": "c-3", "incident": "wr0ng"}]
    assert found["not_in_cad"] == ["stranger", "wr0ng"]
    assert found["coverage"] == {"numerator": 3, "denominator": 5}
    assert found["counts"] == {
        "sent": 5, "assessed": 1, "contact_only": 1, "under_another": 1, "never_assessed": 2, "graded_otherwise": 0,
        "not_in_cad": 2,
    }  # fmt: skip
    assert found["as_of"].startswith("2026-11-24T02:30:0")


def test_an_incident_that_was_dealt_with_at_another_grade_than_stands_is_named(stage: Stage) -> None:
    decide(stage.room, "lower", "c-1", *VIOLENCE_HERE)
    decide(stage.room, "as-it-stands", "c-2", *VIOLENCE_HERE)
    decide(stage.room, "higher", "c-3")
    decide(stage.room, None, "c-4", *VIOLENCE_HERE)
    night_after(stage)
    found = reconcile(
        stage,
        {"reference": "lower", "grade": "PRIORITY"},
        {"reference": "as-it-stands", "grade": "IMMEDIATE"},
        {"reference": "higher", "grade": "IMMEDIATE"},
        {"reference": "by-contact", "grade": "RESOLVE", "contacts": ["c-4"]},
        {"reference": "never", "grade": "RESOLVE"},
    )
    assert found["graded_otherwise"] == [
        {"reference": "lower", "cad": "PRIORITY", "standing": "IMMEDIATE"},
        {"reference": "higher", "cad": "IMMEDIATE", "standing": "SCHEDULED"},
        {"reference": "by-contact", "cad": "RESOLVE", "standing": "IMMEDIATE"},
    ]


def test_what_belongs_to_the_day_before_is_no_stranger(stage: Stage) -> None:
    decide(stage.room, "open-for-days", "c-1")
    decide(stage.room, "late", "c-2", started_at="2026-11-23T23:58:00Z")
    night_after(stage)
    reconcile(stage, "open-for-days", "late", "opened-before-midnight")
    decide(stage.room, "open-for-days", "c-1")
    decide(stage.room, "opened-before-midnight", "c-3")
    decide(stage.room, "new", "c-4")
    night_after(stage, 25)
    assert reconcile(stage, day="2026-11-24")["not_in_cad"] == ["new"]


def test_the_newest_decision_of_a_contact_says_where_it_belongs(stage: Stage) -> None:
    decide(stage.room, None, "c-1")
    stage.clock.move(hours=4)
    decide(stage.room, "put-to-another", "c-1")
    night_after(stage)
    found = reconcile(stage, {"reference": "opened", "contacts": ["c-1"]}, "put-to-another")
    assert (found["contact_only"], found["coverage"]) == ([], {"numerator": 2, "denominator": 2})
    assert found["under_another"] == [{"reference": "opened", "contact": "c-1", "incident": "put-to-another"}]


def test_a_day_can_come_in_several_requests(stage: Stage) -> None:
    for name in ("a", "b", "c"):
        decide(stage.room, name, f"c-{name}")
    night_after(stage)
    first = reconcile(stage, "a", "x")
    assert (first["not_in_cad"], first["coverage"]) == (["b", "c"], {"numerator": 1, "denominator": 2})
    assert reconcile(stage, "a", "b", "c", mode="test")["not_in_cad"] == []
    second = reconcile(stage, "b")
    assert (second["not_in_cad"], second["coverage"]) == (["c"], {"numerator": 1, "denominator": 1})
    assert reconcile(stage, "c")["not_in_cad"] == []


def test_an_incident_that_was_assessed_days_later_counts_and_is_found_by_itself(stage: Stage) -> None:
    night_after(stage, 26)
    decide(stage.room, "late", "c-1", *VIOLENCE_HERE)
    decide(stage.room, None, "c-2")
    found = reconcile(stage, {"reference": "late", "grade": "RESOLVE"}, {"reference": "x", "contacts": ["c-2"]})
    assert (found["never_assessed"], found["coverage"]) == ([], {"numerator": 2, "denominator": 2})
    assert found["graded_otherwise"] == [{"reference": "late", "cad": "RESOLVE", "standing": "IMMEDIATE"}]
    assert found["not_in_cad"] == [], "it was recorded on another day"


def repeated(room: Room, body: object, key: str) -> Answer:
    return room.handler.post(PATH, body, key=key)


def test_the_same_request_again_gets_the_same_bytes_whatever_has_happened_since(stage: Stage) -> None:
    night_after(stage)
    key, body = new_key(), sent("a", "b")
    first = repeated(stage.room, body, key)
    decide(stage.room, "a", "c-1")
    again = repeated(stage.room, body, key)
    assert [first.status, again.status, again.body] == [201, 200, first.body]
    assert again.headers["idempotent-replayed"] == "true"
    assert reconcile(stage, "a", "b")["never_assessed"] == ["b"]


OTHERS: list[tuple[dict[str, Any], str]] = [
    (sent("a"), "one incident less"),
    (sent("a", "b", day="2026-11-22"), "another day"),
    (sent("a", {"reference": "b", "grade": "PRIORITY"}), "a grade more"),
    (sent("a", "b", mode="test"), "another purpose"),
]


def test_of_two_at_once_both_get_the_answer_of_the_first(stage: Stage) -> None:
    night_after(stage)
    key, body = new_key(), sent("a", "b")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: repeated(stage.room, body, key), range(4)))
    assert {one.body for one in answers} == {answers[0].body}
    assert {one.status for one in answers} <= {200, 201}
    assert len(stage.room.services.ports.policies.names("reconciliations/hertfordshire/2026-11-23/")) == 1


@pytest.mark.parametrize("other", [row for row, _ in OTHERS], ids=[remark for _, remark in OTHERS])
def test_another_body_under_a_used_key_is_refused(stage: Stage, other: dict[str, Any]) -> None:
    night_after(stage)
    key = new_key()
    assert repeated(stage.room, sent("a", "b"), key).status == 201
    repeated(stage.room, other, key).problem(422, "idempotency_mismatch")


def test_what_was_kept_is_one_object_of_the_day_with_all_that_was_sent(stage: Stage) -> None:
    night_after(stage)
    answered = reconcile(stage, "a", "b", actor={"pseudonym": "nightly", "role": "service"})
    objects = stage.room.services.ports.policies
    [name] = objects.names("reconciliations/hertfordshire/2026-11-23/")
    stored = objects.get(name)
    assert stored is not None
    [kept] = stage.room.services.reconciler.kept.of_day("hertfordshire", MIDDAY.date())
    assert kept.sent == ("a", "b")
    assert kept.actor is not None
    assert (kept.actor.pseudonym, kept.actor.client, kept.asked_by) == ("nightly", "cad-01", "cad-service")
    assert kept.answer.counts.model_dump() == answered["counts"]
    assert not objects.create(name, b"another")


CLOCKS = [
    # day, first moment, last moment, hours; remark
    ("2026-03-29", "2026-03-29T00:00:00Z", "2026-03-29T22:59:59Z", "the clocks go forward: 23 hours"),
    ("2026-10-25", "2026-10-24T23:00:00Z", "2026-10-25T23:59:59Z", "the clocks go back: 25 hours"),
    ("2026-07-01", "2026-06-30T23:00:00Z", "2026-07-01T22:59:59Z", "a day of summer time"),
    ("2026-11-23", "2026-11-23T00:00:00Z", "2026-11-23T23:59:59Z", "a day of winter time"),
    ("2026-10-25", "2026-10-25T01:30:00+01:00", "2026-10-25T01:30:00+00:00", "both of the hours that come twice"),
]


@pytest.mark.parametrize(("day", "first", "last"), [row[:3] for row in CLOCKS], ids=[row[3] for row in CLOCKS])
def test_a_day_is_that_of_clocks_in_london(stage: Stage, day: str, first: str, last: str) -> None:
    night_after(stage)
    opened = [{"reference": "a", "opened_at": first}, {"reference": "b", "opened_at": last}]
    assert reconcile(stage, *opened, day=day)["counts"]["sent"] == 2


OUTSIDE = [
    ("2026-03-29", "2026-03-28T23:59:59Z", "2026-03-29T23:00:00Z", "the clocks go forward"),
    ("2026-10-25", "2026-10-24T22:59:59Z", "2026-10-26T00:00:00Z", "the clocks go back"),
    ("2026-07-01", "2026-06-30T22:59:59Z", "2026-07-01T23:00:00Z", "a day of summer time"),
]


@pytest.mark.parametrize(("day", "before", "after"), [row[:3] for row in OUTSIDE], ids=[row[3] for row in OUTSIDE])
def test_an_incident_of_another_day_is_refused_by_its_place(stage: Stage, day: str, before: str, after: str) -> None:
    night_after(stage)
    body = sent({"reference": "a", "opened_at": before}, {"reference": "b", "opened_at": after}, day=day)
    errors = stage.room.handler.post(PATH, body).problem(422, "invalid")["errors"]
    assert [(one["code"], one["pointer"]) for one in errors] == [
        ("other_day", "/incidents/0/opened_at"),
        ("other_day", "/incidents/1/opened_at"),
    ]


RECORDED = [
    (datetime(2026, 10, 24, 22, 30, tzinfo=UTC), [], "before midnight"),
    (datetime(2026, 10, 24, 23, 30, tzinfo=UTC), ["x"], "after midnight, in summer time"),
    (datetime(2026, 10, 25, 23, 30, tzinfo=UTC), ["x"], "in the 25th hour"),
    (datetime(2026, 10, 26, 0, 30, tzinfo=UTC), [], "after the next midnight"),
]


@pytest.mark.parametrize(("at", "strangers"), [row[:2] for row in RECORDED], ids=[remark for *_, remark in RECORDED])
def test_what_was_recorded_on_a_day_of_25_hours(
    tmp_path_factory: pytest.TempPathFactory, at: datetime, strangers: list[str]
) -> None:
    clock = MovableClock(at)
    with embedded_room(tmp_path_factory.mktemp("october"), clock) as room:
        decide(room, "x", "c-1", started_at="2026-10-24T20:00:00Z")
        move_to(Stage(room, clock), datetime(2026, 10, 26, 3, tzinfo=UTC))
        assert room.handler.post(PATH, sent(day="2026-10-25")).granted()["not_in_cad"] == strangers


WRONG: list[tuple[dict[str, Any], int, str, list[str], str]] = [
    (sent("a", day="2026-11-24"), 409, "day_not_over", [], "the day is not over"),
    (sent("a", day="9999-12-31"), 409, "day_not_over", [], "the last day that there is"),
    (sent("a", day="1999-01-01"), 422, "invalid", ["/day"], "long before anything was recorded"),
    (sent("a", day="2026-02-30"), 422, "invalid", ["/day"], "no day"),
    (sent("a", "b", "a"), 422, "invalid", ["/incidents/2/reference"], "an incident twice"),
    (sent({"reference": "a", "grade": "HIGH"}), 422, "invalid", ["/incidents/0/grade"], "no grade of the scale"),
    (sent("a b"), 422, "invalid", ["/incidents/0/reference"], "no reference"),
    (sent(*(f"i-{n}" for n in range(5001))), 422, "invalid", ["/incidents"], "too many incidents"),
    (
        sent(*({"reference": f"i-{n}", "contacts": [f"c-{n}-{m}" for m in range(99)]} for n in range(102))),
        422, "invalid", ["/incidents"], "too many contacts together",
    ),
    ({"day": "2026-11-23"}, 422, "invalid", ["/incidents"], "no incidents at all"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "status", "code", "where"), [row[:4] for row in WRONG], ids=[remark for *_, remark in WRONG]
)
def test_a_wrong_day_is_refused_and_keeps_nothing(
    stage: Stage, body: dict[str, Any], status: int, code: str, where: list[str]
) -> None:
    night_after(stage)
    problem = stage.room.handler.post(PATH, body).problem(status, code)
    assert [one["pointer"] for one in problem.get("errors", ())] == where
    assert stage.room.services.ports.policies.names("reconciliations/") == []


def test_an_empty_day_is_a_day(stage: Stage) -> None:
    night_after(stage)
    assert reconcile(stage)["coverage"] == {"numerator": 0, "denominator": 0}


def test_a_day_of_five_thousand_incidents_fits_into_one_request(stage: Stage) -> None:
    night_after(stage)
    name = "HC-20261123-{}-with-a-long-reference-of-another-force-0001"
    incidents = [
        {"reference": name.format(n), "opened_at": "2026-11-23T04:17:30Z", "contacts": [f"{name.format(n)}-1"]}
        for n in range(5000)
    ]
    found = reconcile(stage, *incidents)
    assert found["counts"]["never_assessed"] == 5000


def test_who_may_reconcile_and_for_which_force(stage: Stage) -> None:
    night_after(stage)
    for role in ("control_room", "supervisor", "auditor"):
        assert stage.room.caller(role).post(PATH, sent("a")).status == 201
    for role in ("inspector", "commissioner", "policy_owner", "operator", "quality_reviewer"):
        stage.room.caller(role).post(PATH, sent("a")).problem(403, "forbidden")
    stage.room.handler.post(PATH, sent("a", force=STRANGERS[0])).problem(404, "force_not_found")


def test_another_forces_decisions_are_no_assessments(stage: Stage) -> None:
    decide(stage.room, "ours", "c-1")
    stage.room.services.keys.create(STRANGERS[0])
    night_after(stage)
    stranger = stage.room.caller("control_room", force=STRANGERS[0])
    body = sent({"reference": "ours", "contacts": ["c-1"]})
    found = stranger.post(PATH, body, key="one-key-for-two-forces").granted()
    assert (found["never_assessed"], found["not_in_cad"]) == (["ours"], [])
    assert stage.room.handler.post(PATH, body, key="one-key-for-two-forces").granted()["never_assessed"] == []


@pytest.fixture
def forty(stage: Stage) -> Stage:
    night_after(stage)
    for number in range(40):
        reconcile(stage, f"i-{number}")
    return stage


def test_a_day_comes_in_forty_requests_at_most(forty: Stage) -> None:
    refused = forty.room.handler.post(PATH, sent("one-more")).problem(409, "day_full")
    assert "send more incidents in each" in refused["detail"]
