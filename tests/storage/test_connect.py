"""The way to AWS: what is imported when, time-outs, and the errors of the SDK as ours."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from chalicelib.errors import StoreFailed
from chalicelib.storage.connect import Connect, answering
from tests.aws import REGION

EMBEDDED = "sqlite_trail, folder_objects, local_wrapper, issuer_keys"


def test_the_embedded_stores_import_no_aws() -> None:
    check = "assert not {'boto3', 'botocore', 'cryptography'} & {name.partition('.')[0] for name in sys.modules}"
    code = f"import sys; from chalicelib.storage import {EMBEDDED}; {check}"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent.parent.parent)


def test_clients_are_made_on_first_use_and_kept() -> None:
    connect = Connect(REGION)
    assert connect._clients == {}
    assert connect.client("dynamodb") is connect.client("dynamodb")
    connect.close()


def test_threads_that_ask_at_once_get_the_same_client() -> None:
    connect, found = Connect(REGION), set()
    threads = [threading.Thread(target=lambda: found.add(id(connect.client("kms")))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1
    connect.close()


def test_ways_to_one_region_are_equal_and_show_no_client() -> None:
    assert Connect(REGION) == Connect(REGION) != Connect("eu-west-1")
    assert repr(Connect(REGION)) == f"Connect(region='{REGION}')"


def test_no_call_waits_long_or_is_repeated_often() -> None:
    connect = Connect(REGION)
    for client in (connect.client("dynamodb"), connect.client("s3"), connect.client("kms")):
        config = client.meta.config
        assert (config.connect_timeout, config.read_timeout) == (0.25, 0.5)  # type: ignore[attr-defined]  # not in the stubs
        assert config.retries == {"mode": "standard", "total_max_attempts": 2}  # type: ignore[attr-defined]  # the same
    connect.close()


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "HC-20261123-0417 quoted"}}, "PutItem")


FAILURES: list[tuple[ClientError | BotoCoreError, str, str]] = [
    (refused("ThrottlingException"), "store_failed", "throttled"),
    (refused("ProvisionedThroughputExceededException"), "store_failed", "throttled"),
    (refused("InternalServerError"), "store_failed", "their fault"),
    (refused("SlowDown"), "store_failed", "throttled by S3"),
    (refused("503"), "store_failed", "a status without words"),
    (refused("AccessDeniedException"), "store_misconfigured", "no right"),
    (refused("AccessDenied"), "store_misconfigured", "no right, in S3's words"),
    (refused("ResourceNotFoundException"), "store_misconfigured", "no table"),
    (refused("NoSuchBucket"), "store_misconfigured", "no bucket"),
    (refused("NotFoundException"), "store_misconfigured", "no key"),
    (refused("ExpiredTokenException"), "store_misconfigured", "credentials too old"),
    (refused("ValidationException"), "store_misconfigured", "a table of another form"),
    (NoCredentialsError(), "store_misconfigured", "no credentials"),
    (ParamValidationError(report="HC-20261123-0417 quoted"), "store_misconfigured", "what the SDK refuses to send"),
    (ReadTimeoutError(endpoint_url="https://x"), "store_failed", "no answer"),
    (ConnectTimeoutError(endpoint_url="https://x"), "store_failed", "no connection in time"),
    (EndpointConnectionError(endpoint_url="https://x"), "store_failed", "no connection"),
]


@pytest.mark.parametrize(("error", "code"), [row[:2] for row in FAILURES], ids=[row[2] for row in FAILURES])
def test_a_failure_says_whether_waiting_helps_and_quotes_nothing(error: ClientError | BotoCoreError, code: str) -> None:
    with pytest.raises(StoreFailed) as failure, answering("The trail", "PutItem"):
        raise error
    assert failure.value.code == code
    assert failure.value.__cause__ is None
    assert failure.value.__suppress_context__
    assert "quoted" not in " ".join([str(failure.value), *failure.value.__notes__])


def test_a_refusal_that_is_expected_passes() -> None:
    with pytest.raises(ClientError), answering("The trail", "PutItem", "ConditionalCheckFailedException"):
        raise refused("ConditionalCheckFailedException")
