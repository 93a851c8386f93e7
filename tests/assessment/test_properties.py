"""What has to hold for every policy and every call, on small random ones and against plain enumeration."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from random import Random

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chalicelib.assessment.call import Call
from chalicelib.assessment.evaluate import evaluate
from chalicelib.assessment.precautions import applies
from chalicelib.assessment.standing import Standing, standing_of
from chalicelib.policy.compiled import FALSE, TRUE, UNKNOWN, CompiledPolicy
from chalicelib.policy.compiler import compile_policy
from chalicelib.policy.document import Absence
from tests.strategies import DIGEST, brute_bounds, completions, small_case

SEEDS = st.integers(0, 2**32 - 1)
MANY = settings(max_examples=1000, deadline=None)
FEW = settings(max_examples=400, deadline=None)


@MANY
@given(SEEDS)
def test_certain_and_possible_are_what_every_completion_says(seed: int) -> None:
    policy, call = small_case(seed)
    result, exact = evaluate(policy, call), brute_bounds(policy, call)
    assert result.exact
    assert (policy.rank_of(result.certain), policy.rank_of(result.possible)) == (exact.certain, exact.possible)


@MANY
@given(SEEDS)
def test_a_rule_known_true_or_false_is_so_in_every_completion(seed: int) -> None:
    policy, call = small_case(seed)
    standing = standing_of(policy, call)
    truths = [floor.node.test(standing.masks) for floor in policy.floors]
    for values in completions(policy, standing.masks, standing.claimed):
        for floor, truth in zip(policy.floors, truths, strict=True):
            assert truth == UNKNOWN or floor.node.test(values) == truth


@MANY
@given(SEEDS)
def test_an_evaluation_is_total_and_deterministic_and_its_grades_are_in_order(seed: int) -> None:
    policy, call = small_case(seed)
    result = evaluate(policy, call)
    assert result == evaluate(policy, call)
    certain, recommended = policy.rank_of(result.certain), policy.rank_of(result.recommended)
    assert certain <= policy.rank_of(result.possible)
    assert certain <= recommended
    assert result.provisional == (policy.rank_of(result.possible) > recommended)
    if policy.earned.test(standing_of(policy, call).masks) != TRUE:
        assert recommended >= policy.base_rank


@FEW
@given(SEEDS)
def test_the_order_of_rules_and_answers_means_nothing(seed: int) -> None:
    policy, call = small_case(seed)
    chance = Random(seed)
    answers, rules, guards = list(call.answers), list(policy.policy.rules), list(policy.policy.precautions)
    for one in (answers, rules, guards):
        chance.shuffle(one)
    shuffled = compile_policy(
        policy.policy.model_copy(update={"rules": tuple(rules), "precautions": tuple(guards)}), DIGEST
    )
    first = evaluate(policy, call)
    second = evaluate(shuffled, call.model_copy(update={"answers": tuple(answers)}))
    same = ("recommended", "national", "certain", "possible", "provisional", "grade_settled", "may_stop", "findings")
    assert first.model_dump(include=set(same)) == second.model_dump(include=set(same))
    assert {one.id for one in first.reasons} == {one.id for one in second.reasons}
    assert first.questions == second.questions


def _without(call: Call, fact: str) -> Call:
    return call.model_copy(update={"answers": tuple(claim for claim in call.answers if claim.fact != fact)})


def _sensible(policy: CompiledPolicy, call: Call, fact: str) -> bool:
    """Whether the fact was there to be asked, and the answers do not hold what the policy calls impossible."""
    standing = standing_of(policy, call)
    return (
        standing_of(policy, _without(call, fact)).gates.get(fact, TRUE) == TRUE
        and all(node.test(standing.masks) != TRUE for _, node in policy.impossible)
        and brute_bounds(policy, call).found
    )


@MANY
@given(SEEDS)
def test_learning_a_fact_never_widens_and_hiding_it_never_lowers_what_is_possible(seed: int) -> None:
    policy, call = small_case(seed)
    assume(call.answers)
    fact = call.answers[0].fact
    assume(_sensible(policy, call, fact))
    known, hidden = evaluate(policy, call), evaluate(policy, _without(call, fact))
    assert policy.rank_of(known.possible) <= policy.rank_of(hidden.possible)
    assert policy.rank_of(known.certain) >= policy.rank_of(hidden.certain)


def _askable(standing: Standing, policy: CompiledPolicy) -> list[int]:
    return [
        variable.index
        for name, term in policy.terms.items()
        if name not in standing.closed or Absence.PENDING in standing.reasons[name]
        for variable in term.variables
    ]


def _answers_to_come(policy: CompiledPolicy, standing: Standing) -> Iterator[tuple[list[int], set[str]]]:
    """Every state of knowledge, with the facts that were answered, that answers to due questions can lead to."""
    free = _askable(standing, policy)
    feared = [node for _, node in policy.impossible if node.test(standing.masks) != TRUE]
    choices = [
        [mask, *(1 << cell for cell in range(mask.bit_length()) if mask >> cell & 1)] if index in free else [mask]
        for index, mask in enumerate(standing.masks)
    ]
    for picked in product(*choices):
        masks = list(picked)
        told = {one.fact for one in policy.variables if masks[one.index] != standing.masks[one.index]}
        claimed = standing.claimed | told
        for gate in policy.gates:
            if gate.fact not in claimed and gate.node.test(masks) == FALSE:
                for index, mask in gate.otherwise:
                    masks[index] = mask
        due = all(gate.node.test(masks) == TRUE for gate in policy.gates if gate.fact in told)
        possible = due and all(node.test(masks) != TRUE for node in feared)
        if possible and any(True for _ in completions(policy, masks, claimed)):
            yield masks, claimed


def _recommended(policy: CompiledPolicy, call: Call, standing: Standing, told: tuple[list[int], set[str]]) -> int:
    masks, _ = told
    held = [floor.rank for floor in policy.floors if floor.node.test(masks) == TRUE]
    certain = max(brute_bounds(policy, call).certain, *held, 0)
    feared = [guard.rank for guard in policy.guards if applies(policy, guard, call.contact.state, standing, masks)]
    base = 0 if policy.earned.test(masks) == TRUE else policy.base_rank
    return max(certain, base, *feared, 0)


@FEW
@given(SEEDS)
def test_a_settled_grade_is_one_that_no_further_answer_changes(seed: int) -> None:
    policy, call = small_case(seed, most_facts=3)
    result, standing = evaluate(policy, call), standing_of(policy, call)
    assume(brute_bounds(policy, call).found)
    if result.grade_settled:
        recommended = policy.rank_of(result.recommended)
        for told in _answers_to_come(policy, standing):
            assert _recommended(policy, call, standing, told) == recommended
