"""The life of a policy version as a pure function of its recorded steps and its force's activations.

Every state is derived: nothing is stored but the steps and the list of activations. The author is everyone who drafted
or submitted what carries the version's label; an author never approves. A label binds at approval, or when a version is
put in force at night before it, and approval binds the manifest's digest. It compares no policies.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from chalicelib.authoring.activations import Activation, effective, in_force
from chalicelib.canonical import digest
from chalicelib.model import Digest, Frozen, Instant, Line, Slug
from chalicelib.policy.document import VersionLabel

SOONEST = timedelta(seconds=60)
"""How far ahead an activation has to lie, so that every container has read of it when it comes."""

APPROVAL_TIME = timedelta(hours=24)
"""How soon somebody who is no author has to approve what was put in force at night."""

NATIONAL_FORCE = "national"
"""The force of policies that every force may read and base its own on. They are never in force themselves."""


class Manifest(Frozen):
    """What an approval is bound to: the digests of the policy, of its cases and of its text as written."""

    v: Literal[1] = 1
    id: Slug
    force: Slug
    version: VersionLabel
    policy: Digest
    cases: Digest
    source: Digest

    @property
    def digest(self) -> str:
        """The manifest's own digest, by which a version is named until its label is bound."""
        return digest(self.model_dump(mode="json"))


class StepKind(StrEnum):
    """The steps of a version; the names are those of the trail's event kinds."""

    DRAFTED = "policy_drafted"
    SUBMITTED = "policy_submitted"
    APPROVED = "policy_approved"
    DECLINED = "policy_declined"
    ACTIVATED = "policy_activated"
    WITHDRAWN = "policy_withdrawn"


class Compared(Frozen):
    """Two policies that were compared, by their digests: the one that would be replaced, and the other."""

    old: Digest
    new: Digest


class Step(Frozen):
    """One recorded step."""

    event: str
    kind: StepKind
    manifest: Manifest
    by: str
    at: Instant
    starts: Instant | None = None
    """Of an activation: from when."""
    note: Line | None = None
    reason: Line | None = None
    """Why a version was declined, or something was withdrawn."""
    report: Digest | None = None
    """Of a submission: the digest of the report of all that was run."""
    backtest: str | None = None
    """Of a submission: the job that holds the version against what was recorded lately."""
    compared: tuple[Compared, ...] | None = None
    """What the person who approved, activated or withdrew was shown a comparison of."""
    acknowledged: Digest | None = None
    """The digest of the list of what is lowered, which that person has acknowledged."""
    night: Literal[True] | None = None
    """Of an activation: by one person, because nothing is lowered."""
    approval_due: Instant | None = None
    """Of such an activation: by when somebody who is no author has to approve the version."""
    withdraws: tuple[str, ...] | None = None
    """Of a withdrawal: the activations that it takes back, by their events; absent when it is the version's own."""


class State(StrEnum):
    """Where a version stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    DECLINED = "declined"
    SCHEDULED = "scheduled"
    ACTIVE = "active"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


@dataclass(slots=True)
class Version:
    """A version and what has happened to it."""

    manifest: Manifest
    authors: set[str] = field(default_factory=set)
    state: State = State.DRAFT
    """By its own steps, whatever is in force: draft, submitted, approved, declined or withdrawn."""
    approved_by: str | None = None
    holds_label: bool = False
    acknowledged: set[str] = field(default_factory=set)
    """The policies, by digest, in whose place those who approved it have accepted what it lowers."""
    steps: list[Step] = field(default_factory=list)

    @property
    def report(self) -> str | None:
        """The digest of the report of its submission."""
        return next((step.report for step in self.steps if step.report is not None), None)


def versions(steps: Iterable[Step]) -> dict[str, Version]:
    """All versions by the digest of their manifest, from the steps of one policy id in order of time."""
    found: dict[str, Version] = {}
    holders: dict[str, str] = {}
    authors: dict[str, set[str]] = {}
    for step in steps:
        name, label = step.manifest.digest, step.manifest.version
        version = found.setdefault(name, Version(step.manifest, authors.setdefault(label, set())))
        version.steps.append(step)
        _follow(version, step, holders)
    return found


def _follow(version: Version, step: Step, holders: dict[str, str]) -> None:
    """What one step makes of a version. One that two people took at once may come to nothing; a refusal never does."""
    match step.kind:
        case StepKind.DRAFTED:
            version.authors.add(step.by)
        case StepKind.SUBMITTED:
            version.authors.add(step.by)
            version.state = State.SUBMITTED if version.state is State.DRAFT else version.state
        case StepKind.APPROVED:
            _approve(version, step, holders)
        case StepKind.ACTIVATED:
            if step.night:
                _hold_label(version, holders)
        case StepKind.DECLINED:
            version.state = State.DECLINED
        case StepKind.WITHDRAWN:
            version.state = State.WITHDRAWN if step.withdraws is None else version.state


def _approve(version: Version, step: Step, holders: dict[str, str]) -> None:
    ready = version.state in (State.SUBMITTED, State.APPROVED) and step.by not in version.authors
    if ready and _hold_label(version, holders):
        version.state, version.approved_by = State.APPROVED, version.approved_by or step.by
        if step.acknowledged is not None:
            version.acknowledged |= {pair.old for pair in step.compared or ()}


def _hold_label(version: Version, holders: dict[str, str]) -> bool:
    name = version.manifest.digest
    version.holds_label = holders.setdefault(version.manifest.version, name) == name
    return version.holds_label


def label_holder(known: Iterable[Version], label: str) -> Version | None:
    """The version that a label is bound to."""
    return next((one for one in known if one.manifest.version == label and one.holds_label), None)


def state_at(version: Version, entries: Sequence[Activation], at: datetime) -> State:
    """Where a version stands at a time, by its steps and its force's activations."""
    name = version.manifest.digest
    own = [entry for entry in effective(entries) if entry.manifest == name]
    if any(entry.manifest == name for entry in in_force(entries, at)[:1]):
        return State.ACTIVE
    if any(entry.starts > at for entry in own):
        return State.SCHEDULED
    ended = version.state in (State.DECLINED, State.WITHDRAWN)
    return State.SUPERSEDED if own and not ended else version.state


def approval_due(version: Version, entries: Sequence[Activation], at: datetime) -> datetime | None:
    """By when a version that is, or is to be, in force by one person alone has to be approved; None when it is not."""
    if version.state is State.APPROVED or state_at(version, entries, at) not in (State.ACTIVE, State.SCHEDULED):
        return None
    listed = {entry.event for entry in effective(entries)}
    due = [step.approval_due for step in version.steps if step.approval_due is not None and step.event in listed]
    return min(due, default=None)
