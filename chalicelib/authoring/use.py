"""How a policy is used, counted from records: which rules hold, what is answered, what humans decide instead.

It grades nothing. A tally of parts is the tally of the whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from chalicelib.assessment.call import Claim
from chalicelib.model import Frozen
from chalicelib.policy.document import Absence, Policy

_ASKED_IN_VAIN = (Absence.UNKNOWN, Absence.DECLINED, Absence.UNABLE)

Use = Counter[tuple[str, ...]]
"""How often each thing was so, by a path such as (questions, weapon, answered)."""


class Decided(NamedTuple):
    """What a human decided, and the rules and precautions that the recommended grade rested on."""

    outcome: str
    basis: tuple[str, ...]


class QuestionUse(Frozen):
    """In how many decisions a question had an answer, was asked in vain, or had none."""

    answered: int = 0
    not_known: int = 0
    not_answered: int = 0


class OutcomeUse(Frozen):
    """What humans decided on grades that rested on a rule."""

    accepted: int = 0
    set: int = 0
    raised: int = 0
    lowered: int = 0


class UseShown(Frozen):
    """How a policy is used."""

    rules: Mapping[str, int]
    """In how many decisions a rule held or a precaution applied."""
    never: tuple[str, ...]
    """The rules and precautions of the draft that never did."""
    questions: Mapping[str, QuestionUse]
    """The draft's questions; one that was not due counts as not answered."""
    outcomes: Mapping[str, OutcomeUse]


def count_decision(use: Use, policy: Policy, reasons: Iterable[str], answers: Iterable[Claim]) -> None:
    """Count one decision."""
    for reason in reasons:
        use["rules", reason] += 1
    said: dict[str, str] = {}
    for claim in answers:
        if claim.absent is None:
            said[claim.fact] = "answered"
        elif claim.absent in _ASKED_IN_VAIN:
            said.setdefault(claim.fact, "not_known")
    for fact in policy.facts:
        if fact.asked:
            use["questions", fact.id, said.get(fact.id, "not_answered")] += 1


def count_outcome(use: Use, decided: Decided) -> None:
    """Count one outcome, for each rule that its decision's grade rested on."""
    for name in decided.basis:
        use["outcomes", name, decided.outcome] += 1


def use_shown(use: Use, policy: Policy) -> UseShown:
    """The counts as a document."""
    held = {name[1]: count for name, count in sorted(use.items()) if name[0] == "rules"}
    ids = [*(rule.id for rule in policy.rules), *(precaution.id for precaution in policy.precautions)]
    return UseShown(
        rules=held,
        never=tuple(name for name in ids if name not in held),
        questions={name: QuestionUse(**counts) for name, counts in _by(use, "questions").items()},
        outcomes={name: OutcomeUse(**counts) for name, counts in _by(use, "outcomes").items()},
    )


def _by(use: Use, part: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for name, count in sorted(use.items()):
        if name[0] == part:
            found.setdefault(name[1], {})[name[2]] = count
    return found
