"""The examples of the API document: each of its own model, true of the service, and in a document that is committed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import BaseModel

from chalicelib.api import examples, policy_examples, replay_example
from chalicelib.api.application import document_operation, operations_of
from chalicelib.api.endpoint import Operation
from chalicelib.auth.roles import Role
from chalicelib.authoring.cases import read_cases, run_cases
from chalicelib.authoring.documents import checked
from chalicelib.canonical import Json, canonical, sha256_hex
from chalicelib.services import services_for
from chalicelib.settings import Settings
from tests.api.service import ROOT, LocalService

SETTINGS = Settings.from_env({"THRIIVES_MODE": "embedded", "THRIIVES_DATA": "never-made"})
TABLE = operations_of(services_for(SETTINGS))
DRAMA = re.compile(r"\+?(447700900\d{3}|441632960\d{3})")


def shown() -> Iterator[tuple[str, type[BaseModel], Json]]:
    """Every example of a body or an answer, with its model and where it stands."""
    for operation in TABLE:
        if operation.body is not None:
            yield f"{operation.name} body", operation.body, operation.example
        for status, form in operation.responses.items():
            if isinstance(form.schema, type):
                yield f"{operation.name} {status}", form.schema, form.example


EXAMPLES = list(shown())


@pytest.mark.parametrize(("place", "model", "example"), EXAMPLES, ids=[place for place, _, _ in EXAMPLES])
def test_an_example_is_one_of_its_model_and_is_all_of_it(place: str, model: type[BaseModel], example: Json) -> None:
    assert example is not None, place
    read = model.model_validate_json(canonical(example))
    if place.endswith("body"):
        return
    assert read.model_dump(mode="json", exclude_none=True, by_alias=True) == json.loads(canonical(example))


def test_every_operation_has_an_example_of_what_it_takes_and_of_each_success() -> None:
    bare = [
        (operation.name, status)
        for operation in TABLE
        for status, form in operation.responses.items()
        if status < 300 and form.example is None
    ]
    assert bare == []
    assert [one.name for one in TABLE if one.body is not None and one.example is None] == []
    required = [one for operation in TABLE for one in operation.parameters if one.required]
    assert [one.name for one in required if one.example is None] == []


def test_every_example_of_a_parameter_fits_its_own_check() -> None:
    given = [one for operation in TABLE for one in operation.parameters if one.example is not None]
    assert [(one.name, wrong) for one in given if (wrong := one.fault_in(str(one.example)))] == []


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalService]:
    with LocalService(tmp_path_factory.mktemp("store")).serving() as service:
        yield service


def test_the_example_of_a_call_is_taken_by_the_shipped_policy_without_a_warning(served: LocalService) -> None:
    headers = {
        "authorization": f"Bearer {served.token(Role.CONTROL_ROOM)}",
        "content-type": "application/json",
        "idempotency-key": "the-example-of-the-document",
        "prefer": "handling=strict",
    }
    response = served.send("POST", "/v1/assessments", headers, canonical(examples.ASSESSMENT))
    assert response.status == 201, response.body
    answered, example = json.loads(response.body), cast("dict[str, Any]", examples.DECISION)
    assert answered["warnings"] == []
    assert answered["advice"]["grade"]["national"] == example["advice"]["grade"]["national"]
    assert sorted(answered) == sorted(example)
    assert set(example["advice"]) == set(answered["advice"])


def test_the_example_of_a_version_is_taken_and_its_cases_hold() -> None:
    sent = cast("dict[str, str]", policy_examples.VERSION_SENT)
    policy = checked(sent["policy"].encode())
    version = cast("dict[str, Any]", policy_examples.VERSION_READ)
    assert version["document"] == json.loads(policy.stored)
    assert version["policy"] == policy.compiled.digest
    drafted = cast("dict[str, Any]", policy_examples.DRAFTED)
    assert drafted["source"] == sha256_hex(sent["policy"].encode())
    assert all(result.passed for result in run_cases(policy.compiled, read_cases(sent["cases"].encode())))


def test_the_examples_are_one_story() -> None:
    decision = cast("dict[str, Any]", examples.DECISION)
    sent = cast("dict[str, Any]", examples.ASSESSMENT)
    assert decision["contact"] == sent["contact"]["reference"]
    replay = cast("dict[str, Any]", replay_example.REPLAY)
    search = cast("dict[str, Any]", examples.SEARCH)
    incident = cast("dict[str, Any]", examples.INCIDENT)
    told = {replay["decision"], search["decisions"][0]["decision"], incident["decisions"][0]["decision"]}
    assert told == {decision["decision"]}
    assert replay["equal"] is True
    assert replay["recorded"] == replay["replayed"]
    steps = (policy_examples.DRAFTED, policy_examples.SUBMITTED, policy_examples.APPROVED, policy_examples.ACTIVATED)
    assert len({cast("dict[str, Any]", step)["manifest"] for step in steps}) == 1


def test_no_example_names_anybody() -> None:
    everything = canonical([example for _, _, example in EXAMPLES]).decode()
    numbers = re.findall(r"\+?\b(?:0|44)\d{9,10}\b", everything)
    assert [number for number in numbers if not DRAMA.fullmatch(number)] == []
    assert "@" not in everything


def test_the_committed_document_is_the_one_that_is_served(served: LocalService) -> None:
    answered = served.send("GET", "/openapi.json", {})
    assert answered.status == 200
    committed = (ROOT / "docs" / "openapi.json").read_bytes()
    assert committed == answered.body, "docs/openapi.json is not that of the code: run `make generated`"


def test_the_command_writes_the_committed_document(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "chalicelib", "openapi", str(tmp_path / "written.json"), "--data", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert (tmp_path / "written.json").read_bytes() == (ROOT / "docs" / "openapi.json").read_bytes()


def test_a_body_that_can_be_left_out_is_documented_so() -> None:
    document = json.loads((ROOT / "docs" / "openapi.json").read_bytes())
    optional = {
        path.rpartition("/")[2]
        for path, methods in document["paths"].items()
        for operation in methods.values()
        if operation.get("requestBody", {}).get("required") is False
    }
    assert optional == {"submit", "approve", "withdraw"}


def test_the_document_describes_itself() -> None:
    own: Operation = document_operation(TABLE)
    document = json.loads((ROOT / "docs" / "openapi.json").read_bytes())
    assert document["paths"][own.path]["get"]["operationId"] == own.name
