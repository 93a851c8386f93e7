"""Something that is owed or due in an incident, as a value. What it is worth now, whoever reads it judges."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from chalicelib.model import Frozen, Instant
from chalicelib.policy.closed_lists import Owner, Severity

ItemKind: TypeAlias = Literal["duty", "timer", "reassess", "review", "authorise", "fork", "against_policy"]


class Item(Frozen):
    """One thing that is outstanding."""

    id: str
    """Of a duty or timer its id in the policy; else the kind and the event that it comes from."""
    kind: ItemKind
    title: str
    owed_by: Owner
    severity: Severity
    since: Instant
    """When it arose."""
    due: Instant | None = None
    """By when; absent where no time is set, or its clock has not begun."""
    because: str | None = None
    """The kind of event that made it due."""
    measured: Literal[False] | None = None
    """Set to false where this force does not feed the events that would tell: `not_measured`."""
    paused: Literal[True] | None = None
    """Set while another agency has accepted, has said when it comes, and the policy lets it answer the call."""
    paused_until: Instant | None = None
    """When that agency is expected: from then on it is owed again. Absent once it is there."""

    def paused_at(self, at: datetime) -> bool:
        """Whether it is still paused at a moment."""
        return self.paused is not None and (self.paused_until is None or at < self.paused_until)
