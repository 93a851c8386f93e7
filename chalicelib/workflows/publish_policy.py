"""Moving a policy version from draft to in force: draft, submit, approve, activate. Each step is a recorded event.

Objects are written first, under their own digests, and mean nothing until the event that names them stands. An
activation's event stands before the list that evaluators read; repeating the request completes what was interrupted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from chalicelib.assessment.call import Mode
from chalicelib.authoring.cases import Cases, check_cases, read_cases, run_cases
from chalicelib.authoring.documents import checked, nfc
from chalicelib.authoring.lifecycle import (
    SOONEST,
    Activation,
    Activations,
    Manifest,
    State,
    Step,
    StepKind,
    Version,
    in_force,
    label_holder,
    versions,
)  # fmt: skip
from chalicelib.canonical import Json, canonical, sha256_hex
from chalicelib.errors import Fault, Invalid, NotFound, Refused, StoreFailed
from chalicelib.model import instant_of, instant_text
from chalicelib.policy.document import POLICY_BYTES
from chalicelib.ports import Objects, Trail, World
from chalicelib.reader import as_model, read_model, read_yaml
from chalicelib.records.entry import Entry, Place, Shelf
from chalicelib.records.envelope import Actor, Envelope, Mark
from chalicelib.records.identity import event_id, fingerprint
from chalicelib.records.kinds import Kind
from chalicelib.records.record import details_of, event_entry, plain
from chalicelib.workflows.force_keys import ForceKeys
from chalicelib.workflows.policies_in_force import activations_object, label_object, policy_object, seal_of
from chalicelib.workflows.record_entry import Recorded, Recorder, Requested

_ATTEMPTS = 8
"""How often to try again when another activation was added to the list meanwhile."""

_LIST_BYTES = 4 * 1024 * 1024


class Asker(NamedTuple):
    """Who takes a step: the person that the token proves, and the request."""

    subject: str
    role: str
    requested: Requested
    route: str
    """The route's name in event ids."""


class Start(NamedTuple):
    """From when a version is to be in force."""

    at: datetime | None
    """None: now, which is for going back in an emergency."""
    note: str | None


class PolicyPublisher:
    """Takes the steps and tells where versions stand."""

    def __init__(self, objects: Objects, trail: Trail, recorder: Recorder, keys: ForceKeys, world: World) -> None:
        """Keep the ports."""
        self._objects, self._trail, self._recorder, self._keys = objects, trail, recorder, keys
        self._clock, self._entropy = world.clock, world.entropy

    def versions(self, force: str, policy_id: str) -> dict[str, Version]:
        """All versions of a policy by manifest digest. Raises NotFound when there is none."""
        events = self._trail.events(force, Place(Shelf.POLICY, policy_id))
        found = versions(step for event in events if (step := _step_of(event)) is not None)
        if not found:
            raise NotFound("There is no such policy.")
        return found

    def version(self, force: str, policy_id: str, name: str) -> Version:
        """One version by its label or its manifest's digest. Raises NotFound, or Refused when a label is not enough."""
        known = self.versions(force, policy_id)
        if name in known:
            return known[name]
        holder = label_holder(known.values(), name)
        carrying = [one for one in known.values() if one.manifest.version == name]
        if holder is None and not carrying:
            raise NotFound("There is no such version.")
        if holder is None and len(carrying) > 1:
            digests = ", ".join(one.manifest.digest for one in carrying)
            raise Refused(
                f"Several drafts carry this label. Name one by its manifest: {digests}.", code="several_drafts"
            )
        return holder or carrying[0]

    def policies(self, force: str) -> list[str]:
        """The ids of the force's policies."""
        named = sorted({name.split("/")[1] for name in self._objects.names("policies/")})
        return [one for one in named if self._trail.events(force, Place(Shelf.POLICY, one))]

    @staticmethod
    def manifest_of(event: Entry) -> Manifest:
        """The manifest that a recorded step is about."""
        return _manifest_of(details_of(event))

    def document(self, manifest: Manifest, part: str) -> bytes:
        """A part of a version as it is stored: policy.json, cases.json or source.yaml. Raises NotFound."""
        digests = {"policy.json": manifest.policy, "cases.json": manifest.cases, "source.yaml": manifest.source}
        stored = self._objects.get(policy_object(manifest.id, digests[part], part))
        if stored is None or sha256_hex(stored.data) != digests[part]:
            raise NotFound("This part of the version is not there as it was written.")
        return stored.data

    def in_force(self, force: str, policy_id: str, at: datetime) -> tuple[Activation, Activation | None]:
        """The activation of a policy that holds at a time, and the force's next one. Raises NotFound for none."""
        entries = self._listed(force)
        begun = in_force(entries, at)
        if not begun or begun[0].id != policy_id:
            raise NotFound("This policy is not in force then.")
        later = [entry for entry in entries if entry.starts > at]
        return begun[0], min(later, key=lambda entry: entry.starts, default=None)

    def draft(self, asker: Asker, policy_id: str, source: bytes, cases: bytes) -> Recorded:
        """Check a version against schema and names, store it, record it as a draft.

        Raises Unreadable or Invalid with every fault of either document; nothing is recorded then.
        """
        before = self._before(asker, policy_id)
        if before is not None:
            return before
        policy = checked(source)
        document = policy.compiled.policy
        faults = []
        if document.id != policy_id:
            faults.append(
                Fault("policy_id", "/id", f'the document says "{document.id}"', f'"{policy_id}", as in the address')
            )
        if document.force != asker.requested.force:
            faults.append(
                Fault("force", "/force", f'the document says "{document.force}"', f'"{asker.requested.force}"')
            )
        read = read_cases(cases)
        faults += [
            Fault(one.code, f"cases:{one.where}", one.wrong, one.right) for one in check_cases(policy.compiled, read)
        ]
        if faults:
            raise Invalid("The version cannot be taken.", faults)
        stored_cases = canonical(nfc(read_yaml(cases, most=POLICY_BYTES).value))
        manifest = Manifest(
            id=policy_id,
            force=document.force,
            version=document.version,
            policy=policy.compiled.digest,
            cases=sha256_hex(stored_cases),
            source=sha256_hex(source),
        )
        self._store(manifest, manifest.policy, "policy.json", policy.stored)
        self._store(manifest, manifest.cases, "cases.json", stored_cases)
        self._store(manifest, manifest.source, "source.yaml", source)
        self._store(manifest, manifest.digest, "manifest.json", canonical(plain(manifest)))
        return self._record(asker, Kind.POLICY_DRAFTED, manifest, {"note": document.change})

    def submit(self, asker: Asker, policy_id: str, name: str) -> Recorded:
        """Submit a draft for approval. Raises Invalid with every case that does not come out as its author expects."""
        before = self._before(asker, policy_id)
        if before is not None:
            return before
        version = self.version(asker.requested.force, policy_id, name)
        self._refuse_unless(version, State.DRAFT)
        policy = checked(self.document(version.manifest, "source.yaml"))
        cases = read_model(Cases, self.document(version.manifest, "cases.json"), most=POLICY_BYTES)
        failed = [result for result in run_cases(policy.compiled, cases) if not result.passed]
        if failed:
            raise Invalid(
                f"{len(failed)} of {len(cases.cases)} cases do not come out as expected.",
                [Fault("case", f"cases:{one.id}", difference) for one in failed for difference in one.differences],
            )
        return self._record(asker, Kind.POLICY_SUBMITTED, version.manifest, {})

    def approve(self, asker: Asker, policy_id: str, name: str) -> Recorded:
        """Approve a submitted version: somebody who is not one of its authors. Raises Refused otherwise."""
        before = self._before(asker, policy_id)
        if before is not None:
            return before
        known = self.versions(asker.requested.force, policy_id)
        version = self.version(asker.requested.force, policy_id, name)
        self._refuse_unless(version, State.SUBMITTED)
        if asker.subject in version.authors:
            raise Refused("An author does not approve. Somebody else has to.", code="author_cannot_approve")
        holder = label_holder(known.values(), version.manifest.version)
        if holder is not None:
            raise _label_bound(version.manifest.version)
        self._bind_label(version.manifest)
        return self._record(asker, Kind.POLICY_APPROVED, version.manifest, {})

    def activate(self, asker: Asker, policy_id: str, name: str, start: Start) -> Recorded:
        """Put an approved version in force from a time at least 60 seconds ahead, or back in force at once.

        At once is for a version that has been in force before, and for a force that has none at all. Raises Refused,
        Invalid, or StoreFailed when the event stands but the list could not be written: the same request again
        completes it.
        """
        before = self._before(asker, policy_id)
        if before is not None:
            self._list(before.entry)
            return before
        version = self.version(asker.requested.force, policy_id, name)
        self._refuse_unless(version, State.APPROVED)
        now = self._clock()
        if start.at is None:
            self._refuse_unless_back(version, now)
        elif start.at < now + SOONEST:
            fault = Fault(
                "too_soon", "/from", "the time is less than 60 seconds ahead", "a later time, or emergency: true"
            )
            raise Invalid("A version can be put in force from 60 seconds ahead.", [fault])
        details: dict[str, Json] = {"starts": instant_text(start.at or now)}
        if start.note:
            details["note"] = start.note
        recorded = self._record(asker, Kind.POLICY_ACTIVATED, version.manifest, details)
        self._list(recorded.entry)
        return recorded

    def _refuse_unless(self, version: Version, state: State) -> None:
        if version.state is not state:
            raise Refused(
                f"The version is {version.state}; this step needs it to be {state}.",
                code="wrong_state",
                extra={"state": version.state.value, "manifest": version.manifest.digest},
            )

    def _refuse_unless_back(self, version: Version, now: datetime) -> None:
        """Refuse to put a version in force at once that has never been: nobody has had the time to look at it."""
        begun = any(
            step.kind is StepKind.ACTIVATED and step.starts is not None and step.starts <= now for step in version.steps
        )
        if not begun and in_force(self._listed(version.manifest.force), now):
            raise Refused(
                "An emergency puts a version back in force that has been before. Put this one in force from a time.",
                code="emergency_is_for_going_back",
            )

    def _bind_label(self, manifest: Manifest) -> None:
        """Bind a version's label to its manifest, once and for ever: of two approvals at one instant one is refused."""
        name = label_object(manifest.id, manifest.force, manifest.version)
        if self._objects.create(name, manifest.digest.encode()):
            return
        bound = self._objects.get(name)
        if bound is None:
            raise StoreFailed("The store of policies has given two answers. Send the same request again.")
        if bound.data != manifest.digest.encode():
            raise _label_bound(manifest.version)

    def _listed(self, force: str) -> Sequence[Activation]:
        """The force's activations as they are listed now."""
        stored = self._objects.get(activations_object(force))
        return read_model(Activations, stored.data, most=_LIST_BYTES).entries if stored else ()

    def _store(self, manifest: Manifest, digest: str, part: str, data: bytes) -> None:
        """Write a part under its digest. That it is there already is fine: its name says what is in it."""
        self._objects.create(policy_object(manifest.id, digest, part), data)

    def _before(self, asker: Asker, policy_id: str) -> Recorded | None:
        requested = asker.requested
        there = self._trail.get(requested.force, Place(Shelf.POLICY, policy_id), _event(asker))
        return self._recorder.replayed(there, requested) if there else None

    def _record(self, asker: Asker, kind: Kind, manifest: Manifest, details: Mapping[str, Json]) -> Recorded:
        requested, now = asker.requested, self._clock()
        key, secret = self._keys.current(requested.force), self._entropy(32)
        envelope = Envelope(
            kind=kind,
            id=_event(asker),
            force=requested.force,
            actor=Actor(pseudonym=asker.subject, role=asker.role, client=requested.client),
            mode=Mode.LIVE,
            at=now,
            recorded_at=now,
        )
        mark = Mark(secret, fingerprint(requested.body, key=key, secret=secret))
        told = {**plain(manifest), "manifest": manifest.digest, **details}
        entry = event_entry(envelope, told, name=manifest.id, mark=mark)
        there = self._trail.append(entry)
        if there is None or there.secret == secret:
            return Recorded(entry)
        return self._recorder.replayed(there, requested)

    def _list(self, event: Entry) -> None:
        """Add an activation's event to the list that evaluators read, unless it is there."""
        details, force = details_of(event), event.summary.force
        manifest = _manifest_of(details)
        entry = Activation(
            event=event.id,
            id=manifest.id,
            version=manifest.version,
            manifest=manifest.digest,
            policy=manifest.policy,
            starts=instant_of(details["starts"]),
        )
        entry = entry.model_copy(update={"seal": seal_of(entry, self._keys.current(force))})
        name = activations_object(force)
        for _ in range(_ATTEMPTS):
            stored = self._objects.get(name)
            if stored is None:
                if self._objects.create(name, canonical(plain(Activations(force=force, entries=(entry,))))):
                    return
                continue
            known = read_model(Activations, stored.data, most=_LIST_BYTES)
            longer = known.with_entry(entry)
            if longer is known or self._objects.replace(name, canonical(plain(longer)), stored.tag):
                return
        raise StoreFailed("The list of activations is being changed by others. Send the same request again.")


def _event(asker: Asker) -> str:
    requested = asker.requested
    return event_id("e", force=requested.force, client=requested.client, route=asker.route, key=requested.key)


def _label_bound(label: str) -> Refused:
    return Refused(f"The label {label} is bound to another version. Use a new label.", code="label_bound")


def _manifest_of(details: Mapping[str, Json]) -> Manifest:
    return as_model(Manifest, {name: details[name] for name in Manifest.model_fields})


def _step_of(event: Entry) -> Step | None:
    """The step that an event of a policy's file is; None for kinds that are no step of a version."""
    if event.summary.kind not in set(StepKind):
        return None
    details = details_of(event)
    step: dict[str, Json] = {
        "event": event.id,
        "kind": event.summary.kind,
        "manifest": plain(_manifest_of(details)),
        "by": event.summary.actor,
        "at": event.summary.recorded_at,
    }
    return as_model(Step, {**step, **{name: details[name] for name in ("starts", "note") if name in details}})
