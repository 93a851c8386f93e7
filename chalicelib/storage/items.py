"""Entries as table items and back, and the packing of a record's bytes. Pure: it opens no store and no record."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from chalicelib.errors import Invalid, StoreFailed
from chalicelib.records.entry import Entry, Summary
from chalicelib.storage.keys import SUBJECTS, index_keys, partition_key, place_of, sort_key

Item = dict[str, Any]
"""An item in DynamoDB's own JSON: each attribute with its type."""

MOST_STORED = 350 * 1024
"""The most bytes that an event may take in a store; a table item ends at 400 KB."""

MOST_BODY = 1024 * 1024
"""The most bytes that a record may have when unpacked; a request has 64 KB, so more is damage or an attack."""

FOUND = tuple(name for name in Summary.model_fields if name not in SUBJECTS)
"""What a search reads: a summary without its keyed hashes of people, which no list needs and no index projects."""

_LISTS = ("flags", "rules")


def item_of(entry: Entry) -> Item:
    """The entry as a table item. Raises Invalid when it is too large to keep."""
    item: Item = {
        "pk": {"S": partition_key(entry.summary.force, entry.place)},
        "sk": {"S": sort_key(entry.place, entry.id)},
        "body": {"B": pack(entry.body)},
        "secret": {"B": entry.secret},
        "leaf": {"B": entry.leaf},
        "fp": {"S": entry.fingerprint},
    }
    item |= {name: {"S": key} for name, key in index_keys(entry).items()}
    for name, value in entry.summary:
        if isinstance(value, str):
            item[name] = {"S": value}
        elif value:
            item[name] = {"L": [{"S": member} for member in value]}
    refuse_oversize(sum(len(name) + _weight(value) for name, value in item.items()))
    return item


def entry_of_item(item: Mapping[str, Any]) -> Entry:
    """The entry that a table item holds. Raises StoreFailed when it is damaged."""
    try:
        place = place_of(item["pk"]["S"])
        return Entry(
            place_shelf=place.shelf,
            place_name=place.name,
            summary=summary_of_item(item),
            body=unpack(item["body"]["B"]),
            secret=item["secret"]["B"],
            leaf=item["leaf"]["B"],
            fingerprint=item["fp"]["S"],
        )
    except (KeyError, ValueError, ValidationError):
        raise damaged() from None  # the cause would quote the item


def summary_of_item(item: Mapping[str, Any]) -> Summary:
    """The summary in a whole or projected item. Raises StoreFailed when it is damaged."""
    known: dict[str, Any] = {}
    for name in Summary.model_fields:
        if name in _LISTS:
            known[name] = tuple(member["S"] for member in item.get(name, {"L": ()})["L"])
        elif name in item:
            known[name] = item[name]["S"]
    try:
        return Summary(**known)
    except ValidationError:
        raise damaged() from None  # the cause would quote the item


def pack(body: bytes) -> bytes:
    """A record's bytes, compressed, the same each time. Raises Invalid when there are more than `unpack` would take."""
    if len(body) > MOST_BODY:
        raise _oversize(len(body), MOST_BODY)
    return gzip.compress(body, compresslevel=6, mtime=0)


def unpack(packed: bytes) -> bytes:
    """A record's bytes again, at most `MOST_BODY`. Raises StoreFailed when they are damaged or more follows."""
    inflater = zlib.decompressobj(wbits=31)
    try:
        body = inflater.decompress(packed, MOST_BODY + 1)
    except zlib.error:
        raise damaged() from None
    if not inflater.eof or inflater.unused_data or len(body) > MOST_BODY:
        raise damaged()
    return body


def refuse_oversize(size: int) -> None:
    """Raise Invalid when an event would take more than `MOST_STORED` bytes."""
    if size > MOST_STORED:
        raise _oversize(size, MOST_STORED)


def damaged() -> StoreFailed:
    """The failure of a store whose content is not what was written; it quotes nothing of it."""
    return StoreFailed("The trail holds an event that cannot be read.", code="store_damaged")


def _oversize(size: int, most: int) -> Invalid:
    return Invalid(f"The event has {size} bytes; at most {most} can be kept.", code="event_too_large")


def _weight(value: Mapping[str, Any]) -> int:
    [(kind, content)] = value.items()
    match kind:
        case "B":
            return len(content)
        case "S":
            return len(content.encode())
        case _:
            return 3 + sum(1 + _weight(member) for member in content)
