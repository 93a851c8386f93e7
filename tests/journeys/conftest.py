"""What the stories share: a moto server in a process of its own, and an identity provider."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.aws import ENVIRONMENT, Created, create_from_template, moto_server
from tests.faults import FaultProxy
from tests.journeys.rooms import MovableClock, Stage, embedded_room, identity_provider


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """The address of a moto server; this process has nothing else to speak to."""
    with pytest.MonkeyPatch.context() as environment, moto_server() as address:
        for name, value in ENVIRONMENT.items():
            environment.setenv(name, value)
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
            environment.delenv(name, raising=False)
        yield address


@pytest.fixture(scope="module")
def proxy(moto: str) -> Iterator[FaultProxy]:
    """A proxy before the moto server."""
    with FaultProxy(moto) as started:
        yield started


@pytest.fixture(scope="module")
def created(moto: str) -> Created:
    """The resources of the template, new for each story."""
    return create_from_template(endpoint=moto)


@pytest.fixture(scope="session")
def key_url() -> Iterator[str]:
    """Where the identity provider publishes its keys."""
    with identity_provider() as address:
        yield address


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of the room of its own."""
    return tmp_path / "data"


@pytest.fixture
def fresh(data: Path) -> Iterator[Stage]:
    """A room of its own."""
    clock = MovableClock()
    with embedded_room(data, clock) as room:
        yield Stage(room, clock)
