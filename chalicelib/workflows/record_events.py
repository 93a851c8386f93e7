"""Events of an incident, one or many at once: recorded in the order in which they are sent. Facts are never refused.

Their form is judged before the first is written. A closing that is asked for is judged by all that came before it, also
in the same request; if it is refused, the refusal is on record and so are all the others. After a failure half-way the
same request goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from chalicelib.canonical import Json
from chalicelib.errors import Fault, NotFound
from chalicelib.incidents.details import Check, Closed, EventGiven, GradeSet
from chalicelib.incidents.refusals import Decided, Obstacle, against_closing
from chalicelib.incidents.standing import Stands, stands
from chalicelib.incidents.story import Story
from chalicelib.incidents.timers import Told
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import National
from chalicelib.records.entry import Entry
from chalicelib.records.kinds import Kind
from chalicelib.records.record import plain
from chalicelib.workflows.incident_desk import Asked, IncidentDesk, Made, raise_if, refusal_of
from chalicelib.workflows.record_entry import Recorded
from chalicelib.workflows.record_outcome import parted, reason_faults

EVENTS_ROUTE = "POST /v1/incidents/events"


class _Known(NamedTuple):
    """What events are judged by."""

    story: Story
    stands: Stands | None
    policy: CompiledPolicy | None

    @property
    def told(self) -> Told | None:
        """What closings are judged by; None where there is nothing to judge them by."""
        if self.stands is None or self.policy is None or self.story.newest is None:
            return None
        return Told(self.story, self.stands, self.policy, self.story.newest)

    def and_then(self, entry: Entry) -> _Known:
        """The same with one more event."""
        if entry.id in self.story.ids:
            return self
        story = self.story.with_event(entry)
        return _Known(story, stands(story), self.policy)


class EventRecorder:
    """Records events."""

    def __init__(self, desk: IncidentDesk) -> None:
        """Keep what it works with."""
        self._desk = desk

    def record(self, asked: Asked, events: Sequence[EventGiven]) -> list[Recorded]:
        """Record events. Raises Invalid with every fault, and then nothing is recorded; NotFound for an incident that
        nobody has assessed; Refused for a closing that is refused.
        """
        first = self._desk.before(asked)
        known = self._known(asked)
        if first is None:
            faults = [self._faults(known, given, f"/events/{place}") for place, given in enumerate(events)]
            raise_if([fault for found in faults for fault in found])
        kept: list[Recorded] = []
        for place, given in enumerate(events):
            recorded = first if place == 0 else self._desk.before(asked, _part(place))
            recorded = recorded or self._keep(asked, given, known, _part(place))
            kept.append(recorded)
            known = known.and_then(recorded.entry)
        refused = next((one for one in kept if one.entry.summary.kind == Kind.OUTCOME_REFUSED), None)
        if refused is not None:
            raise refusal_of(refused.entry)
        return kept

    def _keep(self, asked: Asked, given: EventGiven, known: _Known, part: str) -> Recorded:
        sent = {name: value for name, value in plain(given).items() if name not in ("kind", "at", "words")}
        details: dict[str, Json] = {"act": "fact", **sent}
        obstacles = _obstacles(known, given, asked)
        if isinstance(given, Closed):
            if obstacles and given.act == "request":
                return self._desk.keep_refusal(asked, obstacles, {"request": "closed", "reason": given.reason}, part)
            details["words"] = self._desk.keep_words(asked, given.words, part)
            details["needs"] = _needs(known, given)
        if isinstance(given, GradeSet):
            details |= _set(known, given)
        details["against"] = [*_missing(known, given), *(one.code for one in obstacles)] or None
        return self._desk.keep(asked, Made(Kind(given.kind), given.at, details, part))

    def _known(self, asked: Asked) -> _Known:
        story = self._desk.story(asked)
        if story.newest is None:
            raise NotFound("Nobody has assessed this incident here. Assess it first; or enter it as a manual fallback.")
        return _Known(story, stands(story), self._desk.stories.policy_of(story.newest))

    def _faults(self, known: _Known, given: EventGiven, where: str) -> Iterator[Fault]:
        yield from self._desk.check_time(given.at, f"{where}/at")
        policy = known.policy
        if policy is None:
            return
        document = policy.policy
        duties = {duty.id: duty.done_by for duty in document.duties}
        for place, name in enumerate(given.duties or ()):
            if given.kind not in duties.get(name, ()):
                fitting = ", ".join(name for name, done_by in duties.items() if given.kind in done_by) or "none"
                yield Fault("duty", f"{where}/duties/{place}", "it is not done by this", f"one of: {fitting}")
        if isinstance(given, Check) and given.check not in {check.id for check in document.checks}:
            named = ", ".join(check.id for check in document.checks)
            yield Fault("check", f"{where}/check", "the policy has no such check", f"one of: {named}")
        if isinstance(given, GradeSet) and given.grade not in {grade.id for grade in policy.grades}:
            named = ", ".join(grade.id for grade in policy.grades)
            yield Fault("grade", f"{where}/grade", "the policy has no such grade", f"one of: {named}")
        if isinstance(given, Closed | GradeSet):
            outcome = "closed" if isinstance(given, Closed) else "set"
            reason = next((one for one in document.outcomes if one.id == given.reason), None)
            words = given.words if isinstance(given, Closed) else "said"
            act = given.act if isinstance(given, Closed) else "fact"
            for fault in parted(act, reason_faults(policy, reason, given.reason, outcome, words=words))[0]:
                yield Fault(fault.code, f"{where}{fault.where}", fault.wrong, fault.right)


def _part(place: int) -> str:
    return str(place) if place else ""


def _obstacles(known: _Known, given: EventGiven, asked: Asked) -> list[Obstacle]:
    """What stands against an event, whether it is asked for or done."""
    told = known.told
    if told is None:
        return []
    if isinstance(given, GradeSet):
        lower = _national(known, given).rank < told.stands.grade.rank
        return [Obstacle("lower_than_stands", f"{told.stands.grade.value} stands.")] if lower else []
    if not isinstance(given, Closed):
        return []
    reason = next((one for one in told.policy.policy.outcomes if one.id == given.reason), None)
    basis = next((one for one in told.story.decisions if one.envelope.id == given.decision), told.newest)
    doer = asked.doer
    decided = Decided("closed", reason, None, given.words, doer.actor.role, doer.supervisor, basis)
    return against_closing(told, decided)


def _missing(known: _Known, given: EventGiven) -> list[str]:
    """What the reason of a closing that has happened lacks."""
    if not isinstance(given, Closed) or known.policy is None:
        return []
    reason = next((one for one in known.policy.policy.outcomes if one.id == given.reason), None)
    return parted(given.act, reason_faults(known.policy, reason, given.reason, "closed", words=given.words))[1]


def _national(known: _Known, given: GradeSet) -> National:
    grades = {grade.id: grade.national for grade in known.policy.grades} if known.policy else {}
    return grades[given.grade]


def _set(known: _Known, given: GradeSet) -> dict[str, Json]:
    what = known.stands
    seen = [event.id for event in (*what.heads, *what.waiting)] if what else []
    return {"national": _national(known, given).value, "seen": seen, "outcome": "set"}


def _needs(known: _Known, given: Closed) -> str | None:
    reasons = known.policy.policy.outcomes if known.policy else ()
    second = any(one.second_person for one in reasons if one.id == given.reason)
    return "second_person" if second and given.act == "request" else None
