"""What a comparison of two versions says: values only. It compares nothing itself."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from chalicelib.analysis.findings import Answered
from chalicelib.assessment.contact import ContactState
from chalicelib.model import Frozen


class Verdict(StrEnum):
    """How a new version stands to the old one, over every possible call."""

    EQUAL = "equal"
    ONLY_RAISES = "only_raises"
    """Nothing is lowered; without an example it is open whether anything is raised."""
    ONLY_LOWERS = "only_lowers"
    MIXED = "mixed"
    NOT_DECIDED = "not_decided"
    """The search met its limit: take it as lowering."""


class Weight(StrEnum):
    """The step of the version number that a change asks for."""

    NONE = "none"
    PATCH = "patch"
    """Only words."""
    MINOR = "minor"
    """Only more: nothing is lowered, dropped or made later."""
    MAJOR = "major"
    """Something is lowered, dropped or made later, or that could not be excluded."""

    @property
    def rank(self) -> int:
        """Its place in the order none < patch < minor < major."""
        return list(Weight).index(self)


class Shown(Frozen):
    """A call that the two versions treat differently."""

    says: str
    was: str
    becomes: str
    old: tuple[Answered, ...]
    """Its answers as the old version asks for them."""
    new: tuple[Answered, ...]
    """Its answers as the new version asks for them."""
    contact: ContactState | None = None
    """How far the contact has to have got, where that matters."""
    unasked: bool = False
    """Whether something has to be answered for it that is not asked."""


AxisKind = Literal[
    "grade", "not_known", "impossible", "attendance", "refusal", "refusal_for_all", "finding", "flag", "duty",
    "specified_need", "question", "check", "timer", "victim", "telling",
]  # fmt: skip


class Axis(Frozen):
    """One thing that a version may raise or lower."""

    kind: AxisKind
    """`grade`: by rules, and in complete calls. `not_known`: of calls in which precautions or the base count.
    `impossible`: a call that can be now counts against what is certain of calls that are not all known; one that
    cannot counts for it, and against itself.
    `victim`: whether one counts as vulnerable or the like. `telling`: what a victim is told."""
    of: str = ""
    """The response, element, flag, duty, need, question, check, timer, category or telling."""
    verdict: Verdict
    raises: Shown | None = None
    lowers: Shown | None = None

    @property
    def may_lower(self) -> bool:
        """Whether something is lowered, or that is not excluded. What is impossible in more calls can lower these."""
        equal = (Verdict.EQUAL,) if self.kind == "impossible" else (Verdict.EQUAL, Verdict.ONLY_RAISES)
        return self.verdict not in equal


class Change(Frozen):
    """One part of the document that was added, removed or changed."""

    part: str
    id: str
    change: Literal["added", "removed", "changed"]
    members: tuple[str, ...] = ()
    """What of it was changed."""
    weight: Weight
    says: str


class Comparison(Frozen):
    """How a new version of a policy stands to the old one."""

    grade: Verdict
    """Of the recommended grade, whatever is known."""
    response: Verdict
    """Of attendance and of the responses that are refused."""
    axes: tuple[Axis, ...]
    """The grade first, then all that is not equal."""
    changes: tuple[Change, ...]
    step: Weight
    scale: Literal["local", "national"]
    """By which grades the two were compared: by the national ones where the local ones are not the same."""
    says: tuple[str, ...]
    """The outcome in sentences."""

    @property
    def never_lowers(self) -> bool:
        """Whether it is proved that nothing is lowered, dropped or made later: of grades in every call, of all else in
        every call that is complete."""
        return self.step is not Weight.MAJOR
