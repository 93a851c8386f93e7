"""The life of a version through HTTP: its states, who may take which step, reports, declines, withdrawals, nights."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.auth.roles import Role
from chalicelib.canonical import canonical, sha256_hex
from chalicelib.model import instant_text
from tests.journeys.calls import FORCE, POLICY_ID, STEPS, Text
from tests.journeys.people import new_key
from tests.journeys.rooms import MovableClock, Stage
from tests.journeys.small_policy import (
    a_version,
    activate,
    active,
    applied,
    approve,
    listed,
    mixed,
    small_room,
    step,
    stronger,
    submitted,
    weaker,
)


@pytest.fixture
def small(data: Path) -> Iterator[Stage]:
    with small_room(data, MovableClock()) as stage:
        yield stage


def states(stage: Stage) -> dict[str, str]:
    return {one["version"]: one["state"] for one in stage.room.owner.get(STEPS).granted()["versions"]}


def test_a_version_is_shown_in_each_of_its_states_with_who_when_and_why(small: Stage) -> None:
    owner = small.room.owner
    manifest = owner.post(STEPS, stronger("second").sent()).granted()["manifest"]
    assert states(small) == {"first": "active", "second": "draft"}
    step(owner, manifest, "submit").granted()
    assert states(small)["second"] == "submitted"
    approve(small, "second")
    assert states(small)["second"] == "approved"
    starts = activate(small, "second", note="After the training").granted()["starts"]
    assert states(small) == {"first": "active", "second": "scheduled"}
    small.clock.move(minutes=6)
    assert states(small) == {"first": "superseded", "second": "active"}
    taken = listed(small, "second")["steps"]
    people = ["policy_owner-1", "policy_owner-1", "policy_approver-1", "policy_approver-1"]
    assert [one["by"] for one in taken] == people
    kinds = ["policy_drafted", "policy_submitted", "policy_approved", "policy_activated"]
    assert [one["step"] for one in taken] == kinds
    assert [one["at"] for one in taken] == sorted(one["at"] for one in taken)
    assert [taken[0]["note"], taken[3]["note"]] == ["Made for a story", "After the training"]
    assert (taken[3]["starts"], taken[3]["holds"]) == (starts, True)


def test_a_decline_has_a_reason_and_blocks_the_manifest_for_good(small: Stage) -> None:
    room = small.room
    manifest = submitted(small, stronger("second"))
    assert step(room.approver, manifest, "decline").status == 422, "a reason is needed"
    step(room.approver, manifest, "decline", {"reason": "Not trained yet"}).granted()
    told = listed(small, manifest)
    assert (told["state"], told["steps"][-1]["reason"]) == ("declined", "Not trained yet")
    for name, body in (("approve", {}), ("submit", {}), ("decline", {"reason": "Again"}), ("withdraw", {})):
        who = room.owner if name in ("submit", "withdraw") else room.approver
        step(who, manifest, name, body).problem(409, "wrong_state")
    activate(small, manifest).problem(409, "wrong_state")
    activate(small, manifest, night=True).problem(409, "wrong_state")
    room.owner.post(STEPS, stronger("second").sent()).problem(409, "wrong_state")
    anew = submitted(small, a_version("second", threats="immediate", change="After the training"))
    assert anew != manifest
    step(room.approver, anew, "approve").granted()


def test_authors_withdraw_what_is_not_approved_and_approvers_what_is(small: Stage) -> None:
    room = small.room
    stranger = room.caller("policy_owner", subject="policy_owner-2")
    draft = room.owner.post(STEPS, stronger("draft").sent()).granted()["manifest"]
    sent = submitted(small, stronger("sent"))
    for manifest in (draft, sent):
        step(stranger, manifest, "withdraw").problem(409, "author_withdraws")
        step(room.approver, manifest, "withdraw").problem(409, "author_withdraws")
        step(room.owner, manifest, "withdraw", {"reason": "A mistake"}).granted()
        assert listed(small, manifest)["state"] == "withdrawn"
        assert step(room.owner, manifest, "submit").status == 409
    ready = submitted(small, stronger("ready"))
    approve(small, ready)
    step(room.owner, ready, "withdraw").problem(409, "approver_withdraws")
    step(room.approver, ready, "withdraw").granted()
    activate(small, ready).problem(409, "wrong_state")
    step(room.approver, "first", "withdraw").problem(409, "go_back_first")


def test_a_withdrawn_activation_never_begins_for_anybody_and_can_be_made_again(small: Stage, data: Path) -> None:
    room, clock = small
    approve(small, submitted(small, stronger("second")))
    event = activate(small, "second").granted()["event"]["id"]
    step(room.owner, "second", "withdraw").problem(409, "approver_withdraws")
    key = new_key()
    taken = step(room.approver, "second", "withdraw", {"reason": "The training is late"}, key=key).granted()
    assert taken["withdraws"] == [event]
    assert step(room.approver, "second", "withdraw", {"reason": "The training is late"}, key=key).status == 200
    told = listed(small, "second")
    assert (told["state"], told["starts"]) == ("approved", [])
    assert [one.get("holds") for one in told["steps"]] == [None, None, None, False, None]
    assert "next" not in active(small)
    clock.move(minutes=10)
    assert applied(small) == "first"
    with small_room(data, clock) as cold:
        assert applied(cold) == "first"
    activate(small, "second").granted()
    clock.move(minutes=6)
    assert applied(small) == "second"


def test_a_withdrawal_that_nobody_recorded_is_not_believed(small: Stage, data: Path) -> None:
    approve(small, submitted(small, stronger("second")))
    activate(small, "second").granted()
    step(small.room.approver, "second", "withdraw").granted()
    event = activate(small, "second").granted()["event"]["id"]
    path = data / "objects" / "activations" / f"{FORCE}.json"
    known = json.loads(path.read_text())
    [genuine] = [entry for entry in known["entries"] if "withdraws" in entry]
    forged = [{**genuine, "event": "e_" + "a" * 32}, {**genuine, "starts": instant_text(small.clock())}, genuine]
    for entry in forged:
        entries = [*(one for one in known["entries"] if one != genuine), {**entry, "withdraws": [event]}]
        path.write_bytes(canonical({**known, "entries": entries}))
        with small_room(data, small.clock) as cold:
            assert listed(cold, "second")["state"] == "scheduled"
            assert cold.room.services.in_force.entries(FORCE)[-1].event == event
    small.clock.move(minutes=6)
    with small_room(data, small.clock) as cold:
        assert applied(cold) == "second"


def test_an_activation_is_not_taken_back_in_its_last_minute(small: Stage) -> None:
    approve(small, submitted(small, stronger("second")))
    activate(small, "second", minutes=2).granted()
    small.clock.move(seconds=61)
    step(small.room.approver, "second", "withdraw").problem(409, "begins_too_soon")
    small.clock.move(seconds=60)
    assert applied(small) == "second"


def test_a_submission_leaves_a_report_under_the_digest_that_its_event_names(small: Stage) -> None:
    room = small.room
    approve(small, submitted(small, stronger("scheduled")))
    activate(small, "scheduled").granted()
    draft = room.owner.post(STEPS, mixed("second").sent()).granted()["manifest"]
    assert room.owner.get(f"{STEPS}/{draft}/report").status == 404
    event = step(room.owner, draft, "submit").granted()
    read = [who.get(f"{STEPS}/{draft}/report") for who in (room.owner, room.approver, room.auditor)]
    assert {sha256_hex(one.body) for one in read} == {event["report"]}
    assert room.handler.get(f"{STEPS}/{draft}/report").status == 403
    report = read[0].json()
    assert (report["cases"], report["manifest"]["policy"]) == (1, event["policy"])
    told = [(one["version"], one["why"], one["comparison"]["grade"], one["lowers"]) for one in report["compared"]]
    assert told == [("first", "in_force", "mixed", True), ("scheduled", "scheduled", "only_lowers", True)]
    assert event["lowers"] is True
    assert all("version" not in finding for finding in report["findings"])


def test_errors_of_the_analysis_and_of_cases_keep_a_version_from_being_submitted(small: Stage) -> None:
    promise = (
        "guarantees:\n  - id: threats\n    says: Threats are immediate.\n    basis: [force]\n"
        "    when: {fact: dangers, includes_any: [threats]}\n    at_least: immediate\n"
    )
    text = a_version("second")
    text = text._replace(
        policy=text.policy + promise, cases=text.cases.replace("SCHEDULED}", "RESOLVE, at_most: RESOLVE}")
    )
    checked = small.room.owner.post(f"/v1/policies/{POLICY_ID}/check", text.sent()).granted()
    assert {fault["code"] for fault in checked["faults"]} == {"case", "guarantee_refuted"}
    draft = small.room.owner.post(STEPS, text.sent()).granted()["manifest"]
    refused = step(small.room.owner, draft, "submit").problem(422, "invalid")
    assert refused["errors"] == checked["faults"]
    assert states(small)["second"] == "draft"


def test_a_check_stores_nothing_and_tells_what_a_submission_would(small: Stage, data: Path) -> None:
    def kept() -> list[Path]:
        return sorted(path for path in data.rglob("*") if path.is_file() and path.suffix in (".json", ".yaml"))

    before = kept()
    checked = small.room.owner.post(f"/v1/policies/{POLICY_ID}/check", weaker("second").sent()).granted()
    assert kept() == before
    assert states(small) == {"first": "active"}
    assert checked["faults"] == []
    manifest = submitted(small, weaker("second"))
    report = small.room.owner.get(f"{STEPS}/{manifest}/report").json()
    assert (checked["findings"], checked["compared"]) == (report["findings"], report["compared"])
    wrong = weaker("second").replaced("includes_any: [threats]", "includes_any: [thretas]")
    [fault] = small.room.owner.post(f"/v1/policies/{POLICY_ID}/check", wrong.sent()).problem(422, "invalid")["errors"]
    assert fault["line"] > 1


def test_a_version_is_compared_with_the_one_in_force_or_with_any_other(small: Stage) -> None:
    room = small.room
    manifest = submitted(small, weaker("second"))
    where = f"{STEPS}/{manifest}/compare"
    found = [
        room.auditor.get(where, with_=name).granted()
        for name in ("active", "first", listed(small, "first")["manifest"])
    ]
    assert found[0] == found[1] == found[2]
    assert (found[0]["comparison"]["grade"], found[0]["comparison"]["step"]) == ("only_lowers", "major")
    refused = step(room.approver, manifest, "approve").problem(409, "not_acknowledged")
    assert (refused["acknowledge"], refused["lowerings"]) == (found[0]["acknowledge"], found[0]["lowerings"])
    itself = room.owner.get(where, with_=manifest).granted()
    assert (itself["comparison"]["grade"], "acknowledge" in itself) == ("equal", False)
    assert room.owner.get(where, with_="nowhere").status == 404
    assert room.handler.get(where).status == 403


STEPS_OF = ("submit", "approve", "decline", "activate", "night", "withdraw")
BODIES: dict[str, dict[str, Any]] = {"decline": {"reason": "No"}, "night": {"night": True}}
MAY = {
    "policy_owner": {"submit", "night", "withdraw"},
    "policy_approver": {"approve", "decline", "activate", "night", "withdraw"},
}


@pytest.mark.parametrize("name", STEPS_OF)
def test_each_step_is_for_the_roles_that_it_is_for(small: Stage, name: str) -> None:
    start = {"from": instant_text(small.clock() + timedelta(minutes=5))}
    body = start if name == "activate" else BODIES.get(name, {})
    route = "activate" if name == "night" else name
    for role in Role:
        answer = step(small.room.caller(role.value), "first", route, body)
        assert (answer.status != 403) is (name in MAY.get(role.value, ())), (role, answer.body)
    assert states(small) == {"first": "active"}


def test_at_night_one_person_puts_in_force_what_is_proved_to_only_raise(small: Stage) -> None:
    room, clock = small
    manifest = submitted(small, stronger("second"))
    answer = step(room.owner, manifest, "activate", {"night": True}).granted()
    assert answer["night"] is True
    clock.move(seconds=61)
    assert applied(small) == "second"
    told = [listed(small, "second"), active(small)]
    assert [(one["approval_due"], one["overdue"]) for one in told] == [(answer["approval_due"], False)] * 2
    assert (told[0]["state"], "approved_by" in told[0]) == ("active", False)
    clock.move(hours=24)
    assert listed(small, "second")["overdue"] is active(small)["overdue"] is True
    step(room.caller("policy_approver", subject="policy_owner-1"), "second", "approve").problem(
        409, "author_cannot_approve"
    )
    approve(small, "second")
    told = [listed(small, "second"), active(small)]
    assert [name for one in told for name in one if name in ("approval_due", "overdue")] == []


@pytest.mark.parametrize("text", [weaker, mixed])
def test_at_night_nothing_goes_that_lowers_anything(small: Stage, text: Callable[[str], Text]) -> None:
    manifest = submitted(small, text("second"))
    for who in (small.room.owner, small.room.approver):
        refused = step(who, manifest, "activate", {"night": True}).problem(409, "only_raises_at_night")
        acknowledged = {"night": True, "acknowledged": refused["acknowledge"]}
        step(who, manifest, "activate", acknowledged).problem(409, "only_raises_at_night")
    draft = small.room.owner.post(STEPS, stronger("third").sent()).granted()["manifest"]
    step(small.room.owner, draft, "activate", {"night": True}).problem(409, "wrong_state")
    assert applied(small) == "first"


def test_what_went_in_force_at_night_is_declined_only_after_going_back(small: Stage) -> None:
    room, clock = small
    manifest = submitted(small, stronger("second"))
    later = instant_text(clock() + timedelta(minutes=5))
    step(room.owner, manifest, "activate", {"night": True, "from": later}).granted()
    decline = {"reason": "Not meant so"}
    step(room.approver, manifest, "decline", decline).problem(409, "withdraw_first")
    step(room.owner, manifest, "withdraw").granted()
    assert listed(small, manifest)["state"] == "submitted"
    step(room.owner, manifest, "activate", {"night": True}).granted()
    clock.move(minutes=2)
    refused = step(room.approver, manifest, "decline", decline).problem(409, "go_back_first")
    assert "go back first" in refused["detail"]
    step(room.owner, manifest, "withdraw").problem(409, "go_back_first")
    back = activate(small, "first", emergency=True).problem(409, "compared_with_another")
    activate(small, "first", emergency=True, acknowledged=back["acknowledge"]).granted()
    step(room.approver, manifest, "decline", decline).granted()
    assert states(small) == {"first": "active", "second": "declined"}
    activate(small, manifest, emergency=True).problem(409, "wrong_state")


def test_at_night_there_has_to_be_something_to_compare_with(data: Path) -> None:
    with small_room(data, MovableClock()) as stage:
        (data / "objects" / "activations" / "hertfordshire.json").unlink()
        manifest = submitted(stage, stronger("second"))
        step(stage.room.owner, manifest, "activate", {"night": True}).problem(409, "nothing_in_force")
