"""A day's incidents of the command-and-control system held against the trail: which of them were never assessed.

The events of the local day, and of some hours around it, are walked; incidents and contacts that are not among them
are looked up one by one. It changes nothing that is recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from chalicelib.assessment.contact import Mode
from chalicelib.errors import Fault, Invalid, Refused
from chalicelib.model import instant_text
from chalicelib.ports import Clock
from chalicelib.records.envelope import Actor
from chalicelib.records.local_day import local_date, local_day
from chalicelib.records.reconciliation import (
    IncidentOfDay,
    KeptReconciliation,
    Known,
    Reconciliation,
    reconciled,
    unclear,
)
from chalicelib.workflows.kept_reconciliations import KeptReconciliations
from chalicelib.workflows.read_day import FIRST_DAY, DayReader
from chalicelib.workflows.record_entry import Requested

BEFORE, AFTER = timedelta(hours=1), timedelta(hours=6)
"""How far around the day is walked: calls that began before midnight, and incidents that were assessed after it."""

MOST_CONTACTS = 10_000
"""How many contacts the incidents of one request may have together."""

MOST_OF_DAY = 40
"""How many requests a day's incidents may come in; each later one reads them all."""


@dataclass(frozen=True, slots=True)
class DaySent:
    """A day's incidents, or part of them."""

    day: date
    incidents: tuple[IncidentOfDay, ...]
    asked_by: str
    mode: Mode = Mode.LIVE
    """What it is for. Whatever it is, only live decisions count as assessments."""
    actor: Actor | None = None


class Reconciled(NamedTuple):
    """A reconciliation that is kept, and whether the same request had made it before."""

    answer: Reconciliation
    replayed: bool


class Reconciler:
    """Reconciles days for all forces."""

    def __init__(self, reader: DayReader, kept: KeptReconciliations, clock: Clock) -> None:
        """Keep the ports."""
        self._reader, self.kept, self._clock = reader, kept, clock

    def reconcile(self, sent: DaySent, requested: Requested) -> Reconciled:
        """Hold a day's incidents against the trail, and keep what came of it.

        Raises Invalid for incidents that are wrong or another body under a used key; Refused while the day is not over,
        or when it was sent in too many requests; Unavailable, and then the same request again goes on.
        """
        now = self._clock()
        if sent.day >= local_date(now):
            raise Refused(f"{sent.day.isoformat()} is not over in Europe/London.", code="day_not_over")
        _check(sent)
        before = self.kept.before(requested, sent.day)
        if before is not None:
            return Reconciled(before.answer, replayed=True)
        made = KeptReconciliation(
            force=requested.force,
            client=requested.client,
            asked_by=sent.asked_by,
            actor=sent.actor,
            sent=tuple(one.reference for one in sent.incidents),
            answer=self._answer(requested.force, sent, now),
        )
        kept = self.kept.keep(made, requested)
        return Reconciled(kept.answer, replayed=kept != made)

    def _answer(self, force: str, sent: DaySent, now: datetime) -> Reconciliation:
        others = self._others(force, sent)
        begins, ends = local_day(sent.day)
        recent = self._reader.between(force, begins - BEFORE, min(ends + AFTER, now))
        known, of_day = Known(), Known()
        known.add(recent)
        of_day.add(one for one in recent if instant_text(begins) <= one.recorded_at < instant_text(ends))
        self._reader.look_up(force, sent.incidents, known)
        strangers = sorted(of_day.incidents.keys() - {one.reference for one in sent.incidents} - others)
        return reconciled(
            sent.incidents,
            known,
            stands=self._reader.standing(force, unclear(sent.incidents, known)),
            not_in_cad=self._reader.new(force, strangers, begins),
            said={"day": sent.day, "mode": sent.mode, "as_of": now},
        )

    def _others(self, force: str, sent: DaySent) -> set[str]:
        """The incidents that were sent in other requests for the day, or for the day before."""
        of_day = self.kept.of_day(force, sent.day)
        if len(of_day) >= MOST_OF_DAY:
            words = f"{sent.day.isoformat()} was sent in {MOST_OF_DAY} requests already; send more incidents in each."
            raise Refused(words, code="day_full")
        kept = [*of_day, *self.kept.of_day(force, sent.day - timedelta(days=1))]
        return {reference for one in kept if one.answer.mode is sent.mode for reference in one.sent}


def _check(sent: DaySent) -> None:
    """Raises Invalid with a fault for each thing that is wrong with a day's incidents."""
    if sent.day < FIRST_DAY:
        right = f"from {FIRST_DAY.isoformat()} on"
        raise Invalid("The day is wrong.", [Fault("day", "/day", "nothing is on record of that time", right)])
    faults = _faults(sent)
    contacts = sum(len(incident.contacts) for incident in sent.incidents)
    if contacts > MOST_CONTACTS:
        right = f"at most {MOST_CONTACTS} in one request; send the rest in another"
        faults.append(Fault("too_many", "/incidents", f"the incidents have {contacts} contacts together", right))
    if faults:
        raise Invalid("The day's incidents are readable, but parts of them are wrong.", faults)


def _faults(sent: DaySent) -> list[Fault]:
    begins, ends = local_day(sent.day)
    known: set[str] = set()
    faults: list[Fault] = []
    for place, incident in enumerate(sent.incidents):
        where = f"/incidents/{place}"
        if incident.reference in known:
            faults.append(Fault("twice", f"{where}/reference", "the incident was sent before", "each incident once"))
        known.add(incident.reference)
        if incident.opened_at is not None and not begins <= incident.opened_at < ends:
            right = f"a time on {sent.day.isoformat()} in Europe/London"
            faults.append(Fault("other_day", f"{where}/opened_at", "it was opened on another day", right))
    return faults
