"""What was decided by hand while the service was down, entered afterwards through HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.calls import VIOLENCE_HERE, Text, a_call, grade, renamed, shipped
from tests.journeys.cards import PATH, a_card, enter, post_cards, story
from tests.journeys.people import Answer, Caller, found_by, pages
from tests.journeys.rooms import STRANGERS, MovableClock, Stage, embedded, local_tokens, room_of
from tests.prepared import place_store, shortened

LATER = "2026-11-23T03:20:00Z"
CALM = ({"fact": "dangers_now", "value": "none_of_these"}, {"fact": "domestic_abuse", "value": False})


def test_a_card_is_recorded_with_what_would_have_been_recommended_then(fresh: Stage) -> None:
    [entered] = enter(fresh.room, a_card(card="card-17"))
    assert entered["recommended"] == {"grade": "immediate", "national": "IMMEDIATE"}
    assert entered["given"] == {"grade": "immediate", "national": "IMMEDIATE", "card": "card-17"}
    assert (entered["lower_than_recommended"], "against" in entered) == (False, False)
    decision = fresh.room.handler.get(f"/v1/decisions/{entered['decision']}").granted()
    assert decision["after_the_fact"] is True
    assert decision["receipt"] == entered["receipt"]
    replayed = fresh.room.auditor.get(f"/v1/decisions/{entered['decision']}/replay").granted()
    assert [replayed[name] for name in ("equal", "shown_equal", "intact")] == [True, True, True]
    assert replayed["call"]["trigger"] == "manual_fallback"
    assert {claim["at"] for claim in replayed["call"]["answers"]} == {"2026-11-23T03:15:00.000000Z"}
    [event] = story(fresh.room)["events"]
    assert (event["event"], event["kind"], event["at"]) == (
        entered["event"], "grade_set", "2026-11-23T03:15:00.000000Z",
    )  # fmt: skip
    assert event["recorded_at"] > "2026-11-23T04:17"
    assert event["actor"] == {"pseudonym": "ch-4471", "role": "call_handler", "client": "cad-01"}
    assert event["details"]["decision"] == entered["decision"]


def test_an_assessment_is_never_marked_as_made_afterwards(fresh: Stage) -> None:
    decided = fresh.room.handler.decide(a_call(*VIOLENCE_HERE, trigger="manual_fallback"))
    assert "after_the_fact" not in decided


GIVEN = [
    ("IMMEDIATE", False, "what would have been recommended"),
    ("immediate", False, "the same by its local name"),
    ("PRIORITY", True, "lower"),
    ("scheduled", True, "lower by its local name"),
]


@pytest.mark.parametrize(("given", "lower"), [row[:2] for row in GIVEN], ids=[remark for *_, remark in GIVEN])
def test_a_lower_grade_is_a_fact_that_stands_and_that_a_supervisor_has_to_look_at(
    fresh: Stage, given: str, lower: bool
) -> None:
    [entered] = enter(fresh.room, a_card(grade=given))
    assert entered["lower_than_recommended"] is lower
    assert entered.get("against") == (["lower_than_recommended"] if lower else None)
    told = story(fresh.room)
    assert told["standing"] == given.upper()
    items = [item for item in told["outstanding"] if item["kind"] == "against_policy"]
    assert [item["owed_by"] for item in items] == (["supervisor"] if lower else [])


def test_a_higher_grade_than_would_have_been_recommended_stands_and_is_not_against_anything(fresh: Stage) -> None:
    [entered] = enter(fresh.room, a_card(*CALM, grade="PRIORITY"))
    assert (entered["recommended"]["national"], entered["lower_than_recommended"]) == ("SCHEDULED", False)
    assert story(fresh.room)["standing"] == "PRIORITY"


def test_the_policy_of_the_time_is_applied_and_not_that_of_now(fresh: Stage) -> None:
    before = fresh.clock().isoformat()
    fresh.put_in_force(renamed("2026.2"))
    after = fresh.clock().isoformat()
    fresh.clock.move(minutes=5)
    new = ({"fact": "dangers_now", "present": ["violence"]}, {"fact": "where_suspect_is", "value": "here"})
    [old, now] = enter(
        fresh.room, a_card(decided_at=before), a_card(*new, contact="c-2", incident="i-2", decided_at=after)
    )
    assert [one["policy"]["version"] for one in (old, now)] == ["2026.1", "2026.2"]
    assert [one["recommended"]["national"] for one in (old, now)] == ["IMMEDIATE", "IMMEDIATE"]
    problem = post_cards(fresh.room, a_card(*new, contact="c-3", decided_at=before)).problem(422, "invalid")
    assert [(one["code"], one["pointer"]) for one in problem["errors"]] == [
        ("unknown_fact", "/entries/0/answers/1/fact")
    ]


def test_a_grade_of_which_there_are_several_has_to_be_named(fresh: Stage) -> None:
    policy = {**json.loads(shipped().policy), "version": "2026.3"}
    policy["grades"].insert(2, {"id": "soon", "title": "Soon", "national": "PRIORITY"})
    fresh.put_in_force(Text(json.dumps(policy, indent=1), shipped().cases))
    at = fresh.clock().isoformat()
    fresh.clock.move(minutes=5)
    [error] = post_cards(fresh.room, a_card(grade="PRIORITY", decided_at=at)).problem(422, "invalid")["errors"]
    assert (error["pointer"], error["expected"]) == ("/entries/0/grade", "one of: priority, soon")
    [entered] = enter(fresh.room, a_card(grade="soon", decided_at=at))
    assert entered["given"] == {"grade": "soon", "national": "PRIORITY"}


WRONG: list[tuple[dict[str, Any], list[tuple[str, str]], str]] = [
    ({"answers": [{"fact": "weapons", "value": "used"}]}, [("unknown_fact", "/answers/0/fact")], "no such fact"),
    (
        {"answers": [{"fact": "weapon", "value": "sword"}, {"fact": "injury", "value": "none", "at": LATER}]},
        [("value", "/answers/0/value"), ("future", "/answers/1/at")],
        "no such option, and an answer that was only given later",
    ),
    (
        {"checks": [{"check": "address_history", "done_at": "2026-11-23T03:40:00Z", "result": "nothing_found"}]},
        [("future", "/checks/0/done_at")],
        "a check that was only made later",
    ),
    ({"people": [{"ref": "V1", "roles": ["victim"], "identifiers": [{"kind": "phone", "value": "none"}]}]},
     [("identifier", "/people/0/identifiers/0/value")], "no telephone number"),
    ({"grade": "urgent"}, [("grade", "/grade")], "no such grade"),
    ({"response": "airship"}, [("response", "/response")], "no such response"),
    ({"reason": "no_reason"}, [("reason", "/reason")], "no such reason"),
    ({"decided_at": "2026-11-24T03:00:00Z"}, [("future", "/decided_at")], "not decided yet"),
    ({"decided_at": "2026-11-23T03:00:00Z"}, [("before_contact", "/decided_at")], "decided before the call came"),
    (
        {"started_at": "2019-11-23T03:00:00Z", "decided_at": "2019-11-23T03:10:00Z"},
        [("no_policy", "/decided_at")],
        "decided when no policy was in force",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "faults"), [row[:2] for row in WRONG], ids=[remark for *_, remark in WRONG])
def test_one_wrong_card_is_named_and_nothing_is_recorded(
    fresh: Stage, wrong: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    answers = wrong.get("answers", ())
    cards = [a_card(), a_card(*answers, contact="c-2", incident="i-2", **wrong), a_card(contact="c-3", incident="i-3")]
    problem = post_cards(fresh.room, *cards).problem(422, "invalid")
    assert [(one["code"], one["pointer"]) for one in problem["errors"]] == [
        (code, f"/entries/1{where}") for code, where in faults
    ]
    assert found_by(fresh.room.auditor) == []
    for incident in ("i-1", "i-2", "i-3"):
        assert fresh.room.handler.get(f"/v1/incidents/{incident}").status == 404


FORMS: list[tuple[dict[str, Any], str, str]] = [
    ({"incident": None}, "/entries/0/incident", "a card without an incident"),
    ({"grade": "HIGH"}, "/entries/0/grade", "no grade at all"),
    ({"decided_at": "yesterday"}, "/entries/0/decided_at", "no time"),
    ({"trigger": "x"}, "/entries/0/trigger", "a member that a card does not have"),
]


@pytest.mark.parametrize(("wrong", "where"), [row[:2] for row in FORMS], ids=[remark for *_, remark in FORMS])
def test_a_card_of_the_wrong_form_is_refused(fresh: Stage, wrong: dict[str, Any], where: str) -> None:
    card = {name: value for name, value in {**a_card(), **wrong}.items() if value is not None}
    problem = post_cards(fresh.room, card).problem(422, "invalid")
    assert [one["pointer"] for one in problem["errors"]] == [where]


def test_a_request_has_one_card_at_least_and_fifty_at_most(fresh: Stage) -> None:
    many = [a_card(contact=f"c-{number}", incident=f"i-{number}") for number in range(51)]
    for cards in ([], many):
        problem = post_cards(fresh.room, *cards).problem(422, "invalid")
        assert [one["pointer"] for one in problem["errors"]] == ["/entries"]
    entered = enter(fresh.room, *many[:50])
    assert [one["contact"] for one in entered] == [f"c-{number}" for number in range(50)]
    assert len({one["decision"] for one in entered} | {one["event"] for one in entered}) == 100


def test_what_was_known_before_counts_and_what_was_learnt_later_does_not(fresh: Stage) -> None:
    known = fresh.room.handler.decide(a_call(VIOLENCE_HERE[0], contact="c-0", incident={"reference": "i-1"}))
    at = fresh.clock().isoformat()
    fresh.clock.move(minutes=10)
    learnt = {"fact": "domestic_abuse", "value": True, "source": "victim"}
    fresh.room.handler.decide(a_call(learnt, contact="c-0", incident={"reference": "i-1"}))
    [entered] = enter(fresh.room, a_card(VIOLENCE_HERE[1], decided_at=at, grade="IMMEDIATE"))
    call = fresh.room.auditor.get(f"/v1/decisions/{entered['decision']}/replay").granted()["call"]
    assert {claim["fact"] for claim in call["answers"]} == {"dangers_now", "suspect_whereabouts"}
    assert call["lookups"][0]["decisions"] == [known["decision"]]


def test_cards_of_one_incident_build_on_each_other_in_order_of_time(fresh: Stage) -> None:
    later = a_card(VIOLENCE_HERE[1], contact="c-2", decided_at="2026-11-23T03:30:00Z")
    earlier = a_card(VIOLENCE_HERE[0], contact="c-1", decided_at="2026-11-23T03:15:00Z")
    [second, first] = enter(fresh.room, later, earlier)
    call = fresh.room.auditor.get(f"/v1/decisions/{second['decision']}/replay").granted()["call"]
    assert {claim["fact"] for claim in call["answers"]} == {"dangers_now", "suspect_whereabouts"}
    assert call["lookups"][0]["decisions"] == [first["decision"]]


def test_what_a_card_says_counts_from_then_on(fresh: Stage) -> None:
    enter(fresh.room, a_card(VIOLENCE_HERE[0]))
    decided = fresh.room.handler.decide(a_call(VIOLENCE_HERE[1], contact="c-9", incident={"reference": "i-1"}))
    assert grade(decided) == "IMMEDIATE"


def test_a_card_that_is_entered_late_lowers_nothing_that_was_found_since(fresh: Stage) -> None:
    at = fresh.clock().isoformat()
    fresh.clock.move(minutes=30)
    fresh.room.handler.decide(a_call(*VIOLENCE_HERE, contact="c-2", incident={"reference": "i-1"}))
    fresh.clock.move(minutes=30)
    enter(fresh.room, a_card(*CALM, grade="SCHEDULED", decided_at=at))
    assert story(fresh.room)["standing"] == "IMMEDIATE"


def test_a_grade_that_is_never_a_ground_and_a_response_that_is_refused_are_marked(tmp_path: Path) -> None:
    place_store(tmp_path, shortened())
    services = embedded(tmp_path, MovableClock())
    with room_of(services, local_tokens(services)) as room:
        card = a_card(
            *VIOLENCE_HERE, {"fact": "where", "value": "known"},
            grade="PRIORITY", reason="no_units", response="telephone_desk",
        )  # fmt: skip
        [entered] = enter(room, card)
        assert entered["against"] == ["lower_than_recommended", "reason_refused", "response_refused"]
        [error] = post_cards(room, {**card, "reason": "danger_is_over"}).problem(422, "invalid")["errors"]
        assert error["pointer"] == "/entries/0/reason"
        assert "by_hand" in error["expected"]


def test_training_cards_are_not_live(fresh: Stage) -> None:
    [entered] = enter(fresh.room, a_card(), mode="training")
    assert found_by(fresh.room.auditor) == []
    assert found_by(fresh.room.auditor, mode="training") == [entered["decision"]]
    post_cards(fresh.room, a_card(), mode="observe").problem(422, "invalid")


def test_a_card_makes_its_incident_an_assessed_one(fresh: Stage) -> None:
    enter(fresh.room, a_card(grade="PRIORITY"))
    fresh.clock.move(days=1)
    incidents = [{"reference": "i-1", "grade": "PRIORITY"}, {"reference": "i-2"}]
    found = fresh.room.handler.post("/v1/reconciliations", {"day": "2026-11-23", "incidents": incidents}).granted()
    assert (found["never_assessed"], found["graded_otherwise"]) == (["i-2"], []), "the human's grade is what stands"


def test_who_may_enter_cards_and_for_which_force(fresh: Stage) -> None:
    def asked(caller: Caller, **changes: object) -> Answer:
        return caller.post(PATH, {"entries": [a_card()], **changes})

    for role in ("control_room", "supervisor"):
        assert asked(fresh.room.caller(role)).status == 201
    for role in ("auditor", "inspector", "policy_owner", "operator"):
        asked(fresh.room.caller(role)).problem(403, "forbidden")
    asked(fresh.room.handler, force=STRANGERS[0]).problem(404, "force_not_found")


def test_a_decision_after_the_fact_is_found_at_the_time_at_which_it_was_recorded(fresh: Stage) -> None:
    [entered] = enter(fresh.room, a_card())
    [found] = [one for page in pages(fresh.room.auditor) for one in page]
    assert found["decision"] == entered["decision"]
    assert found["recorded_at"] == entered["receipt"]["recorded_at"]


def test_a_card_that_is_entered_late_opens_nothing_that_was_closed_and_is_not_the_newest(tmp_path: Path) -> None:
    place_store(tmp_path, shortened())
    clock = MovableClock()
    services = embedded(tmp_path, clock)
    with room_of(services, local_tokens(services)) as room:
        at = clock().isoformat()
        clock.move(minutes=10)
        decided = room.handler.decide(a_call(*CALM, contact="c-2", incident={"reference": "i-1"}, state="completed"))
        actor = {"pseudonym": "sgt-11", "role": "supervisor"}
        closed = {"kind": "closed", "act": "fact", "reason": "attended_and_done", "decision": decided["decision"]}
        room.handler.post("/v1/incidents/i-1/events", {"actor": actor, "events": [closed]}).granted()
        clock.move(minutes=10)
        enter(room, a_card(decided_at=at))
        told = story(room)
        assert told["closed_at"] is not None
        assert told["standing"] == "IMMEDIATE"
        accepted = {"actor": actor, "act": "request"}
        outcome = room.handler.post(f"/v1/decisions/{decided['decision']}/outcomes", accepted)
        assert outcome.status == 201, "the decision is still the newest: nobody is sent to look at the card first"
