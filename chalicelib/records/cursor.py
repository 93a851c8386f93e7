"""Sealed cursors: a place in a search that only the service can read, bound to its search and its reader. No search.

AES-256-GCM under the force's key, so that the references inside a position do not leak, and a cursor of another force,
reader or search does not open.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from chalicelib.canonical import canonical
from chalicelib.errors import BadRequest, Fault, ServiceError
from chalicelib.model import Frozen, Instant
from chalicelib.reader import read_model
from chalicelib.records.entry import Position, Query
from chalicelib.records.identity import ForceKey
from chalicelib.records.record import plain

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

LIVES = timedelta(hours=24)
"""How long a cursor can be used."""

NONCE = 12
"""Bytes of nonce that sealing takes."""


class _Content(Frozen):
    v: int = 1
    recorded_at: str
    id: str
    expires: Instant


class Search(NamedTuple):
    """What a cursor is bound to."""

    query: Query
    reader: str
    """Whoever searches."""
    key: ForceKey
    now: datetime


def seal_cursor(position: Position, search: Search, nonce: bytes) -> str:
    """A cursor that goes on behind a position. `nonce`: 12 unpredictable bytes."""
    content = _Content(recorded_at=position.recorded_at, id=position.id, expires=search.now + LIVES)
    sealed = _cipher(search.key).encrypt(nonce, canonical(plain(content)), _bound(search))
    return _text(bytes([search.key.version]) + nonce + sealed)


def open_cursor(text: str, search: Search) -> Position:
    """The position inside. Raises BadRequest, always the same, for all that is not a valid cursor of this search."""
    from cryptography.exceptions import InvalidTag

    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if data[:1] != bytes([search.key.version]) or _text(data) != text:  # neither is under the seal
            raise _invalid()
        opened = _cipher(search.key).decrypt(data[1 : 1 + NONCE], data[1 + NONCE :], _bound(search))
        content = read_model(_Content, opened, most=4096)
    except (NotBase64, ValueError, InvalidTag, ServiceError):
        raise _invalid() from None
    if content.expires < search.now:
        raise _invalid()
    return Position(content.recorded_at, content.id)


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _cipher(key: ForceKey) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(bytes.fromhex(key.keyed("cursor/1", b"")))


def _bound(search: Search) -> bytes:
    return hashlib.sha256(canonical([plain(search.query), search.reader])).digest()


def _invalid() -> BadRequest:
    right = "the cursor as it was given, for the same search, within 24 hours"
    fault = Fault("invalid_cursor", "/query/cursor", "the cursor is not one of this search", right)
    return BadRequest("The cursor cannot be used.", [fault], "invalid_cursor")
