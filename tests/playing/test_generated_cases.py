"""Generated cases: each passes and shows what it is for; what is called impossible is, by plain enumeration."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random

import pytest

from chalicelib.assessment.nearness import nearly
from chalicelib.assessment.standing import Standing, standing_of
from chalicelib.authoring.cases import Cases, check_cases, read_cases, run_cases
from chalicelib.authoring.coverage import Coverage, coverage
from chalicelib.canonical import Json
from chalicelib.cli.policy_files import compiled_file
from chalicelib.playing.generated_cases import Generated, as_document, generate
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Absence
from chalicelib.policy.nodes import FALSE, TRUE
from tests.analysis.brute_force import (
    World,
    call_of,
    complete_calls,
    evaluated,
    said,
    states_of_knowledge,
    worlds,
)
from tests.strategies import BEGINS, compiled, document, fact, rule, small_policy

POLICIES = Path(__file__).parents[2] / "policies"
SMALL = range(40)


@cache
def made(name: str) -> tuple[CompiledPolicy, Generated]:
    policy = compiled_file(POLICIES / name / "policy.yaml").compiled
    return policy, generate(policy)


def read(policy: CompiledPolicy, generated: Generated) -> Cases:
    """Generated cases as they are read from their document."""
    return read_cases(as_document(policy, generated).encode())


def unshown(seen: Coverage) -> set[tuple[str, str]]:
    """What some cases do not show."""
    found = {(one.id, "decides") for one in seen.rules if one.decides == 0}
    found |= {(one.id, "missed") for one in seen.rules if not one.near_miss}
    found |= {(one.id, "applies") for one in seen.precautions if not one.applies}
    return found | {(one.id, "settled") for one in seen.precautions if not one.settled}


@pytest.mark.parametrize("name", ["hertfordshire-thriives", "national-baseline"])
def test_every_case_of_the_shipped_policies_fits_and_passes(name: str) -> None:
    policy, generated = made(name)
    cases = read(policy, generated)
    assert len(cases.cases) > len(policy.floors) + len(policy.guards)
    assert check_cases(policy, cases) == []
    assert [one for one in run_cases(policy, cases) if not one.passed] == []
    assert all(case.generated and case.title and case.source for case in cases.cases)


@pytest.mark.parametrize("name", ["hertfordshire-thriives", "national-baseline"])
def test_what_cannot_be_shown_of_the_shipped_policies_is_proved_impossible(name: str) -> None:
    _, generated = made(name)
    assert {one.why for one in generated.missing} <= {"impossible"}


@pytest.mark.parametrize("seed", SMALL)
def test_cases_of_a_random_policy_pass_and_show_all_that_is_not_called_missing(seed: int) -> None:
    policy = small_policy(Random(seed))
    generated = generate(policy)
    if not generated.cases:
        return
    cases = read(policy, generated)
    assert check_cases(policy, cases) == []
    assert [one for one in run_cases(policy, cases) if not one.passed] == []
    missing = {(one.of, one.kind) for one in generated.missing}
    assert unshown(coverage(policy, cases)) <= missing


def complete(policy: CompiledPolicy) -> Iterator[tuple[int, ...]]:
    """For each complete call the truth of each rule."""
    for masks in complete_calls(policy):
        yield tuple(floor.node.test(masks) for floor in policy.floors)


@pytest.mark.parametrize("seed", SMALL)
def test_a_rule_that_cannot_alone_decide_never_does(seed: int) -> None:
    policy = small_policy(Random(seed))
    missing = {(one.of, one.kind) for one in generate(policy).missing if one.why == "impossible"}
    truths = list(complete(policy))
    for place, floor in enumerate(policy.floors):
        others = [other for other, one in enumerate(policy.floors) if one.rank >= floor.rank and other != place]
        held = [one for one in truths if one[place] == TRUE]
        alone = [one for one in held if all(one[other] == FALSE for other in others)]
        if (floor.rule.id, "holds") in missing:
            assert held == [], floor.rule.id
        if floor.rank > 0:
            assert ((floor.rule.id, "decides") in missing) == (alone == []), floor.rule.id


@pytest.mark.parametrize("seed", SMALL)
def test_a_rule_that_cannot_be_just_missed_is_not_in_any_call(seed: int) -> None:
    policy = small_policy(Random(seed), 3)
    missing = {one.of for one in generate(policy).missing if (one.kind, one.why) == ("missed", "impossible")}
    places = frozenset(place for place, floor in enumerate(policy.floors) if floor.rule.id in missing)
    for world in worlds(policy) if places else ():
        standing = _as_asked(policy, world)
        if any(node.test(standing.masks) == TRUE for _, node in policy.impossible):
            continue
        failing = frozenset(place for place in places if policy.floors[place].node.test(standing.masks) == FALSE)
        assert nearly(policy, standing, failing) == ()


def _as_asked(policy: CompiledPolicy, world: World) -> Standing:
    """What stands of a world when only what is asked is answered."""
    answers = {name: said(policy.terms[name], value) for name, value in world.items()}
    for gate in policy.gates:
        standing = standing_of(policy, call_of(policy, list(answers.values())), BEGINS)
        if standing.gates[gate.fact] == FALSE:
            answers.pop(gate.fact)
    return standing_of(policy, call_of(policy, list(answers.values())), BEGINS)


@pytest.mark.parametrize("seed", range(30))
def test_a_precaution_that_cannot_apply_never_does(seed: int) -> None:
    policy = small_policy(Random(seed), 2)
    missing = {one.of for one in generate(policy).missing if (one.kind, one.why) == ("applies", "impossible")}
    for answers, state in states_of_knowledge([policy], list(Absence)[:3]) if missing else ():
        result = evaluated(policy, answers, state)
        applying = {one.id for one in result.reasons if one.kind == "precaution"}
        assert missing.isdisjoint(applying) or result.impossible


BOUNDS = compiled(
    document(
        [fact("count", "whole", range={"least": 0, "most": 50}), fact("night", "whole", clock="hour",
                                                                     range={"least": 0, "most": 23})],
        [rule("many", {"fact": "count", "at_least": 9}, grade="high"),
         rule("few", {"fact": "count", "between": [2, 5]}, grade="top"),
         rule("dark", {"fact": "night", "at_most": 4}, grade="low")],
        earned_when={"fact": "count", "is": 0},
        calendar={"known_until": "2027-12-31"},
    )
)  # fmt: skip


def values(generated: Generated, name: str) -> list[object]:
    return [given.value for case in generated.cases if case.id == name for given in case.answers]


def test_a_bound_is_shown_at_its_edge() -> None:
    generated = generate(BOUNDS)
    assert values(generated, "many-decides") == [9]
    assert values(generated, "many-missed") == [8]
    assert values(generated, "few-decides") == [5]
    assert values(generated, "few-missed")[0] in (1, 6)


def test_what_is_read_off_a_clock_is_told_by_the_moment_of_the_case() -> None:
    cases = {case.id: case for case in generate(BOUNDS).cases}
    assert cases["dark-decides"].at.hour <= 4 < cases["dark-missed"].at.hour
    assert all(given.fact != "night" for case in cases.values() for given in case.answers)


def test_only_what_other_cases_have_not_shown_is_made_when_asked_for() -> None:
    everything = generate(BOUNDS)
    some = read(BOUNDS, everything).model_copy(update={"cases": everything.cases[:2]})
    rest = generate(BOUNDS, coverage(BOUNDS, some))
    assert {case.id for case in everything.cases} - {case.id for case in rest.cases} >= {"many-decides", "many-missed"}
    assert generate(BOUNDS, coverage(BOUNDS, read(BOUNDS, everything))).cases == ()


def test_what_a_rule_brings_about_is_expected_of_the_case_that_shows_it() -> None:
    policy = compiled(
        document(
            [fact("danger", "yes_no")],
            [rule("danger", {"fact": "danger", "is": "yes"}, grade="top", flags=["mark"], duties=["tell"],
                  findings=[{"element": "risk", "level": "high"}], response={"require": "attendance"})],
            flags=[{"id": "mark", "title": "Mark"}],
            duties=[{"id": "tell", "title": "Tell", "owed_by": "officer", "done_by": ["attended"]}],
        )
    )  # fmt: skip
    shown, missed = generate(policy).cases
    assert (shown.id, missed.id) == ("danger-decides", "danger-missed")
    expect = shown.expect
    assert (expect.reasons, expect.flags, expect.duties) == (("danger",), ("mark",), ("tell",))
    assert [(one.element, one.level) for one in expect.findings] == [("risk", "high")]
    assert expect.response is not None
    assert expect.response.require == "attendance"
    assert (missed.expect.not_reasons, missed.expect.reasons) == (("danger",), ())


def a_precaution(on: str, scope: Json, **parts: Json) -> Json:
    return {"id": "feared", "says": "Feared", "basis": ["source"], "on": on, "scope": scope, "reasons": ["unknown"],
            "not_asked": "never", "grade": "top", "question": on, **parts}  # fmt: skip


YES: Json = {"fact": "danger", "is": "yes"}
NO: Json = {"fact": "danger", "is": "no"}
NEAR: Json = {"fact": "near", "is": "yes"}


def test_a_precaution_that_only_bad_news_can_settle_is_settled_by_it() -> None:
    policy = compiled(
        document(
            [fact("danger", "yes_no"), fact("near", "yes_no")], [rule("near", NEAR, grade="low")],
            precautions=[a_precaution("danger", NEAR)],
            impossible=[{"id": "odd", "when": {"all": [NO, NEAR]}, "says": "It cannot be."}],
        )
    )  # fmt: skip
    (settled,) = [case for case in generate(policy).cases if case.id == "feared-settled"]
    assert [given.value for given in settled.answers] == [True, True]


def test_a_precaution_whose_scope_settles_it_can_never_apply() -> None:
    policy = compiled(
        document([fact("danger", "yes_no")], [rule("danger", YES, grade="low")],
                 precautions=[a_precaution("danger", YES)])
    )  # fmt: skip
    missing = {(one.of, one.kind): one.why for one in generate(policy).missing}
    assert missing == {("feared", "applies"): "impossible"}


def test_a_call_that_would_have_to_be_impossible_is_no_near_miss() -> None:
    together: Json = {"none": [{"all": [YES, NEAR]}, {"all": [NO, {"none": [NEAR]}]}]}
    policy = compiled(
        document(
            [fact("danger", "yes_no"), fact("near", "yes_no")],
            [rule("danger", YES, grade="high")],
            impossible=[{"id": "odd", "when": together, "says": "They go together."}],
        )
    )
    missing = {(one.of, one.kind): one.why for one in generate(policy).missing}
    assert missing == {("danger", "missed"): "impossible"}


def test_what_is_not_asked_yet_makes_no_call_impossible() -> None:
    """Were the one answer different, more would be asked; until it is answered, everything may still be so."""
    policy = compiled(
        document(
            [fact("danger", "yes_no"), fact("signs", "set", asked_when=YES, otherwise="none")],
            [rule("danger", YES, grade="high"), rule("safe", NO, grade="top")],
            impossible=[{"id": "odd", "when": {"all": [YES, {"fact": "signs", "includes_none": ["a", "b"]}]},
                         "says": "There is always a sign."}],
        )
    )  # fmt: skip
    generated = generate(policy)
    assert generated.missing == ()
    assert "danger-missed" in {case.id for case in generated.cases}


def test_the_exceptions_of_rules_are_shown_whatever_their_order() -> None:
    findings = [{"element": "threat", "level": "high"}]
    facts = [fact(name, "yes_no") for name in ("danger", "near", "weapon")]
    weapon = {"fact": "weapon", "is": "no"}
    rules = [
        rule("second", {"finding": "threat", "at_least": "high"}, unless=weapon, grade="top"),
        rule("first", NEAR, unless=NO, grade="high", findings=findings),
    ]
    cases = {case.id: case for case in generate(compiled(document(facts, rules))).cases}
    for name, silent in (("second", "weapon"), ("first", "danger")):
        answered = {given.fact for given in cases[f"{name}-applies"].answers if given.absent is None}
        assert silent not in answered
        assert silent in {given.fact for given in cases[f"{name}-settled"].answers}


def test_two_runs_give_the_same_document() -> None:
    policy = small_policy(Random(3))
    assert as_document(policy, generate(policy)) == as_document(policy, generate(policy))


def test_the_document_says_that_a_person_has_to_confirm_it_and_what_is_missing() -> None:
    never = {"all": [{"fact": "danger", "is": "yes"}, {"fact": "danger", "is": "no"}]}
    policy = compiled(
        document([fact("danger", "yes_no")], [rule("never", never, grade="top"),
                                              rule("danger", {"fact": "danger", "is": "yes"}, grade="high")])
    )  # fmt: skip
    text = as_document(policy, generate(policy))
    assert text.startswith("# Generated from the policy itself.")
    assert "# - never: no call in which it holds.\n" in text
    assert text.count("generated: true\n") == 2
