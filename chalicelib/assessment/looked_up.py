"""What was looked up about earlier incidents, in the form in which a call keeps it. Nothing is counted here.

It names other incidents by their references, and of people it says only in which slot they were found.
"""

from __future__ import annotations

from typing import Literal

from chalicelib.model import Frozen, Instant, Name, Reference
from chalicelib.policy.document import Matching, National

Slot = Literal["caller", "victim", "suspect", "address"]
"""What decisions are indexed by: the caller's phone, the first victim, the first suspect, the first place."""

MATCHED: dict[Slot, Matching] = {
    "caller": Matching.PHONE,
    "victim": Matching.PERSON,
    "suspect": Matching.PERSON,
    "address": Matching.ADDRESS,
}
"""What an earlier incident shares when it was found by somebody in this call, or by its place."""


class Seen(Frozen):
    """Another incident that was found, or a contact that has none."""

    incident: Reference | None = None
    contact: Reference | None = None
    """Of one without an incident."""
    last: Instant
    """When the newest of the decisions that were found was recorded."""
    standing: National | None = None
    """The grade that stood after it."""
    flags: tuple[Name, ...] = ()
    """All flags that any of them has."""

    @property
    def name(self) -> tuple[str | None, str | None]:
        """What tells it from others."""
        return self.incident, self.contact


class LookUp(Frozen):
    """One look-up, by one identifier in one slot."""

    by: Slot
    """Whose identifier it was in this call."""
    among: Slot
    """The slot that it was looked for in."""
    kind: Name
    state: Literal["read", "failed", "late"]
    shared: Literal[True] | None = None
    """Whether the place or number belongs to many: what is found is shown and not counted."""
    back_to: Instant | None = None
    """Set when there may be more than was read: how far back that goes."""
    found: tuple[Seen, ...] = ()


class History(Frozen):
    """All that was looked up for one assessment."""

    at: Instant
    """The time of the assessment; all windows end at it."""
    incident: Reference | None = None
    """The incident that the call belongs to; all others are other incidents."""
    look_ups: tuple[LookUp, ...]
    begins: Instant | None = None
    """When the force's own history begins; what was before is not known."""
    left_out: tuple[Slot, ...] = ()
    """By whom there is more to look up than was looked up: known from earlier decisions, or too many."""
