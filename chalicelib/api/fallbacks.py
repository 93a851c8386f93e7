"""POST /v1/fallbacks: the wire form of decisions that were made by hand. It judges and records nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from chalicelib.api.assessments import (
    ActorSent,
    AsGiven,
    ContactSent,
    IncidentSent,
    PersonSent,
    Receipt,
    contact_of,
    incident_of,
    people_of,
)
from chalicelib.api.endpoint import Answer, Context, Operation, ResponseForm
from chalicelib.api.fallback_example import ENTERED, FALLBACKS
from chalicelib.api.outcomes import AUDIT_HEADERS, doer_of
from chalicelib.api.requested import requested
from chalicelib.assessment.call import CheckDone, PolicyUsed
from chalicelib.assessment.contact import Mode
from chalicelib.auth.principal import Principal
from chalicelib.auth.roles import Permission
from chalicelib.canonical import Json, canonical
from chalicelib.incidents.details import DecisionId, EventId
from chalicelib.model import Frozen, Instant, Name, Reference, Slug
from chalicelib.policy.document import National
from chalicelib.reader import as_model, read_json
from chalicelib.records.commitment import leaf_hash
from chalicelib.records.record import details_of, plain, record_of
from chalicelib.workflows.enter_fallback import Entered
from chalicelib.workflows.judge_card import LOWER, Card
from chalicelib.workflows.record_entry import Recorded

if TYPE_CHECKING:
    from chalicelib.services import Services

BODY_BYTES = 1024 * 1024
MOST_ENTRIES = 50
"""How many cards one request takes."""

GradeNamed = Annotated[str, StringConstraints(pattern=r"^([a-z][a-z0-9_]{0,63}|IMMEDIATE|PRIORITY|SCHEDULED|RESOLVE)$")]


class CardSent(Frozen):
    """A decision that was made by hand on a card: what was known of the call then, and what was decided."""

    contact: ContactSent
    actor: ActorSent
    """Who decided."""
    incident: IncidentSent
    decided_at: Instant
    """The real time. The policy that was in force then is applied."""
    grade: GradeNamed
    """What was given: a local grade of that policy, or one of the national scale if only one local grade is meant."""
    response: Name | None = None
    reason: Name | None = None
    """One of the policy's reasons for a grade that was set."""
    card: Reference | None = None
    """The reference of the paper."""
    people: tuple[PersonSent, ...] = Field((), max_length=40)
    answers: tuple[Annotated[Any, AsGiven()], ...] = Field((), max_length=400)
    """Each an Answer, as it was known then; without `at` it counts as said when it was decided. A wrong one is refused:
    nobody waits."""
    checks: tuple[CheckDone, ...] = Field((), max_length=100)


def _one_at_least(entries: tuple[CardSent, ...]) -> tuple[CardSent, ...]:
    # A least length would be found too little as well where an entry is wrong.
    if not entries:
        raise ValueError("one entry at least")
    return entries


class CardsSent(Frozen):
    """Decisions that were made by hand while the service was down. All are recorded, or none."""

    entries: Annotated[tuple[CardSent, ...], AfterValidator(_one_at_least), Field(max_length=MOST_ENTRIES)]
    mode: Literal["live", "training", "test"] = "live"
    force: Slug | None = None
    """Only when the token carries several."""


class Recommended(Frozen):
    """What would have been recommended at that time."""

    grade: Name
    """The local grade."""
    national: National


class GivenByHand(Frozen):
    """What was decided."""

    grade: Name
    national: National
    response: Name | None = None
    reason: Name | None = None
    card: Reference | None = None


class CardEntered(Frozen):
    """A card that is on record."""

    contact: Reference
    incident: Reference
    decided_at: Instant
    decision: DecisionId
    """The decision, marked as made after the fact: `GET /v1/decisions/{decision}` gives it whole."""
    event: EventId
    """The event `grade_set` of the incident."""
    policy: PolicyUsed
    recommended: Recommended
    given: GivenByHand
    lower_than_recommended: bool
    against: tuple[str, ...] | None = None
    """What it was against; a supervisor has to look at it."""
    receipt: Receipt
    event_receipt: Receipt


class CardsEntered(Frozen):
    """The cards of a request, in its order."""

    after_the_fact: Literal[True]
    entries: tuple[CardEntered, ...]


def operations(services: Services) -> tuple[Operation, ...]:
    """The operation that enters cards."""

    def enter(context: Context) -> Answer:
        body = read_json(context.body, most=BODY_BYTES)
        named = body.get("force") if isinstance(body, dict) else None
        force = context.caller.force_of(named if isinstance(named, str) else None)
        sent = as_model(CardsSent, body)
        cards = [_card(one, context.caller, _answers(body, place)) for place, one in enumerate(sent.entries)]
        return _answer(services.fallbacks.enter(cards, Mode(sent.mode), requested(context, force, body)), force)

    return (
        Operation(
            method="POST",
            path="/v1/fallbacks",
            name="enter_fallbacks",
            summary="Enter afterwards what was decided by hand while the service was down",
            permission=Permission.ENTER_FALLBACK,
            handler=enter,
            body=CardsSent,
            example=FALLBACKS,
            records=True,
            most=BODY_BYTES,
            responses={
                201: ResponseForm("Recorded.", CardsEntered, ENTERED, AUDIT_HEADERS),
                200: ResponseForm(
                    "Recorded before under this key: the same bytes.", CardsEntered, ENTERED, AUDIT_HEADERS
                ),
                404: ResponseForm("The force named is not one of the token's."),
                409: ResponseForm("The policy of that time is not stored as it was."),
                422: ResponseForm(
                    "Something is wrong, with a pointer to each fault, and nothing was recorded; or the "
                    "Idempotency-Key was used with another body."
                ),
                503: ResponseForm("A store does not answer. The same request again goes on where it stopped."),
            },
        ),
    )


def _answers(body: Json, place: int) -> Sequence[Json]:
    """The answers of an entry as they were sent. The body has been read already."""
    entries = body["entries"] if isinstance(body, dict) else ()
    entry = entries[place] if isinstance(entries, list) else {}
    answers = entry.get("answers") if isinstance(entry, dict) else ()
    return answers if isinstance(answers, list) else ()


def _card(sent: CardSent, caller: Principal, answers: Sequence[Json]) -> Card:
    return Card(
        reference=sent.contact.reference,
        contact=contact_of(sent.contact),
        doer=doer_of(caller, sent.actor),
        incident_reference=sent.incident.reference,
        incident=incident_of(sent.incident),
        decided_at=sent.decided_at,
        grade=sent.grade,
        answers=tuple(answers),
        people=people_of(sent.people),
        checks=sent.checks,
        response=sent.response,
        reason=sent.reason,
        card=sent.card,
    )


def _answer(entered: Sequence[Entered], force: str) -> Answer:
    told = CardsEntered(after_the_fact=True, entries=tuple(_entered(one) for one in entered))
    kept = [one for pair in entered for one in pair]
    replayed = all(one.replayed for one in kept)
    headers = {"THRIIVES-Audit": "spilled" if any(one.spilled for one in kept) else "recorded"}
    headers |= {"Idempotent-Replayed": "true"} if replayed else {}
    marks: dict[str, str | int | bool] = {"force": force, "entries": len(entered), "replayed": replayed}
    return Answer(200 if replayed else 201, canonical(plain(told)), headers, marks=marks)


def _entered(entered: Entered) -> CardEntered:
    """What is answered of a card, from what is on record and from nothing else."""
    record, details = record_of(entered.decision.entry), details_of(entered.event.entry)
    given = {name: details[name] for name in GivenByHand.model_fields if name in details}
    against = tuple(details.get("against", ()))
    return CardEntered(
        contact=record.envelope.contact or "",
        incident=record.envelope.incident or "",
        decided_at=record.envelope.at,
        decision=record.envelope.id,
        event=entered.event.entry.id,
        policy=record.call.policy,
        recommended=Recommended(grade=record.result.recommended, national=record.result.national.recommended),
        given=GivenByHand.model_validate({**given, "national": National(given["national"])}),
        lower_than_recommended=LOWER in against,
        against=against or None,
        receipt=_receipt(entered.decision),
        event_receipt=_receipt(entered.event),
    )


def _receipt(recorded: Recorded) -> Receipt:
    return Receipt(leaf_hash=leaf_hash(recorded.entry.leaf), recorded_at=recorded.entry.summary.recorded_at)
