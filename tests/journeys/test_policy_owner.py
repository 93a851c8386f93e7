"""Owner and approver through HTTP: from a wrong draft to a version in force, at one instant, and back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chalicelib.model import instant_text
from chalicelib.workflows.policies_in_force import label_object
from tests.journeys.calls import (
    FORCE,
    POLICY_ID,
    STEPS,
    VIOLENCE_HERE,
    a_call,
    activate,
    approved,
    drafted,
    grade,
    renamed,
    shipped,
    warned,
)
from tests.journeys.people import new_key, replay_everything
from tests.journeys.rooms import Stage


def test_an_owner_is_told_line_and_column_of_each_fault(fresh: Stage) -> None:
    text = shipped().labelled("2026.2")
    wrong = text.policy.replace("    national: PRIORITY", "    national: PRIORITTY")
    wrong = wrong.replace("includes_any: [screaming, struggle]", "includes_any: [screaming, strugle]", 1)
    answer = fresh.room.owner.post(STEPS, {"policy": wrong, "cases": text.cases})
    faults = answer.problem(422, "invalid")["errors"]
    lines = wrong.splitlines()
    [grade_fault] = faults
    assert "PRIORITTY" in lines[grade_fault["line"] - 1]
    assert lines[grade_fault["line"] - 1][grade_fault["column"] - 1 :].startswith("PRIORITTY")
    # With the form right, the names are looked at.
    named = wrong.replace("PRIORITTY", "PRIORITY")
    answer = fresh.room.owner.post(STEPS, {"policy": named, "cases": text.cases})
    [name_fault] = answer.problem(422, "invalid")["errors"]
    assert "strugle" in lines[name_fault["line"] - 1]
    assert "struggle" in name_fault["expected"]
    unreadable = fresh.room.owner.post(STEPS, {"policy": "id: [", "cases": text.cases})
    assert unreadable.status == 400
    assert unreadable.json()["errors"][0]["line"] in (1, 2), "where the list should have ended"
    assert [one["version"] for one in fresh.room.owner.get(STEPS).granted()["versions"]] == ["2026.1"], "nothing kept"


def test_a_version_goes_from_draft_to_in_force_by_two_people_at_one_instant(fresh: Stage) -> None:
    room, clock = fresh.room, fresh.clock
    owner, approver, handler = room.owner, room.approver, room.handler
    begun_before = handler.decide(a_call(*VIOLENCE_HERE, contact="begun-before"))
    manifest = drafted(owner, renamed())
    activate(approver, manifest).problem(409, "wrong_state")
    approver.post(f"{STEPS}/{manifest}/approve", {}).problem(409, "wrong_state")
    owner.post(f"{STEPS}/{manifest}/submit", {}).granted()
    both = room.caller("policy_owner", "policy_approver", subject="policy_owner-1")
    both.post(f"{STEPS}/{manifest}/approve", {}).problem(409, "author_cannot_approve")
    assert owner.post(f"{STEPS}/{manifest}/approve", {}).status == 403
    approver.post(f"{STEPS}/{manifest}/approve", {}).granted()

    too_soon = activate(approver, manifest, start=instant_text(clock() + timedelta(seconds=59)))
    [fault] = too_soon.problem(422, "invalid")["errors"]
    assert (fault["code"], fault["pointer"]) == ("too_soon", "/from")
    begins = clock() + timedelta(seconds=90)
    assert activate(approver, manifest, start=instant_text(begins)).status == 201
    known = room.auditor.get(f"/v1/policies/{POLICY_ID}/active").granted()
    assert (known["version"], known["next"]) == ("2026.1", instant_text(begins))

    def version(contact: str, state: str = "in_progress") -> str:
        found: str = handler.decide(a_call(contact=contact, state=state))["policy"]["version"]
        return found

    assert version("just-before") == "2026.1"
    clock.move(seconds=(begins - clock()).total_seconds() - 0.1)
    assert version("the-last-moment") == "2026.1"
    clock.move(seconds=0.2)
    assert version("just-after") == "2026.2"
    assert version("just-before") == "2026.1", "a contact stays on the version that it began with"

    # When the call is over, what comes later is judged by the version in force, and that is said.
    assert version("begun-before", state="completed") == "2026.1"
    later = handler.decide(a_call(contact="begun-before", state="completed", trigger="attendance_delayed"))
    assert later["policy"]["version"] == "2026.2"
    assert warned(later) == [("policy_changed", ""), ("earlier_answer_not_in_policy", "")]
    assert grade(later) == grade(begun_before) == "IMMEDIATE"
    assert later["advice"]["grade"]["standing"] == "IMMEDIATE"

    listed = {one["version"]: one for one in owner.get(STEPS).granted()["versions"]}
    assert listed["2026.2"]["approved_by"] == "policy_approver-1"
    assert listed["2026.2"]["authors"] == ["policy_owner-1"]
    assert listed["2026.2"]["starts"] == [instant_text(begins)]
    assert replay_everything(room.auditor, room.journal) == len(room.journal.bodies)


def test_an_emergency_rollback_takes_now(fresh: Stage) -> None:
    room, clock = fresh.room, fresh.clock
    manifest = approved(room.owner, room.approver, renamed())
    activate(room.approver, manifest, start=instant_text(clock() + timedelta(seconds=61))).granted()
    clock.move(minutes=2)
    assert room.handler.decide(a_call(contact="on-the-new-one"))["policy"]["version"] == "2026.2"
    back = activate(room.approver, "2026.1")
    assert back.status == 201
    now = room.auditor.get(f"/v1/policies/{POLICY_ID}/active").granted()
    assert now["version"] == "2026.1"
    clock.move(seconds=21)
    assert room.handler.decide(a_call(contact="back-on-the-old-one"))["policy"]["version"] == "2026.1"
    assert room.handler.decide(a_call(contact="on-the-new-one"))["policy"]["version"] == "2026.2"
    at = instant_text(clock() - timedelta(seconds=60))
    assert room.auditor.get(f"/v1/policies/{POLICY_ID}/active", at=at).granted()["version"] == "2026.2"
    assert replay_everything(room.auditor, room.journal) == 3


def test_an_emergency_is_for_going_back_to_what_has_been_in_force(fresh: Stage) -> None:
    room, clock = fresh
    manifest = approved(room.owner, room.approver, renamed())
    activate(room.approver, manifest).problem(409, "emergency_is_for_going_back")
    begins = clock() + timedelta(minutes=5)
    activate(room.approver, manifest, start=instant_text(begins)).granted()
    activate(room.approver, manifest).problem(409, "emergency_is_for_going_back")
    assert room.auditor.get(f"/v1/policies/{POLICY_ID}/active").granted()["version"] == "2026.1"
    clock.move(minutes=6)
    activate(room.approver, "2026.1").granted()
    assert activate(room.approver, manifest).status == 201, "it has been in force by now"


def test_a_step_taken_again_by_somebody_else_is_a_step_of_their_own(fresh: Stage) -> None:
    room, key = fresh.room, new_key()
    other_owner = room.caller("policy_owner", subject="policy_owner-2")
    drafts = [who.post(STEPS, renamed().sent(), key=key) for who in (room.owner, other_owner, room.owner)]
    assert [answer.status for answer in drafts] == [201, 201, 200]
    assert drafts[2].body == drafts[0].body != drafts[1].body
    manifest = drafts[0].json()["manifest"]
    [version] = [one for one in room.owner.get(STEPS).granted()["versions"] if one["manifest"] == manifest]
    assert version["authors"] == ["policy_owner-1", "policy_owner-2"]
    room.owner.post(f"{STEPS}/{manifest}/submit", {}).granted()
    # Nobody is given another's approval as if it were their own, an author least of all.
    approval = f"{STEPS}/{manifest}/approve"
    first = room.approver.post(approval, {}, key=key)
    author = room.caller("policy_owner", "policy_approver", subject="policy_owner-2")
    author.post(approval, {}, key=key).problem(409, "wrong_state")
    assert room.approver.post(approval, {}, key=key).body == first.body


def test_of_two_versions_approved_at_once_under_one_label_one_is_bound(fresh: Stage) -> None:
    room = fresh.room
    worry = ("Worry for somebody's safety", "Worry for the safety of somebody")
    texts = [renamed(), renamed().replaced(*worry)]
    manifests = [drafted(room.owner, one) for one in texts]
    for manifest in manifests:
        room.owner.post(f"{STEPS}/{manifest}/submit", {}).granted()
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda manifest: room.approver.post(f"{STEPS}/{manifest}/approve", {}), manifests))
    assert sorted(answer.status for answer in answers) == [201, 409]
    [refused] = [answer for answer in answers if answer.status == 409]
    refused.problem(409, "label_bound")
    assert room.approver.get("/v1/policies").granted()["policies"] == [POLICY_ID]


@pytest.mark.parametrize("label", ["2026.2", "2026..2", "2026...", "a_.b-C"])
def test_a_label_that_was_bound_by_an_interrupted_approval_stays_its_versions(fresh: Stage, label: str) -> None:
    room = fresh.room
    name = label_object(POLICY_ID, FORCE, label)
    mine, others = (drafted(room.owner, text.labelled(label)) for text in (shipped(), renamed()))
    for manifest in (mine, others):
        room.owner.post(f"{STEPS}/{manifest}/submit", {}).granted()
    assert room.services.ports.policies.create(name, mine.encode())
    room.approver.post(f"{STEPS}/{others}/approve", {}).problem(409, "label_bound")
    assert room.approver.post(f"{STEPS}/{mine}/approve", {}).status == 201


def test_a_label_is_bound_by_its_approval_and_a_published_version_cannot_be_replaced(fresh: Stage) -> None:
    room = fresh.room
    other = shipped().replaced("Worry for somebody's safety", "Worry for the safety of somebody")
    manifest = drafted(room.owner, other)
    room.owner.post(f"{STEPS}/{manifest}/submit", {}).granted()
    room.approver.post(f"{STEPS}/{manifest}/approve", {}).problem(409, "label_bound")
    document = room.auditor.get(f"{STEPS}/2026.1").granted()
    assert document["policy"] == room.handler.decide(a_call(contact="bound"))["policy"]["digest"]


def test_cases_that_do_not_come_out_keep_a_version_from_being_submitted(fresh: Stage) -> None:
    weaker = shipped().labelled("2026.3")
    held = "{is: IMMEDIATE}, reasons: [f02_offender_held_a_risk]"
    weaker = weaker._replace(cases=weaker.cases.replace(held, held.replace("IMMEDIATE", "RESOLVE")))
    manifest = drafted(fresh.room.owner, weaker)
    refused = fresh.room.owner.post(f"{STEPS}/{manifest}/submit", {}).problem(422, "invalid")
    [fault] = refused["errors"]
    assert (fault["code"], fault["pointer"]) == ("case", "cases:P03")
    assert "expected RESOLVE, got IMMEDIATE" in fault["detail"]
