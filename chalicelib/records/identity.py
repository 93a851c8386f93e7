"""Ids, fingerprints and keyed hashes: how events, requests and people are named. Golden vectors hold every one of them.

All keys of a force come from one 32-byte secret by HMAC with the name of their use, so that none can serve another.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from base64 import b32encode
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from chalicelib.canonical import Json, canonical

NORMALISATION = 1
"""The version of the rules in this module by which identifiers are normalised."""

IdentifierKind = Literal["phone", "email", "uprn", "address", "name_dob", "person_ref"]


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


def subject_hash(kind: IdentifierKind, value: str, key: ForceKey) -> str:
    """The keyed hash by which a person or place is found again. Raises ValueError for a value not of its kind."""
    return key.keyed("subject/1", f"{kind}\n{NORMALISERS[kind](value)}".encode())


def _phone(value: str) -> str:
    """E.164; a number with a national zero is taken as British (ITU-T E.164; Ofcom numbering plan)."""
    digits = re.sub(r"[\s().-]", "", value)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    elif digits.startswith("0"):
        digits = "+44" + digits[1:]
    digits = re.sub(r"^\+440", "+44", digits)
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", digits):
        raise ValueError("a telephone number such as +447700900123")
    return digits


def _email(value: str) -> str:
    text = unicodedata.normalize("NFKC", value).strip().casefold()
    if not re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@]+", text):
        raise ValueError("an e-mail address")
    return text


def _uprn(value: str) -> str:
    digits = value.strip().lstrip("0")
    if not re.fullmatch(r"[0-9]{1,12}", digits):
        raise ValueError("a unique property reference number of up to 12 digits")
    return digits


def _address(value: str) -> str:
    words = re.findall(r"[a-z0-9]+", _plain(value))
    if len(words) < 2:
        raise ValueError("an address with its number or name, street and postcode")
    return " ".join(words)


def _name_dob(value: str) -> str:
    """`surname|given names|YYYY-MM-DD`: letters only, in any script, without accents, spaces or hyphens."""
    parts = value.split("|")
    names = [re.sub(r"[^\w]|_", "", _plain(part)) for part in parts[:2]]
    if len(parts) != 3 or not all(names) or not re.fullmatch(r"\d{4}-\d\d-\d\d", parts[2].strip()):
        raise ValueError("surname|given names|YYYY-MM-DD")
    return "|".join([*names, parts[2].strip()])


def _person_ref(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._/-]{1,64}", text := value.strip()):
        raise ValueError("a reference of a police system")
    return text.upper()


def _plain(value: str) -> str:
    """Case-folded text without accents."""
    split = unicodedata.normalize("NFKD", value.casefold())
    return "".join(letter for letter in split if not unicodedata.combining(letter))


NORMALISERS: Mapping[IdentifierKind, Callable[[str], str]] = {
    "phone": _phone,
    "email": _email,
    "uprn": _uprn,
    "address": _address,
    "name_dob": _name_dob,
    "person_ref": _person_ref,
}
"""For each kind of identifier the form in which it is hashed."""
