"""POST /v1/reconciliations: the wire form of a day's incidents. It compares nothing itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from chalicelib.api.assessments import ActorSent
from chalicelib.api.endpoint import Answer, Context, Operation, ResponseForm
from chalicelib.api.reconciliation_example import DAY, RECONCILED
from chalicelib.api.requested import requested
from chalicelib.assessment.contact import Mode
from chalicelib.auth.principal import Principal
from chalicelib.auth.roles import Permission
from chalicelib.canonical import canonical
from chalicelib.model import Frozen, Slug
from chalicelib.policy.calendar import Day
from chalicelib.reader import as_model, read_json
from chalicelib.records.envelope import Actor
from chalicelib.records.reconciliation import IncidentOfDay, Reconciliation
from chalicelib.records.record import plain
from chalicelib.workflows.reconcile_day import DaySent

if TYPE_CHECKING:
    from chalicelib.services import Services

BODY_BYTES = 2 * 1024 * 1024
MOST_INCIDENTS = 5_000
"""How many incidents one request takes; a day with more comes in several."""


class DayIncidentsSent(Frozen):
    """The incidents that were opened on a day, or part of them: further requests for the day add to it."""

    day: Day
    """From midnight to midnight in Europe/London. It has to be over."""
    incidents: tuple[IncidentOfDay, ...] = Field(max_length=MOST_INCIDENTS)
    """Each once."""
    actor: ActorSent | None = None
    mode: Mode = Mode.LIVE
    """What it is for: reports read live ones only. Whatever it is, only live decisions count as assessments."""
    force: Slug | None = None
    """Only when the token carries several."""


def operations(services: Services) -> tuple[Operation, ...]:
    """The operation that reconciles a day."""

    def reconcile(context: Context) -> Answer:
        body = read_json(context.body, most=BODY_BYTES)
        named = body.get("force") if isinstance(body, dict) else None
        force = context.caller.force_of(named if isinstance(named, str) else None)
        sent = as_model(DayIncidentsSent, body)
        done = services.reconciler.reconcile(_day(sent, context.caller), requested(context, force, body))
        headers = {"Idempotent-Replayed": "true"} if done.replayed else {}
        marks: dict[str, str | int | bool] = {"force": force, "incidents": len(sent.incidents)}
        return Answer(200 if done.replayed else 201, canonical(plain(done.answer)), headers, marks=marks)

    return (
        Operation(
            method="POST",
            path="/v1/reconciliations",
            name="reconcile_day",
            summary="Hold a day's incidents against what was recorded: which were never assessed",
            permission=Permission.RECONCILE_DAY,
            handler=reconcile,
            body=DayIncidentsSent,
            example=DAY,
            records=True,
            most=BODY_BYTES,
            responses={
                201: ResponseForm("Reconciled now, and kept.", Reconciliation, RECONCILED, _HEADERS),
                200: ResponseForm("Kept before under this key: the same bytes.", Reconciliation, RECONCILED, _HEADERS),
                404: ResponseForm("The force named is not one of the token's."),
                409: ResponseForm("The day is not over, or it came in too many requests."),
                422: ResponseForm("The form is wrong, or the Idempotency-Key was used with another body."),
                503: ResponseForm("A store does not answer. Send the same request again."),
            },
        ),
    )


_HEADERS = {"Idempotent-Replayed": "`true` when it was kept before."}


def _day(sent: DayIncidentsSent, caller: Principal) -> DaySent:
    actor = sent.actor
    return DaySent(
        day=sent.day,
        incidents=sent.incidents,
        asked_by=caller.subject,
        mode=sent.mode,
        actor=Actor(pseudonym=actor.pseudonym, role=actor.role, client=caller.client) if actor else None,
    )
