"""The reads of a reconciliation: a stretch of the trail in pages, and single look-ups, a few side by side.

It judges nothing. How many calls it makes is bounded by what there is in that time and by what it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, TypeVar

from chalicelib.assessment.contact import Mode
from chalicelib.errors import ServiceError, StoreFailed, Unavailable
from chalicelib.incidents.standing import stands
from chalicelib.incidents.story import story_of
from chalicelib.model import instant_text
from chalicelib.policy.document import National
from chalicelib.ports import Objects, Trail, World
from chalicelib.records.entry import Place, Position, Query, Shelf, Summary, entry_of
from chalicelib.records.kinds import Kind
from chalicelib.records.reconciliation import IncidentOfDay, Known
from chalicelib.workflows.read_story import MOST_DECISIONS

FIRST_DAY = date(2020, 1, 1)
"""The first day that anything is looked for."""

STEP = timedelta(hours=3)
"""The length of the pieces that are walked side by side."""

PAGE = 500
"""How many events one page lists."""

AT_ONCE = 8
"""How many calls run side by side: half of the threads, so that assessments are not kept waiting behind them."""

MOST_SPILLED = 500
"""How many events may wait in the spill; they are on record too."""

_Asked = TypeVar("_Asked")
_Told = TypeVar("_Told")


class DayReader:
    """Reads what was recorded live."""

    def __init__(self, trail: Trail, spill: Objects, world: World) -> None:
        """Keep the ports."""
        self._trail, self._spill, self._world = trail, spill, world

    def between(self, force: str, begins: datetime, ends: datetime) -> list[Summary]:
        """The live events that were recorded in a time, and whatever waits in the spill.

        Raises Unavailable when there is too much in the spill to look at.
        """
        walked = self.side_by_side(lambda piece: self._walk(force, *piece), _pieces(begins, ends))
        return [event for piece in walked for event in piece] + self._spilled(force)

    def look_up(self, force: str, sent: Sequence[IncidentOfDay], known: Known) -> None:
        """Find the decisions of incidents that are not known; then those of the contacts of what is left."""
        unseen = [one for one in sent if one.reference not in known.incidents]
        of_incident = [one.reference for one in unseen]
        for found in self.side_by_side(lambda name: self._newest(force, "incident", name), of_incident):
            known.add(found)
        left = [one for one in unseen if known.of(one) is None]
        contacts = dict.fromkeys(contact for one in left for contact in one.contacts)
        for found in self.side_by_side(lambda name: self._newest(force, "contact", name), contacts):
            known.add(found)

    def standing(self, force: str, incidents: Sequence[str]) -> dict[str, National]:
        """What stands for incidents, by all that is recorded of them."""
        told = self.side_by_side(lambda reference: self._stands(force, reference), incidents)
        return {one: grade for one, grade in zip(incidents, told, strict=True) if grade is not None}

    def new(self, force: str, incidents: Sequence[str], begins: datetime) -> list[str]:
        """Those of some incidents that have no live decision from before a time."""
        earlier = self.side_by_side(lambda reference: self._has_earlier(force, reference, begins), incidents)
        return [one for one, has in zip(incidents, earlier, strict=True) if not has]

    def side_by_side(self, ask: Callable[[_Asked], _Told], things: Iterable[_Asked]) -> list[_Told]:
        """What comes of asking for each thing, a few at a time."""
        waiting = list(things)
        told: list[_Told] = []
        for begin in range(0, len(waiting), AT_ONCE):
            told += self._world.pool.map(ask, waiting[begin : begin + AT_ONCE])
        return told

    def _walk(self, force: str, begins: datetime, ends: datetime) -> list[Summary]:
        query = Query(force=force, since=instant_text(begins), until=instant_text(ends))
        found: list[Summary] = []
        after: Position | None = None
        while True:
            page = self._trail.find(query, after, PAGE)
            found += page.found
            after = page.after
            if after is None:
                return found

    def _spilled(self, force: str) -> list[Summary]:
        names = self._spill.names("spill/")
        if len(names) > MOST_SPILLED:
            words = "Too much waits to be brought back into the trail. Send the request again when it is back."
            raise Unavailable(words, code="spilled", headers={"Retry-After": "600"})
        found = self.side_by_side(self._waiting, names)
        return [one for one in found if one is not None and one.force == force]

    def _waiting(self, name: str) -> Summary | None:
        stored = self._spill.get(name)
        try:
            return entry_of(stored.data).summary if stored is not None else None
        except StoreFailed:
            raise
        except ServiceError:
            return None  # the drain leaves it for a person to look at

    def _newest(self, force: str, by: Literal["incident", "contact"], reference: str) -> list[Summary]:
        return [entry.summary for entry in self._trail.newest(force, Mode.LIVE.value, by, reference, 1)]

    def _stands(self, force: str, incident: str) -> National | None:
        entries = list(self._trail.newest(force, Mode.LIVE.value, "incident", incident, MOST_DECISIONS))
        contacts = sorted({entry.summary.contact for entry in entries if entry.summary.contact})
        for place in (Place(Shelf.INCIDENT, incident), *(Place(Shelf.CONTACT, contact) for contact in contacts)):
            entries += self._trail.events(force, place)
        found = stands(story_of(incident, Mode.LIVE.value, entries))
        return found.grade if found is not None else None

    def _has_earlier(self, force: str, incident: str, begins: datetime) -> bool:
        first = instant_text(datetime.combine(FIRST_DAY, time.min, UTC))
        until = instant_text(begins)
        query = Query(force=force, since=first, until=until, kind=Kind.DECISION.value, incident=incident)
        return bool(self._trail.find(query, None, 1).found)


def _pieces(begins: datetime, ends: datetime) -> Iterator[tuple[datetime, datetime]]:
    while begins < ends:
        yield begins, min(begins + STEP, ends)
        begins += STEP
