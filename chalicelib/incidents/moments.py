"""When the clocks of duties and timers began in an incident. It reads no clock itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from chalicelib.incidents.standing import Stands, holds
from chalicelib.incidents.story import Story
from chalicelib.policy.closed_lists import Clock, EventKind

NEXT_SHIFT = "next_shift"
"""To whom an incident is transferred at a change of shift."""

FED_BY: Mapping[Clock, EventKind] = {
    Clock.ASSIGNED: EventKind.ASSIGNED,
    Clock.DISPATCHED: EventKind.DISPATCHED,
    Clock.ATTENDED: EventKind.ATTENDED,
    Clock.ATTENDANCE_DELAYED: EventKind.ATTENDANCE_DELAYED,
    Clock.AGENCY_ASKED: EventKind.OTHER_AGENCY,
    Clock.AGENCY_EXPECTED: EventKind.OTHER_AGENCY,
    Clock.APPOINTMENT: EventKind.ASSIGNED,
    Clock.SHIFT_CHANGE: EventKind.TRANSFERRED,
}
"""The clocks that events start, and which."""


def moments(story: Story, stands: Stands) -> dict[Clock, datetime]:
    """When each clock began; those that have not are left out."""
    calls = [record.call for record in story.decisions]
    opened = [call.incident.opened_at for call in calls if call.incident and call.incident.opened_at]
    assessed = [one.envelope.at for one in story.decisions if one.envelope.incident is not None]
    ended = [one.envelope.at for one in story.decisions if one.call.contact.state.ended]
    agency = story.last("other_agency")
    asked = [event.at for event in story.of("other_agency") if event.details["state"] == "asked"]
    expected = agency.moment("recheck_at") or agency.moment("expected_at") if agency else None
    appointments = [(event.at, event.moment("appointment_at")) for event in story.of("assigned")]
    agreed = sorted(one for one in appointments if one[1] is not None)
    shifts = [event.at for event in story.of("transferred") if event.details["to"] == NEXT_SHIFT]
    found: dict[Clock, datetime | None] = {
        Clock.CALL_RECEIVED: min((call.contact.started_at for call in calls), default=None),
        # Where nobody says when it was opened: when it was first assessed as one.
        Clock.INCIDENT_OPENED: min(opened or assessed, default=None),
        Clock.GRADED: stands.since,
        Clock.CALL_ENDED: min(ended, default=None),
        Clock.ASSIGNED: _last(story, "assigned"),
        Clock.DISPATCHED: _last(story, "dispatched"),
        Clock.ATTENDED: _last(story, "attended"),
        Clock.ATTENDANCE_DELAYED: _last(story, "attendance_delayed"),
        Clock.AGENCY_ASKED: max(asked, default=None),
        Clock.AGENCY_EXPECTED: expected,
        Clock.APPOINTMENT: agreed[-1][1] if agreed else None,
        Clock.SHIFT_CHANGE: max(shifts, default=None),
    }
    return {clock: moment for clock, moment in found.items() if moment is not None}


def _last(story: Story, kind: str) -> datetime | None:
    event = story.last(kind)
    return event.at if event else None


def given_up(story: Story) -> datetime | None:
    """When a unit was last taken away: what was assigned or dispatched before is so no more."""
    return _last(story, "diverted")


def last_closed(story: Story) -> datetime | None:
    """When it was last closed; if it is open again, nobody who was sent before is still on the way."""
    return max((event.at for event in story.of("closed") if holds(story, event)), default=None)


def human_acts(story: Story) -> list[datetime]:
    """When somebody last looked at the incident: assessments by people, reviews, calls back."""
    looked = [one.envelope.at for one in story.decisions if one.envelope.actor.role != "service"]
    spoken = (one.at for one in story.of("callback") if one.details["reached"] in ("spoken_alone", "spoken"))
    return sorted([*looked, *spoken, *(event.at for event in story.of("review_done", "outcome"))])
