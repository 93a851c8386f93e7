"""Closing days: what is in them, when they can be closed, and that they never change."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.authoring.activations import Activation
from chalicelib.errors import Refused
from chalicelib.model import instant_text
from chalicelib.ports import World
from chalicelib.records.day_file import DayFile, day_file, day_object
from chalicelib.records.entry import Entry, Shelf, canonical_entry
from chalicelib.storage.folder_objects import FolderObjects
from chalicelib.storage.sqlite_trail import SqliteTrail
from chalicelib.workflows import close_days
from chalicelib.workflows.close_days import DayCloser
from tests.builders import an_entry

FORCE = "hertfordshire"
FIRST = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Stores:
    """The stores around a closer, and a clock that is set by hand."""

    def __init__(self, folder: Path, pool: ThreadPoolExecutor) -> None:
        self.trail = SqliteTrail(folder / "trail.sqlite")
        self.objects, self.spill = FolderObjects(folder / "objects"), FolderObjects(folder / "spilled")
        self.now = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
        begun = Activation(event="e_1", id="p", version="1", manifest="0" * 64, policy="0" * 64, starts=FIRST)
        self.closer = DayCloser(
            self.trail,
            self.objects,
            self.spill,
            activations=lambda force: [begun] if force == FORCE else [],
            world=World(lambda: self.now, bytes, pool, "test", pool, time.monotonic),
        )

    def decide(self, at: datetime, name: str, **changes: object) -> Entry:
        """Keep a decision."""
        entry = an_entry(id=name, recorded_at=instant_text(at), **changes)
        assert self.trail.append(entry) is None
        return entry

    def lines(self, day: str) -> list[bytes]:
        """The records of a closed day."""
        return [line.rstrip(b"\n") for line in self.file(day).records()]

    def file(self, day: str) -> DayFile:
        """The file of a closed day."""
        stored = self.objects.get(day_object(FORCE, day))
        assert stored is not None
        return DayFile(stored.data)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with ThreadPoolExecutor(4) as pool:
        found = Stores(tmp_path, pool)
        yield found
        found.trail.close()


def test_a_day_holds_its_decisions_and_events_of_every_mode_in_order_and_nothing_else(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(close_days, "PAGE", 7)
    monkeypatch.setattr(close_days, "AT_ONCE", 4)
    midnight = datetime(2026, 11, 21, tzinfo=UTC)
    stores.decide(midnight - timedelta(microseconds=1), "d-before")
    modes = ("live", "live", "training", "observe")
    made = [stores.decide(midnight + timedelta(minutes=35 * i), f"d-{i:02}", mode=modes[i % 4]) for i in range(40)]
    stores.decide(midnight + timedelta(days=1), "d-after")
    made.insert(2, stores.decide(midnight + timedelta(hours=1), "o-1", kind="outcome"))
    stores.decide(midnight + timedelta(hours=1), "e-words", kind="words")
    step: dict[str, object] = {"place_shelf": Shelf.POLICY, "place_name": "p"}
    stores.decide(midnight + timedelta(hours=1), "e-step", kind="policy_drafted", **step)
    stores.decide(midnight + timedelta(hours=1), "d-strange", force="bedfordshire")
    stores.closer.close(FORCE)
    assert stores.lines("2026-11-21") == [entry.body for entry in made]
    assert stores.lines("2026-11-20") == [b'{"id":"d-before"}']
    header = stores.file("2026-11-21").header
    assert (header.decisions, header.events, sum(header.modes.values())) == (40, 1, 40)


def test_days_are_closed_from_the_first_activation_to_the_last_that_is_over_for_an_hour(stores: Stores) -> None:
    stores.now = datetime(2026, 11, 23, 0, 59, tzinfo=UTC)
    assert stores.closer.close(FORCE).closed == ("2026-11-20", "2026-11-21")
    stores.now += timedelta(minutes=1)
    assert stores.closer.close(FORCE) == (("2026-11-22",), 2)
    assert stores.closer.close(FORCE) == ((), 3)
    assert stores.closer.close("bedfordshire") == ((), 0)


def test_no_later_day_is_closed_than_was_asked_for(stores: Stores) -> None:
    assert stores.closer.close(FORCE, date(2026, 11, 20)).closed == ("2026-11-20",)


def test_a_day_that_is_not_over_cannot_be_had(stores: Stores) -> None:
    with pytest.raises(Refused) as refused:
        stores.closer.file(FORCE, date(2026, 11, 23))
    assert refused.value.code == "day_not_over"
    assert stores.objects.names("days/") == []


def test_a_closed_day_stays_as_it_is(stores: Stores) -> None:
    first = stores.closer.file(FORCE, date(2026, 11, 21))
    stores.decide(datetime(2026, 11, 21, 5, tzinfo=UTC), "d-late")
    assert stores.closer.close(FORCE).already == 1
    assert stores.closer.file(FORCE, date(2026, 11, 21)) == first


def test_two_that_close_a_day_at_once_agree_and_other_content_is_refused(stores: Stores) -> None:
    name, made = day_object(FORCE, "2026-11-21"), stores.decide(datetime(2026, 11, 21, 5, tzinfo=UTC), "d-1")

    class Behind(FolderObjects):
        """The store as somebody sees it who looked before the other wrote."""

        def names(self, prefix: str) -> list[str]:
            return [] if prefix.startswith("days/") else list(super().names(prefix))

    stores.closer._objects = Behind(stores.objects._folder)
    stores.objects.create(name, day_file(FORCE, "2026-11-21", [made]))
    assert "2026-11-21" in stores.closer.close(FORCE).closed
    stores.decide(datetime(2026, 11, 22, 5, tzinfo=UTC), "d-2")
    stores.objects.remove(day_object(FORCE, "2026-11-22"))
    stores.objects.create(day_object(FORCE, "2026-11-22"), day_file(FORCE, "2026-11-22", []))
    with pytest.raises(Refused) as refused:
        stores.closer.close(FORCE)
    assert refused.value.code == "day_differs"


SPILLED = [
    ({"recorded_at": "2026-11-21T05:00:00.000000Z"}, True, "of the day itself"),
    ({"recorded_at": "2026-11-20T05:00:00.000000Z"}, True, "of a day before: it may have been closed too soon"),
    ({"recorded_at": "2026-11-22T05:00:00.000000Z"}, False, "of a later day"),
    ({"recorded_at": "2026-11-21T05:00:00.000000Z", "force": "bedfordshire"}, False, "of another force"),
]


@pytest.mark.parametrize(("changes", "refused", "remark"), SPILLED, ids=[row[2] for row in SPILLED])
def test_a_day_waits_for_what_is_spilled(
    stores: Stores, changes: dict[str, object], refused: bool, remark: str
) -> None:
    stores.spill.create("spill/d-9.json", canonical_entry(an_entry(id="d-9", **changes)))
    if not refused:
        assert stores.closer.file(FORCE, date(2026, 11, 21)), remark
        return
    with pytest.raises(Refused) as caught:
        stores.closer.file(FORCE, date(2026, 11, 21))
    assert caught.value.code == "spilled"


def test_a_spill_that_cannot_be_read_holds_up_every_day(stores: Stores) -> None:
    stores.spill.create("spill/d-9.json", b"{")
    with pytest.raises(Refused):
        stores.closer.close(FORCE)
    assert stores.objects.names("days/") == []
