"""Whether the service is alive and, for those who may know, in what state. It repairs nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chalicelib.api.endpoint import Answer, Context, Operation, ResponseForm
from chalicelib.api.policy_examples import HEALTH
from chalicelib.auth.principal import Principal, allowed
from chalicelib.auth.roles import Permission
from chalicelib.canonical import Json, canonical

Details = Callable[[Principal], Mapping[str, Json]]
"""The state of the service: version, and the policies in force with how old that knowledge is."""

_SCHEMA: Mapping[str, Json] = {
    "type": "object",
    "required": ["status"],
    "properties": {
        "status": {"const": "alive", "description": "The process answers. It says nothing about stores."},
        "details": {
            "type": "object",
            "description": "Versions and policies in force. Only with a role that may see it.",
        },
    },
}


def operations(details: Details) -> tuple[Operation, ...]:
    """The operation that tells liveness to everybody, and details to operators and auditors."""

    def health(context: Context) -> Answer:
        told: dict[str, Json] = {"status": "alive"}
        if context.principal is not None and allowed(context.principal, Permission.READ_HEALTH):
            told["details"] = details(context.principal)
        return Answer(200, canonical(told))

    return (
        Operation(
            method="GET",
            path="/health",
            name="health",
            summary="Whether the service is alive",
            permission=None,
            reveals=Permission.READ_HEALTH,
            handler=health,
            responses={200: ResponseForm("The service is alive.", _SCHEMA, HEALTH)},
        ),
    )
