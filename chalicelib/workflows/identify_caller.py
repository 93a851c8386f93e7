"""From a bearer token to a principal, with the provider's keys at hand even while the provider is down.

Keys are kept in the process for ten minutes, refetched once for a key id that is not known (at most every half minute),
and the last good set is kept in the object store: a new process starts from it when the provider does not answer, so
that an identity outage does not stop emergency calls. It decides no permission.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from chalicelib.auth.keys import KeySet, key_set
from chalicelib.auth.principal import Principal
from chalicelib.auth.tokens import key_id_of, verify
from chalicelib.errors import ServiceError, StoreFailed, Unavailable
from chalicelib.ports import Clock, IssuerKeys, Objects

SAVED_KEYS = "identity/jwks.json"
"""The object that holds the last good key set, as the provider published it."""

FRESH_FOR = timedelta(minutes=10)
ASK_AGAIN_AFTER = timedelta(seconds=30)
"""Between two questions to the provider that a failure or an unknown key id has caused."""
FAIL_FAST_FOR = timedelta(seconds=5)
"""After no key set could be had at all, requests are answered 503 at once instead of each waiting for a time-out."""


@dataclass(frozen=True, slots=True)
class _Known:
    keys: KeySet
    fetched_at: datetime | None
    """None when the set comes from the object store, not from the provider."""


@dataclass(slots=True)
class TokenVerifier:
    """Verifies tokens of one issuer for one audience. Safe to share between threads."""

    keys: IssuerKeys
    saved: Objects
    issuer: str
    audience: str
    clock: Clock
    _lock: Lock = field(default_factory=Lock, init=False)
    _known: _Known | None = field(default=None, init=False)
    _ask_at: datetime | None = field(default=None, init=False)
    """When to ask the provider again, whatever the key id."""
    _asked_at: datetime | None = field(default=None, init=False)
    _written: bytes | None = field(default=None, init=False)

    def principal(self, token: str) -> Principal:
        """The principal that a token proves. Raises Unauthenticated, or Unavailable when no keys can be had."""
        key_id = key_id_of(token)
        known = self._current()
        if not known.keys.has(key_id):
            known = self._after_asking_for(key_id, known)
        return verify(token, keys=known.keys, issuer=self.issuer, audience=self.audience, now=self.clock())

    def fetched_at(self) -> datetime | None:
        """When the keys in use were last had from the provider; None when they never were by this process."""
        known = self._known
        return known.fetched_at if known else None

    def _current(self) -> _Known:
        known = self._known
        if known is None:
            with self._lock:
                return self._known or self._first()
        # One request renews; all others go on with the keys there are.
        if self._is_due() and self._lock.acquire(blocking=False):
            try:
                if self._is_due():
                    self._ask()
            finally:
                self._lock.release()
        return self._known or known

    def _is_due(self) -> bool:
        return self._ask_at is not None and self.clock() >= self._ask_at

    def _first(self) -> _Known:
        if self._asked_at is not None and self.clock() < self._asked_at + FAIL_FAST_FOR:
            raise _no_keys()
        self._ask()
        if self._known is None:
            self._known = self._last_good()
        return self._known

    def _after_asking_for(self, key_id: str, known: _Known) -> _Known:
        with self._lock:
            newest = self._known or known
            recently = self._asked_at is not None and self.clock() < self._asked_at + ASK_AGAIN_AFTER
            if not newest.keys.has(key_id) and not recently:
                self._ask()
            return self._known or newest

    def _ask(self) -> None:
        """Ask the provider; on success the keys are swapped in one assignment, on failure the old ones stay."""
        try:
            data = self.keys.fetch()
            keys = key_set(data)
        except ServiceError:
            self._asked_at = self.clock()
            self._ask_at = self._asked_at + ASK_AGAIN_AFTER
            return
        self._asked_at = self.clock()
        self._ask_at = self._asked_at + FRESH_FOR
        self._known = _Known(keys, self._asked_at)
        self._save(data)

    def _save(self, data: bytes) -> None:
        if data == self._written:
            return
        try:
            kept = self.saved.get(SAVED_KEYS)
            if kept is None:
                self.saved.create(SAVED_KEYS, data)
            elif kept.data != data:
                self.saved.replace(SAVED_KEYS, data, kept.tag)
        except StoreFailed:
            return  # The keys are good all the same; saving is tried again at the next renewal.
        self._written = data

    def _last_good(self) -> _Known:
        try:
            kept = self.saved.get(SAVED_KEYS)
            if kept is not None:
                return _Known(key_set(kept.data), None)
        except ServiceError:
            raise _no_keys() from None
        raise _no_keys()


def _no_keys() -> Unavailable:
    return Unavailable(
        "The identity provider does not answer, and no earlier copy of its keys is kept. Use the manual card.",
        code="identity_unavailable",
        headers={"Retry-After": "5"},
    )
