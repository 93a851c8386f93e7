"""Reading decisions: one, a search, a replay. Wire forms only; the workflow does the finding."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.api.assessments import DecisionAnswered
from chalicelib.api.endpoint import FORCE, Answer, Context, Operation, Parameter, ResponseForm
from chalicelib.api.examples import DECISION, SEARCH
from chalicelib.api.explanation_example import EXPLANATION
from chalicelib.api.replay_example import REPLAY
from chalicelib.assessment.call import Call
from chalicelib.assessment.contact import Mode
from chalicelib.assessment.decision import Result
from chalicelib.assessment.explained import Explanation
from chalicelib.auth.roles import Permission
from chalicelib.canonical import canonical
from chalicelib.errors import BadRequest, Fault
from chalicelib.model import Frozen, instant_of, instant_text
from chalicelib.policy.document import National
from chalicelib.records.entry import Query, Summary
from chalicelib.records.record import answer_of, plain
from chalicelib.workflows.find_decisions import Replay

if TYPE_CHECKING:
    from chalicelib.services import Services

LONGEST_SEARCH = timedelta(days=93)
"""How much time one search may cover; more is a matter for exports and reports."""


class DecisionListed(Frozen):
    """A decision in a list: who, when, what was recommended."""

    decision: str
    recorded_at: str
    contact: str | None = None
    incident: str | None = None
    mode: str
    actor: str
    recommended: str | None = None
    standing: str | None = None
    policy: str | None = None
    version: str | None = None
    flags: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


class DecisionsFound(Frozen):
    """A page of a search, newest first. A short or empty page may still have a cursor: go on until it has none."""

    decisions: tuple[DecisionListed, ...]
    cursor: str | None = None
    as_of: str


class ReplayAnswered(Frozen):
    """A decision evaluated again from its own record and the bytes of its policy."""

    decision: str
    equal: bool
    """Whether the replayed result is byte for byte the recorded one."""
    shown_equal: bool
    """Whether what was shown comes out the same."""
    intact: bool
    """Whether the record is what its leaf commits to."""
    call: Call
    recorded: Result
    replayed: Result


_ID = Parameter(
    "decision", "path", {"type": "string", "pattern": r"^d_[a-z2-7]{32}$"}, "The decision's id.", True,
    "d_abcdefghijklmnopqrstuvwxyz234567",
)  # fmt: skip
_MODE = Parameter("mode", "query", {"type": "string", "enum": [mode.value for mode in Mode]}, "live, if left out.")
_NOT_FOUND = ResponseForm("There is none, or it is another force's.")


def operations(services: Services) -> tuple[Operation, ...]:
    """The operations that read decisions."""
    return (
        *(_read(services, name) for name in ("decisions", "assessments")),
        _search(services),
        _explain(services),
        _replay(services),
    )


def _read(services: Services, name: str) -> Operation:
    def one(context: Context) -> Answer:
        return Answer(200, answer_of(services.finder.one(_force(context), context.path["decision"])))

    return Operation(
        method="GET",
        path=f"/v1/{name}/{{decision}}",
        name=f"read_{name[:-1]}",
        summary="One decision: the bytes that were answered when it was made",
        permission=Permission.READ_DECISION,
        handler=one,
        parameters=(_ID, FORCE),
        responses={200: ResponseForm("The decision.", DecisionAnswered, DECISION), 404: _NOT_FOUND},
    )


def _search(services: Services) -> Operation:
    def search(context: Context) -> Answer:
        limit = int(context.query.get("limit", "50"))
        reader = f"{context.caller.subject} {context.caller.client}"
        found = services.finder.search(
            _query(_force(context), context), reader, limit, context.query.get("cursor"), entropy=services.entropy
        )
        listed = tuple(_listed(one) for one in found.decisions)
        page = DecisionsFound(decisions=listed, cursor=found.cursor, as_of=found.as_of)
        return Answer(200, canonical(plain(page)))

    return Operation(
        method="GET",
        path="/v1/decisions",
        name="search_decisions",
        summary="Decisions by time, grade, policy version, handler, contact or incident; newest first",
        permission=Permission.SEARCH_DECISIONS,
        handler=search,
        parameters=_SEARCH,
        responses={200: ResponseForm("A page.", DecisionsFound, SEARCH)},
    )


def _replay(services: Services) -> Operation:
    def replay(context: Context) -> Answer:
        found = services.finder.replay(_force(context), context.path["decision"])
        return Answer(200, canonical(plain(_replayed(found))))

    return Operation(
        method="GET",
        path="/v1/decisions/{decision}/replay",
        name="replay_decision",
        summary="Evaluate a decision again from its own record and policy bytes",
        permission=Permission.REPLAY_DECISION,
        handler=replay,
        parameters=(_ID, FORCE),
        responses={
            200: ResponseForm("What came of it.", ReplayAnswered, REPLAY),
            404: _NOT_FOUND,
            409: ResponseForm("The policy of the decision is not stored as it was."),
        },
    )


def _explain(services: Services) -> Operation:
    def explain(context: Context) -> Answer:
        return Answer(200, canonical(plain(services.finder.explain(_force(context), context.path["decision"]))))

    return Operation(
        method="GET",
        path="/v1/decisions/{decision}/explanation",
        name="explain_decision",
        summary="Why a decision was recommended: by element, with answers and sources, what nearly held, and in words",
        permission=Permission.READ_DECISION,
        handler=explain,
        parameters=(_ID, FORCE),
        responses={
            200: ResponseForm("The explanation.", Explanation, EXPLANATION),
            404: _NOT_FOUND,
            409: ResponseForm("Its policy is not stored as it was, or it was made without showing advice."),
        },
    )


_TIME = {"type": "string", "format": "date-time"}
_REFERENCE = {"type": "string", "pattern": r"^[A-Za-z0-9._-]{1,64}$"}
_SEARCH = (
    Parameter("from", "query", _TIME, "Recorded at or after this time.", True, "2026-11-23T00:00:00Z"),
    Parameter("to", "query", _TIME, "Recorded before this time.", True, "2026-11-24T00:00:00Z"),
    Parameter("grade", "query", {"type": "string", "enum": [grade.value for grade in National]}, "Recommended grade."),
    Parameter(
        "policy_version", "query", {"type": "string", "pattern": r"^[A-Za-z0-9._-]{1,64}$"},
        "Label of the policy's version, or the policy's digest.",
    ),
    Parameter("handler", "query", _REFERENCE, "Pseudonym of who handled the contact."),
    Parameter("contact", "query", _REFERENCE, "Reference of the contact."),
    Parameter("incident", "query", _REFERENCE, "Reference of the incident."),
    _MODE,
    Parameter("limit", "query", {"type": "integer", "minimum": 1, "maximum": 200}, "Most decisions of a page; 50."),
    Parameter("cursor", "query", {"type": "string", "pattern": r"^[A-Za-z0-9_-]{1,600}$"}, "Goes on behind a page."),
    FORCE,
)  # fmt: skip


def _force(context: Context) -> str:
    return context.caller.force_of(context.query.get("force"))


_AS_FOUND = {"recorded_at", "contact", "incident", "mode", "actor", "standing", "policy", "version", "flags"}


def _listed(found: Summary) -> DecisionListed:
    shown = found.model_dump(include=_AS_FOUND)
    return DecisionListed(decision=found.id, recommended=found.grade, reasons=found.rules, **shown)


def _query(force: str, context: Context) -> Query:
    since, until = instant_of(context.query["from"]), instant_of(context.query["to"])
    if not timedelta(0) < until - since <= LONGEST_SEARCH:
        fault = Fault("period", "/query/to", "the period is empty, reversed or too long", "a period of at most 93 days")
        raise BadRequest("The period cannot be searched.", [fault])
    return Query(
        force=force,
        since=instant_text(since),
        until=instant_text(until),
        mode=context.query.get("mode", "live"),
        kind="decision",
        grade=context.query.get("grade"),
        version=context.query.get("policy_version"),
        actor=context.query.get("handler"),
        contact=context.query.get("contact"),
        incident=context.query.get("incident"),
    )


def _replayed(replay: Replay) -> ReplayAnswered:
    return ReplayAnswered(
        decision=replay.decision,
        equal=replay.equal,
        shown_equal=replay.shown_equal,
        intact=replay.intact,
        call=replay.record.call,
        recorded=replay.recorded,
        replayed=replay.replayed,
    )
