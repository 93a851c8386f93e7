"""Outcomes: what a human decided on a decision, and a second person's answer to one that waits. Wire forms only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from chalicelib.api.assessments import ActorSent, Receipt
from chalicelib.api.endpoint import FORCE, Answer, Context, Operation, Parameter, ResponseForm
from chalicelib.api.outcome_examples import AUTHORISATION, AUTHORISED, OUTCOME, OUTCOME_RECORDED
from chalicelib.api.requested import requested
from chalicelib.assessment.contact import Mode
from chalicelib.auth.principal import Principal
from chalicelib.auth.roles import Permission, Role
from chalicelib.errors import Fault, Invalid
from chalicelib.incidents.details import Act, DecisionId, EventId, OutcomeGiven, OwnView
from chalicelib.model import Frozen, Reference
from chalicelib.policy.document import National
from chalicelib.reader import as_model, read_json
from chalicelib.records.envelope import Actor, Envelope
from chalicelib.records.record import answer_of
from chalicelib.workflows.incident_desk import Doer
from chalicelib.workflows.read_story import Filed
from chalicelib.workflows.record_entry import Recorded
from chalicelib.workflows.record_outcome import Answered

if TYPE_CHECKING:
    from chalicelib.services import Services


class OutcomeSent(OutcomeGiven):
    """What a human decided. `request`: may it be so? `fact`: it is so already."""

    actor: ActorSent


class AnswerSent(Frozen):
    """What a second person says to an outcome or a closing that waits."""

    actor: ActorSent
    answer: Literal["authorised", "refused"]
    incident: Reference | None = None
    """The incident of the outcome."""
    contact: Reference | None = None
    """Instead, where there is no incident."""
    mode: Mode = Mode.LIVE


class OutcomeAnswered(Frozen):
    """A recorded outcome."""

    event: Envelope
    v: Literal[1]
    act: Act
    outcome: Literal["accepted", "set", "raised", "lowered"]
    decision: DecisionId
    grade: str | None = None
    national: National
    stood: National
    """What stood before."""
    recommended: National
    basis: tuple[str, ...]
    """The rules or precautions that the recommended grade rests on."""
    response: str | None = None
    reason: str | None = None
    seen: tuple[str, ...]
    """The outcomes that held or waited when it was recorded."""
    view: OwnView | None = None
    words: EventId | None = None
    """The item that holds the words."""
    needs: Literal["second_person"] | None = None
    """What it waits for; until then what stood before stands."""
    against: tuple[str, ...] | None = None
    """What a fact was against; a supervisor has to look at it."""
    receipt: Receipt


class AnswerRecorded(Frozen):
    """A recorded answer of a second person."""

    event: Envelope
    v: Literal[1]
    outcome: EventId
    answer: Literal["authorised", "refused"]
    receipt: Receipt


def operations(services: Services) -> tuple[Operation, ...]:
    """The operations on outcomes."""
    return (_record(services), _authorise(services))


def doer_of(caller: Principal, actor: ActorSent) -> Doer:
    """Who does it, as the client attests, and whether the client may speak for a supervisor."""
    known = Actor(pseudonym=actor.pseudonym, role=actor.role, client=caller.client)
    return Doer(known, actor.role == "supervisor" and Role.SUPERVISOR in caller.roles)


def event_answer(recorded: Recorded) -> Answer:
    """The answer that gives a recorded event."""
    headers = {"THRIIVES-Audit": "spilled" if recorded.spilled else "recorded"}
    if recorded.replayed:
        headers["Idempotent-Replayed"] = "true"
    marks: dict[str, str | int | bool] = {"force": recorded.entry.summary.force, "replayed": recorded.replayed}
    return Answer(200 if recorded.replayed else 201, answer_of(recorded.entry), headers, marks=marks)


AUDIT_HEADERS = {
    "Idempotent-Replayed": "`true` when it was recorded before.",
    "THRIIVES-Audit": "`recorded`, or `spilled` while the trail does not answer.",
}
REFUSED = ResponseForm(
    "Refused as things stand. It says what stands against it and what to do instead; it is recorded."
)
_DECISION = Parameter(
    "decision", "path", {"type": "string", "pattern": r"^d_[a-z2-7]{32}$"}, "The decision's id.", True,
    "d_abcdefghijklmnopqrstuvwxyz234567",
)  # fmt: skip
_OUTCOME = Parameter(
    "outcome", "path", {"type": "string", "pattern": r"^e_[a-z2-7]{32}$"}, "The id of the outcome or closing.", True,
    "e_abcdefghijklmnopqrstuvwxyz234567",
)  # fmt: skip


def _record(services: Services) -> Operation:
    def record(context: Context) -> Answer:
        body = read_json(context.body, most=len(context.body))
        sent = as_model(OutcomeSent, body)
        force = context.caller.force_of(context.query.get("force"))
        asked = requested(context, force, body)
        return event_answer(
            services.outcomes.outcome(context.path["decision"], sent, doer_of(context.caller, sent.actor), asked)
        )

    return Operation(
        method="POST",
        path="/v1/decisions/{decision}/outcomes",
        name="record_outcome",
        summary="Record what a human decided: accepted, set, raised or lowered",
        permission=Permission.DECIDE,
        handler=record,
        body=OutcomeSent,
        example=OUTCOME,
        parameters=(_DECISION, FORCE),
        records=True,
        responses={
            201: ResponseForm("Recorded.", OutcomeAnswered, OUTCOME_RECORDED, AUDIT_HEADERS),
            200: ResponseForm("Recorded before under this key.", OutcomeAnswered, OUTCOME_RECORDED, AUDIT_HEADERS),
            404: ResponseForm("There is no such decision, or it is another force's."),
            409: REFUSED,
        },
    )


def _authorise(services: Services) -> Operation:
    def authorise(context: Context) -> Answer:
        body = read_json(context.body, most=len(context.body))
        sent = as_model(AnswerSent, body)
        force = context.caller.force_of(context.query.get("force"))
        if (sent.incident is None) is (sent.contact is None):
            fault = Fault(
                "incident", "/incident", "it is not said which incident it belongs to", "incident, or contact"
            )
            raise Invalid("The request is readable, but parts of it are wrong.", [fault])
        return event_answer(
            services.outcomes.authorise(
                Filed(force, sent.mode.value, sent.contact, sent.incident),
                Answered(context.path["outcome"], sent.answer),
                doer_of(context.caller, sent.actor),
                requested(context, force, body),
            )
        )

    return Operation(
        method="POST",
        path="/v1/outcomes/{outcome}/authorise",
        name="authorise_outcome",
        summary="Authorise or refuse an outcome or a closing that waits for a second person",
        permission=Permission.AUTHORISE,
        handler=authorise,
        body=AnswerSent,
        example=AUTHORISATION,
        parameters=(_OUTCOME, FORCE),
        records=True,
        responses={
            201: ResponseForm("Recorded.", AnswerRecorded, AUTHORISED, AUDIT_HEADERS),
            200: ResponseForm("Recorded before under this key.", AnswerRecorded, AUTHORISED, AUDIT_HEADERS),
            404: ResponseForm("There is no such outcome, or it is another force's."),
            409: REFUSED,
        },
    )
