from __future__ import annotations

from hashlib import sha256

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.canonical import LARGEST_INTEGER, Json, canonical, digest, sha256_hex

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NAMES = st.text(st.characters(max_codepoint=127))
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)


@given(VALUES)
def test_the_bytes_are_those_of_another_implementation_of_rfc_8785(value: Json) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(st.dictionaries(NAMES, st.integers(0, 9), max_size=6))
def test_the_order_in_which_members_were_written_does_not_matter(value: dict[str, Json]) -> None:
    assert canonical(dict(reversed(list(value.items())))) == canonical(value)


ROWS = [
    ({"b": 1, "a": [True, None]}, b'{"a":[true,null],"b":1}', "sorted, no blanks"),
    (("a", 1), b'["a",1]', "a tuple is a list"),
    ("\u20ac\n\x0f/\"\\", '"€\\n\\u000f/\\"\\\\"'.encode(), "only what JSON needs is escaped"),
    ("\u2028", '"\u2028"'.encode(), "line separators stay as they are"),
    ({"A": 1, "a": 2, "_": 3}, b'{"A":1,"_":3,"a":2}', "in the order of code units"),
    (LARGEST_INTEGER, b"9007199254740991", "the largest integer"),
    (-0, b"0", "there is one zero"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected", "remark"), ROWS, ids=[row[2] for row in ROWS])
def test_the_bytes_are_these(value: Json, expected: bytes, remark: str) -> None:
    assert canonical(value) == expected, remark


REFUSED = [
    (1.0, "a float, whatever its value"),
    (float("nan"), "NaN"),
    (LARGEST_INTEGER + 1, "2^53"),
    (-LARGEST_INTEGER - 1, "-2^53"),
    ("\ud800", "a lone surrogate"),
    ({"caf\u00e9": 1}, "a name beyond ASCII, whose order differs between languages"),
    ({1: 1}, "a name that is no text"),
    ({"a": [{"b": 0.5}]}, "a float far inside"),
    (b"bytes", "bytes"),
    ({"a"}, "a set, which has no order"),
]


@pytest.mark.parametrize(("value", "remark"), REFUSED, ids=[row[1] for row in REFUSED])
def test_what_has_no_canonical_form_is_refused(value: object, remark: str) -> None:
    try:
        found = canonical(value)  # type: ignore[arg-type]  # what is wrong is the point
    except ValueError:
        return
    pytest.fail(f"{remark} became {found!r}")


def test_a_digest_is_the_hash_of_the_canonical_bytes() -> None:
    assert digest({"a": 1}) == sha256(b'{"a":1}').hexdigest() == sha256_hex(b'{"a":1}')
