"""What every board of the worklist does, on every implementation; and what a large one costs on DynamoDB."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chalicelib.errors import Invalid, StoreFailed
from chalicelib.ports import BoardRow, WorkBoard
from chalicelib.storage.connect import Connect
from chalicelib.storage.dynamodb_board import DynamoBoard
from chalicelib.storage.sqlite_board import SqliteBoard

FORCE = "hertfordshire"
ONE = BoardRow(("d_a",), b'{"incident":"HC-1"}')
TWO = BoardRow(("d_a", "d_b"), b'{"incident":"HC-1","more":1}')
DONE = BoardRow(("d_a", "d_b"), None)


def put(board: WorkBoard, incident: str, *rows: BoardRow, force: str = FORCE) -> str:
    """Put rows one after another; the tag of the last."""
    tag = None
    for row in rows:
        assert board.put(force, incident, row, tag)
        there = board.get(force, incident)
        assert there is not None
        assert there.row == row
        tag = there.tag
    assert tag is not None
    return tag


def test_a_board_that_holds_nothing_says_so(board: WorkBoard) -> None:
    assert board.get(FORCE, "HC-1") is None
    assert list(board.open_rows(FORCE)) == []
    assert board.version(FORCE) == board.version("elsewhere")


@pytest.mark.parametrize("row", [ONE, TWO, DONE, BoardRow((), None), BoardRow((), b"")])
def test_a_row_is_read_back_whole(board: WorkBoard, row: BoardRow) -> None:
    put(board, "HC-1", row)


def test_only_open_rows_are_listed(board: WorkBoard) -> None:
    put(board, "HC-1", ONE)
    put(board, "HC-2", ONE, TWO)
    put(board, "HC-3", ONE, DONE)
    put(board, "HC-4", DONE)
    assert sorted(board.open_rows(FORCE)) == sorted(filter(None, (ONE.body, TWO.body)))


def test_a_row_that_was_done_can_be_opened_again(board: WorkBoard) -> None:
    put(board, "HC-1", ONE, DONE, TWO)
    assert list(board.open_rows(FORCE)) == [TWO.body]


def test_another_forces_rows_do_not_exist(board: WorkBoard) -> None:
    put(board, "HC-1", ONE)
    before = board.version("elsewhere")
    assert board.get("elsewhere", "HC-1") is None
    assert list(board.open_rows("elsewhere")) == []
    put(board, "HC-2", TWO)
    assert board.version("elsewhere") == before


def test_the_version_is_another_after_each_change_and_only_then(board: WorkBoard) -> None:
    seen = [board.version(FORCE)]
    for row in (ONE, TWO, DONE):
        there = board.get(FORCE, "HC-1")
        board.put(FORCE, "HC-1", row, there.tag if there else None)
        board.open_rows(FORCE)
        assert board.version(FORCE) == board.version(FORCE)
        seen.append(board.version(FORCE))
    assert len(set(seen)) == len(seen)


def test_of_two_who_saw_the_same_state_one_is_kept(board: WorkBoard) -> None:
    tag = put(board, "HC-1", ONE)
    assert board.put(FORCE, "HC-1", TWO, tag)
    assert not board.put(FORCE, "HC-1", DONE, tag)
    there = board.get(FORCE, "HC-1")
    assert there is not None
    assert there.row == TWO


def test_of_two_who_saw_nothing_one_is_kept(board: WorkBoard) -> None:
    assert board.put(FORCE, "HC-1", ONE, None)
    assert not board.put(FORCE, "HC-1", TWO, None)
    assert list(board.open_rows(FORCE)) == [ONE.body]


def test_a_row_that_is_not_there_is_not_replaced(board: WorkBoard) -> None:
    assert not board.put(FORCE, "HC-1", ONE, "0123456789abcdef")
    assert board.get(FORCE, "HC-1") is None


def test_a_row_that_is_too_large_is_refused(board: WorkBoard) -> None:
    with pytest.raises(Invalid):
        board.put(FORCE, "HC-1", BoardRow((), b"x" * (1 << 21)), None)


def test_a_damaged_row_is_a_failure_that_quotes_nothing(sqlite_board: SqliteBoard, dynamo_board: DynamoBoard) -> None:
    put(sqlite_board, "HC-1", ONE)
    with sqlite_board.file.connection() as connection:
        connection.execute("UPDATE work SET body = 'HC-2026'")
    put(dynamo_board, "HC-1", ONE)
    client = dynamo_board._connect.client("dynamodb")
    client.put_item(TableName=dynamo_board._table, Item={"pk": {"S": FORCE}, "sk": {"S": "HC-1"}})
    for damaged in (sqlite_board, dynamo_board):
        with pytest.raises(StoreFailed) as failure:
            damaged.get(FORCE, "HC-1")
        assert failure.value.code == "store_damaged"
        assert "HC-2026" not in str(failure.value)


def a_large_body(number: int) -> bytes:
    """A row as large as they come: eight items with ids, words and times that are all different."""
    items = [
        {
            "id": f"review.e_{secrets.token_hex(16)}",
            "kind": "review",
            "title": f"Call back if that is safe, and assess it again {secrets.token_hex(8)}",
            "owed_by": "supervisor",
            "severity": "act",
            "since": f"2026-11-23T04:17:{item:02}.{number:06}Z",
            "due": f"2026-11-23T05:17:{item:02}.{number:06}Z",
            "because": "attendance_delayed",
        }
        for item in range(8)
    ]
    return json.dumps({"incident": f"HC-20261123-{number:04}", "standing": "PRIORITY", "items": items}).encode()


@contextmanager
def replies_of(connect: Connect, operation: str) -> Iterator[list[dict[str, Any]]]:
    """The replies to an operation, as they come."""
    seen: list[dict[str, Any]] = []
    events = connect.client("dynamodb").meta.events

    def take(parsed: dict[str, Any], **_: object) -> None:
        seen.append(parsed)

    events.register(f"after-call.dynamodb.{operation}", take)
    yield seen
    events.unregister(f"after-call.dynamodb.{operation}", take)


def stored_bytes(value: object) -> int:
    """The size by which DynamoDB counts an attribute's value."""
    if isinstance(value, dict):
        return sum(stored_bytes(one) for one in value.values())
    if isinstance(value, list):
        return sum(stored_bytes(one) for one in value)
    return len(value if isinstance(value, bytes) else str(value).encode())


def test_four_hundred_open_rows_are_two_reads_at_most_however_many_are_not_open(
    dynamo_board: DynamoBoard, connect: Connect
) -> None:
    """Rows with nothing open are not read, whatever their number. A page ends at 1 MB of what the index holds."""
    for number in range(400):
        assert dynamo_board.put(FORCE, f"HC-20261123-{number:04}", BoardRow(("d_a",), a_large_body(number)), None)
    for number in range(400, 600):
        assert dynamo_board.put(FORCE, f"HC-20261123-{number:04}", DONE, None)
    with replies_of(connect, "Query") as queries:
        assert len(dynamo_board.open_rows(FORCE)) == 400
    assert sum(reply["Count"] for reply in queries) == 400
    client = connect.client("dynamodb")
    item = client.get_item(TableName=dynamo_board._table, Key={"pk": {"S": FORCE}, "sk": {"S": "HC-20261123-0001"}})
    index = ("pk", "sk", "open", "body")  # what the index holds of a row
    a_row = sum(len(name) + stored_bytes(item["Item"][name]) for name in index) + 100
    assert len(queries) <= 2
    assert 400 * a_row <= 1_000_000, "one page and not even two"
    assert 400 * a_row / 4096 <= 250, "strong read units for the whole list"


def test_asking_whether_anything_changed_is_one_read_of_one_unit(dynamo_board: DynamoBoard, connect: Connect) -> None:
    put(dynamo_board, "HC-1", ONE)
    with replies_of(connect, "GetItem") as gets, replies_of(connect, "Query") as queries:
        dynamo_board.version(FORCE)
    assert (len(gets), len(queries)) == (1, 0)
    assert stored_bytes(gets[0]["Item"]) < 4096
