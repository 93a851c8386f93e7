"""What the control room is shown of what is owed, due and told, as models. `owed_shown` fills them."""

from __future__ import annotations

from typing import Literal

from chalicelib.model import Frozen, Instant, Reference


class NeedsShown(Frozen):
    """What has to be on record before a response counts as the answer to the call."""

    response: str
    needs: tuple[str, ...]


class DutyShown(Frozen):
    """Something owed to the victim or the caller."""

    duty: str
    title: str
    owed_by: str
    minutes: int | None = None
    working_days: int | None = None
    due: Instant | None = None
    """By when, if it is owed within working days of the call."""
    clock: str | None = None
    must_not: Literal[True] | None = None
    """Set when it is something that must not be done."""
    text: str | None = None
    """The agreed words to say."""
    rules: tuple[str, ...]


class CheckShown(Frozen):
    """A check that has to be made now."""

    check: str
    title: str


class TimerShown(Frozen):
    """What has to happen by a time."""

    timer: str
    title: str
    owed_by: str
    severity: str
    due: Instant | None = None
    """Absent while it runs from a moment that the incident's events tell."""


class TellingShown(Frozen):
    """Something that a victim has a right to be told."""

    id: str
    title: str
    say: str
    text: str | None = None


class VictimShown(Frozen):
    """What one victim is owed under the Victims' Code."""

    about: Reference | None = None
    category: str
    because: tuple[str, ...] = ()
    """The grounds for enhanced rights, in words."""
    settled_by: tuple[str, ...] = ()
    tell: tuple[TellingShown, ...] = ()
