"""The result of an evaluation, `result/1`: codes only, so that it can be compared byte for byte when it is replayed."""

from __future__ import annotations

from typing import Literal

from chalicelib.assessment.dues import DueCheck, OwedToVictim, Running
from chalicelib.model import Frozen, Instant, Reference
from chalicelib.policy.document import National, Purpose, Source
from chalicelib.policy.levels import Level

RESULT_FORMAT: Literal["result/1"] = "result/1"


class Basis(Frozen):
    """What the recommended grade rests on."""

    kind: Literal["rule", "completions", "precaution", "base"]
    """`completions`: no single rule is known true, but every way in which the open answers can turn out reaches it."""
    ids: tuple[str, ...] = ()


class Found(Frozen):
    """An element's level: at least this, and final once settled."""

    element: str
    level: Level
    settled: bool


class RuleTruth(Frozen):
    """A rule that is known to hold, or not known not to."""

    rule: str
    truth: Literal["true", "unknown"]


class Open(Frozen):
    """A question that is open, why it is worth asking, and how high the grade could go by its answer."""

    fact: str
    purpose: Purpose
    because: Literal["required", "could_raise", "would_settle", "purpose"]
    could_reach: str | None = None
    """The highest local grade that the answer could still help to force."""
    asked_before: Literal[True] | None = None
    """Set when the last answer could not be read."""


class Change(Frozen):
    """A single answer that would change the recommended grade by itself."""

    fact: str
    answer: str
    grade: str


class Refusal(Frozen):
    """A response that is not permitted as things stand, and what would settle it."""

    response: str
    rule: str
    settled_by: str | None = None
    """None: the rule is known to hold. Else the fact whose answer decides it."""
    unless_authorised_by: str | None = None


class Reply(Frozen):
    """The second axis beside the grade: what kind of answer."""

    require: Literal["attendance"] | None = None
    required_by: tuple[str, ...] = ()
    permitted: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()


class Owed(Frozen):
    """A duty and the rules that give rise to it."""

    duty: str
    rules: tuple[str, ...]


class Side(Frozen):
    """One side of a dispute: who says what, and when they last said so."""

    source: Source
    at: Instant
    values: tuple[str, ...]


class Disputed(Frozen):
    """A fact on which claims contradict each other, and what stands."""

    fact: str
    about: Reference | None = None
    tag: str | None = None
    stands: tuple[str, ...]
    """The values that are still possible."""
    sides: tuple[Side, ...]


class Used(Frozen):
    """An answer that a reason rests on: what stands, and who said so last."""

    fact: str
    values: tuple[str, ...]
    """The values that are still possible: one, or several after a part-answer."""
    source: Source | None = None
    at: Instant | None = None


class Reason(Frozen):
    """A rule or precaution that applies, with the answers that it rests on."""

    id: str
    kind: Literal["rule", "precaution"]
    grade: str | None = None
    used: tuple[Used, ...] = ()


class Grades(Frozen):
    """The national names of the grades of a result."""

    recommended: National
    standing: National


class Result(Frozen):
    """Everything that an evaluation returns, as ids of the policy."""

    format: Literal["result/1"] = RESULT_FORMAT
    recommended: str
    national: Grades
    certain: str
    possible: str
    exact: bool
    """False when a search met its limit: then `certain` and `possible` may be bounds, and a grade that is not said to
    be settled may be."""
    basis: Basis
    provisional: bool
    grade_settled: bool
    may_stop: bool
    findings: tuple[Found, ...]
    rules: tuple[RuleTruth, ...]
    reasons: tuple[Reason, ...]
    response: Reply
    flags: tuple[str, ...]
    needs: tuple[str, ...]
    duties: tuple[Owed, ...]
    questions: tuple[Open, ...]
    """In the order in which to ask; the first is the one to put."""
    changes: tuple[Change, ...]
    conflicts: tuple[Disputed, ...]
    impossible: tuple[str, ...]
    """Combinations in the input that the policy says cannot be."""
    checks: tuple[DueCheck, ...] | None = None
    """Checks that have to be made; absent when the policy demands none."""
    timers: tuple[Running, ...] | None = None
    """Timers that run; absent when the policy has none."""
    victims: tuple[OwedToVictim, ...] | None = None
    """What each victim is owed; absent when the policy does not say."""
