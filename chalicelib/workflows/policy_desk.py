"""What all steps of a policy version share: finding versions, their stored parts, and recording a step. It takes none.

Objects are written first, under their own digests, and mean nothing until the event that names them stands.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from chalicelib.assessment.contact import Mode
from chalicelib.authoring.lifecycle import Manifest, State, Step, StepKind, Version, label_holder, versions
from chalicelib.canonical import Json, sha256_hex
from chalicelib.errors import NotFound, Refused, StoreFailed
from chalicelib.ports import Objects, Trail, World
from chalicelib.reader import as_model
from chalicelib.records.entry import Entry, Place, Shelf
from chalicelib.records.envelope import Actor, Envelope, Mark
from chalicelib.records.identity import event_id, fingerprint
from chalicelib.records.kinds import Kind
from chalicelib.records.record import details_of, event_entry, plain
from chalicelib.workflows.backtest_submitted import AskBacktest
from chalicelib.workflows.force_keys import ForceKeys
from chalicelib.workflows.policies_in_force import PoliciesInForce, label_object, policy_object
from chalicelib.workflows.record_entry import Recorded, Recorder, Requested


class Asker(NamedTuple):
    """Who takes a step: the person that the token proves, and the request."""

    subject: str
    role: str
    requested: Requested
    route: str
    """The route's name in event ids."""

    @property
    def event(self) -> str:
        """The id of the event that the request makes."""
        requested = self.requested
        return event_id("e", force=requested.force, client=requested.client, route=self.route, key=requested.key)


class Desk(NamedTuple):
    """The ports and workflows that steps are taken with."""

    objects: Objects
    trail: Trail
    recorder: Recorder
    keys: ForceKeys
    policies: PoliciesInForce
    world: World
    ask_backtest: AskBacktest

    def versions(self, force: str, policy_id: str) -> dict[str, Version]:
        """All versions of a policy by manifest digest. Raises NotFound when there is none."""
        events = self.trail.events(force, Place(Shelf.POLICY, policy_id))
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

    def document(self, manifest: Manifest, part: str) -> bytes:
        """A part of a version as it is stored: policy.json, cases.json or source.yaml. Raises NotFound."""
        digests = {"policy.json": manifest.policy, "cases.json": manifest.cases, "source.yaml": manifest.source}
        return self.stored(manifest.id, digests[part], part)

    def stored(self, policy_id: str, digest: str, part: str) -> bytes:
        """A part by its digest. Raises NotFound when it is not there as it was written."""
        stored = self.objects.get(policy_object(policy_id, digest, part))
        if stored is None or sha256_hex(stored.data) != digest:
            raise NotFound("This part of the version is not there as it was written.")
        return stored.data

    def store(self, policy_id: str, part: str, data: bytes) -> str:
        """Write a part under its digest. That it is there already is fine: its name says what is in it."""
        digest = sha256_hex(data)
        self.objects.create(policy_object(policy_id, digest, part), data)
        return digest

    def bind_label(self, manifest: Manifest) -> None:
        """Bind a version's label to its manifest, once and for ever: of two at one instant one is refused."""
        name = label_object(manifest.id, manifest.force, manifest.version)
        if self.objects.create(name, manifest.digest.encode()):
            return
        bound = self.objects.get(name)
        if bound is None:
            raise StoreFailed("The store of policies has given two answers. Send the same request again.")
        if bound.data != manifest.digest.encode():
            raise label_bound(manifest.version)

    def before(self, asker: Asker, policy_id: str) -> Recorded | None:
        """What the same request has recorded before. Raises Invalid for another request under its key."""
        there = self.trail.get(asker.requested.force, Place(Shelf.POLICY, policy_id), asker.event)
        return self.recorder.replayed(there, asker.requested) if there else None

    def record(self, asker: Asker, kind: Kind, manifest: Manifest, details: Mapping[str, Json]) -> Recorded:
        """Record a step, once and for ever. Members of the details that are None are left out."""
        requested, now = asker.requested, self.world.clock()
        key, secret = self.keys.current(requested.force), self.world.entropy(32)
        envelope = Envelope(
            kind=kind,
            id=asker.event,
            force=requested.force,
            actor=Actor(pseudonym=asker.subject, role=asker.role, client=requested.client),
            mode=Mode.LIVE,
            at=now,
            recorded_at=now,
        )
        mark = Mark(secret, fingerprint(requested.body, key=key, secret=secret))
        said = {name: value for name, value in details.items() if value is not None}
        entry = event_entry(
            envelope, {**plain(manifest), "manifest": manifest.digest, **said}, name=manifest.id, mark=mark
        )
        there = self.trail.append(entry)
        if there is None or there.secret == secret:
            return Recorded(entry)
        return self.recorder.replayed(there, requested)


def refuse_unless(version: Version, *states: State) -> None:
    """Raise Refused when a version is in none of some states."""
    if version.state not in states:
        raise wrong_state(version.state, f"this step needs it to be {' or '.join(states)}", version)


def wrong_state(state: State, needs: str, version: Version, code: str = "wrong_state") -> Refused:
    """The refusal of a step that the state forbids."""
    extra = {"state": state.value, "manifest": version.manifest.digest}
    return Refused(f"The version is {state}; {needs}.", code=code, extra=extra)


def label_bound(label: str) -> Refused:
    """The refusal of a label that another version holds."""
    return Refused(f"The label {label} is bound to another version. Use a new label.", code="label_bound")


def manifest_of(details: Mapping[str, Json]) -> Manifest:
    """The manifest that the details of a step name."""
    return as_model(Manifest, {name: details[name] for name in Manifest.model_fields})


def _step_of(event: Entry) -> Step | None:
    """The step that an event of a policy's file is; None for kinds that are no step of a version."""
    if event.summary.kind not in set(StepKind):
        return None
    details = details_of(event)
    step: dict[str, Json] = {
        "event": event.id,
        "kind": event.summary.kind,
        "manifest": plain(manifest_of(details)),
        "by": event.summary.actor,
        "at": event.summary.recorded_at,
    }
    return as_model(Step, {**step, **{name: details[name] for name in _TOLD if name in details}})


_TOLD: Collection[str] = (
    "starts", "note", "reason", "report", "backtest", "compared", "acknowledged", "night", "approval_due", "withdraws",
)  # fmt: skip
"""The members of a step's details that are its own, besides the manifest."""
