"""Words for what the policy language itself lists: absences, sources, clocks, events, owners. No words of a policy."""

from __future__ import annotations

from chalicelib.policy.closed_lists import Again, Clock, EventKind, Owner, Severity
from chalicelib.policy.document import Absence, ClockFact, NotAsked, Purpose, Source

ABSENT = {
    Absence.NOT_ASKED: "nobody asked",
    Absence.UNKNOWN: "whoever was asked did not know",
    Absence.DECLINED: "the answer was declined",
    Absence.UNABLE: "it could not be answered",
    Absence.PENDING: "a check is still running",
    Absence.INVALID: "the answer could not be read",
}
"""Why something is not known."""

NOT_ASKED = {
    NotAsked.FROM_START: "nobody has asked yet",
    NotAsked.IF_LOST: "the line was lost before anybody asked",
    NotAsked.AT_END: "the contact ended before anybody asked",
    NotAsked.NEVER: "",
}
"""From when on a question that nobody put counts as not known."""

SOURCES = {
    Source.CALLER: "caller",
    Source.VICTIM: "victim",
    Source.THIRD_PARTY: "third party",
    Source.HEARD_ON_LINE: "heard on the line",
    Source.SYSTEM_CHECK: "system check",
    Source.HISTORY: "history",
    Source.CLOCK: "clock",
    Source.OFFICER_AT_SCENE: "officer at the scene",
    Source.OTHER_AGENCY: "other agency",
    Source.HANDLER: "handler",
}
"""Where an answer came from."""

PURPOSES = {
    Purpose.DISPATCH: "to find the place and reach the caller",
    Purpose.GRADE: "to grade the call",
    Purpose.OFFICER_SAFETY: "to keep officers safe",
    Purpose.SAFEGUARDING: "to keep people safe",
    Purpose.VICTIM: "to serve the victim",
}
"""What a question is for."""

CLOCK_FACTS = {
    ClockFact.HOUR: "the hour of the day",
    ClockFact.KIND_OF_DAY: "the kind of day",
    ClockFact.MINUTES_SINCE_CONTACT: "the minutes since the contact began",
    ClockFact.MINUTES_SINCE_OPENED: "the minutes since the incident was opened",
    ClockFact.MINUTES_SINCE_EVENT: "the minutes since it happened",
}
"""What is read off a clock."""

CLOCKS = {
    Clock.CALL_RECEIVED: "the call is received",
    Clock.INCIDENT_OPENED: "the incident is opened",
    Clock.GRADED: "the grade is given",
    Clock.CALL_ENDED: "the call ends",
    Clock.ASSIGNED: "somebody is assigned",
    Clock.DISPATCHED: "officers are sent",
    Clock.ATTENDED: "officers attend",
    Clock.ATTENDANCE_DELAYED: "attendance is delayed",
    Clock.AGENCY_ASKED: "another agency is asked",
    Clock.AGENCY_EXPECTED: "the other agency was expected",
    Clock.APPOINTMENT: "the time of the appointment",
    Clock.SHIFT_CHANGE: "the change of shift",
}
"""From when a time runs, as it follows "after"."""

EVENTS = {
    EventKind.DECISION: "the call is assessed again",
    EventKind.OUTCOME: "a person's decision is recorded",
    EventKind.CHECK: "the check is recorded",
    EventKind.ADVICE_GIVEN: "the advice is recorded",
    EventKind.CALLER_TOLD: "the caller is told",
    EventKind.CALLBACK: "the caller is called back",
    EventKind.REFERRAL: "a referral is recorded",
    EventKind.RIGHTS_TOLD: "the rights are told",
    EventKind.OTHER_AGENCY: "what the other agency answered is recorded",
    EventKind.ASSIGNED: "somebody is assigned",
    EventKind.DISPATCHED: "officers are sent",
    EventKind.ATTENDANCE_DELAYED: "the delay is recorded",
    EventKind.DIVERTED: "the diversion is recorded",
    EventKind.ATTENDED: "officers attend",
    EventKind.REVIEW_OPENED: "a review is opened",
    EventKind.REVIEW_DONE: "a review is done",
    EventKind.LINKED: "it is linked to the other incidents",
    EventKind.TRANSFERRED: "it is transferred",
    EventKind.FINDING: "what was found is recorded",
    EventKind.CLOSED: "it is closed",
}
"""What fulfils an obligation, as it follows "once"."""

OWNERS = {
    Owner.CALL_HANDLER: "call handler",
    Owner.DISPATCHER: "dispatcher",
    Owner.SUPERVISOR: "supervisor",
    Owner.INSPECTOR: "inspector",
    Owner.OFFICER: "officer",
    Owner.CASE_MANAGER: "case manager",
    Owner.VICTIM_SERVICE: "victim service",
}
"""Who owes something."""

AGAIN = {
    Again.GRADE_CHANGED: "the grade changes",
    Again.RESPONSE_CHANGED: "the kind of answer changes",
    Again.ATTENDANCE_DELAYED: "attendance is delayed",
    Again.AGENCY_REFUSED: "the other agency refuses",
}
"""What makes a duty owed once more, as it follows "when"."""

SEVERITIES = {
    Severity.ACT: "to be acted on",
    Severity.WATCH: "to be watched",
    Severity.RECORD: "kept on record",
}
"""How something that is due is shown."""

NEEDS = {
    "agency_asked": "that the other agency was asked",
    "agency_accepted": "that it accepted and who did",
    "caller_told": "that the caller was told",
    "recheck_time": "when it is checked again",
}
"""What has to be on record before a response counts."""


def minutes_in_words(minutes: int) -> str:
    """A length of time, in the largest unit that it is a whole number of; from two hours on in hours and minutes."""
    for size, unit in ((1440, "day"), (60, "hour")):
        if minutes >= size and minutes % size == 0:
            return _counted(minutes // size, unit)
    if minutes > 120:
        return f"{_counted(minutes // 60, 'hour')} and {_counted(minutes % 60, 'minute')}"
    return _counted(minutes, "minute")


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"


def due_in_words(minutes: int, clock: Clock | None) -> str:
    """By when something is due."""
    if clock is None:
        return f"within {minutes_in_words(minutes)}"
    if minutes:
        return f"within {minutes_in_words(minutes)} after {CLOCKS[clock]}"
    return _AT_ONCE.get(clock) or f"as soon as {CLOCKS[clock]}"


_AT_ONCE = {
    Clock.CALL_ENDED: "before the call ends",
    Clock.AGENCY_EXPECTED: "when the other agency was expected",
    Clock.APPOINTMENT: "at the time of the appointment",
    Clock.SHIFT_CHANGE: "at the change of shift",
}
