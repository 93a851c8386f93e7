"""Reconciliations as objects, each written once under the Idempotency-Key of its request. It reconciles nothing.

The key is taken first and for ever, whatever day the request is about, so that another body under it is refused. A
request that was broken off after that is done again by the same request, and gives the first answer that was kept.
"""

from __future__ import annotations

from concurrent.futures import Executor
from datetime import date

from chalicelib.canonical import canonical
from chalicelib.errors import Invalid, NotFound, StoreFailed, Unavailable
from chalicelib.ports import Entropy, Objects
from chalicelib.reader import read_model
from chalicelib.records.identity import ForceKey, event_id, fingerprint, same_request
from chalicelib.records.reconciliation import KeptReconciliation, KeyTaken
from chalicelib.records.record import plain
from chalicelib.workflows.force_keys import ForceKeys
from chalicelib.workflows.record_entry import MISMATCH, Requested

ROUTE = "POST /v1/reconciliations"

_KEPT_BYTES = 8 * 1024 * 1024
_KEY_BYTES = 4096


class KeptReconciliations:
    """Keeps reconciliations, and finds those of a day."""

    def __init__(self, objects: Objects, keys: ForceKeys, entropy: Entropy, pool: Executor) -> None:
        """Keep the ports."""
        self._objects, self._keys, self._entropy, self._pool = objects, keys, entropy, pool

    def before(self, requested: Requested, day: date) -> KeptReconciliation | None:
        """What the same request has left before, its key now being taken for this day.

        Raises Invalid when another request took the key.
        """
        mark = _id(requested)
        secret = self._entropy(32)
        made = fingerprint(requested.body, key=self._keys.current(requested.force), secret=secret)
        taken = KeyTaken(day=day, secret=secret, fingerprint=made)
        if self._objects.create(_key_object(requested.force, mark), canonical(plain(taken))):
            return None
        stored = self._objects.get(_key_object(requested.force, mark))
        if stored is None:
            raise StoreFailed("The store of reconciliations has given two answers.")
        there = read_model(KeyTaken, stored.data, most=_KEY_BYTES)
        if not self._same(there, requested):
            words = "This Idempotency-Key was used before with another body. Use a new key for a new request."
            raise Invalid(words, code=MISMATCH)
        return self._read(reconciliation_object(requested.force, day, mark))

    def keep(self, made: KeptReconciliation, requested: Requested) -> KeptReconciliation:
        """Keep a reconciliation; what is kept, which a twin of the request may have been first to do."""
        name = reconciliation_object(requested.force, made.answer.day, _id(requested))
        if self._objects.create(name, canonical(plain(made))):
            return made
        there = self._read(name)
        if there is None:
            raise StoreFailed("The store of reconciliations has given two answers.")
        return there

    def of_day(self, force: str, day: date) -> list[KeptReconciliation]:
        """All that were kept of a day."""
        names = self._objects.names(f"reconciliations/{force}/{day.isoformat()}/")
        return [found for found in self._pool.map(self._read, names) if found is not None]

    def _read(self, name: str) -> KeptReconciliation | None:
        stored = self._objects.get(name)
        return read_model(KeptReconciliation, stored.data, most=_KEPT_BYTES) if stored is not None else None

    def _same(self, taken: KeyTaken, requested: Requested) -> bool:
        return same_request(
            taken.fingerprint,
            requested.body,
            key_of=lambda version: self._key(requested.force, version),
            secret=taken.secret,
        )

    def _key(self, force: str, version: int) -> ForceKey | None:
        try:
            return self._keys.version(force, version)
        except (Unavailable, NotFound):
            return None


def reconciliation_object(force: str, day: date, mark: str) -> str:
    """The name under which a reconciliation is kept."""
    return f"reconciliations/{force}/{day.isoformat()}/{mark}.json"


def _key_object(force: str, mark: str) -> str:
    return f"reconciliations/{force}/keys/{mark}.json"


def _id(requested: Requested) -> str:
    """What stands for the key in names of objects: the key itself is the client's own word."""
    return event_id("e", force=requested.force, client=requested.client, route=ROUTE, key=requested.key)
