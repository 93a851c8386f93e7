"""One Idempotency-Key, whatever happens: many at once, restarts, kill -9, another policy in force, no policy store."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from threading import Barrier

import boto3
import pytest

from chalicelib.storage.connect import Connect
from tests.aws import REGION, Created
from tests.faults import FaultProxy
from tests.journeys.calls import VIOLENCE_HERE, a_call, activate, approved, renamed, shipped, warned
from tests.journeys.people import Answer, Caller
from tests.journeys.rooms import (
    APP,
    ROOT,
    Room,
    aws_environment,
    embedded,
    local_tokens,
    make_run,
    on_aws,
    process,
    provider_token,
    put_in_force_now,
    set_up_force,
)

KEY = "one-key-many-ways-0001"
CONTACT = "HC-20261123-0500-1"
REQUEST = a_call(
    *VIOLENCE_HERE,
    contact=CONTACT,
    incident={"reference": "HC-20261123-0500"},
    people=[{"ref": "V1", "roles": ["victim", "caller"], "identifiers": [{"kind": "phone", "value": "07700 900123"}]}],
)
OTHERS = {
    "another answer": {**REQUEST, "answers": REQUEST["answers"][:1]},
    "another reference": {**REQUEST, "incident": {"reference": "HC-20261123-0501"}},
    "not even an assessment": {"contact": 1},
}
AT_ONCE = 32


def all_at_once(callers: list[Caller]) -> list[Answer]:
    """What comes of the same request from each of the callers, sent at one moment."""
    ready = Barrier(len(callers))

    def ask(caller: Caller) -> Answer:
        ready.wait(30)
        return caller.assess(REQUEST, key=KEY)

    with ThreadPoolExecutor(len(callers)) as pool:
        return list(pool.map(ask, callers))


def first_answer(callers: list[Caller]) -> Answer:
    """Of 32 at once exactly one is recorded, and all are given its bytes."""
    answers = all_at_once([callers[turn % len(callers)] for turn in range(AT_ONCE)])
    assert sorted(answer.status for answer in answers) == [200] * (AT_ONCE - 1) + [201]
    assert {answer.headers["thriives-audit"] for answer in answers} == {"recorded"}
    assert len({answer.body for answer in answers}) == 1
    return answers[0]


def check_unchanged(caller: Caller, first: Answer) -> None:
    """The request again is given the first bytes, however strictly it asks; another one under its key is refused."""
    for headers in ({}, {"Prefer": "handling=strict"}):
        again = caller.assess(REQUEST, key=KEY, **headers)
        assert (again.status, again.body) == (200, first.body)
        assert again.headers["idempotent-replayed"] == "true"
    for what, other in OTHERS.items():
        refused = caller.assess(other, key=KEY)
        assert (refused.status, refused.json()["code"]) == (422, "idempotency_mismatch"), what
    read = caller.get(f"/v1/decisions/{first.json()['decision']}")
    assert (read.status, read.body) == (200, first.body)


def check_replays(room: Room, first: Answer) -> None:
    """The first decision is evaluated again, under the policy that made it, to what is on record."""
    replayed = room.auditor.get(f"/v1/decisions/{first.json()['decision']}/replay").granted()
    assert [replayed[name] for name in ("equal", "shown_equal", "intact")] == [True, True, True]


def check_renamed_in_force(caller: Caller) -> None:
    """The policy that is in force by now does not know a fact that the first request used."""
    decision = caller.decide(a_call(*VIOLENCE_HERE, contact="HC-20261123-0502-1"))
    assert decision["policy"]["version"] == "2026.2"
    assert warned(decision) == [("unknown_fact", "/answers/1/fact")]


@contextmanager
def store_down(folder: Path, how: str) -> Iterator[None]:
    """Policies, activations and keys of an embedded store gone, or there and not readable."""
    objects = folder / "objects"
    names = ("policies", "activations", "keys")
    for name in names:
        (objects / name).rename(folder / f"away-{name}")
        if how == "unreadable":
            (objects / name).symlink_to(objects / name)
    yield
    for name in names:
        (objects / name).unlink(missing_ok=True)
        (folder / f"away-{name}").rename(objects / name)


def test_on_the_embedded_store_one_key_is_one_decision_for_ever(tmp_path: Path) -> None:
    folder, log = tmp_path / "data", tmp_path / "log"
    deployed = {"THRIIVES_MODE": "embedded", "THRIIVES_DATA": str(folder)}
    with ThreadPoolExecutor(2) as starting, ExitStack() as running:
        begun = [starting.submit(running.enter_context, process(make_run(folder), {}, log)) for _ in range(2)]
        tokens = kept(local_tokens(embedded(folder)))
        services = [Room(one.result().url, tokens) for one in begun]
        first = first_answer([room.handler for room in services])
        assert rows(folder) == 1
        for room in services:
            check_unchanged(room.handler, first)

    with process(make_run(folder), {}, log) as after_kill:
        room = Room(after_kill.url, tokens)
        check_unchanged(room.handler, first)
        put_in_force_now(partial(embedded, folder), renamed())

    with process(make_run(folder), {}, log) as restarted:
        room = Room(restarted.url, tokens)
        check_renamed_in_force(room.handler)
        check_replays(room, first)
        check_unchanged(room.handler, first)
        for how in ("gone", "unreadable"):
            with store_down(folder, how):
                check_unchanged(room.handler, first)

    for how, code in (("gone", "force_not_set_up"), ("unreadable", "store_failed")):
        with store_down(folder, how), process(APP, deployed, log) as fresh:
            handler = Room(fresh.url, tokens).handler
            check_unchanged(handler, first)
            handler.assess(a_call(*VIOLENCE_HERE)).problem(503, code)
    assert rows(folder) == 1


def rows(folder: Path) -> int:
    """How many events of the contact the embedded trail holds."""
    with closing(sqlite3.connect(folder / "trail.sqlite")) as trail:
        found: int = trail.execute("SELECT count(*) FROM event WHERE contact = ?", [CONTACT]).fetchone()[0]
        return found


def kept(tokens: Callable[[tuple[str, ...], str, str], str]) -> Callable[[tuple[str, ...], str, str], str]:
    """Tokens that are made once, because the store that holds their key will be taken away."""
    made: dict[tuple[tuple[str, ...], str, str], str] = {}

    def token(roles: tuple[str, ...], subject: str, force: str) -> str:
        asked = (roles, subject, force)
        if asked not in made:
            made[asked] = tokens(*asked)
        return made[asked]

    return token


def test_an_embedded_store_that_lost_its_objects_is_not_set_up_anew(tmp_path: Path) -> None:
    """A second first key would make every later repetition look like another request, and every person a stranger."""
    folder, log = tmp_path / "data", tmp_path / "log"
    with process(make_run(folder), {}, log):
        pass
    with store_down(folder, "gone"):
        command = [sys.executable, *make_run(folder)]
        started = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert started.returncode == 2
        assert "has no key" in started.stderr
        assert not (folder / "objects" / "keys").exists()


def test_on_aws_one_key_is_one_decision_for_ever(
    moto: str, created: Created, proxy: FaultProxy, key_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto)
    log, environment = tmp_path / "log", aws_environment(created, key_url, proxy.address)
    set_up_force(environment)
    with process(APP, environment, log) as one, process(APP, environment, log) as another:
        services = [Room(started.url, provider_token) for started in (one, another)]
        manifest = approved(services[0].owner, services[0].approver, shipped())
        assert activate(services[0].approver, manifest).status == 201
        for room in services:
            room.handler.decide(a_call(*VIOLENCE_HERE, contact="HC-warm"))
        first = first_answer([room.handler for room in services])
        assert items(moto, created) == 1
        for room in services:
            check_unchanged(room.handler, first)

    with process(APP, environment, log) as after_kill:
        room = Room(after_kill.url, provider_token)
        check_unchanged(room.handler, first)
        with closing(Connect(REGION)) as connect:
            put_in_force_now(partial(on_aws, created, key_url, connect), renamed())

    with process(APP, environment, log) as restarted:
        room = Room(restarted.url, provider_token)
        check_renamed_in_force(room.handler)
        check_replays(room, first)
        check_unchanged(room.handler, first)
        with down(proxy, created.policy_bucket):
            check_unchanged(room.handler, first)

    for bucket in (created.policy_bucket, ""):
        with down(proxy, bucket), process(APP, environment, log) as fresh:
            handler = Room(fresh.url, provider_token).handler
            check_unchanged(handler, first)
            handler.assess(a_call(*VIOLENCE_HERE)).problem(503, "store_failed")
    assert items(moto, created) == 1


@contextmanager
def down(proxy: FaultProxy, bucket: str) -> Iterator[None]:
    """S3 does not answer: one bucket, or all of it."""
    proxy.arm("s3:*", "before", times=None, within=f"/{bucket}")
    yield
    proxy.disarm()


def items(moto: str, created: Created) -> int:
    """How many items of the contact the table holds."""
    client = boto3.client("dynamodb", endpoint_url=moto, region_name=REGION)
    found: int = client.scan(
        TableName=created.table,
        FilterExpression="contact = :c",
        ExpressionAttributeValues={":c": {"S": CONTACT}},
        Select="COUNT",
    )["Count"]
    client.close()
    return found
