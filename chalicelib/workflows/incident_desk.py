"""What all acts on an incident share: the story they start from, making an event, and keeping it once. No rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.assessment.contact import Mode
from chalicelib.canonical import Json
from chalicelib.errors import Fault, Invalid, Refused
from chalicelib.incidents.refusals import Obstacle
from chalicelib.incidents.story import Story
from chalicelib.ports import World
from chalicelib.records.entry import Entry
from chalicelib.records.envelope import Actor, Envelope, Mark
from chalicelib.records.identity import event_id, fingerprint
from chalicelib.records.kinds import Kind
from chalicelib.records.record import details_of, event_entry
from chalicelib.workflows.force_keys import ForceKeys
from chalicelib.workflows.read_story import Filed, StoryReader
from chalicelib.workflows.record_entry import Recorded, Recorder, Requested

AHEAD = timedelta(minutes=2)
"""How far clocks of other systems may be ahead of this one."""


class Doer(NamedTuple):
    """Who does something, and whether the client may speak for a supervisor and says it does."""

    actor: Actor
    supervisor: bool


class Asked(NamedTuple):
    """A request on an incident."""

    filed: Filed
    doer: Doer
    requested: Requested
    route: str
    """The route's name in event ids."""


class Made(NamedTuple):
    """An event to be kept."""

    kind: Kind
    at: datetime | None
    details: Mapping[str, Json]
    part: str = ""
    """Which part of its request it is, where there are several."""


class IncidentDesk:
    """The trail as acts on incidents use it."""

    def __init__(self, recorder: Recorder, keys: ForceKeys, stories: StoryReader, world: World) -> None:
        """Keep the ports."""
        self._recorder, self._keys, self.stories, self.world = recorder, keys, stories, world

    def id_of(self, asked: Asked, part: str = "") -> str:
        """The id of the event that a request makes."""
        requested = asked.requested
        route = f"{asked.route} {asked.filed.place.name}" + (f" {part}" if part else "")
        return event_id("e", force=requested.force, client=requested.client, route=route, key=requested.key)

    def before(self, asked: Asked, part: str = "") -> Recorded | None:
        """What the same request has recorded before. Raises Invalid for another under its key, and StoreFailed."""
        found = self._recorder.find(asked.requested.force, asked.filed.place, self.id_of(asked, part))
        if found is None:
            return None
        return self._recorder.replayed(found.entry, asked.requested, spilled=found.spilled)

    def story(self, asked: Asked) -> Story:
        """What is recorded so far. Raises StoreFailed."""
        return self.stories.story(asked.filed)

    def keep(self, asked: Asked, made: Made) -> Recorded:
        """Record an event, or give back what the same request has recorded. Raises StoreFailed."""
        now, requested, filed = self.world.clock(), asked.requested, asked.filed
        envelope = Envelope(
            kind=made.kind,
            id=self.id_of(asked, made.part),
            force=filed.force,
            contact=filed.contact,
            incident=filed.incident,
            actor=asked.doer.actor,
            mode=Mode(filed.mode),
            at=made.at or now,
            recorded_at=now,
        )
        secret = self.world.entropy(32)
        mark = Mark(secret, fingerprint(requested.body, key=self._keys.current(requested.force), secret=secret))
        details = {"v": 1, **{name: value for name, value in made.details.items() if value is not None}}
        return self._recorder.keep(event_entry(envelope, details, name=filed.place.name, mark=mark), requested)

    def keep_words(self, asked: Asked, words: str | None, part: str = "") -> str | None:
        """Record what somebody said in their own words, as an item by itself. Returns its id."""
        if words is None:
            return None
        made = Made(Kind.WORDS, None, {"words": words}, f"{part} words".strip())
        return self.keep(asked, made).entry.id

    def refuse(self, asked: Asked, obstacles: Sequence[Obstacle], about: Mapping[str, Json], part: str = "") -> Refused:
        """Record that a request was refused. The refusal that says why, and what to do instead."""
        return refusal_of(self.keep_refusal(asked, obstacles, about, part).entry)

    def keep_refusal(
        self, asked: Asked, obstacles: Sequence[Obstacle], about: Mapping[str, Json], part: str = ""
    ) -> Recorded:
        """Record that a request was refused, and why. Raises StoreFailed."""
        told = [{"code": one.code, "says": one.says, "instead": one.instead} for one in obstacles]
        return self.keep(asked, Made(Kind.OUTCOME_REFUSED, None, {**about, "obstacles": told}, part))

    def check_time(self, at: datetime | None, where: str) -> list[Fault]:
        """The fault of a time that has not come yet."""
        if at is None or at <= self.world.clock() + AHEAD:
            return []
        return [Fault("future", where, "this time has not come yet", "when it happened")]


def refusal_of(entry: Entry) -> Refused:
    """The refusal that was recorded."""
    obstacles = details_of(entry)["obstacles"]
    words = " ".join(f"{one['says']} {one['instead']}".strip() for one in obstacles)
    return Refused(
        f"Refused as things stand; it is on record. {words}",
        [Fault(one["code"], "", one["says"], one["instead"]) for one in obstacles],
        code=obstacles[0]["code"],
        extra={"event": entry.id, "obstacles": obstacles},
    )


def raise_if(faults: Sequence[Fault]) -> None:
    """Raise Invalid when there are faults."""
    if faults:
        raise Invalid("The request is readable, but parts of it are wrong.", faults)
