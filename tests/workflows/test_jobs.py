"""Jobs: asked for once, done once, taken up again, and never silently lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.canonical import sha256_hex
from chalicelib.errors import Invalid, NotFound, StoreFailed
from chalicelib.storage.folder_objects import FolderObjects
from chalicelib.workflows.jobs import MOST_STARTS, Advance, GoOn, Job, JobDesk, JobState, Progress, Task
from chalicelib.workflows.record_entry import Requested

TASK = Task(policy="thriives", version="2", manifest="1" * 64, digest="2" * 64, first="2026-11-20", last="2026-11-22")


class Desk:
    """A desk whose queue is a list."""

    def __init__(self, folder: Path) -> None:
        self.queued: list[str] = []
        self._now = datetime(2026, 11, 23, 4, 17, tzinfo=UTC)
        self.objects = FolderObjects(folder)
        self.desk = JobDesk(self.objects, self, self._clock)

    def _clock(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now

    def send(self, name: str) -> None:
        self.queued.append(name)

    def ask(self, key: str = "key-1", task: Task = TASK, subject: str = "po-1", force: str = "hertfordshire") -> Job:
        return self.desk.ask(Requested(force, "desk", key, {}), subject, task, route="simulate").job

    def state(self, job: Job) -> JobState:
        return self.desk.read(job.force, job.id).state


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def done(job: Job, advance: Advance, go_on: GoOn) -> bytes:
    """Work that is done at once."""
    assert advance(Progress(days=1, days_done=1, decisions=7))
    return b"report"


def silent(job: Job, advance: Advance, go_on: GoOn) -> bytes:
    """Work during which a store does not answer."""
    raise StoreFailed("The store did not answer.")


def always() -> bool:
    return True


def test_a_job_is_queued_done_and_says_what_it_has_made(desk: Desk) -> None:
    job = desk.ask()
    assert (job.state, desk.queued) == (JobState.QUEUED, [job.name])
    ended = desk.desk.run(job.name, done, always)
    assert ended is not None
    assert (ended.state, ended.result, ended.progress.decisions) == (JobState.DONE, sha256_hex(b"report"), 7)
    assert desk.desk.read("hertfordshire", job.id) == ended


def test_a_job_that_is_done_is_not_done_again(desk: Desk) -> None:
    job = desk.ask()
    first = desk.desk.run(job.name, done, always)
    assert desk.desk.run(job.name, silent, always) == first


def test_the_same_request_finds_its_job_and_queues_it_again_while_it_is_not_done(desk: Desk) -> None:
    job = desk.ask()
    again = desk.desk.ask(Requested("hertfordshire", "desk", "key-1", {}), "po-1", TASK, route="simulate")
    assert (again.job, again.replayed, len(desk.queued)) == (job, True, 2)
    desk.desk.run(job.name, done, always)
    assert desk.ask().state is JobState.DONE
    assert len(desk.queued) == 2


def test_another_task_under_the_same_key_is_refused(desk: Desk) -> None:
    desk.ask()
    with pytest.raises(Invalid) as refused:
        desk.ask(task=TASK.model_copy(update={"last": "2026-11-21"}))
    assert refused.value.code == "idempotency_mismatch"


@pytest.mark.parametrize("change", [{"key": "key-2"}, {"subject": "po-2"}, {"force": "bedfordshire"}], ids=str)
def test_another_key_person_or_force_makes_another_job(desk: Desk, change: dict[str, str]) -> None:
    assert desk.ask(**change).id != desk.ask().id  # type: ignore[arg-type]  # texts only


def test_another_forces_job_does_not_exist(desk: Desk) -> None:
    job = desk.ask()
    with pytest.raises(NotFound):
        desk.desk.read("bedfordshire", job.id)


def test_a_store_that_does_not_answer_leaves_the_job_to_another_delivery(desk: Desk) -> None:
    job = desk.ask()
    with pytest.raises(StoreFailed):
        desk.desk.run(job.name, silent, always)
    assert desk.state(job) is JobState.RUNNING
    ended = desk.desk.run(job.name, done, always)
    assert ended is not None
    assert ended.state is JobState.DONE


def test_a_job_that_never_gets_any_further_fails_and_says_so(desk: Desk) -> None:
    job = desk.ask()
    for _ in range(MOST_STARTS):
        with pytest.raises(StoreFailed):
            desk.desk.run(job.name, silent, always)
    ended = desk.desk.run(job.name, silent, always)
    assert ended is not None
    assert ended.failure is not None
    assert (ended.state, ended.failure.code) == (JobState.FAILED, "gave_up")


def test_a_job_that_gets_further_each_time_is_not_given_up(desk: Desk) -> None:
    job = desk.ask()
    for day in range(1, 2 * MOST_STARTS):

        def one_day(job: Job, advance: Advance, go_on: GoOn, day: int = day) -> bytes:
            advance(Progress(days=30, days_done=day))
            raise StoreFailed("The store did not answer.")

        with pytest.raises(StoreFailed):
            desk.desk.run(job.name, one_day, always)
    assert desk.state(job) is JobState.RUNNING


def test_what_cannot_be_done_ever_fails_at_once(desk: Desk) -> None:
    def absent(job: Job, advance: Advance, go_on: GoOn) -> bytes:
        raise NotFound("The policy document is not there.")

    job = desk.ask()
    ended = desk.desk.run(job.name, absent, always)
    assert ended is not None
    assert ended.failure is not None
    assert (ended.state, ended.failure.code) == (JobState.FAILED, "not_found")


def test_work_that_has_no_time_left_hands_on_the_rest(desk: Desk) -> None:
    def half(job: Job, advance: Advance, go_on: GoOn) -> bytes | None:
        advance(Progress(days=2, days_done=1))
        return b"report" if go_on() else None

    job = desk.ask()
    left = desk.desk.run(job.name, half, lambda: False)
    assert left is not None
    assert (left.state, left.progress.days_done, desk.queued) == (JobState.RUNNING, 1, [job.name, job.name])
    assert desk.desk.run(job.name, half, always) == desk.desk.read("hertfordshire", job.id)
    assert desk.state(job) is JobState.DONE


def test_of_two_that_do_one_job_the_slower_changes_nothing(desk: Desk) -> None:
    job = desk.ask()

    def slow(job: Job, advance: Advance, go_on: GoOn) -> bytes | None:
        assert advance(Progress(days=3, days_done=2))
        assert advance(Progress(days=3, days_done=1)), "one that is behind goes on"
        assert desk.desk.read(job.force, job.id).progress.days_done == 2
        desk.desk.run(job.name, lambda *_: b"report", always)
        assert not advance(Progress(days=3, days_done=3)), "it is told that the job has ended"
        return None

    desk.desk.run(job.name, slow, always)
    assert desk.state(job) is JobState.DONE


def test_after_a_restart_every_job_that_has_not_ended_is_queued(desk: Desk) -> None:
    waiting, ended = desk.ask("key-1"), desk.ask("key-2")
    desk.desk.run(ended.name, done, always)
    desk.objects.create(waiting.object("days/2026-11-20.jsonl.gz"), b"")
    desk.queued.clear()
    assert desk.desk.resume() == 1
    assert desk.queued == [waiting.name]


def test_a_job_that_is_not_there_is_passed_over(desk: Desk) -> None:
    assert desk.desk.run("jobs/hertfordshire/j_none.json", done, always) is None
