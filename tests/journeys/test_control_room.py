"""The control room through HTTP: grades, open questions, accumulating answers, wrong answers, modes, other forces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from chalicelib.authoring.cases import Case, Expectation, read_cases
from chalicelib.canonical import sha256_hex
from tests.journeys.calls import (
    POLICY_ID,
    STEPS,
    VIOLENCE_HERE,
    a_call,
    grade,
    open_facts,
    reasons,
    shipped,
    warned,
)
from tests.journeys.people import Caller, found_by, pages, replay_everything
from tests.journeys.rooms import STRANGERS, MovableClock, Stage, embedded_room


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One room for all these stories; their contacts have names of their own."""
    clock = MovableClock()
    with embedded_room(tmp_path_factory.mktemp("control-room"), clock) as room:
        for force in STRANGERS:
            room.services.keys.create(force)
        yield Stage(room, clock)


@pytest.fixture
def handler(stage: Stage) -> Caller:
    return stage.room.handler


CASES = [case for case in read_cases(shipped().cases.encode()).cases if case.id.startswith("P")]


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_a_published_example_gets_its_grade_and_reasons_through_http(handler: Caller, case: Case) -> None:
    decision = handler.decide(sent(case))
    assert decision["warnings"] == []
    check_expected(case.expect, decision["advice"])


def test_the_published_examples_p01_to_p17_are_all_there() -> None:
    assert {case.id[:3] for case in CASES} >= {f"P{number:02}" for number in range(1, 18)}


def sent(case: Case) -> dict[str, Any]:
    """A case as the control room would post it."""
    people = [person.model_dump(mode="json") for person in case.people]
    checks = [one.model_dump(mode="json") for one in case.checks]
    answers = [given.model_dump(mode="json", exclude_defaults=True) for given in case.answers]
    contact = {"state": case.contact.state, "channel": case.contact.channel}
    return a_call(*answers, contact=f"HC-{case.id}", people=people, checks=checks, **contact)


def check_expected(expect: Expectation, advice: Mapping[str, Any]) -> None:
    """Everything that a case expects, looked up in the wire form."""
    wanted, got = expect.grade, advice["grade"]["national"]
    order = ["RESOLVE", "SCHEDULED", "PRIORITY", "IMMEDIATE"]
    low, high = wanted.is_ or wanted.at_least or order[0], wanted.is_ or wanted.at_most or order[-1]
    assert order.index(low) <= order.index(got) <= order.index(high), got
    reply = expect.response
    expected: list[tuple[str, tuple[str, ...], set[str]]] = [
        ("reasons", expect.reasons, {one["id"] for one in advice["reasons"]}),
        ("questions", expect.questions, {one["fact"] for one in advice["open_questions"]}),
        ("duties", expect.duties, {one["duty"] for one in advice["duties"]}),
        ("flags", expect.flags, set(advice["flags"])),
        ("needs", expect.needs, set(advice["needs"])),
        ("refused", reply.refused if reply else (), {one["response"] for one in advice["response"]["refused"]}),
        ("permitted", reply.permitted if reply else (), set(advice["response"]["permitted"])),
    ]
    for what, names, shown in expected:
        assert set(names) <= shown, what
    assert not set(expect.not_flags) & set(advice["flags"])
    if reply and reply.require:
        assert advice["response"].get("require", "nothing") == reply.require
    levels = {one["element"]: one["level"] for one in advice["findings"]}
    rank = ["none", "low", "medium", "high"]
    assert all(rank.index(levels[one.element]) >= rank.index(one.level) for one in expect.findings), levels
    for name, shown in (("may_stop", advice["may_stop"]), ("provisional", advice["grade"]["provisional"])):
        assert getattr(expect, name) in (None, shown), name


def test_two_facts_are_enough_for_immediate_and_the_safeguarding_questions_stay_open(handler: Caller) -> None:
    advice = handler.decide(a_call(*VIOLENCE_HERE, contact="two-facts"))["advice"]
    assert advice["grade"]["national"] == "IMMEDIATE"
    assert advice["grade"]["settled"] is True
    assert advice["may_stop"] is False
    purposes = {question["fact"]: question["purpose"] for question in advice["open_questions"]}
    assert {"household", "safe_place"} <= {fact for fact, purpose in purposes.items() if purpose == "safeguarding"}
    assert advice["next_question"]["fact"] == advice["open_questions"][0]["fact"]


def test_an_empty_call_is_not_resolved(handler: Caller) -> None:
    for state in ("in_progress", "completed", "lost"):
        decision = handler.decide(a_call(contact=f"empty-{state}", state=state))
        assert grade(decision) == "SCHEDULED"
        assert decision["advice"]["grade"]["provisional"] is True
        assert decision["advice"]["may_stop"] is False


def test_a_mans_no_on_call_back_does_not_erase_the_victims_yes(handler: Caller) -> None:
    contact = "call-back"
    first = handler.decide(
        a_call({"fact": "domestic_abuse", "value": True, "source": "victim"}, VIOLENCE_HERE[1], contact=contact)
    )
    denied = handler.decide(
        a_call({"fact": "domestic_abuse", "value": False, "source": "third_party"}, contact=contact)
    )
    assert grade(first) == grade(denied) == "IMMEDIATE"
    assert "f05_domestic_abuse_at_once" in reasons(denied)
    # A source that the policy lets answer contradicts openly; both stand on the screen, and the worse one counts.
    contradicted = handler.decide(
        a_call({"fact": "domestic_abuse", "value": False, "source": "caller"}, contact=contact)
    )
    [conflict] = [one for one in contradicted["advice"]["conflicts"] if one["fact"] == "domestic_abuse"]
    assert "Victim: yes" in conflict["words"]
    assert "Caller: no" in conflict["words"]
    assert conflict["words"].endswith("The worse stands.")
    assert "f05_domestic_abuse_at_once" in reasons(contradicted)


WEAPON: list[tuple[dict[str, Any] | None, str, str, str]] = [
    (None, "in_progress", "PRIORITY", "not asked yet: the question is open"),
    (None, "completed", "IMMEDIATE", "never asked: as if there were one"),
    ({"absent": "unknown"}, "in_progress", "IMMEDIATE", "asked, not known: as if there were one"),
    ({"absent": "unable"}, "lost", "IMMEDIATE", "line lost: as if there were one"),
    ({"value": "none"}, "completed", "PRIORITY", "asked, and there is none"),
]


@pytest.mark.parametrize(("answer", "state", "expected"), [row[:3] for row in WEAPON], ids=[row[3] for row in WEAPON])
def test_weapon_not_asked_never_counts_as_no_weapon(
    handler: Caller, answer: dict[str, Any] | None, state: str, expected: str
) -> None:
    known: list[dict[str, object]] = [
        {"fact": "dangers_now", "value": "none_of_these"},
        {"fact": "domestic_abuse", "value": False},
        {"fact": "concerns", "present": ["stalking"], "ruled_out": ["threat_to_kill"]},
        {"fact": "suspect_whereabouts", "value": "nearby"},
    ]
    asked: list[dict[str, object]] = [{"fact": "weapon", **answer}] if answer else []
    contact = f"weapon-{state}-{len(asked)}-{expected}"
    decision = handler.decide(a_call(*known, *asked, contact=contact, state=state))
    assert grade(decision) == expected
    assert ("weapon_not_known" in reasons(decision)) is (expected == "IMMEDIATE")
    if answer is None:
        assert "weapon" in open_facts(decision)
    if answer != {"value": "none"}:
        assert decision["advice"]["grade"]["possible"] == "immediate"


def test_answers_add_up_over_several_requests_and_over_the_contacts_of_an_incident(handler: Caller) -> None:
    incident = {"reference": "adds-up"}
    first = handler.decide(a_call({"fact": "domestic_abuse", "value": True, "source": "victim"}, contact="adds-up-1"))
    second = handler.decide(
        a_call({"fact": "suspect_whereabouts", "value": "gone"}, contact="adds-up-1", incident=incident)
    )
    third = handler.decide(a_call({"fact": "injury", "value": "none"}, contact="adds-up-1", incident=incident))
    assert [grade(one) for one in (first, second, third)] == ["IMMEDIATE", "PRIORITY", "PRIORITY"]
    assert {"domestic_abuse", "suspect_whereabouts", "injury"} & set(open_facts(third)) == set()
    another = handler.decide(a_call(contact="adds-up-2", incident=incident))
    assert "f06_domestic_abuse" in reasons(another), "a neighbour's call knows what the victim said"
    assert grade(another) == "PRIORITY"
    story = handler.get("/v1/incidents/adds-up").granted()
    assert [one["decision"] for one in story["decisions"]] == [one["decision"] for one in (second, third, another)]
    assert [one["contact"] for one in story["decisions"]] == ["adds-up-1", "adds-up-1", "adds-up-2"]


def test_what_stands_never_falls_although_a_correction_lowers_the_recommendation(handler: Caller) -> None:
    contact = "standing"
    first = handler.decide(a_call({"fact": "dangers_now", "present": ["violence"]}, contact=contact))
    corrected = handler.decide(
        a_call(
            {"fact": "dangers_now", "value": "none_of_these", "source": "officer_at_scene", "correction": True},
            {"fact": "domestic_abuse", "value": False, "source": "officer_at_scene"},
            contact=contact,
        )
    )
    assert (grade(first), grade(corrected)) == ("IMMEDIATE", "SCHEDULED")
    assert corrected["advice"]["grade"]["standing"] == "IMMEDIATE"
    assert "IMMEDIATE still stands" in corrected["advice"]["log"]
    assert handler.decide(a_call(contact=contact))["advice"]["grade"]["standing"] == "IMMEDIATE"


WRONG: list[tuple[dict[str, Any], str, str, str]] = [
    ({"fact": "weapons", "value": "used"}, "unknown_fact", "/answers/1/fact", "no such question"),
    ({"fact": "weapon", "value": "sword"}, "value", "/answers/1/value", "no such option"),
    ({"fact": "weapon", "value": True}, "value", "/answers/1/value", "yes, where an option is asked for"),
    ({"fact": "asb_before", "value": 1000}, "value", "/answers/1/value", "out of the range"),
    ({"fact": "dangers_now", "present": ["dragons"]}, "value", "/answers/1/present", "no such tag"),
    ({"fact": "injury", "at_least": "serious", "at_most": "minor"}, "value", "/answers/1/at_most", "bounds crossed"),
]


@pytest.mark.parametrize(("wrong", "code", "where"), [row[:3] for row in WRONG], ids=[row[3] for row in WRONG])
def test_a_wrong_answer_does_not_stop_a_live_call_and_is_named(
    handler: Caller, wrong: dict[str, Any], code: str, where: str
) -> None:
    call = a_call(VIOLENCE_HERE[0], wrong, contact=f"wrong-{sha256_hex(repr(wrong).encode())[:8]}")
    decision = handler.decide(call)
    assert warned(decision) == [(code, where)]
    assert grade(decision) == "IMMEDIATE"
    refused = handler.assess(call, Prefer="handling=strict").problem(422, "invalid")
    assert [(fault["code"], fault["pointer"]) for fault in refused["errors"]] == [(code, where)]


def test_an_answer_that_cannot_be_read_counts_as_not_known_and_never_as_no(handler: Caller) -> None:
    call = a_call(
        {"fact": "concerns", "present": ["stalking"]},
        {"fact": "suspect_whereabouts", "value": "nearby"},
        {"fact": "weapon", "value": "knife"},
        {"fact": "dangers_now", "value": "none_of_these"},
        contact="invalid-weapon",
    )
    decision = handler.decide(call)
    assert warned(decision) == [("value", "/answers/2/value")]
    assert grade(decision) == "IMMEDIATE"
    assert "weapon_not_known" in reasons(decision)


def test_training_and_test_calls_do_not_get_into_live_ones(stage: Stage, handler: Caller) -> None:
    incident = {"reference": "modes"}
    live = handler.decide(a_call(contact="modes-1", incident=incident))
    for mode in ("training", "test"):
        practised = handler.decide(a_call(*VIOLENCE_HERE, contact="modes-1", incident=incident, mode=mode))
        assert (practised["mode"], grade(practised)) == (mode, "IMMEDIATE")
        assert found_by(stage.room.auditor, incident="modes", mode=mode) == [practised["decision"]]
    again = handler.decide(a_call(contact="modes-1", incident=incident))
    assert (grade(again), again["advice"]["grade"]["standing"]) == ("SCHEDULED", "SCHEDULED")
    assert found_by(stage.room.auditor, incident="modes") == [again["decision"], live["decision"]]
    assert len(handler.get("/v1/incidents/modes").granted()["decisions"]) == 2


def test_observing_shows_nothing_and_records_everything(stage: Stage, handler: Caller) -> None:
    observed = handler.decide(a_call(*VIOLENCE_HERE, contact="observed", mode="observe"))
    assert "advice" not in observed
    assert observed["receipt"]["leaf_hash"]
    [found] = [one for page in pages(stage.room.auditor, contact="observed", mode="observe") for one in page]
    assert (found["decision"], found["recommended"]) == (observed["decision"], "IMMEDIATE")
    replayed = stage.room.auditor.get(f"/v1/decisions/{observed['decision']}/replay").granted()
    assert replayed["recorded"]["national"]["recommended"] == "IMMEDIATE"


def test_another_forces_decisions_incidents_and_policies_do_not_exist(stage: Stage, handler: Caller) -> None:
    decision = handler.decide(a_call(contact="ours", incident={"reference": "ours"}))["decision"]
    for force in STRANGERS:
        stranger = stage.room.caller("control_room", "auditor", "policy_owner", force=force)
        for path in (
            f"/v1/decisions/{decision}",
            f"/v1/assessments/{decision}",
            f"/v1/decisions/{decision}/replay",
            "/v1/incidents/ours",
            STEPS,
            f"{STEPS}/2026.1",
            f"/v1/policies/{POLICY_ID}/active",
        ):
            assert stranger.get(path).status == 404, path
            absent = stranger.get(path.replace(decision, "d_" + "a" * 32)).json()
            assert stranger.get(path).json()["title"] == absent["title"]
        assert found_by(stranger, incident="ours") == []
        assert stranger.get("/v1/policies").granted()["policies"] == []
        named = {**a_call(contact="theirs"), "force": "hertfordshire"}
        stranger.assess(named).problem(404, "force_not_found")


def test_every_decision_of_these_stories_replays_to_its_record_and_reads_as_it_was_answered(stage: Stage) -> None:
    stage.room.handler.decide(a_call(*VIOLENCE_HERE, contact="the-last-one"))
    assert replay_everything(stage.room.auditor, stage.room.journal) == len(stage.room.journal.bodies)
