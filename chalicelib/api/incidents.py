"""Incidents: recording what happens in one, and reading its story. Wire forms only."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from chalicelib.api.assessments import ActorSent, Receipt
from chalicelib.api.endpoint import FORCE, Answer, Context, Operation, Parameter, ResponseForm
from chalicelib.api.outcome_examples import EVENTS, EVENTS_RECORDED, INCIDENT
from chalicelib.api.outcomes import AUDIT_HEADERS, REFUSED, doer_of
from chalicelib.api.requested import requested
from chalicelib.assessment.contact import Mode
from chalicelib.auth.roles import Permission
from chalicelib.canonical import canonical
from chalicelib.errors import NotFound
from chalicelib.incidents.changed import Changed, changed
from chalicelib.incidents.details import EventGiven
from chalicelib.incidents.dues import closed_at
from chalicelib.incidents.items import Item
from chalicelib.incidents.rows import Shown, row_of, shown_items
from chalicelib.incidents.standing import stands
from chalicelib.incidents.story import Event, Story
from chalicelib.model import Frozen, Instant, Reference
from chalicelib.policy.closed_lists import Severity
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import National
from chalicelib.reader import as_model, read_json
from chalicelib.records.commitment import leaf_hash
from chalicelib.records.envelope import Actor, Envelope
from chalicelib.records.record import DecisionRecord, details_of, envelope_of, plain
from chalicelib.workflows.incident_desk import Asked
from chalicelib.workflows.read_story import Filed
from chalicelib.workflows.record_events import EVENTS_ROUTE

if TYPE_CHECKING:
    from chalicelib.services import Services

MOST_EVENTS = 50


class EventsSent(Frozen):
    """What happened in an incident, in the order in which it is to be recorded."""

    actor: ActorSent
    mode: Mode = Mode.LIVE
    events: tuple[EventGiven, ...] = Field(min_length=1, max_length=MOST_EVENTS)


class EventRecorded(Frozen):
    """An event that is on record."""

    event: Envelope
    details: dict[str, Any]
    """What was sent, and what the service found: `against` for what was against policy, `needs` for what waits."""
    receipt: Receipt


class EventsRecorded(Frozen):
    """The events of a request, in its order."""

    events: tuple[EventRecorded, ...]


class DecisionTold(Frozen):
    """One decision in the story of an incident."""

    decision: str
    contact: str | None = None
    recorded_at: Instant
    actor: Actor
    policy: str
    recommended: National
    standing: National
    reasons: tuple[str, ...]
    log: str | None = None
    trigger: str | None = None
    changed: Changed | None = None
    """What is other than in the decision before."""


class EventTold(Frozen):
    """One event in the story of an incident."""

    event: str
    kind: str
    at: Instant
    recorded_at: Instant
    actor: Actor
    details: dict[str, Any]


class Outstanding(Item):
    """Something that is owed or due, as it is worth now."""

    severity: Severity
    """As shown now: to act on only once it is due, and while nobody has acknowledged it."""
    overdue_minutes: int | None = None
    acknowledged: Literal[True] | None = None


class IncidentAnswered(Frozen):
    """The story of an incident: what was recommended, decided and done, what stands, and what is outstanding."""

    incident: Reference
    mode: Mode
    as_of: Instant
    standing: National
    """What stands: only a recorded human act lowers it."""
    since: Instant
    fork: Literal[True] | None = None
    """Set when outcomes hold that did not see each other: the highest of them stands until somebody says which."""
    waiting: tuple[str, ...] = ()
    """Outcomes that do not count before a second person has authorised them."""
    closed_at: Instant | None = None
    decisions: tuple[DecisionTold, ...]
    events: tuple[EventTold, ...] = ()
    outstanding: tuple[Outstanding, ...] = ()
    """What is due comes first, the worst of it before all else."""


def operations(services: Services) -> tuple[Operation, ...]:
    """The operations on incidents."""
    return (_record(services), _read(services))


_REFERENCE = Parameter(
    "reference", "path", {"type": "string", "pattern": r"^[A-Za-z0-9._-]{1,64}$"}, "The incident's reference.", True,
    "HC-20261123-0417",
)  # fmt: skip
_MODE = Parameter("mode", "query", {"type": "string", "enum": [mode.value for mode in Mode]}, "live, if left out.")
_NOT_FOUND = ResponseForm("Nobody has assessed it here, or it is another force's.")


def _record(services: Services) -> Operation:
    def record(context: Context) -> Answer:
        body = read_json(context.body, most=len(context.body))
        sent = as_model(EventsSent, body)
        force = context.caller.force_of(context.query.get("force"))
        asked = Asked(
            Filed(force, sent.mode.value, None, context.path["reference"]),
            doer_of(context.caller, sent.actor),
            requested(context, force, body),
            EVENTS_ROUTE,
        )
        kept = services.events.record(asked, sent.events)
        told = tuple(
            EventRecorded(
                event=envelope_of(one.entry),
                details=dict(details_of(one.entry)),
                receipt=Receipt(leaf_hash=leaf_hash(one.entry.leaf), recorded_at=one.entry.summary.recorded_at),
            )
            for one in kept
        )
        replayed, spilled = all(one.replayed for one in kept), any(one.spilled for one in kept)
        headers = {"THRIIVES-Audit": "spilled" if spilled else "recorded"}
        headers |= {"Idempotent-Replayed": "true"} if replayed else {}
        return Answer(
            200 if replayed else 201, canonical(plain(EventsRecorded(events=told))), headers, marks={"force": force}
        )

    return Operation(
        method="POST",
        path="/v1/incidents/{reference}/events",
        name="record_events",
        summary="Record what happened in an incident; ask to close it",
        permission=Permission.RECORD_EVENT,
        handler=record,
        body=EventsSent,
        example=EVENTS,
        parameters=(_REFERENCE, FORCE),
        records=True,
        responses={
            201: ResponseForm("Recorded.", EventsRecorded, EVENTS_RECORDED, AUDIT_HEADERS),
            200: ResponseForm("Recorded before under this key.", EventsRecorded, EVENTS_RECORDED, AUDIT_HEADERS),
            404: _NOT_FOUND,
            409: REFUSED,
        },
    )


def _read(services: Services) -> Operation:
    def read(context: Context) -> Answer:
        mode, reference = Mode(context.query.get("mode", "live")), context.path["reference"]
        force = context.caller.force_of(context.query.get("force"))
        story = services.stories.story(Filed(force, mode.value, None, reference))
        policy = services.stories.policy_of(story.newest)
        return Answer(
            200, canonical(plain(_told(story, mode, _outstanding(story, policy, services.clock()), services.clock())))
        )

    return Operation(
        method="GET",
        path="/v1/incidents/{reference}",
        name="read_incident",
        summary="The story of an incident: decisions and events in order, what stands, what is outstanding",
        permission=Permission.READ_INCIDENT,
        handler=read,
        parameters=(_REFERENCE, _MODE, FORCE),
        responses={200: ResponseForm("The story so far.", IncidentAnswered, INCIDENT), 404: _NOT_FOUND},
    )


def _told(story: Story, mode: Mode, outstanding: tuple[Outstanding, ...], now: datetime) -> IncidentAnswered:
    what = stands(story)
    if what is None:
        raise NotFound("Nobody has assessed this incident here.")
    before = (None, *story.decisions)
    return IncidentAnswered(
        incident=story.incident,
        mode=mode,
        as_of=now,
        standing=what.grade,
        since=what.since,
        fork=True if what.fork else None,
        waiting=tuple(event.id for event in what.waiting),
        closed_at=closed_at(story),
        decisions=tuple(_decision(*pair) for pair in zip(before, story.decisions, strict=False)),
        events=tuple(_event(event) for event in story.events),
        outstanding=outstanding,
    )


def _decision(before: DecisionRecord | None, record: DecisionRecord) -> DecisionTold:
    return DecisionTold(
        decision=record.envelope.id,
        contact=record.envelope.contact,
        recorded_at=record.envelope.recorded_at,
        actor=record.envelope.actor,
        policy=record.call.policy.version,
        recommended=record.result.national.recommended,
        standing=record.result.national.standing,
        reasons=tuple(reason.id for reason in record.result.reasons),
        log=record.shown.advice.log if record.shown.advice else None,
        trigger=record.call.trigger,
        changed=changed(before, record),
    )


def _event(event: Event) -> EventTold:
    envelope = event.envelope
    return EventTold(
        event=event.id, kind=event.kind.value, at=envelope.at, recorded_at=envelope.recorded_at, actor=envelope.actor,
        details={name: value for name, value in event.details.items() if name != "v"},
    )  # fmt: skip


def outstanding_of(shown: Shown) -> Outstanding:
    """An item that is due or due soon, with what it is worth now."""
    now = {
        "severity": shown.severity,
        "overdue_minutes": shown.overdue_minutes if shown.item.due is not None else None,
        "acknowledged": True if shown.acknowledged else None,
    }
    return Outstanding(**{**dict(shown.item), **now})


def _outstanding(story: Story, policy: CompiledPolicy | None, now: datetime) -> tuple[Outstanding, ...]:
    row = row_of(story, policy)
    due = shown_items(row, now)
    ids = {shown.item.id for shown in due}
    rest = [item for item in row.items if item.id not in ids]
    return (
        *(outstanding_of(one) for one in due),
        *(Outstanding(**dict(item)) for item in rest),
    )
