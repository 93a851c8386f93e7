"""Putting versions in force from a time, back in force, and taking them back before they begin. It approves nothing.

An activation's event stands before the list that evaluators read; repeating the request completes what was interrupted.
Whatever an activation or its withdrawal makes to replace something else is compared with that; what is lowered, and was
not accepted at approval, has to be acknowledged in the request by somebody who is no author.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from chalicelib.authoring.activations import Activation, effective, in_force, new_successions
from chalicelib.authoring.lifecycle import APPROVAL_TIME, NATIONAL_FORCE, SOONEST, State, Version, state_at
from chalicelib.canonical import Json
from chalicelib.errors import Fault, Invalid, Refused
from chalicelib.model import instant_text
from chalicelib.records.kinds import Kind
from chalicelib.workflows.activation_list import ActivationList, Listed, not_accepted, told
from chalicelib.workflows.approve_policy import keep
from chalicelib.workflows.judge_policy import Judge, Lowerings, named
from chalicelib.workflows.policy_desk import Asker, Desk, refuse_unless, wrong_state
from chalicelib.workflows.record_entry import Recorded

APPROVER = "policy_approver"
"""The role that may take back what was approved."""


class Start(NamedTuple):
    """From when a version is to be in force."""

    at: datetime | None
    """None: now, which is for going back in an emergency; or, at night, as soon as may be."""
    note: str | None
    night: bool = False
    """By one person, before anybody has approved it, because it lowers nothing."""
    acknowledged: str | None = None
    """The digest of the list of what is lowered."""


class PolicyActivation:
    """Activates and withdraws."""

    def __init__(self, desk: Desk, judge: Judge, activations: ActivationList) -> None:
        """Keep what it works with."""
        self._desk, self._judge, self._activations = desk, judge, activations

    def activate(self, asker: Asker, policy_id: str, name: str, start: Start) -> Recorded:
        """Put an approved version in force from a time at least 60 seconds ahead, or back in force at once.

        At once is for a version that has been in force before, and for a force that has none at all. At night it need
        only be submitted. Raises Refused, Invalid, or StoreFailed when the event stands but the list could not be
        written: the same request again completes it.
        """
        desk, force = self._desk, asker.requested.force
        before = desk.before(asker, policy_id)
        if before is not None:
            self._activations.add(before.entry)
            return before
        version = desk.version(force, policy_id, name)
        if force == NATIONAL_FORCE:
            raise Refused("A national policy is a base for others. It is never in force itself.", code="base_only")
        refuse_unless(version, State.SUBMITTED if start.night else State.APPROVED)
        self._judge.policy(named(version.manifest))
        now, listed = desk.world.clock(), self._activations.read(force)
        starts = self._starts(version, start, listed, now)
        entry = _entry(asker, version, starts)
        details = self._judged(asker, start, entry, listed, now)
        details |= {"starts": instant_text(starts), "note": start.note}
        if start.night:
            desk.bind_label(version.manifest)
            details |= {"night": True, "approval_due": instant_text(now + APPROVAL_TIME)}
        recorded = desk.record(asker, Kind.POLICY_ACTIVATED, version.manifest, details)
        self._activations.add(recorded.entry)
        return recorded

    def withdraw(
        self, asker: Asker, policy_id: str, name: str, *, reason: str | None, acknowledged: str | None
    ) -> Recorded:
        """Take back what of a version has not begun, or else the version itself.

        An author takes back a draft or what was submitted, an approver what was approved. Raises Refused for a version
        in force, and less than 60 seconds before it begins; StoreFailed as `activate`.
        """
        desk, force = self._desk, asker.requested.force
        before = desk.before(asker, policy_id)
        if before is not None:
            self._activations.add(before.entry)
            return before
        version = desk.version(force, policy_id, name)
        now, listed = desk.world.clock(), self._activations.read(force)
        scheduled = [
            one for one in effective(listed.entries) if one.manifest == version.manifest.digest and one.starts > now
        ]
        _refuse_unless_theirs(asker, version, scheduled=bool(scheduled))
        details: dict[str, Json] = {"reason": reason}
        if scheduled:
            if min(one.starts for one in scheduled) < now + SOONEST:
                words = "It begins in less than 60 seconds. Wait until it has, and go back as an emergency."
                raise Refused(words, code="begins_too_soon")
            entry = _entry(asker, version, now, withdraws=tuple(one.event for one in scheduled))
            details |= self._judged(asker, Start(None, None, acknowledged=acknowledged), entry, listed, now)
            details["withdraws"] = [one.event for one in scheduled]
        else:
            standing = state_at(version, listed.entries, now)
            if standing is State.ACTIVE:
                needs = "go back first, by activating another as an emergency"
                raise wrong_state(standing, needs, version, code="go_back_first")
            refuse_unless(version, State.DRAFT, State.SUBMITTED, State.APPROVED)
        recorded = desk.record(asker, Kind.POLICY_WITHDRAWN, version.manifest, details)
        self._activations.add(recorded.entry)
        return recorded

    def _starts(self, version: Version, start: Start, listed: Listed, now: datetime) -> datetime:
        """From when a version is to be in force. Raises Refused or Invalid when it may not be."""
        if start.night and not in_force(listed.entries, now):
            raise Refused("Nothing is in force that it could be compared with.", code="nothing_in_force")
        if start.at is None and start.night:
            return now + SOONEST
        if start.at is None:
            _refuse_unless_back(version, listed, now)
            return now
        if start.at < now + SOONEST:
            right = "a later time, or emergency: true"
            fault = Fault("too_soon", "/from", "the time is less than 60 seconds ahead", right)
            raise Invalid("A version can be put in force from 60 seconds ahead.", [fault])
        return start.at

    def _judged(self, asker: Asker, start: Start, entry: Activation, listed: Listed, now: datetime) -> dict[str, Json]:
        """What an entry was compared with and what was accepted of it, for its event. Raises Refused."""
        lowerings = self._activations.unaccepted(listed, entry, now)
        if lowerings.lowerings:
            self._refuse_unless_accepted(asker, start, entry, lowerings)
        pairs: list[Json] = [
            {"old": old.policy, "new": new.policy}
            for old, new in new_successions(listed.entries, [*listed.entries, entry], now)
        ]
        return {"compared": pairs or None, "acknowledged": keep(self._desk, entry.id, lowerings)}

    def _refuse_unless_accepted(self, asker: Asker, start: Start, entry: Activation, lowerings: Lowerings) -> None:
        if start.night:
            raise Refused(
                "It is not proved that nothing is lowered. Somebody who is no author has to approve it first.",
                code="only_raises_at_night",
                extra=told(lowerings),
            )
        if start.acknowledged != lowerings.digest:
            raise not_accepted(lowerings)
        force = asker.requested.force
        own = self._desk.versions(force, entry.id)[entry.manifest].authors
        if asker.subject in own | self._activations.concerned(force, lowerings):
            words = "An author does not acknowledge what is lowered. Somebody else has to."
            raise Refused(words, code="author_cannot_acknowledge")


def _entry(asker: Asker, version: Version, starts: datetime, withdraws: tuple[str, ...] | None = None) -> Activation:
    """The entry that a request would add, to judge it by."""
    manifest = version.manifest
    return Activation(
        event=asker.event,
        id=manifest.id,
        version=manifest.version,
        manifest=manifest.digest,
        policy=manifest.policy,
        starts=starts,
        withdraws=withdraws,
    )


def _refuse_unless_back(version: Version, listed: Listed, now: datetime) -> None:
    """Refuse to put a version in force at once that has never been: nobody has had the time to look at it."""
    begun = in_force(listed.entries, now)
    if begun and version.manifest.digest not in [one.manifest for one in begun]:
        raise Refused(
            "An emergency puts a version back in force that has been before. Put this one in force from a time.",
            code="emergency_is_for_going_back",
        )


def _refuse_unless_theirs(asker: Asker, version: Version, *, scheduled: bool) -> None:
    """Refuse to take back what is not the asker's to take back."""
    approved = version.state is State.APPROVED
    if asker.role == APPROVER and (approved or scheduled):
        return
    if approved:
        raise Refused("It is approved. An approver has to take it back.", code="approver_withdraws")
    if asker.subject not in version.authors:
        raise Refused("It is its authors' to take back. An approver can decline it.", code="author_withdraws")
