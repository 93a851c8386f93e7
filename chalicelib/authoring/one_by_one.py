"""The range of a recorded call's grade by trying every answer to what was never asked: where the search gives up.

Only where the answers are few; else what the search has found stands, as the wider range that it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import product
from math import prod

from chalicelib.assessment.call import Call, Claim
from chalicelib.assessment.standing import standing_of
from chalicelib.authoring.grade_range import Regraded
from chalicelib.authoring.regrade import regrade
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Absence, FactType, Source
from chalicelib.policy.vocabulary import Term

FEW = 64
"""Up to how many ways of answering are tried."""


def tried(policy: CompiledPolicy, call: Call, at: datetime, never: frozenset[int], found: Regraded) -> Regraded:
    """The exact range, if the ways of answering what was never asked are few; else what was found."""
    names = dict.fromkeys(policy.variables[index].fact for index in sorted(never))
    terms = [policy.terms[name] for name in names]
    plain = all(term.fact.asked_when is None and term.fact.per is None for term in terms)
    if not plain or prod(map(_how_many, terms)) > FEW:
        return found
    ranks = [_rank(policy, call, at, claims) for claims in product(*(_ways(term, at) for term in terms))]
    return replace(found, lowest=min(ranks), highest=max(ranks), exact=True)


def _rank(policy: CompiledPolicy, call: Call, at: datetime, claims: Sequence[Claim | None]) -> int:
    answers = (*call.answers, *(claim for claim in claims if claim is not None))
    standing = standing_of(policy, call.model_copy(update={"answers": answers}), at)
    return regrade(policy, call.contact.state, standing, frozenset()).rank


def _ways(term: Term, at: datetime) -> list[Claim | None]:
    """Not asked, asked in vain, and every answer."""
    unknown = Claim(fact=term.fact.id, source=Source.CALLER, at=at, absent=Absence.UNKNOWN)
    return [None, unknown, *_answers(term, at)]


def _answers(term: Term, at: datetime) -> Iterator[Claim]:
    fact = term.fact
    if fact.type is FactType.SET:
        for there in product((True, False), repeat=len(term.ids)):
            present = tuple(tag for tag, so in zip(term.ids, there, strict=True) if so)
            ruled_out = tuple(tag for tag in term.ids if tag not in present)
            yield Claim(fact=fact.id, source=Source.CALLER, at=at, present=present, ruled_out=ruled_out)
        return
    values: Sequence[bool | int | str] = term.ids
    if fact.type is FactType.YES_NO:
        values = (True, False)
    elif fact.type is FactType.WHOLE:
        values = term.cuts
    for value in values:
        yield Claim(fact=fact.id, source=Source.CALLER, at=at, value=value)


def _how_many(term: Term) -> int:
    """How many answers there are; of a set one for each part of it."""
    cells = 1
    for variable in term.variables:
        cells *= len(variable.cells)
    return cells + 2
