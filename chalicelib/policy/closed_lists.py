"""Closed lists for what is owed: clocks, kinds of event, owners, severities. What they are for, `obligations` says."""

from __future__ import annotations

from enum import StrEnum


class Clock(StrEnum):
    """A moment from which a time runs."""

    CALL_RECEIVED = "call_received"
    INCIDENT_OPENED = "incident_opened"
    GRADED = "graded"
    """When the grade that stands was first recommended or set."""
    CALL_ENDED = "call_ended"
    ASSIGNED = "assigned"
    DISPATCHED = "dispatched"
    ATTENDED = "attended"
    ATTENDANCE_DELAYED = "attendance_delayed"
    AGENCY_ASKED = "agency_asked"
    AGENCY_EXPECTED = "agency_expected"
    """The time that another agency gave for its arrival."""
    APPOINTMENT = "appointment"
    """The time that was agreed with the victim."""
    SHIFT_CHANGE = "shift_change"


class EventKind(StrEnum):
    """What can fulfil an obligation: kinds of event that the trail knows."""

    DECISION = "decision"
    OUTCOME = "outcome"
    CHECK = "check"
    ADVICE_GIVEN = "advice_given"
    CALLER_TOLD = "caller_told"
    CALLBACK = "callback"
    REFERRAL = "referral"
    RIGHTS_TOLD = "rights_told"
    OTHER_AGENCY = "other_agency"
    ASSIGNED = "assigned"
    DISPATCHED = "dispatched"
    ATTENDANCE_DELAYED = "attendance_delayed"
    DIVERTED = "diverted"
    ATTENDED = "attended"
    REVIEW_OPENED = "review_opened"
    REVIEW_DONE = "review_done"
    LINKED = "linked"
    TRANSFERRED = "transferred"
    FINDING = "finding"
    CLOSED = "closed"


class Owner(StrEnum):
    """Who owes something."""

    CALL_HANDLER = "call_handler"
    DISPATCHER = "dispatcher"
    SUPERVISOR = "supervisor"
    INSPECTOR = "inspector"
    OFFICER = "officer"
    CASE_MANAGER = "case_manager"
    VICTIM_SERVICE = "victim_service"


class Severity(StrEnum):
    """How a worklist shows something that is due: to act on, to watch, or only on record."""

    ACT = "act"
    WATCH = "watch"
    RECORD = "record"


class Again(StrEnum):
    """What makes a duty owed once more after it was done."""

    GRADE_CHANGED = "grade_changed"
    RESPONSE_CHANGED = "response_changed"
    ATTENDANCE_DELAYED = "attendance_delayed"
    AGENCY_REFUSED = "agency_refused"
