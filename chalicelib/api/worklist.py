"""The worklist: what is due or overdue, for whom, how severe; and acknowledging it. Wire forms only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from chalicelib.api.assessments import ActorSent, Receipt
from chalicelib.api.endpoint import FORCE, Answer, Context, Operation, Parameter, ResponseForm
from chalicelib.api.incidents import Outstanding, outstanding_of
from chalicelib.api.outcomes import AUDIT_HEADERS, doer_of, event_answer
from chalicelib.api.requested import requested
from chalicelib.api.worklist_example import ACKNOWLEDGED, ACKNOWLEDGEMENT, WORKLIST
from chalicelib.assessment.contact import Mode
from chalicelib.auth.roles import Permission
from chalicelib.canonical import canonical
from chalicelib.model import Frozen, Identity, Instant, Reference
from chalicelib.policy.closed_lists import Owner, Severity
from chalicelib.policy.document import National
from chalicelib.reader import as_model, read_json
from chalicelib.records.envelope import Envelope
from chalicelib.records.record import plain
from chalicelib.workflows.incident_desk import Asked
from chalicelib.workflows.read_story import Filed
from chalicelib.workflows.read_worklist import ACKNOWLEDGE_ROUTE, LONGEST, SHORTEST, Listed, Wanted, Worklist

if TYPE_CHECKING:
    from chalicelib.services import Services

USUAL_ROWS, MOST_ROWS = 500, 1000


class RowListed(Frozen):
    """An incident in which something is due, or will be in ten minutes."""

    incident: Reference
    standing: National | None = None
    since: Instant | None = None
    """Since when that grade stands."""
    opened_at: Instant | None = None
    closed: Literal[True] | None = None
    flags: tuple[str, ...] = ()
    worst: Outstanding
    """The worst of what is due."""
    others: tuple[Outstanding, ...] = ()
    """What else is due, the worse first."""


class Counted(Frozen):
    """How many incidents are listed under each severity, by the worst item of each."""

    act: int
    watch: int
    record: int


class WorklistAnswered(Frozen):
    """What is due in live incidents, the worst first: by severity, then by grade, then by how long it is overdue."""

    as_of: Instant
    counts: Counted
    """Of all that fit the filters, whether or not they are in `rows`."""
    rows: tuple[RowListed, ...]


class AcknowledgementSent(Frozen):
    """A supervisor has seen items of an incident. They are put off, not done."""

    actor: ActorSent
    items: tuple[Identity, ...] = Field(min_length=1, max_length=50)
    """Their ids, as the worklist has them."""
    minutes: int = Field(ge=SHORTEST, le=LONGEST)
    """How long they are only to be watched."""


class AcknowledgementRecorded(Frozen):
    """The acknowledgement as it is on record."""

    event: Envelope
    v: Literal[1]
    act: Literal["fact"]
    items: tuple[str, ...]
    minutes: int
    until: Instant
    receipt: Receipt


def operations(services: Services) -> tuple[Operation, ...]:
    """The operations on the worklist."""
    return (_read(services), _acknowledge(services))


_REFERENCE = Parameter(
    "reference", "path", {"type": "string", "pattern": r"^[A-Za-z0-9._-]{1,64}$"}, "The incident's reference.", True,
    "HC-20261123-0417",
)  # fmt: skip
_FILTERS = (
    Parameter("severity", "query", {"type": "string", "enum": [one.value for one in Severity]}, "Only such items."),
    Parameter("owed_by", "query", {"type": "string", "enum": [one.value for one in Owner]}, "Only what they owe."),
    Parameter("grade", "query", {"type": "string", "enum": [one.value for one in National]}, "Only where it stands."),
    Parameter(
        "incident", "query", {"type": "string", "pattern": r"^[A-Za-z0-9._-]{1,64}$"}, "Only this incident.", False,
        "HC-20261123-0417",
    ),
    Parameter(
        "limit", "query", {"type": "integer", "minimum": 1, "maximum": MOST_ROWS}, f"Most rows; else {USUAL_ROWS}."
    ),
)  # fmt: skip
_SEEN = Parameter("If-None-Match", "header", {"type": "string"}, "The ETag of the list that is known already.")
_TAG = {"ETag": "Names this state of the list. Send it with the next request, as often as you like: that costs little."}


def _read(services: Services) -> Operation:
    def read(context: Context) -> Answer:
        force = context.caller.force_of(context.query.get("force"))
        wanted = _wanted(context)
        tag = f'W/"{services.worklist.state(force, wanted)}"'
        if _is_known(tag, context.headers.get("if-none-match", "")):
            return Answer(304, b"", {"ETag": tag}, marks={"force": force})
        found = services.worklist.read(force, wanted)
        told = _told(found, int(context.query.get("limit", str(USUAL_ROWS))))
        return Answer(200, canonical(plain(told)), {"ETag": tag}, marks={"force": force})

    return Operation(
        method="GET",
        path="/v1/worklist",
        name="read_worklist",
        summary="What is due or overdue in live incidents, one row each, the worst first",
        permission=Permission.READ_WORKLIST,
        handler=read,
        parameters=(*_FILTERS, _SEEN, FORCE),
        responses={
            200: ResponseForm("The worklist now.", WorklistAnswered, WORKLIST, _TAG),
            304: ResponseForm("It is as it was, to the minute.", headers=_TAG),
        },
    )


def _acknowledge(services: Services) -> Operation:
    def acknowledge(context: Context) -> Answer:
        body = read_json(context.body, most=len(context.body))
        sent = as_model(AcknowledgementSent, body)
        force = context.caller.force_of(context.query.get("force"))
        asked = Asked(
            Filed(force, Mode.LIVE.value, None, context.path["reference"]),
            doer_of(context.caller, sent.actor),
            requested(context, force, body),
            ACKNOWLEDGE_ROUTE,
        )
        return event_answer(services.worklist.acknowledge(asked, sent.items, sent.minutes))

    return Operation(
        method="POST",
        path="/v1/worklist/{reference}/acknowledge",
        name="acknowledge_work",
        summary="Say that a supervisor has seen what is due; it is put off and stays outstanding",
        permission=Permission.ACKNOWLEDGE_WORK,
        handler=acknowledge,
        body=AcknowledgementSent,
        example=ACKNOWLEDGEMENT,
        parameters=(_REFERENCE, FORCE),
        records=True,
        responses={
            201: ResponseForm("Recorded.", AcknowledgementRecorded, ACKNOWLEDGED, AUDIT_HEADERS),
            200: ResponseForm("Recorded before under this key.", AcknowledgementRecorded, ACKNOWLEDGED, AUDIT_HEADERS),
            404: ResponseForm("Nobody has assessed it here, or it is another force's."),
        },
    )


def _wanted(context: Context) -> Wanted:
    severity, owner, grade = (context.query.get(name) for name in ("severity", "owed_by", "grade"))
    return Wanted(
        Severity(severity) if severity else None,
        Owner(owner) if owner else None,
        National(grade) if grade else None,
        context.query.get("incident"),
    )


def _is_known(tag: str, sent: str) -> bool:
    """Whether one of the tags that a client knows is this one, compared weakly (RFC 9110 13.1.2)."""
    opaque = tag.removeprefix("W/")
    return any(one.strip().removeprefix("W/") == opaque for one in sent.split(","))


def _told(found: Worklist, limit: int) -> WorklistAnswered:
    worst = [one.due[0].severity for one in found.listed]
    return WorklistAnswered(
        as_of=found.as_of,
        counts=Counted(**{severity.value: worst.count(severity) for severity in Severity}),
        rows=tuple(_row(one) for one in found.listed[:limit]),
    )


def _row(listed: Listed) -> RowListed:
    row, due = listed.row, [outstanding_of(shown) for shown in listed.due]
    return RowListed(
        incident=row.incident,
        standing=row.standing,
        since=row.since,
        opened_at=row.opened_at,
        closed=True if row.closed else None,
        flags=row.flags,
        worst=due[0],
        others=tuple(due[1:]),
    )
