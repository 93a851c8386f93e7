from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.errors import BadRequest
from chalicelib.reader import as_model
from chalicelib.records.cursor import LIVES, Search, open_cursor, seal_cursor
from chalicelib.records.entry import Position, Query
from tests.records.vectors import held, vector
from tests.records.vectors_from import key_of, time_of

GIVEN = vector("cursor")
POSITION = Position(*GIVEN["position"])
SEARCH = Search(
    as_model(Query, GIVEN["query"]), GIVEN["reader"], key_of(GIVEN["force_key"]), time_of(GIVEN["now"])
)  # fmt: skip
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def test_a_cursor_is_sealed_and_opened_as_ever() -> None:
    held(seal_cursor(POSITION, SEARCH, bytes.fromhex(GIVEN["nonce"])), GIVEN["cursor"], "a cursor")
    assert open_cursor(GIVEN["cursor"], SEARCH) == POSITION


def test_a_cursor_says_nothing_to_who_cannot_open_it() -> None:
    other = seal_cursor(Position("2026-11-22T00:00:00.000000Z", POSITION.id), SEARCH, bytes(12))
    assert len(other) == len(GIVEN["cursor"])
    assert POSITION.id not in GIVEN["cursor"]


def test_a_cursor_with_any_letter_changed_does_not_open() -> None:
    text = GIVEN["cursor"]
    last = len(text) - 1
    for place, letter in enumerate(text):
        # The last letter carries spare bits, which base64 leaves out: only a letter that differs in the others counts.
        other = LETTERS[(LETTERS.index(letter) + 16) % 64] if place == last else LETTERS[LETTERS.index(letter) ^ 1]
        with pytest.raises(BadRequest):
            open_cursor(text[:place] + other + text[place + 1 :], SEARCH)


def other_query(**changes: str | None) -> Search:
    return SEARCH._replace(query=as_model(Query, {**GIVEN["query"], **changes}))


OTHERS: Mapping[str, Search] = {
    "another reader": SEARCH._replace(reader="sub-2 desk"),
    "another force's key": SEARCH._replace(key=SEARCH.key._replace(secret=bytes(32))),
    "a day later": SEARCH._replace(now=SEARCH.now + LIVES + timedelta(microseconds=1)),
    "another grade": other_query(grade="PRIORITY"),
    "another mode": other_query(mode="training"),
    "another period": other_query(since="2026-11-22T00:00:00.000000Z"),
    "one filter less": other_query(actor=None),
    "another force": other_query(force="elsewhere"),
}


@pytest.mark.parametrize("other", OTHERS)
def test_a_cursor_opens_only_for_its_search_its_reader_and_its_day(other: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        open_cursor(GIVEN["cursor"], OTHERS[other])
    assert refusal.value.code == "invalid_cursor"


WRONG: list[Any] = [
    "",
    "A",
    "=",
    "AAAA",
    "A" * 16,
    "A" * 600,
    "ü",
    "a b",
    GIVEN["cursor"][:-4],
    GIVEN["cursor"] + "AAAA",
]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_cursor_is_refused_like_any_wrong_one(text: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        open_cursor(text, SEARCH)
    assert refusal.value.code == "invalid_cursor"


def test_a_cursor_lives_to_its_last_moment() -> None:
    assert open_cursor(GIVEN["cursor"], SEARCH._replace(now=SEARCH.now + LIVES)) == POSITION
