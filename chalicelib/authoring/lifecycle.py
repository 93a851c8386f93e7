"""The life of a policy version as a pure function of its recorded steps, and which version is in force at a time.

Every state is derived: nothing is stored but the steps. The author is everyone who drafted or submitted what carries
the version's label; an author never approves. A label binds at approval, and approval binds the manifest's digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from chalicelib.canonical import digest
from chalicelib.model import Digest, Frozen, Instant, Line, Slug
from chalicelib.policy.document import VersionLabel

SOONEST = timedelta(seconds=60)
"""How far ahead an activation has to lie, so that every container has read of it when it comes."""


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
    """The steps that first form knows; the names are those of the trail's event kinds."""

    DRAFTED = "policy_drafted"
    SUBMITTED = "policy_submitted"
    APPROVED = "policy_approved"
    ACTIVATED = "policy_activated"


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


class State(StrEnum):
    """Where a version stands; whether it is in force besides is told by the activations."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"


@dataclass(slots=True)
class Version:
    """A version and what has happened to it."""

    manifest: Manifest
    state: State = State.DRAFT
    authors: set[str] = field(default_factory=set)
    approved_by: str | None = None
    steps: list[Step] = field(default_factory=list)


def versions(steps: Iterable[Step]) -> dict[str, Version]:
    """All versions by the digest of their manifest, from the steps of one policy id in order of time."""
    found: dict[str, Version] = {}
    bound: dict[str, str] = {}
    authors: dict[str, set[str]] = {}
    for step in steps:
        name, label = step.manifest.digest, step.manifest.version
        version = found.setdefault(name, Version(step.manifest))
        version.steps.append(step)
        if step.kind in (StepKind.DRAFTED, StepKind.SUBMITTED):
            authors.setdefault(label, set()).add(step.by)
        if step.kind is StepKind.SUBMITTED and version.state is State.DRAFT:
            version.state = State.SUBMITTED
        elif step.kind is StepKind.APPROVED and bound.setdefault(label, name) == name:
            version.state, version.approved_by = State.APPROVED, version.approved_by or step.by
    for version in found.values():
        version.authors = authors.get(version.manifest.version, set())
    return found


def label_holder(known: Iterable[Version], label: str) -> Version | None:
    """The approved version that a label is bound to."""
    return next((one for one in known if one.manifest.version == label and one.state is State.APPROVED), None)


class Activation(Frozen):
    """An appended statement: this policy is in force for this force from then on."""

    event: str
    id: Slug
    version: VersionLabel
    manifest: Digest
    policy: Digest
    starts: Instant
    seal: Digest | None = None
    """A keyed hash of the rest, by which evaluators know an entry while the trail cannot be asked for its event."""


class Activations(Frozen):
    """`activations/<force>.json`: all activations of a force, in the order in which they were made."""

    v: Literal[1] = 1
    force: Slug
    entries: tuple[Activation, ...] = ()

    def with_entry(self, entry: Activation) -> Activations:
        """The list with one more at its end; the same list when the event is in it already."""
        if any(known.event == entry.event for known in self.entries):
            return self
        return Activations(force=self.force, entries=(*self.entries, entry))


def in_force(entries: Sequence[Activation], at: datetime) -> list[Activation]:
    """The activations that have begun at a time, the one in force first.

    In force is the one with the latest start; of equal starts the one made last. Each holds until the next begins.
    """
    begun = [(entry.starts, place, entry) for place, entry in enumerate(entries) if entry.starts <= at]
    return [entry for *_, entry in sorted(begun, key=lambda one: one[:2], reverse=True)]
