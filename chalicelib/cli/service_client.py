"""Requests of commands to a running service, under a person's token. It knows no route and keeps nothing."""

from __future__ import annotations

import json
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any

from chalicelib.cli.policy_files import read_file
from chalicelib.errors import Fault, Invalid, Refused, Unavailable

TRIES, PAUSE = 3, 2.0
"""How often a request is sent while the service does not answer, and the seconds in between."""

PATIENCE = 60.0
"""Seconds until an answer is given up; submitting a large policy takes some."""

_LOOPBACK = ("127.0.0.1", "localhost", "::1")

Members = dict[str, Any]


class ServiceClient:
    """A service at an address, as one person sees it."""

    def __init__(self, address: str, token: Path, force: str | None) -> None:
        """Take the address and a file with the token. Raises Invalid when a token would go there in the open."""
        where = urllib.parse.urlsplit(address)
        if where.scheme != "https" and not (where.scheme == "http" and where.hostname in _LOOPBACK):
            raise Invalid(f"{address} is no address that a token may be sent to: https, or http on this machine, is.")
        self._address, self._force = address.rstrip("/"), force
        self._token = read_file(token).decode(errors="replace").strip()
        if not self._token.isascii() or not self._token or any(map(str.isspace, self._token)):
            raise Invalid(f"{token} has no token in it.")
        local = [urllib.request.ProxyHandler({})] if where.hostname in _LOOPBACK else []
        self._opener = urllib.request.build_opener(_NoRedirects, *local)

    def get(self, path: str, **query: str) -> Members:
        """Read something. Raises as `post`."""
        return self._answered("GET", path, None, query)

    def post(self, path: str, body: Members) -> Members:
        """Send something, again under the same key while the service does not answer.

        Raises Refused with what the service says is wrong, or Unavailable.
        """
        return self._answered("POST", path, json.dumps(body).encode(), {})

    def _answered(self, method: str, path: str, body: bytes | None, query: Members) -> Members:
        asked = {**query, **({"force": self._force} if self._force else {})}
        url = f"{self._address}{path}" + (f"?{urllib.parse.urlencode(asked)}" if asked else "")
        headers = {"Authorization": f"Bearer {self._token}"}
        if body is not None:
            headers |= {"Content-Type": "application/json", "Idempotency-Key": secrets.token_hex(16)}
        why = ""
        for tried in range(TRIES):
            time.sleep(PAUSE if tried else 0)
            try:
                request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310  # the scheme is checked
                with self._opener.open(request, timeout=PATIENCE) as answer:
                    return _members(answer.read())
            except urllib.error.HTTPError as error:
                why = _refused_unless_passing(error)
            except (OSError, HTTPException) as error:
                why = str(getattr(error, "reason", error))
        raise Unavailable(
            f"{self._address} does not answer: {why}. The step may have been recorded: look, and repeat it."
        )


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Follows nothing: a token is for the address that was named."""

    def redirect_request(self, *_: object) -> None:
        """None: the answer is taken as it is."""


def _members(data: bytes) -> Members:
    try:
        found = json.loads(data)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Unavailable("What answers there is not this service.")
    return found


def _refused_unless_passing(error: urllib.error.HTTPError) -> str:
    """Why an answer is no success, where trying again may help. Raises Refused where it cannot."""
    with error:
        data = error.read()
    if error.code >= 500 or error.code == 429:
        return f"status {error.code}"
    problem = _members(data)
    faults = [
        Fault(
            str(one.get("code")), str(one.get("pointer", "")), str(one.get("detail")), str(one.get("expected", "")),
            one.get("line"), one.get("column"),
        )
        for one in problem.get("errors", ())
    ]  # fmt: skip
    raise Refused(str(problem.get("detail")), faults, code=str(problem.get("code", "")), extra=problem)
