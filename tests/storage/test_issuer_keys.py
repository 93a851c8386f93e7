"""Fetching the identity provider's keys from a real server on this machine."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from chalicelib.errors import StoreFailed
from chalicelib.storage import issuer_keys
from chalicelib.storage.issuer_keys import MOST, FileIssuerKeys, HttpIssuerKeys
from tests.aws import free_port

BODIES = {"/keys": b'{"keys":[]}', "/large": b" " * (MOST + 1), "/largest": b" " * MOST}
MOVED = {
    "/moved": "/keys",
    "/to-file": "file:///etc/hostname",
    "/to-https": "https://provider.example/keys",
    "/to-elsewhere": "http://provider.example/keys",
    "/for-ever": "/for-ever",
}


class Provider(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path in BODIES:
            self.answer(200, BODIES[self.path])
        elif self.path in MOVED:
            self.answer(302, b"", MOVED[self.path])
        elif self.path == "/cut":
            self.answer(200, b"{", length=100)
        elif self.path == "/trickle":
            self.answer(200, b"", length=1000)
            for _ in range(50):
                self.wfile.write(b" ")
                time.sleep(0.02)
        elif self.path == "/silent":
            time.sleep(1)
        else:
            self.answer(500, b"")

    def answer(self, status: int, body: bytes, location: str = "", length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    server = Server(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("path", ["/keys", "/moved"])
def test_the_published_keys_are_fetched(provider: str, path: str) -> None:
    assert HttpIssuerKeys(provider + path).fetch() == b'{"keys":[]}'


def test_the_largest_key_set_is_fetched(provider: str) -> None:
    assert len(HttpIssuerKeys(f"{provider}/largest").fetch()) == MOST


@pytest.mark.parametrize("path", ["/none", "/large", "/cut", "/to-file", "/to-https", "/to-elsewhere", "/for-ever"])
def test_a_provider_that_does_not_answer_well_is_a_failure(provider: str, path: str) -> None:
    with pytest.raises(StoreFailed):
        HttpIssuerKeys(provider + path).fetch()


@pytest.mark.parametrize("path", ["/silent", "/trickle"])
def test_a_provider_that_is_too_slow_is_a_failure_in_time(
    provider: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer_keys, "_SECONDS", 0.2)
    began = time.monotonic()
    with pytest.raises(StoreFailed):
        HttpIssuerKeys(provider + path).fetch()
    assert time.monotonic() - began < 1


def test_nobody_there_is_a_failure() -> None:
    with pytest.raises(StoreFailed):
        HttpIssuerKeys(f"http://127.0.0.1:{free_port()}/keys").fetch()


@pytest.mark.parametrize(
    "url",
    [
        "http://provider.example/keys",
        "http://127.0.0.1@provider.example/keys",
        "file:///etc/hostname",
        "ftp://localhost/keys",
        "https:///keys",
        "keys",
        "",
    ],
)
def test_keys_are_fetched_from_nowhere_else(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        HttpIssuerKeys(url)


def test_a_key_file_is_read_each_time(tmp_path: Path) -> None:
    keys = FileIssuerKeys(tmp_path / "jwks.json")
    with pytest.raises(StoreFailed):
        keys.fetch()
    (tmp_path / "jwks.json").write_bytes(b"{}")
    assert keys.fetch() == b"{}"
    (tmp_path / "jwks.json").write_bytes(b" " * (MOST + 1))
    with pytest.raises(StoreFailed):
        keys.fetch()
