"""The life of a policy version from draft to in force, as one. Each step is a recorded event, taken in another module.

It takes no step itself, and tells where versions stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from chalicelib.analysis.differences import Comparison
from chalicelib.authoring.activations import Activation, in_force, to_come
from chalicelib.authoring.lifecycle import NATIONAL_FORCE, Manifest, Version, approval_due
from chalicelib.errors import NotFound
from chalicelib.policy.document import POLICY_BYTES
from chalicelib.reader import read_model
from chalicelib.records.entry import Entry, Place, Shelf
from chalicelib.records.record import details_of
from chalicelib.workflows.activate_policy import PolicyActivation, Start
from chalicelib.workflows.activation_list import ActivationList
from chalicelib.workflows.approve_policy import LOWERINGS, PolicyApproval
from chalicelib.workflows.draft_policy import Found, PolicyDrafts
from chalicelib.workflows.judge_policy import Judge, Lowerings, Named, named
from chalicelib.workflows.policy_desk import Asker, Desk, manifest_of
from chalicelib.workflows.record_entry import Recorded

__all__ = ["Asker", "Desk", "Found", "Held", "PolicyPublisher", "Start"]

ACTIVE = "active"
"""How a comparison names the version in force, whichever it is."""


class Held(NamedTuple):
    """What is in force at a time."""

    entry: Activation
    follows: Activation | None
    """The force's next one."""
    approval_due: datetime | None
    """By when it has to be approved, if one person alone put it in force."""


class Compared(NamedTuple):
    """A version held against another."""

    old: Named
    new: Named
    comparison: Comparison
    lowerings: Lowerings


class PolicyPublisher:
    """Takes the steps and tells where versions stand."""

    def __init__(self, desk: Desk) -> None:
        """Keep what the steps are taken with."""
        self._desk = desk
        self._judge = Judge(desk.policies.by_digest)
        self._activations = ActivationList(desk, self._judge)
        parts = (desk, self._judge, self._activations)
        self._drafts, self._approval, self._activation = (
            PolicyDrafts(*parts),
            PolicyApproval(*parts),
            PolicyActivation(*parts),
        )

    def versions(self, force: str, policy_id: str) -> dict[str, Version]:
        """All versions of a policy by manifest digest. Raises NotFound when there is none."""
        return self._desk.versions(force, policy_id)

    def version(self, force: str, policy_id: str, name: str) -> Version:
        """One version by its label or its manifest's digest. Raises NotFound, or Refused when a label is not enough."""
        return self._desk.version(force, policy_id, name)

    def activations(self, force: str) -> Sequence[Activation]:
        """A force's activations as they are listed now."""
        return self._activations.read(force).entries

    def policies(self, force: str) -> list[str]:
        """The ids of the force's policies."""
        named = sorted({name.split("/")[1] for name in self._desk.objects.names("policies/")})
        return [one for one in named if self._desk.trail.events(force, Place(Shelf.POLICY, one))]

    def whose(self, force: str, policy_id: str) -> str:
        """The force whose policy is read under an id: the reader's own if it has one, else the national."""
        own = self._desk.trail.events(force, Place(Shelf.POLICY, policy_id))
        return force if own else NATIONAL_FORCE

    @staticmethod
    def manifest_of(event: Entry) -> Manifest:
        """The manifest that a recorded step is about."""
        return manifest_of(details_of(event))

    def document(self, manifest: Manifest, part: str) -> bytes:
        """A part of a version as it is stored: policy.json, cases.json or source.yaml. Raises NotFound."""
        return self._desk.document(manifest, part)

    def in_force(self, force: str, policy_id: str, at: datetime) -> Held:
        """The activation of a policy that holds at a time. Raises NotFound for none."""
        entries = self.activations(force)
        begun = in_force(entries, at)
        if not begun or begun[0].id != policy_id:
            raise NotFound("This policy is not in force then.")
        version = self.versions(force, policy_id)[begun[0].manifest]
        follows = next(iter(to_come(entries, at)), None)
        return Held(begun[0], follows, approval_due(version, entries, self._desk.world.clock()))

    def report(self, force: str, policy_id: str, name: str) -> bytes:
        """The report of a version's submission, as it was stored. Raises NotFound when there is none."""
        return self._drafts.report(force, policy_id, name)

    def accepted(self, policy_id: str, digest: str) -> Lowerings:
        """A list that somebody has acknowledged, as it was stored. Raises NotFound when it is not there."""
        return read_model(Lowerings, self._desk.stored(policy_id, digest, LOWERINGS), most=POLICY_BYTES)

    def compare(self, force: str, version: Version, other: str) -> Compared:
        """A version against another of its policy, by label or manifest, or against the one in force (`active`).

        Raises NotFound, or Refused when a label is not enough.
        """
        if other == ACTIVE:
            begun = in_force(self.activations(force), self._desk.world.clock())
            if not begun:
                raise NotFound("Nothing is in force.")
            old = named(begun[0])
        else:
            old = named(self.version(version.manifest.force, version.manifest.id, other).manifest)
        new = named(version.manifest)
        comparison = self._judge.compare(self._judge.policy(old), self._judge.policy(new))
        return Compared(old, new, comparison, self._judge.lowerings([(old, new)]))

    def check(self, force: str, policy_id: str, source: bytes, cases: bytes) -> Found:
        """All that can be told of a version, stored nowhere. Raises as `draft` when it does not fit together."""
        return self._drafts.check(force, policy_id, source, cases)

    def draft(self, asker: Asker, policy_id: str, source: bytes, cases: bytes) -> Recorded:
        """Check a version, store it and record it as a draft. Raises Unreadable, Invalid or Refused."""
        return self._drafts.draft(asker, policy_id, source, cases)

    def submit(self, asker: Asker, policy_id: str, name: str) -> Recorded:
        """Submit a draft with the report of all that was run. Raises Refused or Invalid."""
        return self._drafts.submit(asker, policy_id, name)

    def approve(self, asker: Asker, policy_id: str, name: str, acknowledged: str | None = None) -> Recorded:
        """Approve a submitted version, and accept what it lowers. Raises Refused."""
        return self._approval.approve(asker, policy_id, name, acknowledged)

    def decline(self, asker: Asker, policy_id: str, name: str, reason: str) -> Recorded:
        """Decline a submitted version for good. Raises Refused."""
        return self._approval.decline(asker, policy_id, name, reason)

    def activate(self, asker: Asker, policy_id: str, name: str, start: Start) -> Recorded:
        """Put a version in force. Raises Refused, Invalid or StoreFailed."""
        return self._activation.activate(asker, policy_id, name, start)

    def withdraw(
        self, asker: Asker, policy_id: str, name: str, *, reason: str | None, acknowledged: str | None
    ) -> Recorded:
        """Take back what of a version has not begun, or else the version itself. Raises Refused or StoreFailed."""
        return self._activation.withdraw(asker, policy_id, name, reason=reason, acknowledged=acknowledged)
