"""The embedded trail as a file: several processes, kill -9, damage, and what a search reads."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import threading
import time
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from chalicelib.errors import StoreFailed
from chalicelib.records.entry import Position, Query, Summary
from chalicelib.records.slots import Indexed
from chalicelib.storage import sqlite_file
from chalicelib.storage import sqlite_trail as module
from chalicelib.storage.sqlite_trail import SqliteTrail
from tests.builders import an_entry

PROCESSES = multiprocessing.get_context("spawn")


def append_in_threads(path: Path, start: Barrier, results: multiprocessing.Queue[tuple[bool, bytes]]) -> None:
    trail = SqliteTrail(path)

    def append(number: int) -> None:
        mine = an_entry(body=f"{os.getpid()}-{number}".encode())
        start.wait(30)
        kept = trail.append(mine)
        results.put((kept is None, (kept or mine).body))

    threads = [threading.Thread(target=append, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    trail.close()


def test_of_sixteen_threads_in_two_processes_one_wins_and_all_see_the_winner(tmp_path: Path) -> None:
    results: multiprocessing.Queue[tuple[bool, bytes]] = PROCESSES.Queue()
    arguments = (tmp_path / "trail.sqlite", PROCESSES.Barrier(16), results)
    processes = [PROCESSES.Process(target=append_in_threads, args=arguments) for _ in range(2)]
    for process in processes:
        process.start()
    outcomes = [results.get(timeout=30) for _ in range(16)]
    for process in processes:
        process.join()
    assert [won for won, _ in outcomes].count(True) == 1
    assert len({body for _, body in outcomes}) == 1


def append_until_killed(path: Path, acknowledged: str) -> None:
    trail = SqliteTrail(path)
    with Path(acknowledged).open("a", buffering=1) as lines:
        for number in range(1_000_000):
            trail.append(an_entry(id=f"d-{number}"))
            lines.write(f"d-{number}\n")


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    path, acknowledged = tmp_path / "trail.sqlite", tmp_path / "acknowledged"
    process = PROCESSES.Process(target=append_until_killed, args=(path, str(acknowledged)))
    process.start()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not (acknowledged.exists() and acknowledged.read_text().count("\n") > 50):
        time.sleep(0.01)
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    names = acknowledged.read_text().split("\n")[:-1]
    trail = SqliteTrail(path)
    assert len(names) > 50
    assert all(trail.get("hertfordshire", an_entry(id=name).place, name) == an_entry(id=name) for name in names)
    assert trail.append(an_entry(id="d-after")) is None
    trail.close()


def test_a_file_that_is_older_than_the_look_up_of_people_gets_their_indexes(tmp_path: Path) -> None:
    path = tmp_path / "trail.sqlite"
    trail = SqliteTrail(path)
    trail.append(an_entry(caller="phone.1.1.aa"))
    trail.close()
    older = sqlite3.connect(path, isolation_level=None)
    for slot in ("caller", "victim", "suspect", "address"):
        older.execute(f"DROP INDEX by_{slot}")
    older.close()
    wanted = Indexed("caller", "phone.1.1.aa")
    [found] = trail.of_subject("hertfordshire", "live", wanted, "2026-11-01T00:00:00.000000Z", 9)
    trail.close()
    assert found.id == an_entry().id
    again = sqlite3.connect(path)
    query = "SELECT id FROM event WHERE force = ? AND caller = ? AND recorded_at >= ? ORDER BY recorded_at DESC"
    plan = " ".join(row[3] for row in again.execute(f"EXPLAIN QUERY PLAN {query}", ("hertfordshire", "x", "2026")))
    again.close()
    assert "by_caller" in plan


def test_threads_take_turns_with_few_connections(sqlite_trail: SqliteTrail) -> None:
    def append(number: int) -> None:
        assert sqlite_trail.append(an_entry(id=f"d-{number}")) is None

    for number in range(40):  # as in a server with a thread for each connection, one after the other
        thread = threading.Thread(target=append, args=(number,))
        thread.start()
        thread.join()
    assert sqlite_trail.file.idle == 1


def test_a_write_that_waits_for_another_too_long_is_a_failure_and_no_hang(
    sqlite_trail: SqliteTrail, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "_PATIENCE", 0.1)
    sqlite_trail.append(an_entry())
    other = sqlite3.connect(tmp_path / "trail.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreFailed):
        sqlite_trail.append(an_entry(id="d-2"))
    assert sqlite_trail.get("hertfordshire", an_entry().place, "d-0001") == an_entry(), "reading goes on meanwhile"
    other.execute("ROLLBACK")
    other.close()
    assert sqlite_trail.append(an_entry(id="d-2")) is None


def test_a_file_that_is_no_trail_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "trail.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(StoreFailed):
        SqliteTrail(tmp_path / "trail.sqlite").append(an_entry())


def test_a_trail_of_a_later_form_is_not_touched(tmp_path: Path) -> None:
    later = sqlite3.connect(tmp_path / "trail.sqlite")
    later.execute("PRAGMA user_version = 2")
    later.close()
    with pytest.raises(StoreFailed) as failure:
        SqliteTrail(tmp_path / "trail.sqlite").append(an_entry())
    assert failure.value.code == "store_misconfigured"


@pytest.mark.parametrize("change", ["body = x'00'", "flags = 'no list'", "kind = NULL", "rules = '[1]'"])
def test_a_damaged_row_is_reported_without_quoting_it(sqlite_trail: SqliteTrail, tmp_path: Path, change: str) -> None:
    sqlite_trail.append(an_entry())
    other = sqlite3.connect(tmp_path / "trail.sqlite", isolation_level=None)
    other.execute(f"UPDATE event SET {change}")
    other.close()
    with pytest.raises(StoreFailed) as failure:
        sqlite_trail.get("hertfordshire", an_entry().place, "d-0001")
    assert failure.value.code == "store_damaged"
    assert "HC-2026" not in str(failure.value)


def test_a_rare_thing_is_found_however_much_has_to_be_looked_through(
    sqlite_trail: SqliteTrail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_READ", 10)
    for minute in range(35):
        grade = "PRIORITY" if minute == 3 else "IMMEDIATE"
        moment = f"2026-11-23T04:{minute:02}:00.000000Z"
        sqlite_trail.append(an_entry(id=f"d-{minute}", recorded_at=moment, grade=grade))
    day = {"since": "2026-11-23T00:00:00.000000Z", "until": "2026-11-24T00:00:00.000000Z"}
    query = Query.model_validate({"force": "hertfordshire", "grade": "PRIORITY", **day})
    found: list[Summary] = []
    after: Position | None = None
    pages = 0
    while pages == 0 or after:
        page = sqlite_trail.find(query, after, 5)
        found, after, pages = [*found, *page.found], page.after, pages + 1
    assert ([known.id for known in found], pages) == (["d-3"], 4)


@pytest.mark.parametrize(
    ("narrow", "index"), [({}, "by_time"), ({"contact": "K"}, "by_contact"), ({"incident": "I"}, "by_incident")]
)
def test_a_search_reads_an_index_and_sorts_nothing(
    sqlite_trail: SqliteTrail, tmp_path: Path, narrow: dict[str, object], index: str
) -> None:
    sqlite_trail.append(an_entry())
    day = {"since": "2026-11-23T00:00:00.000000Z", "until": "2026-11-24T00:00:00.000000Z"}
    query = Query.model_validate({"force": "hertfordshire", **day, **narrow})
    within, filters = module._conditions(query)
    statement = module._select(("id",), f"{within} {filters} {module._NEWEST_FIRST}")
    values = {**query.model_dump(), "before": query.until, "before_id": ""}
    with sqlite_trail.file.connection() as connection:
        plan = " ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values))
    assert f"USING INDEX {index} " in plan
    assert "TEMP B-TREE" not in plan


def test_the_events_of_a_place_are_read_without_walking_those_of_the_force(tmp_path: Path) -> None:
    trail = SqliteTrail(tmp_path / "trail.sqlite")
    trail.append(an_entry())
    with trail.file.connection() as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {module.OF_PLACE}", ("C#hertfordshire#HC-1", "hertfordshire"))
        steps = [row[3] for row in plan.fetchall()]
    trail.close()
    assert steps[0] == "SEARCH event USING PRIMARY KEY (pk=?)"
