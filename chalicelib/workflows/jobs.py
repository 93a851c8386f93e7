"""Work that takes longer than a request: asked for, queued, done by a worker, read while it goes on. It answers nobody.

A job is one object, moved only by who has seen its newest state. What it makes is written once, so a job that dies goes
on where it stopped when it is delivered again, and one that dies again and again without getting on ends as failed.
"""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Callable
from enum import StrEnum
from hashlib import sha256
from typing import Literal, NamedTuple

from pydantic import Field

from chalicelib.canonical import canonical, sha256_hex
from chalicelib.errors import Invalid, NotFound, ServiceError, StoreFailed, Unavailable
from chalicelib.model import Digest, Frozen, Identity, Instant, Slug
from chalicelib.policy.document import VersionLabel
from chalicelib.ports import Clock, JobQueue, Objects, Stored
from chalicelib.reader import read_model
from chalicelib.records.day_file import Day
from chalicelib.records.record import plain
from chalicelib.workflows.record_entry import MISMATCH, Requested

MOST_STARTS = 5
"""How often a job is begun without getting any further, before it has failed."""

_JOB_BYTES = 64 * 1024
_NAME = re.compile(r"jobs/[a-z0-9][a-z0-9-]{0,63}/j_[a-z2-7]{32}\.json")


class JobState(StrEnum):
    """How far a job has come."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Progress(Frozen):
    """How much of a job is done."""

    days_done: int = Field(0, ge=0)
    days: int = Field(0, ge=0)
    """Of how many; 0 while that is not known."""
    decisions: int = Field(0, ge=0)
    """How many recorded decisions have been looked at."""


class Failure(Frozen):
    """Why a job failed."""

    code: str
    detail: str


class Task(Frozen):
    """What a backtest is asked to do."""

    policy: Slug
    version: VersionLabel
    manifest: Digest
    digest: Digest
    """Of the draft's flat document."""
    first: Day
    last: Day


class Job(Frozen):
    """A job, as it is kept."""

    v: Literal[1] = 1
    id: str
    force: Slug
    kind: Literal["backtest"] = "backtest"
    asked_by: Identity
    asked_at: Instant
    changed_at: Instant
    task: Task
    state: JobState = JobState.QUEUED
    starts: int = Field(0, ge=0)
    """How often it was begun since it last got on."""
    progress: Progress = Progress()
    result: Digest | None = None
    """Of the bytes of the report."""
    failure: Failure | None = None

    @property
    def name(self) -> str:
        """The name of its object."""
        return f"jobs/{self.force}/{self.id}.json"

    def object(self, part: str) -> str:
        """The name of something that it makes."""
        return f"jobs/{self.force}/{self.id}/{part}"

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in (JobState.DONE, JobState.FAILED)


class Asked(NamedTuple):
    """A job that was asked for, and whether it had been before under the same key."""

    job: Job
    replayed: bool


Advance = Callable[[Progress], bool]
"""Keeps how far a job has come; False when it is to stop, because somebody else has ended it."""

GoOn = Callable[[], bool]
"""Whether there is time for more."""

Work = Callable[[Job, Advance, GoOn], bytes | None]
"""Does a job: the bytes of its report, or None when it stopped with more to do."""


class JobDesk:
    """Takes jobs in, has them done, and tells how far they are."""

    def __init__(self, objects: Objects, queue: JobQueue, clock: Clock) -> None:
        """Keep the ports."""
        self._objects, self._queue, self._clock = objects, queue, clock

    def ask(self, requested: Requested, asked_by: str, task: Task, *, route: str) -> Asked:
        """Take a job in, or find the one that the same request has made; it is queued again while it is not done.

        Raises Invalid when another job was asked for under the key, StoreFailed when the job could not be queued: the
        same request again does that.
        """
        now = self._clock()
        key = canonical([requested.force, requested.client, route, asked_by, requested.key])
        job_id = "j_" + b32encode(sha256(b"job/1" + key).digest()[:20]).decode().lower()
        job = Job(id=job_id, force=requested.force, asked_by=asked_by, asked_at=now, changed_at=now, task=task)
        replayed = not self._objects.create(job.name, _bytes(job))
        if replayed:
            known = self.read(requested.force, job_id)
            # Right after a lost answer it can be our own, seen again.
            replayed = known != job
            if known.task != task:
                words = "This Idempotency-Key was used before for another job. Use a new key for a new request."
                raise Invalid(words, code=MISMATCH)
            job = known
        if not job.ended:
            self._queue.send(job.name)
        return Asked(job, replayed)

    def read(self, force: str, job_id: str) -> Job:
        """A job as it stands. Raises NotFound, also for another force's."""
        stored = self._objects.get(f"jobs/{force}/{job_id}.json")
        if stored is None:
            raise NotFound("There is no such job.")
        return _job(stored)

    def made(self, job: Job, part: str) -> bytes | None:
        """Something that a job has made; None while it is not there."""
        stored = self._objects.get(job.object(part))
        return stored.data if stored is not None else None

    def unfinished(self) -> list[str]:
        """The names of jobs that have not ended; for a store that only one process uses."""
        names = [name for name in self._objects.names("jobs/") if _NAME.fullmatch(name)]
        stored = ((name, self._objects.get(name)) for name in names)
        return [name for name, found in stored if found is not None and not _job(found).ended]

    def resume(self) -> int:
        """Queue all jobs again that have not ended; their number."""
        names = self.unfinished()
        for name in names:
            self._queue.send(name)
        return len(names)

    def run(self, name: str, work: Work, go_on: GoOn) -> Job | None:
        """Do a job that was delivered; None when there is none, or somebody else has it in hand.

        Raises StoreFailed or Unavailable when something outside did not answer: it is to be delivered again.
        """
        stored = self._objects.get(name)
        if stored is None:
            return None
        job = _job(stored)
        if job.ended:
            return job
        if job.starts >= MOST_STARTS:
            return self.fail(name, "gave_up", f"It was begun {MOST_STARTS} times and got no further.")
        begun = self._moved(stored, job, state=JobState.RUNNING, starts=job.starts + 1)
        if begun is None:
            return None
        try:
            report = work(begun, lambda progress: self._advance(name, progress), go_on)
        except Unavailable:
            raise
        except ServiceError as error:
            return self.fail(name, error.code, error.detail)
        if report is None:
            self._queue.send(name)
            return self.read(begun.force, begun.id)
        return self._end(name, state=JobState.DONE, result=sha256_hex(report), failure=None)

    def fail(self, name: str, code: str, detail: str) -> Job | None:
        """End a job that cannot be done."""
        return self._end(name, state=JobState.FAILED, result=None, failure=Failure(code=code, detail=detail))

    def _end(self, name: str, *, state: JobState, result: str | None, failure: Failure | None) -> Job | None:
        for _ in range(MOST_STARTS):
            stored = self._objects.get(name)
            if stored is None:
                return None
            job = _job(stored)
            if job.ended:
                return job
            if (moved := self._moved(stored, job, state=state, result=result, failure=failure)) is not None:
                return moved
        raise StoreFailed("The job is being changed by others.")

    def _advance(self, name: str, progress: Progress) -> bool:
        stored = self._objects.get(name)
        if stored is None:
            return False
        job = _job(stored)
        # Of two that do the same job, the one behind does not set it back.
        if job.ended or progress.days_done < job.progress.days_done:
            return not job.ended
        further = progress.days_done > job.progress.days_done
        self._moved(stored, job, progress=progress, starts=0 if further else job.starts)
        return True

    def _moved(self, seen: Stored, job: Job, **changes: object) -> Job | None:
        """The job with something changed, if nobody else has changed it since it was seen."""
        moved = job.model_copy(update={**changes, "changed_at": self._clock()})
        data = _bytes(moved)
        if self._objects.replace(job.name, data, seen.tag):
            return moved
        now = self._objects.get(job.name)
        # A write that was repeated because its answer was lost is refused for our own first one.
        return moved if now is not None and now.data == data else None


def _job(stored: Stored) -> Job:
    return read_model(Job, stored.data, most=_JOB_BYTES)


def _bytes(job: Job) -> bytes:
    return canonical(plain(job))
