"""Bringing spilled entries back into the trail. A spill is removed only when the trail holds its bytes.

Where the trail holds another entry under the same id, the one in the trail stands, and the other is kept whole in a
`conflict` event. One that cannot be brought back stays where it is and holds up none of the others.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from chalicelib.assessment.contact import Mode
from chalicelib.canonical import sha256_hex
from chalicelib.errors import ServiceError, StoreFailed
from chalicelib.ports import Clock, Entropy, Objects, Stored, Trail
from chalicelib.records.commitment import leaf_hash
from chalicelib.records.entry import Entry, canonical_entry, entry_of
from chalicelib.records.envelope import Actor, Envelope, Mark
from chalicelib.records.identity import event_id
from chalicelib.records.kinds import Kind
from chalicelib.records.record import event_entry

_ITSELF = Actor(pseudonym="drain", role="service")


class Drained(NamedTuple):
    """What came of a run."""

    brought_back: int
    conflicts: int
    unreadable: int
    """Left where they are, for a person to look at."""


class _Came(StrEnum):
    """What came of one spill."""

    BACK = "back"
    CONFLICT = "conflict"
    UNREADABLE = "unreadable"


Rejoin = Callable[[Entry], None]
"""Lets an entry that has only now come into the trail count for what was decided after it."""


def drain_spills(spill: Objects, trail: Trail, rejoin: Rejoin, *, clock: Clock, entropy: Entropy) -> Drained:
    """Move every spilled entry into the trail. Raises StoreFailed when a store fails; run again, it goes on.

    A spill stays until later decisions count with it, so that a run which is interrupted is made up for by the next.
    """
    came: list[_Came] = []
    for name in spill.names("spill/"):
        stored = spill.get(name)
        if stored is None:
            continue
        came.append(_bring_back(stored, trail, rejoin, clock=clock, entropy=entropy))
        if came[-1] is not _Came.UNREADABLE:
            spill.remove(name)
    return Drained(came.count(_Came.BACK), came.count(_Came.CONFLICT), came.count(_Came.UNREADABLE))


def _bring_back(stored: Stored, trail: Trail, rejoin: Rejoin, *, clock: Clock, entropy: Entropy) -> _Came:
    """Bring one spilled entry into the trail; unreadable when that is refused for whatever is wrong with it alone.

    Raises StoreFailed when a store does not answer: then it would for none of the others either.
    """
    try:
        entry = entry_of(stored.data)
        there = trail.append(entry)
        if there is None or canonical_entry(there) == canonical_entry(entry):
            rejoin(entry)
            return _Came.BACK
        trail.append(_conflict(entry, there, stored.data.decode(), clock=clock, secret=entropy(32)))
        return _Came.CONFLICT
    except ValueError:
        return _Came.UNREADABLE  # its form is right, but no trail could file it
    except ServiceError as error:
        if isinstance(error, StoreFailed) and error.code != "store_damaged":
            raise
        return _Came.UNREADABLE


def _conflict(spilled: Entry, there: Entry, data: str, *, clock: Clock, secret: bytes) -> Entry:
    """The event that says that one id was answered twice with different bytes, and keeps those that do not stand."""
    now = clock()
    key = sha256_hex(data.encode())[:40]
    envelope = Envelope(
        kind=Kind.CONFLICT,
        id=event_id("e", force=spilled.summary.force, client="drain", route="drain", key=key),
        force=spilled.summary.force,
        contact=spilled.summary.contact,
        incident=spilled.summary.incident,
        actor=_ITSELF,
        mode=Mode(spilled.summary.mode),
        at=now,
        recorded_at=now,
    )
    details = {
        "about": spilled.id,
        "stands": leaf_hash(there.leaf),
        "other": leaf_hash(spilled.leaf),
        "other_entry": data,
    }
    return event_entry(envelope, details, name="conflicts", mark=Mark(secret, ""))
