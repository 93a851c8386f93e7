"""No weaker version goes live without its list accepted by somebody who is no author, whichever way it is tried."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from chalicelib.auth.roles import Role
from chalicelib.authoring.lifecycle import NATIONAL_FORCE
from chalicelib.canonical import canonical
from chalicelib.model import instant_of, instant_text
from tests.journeys.calls import FORCE, POLICY_ID, STEPS, Text
from tests.journeys.people import Answer, new_key
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


def unlisted(data: Path) -> None:
    """Take the newest entry off the list: as if the store had failed after the event and before the list."""
    path = data / "objects" / "activations" / f"{FORCE}.json"
    known = json.loads(path.read_text())
    path.write_bytes(canonical({**known, "entries": known["entries"][:-1]}))


def raised(stage: Stage) -> str:
    """A stronger version in force from in five minutes; its manifest."""
    manifest = submitted(stage, stronger("strong"))
    approve(stage, manifest)
    activate(stage, manifest).granted()
    return manifest


# Approvals.


@pytest.mark.parametrize("text", [weaker, mixed])
def test_an_approval_of_what_lowers_anything_has_to_name_the_list(small: Stage, text: Callable[[str], Text]) -> None:
    approver, manifest = small.room.approver, submitted(small, text("second"))
    refused = step(approver, manifest, "approve").problem(409, "not_acknowledged")
    [one] = refused["lowerings"]
    assert (one["old"]["version"], one["new"]["version"]) == ("first", "second")
    assert any(thing["kind"] == "grade" and "Priority" in thing["says"] for thing in one["lowered"])
    for wrong in ("a" * 64, manifest):
        step(approver, manifest, "approve", {"acknowledged": wrong}).problem(409, "not_acknowledged")
    accepted = step(approver, manifest, "approve", {"acknowledged": refused["acknowledge"]}).granted()
    assert accepted["acknowledged"] == refused["acknowledge"]
    [kept] = small.room.auditor.get(f"{STEPS}/second/lowerings").granted()["accepted"]
    assert (kept["by"], kept["lowerings"]) == ("policy_approver-1", refused["lowerings"])
    activate(small, "second").granted()
    small.clock.move(minutes=6)
    assert applied(small) == "second"


def test_nobody_else_gets_a_weaker_version_through(small: Stage) -> None:
    room = small.room
    manifest = submitted(small, weaker("second"))
    answer = step(room.approver, manifest, "approve").problem(409, "not_acknowledged")
    body = {"acknowledged": answer["acknowledge"]}
    start = {"from": "2026-12-01T06:00:00Z", **body}
    author = room.caller(*(role.value for role in Role), subject="policy_owner-1")
    step(author, manifest, "approve", body).problem(409, "author_cannot_approve")
    for who in (author, *(room.caller(role.value) for role in Role if role is not Role.POLICY_APPROVER)):
        assert step(who, manifest, "approve", body).status in (403, 409)
        for sent in (start, {"night": True, **body}, {"emergency": True, **body}):
            assert step(who, manifest, "activate", sent).status in (403, 409)
    assert listed(small, manifest)["state"] == "submitted"


def test_what_is_edited_after_approval_is_another_version(small: Stage) -> None:
    approve(small, submitted(small, stronger("second")))
    edited = submitted(small, weaker("second"))
    only_cases = submitted(small, a_version("second", threats="immediate", title="Another title"))
    for manifest in (edited, only_cases):
        activate(small, manifest).problem(409, "wrong_state")
        step(small.room.approver, manifest, "approve").problem(409, "label_bound")
    activate(small, "second").granted()
    small.clock.move(minutes=6)
    assert active(small)["manifest"] not in (edited, only_cases)


def test_an_approval_sent_again_approves_nothing_else(small: Stage) -> None:
    approver, key = small.room.approver, new_key()
    one, other = (submitted(small, weaker(label)) for label in ("one", "other"))
    listing = step(approver, one, "approve").problem(409, "not_acknowledged")
    body = {"acknowledged": listing["acknowledge"]}
    step(approver, one, "approve", body, key=key).granted()
    assert step(approver, one, "approve", body, key=key).status == 200
    step(approver, other, "approve", body, key=key).problem(409, "not_acknowledged")
    # What was accepted in the place of the first is not accepted in the place of a stronger one.
    raised(small)
    activate(small, one, minutes=10).problem(409, "compared_with_another")


def test_two_who_approve_at_once_have_both_seen_the_list(small: Stage) -> None:
    manifest = submitted(small, weaker("second"))
    people = [small.room.approver, small.room.caller("policy_approver", subject="policy_approver-2")]
    digest = step(people[0], manifest, "approve").json()["acknowledge"]
    bodies = [{}, {"acknowledged": digest}]
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(lambda pair: step(pair[0], manifest, "approve", pair[1]), zip(people, bodies, strict=True))
        )
    assert sorted(answer.status for answer in answers) == [201, 409]
    assert listed(small, manifest)["approved_by"] == "policy_approver-2"


def test_a_base_that_became_weaker_lowers_nothing_until_its_overlay_is_approved(small: Stage) -> None:
    room = small.room
    room.services.keys.create(NATIONAL_FORCE)
    bases = "/v1/policies/national-example/versions"
    keeper, other = (room.caller(role, force=NATIONAL_FORCE) for role in ("policy_owner", "policy_approver"))
    manifests = []
    for number, text in enumerate([a_version("1"), weaker("2")]):
        text = text.replaced(POLICY_ID, "national-example").replaced(f"force: {FORCE}", f"force: {NATIONAL_FORCE}")
        base = keeper.post(bases, text.sent()).granted()
        keeper.post(f"{bases}/{base['manifest']}/submit", {}).granted()
        other.post(f"{bases}/{base['manifest']}/approve", {}).granted()
        overlay = (
            f'format: overlay/1\nid: {POLICY_ID}\nforce: {FORCE}\nversion: "over-{number}"\ntitle: Ours\n'
            f"owner: Head of Contact Management\nchange: On another base\n"
            f'based_on: {{id: national-example, sha256: "{base["policy"]}"}}\n'
        )
        manifests.append(submitted(small, Text(overlay, a_version("").cases)))
    approve(small, manifests[0])
    activate(small, manifests[0]).granted()
    small.clock.move(minutes=6)
    assert applied(small) == "over-0"
    step(room.approver, manifests[1], "approve").problem(409, "not_acknowledged")


# Activations.


def test_an_activation_is_compared_with_what_will_be_in_force_then(small: Stage) -> None:
    again = submitted(small, a_version("again", change="Only words"))
    approve(small, again)
    raised(small)
    activate(small, again, minutes=4).granted()
    step(small.room.approver, again, "withdraw").granted()
    refused = activate(small, again, minutes=10).problem(409, "compared_with_another")
    assert [(one["old"]["version"], one["new"]["version"]) for one in refused["lowerings"]] == [("strong", "again")]
    for wrong in ("a" * 64, again):
        activate(small, again, minutes=10, acknowledged=wrong).problem(409, "compared_with_another")
    body = {"from": "2026-12-01T06:00:00Z", "acknowledged": refused["acknowledge"]}
    both = small.room.caller("policy_owner", "policy_approver", subject="policy_owner-1")
    step(both, again, "activate", body).problem(409, "author_cannot_acknowledge")
    told = step(small.room.approver, again, "activate", body).granted()
    assert told["acknowledged"] == refused["acknowledge"]
    small.clock.move(days=9)
    assert applied(small) == "again"


def test_what_is_put_before_a_scheduled_version_is_compared_with_it_too(small: Stage) -> None:
    again = submitted(small, a_version("again", change="Only words"))
    approve(small, again)
    activate(small, again, minutes=60).granted()
    strong = submitted(small, stronger("strong"))
    approve(small, strong)
    refused = activate(small, strong, minutes=30).problem(409, "compared_with_another")
    assert [(one["old"]["version"], one["new"]["version"]) for one in refused["lowerings"]] == [("strong", "again")]
    night = submitted(small, stronger("night"))
    step(small.room.owner, night, "activate", {"night": True}).problem(409, "only_raises_at_night")
    activate(small, strong, minutes=30, acknowledged=refused["acknowledge"]).granted()
    small.clock.move(minutes=61)
    assert applied(small) == "again"


def test_what_follows_a_withdrawn_activation_is_compared_with_what_it_replaces_instead(small: Stage) -> None:
    approver = small.room.approver
    for label in ("copy", "next"):
        approve(small, submitted(small, a_version(label, change=f"Words of {label}")))
    raised(small)
    small.clock.move(minutes=6)
    digest = activate(small, "copy").problem(409, "compared_with_another")["acknowledge"]
    activate(small, "copy", acknowledged=digest).granted()
    activate(small, "next", minutes=10).granted()
    refused = step(approver, "copy", "withdraw").problem(409, "compared_with_another")
    assert [(one["old"]["version"], one["new"]["version"]) for one in refused["lowerings"]] == [("strong", "next")]
    step(approver, "copy", "withdraw", {"acknowledged": refused["acknowledge"]}).granted()
    small.clock.move(minutes=6)
    assert applied(small) == "strong"
    small.clock.move(minutes=6)
    assert applied(small) == "next"


@pytest.mark.parametrize("turn", range(3))
def test_of_two_activations_at_once_neither_slips_past_the_other(small: Stage, turn: int) -> None:
    raising, copy = (submitted(small, one) for one in (stronger("strong"), a_version("copy", change="Words")))
    for manifest in (raising, copy):
        approve(small, manifest)
    together = Barrier(2)

    def begin(manifest: str, minutes: int) -> Answer:
        together.wait()
        return activate(small, manifest, minutes=minutes)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(begin, (raising, copy), (30, 31)))
    assert sorted(answer.status for answer in answers) == [201, 409], turn
    [refused] = [answer for answer in answers if answer.status == 409]
    refused.problem(409, "compared_with_another")
    begun = {one["version"]: len(one["starts"]) for one in small.room.owner.get(STEPS).granted()["versions"]}
    assert begun["strong"] + begun["copy"] == 1


def test_a_rollback_to_something_weaker_is_accepted_in_the_same_request_each_time(small: Stage) -> None:
    both = small.room.caller("policy_owner", "policy_approver", subject="policy_owner-1")
    raised(small)
    small.clock.move(minutes=6)
    for turn in range(2):
        refused = activate(small, "first", emergency=True).problem(409, "compared_with_another")
        assert "Immediate; now, Priority" in str(refused["lowerings"])
        body = {"emergency": True, "acknowledged": refused["acknowledge"]}
        step(both, "first", "activate", body).problem(409, "author_cannot_acknowledge")
        step(small.room.approver, "first", "activate", body).granted()
        assert applied(small) == "first", turn
        # The rollback of a rollback raises again, and nobody has to accept anything.
        activate(small, "strong", emergency=True).granted()
        assert applied(small) == "strong", turn


def test_a_rollback_from_what_cannot_be_read_is_not_held_up(small: Stage, data: Path) -> None:
    raised(small)
    small.clock.move(minutes=6)
    digest = active(small)["digest"]
    (data / "objects" / "policies" / POLICY_ID / digest / "policy.json").unlink()
    with small_room(data, small.clock) as cold:
        refused = activate(cold, "first", emergency=True).problem(409, "compared_with_another")
        assert [thing["kind"] for one in refused["lowerings"] for thing in one["lowered"]] == ["unreadable"]
        activate(cold, "first", emergency=True, acknowledged=refused["acknowledge"]).granted()
        assert active(cold)["version"] == "first"


CLOCK_CHANGES = [
    ("2027-03-28T00:59:59+00:00", 201, "before the stronger one, in winter time"),
    ("2027-03-28T01:59:59+01:00", 201, "the same instant by a clock that does not show it"),
    ("2027-03-28T02:00:01+01:00", 409, "after it, in summer time"),
    ("2027-10-31T01:30:00+01:00", 409, "half past one for the first time"),
    ("2027-10-31T01:30:00+00:00", 409, "half past one for the second time"),
    ("2026-11-23T05:17:00Z", 422, "in the past"),
    ("2027-03-28T01:00:00Z", 201, "the very instant: the one made last holds, and the other never does"),
]


@pytest.mark.parametrize(("start", "status", "remark"), CLOCK_CHANGES, ids=[row[2] for row in CLOCK_CHANGES])
def test_which_version_is_replaced_is_a_matter_of_the_instant(
    small: Stage, start: str, status: int, remark: str
) -> None:
    copy, strong = submitted(small, a_version("copy", change="Words")), submitted(small, stronger("strong"))
    for manifest in (copy, strong):
        approve(small, manifest)
    step(small.room.approver, strong, "activate", {"from": "2027-03-28T01:00:00Z"}).granted()
    answer = step(small.room.approver, copy, "activate", {"from": start})
    assert answer.status == status, remark
    if status == 201:
        assert active(small, at=start)["version"] == "copy"
        assert active(small, at="2027-03-28T01:00:01Z")["version"] == (
            "copy" if instant_of(start) == instant_of("2027-03-28T01:00:00Z") else "strong"
        )


# The store fails between the event and the list.


def test_an_interrupted_activation_is_completed_only_as_it_was_judged(small: Stage, data: Path) -> None:
    copy, strong = submitted(small, a_version("copy", change="Words")), submitted(small, stronger("strong"))
    for manifest in (copy, strong):
        approve(small, manifest)
    key = new_key()
    body = {"from": instant_text(small.clock.move(hours=2))}
    small.clock.move(hours=-2)
    step(small.room.approver, copy, "activate", body, key=key).granted()
    unlisted(data)
    with small_room(data, small.clock) as stage:
        again = step(stage.room.approver, copy, "activate", body, key=key)
        assert (again.status, listed(stage, copy)["state"]) == (200, "scheduled")
        unlisted(data)
        activate(stage, strong, minutes=30).granted()
        for _ in range(2):
            step(stage.room.approver, copy, "activate", body, key=key).problem(409, "compared_with_another")
        assert listed(stage, copy)["steps"][-1]["holds"] is False
        stage.clock.move(hours=3)
        step(stage.room.approver, copy, "activate", body, key=key).problem(409, "too_late")
        assert applied(stage) == "strong"


def test_an_interrupted_activation_of_what_was_withdrawn_meanwhile_comes_to_nothing(small: Stage, data: Path) -> None:
    approve(small, submitted(small, stronger("second")))
    key, body = new_key(), {"from": "2026-12-01T06:00:00Z"}
    step(small.room.approver, "second", "activate", body, key=key).granted()
    unlisted(data)
    step(small.room.approver, "second", "withdraw").granted()
    step(small.room.approver, "second", "activate", body, key=key).problem(409, "wrong_state")
    assert listed(small, "second")["state"] == "withdrawn"


def test_an_interrupted_rollback_is_completed_whenever_it_is_sent_again(small: Stage, data: Path) -> None:
    raised(small)
    small.clock.move(minutes=6)
    digest = activate(small, "first", emergency=True).problem(409, "compared_with_another")["acknowledge"]
    key = new_key()
    activate(small, "first", emergency=True, acknowledged=digest, key=key).granted()
    unlisted(data)
    small.clock.move(hours=2)
    with small_room(data, small.clock) as stage:
        assert applied(stage) == "strong"
        assert activate(stage, "first", emergency=True, acknowledged=digest, key=key).status == 200
        assert applied(stage) == "first"
