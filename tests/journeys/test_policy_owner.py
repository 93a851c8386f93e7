"""Owner and approver through HTTP: from a wrong draft to a version in force, at one instant, and back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from chalicelib.api.policy_examples import VERSION_SENT
from chalicelib.authoring.documents import checked
from chalicelib.authoring.lifecycle import NATIONAL_FORCE
from chalicelib.cli.shipped_policies import put_in_force
from chalicelib.model import instant_text
from chalicelib.workflows.policies_in_force import label_object
from tests.journeys.calls import (
    FORCE,
    POLICY_ID,
    STEPS,
    VIOLENCE_HERE,
    Text,
    a_call,
    accepting,
    activate,
    approved,
    drafted,
    grade,
    reasons,
    renamed,
    shipped,
    warned,
)
from tests.journeys.people import Caller, new_key, replay_everything
from tests.journeys.rooms import Stage, embedded


def test_an_owner_is_told_line_and_column_of_each_fault(fresh: Stage) -> None:
    text = shipped().labelled("2026.2")
    wrong = text.replaced('"national": "PRIORITY"', '"national": "PRIORITTY"').policy
    before, after = wrong.split('"includes_any": [', 1)
    wrong = f'{before}"includes_any": [' + after.replace("screaming", "screeming", 1)
    answer = fresh.room.owner.post(STEPS, {"policy": wrong, "cases": text.cases})
    faults = answer.problem(422, "invalid")["errors"]
    lines = wrong.splitlines()
    assert len(faults) == 2, "what is wrong in form and what is wrong in names"
    expected = {lines[one["line"] - 1][one["column"] - 1 :].rstrip(","): one["expected"] for one in faults}
    assert "PRIORITY" in expected['"PRIORITTY"']
    assert "screaming" in expected['"screeming"']
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
    accepting(approver, f"{STEPS}/{manifest}/approve", {}).granted()

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
    sent = shipped().labelled("2026.2").sent()
    drafts = [who.post(STEPS, sent, key=key) for who in (room.owner, other_owner, room.owner)]
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
        paths = [f"{STEPS}/{manifest}/approve" for manifest in manifests]
        answers = list(pool.map(lambda path: accepting(room.approver, path, {}), paths))
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
    accepting(room.approver, f"{STEPS}/{others}/approve", {}).problem(409, "label_bound")
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
    before, after = weaker.cases.split("- id: P03", 1)
    weaker = weaker._replace(cases=f"{before}- id: P03{after.replace('{is: IMMEDIATE}', '{is: RESOLVE}', 1)}")
    manifest = drafted(fresh.room.owner, weaker)
    refused = fresh.room.owner.post(f"{STEPS}/{manifest}/submit", {}).problem(422, "invalid")
    [fault] = refused["errors"]
    assert (fault["code"], fault["pointer"]) == ("case", "cases:P03")
    assert "expected RESOLVE, got IMMEDIATE" in fault["detail"]


BASE_ID = "national-example"
BASES = f"/v1/policies/{BASE_ID}/versions"


def base_text() -> Text:
    """A small national policy."""
    text = Text(**cast("dict[str, str]", VERSION_SENT)).replaced(POLICY_ID, BASE_ID)
    return text.replaced(f"force: {FORCE}", f"force: {NATIONAL_FORCE}")


def overlay_text(base: str, force: str = FORCE) -> Text:
    """A force's differences from it: one danger more, and what follows from it."""
    policy = f"""\
# Ours is only what differs.
format: overlay/1
id: {POLICY_ID}
force: {force}
version: "2026.9"
title: THRIIVES on the national base
owner: Head of Contact Management
change: Fires are named
based_on: {{id: {BASE_ID}, sha256: "{base}"}}
facts:
  add:
    - {{id: fire, type: yes_no, question: Is anything on fire?, worse: yes, purpose: [grade]}}
rules:
  add:
    - {{id: fire, says: Something is on fire., basis: [force], when: {{fact: fire, is: yes}}, grade: immediate}}
"""
    expected = "expect: {grade: {is: IMMEDIATE}, reasons: [fire]}"
    case = f"  - {{id: fire, title: Fire, answers: [{{fact: fire, value: yes}}], {expected}}}\n"
    return Text(policy, f"format: cases/1\npolicy: {POLICY_ID}\ncases:\n{case}")


def published_base(owner: Caller, approver: Caller) -> tuple[str, str]:
    """The manifest and the policy digest of the base, approved by those who keep it."""
    draft = owner.post(BASES, base_text().sent()).granted()
    owner.post(f"{BASES}/{draft['manifest']}/submit", {}).granted()
    approver.post(f"{BASES}/{draft['manifest']}/approve", {}).granted()
    return draft["manifest"], draft["policy"]


def test_a_force_puts_its_differences_from_a_national_base_in_force(fresh: Stage) -> None:
    room, clock = fresh
    room.services.keys.create(NATIONAL_FORCE)
    digest = checked(base_text().policy.encode()).compiled.digest
    [fault] = room.owner.post(STEPS, overlay_text(digest).sent()).problem(422, "invalid")["errors"]
    assert (fault["code"], fault["pointer"], fault["line"]) == ("no_base", "/based_on", 9)
    assert f"POST {BASES}" in fault["expected"]
    keeper, other = (room.caller(role, force=NATIONAL_FORCE) for role in ("policy_owner", "policy_approver"))
    assert published_base(keeper, other)[1] == digest

    overlay = overlay_text(digest)
    manifest = approved(room.owner, room.approver, overlay)
    begins = clock() + timedelta(seconds=61)
    activate(room.approver, manifest, start=instant_text(begins)).granted()
    clock.move(minutes=2)
    decision = room.handler.decide(a_call({"fact": "fire", "value": "yes"}, contact="fire"))
    assert (grade(decision), reasons(decision)) == ("IMMEDIATE", {"fire"})
    read = room.auditor.get(f"{STEPS}/2026.9").granted()
    assert read["policy"] == decision["policy"]["digest"]
    assert read["based_on"] == {"id": BASE_ID, "sha256": digest}
    assert [rule["id"] for rule in read["document"]["rules"]] == ["danger_now", "fire"], "the flat policy"
    assert room.auditor.get(f"{STEPS}/2026.9/source").body.decode() == overlay.policy
    assert (read["manifest"], read["state"]) == (manifest, "active")
    assert replay_everything(room.auditor, room.journal) == 1


def test_a_national_base_is_read_by_every_force_and_changed_by_none(fresh: Stage) -> None:
    room, clock = fresh
    room.services.keys.create(NATIONAL_FORCE)
    keeper, other = (room.caller(role, force=NATIONAL_FORCE) for role in ("policy_owner", "policy_approver"))
    manifest, digest = published_base(keeper, other)
    listed = room.owner.get("/v1/policies").granted()
    assert BASE_ID in listed["bases"]
    assert BASE_ID not in listed["policies"]
    [version] = room.owner.get(BASES).granted()["versions"]
    assert (version["policy"], version["state"]) == (digest, "approved")
    assert room.owner.get(f"{BASES}/2026.2").granted()["document"]["force"] == NATIONAL_FORCE
    assert room.owner.get(f"{BASES}/2026.2/source").body.decode() == base_text().policy
    [fault] = room.owner.post(BASES, base_text().sent()).problem(422, "invalid")["errors"]
    assert fault["pointer"] == "/force"
    room.owner.post(f"{BASES}/{manifest}/submit", {}).problem(404, "not_found")
    room.approver.post(f"{BASES}/{manifest}/approve", {}).problem(404, "not_found")
    start = {"from": instant_text(clock() + timedelta(minutes=5))}
    room.approver.post(f"{BASES}/{manifest}/activate", start).problem(404, "not_found")
    other.post(f"{BASES}/{manifest}/activate", start).problem(409, "base_only")


def test_another_forces_policy_is_no_base(fresh: Stage) -> None:
    room = fresh.room
    own = room.auditor.get(f"{STEPS}/2026.1").granted()
    text = overlay_text(own["policy"], "bedfordshire").replaced(f"id: {BASE_ID}", f"id: {POLICY_ID}")
    stranger = room.caller("policy_owner", force="bedfordshire")
    there = stranger.post(STEPS, text.sent()).problem(422, "invalid")
    absent = stranger.post(STEPS, text.replaced(own["policy"], "a" * 64).sent()).problem(422, "invalid")
    assert there["errors"] == absent["errors"], "whether it is there cannot be told"
    # For the force itself it is one, whatever the state of that version.
    mine = text.replaced("force: bedfordshire", f"force: {FORCE}")
    faults = room.owner.post(STEPS, mine.sent()).json().get("errors", [])
    assert "no_base" not in [fault["code"] for fault in faults]


def test_the_first_start_stores_a_base_before_the_overlay_that_needs_it(data: Path, tmp_path: Path) -> None:
    base = base_text()
    texts = {POLICY_ID: overlay_text(checked(base.policy.encode()).compiled.digest), BASE_ID: base}
    for name, text in texts.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "policy.yaml").write_text(text.policy)
        (tmp_path / name / "cases.yaml").write_text(text.cases)
    services = embedded(data)
    for _ in range(2):
        assert put_in_force(services, tmp_path / POLICY_ID) == FORCE
        assert put_in_force(services, tmp_path / BASE_ID) == NATIONAL_FORCE
    [stored] = services.publisher.versions(NATIONAL_FORCE, BASE_ID).values()
    assert (stored.state, len(stored.steps)) == ("approved", 3)
    assert services.in_force.current(FORCE, services.clock()).policy.policy.version == "2026.9"
    assert services.in_force.entries(NATIONAL_FORCE) == []
    # A later release may ship another text of the base; what is in force stays as it is.
    (tmp_path / BASE_ID / "policy.yaml").write_text(base.policy.replace("shortened", "cut down"))
    assert put_in_force(services, tmp_path / BASE_ID) == NATIONAL_FORCE
    assert len(services.publisher.versions(NATIONAL_FORCE, BASE_ID)) == 2
