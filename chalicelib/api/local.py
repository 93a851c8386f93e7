"""The embedded run's HTTP server: Chalice's own local server, made fast and hard to upset. Not for a public network.

Chalice's server answers after 44 ms because of Nagle's algorithm, and unbuffered writes make several packets of an
answer; two socket settings cure both. It believes any Content-Length, loses its place after a chunked body, and speaks
plain text for what no view answers; the handler here does not.
"""

from __future__ import annotations

import re
import socket
import sys
from email.errors import (
    MultipartInvariantViolationDefect,
    NoBoundaryInMultipartDefect,
    StartBoundaryNotFoundDefect,
)
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import (
    ChaliceRequestHandler,
    LambdaEventConverter,
    LocalDevServer,
    LocalGateway,
    MatchResult,
    RouteMatcher,
    ThreadedHTTPServer,
)

from chalicelib import logs
from chalicelib.api.problems import PROBLEM_JSON, framework_problem

if TYPE_CHECKING:
    from collections.abc import Mapping

REQUEST_BYTES = 10 * 1024 * 1024
"""The most that a body may announce: API Gateway's own limit."""

_DRAIN_BYTES = 32 * 1024 * 1024
_LENGTH = re.compile(r"[0-9]{1,15}")
_OF_THE_BODY = (StartBoundaryNotFoundDefect, MultipartInvariantViolationDefect, NoBoundaryInMultipartDefect)
"""What the parser of headers, made for mail, says of every multipart body, since it is not shown one."""


class LocalServer:
    """A server of one application on one address. It listens from the moment it is made."""

    def __init__(self, application: Chalice, host: str, port: int) -> None:
        """Listen on the address; port 0 takes a free one. Raises OSError when the address is taken."""
        config = Config.create()
        handler = partial(_Handler, gateway=_Gateway(application, config))
        self._server = LocalDevServer(application, config, host, port, handler_cls=handler, server_cls=_Server).server
        self._thread: Thread | None = None
        self._serving = False
        self.host = host
        self.port: int = self._server.server_address[1]

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{self.host}:{self.port}"

    def start(self) -> None:
        """Serve in a thread of its own."""
        self._thread = Thread(target=self.serve_forever, name="local-server", daemon=True)
        self._thread.start()

    def serve_forever(self) -> None:
        """Serve in this thread, until `shutdown` is called from another one or the thread is interrupted."""
        self._serving = True
        try:
            self._server.serve_forever(poll_interval=0.1)
        finally:
            self._serving = False

    def wait(self) -> None:
        """Wait until the serving thread ends, so that this one can be interrupted meanwhile."""
        while self._thread is not None and self._thread.is_alive():
            self._thread.join(0.5)

    def shutdown(self) -> None:
        """Stop serving and listening. From the thread that serves, only after `serve_forever` has ended."""
        if self._thread is not None or self._serving:
            self._server.shutdown()
        if self._thread is not None:
            self._thread.join()
        self._server.server_close()


def serve_locally(application: Chalice, host: str, port: int) -> LocalServer:
    """A server that listens on the address and has yet to be started. Raises OSError when the address is taken."""
    return LocalServer(application, host, port)


class _Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


class _Routes(RouteMatcher):
    """Chalice's matcher, without the captures of routes that matched in part and without reading //host into a path."""

    def match_route(self, url: str) -> MatchResult:
        path, _, query = url.partition("#")[0].partition("?")
        parts = (path[:-1] if path.endswith("/") and path != "/" else path).split("/")
        for route in self.route_urls:
            captured = _captures(route.split("/"), parts)
            if captured is not None:
                return MatchResult(route, captured, parse_qs(query, keep_blank_values=True))
        raise ValueError("no route")


def _captures(pattern: list[str], parts: list[str]) -> dict[str, str] | None:
    if len(pattern) != len(parts):
        return None
    captured: dict[str, str] = {}
    for wanted, part in zip(pattern, parts, strict=True):
        if wanted.startswith("{") and part:
            captured[wanted[1:-1]] = part
        elif wanted != part:
            return None
    return captured


class _Gateway(LocalGateway):
    """From one request to the application's answer. Made once; unlike Chalice's it has no authorizers and no CORS."""

    def __init__(self, application: Chalice, config: Config) -> None:
        super().__init__(application, config)
        self.event_converter = LambdaEventConverter(_Routes(list(application.routes)), application.api.binary_types)

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> _Answer | None:
        """The application's answer; None when there is no such path."""
        try:
            event = self._generate_lambda_event(method, target, headers, body)
        except ValueError:
            return None
        found = self._app_object(event, self._generate_lambda_context())
        body = found["body"].encode("utf-8") if isinstance(found["body"], str) else found["body"]
        return _Answer(found["statusCode"], found["headers"], body)


class _Handler(ChaliceRequestHandler):
    """One connection."""

    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 60
    default_request_version = "HTTP/1.0"

    def __init__(
        self,
        request: socket.socket,
        client_address: tuple[str, int],
        server: ThreadedHTTPServer,
        *,
        gateway: _Gateway,
        **_: object,
    ) -> None:
        # Chalice's own would build the gateway, and with it the route table, for each connection.
        self._gateway = gateway
        BaseHTTPRequestHandler.__init__(self, request, client_address, server)

    def _serve(self) -> None:
        if (wrong := self._wrong_framing()) is not None:
            self.send_error(wrong)
            return
        length = int(self.headers.get("content-length", "0"))
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True  # The client went away in the middle; there is nobody to tell.
            return
        answer = self._gateway.answer(self.command, self._target(), self._joined_headers(), body)
        if answer is None:
            self._send(HTTPStatus.NOT_FOUND, {"Content-Type": PROBLEM_JSON}, framework_problem(404))
            self._log(404)
        else:
            self._send(*answer)

    def parse_request(self) -> bool:
        """Read line and headers, and send every method the same way: BREW ends in a 405 or a 404, not in a 501."""
        readable: bool = super().parse_request()
        if readable:
            setattr(self, f"do_{self.command}", self._serve)
        return readable

    def _wrong_framing(self) -> int | None:
        """The status to refuse with when where the body ends is not certain: the next request would begin inside it."""
        lengths = self.headers.get_all("content-length", [])
        if any(not isinstance(defect, _OF_THE_BODY) for defect in self.headers.defects) or len(set(lengths)) > 1:
            return HTTPStatus.BAD_REQUEST
        if "transfer-encoding" in self.headers:
            return HTTPStatus.LENGTH_REQUIRED
        if lengths and not _LENGTH.fullmatch(lengths[0]):
            return HTTPStatus.BAD_REQUEST
        if lengths and int(lengths[0]) > REQUEST_BYTES:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return None

    def _target(self) -> str:
        """The request target without the address that a proxy's client puts before it."""
        return re.sub(r"^https?://[^/?#]*", "", self.path, flags=re.IGNORECASE) or "/"

    def _joined_headers(self) -> dict[str, str]:
        """Repeated headers as one list, so that none is dropped in silence (RFC 9110 section 5.3)."""
        found: dict[str, str] = {}
        for name, value in self.headers.items():
            lower = name.lower()
            found[lower] = f"{found[lower]}, {value}" if lower in found else str(value)
        return found

    def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse with a problem document and close, because where the next request would begin is not known."""
        self._send(code, {"Content-Type": PROBLEM_JSON, "Connection": "close"}, framework_problem(code))
        self._log(code)
        self._let_go()

    def _let_go(self) -> None:
        """Take what is still being sent, within bounds: closing on unread bytes would destroy the answer on its way."""
        try:
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(1)
            left = _DRAIN_BYTES
            while left > 0 and (piece := self.connection.recv(64 * 1024)):
                left -= len(piece)
        except OSError:
            return

    def handle_expect_100(self) -> bool:
        """Ask for the body only when it will be taken."""
        if (wrong := self._wrong_framing()) is not None:
            self.send_error(wrong)
            return False
        self.send_response_only(HTTPStatus.CONTINUE)
        self.end_headers()
        self.wfile.flush()
        return True

    def _log(self, status: int) -> None:
        logs.log("request", method=self.command or None, route="none", status=int(status))

    def version_string(self) -> str:
        """The Server header."""
        return "THRIIVES"

    def log_message(self, format: str, *_: object) -> None:
        """Say nothing: the request's own log line says it, and without the address, which can hold a reference."""


class _Server(ThreadedHTTPServer):
    """Takes connections, each in its own thread."""

    request_queue_size = 128

    def server_bind(self) -> None:
        """Bind without asking the resolver for our own name, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news; anything else is a fault."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, ConnectionError):
            logs.log_fault(error, operation="local_server")
