"""Every finding of `analyse` against plain enumeration of small random policies, or against evaluations."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product
from random import Random

import pytest

from chalicelib.analysis.analysis import analyse
from chalicelib.analysis.findings import Finding
from chalicelib.analysis.knowledge import Knowledge
from chalicelib.analysis.reading import read
from chalicelib.assessment.evaluate import evaluate
from chalicelib.policy.compiled import CompiledPolicy, Floor
from chalicelib.policy.compiler import compile_policy
from chalicelib.policy.document import Absence
from chalicelib.policy.nodes import TRUE
from chalicelib.policy.vocabulary import Variable
from tests.analysis.brute_force import (
    Masks,
    as_asked,
    call_of,
    can_be,
    complete_calls,
    grade_of,
    is_possible,
    states_of_knowledge,
)
from tests.strategies import BEGINS, DIGEST, small_policy

SEEDS = range(150)
HIDDEN = {"no_effect", "duplicate", "masked_by"}


@cache
def _policy(seed: int) -> CompiledPolicy:
    return small_policy(Random(seed), 3)


@cache
def _findings(seed: int) -> tuple[Finding, ...]:
    return analyse(_policy(seed))


@cache
def _calls(seed: int) -> list[Masks]:
    return list(complete_calls(_policy(seed)))


def _at(seed: int, pointer: str) -> dict[str, Finding]:
    return {finding.code: finding for finding in _findings(seed) if finding.pointer == pointer}


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_left_undecided_of_a_small_policy(seed: int) -> None:
    assert [finding for finding in _findings(seed) if finding.code == "not_decided"] == []


def _truths(floor: Floor, calls: list[Masks]) -> list[bool]:
    return [floor.node.test(masks) == TRUE for masks in calls]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_rule_is_never_true_always_true_or_hidden_exactly_when_enumeration_says_so(seed: int) -> None:
    policy, calls = _policy(seed), _calls(seed)
    truths = [_truths(floor, calls) for floor in policy.floors]
    for place, floor in enumerate(policy.floors):
        found, own = set(_at(seed, f"/rules/{place}")), truths[place]
        assert ("never_true" in found) == (not any(own))
        if any(own):
            assert ("always_true" in found) == all(own)
        if floor.rank > 0 and any(own) and not all(own):
            twins = {
                other
                for other in range(place + 1, len(policy.floors))
                if policy.floors[other].rank == floor.rank and truths[other] == own
            }
            others = [
                truths[other]
                for other, known in enumerate(policy.floors)
                if known.rank >= floor.rank and other != place and other not in twins
            ]
            alone = any(true and not any(one[call] for one in others) for call, true in enumerate(own))
            assert bool(found & HIDDEN) == (not alone)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_hides_a_rule_is_named_rightly(seed: int) -> None:
    policy, calls = _policy(seed), _calls(seed)
    for finding in _findings(seed):
        if finding.code in ("duplicate", "masked_by"):
            floor = policy.floors[int(finding.pointer.split("/")[2])]
            [by] = [known for known in policy.floors if known.rule.id == finding.by[0]]
            own, other = _truths(floor, calls), _truths(by, calls)
            assert by.rank >= floor.rank
            assert all(other[call] for call, true in enumerate(own) if true)
            assert (own == other) == (finding.code == "duplicate")


@pytest.mark.parametrize("seed", SEEDS)
def test_there_is_a_gap_exactly_when_some_call_falls_through_all_rules(seed: int) -> None:
    policy = _policy(seed)
    falls = [
        masks
        for masks in _calls(seed)
        if policy.earned.test(masks) != TRUE
        and all(floor.rank < 1 or floor.node.test(masks) != TRUE for floor in policy.floors)
    ]
    assert ("gap" in _at(seed, "/base_grade")) == bool(falls)
    lowest = any(grade_of(policy, masks) == 0 and policy.earned.test(masks) == TRUE for masks in _calls(seed))
    assert ("never_true" in _at(seed, "/earned_when")) == (not lowest)


def _pairs(policy: CompiledPolicy, calls: list[Masks], variables: list[Variable]) -> Iterator[tuple[Masks, Masks]]:
    """Complete calls, and what each becomes when some variables have other values and nothing else changes."""
    fact = variables[0].fact
    gate = next((gate for gate in policy.gates if gate.fact == fact), None)
    indexes = [variable.index for variable in variables]
    hidden = [gate for gate in policy.gates if gate.fact != fact]
    for masks in calls:
        if gate is not None and gate.node.test(masks) != TRUE:
            continue
        # What the first call does not ask may be anything in the world.
        silent = [index for other in hidden if other.node.test(masks) != TRUE for index, _ in other.otherwise]
        changed = [*indexes, *silent]
        cells = [[1 << cell for cell in range(len(policy.variables[index].cells))] for index in changed]
        for values in product(*cells):
            world = list(masks)
            for index, cell in zip(changed, values, strict=True):
                world[index] = cell
            second = as_asked(policy, world)
            if any(second[index] != masks[index] for index in indexes) and is_possible(policy, second):
                yield masks, second


@pytest.mark.parametrize("seed", SEEDS)
def test_more_danger_gives_a_lower_grade_exactly_when_enumeration_finds_two_such_calls(seed: int) -> None:
    policy, calls = _policy(seed), _calls(seed)
    for place, term in enumerate(policy.terms.values()):
        for step, variable in enumerate(term.variables):
            if variable.worse == 0:
                continue
            pointer = f"/facts/{place}/options/{step}" if variable.tag else f"/facts/{place}"
            lowered = any(
                (second[variable.index] > first[variable.index]) == (variable.worse > 0)
                and grade_of(policy, second) < grade_of(policy, first)
                for first, second in _pairs(policy, calls, [variable])
            )
            assert ("not_monotone" in _at(seed, pointer)) == lowered


@pytest.mark.parametrize("seed", SEEDS)
def test_a_question_that_never_matters_changes_no_result_in_any_pair_of_calls(seed: int) -> None:
    policy, calls = _policy(seed), _calls(seed)
    for place, term in enumerate(policy.terms.values()):
        if "question_never_matters" in _at(seed, f"/facts/{place}"):
            for first, second in _pairs(policy, calls, list(term.variables)):
                assert _outcome(policy, first) == _outcome(policy, second)


def _outcome(policy: CompiledPolicy, masks: Masks) -> object:
    held = [floor.rule for floor in policy.floors if floor.node.test(masks) == TRUE]
    levels: dict[str, int] = {}
    for finding in (finding for rule in held for finding in rule.findings):
        levels[finding.element] = max(levels.get(finding.element, 0), finding.level.rank)
    says = [rule.response for rule in held if rule.response]
    refused = {bool(one.unless_authorised_by) for one in says if one.require or "desk" in one.forbid}
    responses = any(one.require for one in says), bool(refused), False in refused
    return (
        grade_of(policy, masks), levels, responses,
        {flag for rule in held for flag in rule.flags}, {duty for rule in held for duty in rule.duties},
    )  # fmt: skip


REASONS = (Absence.NOT_ASKED, Absence.UNKNOWN, Absence.PENDING)


def _without(policy: CompiledPolicy, precaution: str) -> CompiledPolicy:
    kept = tuple(one for one in policy.policy.precautions if one.id != precaution)
    return compile_policy(policy.policy.model_copy(update={"precautions": kept}), DIGEST)


@pytest.mark.parametrize("seed", range(30))
def test_a_precaution_that_is_said_to_do_nothing_raises_nothing_whatever_is_known(seed: int) -> None:
    policy = small_policy(Random(seed), 2)
    codes = {finding.pointer.removesuffix("/scope"): finding.code for finding in analyse(policy)}
    idle = {
        precaution.id: code
        for place, precaution in enumerate(policy.policy.precautions)
        if (code := codes.get(f"/precautions/{place}")) is not None
    }
    others = {name: _without(policy, name) for name in idle}
    for answers, state in states_of_knowledge([policy], REASONS) if idle else ():
        call = call_of(policy, answers, state)
        if not can_be(policy, call):
            continue
        result = evaluate(policy, call, BEGINS)
        for name, code in idle.items():
            assert code == "no_effect" or name not in {reason.id for reason in result.reasons}
            assert evaluate(others[name], call, BEGINS).recommended == result.recommended


@pytest.mark.parametrize("seed", range(150))
def test_a_precaution_that_is_not_spoken_of_raises_what_is_recommended_in_the_state_that_was_found(seed: int) -> None:
    policy = _policy(seed)
    knowledge = Knowledge((read(policy),))
    for caution in knowledge.cautions(0):
        fear = caution.fear
        if fear is None or not fear.own:
            continue
        witness = knowledge.find([knowledge.counts(caution), *knowledge.below(fear.rank, leave_out=fear)])
        if witness is not None:
            call = call_of(policy, knowledge.example(0, witness), knowledge.contact(witness))
            with_it, without = (evaluate(one, call, BEGINS) for one in (policy, _without(policy, fear.id)))
            assert policy.rank_of(with_it.recommended) == fear.rank > policy.rank_of(without.recommended)
