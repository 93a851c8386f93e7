from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from chalicelib.api.application import document_bytes, document_operation, operations_of
from chalicelib.api.openapi import openapi
from chalicelib.auth.roles import GRANTS, Permission
from chalicelib.services import services_for
from chalicelib.settings import Settings
from tests.api.frames import OPERATIONS, an_application, send

ALL = (*OPERATIONS, document_operation(OPERATIONS))


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(document_bytes(ALL))
    return found


@pytest.fixture(scope="module")
def own() -> dict[str, Any]:
    """The document of the service itself."""
    settings = Settings.from_env({"THRIIVES_MODE": "embedded", "THRIIVES_DATA": "never-made"})
    operations = operations_of(services_for(settings))
    found: dict[str, Any] = json.loads(document_bytes((*operations, document_operation(operations))))
    return found


def contents(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every body and every answer of a document, each with where it stands."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                yield f"{method} {path} body", content
            for status, response in operation["responses"].items():
                for content in response.get("content", {}).values():
                    yield f"{method} {path} {status}", content


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_the_same_operations_give_the_same_bytes() -> None:
    assert document_bytes(ALL) == document_bytes(tuple(ALL))


def test_the_document_is_served_to_everybody_and_says_so(document: dict[str, Any]) -> None:
    response = send(an_application(), "GET", "/openapi.json", headers={"authorization": ""})
    assert response.status_code == 200
    assert json.loads(response.body) == document
    assert document["paths"]["/openapi.json"]["get"]["security"] == []


def test_every_operation_says_who_may_and_how_it_refuses(document: dict[str, Any]) -> None:
    create = document["paths"]["/v1/things"]["post"]
    assert create["x-roles"] == sorted(GRANTS[Permission.ASSESS])
    assert create["security"] == [{"bearer": []}]
    expected = {"201", "400", "401", "403", "404", "409", "413", "415", "422", "429", "500", "503"}
    assert set(create["responses"]) == expected
    for status in expected - {"201", "409"}:
        assert create["responses"][status] == {"$ref": f"#/components/responses/Problem{status}"}


def test_what_the_frame_asks_for_is_a_parameter(document: dict[str, Any]) -> None:
    create = document["paths"]["/v1/things"]["post"]
    assert [(one["name"], one["required"]) for one in create["parameters"]] == [
        ("Idempotency-Key", True),
        ("Prefer", False),
        ("traceparent", False),
    ]


def test_bodies_and_answers_have_schemas_and_full_examples(document: dict[str, Any]) -> None:
    create = document["paths"]["/v1/things"]["post"]
    body = create["requestBody"]["content"]["application/json"]
    assert body["example"] == {"name": "one"}
    schema = document["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[2]]
    assert schema["properties"]["name"]["description"] == "What it is called."
    assert create["responses"]["201"]["content"]["application/json"]["example"] == {"name": "one"}


def test_every_refusal_is_a_problem_document(document: dict[str, Any]) -> None:
    for response in document["components"]["responses"].values():
        assert list(response["content"]) == ["application/problem+json"]
    assert document["components"]["schemas"]["Problem"]["required"] == ["type", "title", "status", "detail", "code"]


def test_an_operations_own_refusal_is_a_problem_document_too(document: dict[str, Any]) -> None:
    conflict = document["paths"]["/v1/things"]["post"]["responses"]["409"]
    assert conflict["description"] == "Not now."
    assert conflict["content"]["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_the_services_own_document_is_valid(own: dict[str, Any]) -> None:
    assert list(OpenAPIV31SpecValidator(own).iter_errors()) == []


def test_every_example_fits_its_schema(own: dict[str, Any]) -> None:
    for place, content in contents(own):
        if "example" in content:
            schema = {**content["schema"], "components": own["components"]}
            assert [error.message for error in Draft202012Validator(schema).iter_errors(content["example"])] == [], (
                place
            )


def test_every_body_and_every_answer_has_a_full_example(own: dict[str, Any]) -> None:
    bare = [place for place, content in contents(own) if "example" not in content and "Problem" not in str(content)]
    assert [place for place in bare if "/openapi.json" not in place] == []


def test_an_operation_without_answers_still_lists_its_refusals() -> None:
    assert openapi((), version="0")["paths"] == {}
