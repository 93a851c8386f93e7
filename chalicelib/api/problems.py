"""Problem documents (RFC 9457) for every refusal, the framework's own included. It logs nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

from pydantic import ConfigDict, Field

from chalicelib.errors import Fault, ServiceError
from chalicelib.model import Frozen

PROBLEM_JSON = "application/problem+json"

MOST_FAULTS = 200
"""How many faults are listed; a body can hold so many that the answer would be too large."""

_OF_THE_FRAMEWORK: Mapping[int, tuple[str, str]] = {
    400: ("bad_request", "The request is malformed."),
    403: ("not_found", "There is nothing at this address."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take that method."),
    411: ("length_required", "The body has to come with a Content-Length, not in chunks."),
    413: ("too_large", "The body is larger than this service takes."),
    414: ("address_too_long", "The address is longer than this service takes."),
    415: ("media_type", "The body has a media type that is not taken."),
    431: ("headers_too_large", "The headers are larger than this service takes."),
    505: ("version_unknown", "That version of HTTP is not spoken here."),
}


class ProblemFault(Frozen):
    """One thing that is wrong with the request."""

    code: str
    pointer: str
    """JSON Pointer into the body, or /path/…, /query/…, /header/… ."""
    detail: str
    expected: str | None = None
    """What would be right."""
    line: int | None = None
    column: int | None = None


class Problem(Frozen):
    """Why a request was refused, and what to do about it (RFC 9457). Further members depend on the code."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(pattern=r"^urn:thriives:problem:[a-z0-9_]+$")
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    code: str
    """Stable; programs go by this."""
    instance: str | None = None
    """Names this one answer; the operator finds its log line by it."""
    errors: tuple[ProblemFault, ...] = ()


def problem(error: ServiceError, instance: str) -> bytes:
    """The problem document of a deliberate error."""
    faults = [fault.as_json() for fault in error.faults[:MOST_FAULTS]]
    if (more := len(error.faults) - MOST_FAULTS) > 0:
        faults.append(Fault("more_faults", "", f"{more} more of them are not listed").as_json())
    own = _members(error.status, error.title, error.detail, code=error.code, instance=instance)
    return _encoded({**error.extra, **own, "errors": faults})


def problem_headers(error: ServiceError) -> dict[str, str]:
    """The headers that belong to the error; every 503 says when to come back."""
    headers = dict(error.headers)
    if error.status == 503:
        headers.setdefault("Retry-After", "2")
    return headers


def framework_problem(status: int, instance: str | None = None) -> bytes:
    """The problem document for a refusal that no operation of ours made."""
    title = HTTPStatus(status).phrase
    code, detail = _OF_THE_FRAMEWORK.get(status, ("internal", "The request could not be served. It is logged."))
    return _encoded({**_members(status, title, detail, code=code, instance=instance), "errors": []})


def _members(status: int, title: str, detail: str, *, code: str, instance: str | None) -> dict[str, object]:
    found: dict[str, object] = {
        "type": f"urn:thriives:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if instance:
        found["instance"] = instance
    return found


def _encoded(members: Mapping[str, object]) -> bytes:
    return json.dumps(members, separators=(",", ":")).encode("ascii")
