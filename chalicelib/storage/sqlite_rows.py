"""An entry of the trail as a row of the embedded table, and back. It opens no file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from chalicelib.records.entry import Entry, Summary
from chalicelib.storage.items import damaged, pack, refuse_oversize, unpack
from chalicelib.storage.keys import check_filing, partition_key, place_of, sort_key

SUMMARY = tuple(Summary.model_fields)
COLUMNS = ("pk", "sk", *SUMMARY, "body", "secret", "leaf", "fp")
_LISTS = ("flags", "rules")


def row_of(entry: Entry) -> tuple[str | bytes | None, ...]:
    """The cells of an entry, in the order of the columns. Raises for one that is too large or misfiled."""
    check_filing(entry)
    known = entry.summary
    key = (partition_key(known.force, entry.place), sort_key(entry.place, entry.id))
    described = (json.dumps(value) if name in _LISTS else value for name, value in known)
    row = (*key, *described, pack(entry.body), entry.secret, entry.leaf, entry.fingerprint)
    refuse_oversize(sum(len(value.encode() if isinstance(value, str) else value) for value in row if value is not None))
    return row


def entry_of(row: Sequence[str | bytes | None]) -> Entry:
    """The entry of a row. Raises StoreFailed for a row that is damaged."""
    cells: dict[str, str | bytes | None] = dict(zip(COLUMNS, row, strict=True))
    try:
        place = place_of(str(cells["pk"]))
        return Entry.model_validate(
            {
                "place_shelf": place.shelf,
                "place_name": place.name,
                "summary": summary_of({name: cells[name] for name in SUMMARY}),
                "body": unpack(bytes(cells["body"])),  # type: ignore[arg-type]  # a column that is never null or text
                "secret": cells["secret"],
                "leaf": cells["leaf"],
                "fingerprint": cells["fp"],
            }
        )
    except (TypeError, ValueError):
        raise damaged() from None  # the cause would quote the row


def summary_of(cells: Mapping[str, object]) -> Summary:
    """What is searched by, from the cells of its members. Raises StoreFailed for a row that is damaged."""
    try:
        lists = {name: tuple(json.loads(str(cells[name]))) for name in _LISTS}
        return Summary.model_validate({**cells, **lists})
    except (TypeError, ValueError):
        raise damaged() from None  # the cause would quote the row
