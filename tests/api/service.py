"""The whole service in process, on embedded stores of its own, with the shipped policy in force. It has no tests."""

from __future__ import annotations

import http.client
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from chalicelib.api.application import Application, build_application
from chalicelib.api.local import serve_locally
from chalicelib.auth.roles import Role
from chalicelib.services import Services, services_for
from chalicelib.settings import Settings
from tests.callers import AUDIENCE, ISSUER, NOW, a_token, jwks
from tests.prepared import place_store, shortened

ROOT = Path(__file__).parents[2]
POLICY = "hertfordshire-thriives"
FORCE = "hertfordshire"


class Reply(NamedTuple):
    """An answer as it came through the socket; names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Provider:
    """The tests' own identity provider."""

    def fetch(self) -> bytes:
        return jwks()


PATIENCE = 30.0
"""How many seconds a job may take."""


class LocalService:
    """One service on one folder. Its time stands still, or goes by a given clock; its tokens come from the tests'
    provider."""

    def __init__(self, folder: Path, clock: Callable[[], datetime] = lambda: NOW) -> None:
        """Set the force up and put its policy in force."""
        self.folder = folder
        place_store(folder, shortened())
        made = services_for(Settings.from_env({"THRIIVES_MODE": "embedded", "THRIIVES_DATA": str(folder)}))
        self.services = Services(
            replace(made.settings, issuer=ISSUER, audience=AUDIENCE),
            replace(made.ports, clock=clock, issuer_keys=_Provider()),
        )
        self.application: Application = build_application(self.services)
        self.url = ""

    @contextmanager
    def serving(self) -> Iterator[LocalService]:
        """Serve on a port of this machine."""
        server = serve_locally(self.application, "127.0.0.1", 0)
        server.start()
        self.url = server.url
        try:
            yield self
        finally:
            server.shutdown()

    @staticmethod
    def token(*roles: Role, **changes: object) -> str:
        """A token with some roles, valid at the service's time; changes name claims."""
        return a_token([role.value for role in roles], **changes)

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Reply:
        """A request through the socket, as it stands."""
        address = self.url.removeprefix("http://")
        with closing(http.client.HTTPConnection(address, timeout=10)) as connection:
            connection.request(method, target, body or None, dict(headers))
            answer = connection.getresponse()
            return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())

    def kept(self) -> Mapping[str, int]:
        """How much is stored, once no job is at work: the rows of each table, and the files."""
        deadline = time.monotonic() + PATIENCE
        while self.services.jobs.unfinished() and time.monotonic() < deadline:
            time.sleep(0.01)
        found: dict[str, int] = {}
        with closing(sqlite3.connect(self.folder / "trail.sqlite")) as connection:
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                found[name] = connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
        for folder in ("objects", "spilled"):
            found[folder] = sum(1 for path in (self.folder / folder).rglob("*") if path.is_file())
        return found
