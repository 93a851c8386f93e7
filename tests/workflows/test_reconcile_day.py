"""Reconciling a day on the stores: how many calls it makes, what waits in the spill, and what a failure leaves."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest

from chalicelib.errors import Invalid, StoreFailed, Unavailable
from chalicelib.model import instant_text
from chalicelib.policy.document import National
from chalicelib.ports import World
from chalicelib.records.entry import Entry, Page, Place, Position, Query, canonical_entry
from chalicelib.records.reconciliation import IncidentOfDay, Reconciliation
from chalicelib.storage.folder_objects import FolderObjects
from chalicelib.storage.local_wrapper import LocalWrapper
from chalicelib.storage.sqlite_rows import COLUMNS, row_of
from chalicelib.storage.sqlite_trail import SqliteTrail
from chalicelib.workflows.force_keys import ForceKeys
from chalicelib.workflows.kept_reconciliations import KeptReconciliations
from chalicelib.workflows.read_day import MOST_SPILLED, DayReader
from chalicelib.workflows.reconcile_day import DaySent, Reconciler
from chalicelib.workflows.record_entry import Requested
from tests.builders import an_entry

FORCE = "hertfordshire"
DAY = date(2026, 11, 23)
MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)


class CountedTrail(SqliteTrail):
    """The embedded trail, with its calls counted and perhaps made to fail."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.calls: Counter[str] = Counter()
        self.fails_after: int | None = None

    def _count(self, name: str) -> None:
        self.calls[name] += 1
        if self.fails_after is not None and self.calls.total() > self.fails_after:
            raise StoreFailed("The trail did not answer.")

    def find(self, query: Query, after: Position | None, limit: int) -> Page:
        self._count("find")
        return super().find(query, after, limit)

    def newest(
        self, force: str, mode: str, by: Literal["contact", "incident"], reference: str, limit: int
    ) -> Sequence[Entry]:
        self._count(f"newest of {by}")
        return super().newest(force, mode, by, reference, limit)

    def events(self, force: str, place: Place) -> Sequence[Entry]:
        self._count("events")
        return super().events(force, place)


class Stores:
    """The stores around a reconciler."""

    def __init__(self, folder: Path, pool: ThreadPoolExecutor) -> None:
        self.path = folder / "trail.sqlite"
        self.trail = CountedTrail(self.path)
        self.spill, objects = FolderObjects(folder / "spilled"), FolderObjects(folder / "objects")
        self.now = MIDNIGHT + timedelta(days=1, hours=2)
        self.secrets = iter(range(1, 255))
        keys = ForceKeys(objects, LocalWrapper(folder / "keys"), self.chance)
        keys.create(FORCE)
        world = World(lambda: self.now, self.chance, pool, "test", pool, lambda: 0.0)
        kept = KeptReconciliations(objects, keys, world.entropy, pool)
        self.reconciler = Reconciler(DayReader(self.trail, self.spill, world), kept, world.clock)

    def chance(self, size: int) -> bytes:
        """Bytes that are others each time."""
        return bytes([next(self.secrets)]) * size

    def record(self, entries: Iterable[Entry]) -> None:
        """Put many events into the trail at once: each by itself would take a minute in all."""
        assert self.trail.find(Query(force=FORCE, since=at(0), until=at(1)), None, 1).found == ()
        columns, cells = ", ".join(COLUMNS), ", ".join("?" * len(COLUMNS))
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.executemany(f"INSERT INTO event ({columns}) VALUES ({cells})", map(row_of, entries))
        self.trail.calls.clear()

    def reconcile(self, incidents: Iterable[IncidentOfDay], key: str = "a-key-of-a-night") -> Reconciliation:
        """Reconcile the day."""
        sent = DaySent(day=DAY, incidents=tuple(incidents), asked_by="cad-service")
        body = {"incidents": [one.reference for one in sent.incidents]}
        return self.reconciler.reconcile(sent, Requested(FORCE, "cad-01", key, body)).answer


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with ThreadPoolExecutor(16) as pool:
        found = Stores(tmp_path, pool)
        yield found
        found.trail.close()


def at(seconds: float) -> str:
    return instant_text(MIDNIGHT + timedelta(seconds=seconds))


def decided(number: int, seconds: float, **changes: object) -> Entry:
    """A decision on the incident of this number."""
    usual = {"id": f"d-{number:05}-{seconds:.0f}", "incident": f"i-{number}", "contact": f"c-{number}"}
    return an_entry(**{**usual, "recorded_at": at(seconds), **changes})


def an_incident(number: int, **changes: object) -> IncidentOfDay:
    return IncidentOfDay.model_validate({"reference": f"i-{number}", "contacts": (f"c-{number}",), **changes})


def test_a_day_of_five_thousand_incidents_takes_a_bounded_number_of_calls(stores: Stores) -> None:
    """4,700 assessed twice that day; 100 only by a contact, 100 on another day, 100 never; 200 were open before it."""
    day = 86_400
    stores.record(
        [
            *(decided(n, n * 15) for n in range(4700)),
            *(decided(n, n * 15 + 600) for n in range(4700)),
            *(decided(n, -1800 + n % 600, incident=None) for n in range(4700, 4800)),
            *(decided(n, 9 * day + n) for n in range(4800, 4900)),
            *(decided(n, -9 * day + n) for n in range(6000, 6200)),
            *(decided(n, 50_000 + n) for n in range(6000, 6200)),
        ]
    )
    stores.now = MIDNIGHT + timedelta(days=20)
    found = stores.reconcile(an_incident(n) for n in range(5000))
    counts = found.counts
    assert (counts.assessed, counts.contact_only, counts.never_assessed, counts.not_in_cad) == (4800, 100, 100, 0)
    calls = stores.trail.calls
    pieces, events = 11, 9700
    assert pieces <= calls["find"] - 200 <= 2 * pieces + events // 500, "a page holds 500, and a piece three hours"
    assert calls["newest of incident"] == 300, "each incident that is not among them"
    assert calls["newest of contact"] == 100, "each contact of what is still not found, unless it was walked past"
    assert calls["events"] == 0
    assert calls.total() <= 640


def test_only_incidents_of_which_more_than_a_decision_may_speak_are_read_whole(stores: Stores) -> None:
    set_by_hand = an_entry(kind="grade_set", id="e-1", incident="i-2", recorded_at=at(900))
    stores.record([*(decided(n, 600 + n) for n in range(4)), set_by_hand])
    with pytest.raises(Invalid, match="not the record"):  # the entries of this test are empty inside
        stores.reconcile([an_incident(2, grade=National.IMMEDIATE)])
    stores.trail.calls.clear()
    found = stores.reconcile([an_incident(0, grade=National.IMMEDIATE), an_incident(2)], "another-key-of-a-night")
    assert found.counts.graded_otherwise == 0
    assert stores.trail.calls["events"] == 0


def test_what_waits_in_the_spill_is_on_record_too(stores: Stores) -> None:
    entries = [decided(1, 600), decided(2, 700, mode="observe"), decided(3, 800, force="elsewhere")]
    for entry in entries:
        assert stores.spill.create(f"spill/{entry.id}.json", canonical_entry(entry))
    assert stores.spill.create("spill/unreadable.json", b"{")
    found = stores.reconcile(an_incident(n) for n in range(1, 4))
    assert found.never_assessed == ("i-2", "i-3")


def test_a_full_spill_is_no_time_to_reconcile(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.workflows.read_day.MOST_SPILLED", 1)
    assert MOST_SPILLED == 500
    for number in (1, 2):
        assert stores.spill.create(f"spill/{number}.json", canonical_entry(decided(number, 600)))
    with pytest.raises(Unavailable, match="waits to be brought back") as refused:
        stores.reconcile([an_incident(1)])
    assert refused.value.code == "spilled"


def test_a_request_that_was_broken_off_anywhere_is_done_by_the_same_request(stores: Stores) -> None:
    stores.record([decided(1, 600), decided(7, 900)])
    incidents = [an_incident(1), an_incident(2)]
    needed = 12
    for good in range(needed):
        stores.trail.calls.clear()
        stores.trail.fails_after = good
        with pytest.raises(StoreFailed):
            stores.reconcile(incidents)
    stores.trail.calls.clear()
    stores.trail.fails_after = None
    found = stores.reconcile(incidents)
    assert (found.never_assessed, found.not_in_cad) == (("i-2",), ("i-7",))
    assert stores.trail.calls.total() == needed
    assert stores.reconcile(incidents) == found
    assert stores.trail.calls.total() == needed, "what is kept is not looked up again"
