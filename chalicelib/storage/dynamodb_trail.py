"""The trail on DynamoDB: one table, a conditional put for each event, searches by index. No update, delete or scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from chalicelib.errors import StoreFailed
from chalicelib.records.entry import Entry, Page, Place, Position, Query, Summary
from chalicelib.records.slots import Indexed
from chalicelib.storage.connect import Connect, answering
from chalicelib.storage.items import FOUND, Item, entry_of_item, item_of, summary_of_item
from chalicelib.storage.keys import (
    BY_CONTACT,
    BY_INCIDENT,
    SUBJECTS,
    Index,
    Partition,
    at,
    partition_key,
    partitions,
    position_of,
    reference_key,
    sort_key,
    stored_time,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryInputTypeDef

MOST_CALLS = 6
"""Store calls for one page of a search; what is not found by then is left to the next page."""

MOST_READ = 1000
"""Items that one call of a search may read, wanted or not."""

_TRAIL = "The trail"
_FILTERED = ("mode", "kind", "grade", "actor", "contact", "incident")


class DynamoTrail:
    """A `Trail` on one table. Nothing is asked of AWS before the first call."""

    def __init__(self, table: str, *, connect: Connect) -> None:
        """Take the table's name and the way to it."""
        self._table, self._connect = table, connect

    @property
    def _client(self) -> DynamoDBClient:
        return self._connect.client("dynamodb")

    def append(self, entry: Entry) -> Entry | None:
        """Keep an entry with one put. Raises Invalid when it is too large, StoreFailed when it is not known to be kept.

        When the SDK repeats a put whose answer was lost, the condition fails on our own item; it comes back too.
        """
        item = item_of(entry)
        try:
            with answering(_TRAIL, "PutItem", "ConditionalCheckFailedException"):
                self._client.put_item(
                    TableName=self._table,
                    Item=item,
                    ConditionExpression="attribute_not_exists(pk)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as refusal:
            return self._kept(refusal, entry)
        return None

    def get(self, force: str, place: Place, event_id: str) -> Entry | None:
        """One event of a force, read strongly; another force's looks like none."""
        key = {"pk": {"S": partition_key(force, place)}, "sk": {"S": sort_key(place, event_id)}}
        with answering(_TRAIL, "GetItem"):
            item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        entry = entry_of_item(item) if item else None
        return entry if entry and entry.summary.force == force and entry.id == event_id else None

    def events(self, force: str, place: Place) -> Sequence[Entry]:
        """All events of a force filed at a place, read strongly, in time order."""
        request: QueryInputTypeDef = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": partition_key(force, place)}},
            "ConsistentRead": True,
        }
        found: list[Entry] = []
        while True:
            with answering(_TRAIL, "Query"):
                reply = self._client.query(**request)
            found += map(entry_of_item, reply["Items"])
            if not (last := reply.get("LastEvaluatedKey")):
                break
            request["ExclusiveStartKey"] = last
        mine = (entry for entry in found if entry.summary.force == force)
        return sorted(mine, key=lambda entry: (entry.summary.recorded_at, entry.id))

    def newest(
        self, force: str, mode: str, by: Literal["contact", "incident"], reference: str, limit: int
    ) -> Sequence[Entry]:
        """The newest decisions of a contact or incident, newest first, from an index that may be a moment behind."""
        index = BY_CONTACT if by == "contact" else BY_INCIDENT
        with answering(_TRAIL, "Query"):
            reply = self._client.query(
                TableName=self._table,
                IndexName=index.name,
                KeyConditionExpression="#pk = :pk",
                ExpressionAttributeNames={"#pk": index.attribute},
                ExpressionAttributeValues={":pk": {"S": reference_key(force, mode, reference)}},
                ScanIndexForward=False,
                Limit=limit,
            )
        return [entry_of_item(item) for item in reply["Items"]]

    def of_subject(self, force: str, mode: str, indexed: Indexed, since: str, limit: int) -> Sequence[Summary]:
        """The newest decisions with a keyed hash in a slot since a time, newest first, from one read of its index."""
        index = SUBJECTS[indexed.slot]
        names = {f"#{name}": name for name in FOUND} | {"#pk": index.attribute, "#at": "at"}
        values = {":pk": reference_key(force, mode, indexed.value), ":since": stored_time(since)}
        with answering(_TRAIL, "Query"):
            reply = self._client.query(
                TableName=self._table,
                IndexName=index.name,
                KeyConditionExpression="#pk = :pk AND #at >= :since",
                ProjectionExpression=", ".join(f"#{name}" for name in FOUND),
                ExpressionAttributeNames=names,
                ExpressionAttributeValues={name: {"S": value} for name, value in values.items()},
                ScanIndexForward=False,
                Limit=limit,
            )
        return [summary_of_item(item) for item in reply["Items"]]

    def find(self, query: Query, after: Position | None, limit: int) -> Page:
        """A page of summaries, newest first, from at most `MOST_CALLS` reads of bounded size; perhaps a moment behind.

        A page that is short or empty but has an `after`: there was more to look through than one page may read.
        """
        return _Walk(self._client, self._table, query, limit).page(after)

    def _kept(self, refusal: ClientError, entry: Entry) -> Entry:
        item: Item | None = refusal.response.get("Item")  # type: ignore[assignment]  # the stubs do not know ALL_OLD
        kept = entry_of_item(item) if item else self.get(entry.summary.force, entry.place, entry.id)
        if kept is None:
            raise StoreFailed("The trail refused an event without saying what it holds.")
        return kept


class _Walk:
    """One page of a search: it walks the partitions from the newest backwards and knows how far it came."""

    def __init__(self, client: DynamoDBClient, table: str, query: Query, limit: int) -> None:
        if limit < 1:
            raise ValueError("a page has room for one at least")
        self._client, self._table, self._query, self._limit = client, table, query, limit
        self._found: list[Summary] = []
        self._reads = 0

    def page(self, after: Position | None) -> Page:
        since, upto = stored_time(self._query.since), Position(stored_time(self._query.until), "")
        before = min(upto, after) if after else upto
        walked = partitions(self._query, before) if Position(since, "") < before else iter(())
        for partition in walked:
            more: Position | None = before
            while more:
                if self._reads == MOST_CALLS or len(self._found) == self._limit:
                    return Page(tuple(self._found), before)
                more = self._read(partition, before)
                before = more or partition.start
        return Page(tuple(self._found), None)

    def _read(self, partition: Partition, before: Position) -> Position | None:
        """Read on in a partition: the position read up to, or None when there is no more in it."""
        wanted = self._limit - len(self._found)
        with answering(_TRAIL, "Query"):
            reply = self._client.query(**self._request(partition, before, wanted))
        self._reads += 1
        summaries = (summary_of_item(item) for item in reply["Items"])
        # BETWEEN includes its end, which the page before has already had.
        fresh = (known for known in summaries if (known.recorded_at, known.id) < before and self._query.admits(known))
        taken = list(islice(fresh, wanted + 1))
        self._found += taken[:wanted]
        if len(taken) > wanted:
            return Position(taken[wanted - 1].recorded_at, taken[wanted - 1].id)
        last: Mapping[str, Mapping[str, str]] = reply.get("LastEvaluatedKey", {})  # type: ignore[assignment]  # key values are texts
        return position_of(last["at"]["S"]) if last else None

    def _request(self, partition: Partition, before: Position, wanted: int) -> QueryInputTypeDef:
        names, values, conditions = _filter(self._query, partition.by)
        names |= {f"#{name}": name for name in FOUND} | {"#pk": partition.by.attribute, "#at": "at"}
        values |= {":pk": partition.key, ":low": self._query.since}
        values[":high"] = at(before) if before.id else before.recorded_at
        # Where a filter can drop items, each further call looks further, so that a rare thing is found in few calls.
        reach = (wanted + 1) * 4**self._reads if conditions else wanted + 1
        request: QueryInputTypeDef = {
            "TableName": self._table,
            "IndexName": partition.by.name,
            "KeyConditionExpression": "#pk = :pk AND #at BETWEEN :low AND :high",
            "ProjectionExpression": ", ".join(f"#{name}" for name in FOUND),
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": {name: {"S": value} for name, value in values.items()},
            "ScanIndexForward": False,
            "Limit": min(reach, MOST_READ),
        }
        if conditions:
            request["FilterExpression"] = " AND ".join(conditions)
        return request


def _filter(query: Query, index: Index) -> tuple[dict[str, str], dict[str, str], list[str]]:
    names: dict[str, str] = {}
    values: dict[str, str] = {}
    conditions: list[str] = []
    for name in _FILTERED:
        value = getattr(query, name)
        if value is not None and name not in index.proves:
            names[f"#{name}"], values[f":{name}"] = name, value
            conditions.append(f"#{name} = :{name}")
    if query.version is not None:
        names |= {"#version": "version", "#policy": "policy"}
        values[":version"] = query.version
        conditions.append("(#version = :version OR #policy = :version)")
    return names, values, conditions
