"""A supervisor's list: what is due, when it becomes due, who puts it off, and what happens when it cannot be kept."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import boto3
import pytest

from chalicelib.services import Services
from chalicelib.storage.connect import Connect
from tests.aws import REGION, Created
from tests.faults import FaultProxy
from tests.journeys.calls import FORCE, VIOLENCE_HERE, a_call, activate, approved, shipped
from tests.journeys.people import Answer, Caller
from tests.journeys.rooms import ROOT, MovableClock, Room, Stage, embedded_room, on_aws, provider_token, room_of
from tests.streams import record_of

ONE, TWO = "HC-20261123-0417", "HC-20261123-0418"
POLICY = ROOT / "policies" / "hertfordshire-thriives"
SUPERVISOR = {"pseudonym": "sv-0031", "role": "supervisor"}
REASSESS = "immediate_reassess"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    clock = MovableClock()
    with embedded_room(tmp_path / "data", clock, policy=POLICY) as room:
        yield Stage(room, clock)


PATIENCE = 30.0
"""How many seconds a thread may take."""


def opened(stage: Stage, reference: str, *answers: Mapping[str, object], **changes: object) -> dict[str, Any]:
    """An incident that is assessed when it is opened."""
    incident = {"reference": reference, "opened_at": "2026-11-23T04:17:00Z"}
    call = a_call(*answers, contact=f"{reference}-1", incident=incident, **changes)
    return stage.room.handler.decide(call)


def rows(caller: Caller, **filters: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = caller.get("/v1/worklist", **filters).granted()["rows"]
    return listed


def due(row: Mapping[str, Any]) -> dict[str, str]:
    """What is due in an incident, each with its severity."""
    return {item["id"]: item["severity"] for item in (row["worst"], *row["others"])}


def put_off(caller: Caller, *items: str, reference: str = ONE, key: str | None = None, **changes: object) -> Answer:
    body = {"actor": SUPERVISOR, "items": list(items), "minutes": 15, **changes}
    return caller.post(f"/v1/worklist/{reference}/acknowledge", body, key=key)


def event(stage: Stage, reference: str, **what: object) -> None:
    body = {"actor": {"pseudonym": "d-12", "role": "dispatcher"}, "events": [what]}
    stage.room.handler.post(f"/v1/incidents/{reference}/events", body).granted()


def test_an_incident_is_one_row_with_its_worst_item_and_goes_when_all_is_done(stage: Stage) -> None:
    handler = stage.room.handler
    opened(stage, ONE, *VIOLENCE_HERE)
    stage.clock.move(minutes=16)
    [row] = rows(handler)
    assert (row["incident"], row["standing"], row["worst"]["id"]) == (ONE, "IMMEDIATE", "immediate_to_inspector")
    assert (row["worst"]["owed_by"], row["worst"]["overdue_minutes"]) == ("dispatcher", 16)
    assert due(row) == {"immediate_to_inspector": "act", REASSESS: "act"}
    event(stage, ONE, kind="dispatched", unit="HC21")
    event(stage, ONE, kind="attended", unit="HC21")
    assert REASSESS not in {name for one in rows(handler) for name in due(one)}


def test_what_becomes_due_is_shown_before_and_then_to_act_on_although_nothing_was_recorded(stage: Stage) -> None:
    opened(stage, ONE, *VIOLENCE_HERE)
    seen = []
    for _ in range(4):
        seen.append(due(rows(stage.room.handler)[0]).get(REASSESS))
        stage.clock.move(minutes=6)
    assert seen == [None, "watch", "watch", "act"]


def test_the_worst_incident_comes_first(stage: Stage) -> None:
    opened(stage, TWO, {"fact": "dangers_now", "value": "none_of_these"})
    opened(stage, "HC-3", *VIOLENCE_HERE)
    stage.clock.move(minutes=4)
    opened(stage, ONE, *VIOLENCE_HERE)
    stage.clock.move(minutes=400)
    listed = rows(stage.room.handler)
    assert [row["incident"] for row in listed[:2]] == ["HC-3", ONE], "the same grade: the one that is longer overdue"
    order = [("act", "watch", "record").index(row["worst"]["severity"]) for row in listed]
    assert order == sorted(order)
    assert len({row["incident"] for row in listed}) == len(listed)


FILTERS = [
    ({"incident": TWO}, {TWO}, "one incident"),
    ({"incident": "HC-none"}, set(), "no incident"),
    ({"grade": "IMMEDIATE"}, {ONE}, "a grade"),
    ({"severity": "act", "owed_by": "dispatcher", "grade": "IMMEDIATE"}, {ONE}, "all must hold"),
    ({"owed_by": "victim_service"}, set(), "whom nothing is owed by"),
]


@pytest.mark.parametrize(("filters", "found"), [row[:2] for row in FILTERS], ids=[row[2] for row in FILTERS])
def test_a_list_can_be_narrowed(stage: Stage, filters: dict[str, str], found: set[str]) -> None:
    opened(stage, ONE, *VIOLENCE_HERE)
    opened(stage, TWO)
    stage.clock.move(minutes=300)
    assert {row["incident"] for row in rows(stage.room.handler)} == {ONE, TWO}
    assert {row["incident"] for row in rows(stage.room.handler, **filters)} == found


def test_a_filter_leaves_out_items_and_not_only_rows(stage: Stage) -> None:
    opened(stage, ONE, *VIOLENCE_HERE)
    stage.clock.move(minutes=7)
    [row] = rows(stage.room.handler, severity="watch")
    assert due(row) == {REASSESS: "watch"}


def test_a_limit_cuts_the_rows_and_not_the_counts(stage: Stage) -> None:
    opened(stage, ONE, *VIOLENCE_HERE)
    opened(stage, TWO, *VIOLENCE_HERE)
    answer = stage.room.handler.get("/v1/worklist", limit="1").granted()
    assert (len(answer["rows"]), answer["counts"]) == (1, {"act": 2, "watch": 0, "record": 0})


def test_putting_off_makes_it_something_to_watch_until_then_and_clears_nothing(stage: Stage) -> None:
    supervisor = stage.room.caller("supervisor")
    opened(stage, ONE, *VIOLENCE_HERE)
    stage.clock.move(minutes=20)
    recorded = put_off(supervisor, REASSESS).granted()
    assert (recorded["event"]["kind"], recorded["items"]) == ("acknowledged", [REASSESS])
    [row] = rows(supervisor)
    assert due(row) == {"immediate_to_inspector": "act", REASSESS: "watch"}
    assert [one.get("acknowledged") for one in row["others"]] == [True]
    stage.clock.move(minutes=16)
    assert due(rows(supervisor)[0])[REASSESS] == "act"
    told = stage.room.handler.get(f"/v1/incidents/{ONE}").granted()
    assert "acknowledged" in {one["kind"] for one in told["events"]}


def test_the_same_acknowledgement_again_is_given_the_same_bytes(stage: Stage) -> None:
    supervisor = stage.room.caller("supervisor")
    opened(stage, ONE, *VIOLENCE_HERE)
    first, again = (put_off(supervisor, REASSESS, key="the-same-key-00001") for _ in range(2))
    assert (first.status, again.status, again.headers["idempotent-replayed"]) == (201, 200, "true")
    assert first.body == again.body


def test_what_cannot_be_put_off_is_said(stage: Stage) -> None:
    supervisor = stage.room.caller("supervisor")
    opened(stage, ONE, *VIOLENCE_HERE)
    refused = put_off(supervisor, REASSESS, "tell_nobody").problem(422, "invalid")
    assert [one["pointer"] for one in refused["errors"]] == ["/items/1"]
    for minutes in (4, 61):
        assert put_off(supervisor, REASSESS, minutes=minutes).status == 422
    put_off(supervisor, REASSESS, reference="HC-none").problem(404, "not_found")
    handler = {"pseudonym": "ch-4471", "role": "call_handler"}
    assert [one["pointer"] for one in put_off(supervisor, REASSESS, actor=handler).json()["errors"]] == ["/actor/role"]
    assert put_off(stage.room.caller("control_room"), REASSESS).status == 403


def test_a_poll_is_answered_with_next_to_nothing_until_something_changes_or_a_minute_passes(stage: Stage) -> None:
    handler = stage.room.handler
    opened(stage, ONE, *VIOLENCE_HERE)
    tag = handler.get("/v1/worklist").headers["etag"]

    def poll(**filters: str) -> int:
        query = "&".join(f"{name}={value}" for name, value in filters.items())
        answer = handler._ask("GET", f"/v1/worklist?{query}", None, {"If-None-Match": f'"other", {tag}'})
        assert (answer.status == 304) is (answer.body == b"")
        return answer.status

    assert [poll(), poll(), poll(severity="act")] == [304, 304, 200], "another list has another tag"
    opened(stage, TWO, *VIOLENCE_HERE)
    assert poll() == 200
    tag = handler.get("/v1/worklist").headers["etag"]
    assert poll() == 304
    stage.clock.move(minutes=1)
    assert poll() == 200


def test_training_and_other_forces_are_not_in_it(stage: Stage) -> None:
    opened(stage, ONE, *VIOLENCE_HERE, mode="training")
    opened(stage, TWO, *VIOLENCE_HERE)
    assert [row["incident"] for row in rows(stage.room.handler)] == [TWO]
    stranger = stage.room.caller("supervisor", force="bedfordshire")
    assert rows(stranger) == []
    put_off(stranger, REASSESS, reference=TWO).problem(404, "not_found")


def test_what_is_decided_on_a_call_from_before_it_had_an_incident_counts_in_the_incidents_row(stage: Stage) -> None:
    handler, services = stage.room.handler, stage.room.services
    first = handler.decide(a_call(*VIOLENCE_HERE, contact=f"{ONE}-1"))
    opened(stage, ONE, *VIOLENCE_HERE)
    services.settle()
    before = services.ports.board.get(FORCE, ONE)
    outcome = {"actor": {"pseudonym": "ch-4471", "role": "call_handler"}, "act": "fact"}
    handler.post(f"/v1/decisions/{first['decision']}/outcomes", outcome).granted()
    services.settle()
    after = services.ports.board.get(FORCE, ONE)
    assert before is not None
    assert after is not None
    assert after.row.body != before.row.body
    day = ("2026-11-23T00:00:00.000000Z", "2026-11-24T00:00:00.000000Z")
    assert services.projector.rebuild(FORCE, *day) == (1, 0)


def test_a_worklist_that_cannot_be_kept_fails_no_call_and_is_made_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data, clock = tmp_path / "data", MovableClock()
    with embedded_room(data, clock, policy=POLICY) as room:
        stage = Stage(room, clock)
        (data / "work.sqlite").write_bytes(b"not a database" * 100)
        opened(stage, ONE, *VIOLENCE_HERE)
        assert room.handler.get("/v1/worklist").status == 503
        assert _faults_logged(caplog) == ["project_work"]
    (data / "work.sqlite").unlink()
    days = ["--from", "2026-11-23", "--to", "2026-11-23"]
    command = [sys.executable, "-m", "chalicelib", "work", "rebuild", FORCE, *days]
    settings = {"THRIIVES_MODE": "embedded", "THRIIVES_DATA": str(data), "PATH": ""}
    said = [
        subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert [text.split(": ")[1][:21] for text in said] == ["1 incidents, 1 rows w", "1 incidents, 0 rows w"]
    with embedded_room(data, clock, policy=POLICY) as room:
        assert [row["incident"] for row in rows(room.handler)] == [ONE]


def _faults_logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Where faults were logged, once there is one: the thread that keeps the worklist logs when it comes to it."""
    deadline = time.monotonic() + PATIENCE
    found: list[str] = []
    while not found and time.monotonic() < deadline:
        time.sleep(0.01)
        found = [record.__dict__["codes"]["operation"] for record in caplog.records if record.getMessage() == "fault"]
    return found


def stream(moto: str, created: Created) -> list[dict[str, Any]]:
    """What the table's stream says of everything that is in it."""
    table = boto3.client("dynamodb", endpoint_url=moto, region_name=REGION)
    pages = table.get_paginator("scan").paginate(TableName=created.table)
    records = [record_of(item) for page in pages for item in page["Items"]]
    table.close()
    return records


@pytest.fixture(scope="module")
def aws(created: Created, proxy: FaultProxy, key_url: str) -> Iterator[Room]:
    """A service on AWS stores, with an incident and more."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", proxy.address)
        connect = Connect(REGION)
        services: Services = on_aws(created, key_url, connect)
        services.keys.create(FORCE)
        with room_of(services, provider_token) as room:
            assert activate(room.approver, approved(room.owner, room.approver, shipped())).status == 201
            incident = {"reference": ONE}
            room.handler.decide(a_call(*VIOLENCE_HERE, state="lost", incident=incident))
            late = {"kind": "attendance_delayed", "because": "no_unit"}
            actor = {"pseudonym": "d-12", "role": "dispatcher"}
            room.handler.post(f"/v1/incidents/{ONE}/events", {"actor": actor, "events": [late]}).granted()
            yield room
        connect.close()


def test_on_aws_the_list_follows_the_tables_stream_in_any_order(aws: Room, moto: str, created: Created) -> None:
    assert rows(aws.handler) == [], "nothing has followed yet"
    records = stream(moto, created) * 2
    Random(3).shuffle(records)
    assert aws.services.follow_trail(records) == {"batchItemFailures": []}
    [row] = rows(aws.handler)
    assert {item.split(".")[0] for item in due(row)} >= {"reassess"}
    assert aws.services.projector.rebuild(FORCE, *_today(aws)) == (1, 0)


def _today(room: Room) -> tuple[str, str]:
    day = room.services.clock().date().isoformat()
    return f"{day}T00:00:00.000000Z", f"{day}T23:59:59.999999Z"


def test_what_could_not_be_followed_is_asked_for_again_from_there(
    aws: Room, moto: str, created: Created, proxy: FaultProxy
) -> None:
    live = [one for one in stream(moto, created) if one["dynamodb"]["Keys"]["pk"]["S"][0] in "DI"]
    proxy.arm("dynamodb:GetItem", "before", times=2, within=created.work_table)
    failed = aws.services.follow_trail([{"dynamodb": {"SequenceNumber": "removed"}}, *live])
    assert failed == {"batchItemFailures": [{"itemIdentifier": live[0]["dynamodb"]["SequenceNumber"]}]}
    assert aws.services.follow_trail(live) == {"batchItemFailures": []}


def test_a_poll_on_aws_is_one_read_and_the_list_two(aws: Room, proxy: FaultProxy) -> None:
    tag = aws.handler.get("/v1/worklist").headers["etag"]
    proxy.forget()
    answer = aws.handler._ask("GET", "/v1/worklist", None, {"If-None-Match": tag})
    calls = {name: count for name, count in proxy.calls.items() if name.startswith("dynamodb")}
    if answer.status == 304:  # else a minute has just ended
        assert calls == {"dynamodb:GetItem": 1}
    proxy.forget()
    aws.handler.get("/v1/worklist").granted()
    assert {name: count for name, count in proxy.calls.items() if name.startswith("dynamodb")} == {
        "dynamodb:GetItem": 1,
        "dynamodb:Query": 1,
    }


class Told:
    """Somebody who is told of what is due."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.due: list[Mapping[str, Any]] = []

    def announce(self, due: Sequence[Mapping[str, Any]]) -> None:
        """Hear of some things."""
        self.due += due


def pushed(stage: Stage, minute: str) -> list[str]:
    """What is told in the run of a minute."""
    told, made = Told(), stage.room.services
    Services(made.settings, replace(made.ports, announcer=told)).push_due(f"2026-11-23T{minute}:42Z")
    assert all(set(one) <= CODES for one in told.due)
    return [one["item"] for one in told.due]


CODES = {"force", "incident", "standing", "item", "kind", "severity", "owed_by", "due"}


def test_what_becomes_something_to_act_on_is_told_once_in_the_minute_after_next(stage: Stage) -> None:
    opened(stage, ONE, *VIOLENCE_HERE)  # at 04:17
    stage.room.services.settle()
    told = {minute: pushed(stage, f"04:{minute}") for minute in range(17, 38)}
    assert {minute: items for minute, items in told.items() if items} == {
        19: ["immediate_to_inspector"],
        34: [REASSESS],
    }
    assert pushed(stage, "04:34") == [REASSESS], "a run that is repeated says the same"


def test_what_a_supervisor_has_put_off_is_not_told(stage: Stage) -> None:
    opened(stage, ONE, *VIOLENCE_HERE)
    stage.clock.move(minutes=12)
    put_off(stage.room.caller("supervisor"), REASSESS).granted()
    stage.room.services.settle()
    assert pushed(stage, "04:34") == []
