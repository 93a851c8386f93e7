"""A control room in which incidents live on: people with names and tokens, and one tale for each incident."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.model import instant_text
from tests import prepared
from tests.journeys.calls import a_call
from tests.journeys.people import Answer, Caller, new_key
from tests.journeys.rooms import MovableClock, Room, Stage, embedded_room


class Worker(NamedTuple):
    """Somebody in the control room: the name and role that is recorded, and the roles of the token."""

    pseudonym: str
    role: str
    token: str = "control_room"

    @property
    def actor(self) -> dict[str, str]:
        """As requests name them."""
        return {"pseudonym": self.pseudonym, "role": self.role}


HANDLER = Worker("ch-4471", "call_handler")
COLLEAGUE = Worker("ch-4488", "call_handler")
DISPATCHER = Worker("di-2204", "dispatcher")
SERGEANT = Worker("su-0017", "supervisor", "supervisor")
INSPECTOR = Worker("su-0009", "supervisor", "supervisor")

_NUMBERS = count(1)

PLACE = {"fact": "where", "value": "known"}
NO_DANGER = {"fact": "dangers_now", "value": "none_of_these"}
ABUSE = ({"fact": "domestic_abuse", "value": True}, {"fact": "suspect_whereabouts", "value": "gone"})
QUIET = {"fact": "call_signs", "value": "none_of_these"}
CUT_OFF = {"fact": "call_signs", "present": ["cut_off"]}
ONLY_WELFARE = {
    "fact": "concerns",
    "present": ["welfare"],
    "ruled_out": ["threat_to_kill", "close_person", "stalking", "order_breach", "sexual_offence", "self_harm",
                  "missing", "neglect", "exploitation", "honour", "hate"],
}  # fmt: skip
LATER_ONLY = (
    PLACE, {"fact": "callback", "value": "safe"}, NO_DANGER, QUIET, ONLY_WELFARE,
    {"fact": "happened", "value": "none_of_these"}, {"fact": "vulnerability", "value": "none_of_these"},
    {"fact": "domestic_abuse", "value": False},
    {"fact": "welfare_signs", "present": ["only_later"],
     "ruled_out": ["collapsed", "not_reached", "not_seen", "asked_for_help", "home_signs"]},
    {"fact": "immediate_risk", "value": False}, {"fact": "police_duty", "value": "none_of_these"},
    {"fact": "agency_state", "value": "not_asked", "source": "handler"},
)  # fmt: skip
"""A welfare call about what may happen later only."""


@contextmanager
def shipped_room(folder: Path) -> Iterator[Stage]:
    """A room with the shipped policy in force, and a clock to move."""
    clock = MovableClock()
    with embedded_room(folder, clock, policy=prepared.shortened()) as room:
        yield Stage(room, clock)


@dataclass
class Tale:
    """One incident, as the people in the room live it."""

    room: Room
    clock: MovableClock
    mode: str = "live"
    reference: str = field(default_factory=lambda: f"HC-20261123-{next(_NUMBERS):04}")
    opened: str = ""
    rang: dict[str, str] = field(default_factory=dict)
    """When each contact began."""

    def caller(self, worker: Worker) -> Caller:
        """Somebody's way to the service."""
        return self.room.caller(worker.token, subject=worker.pseudonym)

    def call(
        self, *answers: Mapping[str, object], line: str = "1", by: Worker = HANDLER, **more: object
    ) -> dict[str, Any]:
        """The body of an assessment of one of the incident's contacts."""
        contact = f"{self.reference}-{line}"
        started = self.rang.setdefault(contact, instant_text(self.clock()))
        self.opened = self.opened or started
        incident = {"reference": self.reference, "opened_at": self.opened}
        body = a_call(*answers, incident=incident, contact=contact, started_at=started, mode=self.mode, **more)
        return {**body, "actor": by.actor}

    def assess(
        self, *answers: Mapping[str, object], line: str = "1", by: Worker = HANDLER, **more: object
    ) -> dict[str, Any]:
        """A decision on what was said. `line` names the contact, if it is not the first."""
        return self.caller(by).decide(self.call(*answers, line=line, by=by, **more))

    def decide(
        self, decision: Mapping[str, Any], *, by: Worker = HANDLER, key: str | None = None, **said: object
    ) -> Answer:
        """Say what was decided: a request, unless it says otherwise."""
        body = {"actor": by.actor, "act": "request", **said}
        return self.caller(by).post(f"/v1/decisions/{decision['decision']}/outcomes", body, key=key)

    def answer(self, outcome: str, answer: str, *, by: Worker = SERGEANT, key: str | None = None) -> Answer:
        """Answer an outcome or closing that waits."""
        body = {"actor": by.actor, "answer": answer, "incident": self.reference, "mode": self.mode}
        return self.caller(by).post(f"/v1/outcomes/{outcome}/authorise", body, key=key)

    def happens(self, *events: Mapping[str, Any], by: Worker = HANDLER, key: str | None = None) -> Answer:
        """Record what happens."""
        body = {"actor": by.actor, "mode": self.mode, "events": list(events)}
        return self.caller(by).post(f"/v1/incidents/{self.reference}/events", body, key=key or new_key())

    def did(self, kind: str, *, by: Worker = HANDLER, **details: object) -> dict[str, Any]:
        """Record one event that has to be recorded; it as it was answered."""
        found: dict[str, Any] = self.happens({"kind": kind, **details}, by=by).granted()["events"][0]
        return found

    def close(self, reason: str, *, act: str = "request", by: Worker = DISPATCHER, **said: object) -> Answer:
        """Ask to close it, or say that it is closed."""
        return self.happens({"kind": "closed", "act": act, "reason": reason, **said}, by=by)

    def ahead(self, **much: float) -> str:
        """A time that is so far ahead."""
        return instant_text(self.clock() + timedelta(**much))

    def told(self) -> dict[str, Any]:
        """The story as the service tells it."""
        return self.caller(HANDLER).get(f"/v1/incidents/{self.reference}", mode=self.mode).granted()

    @property
    def stands(self) -> str:
        """What stands."""
        found: str = self.told()["standing"]
        return found

    def items(self) -> dict[str, dict[str, Any]]:
        """What is outstanding: a duty or timer by its id, anything else as `kind:because`."""
        found = self.told()["outstanding"]
        own = {"duty", "timer"}
        return {one["id"] if one["kind"] in own else f"{one['kind']}:{one['because']}": one for one in found}

    def due(self) -> set[str]:
        """What is due now."""
        return {name for name, item in self.items().items() if item.get("overdue_minutes", -1) >= 0}

    def kinds(self) -> list[str]:
        """The kinds of the events on record, in order."""
        return [event["kind"] for event in self.told()["events"]]

    def last(self, kind: str) -> dict[str, Any]:
        """What the newest event of a kind says."""
        found: dict[str, Any] = [one["details"] for one in self.told()["events"] if one["kind"] == kind][-1]
        return found


def refused(answer: Answer) -> list[str]:
    """Why a request was refused: the codes of what stands against it."""
    assert answer.status == 409, answer.body.decode()
    return [one["code"] for one in answer.json()["obstacles"]]


def welfare(tale: Tale) -> dict[str, Any]:
    """A daughter who cannot reach her father, who is ill."""
    return tale.assess(
        PLACE, {"fact": "callback", "value": "safe"}, NO_DANGER, QUIET, ONLY_WELFARE,
        {"fact": "happened", "value": "none_of_these"}, {"fact": "domestic_abuse", "value": False},
        {"fact": "vulnerability", "value": "none_of_these"}, {"fact": "immediate_risk", "value": False},
        {"fact": "police_duty", "value": "none_of_these"},
        {"fact": "agency_state", "value": "not_asked", "source": "handler"},
        {"fact": "welfare_signs", "present": ["asked_for_help"],
         "ruled_out": ["collapsed", "not_reached", "not_seen", "home_signs"]},
    )  # fmt: skip
