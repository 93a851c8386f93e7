"""Items: packing, and what is done about content that is not what was written."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from chalicelib.errors import StoreFailed
from chalicelib.storage.items import MOST_BODY, entry_of_item, item_of, pack, unpack
from tests.builders import an_entry


def test_packing_is_the_same_each_time_and_says_no_time() -> None:
    packed = pack(b"a record" * 100)
    assert packed == pack(b"a record" * 100)
    assert packed[4:8] == bytes(4)
    assert gzip.decompress(packed) == b"a record" * 100


def test_the_largest_body_comes_back() -> None:
    assert unpack(pack(b"0" * MOST_BODY)) == b"0" * MOST_BODY


DAMAGED = [
    (gzip.compress(b"0" * (MOST_BODY + 1)), "one byte more than is ever written"),
    (gzip.compress(b"0" * 500_000_000, 9), "a bomb"),
    (gzip.compress(b"a")[:-1], "cut off"),
    (gzip.compress(b"a") + b"b", "something behind it"),
    (gzip.compress(b"a") + gzip.compress(b"b"), "a second member behind it"),
    (b"", "nothing"),
    (b"not packed", "not packed"),
]


@pytest.mark.parametrize("packed", [row for row, _ in DAMAGED], ids=[remark for _, remark in DAMAGED])
def test_a_damaged_body_is_reported_as_damage(packed: bytes) -> None:
    with pytest.raises(StoreFailed) as failure:
        unpack(packed)
    assert failure.value.code == "store_damaged"


ITEMS = [
    ({"body": {"B": b"x"}}, "a body that is not packed"),
    ({"pk": {"S": "X#a"}}, "a shelf that does not exist"),
    ({"leaf": {"S": "text"}}, "an attribute of another type"),
    ({"id": None}, "no id"),
    ({"secret": None}, "no secret"),
    ({"flags": {"L": [{"N": "1"}]}}, "a number among the flags"),
]


@pytest.mark.parametrize("changes", [row for row, _ in ITEMS], ids=[remark for _, remark in ITEMS])
def test_a_damaged_item_is_reported_without_quoting_it(changes: dict[str, Any]) -> None:
    item = {name: value for name, value in {**item_of(an_entry()), **changes}.items() if value}
    with pytest.raises(StoreFailed) as failure:
        entry_of_item(item)
    assert failure.value.code == "store_damaged"
    assert failure.value.__cause__ is None
    assert "HC-2026" not in str(failure.value)
