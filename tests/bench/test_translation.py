"""Rules in the words of other languages: what is written, and that it means the same."""

from __future__ import annotations

from random import Random

import pytest

from bench._translation import Dialect, RuleText, either, names_of, rules_in, values_of
from bench._worlds import a_call, a_world, fully_known, random_document
from chalicelib.assessment.standing import standing_of
from chalicelib.authoring.cases import BEGINS
from chalicelib.canonical import Json
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.nodes import TRUE
from tests.strategies import Doc, claim, compiled, document, fact, rule, small_policy

CLIKE = Dialect("c-like")
PYTHON = Dialect("python", every=" and ", some=" or ", negation="(not {part})")
GUARDED = Dialect("guarded", fact="given.{name}", guard="given has {name}")

FACTS: list[Doc] = [
    fact("sure", "yes_no", worse="yes"),
    fact("kind", "choice"),
    fact("far", "ordered", worse="higher"),
    fact("times", "whole", worse="higher"),
    fact("signs", "set"),
]


def policy_of(*rules: Doc, **parts: Json) -> CompiledPolicy:
    return compiled(document(list(FACTS), list(rules), **parts))


def written(when: Json, dialect: Dialect = CLIKE, **parts: Json) -> str:
    (only,) = rules_in(policy_of(rule("r", when, grade="top", **parts)), dialect)
    return only.text


@pytest.mark.parametrize(
    ("when", "text", "remark"),
    [
        ({"fact": "sure", "is": True}, "v0_sure", "a yes/no fact is its own condition"),
        ({"fact": "sure", "is": False}, "!(v0_sure)", ""),
        ({"fact": "sure", "is_not": True}, "!(v0_sure)", ""),
        ({"fact": "sure", "is_not": False}, "v0_sure", ""),
        ({"fact": "sure", "one_of": [True, False]}, "v0_sure in [true, false]", ""),
        ({"fact": "kind", "is": "b"}, 'v1_kind == "b"', ""),
        ({"fact": "kind", "is_not": "b"}, 'v1_kind != "b"', ""),
        ({"fact": "kind", "one_of": ["a", "c"]}, 'v1_kind in ["a", "c"]', ""),
        ({"fact": "far", "at_least": "b"}, "v2_far >= 1", "an ordered choice is the number of its place"),
        ({"fact": "far", "at_most": "a"}, "v2_far <= 0", ""),
        ({"fact": "far", "between": ["a", "b"]}, "(v2_far >= 0 && v2_far <= 1)", "both ends included"),
        ({"fact": "times", "is": 2}, "v3_times == 2", ""),
        ({"fact": "signs", "includes_any": ["a", "b"]}, "(v4_a || v5_b)", "a set is a name for each tag"),
        ({"fact": "signs", "includes_all": ["a", "b"]}, "(v4_a && v5_b)", ""),
        ({"fact": "signs", "includes_none": ["a", "b"]}, "!((v4_a || v5_b))", ""),
        ({"none": [{"fact": "sure", "is": True}]}, "!(v0_sure)", ""),
        ({"all": [{"fact": "sure", "is": True}, {"fact": "times", "is": 1}]}, "(v0_sure && v3_times == 1)", ""),
    ],
)
def test_every_comparison_has_its_words(when: Json, text: str, remark: str) -> None:
    assert written(when) == text, remark


def test_an_exception_is_and_not() -> None:
    text = written({"fact": "sure", "is": True}, unless={"fact": "times", "is": 1})
    assert text == "(v0_sure && !(v3_times == 1))"


def test_a_guard_stands_before_each_comparison_and_inside_each_not() -> None:
    when: Json = {"none": [{"fact": "sure", "is": False}, {"fact": "signs", "includes_any": ["b"]}]}
    sure = "(given has v0_sure && !(given.v0_sure))"
    assert written(when, GUARDED) == f"!(({sure} || (given has v5_b && given.v5_b)))"


def test_named_conditions_and_findings_are_put_in_where_they_stand() -> None:
    named: list[Json] = [{"id": "often", "title": "Often", "when": {"fact": "times", "at_least": 2}}]
    finds: list[Json] = [{"element": "threat", "level": "high"}]
    policy = policy_of(
        rule("by_name", {"condition": "often"}, grade="high", findings=finds),
        rule("by_finding", {"finding": "threat", "at_least": "low"}, grade="top"),
        conditions=named,
    )
    assert {one.id: one.text for one in rules_in(policy, CLIKE)} == {
        "by_name": "v3_times >= 2",
        "by_finding": "v3_times >= 2",
    }


def test_the_highest_grade_comes_first_and_the_lowest_is_left_out() -> None:
    when: Json = {"fact": "times", "is": 1}
    found = rules_in(policy_of(rule("x", when, grade="low"), rule("y", when, grade="top")), CLIKE)
    assert [(one.id, one.rank) for one in found] == [("y", 3), ("x", 1)]


def test_rules_join_to_one_condition() -> None:
    assert either([RuleText("x", 1, "a"), RuleText("y", 1, "b")], CLIKE) == "(a) || (b)"


def test_only_what_is_known_whole_is_handed_over() -> None:
    policy = policy_of(rule("x", {"fact": "far", "is": "b"}, grade="top"))
    told = a_call(policy, [claim("far", at_least="b"), claim("signs", present=("a",)), claim("times", value=3)])
    values = values_of(policy, standing_of(policy, told, BEGINS).masks)
    assert values == {"v4_a": True, "v3_times": 0}, "the least of the numbers that no condition tells apart"
    assert names_of(policy)["v2_far"] == "int"


@pytest.mark.parametrize("seed", range(40))
def test_what_is_written_means_the_same(seed: int) -> None:
    chance = Random(seed)
    policy = small_policy(chance) if seed % 2 else compiled(random_document(seed, 8, 12))
    rules = rules_in(policy, PYTHON)
    nodes = {floor.rule.id: floor.node for floor in policy.floors}
    for _ in range(5):
        call = a_call(policy, a_world(policy, chance).values())
        masks = standing_of(policy, call, BEGINS).masks
        assert fully_known(policy, call)
        known = {"true": True, "false": False, **values_of(policy, masks)}
        for one in rules:
            assert eval(one.text, {"__builtins__": {}}, known) is (nodes[one.id].test(masks) == TRUE)
