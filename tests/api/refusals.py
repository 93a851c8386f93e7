"""Sending wrong requests through HTTP and judging the refusals. It has no tests; two modules of rows use it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import count
from typing import Any, NamedTuple, cast

from chalicelib.api.examples import ASSESSMENT
from chalicelib.api.policy_examples import VERSION_SENT
from chalicelib.auth.roles import Role
from tests.api.service import POLICY, LocalService, Reply

CALL = cast("dict[str, Any]", ASSESSMENT)
VERSION = cast("dict[str, str]", VERSION_SENT)
ASSESS, DRAFT = "/v1/assessments", f"/v1/policies/{POLICY}/versions"
ROLES = {ASSESS: Role.CONTROL_ROOM, DRAFT: Role.POLICY_OWNER}
SOUND: Mapping[str, Any] = {ASSESS: CALL, DRAFT: VERSION}
KEYS = (f"bad-input-{number:012}" for number in count())
DEEP = 10_000


class Row(NamedTuple):
    """Something sent, the status and the codes of all faults that come back, and why."""

    sent: Any
    status: int
    codes: list[str]
    remark: str


def first_call(service: LocalService) -> LocalService:
    """Assess once, so that what a process fetches and keeps at its first request is there."""
    assert post(service, ASSESS, CALL).status == 201
    return service


def headers_for(route: str, **changes: str | None) -> dict[str, str]:
    """The headers of a right request; underscores stand for hyphens, and None leaves one out."""
    usual: dict[str, str | None] = {
        "authorization": f"Bearer {LocalService.token(ROLES.get(route, Role.AUDITOR))}",
        "content-type": "application/json",
        "idempotency-key": next(KEYS),
    }
    given = {**usual, **{name.replace("_", "-"): value for name, value in changes.items()}}
    return {name: value for name, value in given.items() if value is not None}


def post(service: LocalService, route: str, body: object, **headers: str | None) -> Reply:
    """POST a value as JSON, or bytes as they are."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return service.send("POST", route, headers_for(route.partition("?")[0], **headers), data)


def refused(reply: Reply, status: int, codes: list[str]) -> dict[str, Any]:
    """The problem document of a refusal, which has to name each fault."""
    assert reply.status == status, reply.body
    assert reply.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = json.loads(reply.body)
    assert problem["status"] == status
    assert problem["type"] == f"urn:thriives:problem:{problem['code']}"
    assert problem["title"]
    assert problem["detail"]
    assert [fault["code"] for fault in problem["errors"]] == codes, problem["errors"]
    assert all(fault["detail"] for fault in problem["errors"])
    return problem


def changed(base: Mapping[str, Any], pointer: str, value: object) -> dict[str, Any]:
    """A copy with one member set, or with None taken away; `-` adds to a list."""
    copy: dict[str, Any] = json.loads(json.dumps(base))
    place: Any = copy
    *steps, last = pointer.split("/")
    for step in steps:
        place = place[int(step) if isinstance(place, list) else step]
    if value is None:
        del place[last]
    elif isinstance(place, list):
        place.insert(len(place) if last == "-" else int(last), value)
    else:
        place[last] = value
    return copy


def auditor() -> str:
    """The Authorization header of an auditor."""
    return f"Bearer {LocalService.token(Role.AUDITOR)}"
