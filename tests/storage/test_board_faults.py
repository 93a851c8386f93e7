"""The worklist's table when a call is not answered, or its answer is lost."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from chalicelib.errors import StoreFailed
from chalicelib.ports import BoardRow
from chalicelib.storage.connect import Connect
from chalicelib.storage.dynamodb_board import DynamoBoard
from tests.aws import Created
from tests.faults import Fault, FaultProxy

FORCE = "hertfordshire"
ROW = BoardRow(("d_a",), b"{}")
LONGEST = 12.0


@pytest.fixture
def board(served: Created, through: Connect) -> DynamoBoard:
    return DynamoBoard(served.work_table, connect=through)


USES: list[tuple[str, Callable[[DynamoBoard], object]]] = [
    ("dynamodb:GetItem", lambda board: board.get(FORCE, "HC-1")),
    ("dynamodb:GetItem", lambda board: board.version(FORCE)),
    ("dynamodb:Query", lambda board: board.open_rows(FORCE)),
    ("dynamodb:PutItem", lambda board: board.put(FORCE, "HC-1", ROW, None)),
]


@pytest.mark.parametrize(("operation", "use"), USES, ids=["get", "version", "open_rows", "put"])
@pytest.mark.parametrize("fault", ["before", "hang"])
def test_a_board_that_does_not_answer_is_a_failure_soon(
    board: DynamoBoard, proxy: FaultProxy, operation: str, use: Callable[[DynamoBoard], object], fault: Fault
) -> None:
    proxy.arm(operation, fault, times=None)
    began = time.monotonic()
    with pytest.raises(StoreFailed):
        use(board)
    assert time.monotonic() - began < LONGEST
    proxy.disarm()
    use(board)


def test_a_row_whose_answer_is_lost_stands_there_and_has_moved_the_version(
    board: DynamoBoard, proxy: FaultProxy
) -> None:
    before = board.version(FORCE)
    proxy.arm("dynamodb:PutItem", "after")
    assert not board.put(FORCE, "HC-1", ROW, None), "the SDK's second attempt meets our own row"
    there = board.get(FORCE, "HC-1")
    assert there is not None
    assert there.row == ROW
    assert board.version(FORCE) != before


def test_a_table_that_is_not_there_is_misconfiguration(through: Connect) -> None:
    with pytest.raises(StoreFailed) as failure:
        DynamoBoard("no-such-table", connect=through).put(FORCE, "HC-1", ROW, None)
    assert failure.value.code == "store_misconfigured"
