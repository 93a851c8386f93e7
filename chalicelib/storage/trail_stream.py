"""Records of the table's stream as a function is given them: what was kept, and by which number to ask for it again.

It reads no stream: AWS delivers the records, until they are done or too old.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from chalicelib.errors import StoreFailed
from chalicelib.records.entry import Entry
from chalicelib.storage.items import entry_of_item


def sequence_of(record: Mapping[str, Any]) -> str:
    """The number by which a record is asked for again."""
    return str(record["dynamodb"]["SequenceNumber"])


def entry_of_record(record: Mapping[str, Any]) -> Entry | None:
    """The entry that a record says was kept; None for one that says something else. Raises StoreFailed for damage."""
    image = record["dynamodb"].get("NewImage")
    if image is None:
        return None
    try:
        item = {name: _plain(value) for name, value in image.items()}
    except ValueError:
        raise StoreFailed("The stream holds a record that cannot be read.", code="store_damaged") from None
    return entry_of_item(item)


def _plain(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """An attribute as the table gives it: in a function's event, bytes are base64."""
    return {"B": b64decode(value["B"], validate=True)} if "B" in value else value
