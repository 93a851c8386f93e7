"""By which keyed hash a person or place is found again, and in which form an identifier is hashed: golden vectors.

It stores nothing, and no identifier can be read out of a hash.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Literal

from chalicelib.records.identity import ForceKey

NORMALISATION = 1
"""The version of the rules in this module by which identifiers are normalised."""

IdentifierKind = Literal["phone", "email", "uprn", "address", "name_dob", "person_ref"]


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
