"""The Chalice application on given services: the operation table, its routes, and the framework's refusals reshaped.

Two applications in one process share nothing.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from chalice.app import Chalice, Request, Response

import chalicelib
from chalicelib import logs
from chalicelib.api import (
    assessments,
    comparisons,
    decisions,
    fallbacks,
    health,
    incidents,
    jobs,
    outcomes,
    policies,
    policy_steps,
    reconciliations,
    worklist,
)
from chalicelib.api.endpoint import Answer, Context, Identify, Operation, ResponseForm, serve
from chalicelib.api.identity import incoming, trace_of
from chalicelib.api.problems import PROBLEM_JSON, framework_problem

if TYPE_CHECKING:
    from chalicelib.services import Services


class Application(Chalice):
    """Chalice with a current request for each thread, so that a threaded server can serve it."""

    def __init__(self) -> None:
        """An application with no routes yet; debug is off and stays off."""
        self._of_thread = threading.local()
        # Chalice writes into the environment it is given, at each start more; it gets one of its own.
        super().__init__(app_name="thriives", debug=False, configure_logs=False, env={})

    @property
    def current_request(self) -> Request | None:
        """The request that this thread is serving."""
        return getattr(self._of_thread, "request", None)

    @current_request.setter
    def current_request(self, request: Request | None) -> None:
        self._of_thread.request = request

    def request(self) -> Request:
        """The request that this thread is serving, when there has to be one."""
        if (found := self.current_request) is None:
            raise AssertionError("no request is being served")
        return found


def operations_of(services: Services) -> tuple[Operation, ...]:
    """The operation table of the service."""
    return (
        *assessments.operations(services),
        *decisions.operations(services),
        *outcomes.operations(services),
        *incidents.operations(services),
        *policy_steps.operations(services),
        *policies.operations(services),
        *comparisons.operations(services),
        *jobs.operations(services),
        *fallbacks.operations(services),
        *reconciliations.operations(services),
        *worklist.operations(services),
        *health.operations(services.health),
    )


def build_application(services: Services) -> Application:
    """The application on given services."""
    return application_of(operations_of(services), services.identify)


def application_of(operations: Sequence[Operation], identify: Identify) -> Application:
    """An application that serves some operations, and the document about them."""
    application = Application()
    for operation in (*operations, document_operation(operations)):
        view = serve(operation, identify, application.request)
        # No content types: Chalice would answer 415 in its own words, and before the caller is known.
        route = application.route(
            operation.path, methods=[operation.method], name=operation.name, content_types=[], cors=False
        )
        route(view)
    application.register_middleware(_reshape, "http")
    return application


def document_operation(operations: Sequence[Operation]) -> Operation:
    """The operation that publishes the API document; it is part of its own document."""

    @cache
    def document() -> bytes:
        return document_bytes((*operations, itself))

    def handler(_: Context) -> Answer:
        return Answer(200, document(), {"Cache-Control": "public, max-age=300"})

    itself = Operation(
        method="GET",
        path="/openapi.json",
        name="api_document",
        summary="This document",
        permission=None,
        handler=handler,
        responses={200: ResponseForm("The API document (OpenAPI 3.1).", {"type": "object"})},
    )
    return itself


def document_bytes(operations: Sequence[Operation]) -> bytes:
    """The API document as it is published and committed."""
    # Read only here: its schema generator would cost every new Lambda container some milliseconds.
    from chalicelib.api.openapi import openapi

    document = openapi(operations, version=chalicelib.__version__)
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def _reshape(request: Request, proceed: Callable[[Request], Response]) -> Response:
    """Give the framework's own refusals (405, a fault outside any view) the one form that all refusals have."""
    response = proceed(request)
    if response.status_code < 400 or not isinstance(response.body, dict):
        return response
    sent = incoming(request)
    trace = trace_of(sent.headers)
    with logs.correlated(trace.trace_id):
        logs.log("request", method=sent.method, route=sent.route, status=response.status_code, code="framework")
    headers = {
        **response.headers,
        "Content-Type": PROBLEM_JSON,
        "Cache-Control": "no-store",
        "traceparent": trace.traceparent,
    }
    body = framework_problem(response.status_code, f"urn:thriives:request:{trace.trace_id}")
    return Response(body.decode("ascii"), headers, response.status_code)
