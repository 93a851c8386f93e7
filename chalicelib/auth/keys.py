"""The public keys of an identity provider, read from its JSON Web Key Set by PyJWT. It fetches nothing."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.canonical import Json
from chalicelib.errors import Invalid
from chalicelib.reader import read_json

if TYPE_CHECKING:
    from jwt import PyJWK

JWKS_BYTES = 64 * 1024
"""The most that a key set may have; Entra's, with certificates, has 10 KB."""

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
_KEY_ID = re.compile(r"[\x21-\x7e]{1,255}")
_RSA_BITS = range(2048, 8193)


class UnusableKey(ValueError):
    """A key that this service does not verify with."""


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """One public key with the one algorithm that it is used with."""

    algorithm: str
    key: PyJWK

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's over the message."""
        return bool(self.key.Algorithm.verify(message, self.key.key, signature))


@dataclass(frozen=True, slots=True)
class KeySet:
    """The usable keys, by key id and algorithm."""

    keys: Mapping[tuple[str, str], VerifyingKey]

    def has(self, key_id: str) -> bool:
        """Whether some key has this id."""
        return any(known == key_id for known, _ in self.keys)

    def get(self, key_id: str, algorithm: str) -> VerifyingKey | None:
        """The key of this id that is used with this algorithm."""
        return self.keys.get((key_id, algorithm))


def key_set(data: bytes) -> KeySet:
    """Read a key set without its keys of other kinds or uses. Raises TooLarge, Unreadable; Invalid if none is left."""
    document = read_json(data, most=JWKS_BYTES)
    listed = document.get("keys") if isinstance(document, dict) else None
    found: dict[tuple[str, str], VerifyingKey] = {}
    for jwk in listed if isinstance(listed, list) else ():
        try:
            key_id, key = _usable(jwk)
        except ValueError:
            continue
        found.setdefault((key_id, key.algorithm), key)
    if not found:
        raise Invalid("The key set holds no key that tokens could be verified with.", code="no_usable_key")
    return KeySet(found)


def base64url_bytes(text: str) -> bytes:
    """The bytes of unpadded base64url. Raises ValueError for any other character, padding or impossible length."""
    if not _BASE64URL.fullmatch(text):
        raise ValueError("not base64url")
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _usable(jwk: Json) -> tuple[str, VerifyingKey]:
    # Imported with the first key set: it brings `cryptography`, which would double the time of a cold start's imports.
    from jwt import PyJWK
    from jwt.exceptions import PyJWTError

    if not isinstance(jwk, dict):
        raise UnusableKey("not an object")
    key_id, operations = jwk.get("kid"), jwk.get("key_ops", ["verify"])
    if not (isinstance(key_id, str) and _KEY_ID.fullmatch(key_id)):
        raise UnusableKey("no key id")
    if jwk.get("use", "sig") != "sig" or not (isinstance(operations, list) and "verify" in operations):
        raise UnusableKey("not for verifying")
    match jwk:
        case {"kty": "EC", "crv": "P-256"} if jwk.get("alg", "ES256") == "ES256":
            algorithm = "ES256"
        case {"kty": "RSA"} if jwk.get("alg", "RS256") == "RS256":
            algorithm = "RS256"
        case _:
            raise UnusableKey("another kind of key")
    try:
        # The public members alone: a set that gives a private key away is no reason to hold it.
        public = {name: value for name, value in jwk.items() if name in ("kty", "crv", "x", "y", "n", "e")}
        key = PyJWK(public, algorithm)
    except (PyJWTError, TypeError) as error:
        raise UnusableKey("not a key") from error
    if algorithm == "RS256" and key.key.key_size not in _RSA_BITS:
        raise UnusableKey("too short or too long")
    return key_id, VerifyingKey(algorithm, key)
