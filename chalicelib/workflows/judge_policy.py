"""What is told of a version before anybody approves it: its cases, its analysis, what it lowers. It records nothing.

The lists of what is lowered name both policies by their digests, so that who acknowledges one acknowledges no other.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from threading import Lock
from typing import Literal

from chalicelib.analysis.differences import Comparison, Weight
from chalicelib.analysis.findings import Finding, Severity
from chalicelib.authoring.activations import Activation
from chalicelib.authoring.cases import Cases, run_cases
from chalicelib.authoring.lifecycle import Manifest
from chalicelib.canonical import canonical, digest
from chalicelib.errors import Fault, Invalid, NotFound, Unreadable
from chalicelib.model import Digest, Frozen, Instant, Slug
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import VersionLabel
from chalicelib.records.record import plain

ByDigest = Callable[[str, str], CompiledPolicy]
"""From a policy's id and digest to the policy. Raises NotFound, Unreadable or Invalid when it cannot be had."""

KEPT = 64
"""How many comparisons a process keeps."""


class Named(Frozen):
    """A policy of a force, as a list names it."""

    id: Slug
    version: VersionLabel
    policy: Digest


class Lowered(Frozen):
    """One thing that is lowered, dropped or made later, or of which that could not be excluded."""

    kind: str
    of: str = ""
    """The response, element, flag, duty or part that it is about."""
    says: str


class Lowering(Frozen):
    """What one policy lowers in the place of another."""

    old: Named
    new: Named
    lowered: tuple[Lowered, ...]


class Lowerings(Frozen):
    """A list that somebody who is no author has to acknowledge."""

    v: Literal[1] = 1
    lowerings: tuple[Lowering, ...] = ()

    @property
    def digest(self) -> str:
        """What an acknowledgement names."""
        return digest(plain(self))

    @property
    def stored(self) -> bytes:
        """The bytes of which that is the digest."""
        return canonical(plain(self))


class ComparedWith(Named):
    """A policy that a version was compared with, and how it stands to it."""

    manifest: Digest
    why: Literal["in_force", "scheduled"]
    starts: Instant
    lowers: bool
    """Whether anything is lowered, dropped or made later, or that could not be excluded."""
    comparison: Comparison | None = None
    """Absent when the other policy cannot be read."""


class CaseSkipped(Frozen):
    """A case that is not run."""

    case: str
    reason: str


class CheckReport(Frozen):
    """All that was run of a version when it was submitted; nothing in it depends on when that was."""

    format: Literal["report/1"] = "report/1"
    manifest: Manifest
    cases: int
    """How many there are; those that were run come out as expected."""
    skipped: tuple[CaseSkipped, ...]
    """Those that were not run."""
    findings: tuple[Finding, ...]
    compared: tuple[ComparedWith, ...]
    """With what was in force and what was to be; empty when there was nothing."""


class Judge:
    """Compares policies. What it has compared it keeps, by their digests."""

    def __init__(self, by_digest: ByDigest) -> None:
        """Take policies from there."""
        self._by_digest = by_digest
        self._kept: OrderedDict[tuple[str, str], Comparison] = OrderedDict()
        self._keeping = Lock()

    def policy(self, one: Named) -> CompiledPolicy:
        """A flat policy: the very bytes that evaluators apply. Raises NotFound, Unreadable or Invalid."""
        return self._by_digest(one.id, one.policy)

    def compare(self, old: CompiledPolicy, new: CompiledPolicy) -> Comparison:
        """How a policy stands to another."""
        from chalicelib.analysis.comparison import compare  # read only here: an evaluator needs none of it

        pair = (old.digest, new.digest)
        with self._keeping:
            known = self._kept.get(pair)
        if known is None:
            known = compare(old, new)
            with self._keeping:
                self._kept[pair] = known
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
        return known

    def lowering(self, old: Named, new: Named) -> Lowering:
        """What a policy lowers in another's place. Of one that cannot be read nothing can be excluded."""
        policies = []
        for one in (old, new):
            try:
                policies.append(self.policy(one))
            except (NotFound, Unreadable, Invalid):
                says = f"{one.id} {one.version} cannot be read, so it cannot be told what is lowered."
                return Lowering(old=old, new=new, lowered=(Lowered(kind="unreadable", of=one.version, says=says),))
        return Lowering(old=old, new=new, lowered=tuple(lowered_by(self.compare(*policies))))

    def lowerings(self, pairs: Iterable[tuple[Named, Named]]) -> Lowerings:
        """What is lowered in any of some successions."""
        found = (self.lowering(old, new) for old, new in pairs)
        return Lowerings(lowerings=tuple(one for one in found if one.lowered))

    def with_others(self, policy: CompiledPolicy, others: Sequence[Activation], at: datetime) -> Iterator[ComparedWith]:
        """How a policy, stored or not, stands to each of some activations, which at a time are in force or to come."""
        for other in others:
            try:
                comparison = self.compare(self.policy(named(other)), policy)
            except (NotFound, Unreadable, Invalid):
                comparison = None
            yield ComparedWith(
                id=other.id,
                version=other.version,
                policy=other.policy,
                manifest=other.manifest,
                why="in_force" if other.starts <= at else "scheduled",
                starts=other.starts,
                lowers=comparison is None or not comparison.never_lowers,
                comparison=comparison,
            )


def findings_of(policy: CompiledPolicy) -> tuple[Finding, ...]:
    """All that the analysis finds in a policy."""
    from chalicelib.analysis.analysis import analyse  # read only here: an evaluator needs none of it

    return analyse(policy)


def faults_of_cases(policy: CompiledPolicy, cases: Cases) -> list[Fault]:
    """Every case that does not come out as its author expects."""
    return [
        Fault("case", f"cases:{result.id}", difference)
        for result in run_cases(policy, cases)
        for difference in result.differences
    ]


def faults_of_findings(findings: Iterable[Finding]) -> list[Fault]:
    """The findings with which a version cannot be submitted: errors, and what weighs as one and is not decided."""
    return [Fault(one.code, one.pointer, one.says) for one in findings if one.severity is Severity.ERROR]


def lowered_by(comparison: Comparison) -> Iterator[Lowered]:
    """What a comparison says is lowered. It is empty exactly where the comparison `never_lowers`."""
    for axis in comparison.axes:
        if not axis.may_lower:
            continue
        shown = axis.lowers or (axis.raises if axis.kind == "impossible" else None)
        if shown is not None:
            says = shown.says
        else:
            says = f"Within the limit of the search it could not be told of {axis.kind} {axis.of}".rstrip()
            says += " whether anything is lowered: take it as lowered."
        yield Lowered(kind=axis.kind, of=axis.of, says=says)
    for change in comparison.changes:
        if change.weight is Weight.MAJOR:
            yield Lowered(kind=change.part, of=change.id, says=change.says)


def named(one: Activation | Manifest) -> Named:
    """The policy of an activation or a version."""
    return Named(id=one.id, version=one.version, policy=one.policy)
