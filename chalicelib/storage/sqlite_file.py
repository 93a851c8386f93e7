"""A SQLite file for many threads and processes of one machine: opened on first use, connections kept. It knows no table

A connection serves one thread at a time and is kept for the next, so that a server with a thread for each of its
connections does not open the file anew for each of them.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from chalicelib.errors import StoreFailed

_PATIENCE = 2.0
"""Seconds to wait for another writer."""


class Layout(NamedTuple):
    """What is in a file."""

    name: str
    """What it is called in messages."""
    form: int
    """The form of its tables, kept in `user_version`."""
    schema: str
    """The statements that make its tables where there are none; they set the form."""
    added: str = ""
    """The statements that add, where it is missing, what files of this form have not always had."""
    synchronous: str = "FULL"
    """FULL: what was acknowledged survives a loss of power. NORMAL: it survives the end of the process."""


class SqliteFile:
    """One file. What it acknowledged survives kill -9."""

    def __init__(self, path: Path, layout: Layout) -> None:
        """Take the file's path; it is made on the first call."""
        self._path, self._layout = path, layout
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()

    @property
    def idle(self) -> int:
        """How many connections are open that nobody uses."""
        return len(self._idle)

    def close(self) -> None:
        """Close the connections that nobody uses; the next call opens a new one."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A connection for this thread alone; after a failure it is not used again. Raises StoreFailed."""
        try:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            connection = connection or self._open()
            try:
                yield connection
            except BaseException:
                connection.close()
                raise
        except (sqlite3.Error, OSError) as error:
            failure = StoreFailed(f"{self._layout.name} did not answer.")
            failure.add_note(type(error).__name__)
            raise failure from None  # the cause could quote the row
        with self._lock:
            self._idle.append(connection)

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Several threads use it, but never two at once: `connection` sees to that.
        connection = sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                break
            except sqlite3.OperationalError:  # two that open a new file at once: SQLite does not wait here by itself
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
        connection.execute(f"PRAGMA synchronous = {self._layout.synchronous}")
        [form] = connection.execute("PRAGMA user_version").fetchone()
        if form == 0:
            connection.executescript(f"BEGIN IMMEDIATE; {self._layout.schema} COMMIT;")
        elif form != self._layout.form:
            words = f"{self._layout.name}'s file has form {form}, which is not known."
            raise StoreFailed(words, code="store_misconfigured")
        connection.executescript(self._layout.added)  # where it is there already, no writer is waited for
