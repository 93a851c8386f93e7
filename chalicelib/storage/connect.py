"""The way to AWS: clients with short time-outs, made on first use and kept, and its errors as ours. It knows no table.

Endpoints, credentials and profiles are botocore's own matter (AWS_ENDPOINT_URL and the rest of its environment).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, overload

import botocore.session
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
)
from botocore.handlers import add_expect_header

from chalicelib.errors import StoreFailed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

SHORT = Config(
    connect_timeout=0.25,
    read_timeout=0.5,
    retries={"mode": "standard", "total_max_attempts": 2},
    max_pool_connections=16,
    tcp_keepalive=True,
)
"""About 1.1 s at worst for a call that nobody answers: a caller with an emergency on the line waits for it."""

_MISCONFIGURED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AllAccessDisabled",
        "DisabledException",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "KMSInvalidStateException",
        "NoSuchBucket",
        "NotFoundException",
        "ResourceNotFoundException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
        "ValidationException",
    }
)
"""What waiting does not cure: rights, names and keys that somebody has to put right."""


@dataclass(frozen=True, slots=True)
class Connect:
    """The clients of one region. Safe to share between threads; keep one for a process."""

    region: str
    _sessions: list[botocore.session.Session] = field(default_factory=list, init=False, repr=False, compare=False)
    _clients: dict[str, BaseClient] = field(default_factory=dict, init=False, repr=False, compare=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    @overload
    def client(self, service: Literal["dynamodb"]) -> DynamoDBClient: ...
    @overload
    def client(self, service: Literal["events"]) -> EventBridgeClient: ...
    @overload
    def client(self, service: Literal["s3"]) -> S3Client: ...
    @overload
    def client(self, service: Literal["kms"]) -> KMSClient: ...
    @overload
    def client(self, service: Literal["sqs"]) -> SQSClient: ...
    def client(self, service: Literal["dynamodb", "events", "s3", "kms", "sqs"]) -> object:
        """The client of a service, made on its first use."""
        if (known := self._clients.get(service)) is not None:
            return known
        with self._lock:  # a session must not make two clients at once
            if service not in self._clients:
                if not self._sessions:
                    # boto3's own lower half: its upper half would only add transfer managers and 50 ms of cold start.
                    self._sessions.append(botocore.session.get_session())
                client = self._sessions[0].create_client(service, region_name=self.region, config=SHORT)
                # Asking for leave before each write costs a round trip, and a second more when nobody answers.
                client.meta.events.unregister("before-call.s3", add_expect_header)
                self._clients[service] = client
            return self._clients[service]

    def close(self) -> None:
        """Close the connections of every client; the next use makes new ones."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()


def code_of(error: ClientError) -> str:
    """The code by which a service says what it refused."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def answering(store: str, operation: str, *expected: str) -> Iterator[None]:
    """Turn every failure of a call into StoreFailed, but let a refusal with an expected code pass as ClientError.

    The words of the SDK stay out, since they can quote an item; the failure's note names the operation and the reason.
    """
    try:
        yield
    except ClientError as error:
        if code_of(error) in expected:
            raise
        raise _failed(store, operation, code_of(error), misconfigured=code_of(error) in _MISCONFIGURED) from None
    except BotoCoreError as error:
        wrong = isinstance(error, NoCredentialsError | PartialCredentialsError | NoRegionError | ParamValidationError)
        raise _failed(store, operation, type(error).__name__, misconfigured=wrong) from None


def _failed(store: str, operation: str, reason: str, *, misconfigured: bool) -> StoreFailed:
    if misconfigured:
        failure = StoreFailed(f"{store} is not set up as the service needs it.", code="store_misconfigured")
    else:
        failure = StoreFailed(f"{store} did not answer.")
    failure.add_note(f"{operation}: {reason}")
    return failure
