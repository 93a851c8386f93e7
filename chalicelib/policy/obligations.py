"""What a policy says is owed, due and told: duties, timers, Victims' Code, outcomes, guarantees. No grading.

Conditions here are read while they are known to be true. What fulfils an obligation is an event, from a closed list.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from chalicelib.model import Frozen, Line, Name
from chalicelib.policy.closed_lists import Again, Clock, EventKind, Owner, Severity
from chalicelib.policy.conditions import Condition


class Text(Frozen):
    """Words for the caller that the force has agreed."""

    id: Name
    text: Line


class Duty(Frozen):
    """Something owed by somebody by a time, until an event does it; or something that must not be done."""

    id: Name
    title: Line
    owed_by: Owner
    minutes: int | None = Field(None, ge=0)
    working_days: int | None = Field(None, ge=1)
    """Instead of minutes: by the end of that many working days of the calendar."""
    clock: Clock | None = None
    done_by: tuple[EventKind, ...] = ()
    """The kinds of event that do it: at least one, unless it is something that must not be done."""
    must_not: bool = False
    """Something to refrain from, such as leaving a message that another could hear."""
    text: Name | None = None
    """The agreed words to say."""
    again_on: tuple[Again, ...] = ()
    """What makes it owed once more."""
    basis: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _one_meaning(self) -> Duty:
        if self.must_not and (self.done_by or self.minutes is not None or self.working_days or self.again_on):
            raise ValueError("what must not be done has no time and no done_by")
        if not self.must_not and not self.done_by:
            raise ValueError("a duty needs done_by: the kinds of event that do it")
        if self.minutes is not None and self.working_days is not None:
            raise ValueError("a duty has either minutes or working_days")
        return self


class Timer(Frozen):
    """What has to happen by a time while an incident is as described; it runs only while that means something."""

    id: Name
    title: Line
    """What is to be done when it is due."""
    grades: tuple[Name, ...] | None = Field(None, min_length=1)
    """The local grades with which it runs; all, if left out."""
    when: Condition | None = None
    """What has to be known true besides."""
    clock: Clock
    minutes: int = Field(ge=0)
    again_minutes: int | None = Field(None, ge=1)
    """After it was due, due again each time so many minutes have passed."""
    until: tuple[EventKind, ...] = Field(min_length=1)
    """The kinds of event that stop it."""
    owed_by: Owner
    severity: Severity
    basis: tuple[Name, ...] = Field(min_length=1)


class VictimCategory(Frozen):
    """A ground on which a victim has enhanced rights."""

    id: Name
    title: Line
    when: Condition
    """Looked at for each victim, with that victim's own answers."""
    basis: tuple[Name, ...] = Field(min_length=1)


class VictimTelling(Frozen):
    """Something that a victim has a right to be told."""

    id: Name
    title: Line
    right: int = Field(ge=1, le=12)
    """The number of the right in the Code."""
    say: Literal["now", "before_end", "officer"]
    when: Condition | None = None
    """For which victims; for all, if left out."""
    text: Name | None = None
    """The agreed words."""
    basis: tuple[Name, ...] = Field(min_length=1)


class VictimsCode(Frozen):
    """What each victim is owed at the first contact."""

    categories: tuple[VictimCategory, ...] = ()
    tell: tuple[VictimTelling, ...] = Field(min_length=1)
    leave_to_officer_when: Condition | None = None
    """While this is known true, only what is to be said now is said in the call; the rest is left to the officer."""


class OutcomeReason(Frozen):
    """A reason that a human may give, or may not give, for what they decide."""

    id: Name
    title: Line
    for_: tuple[Literal["accepted", "set", "raised", "lowered", "closed"], ...] = Field(min_length=1, alias="for")
    by: tuple[Literal["call_handler", "dispatcher", "supervisor"], ...] = ()
    """Who may give it; empty when it is refused to all."""
    words: bool = False
    """Whether the reason has to be put in words as well."""
    second_person: bool = False
    """Whether a second person has to authorise it before it takes effect."""
    refused: Line | None = None
    """Why it is never a ground, and what to do instead."""
    instead: EventKind | None = None
    """The kind of event to record instead."""
    basis: tuple[Name, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _permitted_or_refused(self) -> OutcomeReason:
        if bool(self.by) == (self.refused is not None):
            raise ValueError("a reason is either given by somebody (by), or refused with what to do instead (refused)")
        return self


class Guarantee(Frozen):
    """A promise about every possible call, proved or refuted before the policy can be in force."""

    id: Name
    says: Line
    when: Condition
    at_least: Name | None = None
    """The lowest grade that such a call ever gets."""
    attendance: Literal[True] | None = None
    """That an officer always sees the victim or the place."""
    never: tuple[Name, ...] = ()
    """Responses that are always refused."""
    flags: tuple[Name, ...] = ()
    duties: tuple[Name, ...] = ()
    basis: tuple[Name, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _promises_something(self) -> Guarantee:
        if not (self.at_least or self.attendance or self.never or self.flags or self.duties):
            raise ValueError("a guarantee promises at_least, attendance, never, flags or duties")
        return self
