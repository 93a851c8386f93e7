"""A backtest over days: each day by itself, into a part that is written once; then all parts together.

It says what there is to do; when it is done, and by whom, is the matter of jobs.

Because each part is a function of the draft, of the policies of the time and of the day's file, one that was written
before is taken as it is: what was interrupted goes on where it stopped, and two at once write the same bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple

from pydantic import Field

from chalicelib.authoring.backtest import Backtest, EarlierPolicy, Tally
from chalicelib.authoring.backtest_report import DayRead, Draft, Report, report_of, tally_of_json, tally_to_json
from chalicelib.authoring.use import Decided
from chalicelib.canonical import Json, canonical
from chalicelib.errors import Fault, Invalid, NotFound, ServiceError, StoreFailed, Unavailable, Unreadable
from chalicelib.model import Digest, Frozen
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.ports import Objects
from chalicelib.reader import read_json, read_model
from chalicelib.records.day_file import DayFile
from chalicelib.records.line_file import FIRST_BYTES, LINE_BYTES, first_of, following, pack, whole
from chalicelib.records.record import plain
from chalicelib.workflows.close_days import DayCloser
from chalicelib.workflows.jobs import Advance, GoOn, Job, Progress
from chalicelib.workflows.policies_in_force import PoliciesInForce
from chalicelib.workflows.recorded_decisions import live_decisions

LONGEST = timedelta(days=366)
"""How many days one backtest may cover."""

REPORT = "report.json"
"""The object of a finished backtest, below its job."""

TOLD_EVERY = 1000
"""After how many decisions progress is told."""

Told = Callable[[int], None]
"""Is told how many decisions of a day have been looked at so far."""


class PartHeader(Frozen):
    """The first line of a day's part; then follows, one a line, each decision of which something is different."""

    format: Literal["backtest-day/1"] = "backtest-day/1"
    draft: Digest
    day: DayRead
    tally: tuple[tuple[tuple[str, ...], int], ...]
    changed: int = Field(ge=0)
    sha256: Digest


class Part(NamedTuple):
    """What came of a day."""

    day: DayRead
    tally: Tally


def compare_day(draft: CompiledPolicy, earlier: EarlierPolicy, data: bytes, told: Told) -> bytes:
    """Hold a draft against the decisions of a day's file: the bytes of its part. Raises Unreadable if it is damaged."""
    day, backtest = DayFile(data), Backtest(draft, earlier)

    def changed() -> Iterator[bytes]:
        for count, recorded in enumerate(live_decisions(day), 1):
            if isinstance(recorded, Decided):
                backtest.count(recorded)
                continue
            line = backtest.compare(recorded).line if recorded is not None else None
            if line is not None:
                yield canonical(line)
            if count % TOLD_EVERY == 0:
                told(count)

    packed = pack(changed())
    header: dict[str, Json] = {
        "format": "backtest-day/1",
        "draft": draft.digest,
        "day": plain(read_of(day)),
        "tally": tally_to_json(backtest.tally),
        "changed": packed.lines,
        "sha256": packed.sha256,
    }
    return whole(canonical(header), packed)


def read_of(day: DayFile) -> DayRead:
    """What is said of a day's file that was read."""
    header = day.header
    return DayRead(force=header.force, day=header.day, decisions=header.decisions, sha256=header.sha256)


def part_of(data: bytes) -> Part:
    """A part's count. Raises Unreadable when this is none."""
    header = _header(data)
    return Part(header.day, tally_of_json(header.tally))


def changed_in(data: bytes) -> Iterator[Mapping[str, Any]]:
    """The decisions that a part lists, in order. Raises Unreadable when it is damaged."""
    header = _header(data)
    for line in following(data, header.changed, header.sha256):
        value = read_json(line, most=LINE_BYTES)
        if not isinstance(value, dict):
            raise Unreadable("A line of the part is not a decision.", code="file_damaged")
        yield value


def _header(data: bytes) -> PartHeader:
    try:
        return read_model(PartHeader, first_of(data), most=FIRST_BYTES)
    except ServiceError:
        raise Unreadable("This is no part of a backtest.", code="no_part") from None


def whole_report(draft: CompiledPolicy, parts: Iterable[Part]) -> Report:
    """The report of all parts together."""
    tally: Tally = Counter()
    days: list[DayRead] = []
    for part in parts:
        tally.update(part.tally)
        days.append(part.day)
    document = draft.policy
    return report_of(tally, document, Draft(id=document.id, version=document.version, digest=draft.digest), days)


def part_name(day: str) -> str:
    """The object of one day, below its job."""
    return f"days/{day}.jsonl.gz"


class Backtester:
    """Does the backtests of this service."""

    def __init__(self, objects: Objects, days: DayCloser, policies: PoliciesInForce) -> None:
        """Keep the ports."""
        self._objects, self._days, self._policies = objects, days, policies

    def check_period(self, first: str, last: str) -> None:
        """Raise Invalid for a period that is empty, too long, or not over."""
        begin, end, over = date.fromisoformat(first), date.fromisoformat(last), self._days.last()
        if not timedelta(0) <= end - begin < LONGEST:
            wrong = "the period is reversed or too long"
            raise _wrong_period(wrong, f"a day from {first} on, at most {LONGEST.days} days in all")
        if end > over:
            raise _wrong_period("the day is not over for long enough", f"{over} or a day before it")

    def work(self, job: Job, advance: Advance, go_on: GoOn) -> bytes | None:
        """Do a job, or as much of it as there is time for: the report's bytes, or None when there is more to do.

        Raises StoreFailed, or what else stands in the way for good.
        """
        task = job.task
        draft = self._policies.by_digest(task.policy, task.digest)
        days = self._days.days(job.force, date.fromisoformat(task.first), date.fromisoformat(task.last))
        parts: list[Part] = []
        progress = Progress(days=len(days))
        for place, day in enumerate(days):
            if not go_on():
                return None
            data = self._part(job, draft, day, progress, advance)
            if data is None:
                return None
            parts.append(part_of(data))
            done = progress.decisions + parts[-1].day.decisions
            progress = Progress(days_done=place + 1, days=len(days), decisions=done)
            if not advance(progress):
                return None
        report = canonical(plain(whole_report(draft, parts)))
        self._write(job.object(REPORT), report)
        return report

    def _part(self, job: Job, draft: CompiledPolicy, day: date, progress: Progress, advance: Advance) -> bytes | None:
        name = job.object(part_name(day.isoformat()))
        stored = self._objects.get(name)
        if stored is not None:
            return stored.data

        def told(count: int) -> None:
            advance(progress.model_copy(update={"decisions": progress.decisions + count}))

        data = compare_day(draft, self._earlier, self._days.file(job.force, day), told)
        return self._write(name, data)

    def _write(self, name: str, data: bytes) -> bytes:
        """Write something once. What another run of the same job has written before stands."""
        if self._objects.create(name, data):
            return data
        stored = self._objects.get(name)
        if stored is None:
            raise StoreFailed("The store of jobs has given two answers.")
        return stored.data

    def _earlier(self, policy_id: str, digest: str) -> CompiledPolicy | None:
        """The policy of the time. Raises Unavailable while the store does not answer: it may well be there."""
        try:
            return self._policies.by_digest(policy_id, digest)
        except Unavailable:
            raise
        except (NotFound, Unreadable, Invalid):
            return None


def _wrong_period(wrong: str, right: str) -> Invalid:
    return Invalid("The period cannot be looked at.", [Fault("period", "/to", wrong, right)])
