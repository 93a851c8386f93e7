"""Which timers run in an incident and when each is next due. They run only while that means something."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.assessment.standing import standing_of
from chalicelib.incidents.items import Item
from chalicelib.incidents.moments import FED_BY, given_up, human_acts, last_closed, moments
from chalicelib.incidents.standing import Stands, before, stands
from chalicelib.incidents.story import Event, Story
from chalicelib.policy.closed_lists import Clock, EventKind
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.nodes import TRUE
from chalicelib.policy.obligations import Timer
from chalicelib.records.record import DecisionRecord

_TAKEN_BACK = (EventKind.ASSIGNED, EventKind.DISPATCHED)
"""What a diversion undoes."""

_SENT = (*_TAKEN_BACK, EventKind.ATTENDED)
"""What tells that somebody is there or on the way, also if it was so before the grade went up."""


class Told(NamedTuple):
    """What timers and duties are told of an incident."""

    story: Story
    stands: Stands
    policy: CompiledPolicy
    newest: DecisionRecord

    @property
    def agency_answers(self) -> bool:
        """Whether another agency has accepted and the policy lets it answer: then the grade's clock stands still.

        What has raised the grade since was not accepted.
        """
        agency = self.story.last("other_agency")
        if agency is None or agency.details["state"] not in ("accepted", "arrived"):
            return False
        known = stands(before(self.story, agency))
        raised = known is not None and self.stands.grade.rank > known.grade.rank
        return not raised and self.newest.result.response.require is None


def timer_items(told: Told) -> Iterator[Item]:
    """The timers that run and are not stopped."""
    began = moments(told.story, told.stands)
    running = {timer.id for timer in _running(told)}
    for timer in told.policy.policy.timers:
        start = began.get(timer.clock)
        if timer.id not in running or (start is not None and _stopped(told.story, timer, start)):
            continue
        if not _fed(told.policy, timer):
            yield _item(timer, told.stands.since).model_copy(update={"measured": False})
        elif start is not None:
            due = _next_due(told.story, timer, start)
            pause = _pause(told, began.get(Clock.AGENCY_EXPECTED)) if timer.clock is Clock.GRADED else {}
            yield _item(timer, start).model_copy(update={"due": due, **pause})


def _pause(told: Told, expected: datetime | None) -> dict[str, object]:
    """What says that a clock stands still: until the agency is expected, or for good once it is there."""
    if not told.agency_answers:
        return {}
    agency = told.story.last("other_agency")
    arrived = agency is not None and agency.details["state"] == "arrived"
    if arrived:
        return {"paused": True}
    return {"paused": True, "paused_until": expected} if expected is not None else {}


def _running(told: Told) -> Iterator[Timer]:
    """The timers that run with the grade that stands and what is known."""
    masks = standing_of(told.policy, told.newest.call, told.newest.envelope.at).masks
    locals_ = {grade.id for grade in told.policy.grades if grade.national is told.stands.grade}
    if told.stands.local in locals_:
        locals_ = {told.stands.local}
    for timer, node in told.policy.obligations.timers:
        graded = timer.grades is None or not locals_.isdisjoint(timer.grades)
        if graded and (node is None or node.test(masks) == TRUE):
            yield timer


def _stopped(story: Story, timer: Timer, start: datetime) -> bool:
    """Whether an event has come that ends it. What began its clock is not what ends it."""
    if EventKind.DECISION in timer.until and any(one.envelope.at > start for one in story.decisions):
        return True
    away, over = given_up(story), last_closed(story)
    kinds = [kind.value for kind in timer.until if kind is not EventKind.CLOSED]  # once closed, no timer runs at all
    events = [event for event in story.of(*kinds) if over is None or event.at > over]
    return any(_ends(event, timer, start, away) for event in events)


def _ends(event: Event, timer: Timer, start: datetime, away: datetime | None) -> bool:
    kind = EventKind(event.kind.value)
    if kind in _TAKEN_BACK and away is not None and event.at <= away:
        return False
    if timer.clock is Clock.GRADED and kind in _SENT:
        return True  # whoever was sent before the grade went up is still on the way
    if timer.clock is Clock.APPOINTMENT and event.kind.value == "attended":
        return event.at > start - timedelta(hours=1)  # kept, if not too early
    return event.at > start


def _fed(policy: CompiledPolicy, timer: Timer) -> bool:
    """Whether this force feeds the events that start and stop it."""
    fed = policy.policy.events_fed
    if fed is None:
        return True
    begins = FED_BY.get(timer.clock)
    ends = [kind for kind in timer.until if kind is not EventKind.CLOSED]
    return (begins is None or begins in fed) and (not ends or any(kind in fed for kind in ends))


def _next_due(story: Story, timer: Timer, start: datetime) -> datetime:
    """When it is due: at first, or, once somebody has looked at it since it was, the next time."""
    due = start + timedelta(minutes=timer.minutes)
    if timer.again_minutes is None:
        return due
    step = timedelta(minutes=timer.again_minutes)
    for looked in human_acts(story):
        while looked >= due:
            due += step
    return due


def _item(timer: Timer, since: datetime) -> Item:
    return Item(
        id=timer.id, kind="timer", title=timer.title, owed_by=timer.owed_by, severity=timer.severity, since=since,
        because=timer.clock.value,
    )  # fmt: skip
