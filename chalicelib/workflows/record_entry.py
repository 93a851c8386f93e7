"""Keeping an entry once and for ever, and finding out whether a request was recorded before. It makes no entries.

The trail comes first. When it does not answer, the entry goes to the spill, written once under the same id, from where
`drain_spills` brings it back. Nothing here reports success for an entry that is in neither.
"""

from __future__ import annotations

from typing import NamedTuple

from chalicelib.canonical import Json
from chalicelib.errors import Invalid, NotFound, StoreFailed, Unavailable
from chalicelib.ports import Objects, Trail
from chalicelib.records.entry import Entry, Place, Shelf, canonical_entry, entry_of
from chalicelib.records.identity import ForceKey, same_request
from chalicelib.workflows.force_keys import ForceKeys

MISMATCH = "idempotency_mismatch"


class Requested(NamedTuple):
    """Who asks, under which key, with which body; the body is for the fingerprint only."""

    force: str
    client: str
    key: str
    body: Json
    strict: bool = False


class Recorded(NamedTuple):
    """An entry that is on record, and how it came to be answered."""

    entry: Entry
    replayed: bool = False
    spilled: bool = False
    stale_seconds: int | None = None


class Recorder:
    """Keeps entries in the trail or, failing that, in the spill, and knows a request that was recorded before."""

    def __init__(self, trail: Trail, spill: Objects, keys: ForceKeys) -> None:
        """Keep the ports."""
        self._trail, self._spill, self._keys = trail, spill, keys

    def keep(self, entry: Entry, requested: Requested) -> Recorded:
        """Keep an entry, or give back what the same request has kept before.

        Raises Invalid when another request was kept under this id, StoreFailed when neither store could be written.
        """
        try:
            there = self._trail.append(entry)
        except StoreFailed:
            there = self._perhaps(entry)
            if there is None:
                return self._spilled(entry, requested)
        if there is None or there.secret == entry.secret:
            return Recorded(entry)
        return self.replayed(there, requested)

    def replayed(self, there: Entry, requested: Requested, *, spilled: bool = False) -> Recorded:
        """What was recorded before, for the same request. Raises Invalid for another, NotFound for another force's."""
        if there.summary.force != requested.force:
            raise NotFound("There is no such record.")
        same = same_request(
            there.fingerprint, requested.body, key_of=lambda version: self._key(requested.force, version),
            secret=there.secret,
        )  # fmt: skip
        if not same:
            words = "This Idempotency-Key was used before with another body. Use a new key for a new request."
            raise Invalid(words, code=MISMATCH)
        return Recorded(there, replayed=True, spilled=spilled)

    def _key(self, force: str, version: int) -> ForceKey | None:
        try:
            return self._keys.version(force, version)
        except (Unavailable, NotFound):
            return None

    def _perhaps(self, entry: Entry) -> Entry | None:
        """What stands in the trail under the id when a write was not answered: it may have been ours, or a twin's."""
        try:
            return self._trail.get(entry.summary.force, entry.place, entry.id)
        except StoreFailed:
            return None

    def find(self, force: str, place: Place, event_id: str) -> Recorded | None:
        """An entry from the trail or the spill, whichever has it. Raises StoreFailed when it cannot be told."""
        failed: StoreFailed | None = None
        try:
            found = self._trail.get(force, place, event_id)
        except StoreFailed as error:
            found, failed = None, error
        if found is not None:
            return Recorded(found)
        spilled = self.in_spill(force, event_id)
        if spilled is None and failed is not None:
            raise failed
        return Recorded(spilled, spilled=True) if spilled else None

    def in_spill(self, force: str, event_id: str) -> Entry | None:
        """An entry that waits in the spill to be drained."""
        stored = self._spill.get(spill_name(event_id))
        entry = entry_of(stored.data) if stored else None
        return entry if entry is not None and entry.summary.force == force else None

    def _spilled(self, entry: Entry, requested: Requested) -> Recorded:
        if self._spill.create(spill_name(entry.id), canonical_entry(entry)):
            return Recorded(entry, spilled=True)
        there = self.in_spill(requested.force, entry.id)
        if there is None:
            raise StoreFailed("The spill has given two answers.")
        if there.secret == entry.secret:
            return Recorded(entry, spilled=True)
        return self.replayed(there, requested, spilled=True)


def spill_name(event_id: str) -> str:
    """The name under which an entry is spilled."""
    return f"spill/{event_id}.json"


def place_of_decision(event_id: str) -> Place:
    """Where a decision is filed."""
    return Place(Shelf.DECISION, event_id)
