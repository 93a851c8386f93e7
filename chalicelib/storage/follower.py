"""The stream of the embedded run: a thread of this process takes up each entry after it was kept. It keeps nothing.

What fails there fails nobody's request. What was not done when the process ended is mended by a rebuild.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from chalicelib.records.entry import Entry


class Follower:
    """Follows entries, one after another."""

    def __init__(self, follow: Callable[[Entry], object], failed: Callable[[BaseException], None]) -> None:
        """Take what is done with an entry and who hears of what goes wrong. The thread starts with the first entry."""
        self._follow, self._failed = follow, failed
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="follow")
        self._waiting: set[Future[object]] = set()
        self._lock = threading.Lock()

    def tell(self, entry: Entry) -> None:
        """Have an entry followed after those that wait already."""
        with self._lock:
            future = self._pool.submit(self._follow, entry)
            self._waiting.add(future)
        future.add_done_callback(self._done)

    def settle(self, seconds: float) -> None:
        """Wait until all that was told so far has been followed, but no longer than this."""
        with self._lock:
            waiting = set(self._waiting)
        wait(waiting, seconds)

    def _done(self, future: Future[object]) -> None:
        with self._lock:
            self._waiting.discard(future)
        if (error := future.exception()) is not None:
            self._failed(error)
