"""Calls in words for the policy owner: their answers, and what a sentence names of them. It finds nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from chalicelib.analysis.findings import Answered
from chalicelib.analysis.formula import Cells
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.conditions import FactLeaf
from chalicelib.policy.document import Absence, FactType
from chalicelib.policy.english import condition_in_words
from chalicelib.policy.lexicon import Lexicon, quoted
from chalicelib.policy.vocabulary import Term

MOST_NAMED = 6
"""How many answers of a call a sentence names."""

NONE_OF_THESE = "none_of_these"


Spans: TypeAlias = "Mapping[int, tuple[int, int]]"
"""For variables that are whole numbers, between which two they lie, if not simply in their cells."""


def example(
    policy: CompiledPolicy, left: Mapping[int, Cells], unasked: Iterable[str] = (), spans: Spans | None = None
) -> tuple[Answered, ...]:
    """The answers of a call, from the cells that are left of each variable; facts that are not asked left out."""
    silent = set(unasked)
    found = (answered(term, left, spans or {}) for name, term in policy.terms.items() if name not in silent)
    return tuple(answer for answer in found if answer is not None)


def answered(term: Term, left: Mapping[int, Cells] | Sequence[Cells], spans: Spans) -> Answered | None:
    """The answer that leaves a fact so much; None where it leaves everything."""
    if term.fact.type is FactType.SET:
        return _of_set(term, left)
    variable = term.variables[0]
    cells, name = left[variable.index], term.fact.id
    low, high = (cells & -cells).bit_length() - 1, cells.bit_length() - 1
    if span := term.fact.range:
        if low == high and variable.index not in spans:
            return Answered(fact=name, value=term.cuts[low])
        least, most = spans.get(variable.index, (span.least, span.most))
        if least == most:
            return Answered(fact=name, value=least)
        bounds = (least if least > span.least else None, most if most < span.most else None)
        return Answered(fact=name, at_least=bounds[0], at_most=bounds[1]) if bounds != (None, None) else None
    if low == high:
        return Answered(fact=name, value=bool(low) if term.fact.type is FactType.YES_NO else term.ids[low])
    if cells == variable.full or term.fact.type is not FactType.ORDERED or not _in_a_row(cells):
        return None
    return Answered(
        fact=name,
        at_least=term.ids[low] if low else None,
        at_most=term.ids[high] if high < len(variable.cells) - 1 else None,
    )


def differing(policy: CompiledPolicy, left: Mapping[int, Cells]) -> tuple[Answered, ...]:
    """The answers of sources that differ, where one answer alone cannot leave so much."""
    found = [(term, term.variables[0]) for term in policy.terms.values() if term.ids and len(term.variables) == 1]
    return tuple(
        Answered(fact=term.fact.id, value=term.ids[cell])
        for term, variable in found
        if term.fact.type is not FactType.SET and left[variable.index] != variable.full
        if not _in_a_row(left[variable.index]) or term.fact.type is not FactType.ORDERED
        for cell in range(len(variable.cells))
        if left[variable.index] >> cell & 1 and left[variable.index] & (left[variable.index] - 1)
    )


def _in_a_row(cells: Cells) -> bool:
    """Whether nothing between the lowest and the highest cell is left out."""
    return not cells & (cells + (cells & -cells))


def _of_set(term: Term, left: Mapping[int, Cells] | Sequence[Cells]) -> Answered | None:
    present = tuple(str(one.tag) for one in term.variables if left[one.index] == 2)
    out = tuple(str(one.tag) for one in term.variables if left[one.index] == 1)
    if len(out) == len(term.variables):
        return Answered(fact=term.fact.id, value=NONE_OF_THESE)
    return Answered(fact=term.fact.id, present=present or None, ruled_out=out or None) if present or out else None


def missing(policy: CompiledPolicy, reasons: Mapping[str, Absence]) -> tuple[Answered, ...]:
    """The answers that say why something is not known; what was not asked says nothing."""
    return tuple(
        Answered(fact=name, absent=reason)
        for name, reason in reasons.items()
        if reason is not Absence.NOT_ASKED and name in policy.terms
    )


def in_words(lexicon: Lexicon, policy: CompiledPolicy, answers: Sequence[Answered], about: Iterable[str] = ()) -> str:
    """A call for the middle of a sentence, facts it is `about` first. Mild answers to the rest go without saying."""
    first = list(about)
    ordered = sorted(answers, key=lambda one: first.index(one.fact) if one.fact in first else len(first))
    told = [
        _said(lexicon, policy.terms[answer.fact], answer)
        for answer in ordered
        if answer.fact in first or not _is_mild(policy.terms[answer.fact], answer)
    ]
    rest = len(told) - MOST_NAMED
    named = "; ".join(told[:MOST_NAMED]) + (f"; and {rest} more" if rest > 0 else "")
    return named or "every answer is the mildest"


def _said(lexicon: Lexicon, term: Term, answer: Answered) -> str:
    if answer.absent is not None:
        return f"{quoted(term.fact.question)} {_MISSING[answer.absent]}"
    if term.fact.type is FactType.SET and answer.value is not None:
        return f"the answer to {quoted(term.fact.question)} is none of these"
    return condition_in_words(lexicon, _leaf(answer))


def _leaf(answer: Answered) -> FactLeaf:
    """An answer as the condition that says the same; of a set that is partly known what is there, if anything is."""
    name = answer.fact
    if answer.present:
        return FactLeaf(fact=name, includes_all=answer.present)
    if answer.ruled_out:
        return FactLeaf(fact=name, includes_none=answer.ruled_out)
    if answer.value is not None:
        return FactLeaf.model_validate({"fact": name, "is": answer.value})
    if answer.at_least is not None and answer.at_most is not None:
        return FactLeaf(fact=name, between=(answer.at_least, answer.at_most))
    return FactLeaf(fact=name, at_least=answer.at_least, at_most=answer.at_most)


_MISSING = {
    Absence.NOT_ASKED: "was not asked",
    Absence.UNKNOWN: "is not known",
    Absence.DECLINED: "was not answered",
    Absence.UNABLE: "could not be answered",
    Absence.PENDING: "is still being checked",
    Absence.INVALID: "was answered in a way that could not be read",
}


def _is_mild(term: Term, answer: Answered) -> bool:
    """Whether an answer says that nothing is the matter, so that a sentence can do without it."""
    if answer.value is None or answer.absent is not None:
        return False
    if term.fact.type is FactType.SET:
        return True
    return 1 << term.cell(answer.value) == mildest(term)[term.variables[0].index]


def mildest(term: Term) -> dict[int, Cells]:
    """For each variable of a fact what it is when it is not asked, else the cell with the least danger or the first."""
    fact = term.fact
    if fact.otherwise is not None and fact.type is not FactType.SET:
        return {term.variables[0].index: 1 << term.cell(fact.otherwise)}
    return {variable.index: 1 << (len(variable.cells) - 1 if variable.worse < 0 else 0) for variable in term.variables}
