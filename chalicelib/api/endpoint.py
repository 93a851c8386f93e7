"""What an operation is, and the one way from request to answer that all of them share. It knows none of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter

from chalice.app import Request, Response
from pydantic import BaseModel

from chalicelib import logs
from chalicelib.api.identity import (
    Incoming,
    body_of,
    idempotency_key_of,
    incoming,
    principal_of,
    trace_of,
)
from chalicelib.api.parameters import Parameter, check_parameters
from chalicelib.api.problems import PROBLEM_JSON, framework_problem, problem, problem_headers
from chalicelib.auth.principal import Principal, allowed
from chalicelib.auth.roles import Permission
from chalicelib.auth.tokens import REALM
from chalicelib.canonical import Json
from chalicelib.errors import BadRequest, Fault, Forbidden, ServiceError, TooLarge

__all__ = [
    "ANSWER_BYTES",
    "BODY_BYTES",
    "FORCE",
    "Answer",
    "Context",
    "Identify",
    "Operation",
    "Parameter",
    "ResponseForm",
    "serve",
]

BODY_BYTES = 64 * 1024
"""The most that a request body has, unless its operation says otherwise."""

ANSWER_BYTES = 4 * 1024 * 1024
"""The most that an answer has; Lambda stops at 6 MB, in its own words."""

FORCE = Parameter(
    "force",
    "query",
    {"type": "string", "pattern": r"^[a-z0-9][a-z0-9-]{0,63}$"},
    "The force that is meant; needed only when the token carries several.",
    example="hertfordshire",
)

Identify = Callable[[str], Principal]
"""From a bearer token to the caller it proves."""


class MediaTypeNotTaken(ServiceError):
    """The body is of another media type."""

    status, title, default_code = 415, "Unsupported Media Type", "media_type"


@dataclass(frozen=True, slots=True)
class ResponseForm:
    """One kind of answer of an operation, for the API document. A refusal is always a problem document."""

    description: str
    schema: type[BaseModel] | Mapping[str, Json] | None = None
    example: Json = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names of headers that it can carry, each with its meaning."""
    media: str = "application/json"


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler knows of its request. The body is read by the handler, into the operation's own model."""

    principal: Principal | None
    """The proved caller; None only where the operation is open."""
    body: bytes
    idempotency_key: str | None
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """With names in lower case."""
    prefer_strict: bool
    correlation: str

    @property
    def caller(self) -> Principal:
        """The proved caller of an operation that is not open."""
        if self.principal is None:
            raise AssertionError("an open operation has no caller")
        return self.principal

    @property
    def key(self) -> str:
        """The Idempotency-Key of an operation that records."""
        if self.idempotency_key is None:
            raise AssertionError("an operation that records nothing has no key")
        return self.idempotency_key


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler answers with."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    media: str = "application/json"
    marks: Mapping[str, str | int | bool] = field(default_factory=dict)
    """Codes for the request's log line: replayed, spilled, stale, force."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path: what it needs, what it answers, and who does it."""

    method: str
    path: str
    name: str
    """The operationId."""
    summary: str
    permission: Permission | None
    """None: open to everybody."""
    handler: Callable[[Context], Answer]
    responses: Mapping[int, ResponseForm]
    body: type[BaseModel] | None = None
    """The model of the body; None: no body is taken."""
    body_optional: bool = False
    """Whether the body can be left out, which then means an empty object."""
    example: Json = None
    """A full example of the body."""
    parameters: tuple[Parameter, ...] = ()
    records: bool = False
    """Whether something is recorded, so that an Idempotency-Key is needed."""
    most: int = BODY_BYTES
    accepts: tuple[str, ...] = ("application/json",)
    lenient: bool = False
    """Whether wrong answers are taken as such, unless `Prefer: handling=strict` is sent."""
    reveals: Permission | None = None
    """Open, but a token with this permission is shown more. A token that is sent has to be valid."""

    def __post_init__(self) -> None:
        """Refuse a declaration that contradicts itself, when the application is built and not at a request."""
        in_path = re.findall(r"\{([a-z_]+)\}", self.path)
        if sorted(in_path) != sorted(one.name for one in self.parameters if one.place == "path"):
            raise ValueError(f"{self.name}: the path's parameters are not those declared")
        if self.permission is not None and self.reveals is not None:
            raise ValueError(f"{self.name}: only an open operation can reveal more")


def serve(operation: Operation, identify: Identify, current: Callable[[], Request]) -> Callable[..., Response]:
    """The view of an operation. Whatever happens, it answers: with the answer, or with a problem document."""

    def view(**_: str) -> Response:
        started = perf_counter()
        request = current()
        sent = incoming(request)
        trace = trace_of(sent.headers)
        caller: Principal | None = None
        with logs.correlated(trace.trace_id):
            try:
                caller = _caller(operation, sent, identify)
                answer = operation.handler(
                    _context(operation, sent, request, caller=caller, correlation=trace.trace_id)
                )
                if len(answer.body) > ANSWER_BYTES:
                    raise TooLarge("The answer would be too large; ask for less.", code="answer_too_large")
            except ServiceError as error:
                answer = _refusal(error, trace.trace_id)
            except Exception as error:  # the outermost wrapper: an answer is owed, and the fault is logged once
                logs.log_fault(error, operation=operation.name)
                answer = Answer(
                    500, framework_problem(500, _instance(trace.trace_id)), {}, PROBLEM_JSON, {"code": "internal"}
                )
            _log_request(operation, answer, caller, milliseconds=round((perf_counter() - started) * 1000))
        return _response(answer, trace.traceparent)

    return view


def _caller(operation: Operation, sent: Incoming, identify: Identify) -> Principal | None:
    if operation.permission is None:
        shows_more = operation.reveals is not None and "authorization" in sent.headers
        return principal_of(sent.headers, identify) if shows_more else None
    caller = principal_of(sent.headers, identify)
    if not allowed(caller, operation.permission):
        challenge = f'{REALM}, error="insufficient_scope"'
        detail = f"None of the token's roles carries the permission {operation.permission}."
        raise Forbidden(detail, headers={"WWW-Authenticate": challenge})
    return caller


def _context(
    operation: Operation, sent: Incoming, request: Request, *, caller: Principal | None, correlation: str
) -> Context:
    body = body_of(request)
    if len(body) > operation.most:
        raise TooLarge(f"The body has {len(body)} bytes; at most {operation.most} are taken.")
    key = idempotency_key_of(sent.headers) if operation.records else None
    if body:
        _check_media(operation, sent.headers.get("content-type", ""))
    elif operation.body_optional:
        body = b"{}"
    query = check_parameters(operation.parameters, sent.path, sent.query)
    return Context(
        principal=caller,
        body=body,
        idempotency_key=key,
        path=sent.path,
        query=query,
        headers=sent.headers,
        prefer_strict=sent.prefers_strict(),
        correlation=correlation,
    )


def _check_media(operation: Operation, content_type: str) -> None:
    if operation.body is None:
        raise BadRequest("This operation takes no body.", [Fault("body", "", "there is a body", "no body")])
    media, _, rest = content_type.partition(";")
    charset = rest.strip().lower().replace('"', "")
    if media.strip().lower() not in operation.accepts or charset not in ("", "charset=utf-8"):
        taken = " or ".join(operation.accepts)
        fault = Fault("media_type", "/header/Content-Type", "it is another or missing", f"{taken}, in UTF-8")
        raise MediaTypeNotTaken(
            f"The body has to be {taken}.", [fault], headers={"Accept-Post": ", ".join(operation.accepts)}
        )


def _instance(correlation: str) -> str:
    return f"urn:thriives:request:{correlation}"


def _refusal(error: ServiceError, correlation: str) -> Answer:
    marks = {"code": error.code}
    return Answer(error.status, problem(error, _instance(correlation)), problem_headers(error), PROBLEM_JSON, marks)


def _log_request(operation: Operation, answer: Answer, caller: Principal | None, *, milliseconds: int) -> None:
    codes: dict[str, object] = {
        "method": operation.method,
        "route": operation.path,
        "status": answer.status,
        "milliseconds": milliseconds,
    }
    if caller is not None:
        codes["client"] = caller.client
        codes["force"] = caller.forces[0] if len(caller.forces) == 1 else "several"
    logs.log("request", **{**codes, **answer.marks})


def _response(answer: Answer, traceparent: str) -> Response:
    headers: dict[str, str | list[str]] = {
        "Content-Type": answer.media,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        **answer.headers,
        "traceparent": traceparent,
    }
    return Response(answer.body.decode("utf-8"), headers, answer.status)
