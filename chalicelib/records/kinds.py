"""The registry of event kinds: a closed list, where a new kind is a change of format. It records nothing."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from chalicelib.records.entry import Shelf


class Kind(StrEnum):
    """Everything that can stand in the trail."""

    DECISION = "decision"
    # what people decided and did
    OUTCOME = "outcome"
    OUTCOME_AUTHORISED = "outcome_authorised"
    OUTCOME_REFUSED = "outcome_refused"
    GRADE_SET = "grade_set"
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
    WORDS = "words"
    """What somebody said in their own words about an outcome or a closing: an item by itself, so that it can be
    erased by itself."""
    ACKNOWLEDGED = "acknowledged"
    """A supervisor has seen what is due. It puts off and never clears."""
    # the life of a policy
    POLICY_DRAFTED = "policy_drafted"
    POLICY_SUBMITTED = "policy_submitted"
    POLICY_APPROVED = "policy_approved"
    POLICY_DECLINED = "policy_declined"
    POLICY_ACTIVATED = "policy_activated"
    POLICY_WITHDRAWN = "policy_withdrawn"
    # the life of a record
    HOLD = "hold"
    HOLD_RELEASED = "hold_released"
    ERASED = "erased"
    EXPORTED = "exported"
    ACCESS = "access"
    CONFLICT = "conflict"
    # the log's own
    HEARTBEAT = "heartbeat"
    DAY_CLOSE = "day_close"
    KEY_ROTATED = "key_rotated"
    RESTORE = "restore"
    TAMPER = "tamper"
    UNPARSABLE = "unparsable"


_ELSEWHERE: Final = {
    Kind.DECISION: Shelf.DECISION,
    **{kind: Shelf.POLICY for kind in Kind if kind.startswith("policy_")},
    **dict.fromkeys(
        (
            Kind.HOLD, Kind.HOLD_RELEASED, Kind.ERASED, Kind.EXPORTED, Kind.ACCESS, Kind.CONFLICT, Kind.HEARTBEAT,
            Kind.DAY_CLOSE, Kind.KEY_ROTATED, Kind.RESTORE, Kind.TAMPER, Kind.UNPARSABLE,
        ),
        Shelf.FORCE,
    ),
}  # fmt: skip


def shelf_of(kind: Kind, *, incident: bool = True) -> Shelf:
    """Where events of a kind are filed; what belongs to an incident goes to its contact while there is no incident."""
    return _ELSEWHERE.get(kind, Shelf.INCIDENT if incident else Shelf.CONTACT)
