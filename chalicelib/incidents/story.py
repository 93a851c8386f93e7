"""An incident as the trail tells it: its decisions and its events, in order. It judges nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from chalicelib.model import instant_of
from chalicelib.records.entry import Entry, Shelf
from chalicelib.records.envelope import Envelope
from chalicelib.records.kinds import Kind
from chalicelib.records.record import DecisionRecord, details_of, envelope_of, record_of


@dataclass(frozen=True)
class Event:
    """One event that is no decision."""

    envelope: Envelope
    details: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Its id."""
        return self.envelope.id

    @property
    def kind(self) -> Kind:
        """Its kind."""
        return self.envelope.kind

    @property
    def at(self) -> datetime:
        """When it happened."""
        return self.envelope.at

    def moment(self, name: str) -> datetime | None:
        """A time that it names."""
        value = self.details.get(name)
        return instant_of(value) if value is not None else None


@dataclass(frozen=True)
class Story:
    """All that is recorded of one incident in one mode."""

    incident: str
    decisions: tuple[DecisionRecord, ...]
    """Oldest first."""
    events: tuple[Event, ...]
    """In the order in which they were recorded."""

    @property
    def newest(self) -> DecisionRecord | None:
        """The decision about the latest time: one that is entered after the fact is about an earlier one."""
        moments = [(one.envelope.at, one.envelope.recorded_at, one.envelope.id) for one in self.decisions]
        return self.decisions[moments.index(max(moments))] if moments else None

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids of all that is in it."""
        return frozenset((*(one.envelope.id for one in self.decisions), *(one.id for one in self.events)))

    def of(self, *kinds: str) -> Iterator[Event]:
        """The events of some kinds."""
        return (event for event in self.events if event.kind.value in kinds)

    def last(self, *kinds: str) -> Event | None:
        """The event of some kinds that happened last."""
        return max(self.of(*kinds), key=lambda event: (event.at, event.envelope.recorded_at, event.id), default=None)

    def with_event(self, entry: Entry) -> Story:
        """The story with one more event, which was recorded last."""
        return Story(self.incident, self.decisions, (*self.events, Event(envelope_of(entry), details_of(entry))))

    @property
    def seen(self) -> int:
        """Of how many entries it is made."""
        return len(self.decisions) + len(self.events)


def story_of(incident: str, mode: str, entries: Iterable[Entry]) -> Story:
    """The story that entries tell, in whatever order and however often they come. Raises as `record_of`."""
    decisions: dict[str, DecisionRecord] = {}
    events: dict[str, Event] = {}
    for entry in entries:
        if entry.summary.mode != mode:
            continue
        if entry.place_shelf is Shelf.DECISION:
            decisions[entry.id] = record_of(entry)
        elif entry.summary.kind != Kind.WORDS:
            events[entry.id] = Event(envelope_of(entry), details_of(entry))
    return Story(
        incident,
        tuple(sorted(decisions.values(), key=lambda one: (one.envelope.recorded_at, one.envelope.id))),
        tuple(sorted(events.values(), key=lambda one: (one.envelope.recorded_at, one.id))),
    )
