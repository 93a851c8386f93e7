"""The commitment to a record, and the leaf that stands for it in the log. Neither holds anything of what it commits to.

Every unit is salted with a key of its own, so a withheld unit cannot be guessed, an erased record leaves every proof
valid, and a redacted copy still verifies (the salted digests of RFC 9901; tree hashing of RFC 6962 section 2.1).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping

from chalicelib.canonical import Json, canonical
from chalicelib.records.entry import Summary

_SPLIT = {("call", "answers"), ("call", "lookups")}
"""Members of a record whose items are units of their own."""


def units(record: Mapping[str, Json]) -> dict[str, Json]:
    """A record taken apart into what can be shown or withheld by itself, by name.

    Units are each member of the envelope, each answer, each look-up, each other member of the call, the result, what
    was shown, and each member of an event's details.
    """
    found: dict[str, Json] = {}
    for part, content in record.items():
        if part in ("envelope", "call", "details") and isinstance(content, Mapping):
            for name, value in content.items():
                if (part, name) in _SPLIT and isinstance(value, (list, tuple)):
                    found |= {f"{part}/{name}/{place}": item for place, item in enumerate(value)}
                else:
                    found[f"{part}/{name}"] = value
        else:
            found[part] = content
    return found


def salt(secret: bytes, unit: str) -> str:
    """The salt of one unit, in hexadecimal: 16 bytes of HMAC-SHA256 under the record's secret."""
    return hmac.new(secret, unit.encode(), hashlib.sha256).hexdigest()[:32]


def unit_digest(unit_salt: str, unit: str, value: Json) -> bytes:
    """SHA-256 of 0x02 and the canonical [salt, name, value]."""
    return hashlib.sha256(b"\x02" + canonical([unit_salt, unit, value])).digest()


def combined(digests: Iterable[bytes]) -> str:
    """The commitment, in hexadecimal: SHA-256 of 0x03 and the sorted unit digests."""
    return hashlib.sha256(b"\x03" + b"".join(sorted(digests))).hexdigest()


def commitment(record: Mapping[str, Json], secret: bytes) -> str:
    """The commitment to a whole record."""
    return combined(unit_digest(salt(secret, name), name, value) for name, value in units(record).items())


def leaf(event: Summary, committed: str) -> bytes:
    """The event's line in the log: final when the event is written, and free of content."""
    line: dict[str, Json] = {
        "v": 1, "k": event.kind, "e": event.id, "f": event.force, "t": event.recorded_at, "c": committed,
    }  # fmt: skip
    if event.policy is not None:
        line["p"] = event.policy
    return canonical(line)


def leaf_hash(line: bytes) -> str:
    """The hash of a leaf in the tree, in hexadecimal: SHA-256 of 0x00 and its bytes (RFC 6962 section 2.1)."""
    return hashlib.sha256(b"\x00" + line).hexdigest()
