from __future__ import annotations

import base64
import json
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.auth.keys import key_set
from chalicelib.auth.roles import Role
from chalicelib.auth.tokens import verify
from chalicelib.errors import Invalid, ServiceError, Unauthenticated
from tests.callers import AUDIENCE, ISSUER, NOW, a_token, claims, ec_key, jwk_of, jwks, rsa_key, signed

HOUR = 3600
AT = int(NOW.timestamp())


def reason(token: str, keys: bytes | None = None) -> str:
    """The code with which a token is refused; empty when it is taken."""
    try:
        verify(token, keys=key_set(keys or jwks()), issuer=ISSUER, audience=AUDIENCE, now=NOW)
    except Unauthenticated as error:
        return error.code
    return ""


def test_a_refusal_carries_the_challenge_of_rfc_6750() -> None:
    with pytest.raises(Unauthenticated) as caught:
        verify("x", keys=key_set(jwks()), issuer=ISSUER, audience=AUDIENCE, now=NOW)
    assert caught.value.headers["WWW-Authenticate"].startswith('Bearer realm="thriives", error="invalid_token"')


def encoded(header: object, payload: object, signature: bytes = b"x" * 64) -> str:
    parts = (json.dumps(header).encode(), json.dumps(payload).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


@pytest.mark.parametrize("key_id", ["ec-1", "rsa-1"])
def test_a_valid_token_proves_its_caller(key_id: str) -> None:
    token = signed(
        claims(roles=["supervisor", "no_such_role"], forces=["essex", "hertfordshire", "essex"]), key_id=key_id
    )
    found = verify(token, keys=key_set(jwks()), issuer=ISSUER, audience=AUDIENCE, now=NOW)
    assert (found.subject, found.client) == ("sub-0001", "cad-01")
    assert found.forces == ("essex", "hertfordshire")
    assert found.roles == {Role.SUPERVISOR}


@pytest.mark.parametrize(
    ("changes", "code", "why"),
    [
        ({"exp": None}, "token_expiry_missing", "a token without end is never taken"),
        ({"exp": AT - 31}, "token_expired", "past the leeway"),
        ({"exp": AT - 30}, "token_expired", "the leeway is half-open"),
        ({"exp": AT - 29}, "", "within the leeway"),
        ({"exp": AT + 0.5}, "", "a NumericDate may be a fraction"),
        ({"exp": str(AT + HOUR)}, "token_time", "text is no time"),
        ({"exp": True}, "token_time", "true is no time, though Python counts it as 1"),
        ({"exp": float("inf")}, "token_time", "never is no time"),
        ({"exp": 10**400}, "token_time", "no time, and no overflow"),
        ({"nbf": AT + 31}, "token_not_yet_valid", "not yet"),
        ({"nbf": AT + 30}, "", "within the leeway"),
        ({"iat": AT + HOUR}, "token_not_yet_valid", "issued in the future"),
        ({"iat": None}, "", "iat is optional"),
        ({"iss": None}, "token_issuer", "no issuer"),
        ({"iss": ISSUER.rstrip("/")}, "token_issuer", "exactly"),
        ({"aud": None}, "token_audience", "no audience"),
        ({"aud": "thriives-test"}, "token_audience", "exactly"),
        ({"aud": ["other", "thriives"]}, "", "one of several"),
        ({"aud": []}, "token_audience", "none of none"),
        ({"sub": "jo@force.example"}, "token_subject_personal", "an e-mail address is personal data"),
        ({"sub": "Jo Smith"}, "token_subject", "so is a name"),
        ({"sub": None}, "token_subject", "nobody"),
        ({"sub": "a" * 129}, "token_subject", "too long"),
        ({"sub": "auth0|5f7c8ec7c33c6c004bbafe82"}, "", "a provider's usual form"),
        ({"sub": "abc\n"}, "token_subject", "no line end gets into logs"),
        ({"azp": None}, "token_client", "no client"),
        ({"azp": None, "client_id": "cad-02"}, "", "RFC 9068 calls it client_id"),
        ({"azp": "cad-01", "client_id": "cad-01"}, "", "both, the same"),
        ({"azp": "cad-01", "client_id": "cad-02"}, "token_client", "both, not the same"),
        ({"azp": "cad@force.example"}, "token_client", "not opaque"),
        ({"forces": None}, "token_forces", "for whom?"),
        ({"forces": []}, "token_forces", "for whom?"),
        ({"forces": "hertfordshire"}, "token_forces", "not a list"),
        ({"forces": ["Hertfordshire"]}, "token_forces", "not an id"),
        ({"forces": ["a/b"]}, "token_forces", "not an id"),
        ({"forces": [f"force-{n}" for n in range(65)]}, "token_forces", "too many"),
        ({"roles": None}, "token_roles", "no role"),
        ({"roles": ["admin"]}, "token_roles", "no role that is known"),
        ({"roles": ["admin", "auditor"]}, "", "unknown roles are ignored"),
        ({"roles": "auditor"}, "token_roles", "not a list"),
    ],
)
def test_a_claim_decides(changes: dict[str, object], code: str, why: str) -> None:
    assert reason(signed(claims(**changes))) == code, why


@pytest.mark.parametrize(
    ("token", "code", "why"),
    [
        ("", "token_malformed", "nothing"),
        ("a.b", "token_malformed", "two parts"),
        ("a.b.c.d.e", "token_malformed", "encrypted"),
        ("....", "token_malformed", "empty parts"),
        ("é.é.é", "token_malformed", "not base64url"),
        ("a.b.c", "token_malformed", "an impossible length"),
        ("x" * 9000, "token_malformed", "too long"),
        (encoded([], {}), "token_malformed", "a list as header"),
        (encoded({"alg": "none", "kid": "ec-1"}, claims(), b""), "token_malformed", "no signature at all"),
        (encoded({"alg": "none", "kid": "ec-1"}, claims()), "token_algorithm", "none"),
        (encoded({"alg": "HS256", "kid": "ec-1"}, claims()), "token_algorithm", "a shared secret"),
        (encoded({"alg": "PS256", "kid": "rsa-1"}, claims()), "token_algorithm", "another padding"),
        (encoded({"alg": ["ES256"], "kid": "ec-1"}, claims()), "token_algorithm", "a list"),
        (encoded({"alg": "ES256", "kid": "rsa-1"}, claims()), "token_algorithm", "the key is for another algorithm"),
        (encoded({"alg": "ES256"}, claims()), "token_key_missing", "no key id"),
        (encoded({"alg": "ES256", "kid": 7}, claims()), "token_key_missing", "not an id"),
        (encoded({"alg": "ES256", "kid": "other"}, claims()), "token_key_unknown", "an unknown key"),
        (encoded({"alg": "ES256", "kid": "ec-1"}, claims()), "token_signature", "not the key's signature"),
        (encoded({"alg": "ES256", "kid": "ec-1"}, claims(), b"x"), "token_signature", "no signature's length"),
        (encoded({"alg": "ES256", "kid": "ec-1"}, claims(), b"\0" * 64), "token_signature", "the zero signature"),
        (encoded({"alg": "ES256", "kid": "ec-1", "crit": ["b64"]}, claims()), "token_malformed", "crit"),
        (encoded({"alg": "ES256", "kid": "ec-1", "typ": "logout+jwt"}, claims()), "token_type", "another kind"),
    ],
)
def test_a_token_of_another_form_is_refused(token: str, code: str, why: str) -> None:
    assert reason(token) == code, why


def test_a_deeply_nested_header_is_refused_like_any_other() -> None:
    deep = base64.urlsafe_b64encode(b"[" * 5000).rstrip(b"=").decode()
    assert reason(f"{deep}.e30.e30") == "token_malformed"


def test_a_signed_content_that_is_no_object_is_refused() -> None:
    token = jwt.PyJWS().encode(b"[" * 3000, ec_key("ec-1"), "ES256", headers={"kid": "ec-1"})
    assert reason(token) == "token_malformed"
    assert reason(jwt.PyJWS().encode(b'"text"', ec_key("ec-1"), "ES256", headers={"kid": "ec-1"})) == "token_malformed"


def test_a_public_key_is_no_shared_secret() -> None:
    """The old confusion: HS256 with the bytes of the published key."""
    forged = encoded({"alg": "HS256", "kid": "rsa-1", "typ": "JWT"}, claims(roles=["policy_approver"]))
    assert reason(forged) == "token_algorithm"


def test_a_key_that_comes_with_the_token_is_not_looked_at() -> None:
    own = ec.generate_private_key(ec.SECP256R1())
    header = {"kid": "ec-1", "jwk": jwk_of(own, "ec-1"), "jku": "https://attacker.example/keys"}
    assert reason(jwt.encode(claims(), own, "ES256", headers=header)) == "token_signature"


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_no_changed_byte_goes_unnoticed(place: int, change: int) -> None:
    head, payload, signature = a_token().split(".")
    raw = bytearray(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    raw[place % len(raw)] ^= change
    altered = base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode()
    assert reason(f"{head}.{altered}.{signature}") == "token_signature"


@given(st.text(max_size=200))
def test_any_text_is_refused_and_none_breaks(text: str) -> None:
    assert reason(text)


def test_the_time_is_the_one_that_is_given() -> None:
    keys, token = key_set(jwks()), a_token()
    with pytest.raises(Unauthenticated) as caught:
        verify(token, keys=keys, issuer=ISSUER, audience=AUDIENCE, now=NOW + timedelta(hours=2))
    assert caught.value.code == "token_expired"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"use": "enc"}, "for encryption"),
        ({"key_ops": ["encrypt"]}, "for encryption"),
        ({"kid": None}, "cannot be named"),
        ({"kid": 5}, "cannot be named"),
        ({"alg": "ES384"}, "for another algorithm"),
        ({"crv": "P-384"}, "another curve"),
        ({"x": "AAAA"}, "not on the curve"),
        ({"x": "=&="}, "not base64url"),
        ({"y": None}, "half a point"),
        ({"kty": "oct", "k": "c2VjcmV0"}, "a shared secret"),
    ],
)
def test_an_unusable_key_is_left_out(changes: dict[str, object], why: str) -> None:
    found = key_set(jwks(jwk_of(ec_key("ec-1"), "bad", **changes), jwk_of(ec_key("ec-1"), "good")))
    assert set(found.keys) == {("good", "ES256")}, why


def test_a_short_rsa_key_is_left_out() -> None:
    with pytest.raises(Invalid):
        key_set(jwks(jwk_of(rsa_key("short", 1024), "short")))


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b'{"keys":[]}', b'{"keys":[1,null]}', b" " * 70_000])
def test_what_is_no_key_set_is_refused(data: bytes) -> None:
    with pytest.raises(ServiceError):
        key_set(data)


def test_one_key_id_can_stand_for_a_key_of_each_kind() -> None:
    found = key_set(jwks(jwk_of(ec_key("ec-1"), "same"), jwk_of(rsa_key("rsa-1"), "same")))
    assert set(found.keys) == {("same", "ES256"), ("same", "RS256")}
