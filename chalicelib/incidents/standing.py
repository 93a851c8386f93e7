"""The grade that stands for an incident. Only a recorded human act lowers it.

It is what the last human outcome set, or the highest that was recommended since, by a decision which that outcome had
not seen. Outcomes that did not see each other all hold, and the highest of them stands until one that saw them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from chalicelib.incidents.story import Event, Story
from chalicelib.policy.document import National
from chalicelib.records.kinds import Kind
from chalicelib.records.record import DecisionRecord

SETTING = (Kind.OUTCOME.value, Kind.GRADE_SET.value)
"""The kinds of event that set a grade."""


class Stands(NamedTuple):
    """What stands."""

    grade: National
    local: str | None
    """The local grade by which it came about."""
    since: datetime
    by: str
    """The decision or event that brought it about."""
    heads: tuple[Event, ...]
    """The outcomes that hold: those that no other which holds has seen."""
    waiting: tuple[Event, ...]
    """Outcomes that do not count before a second person has authorised them."""

    @property
    def fork(self) -> bool:
        """Whether outcomes hold that did not see each other."""
        return len(self.heads) > 1


class _Grade(NamedTuple):
    rank: int
    since: datetime
    by: str
    local: str | None
    grade: National


def stands(story: Story) -> Stands | None:
    """What stands for an incident; None while nothing was ever recommended or set."""
    outcomes = list(story.of(*SETTING))
    holding = [event for event in outcomes if holds(story, event)]
    heads = _heads(holding)
    covered = {name for event in outcomes for name in event.details.get("seen", ())}
    waiting = [event for event in outcomes if event.id not in covered and waits(story, event)]
    highest = _highest(story, heads)
    if highest is None:
        return None
    local, since, by = _reached(story, highest)
    return Stands(highest.grade, local, since, by, tuple(heads), tuple(waiting))


def _highest(story: Story, heads: Sequence[Event]) -> _Grade | None:
    """The highest of what outcomes set and of what was recommended since, or of all that was recommended; of several
    the first."""
    branches = [_of_branch(story, head) for head in heads] or [_raised(_recommended(story.decisions))]
    known = sorted((one for one in branches if one is not None), key=lambda one: one.since)
    return max(known, key=lambda one: one.rank, default=None)


def _reached(story: Story, found: _Grade) -> tuple[str | None, datetime, str]:
    """The local grade, and since when and by what it stands: an outcome that left it as it stood did not bring it."""
    while (head := next((event for event in story.of(*SETTING) if event.id == found.by), None)) is not None:
        story = before(story, head)
        earlier = _highest(story, _heads([event for event in story.of(*SETTING) if holds(story, event)]))
        if earlier is None or earlier.grade is not found.grade or earlier.local not in (None, found.local):
            break
        found = earlier._replace(local=found.local)
    return found.local, found.since, found.by


def before(story: Story, event: Event) -> Story:
    """What was recorded before an event."""
    recorded = event.envelope.recorded_at
    decisions = tuple(one for one in story.decisions if one.envelope.recorded_at < recorded)
    return Story(story.incident, decisions, story.events[: story.events.index(event)])


def holds(story: Story, event: Event) -> bool:
    """Whether an event counts: it needs no second person, or one has authorised it."""
    return not event.details.get("needs") or _answer(story, event) == "authorised"


def waits(story: Story, event: Event) -> bool:
    """Whether an event needs a second person who has not answered yet."""
    return bool(event.details.get("needs")) and _answer(story, event) is None


def _answer(story: Story, event: Event) -> str | None:
    answers = (one for one in story.of("outcome_authorised") if one.details.get("outcome") == event.id)
    return next((str(one.details.get("answer")) for one in answers), None)


def _heads(holding: list[Event]) -> list[Event]:
    covered = {name for event in holding for name in event.details.get("seen", ())}
    return [event for event in holding if event.id not in covered]


def _of_branch(story: Story, head: Event) -> _Grade | None:
    """What an outcome set, or what was recommended higher by decisions that it did not see."""
    own = National(head.details["national"])
    first = _Grade(own.rank, head.at, head.id, head.details.get("grade"), own)
    seen = next((one for one in story.decisions if one.envelope.id == head.details.get("decision")), None)
    known = seen.envelope if seen else head.envelope
    # What is entered after the fact has seen nothing of what was decided between then and now.
    later = [
        one for one in story.decisions if one.envelope.recorded_at > known.recorded_at or one.envelope.at > known.at
    ]
    return _raised([first, *_recommended(later, head.id)])


def _recommended(decisions: Iterable[DecisionRecord], head: str | None = None) -> list[_Grade]:
    """What decisions bring: those that knew of the outcome also whatever stood by earlier ones that did."""
    found: list[_Grade] = []
    for record in decisions:
        national = record.result.national
        carries = head is None or head in (record.call.earlier.outcomes or ())
        grade = national.standing if carries else national.recommended
        local = record.result.recommended if grade is national.recommended else None
        found.append(_Grade(grade.rank, record.envelope.recorded_at, record.envelope.id, local, grade))
    return found


def _raised(grades: list[_Grade]) -> _Grade | None:
    """The highest, by when it was first reached and not left again; each later one takes over what it equals."""
    highest = max((one.rank for one in grades), default=None)
    return next((one for one in grades if one.rank == highest), None)
