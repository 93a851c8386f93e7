"""Verifies a bearer token against keys, issuer, audience and a given time. It fetches no keys and reads no clock.

Taken: a signed JWT (RFC 7519) in compact form, ES256 or RS256, with a key id that the provider publishes. Never taken:
`none`, shared secrets, keys or addresses of keys that come with the token, `crit`, several signatures, encryption.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import NoReturn

from chalicelib.auth.keys import KeySet, base64url_bytes
from chalicelib.auth.principal import Principal
from chalicelib.auth.roles import Role
from chalicelib.canonical import LARGEST_INTEGER, Json
from chalicelib.errors import ServiceError, Unauthenticated
from chalicelib.reader import read_json

TOKEN_BYTES = 8 * 1024
"""The longest token; the gateway takes 10 KB of headers in all."""

LEEWAY_SECONDS = 30
"""How far the provider's clock may be from ours."""

REALM = 'Bearer realm="thriives"'

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_IDENTITY = re.compile(r"[A-Za-z0-9._:|-]{1,128}")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_ALGORITHMS = ("ES256", "RS256")
_TYPES = ("jwt", "at+jwt", "application/at+jwt")
_MOST_FORCES = 64


def refuse(code: str, detail: str) -> NoReturn:
    """Raise Unauthenticated with the challenge of RFC 6750 section 3."""
    challenge = f'{REALM}, error="invalid_token", error_description="{detail}"'
    raise Unauthenticated(detail, code=code, headers={"WWW-Authenticate": challenge})


def key_id_of(token: str) -> str:
    """The id of the key that the token says it is signed with; nothing is verified yet. Raises Unauthenticated."""
    return _header(token)[0]


def verify(token: str, *, keys: KeySet, issuer: str, audience: str, now: datetime) -> Principal:
    """The principal that a token proves. Raises Unauthenticated with a code that names the first thing wrong."""
    key_id, algorithm = _header(token)
    if not keys.has(key_id):
        refuse("token_key_unknown", "The key that signed the token is not known.")
    key = keys.get(key_id, algorithm)
    if key is None:
        refuse("token_algorithm", "The key that signed the token is not used with that algorithm.")
    message, _, signature = token.rpartition(".")
    try:
        signed, payload = base64url_bytes(signature), base64url_bytes(message.partition(".")[2])
    except ValueError:
        refuse("token_malformed", "The token is not base64url.")
    if not key.verifies(message.encode("ascii"), signed):
        refuse("token_signature", "The token's signature is wrong.")
    claims = _claims(payload)
    _check_times(claims, now.timestamp())
    _check_addressing(claims, issuer, audience)
    return Principal(subject=_subject(claims), client=_client(claims), forces=_forces(claims), roles=_roles(claims))


def _header(token: str) -> tuple[str, str]:
    if len(token) > TOKEN_BYTES:
        refuse("token_malformed", "The token is too long.")
    if not _COMPACT.fullmatch(token):
        refuse("token_malformed", "The token is not a signed JWT in compact form.")
    try:
        # The strict reader, because this is read before anything is proved: bounded depth, each name once.
        header = read_json(base64url_bytes(token.partition(".")[0]), most=TOKEN_BYTES)
    except (ValueError, ServiceError):
        refuse("token_malformed", "The token's header cannot be read.")
    if not isinstance(header, dict) or "crit" in header or "b64" in header:
        refuse("token_malformed", "The token's header has a form that is not taken.")
    kind, algorithm, key_id = header.get("typ", "JWT"), header.get("alg"), header.get("kid")
    if not (isinstance(kind, str) and kind.lower() in _TYPES):
        refuse("token_type", "The token is not an access token.")
    if not (isinstance(algorithm, str) and algorithm in _ALGORITHMS):
        refuse("token_algorithm", "The token has to be signed with ES256 or RS256.")
    if not (isinstance(key_id, str) and key_id):
        refuse("token_key_missing", "The token does not say which key signed it.")
    return key_id, algorithm


def _claims(payload: bytes) -> Mapping[str, Json]:
    # The provider has signed this, and it may hold members of its own, such as fractions: the plain reader is right.
    try:
        claims = json.loads(payload)
    except (ValueError, RecursionError):
        refuse("token_malformed", "The token's content cannot be read.")
    if not isinstance(claims, dict):
        refuse("token_malformed", "The token's content is not an object.")
    return claims


def _check_times(claims: Mapping[str, Json], now: float) -> None:
    expires = _time(claims, "exp")
    if expires is None:
        refuse("token_expiry_missing", "The token does not say when it expires.")
    if now >= expires + LEEWAY_SECONDS:
        refuse("token_expired", "The token has expired.")
    for claim in ("nbf", "iat"):
        begins = _time(claims, claim)
        if begins is not None and now < begins - LEEWAY_SECONDS:
            refuse("token_not_yet_valid", "The token is not valid yet.")


def _time(claims: Mapping[str, Json], claim: str) -> float | None:
    value: object = claims.get(claim)
    if value is None:
        return None
    # Written so that NaN, infinity and numbers too long for a float fail as well.
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST_INTEGER:
        refuse("token_time", f"The claim {claim} is not a time.")
    return value


def _check_addressing(claims: Mapping[str, Json], issuer: str, audience: str) -> None:
    if claims.get("iss") != issuer:
        refuse("token_issuer", "The token comes from another issuer.")
    meant = claims.get("aud")
    if meant != audience and not (isinstance(meant, list) and audience in meant):
        refuse("token_audience", "The token is meant for another service.")


def _subject(claims: Mapping[str, Json]) -> str:
    subject = claims.get("sub")
    if isinstance(subject, str) and "@" in subject:
        refuse("token_subject_personal", "The claim sub is an e-mail address; an opaque id is needed.")
    if not (isinstance(subject, str) and _IDENTITY.fullmatch(subject)):
        refuse("token_subject", "The claim sub is not an opaque id of 1 to 128 of A-Z a-z 0-9 . _ : | -")
    return subject


def _client(claims: Mapping[str, Json]) -> str:
    named = [value for claim in ("azp", "client_id") if (value := claims.get(claim)) is not None]
    if not named:
        refuse("token_client", "The token does not name the client it was issued to (azp or client_id).")
    client = named[0]
    if not (isinstance(client, str) and _IDENTITY.fullmatch(client)) or any(other != client for other in named):
        refuse("token_client", "The claims azp and client_id are not one opaque id.")
    return client


def _forces(claims: Mapping[str, Json]) -> tuple[str, ...]:
    forces = claims.get("forces")
    if not (isinstance(forces, list) and 0 < len(forces) <= _MOST_FORCES):
        refuse("token_forces", "The claim forces is not a list of at least one force.")
    slugs = tuple(force for force in forces if isinstance(force, str) and _SLUG.fullmatch(force))
    if len(slugs) != len(forces):
        refuse("token_forces", "The claim forces has to hold ids in lower case, digits and hyphens.")
    return tuple(dict.fromkeys(slugs))


def _roles(claims: Mapping[str, Json]) -> frozenset[Role]:
    listed = claims.get("roles")
    known = {role.value: role for role in Role}
    roles = frozenset(
        known[role] for role in (listed if isinstance(listed, list) else ()) if isinstance(role, str) and role in known
    )
    if not roles:
        refuse("token_roles", "The claim roles holds no role of this service.")
    return roles
