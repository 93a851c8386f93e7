"""Every partition key, sort key, index key and object name of the stores. Pure: it reads and writes nothing.

Text order is time order: a stored time has a fixed width, so `<recorded_at>#<id>` sorts as the pair (recorded_at, id).
These forms can never change; the decision records say why each of them is as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import NamedTuple

from chalicelib.records.entry import Entry, Place, Position, Query, Shelf

DECISION_KIND = "decision"
"""The event kind that stands on the decision shelf, and on no other."""

_STORED_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_OBJECT_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_OBJECT_PREFIX = re.compile(r"([A-Za-z0-9_-][A-Za-z0-9._-]*/)*([A-Za-z0-9_-][A-Za-z0-9._-]*)?")


class Index(NamedTuple):
    """A secondary index: its name, the attribute of its partition key, the members of a query that this key proves."""

    name: str
    attribute: str
    proves: frozenset[str]


BY_TIME = Index("by_time", "time_pk", frozenset())
BY_CONTACT = Index("by_contact", "contact_pk", frozenset({"kind", "mode", "contact"}))
BY_INCIDENT = Index("by_incident", "incident_pk", frozenset({"kind", "mode", "incident"}))
BY_HANDLER = Index("by_handler", "handler_pk", frozenset({"kind", "actor"}))
SUBJECTS: Mapping[str, Index] = MappingProxyType(
    {slot: Index(f"by_{slot}", f"{slot}_pk", frozenset()) for slot in ("caller", "victim", "suspect", "address")}
)
"""The index of each slot for a person or place, by the name of the slot."""

INDEXES = (BY_TIME, BY_CONTACT, BY_INCIDENT, BY_HANDLER, *SUBJECTS.values())


class Partition(NamedTuple):
    """A part of an index that a search walks, and the earliest position that it can hold."""

    by: Index
    key: str
    start: Position


def partition_key(force: str, place: Place) -> str:
    """The partition key of all events filed at a place. A decision's id implies its force, which is in the item."""
    if place.shelf is Shelf.DECISION:
        return f"D#{place.name}"
    return f"{place.shelf}#{_inner(force)}#{place.name}"


def place_of(partition: str) -> Place:
    """The place that a partition key was made of. Raises ValueError when it is none."""
    shelf, _, rest = partition.partition("#")
    return Place(Shelf(shelf), rest if shelf == Shelf.DECISION else rest.partition("#")[2])


def sort_key(place: Place, event_id: str) -> str:
    """The sort key of an event. A decision's is fixed, so that one decision id can hold one item only."""
    return "E#0" if place.shelf is Shelf.DECISION else f"E#{event_id}"


def at(position: Position) -> str:
    """A position as the sort key of every index. Raises ValueError for a time that is not in its stored form."""
    return f"{stored_time(position.recorded_at)}#{position.id}"


def position_of(at_key: str) -> Position:
    """The position that an index's sort key was made of."""
    recorded_at, _, event_id = at_key.partition("#")
    return Position(recorded_at, event_id)


def stored_time(text: str) -> str:
    """The text itself. Raises ValueError unless it is a time in the stored form, since order depends on its width."""
    if not _STORED_TIME.fullmatch(text):
        raise ValueError("a time that is not in its stored form")
    return text


def check_filing(entry: Entry) -> None:
    """Raise ValueError for an entry that no search would find again: a programming error, the same for every store."""
    known = entry.summary
    stored_time(known.recorded_at)
    _inner(known.force)
    _inner(known.mode)
    if (known.kind == DECISION_KIND) is not (entry.place_shelf is Shelf.DECISION):
        raise ValueError("decisions, and nothing else, stand on the shelf of decisions")


def index_keys(entry: Entry) -> dict[str, str]:
    """The index attributes of an event; an index holds only items with its attribute. Raises as `check_filing`."""
    check_filing(entry)
    known = entry.summary
    force, mode = known.force, known.mode
    keys = {"at": at(Position(known.recorded_at, known.id)), BY_TIME.attribute: f"{force}#{known.recorded_at[:10]}"}
    if entry.place_shelf is not Shelf.DECISION:
        return keys
    keys[BY_HANDLER.attribute] = f"{force}#{known.actor}#{known.recorded_at[:7]}"
    slots = {BY_CONTACT: known.contact, BY_INCIDENT: known.incident}
    slots |= {index: getattr(known, slot) for slot, index in SUBJECTS.items()}
    return keys | {index.attribute: f"{force}#{mode}#{value}" for index, value in slots.items() if value is not None}


def reference_key(force: str, mode: str, reference: str) -> str:
    """The key of a contact's, incident's or subject's decisions in their index."""
    return f"{_inner(force)}#{_inner(mode)}#{reference}"


def partitions(query: Query, before: Position) -> Iterator[Partition]:
    """The parts of the narrowest index that can hold what a query wants before a position, newest first.

    The narrow indexes hold decisions only, so any other search walks the days.
    """
    decisions = query.kind == DECISION_KIND
    if decisions and query.mode is not None and (reference := query.incident or query.contact) is not None:
        index = BY_INCIDENT if query.incident else BY_CONTACT
        yield Partition(index, reference_key(query.force, query.mode, reference), Position(query.since, ""))
        return
    force = _inner(query.force)
    if decisions and query.actor is not None:
        for first in _firsts(query.since, before):
            yield Partition(BY_HANDLER, f"{force}#{query.actor}#{first.isoformat()[:7]}", _start(first))
        return
    for day in _days(query.since, before):
        yield Partition(BY_TIME, f"{force}#{day.isoformat()}", _start(day))


def object_name(name: str) -> str:
    """The name itself. Raises ValueError unless it is segments of letters, digits, `.`, `_`, `-` between slashes."""
    if not _OBJECT_NAME.fullmatch(name) or ".." in name or len(name) > 900:
        raise ValueError("not the name of an object")
    return name


def object_prefix(prefix: str) -> str:
    """The prefix itself. Raises ValueError unless names could begin so."""
    if not _OBJECT_PREFIX.fullmatch(prefix) or ".." in prefix or len(prefix) > 900:
        raise ValueError("not the beginning of an object's name")
    return prefix


def _inner(part: str) -> str:
    if not part or "#" in part:
        raise ValueError("a part of a key that is empty or holds its separator")
    return part


def _start(day: date) -> Position:
    return Position(f"{day.isoformat()}T00:00:00.000000Z", "")


def _days(since: str, before: Position) -> Iterator[date]:
    oldest, day = date.fromisoformat(since[:10]), date.fromisoformat(before.recorded_at[:10])
    if before == _start(day):  # nothing of that day lies before its own start
        if day == date.min:
            return
        day -= timedelta(days=1)
    while day >= oldest:
        yield day
        if day == date.min:
            return
        day -= timedelta(days=1)


def _firsts(since: str, before: Position) -> Iterator[date]:
    oldest = date.fromisoformat(since[:10]).replace(day=1)
    newest = next(_days(since, before), None)
    first = newest.replace(day=1) if newest else date.min
    while newest and first >= oldest:
        yield first
        if first == date.min:
            return
        first = (first - timedelta(days=1)).replace(day=1)
