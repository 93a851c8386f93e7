"""What has to hold for every policy and every call, on small random ones and against plain enumeration."""

from __future__ import annotations

from random import Random

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from chalicelib.assessment.call import Call
from chalicelib.assessment.contact import ContactState
from chalicelib.assessment.evaluate import evaluate
from chalicelib.assessment.standing import Standing, standing_of
from chalicelib.policy.compiled import CompiledPolicy, Guard
from chalicelib.policy.compiler import compile_policy
from chalicelib.policy.document import Absence, Source
from chalicelib.policy.nodes import FALSE, TRUE, UNKNOWN
from tests.assessment.brute_force import brute_bounds
from tests.assessment.continuations import continuations
from tests.strategies import BEGINS, DIGEST, claim, small_case

SEEDS = st.integers(0, 2**32 - 1)
THOUSANDS = settings(max_examples=2000, deadline=None)
MANY = settings(max_examples=600, deadline=None)
SOME = settings(max_examples=400, deadline=None)


@THOUSANDS
@given(SEEDS)
def test_certain_and_possible_are_what_every_completion_says(seed: int) -> None:
    policy, call = small_case(seed)
    result, exact = evaluate(policy, call, BEGINS), brute_bounds(policy, call)
    assert (policy.rank_of(result.certain), policy.rank_of(result.possible)) == (exact.certain, exact.possible)


@MANY
@given(SEEDS)
def test_a_rule_known_true_or_false_is_so_in_every_completion(seed: int) -> None:
    policy, call = small_case(seed)
    exact = brute_bounds(policy, call)
    assume(exact.found)
    masks = standing_of(policy, call, BEGINS).masks
    for floor in policy.floors:
        truth = floor.node.test(masks)
        assert truth != TRUE or floor.rule.id in exact.held
        assert truth != FALSE or floor.rule.id in exact.missed


@MANY
@given(SEEDS)
def test_an_evaluation_is_total_and_deterministic_and_its_grades_are_in_order(seed: int) -> None:
    policy, call = small_case(seed)
    result = evaluate(policy, call, BEGINS)
    assert result == evaluate(policy, call, BEGINS)
    certain, recommended = policy.rank_of(result.certain), policy.rank_of(result.recommended)
    assert certain <= policy.rank_of(result.possible)
    assert certain <= recommended
    assert result.provisional == (policy.rank_of(result.possible) > recommended)
    if policy.earned.test(standing_of(policy, call, BEGINS).masks) != TRUE:
        assert recommended >= policy.base_rank


@SOME
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
    first = evaluate(policy, call, BEGINS)
    second = evaluate(shuffled, call.model_copy(update={"answers": tuple(answers)}), BEGINS)
    same = ("recommended", "national", "certain", "possible", "provisional", "grade_settled", "may_stop", "findings")
    assert first.model_dump(include=set(same)) == second.model_dump(include=set(same))
    assert {one.id for one in first.reasons} == {one.id for one in second.reasons}
    assert first.questions == second.questions


@SOME
@given(SEEDS)
def test_precautions_and_the_base_stay_out_of_what_is_certain_and_possible(seed: int) -> None:
    policy, call = small_case(seed)
    bare = compile_policy(policy.policy.model_copy(update={"precautions": (), "base_grade": "least"}), DIGEST)
    guarded, unguarded = evaluate(policy, call, BEGINS), evaluate(bare, call, BEGINS)
    assert (guarded.certain, guarded.possible) == (unguarded.certain, unguarded.possible)
    assert policy.rank_of(guarded.recommended) >= policy.rank_of(unguarded.recommended)


def _without(call: Call, fact: str) -> Call:
    return call.model_copy(update={"answers": tuple(claim for claim in call.answers if claim.fact != fact)})


def _contradicts_nothing(policy: CompiledPolicy, call: Call, hidden: Call) -> bool:
    """Whether the answers do not hold what the policy calls impossible, and none is about what is not asked."""
    known, standing = standing_of(policy, call, BEGINS), standing_of(policy, hidden, BEGINS)
    return (
        all(node.test(known.masks) != TRUE for _, node in policy.impossible)
        and all(gate.fact not in known.claimed or known.gates[gate.fact] != FALSE for gate in policy.gates)
        and all(gate.fact not in known.claimed or standing.gates[gate.fact] != FALSE for gate in policy.gates)
        and brute_bounds(policy, call).found
    )


@MANY
@given(SEEDS)
def test_learning_a_fact_never_widens_and_hiding_it_never_lowers_what_is_possible(seed: int) -> None:
    policy, call = small_case(seed)
    assume(call.answers)
    without = _without(call, call.answers[0].fact)
    assume(_contradicts_nothing(policy, call, without))
    known, hidden = evaluate(policy, call, BEGINS), evaluate(policy, without, BEGINS)
    assert policy.rank_of(known.possible) <= policy.rank_of(hidden.possible)
    assert policy.rank_of(known.certain) >= policy.rank_of(hidden.certain)


def _passed_over(policy: CompiledPolicy, call: Call, guard: Guard, reason: Absence) -> Call:
    """The call with the answers to all facts that a precaution is on replaced by why there is none."""
    facts = sorted({policy.variables[index].fact for index in guard.on.uses})
    answers = [claim for claim in call.answers if claim.fact not in facts]
    return call.model_copy(update={"answers": (*answers, *(claim(name, 50, absent=reason) for name in facts))})


@MANY
@given(SEEDS)
def test_to_hide_what_a_precaution_is_on_lowers_nothing_that_it_guards(seed: int) -> None:
    """Up to its own grade: a precaution lower than the rule about the same fact is the policy's own choice."""
    policy, call = small_case(seed)
    chance = Random(seed)
    assume(policy.guards)
    guard = chance.choice(policy.guards)
    assume(guard.reasons)
    hidden = _passed_over(policy, call, guard, chance.choice(sorted(guard.reasons)))
    masks = standing_of(policy, hidden, BEGINS).masks
    assume(guard.scope.test(masks) == TRUE and guard.on.test(masks) == UNKNOWN)
    before, after = evaluate(policy, call, BEGINS), evaluate(policy, hidden, BEGINS)
    assert policy.rank_of(after.recommended) >= min(policy.rank_of(before.recommended), guard.rank)
    assert guard.id in [reason.id for reason in after.reasons if reason.kind == "precaution"]


@example(4002)
@example(4903)
@example(66158)
@example(66678)
@example(74324)
@example(211488)
@SOME
@given(SEEDS)
def test_a_grade_is_settled_when_no_answer_to_come_changes_it_and_only_then(seed: int) -> None:
    policy, call = small_case(seed, most_facts=3)
    standing = standing_of(policy, call, BEGINS)
    assume(not any(fact.per for fact in policy.policy.facts))
    assume(not any(Absence.INVALID in reasons for reasons in standing.reasons.values()))
    result = evaluate(policy, call, BEGINS)
    assume(any(continuations(policy, call, put=True)))
    if result.grade_settled or result.exact:
        known = continuations(policy, call, put=result.grade_settled)
        to_come = {evaluate(policy, later, BEGINS).recommended for later in known}
        assert result.grade_settled == (to_come == {result.recommended})


@MANY
@given(SEEDS)
def test_a_call_may_stop_when_no_required_question_is_left_and_its_end_changes_nothing(seed: int) -> None:
    policy, call = small_case(seed)
    result, standing = evaluate(policy, call, BEGINS), standing_of(policy, call, BEGINS)
    open_still = any(fact.required and _can_be_put(policy, standing, fact.id) for fact in policy.policy.facts)
    would_rise = _would_rise_at_the_end(policy, call)
    asked = {question.fact for question in result.questions}
    assert not result.may_stop or (result.grade_settled and not open_still and asked.isdisjoint(would_rise))
    if result.grade_settled and not result.may_stop:
        assert would_rise or any(question.because == "required" for question in result.questions)


def _would_rise_at_the_end(policy: CompiledPolicy, call: Call) -> set[str]:
    """The facts that precautions look at by which the grade would be higher if the contact ended now."""
    contact = call.contact.model_copy(update={"state": ContactState.COMPLETED})
    now, ended = (evaluate(policy, one, BEGINS) for one in (call, call.model_copy(update={"contact": contact})))
    raising = set(ended.basis.ids) if policy.rank_of(ended.recommended) > policy.rank_of(now.recommended) else set()
    guards = (guard for guard in policy.guards if guard.id in raising)
    return {policy.variables[index].fact for guard in guards for index in guard.on.uses}


def _can_be_put(policy: CompiledPolicy, standing: Standing, name: str) -> bool:
    done = standing.known(policy.terms[name]) or name in standing.closed
    return not done and Absence.PENDING not in standing.reasons[name] and standing.gates.get(name, TRUE) == TRUE


@SOME
@given(SEEDS)
def test_a_question_is_never_put_again_to_somebody_who_did_not_know(seed: int) -> None:
    policy, call = small_case(seed)
    asked = evaluate(policy, call, BEGINS).questions
    assume(asked)
    fact = policy.terms[Random(seed).choice(asked).fact].fact
    source = (fact.answerers or (Source.CALLER,))[0]
    reason = Random(seed).choice([Absence.UNKNOWN, Absence.DECLINED, Absence.UNABLE])
    answered = call.model_copy(update={"answers": (*call.answers, claim(fact.id, 50, absent=reason, source=source))})
    assert fact.id not in [question.fact for question in evaluate(policy, answered, BEGINS).questions]
