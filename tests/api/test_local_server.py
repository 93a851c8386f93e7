from __future__ import annotations

import http.client
import json
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import pytest

from chalicelib.api.local import LocalServer, serve_locally
from tests.api.frames import KEY, an_application
from tests.callers import a_token


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    found = serve_locally(an_application(), "127.0.0.1", 0)
    found.start()
    yield found
    found.shutdown()


def talk(server: LocalServer, data: bytes, *, more: bytes = b"") -> bytes:
    """Send bytes as they are and read until the server closes or stops talking."""
    with socket.create_connection((server.host, server.port), timeout=5) as connection:
        connection.sendall(data)
        if more:
            connection.sendall(more)
        connection.shutdown(socket.SHUT_WR)
        found = b""
        while piece := connection.recv(65536):
            found += piece
        return found


def statuses(reply: bytes) -> list[int]:
    return [int(found) for found in re.findall(rb"HTTP/1\.1 ([0-9]{3}) ", reply)]


def a_problem(reply: bytes, status: int) -> dict[str, object]:
    """The problem document of the only answer in the reply."""
    assert statuses(reply) == [status], reply
    head, _, body = reply.partition(b"\r\n\r\n")
    assert b"Content-Type: application/problem+json" in head
    found: dict[str, object] = json.loads(body)
    assert found["status"] == status
    return found


def posting(name: str = "one") -> bytes:
    body = json.dumps({"name": name}).encode()
    head = (
        f"POST /v1/things HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {a_token()}\r\nIdempotency-Key: {KEY}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def test_each_answer_of_a_connection_comes_in_one_piece(server: LocalServer) -> None:
    """Answers in several pieces are what Nagle's algorithm and delayed acknowledgements turn into 44 ms each."""
    with socket.create_connection((server.host, server.port), timeout=5) as connection:
        for _ in range(5):
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(65536).endswith(b'{"status":"alive"}')


def test_threads_do_not_see_each_others_requests(server: LocalServer) -> None:
    def ask(number: int) -> bool:
        connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
        headers = {"Authorization": f"Bearer {a_token()}"}
        connection.request("GET", f"/v1/things/T-{number}?size={number}", headers=headers)
        found = json.loads(connection.getresponse().read())
        connection.close()
        return bool(found["id"] == f"T-{number}" and found["query"] == {"size": str(number)})

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(200)))


def test_a_body_arrives_and_the_connection_lives_on(server: LocalServer) -> None:
    assert statuses(talk(server, posting(), more=posting("refused"))) == [201, 409]


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "0x10", "5, 5", "5 5", "9" * 30, "+5", ""])
def test_a_length_that_is_none_is_400_and_the_end(server: LocalServer, length: str) -> None:
    data = posting().replace(b"Content-Length: 15", f"Content-Length: {length}".encode())
    assert data != posting()
    a_problem(talk(server, data, more=posting()), 400)


def test_two_lengths_that_differ_are_400(server: LocalServer) -> None:
    a_problem(talk(server, posting().replace(b"Host: x", b"Content-Length: 3"), more=posting()), 400)


def test_a_damaged_header_is_400_because_it_could_hide_a_length(server: LocalServer) -> None:
    a_problem(talk(server, posting().replace(b"Host: x", b"Content-Length : 3"), more=posting()), 400)
    a_problem(talk(server, posting().replace(b"Host: x", b"no colon"), more=posting()), 400)


def test_a_chunked_body_is_411_and_the_end(server: LocalServer) -> None:
    head = b"POST /v1/things HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    a_problem(talk(server, head + b"3\r\nabc\r\n0\r\n\r\n", more=posting()), 411)


def test_a_huge_body_is_413_and_the_client_gets_to_read_it(server: LocalServer) -> None:
    size = 11 * 1024 * 1024
    head = f"POST /v1/things HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode()
    a_problem(talk(server, head, more=b"x" * size), 413)
    a_problem(talk(server, head), 413)


def test_a_body_that_stops_in_the_middle_ends_the_connection_only(server: LocalServer) -> None:
    assert talk(server, posting()[:-3]) == b""
    assert statuses(talk(server, posting())) == [201]


def test_a_client_that_waits_for_100_continue_is_asked_for_the_body(server: LocalServer) -> None:
    head, _, body = posting().partition(b"\r\n\r\n")
    with socket.create_connection((server.host, server.port), timeout=5) as connection:
        connection.sendall(head + b"\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        assert connection.recv(100).startswith(b"HTTP/1.1 201 ")
    too_much = head.replace(b"Content-Length: 15", b"Content-Length: 99999999")
    a_problem(talk(server, too_much + b"\r\nExpect: 100-continue\r\n\r\n"), 413)


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/v1",
        "/v1/",
        "/v1/things/1/2",
        "/v1//things",
        "/v1/things//",
        "/nothing?x=1",
        "/v1/%74hings",
        "*",
        "//[",
        "/é",
    ],
)
def test_an_unknown_path_is_a_404_problem(server: LocalServer, target: str) -> None:
    found = a_problem(talk(server, f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode("latin-1")), 404)
    assert found["code"] == "not_found"


@pytest.mark.parametrize("target", ["/health/", "/health?", "/health#x", "http://elsewhere.example/health"])
def test_the_same_path_may_be_written_in_other_ways(server: LocalServer, target: str) -> None:
    assert statuses(talk(server, f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())) == [200]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "POST", "QUERY", "BREW", "get"])
def test_a_wrong_method_is_a_405_problem(server: LocalServer, method: str) -> None:
    reply = talk(server, f"{method} /health HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())
    a_problem(reply, 405)
    assert b"Allow: GET\r\n" in reply
    assert b"Access-Control" not in reply


def test_head_is_refused_without_a_body_that_would_shift_the_next_answer(server: LocalServer) -> None:
    reply = talk(server, b"HEAD /health HTTP/1.1\r\nHost: x\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n")
    assert statuses(reply) == [405, 200]
    assert reply.count(b"problem:") == 0


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET /health HTTP/x\r\n\r\n", 400),
        (b"GET /health HTTP/2.0\r\n\r\n", 505),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET /health HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", 431),
        (b"GET /health HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431),
    ],
)
def test_what_is_hardly_http_is_a_problem_too(server: LocalServer, data: bytes, status: int) -> None:
    a_problem(talk(server, data), status)


@pytest.mark.parametrize(
    "header", [b"Authorization: Bearer \xe9\xff", b"traceparent: \xff", b"X-\xe9: 1", b"Prefer: \x01"]
)
def test_bytes_outside_ascii_never_kill_the_connection(server: LocalServer, header: bytes) -> None:
    data = b"GET /health HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n\r\n"
    assert statuses(talk(server, data))[0] in (200, 400, 401)
    assert statuses(talk(server, b"GET /v1/things/\xff?\xff=\xff HTTP/1.1\r\nHost: x\r\n\r\n")) == [401]


def test_a_repeated_header_is_not_dropped_in_silence(server: LocalServer) -> None:
    twice = posting().replace(b"Host: x", b"Idempotency-Key: another-key-of-the-same-length")
    assert a_problem(talk(server, twice), 400)["code"] == "idempotency_key"


def test_nothing_is_printed_about_what_was_asked(server: LocalServer, capfd: pytest.CaptureFixture[str]) -> None:
    talk(server, b"GET /v1/things/HC-20261123-0417 HTTP/1.1\r\nHost: x\r\n\r\n")
    talk(server, b"GET /nothing/HC-20261123-0417 HTTP/1.1\r\nHost: x\r\n\r\n")
    printed = capfd.readouterr()
    assert "HC-2026" not in printed.out + printed.err


def test_a_taken_address_is_an_error_at_once(server: LocalServer) -> None:
    with pytest.raises(OSError, match="in use"):
        serve_locally(an_application(), server.host, server.port)


def test_a_server_can_be_stopped_from_another_thread_and_leaves_its_address_free() -> None:
    first = serve_locally(an_application(), "127.0.0.1", 0)
    thread = Thread(target=first.serve_forever)
    thread.start()
    assert statuses(talk(first, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")) == [200]
    first.shutdown()
    thread.join(5)
    assert not thread.is_alive()
    serve_locally(an_application(), first.host, first.port).shutdown()


def test_a_server_that_was_never_started_can_be_shut_down() -> None:
    serve_locally(an_application(), "127.0.0.1", 0).shutdown()
