"""The worklist's rows of the embedded run, in a SQLite file of their own. The file can be deleted and made again."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from pathlib import Path

from chalicelib.errors import StoreFailed
from chalicelib.ports import BoardRow, OnBoard
from chalicelib.storage.items import pack, unpack
from chalicelib.storage.sqlite_file import Layout, SqliteFile

_FORM = 1
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS work (
    force TEXT NOT NULL, incident TEXT NOT NULL, tag TEXT NOT NULL, decisions TEXT NOT NULL, body BLOB,
    PRIMARY KEY (force, incident)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS open_work ON work (force, incident) WHERE body IS NOT NULL;
CREATE TABLE IF NOT EXISTS version (force TEXT PRIMARY KEY, version TEXT NOT NULL) WITHOUT ROWID;
PRAGMA user_version = {_FORM};
"""
_LAYOUT = Layout("The worklist", _FORM, _SCHEMA, synchronous="NORMAL")

_INSERT = "INSERT INTO work (tag, decisions, body, force, incident) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_REPLACE = "UPDATE work SET tag = ?, decisions = ?, body = ? WHERE force = ? AND incident = ? AND tag = ?"
_MOVE = "INSERT OR REPLACE INTO version (force, version) VALUES (?, ?)"


class SqliteBoard:
    """A `WorkBoard` in one file. A row and the version that it moves are written together."""

    def __init__(self, path: Path) -> None:
        """Take the file's path; it is made on the first call."""
        self.file = SqliteFile(path, _LAYOUT)

    def close(self) -> None:
        """Close the connections that nobody uses; the next call opens a new one."""
        self.file.close()

    def get(self, force: str, incident: str) -> OnBoard | None:
        """The row of an incident."""
        with self.file.connection() as connection:
            statement = "SELECT decisions, body, tag FROM work WHERE force = ? AND incident = ?"
            found = connection.execute(statement, (force, incident)).fetchone()
        if found is None:
            return None
        decisions, body, tag = found
        try:
            return OnBoard(BoardRow(tuple(json.loads(decisions)), unpack(body) if body is not None else None), tag)
        except (TypeError, ValueError):
            raise StoreFailed("The worklist holds a row that cannot be read.", code="store_damaged") from None

    def put(self, force: str, incident: str, row: BoardRow, tag: str | None) -> bool:
        """Put a row in place of the state that has this tag. False when another state stands there."""
        made = secrets.token_hex(8)
        body = pack(row.body) if row.body is not None else None
        values = (made, json.dumps(row.decisions), body, force, incident)
        with self.file.connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            done = connection.execute(_INSERT, values) if tag is None else connection.execute(_REPLACE, (*values, tag))
            if done.rowcount == 1:
                connection.execute(_MOVE, (force, made))
            connection.execute("COMMIT")
        return done.rowcount == 1

    def open_rows(self, force: str) -> Sequence[bytes]:
        """The bodies of all open rows of a force."""
        statement = "SELECT body FROM work WHERE force = ? AND body IS NOT NULL"
        with self.file.connection() as connection:
            return [unpack(body) for (body,) in connection.execute(statement, (force,)).fetchall()]

    def version(self, force: str) -> str:
        """What is another after each change of a row of the force."""
        with self.file.connection() as connection:
            found = connection.execute("SELECT version FROM version WHERE force = ?", (force,)).fetchone()
        return str(found[0]) if found else ""
