"""What is refused in the life of an incident, to whom and why, and what is on record of it. Each row is one attempt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from tests.journeys.calls import grade
from tests.journeys.incident_room import (
    COLLEAGUE,
    DISPATCHER,
    HANDLER,
    INSPECTOR,
    SERGEANT,
    Tale,
    Worker,
    refused,
    shipped_room,
)
from tests.journeys.people import new_key
from tests.journeys.rooms import Stage

VIOLENCE = {"fact": "dangers_now", "present": ["violence"]}
SAFE: dict[str, Any] = {"grade": "scheduled", "reason": "victim_found_safe", "words": "Spoken to alone; she is safe."}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One room for all rows; each has an incident of its own."""
    with shipped_room(tmp_path_factory.mktemp("refusals") / "data") as stage:
        yield stage


@pytest.fixture
def tale(stage: Stage) -> Tale:
    """A new incident."""
    return Tale(stage.room, stage.clock)


class Row(NamedTuple):
    """A way to ask for a lower grade."""

    remark: str
    again: tuple[dict[str, Any], ...] | None
    """What was answered when it was assessed again; None: it was not."""
    said: dict[str, Any]
    codes: tuple[str, ...]
    by: Worker = HANDLER
    tried: str | None = None
    """How a call-back before ended."""
    assessor: Worker = HANDLER


NEW = ({"fact": "where", "value": "known"},)
LOWERINGS = [
    Row("without assessing it again", None, SAFE, ("not_reassessed",)),
    Row("assessed again with nothing new", (), SAFE, ("not_reassessed",)),
    Row("with the same answer once more", (VIOLENCE,), SAFE, ("not_reassessed",)),
    Row("when all that is new is that something is not known", ({"fact": "where", "absent": "unknown"},), SAFE,
        ("not_reassessed",)),
    Row("when the software alone assessed it again", NEW, SAFE, ("not_reassessed",),
        assessor=Worker("cad", "service")),
    Row("when somebody only tried to call back", None, SAFE, ("not_reassessed",), tried="no_answer"),
    Row("for a reason that is no ground", NEW, {"grade": "priority", "reason": "no_units"}, ("reason_refused",)),
    Row("because time has passed", NEW, {"grade": "priority", "reason": "time_has_passed"}, ("reason_refused",)),
    Row("because another agency was asked", NEW, {"grade": "priority", "reason": "other_agency_asked"},
        ("reason_refused",)),
    Row("by a role that may not give the reason", NEW, {**SAFE, "reason": "danger_is_over"}, ("reason_by_others",)),
    Row("as a supervisor, with a token that is none", NEW, {**SAFE, "reason": "danger_is_over"},
        ("not_a_supervisor",), by=Worker("su-0017", "supervisor")),
    Row("to an answer that the policy refuses as well", NEW, {**SAFE, "response": "advice"}, ("response_refused",)),
]  # fmt: skip


@pytest.mark.parametrize("row", LOWERINGS, ids=[row.remark for row in LOWERINGS])
def test_a_grade_is_not_lowered(tale: Tale, row: Row) -> None:
    decision = tale.assess(VIOLENCE)
    tale.clock.move(minutes=5)
    if row.tried:
        tale.did("callback", reached=row.tried)
    if row.again is not None:
        decision = tale.assess(*row.again, by=row.assessor)
    answer = tale.decide(decision, by=row.by, **row.said)
    assert tuple(refused(answer)) == row.codes
    assert all(one["instead"] for one in answer.json()["obstacles"])
    told = tale.told()
    assert (told["standing"], told["waiting"]) == ("IMMEDIATE", [])
    recorded = tale.last("outcome_refused")
    assert (recorded["national"], recorded["stood"]) == ({"priority": "PRIORITY"}.get(row.said["grade"], "SCHEDULED"),
                                                         "IMMEDIATE")  # fmt: skip
    assert [one["code"] for one in recorded["obstacles"]] == list(row.codes)


WRONG = [
    ("a reason for something else", {"grade": "scheduled", "reason": "something_new"}, "unfit_reason"),
    ("a reason that the policy does not have", {"grade": "scheduled", "reason": "bored"}, "reason"),
    ("a reason without its words", {"grade": "scheduled", "reason": "victim_found_safe"}, "no_words"),
    ("no reason", {"grade": "scheduled"}, "no_reason"),
    ("a grade that the policy does not have", {"grade": "green", "reason": "victim_found_safe"}, "grade"),
    ("a response that the policy does not have", {"response": "letter"}, "response"),
    ("a time that has not come", {"at": "2027-01-01T00:00:00Z"}, "future"),
]


@pytest.mark.parametrize(("said", "code"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_an_outcome_that_does_not_fit_the_policy_is_wrong_and_leaves_nothing(
    tale: Tale, said: dict[str, Any], code: str
) -> None:
    decision = tale.assess(VIOLENCE)
    problem = tale.decide(decision, **said).problem(422, "invalid")
    assert [one["code"] for one in problem["errors"]] == [code]
    assert tale.kinds() == []


REASSESSED = [
    ("with a new answer", NEW, None),
    ("after a call back that nobody answered", (), "no_answer"),
]


@pytest.mark.parametrize(("answers", "tried"), [row[1:] for row in REASSESSED], ids=[row[0] for row in REASSESSED])
def test_a_lower_grade_counts_once_a_second_person_has_authorised_it(
    tale: Tale, answers: tuple[dict[str, Any], ...], tried: str | None
) -> None:
    tale.assess(VIOLENCE)
    if tried:
        tale.did("callback", reached=tried)
    second = tale.assess(*answers)
    asked = tale.decide(second, **SAFE).granted()
    outcome = asked["event"]["id"]
    assert (asked["outcome"], asked["needs"], asked["stood"]) == ("lowered", "second_person", "IMMEDIATE")
    told = tale.told()
    assert (told["standing"], told["waiting"]) == ("IMMEDIATE", [outcome])
    assert "authorise:outcome" in tale.due()
    # Nobody but a supervisor answers it, and a supervisor only with a token that says so.
    tale.answer(outcome, "authorised", by=HANDLER).problem(403, "forbidden")
    in_name = Worker("ch-4488", "call_handler", "supervisor")
    assert refused(tale.answer(outcome, "authorised", by=in_name)) == ["not_a_supervisor"]
    assert refused(tale.answer(outcome, "authorised", by=Worker(HANDLER.pseudonym, "supervisor", "supervisor"))) == [
        "same_person"
    ]
    assert tale.stands == "IMMEDIATE"
    tale.answer(outcome, "authorised").granted()
    assert (tale.stands, tale.told()["waiting"]) == ("SCHEDULED", [])
    assert refused(tale.answer(outcome, "refused", by=INSPECTOR)) == ["not_waiting"]
    # From now on the human decision counts: what is recommended from the same answers does not undo it by being asked,
    # but whatever comes in new is looked at afresh.
    third = tale.assess({"fact": "callback", "value": "safe"})
    standing = third["advice"]["grade"]
    assert (standing["national"], standing["standing"]) == ("IMMEDIATE", "IMMEDIATE")


def test_a_second_person_who_refuses_leaves_the_higher_grade(tale: Tale) -> None:
    tale.assess(VIOLENCE)
    outcome = tale.decide(tale.assess(*NEW), **SAFE).granted()["event"]["id"]
    tale.answer(outcome, "refused").granted()
    told = tale.told()
    assert (told["standing"], told["waiting"]) == ("IMMEDIATE", [])
    assert "authorise:outcome" not in tale.items()
    assert refused(tale.answer(outcome, "authorised", by=INSPECTOR)) == ["not_waiting"]


def test_a_lowering_counts_in_what_the_next_assessment_says_stands(tale: Tale) -> None:
    tale.assess({"fact": "call_signs", "present": ["extreme_distress"]})
    corrected = tale.assess(
        {"fact": "call_signs", "ruled_out": ["extreme_distress"], "present": [], "correction": True}, *NEW
    )
    lowest = grade(corrected)
    assert (lowest, corrected["advice"]["grade"]["standing"], tale.stands) == ("SCHEDULED", "PRIORITY", "PRIORITY")
    outcome = tale.decide(corrected, **{**SAFE, "reason": "taken_down_wrongly"}).granted()["event"]["id"]
    before = tale.assess({"fact": "callback", "value": "safe"})
    assert before["advice"]["grade"]["standing"] == "PRIORITY"
    tale.answer(outcome, "authorised").granted()
    after = tale.assess({"fact": "safe_contact", "value": "this_number"})
    assert (after["advice"]["grade"]["standing"], tale.stands) == ("SCHEDULED", "SCHEDULED")


def test_what_was_done_against_policy_is_recorded_and_stands_and_a_supervisor_has_to_look_at_it(tale: Tale) -> None:
    decision = tale.assess(VIOLENCE)
    fact = tale.decide(decision, act="fact", grade="resolve", reason="no_units", by=SERGEANT).granted()
    assert fact["against"] == ["reason_refused", "not_reassessed"]
    assert "needs" not in fact
    assert tale.stands == "RESOLVE"
    item = tale.items()["against_policy:outcome"]
    assert (item["owed_by"], item["severity"], "against_policy:outcome" in tale.due()) == ("supervisor", "act", True)
    tale.did("review_done", result="to_be_raised", by=SERGEANT)
    tale.did("review_done", result="as_it_was", by=HANDLER)
    assert "against_policy:outcome" in tale.items()
    tale.did("review_done", result="to_be_raised", by=INSPECTOR)
    assert "against_policy:outcome" not in tale.items()
    assert tale.stands == "RESOLVE"  # a review raises nothing by itself
    raised = tale.decide(decision, grade="immediate", reason="something_new", by=INSPECTOR).granted()
    assert (raised["outcome"], tale.stands) == ("raised", "IMMEDIATE")


def test_a_fact_without_reason_or_words_is_still_a_fact(tale: Tale) -> None:
    decision = tale.assess(VIOLENCE)
    bare = tale.decide(decision, act="fact", grade="priority").granted()
    assert bare["against"] == ["no_reason", "not_reassessed"]
    assert tale.stands == "PRIORITY"
    closed = tale.close("agency_was_there", act="fact").granted()["events"][0]
    assert closed["details"]["against"][0] == "no_words"
    assert tale.told()["closed_at"]


def test_what_stands_is_accepted_without_further_ado_and_anybody_may_raise_it(tale: Tale) -> None:
    first = tale.assess({"fact": "call_signs", "present": ["extreme_distress"]})
    accepted = tale.decide(first).granted()
    assert (accepted["outcome"], accepted["national"]) == ("accepted", "PRIORITY")
    assert not {"reason", "words", "needs", "against"} & set(accepted)
    second = tale.assess(*NEW, by=COLLEAGUE)
    assert refused(tale.decide(first)) == ["newer_decision"]
    # Whoever sees more danger is never sent back, whatever they have seen of it so far.
    raised = tale.decide(first, grade="immediate", reason="known_history", by=DISPATCHER).granted()
    assert (raised["outcome"], tale.stands) == ("raised", "IMMEDIATE")
    in_name = Worker("su-0017", "supervisor")
    tale.decide(second, grade="immediate", by=in_name).granted()
    assert tale.kinds() == ["outcome", "outcome_refused", "outcome", "outcome"]


CLOSINGS = [
    ("that an officer has to attend", {"fact": "dangers_now", "present": ["violence"]}, "attended_and_done",
     "not_attended"),
    ("that the grade stands and nobody has answered it", {"fact": "where", "value": "known"}, "advice_was_given",
     "grade_stands"),
    ("that the caller was not told", {"fact": "where", "value": "known"}, "advice_was_given", "duty_outstanding"),
    ("that the reason is no ground", {"fact": "where", "value": "known"}, "no_answer", "reason_refused"),
    ("that others may give the reason", {"fact": "where", "value": "known"}, "attended_and_done", "reason_by_others"),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "reason", "code"), [row[1:] for row in CLOSINGS], ids=[row[0] for row in CLOSINGS])
def test_closing_is_refused_and_the_refusal_says(tale: Tale, answer: dict[str, Any], reason: str, code: str) -> None:
    tale.assess(answer)
    assert code in refused(tale.close(reason, by=HANDLER if code == "reason_by_others" else DISPATCHER))
    told = tale.told()
    assert "closed_at" not in told
    assert told["events"][-1]["details"]["request"] == "closed"


def test_closing_waits_for_everything_that_is_open(tale: Tale) -> None:
    first = tale.assess(VIOLENCE)
    tale.did("attended", by=DISPATCHER)
    for event in ("preservation_advice", "safeguarding_advice"):
        tale.did("advice_given", duties=[event])
    tale.did("caller_told", that="police_come")
    tale.did("rights_told", left_to_officer=True)
    tale.did("check", check="orders", result="nothing_found")

    def obstacles() -> list[str]:
        return refused(tale.close("attended_and_done"))

    tale.did("review_opened", because="sergeant_to_decide")
    assert obstacles() == ["review_open"]
    tale.did("review_done", result="as_it_was", by=SERGEANT)
    outcome = tale.decide(tale.assess(*NEW), **SAFE).granted()["event"]["id"]
    assert obstacles() == ["waits_for_second_person"]
    tale.answer(outcome, "refused").granted()
    tale.did("transferred", to="next_shift")
    assert obstacles() == ["not_reassessed"]
    tale.assess(by=COLLEAGUE)
    assert "newer_decision" in refused(tale.close("attended_and_done", decision=first["decision"]))
    # Somebody rings again: whoever was there has not seen to that.
    tale.clock.move(minutes=10)
    tale.assess(VIOLENCE, line="2")
    assert obstacles() == ["not_attended"]
    tale.did("attended", by=DISPATCHER)
    tale.close("attended_and_done").granted()
    assert tale.told()["closed_at"]


def test_the_facts_that_come_with_a_refused_closing_are_on_record(tale: Tale) -> None:
    tale.assess(VIOLENCE)
    key, sent = new_key(), (
        {"kind": "callback", "reached": "no_answer"},
        {"kind": "closed", "act": "request", "reason": "no_answer"},
        {"kind": "attendance_delayed", "because": "no_unit"},
    )  # fmt: skip
    first = tale.happens(*sent, by=DISPATCHER, key=key)
    assert "reason_refused" in refused(first)
    assert tale.kinds() == ["callback", "outcome_refused", "attendance_delayed"]
    again = tale.happens(*sent, by=DISPATCHER, key=key)
    assert refused(again) == refused(first)
    assert tale.kinds() == ["callback", "outcome_refused", "attendance_delayed"]
    assert "closed_at" not in tale.told()


def test_what_needs_nobody_is_closed_once_advice_was_given(tale: Tale) -> None:
    nothing = [{"fact": fact, "value": "none_of_these"} for fact in ("dangers_now", "concerns", "happened")]
    decision = tale.assess(
        *NEW, *nothing, {"fact": "callback", "value": "safe"}, {"fact": "who_for", "value": "another_agency"},
        {"fact": "call_signs", "value": "none_of_these", "source": "handler"},
        {"fact": "vulnerability", "value": "none_of_these"}, state="completed",
    )  # fmt: skip
    assert grade(decision) == "RESOLVE"
    assert set(refused(tale.close("advice_was_given"))) == {"duty_outstanding"}
    owed = [name for name, item in tale.items().items() if item["kind"] == "duty" and item["owed_by"] == "call_handler"]
    advice = [name for name in owed if name != "tell_caller"]
    tale.did("advice_given", duties=advice)
    tale.did("caller_told", that="police_do_not_come")
    tale.close("advice_was_given").granted()
    told = tale.told()
    assert told["closed_at"]
    assert "outstanding" not in told or not told["outstanding"]


def test_a_closing_that_waits_for_a_second_person_leaves_everything_running(tale: Tale) -> None:
    tale.assess({"fact": "call_signs", "present": ["extreme_distress"]})
    tale.did("caller_told", that="police_come")
    tale.did("advice_given", duties=["safeguarding_advice"])
    closing = tale.close("same_as_another", words="It is in the other one.", by=HANDLER).granted()["events"][0]
    assert closing["details"]["needs"] == "second_person"
    tale.clock.move(minutes=40)
    assert {"authorise:closed", "priority_to_sergeant"} <= tale.due()
    tale.answer(closing["event"]["id"], "refused").granted()
    assert "closed_at" not in tale.told()
    assert "authorise:closed" not in tale.items()
    assert {"priority_to_sergeant", "open_reassess"} <= set(tale.items())


GRADES_SET = [
    ("lower than what stands", "scheduled", ["lower_than_stands"], "SCHEDULED"),
    ("as it stands", "priority", None, "PRIORITY"),
    ("higher than what stands", "immediate", None, "IMMEDIATE"),
]


@pytest.mark.parametrize(
    ("local", "against", "standing"), [row[1:] for row in GRADES_SET], ids=[row[0] for row in GRADES_SET]
)
def test_a_grade_that_somebody_has_set_is_what_stands(
    tale: Tale, local: str, against: list[str] | None, standing: str
) -> None:
    tale.assess({"fact": "call_signs", "present": ["extreme_distress"]})
    tale.did("caller_told", that="police_come")
    kept = tale.did("grade_set", grade=local, reason="by_hand", by=DISPATCHER)
    assert kept["details"].get("against") == against
    assert tale.stands == standing
    assert ("against_policy:grade_set" in tale.due()) is (against is not None)
    assert ("tell_caller" in tale.due()) is (standing != "PRIORITY")


def test_what_was_decided_before_there_was_an_incident_belongs_to_it_afterwards(tale: Tale) -> None:
    room, contact = tale.caller(HANDLER), f"{tale.reference}-1"
    before = tale.call(VIOLENCE)
    first = room.decide({name: value for name, value in before.items() if name != "incident"})
    again = tale.call(*NEW)
    second = room.decide({name: value for name, value in again.items() if name != "incident"})
    waiting = tale.decide(second, **SAFE).granted()["event"]
    assert (waiting.get("incident"), waiting["contact"]) == (None, contact)
    tale.caller(HANDLER).get(f"/v1/incidents/{tale.reference}").problem(404, "not_found")
    third = tale.assess({"fact": "callback", "value": "safe"})
    told = tale.told()
    assert [one["decision"] for one in told["decisions"]][-1] == third["decision"]
    assert [told["standing"], told["waiting"], tale.kinds()] == ["IMMEDIATE", [waiting["id"]], ["outcome"]]
    assert refused(tale.close("attended_and_done"))[0] == "waits_for_second_person"
    tale.answer(waiting["id"], "refused").granted()
    assert tale.told()["waiting"] == []
    # An outcome on a decision of that time goes to the incident and sees what was decided there, once for each key.
    tale.decide(third, reason="as_recommended").granted()
    key = new_key()
    late = tale.decide(first, grade="immediate", reason="something_new", act="fact", key=key)
    assert (late.json()["outcome"], late.json()["event"]["incident"]) == ("accepted", tale.reference)
    assert len(late.json()["seen"]) == 1
    assert tale.decide(first, grade="immediate", reason="something_new", act="fact", key=key).body == late.body
    assert "fork" not in tale.told()
