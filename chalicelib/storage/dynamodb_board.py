"""The worklist's rows on DynamoDB: a table of its own, which may be emptied and filled again from the trail.

A row stands at its force and incident. Only open rows have the attribute `open`, and so only they are in the local
index that the list is read from; it is local because such an index can be read strongly. What a force's version is
stands in an item of its own, which every change replaces after the row: a version that comes late costs a poll.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from chalicelib.errors import StoreFailed
from chalicelib.ports import BoardRow, OnBoard
from chalicelib.storage.connect import Connect, answering
from chalicelib.storage.items import Item, pack, unpack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryInputTypeDef

OPEN = "open"
"""The index of open rows, and its sort key, which holds the incident."""

VERSION = "#version"
"""The sort key of a force's version; no reference of an incident can be that."""

_BOARD = "The worklist"


class DynamoBoard:
    """A `WorkBoard` on one table. Nothing is asked of AWS before the first call."""

    def __init__(self, table: str, *, connect: Connect) -> None:
        """Take the table's name and the way to it."""
        self._table, self._connect = table, connect

    @property
    def _client(self) -> DynamoDBClient:
        return self._connect.client("dynamodb")

    def get(self, force: str, incident: str) -> OnBoard | None:
        """The row of an incident, read strongly."""
        with answering(_BOARD, "GetItem"):
            reply = self._client.get_item(TableName=self._table, Key=_key(force, incident), ConsistentRead=True)
        if (item := reply.get("Item")) is None:
            return None
        try:
            decisions = tuple(member["S"] for member in item["decisions"]["L"])
            body = unpack(item["body"]["B"]) if "body" in item else None
            return OnBoard(BoardRow(decisions, body), item["tag"]["S"])
        except KeyError:
            raise StoreFailed("The worklist holds a row that cannot be read.", code="store_damaged") from None

    def put(self, force: str, incident: str, row: BoardRow, tag: str | None) -> bool:
        """Put a row in place of the state that has this tag, then move the version. False when another stands there."""
        made = secrets.token_hex(8)
        item: Item = {
            **_key(force, incident),
            "tag": {"S": made},
            "decisions": {"L": [{"S": decision} for decision in row.decisions]},
        }
        if row.body is not None:
            item |= {OPEN: {"S": incident}, "body": {"B": pack(row.body)}}
        kept = self._put(item, tag)
        # Also after a refusal: it may have been our own row that was seen again, written by a call with no answer.
        with answering(_BOARD, "PutItem"):
            self._client.put_item(TableName=self._table, Item={**_key(force, VERSION), "version": {"S": made}})
        return kept

    def open_rows(self, force: str) -> Sequence[bytes]:
        """The bodies of all open rows of a force, read strongly."""
        request: QueryInputTypeDef = {
            "TableName": self._table,
            "IndexName": OPEN,
            "KeyConditionExpression": "pk = :force",
            "ExpressionAttributeValues": {":force": {"S": force}},
            "ProjectionExpression": "#body",
            "ExpressionAttributeNames": {"#body": "body"},
            "ConsistentRead": True,
        }
        found: list[bytes] = []
        while True:
            with answering(_BOARD, "Query"):
                reply = self._client.query(**request)
            found += [unpack(bytes(item["body"]["B"])) for item in reply["Items"]]
            if not (last := reply.get("LastEvaluatedKey")):
                return found
            request["ExclusiveStartKey"] = last

    def version(self, force: str) -> str:
        """What is another after each change of a row of the force."""
        with answering(_BOARD, "GetItem"):
            reply = self._client.get_item(TableName=self._table, Key=_key(force, VERSION), ConsistentRead=True)
        return str(reply["Item"]["version"]["S"]) if "Item" in reply else ""

    def _put(self, item: Item, tag: str | None) -> bool:
        condition: dict[str, object] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if tag is not None:
            condition = {
                "ConditionExpression": "#tag = :tag",
                "ExpressionAttributeNames": {"#tag": "tag"},
                "ExpressionAttributeValues": {":tag": {"S": tag}},
            }
        try:
            with answering(_BOARD, "PutItem", "ConditionalCheckFailedException"):
                self._client.put_item(TableName=self._table, Item=item, **condition)  # type: ignore[arg-type]  # known names
        except ClientError:
            return False
        return True


def _key(force: str, incident: str) -> Item:
    return {"pk": {"S": force}, "sk": {"S": incident}}
