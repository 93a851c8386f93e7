"""Closing days: the decisions of a day that is over, from the trail into one file, once. It changes nothing recorded.

A day is closed when it has been over for an hour and nothing of it waits in the spill. Decisions are read in pages;
only their ids and the compressed file are held. A day that is closed already is left as it is, and never overwritten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from chalicelib.authoring.activations import Activation
from chalicelib.errors import Refused, ServiceError, StoreFailed
from chalicelib.model import instant_text
from chalicelib.ports import Objects, Trail, World
from chalicelib.records.day_file import DayFile, day_file, day_object
from chalicelib.records.entry import Entry, Place, Position, Query, Shelf, Summary, entry_of
from chalicelib.records.kinds import Kind, shelf_of
from chalicelib.workflows.record_entry import place_of_decision

MARGIN = timedelta(hours=1)
"""How long a day has to be over: longer than a request, an index that is behind, and a clock that is slow."""

PAGE = 500
"""How many decisions one page lists."""

AT_ONCE = 64
"""How many records are fetched side by side."""

ActivationsOf = Callable[[str], Sequence[Activation]]
"""From a force to all that was ever put in force for it: before the first of them there are no decisions."""


class Closed(NamedTuple):
    """What came of closing a force's days."""

    closed: tuple[str, ...]
    already: int
    """Days that had been closed before."""


class DayCloser:
    """Closes days, and gives the files of closed ones."""

    def __init__(
        self, trail: Trail, objects: Objects, spill: Objects, *, activations: ActivationsOf, world: World
    ) -> None:
        """Keep the ports."""
        self._trail, self._objects, self._spill = trail, objects, spill
        self._activations, self._world = activations, world

    def forces(self) -> list[str]:
        """The forces for which a policy was ever put in force."""
        names = self._objects.names("activations/")
        return [name.removeprefix("activations/").removesuffix(".json") for name in names]

    def last(self) -> date:
        """The last day that is over for long enough."""
        return (self._world.clock() - MARGIN).astimezone(UTC).date() - timedelta(days=1)

    def days(self, force: str, first: date, last: date) -> list[date]:
        """The days of a period on which there can be decisions: from the first activation to the last closed day."""
        starts = [entry.starts for entry in self._activations(force)]
        if not starts:
            return []
        begin, end = max(first, min(starts).astimezone(UTC).date()), min(last, self.last())
        return [begin + timedelta(days=step) for step in range((end - begin).days + 1)]

    def close(self, force: str, until: date | None = None) -> Closed:
        """Close every day of a force that is not, up to a day. Raises Refused for one that cannot be closed yet."""
        known = {*self._objects.names(f"days/{force}/")}
        days = [one.isoformat() for one in self.days(force, date.min, until or date.max)]
        missing = [day for day in days if day_object(force, day) not in known]
        for day in missing:
            self._close(force, day)
        return Closed(tuple(missing), len(days) - len(missing))

    def file(self, force: str, day: date) -> bytes:
        """The file of a day, which is closed if it was not. Raises Refused when it cannot be closed yet."""
        stored = self._objects.get(day_object(force, day.isoformat()))
        return stored.data if stored is not None else self._close(force, day.isoformat())

    def _close(self, force: str, day: str) -> bytes:
        if date.fromisoformat(day) > self.last():
            raise Refused(f"{day} is not over for long enough.", code="day_not_over")
        self._refuse_spilled(force, day)
        data = day_file(force, day, self._entries(force, day))
        name = day_object(force, day)
        if self._objects.create(name, data):
            return data
        stored = self._objects.get(name)
        if stored is None:
            raise StoreFailed("The store of days has given two answers.")
        # The records are compared, not the compressed bytes, which another version of zlib may make in another way.
        if DayFile(stored.data).header != DayFile(data).header:
            raise Refused(f"{day} was closed with other decisions than the trail holds.", code="day_differs")
        return stored.data

    def _refuse_spilled(self, force: str, day: str) -> None:
        """Refuse a day of which something waits to be brought back into the trail."""
        for name in self._spill.names("spill/"):
            stored = self._spill.get(name)
            try:
                spilled = entry_of(stored.data).summary if stored is not None else None
            except ServiceError:
                raise Refused("Something in the spill cannot be read, perhaps of this day.", code="spilled") from None
            if spilled is not None and spilled.force == force and spilled.recorded_at[:10] <= day:
                raise Refused(f"Something of {day} or before waits in the spill: drain it first.", code="spilled")

    def _entries(self, force: str, day: str) -> Iterator[Entry]:
        """A day's decisions and events in order. A search goes from the newest backwards: ids are collected first."""
        start = datetime.fromisoformat(day).replace(tzinfo=UTC)
        query = Query(
            force=force,
            since=instant_text(start),
            until=instant_text(start + timedelta(days=1)),
            mode=None,
        )
        found: list[Summary] = []
        after: Position | None = None
        while True:
            page = self._trail.find(query, after, PAGE)
            found += [one for one in page.found if _kept(one)]
            after = page.after
            if after is None:
                break
        found.reverse()
        for begin in range(0, len(found), AT_ONCE):
            yield from self._world.pool.map(lambda one: self._entry(force, one), found[begin : begin + AT_ONCE])

    def _entry(self, force: str, listed: Summary) -> Entry:
        found = self._trail.get(force, _place(listed), listed.id)
        if found is None:
            raise StoreFailed("The trail lists an event that it does not hold.")
        return found


def _kept(listed: Summary) -> bool:
    """Whether an event belongs in a day's file: all of incidents does but what somebody said in their own words."""
    kind = Kind(listed.kind)
    return kind is not Kind.WORDS and shelf_of(kind) in (Shelf.DECISION, Shelf.INCIDENT)


def _place(listed: Summary) -> Place:
    if listed.kind == Kind.DECISION:
        return place_of_decision(listed.id)
    if listed.incident is not None:
        return Place(Shelf.INCIDENT, listed.incident)
    return Place(Shelf.CONTACT, listed.contact or "")
