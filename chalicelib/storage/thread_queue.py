"""The queue of jobs of the embedded run: one thread of this process does them, one after another. It keeps nothing.

A job that was not done when the process ended is found in the store at the next start and queued again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from chalicelib.errors import StoreFailed

PAUSES = (0.2, 2.0, 20.0)
"""Seconds to wait before a job is tried again for which a store did not answer."""


class ThreadQueue:
    """`JobQueue` in this process."""

    def __init__(self, run: Callable[[str], object]) -> None:
        """Take what does a job; the thread is started with the first one."""
        self._run = run
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="job")
        self._closed = threading.Event()

    def send(self, name: str) -> None:
        """Have a job done after those that wait already. Nothing is taken any more once the queue was closed."""
        if not self._closed.is_set():
            self._pool.submit(self._do, name)

    @property
    def open(self) -> bool:
        """Whether there is time for more."""
        return not self._closed.is_set()

    def close(self) -> None:
        """Take no more jobs, and let the one in hand stop where it can go on later."""
        self._closed.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _do(self, name: str) -> None:
        for pause in (*PAUSES, None):
            try:
                self._run(name)
            except StoreFailed:
                if pause is None or self._closed.wait(pause):
                    return  # found again at the next start, or when the same job is asked for again
            else:
                return
