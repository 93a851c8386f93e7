"""What an analysis says: findings with an example call each. Values, not errors; it finds nothing itself."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from chalicelib.assessment.contact import ContactState
from chalicelib.model import Frozen
from chalicelib.policy.conditions import Value
from chalicelib.policy.document import Absence


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    """It is not what anybody can have meant: the policy should not be submitted with it."""
    WARNING = "warning"
    """Most likely a mistake: somebody has to look at it."""
    HINT = "hint"
    """Worth knowing."""


Code = Literal[
    "gap", "never_true", "always_true", "no_effect", "duplicate", "masked_by", "mergeable", "not_monotone",
    "unused_fact", "never_asked", "question_never_matters", "guarantee_refuted", "guarantee_unasked",
    "guarantee_proved", "not_decided",
]  # fmt: skip


class Answered(Frozen):
    """One answer of an example call, in the form in which a request gives it."""

    fact: str
    value: Value | None = None
    at_least: Value | None = None
    at_most: Value | None = None
    present: tuple[str, ...] | None = None
    ruled_out: tuple[str, ...] | None = None
    absent: Absence | None = None


class Finding(Frozen):
    """One thing that is so of the whole policy."""

    code: Code
    severity: Severity
    pointer: str
    """JSON Pointer to the part of the document that it is about."""
    says: str
    """One or two sentences for the policy owner."""
    example: tuple[Answered, ...] = ()
    """A call that shows it. Questions that it does not ask are left out."""
    against: tuple[Answered, ...] = ()
    """The second call, where it takes two to show it."""
    contact: ContactState | None = None
    """How far the contact has got in it, where that matters."""
    by: tuple[str, ...] = ()
    """The ids of the rules that it is because of."""
