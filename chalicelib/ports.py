"""Every conversation with the outside world, as a Protocol named by its ability. No implementation.

A store that does not answer, or answers after its time is up, raises StoreFailed; whether it acted is then not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from chalicelib.canonical import Json
from chalicelib.records.entry import Entry, Page, Place, Position, Query, Summary
from chalicelib.records.slots import Indexed


class Clock(Protocol):
    """Tells the time."""

    def __call__(self) -> datetime:
        """Now, in UTC."""


class Entropy(Protocol):
    """Makes secrets."""

    def __call__(self, size: int, /) -> bytes:
        """So many unpredictable bytes."""


class Stopwatch(Protocol):
    """Measures how long something takes."""

    def __call__(self) -> float:
        """The seconds since some moment of this process; they never go back."""


class World(NamedTuple):
    """What a process takes from its surroundings besides stores."""

    clock: Clock
    entropy: Entropy
    pool: Executor
    """Threads for reads that run side by side."""
    engine: str
    """The version of the evaluator, which records name."""
    aside: Executor
    """Threads for reads that nothing waits for beyond a deadline: what hangs there holds up nothing else."""
    stopwatch: Stopwatch


class Trail(Protocol):
    """The append-only record of all events."""

    def append(self, entry: Entry) -> Entry | None:
        """Keep an entry, once and for ever: None when it is kept now, else the entry that has this place and id.

        Of two at once exactly one is kept. An own write that is seen again comes back as the entry that is there.
        """

    def get(self, force: str, place: Place, event_id: str) -> Entry | None:
        """One event, read strongly."""

    def events(self, force: str, place: Place) -> Sequence[Entry]:
        """All events filed at a place, read strongly, in order of (recorded_at, id)."""

    def newest(
        self, force: str, mode: str, by: Literal["contact", "incident"], reference: str, limit: int
    ) -> Sequence[Entry]:
        """The newest decisions of a contact or incident in one mode, newest first; perhaps a moment behind."""

    def of_subject(self, force: str, mode: str, indexed: Indexed, since: str, limit: int) -> Sequence[Summary]:
        """The newest decisions with a keyed hash in a slot, recorded at `since` or later, newest first.

        One store call; perhaps a moment behind. No summary shows a keyed hash.
        """

    def find(self, query: Query, after: Position | None, limit: int) -> Page:
        """A page of at most `limit` summaries, newest first, with a bounded number of store calls; a moment behind."""


class BoardRow(NamedTuple):
    """What the board keeps of an incident."""

    decisions: tuple[str, ...]
    """The ids of the decisions that it was made of, sorted."""
    body: bytes | None
    """What the worklist shows; None while nothing in the incident will fall due by itself."""


class OnBoard(NamedTuple):
    """A row of the board, and the tag that names this state of it."""

    row: BoardRow
    tag: str


class WorkBoard(Protocol):
    """The rows of the worklist: made of the trail and nothing else, so that they can be thrown away and made again."""

    def get(self, force: str, incident: str) -> OnBoard | None:
        """The row of an incident, read strongly."""

    def put(self, force: str, incident: str, row: BoardRow, tag: str | None) -> bool:
        """Put a row in place of the state that has this tag; None: where there is none yet.

        False, and nothing written, when another state stands there by now. An own write that is seen again may also
        come back as False: who has to know reads it.
        """

    def open_rows(self, force: str) -> Sequence[bytes]:
        """The bodies of all open rows of a force, in no order, read strongly."""

    def version(self, force: str) -> str:
        """What is another after each change of a row of the force, soon after the change; one cheap read."""


class Announcer(Protocol):
    """Tells other systems of what is due."""

    def announce(self, due: Sequence[Mapping[str, Json]]) -> None:
        """Tell of some things, each in codes; perhaps more than once. Raises StoreFailed."""


class Stored(NamedTuple):
    """An object and the tag that names this state of it."""

    data: bytes
    tag: str


class Objects(Protocol):
    """Named objects: written once, or replaced only by who has seen the newest."""

    def get(self, name: str) -> Stored | None:
        """The object, or None."""

    def get_changed(self, name: str, tag: str) -> Stored | Literal["unchanged"] | None:
        """The object unless it still has this tag."""

    def create(self, name: str, data: bytes) -> bool:
        """Write an object that is not there yet; False, and nothing written, when it is."""

    def replace(self, name: str, data: bytes, tag: str) -> bool:
        """Replace the state that has this tag; False, and nothing written, when it is another by now."""

    def names(self, prefix: str) -> Sequence[str]:
        """The names that begin so, sorted."""

    def remove(self, name: str) -> None:
        """Take an object away; nothing happens when it is not there."""


class JobQueue(Protocol):
    """Hands jobs to a worker."""

    def send(self, name: str) -> None:
        """Have a job done, by the name of its object; perhaps more than once. Raises StoreFailed."""


class Wrapper(Protocol):
    """Wraps keys so that they can be stored."""

    def wrap(self, key: bytes, context: Mapping[str, str]) -> bytes:
        """The key, sealed together with its context."""

    def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """The key again. Raises StoreFailed when it cannot be had, ValueError when context or bytes are wrong."""


class IssuerKeys(Protocol):
    """The public keys of the identity provider."""

    def fetch(self) -> bytes:
        """The provider's JSON Web Key Set as it is published now."""
