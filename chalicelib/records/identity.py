"""Ids, fingerprints and keys: how events and requests are named. Golden vectors hold every one of them.

All keys of a force come from one 32-byte secret by HMAC with the name of their use, so that none can serve another.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b32encode
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from chalicelib.canonical import Json, canonical


class ForceKey(NamedTuple):
    """A force's secret and its version."""

    version: int
    secret: bytes

    def keyed(self, use: str, data: bytes) -> str:
        """The HMAC-SHA256, in hexadecimal, of some bytes under the key for one use."""
        key = hmac.new(self.secret, use.encode(), hashlib.sha256).digest()
        return hmac.new(key, data, hashlib.sha256).hexdigest()


def event_id(prefix: Literal["d", "e"], *, force: str, client: str, route: str, key: str) -> str:
    """The id of the event that a request makes: `d_` for decisions, `e_` for all others, and 160 bits in base32.

    It depends on the client, the force, the route and the Idempotency-Key and on nothing else, so that the record is
    the idempotency record, for ever.
    """
    name = hashlib.sha256(canonical([force, client, route, key])).digest()
    return f"{prefix}_{b32encode(name[:20]).decode().lower()}"


def fingerprint(body: Json, *, key: ForceKey, secret: bytes) -> str:
    """What tells whether two requests under one Idempotency-Key are the same: the key's version and two HMACs.

    The first HMAC is under the force's key over the whole body, identifiers replaced by their keyed hashes. The second
    is under the record's own secret over the body without identifiers: it works when the force's key cannot be had.
    """
    return f"{key.version}.{key.keyed('fingerprint/1', canonical(_hashed(body, key)))}.{_own(body, secret)}"


KeyOfVersion = Callable[[int], ForceKey | None]
"""Gives a version of the force's key, or None while it cannot be had."""


def same_request(kept: str, body: Json, *, key_of: KeyOfVersion, secret: bytes) -> bool:
    """Whether a body is the one that a fingerprint was made of; without the force's key, but for its identifiers."""
    version, whole, own = kept.split(".")
    key = key_of(int(version))
    if key is not None:
        return hmac.compare_digest(whole, key.keyed("fingerprint/1", canonical(_hashed(body, key))))
    return hmac.compare_digest(own, _own(body, secret))


def _own(body: Json, secret: bytes) -> str:
    return hmac.new(secret, b"fingerprint/1" + canonical(_bare(body)), hashlib.sha256).hexdigest()


def _bare(body: Json) -> Json:
    return _identifiers(body, lambda given: None)


def _hashed(body: Json, key: ForceKey) -> Json:
    return _identifiers(body, lambda given: key.keyed("identifier/1", canonical(given)))


def _identifiers(body: Json, replace: Callable[[Json], Json]) -> Json:
    """The body with each person's identifiers replaced. What is not of the expected form stays as it is."""
    if not isinstance(body, Mapping) or not isinstance(people := body.get("people"), list):
        return body
    return {
        **body,
        "people": [
            {**person, "identifiers": replace(person["identifiers"])}
            if isinstance(person, Mapping) and "identifiers" in person
            else person
            for person in people
        ],
    }
