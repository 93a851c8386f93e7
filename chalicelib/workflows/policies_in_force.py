"""Which policy an evaluator applies now, and policies by digest: read, verified, compiled, kept. It publishes nothing.

The list of a force's activations is revalidated by its tag every few seconds, far more often than an activation may
lie ahead, so all containers switch at one instant. While the store is down the last good state is kept, and its age
is said. An entry without its recorded event is refused; one that was taken back before it began does not hold. One bad
document never breaks the others.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple

from chalicelib.authoring.activations import Activation, Activations, in_force
from chalicelib.authoring.lifecycle import SOONEST
from chalicelib.canonical import canonical, sha256_hex
from chalicelib.errors import Invalid, NoPolicy, NotFound, ServiceError, StoreFailed, Unavailable, Unreadable
from chalicelib.model import instant_of
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.compiler import compile_policy
from chalicelib.policy.document import POLICY_BYTES, Policy
from chalicelib.ports import Clock, Objects, Trail
from chalicelib.reader import read_model
from chalicelib.records.entry import Entry as Event
from chalicelib.records.entry import Place, Shelf
from chalicelib.records.identity import ForceKey
from chalicelib.records.kinds import Kind
from chalicelib.records.record import details_of, plain
from chalicelib.workflows.force_keys import ForceKeys

REVALIDATE = timedelta(seconds=20)
"""How old the list of activations may be before it is asked for again."""

RETRY = timedelta(seconds=5)
"""How long to leave a store alone that has just failed."""

KEPT = 64
"""How many compiled policies a process keeps."""

_LIST_BYTES = 4 * 1024 * 1024


class InForce(NamedTuple):
    """The policy to apply and, when it could not be confirmed that it is in force, how long ago it was."""

    policy: CompiledPolicy
    stale_seconds: int | None


@dataclass(slots=True)
class _Known:
    """What this process knows of one force's activations."""

    entries: Sequence[Activation]
    tag: str
    confirmed: datetime
    try_again: datetime
    failed: bool = False


class PoliciesInForce:
    """Finds policies for evaluators."""

    def __init__(self, objects: Objects, trail: Trail, keys: ForceKeys, clock: Clock, *, kept: int = KEPT) -> None:
        """Keep the ports; nothing is read yet. So many compiled policies are kept."""
        self._most = kept
        self._objects, self._trail, self._keys, self._clock = objects, trail, keys, clock
        self._lists: dict[str, _Known] = {}
        self._compiled: OrderedDict[str, CompiledPolicy] = OrderedDict()
        self._reading = Lock()
        self._keeping = Lock()

    def current(self, force: str, at: datetime) -> InForce:
        """The policy in force at a time. Raises NoPolicy when none is known to be."""
        known = self._entries(force)
        begun = in_force(known.entries, at)
        trouble: ServiceError | None = None
        for place, entry in enumerate(begun):
            try:
                policy = self.by_digest(entry.id, entry.policy)
            except (Unavailable, NotFound, Unreadable, Invalid) as error:
                trouble = trouble or error
                continue
            age = int((at - known.confirmed).total_seconds())
            return InForce(policy, max(age, 0) if known.failed or place else None)
        if trouble is not None:
            raise NoPolicy("The policy in force cannot be read. Use the manual card.", headers=_LATER) from trouble
        raise NoPolicy("No policy has been put in force for this force. Use the manual card.", headers=_LATER)

    def entries(self, force: str) -> Sequence[Activation]:
        """A force's activations, as fresh as evaluators see them."""
        return self._entries(force).entries

    def by_digest(self, policy_id: str, digest: str) -> CompiledPolicy:
        """A policy by its digest. Raises NotFound, StoreFailed, or Unreadable when the stored bytes are damaged."""
        with self._keeping:
            kept = self._compiled.get(digest)
            if kept is not None:
                self._compiled.move_to_end(digest)
                return kept
        stored = self._objects.get(policy_object(policy_id, digest, "policy.json"))
        if stored is None:
            raise NotFound("The policy document is not there.")
        if sha256_hex(stored.data) != digest:
            raise Unreadable(
                "The stored policy does not have the digest that it is stored under.", code="policy_damaged"
            )
        policy = compile_policy(read_model(Policy, stored.data, most=POLICY_BYTES), digest)
        with self._keeping:
            self._compiled[digest] = policy
            while len(self._compiled) > self._most:
                self._compiled.popitem(last=False)
        return policy

    def health(self, forces: Collection[str]) -> dict[str, dict[str, str | int]]:
        """For each of some forces that this process has served: the version in force, and how old that knowledge is."""
        now = self._clock()
        return {
            force: {
                "policy": begun[0].id if begun else "none",
                "version": begun[0].version if begun else "none",
                "confirmed_seconds_ago": int((now - known.confirmed).total_seconds()),
            }
            for force, known in self._lists.items()
            if force in forces
            for begun in [in_force(known.entries, now)]
        }

    def _entries(self, force: str) -> _Known:
        known, now = self._lists.get(force), self._clock()
        if known is not None and now < known.try_again:
            return known
        waits = known is None or not self._will_do(known, now)
        if not self._reading.acquire(blocking=waits) and known is not None:
            return known
        try:
            known = self._lists.get(force)  # whoever held the lock may have read it
            return known if known is not None and now < known.try_again else self._read(force, known, now)
        finally:
            self._reading.release()

    @staticmethod
    def _will_do(known: _Known, now: datetime) -> bool:
        """Whether a list may be applied while another request revalidates it.

        One so young that nothing which it lacks can have begun; or one that is answered with its age, because the
        store has failed. Any other would be applied in silence, however old: after a quiet night, say.
        """
        return known.failed or now - known.confirmed <= SOONEST - REVALIDATE

    def _read(self, force: str, known: _Known | None, now: datetime) -> _Known:
        """Revalidate the list; keep the last good one when that fails."""
        try:
            fresh = self._revalidated(force, known or _Known((), "", now, now), now)
        except (StoreFailed, Unreadable, Invalid) as error:
            if known is None:
                raise NoPolicy("The policy store does not answer. Use the manual card.", headers=_LATER) from error
            fresh = _Known(known.entries, known.tag, known.confirmed, now + RETRY, failed=True)
        self._lists[force] = fresh
        return fresh

    def _revalidated(self, force: str, known: _Known, now: datetime) -> _Known:
        name = activations_object(force)
        found = self._objects.get_changed(name, known.tag) if known.tag else self._objects.get(name)
        if found == "unchanged":
            return _Known(known.entries, known.tag, now, now + REVALIDATE)
        listed = read_model(Activations, found.data, most=_LIST_BYTES).entries if found else ()
        if not set(known.entries) <= set(listed):
            raise Invalid("The list of activations has lost entries; it only ever grows.", code="activations_damaged")
        # The whole entry: its event vouches for what it says, not for whatever else stands beside its id.
        vouched = set(known.entries)
        good = [entry for entry in listed if entry in vouched or is_vouched(self._trail, self._keys, force, entry)]
        return _Known(good, found.tag if found else "", now, now + REVALIDATE)


def is_vouched(trail: Trail, keys: ForceKeys, force: str, entry: Activation) -> bool:
    """Whether the trail holds the event that made an entry; while it cannot be asked, whether the seal is ours.

    Raises StoreFailed when the trail cannot be asked and the seal is not ours.
    """
    try:
        event = trail.get(force, Place(Shelf.POLICY, entry.id), entry.event)
    except StoreFailed:
        if entry.seal == seal_of(entry, keys.current(force)):
            return True
        raise
    if event is None or event.summary.kind not in (Kind.POLICY_ACTIVATED, Kind.POLICY_WITHDRAWN):
        return False
    said = listed_as(event)
    return said is not None and said == entry.model_copy(update={"seal": None})


def listed_as(event: Event) -> Activation | None:
    """The entry, not yet sealed, that an event makes; None for a withdrawal that takes no activation back."""
    details = details_of(event)
    takes_back = event.summary.kind == Kind.POLICY_WITHDRAWN
    if takes_back and "withdraws" not in details:
        return None
    return Activation(
        event=event.id,
        id=details["id"],
        version=details["version"],
        manifest=details["manifest"],
        policy=details["policy"],
        starts=instant_of(event.summary.recorded_at if takes_back else details["starts"]),
        withdraws=tuple(details["withdraws"]) if takes_back else None,
    )


_LATER = {"Retry-After": "5"}


def seal_of(entry: Activation, key: ForceKey) -> str:
    """The keyed hash of an activation, its seal left out."""
    return key.keyed("activation/1", canonical(plain(entry.model_copy(update={"seal": None}))))


def activations_object(force: str) -> str:
    """The name of a force's list of activations."""
    return f"activations/{force}.json"


def label_object(policy_id: str, force: str, label: str) -> str:
    """The name of the write-once object that binds a label. It holds the digest of a manifest.

    Objects' names have no two dots side by side; labels that differ in nothing else exclude each other.
    """
    return f"policies/{policy_id}/labels/{force}/{re.sub(r'[.](?=[.])', '._', label)}"


def policy_object(policy_id: str, digest: str, part: str) -> str:
    """The name of one write-once part of a policy, under the digest of that part."""
    return f"policies/{policy_id}/{digest}/{part}"
