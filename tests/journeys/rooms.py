"""Running services for stories: in this process with a clock that can be moved, or in processes of their own."""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.api.application import build_application
from chalicelib.api.local import serve_locally
from chalicelib.auth.principal import Principal
from chalicelib.auth.roles import Role
from chalicelib.services import Ports, Services, local_issuer, services_for
from chalicelib.settings import Mode, Settings
from chalicelib.storage.connect import Connect
from chalicelib.storage.dynamodb_board import DynamoBoard
from chalicelib.storage.dynamodb_trail import DynamoTrail
from chalicelib.storage.issuer_keys import HttpIssuerKeys
from chalicelib.storage.kms_wrapper import KmsWrapper
from chalicelib.storage.s3_objects import S3Objects
from chalicelib.workflows.local_issuer import LocalIssuer
from tests.aws import ENVIRONMENT, REGION, Created
from tests.callers import AUDIENCE, ISSUER, a_token, jwks
from tests.journeys.calls import FORCE, SHIPPED, Text, put_in_force_from
from tests.journeys.people import Caller, Journal
from tests.prepared import place_store

ROOT = Path(__file__).parent.parent.parent
MORNING = datetime(2026, 11, 23, 4, 17, tzinfo=UTC)
"""When the stories with a clock of their own begin."""


class MovableClock:
    """A clock that goes on by a millisecond with each look, and by more when it is told to."""

    def __init__(self, start: datetime = MORNING) -> None:
        """Begin at a time."""
        self._now, self._lock = start, threading.Lock()

    def __call__(self) -> datetime:
        """Now."""
        with self._lock:
            self._now += timedelta(milliseconds=1)
            return self._now

    def move(self, **much: float) -> datetime:
        """Let so much time pass; the new time. The parts are those of timedelta."""
        with self._lock:
            self._now += timedelta(**much)
            return self._now


@dataclass
class Room:
    """A service and the people around it."""

    url: str
    token: Callable[[tuple[str, ...], str, str], str]
    """From roles, subject and force to a token."""
    _services: Services | None = None
    journal: Journal = field(default_factory=Journal)

    @property
    def services(self) -> Services:
        """The services of a room in this process."""
        assert self._services is not None
        return self._services

    def caller(self, *roles: str, subject: str | None = None, force: str = FORCE) -> Caller:
        """Somebody with these roles, by default under a name made of the first of them."""
        return Caller(self.url, partial(self.token, roles, subject or f"{roles[0]}-1", force), self.journal)

    @property
    def handler(self) -> Caller:
        """The control room's software."""
        return self.caller("control_room", "supervisor", subject="cad-service")

    @property
    def owner(self) -> Caller:
        """The policy's owner."""
        return self.caller("policy_owner")

    @property
    def approver(self) -> Caller:
        """Who approves and activates."""
        return self.caller("policy_approver")

    @property
    def auditor(self) -> Caller:
        """An auditor."""
        return self.caller("auditor")


class Stage(NamedTuple):
    """A room whose time is ours."""

    room: Room
    clock: MovableClock

    def put_in_force(self, text: Text) -> dict[str, Any]:
        """Publish a new version from as soon as may be, and wait until it has begun; its activation."""
        activation = put_in_force_from(self.room.owner, self.room.approver, text, self.clock() + SOON)
        self.clock.move(seconds=SOON.total_seconds())
        return activation


SOON = timedelta(seconds=61)
"""So far ahead a new version can be put in force."""

STRANGERS = ("bedfordshire", "hertfordshire-north")
"""Other forces, set up on the same service."""


@contextmanager
def room_of(services: Services, token: Callable[[tuple[str, ...], str, str], str]) -> Iterator[Room]:
    """Services behind HTTP, in this process."""
    server = serve_locally(build_application(services), "127.0.0.1", 0)
    server.start()
    try:
        yield Room(server.url, token, services)
    finally:
        server.shutdown()
        services.settle()
        services.world.pool.shutdown()


def embedded(folder: Path, clock: Callable[[], datetime] | None = None) -> Services:
    """The services of the embedded run on a folder, perhaps with another clock."""
    services = services_for(Settings.from_env({"THRIIVES_MODE": "embedded", "THRIIVES_DATA": str(folder)}))
    if clock is None:
        return services
    keys = LocalIssuer(services.ports.policies, clock)
    return Services(services.settings, replace(services.ports, clock=clock, issuer_keys=keys))


@contextmanager
def embedded_room(
    folder: Path, clock: Callable[[], datetime] | None = None, *, policy: Path = SHIPPED
) -> Iterator[Room]:
    """The embedded service on a folder, with the policy of another folder in force."""
    place_store(folder, policy)
    services = embedded(folder, clock)
    with room_of(services, local_tokens(services)) as room:
        yield room


def put_in_force_now(services_at: Callable[[MovableClock], Services], text: Text) -> None:
    """Publish a new version that has begun when this returns, in a store that others use on the real clock.

    It is published by services whose clock is two minutes behind: what is now for the others lies far enough ahead.
    """
    now = datetime.now(UTC)
    clock = MovableClock(now - timedelta(minutes=2))
    services = services_at(clock)
    embedded_run = services.settings.mode is Mode.EMBEDDED
    tokens = local_tokens(services) if embedded_run else partial(provider_token, clock=clock)
    with room_of(services, tokens) as room:
        put_in_force_from(room.owner, room.approver, text, now)


def local_tokens(services: Services) -> Callable[[tuple[str, ...], str, str], str]:
    """How the local run's own issuer makes tokens."""

    def token(roles: tuple[str, ...], subject: str, force: str) -> str:
        named = frozenset(Role(role) for role in roles)
        principal = Principal(subject=subject, client="cad-01", forces=(force,), roles=named)
        return local_issuer(services).token(principal, lifetime=timedelta(hours=1))

    return token


def provider_token(
    roles: tuple[str, ...], subject: str, force: str, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> str:
    """A token of the tests' identity provider."""
    now = int(clock().timestamp())
    return a_token(roles, sub=subject, forces=[force], iat=now, exp=now + 3600)


@contextmanager
def identity_provider() -> Iterator[str]:
    """Publishes the key set of the tests' identity provider on this machine; its address."""
    published = jwks()

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(published)))
            self.end_headers()
            self.wfile.write(published)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/keys"
    finally:
        server.shutdown()
        server.server_close()


def aws_settings(created: Created, key_url: str) -> dict[str, str]:
    """What the environment says to a service on AWS."""
    return {
        "THRIIVES_MODE": "aws",
        "THRIIVES_TABLE": created.table,
        "THRIIVES_WORK_TABLE": created.work_table,
        "THRIIVES_POLICY_BUCKET": created.policy_bucket,
        "THRIIVES_SPILL_BUCKET": created.spill_bucket,
        "THRIIVES_JOB_QUEUE_URL": created.job_queue,
        "THRIIVES_FORCE_KEY": created.force_key,
        "THRIIVES_ISSUER": ISSUER,
        "THRIIVES_AUDIENCE": AUDIENCE,
        "THRIIVES_JWKS_URL": key_url,
        "AWS_REGION": REGION,
    }


def on_aws(created: Created, key_url: str, connect: Connect, clock: Callable[[], datetime] | None = None) -> Services:
    """New services on AWS stores that share a way to AWS: as cold as in a new process, but for the clients."""
    settings = Settings.from_env(aws_settings(created, key_url))
    ports = Ports(
        trail=DynamoTrail(created.table, connect=connect),
        board=DynamoBoard(created.work_table, connect=connect),
        policies=S3Objects(created.policy_bucket, connect=connect),
        spill=S3Objects(created.spill_bucket, connect=connect),
        wrapper=KmsWrapper(created.force_key, connect),
        issuer_keys=HttpIssuerKeys(key_url),
    )
    return Services(settings, replace(ports, clock=clock) if clock else ports)


class Process:
    """A service in a process of its own. What it prints goes to a file, its log lines to another."""

    def __init__(self, command: list[str], environment: Mapping[str, str], log: Path) -> None:
        """Start it, and wait until it says where it listens."""
        ours = ("AWS_", "THRIIVES_")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        self.printed = log.with_name(f"printed-{secrets.token_hex(4)}")
        with log.open("ab") as errors, self.printed.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, *command], env={**inherited, **environment}, cwd=ROOT, stdout=out, stderr=errors
            )
        try:
            self.url = self._listening(log)
        except BaseException:
            self.kill()
            raise

    def _listening(self, log: Path) -> str:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if found := re.search(r"^Listening on (http://[0-9.:]+)", self.printed.read_text(), re.MULTILINE):
                return found[1]
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"the service did not start: {self.printed.read_text()}{log.read_text()[-2000:]}")

    def interrupt(self) -> int:
        """End it as Ctrl-C does; its exit code."""
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(30)

    def kill(self) -> None:
        """End it as kill -9 does."""
        self._process.kill()
        self._process.wait(10)


@contextmanager
def process(command: list[str], environment: Mapping[str, str], log: Path) -> Iterator[Process]:
    """A service in a process of its own, killed at the end."""
    started = Process(command, environment, log)
    try:
        yield started
    finally:
        started.kill()


def make_run(folder: Path) -> list[str]:
    """The command of the embedded run."""
    return ["-m", "chalicelib", "serve", "--port", "0", "--data", str(folder)]


APP = ["-m", "tests.journeys.app_process"]


def aws_environment(created: Created, key_url: str, endpoint: str) -> dict[str, str]:
    """The environment of a service on AWS, of which an address on this machine plays the part."""
    return {**ENVIRONMENT, **aws_settings(created, key_url), "AWS_ENDPOINT_URL": endpoint}


def set_up_force(environment: Mapping[str, str]) -> None:
    """What the operator does once for each force."""
    command = [sys.executable, "-m", "chalicelib", "force", FORCE]
    subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
