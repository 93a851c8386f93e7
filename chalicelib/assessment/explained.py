"""An explanation as models: ids for programs, words for people. `explanation` fills them."""

from __future__ import annotations

from typing import Literal, TypeAlias

from chalicelib.assessment.decision import Basis
from chalicelib.model import Frozen, Instant
from chalicelib.policy.document import Absence, Source
from chalicelib.policy.levels import Level

State: TypeAlias = Literal["open", "answered", "not_known", "looked_up"]
"""What became of a question."""


class Cited(Frozen):
    """A source that a rule leans on."""

    id: str
    title: str
    where: str | None = None


class Answer(Frozen):
    """Something that stands and that a reason rests on."""

    fact: str
    says: str
    source: Source | None = None
    at: Instant | None = None
    put: bool
    """False where the question was not called for, so that the policy's own value holds."""


class RuleExplained(Frozen):
    """A rule that holds."""

    rule: str
    grade: str | None = None
    says: str
    sentence: str
    """When the rule holds, in words."""
    effects: tuple[str, ...] = ()
    """What it does beside its grade."""
    answers: tuple[Answer, ...] = ()
    basis: tuple[Cited, ...] = ()


class ElementExplained(Frozen):
    """An element, its finding, and the rules that hold there. `other` takes the rules that belong to no element."""

    element: str
    title: str
    level: Level | None = None
    settled: bool | None = None
    rules: tuple[str, ...] = ()


class NotKnown(Frozen):
    """A fact that is missing, and why."""

    fact: str
    question: str
    why: tuple[Absence, ...]


class PrecautionExplained(Frozen):
    """A precaution that applies, or an exception to a rule that is not known to hold."""

    precaution: str
    grade: str
    says: str
    sentence: str
    whether: str
    """What is not known, as it follows "whether"."""
    not_known: tuple[NotKnown, ...] = ()
    settled_by: str
    """The fact whose answer settles it."""
    question: str
    answers: tuple[Answer, ...] = ()
    basis: tuple[Cited, ...] = ()


class NearRule(Frozen):
    """A rule that does not hold, but would with one other answer."""

    rule: str
    grade: str | None = None
    says: str
    by_itself: bool
    """Whether that answer is all that the rule needs; else all the rest that it needs stands already."""
    fact: str
    tags: tuple[str, ...] = ()
    """Of a set: any one of these is enough."""
    question: str
    stands: str
    """What stands now, in words."""
    needed: str
    """What it would have to be, in words."""
    needed_values: tuple[str, ...]
    state: State
    """`open`: it can be asked. `answered`: it was answered otherwise. `not_known`: it was asked in vain.
    `looked_up`: it is never asked, but counted or read off a clock."""


class ChangeExplained(Frozen):
    """A single open answer that would change the grade by itself."""

    fact: str
    answer: str
    says: str
    grade: str


class OpenExplained(Frozen):
    """A question that is open."""

    fact: str
    question: str
    because: str
    could_reach: str | None = None


class LowestExplained(Frozen):
    """No rule and no precaution gives the grade: it is the base, or the lowest, which is earned."""

    grade: str
    sentence: str
    lowest: Literal["earned", "not_earned", "not_known"]
    """Whether the lowest grade is earned, known not to be, or not known to be yet."""
    not_known: tuple[NotKnown, ...] = ()


class Explanation(Frozen):
    """Why a grade is recommended, and what would change it."""

    recommended: str
    title: str
    certain: str
    possible: str
    provisional: bool
    settled: bool
    basis: Basis
    attends: bool
    """Whether a rule demands that an officer attends."""
    elements: tuple[ElementExplained, ...]
    rules: tuple[RuleExplained, ...]
    precautions: tuple[PrecautionExplained, ...]
    base: LowestExplained | None = None
    near: tuple[NearRule, ...]
    """Rules one answer away that would raise the grade, the highest first."""
    near_other: tuple[NearRule, ...]
    """Rules of which all but one answer stands and that would do anything else."""
    changes: tuple[ChangeExplained, ...]
    open: tuple[OpenExplained, ...]
    """The open questions, the one to put first."""
    conflicts: tuple[str, ...] = ()
    """Facts on which answers contradict each other."""
    text: str
    """The same in a few short paragraphs."""
