"""What is said of each kind of event, as models: coded, so that no words about people get into a record.

An event is a `fact`, which has happened and is always recorded, or a `request`, which may be refused. It holds no rule
about either.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from chalicelib.model import Frozen, Identity, Instant, Name, Reference
from chalicelib.policy.document import National

DecisionId = Annotated[str, Field(pattern=r"^d_[a-z2-7]{32}$")]
EventId = Annotated[str, Field(pattern=r"^e_[a-z2-7]{32}$")]
Words = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
"""What a human says in their own words. It is kept as an item of its own, so that it can be erased by itself."""

Act: TypeAlias = Literal["request", "fact"]


class Happening(Frozen):
    """What every event says."""

    at: Instant | None = None
    """When it happened; now, if left out."""
    decision: DecisionId | None = None
    """The decision that was seen by whoever did it."""
    duties: tuple[Name, ...] | None = None
    """The duties that it does. Left out: those that are owed, as far as it is plain which are meant."""


class Check(Happening):
    """A look-up that was made."""

    kind: Literal["check"]
    check: Name
    result: Name


class AdviceGiven(Happening):
    """Advice was given."""

    kind: Literal["advice_given"]
    texts: tuple[Name, ...] = ()
    """The agreed words that were said."""


class CallerTold(Happening):
    """The caller was told what happens."""

    kind: Literal["caller_told"]
    that: Literal["police_come", "appointment", "police_do_not_come", "other_agency", "delayed", "not_reached"]
    expected_at: Instant | None = None


class Callback(Happening):
    """Somebody was called back, or it was tried."""

    kind: Literal["callback"]
    reached: Literal["spoken_alone", "spoken", "somebody_else", "no_answer", "not_safe"]


class Referral(Happening):
    """Somebody was referred, or it was offered."""

    kind: Literal["referral"]
    to: Name
    state: Literal["offered", "declined", "made", "accepted"] = "made"
    safe_contact: bool | None = None
    """Whether it was asked how contact is safe."""


class RightsTold(Happening):
    """A victim was told their rights, or it was left to the officer."""

    kind: Literal["rights_told"]
    about: Reference | None = None
    tellings: tuple[Name, ...] = ()
    left_to_officer: bool = False


class OtherAgency(Happening):
    """Another agency was asked, or answered."""

    kind: Literal["other_agency"]
    agency: Name
    state: Literal["asked", "accepted", "refused", "delayed", "no_answer", "arrived"]
    accepted_by: Identity | None = None
    expected_at: Instant | None = None
    recheck_at: Instant | None = None


class Assigned(Happening):
    """The incident was given to somebody, now or for an appointment."""

    kind: Literal["assigned"]
    to: Name = "response"
    unit: Reference | None = None
    appointment_at: Instant | None = None


class Unit(Happening):
    """What a unit does."""

    kind: Literal["dispatched", "diverted", "attended"]
    unit: Reference | None = None
    expected_at: Instant | None = None


class AttendanceDelayed(Happening):
    """Nobody comes in time. It keeps the grade."""

    kind: Literal["attendance_delayed"]
    because: Literal["no_unit", "cannot_find", "weather_or_road", "other"]
    expected_at: Instant | None = None


class ReviewOpened(Happening):
    """Somebody is to look at it."""

    kind: Literal["review_opened"]
    because: Name


class ReviewDone(Happening):
    """Somebody has looked at it."""

    kind: Literal["review_done"]
    review: EventId | None = None
    """Which one; all that were open, if left out."""
    result: Literal["as_it_was", "to_be_raised", "to_be_lowered", "to_be_assessed_again"]


class Linked(Happening):
    """The incident belongs together with another, or a contact was put to another incident."""

    kind: Literal["linked"]
    how: Literal["same", "repeat", "merged_into", "split_from", "reference_corrected"]
    incident: Reference | None = None
    contact: Reference | None = None


class Transferred(Happening):
    """The incident was handed to others."""

    kind: Literal["transferred"]
    to: Name
    """`next_shift` for a change of shift."""


class Found(Happening):
    """What officers, a quality review or a second contact found later."""

    kind: Literal["finding"]
    by: Literal["officer", "quality_review", "second_contact", "supervisor"]
    found: tuple[Name, ...] = Field(min_length=1)
    should_have_been: National | None = None


class GradeSet(Happening):
    """A human acted without advice, or before it."""

    kind: Literal["grade_set"]
    grade: Name
    """A local grade of the policy."""
    reason: Name
    response: Name | None = None


class Closed(Happening):
    """The incident is closed, or is to be."""

    kind: Literal["closed"]
    act: Act
    reason: Name
    words: Words | None = None


EventGiven: TypeAlias = Annotated[
    Check | AdviceGiven | CallerTold | Callback | Referral | RightsTold | OtherAgency | Assigned | Unit
    | AttendanceDelayed | ReviewOpened | ReviewDone | Linked | Transferred | Found | GradeSet | Closed,
    Field(discriminator="kind"),
]  # fmt: skip
"""An event as it is sent."""


class OwnView(Frozen):
    """The handler's own view of the elements."""

    before_advice: bool
    levels: dict[Name, Literal["none", "low", "medium", "high"]]


class OutcomeGiven(Frozen):
    """What a human decided on a decision."""

    act: Act
    at: Instant | None = None
    grade: Name | None = None
    """A local grade of the decision's policy; what stands, if left out."""
    response: Name | None = None
    reason: Name | None = None
    """One of the policy's reasons. Not needed where what the decision showed is accepted."""
    words: Words | None = None
    """In their own words, where the policy wants them. Kept apart from the record, so that they can be erased."""
    view: OwnView | None = None
    """The handler's own view of the elements, and whether it was taken before the advice was shown."""
