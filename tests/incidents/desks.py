"""A service on the embedded store, spoken to as its operations do, whose reads can be made to miss what is newest."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Literal

from chalicelib.assessment.call import Contact, Incident
from chalicelib.assessment.contact import Channel, ContactState, Mode
from chalicelib.canonical import Json
from chalicelib.incidents.details import EventGiven, OutcomeGiven
from chalicelib.model import Frozen
from chalicelib.reader import as_model
from chalicelib.records.entry import Entry, Place, Shelf
from chalicelib.records.envelope import Actor
from chalicelib.services import Services
from chalicelib.storage.sqlite_trail import SqliteTrail
from chalicelib.workflows.assess_call import Assessment
from chalicelib.workflows.incident_desk import Asked, Doer
from chalicelib.workflows.read_story import Filed
from chalicelib.workflows.record_entry import Recorded, Requested
from chalicelib.workflows.record_events import EVENTS_ROUTE
from chalicelib.workflows.record_outcome import Answered
from tests.incidents.tales import BEGAN, FOLDER
from tests.journeys.rooms import MovableClock, embedded
from tests.prepared import place_store

FORCE = "hertfordshire"
_NUMBERS = count(1)


class MissingTrail(SqliteTrail):
    """The embedded trail, whose reads miss what was recorded while they were under way."""

    missing: frozenset[str] = frozenset()

    def events(self, force: str, place: Place) -> Sequence[Entry]:
        """The events, without those that are missing."""
        return [entry for entry in super().events(force, place) if entry.id not in self.missing]

    def newest(
        self, force: str, mode: str, by: Literal["contact", "incident"], reference: str, limit: int
    ) -> Sequence[Entry]:
        """The decisions, without those that are missing."""
        found = super().newest(force, mode, by, reference, limit + len(self.missing))
        return [entry for entry in found if entry.id not in self.missing][:limit]

    @contextmanager
    def without(self, *names: str | None) -> Iterator[None]:
        """Miss some entries for a while."""
        self.missing = frozenset(name for name in names if name is not None)
        try:
            yield
        finally:
            self.missing = frozenset()


class _Events(Frozen):
    events: tuple[EventGiven, ...]


class Desk:
    """One incident at a service."""

    def __init__(self, services: Services, trail: MissingTrail, clock: MovableClock) -> None:
        """A new incident."""
        self.services, self.trail, self.clock = services, trail, clock
        self.incident = f"HC-{next(_NUMBERS)}"
        self.filed = Filed(FORCE, "live", None, self.incident)

    def assess(self, contact: str, state: str, role: str, *answers: dict[str, Any], key: str) -> Recorded:
        """Assess a contact of the incident."""
        asked = Assessment(
            reference=f"{self.incident}-{contact}",
            contact=Contact(started_at=BEGAN, channel=Channel.EMERGENCY, state=ContactState(state)),
            actor=Actor(pseudonym="ch-1", role=role),
            mode=Mode.LIVE,
            answers=answers,
            incident_reference=self.incident,
            incident=Incident(opened_at=BEGAN),
        )
        return self.services.assessor.assess(asked, self._requested(key, {"assess": list(answers), "state": state}))

    def outcome(self, decision: str, said: dict[str, Any], doer: Doer, *, key: str) -> Recorded:
        """Decide on a decision."""
        given = as_model(OutcomeGiven, said)
        return self.services.outcomes.outcome(decision, given, doer, self._requested(key, said))

    def answer(self, outcome: str, answer: Literal["authorised", "refused"], doer: Doer, *, key: str) -> Recorded:
        """Answer an outcome or a closing as a second person."""
        requested = self._requested(key, {"answer": answer})
        return self.services.outcomes.authorise(self.filed, Answered(outcome, answer), doer, requested)

    def events(self, said: Sequence[dict[str, Any]], doer: Doer, *, key: str) -> list[Recorded]:
        """Record events."""
        body: dict[str, Any] = {"events": list(said)}
        asked = Asked(self.filed, doer, self._requested(key, body), EVENTS_ROUTE)
        return self.services.events.record(asked, as_model(_Events, body).events)

    def raw(self) -> list[Entry]:
        """The raw items of the incident."""
        events = self.trail.events(FORCE, Place(Shelf.INCIDENT, self.incident))
        return [*self.trail.newest(FORCE, "live", "incident", self.incident, 1000), *events]

    def _requested(self, key: str, body: Json) -> Requested:
        return Requested(FORCE, "cad-01", f"{self.incident}-{key}", body)


@cache
def _opened() -> tuple[Services, MissingTrail, MovableClock]:
    folder, clock = Path(tempfile.mkdtemp(prefix="incidents-")), MovableClock()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    place_store(folder, FOLDER)
    services, trail = embedded(folder, clock), MissingTrail(folder / "trail.sqlite")
    return Services(services.settings, replace(services.ports, trail=trail)), trail, clock


def a_desk() -> Desk:
    """A new incident at a service that all tests of a process share."""
    return Desk(*_opened())
