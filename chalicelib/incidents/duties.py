"""Which duties are outstanding in an incident, and by when. What does one is an event; nothing else does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.assessment.clocks import end_of_working_day
from chalicelib.incidents.items import Item
from chalicelib.incidents.moments import moments
from chalicelib.incidents.standing import SETTING, before, stands
from chalicelib.incidents.story import Event, Story
from chalicelib.incidents.timers import Told
from chalicelib.policy.closed_lists import Again, Clock, EventKind, Severity
from chalicelib.policy.obligations import Duty

_TO_BE_NAMED = (EventKind.ADVICE_GIVEN, EventKind.REFERRAL, EventKind.ASSIGNED)
"""Kinds of event that say what they are about: one that names no duty does one only where it is plain which."""


_REFUSED = ("refused", "no_answer", "delayed")
"""What another agency says, or does not, when it does not come."""


class _Moment(NamedTuple):
    """When something happened, and when it was known here."""

    at: datetime
    recorded: datetime
    again: bool = False
    """Whether it is not the first time that something is owed."""

    def precedes(self, event: Event) -> bool:
        """Whether an event happened and was recorded after it: what was not known cannot have been answered."""
        return event.at >= self.at and event.envelope.recorded_at >= self.recorded


def _moment(event: Event) -> _Moment:
    return _Moment(event.at, event.envelope.recorded_at)


def duty_items(told: Told) -> Iterator[Item]:
    """The duties that are owed and not done, as the newest decision has them."""
    began = moments(told.story, told.stands)
    for duty in outstanding(told):
        start = began.get(duty.clock) if duty.clock else None
        yield Item(
            id=duty.id,
            kind="duty",
            title=duty.title,
            owed_by=duty.owed_by,
            severity=Severity.ACT if duty.clock is Clock.GRADED and duty.minutes is not None else Severity.WATCH,
            since=owed_since(told, duty),
            due=_due(told, duty, start),
            because=duty.clock.value if duty.clock else None,
        )


def outstanding(told: Told) -> list[Duty]:
    """The duties that are owed and that no event has done since."""
    owed = _owed(told)
    return [duty for duty in owed if not _done(told, duty, owed)]


def owed_since(told: Told, duty: Duty) -> datetime:
    """Since when it is owed: since the first decision that found it, or since what made it owed once more."""
    return _arisen(told, duty).at


def _arisen(told: Told, duty: Duty) -> _Moment:
    first = min(
        (one.envelope.recorded_at for one in told.story.decisions if _has(duty, one.result.duties)),
        default=told.newest.envelope.recorded_at,
    )
    found = [one for trigger in duty.again_on for one in _triggers(told, trigger) if one.recorded > first]
    at, recorded = max([first, *(one.at for one in found)]), max([first, *(one.recorded for one in found)])
    return _Moment(at, recorded, bool(found))


def _owed(told: Told) -> list[Duty]:
    names = {one.duty for one in told.newest.result.duties}
    return [duty for duty in told.policy.policy.duties if duty.id in names and not duty.must_not]


def _has(duty: Duty, owed: Iterable[object]) -> bool:
    return any(getattr(one, "duty", None) == duty.id for one in owed)


def _done(told: Told, duty: Duty, owed: list[Duty]) -> bool:
    since = _arisen(told, duty)
    again = since.recorded > min(one.envelope.recorded_at for one in told.story.decisions)
    looked = (one.envelope.at for one in told.story.decisions if one.envelope.actor.role != "service")
    if EventKind.DECISION in duty.done_by and any(at > since.recorded for at in looked):
        return True
    events = told.story.of(*(kind.value for kind in duty.done_by))
    return any(does(event, duty, owed) and (not again or since.precedes(event)) for event in events)


def _once_done(told: Told, duty: Duty) -> bool:
    """Whether a duty that is owed once more had been done before."""
    owed = _owed(told)
    return any(does(event, duty, owed) for event in told.story.of(*(kind.value for kind in duty.done_by)))


def does(event: Event, duty: Duty, owed: list[Duty]) -> bool:
    """Whether an event does a duty: it names it, or names none and it is plain that this one is meant.

    What was tried and did not come about does none, whatever it names.
    """
    named = event.details.get("duties")
    if named is not None:
        return duty.id in named and not _failed(event)
    kind = EventKind(event.kind.value)
    return not _failed(event) and (
        kind not in _TO_BE_NAMED or [one.id for one in owed if kind in one.done_by] == [duty.id]
    )


def _failed(event: Event) -> bool:
    """Whether it says that what was tried did not come about."""
    details = event.details
    return (
        details.get("that") == "not_reached"
        or details.get("reached") in ("no_answer", "not_safe", "somebody_else")
        or details.get("state") in _REFUSED
    )


def _triggers(told: Told, trigger: Again) -> Iterator[_Moment]:
    story = told.story
    if trigger is Again.ATTENDANCE_DELAYED:
        yield from map(_moment, story.of("attendance_delayed"))
    if trigger is Again.AGENCY_REFUSED:
        yield from (_moment(one) for one in story.of("other_agency") if one.details["state"] in _REFUSED)
    if trigger is Again.GRADE_CHANGED:
        yield from _grade_changes(story)
    if trigger is Again.RESPONSE_CHANGED:
        yield from _response_changes(told)


def _grade_changes(story: Story) -> Iterator[_Moment]:
    """When what stands became another: by a decision, by an outcome that holds, or by an answer that made it hold."""
    previous = None
    for record in story.decisions:
        stood, standing = record.call.earlier.standing or previous, record.result.national.standing
        if stood not in (None, standing):
            yield _Moment(record.envelope.recorded_at, record.envelope.recorded_at)
        previous = standing
    changes = {event.id: event for event in story.of(*SETTING) if _changes(story, event)}
    yield from (_moment(event) for event in changes.values() if not event.details.get("needs"))
    for answer in story.of("outcome_authorised"):
        if answer.details.get("answer") == "authorised" and answer.details.get("outcome") in changes:
            yield _moment(answer)


def _changes(story: Story, event: Event) -> bool:
    """Whether what an outcome sets is other than what stood before."""
    if event.kind.value == "outcome":
        return event.details.get("outcome") in ("raised", "lowered")
    known = stands(before(story, event))
    return known is not None and known.grade.value != event.details.get("national")


def _response_changes(told: Told) -> Iterator[_Moment]:
    """When another kind of answer was chosen of which the caller did not know.

    Until somebody chooses one, it is taken that somebody attends.
    """
    responses = told.policy.policy.responses
    attends = {response.id for response in responses if response.attends}
    told_before = {response.id for response in responses if "caller_told" in response.needs}
    chosen = None
    for event in told.story.of("outcome"):
        response = event.details.get("response")
        known = response in (told_before if "caller_told" not in event.details.get("against", ()) else ())
        if response not in (None, chosen) and not known and not (chosen is None and response in attends):
            yield _moment(event)
        chosen = response or chosen


def _due(told: Told, duty: Duty, start: datetime | None) -> datetime | None:
    arisen = _arisen(told, duty)
    if arisen.again and duty.clock is not None and (start is None or _once_done(told, duty)):
        start = arisen.at  # what has to be done once more does not wait for a clock that began or begins for the first
    if start is None:
        return None
    start = max(start, arisen.at) if duty.clock is Clock.GRADED else start
    calendar = told.policy.policy.calendar
    if duty.working_days is not None:
        return end_of_working_day(start, duty.working_days, calendar) if calendar else None
    return start + timedelta(minutes=duty.minutes or 0)
