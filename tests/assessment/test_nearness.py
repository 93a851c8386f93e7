"""Rules that are one answer away: what is told holds when it is tried, and nothing that would hold is left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.assessment.call import Call, Claim
from chalicelib.assessment.nearness import Nearly, nearly
from chalicelib.assessment.standing import Standing, standing_of
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import FactType, Source
from chalicelib.policy.nodes import FALSE, TRUE
from chalicelib.policy.vocabulary import Term, Variable
from tests.strategies import BEGINS, Doc, a_call, claim, compiled, document, fact, rule, small_case

SEEDS = st.integers(0, 2**32 - 1)


def found(policy: CompiledPolicy, call: Call) -> tuple[Nearly, ...]:
    """The rules that are one answer away."""
    standing = standing_of(policy, call, BEGINS)
    tests = enumerate(floor.node.test for floor in policy.floors)
    return nearly(policy, standing, {place for place, test in tests if test(standing.masks) != TRUE})


def names(policy: CompiledPolicy, call: Call) -> list[tuple[str, str, tuple[str, ...], bool]]:
    """The same as rule, fact or tag, values, and whether that answer is all that the rule needs."""
    return [
        (
            policy.floors[one.place].rule.id,
            policy.variables[one.index].tag or policy.variables[one.index].fact,
            policy.variables[one.index].labels(one.needed),
            one.by_itself,
        )
        for one in found(policy, call)
    ]


FACTS = [fact("danger", "yes_no", worse="yes"), fact("where", "ordered", worse="higher"), fact("now", "set")]
BOTH: Doc = {"all": [{"fact": "danger", "is": True}, {"fact": "where", "at_least": "b"}]}


def test_a_rule_that_lacks_one_answer_is_told_with_what_it_lacks() -> None:
    policy = compiled(document(FACTS, [rule("both", BOTH, grade="top")]))
    assert names(policy, a_call(claim("danger", value=True))) == [("both", "where", ("b", "c"), False)]
    said_otherwise = a_call(claim("danger", value=True), claim("where", value="a"))
    assert names(policy, said_otherwise) == [("both", "where", ("b", "c"), False)]


def test_a_rule_that_lacks_two_answers_is_not_near() -> None:
    policy = compiled(document(FACTS, [rule("both", BOTH, grade="top")]))
    assert names(policy, a_call()) == []
    assert names(policy, a_call(claim("danger", value=False))) == []


def test_a_rule_that_holds_is_not_near() -> None:
    policy = compiled(document(FACTS, [rule("both", BOTH, grade="top")]))
    assert names(policy, a_call(claim("danger", value=True), claim("where", value="c"))) == []


def test_a_part_answer_leaves_only_what_is_still_possible() -> None:
    policy = compiled(document(FACTS, [rule("mid", {"fact": "where", "is": "b"}, grade="top")]))
    assert names(policy, a_call(claim("where", at_least="b"))) == [("mid", "where", ("b",), True)]
    assert names(policy, a_call(claim("where", value="c"))) == [("mid", "where", ("b",), True)]


def test_an_answer_that_would_reopen_a_question_counts_with_what_is_then_not_known() -> None:
    asked = fact("pain", "yes_no", asked_when={"fact": "danger", "is": True}, otherwise=False)
    calm: Doc = {"all": [{"fact": "danger", "is": False}, {"fact": "pain", "is": False}]}
    hurt: Doc = {"all": [{"fact": "danger", "is": True}, {"fact": "pain", "is": False}]}
    policy = compiled(document([*FACTS, asked], [rule("calm", calm, grade="top"), rule("hurt", hurt, grade="top")]))
    # Without danger nobody asks about pain, and there is none; with danger it would not be known.
    assert names(policy, a_call(claim("danger", value=True))) == [
        ("calm", "danger", ("no",), False),
        ("hurt", "pain", ("no",), False),
    ]
    assert names(policy, a_call(claim("danger", value=False))) == []


def test_what_is_not_asked_as_things_stand_is_no_answer_that_could_be_different() -> None:
    asked = fact("pain", "yes_no", asked_when={"fact": "danger", "is": True}, otherwise=False)
    policy = compiled(document([*FACTS, asked], [rule("pain", {"fact": "pain", "is": True}, grade="top")]))
    assert names(policy, a_call(claim("danger", value=False))) == []
    assert names(policy, a_call()) == [("pain", "pain", ("yes",), True)]


def test_what_the_policy_calls_impossible_is_not_told() -> None:
    odd: Doc = {
        "id": "odd",
        "when": {"all": [{"fact": "danger", "is": False}, {"fact": "where", "is": "c"}]},
        "says": "No.",
    }
    rules = [rule("far", {"fact": "where", "is": "c"}, grade="top")]
    policy = compiled(document(FACTS, rules, impossible=[odd]))
    assert names(policy, a_call(claim("danger", value=False))) == []
    assert names(policy, a_call(claim("danger", value=True))) == [("far", "where", ("c",), True)]


def _replaced(policy: CompiledPolicy, call: Call, variable: Variable, mask: int) -> Call:
    """The call with another answer about one variable, in place of all that was said about its fact."""
    term = policy.terms[variable.fact]
    others = tuple(one for one in call.answers if one.fact != variable.fact)
    standing = standing_of(policy, call, BEGINS)
    return call.model_copy(update={"answers": (*others, _claim(term, variable, mask, standing))})


def _claim(term: Term, variable: Variable, mask: int, standing: Standing) -> Claim:
    said: dict[str, object] = {"fact": term.fact.id, "at": BEGINS}
    if variable.tag is not None:
        masks = {one.tag: standing.masks[one.index] for one in term.variables} | {variable.tag: mask}
        said["present"] = tuple(tag for tag, known in masks.items() if known == 2)
        said["ruled_out"] = tuple(tag for tag, known in masks.items() if known == 1)
    else:
        cell = mask.bit_length() - 1
        values: dict[FactType, object] = {FactType.YES_NO: bool(cell)}
        if term.fact.type is FactType.WHOLE:
            values[FactType.WHOLE] = term.cuts[cell]
        said["value"] = values.get(term.fact.type, variable.cells[cell])
    said["source"] = term.fact.answerers[0] if term.fact.answerers else Source.CALLER
    return Claim.model_validate(said)


def _held(policy: CompiledPolicy, masks: Sequence[int]) -> set[str]:
    return {floor.rule.id for floor in policy.floors if floor.node.test(masks) == TRUE}


def _tries(policy: CompiledPolicy, call: Call) -> Iterator[tuple[Variable, int, Call]]:
    """Every single other answer that could be given, with the call as it would then be."""
    standing = standing_of(policy, call, BEGINS)
    for variable in policy.variables:
        known = policy.terms[variable.fact].fact
        closed = standing.gates.get(variable.fact) == FALSE and variable.fact not in standing.claimed
        if known.per is not None or known.clock is not None or closed:
            continue
        for cell in range(len(variable.cells)):
            mask = standing.masks[variable.index]
            if mask != 1 << cell:
                yield variable, 1 << cell, _replaced(policy, call, variable, 1 << cell)


@settings(max_examples=400, deadline=None)
@given(SEEDS)
def test_what_is_near_is_exactly_what_another_single_answer_brings_about(seed: int) -> None:
    policy, call = small_case(seed, most_facts=3)
    standing = standing_of(policy, call, BEGINS)
    held = _held(policy, standing.masks)
    near = {(policy.floors[one.place].rule.id, one.index): one.needed for one in found(policy, call)}
    for variable, mask, other in _tries(policy, call):
        then = standing_of(policy, other, BEGINS)
        if any(node.test(then.masks) == TRUE for _, node in policy.impossible):
            continue
        still, holds = standing.masks[variable.index], _held(policy, then.masks)
        for name in {floor.rule.id for floor in policy.floors} - held:
            told = near.get((name, variable.index), 0)
            if mask & still or not told & still:
                assert (name in holds) == bool(told & mask), (name, variable, mask)
