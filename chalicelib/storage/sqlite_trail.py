"""The trail of the embedded run: one SQLite table, filed and searched as on DynamoDB. No update and no delete."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from chalicelib.errors import StoreFailed
from chalicelib.records.entry import Entry, Page, Place, Position, Query, Shelf
from chalicelib.storage.items import FOUND
from chalicelib.storage.keys import partition_key, sort_key, stored_time
from chalicelib.storage.sqlite_rows import COLUMNS, SUMMARY, entry_of, row_of, summary_of

MOST_READ = 4000
"""Rows that one page of a search may look through, wanted or not."""

_PATIENCE = 2.0
"""Seconds to wait for another writer."""

_FORM = 1
"""The form of the table, kept in `user_version`."""

_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS event (
    pk TEXT NOT NULL, sk TEXT NOT NULL,
    {", ".join(f"{name} TEXT" for name in SUMMARY)},
    body BLOB NOT NULL, secret BLOB NOT NULL, leaf BLOB NOT NULL, fp TEXT NOT NULL,
    PRIMARY KEY (pk, sk)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_time ON event (force, recorded_at, id);
CREATE INDEX IF NOT EXISTS by_contact ON event (force, contact, recorded_at, id) WHERE contact IS NOT NULL;
CREATE INDEX IF NOT EXISTS by_incident ON event (force, incident, recorded_at, id) WHERE incident IS NOT NULL;
CREATE INDEX IF NOT EXISTS by_handler ON event (force, actor, recorded_at, id);
PRAGMA user_version = {_FORM};
"""
_INSERT = (
    f"INSERT INTO event ({', '.join(COLUMNS)}) "  # noqa: S608 - column names of this module
    f"VALUES ({', '.join('?' * len(COLUMNS))}) ON CONFLICT (pk, sk) DO NOTHING"
)
_NEWEST_FIRST = "ORDER BY recorded_at DESC, id DESC"

_NARROW = ("incident", "contact", "actor")
_FILTERED = ("mode", "kind", "grade", "actor", "contact", "incident")


class SqliteTrail:
    """A `Trail` in one file, for many threads and processes of one machine. What it acknowledged survives kill -9.

    A connection serves one thread at a time and is kept for the next, so that a server with a thread for each of its
    connections does not open the file anew for each of them.
    """

    def __init__(self, path: Path) -> None:
        """Take the file's path; it is made on the first call."""
        self._path = path
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connections that nobody uses; the next call opens a new one."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def append(self, entry: Entry) -> Entry | None:
        """Keep an entry. Raises Invalid when it is too large, StoreFailed when it is not known to be kept."""
        row = row_of(entry)
        with self._connection() as connection:
            if connection.execute(_INSERT, row).rowcount == 1:
                return None
            kept = connection.execute(_select(COLUMNS, "pk = ? AND sk = ?"), row[:2]).fetchone()
        if kept is None:
            raise StoreFailed("The trail refused an event without saying what it holds.")
        return entry_of(kept)

    def get(self, force: str, place: Place, event_id: str) -> Entry | None:
        """One event of a force; another force's looks like none."""
        key = (partition_key(force, place), sort_key(place, event_id), force, event_id)
        with self._connection() as connection:
            row = connection.execute(_select(COLUMNS, "pk = ? AND sk = ? AND force = ? AND id = ?"), key).fetchone()
        return entry_of(row) if row else None

    def events(self, force: str, place: Place) -> Sequence[Entry]:
        """All events of a force filed at a place, in time order."""
        key, where = (partition_key(force, place), force), "pk = ? AND force = ? ORDER BY recorded_at, id"
        with self._connection() as connection:
            rows = connection.execute(_select(COLUMNS, where), key).fetchall()
        return [entry_of(row) for row in rows]

    def newest(
        self, force: str, mode: str, by: Literal["contact", "incident"], reference: str, limit: int
    ) -> Sequence[Entry]:
        """The newest decisions of a contact or incident, newest first."""
        column = {"contact": "contact", "incident": "incident"}[by]
        where = f"force = ? AND {column} = ? AND mode = ? AND pk GLOB ? {_NEWEST_FIRST} LIMIT ?"
        values = (force, reference, mode, f"{Shelf.DECISION}#*", limit)
        with self._connection() as connection:
            rows = connection.execute(_select(COLUMNS, where), values).fetchall()
        return [entry_of(row) for row in rows]

    def find(self, query: Query, after: Position | None, limit: int) -> Page:
        """A page of summaries, newest first, from at most `MOST_READ` rows looked through."""
        if limit < 1:
            raise ValueError("a page has room for one at least")
        until = Position(stored_time(query.until), "")
        values = {**query.model_dump(), "since": stored_time(query.since), "limit": limit + 1, "most": MOST_READ - 1}
        values["before"], values["before_id"] = min(until, after) if after else until
        within, filters = _conditions(query)
        furthest = _select(("recorded_at", "id"), f"{within} {_NEWEST_FIRST} LIMIT 1 OFFSET :most")
        wanted = f"{within} AND (recorded_at, id) >= (:reach, :reach_id) {filters} {_NEWEST_FIRST} LIMIT :limit"
        with self._connection() as connection:
            last = connection.execute(furthest, values).fetchone()
            reach = Position(*last) if last else Position(query.since, "")
            values["reach"], values["reach_id"] = reach
            rows = connection.execute(_select(FOUND, wanted), values).fetchall()
        found = tuple(summary_of(dict(zip(FOUND, row, strict=True))) for row in rows[:limit])
        if len(rows) > limit:
            return Page(found, Position(found[-1].recorded_at, found[-1].id))
        return Page(found, reach if last else None)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection for this thread alone; after a failure it is not used again."""
        try:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            connection = connection or _open(self._path)
            try:
                yield connection
            except BaseException:
                connection.close()
                raise
        except (sqlite3.Error, OSError) as error:
            failure = StoreFailed("The trail did not answer.")
            failure.add_note(type(error).__name__)
            raise failure from None  # the cause could quote the row
        with self._lock:
            self._idle.append(connection)


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Several threads use it, but never two at once: `_connection` sees to that.
    connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError:  # two that open a new file at once: SQLite does not wait here by itself
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
    connection.execute("PRAGMA synchronous = FULL")
    [form] = connection.execute("PRAGMA user_version").fetchone()
    if form == 0:
        connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
    elif form != _FORM:
        raise StoreFailed(f"The trail's file has form {form}, which is not known.", code="store_misconfigured")


def _select(columns: Sequence[str], where: str) -> str:
    return f"SELECT {', '.join(columns)} FROM event WHERE {where}"  # noqa: S608 - words of this module; values are bound


def _conditions(query: Query) -> tuple[str, str]:
    """The part of an index to walk, and what has to hold besides, both with the query's members as named parameters."""
    narrow = next((name for name in _NARROW if getattr(query, name) is not None), None)
    within = "force = :force AND recorded_at >= :since AND (recorded_at, id) < (:before, :before_id)"
    within += f" AND {narrow} = :{narrow}" if narrow else ""
    filters = [f" AND {name} = :{name}" for name in _FILTERED if name != narrow and getattr(query, name) is not None]
    if query.version is not None:
        filters.append(" AND (version = :version OR policy = :version)")
    return within, "".join(filters)
