"""A version that is submitted is held against what was recorded lately. It asks for the job and waits for nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from chalicelib.authoring.lifecycle import Manifest
from chalicelib.workflows.close_days import DayCloser
from chalicelib.workflows.jobs import JobDesk, Task
from chalicelib.workflows.record_entry import Requested

LATELY = timedelta(days=28)
"""How far back: whole weeks, so that every day of the week counts alike."""

AskBacktest = Callable[[Manifest, str], str | None]
"""Asks for a version's backtest on somebody's behalf: the job's id; None while nothing was in force on a closed day."""


class SubmittedBacktests:
    """Asks for the backtests of submitted versions."""

    def __init__(self, jobs: JobDesk, days: DayCloser) -> None:
        """Keep what is asked."""
        self._jobs, self._days = jobs, days

    def ask(self, manifest: Manifest, asked_by: str) -> str | None:
        """Ask for a version's backtest over the last closed days on which something was in force. Raises StoreFailed.

        The same version asks for the same job until another day is closed.
        """
        last = self._days.last()
        days = self._days.days(manifest.force, last - LATELY + timedelta(days=1), last)
        if not days:
            return None
        task = Task(
            policy=manifest.id,
            version=manifest.version,
            manifest=manifest.digest,
            digest=manifest.policy,
            first=days[0].isoformat(),
            last=days[-1].isoformat(),
        )
        key = f"{manifest.digest} {task.first} {task.last}"
        requested = Requested(force=manifest.force, client="submission", key=key, body=None)
        return self._jobs.ask(requested, asked_by, task, route="submit").job.id
