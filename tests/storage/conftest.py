"""The stores under test: embedded and on AWS, that is on moto in this process, or on a moto server behind a proxy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from chalicelib.ports import Objects, Trail, WorkBoard, Wrapper
from chalicelib.storage.connect import Connect
from chalicelib.storage.dynamodb_board import DynamoBoard
from chalicelib.storage.dynamodb_trail import DynamoTrail
from chalicelib.storage.folder_objects import FolderObjects
from chalicelib.storage.kms_wrapper import KmsWrapper
from chalicelib.storage.local_wrapper import LocalWrapper
from chalicelib.storage.s3_objects import S3Objects
from chalicelib.storage.sqlite_board import SqliteBoard
from chalicelib.storage.sqlite_trail import SqliteTrail
from chalicelib.workflows.projecting_trail import telling
from tests.aws import ENVIRONMENT, REGION, Created, create_from_template, moto_server
from tests.faults import FaultProxy


@pytest.fixture(scope="session", autouse=True)
def _only_moto() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in ENVIRONMENT.items():
            environment.setenv(name, value)
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
            environment.delenv(name, raising=False)
        yield


@pytest.fixture(scope="module")
def connect(_only_moto: None) -> Iterator[Connect]:
    """The way to moto in this process: for one thread only."""
    with mock_aws():
        way = Connect(REGION)
        yield way
        way.close()


@pytest.fixture
def created(connect: Connect) -> Created:
    """The resources of the template, new for each test, on moto in this process."""
    return create_from_template()


@pytest.fixture(params=["embedded", "embedded, followed", "aws"])
def trail(request: pytest.FixtureRequest) -> Trail:
    found: Trail = request.getfixturevalue("dynamo_trail" if request.param == "aws" else "sqlite_trail")
    return telling(found, lambda entry: None) if request.param == "embedded, followed" else found


@pytest.fixture
def sqlite_trail(tmp_path: Path) -> Iterator[SqliteTrail]:
    embedded = SqliteTrail(tmp_path / "trail.sqlite")
    yield embedded
    embedded.close()


@pytest.fixture
def dynamo_trail(created: Created, connect: Connect) -> DynamoTrail:
    return DynamoTrail(created.table, connect=connect)


@pytest.fixture(params=["embedded", "aws"])
def board(request: pytest.FixtureRequest) -> WorkBoard:
    found: WorkBoard = request.getfixturevalue("sqlite_board" if request.param == "embedded" else "dynamo_board")
    return found


@pytest.fixture
def sqlite_board(tmp_path: Path) -> Iterator[SqliteBoard]:
    embedded = SqliteBoard(tmp_path / "work.sqlite")
    yield embedded
    embedded.close()


@pytest.fixture
def dynamo_board(created: Created, connect: Connect) -> DynamoBoard:
    return DynamoBoard(created.work_table, connect=connect)


@pytest.fixture(params=["embedded", "aws", "aws with a prefix"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    if request.param == "embedded":
        return FolderObjects(tmp_path / "objects")
    bucket = request.getfixturevalue("created").policy_bucket
    prefix = "here/" if request.param == "aws with a prefix" else ""
    return S3Objects(bucket, connect=request.getfixturevalue("connect"), prefix=prefix)


@pytest.fixture(params=["embedded", "aws"])
def wrapper(request: pytest.FixtureRequest, tmp_path: Path) -> Wrapper:
    if request.param == "embedded":
        return LocalWrapper(tmp_path / "keys")
    return KmsWrapper(request.getfixturevalue("created").force_key, request.getfixturevalue("connect"))


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a moto server process, where threads may be trusted."""
    with moto_server() as address:
        yield address


@pytest.fixture
def proxy(server: str) -> Iterator[FaultProxy]:
    with FaultProxy(server) as started:
        yield started


@pytest.fixture
def served(server: str) -> Created:
    """The resources of the template, new for each test, on the moto server."""
    return create_from_template(endpoint=server)


@pytest.fixture
def through(proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """The way to the moto server, through the proxy. Not in one module with `connect`, which catches every call."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.address)
    way = Connect(REGION)
    yield way
    way.close()
