"""Judging a submitted version: approving or declining it. It puts nothing in force."""

from __future__ import annotations

from chalicelib.authoring.lifecycle import State, label_holder, state_at
from chalicelib.canonical import Json
from chalicelib.errors import Refused
from chalicelib.records.kinds import Kind
from chalicelib.records.record import plain
from chalicelib.workflows.activation_list import ActivationList, baselines, told
from chalicelib.workflows.judge_policy import Judge, Lowerings, named
from chalicelib.workflows.policy_desk import Asker, Desk, label_bound, refuse_unless, wrong_state
from chalicelib.workflows.record_entry import Recorded

LOWERINGS = "lowerings.json"
"""The part of a policy that is a list that somebody has acknowledged."""


class PolicyApproval:
    """Approves and declines."""

    def __init__(self, desk: Desk, judge: Judge, activations: ActivationList) -> None:
        """Keep what it works with."""
        self._desk, self._judge, self._activations = desk, judge, activations

    def approve(self, asker: Asker, policy_id: str, name: str, acknowledged: str | None) -> Recorded:
        """Approve a submitted version: somebody who is not one of its authors.

        Raises Refused otherwise, and when it lowers anything against what is or will be in force and the list of that
        was not acknowledged by its digest.
        """
        desk, force = self._desk, asker.requested.force
        before = desk.before(asker, policy_id)
        if before is not None:
            return before
        known = desk.versions(force, policy_id)
        version = desk.version(force, policy_id, name)
        refuse_unless(version, State.SUBMITTED)
        if asker.subject in version.authors:
            raise Refused("An author does not approve. Somebody else has to.", code="author_cannot_approve")
        manifest = version.manifest
        holder = label_holder(known.values(), manifest.version)
        if holder is not None and holder is not known[manifest.digest]:
            raise label_bound(manifest.version)
        entries = self._activations.read(force).entries
        others = [named(one) for one in baselines(entries, desk.world.clock(), manifest.policy)]
        lowerings = self._judge.lowerings((other, named(manifest)) for other in others)
        if lowerings.lowerings and acknowledged != lowerings.digest:
            raise Refused(
                "The version lowers something. Read the list, and approve with its digest in `acknowledged`.",
                code="not_acknowledged",
                extra=told(lowerings),
            )
        desk.bind_label(manifest)
        compared: list[Json] = [{"old": other.policy, "new": manifest.policy} for other in others]
        details = {"compared": compared or None, "acknowledged": keep(desk, policy_id, lowerings)}
        return desk.record(asker, Kind.POLICY_APPROVED, manifest, details)

    def decline(self, asker: Asker, policy_id: str, name: str, reason: str) -> Recorded:
        """Decline a submitted version, for good. Raises Refused while it is in force, or is to be."""
        desk, force = self._desk, asker.requested.force
        before = desk.before(asker, policy_id)
        if before is not None:
            return before
        version = desk.version(force, policy_id, name)
        refuse_unless(version, State.SUBMITTED)
        standing = state_at(version, self._activations.read(force).entries, desk.world.clock())
        if standing is State.ACTIVE:
            needs = "go back first, by activating the version before it as an emergency. Then decline it"
            raise wrong_state(standing, needs, version, code="go_back_first")
        if standing is State.SCHEDULED:
            raise wrong_state(standing, "withdraw that first. Then decline it", version, code="withdraw_first")
        return desk.record(asker, Kind.POLICY_DECLINED, version.manifest, {"reason": reason})


def keep(desk: Desk, policy_id: str, lowerings: Lowerings) -> str | None:
    """Keep a list that was acknowledged, for whoever asks later what it said; its digest, None for an empty one."""
    if not lowerings.lowerings:
        return None
    digest = desk.store(policy_id, LOWERINGS, lowerings.stored)
    if digest != lowerings.digest:
        raise AssertionError(f"the list {plain(lowerings)} has two digests")
    return digest
