"""The identity provider's published keys, by HTTPS or from a file. It caches nothing and checks no token."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from chalicelib.errors import StoreFailed

MOST = 64 * 1024
"""The most bytes that a key set may have."""

_SECONDS = 2.0
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class HttpIssuerKeys:
    """`IssuerKeys` at an https address, or an http one of this machine. Redirects have to stay with the scheme."""

    def __init__(self, url: str) -> None:
        """Take the address. Raises ValueError when keys must not be fetched from it."""
        if not _allowed(url):
            raise ValueError("keys are fetched by https only, or by http from this machine")
        self._url = url
        direct = [urllib.request.ProxyHandler({})] if url.startswith("http:") else []  # this machine needs no proxy
        self._opener = urllib.request.build_opener(_SameScheme(), *direct)

    def fetch(self) -> bytes:
        """The key set as it is published now. Raises StoreFailed when it cannot be had in about two seconds."""
        deadline = time.monotonic() + _SECONDS
        data = b""
        try:
            with self._opener.open(self._url, timeout=_SECONDS) as reply:
                while chunk := reply.read1(MOST):  # read() would wait anew for each drop of a trickle
                    data += chunk
                    if len(data) > MOST or time.monotonic() > deadline:
                        raise StoreFailed("The identity provider's keys are too large or too slow.")
                if reply.length:  # how much is still owed; read1() does not mind
                    raise http.client.IncompleteRead(data, reply.length)
        except (OSError, http.client.HTTPException) as error:
            if isinstance(error, urllib.error.HTTPError):
                error.close()
            failure = StoreFailed("The identity provider did not answer.")
            failure.add_note(type(error).__name__)
            raise failure from None
        return data


class FileIssuerKeys:
    """`IssuerKeys` in a file."""

    def __init__(self, path: Path) -> None:
        """Take the file's path."""
        self._path = path

    def fetch(self) -> bytes:
        """The key set as it is in the file now. Raises StoreFailed when there is none or it is too large."""
        try:
            with self._path.open("rb") as file:
                data = file.read(MOST + 1)
        except OSError as error:
            raise StoreFailed("The issuer's key file cannot be read.") from error
        if len(data) > MOST:
            raise StoreFailed("The issuer's key file is too large.")
        return data


class _SameScheme(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to where the first request could have gone, and never from https to http."""

    def redirect_request(  # noqa: PLR0913 - the standard library's signature
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if not _allowed(newurl) or urlsplit(newurl).scheme != req.type:
            raise urllib.error.HTTPError(req.full_url, code, "a redirect that is not followed", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _allowed(url: str) -> bool:
    parts = urlsplit(url)
    return (parts.scheme == "https" and bool(parts.hostname)) or (parts.scheme == "http" and parts.hostname in _HERE)
