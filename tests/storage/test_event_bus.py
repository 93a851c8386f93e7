"""Announcements on the event bus: all of them, in as many calls as it takes, or a failure."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.canonical import Json
from chalicelib.errors import StoreFailed
from chalicelib.storage.connect import Connect
from chalicelib.storage.event_bus import KIND, MOST_AT_ONCE, SOURCE, EventBus


@pytest.fixture
def sent(connect: Connect) -> list[list[dict[str, Any]]]:
    """The entries of each call that is made."""
    calls: list[list[dict[str, Any]]] = []

    def note(model: object, params: Any, **_: object) -> None:  # noqa: ANN401  # the SDK's own form of a request
        calls.append(json.loads(params["body"])["Entries"])

    connect.client("events").meta.events.register("before-call.events.PutEvents", note)
    return calls


@pytest.mark.parametrize(("count", "calls"), [(0, 0), (1, 1), (10, 1), (11, 2), (25, 3)])
def test_everything_is_announced_in_calls_of_ten(
    connect: Connect, sent: list[list[dict[str, Any]]], count: int, calls: int
) -> None:
    due: list[dict[str, Json]] = [{"force": "hertfordshire", "incident": f"HC-{number}"} for number in range(count)]
    EventBus(connect).announce(due)
    assert (len(sent), max(map(len, sent), default=0) <= MOST_AT_ONCE) == (calls, True)
    entries = [entry for call in sent for entry in call]
    assert [json.loads(entry["Detail"]) for entry in entries] == due
    assert {(entry["Source"], entry["DetailType"]) for entry in entries} <= {(SOURCE, KIND)}


def test_an_announcement_that_the_bus_refuses_is_a_failure(connect: Connect) -> None:
    def refuse(parsed: dict[str, Any], **_: object) -> None:
        parsed["FailedEntryCount"] = 1

    events = connect.client("events").meta.events
    events.register("after-call.events.PutEvents", refuse)
    with pytest.raises(StoreFailed):
        EventBus(connect).announce([{"incident": "HC-1"}])
    events.unregister("after-call.events.PutEvents", refuse)
