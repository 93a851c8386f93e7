"""What the shipped policies promise, held against seeded calls: guarantees, denials, tone, place. No case is run."""

from __future__ import annotations

from collections import Counter

import pytest

from chalicelib.assessment.call import Call, Incident
from chalicelib.assessment.decision import Result
from chalicelib.assessment.evaluate import evaluate
from chalicelib.assessment.standing import standing_of
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Absence, FactType, National, Source
from chalicelib.policy.nodes import TRUE
from chalicelib.policy.obligations import Guarantee
from tests.policies.shipped import HERTFORDSHIRE, SHIPPED, some_call, with_more
from tests.strategies import BEGINS, claim

CALLS = 150
POLICY = SHIPPED[HERTFORDSHIRE]


def _broken(policy: CompiledPolicy, promise: Guarantee, result: Result) -> list[str]:
    """What of a promise a result does not keep."""
    refused = {one.response for one in result.response.refused}
    wrong = [name for name in promise.never if name not in refused]
    wrong += set(promise.flags) - set(result.flags)
    wrong += set(promise.duties) - {one.duty for one in result.duties}
    if promise.attendance and result.response.require != "attendance":
        wrong.append("attendance")
    if promise.at_least and policy.rank_of(result.certain) < policy.rank_of(promise.at_least):
        wrong.append(promise.at_least)
    return wrong


@pytest.mark.parametrize("policy", SHIPPED.values(), ids=SHIPPED)
def test_every_guarantee_holds_in_seeded_calls(policy: CompiledPolicy) -> None:
    held: Counter[str] = Counter()
    for seed in range(CALLS):
        call = some_call(policy, seed)
        result, masks = evaluate(policy, call, BEGINS), standing_of(policy, call, BEGINS).masks
        for promise, node in policy.guarantees:
            if node.test(masks) == TRUE:
                held[promise.id] += 1
                assert _broken(policy, promise, result) == [], (promise.id, seed)
    assert len(held) > 0.8 * len(policy.guarantees), "few of them were ever tried"


def _graded(call: Call) -> tuple[int, int]:
    result = evaluate(POLICY, call, BEGINS)
    return POLICY.rank_of(result.recommended), POLICY.rank_of(result.certain)


DANGER = [
    fact
    for fact in POLICY.policy.facts
    if fact.answered_by and Source.THIRD_PARTY not in fact.answered_by and fact.type in (FactType.SET, FactType.YES_NO)
]


def test_somebody_elses_denial_never_lowers() -> None:
    denials = [
        claim(
            fact.id,
            900,
            source=Source.THIRD_PARTY,
            value="none_of_these" if fact.type is FactType.SET else fact.worse == "no",
        )
        for fact in DANGER
    ]
    for seed in range(CALLS):
        call = some_call(POLICY, seed)
        before, after = _graded(call), _graded(with_more(call, *denials))
        assert after[0] >= before[0], seed
        assert after[1] >= before[1], seed


@pytest.mark.parametrize("sign", ["hostile", "refuses_help", "hoax_suspected"])
def test_how_somebody_speaks_never_lowers(sign: str) -> None:
    for seed in range(CALLS):
        call = some_call(POLICY, seed)
        other = with_more(call, claim("call_signs", 900, present=(sign,), source=Source.HANDLER))
        assert _graded(other)[0] >= _graded(call)[0], seed


def test_neither_the_kind_of_place_nor_the_kind_of_incident_changes_anything() -> None:
    for seed in range(0, CALLS, 5):
        call = some_call(POLICY, seed)
        plain = evaluate(POLICY, call, BEGINS)
        for place, code in (("urban", "ASB-1"), ("rural", "VIOLENCE")):
            told = call.model_copy(update={"incident": Incident(location_class=place, category_code=code)})
            assert evaluate(POLICY, told, BEGINS) == plain


SCREENING = ("dangers_now", "call_signs", "concerns", "happened", "vulnerability")


def test_nothing_is_resolved_while_a_screening_question_is_open() -> None:
    rest = [claim(name, step, value="none_of_these") for step, name in enumerate(SCREENING)]
    whole = with_more(some_call(POLICY, 0).model_copy(update={"answers": ()}), *rest)
    assert evaluate(POLICY, whole, BEGINS).national.recommended is National.RESOLVE
    for left_out in SCREENING:
        answers = tuple(one for one in rest if one.fact != left_out)
        for reason in (None, Absence.UNKNOWN, Absence.DECLINED, Absence.UNABLE):
            extra = (claim(left_out, 60, absent=reason),) if reason else ()
            call = whole.model_copy(update={"answers": (*answers, *extra)})
            assert evaluate(POLICY, call, BEGINS).national.recommended is not National.RESOLVE, (left_out, reason)
