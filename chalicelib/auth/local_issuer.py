"""Makes the tokens and the key set of the local run's own issuer, from a key that is given. It keeps no key.

Nothing here is reachable when the service runs on AWS: settings refuse this issuer there.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from chalicelib.auth.principal import Principal
from chalicelib.canonical import canonical
from chalicelib.errors import Invalid

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

LOCAL_ISSUER = "urn:thriives:local"
LOCAL_AUDIENCE = "thriives"


def issue(private_pem: bytes, principal: Principal, *, now: datetime, lifetime: timedelta) -> str:
    """A token that proves the principal for so long. Raises Invalid when the key is not a P-256 key in PEM."""
    import jwt

    key = _private_key(private_pem)
    claims = {
        "iss": LOCAL_ISSUER,
        "aud": LOCAL_AUDIENCE,
        "sub": principal.subject,
        "client_id": principal.client,
        "forces": list(principal.forces),
        "roles": sorted(role.value for role in principal.roles),
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
    }
    return jwt.encode(claims, key, "ES256", headers={"kid": _key_id(_public_members(key)), "typ": "at+jwt"})


def jwks_of(private_pem: bytes) -> bytes:
    """The JSON Web Key Set that publishes the key's public half. Raises Invalid when it is not a P-256 key in PEM."""
    members = _public_members(_private_key(private_pem))
    jwk = {**members, "kid": _key_id(members), "use": "sig", "alg": "ES256"}
    return json.dumps({"keys": [jwk]}, sort_keys=True).encode("ascii")


def _private_key(private_pem: bytes) -> EllipticCurvePrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(private_pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Invalid("The local issuer's key is not a private key in PEM.", code="local_key") from None
    if not (isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1)):
        raise Invalid("The local issuer's key is not a P-256 key.", code="local_key")
    return key


def _public_members(key: EllipticCurvePrivateKey) -> dict[str, str]:
    from jwt.algorithms import ECAlgorithm

    jwk = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {name: str(jwk[name]) for name in ("crv", "kty", "x", "y")}


def _key_id(members: dict[str, str]) -> str:
    # The thumbprint of RFC 7638, so that the id follows from the key and needs no keeping.
    return urlsafe_b64encode(sha256(canonical(members)).digest()).rstrip(b"=").decode("ascii")
