"""The trail on DynamoDB: what a search asks of the table, whatever its size."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chalicelib.records.entry import Query
from chalicelib.storage.connect import Connect
from chalicelib.storage.dynamodb_trail import MOST_CALLS, MOST_READ, DynamoTrail
from chalicelib.storage.items import item_of
from tests.aws import Created
from tests.builders import an_entry

DAY = {"force": "hertfordshire", "since": "2026-11-23T00:00:00.000000Z", "until": "2026-11-24T00:00:00.000000Z"}


@contextmanager
def items_read(connect: Connect) -> Iterator[list[int]]:
    """How many items each Query has evaluated, wanted or not."""
    reads: list[int] = []

    def note(parsed: dict[str, int], **_: object) -> None:
        reads.append(parsed["ScannedCount"])

    events = connect.client("dynamodb").meta.events
    events.register("after-call.dynamodb.Query", note)
    yield reads
    events.unregister("after-call.dynamodb.Query", note)


def fill(connect: Connect, table: str, first: int, last: int) -> None:
    """Decisions one second apart, written in batches since only reading is under test here."""
    for start in range(first, last, 25):
        entries = [
            an_entry(
                id=f"d-{number:05}",
                recorded_at=f"2026-11-23T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}.000000Z",
                actor=f"ch-{number % 7}",
                grade="PRIORITY" if number == 1 else "IMMEDIATE",
                body=b"",
            )
            for number in range(start, min(start + 25, last))
        ]
        requests = [{"PutRequest": {"Item": item_of(entry)}} for entry in entries]
        connect.client("dynamodb").batch_write_item(RequestItems={table: requests})  # type: ignore[dict-item]  # plain dicts


def test_a_page_costs_the_same_in_a_small_and_a_large_table(created: Created, connect: Connect) -> None:
    trail = DynamoTrail(created.table, connect=connect)
    queries = [
        Query.model_validate({**DAY, **changes})
        for changes in (
            {"mode": None},
            {"mode": "live"},
            {"mode": "live", "kind": "decision", "contact": "HC-20261123-0417-1"},
            {"mode": "live", "kind": "decision", "actor": "ch-3"},
        )
    ]
    costs: list[list[list[int]]] = []
    for first, last in ((0, 150), (150, 1000)):
        fill(connect, created.table, first, last)
        costs.append([])
        for query in queries:
            with items_read(connect) as reads:
                assert len(trail.find(query, None, 20).found) == 20
            costs[-1].append(reads)
    assert costs[0] == costs[1] == [[21]] * 4


def test_a_rare_thing_costs_a_bounded_number_of_reads_for_each_page(created: Created, connect: Connect) -> None:
    fill(connect, created.table, 0, 1000)
    trail = DynamoTrail(created.table, connect=connect)
    with items_read(connect) as reads:
        page = trail.find(Query.model_validate({**DAY, "grade": "PRIORITY"}), None, 10)
    assert ([known.id for known in page.found], page.after) == (["d-00001"], None)
    assert len(reads) <= MOST_CALLS
    assert max(reads) <= MOST_READ
    assert reads[0] == 11, "the first call reads no more than a page needs when everything fits"


def test_empty_days_end_a_page_after_a_bounded_number_of_calls(created: Created, connect: Connect) -> None:
    trail = DynamoTrail(created.table, connect=connect)
    query = Query.model_validate({**DAY, "since": "2026-10-01T00:00:00.000000Z"})
    with items_read(connect) as reads:
        page = trail.find(query, None, 10)
    assert page == ((), ("2026-11-18T00:00:00.000000Z", ""))
    assert len(reads) == MOST_CALLS


@pytest.mark.parametrize("limit", [1, 6, 7])
def test_the_last_page_says_that_it_is_the_last(created: Created, connect: Connect, limit: int) -> None:
    fill(connect, created.table, 0, 6)
    page = DynamoTrail(created.table, connect=connect).find(Query.model_validate({**DAY, "mode": None}), None, limit)
    assert (page.after is None) is (limit >= 6)


def test_nothing_is_asked_of_aws_before_the_first_call(connect: Connect) -> None:
    fresh = Connect(connect.region)
    DynamoTrail("table", connect=fresh)
    assert fresh._clients == {}
