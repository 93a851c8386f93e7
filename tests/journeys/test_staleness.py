"""Which policy is applied while stores fail, lists are damaged and clocks change: the last good one, or none at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from chalicelib.canonical import canonical
from chalicelib.model import instant_of, instant_text
from chalicelib.storage.connect import Connect
from tests.aws import REGION, Created
from tests.faults import FaultProxy
from tests.journeys.calls import FORCE, POLICY_ID, Text, a_call, activate, approved, put_in_force_from, shipped
from tests.journeys.people import new_key
from tests.journeys.rooms import (
    MORNING,
    MovableClock,
    Room,
    Stage,
    embedded,
    local_tokens,
    on_aws,
    provider_token,
    room_of,
)
from tests.prepared import PUBLISHED

REVALIDATED = timedelta(seconds=21)
"""After so long a process has looked at the list of activations again."""


def text(label: str) -> Text:
    """A version that differs from the shipped one in its label alone."""
    return shipped().labelled(label)


def version(room: Room) -> str:
    """The version that a new call is assessed under."""
    found: str = room.handler.decide(a_call(contact=f"HC-{new_key()[:12]}"))["policy"]["version"]
    return found


def in_force(room: Room, at: str) -> str:
    """The label of the version in force at a time."""
    found: str = room.auditor.get(f"/v1/policies/{POLICY_ID}/active", at=at).granted()["version"]
    return found


def put(stage: Stage, label: str, start: datetime | None = None) -> dict[str, Any]:
    """Publish a version from a time, or as soon as may be and then wait until it has begun; its activation."""
    if start is None:
        return stage.put_in_force(text(label))
    return put_in_force_from(stage.room.owner, stage.room.approver, text(label), start)


@contextmanager
def another_process(folder: Path, clock: MovableClock) -> Iterator[Room]:
    """A service on the same store that knows nothing yet."""
    services = embedded(folder, clock)
    with room_of(services, local_tokens(services)) as room:
        yield room


# Entries and documents that are not what was recorded.


def test_an_entry_without_its_event_is_not_applied(fresh: Stage, data: Path) -> None:
    put(fresh, "2026.2")
    path = data / "objects" / "activations" / f"{FORCE}.json"
    listed = json.loads(path.read_text())
    first, second = listed["entries"]
    later = instant_text(fresh.clock.move(seconds=1))
    forged: list[dict[str, Any]] = [
        {**first, "event": "e_" + "a" * 32, "starts": later},
        {**first, "starts": later},
        {**first, "event": second["event"], "starts": later},
    ]
    for entry in forged:
        path.write_bytes(canonical({**listed, "entries": [first, second, entry]}))
        fresh.clock.move(minutes=1)
        assert version(fresh.room) == "2026.2"
        with another_process(data, fresh.clock) as cold:
            assert version(cold) == "2026.2"


def test_a_list_that_cannot_be_read_leaves_the_last_good_one_and_says_how_old_it_is(fresh: Stage, data: Path) -> None:
    path = data / "objects" / "activations" / f"{FORCE}.json"
    assert version(fresh.room) == "2026.1"
    good = path.read_bytes()
    for damaged in (b"", b"{", good[:-20], good.replace(b'"v":1', b'"v":2'), b"\xff" + good):
        path.write_bytes(damaged)
        fresh.clock.move(minutes=1)
        answer = fresh.room.handler.assess(a_call())
        assert answer.status == 201
        assert answer.json()["policy"]["version"] == "2026.1"
        assert int(answer.headers["thriives-policy-stale"]) >= 60
        with another_process(data, fresh.clock) as cold:
            cold.handler.assess(a_call()).problem(503, "no_policy")
        path.write_bytes(good)
        fresh.clock.move(minutes=1)
        assert "thriives-policy-stale" not in fresh.room.handler.assess(a_call()).headers


DAMAGE = {
    "missing": lambda path: path.unlink(),
    "other bytes": lambda path: path.write_bytes(path.read_bytes().replace(b"2026.2", b"2026.9")),
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:-1]),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_one_damaged_document_leaves_the_one_before_in_force_and_others_unharmed(
    fresh: Stage, data: Path, how: str
) -> None:
    begun = fresh.room.handler.decide(a_call(contact="begun-under-the-first"))
    digest = put(fresh, "2026.2")["policy"]
    DAMAGE[how](data / "objects" / "policies" / POLICY_ID / digest / "policy.json")
    fresh.clock.move(minutes=1)
    with another_process(data, fresh.clock) as cold:
        answer = cold.handler.assess(a_call())
        assert answer.json()["policy"]["version"] == "2026.1"
        assert "thriives-policy-stale" in answer.headers
        decision = cold.auditor.get(f"/v1/decisions/{begun['decision']}/replay").granted()
        assert decision["equal"] is True
        put(Stage(cold, fresh.clock), "2026.3")
        fresh.clock.move(minutes=1)
        assert version(cold) == "2026.3"


def test_without_any_policy_the_answer_says_to_use_the_manual_card(tmp_path: Path) -> None:
    with another_process(tmp_path, MovableClock()) as room:
        room.services.keys.create(FORCE)
        refused = room.handler.assess(a_call())
        assert "manual card" in refused.problem(503, "no_policy")["detail"]
        assert int(refused.headers["retry-after"]) > 0
        room.auditor.get("/v1/decisions", from_="2026-11-23T00:00:00Z", to="2026-11-24T00:00:00Z").granted()


# The store of policies does not answer.


HOURS = count()


@pytest.fixture
def on_proxy(
    created: Created, proxy: FaultProxy, key_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Stage, Connect]]:
    """A service on AWS stores behind a proxy, with the shipped policy in force."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.address)
    # The stories share the bucket: each plays in an hour of its own, after those of the others.
    connect, clock = Connect(REGION), MovableClock(MORNING + timedelta(hours=next(HOURS)))
    services = on_aws(created, key_url, connect, clock)
    services.keys.create(FORCE)

    def token(roles: tuple[str, ...], subject: str, force: str) -> str:
        return provider_token(roles, subject, force, clock=clock)

    with room_of(services, token) as room:
        stage = Stage(room, clock)
        put(stage, f"first-{new_key()[:8]}")
        yield stage, connect
    proxy.disarm()
    connect.close()


def test_while_s3_is_down_the_last_good_policy_is_applied_and_its_age_is_said(
    on_proxy: tuple[Stage, Connect], created: Created, proxy: FaultProxy
) -> None:
    (room, clock), _ = on_proxy
    label = version(room)
    put(Stage(room, clock), f"second-{new_key()[:8]}", clock() + timedelta(seconds=120))
    clock.move(seconds=30)
    assert version(room) == label, "it has seen the list with the second one"
    proxy.arm("s3:*", "before", times=None, within=created.policy_bucket)
    ages = []
    for _ in range(3):
        clock.move(seconds=25)
        answer = room.handler.assess(a_call(contact=f"HC-{new_key()[:12]}"))
        assert (answer.status, answer.json()["policy"]["version"]) == (201, label)
        ages.append(int(answer.headers["thriives-policy-stale"]))
    assert ages == sorted(ages)
    assert 20 <= ages[0] <= 60 < ages[-1]
    clock.move(seconds=60)
    late = room.handler.assess(a_call(contact=f"HC-{new_key()[:12]}"))
    assert late.json()["policy"]["version"] == label, "the second one was never read"
    assert int(late.headers["thriives-policy-stale"]) > 0
    health = room.caller("operator").get("/health").granted()
    assert health["details"]["policies"][FORCE]["confirmed_seconds_ago"] > 100
    proxy.disarm()
    clock.move(seconds=30)
    well = room.handler.assess(a_call(contact=f"HC-{new_key()[:12]}"))
    assert well.json()["policy"]["version"].startswith("second-")
    assert "thriives-policy-stale" not in well.headers


def test_an_activation_interrupted_between_event_and_list_is_completed_by_the_same_request(
    on_proxy: tuple[Stage, Connect], proxy: FaultProxy
) -> None:
    (room, clock), _ = on_proxy
    label, key = version(room), new_key()
    manifest = room.auditor.get(f"/v1/policies/{POLICY_ID}/active").granted()["manifest"]
    put(Stage(room, clock), f"worse-{new_key()[:8]}")
    before = version(room)
    assert before != label
    body = {"emergency": True}
    path = f"/v1/policies/{POLICY_ID}/versions/{manifest}/activate"
    for fault in ("before", "hang"):
        proxy.arm("s3:PutObject", fault, times=2, within="/activations/")
        room.approver.post(path, body, key=key).problem(503, "store_failed")
        proxy.disarm()
        clock.move(seconds=30)
        assert version(room) == before
    completed = room.approver.post(path, body, key=key)
    assert completed.status == 200
    clock.move(seconds=30)
    assert version(room) == label
    assert room.approver.post(path, body, key=key).body == completed.body
    # The answer is lost: the list is written, nobody knows, and the same request again says so.
    again = new_key()
    proxy.arm("s3:PutObject", "after", times=2, within="/activations/")
    first = room.approver.post(path, body, key=again)
    assert first.status in (201, 503)
    assert room.approver.post(path, body, key=again).status == 200
    listed = room.services.in_force.entries(FORCE)
    clock.move(seconds=30)
    version(room)
    events = [entry.event for entry in room.services.in_force.entries(FORCE)]
    assert len(events) == len(set(events)) == len(listed) + 1


def test_two_activations_at_once_are_both_kept(on_proxy: tuple[Stage, Connect]) -> None:
    (room, clock), _ = on_proxy
    labels = [f"{name}-{new_key()[:8]}" for name in ("one", "two", "three", "four")]
    manifests = [approved(room.owner, room.approver, text(label)) for label in labels]
    starts = [clock() + timedelta(minutes=5 + place) for place in range(4)]

    def activated(place: int) -> int:
        answer = activate(room.approver, manifests[place], start=instant_text(starts[place]), key=keys[place])
        return answer.status

    keys = [new_key() for _ in labels]
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(activated, range(4)))
    assert all(status in (201, 503) for status in statuses)
    # Whoever lost the race too often was told to send the same request again.
    assert [activated(place) for place in range(4)] == [200] * 4
    for label, start in zip(labels, starts, strict=True):
        assert in_force(room, instant_text(start)) == label
        assert in_force(room, instant_text(start + timedelta(seconds=59))) == label


# Which version is in force at a time.


def test_each_version_holds_from_its_start_until_the_next_begins(fresh: Stage) -> None:
    room, clock = fresh.room, fresh.clock
    starts = [clock() + timedelta(hours=hours) for hours in (3, 1, 2)]
    for label, start in zip(("third", "first", "second"), starts, strict=True):
        put(fresh, label, start)
    moment = timedelta(microseconds=1)
    rows = [
        (clock(), "2026.1"),
        (starts[1] - moment, "2026.1"),
        (starts[1], "first"),
        (starts[2] - moment, "first"),
        (starts[2], "second"),
        (starts[0] - moment, "second"),
        (starts[0], "third"),
        (starts[0] + timedelta(days=3650), "third"),
    ]
    for at, label in rows:
        assert in_force(room, instant_text(at)) == label
    before = instant_text(PUBLISHED - timedelta(hours=1))
    room.auditor.get(f"/v1/policies/{POLICY_ID}/active", at=before).problem(404, "not_found")


def test_of_two_that_start_at_one_instant_the_one_made_last_holds(fresh: Stage) -> None:
    start = fresh.clock() + timedelta(hours=1)
    put(fresh, "earlier", start)
    put(fresh, "later", start)
    assert in_force(fresh.room, instant_text(start)) == "later"
    fresh.clock.move(hours=2)
    assert version(fresh.room) == "later"


CLOCK_CHANGES = [
    ("2027-03-28T00:59:59+00:00", "2026.1", "the last second of winter time"),
    ("2027-03-28T01:00:00+00:00", "summer", "as UTC"),
    ("2027-03-28T02:00:00+01:00", "summer", "as summer time, at the same instant"),
    ("2027-03-28T01:59:59.999999+01:00", "2026.1", "a local time that no clock in London shows"),
    ("2027-10-31T01:30:00+01:00", "summer", "half past one for the first time"),
    ("2027-10-31T01:30:00+00:00", "winter", "half past one for the second time, an hour later"),
    ("2027-10-31T00:59:59Z", "summer", "the last second before"),
    ("2027-10-31T01:00:00Z", "winter", "the instant itself"),
]


def test_times_around_a_clock_change_are_told_apart_by_their_offset(fresh: Stage) -> None:
    clock = fresh.clock
    for label, start in (("summer", "2027-03-28T02:00:00+01:00"), ("winter", "2027-10-31T01:00:00+00:00")):
        manifest = approved(fresh.room.owner, fresh.room.approver, text(label))
        activated = activate(fresh.room.approver, manifest, start=start).granted()
        assert activated["starts"] == instant_text(instant_of(start))
    for at, label, remark in CLOCK_CHANGES:
        assert in_force(fresh.room, at) == label, remark
    clock.move(seconds=(instant_of("2027-10-31T00:59:59.5Z") - clock()).total_seconds())
    assert version(fresh.room) == "summer"
    clock.move(seconds=1)
    assert version(fresh.room) == "winter"


def test_a_time_without_its_offset_is_no_time_to_activate_at(fresh: Stage) -> None:
    manifest = approved(fresh.room.owner, fresh.room.approver, text("2026.2"))
    for wrong in ("2027-10-31T01:30:00", "2027-10-31 01:30:00Z", "2027-02-30T01:30:00Z", "2027-10-31"):
        [fault] = activate(fresh.room.approver, manifest, start=wrong).problem(422, "invalid")["errors"]
        assert fault["pointer"] == "/from"
