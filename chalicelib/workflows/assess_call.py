"""A call comes in, a recorded decision goes out: the main job. It decides nothing and knows no web and no cloud.

Nothing is answered unless it is recorded: in the trail, or, when that does not answer, in the spill. A request that
was recorded before gets the stored bytes, whatever has happened to policies and stores since.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from chalicelib.assessment.call import (
    Call,
    CheckDone,
    Claim,
    Contact,
    Engine,
    Incident,
    Person,
    PolicyUsed,
    Subject,
    Warned,
)
from chalicelib.assessment.contact import Mode
from chalicelib.assessment.evaluate import evaluate
from chalicelib.assessment.intake import Intake, take_in
from chalicelib.assessment.standing import fitted
from chalicelib.canonical import Json
from chalicelib.errors import Fault, Invalid, NotFound, NotRecorded, StoreFailed, Unavailable, Unreadable
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Role
from chalicelib.ports import Trail, World
from chalicelib.records.accumulation import joined_answers, joined_checks, joined_incident, joined_people, latest
from chalicelib.records.entry import Entry, Shelf
from chalicelib.records.envelope import Actor, Envelope, Mark
from chalicelib.records.identifiers import NORMALISATION, IdentifierKind, subject_hash
from chalicelib.records.identity import ForceKey, event_id, fingerprint
from chalicelib.records.kinds import Kind
from chalicelib.records.record import DecisionRecord, decision_entry, plain, record_of
from chalicelib.records.shown import advice_of, shown_of
from chalicelib.records.sightings import Own
from chalicelib.workflows.earlier_decisions import EarlierDecisions, Read, Wanted
from chalicelib.workflows.force_keys import ForceKeys
from chalicelib.workflows.look_up_history import HistoryLookUp
from chalicelib.workflows.policies_in_force import InForce, PoliciesInForce
from chalicelib.workflows.record_entry import MISMATCH, Recorded, Recorder, Requested, place_of_decision

ROUTE = "POST /v1/assessments"
"""The route's name in decision ids."""


class IdentifierGiven(NamedTuple):
    """Something that a person or place can be found by, as it was sent."""

    kind: IdentifierKind
    value: str
    shared: bool = False
    """Whether many people use it."""


class PersonGiven(NamedTuple):
    """A person as sent."""

    ref: str
    roles: tuple[Role, ...]
    identifiers: tuple[IdentifierGiven, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is to be assessed."""

    reference: str
    contact: Contact
    actor: Actor
    mode: Mode
    answers: Sequence[Json]
    supervisor: bool = False
    """Whether the client may speak for a supervisor, and says it does."""
    incident_reference: str | None = None
    incident: Incident | None = None
    continues: str | None = None
    people: tuple[PersonGiven, ...] = ()
    checks: tuple[CheckDone, ...] = ()
    trigger: str | None = None
    faults: tuple[Fault, ...] = ()
    """What was left out of the request because it was wrong; it is shown as warnings."""


class Assessor:
    """Assesses calls for all forces."""

    def __init__(
        self, trail: Trail, recorder: Recorder, policies: PoliciesInForce, keys: ForceKeys, world: World
    ) -> None:
        """Keep the ports; nothing is read yet."""
        self._trail, self._recorder, self._policies, self._keys = trail, recorder, policies, keys
        self._world = world
        self._earlier = EarlierDecisions(trail, recorder, policies, world.pool)
        self._history = HistoryLookUp(trail, policies, world)

    def assess(self, asked: Assessment, requested: Requested) -> Recorded:
        """Assess a call and record the decision.

        Raises Invalid for another body under a used key and, in strict handling, for wrong answers; NoPolicy;
        StoreFailed; NotRecorded, with the advice, when neither the trail nor the spill could be written.
        """
        decision = event_id("d", force=requested.force, client=requested.client, route=ROUTE, key=requested.key)
        try:
            return self._assessed(decision, asked, requested)
        except (Invalid, Unavailable, NotFound) as error:
            found = None if error.code == MISMATCH else self._found(requested.force, decision)
            if found is None:
                raise
        return self._recorder.replayed(found.entry, requested, spilled=found.spilled)

    def recorded_before(self, requested: Requested) -> Recorded | None:
        """What was recorded under a key, for a request that could not be read as an assessment. Raises as `assess`."""
        decision = event_id("d", force=requested.force, client=requested.client, route=ROUTE, key=requested.key)
        found = self._found(requested.force, decision)
        return self._recorder.replayed(found.entry, requested, spilled=found.spilled) if found else None

    def rejoin(self, entry: Entry) -> None:
        """Assess again where later decisions were made without a decision that has only now come into the trail.

        What it was told counts then for its contact and incident as if it had never been missing. Raises as `assess`.
        """
        if entry.place_shelf is not Shelf.DECISION:
            return  # an event counts wherever it is read, and no decision carries it on
        record, force = record_of(entry), entry.summary.force
        envelope, mode = record.envelope, entry.summary.mode
        newest = list(self._trail.newest(force, mode, "contact", envelope.contact or "", 1))
        if envelope.incident:
            newest += self._trail.newest(force, mode, "incident", envelope.incident, 1)
        later = [known for known in map(record_of, newest) if known.envelope.recorded_at > envelope.recorded_at]
        if all(envelope.id in known.call.earlier.decisions for known in later):
            return
        own = next((known for known in later if known.envelope.contact == envelope.contact), record)
        asked = Assessment(
            reference=envelope.contact or "",
            contact=own.call.contact,
            actor=Actor(pseudonym="drain", role="service"),
            mode=envelope.mode,
            answers=(),
            incident_reference=own.envelope.incident or envelope.incident,
            incident=own.call.incident,
            continues=envelope.id,
            trigger="spill_drained",
        )
        self.assess(asked, Requested(force, "drain", f"drain-{envelope.id}", {"drained": envelope.id}))

    def _found(self, force: str, decision: str) -> Recorded | None:
        try:
            return self._recorder.find(force, place_of_decision(decision), decision)
        except (StoreFailed, Unreadable, Invalid):
            return None

    def _assessed(self, decision: str, asked: Assessment, requested: Requested) -> Recorded:
        now, key = self._world.clock(), self._keys.current(requested.force)
        wrong: list[Fault] = []
        people = [hashed_person(person, place, key, wrong) for place, person in enumerate(asked.people)]
        looking_up = self._history.begin(requested.force, asked.mode.value, people, now)
        read = self._earlier.read(_wanted(decision, asked, requested.force, now))
        if read.spilled is not None:
            # Another process may have recorded the request in the trail: what is there stands.
            found = self._found(requested.force, decision) or Recorded(read.spilled, spilled=True)
            return self._recorder.replayed(found.entry, requested, spilled=found.spilled)
        in_force, warnings = self._policy_for(asked, read)
        policy = in_force.policy
        checks = [*asked.checks, *_recorded(policy, read.checks, (*asked.checks, *read.earlier.checks))]
        intake = take_in(policy, asked.answers, checks, at=now, supervisor=asked.supervisor)
        intake.faults += [*asked.faults, *wrong]
        if intake.faults and requested.strict:
            raise Invalid("The request is readable, but parts of it are wrong.", intake.faults)
        warnings += outlived(policy, read.earlier.answers)
        warnings += [Warned(code=fault.code, where=fault.where, detail=_said(fault)) for fault in intake.faults]
        call = self._call(asked, policy, read, intake)
        call = call.model_copy(
            update={"people": joined_people([*read.earlier.people, *people]), "warnings": tuple(warnings)}
        )
        call = looking_up.added_to(call, policy, Own(asked.reference, read.incident, now))
        envelope = Envelope(
            kind=Kind.DECISION,
            id=decision,
            force=requested.force,
            contact=asked.reference,
            incident=read.incident,
            actor=asked.actor,
            mode=asked.mode,
            at=now,
            recorded_at=now,
        )
        result = evaluate(policy, call, now)
        shown = shown_of(policy, envelope, call, result)
        record = DecisionRecord(envelope=envelope, call=call, result=result, shown=shown)
        secret = self._world.entropy(32)
        mark = Mark(secret, fingerprint(requested.body, key=key, secret=secret))
        try:
            kept = self._recorder.keep(decision_entry(record, mark), requested)
        except StoreFailed as error:
            raise _not_recorded(policy, record) from error
        return kept._replace(stale_seconds=in_force.stale_seconds)

    def _policy_for(self, asked: Assessment, read: Read) -> tuple[InForce, list[Warned]]:
        """A contact stays on the policy that it began with; after it the one in force applies, and that is said."""
        warnings: list[Warned] = []
        if read.earlier.earlier.state == "failed":
            warnings.append(
                _warned("earlier_not_read", "Earlier answers could not be read; only what was sent counts.")
            )
        if read.continues in ("older", "missing"):
            said = (
                "is not the newest decision"
                if read.continues == "older"
                else "is not a decision of this contact or incident"
            )
            warnings.append(_warned("continues", f"The decision named {said}; the newest was used.", "/continues"))
        before = read.of_contact
        if before is None or before.call.policy.digest == read.in_force.policy.digest:
            return read.in_force, warnings
        if not before.call.contact.state.ended:
            try:
                first = self._policies.by_digest(before.call.policy.id, before.call.policy.digest)
                return InForce(first, read.in_force.stale_seconds), warnings
            except (Unavailable, NotFound, Unreadable, Invalid):
                pass  # the policy it began with cannot be had: better the one in force than none
        words = f"The contact began under version {before.call.policy.version}; the version in force was applied."
        return read.in_force, [*warnings, _warned("policy_changed", words)]

    def _call(self, asked: Assessment, policy: CompiledPolicy, read: Read, intake: Intake) -> Call:
        document = policy.policy
        return Call(
            policy=PolicyUsed(id=document.id, version=document.version, digest=policy.digest),
            engine=Engine(version=self._world.engine),
            contact=asked.contact.model_copy(
                update={"happened_at": latest((read.earlier.happened_at, asked.contact.happened_at))}
            ),
            incident=joined_incident((read.earlier.incident, asked.incident)),
            answers=joined_answers([*read.earlier.answers, *intake.claims]),
            checks=joined_checks([*read.earlier.checks, *intake.checks]),
            lookups=(read.earlier.earlier,),
            trigger=asked.trigger,
        )


def _wanted(decision: str, asked: Assessment, force: str, now: datetime) -> Wanted:
    return Wanted(force, asked.mode.value, asked.reference, asked.incident_reference, asked.continues, decision, now)


def hashed_person(given: PersonGiven, place: int, key: ForceKey, faults: list[Fault]) -> Person:
    """A person with identifiers as keyed hashes. An identifier that is not of its kind is left out, and said so."""
    subjects: list[Subject] = []
    for step, (kind, value, shared) in enumerate(given.identifiers):
        try:
            subjects.append(
                Subject(
                    kind=kind,
                    hash=subject_hash(kind, value, key),
                    key_version=key.version,
                    normalisation=NORMALISATION,
                    shared=True if shared else None,
                )
            )
        except ValueError as error:
            where = f"/people/{place}/identifiers/{step}/value"
            faults.append(Fault("identifier", where, f"not an identifier of kind {kind}", str(error)))
    return Person(ref=given.ref, roles=given.roles, subjects=tuple(subjects))


def outlived(policy: CompiledPolicy, answers: Sequence[Claim]) -> list[Warned]:
    """A warning for each fact on which earlier answers do not fit the policy that is applied now."""
    facts = {
        claim.fact
        for claim in answers
        if claim.fact not in policy.terms or fitted(policy.terms[claim.fact], claim) != [claim]
    }
    words = "was answered under another version, in a form that this one does not have; it has to be asked again"
    return [_warned("earlier_answer_not_in_policy", f'"{fact}" {words}.') for fact in sorted(facts)]


def _recorded(policy: CompiledPolicy, checks: Sequence[CheckDone], known: Sequence[CheckDone]) -> Iterator[CheckDone]:
    """The checks that were recorded as events and are not known yet, as far as the policy has them."""
    results = {(check.id, one.result) for check in policy.policy.checks for one in check.results}
    there = {(check.check, check.result) for check in known}
    return (one for one in checks if (one.check, one.result) in results - there)


def _warned(code: str, detail: str, where: str = "") -> Warned:
    return Warned(code=code, where=where, detail=detail)


def _said(fault: Fault) -> str:
    return fault.wrong + (f"; expected: {fault.right}" if fault.right else "")


def _not_recorded(policy: CompiledPolicy, record: DecisionRecord) -> NotRecorded:
    """The refusal that still leaves the handler with something: the advice, plainly marked as not recorded."""
    advice: dict[str, Json] = {"recorded": False}
    if record.envelope.mode is not Mode.OBSERVE:
        advice |= plain(advice_of(policy, record.call, record.result))
    return NotRecorded(
        "The advice could not be recorded. Send the request again with the same Idempotency-Key.",
        extra={"advice": advice},
        headers={"Retry-After": "2"},
    )
