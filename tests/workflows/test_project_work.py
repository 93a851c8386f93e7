"""The worklist's rows are what the trail tells, whatever comes late, twice, out of order, or at the same time."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, Literal

import pytest

from chalicelib.canonical import canonical
from chalicelib.errors import StoreFailed
from chalicelib.incidents.rows import row_of
from chalicelib.incidents.story import story_of
from chalicelib.ports import BoardRow, OnBoard
from chalicelib.records.entry import Entry, Place, Query, Shelf
from chalicelib.records.record import plain
from chalicelib.services import Services
from chalicelib.storage.sqlite_board import SqliteBoard
from chalicelib.storage.sqlite_trail import SqliteTrail
from chalicelib.workflows.project_work import WorkProjector
from chalicelib.workflows.read_story import StoryReader
from chalicelib.workflows.record_entry import place_of_decision
from tests.journeys.calls import VIOLENCE_HERE, a_call
from tests.journeys.rooms import ROOT, MovableClock, Room, embedded_room

FORCE = "hertfordshire"
INCIDENT = "HC-20261123-0417"
PERIOD = ("2026-11-22T00:00:00.000000Z", "2026-11-25T00:00:00.000000Z")
EVENTS = f"/v1/incidents/{INCIDENT}/events"


class Told:
    """What was recorded of an incident, in the order in which it was, and the services that did it."""

    def __init__(self, services: Services) -> None:
        """Read everything back from the trail."""
        self.services = services
        query = Query(force=FORCE, since=PERIOD[0], until=PERIOD[1], mode=None, incident=INCIDENT)
        page = services.ports.trail.find(query, None, 200)
        assert page.after is None
        self.entries = [self._whole(known.id, known.kind) for known in reversed(page.found)]

    def _whole(self, name: str, kind: str) -> Entry:
        place = place_of_decision(name) if kind == "decision" else Place(Shelf.INCIDENT, INCIDENT)
        entry = self.services.ports.trail.get(FORCE, place, name)
        assert entry is not None
        return entry

    def row(self) -> BoardRow:
        """The row as the raw entries tell it, made without any projector."""
        story = story_of(INCIDENT, "live", self.entries)
        row = row_of(story, self.services.stories.policy_of(story.newest))
        assert row.items
        return BoardRow(tuple(sorted(one.envelope.id for one in story.decisions)), canonical(plain(row)))


def live(room: Room, clock: MovableClock) -> None:
    """A morning in the life of an incident."""
    dispatcher = {"pseudonym": "d-12", "role": "dispatcher"}

    def happens(*events: dict[str, Any]) -> None:
        clock.move(minutes=3)
        room.handler.post(EVENTS, {"actor": dispatcher, "events": list(events)}).granted()

    def assess(number: int, *answers: dict[str, Any], **changes: object) -> None:
        clock.move(minutes=2)
        call = a_call(*answers, contact=f"HC-{number}", incident={"reference": INCIDENT}, **changes)
        room.handler.decide(call)

    assess(1, {"fact": "dangers_now", "value": "none_of_these"})
    assess(1, *VIOLENCE_HERE)
    happens({"kind": "attendance_delayed", "because": "no_unit"}, {"kind": "caller_told", "that": "delayed"})
    assess(2, VIOLENCE_HERE[0], state="lost")
    happens({"kind": "dispatched", "unit": "HC21"}, {"kind": "diverted", "unit": "HC21"})
    items = [one["id"] for row in room.handler.get("/v1/worklist").json()["rows"] for one in (row["worst"],)]
    seen = {"actor": {"pseudonym": "sv-1", "role": "supervisor"}, "items": items, "minutes": 30}
    room.handler.post(f"/v1/worklist/{INCIDENT}/acknowledge", seen).granted()
    assess(3)
    happens({"kind": "review_opened", "because": "late"})
    happens({"kind": "other_agency", "agency": "ambulance", "state": "asked"})
    room.handler.decide(a_call(*VIOLENCE_HERE, incident={"reference": INCIDENT}, mode="training"))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    clock = MovableClock()
    folder = tmp_path_factory.mktemp("told")
    with embedded_room(folder, clock, policy=ROOT / "policies" / "hertfordshire-thriives") as room:
        live(room, clock)
        yield Told(room.services)


class LateTrail(SqliteTrail):
    """A trail whose index of incidents is behind: it never shows some decisions."""

    hidden: frozenset[str] = frozenset()

    def newest(
        self, force: str, mode: str, by: Literal["contact", "incident"], reference: str, limit: int
    ) -> Sequence[Entry]:
        """The newest decisions that the index shows."""
        return [entry for entry in super().newest(force, mode, by, reference, limit) if entry.id not in self.hidden]


def projector(told: Told, trail: SqliteTrail, board: SqliteBoard) -> WorkProjector:
    services = told.services
    stories = StoryReader(trail, services.in_force, services.world.pool)
    return WorkProjector(trail, stories, services.in_force, board)


@pytest.fixture
def trail(tmp_path: Path) -> Iterator[LateTrail]:
    made = LateTrail(tmp_path / "trail.sqlite")
    yield made
    made.close()


@pytest.fixture
def board(tmp_path: Path) -> Iterator[SqliteBoard]:
    made = SqliteBoard(tmp_path / "work.sqlite")
    yield made
    made.close()


def on(board: SqliteBoard) -> BoardRow | None:
    there = board.get(FORCE, INCIDENT)
    return there.row if there else None


def test_what_is_served_is_what_the_trail_tells_and_what_a_rebuild_makes(told: Told) -> None:
    services = told.services
    services.settle()
    there = services.ports.board.get(FORCE, INCIDENT)
    assert there is not None
    assert there.row == told.row()
    assert list(services.ports.board.open_rows(FORCE)) == [told.row().body]
    assert services.projector.rebuild(FORCE, *PERIOD) == (1, 0)


def test_a_board_that_was_lost_is_made_again(told: Told, board: SqliteBoard) -> None:
    services = told.services
    fresh = WorkProjector(services.ports.trail, services.stories, services.in_force, board)
    assert fresh.rebuild(FORCE, *PERIOD) == (1, 1)
    assert on(board) == told.row()
    assert fresh.rebuild(FORCE, *PERIOD) == (1, 0)


@pytest.mark.parametrize("seed", range(25))
def test_whatever_comes_late_twice_or_out_of_order_the_row_ends_up_the_same(
    told: Told, trail: LateTrail, board: SqliteBoard, seed: int
) -> None:
    """Entries are kept in order and followed whenever it pleases chance, by a reader whose index is behind."""
    chance = Random(seed)
    making = projector(told, trail, board)
    decisions = [entry.id for entry in told.entries if entry.place_shelf is Shelf.DECISION]
    waiting: list[Entry] = []
    for entry in told.entries:
        trail.append(entry)
        waiting += [entry] * chance.choice((1, 1, 2))
        while waiting and chance.random() < 0.6:
            trail.hidden = frozenset(chance.sample(decisions, chance.randrange(len(decisions))))
            making.follow(waiting.pop(chance.randrange(len(waiting))))
    chance.shuffle(waiting)
    for entry in waiting:
        trail.hidden = frozenset(chance.sample(decisions, chance.randrange(len(decisions))))
        making.follow(entry)
    assert on(board) == told.row()


def test_an_entry_that_was_followed_before_changes_nothing(told: Told, trail: LateTrail, board: SqliteBoard) -> None:
    making = projector(told, trail, board)
    for entry in told.entries:
        trail.append(entry)
    for entry in told.entries:
        making.follow(entry)
    version = board.version(FORCE)
    assert not any(making.follow(entry) for entry in told.entries)
    assert board.version(FORCE) == version, "nobody has to read the list again"


def test_of_many_at_once_none_takes_back_what_another_has_seen(
    told: Told, trail: LateTrail, board: SqliteBoard
) -> None:
    entries = told.entries * 2
    Random(7).shuffle(entries)
    for entry in told.entries:
        trail.append(entry)
    start = threading.Barrier(4)
    failures: list[BaseException] = []

    def follow(mine: Sequence[Entry]) -> None:
        making = projector(told, trail, board)
        start.wait()
        for entry in mine:
            try:
                making.follow(entry)
            except StoreFailed as failure:  # too many at once: AWS delivers it again
                failures.append(failure)

    threads = [threading.Thread(target=follow, args=(entries[number::4],)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(failures) < len(entries)
    assert on(board) == told.row()


class BusyBoard(SqliteBoard):
    """A board on which somebody else is faster, so many times."""

    faster = 0

    def put(self, force: str, incident: str, row: BoardRow, tag: str | None) -> bool:
        """Let the other put their row first."""
        if self.faster:
            self.faster -= 1
            there: OnBoard | None = self.get(force, incident)
            super().put(force, incident, BoardRow(("d_other",), b"{}"), there.tag if there else None)
        return super().put(force, incident, row, tag)


@pytest.mark.parametrize(("faster", "kept"), [(0, True), (1, True), (4, True), (5, False)])
def test_a_row_that_others_change_meanwhile_is_made_anew_a_few_times(
    told: Told, trail: LateTrail, tmp_path: Path, faster: int, kept: bool
) -> None:
    for entry in told.entries:
        trail.append(entry)
    busy = BusyBoard(tmp_path / "busy.sqlite")
    busy.faster = faster
    making = projector(told, trail, busy)
    if kept:
        assert making.project(FORCE, INCIDENT)
        assert on(busy) == told.row()
    else:
        with pytest.raises(StoreFailed):
            making.project(FORCE, INCIDENT)
    busy.close()


def test_only_live_incidents_are_in_the_worklist(told: Told, trail: LateTrail, board: SqliteBoard) -> None:
    making = projector(told, trail, board)
    query = Query(force=FORCE, since=PERIOD[0], until=PERIOD[1], mode=None)
    kept = {known.mode for known in told.services.ports.trail.find(query, None, 200).found}
    assert kept == {"live", "training"}
    training = [entry for entry in told.entries if entry.summary.mode == "training"]
    for entry in training:
        trail.append(entry)
        assert not making.follow(entry)
    assert not making.project(FORCE, INCIDENT)
    assert on(board) is None


class LostPolicies:
    """Policies that cannot be read just now."""

    def by_digest(self, policy_id: str, digest: str) -> Any:  # noqa: ANN401  # it gives none
        """None is had."""
        raise StoreFailed("The object store did not answer.")


def test_a_row_is_not_made_without_its_duties_while_the_policy_cannot_be_read(
    told: Told, trail: LateTrail, board: SqliteBoard
) -> None:
    for entry in told.entries:
        trail.append(entry)
    projector(told, trail, board).project(FORCE, INCIDENT)
    stories = StoryReader(trail, told.services.in_force, told.services.world.pool)
    blind = WorkProjector(trail, stories, LostPolicies(), board)  # type: ignore[arg-type]  # only what is asked of it
    with pytest.raises(StoreFailed):
        blind.project(FORCE, INCIDENT)
    assert on(board) == told.row()
