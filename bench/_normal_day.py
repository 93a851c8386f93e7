"""A normal day in a control room, made up: what comes in, how it is graded, and when what is done about it.

How long things take is drawn from ranges around what forces promise; now and then something is forgotten or late.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from chalicelib.assessment.call import Call, Incident
from chalicelib.assessment.contact import ContactState, Mode
from chalicelib.assessment.evaluate import evaluate
from chalicelib.canonical import Json
from chalicelib.incidents.duties import outstanding
from chalicelib.incidents.standing import stands
from chalicelib.incidents.story import Event, Story
from chalicelib.incidents.timers import Told
from chalicelib.policy.closed_lists import Owner
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import National
from chalicelib.records.envelope import Actor, Envelope
from chalicelib.records.kinds import Kind
from chalicelib.records.record import DecisionRecord
from chalicelib.records.shown import shown_of

FORGOTTEN = 0.03
"""How often something that is owed is not done, or not recorded."""

LATE, SLOWER = 0.12, 3
"""How often nobody comes in time, which is then recorded, and how many times longer it takes."""

MINUTES = {
    National.IMMEDIATE: ((1, 3), (8, 22)),
    National.PRIORITY: ((4, 45), (15, 75)),
    National.SCHEDULED: ((15, 90), (300, 1400)),
}
"""By grade, from when to when somebody is assigned, and is there."""

_HANDLER = Actor(pseudonym="ch-4471", role="call_handler")
_DISPATCHER = Actor(pseudonym="dp-2210", role="dispatcher")


class Done(NamedTuple):
    """Something that was done, and when."""

    at: datetime
    kind: Kind
    details: dict[str, Json]


def story_of_day(policy: CompiledPolicy, call: Call, begins: datetime, name: str, chance: Random) -> Story:
    """An incident of a normal day, to its end."""
    graded = begins + timedelta(minutes=chance.randint(1, 4))
    ended = graded + timedelta(minutes=chance.randint(2, 8))
    incident = Incident(opened_at=graded)
    shift = begins - call.contact.started_at
    said = tuple(claim.model_copy(update={"at": claim.at + shift}) for claim in call.answers)
    contact = call.contact.model_copy(update={"started_at": begins, "state": ContactState.IN_PROGRESS})
    first = call.model_copy(update={"contact": contact, "incident": incident, "answers": said})
    last = first.model_copy(update={"contact": contact.model_copy(update={"state": ContactState.COMPLETED})})
    decisions = tuple(_decision(policy, one, at, f"{name}-{n}", name) for n, (one, at) in enumerate(
        ((first, graded), (last, ended))
    ))  # fmt: skip
    story = Story(name, decisions, ())
    done = sorted(_done(policy, story, graded, ended, chance), key=lambda one: one.at)
    return Story(name, decisions, tuple(_event(one, f"{name}-e{n}", name) for n, one in enumerate(done)))


def _decision(policy: CompiledPolicy, call: Call, at: datetime, name: str, incident: str) -> DecisionRecord:
    envelope = _envelope(Kind.DECISION, f"d_{name}", at, incident)
    result = evaluate(policy, call, at)
    return DecisionRecord(envelope=envelope, call=call, result=result, shown=shown_of(policy, envelope, call, result))


def _done(policy: CompiledPolicy, story: Story, graded: datetime, ended: datetime, chance: Random) -> Iterator[Done]:
    what, newest = stands(story), story.newest
    if what is None or newest is None:
        return
    closes = ended + timedelta(minutes=chance.randint(5, 30))
    if what.grade in MINUTES:
        (soon, late), (there, at_last) = MINUTES[what.grade]
        longer = SLOWER if chance.random() < LATE else 1
        assigned = graded + timedelta(minutes=chance.randint(soon, late) * longer)
        attended = max(assigned, graded + timedelta(minutes=chance.randint(there, at_last) * longer))
        if longer > 1:
            yield Done(graded + timedelta(minutes=late), Kind.ATTENDANCE_DELAYED, {"because": "no_unit"})
        yield Done(assigned, Kind.ASSIGNED, {"to": "response", "duties": []})
        yield Done(assigned + timedelta(minutes=1), Kind.DISPATCHED, {})
        yield Done(attended, Kind.ATTENDED, {})
        closes = attended + timedelta(minutes=chance.randint(20, 90))
    owed = outstanding(Told(story, what, policy, newest))
    for duty in owed:
        in_the_room = duty.owed_by in (Owner.CALL_HANDLER, Owner.DISPATCHER)
        if duty.done_by[0].value != "outcome" and chance.random() > FORGOTTEN:
            at = ended - timedelta(minutes=1) if in_the_room else closes
            yield Done(at, Kind(duty.done_by[0].value), {**_SAID.get(duty.done_by[0].value, {}), "duties": [duty.id]})
    yield Done(closes, Kind.CLOSED, {"act": "fact", "reason": "attended_and_done"})


_SAID: dict[str, dict[str, Json]] = {
    "caller_told": {"that": "police_come"},
    "callback": {"reached": "spoken"},
    "other_agency": {"agency": "ambulance", "state": "asked"},
    "linked": {"how": "repeat"},
    "transferred": {"to": "neighbourhood"},
}


def _event(done: Done, name: str, incident: str) -> Event:
    return Event(_envelope(done.kind, f"e_{name}", done.at, incident), {"v": 1, **done.details})


def _envelope(kind: Kind, name: str, at: datetime, incident: str) -> Envelope:
    return Envelope(
        kind=kind, id=name, force="example", contact=incident, incident=incident, mode=Mode.LIVE, at=at, recorded_at=at,
        actor=_HANDLER if kind is Kind.DECISION else _DISPATCHER,
    )  # fmt: skip


def as_it_was(story: Story) -> Iterator[tuple[datetime, Story]]:
    """The story after each thing that was recorded, with the time from which it was so."""
    moments: Sequence[datetime] = sorted(
        {one.envelope.recorded_at for one in story.decisions} | {one.envelope.recorded_at for one in story.events}
    )
    for at in moments:
        yield (
            at,
            Story(
                story.incident,
                tuple(one for one in story.decisions if one.envelope.recorded_at <= at),
                tuple(one for one in story.events if one.envelope.recorded_at <= at),
            ),
        )
