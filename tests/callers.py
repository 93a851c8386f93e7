"""Tokens as an identity provider makes them, signed by PyJWT: another implementation than the one under test."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

NOW = datetime(2026, 11, 23, 4, 17, tzinfo=UTC)
ISSUER = "https://login.force.example/"
AUDIENCE = "thriives"
FORCE = "hertfordshire"


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    """The provider's P-256 key of this id."""
    return ec.generate_private_key(ec.SECP256R1())


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """The provider's RSA key of this id."""
    return rsa.generate_private_key(65537, bits)


def jwk_of(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, key_id: str, **changes: object) -> dict[str, object]:
    """The published half of a key; a change to None leaves the member out."""
    if isinstance(key, rsa.RSAPrivateKey):
        found: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    else:
        found = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    found.pop("key_ops", None)
    members = {**found, "kid": key_id, "use": "sig", **changes}
    return {name: value for name, value in members.items() if value is not None}


def jwks(*keys: Mapping[str, object]) -> bytes:
    """A key set; without arguments the provider's usual one."""
    usual = (jwk_of(ec_key("ec-1"), "ec-1"), jwk_of(rsa_key("rsa-1"), "rsa-1"))
    return json.dumps({"keys": list(keys or usual)}).encode()


def claims(**changes: object) -> dict[str, object]:
    """The claims of a valid token at NOW; a change to None leaves the claim out."""
    usual: dict[str, object] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "sub-0001",
        "azp": "cad-01",
        "forces": [FORCE],
        "roles": ["control_room"],
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(hours=1)).timestamp()),
    }
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


def signed(content: Mapping[str, object], *, key_id: str | None = "ec-1", **header: object) -> str:
    """A token with this content, signed with the key of this id."""
    key, algorithm = (rsa_key("rsa-1"), "RS256") if key_id == "rsa-1" else (ec_key(key_id or "ec-1"), "ES256")
    named = {} if key_id is None else {"kid": key_id}
    return jwt.encode(dict(content), key, algorithm, headers={**named, **header})


def a_token(roles: Iterable[str] = ("control_room",), **changes: object) -> str:
    """A token that is valid at NOW, with one thing or another changed."""
    return signed(claims(roles=list(roles), **changes))
