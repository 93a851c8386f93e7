"""The packaged artefact under Lambda's runtime client: from an API Gateway event to a recorded decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.emulator import gateway_event, runs_here, started
from tests import aws
from tests.infra.conftest import Packaged
from tests.infra.deployment import CALL, Client, Deployment, deployment, put_in_force
from tests.streams import record_of

pytestmark = pytest.mark.skipif(not runs_here(), reason="this machine does not run what Lambda runs (Linux on x86_64)")

SCHEDULED: Mapping[str, object] = {
    "version": "0",
    "id": "00000000-0000-4000-8000-000000000000",
    "account": "000000000000",
    "region": aws.REGION,
    "source": "aws.events",
    "detail-type": "Scheduled Event",
    "time": "2026-11-23T04:17:00Z",
    "resources": [],
    "detail": {},
}


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployment]:
    with deployment() as found:
        yield found


@pytest.fixture(scope="module")
def client(packaged: Packaged, deployed: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    log = tmp_path_factory.mktemp("function") / "log"
    with started(packaged.unpacked, packaged.python, deployed.variables, log=log) as function:
        running = Client(function)
        put_in_force(running)
        yield running


def test_a_gateway_event_becomes_a_recorded_decision(client: Client, deployed: Deployment) -> None:
    status, decision = client.send("POST", "/v1/assessments", CALL, key="assess-0000000001")
    assert status == 201, decision
    table = boto3.session.Session(region_name=aws.REGION).client("dynamodb", endpoint_url=deployed.endpoint)
    key = {"pk": {"S": f"D#{decision['decision']}"}, "sk": {"S": "E#0"}}
    item = table.get_item(TableName=deployed.created.table, Key=key)["Item"]
    table.close()
    assert item["kind"] == {"S": "decision"}
    assert item["policy"]["S"] == decision["policy"]["digest"]
    assert decision["advice"]["grade"]["national"] != "RESOLVE"  # nothing is known yet


def test_the_same_event_again_gets_the_stored_answer(client: Client) -> None:
    first = client.send("POST", "/v1/assessments", CALL, key="assess-0000000002")
    again = client.send("POST", "/v1/assessments", CALL, key="assess-0000000002")
    assert (first[0], again[0]) == (201, 200)
    assert again[1] == first[1]


def test_without_a_token_the_function_answers_with_a_problem_document(client: Client) -> None:
    answer = client.function.invoke(gateway_event("POST", "/v1/assessments", headers={}, body=b"{}"))
    assert answer["statusCode"] == 401
    headers: Any = answer["headers"]
    assert {name.lower(): value for name, value in headers.items()}["content-type"] == "application/problem+json"


def test_the_scheduled_function_is_in_the_same_artefact(
    deployed: Deployment, packaged: Packaged, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with started(packaged.unpacked, packaged.python, deployed.variables, log=log, handler="app.drain_spills") as drain:
        answer = drain.invoke(SCHEDULED)
    assert "errorType" not in answer, log.read_text()
    assert set(answer.values()) == {0}


def test_the_function_that_follows_the_trail_is_in_the_same_artefact(
    client: Client, deployed: Deployment, packaged: Packaged, tmp_path: Path
) -> None:
    incident = {"reference": "HC-20261123-0417", "opened_at": "2026-11-23T04:17:00Z"}
    client.send("POST", "/v1/assessments", {**CALL, "incident": incident}, key="assess-0000000004")
    table = boto3.session.Session(region_name=aws.REGION).client("dynamodb", endpoint_url=deployed.endpoint)
    records = [record_of(item) for item in table.scan(TableName=deployed.created.table)["Items"]]
    log = tmp_path / "log"
    with started(packaged.unpacked, packaged.python, deployed.variables, log=log, handler="app.project_work") as follow:
        assert follow.invoke({"Records": records}) == {"batchItemFailures": []}, log.read_text()
    key = {"pk": {"S": "hertfordshire"}, "sk": {"S": "HC-20261123-0417"}}
    assert "body" in table.get_item(TableName=deployed.created.work_table, Key=key)["Item"]
    table.close()


def test_the_function_that_tells_what_is_due_is_in_the_same_artefact(
    client: Client, deployed: Deployment, packaged: Packaged, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with started(packaged.unpacked, packaged.python, deployed.variables, log=log, handler="app.push_due") as push:
        assert push.invoke(SCHEDULED) == {"pushed": 0}, log.read_text()


def test_no_log_line_holds_the_callers_number(client: Client) -> None:
    client.send("POST", "/v1/assessments", CALL, key="assess-0000000003")
    printed = client.function.printed()
    assert "/v1/assessments" in printed or "assess_call" in printed
    assert "7700900123" not in printed
