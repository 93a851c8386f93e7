"""The queues of jobs: of this process, and on Amazon SQS."""

from __future__ import annotations

import threading

import boto3
import pytest

from chalicelib.errors import StoreFailed
from chalicelib.storage import thread_queue
from chalicelib.storage.connect import Connect
from chalicelib.storage.sqs_queue import SqsQueue
from chalicelib.storage.thread_queue import ThreadQueue
from tests.aws import REGION, Created

PATIENCE = 10.0


class Worker:
    """Notes what it was given; a store does not answer it the first times."""

    def __init__(self, failing: int = 0) -> None:
        self.names: list[str] = []
        self.idle = threading.Event()
        self._failing = failing

    def __call__(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) <= self._failing:
            raise StoreFailed("The store did not answer.")
        self.idle.set()


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread_queue, "PAUSES", (0.01, 0.01))


def test_a_thread_does_the_jobs_in_order() -> None:
    worker, last = Worker(), threading.Event()

    def run(name: str) -> None:
        worker(name)
        if name == "c":
            last.set()

    queue = ThreadQueue(run)
    for name in ("a", "b", "c"):
        queue.send(name)
    assert last.wait(PATIENCE)
    assert worker.names == ["a", "b", "c"]
    queue.close()


def test_a_job_is_tried_again_when_a_store_did_not_answer() -> None:
    worker = Worker(failing=2)
    queue = ThreadQueue(worker)
    queue.send("a")
    assert worker.idle.wait(PATIENCE)
    assert worker.names == ["a", "a", "a"]
    queue.close()


def test_an_unforeseen_error_in_one_job_stops_none_of_the_others() -> None:
    worker = Worker()

    def run(name: str) -> None:
        if name == "a":
            raise ZeroDivisionError
        worker(name)

    queue = ThreadQueue(run)
    queue.send("a")
    queue.send("b")
    assert worker.idle.wait(PATIENCE)
    queue.close()


def test_a_closed_queue_takes_no_more() -> None:
    worker = Worker()
    queue = ThreadQueue(worker)
    queue.close()
    queue.send("a")
    assert (worker.names, queue.open) == ([], False)


def test_a_job_on_sqs_is_a_message_with_its_name(created: Created, connect: Connect) -> None:
    SqsQueue(created.job_queue, connect).send("jobs/hertfordshire/j_1.json")
    client = boto3.client("sqs", region_name=REGION)
    [message] = client.receive_message(QueueUrl=created.job_queue)["Messages"]
    assert message["Body"] == "jobs/hertfordshire/j_1.json"
    client.close()


def test_a_queue_that_is_not_there_is_a_store_that_failed(created: Created, connect: Connect) -> None:
    with pytest.raises(StoreFailed):
        SqsQueue(created.job_queue + "-gone", connect).send("jobs/hertfordshire/j_1.json")
