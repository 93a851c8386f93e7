"""All that is outstanding in an incident: duties, timers, re-assessments, reviews, authorisations, what was against
policy. A pure function of the story; what is overdue is judged when it is read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from chalicelib.assessment.contact import ContactState
from chalicelib.incidents.duties import duty_items
from chalicelib.incidents.items import Item, ItemKind
from chalicelib.incidents.moments import NEXT_SHIFT
from chalicelib.incidents.standing import Stands, holds, stands, waits
from chalicelib.incidents.story import Event, Story
from chalicelib.incidents.timers import Told, timer_items
from chalicelib.policy.closed_lists import Owner, Severity
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.records.record import DecisionRecord

_WORSE = {
    "diverted": "The unit was taken away: assess it again",
    "attendance_delayed": "Nobody comes in time: assess it again",
    "other_agency": "The other agency does not come: assess it again",
    "transferred": "The shift has changed: assess it again",
    "linked": "It belongs together with another: assess it again",
}


def items_of(story: Story, policy: CompiledPolicy | None) -> tuple[Item, ...]:
    """What is outstanding, whether or not it is due yet. Without decisions or their policy only what needs neither."""
    what = stands(story)
    closed = closed_at(story)
    found = [*_reviews(story), *_against(story), *_closings(story), *(_of_outcomes(what) if what else ())]
    if closed is None:
        found += reassessments(story)
        if what is not None and policy is not None and story.newest is not None:
            told = Told(story, what, policy, story.newest)
            found += [*duty_items(told), *timer_items(told)]
    return tuple(found)


def closed_at(story: Story) -> datetime | None:
    """When it was closed, if it still is: a decision that comes after opens it again."""
    closings = [event for event in story.of("closed") if holds(story, event)]
    if not closings:
        return None
    closing = max(closings, key=lambda event: (event.envelope.recorded_at, event.id))
    recorded = closing.envelope.recorded_at
    # A decision that is entered after the fact, about a time before the closing, does not come after it.
    later = [one.envelope for one in story.decisions if one.envelope.recorded_at > recorded]
    reopened = any(one.at > closing.at or one.at == one.recorded_at for one in later)
    return None if reopened else closing.at


def open_reviews(story: Story) -> list[Event]:
    """The reviews that were opened and not done."""
    done = _reviews_done(story)

    def ended(opened: Event) -> bool:
        named = (
            event.details.get("review") for event in done if event.envelope.recorded_at > opened.envelope.recorded_at
        )
        return any(name in (None, opened.id) for name in named)

    return [event for event in story.of("review_opened") if not ended(event)]


def _reviews_done(story: Story) -> list[Event]:
    """What supervisors have looked at. It is asked of them: nobody else's word ends a review."""
    return [event for event in story.of("review_done") if event.envelope.actor.role == "supervisor"]


def _reviews(story: Story) -> Iterator[Item]:
    for event in open_reviews(story):
        yield _item("review", event, "A review is open: look at it, and say what comes of it", event.details["because"])


def _against(story: Story) -> Iterator[Item]:
    """What was done against policy and nobody has reviewed since."""
    for event in story.events:
        if event.details.get("against") and not _reviewed(story, event):
            yield _item("against_policy", event, "Something was done against policy: look at it", event.kind.value)


def _reviewed(story: Story, event: Event) -> bool:
    recorded = event.envelope.recorded_at
    return any(
        done.envelope.recorded_at > recorded and done.details.get("review") in (None, event.id)
        and done.envelope.actor.pseudonym != event.envelope.actor.pseudonym
        for done in _reviews_done(story)
    )  # fmt: skip


def _closings(story: Story) -> Iterator[Item]:
    for event in story.of("closed"):
        if waits(story, event):
            yield _item("authorise", event, "It is to be closed: authorise it or refuse it; it is open", "closed")


def _of_outcomes(what: Stands) -> Iterator[Item]:
    for event in what.waiting:
        title = f"{event.details['national']} was asked for: authorise it or refuse it; {what.grade.value} stands"
        yield _item("authorise", event, title, "outcome")
    if what.fork:
        yield _item("fork", what.heads[-1], "Two outcomes did not see each other: say which holds", "outcome")


def reassessments(story: Story) -> Iterator[Item]:
    """What has made a new assessment necessary and was not followed by one."""
    attended = [event.at for event in story.of("attended")]
    for event in story.of(*_WORSE):
        known = any(_looked_after(one, event.envelope.recorded_at) for one in story.decisions)
        if _is_worse(event) and not known and not any(at >= event.at for at in attended):
            yield _item("reassess", event, _WORSE[event.kind.value], event.kind.value, Owner.DISPATCHER)
    yield from _lost(story, attended)


def _lost(story: Story, attended: list[datetime]) -> Iterator[Item]:
    """The line was lost, and nobody has spoken to them or assessed it again since. Silence is no answer."""
    states: dict[str | None, ContactState] = {}
    spoken = [event.at for event in story.of("callback") if event.details["reached"] in ("spoken_alone", "spoken")]
    for record in story.decisions:
        lost, state = record.envelope, record.call.contact.state
        before, states[lost.contact] = states.get(lost.contact), state
        if state is not ContactState.LOST or before is ContactState.LOST:
            continue
        known = any(_looked_after(one, lost.recorded_at) for one in story.decisions)
        if not known and not any(at >= lost.at for at in (*attended, *spoken)):
            yield Item(
                id=f"reassess.{lost.id}", kind="reassess", owed_by=Owner.CALL_HANDLER, severity=Severity.ACT,
                title="The line was lost: call back if that is safe, and assess it again", since=lost.at, due=lost.at,
                because="contact_lost",
            )  # fmt: skip


def _looked_after(record: DecisionRecord, recorded: datetime) -> bool:
    """Whether a human assessed it after something was recorded; what is entered after the fact knew less."""
    return record.envelope.actor.role != "service" and record.envelope.at > recorded


def _is_worse(event: Event) -> bool:
    details = event.details
    match event.kind.value:
        case "other_agency":
            return details["state"] in ("refused", "delayed", "no_answer")
        case "transferred":
            return bool(details["to"] == NEXT_SHIFT)
        case "linked":
            return details["how"] in ("repeat", "same", "merged_into")
    return True


def _item(kind: ItemKind, event: Event, title: str, because: str, owner: Owner = Owner.SUPERVISOR) -> Item:
    return Item(
        id=f"{kind}.{event.id}", kind=kind, title=title, owed_by=owner, severity=Severity.ACT, since=event.at,
        due=event.at, because=because,
    )  # fmt: skip
