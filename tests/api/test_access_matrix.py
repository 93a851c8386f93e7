"""Every operation x every role x every way for a token to be wrong; what is expected follows from the one table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from urllib.parse import urlencode

import pytest
from chalice.test import Client, HTTPResponse

from chalicelib.api.application import application_of, document_operation, operations_of
from chalicelib.api.endpoint import FORCE, Answer, Operation
from chalicelib.auth.roles import GRANTS, Role
from chalicelib.services import services_for
from chalicelib.settings import Settings
from tests.api.frames import KEY, OPERATIONS, identify
from tests.callers import NOW, a_token, claims, signed


def own_operations(folder: Path) -> tuple[Operation, ...]:
    """The operation table of the product on embedded stores; nothing is opened before a handler is called."""
    return operations_of(services_for(Settings.from_env({"THRIIVES_MODE": "embedded", "THRIIVES_DATA": str(folder)})))


def reached(operation: Operation) -> Operation:
    """The operation as declared, with a handler that only shows that it was reached."""
    return replace(operation, handler=lambda _: Answer(200, b'{"reached":true}'))


OWN = own_operations(Path("never-made"))
FRAME = tuple(operation for operation in OPERATIONS if operation.name != "health")
TABLE = tuple(reached(operation) for operation in (*OWN, *FRAME))
CLIENT = Client(application_of(TABLE, identify))

BAD_TOKENS: Mapping[str, str | None] = {
    "no token": None,
    "wrong issuer": a_token([role.value for role in Role], iss="https://attacker.example/"),
    "wrong audience": a_token([role.value for role in Role], aud="another-service"),
    "expired": a_token([role.value for role in Role], exp=int((NOW - timedelta(minutes=1)).timestamp())),
    "not yet valid": a_token([role.value for role in Role], nbf=int((NOW + timedelta(minutes=1)).timestamp())),
    "unknown key": signed(claims(roles=[role.value for role in Role]), kid="made-up"),
    "no role of ours": a_token(["admin"]),
    "no force": a_token([role.value for role in Role], forces=[]),
}


def ask(client: Client, operation: Operation, token: str | None, **named: str) -> HTTPResponse:
    """A request that is right in everything but, perhaps, its token and the force it names."""
    path = operation.path
    query = dict(named)
    body = operation.example
    for parameter in operation.parameters:
        if parameter.place == "path":
            path = path.replace("{" + parameter.name + "}", str(parameter.example))
        elif parameter.place == "query" and parameter.required:
            query[parameter.name] = str(parameter.example)
    if FORCE not in operation.parameters and isinstance(body, dict):
        body = {**body, **query}
        query = {}
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    if operation.records:
        headers["idempotency-key"] = KEY
    sent = b""
    if operation.body is not None:
        headers["content-type"] = operation.accepts[0]
        sent = json.dumps(body).encode()
    target = f"{path}?{urlencode(query)}" if query else path
    response = client.http.request(operation.method, target, headers=headers, body=sent)
    if response.status_code >= 400:
        assert response.headers["Content-Type"] == "application/problem+json"
    return response


def status_of(operation: Operation, token: str | None) -> int:
    return int(ask(CLIENT, operation, token).status_code)


@pytest.mark.parametrize("operation", TABLE, ids=lambda operation: operation.name)
def test_a_role_reaches_exactly_what_it_is_granted(operation: Operation) -> None:
    for role in Role:
        granted = operation.permission is None or role in GRANTS[operation.permission]
        assert status_of(operation, a_token([role.value])) == (200 if granted else 403), role


@pytest.mark.parametrize("operation", TABLE, ids=lambda operation: operation.name)
def test_two_roles_reach_what_either_of_them_is_granted(operation: Operation) -> None:
    for one, other in product(Role, Role):
        granted = operation.permission is None or not GRANTS[operation.permission].isdisjoint({one, other})
        assert status_of(operation, a_token([one.value, other.value])) == (200 if granted else 403), (one, other)


@pytest.mark.parametrize("operation", TABLE, ids=lambda operation: operation.name)
@pytest.mark.parametrize("wrong", BAD_TOKENS)
def test_a_wrong_token_reaches_nothing_that_is_not_open(operation: Operation, wrong: str) -> None:
    token = BAD_TOKENS[wrong]
    is_open = operation.permission is None and (operation.reveals is None or token is None)
    assert status_of(operation, token) == (200 if is_open else 401)


@pytest.mark.parametrize("name", [operation.name for operation in OWN if operation.permission is not None])
def test_another_force_does_not_exist_for_a_caller(name: str, tmp_path: Path) -> None:
    table = own_operations(tmp_path)
    (operation,) = (one for one in table if one.name == name)
    assert operation.permission is not None
    foreign = a_token([role.value for role in GRANTS[operation.permission]], forces=["elsewhere"])
    response = ask(Client(application_of(table, identify)), operation, foreign, force="hertfordshire")
    assert response.status_code == 404, response.body
    assert json.loads(response.body)["code"] == "force_not_found"


def test_only_liveness_and_the_document_are_open() -> None:
    everything = (*OWN, document_operation(OWN))
    assert {operation.path for operation in everything if operation.permission is None} == {"/health", "/openapi.json"}


def test_names_and_routes_are_each_used_once() -> None:
    assert len({operation.name for operation in OWN}) == len(OWN)
    assert len({(operation.method, operation.path) for operation in OWN}) == len(OWN)
