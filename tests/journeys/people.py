"""Callers of the service over HTTP, and a journal of what they were answered, for stories that span requests."""

from __future__ import annotations

import http.client
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from chalicelib.assessment.contact import Mode

PERIOD = {"from": "2026-10-15T00:00:00Z", "to": "2027-01-10T00:00:00Z"}
"""A search period around the day on which the stories play."""


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """With names in lower case."""
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as an object."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    def granted(self) -> dict[str, Any]:
        """The body of a 2xx."""
        assert self.status in (200, 201), self.body.decode()
        return self.json()

    def problem(self, status: int, code: str) -> dict[str, Any]:
        """The problem document of a refusal."""
        assert self.headers["content-type"] == "application/problem+json", self.body.decode()
        found = self.json()
        assert (self.status, found["code"]) == (status, code), found
        return found


@dataclass
class Journal:
    """What was answered."""

    bodies: dict[str, bytes] = field(default_factory=dict)
    """Every body that was answered with a 2xx to an assessment, by decision id."""
    answers: list[Answer] = field(default_factory=list)
    """Everything."""

    def note(self, answer: Answer) -> None:
        """Keep a decision's bytes, which have to be those that were given before for the same id."""
        decision = answer.json()["decision"]
        assert self.bodies.setdefault(decision, answer.body) == answer.body


@dataclass(frozen=True)
class Caller:
    """Somebody with a token, and the service to talk to."""

    url: str
    token: Callable[[], str]
    """A token that is valid now."""
    journal: Journal = field(default_factory=Journal)

    def get(self, path: str, **query: str) -> Answer:
        """Read. Underscores at the end of a parameter's name are left out, for `from_`."""
        named = {name.rstrip("_"): value for name, value in query.items()}
        return self._ask("GET", f"{path}?{urlencode(named)}" if named else path, None, {})

    def post(self, path: str, body: object, *, key: str | None = None, **headers: str) -> Answer:
        """Send a body under an Idempotency-Key, by default a new one."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self._ask("POST", path, data, {"Idempotency-Key": key or new_key(), **headers})

    def assess(self, body: object, *, key: str | None = None, **headers: str) -> Answer:
        """Post an assessment, and note what was answered."""
        answer = self.post("/v1/assessments", body, key=key, **headers)
        if answer.status in (200, 201):
            self.journal.note(answer)
        return answer

    def decide(self, body: object, *, key: str | None = None) -> dict[str, Any]:
        """Post an assessment that has to be recorded; the decision."""
        return self.assess(body, key=key).granted()

    def _ask(self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        content = {"Content-Type": "application/json"} if body is not None else {}
        try:
            sent = {"Authorization": f"Bearer {self.token()}", **content, **headers}
            connection.request(method, quote(target, safe="/?=&%+:-._~"), body, sent)
            reply = connection.getresponse()
            named = {name.lower(): value for name, value in reply.getheaders()}
            answer = Answer(reply.status, named, reply.read())
            self.journal.answers.append(answer)
            return answer
        finally:
            connection.close()


def new_key() -> str:
    """An Idempotency-Key that was never used."""
    return secrets.token_hex(16)


def pages(auditor: Caller, *, limit: int = 200, **query: str) -> Iterator[list[dict[str, Any]]]:
    """The pages of a search, until there is no cursor."""
    asked = {**PERIOD, **query, "limit": str(limit)}
    while True:
        page = auditor.get("/v1/decisions", **asked).granted()
        yield page["decisions"]
        if "cursor" not in page:
            return
        asked["cursor"] = page["cursor"]


def found_by(auditor: Caller, *, limit: int = 200, **query: str) -> list[str]:
    """The ids of the decisions that a search finds."""
    return [one["decision"] for page in pages(auditor, limit=limit, **query) for one in page]


def replay_everything(auditor: Caller, journal: Journal) -> int:
    """Find every decision on record and replay it; each equals its record, and its bytes are those answered first.

    Returns how many there were. Nothing that was answered may be missing, and nothing be there that was not answered.
    """
    recorded = [decision for mode in Mode for decision in found_by(auditor, mode=mode.value)]
    assert sorted(recorded) == sorted(journal.bodies)
    for decision in recorded:
        replayed = auditor.get(f"/v1/decisions/{decision}/replay").granted()
        verdict = [replayed[name] for name in ("equal", "shown_equal", "intact")]
        assert verdict == [True, True, True], (decision, verdict)
        for path in ("decisions", "assessments"):
            assert auditor.get(f"/v1/{path}/{decision}").body == journal.bodies[decision]
    return len(recorded)
