"""Our own time in POST /v1/assessments: a gateway's event in, its answer out, in one process without a network.

The store is the embedded one, on a file system in memory where the machine has one, so that what is measured is ours
and not a disk's. A first assessment has the answers of a case of the shipped policy. Re-assessments bring the answers
of one long contact one at a time, so that each reads what was recorded before and carries it along.
"""

from __future__ import annotations

import json
import logging
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path

from bench.evaluate import SHIPPED, figures_of, print_figures
from chalicelib.api.application import Application, build_application
from chalicelib.auth.principal import Principal
from chalicelib.auth.roles import Role
from chalicelib.authoring.cases import read_cases
from chalicelib.canonical import Json
from chalicelib.cli.shipped_policies import put_in_force
from chalicelib.services import local_issuer, services_for
from chalicelib.settings import Settings
from infra.emulator import gateway_event

REACH = {"p50_ms": 5.0}
ROUNDS = 5
CONTACTS = 40

NUMBERS = 1000
"""How many telephone numbers there are: each caller has been there at most a few times."""

LONG_CALL: tuple[Json, ...] = (
    {"fact": "where", "value": "known"},
    {"fact": "callback", "value": "safe"},
    {"fact": "dangers_now", "ruled_out": ["fire_or_explosive", "breaking_in"]},
    {"fact": "domestic_abuse", "value": True, "source": "victim"},
    {"fact": "injury", "at_least": "minor", "about": "V1", "source": "victim"},
    {"fact": "suspect_whereabouts", "value": "nearby"},
    {"fact": "weapon", "absent": "unable"},
    {"fact": "weapon", "value": "none"},
    {"fact": "injury", "value": "none", "about": "V1", "source": "third_party"},
    {"fact": "dangers_now", "present": ["violence"], "source": "heard_on_line"},
)


def main() -> dict[str, object]:
    """Time first assessments and re-assessments; print a table."""
    logging.disable(logging.CRITICAL)
    memory = Path("/dev/shm")
    try:
        with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
            figures = _figures(Path(folder))
    finally:
        logging.disable(logging.NOTSET)
    print_figures(figures)
    print(
        f"a first assessment has to reach p50 {REACH['p50_ms']} ms; store on {'memory' if memory.is_dir() else 'disk'}"
    )
    return {"reach": REACH, "store": "memory" if memory.is_dir() else "disk", **figures}


def _figures(folder: Path) -> dict[str, dict[str, float]]:
    settings = Settings.from_env({"THRIIVES_MODE": "embedded", "THRIIVES_DATA": str(folder)})
    services = services_for(settings)
    force = put_in_force(services, SHIPPED)
    caller = Principal(subject="bench", client="bench-cad", forces=(force,), roles=frozenset({Role.CONTROL_ROOM}))
    token = local_issuer(services).token(caller, lifetime=timedelta(hours=1))
    desk = _Desk(build_application(services), token)
    answers = [
        [given.model_dump(mode="json", exclude_defaults=True) for given in case.answers]
        for case in read_cases((SHIPPED / "cases.yaml").read_bytes()).cases
    ]
    for given in answers:
        desk.post(desk.contact(), given)
    first = [desk.post(desk.contact(), given) for _ in range(ROUNDS) for given in answers]
    again = [taken for _ in range(CONTACTS) for taken in _re_assessed(desk)]
    return {"first assessment": figures_of(first), "re-assessment": figures_of(again)}


def _re_assessed(desk: _Desk) -> Iterator[float]:
    contact = desk.contact()
    desk.post(contact, [])
    for answer in LONG_CALL:
        yield desk.post(contact, [answer])


class _Desk:
    """Posts calls to an application as a gateway would hand them over."""

    def __init__(self, application: Application, token: str) -> None:
        self._application, self._token, self._numbers = application, token, count(1)

    def contact(self) -> str:
        """A reference that was not used before."""
        return f"HC-20261123-{next(self._numbers)}"

    def post(self, contact: str, answers: Sequence[Json]) -> float:
        """Have a call assessed and recorded; the milliseconds that it took."""
        number = int(contact.rpartition("-")[2]) % NUMBERS
        phone: Json = {"kind": "phone", "value": f"01632 960{number:03}"}
        body: Mapping[str, Json] = {
            "contact": {
                "reference": contact, "started_at": "2026-11-23T04:17:09Z", "channel": "999", "state": "in_progress",
            },
            "actor": {"pseudonym": "ch-4471", "role": "call_handler"},
            "people": [{"ref": "V1", "roles": ["victim", "caller"], "identifiers": [phone]}],
            "answers": answers,
        }  # fmt: skip
        headers = {
            "authorization": f"Bearer {self._token}",
            "content-type": "application/json",
            "idempotency-key": f"bench-assessment-{next(self._numbers)}",
        }
        event = gateway_event("POST", "/v1/assessments", headers=headers, body=json.dumps(body).encode())
        started = time.perf_counter()
        answer = self._application(event, None)
        taken = (time.perf_counter() - started) * 1000
        if answer["statusCode"] != 201:
            raise RuntimeError(f"refused: {answer['body']}")
        return taken
