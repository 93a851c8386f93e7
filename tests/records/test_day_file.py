"""Files of days: their form for ever, and what is refused."""

from __future__ import annotations

import gzip
import hashlib
import json

import pytest

from chalicelib.errors import Unreadable
from chalicelib.records.day_file import DayFile, day_file, day_object
from chalicelib.records.entry import Entry
from tests.builders import an_entry

DAY = "2026-11-23"


def at(minute: int, name: str, mode: str = "live") -> Entry:
    """A decision of the day."""
    body = json.dumps({"id": name}, separators=(",", ":")).encode()
    return an_entry(id=name, recorded_at=f"{DAY}T04:{minute:02}:00.000000Z", mode=mode, body=body)


THREE = [at(1, "d-b"), at(2, "d-a", "training"), at(2, "d-c")]


def test_a_file_is_a_line_that_says_what_follows_and_a_record_a_line() -> None:
    data = day_file("hertfordshire", DAY, THREE)
    lines = gzip.decompress(data).split(b"\n")
    assert lines[1:] == [b'{"id":"d-b"}', b'{"id":"d-a"}', b'{"id":"d-c"}', b""]
    content = b"\n".join(lines[1:])
    assert json.loads(lines[0]) == {
        "format": "day/1",
        "force": "hertfordshire",
        "day": DAY,
        "decisions": 3,
        "modes": {"live": 2, "training": 1},
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    opened = DayFile(data)
    assert [line.rstrip(b"\n") for line in opened.records()] == [entry.body for entry in THREE]
    assert (opened.header.decisions, opened.header.day) == (3, DAY)


def test_the_same_decisions_give_the_same_bytes() -> None:
    assert day_file("hertfordshire", DAY, THREE) == day_file("hertfordshire", DAY, iter(THREE))


def test_a_day_without_decisions_is_a_file_too() -> None:
    assert list(DayFile(day_file("hertfordshire", DAY, [])).records()) == []


def test_the_name_of_a_day_is_fixed() -> None:
    assert day_object("hertfordshire", DAY) == "days/hertfordshire/2026-11-23.jsonl.gz"


ORDERS = [
    ([THREE[1], THREE[0]], "later first"),
    ([THREE[2], THREE[1]], "one time, the ids in the wrong order"),
    ([THREE[0], THREE[0]], "one twice"),
    ([at(1, "d-b"), an_entry(id="d-x", recorded_at="2026-11-24T00:00:00.000000Z")], "of the next day"),
    ([an_entry(id="d-x", force="bedfordshire", recorded_at=f"{DAY}T04:00:00.000000Z")], "of another force"),
]


@pytest.mark.parametrize("entries", [row for row, _ in ORDERS], ids=[remark for _, remark in ORDERS])
def test_decisions_out_of_place_are_a_mistake(entries: list[Entry]) -> None:
    with pytest.raises(ValueError, match="out of order"):
        day_file("hertfordshire", DAY, entries)


def repacked(change: bytes, into: bytes) -> bytes:
    """The file with something in its lines changed."""
    return gzip.compress(gzip.decompress(day_file("hertfordshire", DAY, THREE)).replace(change, into))


DAMAGED = [
    (repacked(b'{"id":"d-c"}\n', b""), "a record is missing"),
    (repacked(b'{"id":"d-c"}', b'{"id":"d-d"}'), "a record was changed"),
    (repacked(b'"decisions":3', b'"decisions":2'), "the number was changed"),
    (repacked(b'{"id":"d-c"}\n', b'{"id":"d-c"}\n{"id":"d-e"}\n'), "a record was added"),
    (day_file("hertfordshire", DAY, THREE)[:-12], "the end is missing"),
]


@pytest.mark.parametrize("data", [row for row, _ in DAMAGED], ids=[remark for _, remark in DAMAGED])
def test_a_file_that_is_not_what_it_says_is_refused_at_its_end(data: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        list(DayFile(data).records())
    assert refused.value.code == "file_damaged"


NO_FILES = [
    (b"", "nothing"),
    (b"day/1", "not compressed"),
    (gzip.compress(b"{}\n"), "another first line"),
    (repacked(b"2026-11-23", b"2026-11-31"), "a day that does not exist"),
]


@pytest.mark.parametrize("data", [row for row, _ in NO_FILES], ids=[remark for _, remark in NO_FILES])
def test_what_is_no_file_of_a_day_is_refused_at_once(data: bytes) -> None:
    with pytest.raises(Unreadable):
        DayFile(data)
