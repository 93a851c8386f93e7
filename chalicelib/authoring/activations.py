"""A force's activations, and by them which version is in force at a time. Pure: it stores and approves nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Literal, NamedTuple

from chalicelib.model import Digest, Frozen, Instant, Slug
from chalicelib.policy.document import VersionLabel


class Activation(Frozen):
    """An appended statement: this policy is in force for this force from then on. Or that some such do not hold."""

    event: str
    id: Slug
    version: VersionLabel
    manifest: Digest
    policy: Digest
    starts: Instant
    seal: Digest | None = None
    """A keyed hash of the rest, by which evaluators know an entry while the trail cannot be asked for its event."""
    withdraws: tuple[str, ...] | None = None
    """The activations, by their events, that are taken back if they had not begun at `starts`. Such an entry puts
    nothing in force."""


class Activations(Frozen):
    """`activations/<force>.json`: all activations of a force, in the order in which they were made."""

    v: Literal[1] = 1
    force: Slug
    entries: tuple[Activation, ...] = ()

    def with_entry(self, entry: Activation) -> Activations:
        """The list with one more at its end; the same list when the event is in it already."""
        if any(known.event == entry.event for known in self.entries):
            return self
        return Activations(force=self.force, entries=(*self.entries, entry))


def effective(entries: Sequence[Activation]) -> list[Activation]:
    """The activations that were not taken back before they began, in the order in which they were made."""
    taken_back: dict[str, datetime] = {}
    for entry in entries:
        for event in entry.withdraws or ():
            taken_back[event] = min(entry.starts, taken_back.get(event, entry.starts))
    return [
        entry
        for entry in entries
        if entry.withdraws is None and not (entry.event in taken_back and taken_back[entry.event] < entry.starts)
    ]


def in_force(entries: Sequence[Activation], at: datetime) -> list[Activation]:
    """The activations that have begun at a time, the one in force first.

    In force is the one with the latest start; of equal starts the one made last. Each holds until the next begins.
    """
    begun = [(entry.starts, place, entry) for place, entry in enumerate(effective(entries)) if entry.starts <= at]
    return [entry for *_, entry in sorted(begun, key=lambda one: one[:2], reverse=True)]


def to_come(entries: Sequence[Activation], at: datetime) -> list[Activation]:
    """The activations that begin after a time, the next one first; of equal starts only the one that will hold."""
    later = {entry.starts: entry for entry in effective(entries) if entry.starts > at}
    return [later[start] for start in sorted(later)]


class Succession(NamedTuple):
    """One activation's policy in the place of another's."""

    old: Activation
    new: Activation


def new_successions(before: Sequence[Activation], after: Sequence[Activation], at: datetime) -> list[Succession]:
    """Which policy comes in which one's place, at a time or later, by a longer list and not by the shorter.

    An activation concerns three: the version before it, itself, and the one that follows, which now replaces another.
    """
    now = in_force(before, at)[:1]
    known = {(old.policy, new.policy) for old, new in pairwise([*now, *to_come(before, at)])}
    line = [*now, *in_force(after, at)[:1], *to_come(after, at)]
    return [
        Succession(old, new)
        for old, new in pairwise(line)
        if old.policy != new.policy and (old.policy, new.policy) not in known
    ]
