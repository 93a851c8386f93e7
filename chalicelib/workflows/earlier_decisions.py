"""The reads before an assessment, side by side and one deep: policy, earlier decisions, events, a spill. It writes
nothing.

Only the policy is indispensable. An earlier decision that cannot be read leaves the assessment to what was sent, and
the record says so; a spill that cannot be read is found again when it is drained.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import replace
from datetime import datetime
from typing import Literal, NamedTuple, TypeVar

from chalicelib.assessment.call import CheckDone, Earlier
from chalicelib.errors import ServiceError, StoreFailed
from chalicelib.incidents.standing import stands
from chalicelib.incidents.story import Story, story_of
from chalicelib.ports import Trail
from chalicelib.records.accumulation import Accumulated, accumulated
from chalicelib.records.entry import Entry, Place, Shelf
from chalicelib.records.record import DecisionRecord, record_of
from chalicelib.workflows.policies_in_force import InForce, PoliciesInForce
from chalicelib.workflows.record_entry import Recorder, place_of_decision

TAKEN_TOGETHER = 3
"""How many of the newest decisions are joined, so that decisions which did not see each other lose nothing."""

AFTER_A_FAILURE = 50
"""How many are joined when one of the newest did not see what came before it."""

_T = TypeVar("_T")


class Wanted(NamedTuple):
    """What an assessment needs to be read."""

    force: str
    mode: str
    contact: str
    incident: str | None
    continues: str | None
    decision: str
    at: datetime


class Read(NamedTuple):
    """What was found."""

    in_force: InForce
    earlier: Accumulated
    of_contact: DecisionRecord | None
    """The newest decision of the contact itself."""
    continues: Literal["newest", "older", "missing"] | None
    """What the decision that the client says it continues turned out to be."""
    spilled: Entry | None
    incident: str | None
    """The incident: as named, or the one that the contact belongs to already."""
    checks: tuple[CheckDone, ...] = ()
    """The checks that were recorded as events."""


class EarlierDecisions:
    """Reads what an assessment starts from."""

    def __init__(self, trail: Trail, recorder: Recorder, policies: PoliciesInForce, pool: Executor) -> None:
        """Keep the ports and the threads to read with."""
        self._trail, self._recorder, self._policies, self._pool = trail, recorder, policies, pool

    def read(self, wanted: Wanted) -> Read:
        """All reads at once. Raises NoPolicy or StoreFailed when there is no policy to apply."""
        start = self._pool.submit
        spill = start(self._recorder.in_spill, wanted.force, wanted.decision)
        of_contact = start(self._newest, wanted, "contact", wanted.contact)
        of_incident = start(self._newest, wanted, "incident", wanted.incident) if wanted.incident else None
        named = start(self._named, wanted) if wanted.continues else None
        events = [start(self._events, wanted, Shelf.CONTACT, wanted.contact)]
        events += [start(self._events, wanted, Shelf.INCIDENT, wanted.incident)] if wanted.incident else []
        in_force = start(self._policies.current, wanted.force, wanted.at)
        spilled = _or_none(spill)
        groups = [_or_none(future) for future in (of_contact, of_incident, named) if future is not None]
        found = _Found()
        for group in groups:
            found.add(group)
        incident = wanted.incident or found.incident_of(wanted.contact)
        if incident is not None and wanted.incident is None:
            wanted = wanted._replace(incident=incident)
            events.append(start(self._events, wanted, Shelf.INCIDENT, incident))
            found.add(_or_none(start(self._newest, wanted, "incident", incident)))
        for future in events:
            found.add_events(_or_none(future))
        if found.doubtful or found.decided_further_back(wanted):
            # One of them did not see what came before it, so what it should stand on may lie further back; or an
            # outcome did not, and what is between was not yet weighed against it.
            found.add(self._further_back(wanted))
        joined = accumulated(list(found.records.values()), wanted.contact)
        story = found.story(wanted)
        joined = replace(joined, earlier=_by_outcomes(joined.earlier, story))
        if found.failed:
            earlier = joined.earlier.model_copy(update={"state": "failed"})
            joined = replace(joined, earlier=earlier)
        own = [record for record in found.records.values() if record.envelope.contact == wanted.contact]
        return Read(
            in_force.result(),
            joined,
            max(own, key=lambda record: (record.envelope.recorded_at, record.envelope.id), default=None),
            _continued(wanted.continues, joined.earlier, found.records),
            spilled,
            incident,
            tuple(_checks_of(story)),
        )

    def _newest(self, wanted: Wanted, by: Literal["contact", "incident"], reference: str) -> Sequence[Entry]:
        return self._trail.newest(wanted.force, wanted.mode, by, reference, TAKEN_TOGETHER)

    def _events(self, wanted: Wanted, shelf: Shelf, name: str) -> Sequence[Entry]:
        return self._trail.events(wanted.force, Place(shelf, name))

    def _further_back(self, wanted: Wanted) -> Sequence[Entry] | None:
        try:
            found = list(self._trail.newest(wanted.force, wanted.mode, "contact", wanted.contact, AFTER_A_FAILURE))
            if wanted.incident:
                found += self._trail.newest(wanted.force, wanted.mode, "incident", wanted.incident, AFTER_A_FAILURE)
        except StoreFailed:
            return None
        return found

    def _named(self, wanted: Wanted) -> Sequence[Entry]:
        """The decision that the client says it continues, read strongly: an index may be a moment behind, or the
        decision may still wait in the spill."""
        event = wanted.continues or ""
        found = self._recorder.find(wanted.force, place_of_decision(event), event)
        if found is None:
            return []
        entry = found.entry
        if entry.summary.mode != wanted.mode or not _belongs(entry, wanted):
            return []
        return [entry]


class _Found:
    """The records that reads have brought, each opened once."""

    def __init__(self) -> None:
        self.records: dict[str, DecisionRecord] = {}
        self.entries: list[Entry] = []
        self.failed = False
        """Whether something could not be read."""
        self.doubtful = False
        """Whether one of them did not see what came before it: it could not be read, or was not there yet."""

    def incident_of(self, contact: str) -> str | None:
        """The incident that the contact's newest record belongs to."""
        own = [record for record in self.records.values() if record.envelope.contact == contact]
        newest = max(own, key=lambda record: record.envelope.recorded_at, default=None)
        return newest.envelope.incident if newest else None

    def add_events(self, entries: Sequence[Entry] | None) -> None:
        """Keep the events that one read brought; None: it failed."""
        self.failed = self.failed or entries is None
        self.entries += entries or ()

    def decided_further_back(self, wanted: Wanted) -> bool:
        """Whether an outcome holds that was not made on the newest of these, and that none of these knew of yet."""
        told = self.story(wanted)
        what, newest = stands(told), told.newest
        weighed = {name for record in self.records.values() for name in record.call.earlier.outcomes or ()}
        return what is not None and any(
            head.id not in weighed and (newest is None or head.details.get("decision") != newest.envelope.id)
            for head in what.heads
        )

    def story(self, wanted: Wanted) -> Story:
        """What was read, as the story of the incident or of the contact."""
        try:
            told = story_of(wanted.incident or wanted.contact, wanted.mode, self.entries)
        except ServiceError:
            self.failed = True
            told = story_of(wanted.incident or wanted.contact, wanted.mode, ())
        known = sorted(self.records.values(), key=lambda one: (one.envelope.recorded_at, one.envelope.id))
        return Story(told.incident, tuple(known), told.events)

    def add(self, entries: Sequence[Entry] | None) -> None:
        """Open what one read brought; None: it failed."""
        self.failed = self.failed or entries is None
        for entry in entries or ():
            if entry.id not in self.records:
                try:
                    self.records[entry.id] = record_of(entry)
                except ServiceError:
                    self.failed = True
        group = [self.records[entry.id] for entry in entries or () if entry.id in self.records]
        if group:
            newest = max(group, key=lambda record: (record.envelope.recorded_at, record.envelope.id))
            seen = {newest.envelope.id, *newest.call.earlier.decisions}
            unseen = any(record.envelope.id not in seen for record in group)
            unread = any(record.call.earlier.state == "failed" for record in group)
            self.doubtful = self.doubtful or unseen or unread


def _by_outcomes(earlier: Earlier, story: Story) -> Earlier:
    """What was found earlier, with the grade that stands by what people have decided since."""
    what = stands(story)
    if what is None or not what.heads:
        return earlier
    return earlier.model_copy(update={"standing": what.grade, "outcomes": tuple(event.id for event in what.heads)})


def _checks_of(story: Story) -> Iterator[CheckDone]:
    for event in story.of("check"):
        yield CheckDone(check=event.details["check"], done_at=event.at, result=event.details["result"])


def _belongs(entry: Entry, wanted: Wanted) -> bool:
    same_incident = wanted.incident is not None and entry.summary.incident == wanted.incident
    return entry.summary.contact == wanted.contact or same_incident


def _or_none(future: Future[_T]) -> _T | None:
    try:
        return future.result()
    except ServiceError:
        return None


def _continued(
    named: str | None, earlier: Earlier, found: Mapping[str, DecisionRecord]
) -> Literal["newest", "older", "missing"] | None:
    if named is None:
        return None
    if named not in found:
        return "missing"
    return "newest" if earlier.decisions[:1] == (named,) else "older"
