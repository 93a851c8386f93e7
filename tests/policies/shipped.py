"""The shipped policies as they are compiled from their files, and seeded calls to them. It tests nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random

from chalicelib.assessment.call import Call, Claim
from chalicelib.assessment.contact import ContactState
from chalicelib.authoring.cases import Cases, read_cases
from chalicelib.cli.policy_files import compiled_file
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Absence, Fact, FactType, Source
from tests.strategies import a_call, claim

POLICIES = Path(__file__).parents[2] / "policies"
NATIONAL, HERTFORDSHIRE = "national-baseline", "hertfordshire-thriives"
SHIPPED: Mapping[str, CompiledPolicy] = {
    name: compiled_file(POLICIES / name / "policy.yaml").compiled for name in (NATIONAL, HERTFORDSHIRE)
}

_STATES = tuple(ContactState)
_REASONS = (Absence.UNKNOWN, Absence.UNABLE, Absence.DECLINED, Absence.PENDING)


def cases_of(name: str) -> Cases:
    """The cases beside a policy."""
    return read_cases((POLICIES / name / "cases.yaml").read_bytes())


def trusted(fact: Fact) -> Source:
    """Somebody whom the policy lets say that things are better."""
    return fact.answerers[0] if fact.answerers else Source.CALLER


def some_answer(chance: Random, fact: Fact) -> dict[str, object]:
    """Any answer that a fact takes, or a reason why there is none."""
    options = [option.id for option in fact.options or ()]
    if chance.random() < 0.15:
        return {"absent": chance.choice(_REASONS)}
    match fact.type:
        case FactType.YES_NO:
            return {"value": chance.random() < 0.5}
        case FactType.WHOLE:
            return {"value": chance.choice([0, 1, 2, 40])}
        case FactType.SET:
            if chance.random() < 0.5:
                return {"value": "none_of_these"}
            there = chance.sample(options, chance.randint(1, 2))
            return {"present": tuple(there), "ruled_out": tuple(one for one in options if one not in there)}
        case FactType.ORDERED if chance.random() < 0.2:
            return {chance.choice(["at_least", "at_most"]): chance.choice(options)}
        case _:
            return {"value": chance.choice(options)}


def some_call(policy: CompiledPolicy, seed: int) -> Call:
    """A call in which anything was said of any facts, by those who may and by those who may not."""
    chance = Random(seed)
    every = policy.policy.facts
    facts = chance.sample(every, chance.randint(0, len(every)))
    sources = [Source.CALLER, Source.VICTIM, Source.THIRD_PARTY, Source.HANDLER, Source.SYSTEM_CHECK]
    answers = [
        claim(one.id, step, **some_answer(chance, one), source=chance.choice([trusted(one), *sources]))
        for step, one in enumerate(facts)
    ]
    return a_call(*answers, state=chance.choice(_STATES))


def with_more(call: Call, *claims: Claim) -> Call:
    """A call in which more was said."""
    return call.model_copy(update={"answers": (*call.answers, *claims)})
