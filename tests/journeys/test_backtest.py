"""A backtest over HTTP as a job, the same on files, and a worker that is interrupted; embedded and on AWS."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest

from chalicelib.canonical import sha256_hex
from chalicelib.cli.main import main
from chalicelib.cli.shipped_policies import put_in_force
from chalicelib.services import Services
from chalicelib.storage.connect import Connect
from chalicelib.storage.sqs_queue import SqsQueue
from chalicelib.workflows.jobs import Advance, GoOn, Job
from chalicelib.workflows.run_backtest import Backtester
from tests.aws import REGION, Created
from tests.journeys.calls import SHIPPED, STEPS, VIOLENCE_HERE, Text, a_call, drafted, shipped
from tests.journeys.people import Answer
from tests.journeys.rooms import (
    STRANGERS,
    MovableClock,
    Room,
    Stage,
    embedded,
    embedded_room,
    local_tokens,
    on_aws,
    provider_token,
    room_of,
)

PERIOD = {"from": "2026-11-23", "to": "2026-11-24"}
"""The days on which the stories' decisions are made."""

PATIENCE = 30.0


def draft() -> Text:
    """A version that lowers a grade, raises another, and looks at a new fact."""
    document: dict[str, Any] = json.loads(shipped().policy)
    document["version"] = "2026.9"
    rules = {rule["id"]: rule for rule in document["rules"]}
    rules["f01_danger_now"]["grade"] = "priority"
    rules["f06_domestic_abuse"]["grade"] = "immediate"
    question = "Is somebody being attacked at work in a shop?"
    document["facts"].append({"id": "shop", "type": "yes_no", "question": question, "purpose": ["grade"]})
    when = {"fact": "shop", "is": True}
    basis = rules["f01_danger_now"]["basis"]
    document["rules"].append(
        {"id": "shop", "says": "A shop worker is attacked.", "basis": basis, "when": when, "grade": "priority"}
    )
    return Text(json.dumps(document), shipped().cases)


CALLS: list[list[Any]] = [
    [{"fact": "dangers_now", "present": ["violence"]}],
    list(VIOLENCE_HERE),
    [],
    [{"fact": "domestic_abuse", "value": True}, {"fact": "dangers_now", "value": "none_of_these"}],
]


def decide(room: Room, clock: MovableClock) -> int:
    """Some decisions over two days, and one for practice; how many are live."""
    for number in range(3):
        for place, answers in enumerate(CALLS):
            room.handler.decide(a_call(*answers, contact=f"HC-{number}{place}"))
            clock.move(hours=3)
    room.handler.decide(a_call(*VIOLENCE_HERE, contact="HC-9", mode="training"))
    clock.move(days=2)
    return 3 * len(CALLS)


def ended(ask: Callable[[], Answer]) -> dict[str, Any]:
    """The job once it has ended."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        job = ask().granted()
        if job["state"] in ("done", "failed"):
            return job
        time.sleep(0.02)
    raise AssertionError("the job does not end")


class Done(NamedTuple):
    """A stage on which a backtest was done."""

    stage: Stage
    folder: Path
    live: int
    manifest: str
    job: dict[str, Any]

    @property
    def address(self) -> str:
        """Where the job is."""
        return f"/v1/jobs/{self.job['job']}"


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Done]:
    """Decisions of two days, and a draft that was held against them."""
    clock, folder = MovableClock(), tmp_path_factory.mktemp("backtest")
    with embedded_room(folder, clock) as room:
        room.services.keys.create(STRANGERS[0])
        live = decide(room, clock)
        manifest = drafted(room.owner, draft())
        taken = room.owner.post(f"{STEPS}/{manifest}/simulate", PERIOD)
        assert taken.status == 202, taken.body
        job = ended(lambda: room.owner.get(taken.headers["location"]))
        yield Done(Stage(room, clock), folder, live, manifest, job)


def test_a_job_ends_with_a_report_of_every_live_decision(tested: Done) -> None:
    job, report = tested.job, tested.job["report"]
    assert (job["state"], job["progress"]) == ("done", {"days": 2, "days_done": 2, "decisions": tested.live + 1})
    assert report["decisions"] == sum(report["outcome"].values()) == tested.live
    assert report["outcome"]["lowered"] > 0
    assert report["outcome"]["cannot_tell"] > 0
    assert report["cannot_tell"]["facts"] == {"shop": report["outcome"]["cannot_tell"]}
    assert report["reasons_of_lowered"]["f01_danger_now"]["regraded"] == report["outcome"]["lowered"]
    assert [day["day"] for day in report["days"]] == ["2026-11-23", "2026-11-24"]
    assert report["policies"] == [
        {"digest": report["policies"][0]["digest"], "version": "2026.1", "decisions": tested.live, "there": True}
    ]


def test_the_lists_of_days_hold_every_decision_that_is_not_the_same(tested: Done) -> None:
    owner, found = tested.stage.room.owner, []
    for day in ("2026-11-23", "2026-11-24"):
        after: int | None = 0
        while after is not None:
            page = owner.get(f"{tested.address}/decisions", day=day, limit="2", after=str(after)).granted()
            assert len(page["decisions"]) <= 2
            found += page["decisions"]
            after = page.get("next")
    report = tested.job["report"]
    assert sum(one["verdict"] != "same" for one in found) == tested.live - report["outcome"]["same"]
    weaker = [
        one["decision"]
        for day in ("2026-11-23", "2026-11-24")
        for one in owner.get(f"{tested.address}/decisions", day=day, weaker="true").granted()["decisions"]
    ]
    assert weaker == [one["decision"] for one in found if one["weaker"]]
    assert len(weaker) == report["weaker"]
    assert owner.get(f"{tested.address}/decisions", day="2026-11-22").status == 404


def test_the_same_on_files_gives_the_same_bytes(
    tested: Done, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "policy.yaml").write_text(draft().policy)
    (tmp_path / "old.yaml").write_text(shipped_as_stored(tested))
    days = sorted((tested.folder / "objects" / "days").rglob("*.gz"))
    assert [gzip.decompress(path.read_bytes()).count(b"\n") for path in days] == [8, 7]
    words = [
        "policy",
        "simulate",
        str(tmp_path / "new" / "policy.yaml"),
        "--json",
        "--under",
        str(tmp_path / "old.yaml"),
    ]
    assert main([*words, "--records", *map(str, reversed(days))]) == 1
    printed = capfdbinary.readouterr().out
    assert sha256_hex(printed.rstrip(b"\n")) == tested.job["result"]


def shipped_as_stored(tested: Done) -> str:
    """The flat policy that the decisions were made under."""
    version = tested.stage.room.owner.get(f"{STEPS}/2026.1").granted()
    return json.dumps(version["document"])


def test_only_owner_and_approver_of_the_force_see_a_job(tested: Done) -> None:
    room = tested.stage.room
    assert room.approver.get(tested.address).status == 200
    for role in ("control_room", "auditor", "operator"):
        assert room.caller(role).get(tested.address).status == 403
        assert room.caller(role).post(f"{STEPS}/{tested.manifest}/simulate", PERIOD).status == 403
    stranger = room.caller("policy_owner", force=STRANGERS[0])
    assert (
        stranger.get(tested.address).status
        == stranger.get(f"{tested.address}/decisions", day="2026-11-23").status
        == 404
    )
    assert stranger.post(f"{STEPS}/{tested.manifest}/simulate", PERIOD).status == 404


def test_the_same_request_again_finds_its_job_and_another_period_is_refused(tested: Done) -> None:
    owner, path = tested.stage.room.owner, f"{STEPS}/{tested.manifest}/simulate"
    first = owner.post(path, PERIOD, key="one-key-for-one-job")
    again = owner.post(path, PERIOD, key="one-key-for-one-job")
    assert (first.status, again.status) == (202, 202)
    assert again.headers["idempotent-replayed"] == "true"
    assert first.json()["job"] == again.json()["job"] != tested.job["job"]
    refused = owner.post(path, {**PERIOD, "to": "2026-11-23"}, key="one-key-for-one-job")
    refused.problem(422, "idempotency_mismatch")
    assert ended(lambda: owner.get(first.headers["location"]))["result"] == tested.job["result"]


def test_a_version_that_is_submitted_is_held_against_what_was_recorded_lately(tmp_path: Path) -> None:
    clock = MovableClock()
    with embedded_room(tmp_path, clock) as room:
        live = decide(room, clock)
        same = Text(json.dumps({**json.loads(shipped().policy), "version": "2026.8"}), shipped().cases)
        submitted = room.owner.post(
            f"{STEPS}/{drafted(room.owner, same)}/submit", {}, key="submitted-only-once"
        ).granted()
        job = ended(lambda: room.approver.get(f"/v1/jobs/{submitted['backtest']}"))
        assert (job["version"], job["from"], job["to"]) == ("2026.8", "2026-10-29", "2026-11-25")
        assert job["report"]["outcome"] == {"raised": 0, "lowered": 0, "same": live, "cannot_tell": 0}
        again = room.owner.post(f"{STEPS}/{submitted['manifest']}/submit", {}, key="submitted-only-once").granted()
        assert again == submitted
        steps = {
            version: room.approver.get(f"{STEPS}/{version}").granted()["steps"] for version in ("2026.1", "2026.8")
        }
    backtests = {version: [step["backtest"] for step in told if "backtest" in step] for version, told in steps.items()}
    assert backtests == {"2026.1": [], "2026.8": [submitted["backtest"]]}, "the first had nothing to be held against"


PERIODS = [
    ({"from": "2026-11-24", "to": "2026-11-23"}, "reversed"),
    ({"from": "2025-11-22", "to": "2026-11-24"}, "too long"),
    ({"from": "2026-11-24", "to": "2027-11-20"}, "not over"),
    ({"from": "2026-02-30", "to": "2026-11-24"}, "a day that does not exist"),
    ({"from": "2026-11-24"}, "no end"),
]


@pytest.mark.parametrize(("period", "remark"), PERIODS, ids=[row[1] for row in PERIODS])
def test_a_period_that_cannot_be_looked_at_is_refused(tested: Done, period: dict[str, str], remark: str) -> None:
    answer = tested.stage.room.owner.post(f"{STEPS}/{tested.manifest}/simulate", period)
    assert (answer.status, bool(answer.json()["errors"])) == (422, True), remark


def test_a_job_that_waits_when_the_service_ends_is_done_after_the_next_start(tmp_path: Path) -> None:
    clock = MovableClock()
    with embedded_room(tmp_path, clock) as room:
        live = decide(room, clock)
        room.services.own_queue.close()
        manifest = drafted(room.owner, draft())
        taken = room.owner.post(f"{STEPS}/{manifest}/simulate", PERIOD)
        assert room.owner.get(taken.headers["location"]).granted()["state"] == "queued"
    services = embedded(tmp_path, clock)
    assert services.jobs.resume() == 1
    with room_of(services, local_tokens(services)) as room:
        assert ended(lambda: room.owner.get(taken.headers["location"]))["report"]["decisions"] == live


class Broken(Backtester):
    """A worker with a fault in it."""

    def work(self, job: Job, advance: Advance, go_on: GoOn) -> bytes | None:
        """Fail in a way that nobody has foreseen."""
        raise ZeroDivisionError


def test_a_day_that_is_damaged_ends_a_job_as_failed(tmp_path: Path) -> None:
    clock = MovableClock()
    with embedded_room(tmp_path, clock) as room:
        decide(room, clock)
        room.services.days.close("hertfordshire")
        path = f"{STEPS}/{drafted(room.owner, draft())}/simulate"
        day = tmp_path / "objects" / "days" / "hertfordshire" / "2026-11-23.jsonl.gz"
        whole = day.read_bytes()
        day.write_bytes(whole[:-40])
        damaged = room.owner.post(path, PERIOD).headers["location"]
        assert ended(lambda: room.owner.get(damaged))["failure"]["code"] == "file_damaged"
        day.write_bytes(whole)
        job = room.owner.post(path, PERIOD)
        assert ended(lambda: room.owner.get(job.headers["location"]))["state"] == "done"


def test_a_fault_of_ours_ends_a_job_as_failed_and_stops_no_other(tmp_path: Path) -> None:
    clock = MovableClock()
    with embedded_room(tmp_path, clock) as room:
        decide(room, clock)
        path, services = f"{STEPS}/{drafted(room.owner, draft())}/simulate", room.services
        sound, services.backtester = (
            services.backtester,
            Broken(services.ports.policies, services.days, services.in_force),
        )
        faulty = room.owner.post(path, PERIOD).headers["location"]
        assert ended(lambda: room.owner.get(faulty))["failure"]["code"] == "internal"
        services.backtester = sound
        taken = room.owner.post(path, PERIOD).headers["location"]
        assert ended(lambda: room.owner.get(taken))["state"] == "done"


@pytest.fixture
def worker(created: Created, key_url: str, moto: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """The service on AWS with its queue; nobody takes messages from it but the test."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto)
    clock, connect = MovableClock(), Connect(REGION)
    services = on_aws(created, key_url, connect, clock)
    queue = SqsQueue(created.job_queue, connect)
    services = Services(services.settings, replace(services.ports, queue=queue))
    put_in_force(services, SHIPPED)
    with room_of(services, partial(provider_token, clock=clock)) as room:
        yield Stage(room, clock)
    connect.close()


def test_on_aws_a_job_goes_through_the_queue_and_comes_to_the_same(
    worker: Stage, created: Created, tested: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, services = worker.room, worker.room.services
    live = decide(room, worker.clock)
    manifest = drafted(room.owner, draft())
    taken = room.owner.post(f"{STEPS}/{manifest}/simulate", PERIOD)
    assert taken.json()["state"] == "queued"
    client = boto3.client("sqs", region_name=REGION)
    deliveries = 0
    while messages := client.receive_message(QueueUrl=created.job_queue).get("Messages"):
        with monkeypatch.context() as short:
            if not deliveries:
                short.setattr("chalicelib.services.LONGEST_RUN", timedelta(0))  # the first has no time for anything
            services.run_jobs([message["Body"] for message in messages])
        for message in messages:
            client.delete_message(QueueUrl=created.job_queue, ReceiptHandle=message["ReceiptHandle"])
        deliveries += 1
    client.close()
    job = room.owner.get(taken.headers["location"]).granted()
    assert (job["state"], deliveries, job["report"]["decisions"]) == ("done", 2, live)
    assert job["report"]["outcome"] == tested.job["report"]["outcome"]
