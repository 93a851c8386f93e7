"""Records of a table's stream as AWS gives them to a function, made of the table's items."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from itertools import count
from typing import Any

_numbers = count(100_000_000_000_000_000_001)


def record_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """The record of an item that was put there."""
    image = {name: {"B": b64encode(value["B"]).decode()} if "B" in value else value for name, value in item.items()}
    keys = {name: image[name] for name in ("pk", "sk")}
    return {
        "eventID": "00000000000000000000000000000001",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-2",
        "eventSourceARN": "arn:aws:dynamodb:eu-west-2:000000000000:table/trail/stream/2026-11-23T00:00:00.000",
        "dynamodb": {
            "ApproximateCreationDateTime": 1795407420,
            "Keys": keys,
            "NewImage": image,
            "SequenceNumber": str(next(_numbers)),
            "SizeBytes": 1,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }
