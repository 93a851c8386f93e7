"""From a request's context to what the workflows go by for idempotency. It reads no body."""

from __future__ import annotations

from chalicelib.api.endpoint import Context
from chalicelib.canonical import Json
from chalicelib.errors import BadRequest
from chalicelib.workflows.record_entry import Requested


def requested(context: Context, force: str, body: Json) -> Requested:
    """Who asks, under which key, with which body. Raises BadRequest when there is no Idempotency-Key."""
    if context.idempotency_key is None:
        raise BadRequest("An Idempotency-Key is needed.", code="idempotency_key")
    return Requested(force, context.caller.client, context.idempotency_key, body, context.prefer_strict)
