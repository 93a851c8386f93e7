"""POST /v1/assessments: the wire form of a call, and of a recorded decision. It assesses nothing itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, GetJsonSchemaHandler

from chalicelib.api.endpoint import Answer, Context, Operation, ResponseForm
from chalicelib.api.examples import ASSESSMENT, DECISION
from chalicelib.api.requested import requested
from chalicelib.assessment.call import CheckDone, Contact, Incident
from chalicelib.assessment.contact import Channel, ContactState, Mode
from chalicelib.assessment.intake import Given
from chalicelib.auth.principal import Principal
from chalicelib.auth.roles import Permission, Role
from chalicelib.canonical import Json
from chalicelib.errors import Fault, Invalid
from chalicelib.model import Frozen, Instant, Name, Reference, Slug
from chalicelib.policy.document import Role as PersonRole
from chalicelib.reader import as_model, read_json
from chalicelib.records.advice import Shown
from chalicelib.records.envelope import Actor
from chalicelib.records.own_view import in_sample
from chalicelib.records.record import answer_of
from chalicelib.workflows.assess_call import Assessment, IdentifierGiven, PersonGiven
from chalicelib.workflows.record_entry import Recorded

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

    from chalicelib.services import Services

BODY_BYTES = 64 * 1024


class ContactSent(Frozen):
    """The call, web form or message. It begins before any incident exists."""

    reference: Reference
    """Unique for ever within the force."""
    started_at: Instant
    channel: Channel
    state: ContactState
    happened_at: Instant | None = None
    """When what it is about happened, as far as that is known."""


class IncidentSent(Frozen):
    """The incident, once the CAD has opened one."""

    reference: Reference
    opened_at: Instant | None = None
    location_class: Name | None = None
    """Decides how soon a grade's target is, never the grade."""
    category_code: Reference | None = None
    """Recorded. It never decides a grade."""


class ActorSent(Frozen):
    """Who is handling the contact, as this client attests."""

    pseudonym: Reference
    """A name that only the force can resolve."""
    role: Literal["call_handler", "dispatcher", "supervisor", "service"]


class IdentifierSent(Frozen):
    """Something by which a person or place can be found again. It is hashed under the force's key and not kept."""

    kind: Literal["phone", "email", "uprn", "address", "name_dob", "person_ref"]
    value: str = Field(min_length=1, max_length=400, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")
    """A telephone number; an address; `surname|given names|YYYY-MM-DD`; a reference of a police system."""
    shared: bool = False
    """Whether many people use it: a hospital, a hostel, a shopping centre, a switchboard. Earlier incidents that share
    it are shown and not counted."""


class PersonSent(Frozen):
    """Somebody in the call, under a reference that means nothing outside it."""

    ref: Reference
    roles: tuple[PersonRole, ...] = Field(min_length=1, max_length=8)
    identifiers: tuple[IdentifierSent, ...] = Field((), max_length=12)


class AsGiven:
    """Makes the API document show the form of an answer where the model takes anything, to judge each by itself."""

    def __get_pydantic_json_schema__(self, _: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The schema of an answer."""
        return handler(Given.__pydantic_core_schema__)


class AssessmentSent(Frozen):
    """A call to be assessed, for the first time or again. Answers add up: what was sent before still counts."""

    contact: ContactSent
    actor: ActorSent
    incident: IncidentSent | None = None
    force: Slug | None = None
    """Only when the token carries several."""
    mode: Mode = Mode.LIVE
    continues: str | None = Field(None, pattern=r"^d_[a-z2-7]{32}$")
    """The newest decision the client knows of."""
    people: tuple[PersonSent, ...] = Field((), max_length=40)
    answers: tuple[Annotated[Any, AsGiven()], ...] = Field((), max_length=400)
    """Each an Answer. A wrong one counts as `invalid`, is named in `warnings`, and does not stop the assessment."""
    checks: tuple[CheckDone, ...] = Field((), max_length=100)
    trigger: Name | None = None
    """Why it is assessed now: new_information, second_call, attendance_delayed ..."""


class Receipt(Frozen):
    """The proof that it is on record."""

    leaf_hash: str
    recorded_at: str


class DecisionAnswered(Shown):
    """A recorded decision: the same bytes for ever."""

    receipt: Receipt


def operations(services: Services) -> tuple[Operation, ...]:
    """The operation that assesses a call."""

    def assess(context: Context) -> Answer:
        body = read_json(context.body, most=BODY_BYTES)
        named = body.get("force") if isinstance(body, dict) else None
        force = context.caller.force_of(named if isinstance(named, str) else None)
        request = requested(context, force, body)
        try:
            sent, faults = _sent(body, strict=request.strict)
        except Invalid:
            known = services.assessor.recorded_before(request)
            if known is None:
                raise
            return decision_answer(known)
        asked = replace(_assessment(sent, context.caller, body), faults=faults)
        return decision_answer(services.assessor.assess(asked, request))

    return (
        Operation(
            method="POST",
            path="/v1/assessments",
            name="assess_call",
            summary="Assess a call and record the decision",
            permission=Permission.ASSESS,
            handler=assess,
            body=AssessmentSent,
            example=ASSESSMENT,
            records=True,
            lenient=True,
            most=BODY_BYTES,
            responses={
                201: ResponseForm("Recorded now.", DecisionAnswered, DECISION, _HEADERS),
                200: ResponseForm(
                    "Recorded before under this key: the same bytes.", DecisionAnswered, DECISION, _HEADERS
                ),
                **{
                    status: ResponseForm(words)
                    for status, words in (
                        (404, "The force named is not one of the token's."),
                        (422, "The form is wrong, or the Idempotency-Key was used with another body."),
                        (503, "Not recorded: no policy can be had, or no store answers. May carry `advice`."),
                    )
                },
            },
        ),
    )


_HEADERS = {
    "Location": "Where the decision can be read again.",
    "Idempotent-Replayed": "`true` when it was recorded before.",
    "THRIIVES-Audit": "`recorded`, or `spilled` while the trail does not answer.",
    "THRIIVES-Own-View": "`ask`, for a sample: ask for the handler's own view before you show the advice.",
    "THRIIVES-Policy-Stale": "Seconds since the policy was last known to be in force, while the policy store is down.",
}


def decision_answer(recorded: Recorded) -> Answer:
    """The answer that gives a recorded decision: its bytes, and in headers what varies."""
    decision = recorded.entry.id
    headers = {"Location": f"/v1/decisions/{decision}", "THRIIVES-Audit": "spilled" if recorded.spilled else "recorded"}
    marks: dict[str, str | int | bool] = {"force": recorded.entry.summary.force}
    if recorded.replayed:
        headers["Idempotent-Replayed"] = "true"
        marks["replayed"] = True
    if recorded.spilled:
        marks["spilled"] = True
    if in_sample(decision):
        headers["THRIIVES-Own-View"] = "ask"
    if recorded.stale_seconds is not None:
        headers["THRIIVES-Policy-Stale"] = str(recorded.stale_seconds)
        marks["stale"] = recorded.stale_seconds
    return Answer(200 if recorded.replayed else 201, answer_of(recorded.entry), headers, marks=marks)


def _sent(body: Json, *, strict: bool) -> tuple[AssessmentSent, tuple[Fault, ...]]:
    """A body in its form, and what was wrong with the optional parts that were left out of it for that.

    Raises Invalid with every fault of the body when a part is wrong that an assessment needs, and in strict handling
    when any part is.
    """
    try:
        return as_model(AssessmentSent, body), ()
    except Invalid as error:
        parts = [_part(fault) for fault in error.faults]
        if strict or None in parts:
            raise
        kept = _without(body, {part for part in parts if part is not None})
        try:
            return as_model(AssessmentSent, kept), tuple(dict.fromkeys(_left_out(fault) for fault in error.faults))
        except Invalid:
            raise error from None


def _part(fault: Fault) -> str | None:
    """The pointer of the part that is left out for a fault in it; None where an assessment cannot do without."""
    match fault.where.split("/")[1:]:
        case ["people", person, "identifiers" | "roles" as members, place, *_]:
            return f"/people/{person}/{members}/{place}"
        case ["people", person, "identifiers", *_]:
            return f"/people/{person}/identifiers"
        case ["people", _, _] if fault.code == "extra_forbidden":
            return fault.where
        case ["people" | "checks" as members, place, *_]:
            return f"/{members}/{place}"
        case ["trigger" | "continues" as member, *_]:
            return f"/{member}"
        case ["incident", "opened_at" | "location_class" | "category_code" as member, *_]:
            return f"/incident/{member}"
    return None


def _without(value: Json, parts: Collection[str], pointer: str = "") -> Json:
    """The value without some of its parts."""
    if isinstance(value, Mapping):
        below = {name: f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}" for name in value}
        return {name: _without(value[name], parts, at) for name, at in below.items() if at not in parts}
    if isinstance(value, list):
        steps = [(f"{pointer}/{place}", member) for place, member in enumerate(value)]
        return [_without(member, parts, at) for at, member in steps if at not in parts]
    return value


def _left_out(fault: Fault) -> Fault:
    """The fault as a warning that is recorded: its place without a name that only the client knows."""
    where = fault.where.rpartition("/")[0] if fault.code == "extra_forbidden" else fault.where
    return Fault(fault.code, where, f"left out: {fault.wrong}", fault.right)


def _assessment(sent: AssessmentSent, caller: Principal, body: Json) -> Assessment:
    answers = body.get("answers", ()) if isinstance(body, dict) else ()
    incident = sent.incident
    return Assessment(
        reference=sent.contact.reference,
        contact=contact_of(sent.contact),
        actor=Actor(pseudonym=sent.actor.pseudonym, role=sent.actor.role, client=caller.client),
        mode=sent.mode,
        answers=tuple(answers) if isinstance(answers, (list, tuple)) else (),
        supervisor=sent.actor.role == "supervisor" and Role.SUPERVISOR in caller.roles,
        incident_reference=incident.reference if incident else None,
        incident=incident_of(incident) if incident else None,
        continues=sent.continues,
        people=people_of(sent.people),
        checks=sent.checks,
        trigger=sent.trigger,
    )


def people_of(sent: Iterable[PersonSent]) -> tuple[PersonGiven, ...]:
    """People as they are assessed."""
    return tuple(
        PersonGiven(
            one.ref, one.roles, tuple(IdentifierGiven(has.kind, has.value, has.shared) for has in one.identifiers)
        )
        for one in sent
    )


def contact_of(sent: ContactSent) -> Contact:
    """A contact as it is assessed."""
    return Contact(started_at=sent.started_at, channel=sent.channel, state=sent.state, happened_at=sent.happened_at)


def incident_of(sent: IncidentSent) -> Incident:
    """What is said of an incident, as it is assessed."""
    return Incident(opened_at=sent.opened_at, location_class=sent.location_class, category_code=sent.category_code)
