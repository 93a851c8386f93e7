"""Decisions that were made by hand on a card while the service was down, entered afterwards, one or many at once.

To each the policy is applied that was in force when it was decided, on what was known then; the record is marked as
made after the fact. All are read and evaluated before the first is written, and ids follow from the key and the place,
so that the same request completes a batch that was broken off and records nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias

from chalicelib.assessment.call import Call, Engine, PolicyUsed
from chalicelib.assessment.contact import Mode
from chalicelib.assessment.evaluate import evaluate
from chalicelib.authoring.activations import in_force
from chalicelib.canonical import Json, digest
from chalicelib.errors import Fault, Invalid, NotFound, Refused, Unreadable
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.ports import Trail, World
from chalicelib.records.accumulation import (
    accumulated,
    joined_answers,
    joined_checks,
    joined_incident,
    joined_people,
    latest,
)
from chalicelib.records.entry import Place, Shelf
from chalicelib.records.envelope import Envelope, Mark
from chalicelib.records.identity import event_id, fingerprint
from chalicelib.records.kinds import Kind
from chalicelib.records.record import DecisionRecord, decision_entry, event_entry, record_of
from chalicelib.records.shown import MANUAL_FALLBACK, shown_of
from chalicelib.workflows.assess_call import outlived
from chalicelib.workflows.earlier_decisions import AFTER_A_FAILURE
from chalicelib.workflows.force_keys import ForceKeys
from chalicelib.workflows.judge_card import Card, CardRead, faults_of_times, grade_set_details, read_card
from chalicelib.workflows.policies_in_force import PoliciesInForce
from chalicelib.workflows.record_entry import Recorded, Recorder, Requested, place_of_decision

ROUTE = "POST /v1/fallbacks"

_File: TypeAlias = tuple[Literal["contact", "incident"], str]
"""Whose decisions are read."""


class Entered(NamedTuple):
    """A card that is on record: what would have been recommended, and what a human did."""

    decision: Recorded
    event: Recorded


class _Before(NamedTuple):
    """What is on record of a card."""

    decision: Recorded | None
    event: Recorded | None


class _Slip(NamedTuple):
    """A card at its place in its request."""

    card: Card
    place: int
    requested: Requested
    """The request as far as it is about this card."""

    def id(self, prefix: Literal["d", "e"]) -> str:
        """The id of what it makes."""
        asked = self.requested
        return event_id(prefix, force=asked.force, client=asked.client, route=f"{ROUTE} {self.place}", key=asked.key)


class _Ready(NamedTuple):
    """A card that was read, and the policy of its time."""

    slip: _Slip
    read: CardRead
    policy: CompiledPolicy


class FallbackDesk:
    """Enters cards for all forces."""

    def __init__(
        self, trail: Trail, recorder: Recorder, policies: PoliciesInForce, keys: ForceKeys, world: World
    ) -> None:
        """Keep the ports."""
        self._trail, self._recorder, self._policies, self._keys = trail, recorder, policies, keys
        self._world = world

    def enter(self, cards: Sequence[Card], mode: Mode, requested: Requested) -> list[Entered]:
        """Record what cards say, in their order.

        Raises Invalid with every fault of every card, or for another body under a used key, and then nothing is
        recorded; Unavailable, and then the same request again goes on where it stopped.
        """
        slips = [_Slip(card, place, part_of(requested, place)) for place, card in enumerate(cards)]
        before = list(self._world.pool.map(self._before, slips))
        left = [slip for slip, found in zip(slips, before, strict=True) if found.event is None]
        ready = {one.slip.place: one for one in self._ready(left, requested.force)}
        records = {
            slip.place: record_of(found.decision.entry)
            for slip, found in zip(slips, before, strict=True)
            if found.decision is not None
        }
        self._evaluate([one for place, one in ready.items() if place not in records], mode, records)
        return [
            Entered(found.decision, found.event)
            if found.decision is not None and found.event is not None
            else self._keep(ready[slip.place], records[slip.place], found.decision)
            for slip, found in zip(slips, before, strict=True)
        ]

    def _before(self, slip: _Slip) -> _Before:
        """What the same request has recorded of a card before. Raises Invalid for another under its key."""
        decision = self._found(slip, place_of_decision(slip.id("d")), slip.id("d"))
        if decision is None:
            return _Before(None, None)
        incident = Place(Shelf.INCIDENT, decision.entry.summary.incident or "")
        return _Before(decision, self._found(slip, incident, slip.id("e")))

    def _found(self, slip: _Slip, place: Place, name: str) -> Recorded | None:
        found = self._recorder.find(slip.requested.force, place, name)
        return self._recorder.replayed(found.entry, slip.requested, spilled=found.spilled) if found else None

    def _ready(self, slips: Sequence[_Slip], force: str) -> list[_Ready]:
        """Cards in the terms of the policies of their times. Raises Invalid with every fault of all of them."""
        now = self._world.clock()
        faults: list[Fault] = []
        ready: list[_Ready] = []
        for slip in slips:
            found = list(faults_of_times(slip.card, now))
            policy = self._policy_at(force, slip.card.decided_at)
            if policy is None:
                found.append(Fault("no_policy", "/decided_at", "no policy was in force then", "a time when one was"))
            else:
                read = read_card(slip.card, policy, self._keys.current(force))
                if isinstance(read, CardRead):
                    ready.append(_Ready(slip, read, policy))
                else:
                    found += read
            where = f"/entries/{slip.place}"
            faults += [Fault(fault.code, f"{where}{fault.where}", fault.wrong, fault.right) for fault in found]
        if faults:
            raise Invalid("The cards are readable, but parts of them are wrong; nothing was recorded.", faults)
        return ready

    def _policy_at(self, force: str, at: datetime) -> CompiledPolicy | None:
        """The policy that was in force at a time. Raises Refused when it is not stored as it was."""
        begun = in_force(self._policies.entries(force), at)
        if not begun:
            return None
        try:
            return self._policies.by_digest(begun[0].id, begun[0].policy)
        except (NotFound, Unreadable, Invalid) as error:
            raise Refused("The policy of that time is not stored as it was.", code="policy_damaged") from error

    def _evaluate(self, ready: Sequence[_Ready], mode: Mode, records: dict[int, DecisionRecord]) -> None:
        """Add to the records what would have been recommended for each card: an earlier one counts for a later one."""
        wanted = list(dict.fromkeys(file for one in ready for file in _files(one.slip.card)))
        force = ready[0].slip.requested.force if ready else ""
        read = self._world.pool.map(lambda file: self._newest(force, mode, *file), wanted)
        filed = dict(zip(wanted, read, strict=True))
        for one in sorted(ready, key=lambda one: (one.slip.card.decided_at, one.slip.place)):
            card = one.slip.card
            known = [record for file in _files(card) for record in filed[file]]
            known += [record for record in records.values() if _belongs(record, card)]
            earlier = {record.envelope.id: record for record in known if record.envelope.at <= card.decided_at}
            records[one.slip.place] = self._evaluated(one, mode, list(earlier.values()))

    def _newest(
        self, force: str, mode: Mode, by: Literal["contact", "incident"], reference: str
    ) -> list[DecisionRecord]:
        entries = self._trail.newest(force, mode.value, by, reference, AFTER_A_FAILURE)
        return [record_of(entry) for entry in entries]

    def _evaluated(self, ready: _Ready, mode: Mode, known: Sequence[DecisionRecord]) -> DecisionRecord:
        slip, read, policy = ready
        card, document = slip.card, policy.policy
        earlier = accumulated(known, card.reference)
        call = Call(
            policy=PolicyUsed(id=document.id, version=document.version, digest=policy.digest),
            engine=Engine(version=self._world.engine),
            contact=card.contact.model_copy(
                update={"happened_at": latest((earlier.happened_at, card.contact.happened_at))}
            ),
            incident=joined_incident((earlier.incident, card.incident)),
            people=joined_people([*earlier.people, *read.people]),
            answers=joined_answers([*earlier.answers, *read.intake.claims]),
            checks=joined_checks([*earlier.checks, *read.intake.checks]),
            lookups=(earlier.earlier,),
            trigger=MANUAL_FALLBACK,
            warnings=tuple(outlived(policy, earlier.answers)),
        )
        envelope = _envelope(slip, mode, Kind.DECISION, self._world.clock())
        result = evaluate(policy, call, card.decided_at)
        return DecisionRecord(
            envelope=envelope, call=call, result=result, shown=shown_of(policy, envelope, call, result)
        )

    def _keep(self, ready: _Ready, record: DecisionRecord, before: Recorded | None) -> Entered:
        """Record a card: what would have been recommended, unless that is on record already, and what a human did."""
        slip = ready.slip
        kept = before or self._recorder.keep(decision_entry(record, self._mark(slip)), slip.requested)
        if kept.replayed:
            record = record_of(kept.entry)
        envelope = _envelope(slip, record.envelope.mode, Kind.GRADE_SET, self._world.clock())
        details = grade_set_details(slip.card, ready.read, ready.policy, record)
        event = event_entry(envelope, details, name=slip.card.incident_reference, mark=self._mark(slip))
        return Entered(kept, self._recorder.keep(event, slip.requested))

    def _mark(self, slip: _Slip) -> Mark:
        secret, asked = self._world.entropy(32), slip.requested
        return Mark(secret, fingerprint(asked.body, key=self._keys.current(asked.force), secret=secret))


def part_of(requested: Requested, place: int) -> Requested:
    """The request as far as it is about one card.

    Its people stand where identifiers are looked for before a body is hashed; all else of the request is in a digest.
    """
    body = requested.body
    entries = body.get("entries") if isinstance(body, Mapping) else None
    if not isinstance(body, Mapping) or not isinstance(entries, Sequence):
        raise AssertionError("a request that was read has entries")
    bare = [_without_people(entry) for entry in entries]
    own = entries[place]
    people = own.get("people") if isinstance(own, Mapping) else None
    batch = digest({**body, "entries": bare})
    return requested._replace(body={"entry": bare[place], "people": people, "batch": batch})


def _without_people(entry: Json) -> Json:
    return {name: value for name, value in entry.items() if name != "people"} if isinstance(entry, Mapping) else entry


def _files(card: Card) -> Iterator[_File]:
    yield "contact", card.reference
    yield "incident", card.incident_reference


def _belongs(record: DecisionRecord, card: Card) -> bool:
    return record.envelope.contact == card.reference or record.envelope.incident == card.incident_reference


def _envelope(slip: _Slip, mode: Mode, kind: Kind, now: datetime) -> Envelope:
    card = slip.card
    return Envelope(
        kind=kind,
        id=slip.id("d" if kind is Kind.DECISION else "e"),
        force=slip.requested.force,
        contact=card.reference,
        incident=card.incident_reference,
        actor=card.doer.actor,
        mode=mode,
        at=card.decided_at,
        recorded_at=now,
    )
