"""Announcements on the account's default event bus (Amazon EventBridge). It reads nothing: others have rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chalicelib.canonical import Json, canonical
from chalicelib.errors import StoreFailed
from chalicelib.storage.connect import Connect, answering

SOURCE = "thriives"
KIND = "Work due"
MOST_AT_ONCE = 10
"""Entries that one call takes."""

_BUS = "The event bus"


class EventBus:
    """`Announcer` on the default event bus."""

    def __init__(self, connect: Connect) -> None:
        """Take the way to it."""
        self._connect = connect

    def announce(self, due: Sequence[Mapping[str, Json]]) -> None:
        """Put announcements on the bus. Raises StoreFailed when one of them is not known to be there."""
        client = self._connect.client("events")
        for first in range(0, len(due), MOST_AT_ONCE):
            entries = due[first : first + MOST_AT_ONCE]
            with answering(_BUS, "PutEvents"):
                reply = client.put_events(
                    Entries=[
                        {"Source": SOURCE, "DetailType": KIND, "Detail": canonical(one).decode()} for one in entries
                    ]
                )
            if reply["FailedEntryCount"]:
                raise StoreFailed("The event bus did not take everything.")
