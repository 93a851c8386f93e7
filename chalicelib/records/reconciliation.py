"""A day's incidents of the command-and-control system held against what was recorded. It reads no store.

An incident is assessed when a live decision is on record under its reference or for one of its contacts. Training, test
and observation never count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from chalicelib.assessment.contact import Mode
from chalicelib.model import Frozen, Identity, Instant, Reference, Slug
from chalicelib.policy.calendar import Day
from chalicelib.policy.document import National
from chalicelib.records.entry import Bytes, Summary
from chalicelib.records.envelope import Actor
from chalicelib.records.kinds import Kind


class IncidentOfDay(Frozen):
    """An incident that was opened on the day."""

    reference: Reference
    opened_at: Instant | None = None
    contacts: tuple[Reference, ...] = Field((), max_length=100)
    """The contacts that belong to it: it counts as assessed when one of them was."""
    grade: National | None = None
    """The grade with which it was dealt, on the national scale."""


class ByContact(Frozen):
    """An incident of which only a contact was assessed."""

    reference: Reference
    contact: Reference
    incident: Reference | None = None
    """The other incident that the contact was assessed under; absent when it was assessed under none."""


class GradedOtherwise(Frozen):
    """An incident that was dealt with at another grade than stands."""

    reference: Reference
    cad: National
    standing: National


class Coverage(Frozen):
    """How many of the incidents were assessed."""

    numerator: int = Field(ge=0)
    """Incidents for which a live decision is on record, under their own reference or for one of their contacts."""
    denominator: int = Field(ge=0)
    """Incidents sent."""


class Counts(Frozen):
    """How many incidents there are of each."""

    sent: int = Field(ge=0)
    assessed: int = Field(ge=0)
    """Under their own reference."""
    contact_only: int = Field(ge=0)
    under_another: int = Field(ge=0)
    never_assessed: int = Field(ge=0)
    graded_otherwise: int = Field(ge=0)
    not_in_cad: int = Field(ge=0)


class Reconciliation(Frozen):
    """What came of it: the first four counts beside `sent` add up to it."""

    day: Day
    mode: Mode
    as_of: Instant
    counts: Counts
    coverage: Coverage
    never_assessed: tuple[Reference, ...]
    contact_only: tuple[ByContact, ...]
    """A contact was assessed, and never put to an incident."""
    under_another: tuple[ByContact, ...]
    """A contact was assessed under another incident: a wrong reference, or one incident opened twice."""
    graded_otherwise: tuple[GradedOtherwise, ...]
    """Where a human's decision is on record, it is what stands."""
    not_in_cad: tuple[Reference, ...]
    """Assessed on the day, never before it, and sent neither for this day nor for the day before."""


class KeptReconciliation(Frozen):
    """A reconciliation as it is kept, for reports."""

    v: Literal[1] = 1
    force: Slug
    client: Identity
    """The system whose token it came with."""
    asked_by: Identity
    actor: Actor | None = None
    sent: tuple[Reference, ...]
    """Every incident that was sent, in order."""
    answer: Reconciliation


class KeyTaken(Frozen):
    """The use of an Idempotency-Key: for which day, and by which request."""

    v: Literal[1] = 1
    day: Day
    secret: Bytes
    fingerprint: Annotated[str, StringConstraints(pattern=r"^[0-9]+\.[0-9a-f]{64}\.[0-9a-f]{64}$")]


_BY_HUMANS = {kind.value for kind in (Kind.OUTCOME, Kind.OUTCOME_AUTHORISED, Kind.GRADE_SET)}


@dataclass(slots=True)
class Known:
    """The newest live decision of each incident and of each contact that was looked at."""

    incidents: dict[str, Summary] = field(default_factory=dict)
    contacts: dict[str, Summary] = field(default_factory=dict)
    by_humans: set[str] = field(default_factory=set)
    """Incidents of which more than the newest decision says what stands."""

    def add(self, found: Iterable[Summary]) -> None:
        """Take events in, in any order and however often they come; those that are not live are passed over."""
        for event in found:
            if event.mode != Mode.LIVE:
                continue
            if event.kind == Kind.DECISION:
                _newer(self.incidents, event.incident, event)
                _newer(self.contacts, event.contact, event)
            elif event.kind in _BY_HUMANS and event.incident is not None:
                self.by_humans.add(event.incident)

    def of(self, incident: IncidentOfDay) -> Summary | None:
        """The decision by which an incident counts as assessed: its own, or else that of the first contact with one."""
        own = self.incidents.get(incident.reference)
        return own or next((self.contacts[one] for one in incident.contacts if one in self.contacts), None)


def _newer(known: dict[str, Summary], name: str | None, decision: Summary) -> None:
    if name is None:
        return
    there = known.get(name)
    if there is None or (there.recorded_at, there.id) < (decision.recorded_at, decision.id):
        known[name] = decision


def unclear(sent: Sequence[IncidentOfDay], known: Known) -> list[str]:
    """The incidents, as recorded, of which all has to be read to tell whether they were dealt with as stands.

    Those that a human has graded, and those where the newest decision left another grade standing: it may be that a
    human has graded them at another time than was looked through.
    """
    found: dict[str, None] = {}
    for incident in sent:
        decision = known.of(incident)
        if decision is None or incident.grade is None or decision.incident is None:
            continue
        if decision.standing != incident.grade or decision.incident in known.by_humans:
            found[decision.incident] = None
    return list(found)


def reconciled(
    sent: Sequence[IncidentOfDay],
    known: Known,
    *,
    stands: Mapping[str, National],
    not_in_cad: Sequence[str],
    said: Mapping[str, object],
) -> Reconciliation:
    """Hold incidents against decisions.

    `stands`: what stands for the incidents that were `unclear`. `said`: day, mode and time of the answer.
    """
    never: list[str] = []
    only: list[ByContact] = []
    another: list[ByContact] = []
    otherwise: list[GradedOtherwise] = []
    for incident in sent:
        decision = known.of(incident)
        if decision is None:
            never.append(incident.reference)
            continue
        if incident.reference not in known.incidents:
            by = ByContact(reference=incident.reference, contact=decision.contact or "", incident=decision.incident)
            (only if decision.incident is None else another).append(by)
        standing = stands.get(decision.incident or "") or (National(decision.standing) if decision.standing else None)
        if incident.grade is not None and standing is not None and standing is not incident.grade:
            otherwise.append(GradedOtherwise(reference=incident.reference, cad=incident.grade, standing=standing))
    counts = Counts(
        sent=len(sent),
        assessed=len(sent) - len(never) - len(only) - len(another),
        contact_only=len(only),
        under_another=len(another),
        never_assessed=len(never),
        graded_otherwise=len(otherwise),
        not_in_cad=len(not_in_cad),
    )
    return Reconciliation.model_validate(
        {
            **said,
            "counts": counts,
            "coverage": Coverage(numerator=len(sent) - len(never), denominator=len(sent)),
            "never_assessed": tuple(never),
            "contact_only": tuple(only),
            "under_another": tuple(another),
            "graded_otherwise": tuple(otherwise),
            "not_in_cad": tuple(not_in_cad),
        }
    )
