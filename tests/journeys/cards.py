"""Cards that were written by hand, right by default, and how they are entered. It has no tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.journeys.calls import VIOLENCE_HERE
from tests.journeys.people import Answer
from tests.journeys.rooms import Room

PATH = "/v1/fallbacks"


def a_card(
    *answers: Mapping[str, object], contact: str = "c-1", incident: str = "i-1", **changes: object
) -> dict[str, Any]:
    """A card of a quarter past three in the night on which the stories play; by default it says what was right."""
    state = {name: changes.pop(name) for name in ("started_at",) if name in changes}
    usual = {"reference": contact, "started_at": "2026-11-23T03:09:00Z", "channel": "999", "state": "completed"}
    return {
        "contact": {**usual, **state},
        "actor": {"pseudonym": "ch-4471", "role": "call_handler"},
        "incident": {"reference": incident, "opened_at": "2026-11-23T03:10:00Z"},
        "decided_at": "2026-11-23T03:15:00Z",
        "grade": "IMMEDIATE",
        "answers": list(answers or VIOLENCE_HERE),
        **changes,
    }


def post_cards(room: Room, *cards: Mapping[str, object], key: str | None = None, **changes: object) -> Answer:
    """Send cards."""
    return room.handler.post(PATH, {"entries": list(cards), **changes}, key=key)


def enter(room: Room, *cards: Mapping[str, object], mode: str = "live") -> list[dict[str, Any]]:
    """Enter cards that have to be recorded; what is answered of each."""
    answered = post_cards(room, *cards, mode=mode).granted()
    assert answered["after_the_fact"] is True
    found: list[dict[str, Any]] = answered["entries"]
    return found


def story(room: Room, incident: str = "i-1") -> dict[str, Any]:
    """The story of an incident."""
    return room.handler.get(f"/v1/incidents/{incident}").granted()
