"""The API document (OpenAPI 3.1), made from the operation table and the models. It invents nothing: a pure function."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from chalicelib.api.endpoint import Operation, Parameter, ResponseForm
from chalicelib.api.identity import IDEMPOTENCY_KEY_PATTERN
from chalicelib.api.problems import PROBLEM_JSON, Problem
from chalicelib.auth.roles import GRANTS
from chalicelib.canonical import Json
from chalicelib.errors import (
    BadRequest,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    Refused,
    TooLarge,
    Unauthenticated,
    Unavailable,
)

_REFUSALS: Mapping[int, str] = {
    **{
        error.status: error.title
        for error in (
            BadRequest, Unauthenticated, Forbidden, NotFound, Refused, Gone, PreconditionFailed, TooLarge, Invalid,
            PreconditionRequired, Unavailable,
        )
    },
    415: "The media type is not taken",
    429: "Too many requests",
    500: "The request could not be served",
}  # fmt: skip

_IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key",
    "header",
    {"type": "string", "pattern": IDEMPOTENCY_KEY_PATTERN},
    "New for each new request, the same when a request is sent again: then the first answer comes back.",
    required=True,
    example="6f1b8f0e-5c0b-4d39-9a51-0f4f8a1c7d22",
)
_PREFER = Parameter(
    "Prefer",
    "header",
    {"type": "string"},
    "`handling=strict` (RFC 7240): a wrong answer refuses the request instead of counting as invalid.",
    example="handling=strict",
)
_TRACEPARENT = Parameter(
    "traceparent",
    "header",
    {"type": "string"},
    "W3C trace context. It is sent back; without one, a new one is.",
    example="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
)
_TRACE_HEADER: Json = {"description": "The trace context of this answer.", "schema": {"type": "string"}}


def openapi(operations: Sequence[Operation], *, version: str) -> dict[str, Json]:
    """The document for some operations, in their order; the same operations give the same document."""
    schemas, references = _schemas(operations)
    paths: dict[str, dict[str, Json]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, references)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "THRIIVES decision support",
            "version": version,
            "summary": "Applies a force's THRIIVES policy to a call and keeps a record that can be proved.",
            "description": "It advises; a named human decides. Every refusal is a problem document (RFC 9457). "
            "Changes inside /v1 only add. Behind API Gateway an unknown method of a known path is 404 instead of 405.",
        },
        "servers": [{"url": "/", "description": "The address this document came from"}],
        "paths": cast("dict[str, Json]", paths),
        "components": {
            "schemas": schemas,
            "responses": {f"Problem{status}": _problem(status) for status in _used_refusals(operations)},
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A token of the force's identity provider: ES256 or RS256, with sub, azp or "
                    "client_id, forces and roles.",
                }
            },
        },
    }


def refusals_of(operation: Operation) -> tuple[int, ...]:
    """The statuses with which the frame, or the operation itself, can refuse a request."""
    found = {400, 429, 500, 503}
    if operation.permission is not None or operation.reveals is not None:
        found |= {401}
    if operation.permission is not None:
        found |= {403, 404}
    if operation.body is not None:
        found |= {413, 415, 422}
    return tuple(sorted(found - set(operation.responses)))


def _operation(operation: Operation, references: Mapping[tuple[type[BaseModel], str], Json]) -> Json:
    responses: dict[str, Json] = {
        str(status): _response(form, references) if status < 400 else _problem(status, form)
        for status, form in sorted(operation.responses.items())
    }
    for status in refusals_of(operation):
        responses[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    found: dict[str, Json] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "security": _security(operation),
        "parameters": [_parameter(parameter) for parameter in _parameters(operation)],
        "responses": dict(sorted(responses.items())),
    }
    if operation.permission is not None:
        found["x-permission"] = str(operation.permission)
        found["x-roles"] = sorted(GRANTS[operation.permission])
    if operation.body is not None:
        content: dict[str, Json] = {"schema": references[operation.body, "validation"]}
        if operation.example is not None:
            content["example"] = operation.example
        found["requestBody"] = {
            "required": not operation.body_optional,
            "content": dict.fromkeys(operation.accepts, content),
        }
    return found


def _security(operation: Operation) -> Json:
    if operation.permission is not None:
        return [{"bearer": []}]
    return [{}, {"bearer": []}] if operation.reveals is not None else []


def _parameters(operation: Operation) -> Iterable[Parameter]:
    yield from operation.parameters
    if operation.records:
        yield _IDEMPOTENCY_KEY
    if operation.lenient:
        yield _PREFER
    yield _TRACEPARENT


def _parameter(parameter: Parameter) -> Json:
    found: dict[str, Json] = {
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.description,
        "required": parameter.required or parameter.place == "path",
        "schema": dict(parameter.schema),
    }
    if parameter.example is not None:
        found["example"] = parameter.example
    return found


def _response(form: ResponseForm, references: Mapping[tuple[type[BaseModel], str], Json]) -> Json:
    headers: dict[str, Json] = {
        name: {"description": meaning, "schema": {"type": "string"}} for name, meaning in form.headers.items()
    }
    found: dict[str, Json] = {"description": form.description, "headers": {**headers, "traceparent": _TRACE_HEADER}}
    if form.schema is not None:
        schema = references[form.schema, "serialization"] if isinstance(form.schema, type) else dict(form.schema)
        content: dict[str, Json] = {"schema": schema}
        if form.example is not None:
            content["example"] = form.example
        found["content"] = {form.media: content}
    return found


def _problem(status: int, form: ResponseForm | None = None) -> Json:
    """A refusal; an operation's own form of it only adds words and an example."""
    headers: dict[str, Json] = {"traceparent": _TRACE_HEADER}
    if status in (401, 403):
        headers["WWW-Authenticate"] = {"description": "The challenge (RFC 6750).", "schema": {"type": "string"}}
    if status in (429, 503):
        headers["Retry-After"] = {"description": "Seconds to wait.", "schema": {"type": "string"}}
    content: dict[str, Json] = {"schema": {"$ref": "#/components/schemas/Problem"}}
    if form is not None and form.example is not None:
        content["example"] = form.example
    description = form.description if form is not None else _REFUSALS[status]
    return {"description": description, "headers": headers, "content": {PROBLEM_JSON: content}}


def _used_refusals(operations: Sequence[Operation]) -> list[int]:
    return sorted({status for operation in operations for status in refusals_of(operation)})


def _schemas(operations: Sequence[Operation]) -> tuple[Json, Mapping[tuple[type[BaseModel], str], Json]]:
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(Problem, "serialization"): None}
    for operation in operations:
        if operation.body is not None:
            wanted[operation.body, "validation"] = None
        for form in operation.responses.values():
            if isinstance(form.schema, type):
                wanted[form.schema, "serialization"] = None
    references, definitions = models_json_schema(list(wanted), ref_template="#/components/schemas/{model}")
    schemas = cast("dict[str, Json]", definitions["$defs"])
    return dict(sorted(schemas.items())), {
        (cast("type[BaseModel]", model), mode): cast("Json", reference)
        for (model, mode), reference in references.items()
    }
