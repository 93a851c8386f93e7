"""`grade_settled` and `may_stop` against every answer that can still be had, on small random policies."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from chalicelib.assessment.asking import askable
from chalicelib.assessment.call import Call
from chalicelib.assessment.contact import ContactState
from chalicelib.assessment.evaluate import evaluate
from chalicelib.assessment.precautions import applies
from chalicelib.assessment.standing import Standing, standing_of
from chalicelib.policy.compiled import CompiledPolicy, Gate
from chalicelib.policy.nodes import FALSE, TRUE, UNKNOWN
from tests.assessment.brute_force import bounds_of, brute_bounds, worlds
from tests.strategies import BEGINS, a_call, claim, compiled, document, fact, rule, small_case

SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=400, deadline=None)


def _put(gate: Gate, masks: list[int], free: frozenset[int]) -> bool:
    """Whether a question is put: its condition holds, or nobody can tell any more."""
    truth = gate.node.test(masks)
    found_out = any(masks[index] & (masks[index] - 1) for index in gate.node.uses & free)
    return truth == TRUE or (truth == UNKNOWN and not found_out)


def _closed(policy: CompiledPolicy, standing: Standing, masks: list[int]) -> bool:
    """Let facts that are not asked take their other value, unless something else was said of them before; False where
    that contradicts what was answered since."""
    for gate in policy.gates:
        if gate.node.test(masks) == FALSE:
            for index, mask in gate.otherwise:
                if not masks[index] & mask and standing.masks[index] & mask:
                    return False
                masks[index] = masks[index] & mask or masks[index]
    return True


def _states_to_come(policy: CompiledPolicy, standing: Standing) -> Iterator[list[int]]:
    """Every state of knowledge that answers to questions that are put can lead to."""
    free = askable(policy, standing)
    odd = [node for _, node in policy.impossible if node.test(standing.masks) != TRUE]
    choices = [
        [mask, *(1 << cell for cell in range(mask.bit_length()) if mask >> cell & 1)] if index in free else [mask]
        for index, mask in enumerate(standing.masks)
    ]
    for picked in product(*choices):
        masks = list(picked)
        answered = {one.fact for one in policy.variables if masks[one.index] != standing.masks[one.index]}
        can_be = _closed(policy, standing, masks) and all(node.test(masks) != TRUE for node in odd)
        put = all(_put(gate, masks, free) for gate in policy.gates if gate.fact in answered)
        if can_be and put and any(True for _ in worlds(policy, masks)):
            yield masks


def _recommended(policy: CompiledPolicy, call: Call, standing: Standing, masks: list[int]) -> int:
    feared = [guard.rank for guard in policy.guards if applies(policy, guard, call.contact.state, standing, masks)]
    base = 0 if policy.earned.test(masks) == TRUE else policy.base_rank
    return max(bounds_of(policy, masks).certain, base, *feared, 0)


@example(4002)
@example(4903)
@example(66158)
@example(66678)
@example(211488)
@FEW
@given(SEEDS)
def test_a_grade_is_settled_exactly_when_no_answer_that_can_be_had_changes_it(seed: int) -> None:
    policy, call = small_case(seed, most_facts=3)
    assume(brute_bounds(policy, call).found)
    result, standing = evaluate(policy, call, BEGINS), standing_of(policy, call, BEGINS)
    grade = policy.rank_of(result.recommended)
    same = all(_recommended(policy, call, standing, state) == grade for state in _states_to_come(policy, standing))
    assert result.grade_settled == same or (not result.exact and same)


def test_whenever_the_search_gives_up_it_says_so_and_it_rarely_does() -> None:
    inexact = 0
    for seed in range(800):
        policy, call = small_case(seed, most_facts=3)
        result = evaluate(policy, call, BEGINS)
        inexact += not result.exact
        assert result.exact or not result.grade_settled
    assert inexact <= 8


def _in_state(call: Call, state: ContactState) -> Call:
    return call.model_copy(update={"contact": call.contact.model_copy(update={"state": state})})


def test_a_call_that_may_stop_is_not_graded_higher_because_it_has_ended() -> None:
    stopped = 0
    for seed in range(1500):
        policy, call = small_case(seed, most_facts=3)
        result = evaluate(policy, _in_state(call, ContactState.IN_PROGRESS), BEGINS)
        if result.may_stop:
            stopped += 1
            ended = evaluate(policy, _in_state(call, ContactState.COMPLETED), BEGINS)
            higher = policy.rank_of(ended.recommended) > policy.rank_of(result.recommended)
            assert not higher or _nobody_can_say(policy, call, ended.basis.ids), seed
    assert stopped > 150


def _nobody_can_say(policy: CompiledPolicy, call: Call, precautions: tuple[str, ...]) -> bool:
    """Whether what precautions are about cannot be asked any more."""
    free = askable(policy, standing_of(policy, call, BEGINS))
    return all(free.isdisjoint(guard.on.uses) for guard in policy.guards if guard.id in precautions)


YES = {"is": "yes"}
AT_END = compiled(
    document(
        [fact("here", "yes_no", worse="yes"), fact("armed", "yes_no", worse="yes")],
        [rule("here", {"fact": "here", **YES}, grade="high")],
        conditions=[{"id": "weapon", "title": "Weapon", "when": {"fact": "armed", **YES}}],
        precautions=[
            {
                "id": "armed_unknown", "says": "Not known", "basis": ["source"], "on": "weapon", "question": "armed",
                "scope": {"fact": "here", **YES}, "reasons": ["unknown"], "not_asked": "at_end", "grade": "top",
            }
        ],
    )
)  # fmt: skip


def test_a_question_that_only_a_precaution_at_the_end_looks_at_has_to_be_put() -> None:
    here = claim("here", value=True)
    result = evaluate(AT_END, a_call(here), BEGINS)
    assert [(one.fact, one.could_reach) for one in result.questions] == [("armed", "top")]
    assert not result.may_stop
    assert evaluate(AT_END, a_call(here, claim("armed", value=False)), BEGINS).may_stop


def test_an_answer_is_no_proof_that_it_was_asked_for() -> None:
    """If it were, learning that it was not asked for would take away what was proved."""
    gated = compiled(
        document(
            [
                fact("abuse", "yes_no", worse="yes"),
                fact("order", "yes_no", worse="yes", asked_when={"fact": "abuse", **YES}, otherwise="no"),
            ],
            [
                rule("broken", {"fact": "order", **YES}, grade="low"),
                rule("abused", {"fact": "abuse", **YES}, grade="high"),
            ],
        )
    )
    said, denied = claim("order", value=True), claim("abuse", 1, value=False)
    before, after = (evaluate(gated, a_call(*claims), BEGINS) for claims in ([said], [said, denied]))
    assert [(one.certain, one.possible) for one in (before, after)] == [("low", "high"), ("low", "low")]
