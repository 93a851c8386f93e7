"""A trail that tells somebody of every entry that it holds after an append. All else is left to the trail behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from chalicelib.ports import Trail
from chalicelib.records.entry import Entry, Page, Place, Position, Query, Summary
from chalicelib.records.slots import Indexed


class ProjectingTrail:
    """A `Trail` before another. Who is told must not fail and must not take long: the request waits."""

    def __init__(self, trail: Trail, tell: Callable[[Entry], None]) -> None:
        """Take the trail and who is told."""
        self.behind, self._tell = trail, tell

    def append(self, entry: Entry) -> Entry | None:
        """Keep an entry, then tell of what is there: after a lost answer that is an entry which nobody was told of."""
        there = self.behind.append(entry)
        self._tell(there or entry)
        return there

    def get(self, force: str, place: Place, event_id: str) -> Entry | None:
        """One event."""
        return self.behind.get(force, place, event_id)

    def events(self, force: str, place: Place) -> Sequence[Entry]:
        """All events filed at a place."""
        return self.behind.events(force, place)

    def newest(
        self, force: str, mode: str, by: Literal["contact", "incident"], reference: str, limit: int
    ) -> Sequence[Entry]:
        """The newest decisions of a contact or incident."""
        return self.behind.newest(force, mode, by, reference, limit)

    def of_subject(self, force: str, mode: str, indexed: Indexed, since: str, limit: int) -> Sequence[Summary]:
        """The newest decisions with a keyed hash in a slot."""
        return self.behind.of_subject(force, mode, indexed, since, limit)

    def find(self, query: Query, after: Position | None, limit: int) -> Page:
        """A page of summaries."""
        return self.behind.find(query, after, limit)


def telling(trail: Trail, tell: Callable[[Entry], None]) -> ProjectingTrail:
    """A trail that tells somebody, and nobody else: one that told others already tells them no longer."""
    return ProjectingTrail(trail.behind if isinstance(trail, ProjectingTrail) else trail, tell)
