"""The stored form of one event, the same for every store, and what searches see of it. It opens no record.

An entry is final when it is written: nothing in it is ever changed. `canonical_entry` is the form in which an entry is
spilled to an object store when the trail cannot be written, and `entry_of` reads it back, byte for byte.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator, PlainSerializer

from chalicelib.canonical import canonical
from chalicelib.model import Frozen
from chalicelib.reader import read_model

ENTRY_BYTES = 5 * 512 * 1024
"""The most that a spilled entry can have.

The trail admits a record of 1 MiB, which base64 makes a third larger, and 350 KB of all else, here at most doubled.
"""


class Shelf(StrEnum):
    """What an event is filed under. Decisions stand alone under their id; all else is read in one piece, strongly."""

    DECISION = "D"
    INCIDENT = "I"
    CONTACT = "C"
    POLICY = "P"
    FORCE = "F"


class Place(NamedTuple):
    """Where an event is filed: a shelf, and the id, reference or policy that names the file."""

    shelf: Shelf
    name: str


def _bytes_of(value: object) -> object:
    """Bytes from their base64, strictly; what is neither is left to the model to refuse."""
    return b64decode(value, validate=True) if isinstance(value, str) else value


Bytes = Annotated[
    bytes, BeforeValidator(_bytes_of), PlainSerializer(lambda data: b64encode(data).decode(), return_type=str)
]


class Summary(Frozen):
    """What a search shows and filters by: codes, references and keyed hashes; never words."""

    id: str
    kind: str
    force: str
    mode: str
    recorded_at: str
    """UTC, six decimals."""
    actor: str
    contact: str | None = None
    incident: str | None = None
    grade: str | None = None
    """The recommended grade (national scale) of a decision."""
    standing: str | None = None
    """The grade that stands after it."""
    policy: str | None = None
    """Digest of the policy that was applied, or that the step is about."""
    version: str | None = None
    """That policy's version label."""
    flags: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    caller: str | None = None
    """Keyed hash of the caller's phone, with kind and key version; the next three likewise."""
    victim: str | None = None
    suspect: str | None = None
    address: str | None = None


class Entry(Frozen):
    """One event as it is kept, whole."""

    place_shelf: Shelf
    place_name: str
    summary: Summary
    body: Bytes
    """The canonical bytes of the record."""
    secret: Bytes
    """The 32 bytes from which the commitment's salts are made; erased with the body."""
    leaf: Bytes
    """The event's final line in the log."""
    fingerprint: str
    """Of the request that made it: keyed, hexadecimal."""

    @property
    def place(self) -> Place:
        """Where it is filed."""
        return Place(self.place_shelf, self.place_name)

    @property
    def id(self) -> str:
        """The event's id."""
        return self.summary.id


class Position(NamedTuple):
    """A place in time order: the search goes on behind it."""

    recorded_at: str
    id: str


class Query(Frozen):
    """What to search for. All that is named has to hold; times are half-open: since <= recorded_at < until."""

    force: str
    since: str
    until: str
    mode: str | None = "live"
    kind: str | None = None
    grade: str | None = None
    version: str | None = None
    """Version label or digest of the policy."""
    actor: str | None = None
    contact: str | None = None
    incident: str | None = None

    def admits(self, found: Summary) -> bool:
        """Whether a summary is one of those searched for."""
        return (
            found.force == self.force
            and self.since <= found.recorded_at < self.until
            and self.version in (None, found.version, found.policy)
            and all(
                getattr(self, name) in (None, getattr(found, name))
                for name in ("mode", "kind", "grade", "actor", "contact", "incident")
            )
        )


class Page(NamedTuple):
    """Part of a search's answer, newest first. A page may be short or empty and still have more behind it."""

    found: tuple[Summary, ...]
    after: Position | None
    """Where to go on; None when this is the end."""


def canonical_entry(entry: Entry) -> bytes:
    """The entry as canonical JSON, the form of a spill."""
    return canonical(entry.model_dump(mode="json", exclude_none=True))


def entry_of(data: bytes) -> Entry:
    """Read a spilled entry. Raises TooLarge, Unreadable or Invalid when it is not one."""
    return read_model(Entry, data, most=ENTRY_BYTES)
