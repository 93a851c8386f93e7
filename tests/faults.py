"""A proxy before a moto server that makes chosen AWS calls fail as networks fail. It changes no request and no answer.

    with FaultProxy(moto_address) as proxy:
        ...                                             # the code under test has AWS_ENDPOINT_URL=proxy.address
        proxy.arm("dynamodb:PutItem", "before")         # the next one: connection closed, AWS never saw it
        proxy.arm("dynamodb:PutItem", "after", times=2) # the next two: they take effect, the answers are lost
        proxy.arm("s3:PutObject", "hang", times=None, within="/spill/")  # every one: accepted, never answered
        ...
        proxy.disarm()                                  # no more faults; what hangs is closed, without effect
        assert proxy.calls["dynamodb:PutItem"] == 3     # attempts, so the SDK's own repetitions count

An operation is named `<service>:<Operation>` as in an IAM policy's actions, but for S3 as in its API: `dynamodb:Query`,
`kms:Decrypt`, `s3:GetObject`, `s3:PutObject`, `s3:DeleteObject`, `s3:HeadObject`, `s3:ListObjectsV2`. A pattern may be
armed too (`s3:*`, `*`). `within` narrows to calls whose path or body holds a text: an object's name, an index's name.
Remember that each client makes two attempts: for a call to fail for good, arm it twice or for ever.
"""

from __future__ import annotations

import http.client
import socket
import threading
from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Literal, NamedTuple, Self
from urllib.parse import parse_qs, urlsplit

Fault = Literal["before", "after", "hang"]

_SERVICES = {"DynamoDB_20120810": "dynamodb", "TrentService": "kms"}
_ON_OBJECT = {"GET": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject", "HEAD": "HeadObject"}
_ON_BUCKET = {"GET": "ListObjectsV2", "PUT": "CreateBucket", "DELETE": "DeleteBucket", "HEAD": "HeadBucket"}
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "expect"})


class Call(NamedTuple):
    """One call that came by, and what was done to it."""

    operation: str
    path: str
    fault: Fault | None


@dataclass
class _Armed:
    operation: str
    fault: Fault
    times: int | None
    within: str

    def fits(self, operation: str, seen: str) -> bool:
        return self.times != 0 and fnmatchcase(operation, self.operation) and self.within in seen


class FaultProxy:
    """The proxy: start it by `with`, or by `start` and `stop`. Safe to use from several threads."""

    def __init__(self, upstream: str) -> None:
        """Take the address of the moto server."""
        parts = urlsplit(upstream)
        self._upstream = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._armed: list[_Armed] = []
        self._lock = threading.Lock()
        self._let_go = threading.Event()
        self._server = _Server(self)
        self.log: list[Call] = []

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    @property
    def address(self) -> str:
        """Where clients reach AWS through this proxy."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def calls(self) -> Counter[str]:
        """How often each operation came by since the start or the last `forget`, faulty or not."""
        with self._lock:
            return Counter(call.operation for call in self.log)

    def arm(self, operation: str, fault: Fault, *, times: int | None = 1, within: str = "") -> None:
        """Let the next `times` calls (None: all) of an operation fail so. What was armed first is used up first."""
        with self._lock:
            self._armed.append(_Armed(operation, fault, times, within))

    def disarm(self) -> None:
        """Let calls pass again, and close those that hang."""
        with self._lock:
            self._armed.clear()
            held, self._let_go = self._let_go, threading.Event()
        held.set()

    def forget(self) -> None:
        """Begin counting anew."""
        with self._lock:
            self.log.clear()

    def start(self) -> None:
        """Begin to serve, in a thread."""
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Let everything go and serve no more."""
        self.disarm()
        self._server.shutdown()
        self._server.server_close()

    def take(self, operation: str, path: str, body: bytes) -> tuple[Fault | None, threading.Event]:
        """For the handler: note a call, and say what to do to it, and until when."""
        seen = f"{path}\n{body.decode('utf-8', 'replace')}"
        with self._lock:
            armed = next((one for one in self._armed if one.fits(operation, seen)), None)
            if armed and armed.times is not None:
                armed.times -= 1
            fault = armed.fault if armed else None
            self.log.append(Call(operation, path, fault))
            return fault, self._let_go

    def forward(self, request: _Handler, body: bytes) -> tuple[http.client.HTTPResponse, bytes]:
        """For the handler: pass a call on, and return the answer."""
        upstream = http.client.HTTPConnection(*self._upstream, timeout=30)
        try:
            headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP}
            upstream.request(request.command, request.path, body, {**headers, "Content-Length": str(len(body))})
            reply = upstream.getresponse()
            return reply, reply.read()
        finally:
            upstream.close()


def operation_of(method: str, path: str, target: str | None) -> str:
    """The AWS operation that a request asks for."""
    if target:
        service, _, operation = target.partition(".")
        return f"{_SERVICES.get(service, service)}:{operation}"
    parts = urlsplit(path)
    on_object = "/" in parts.path.strip("/")
    if not on_object and method == "GET" and "list-type" not in parse_qs(parts.query):
        return f"s3:GetBucket?{parts.query}"
    return f"s3:{(_ON_OBJECT if on_object else _ON_BUCKET).get(method, method)}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, proxy: FaultProxy) -> None:
        self.proxy = proxy
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing when a client has gone: that is what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def _serve(self) -> None:
        body = self._body()
        operation = operation_of(self.command, self.path, self.headers.get("X-Amz-Target"))
        fault, let_go = self.server.proxy.take(operation, self.path, body)
        if fault == "hang":
            let_go.wait()
        if fault in ("hang", "before"):
            self._drop()
            return
        reply, data = self.server.proxy.forward(self, body)
        if fault == "after":
            self._drop()
            return
        self.send_response_only(reply.status, reply.reason)
        for name, value in reply.getheaders():
            if name.lower() not in _HOP_BY_HOP or (name.lower() == "content-length" and self.command == "HEAD"):
                self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _serve

    def handle_expect_100(self) -> bool:
        """Give leave at once: the standard handler would leave it in the buffer."""
        granted = super().handle_expect_100()
        self.wfile.flush()
        return granted

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks: list[bytes] = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():  # trailers
            pass
        return b"".join(chunks)

    def _drop(self) -> None:
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # the client was faster

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
