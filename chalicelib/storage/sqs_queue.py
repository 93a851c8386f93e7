"""The queue of jobs on Amazon SQS. It only sends: AWS itself delivers to the worker function, until it is done."""

from __future__ import annotations

from chalicelib.storage.connect import Connect, answering


class SqsQueue:
    """`JobQueue` on a queue, by its address. A message is the name of a job and nothing else."""

    def __init__(self, address: str, connect: Connect) -> None:
        """Take the queue's address and the way to it."""
        self._address, self._connect = address, connect

    def send(self, name: str) -> None:
        """Have a job done. Raises StoreFailed when it is not known to be queued."""
        with answering("The queue of jobs", "SendMessage"):
            self._connect.client("sqs").send_message(QueueUrl=self._address, MessageBody=name)
