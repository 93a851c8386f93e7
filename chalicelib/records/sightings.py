"""From decisions that were found to the other incidents that they belong to. It reads no store and counts nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from chalicelib.assessment.looked_up import Seen
from chalicelib.model import instant_of
from chalicelib.policy.document import National
from chalicelib.records.entry import Summary


class Own(NamedTuple):
    """The call that is assessed: nothing of it is another incident."""

    contact: str
    incident: str | None
    at: datetime


class Sightings:
    """Takes decisions together by incident: those of one contact without an incident by the contact.

    A contact that came to belong to an incident counts with it, whichever look-up has shown that.
    """

    def __init__(self, own: Own, found: Iterable[Summary]) -> None:
        """Take everything that any look-up has found."""
        self._own = own
        self._incidents: dict[str, tuple[str, str]] = {}
        for one in found:
            if one.contact is not None and one.incident is not None:
                seen = one.recorded_at, one.incident
                self._incidents[one.contact] = max(seen, self._incidents.get(one.contact, seen))

    def of(self, found: Sequence[Summary]) -> tuple[Seen, ...]:
        """The other incidents in what one look-up has found until the time of the call, the newest first."""
        groups: dict[tuple[str | None, str | None], list[Summary]] = {}
        for one in found:
            name = self._name(one)
            if name is not None and instant_of(one.recorded_at) <= self._own.at:
                groups.setdefault(name, []).append(one)
        seen = [_seen(name, group) for name, group in groups.items()]
        return tuple(sorted(seen, key=lambda one: (one.last, *map(str, one.name)), reverse=True))

    def _name(self, one: Summary) -> tuple[str | None, str | None] | None:
        """The incident that a decision belongs to, or its contact; None for what belongs to the call itself."""
        own = self._own
        incident = one.incident or self._incidents.get(one.contact or "", ("", None))[1]
        if one.contact == own.contact or (incident is not None and incident == own.incident):
            return None
        return (incident, None) if incident is not None else (None, one.contact)


def _seen(name: tuple[str | None, str | None], group: Sequence[Summary]) -> Seen:
    newest = max(group, key=lambda one: (one.recorded_at, one.id))
    return Seen(
        incident=name[0],
        contact=name[1],
        last=instant_of(newest.recorded_at),
        standing=National(newest.standing) if newest.standing else None,
        flags=tuple(sorted({flag for one in group for flag in one.flags})),
    )
