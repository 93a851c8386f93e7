"""What a recorded call could not tell a draft: facts that the policy of the time did not have or did not ask.

A fact that it could ask and that nobody answered is no such fact: it is as unknown to the draft as it was then. Nothing
is graded here (docs/decisions/0021).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from chalicelib.assessment.call import Call, Claim
from chalicelib.assessment.standing import NONE_OF_THESE, Standing, fitted, standing_of
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import FactType
from chalicelib.policy.nodes import FALSE
from chalicelib.policy.vocabulary import Term


class NeverAsked:
    """The records of one earlier policy, as a draft sees them."""

    def __init__(self, draft: CompiledPolicy, earlier: CompiledPolicy | None) -> None:
        """Compare what the two can ask. Without the earlier policy, whatever has no answer may not have been asked."""
        self._draft, self._earlier = draft, earlier
        before = earlier.terms if earlier is not None else {}
        pairs = [(term, before.get(name)) for name, term in draft.terms.items() if term.fact.clock is None]
        both = [(term, old) for term, old in pairs if old is not None and old.fact.type is term.fact.type]
        known = {term.fact.id for term, _ in both}
        self._new = _indexes(term for term, _ in pairs if term.fact.id not in known) | {
            variable.index for term, old in both for variable in term.variables if variable.tag not in _tags(old)
        }
        self._offered = {
            term.fact.id: tuple(old.ids) for term, old in both if term.fact.type is FactType.SET and term.ids != old.ids
        }
        self._reshaped = {term.fact.id: term for term, old in both if _values(term) != _values(old)}
        self._gated = self._differently_gated(draft, earlier) if earlier is not None else frozenset()

    @staticmethod
    def _differently_gated(draft: CompiledPolicy, earlier: CompiledPolicy) -> frozenset[int]:
        """The variables of facts that the earlier policy did not always ask, unless the draft asks them just as it."""
        same = draft.policy.conditions == earlier.policy.conditions
        found: set[int] = set()
        for gate in earlier.gates:
            term, old = draft.terms.get(gate.fact), earlier.terms[gate.fact]
            if term is not None and not (same and term.fact.asked_when == old.fact.asked_when):
                found |= _indexes([term])
        return frozenset(found)

    def as_put(self, call: Call) -> Call:
        """The call as it was put: "none of these" rules out the tags that were on offer, and no others."""
        if self._earlier is not None and not self._offered:
            return call
        answers = [self._of_what_was_offered(claim) for claim in call.answers]
        if all(new is old for new, old in zip(answers, call.answers, strict=True)):
            return call
        return call.model_copy(update={"answers": tuple(answers)})

    def _of_what_was_offered(self, claim: Claim) -> Claim:
        if claim.value != NONE_OF_THESE or (self._earlier is not None and claim.fact not in self._offered):
            return claim
        return claim.model_copy(update={"value": None, "ruled_out": self._offered.get(claim.fact, ())})

    def variables(self, call: Call, at: datetime, standing: Standing) -> frozenset[int]:
        """The draft's variables that are open because they could not be told; `standing` is the draft's own."""
        if self._earlier is None:
            candidates = self._unmentioned(call, standing)
        else:
            candidates = self._new | self._misfits(call) | self._not_put(call, at, standing)
        masks = standing.masks
        return frozenset(index for index in candidates if masks[index] & (masks[index] - 1))

    def _misfits(self, call: Call) -> frozenset[int]:
        """The variables of facts that were answered in a form that the draft does not take."""
        if not self._reshaped:
            return frozenset()
        terms = ((self._reshaped[claim.fact], claim) for claim in call.answers if claim.fact in self._reshaped)
        return _indexes(term for term, claim in terms if fitted(term, claim) != [claim])

    def _not_put(self, call: Call, at: datetime, standing: Standing) -> frozenset[int]:
        """The variables of facts that the earlier policy had, but did not ask in this call."""
        variables, masks = self._draft.variables, standing.masks
        waiting = {
            index
            for index in self._gated
            if masks[index] & (masks[index] - 1) and variables[index].fact not in standing.claimed
        }
        if not waiting or self._earlier is None:
            return frozenset()
        gates = standing_of(self._earlier, call, at).gates
        return frozenset(index for index in waiting if gates[variables[index].fact] == FALSE)

    def _unmentioned(self, call: Call, standing: Standing) -> frozenset[int]:
        told = {
            (claim.fact, tag) for claim in call.answers for tag in (*(claim.present or ()), *(claim.ruled_out or ()))
        }
        answered = {claim.fact for claim in call.answers if claim.present is None and claim.ruled_out is None}
        return frozenset(
            variable.index
            for term in self._draft.terms.values()
            if term.fact.clock is None
            for variable in term.variables
            if (variable.fact, variable.tag) not in told and (variable.tag is not None or variable.fact not in answered)
        )


def _indexes(terms: Iterable[Term]) -> frozenset[int]:
    return frozenset(variable.index for term in terms for variable in term.variables)


def _tags(term: Term) -> set[str | None]:
    return {variable.tag for variable in term.variables}


def _values(term: Term) -> tuple[object, ...]:
    """All values that an answer about a fact can have."""
    return (term.fact.type, term.ids, term.fact.range)
