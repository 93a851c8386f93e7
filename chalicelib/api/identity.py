"""What a request says about itself: caller, trace, headers, parameters, body. The one reader of Chalice's request.

The request context differs between API Gateway, the local server and tests; nothing here needs more than method, route,
headers, parameters and body.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote

from chalice.app import Request

from chalicelib.auth.principal import Principal
from chalicelib.auth.tokens import REALM, refuse
from chalicelib.errors import BadRequest, Fault, Unauthenticated, Unreadable

_TRACE = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-[!-~]*)?")
_BEARER = re.compile(r"Bearer +([A-Za-z0-9._~+/=-]+)", re.IGNORECASE)
_STRICT = re.compile(r'(?:^|[,;])\s*handling\s*=\s*(?:strict|"strict")\s*(?:$|[,;])', re.IGNORECASE)


class Trace(NamedTuple):
    """The W3C trace context of a request; its trace id is the correlation id of our log lines."""

    trace_id: str
    traceparent: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """One request, as sent."""

    method: str
    route: str
    headers: Mapping[str, str]
    """With names in lower case."""
    path: Mapping[str, str]
    """Path parameters, percent-decoded."""
    query: Mapping[str, Sequence[str]]

    def prefers_strict(self) -> bool:
        """Whether the Prefer header asks for strict handling (RFC 7240 section 4.4)."""
        return _STRICT.search(self.headers.get("prefer", "")) is not None


def incoming(request: Request) -> Incoming:
    """Read everything but the body. It raises nothing: what is wrong is found by the checks that follow."""
    query = request.query_params
    return Incoming(
        method=request.method,
        route=request.path,
        headers={name.lower(): str(value) for name, value in request.headers.items()},
        # Neither API Gateway nor Chalice decodes them; no id of ours has a percent sign, so twice does no harm.
        path={name: unquote(value) for name, value in (request.uri_params or {}).items()},
        query={name: query.getlist(name) for name in query} if query else {},
    )


def body_of(request: Request) -> bytes:
    """The body's bytes. Raises Unreadable when they are not what the gateway says they are."""
    try:
        body = request.raw_body
    except ValueError:
        fault = Fault("encoding", "", "the body is not text, or not base64 as announced", "UTF-8")
        raise Unreadable("The body cannot be decoded.", [fault]) from None
    return body.encode("utf-8") if isinstance(body, str) else body


def trace_of(headers: Mapping[str, str]) -> Trace:
    """The request's trace context, or a new one when it has none that is valid."""
    found = _TRACE.fullmatch(headers.get("traceparent", "").strip())
    if found:
        version, trace_id, parent, _, more = found.groups()
        valid = version != "ff" and int(trace_id, 16) and int(parent, 16) and not (version == "00" and more)
        if valid:
            return Trace(trace_id, found[0])
    trace_id = secrets.token_hex(16)
    return Trace(trace_id, f"00-{trace_id}-{secrets.token_hex(8)}-00")


def principal_of(headers: Mapping[str, str], identify: Callable[[str], Principal]) -> Principal:
    """The caller that the Authorization header proves. Raises Unauthenticated."""
    header = headers.get("authorization", "").strip()
    if not header:
        # No error code, as RFC 6750 section 3.1 wants when nothing was presented.
        detail = "An Authorization header with a bearer token is needed."
        raise Unauthenticated(detail, code="token_missing", headers={"WWW-Authenticate": REALM})
    token = _BEARER.fullmatch(header)
    if token is None:
        refuse("token_malformed", "The Authorization header is not one bearer token.")
    return identify(token[1])


def idempotency_key_of(headers: Mapping[str, str]) -> str:
    """The Idempotency-Key. Raises BadRequest when it is missing or malformed."""
    key = headers.get("idempotency-key", "")
    if re.fullmatch(IDEMPOTENCY_KEY_PATTERN, key):
        return key
    code = "idempotency_key" if key else "idempotency_key_missing"
    wrong = "it is malformed" if key else "it is missing"
    fault = Fault(
        code,
        "/header/Idempotency-Key",
        wrong,
        "16 to 64 of A-Z a-z 0-9 _ -, for example a UUID; new for each new request",
    )
    raise BadRequest("What is recorded needs an Idempotency-Key, so that it can be sent again safely.", [fault], code)


IDEMPOTENCY_KEY_PATTERN = r"^[A-Za-z0-9_-]{16,64}$"
