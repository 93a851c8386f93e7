"""A small operation table that shows the frame, and a way to send it requests. No operation of the product."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chalice.test import Client, HTTPResponse

from chalicelib.api.application import Application, application_of
from chalicelib.api.endpoint import FORCE, Answer, Context, Operation, Parameter, ResponseForm
from chalicelib.api.health import operations as health_operations
from chalicelib.auth.keys import key_set
from chalicelib.auth.principal import Principal
from chalicelib.auth.roles import Permission
from chalicelib.auth.tokens import verify
from chalicelib.canonical import Json, canonical
from chalicelib.errors import Fault, Invalid, Refused, Unavailable
from chalicelib.model import Frozen
from chalicelib.reader import read_model
from tests.callers import AUDIENCE, ISSUER, NOW, a_token, jwks

KEY = "6f1b8f0e-5c0b-4d39-9a51-0f4f8a1c7d22"
THING: dict[str, Json] = {"name": "one"}


class Thing(Frozen):
    """Something to send."""

    name: str
    """What it is called."""


def identify(token: str) -> Principal:
    """The principal of a token of the tests' provider."""
    return verify(token, keys=key_set(jwks()), issuer=ISSUER, audience=AUDIENCE, now=NOW)


def _create(context: Context) -> Answer:
    thing = read_model(Thing, context.body, most=64 * 1024)
    faults = {
        "refused": Refused("Not as things stand.", code="not_now", extra={"outstanding": ["a"]}),
        "wrong": Invalid("Wrong.", [Fault("name", "/name", "it is wrong", "another")]),
        "down": Unavailable("The store does not answer.", extra={"advice": {"recorded": False}}),
    }
    if thing.name in faults:
        raise faults[thing.name]
    if thing.name == "broken":
        raise RuntimeError("Jo Smith said 07700 900123")
    told: dict[str, Json] = {
        "name": thing.name,
        "key": context.key,
        "strict": context.prefer_strict,
        "client": context.caller.client,
        "correlation": context.correlation,
    }
    return Answer(201, canonical(told), {"Location": "/v1/things/1"}, marks={"replayed": False})


def _read(context: Context) -> Answer:
    size = int(context.query.get("size", "0"))
    told: dict[str, Json] = {"id": context.path["id"], "query": dict(context.query), "padding": "x" * size}
    return Answer(200, canonical(told), marks={"force": context.caller.force_of(context.query.get("force"))})


OPERATIONS = (
    *health_operations(lambda _: {"version": "0.1.0"}),
    Operation(
        method="POST",
        path="/v1/things",
        name="create_thing",
        summary="Keep a thing",
        permission=Permission.ASSESS,
        handler=_create,
        responses={
            201: ResponseForm("It is kept.", {"type": "object"}, THING, {"Location": "Where it is."}),
            409: ResponseForm("Not now.", None),
        },
        body=Thing,
        example=THING,
        records=True,
        lenient=True,
    ),
    Operation(
        method="GET",
        path="/v1/things/{id}",
        name="read_thing",
        summary="Read a thing",
        permission=Permission.READ_DECISION,
        handler=_read,
        responses={200: ResponseForm("The thing.", {"type": "object"}, THING)},
        parameters=(
            Parameter("id", "path", {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}, "Its id.", example="1"),
            Parameter("size", "query", {"type": "integer", "minimum": 0, "maximum": 9_000_000}, "How much to pad."),
            Parameter("since", "query", {"type": "string", "format": "date-time"}, "From when."),
            Parameter("mode", "query", {"type": "string", "enum": ["live", "test"]}, "Of which mode."),
            FORCE,
        ),
    ),
)


def an_application() -> Application:
    """A fresh application with these operations."""
    return application_of(OPERATIONS, identify)


def send(
    application: Application,
    method: str,
    path: str,
    *,
    headers: Mapping[str, str | None] | None = None,
    body: bytes = b"",
) -> HTTPResponse:
    """Send a request that is as right as its method wants it; a header of None is left out."""
    usual: dict[str, str | None] = {"authorization": f"Bearer {a_token()}"}
    if method == "POST":
        usual |= {"content-type": "application/json", "idempotency-key": KEY}
    given = {**usual, **(headers or {})}
    return Client(application).http.request(
        method, path, headers={name: value for name, value in given.items() if value is not None}, body=body
    )


def posted(application: Application, name: str = "one", **headers: str | None) -> HTTPResponse:
    """POST a thing; underscores in header names stand for hyphens."""
    named = {header.replace("_", "-"): value for header, value in headers.items()}
    return send(application, "POST", "/v1/things", headers=named, body=json.dumps({"name": name}).encode())


def problem(response: HTTPResponse, status: int, code: str) -> dict[str, Any]:
    """The problem document of a refusal, which has to have the one form."""
    assert response.status_code == status, response.body
    assert response.headers["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = json.loads(response.body)
    assert found["status"] == status
    assert found["code"] == code, found
    assert found["type"] == f"urn:thriives:problem:{code}"
    assert found["title"]
    assert found["detail"]
    assert isinstance(found["errors"], list)
    trace_id = response.headers["traceparent"].split("-")[1]
    assert found["instance"] == f"urn:thriives:request:{trace_id}"
    return found
