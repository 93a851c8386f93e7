"""The vectors against this implementation, row by row, and the files themselves."""

from __future__ import annotations

import pytest

from chalicelib.canonical import Json
from tests.conformance.comparing import differences
from tests.conformance.layout import laid_out
from tests.conformance.runner import main, reword
from tests.conformance.vectors import FILES, FOLDER, Row, read, rows


def named(row: Row) -> str:
    return f"{row.file}-{row.id}"


@pytest.mark.parametrize("row", [row for file in FILES for row in rows(file)], ids=named)
def test_what_comes_of_a_row_is_what_it_expects(row: Row) -> None:
    assert row.differ() == [], row.remark


@pytest.mark.parametrize("file", FILES)
def test_a_file_is_laid_out_as_it_would_be_written_anew(file: str) -> None:
    assert (FOLDER / f"{file}.json").read_text(encoding="utf-8") == laid_out(read(file)) + "\n"


@pytest.mark.parametrize("file", FILES)
def test_every_row_of_a_file_has_an_id_of_its_own(file: str) -> None:
    ids = [row["id"] for row in read(file)["rows"]]
    assert [name for name in ids if ids.count(name) > 1] == []


def test_the_runner_needs_no_test_framework_and_counts_the_rows(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["truth-tables"]) == 0
    assert capsys.readouterr().out == f"truth-tables: {len(read('truth-tables')['rows'])} rows\nno differences\n"


def test_only_the_words_of_errors_are_written_anew() -> None:
    content = read("refused")
    first, second = [row for row in content["rows"] if row["expect"]["errors"]][:2]
    (error,) = first["expect"]["errors"]
    words = error["detail"]
    error["detail"] = "in other words"
    second["expect"]["errors"][0]["code"] = "another_fault"
    assert reword(content) == [second["id"]]
    assert first["expect"]["errors"][0]["detail"] == words
    assert second["expect"]["errors"][0]["code"] == "another_fault"


# what is expected, what was found, how many differences, remark
COMPARED: list[tuple[Json, Json, int, str]] = [
    ({"a": 1}, {"a": 1, "b": 2}, 0, "a member that is not expected may be there"),
    ({"a": 1}, {"a": 2}, 1, "another value"),
    ({"a": None}, {}, 0, "null is expected to be absent"),
    ({"a": 1}, {}, 1, "what is expected has to be there"),
    ([1], [1, 2], 1, "a list has no more elements than expected"),
    ([1, 2], [2, 1], 2, "nor in another order"),
    (["x"], [{"id": "x", "kind": "rule"}], 0, "a text stands for the object that it names"),
    (["x"], [{"fact": "y"}], 1, "and not for another"),
    ({"a": True}, {"a": 1}, 1, "true is not 1"),
    ([], [{"id": "x"}], 1, "none is expected"),
]


@pytest.mark.parametrize(("expected", "found", "count", "remark"), COMPARED)
def test_what_was_found_is_held_against_what_is_expected(expected: Json, found: Json, count: int, remark: str) -> None:
    assert len(list(differences(expected, found))) == count, remark
