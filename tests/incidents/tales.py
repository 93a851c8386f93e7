"""Incidents to test with, told in a line or two each: decisions and events, minute by minute. It tests nothing itself.

Decisions are real ones, evaluated under the small policy beside this; events are written out as they are recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from chalicelib.assessment.call import Call, Claim, Contact, Earlier, Engine, Incident, PolicyUsed
from chalicelib.assessment.contact import Channel, ContactState
from chalicelib.assessment.evaluate import evaluate
from chalicelib.canonical import Json
from chalicelib.cli.policy_files import compiled_file
from chalicelib.incidents.dues import items_of
from chalicelib.incidents.items import Item
from chalicelib.incidents.standing import Stands, stands
from chalicelib.incidents.story import Event, Story
from chalicelib.incidents.timers import Told
from chalicelib.model import instant_text
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.compiler import compile_policy
from chalicelib.policy.document import National, Source
from chalicelib.policy.obligations import Duty, Timer
from chalicelib.records.envelope import Actor, Envelope
from chalicelib.records.kinds import Kind
from chalicelib.records.record import DecisionRecord
from chalicelib.records.shown import shown_of

FOLDER = Path(__file__).parent / "policy"
BEGAN = datetime(2026, 11, 23, 4, 17, tzinfo=UTC)
"""Minute 0 of every tale: a Monday."""

INCIDENT = "HC-20261123-0417"
_GRADES = {"immediate": "violence", "priority": "threats", "scheduled": "some", "resolve": "none"}
"""What has to be answered for each grade."""


@cache
def policy() -> CompiledPolicy:
    """The small policy."""
    return compiled_file(FOLDER / "policy.yaml").compiled


def with_timer(**parts: Json) -> CompiledPolicy:
    """The policy with one timer: `look`, 30 minutes after the grade, until somebody is there."""
    usual: dict[str, Json] = {
        "id": "look", "title": "Look at it", "clock": "graded", "minutes": 30, "until": ["attended"],
        "owed_by": "dispatcher", "severity": "act", "basis": ["force"],
    }  # fmt: skip
    fed = parts.pop("events_fed", None)
    timer = Timer.model_validate({**usual, **parts}, strict=False)
    document = policy().policy.model_copy(update={"timers": (timer,)})
    if fed is not None:
        document = document.model_validate({**document.model_dump(by_alias=True), "events_fed": fed}, strict=False)
    return compile_policy(document, policy().digest)


def with_duty(name: str, **parts: Json) -> CompiledPolicy:
    """The policy with one of its duties changed."""
    document = policy().policy
    duties = [
        Duty.model_validate({**one.model_dump(), **parts}, strict=False) if one.id == name else one
        for one in document.duties
    ]
    return compile_policy(document.model_copy(update={"duties": tuple(duties)}), policy().digest)


def minute(number: float) -> datetime:
    """So many minutes after the beginning."""
    return BEGAN + timedelta(minutes=number)


class Tale:
    """An incident so far. Each thing that is added gets an id: d1, d2 ... for decisions, e1, e2 ... for events."""

    def __init__(self, under: CompiledPolicy | None = None, *, opened: float | None = 0) -> None:
        """Begin; an incident that the control room's system has opened, unless `opened` is None."""
        self.policy = under or policy()
        self._opened = opened
        self._decisions: list[DecisionRecord] = []
        self._events: list[Event] = []

    @property
    def story(self) -> Story:
        """The story."""
        return Story(INCIDENT, tuple(self._decisions), tuple(self._events))

    @property
    def stands(self) -> Stands:
        """What stands."""
        found = stands(self.story)
        assert found is not None
        return found

    @property
    def grade(self) -> str:
        """The grade that stands."""
        return self.stands.grade.value

    @property
    def told(self) -> Told:
        """What timers, duties and refusals go by."""
        newest = self.story.newest
        assert newest is not None
        return Told(self.story, self.stands, self.policy, newest)

    def items(self, *kinds: str) -> dict[str, Item]:
        """What is outstanding, by id."""
        return {item.id: item for item in items_of(self.story, self.policy) if not kinds or item.kind in kinds}

    def decision(
        self, at: float, grade: str = "immediate", *, state: str = "in_progress", who: str = "ch-1",
        role: str = "call_handler", seen: bool = True, started: float = 0, **answers: object,
    ) -> Tale:  # fmt: skip
        """A decision that recommends a grade, in a call that began at a minute.

        `seen=False`: it knew of nothing that came before it.
        """
        moment, before = minute(at), stands(self.story) if seen else None
        outcomes = tuple(event.id for event in before.heads) if before and before.heads else None
        earlier = Earlier(state="read" if before else "none", standing=before.grade if before else None)
        said = {"danger": _GRADES[grade], **answers}
        call = Call(
            policy=PolicyUsed(id=self.policy.policy.id, version="first", digest=self.policy.digest),
            engine=Engine(version="test"),
            contact=Contact(started_at=minute(started), channel=Channel.EMERGENCY, state=ContactState(state)),
            incident=Incident(opened_at=minute(self._opened) if self._opened is not None else None),
            answers=tuple(_claim(name, moment, value) for name, value in said.items()),
            lookups=(earlier.model_copy(update={"outcomes": outcomes}),),
        )
        name = f"d{len(self._decisions) + 1}"
        envelope = self._envelope(Kind.DECISION, name, at, at, Actor(pseudonym=who, role=role))
        result = evaluate(self.policy, call, moment)
        shown = shown_of(self.policy, envelope, call, result)
        self._decisions.append(DecisionRecord(envelope=envelope, call=call, result=result, shown=shown))
        return self

    def event(
        self, at: float, kind: str, *, recorded: float | None = None, who: str = "ch-1", role: str = "call_handler",
        **details: object,
    ) -> Tale:  # fmt: skip
        """Something that happened, and was recorded then or later."""
        return self._add(at, kind, details, Actor(pseudonym=who, role=role), recorded)

    def _add(self, at: float, kind: str, details: Mapping[str, object], actor: Actor, recorded: float | None) -> Tale:
        name = f"e{len(self._events) + 1}"
        envelope = self._envelope(Kind(kind), name, at, at if recorded is None else recorded, actor)
        said = {name: instant_text(one) if isinstance(one, datetime) else one for name, one in details.items()}
        self._events.append(Event(envelope, {"v": 1, "act": "fact", **said}))
        self._events.sort(key=lambda one: one.envelope.recorded_at)
        return self

    def outcome(
        self, at: float, grade: str, *, on: str = "", seen: tuple[str, ...] | None = None,
        recorded: float | None = None, **said: object,
    ) -> Tale:  # fmt: skip
        """What a human decided, on the newest decision unless it is said on which, having seen all unless told what."""
        now = stands(self.story)
        known = tuple(one.id for one in (*now.heads, *now.waiting)) if now and seen is None else seen or ()
        national, stood = National[grade.upper()], now.grade if now else National.RESOLVE
        what = "lowered" if national.rank < stood.rank else "raised" if national.rank > stood.rank else "accepted"
        usual = {
            "act": "request", "outcome": what, "decision": on or f"d{len(self._decisions)}", "grade": grade,
            "national": national.value, "stood": stood.value, "seen": list(known),
        }  # fmt: skip
        return self._add(at, "outcome", {**usual, **said}, Actor(pseudonym="ch-1", role="call_handler"), recorded)

    def pending(self, at: float, grade: str) -> Tale:
        """An outcome that needs a second person."""
        return self.outcome(at, grade, needs="second_person")

    def answered(self, at: float, outcome: str, answer: str = "authorised") -> Tale:
        """A second person's answer."""
        return self.event(at, "outcome_authorised", who="sup-2", role="supervisor", outcome=outcome, answer=answer)

    def _envelope(self, kind: Kind, name: str, at: float, recorded: float, actor: Actor) -> Envelope:
        return Envelope(
            kind=kind, id=name, force="hertfordshire", contact="HC-1", incident=INCIDENT, actor=actor, at=minute(at),
            recorded_at=minute(recorded),
        )  # fmt: skip


def _claim(fact: str, at: datetime, value: object) -> Claim:
    return Claim.model_validate(
        {"fact": fact, "source": Source.CALLER, "at": at, "value": value, "correction": True}, strict=False
    )
