"""A day's decisions and events of incidents in one file, `days/<force>/<day>.jsonl.gz`: a first line, then a record a
line. It reads no store.

Records are the canonical bytes of the trail in order of (recorded_at, id); the day is that of `recorded_at` in UTC. The
first line holds the number of the records, by mode too, and the digest of their lines, so that a file proves by itself
that it is whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from chalicelib.canonical import canonical
from chalicelib.errors import ServiceError, Unreadable
from chalicelib.model import Digest, Frozen, Slug
from chalicelib.reader import read_model
from chalicelib.records.entry import Entry, Shelf
from chalicelib.records.line_file import FIRST_BYTES, first_of, following, pack, whole
from chalicelib.records.record import plain


def _that_exists(day: str) -> str:
    try:
        date.fromisoformat(day)
    except ValueError:
        raise ValueError("not a day that exists, such as 2026-11-23") from None
    return day


Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\d$"), AfterValidator(_that_exists)]
"""A day in UTC."""


class DayHeader(Frozen):
    """The first line."""

    format: Literal["day/1"] = "day/1"
    force: Slug
    day: Day
    decisions: int = Field(ge=0)
    modes: Mapping[str, int]
    """How many decisions there are of each mode."""
    events: int | None = Field(None, ge=1)
    """How many events of incidents follow among the decisions; absent when there are none. What somebody said in their
    own words is never among them."""
    sha256: Digest
    """Of all lines that follow, ends of lines included."""


def day_file(force: str, day: str, entries: Iterable[Entry]) -> bytes:
    """The file of a day's decisions, which have to come in order. Raises ValueError when they do not."""
    modes: dict[str, int] = {}
    events = 0

    def lines() -> Iterator[bytes]:
        nonlocal events
        last = ("", "")
        for entry in entries:
            known = entry.summary
            place = (known.recorded_at, known.id)
            if place <= last or known.force != force or known.recorded_at[:10] != day:
                raise ValueError("a decision out of order, of another day or of another force")
            last = place
            if entry.place_shelf is Shelf.DECISION:
                modes[known.mode] = modes.get(known.mode, 0) + 1
            else:
                events += 1
            yield entry.body

    packed = pack(lines())
    header = DayHeader(
        force=force, day=day, decisions=packed.lines - events, modes=modes, events=events or None, sha256=packed.sha256
    )
    return whole(canonical(plain(header)), packed)


class DayFile:
    """An opened file: its header, and its records one after another."""

    def __init__(self, data: bytes) -> None:
        """Read the first line. Raises Unreadable when this is no such file."""
        self._data = data
        try:
            self.header = read_model(DayHeader, first_of(data), most=FIRST_BYTES)
        except ServiceError:
            raise Unreadable("This is no file of a day's decisions.", code="no_day_file") from None

    def records(self) -> Iterator[bytes]:
        """The records' bytes. Raises Unreadable, after the last, when they are not those that the header names."""
        return following(self._data, self.header.decisions + (self.header.events or 0), self.header.sha256)


def day_object(force: str, day: str) -> str:
    """The name under which a day is kept."""
    return f"days/{force}/{day}.jsonl.gz"
