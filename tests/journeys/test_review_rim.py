"""Stories of the rim: an old list after a quiet night, spills that nobody can read, and the clocks people look at."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Literal

import pytest

from chalicelib.model import instant_of, instant_text
from chalicelib.ports import Stored
from chalicelib.records.entry import ENTRY_BYTES, Entry, canonical_entry, entry_of
from chalicelib.records.log_line import london_time
from chalicelib.services import Services
from chalicelib.storage.folder_objects import FolderObjects
from chalicelib.storage.items import MOST_BODY, MOST_STORED, item_of
from chalicelib.workflows.record_entry import place_of_decision, spill_name
from tests.journeys.calls import FORCE, a_call, activate, approved, shipped
from tests.journeys.rooms import MovableClock, Stage, embedded, embedded_room

# The list of activations, while it is being read again.


class HeldObjects(FolderObjects):
    """Objects whose store can be made to take its time when it is asked whether something has changed."""

    def __init__(self, folder: Path) -> None:
        """Answer at once to begin with."""
        super().__init__(folder)
        self.asked, self.answers = Event(), Event()
        self.answers.set()

    def get_changed(self, name: str, tag: str) -> Stored | Literal["unchanged"] | None:
        """The object when the store may answer, unless it still has this tag."""
        self.asked.set()
        assert self.answers.wait(20)
        return super().get_changed(name, tag)


WAITING = [
    (timedelta(seconds=30), ["2026.1", "2026.1"], "nothing that a young list lacks can have begun: it is applied"),
    (timedelta(hours=9), ["2026.2", "2026.2"], "after a quiet night both wait for the new list"),
]


@pytest.mark.parametrize(("quiet", "versions", "remark"), WAITING)
def test_while_one_request_reads_the_list_again_others_go_by_it_only_when_it_is_young(
    fresh: Stage, data: Path, quiet: timedelta, versions: list[str], remark: str
) -> None:
    held, made = HeldObjects(data / "objects"), embedded(data, fresh.clock)
    services = Services(made.settings, replace(made.ports, policies=held))

    def version() -> str:
        return services.in_force.current(FORCE, fresh.clock()).policy.policy.version

    assert version() == "2026.1"
    manifest = approved(fresh.room.owner, fresh.room.approver, shipped().labelled("2026.2"))
    begins = fresh.clock() + timedelta(seconds=61)
    activate(fresh.room.approver, manifest, start=instant_text(begins)).granted()
    fresh.clock.move(seconds=quiet.total_seconds())
    held.asked.clear()
    held.answers.clear()
    with ThreadPoolExecutor(2) as pool:
        reader = pool.submit(version)
        assert held.asked.wait(20)
        other = pool.submit(version)
        if versions[1] == "2026.1":
            assert other.result(20) == "2026.1", "it has not waited"
        else:
            with pytest.raises(TimeoutError):
                other.result(0.1)
        held.answers.set()
        assert [reader.result(20), other.result(20)] == versions, remark


def test_while_the_store_fails_nobody_waits_since_the_age_is_said(fresh: Stage, data: Path) -> None:
    path = data / "objects" / "activations" / f"{FORCE}.json"
    fresh.room.handler.decide(a_call())
    path.write_bytes(b"{")
    for _ in range(2):
        fresh.clock.move(hours=1)
        assert int(fresh.room.handler.assess(a_call()).headers["thriives-policy-stale"]) >= 3600


# Spills.


def spilled(services: Services, room: Stage, contact: str) -> Entry:
    """The entry of a new decision."""
    decision = room.room.handler.decide(a_call(contact=contact))["decision"]
    found = services.ports.trail.get(FORCE, place_of_decision(decision), decision)
    assert found is not None
    return found


def with_summary(entry: Entry, **changes: str) -> Entry:
    return entry.model_copy(update={"summary": entry.summary.model_copy(update=changes)})


BAD: dict[str, Callable[[Entry], bytes]] = {
    "too large": lambda entry: b" " * (ENTRY_BYTES + 1),
    "cut off": lambda entry: canonical_entry(entry)[:-9],
    "no entry": lambda entry: b"{}",
    "more than the trail admits": lambda entry: canonical_entry(
        entry.model_copy(update={"body": b" " * (MOST_BODY + 1)})
    ),
    "a time that no trail files": lambda entry: canonical_entry(with_summary(entry, recorded_at="yesterday")),
}


@pytest.mark.parametrize("how", BAD)
def test_one_bad_spill_holds_up_none_of_the_others(fresh: Stage, data: Path, tmp_path: Path, how: str) -> None:
    source, other = embedded(data, fresh.clock), embedded(tmp_path / "other", fresh.clock)
    spill, trail = other.ports.spill, other.ports.trail
    good = [spilled(source, fresh, f"HC-{number}") for number in range(2)]
    for entry in good:
        assert spill.create(spill_name(entry.id), canonical_entry(entry))
    bad = BAD[how](good[0])
    for name in ("spill/a.json", "spill/z.json"):
        assert spill.create(name, bad)
    for brought_back in (2, 0):
        assert other.drain() == (brought_back, 0, 2)
    assert [trail.get(FORCE, entry.place, entry.id) for entry in good] == good
    assert spill.names("spill/") == ["spill/a.json", "spill/z.json"], "left for a person to look at"


def test_the_largest_entry_of_the_trail_can_be_spilled_and_brought_back(fresh: Stage, data: Path) -> None:
    entry = spilled(embedded(data, fresh.clock), fresh, "HC-large").model_copy(update={"body": b" " * MOST_BODY})
    assert item_of(entry)
    assert entry_of(canonical_entry(entry)) == entry
    assert MOST_BODY * 4 // 3 + 2 * MOST_STORED <= ENTRY_BYTES


# The time of day, as clocks in the United Kingdom show it.

SHOWN = [
    ("2026-11-23T04:17:00Z", "04:17", "winter"),
    ("2026-07-01T20:04:00Z", "21:04", "summer"),
    ("2026-07-01T23:30:00Z", "00:30", "past midnight already"),
    ("2027-03-28T00:59:59Z", "00:59", "the last second of winter time"),
    ("2027-03-28T01:00:00Z", "02:00", "clocks go forward: there is no half past one"),
    ("2027-10-30T23:59:59Z", "00:59", "the hour before"),
    ("2027-10-31T00:30:00Z", "01:30 BST", "half past one for the first time"),
    ("2027-10-31T01:30:00Z", "01:30 GMT", "half past one for the second time"),
    ("2027-10-31T02:00:00Z", "02:00", "the hour after"),
]


@pytest.mark.parametrize(("at", "words", "remark"), SHOWN)
def test_people_are_shown_the_time_of_their_own_clocks(at: str, words: str, remark: str) -> None:
    assert london_time(instant_of(at)) == words, remark


def test_in_summer_a_conflict_and_its_reasons_tell_local_time(tmp_path: Path) -> None:
    clock = MovableClock(datetime(2026, 7, 1, 20, 4, tzinfo=UTC))
    with embedded_room(tmp_path, clock) as room:
        said = {"fact": "domestic_abuse", "value": True, "source": "victim"}
        here = {"fact": "dangers_now", "present": ["violence"]}
        at = {"contact": "HC-summer", "started_at": "2026-07-01T20:04:00Z"}
        told = room.handler.decide(a_call(said, here, **at))
        clock.move(minutes=2)
        denied = {"fact": "domestic_abuse", "value": False, "source": "caller"}
        gone = {"fact": "dangers_now", "ruled_out": ["violence"], "source": "victim"}
        contradicted = room.handler.decide(a_call(denied, gone, **at))
    answers = [answer for reason in told["advice"]["reasons"] for answer in reason["answers"]]
    assert "domestic_abuse: yes (victim 21:04)" in answers
    words = {one["fact"]: one["words"] for one in contradicted["advice"]["conflicts"]}
    assert words["domestic_abuse"] == "Victim: yes 21:04. Caller: no 21:06. The worse stands."
    assert words["dangers_now"] == "Caller: violence 21:04. Victim: not violence 21:06. The worse stands."
