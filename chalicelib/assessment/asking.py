"""What choosing questions and trying answers start from: an evaluation so far, and what can still be answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.assessment.contact import ContactState
from chalicelib.assessment.standing import Standing
from chalicelib.policy.compiled import CompiledPolicy, Guard
from chalicelib.policy.document import Absence
from chalicelib.policy.nodes import FALSE


@dataclass(frozen=True, slots=True)
class Asking:
    """What choosing questions needs to know of an evaluation."""

    policy: CompiledPolicy
    standing: Standing
    state: ContactState
    recommended: int
    certain: int
    possible: int
    floors: Sequence[int]
    """The truth of each rule."""
    applying: Mapping[int, Guard]
    """The precautions that apply, by their place in the policy."""
    at_end: tuple[Guard, ...]
    """Those that would raise the grade if the contact ended now, and that a question can still settle."""
    askable: frozenset[int]
    """The variables whose values an answer could still bring, whether or not their question is next."""


def askable(policy: CompiledPolicy, standing: Standing) -> frozenset[int]:
    """The variables of facts that were not answered with "not known"; a check that is running may still tell.

    Of facts that are never asked, only those that are being looked up; none whose question will not be put.
    """
    return frozenset(
        variable.index
        for name, term in policy.terms.items()
        if (Absence.PENDING in standing.reasons[name] or (term.fact.asked and name not in standing.closed))
        and standing.gates.get(name) != FALSE
        for variable in term.variables
    )
