"""Tables, buckets and keys for tests, created by API from their definition in infra/resources.json; and a moto server.

Not by CloudFormation: moto's leaves out half of what the fragment says without a word. Bucket policies are not created
either, since moto does not understand their conditions; what they say is tested as text.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import boto3
import moto

REGION: Final = "eu-west-2"

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
"""What a process has to have in its environment to speak to moto and to nothing else."""

FRAGMENT = Path(__file__).parent.parent / "infra" / "resources.json"


# moto answers only for sessions that were made after it was read; whichever test comes first, that is so here.
_moto, _session = moto, boto3.session.Session(region_name=REGION)


class Created(NamedTuple):
    """The physical names of what was created."""

    table: str
    work_table: str
    policy_bucket: str
    spill_bucket: str
    job_queue: str
    """Its address."""
    force_key: str


def create_from_template(*, endpoint: str | None = None) -> Created:
    """Create the tables, the buckets and the key of infra/resources.json under fresh names.

    Without an endpoint in this process, under `mock_aws`; else at the endpoint, of a moto server. The environment
    has to hold credentials (`ENVIRONMENT`). Names are new each time, so tests can share one server.
    """
    resources = json.loads(FRAGMENT.read_text())["Resources"]
    suffix = secrets.token_hex(4)
    return Created(
        table=_table(resources["TrailTable"]["Properties"], f"trail-{suffix}", endpoint),
        work_table=_table(resources["WorkTable"]["Properties"], f"work-{suffix}", endpoint),
        policy_bucket=_bucket(resources["PolicyBucket"]["Properties"], f"policies-{suffix}", endpoint),
        spill_bucket=_bucket(resources["SpillBucket"]["Properties"], f"spill-{suffix}", endpoint),
        job_queue=_queue(resources["JobQueue"]["Properties"], f"jobs-{suffix}", endpoint),
        force_key=_key(resources["ForceKey"]["Properties"], endpoint),
    )


@contextmanager
def moto_server() -> Iterator[str]:
    """A moto server in a process of its own, on a free port of this machine: its address, with no slash at the end."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(
        command, env={**os.environ, **ENVIRONMENT}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the moto server did not start")


def _table(properties: Mapping[str, Any], name: str, endpoint: str | None) -> str:
    indexes = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
    taken = ("AttributeDefinitions", "KeySchema", "BillingMode", *indexes)
    wanted = {member: properties[member] for member in taken if member in properties}
    if stream := properties.get("StreamSpecification"):
        wanted["StreamSpecification"] = {"StreamEnabled": True, **stream}
    client = _session.client("dynamodb", endpoint_url=endpoint)
    client.create_table(TableName=name, **wanted)
    client.close()
    return name


def _bucket(properties: Mapping[str, Any], name: str, endpoint: str | None) -> str:
    client = _session.client("s3", endpoint_url=endpoint)
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    if versioning := properties.get("VersioningConfiguration"):
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioning)
    client.close()
    return name


def _queue(properties: Mapping[str, Any], name: str, endpoint: str | None) -> str:
    client = _session.client("sqs", endpoint_url=endpoint)
    seconds = str(properties["VisibilityTimeout"])
    address: str = client.create_queue(QueueName=name, Attributes={"VisibilityTimeout": seconds})["QueueUrl"]
    client.close()
    return address


def _key(properties: Mapping[str, Any], endpoint: str | None) -> str:
    client = _session.client("kms", endpoint_url=endpoint)
    taken = ("KeySpec", "KeyUsage")
    created = client.create_key(**{member: properties[member] for member in taken if member in properties})
    client.close()
    return created["KeyMetadata"]["Arn"]
