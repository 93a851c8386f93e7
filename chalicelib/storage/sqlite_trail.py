"""The trail of the embedded run: one SQLite table, filed and searched as on DynamoDB. No update and no delete."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from chalicelib.errors import StoreFailed
from chalicelib.records.entry import Entry, Page, Place, Position, Query, Shelf, Summary
from chalicelib.records.slots import Indexed
from chalicelib.storage.items import FOUND
from chalicelib.storage.keys import SUBJECTS, partition_key, sort_key, stored_time
from chalicelib.storage.sqlite_file import Layout, SqliteFile
from chalicelib.storage.sqlite_rows import COLUMNS, SUMMARY, entry_of, row_of, summary_of

MOST_READ = 4000
"""Rows that one page of a search may look through, wanted or not."""

_FORM = 1

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
_SUBJECTS = "\n".join(
    f"CREATE INDEX IF NOT EXISTS by_{slot} ON event (force, {slot}, recorded_at, id) WHERE {slot} IS NOT NULL;"
    for slot in SUBJECTS
)
"""The indexes that files of the same form which are older than them do not have yet."""
_LAYOUT = Layout("The trail", _FORM, _SCHEMA, added=_SUBJECTS)
_INSERT = (
    f"INSERT INTO event ({', '.join(COLUMNS)}) "  # noqa: S608 - column names of this module
    f"VALUES ({', '.join('?' * len(COLUMNS))}) ON CONFLICT (pk, sk) DO NOTHING"
)
_SLOTS = {slot: slot for slot in SUBJECTS}
"""The column of each slot; nothing else becomes part of a statement."""

_NEWEST_FIRST = "ORDER BY recorded_at DESC, id DESC"

_NARROW = ("incident", "contact", "actor")
_FILTERED = ("mode", "kind", "grade", "actor", "contact", "incident")


class SqliteTrail:
    """A `Trail` in one file, for many threads and processes of one machine. What it acknowledged survives kill -9."""

    def __init__(self, path: Path) -> None:
        """Take the file's path; it is made on the first call."""
        self.file = SqliteFile(path, _LAYOUT)

    def close(self) -> None:
        """Close the connections that nobody uses; the next call opens a new one."""
        self.file.close()

    def append(self, entry: Entry) -> Entry | None:
        """Keep an entry. Raises Invalid when it is too large, StoreFailed when it is not known to be kept."""
        row = row_of(entry)
        with self.file.connection() as connection:
            if connection.execute(_INSERT, row).rowcount == 1:
                return None
            kept = connection.execute(_select(COLUMNS, "pk = ? AND sk = ?"), row[:2]).fetchone()
        if kept is None:
            raise StoreFailed("The trail refused an event without saying what it holds.")
        return entry_of(kept)

    def get(self, force: str, place: Place, event_id: str) -> Entry | None:
        """One event of a force; another force's looks like none."""
        key = (partition_key(force, place), sort_key(place, event_id), force, event_id)
        with self.file.connection() as connection:
            row = connection.execute(_select(COLUMNS, "pk = ? AND sk = ? AND force = ? AND id = ?"), key).fetchone()
        return entry_of(row) if row else None

    def events(self, force: str, place: Place) -> Sequence[Entry]:
        """All events of a force filed at a place, in time order."""
        with self.file.connection() as connection:
            rows = connection.execute(OF_PLACE, (partition_key(force, place), force)).fetchall()
        return [entry_of(row) for row in rows]

    def newest(
        self, force: str, mode: str, by: Literal["contact", "incident"], reference: str, limit: int
    ) -> Sequence[Entry]:
        """The newest decisions of a contact or incident, newest first."""
        column = {"contact": "contact", "incident": "incident"}[by]
        where = f"force = ? AND {column} = ? AND mode = ? AND pk GLOB ? {_NEWEST_FIRST} LIMIT ?"
        values = (force, reference, mode, f"{Shelf.DECISION}#*", limit)
        with self.file.connection() as connection:
            rows = connection.execute(_select(COLUMNS, where), values).fetchall()
        return [entry_of(row) for row in rows]

    def of_subject(self, force: str, mode: str, indexed: Indexed, since: str, limit: int) -> Sequence[Summary]:
        """The newest decisions with a keyed hash in a slot since a time, newest first."""
        where = f"force = ? AND {_SLOTS[indexed.slot]} = ? AND recorded_at >= ? AND mode = ? AND pk GLOB ?"
        values = (force, indexed.value, stored_time(since), mode, f"{Shelf.DECISION}#*", limit)
        with self.file.connection() as connection:
            rows = connection.execute(_select(FOUND, f"{where} {_NEWEST_FIRST} LIMIT ?"), values).fetchall()
        return [summary_of(dict(zip(FOUND, row, strict=True))) for row in rows]

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
        with self.file.connection() as connection:
            last = connection.execute(furthest, values).fetchone()
            reach = Position(*last) if last else Position(query.since, "")
            values["reach"], values["reach_id"] = reach
            rows = connection.execute(_select(FOUND, wanted), values).fetchall()
        found = tuple(summary_of(dict(zip(FOUND, row, strict=True))) for row in rows[:limit])
        if len(rows) > limit:
            return Page(found, Position(found[-1].recorded_at, found[-1].id))
        return Page(found, reach if last else None)


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


# The plus keeps SQLite from walking all events of the force in their order of time instead of one place.
OF_PLACE = _select(COLUMNS, "pk = ? AND +force = ? ORDER BY recorded_at, id")
"""Everything that is filed at a place."""
