"""Every verdict of `compare` against plain enumeration of what may be so, and its examples against evaluations."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import combinations

import pytest

from chalicelib.analysis.comparison import compare
from chalicelib.analysis.differences import Axis, Comparison, Shown, Verdict
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Absence
from chalicelib.policy.nodes import TRUE
from tests.analysis.brute_force import (
    Masks,
    as_asked,
    call_of,
    can_be,
    evaluated,
    grade_of,
    is_possible,
    masks_of,
    states_of_knowledge,
    worlds,
)
from tests.analysis.versions import versions

SEEDS = range(150)


@cache
def _compared(seed: int) -> Comparison:
    return compare(*versions(seed))


def _axis(comparison: Comparison, kind: str, of: str = "") -> Axis | None:
    return next((axis for axis in comparison.axes if (axis.kind, axis.of) == (kind, of)), None)


def _directions(axis: Axis | None) -> tuple[bool, bool]:
    return (axis is not None and axis.raises is not None, axis is not None and axis.lowers is not None)


def _both_calls(old: CompiledPolicy, new: CompiledPolicy) -> Iterator[tuple[Masks, Masks]]:
    """What each version makes of everything that may be so, and of all that may be told unasked."""
    gated = sorted({index for policy in (old, new) for gate in policy.gates for index, _ in gate.otherwise})
    told = [frozenset(some) for count in range(len(gated) + 1) for some in combinations(gated, count)]
    for world in worlds(old, new):
        for unasked in told:
            before, after = (as_asked(policy, masks_of(policy, world), unasked) for policy in (old, new))
            if is_possible(old, before) or is_possible(new, after):
                yield before, after


@pytest.mark.parametrize("seed", SEEDS)
def test_the_grade_of_complete_calls_is_raised_and_lowered_exactly_where_enumeration_says_so(seed: int) -> None:
    old, new = versions(seed)
    grades = [(grade_of(old, before), grade_of(new, after)) for before, after in _both_calls(old, new)]
    expected = any(now > was for was, now in grades), any(now < was for was, now in grades)
    assert _directions(_axis(_compared(seed), "grade")) == expected


EFFECTS = (("attendance", ""), ("refusal", "desk"), ("refusal_for_all", "desk"), ("flag", "mark"), ("duty", "tell"))


def _held(policy: CompiledPolicy, masks: Masks) -> set[tuple[str, str]]:
    """All that rules bring about in a complete call, beside the grade."""
    found: set[tuple[str, str]] = set()
    for rule in (floor.rule for floor in policy.floors if floor.node.test(masks) == TRUE):
        found |= {("flag", flag) for flag in rule.flags} | {("duty", duty) for duty in rule.duties}
        if rule.response and rule.response.require:
            found.add(("attendance", ""))
        if rule.response and (rule.response.require or "desk" in rule.response.forbid):
            found |= {("refusal", "desk")} | (
                set() if rule.response.unless_authorised_by else {("refusal_for_all", "desk")}
            )
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_response_flags_and_duties_are_raised_and_lowered_exactly_where_enumeration_says_so(seed: int) -> None:
    old, new = versions(seed)
    pairs = [(_held(old, before), _held(new, after)) for before, after in _both_calls(old, new)]
    for effect in EFFECTS:
        more = any(effect in now and effect not in was for was, now in pairs)
        less = any(effect in was and effect not in now for was, now in pairs)
        assert _directions(_axis(_compared(seed), *effect)) == (more, less)


@pytest.mark.parametrize("seed", SEEDS)
def test_questions_are_put_in_more_and_in_fewer_calls_exactly_where_enumeration_says_so(seed: int) -> None:
    old, new = versions(seed)
    gates = [{gate.fact: gate.node for gate in policy.gates} for policy in (old, new)]
    pairs = list(_both_calls(old, new))
    for name in old.terms:
        asked = [
            tuple(
                gates[side][name].test(masks) == TRUE if name in gates[side] else True
                for side, masks in enumerate(pair)
            )
            for pair in pairs
        ]
        expected = (False, True) in asked, (True, False) in asked
        assert _directions(_axis(_compared(seed), "question", name)) == expected, name


def _ranks(seed: int, shown: Shown) -> tuple[int, int]:
    old, new = versions(seed)
    was, now = evaluated(old, shown.old, shown.contact), evaluated(new, shown.new, shown.contact)
    return old.rank_of(was.recommended), new.rank_of(now.recommended)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_evaluation_of_the_example_shows_the_difference(seed: int) -> None:
    for axis in _compared(seed).axes:
        if axis.kind in ("grade", "not_known"):
            for shown, sign in ((axis.raises, 1), (axis.lowers, -1)):
                if shown is not None:
                    was, now = _ranks(seed, shown)
                    assert (now - was) * sign > 0, (axis.kind, shown)


REASONS = (Absence.NOT_ASKED, Absence.UNKNOWN, Absence.PENDING)


ASKED_OTHERWISE = (244, 418)
"""Seeds of versions that ask in other calls, so that an answer is expected by one and not by the other."""


@pytest.mark.parametrize("seed", [*range(60), *ASKED_OTHERWISE])
def test_no_state_of_knowledge_is_recommended_less_when_nothing_is_said_to_be_lowered(seed: int) -> None:
    old, new = versions(seed, 2)
    verdict = compare(old, new).grade
    for answers, state in states_of_knowledge([old, new], REASONS):
        calls = [call_of(policy, answers, state) for policy in (old, new)]
        if all(can_be(policy, call) for policy, call in zip((old, new), calls, strict=True)):
            was, now = (policy.rank_of(evaluated(policy, answers, state).recommended) for policy in (old, new))
            assert now == was or verdict in ((Verdict.ONLY_RAISES if now > was else Verdict.ONLY_LOWERS), Verdict.MIXED)


@pytest.mark.parametrize("seed", range(60))
def test_a_version_is_equal_to_itself(seed: int) -> None:
    old, _ = versions(seed)
    found = compare(old, old)
    assert (found.grade, found.response, found.step) == (Verdict.EQUAL, Verdict.EQUAL, "none")
    assert found.changes == ()
    assert found.never_lowers


@pytest.mark.parametrize("seed", range(60))
def test_what_one_direction_raises_the_other_lowers(seed: int) -> None:
    old, new = versions(seed)
    there, back = _compared(seed), compare(new, old)
    turned = {Verdict.ONLY_RAISES: Verdict.ONLY_LOWERS, Verdict.ONLY_LOWERS: Verdict.ONLY_RAISES}
    assert turned.get(there.grade, there.grade) is back.grade
    assert turned.get(there.response, there.response) is back.response
