"""Routine calls as stories, and their playing question by question until the call may stop. It tests nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from chalicelib.assessment.call import Claim
from chalicelib.assessment.decision import Result
from chalicelib.assessment.evaluate import evaluate
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Fact, FactType
from tests.policies.shipped import trusted
from tests.strategies import BEGINS, a_call, claim

Story = Mapping[str, object]
"""What is so, by fact; of everything else what nobody would mention, because nothing is there."""

CRIME, BURGLED, NUISANCE = {"happened": ["crime"]}, {"happened": ["burglary"]}, {"happened": ["anti_social"]}
OLDER = {"vulnerability": ["older"], "affects_safety": False}

ROUTINE: Mapping[str, Story] = {
    "found property": {},
    "a question about a licence": {},
    "wrong agency": {"who_for": "another_agency"},
    "a lost dog": {"who_for": "another_agency"},
    "a civil dispute": {"who_for": "another_agency"},
    "a car parked across a drive": {"who_for": "another_agency"},
    "lost property of a disabled caller": {"vulnerability": ["disability"], "affects_safety": False},
    "lost property of a rude caller": {"call_signs": ["hostile"]},
    "noise next door": {**NUISANCE, "asb_targeted": False},
    "noise next door to somebody who is eighty": {**NUISANCE, "asb_targeted": False, **OLDER},
    "a neighbour's first quarrel over a hedge": {**NUISANCE, "asb_targeted": True},
    "an old theft": CRIME,
    "a stolen parcel": CRIME,
    "a statement to collect": {**CRIME, "crime_signs": ["officer_needed"]},
    "recordings that are wiped in a week": {**CRIME, "crime_signs": ["evidence"], "evidence_lasts": "week"},
    "a shed": {**BURGLED, "premises": "unconnected"},
    "the shed of a calm owner of 78": {**BURGLED, "premises": "unconnected", **OLDER},
    "a shop broken into at night": {**BURGLED, "premises": "business"},
    "a minor collision, details exchanged": {"happened": ["collision"]},
    "a collision whose other driver left": {"happened": ["collision"], "road_signs": ["driver_left"]},
    "an attempted fraud without loss": {"happened": ["fraud"]},
}

_BEST: Story = {
    "callback": "safe",
    "suspect_whereabouts": "gone",
    "safe_place": True,
    "missing_explained": True,
}


class Played(NamedTuple):
    """The questions that were put until the call may stop, and what came of them."""

    asked: tuple[str, ...]
    result: Result


def play(policy: CompiledPolicy, story: Story) -> Played:
    """Answer only what is asked, one question after another."""
    facts = {fact.id: fact for fact in policy.policy.facts}
    said: list[Claim] = []
    while True:
        result = evaluate(policy, a_call(*said), BEGINS)
        if result.may_stop or not result.questions:
            return Played(tuple(one.fact for one in said), result)
        fact = facts[result.questions[0].fact]
        assert fact.id not in {one.fact for one in said}, f"{fact.id} is put twice"
        said.append(claim(fact.id, len(said), source=trusted(fact), **_answer(fact, story)))


def _answer(fact: Fact, story: Story) -> dict[str, object]:
    told = story.get(fact.id, _BEST.get(fact.id))
    options = [option.id for option in fact.options or ()]
    if fact.type is FactType.SET:
        there = told if isinstance(told, list) else []
        return {"present": tuple(there), "ruled_out": tuple(one for one in options if one not in there)}
    if told is None:
        told = options[0] if options else 0 if fact.type is FactType.WHOLE else False
    return {"value": told}
