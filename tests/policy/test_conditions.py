"""What each comparison means for each type and each state of knowledge, and the three-valued tables of the branches."""

from __future__ import annotations

import pytest

from chalicelib.canonical import Json
from chalicelib.errors import Invalid
from chalicelib.policy.nodes import FALSE, TRUE, UNKNOWN
from tests.strategies import compiled, document, fact, rule

FACTS = [fact("y", "yes_no"), fact("c", "choice"), fact("o", "ordered"), fact("w", "whole"), fact("s", "set")]
F, U, T = FALSE, UNKNOWN, TRUE

# condition, what is known (fact or tag -> the cells that are still possible), truth, remark
LEAVES: list[tuple[dict[str, Json], dict[str, set[str]], int, str]] = [
    ({"fact": "y", "is": "yes"}, {"y": {"yes"}}, T, "known"),
    ({"fact": "y", "is": "yes"}, {"y": {"no"}}, F, "known not"),
    ({"fact": "y", "is": "yes"}, {}, U, "not asked is neither yes nor no"),
    ({"fact": "y", "is": True}, {"y": {"yes"}}, T, "true is yes"),
    ({"fact": "y", "is_not": "yes"}, {}, U, "not known is not the same as not"),
    ({"fact": "y", "is_not": "yes"}, {"y": {"no"}}, T, "known no"),
    ({"fact": "c", "is": "a"}, {"c": {"a", "b"}}, U, "one of two"),
    ({"fact": "c", "is": "a"}, {"c": {"b", "c"}}, F, "ruled out though not known"),
    ({"fact": "c", "is_not": "a"}, {"c": {"b", "c"}}, T, "ruled out though not known"),
    ({"fact": "c", "one_of": ["a", "b"]}, {"c": {"a", "b"}}, T, "whichever it is"),
    ({"fact": "c", "one_of": ["a", "b"]}, {"c": {"b", "c"}}, U, "could be the third"),
    ({"fact": "o", "at_least": "b"}, {"o": {"b", "c"}}, T, "a part of the answer is enough"),
    ({"fact": "o", "at_least": "b"}, {"o": {"a", "b"}}, U, "at most b"),
    ({"fact": "o", "at_least": "b"}, {"o": {"a"}}, F, "the least"),
    ({"fact": "o", "at_most": "b"}, {"o": {"a", "b"}}, T, "both ends included"),
    ({"fact": "o", "at_most": "b"}, {"o": {"c"}}, F, "above"),
    ({"fact": "o", "between": ["a", "b"]}, {"o": {"b"}}, T, "the upper end included"),
    ({"fact": "o", "between": ["b", "b"]}, {"o": {"a"}}, F, "below"),
    ({"fact": "w", "at_least": 2}, {"w": {"2 to 3"}}, T, "a number in the range"),
    ({"fact": "w", "at_least": 2}, {"w": {"0 to 1"}}, F, "below"),
    ({"fact": "w", "at_least": 2}, {}, U, "not asked is not 0"),
    ({"fact": "w", "between": [1, 2]}, {"w": {"1 to 2"}}, T, "both ends included"),
    ({"fact": "w", "between": [1, 2]}, {"w": {"3"}}, F, "above"),
    ({"fact": "w", "is": 0}, {"w": {"0"}}, T, "exactly"),
    ({"fact": "s", "includes_any": ["a", "b"]}, {"s.a": {"present"}}, T, "one is enough"),
    ({"fact": "s", "includes_any": ["a", "b"]}, {"s.a": {"absent"}}, U, "the other was not ruled out"),
    ({"fact": "s", "includes_any": ["a", "b"]}, {"s.a": {"absent"}, "s.b": {"absent"}}, F, "both ruled out"),
    ({"fact": "s", "includes_all": ["a", "b"]}, {"s.a": {"present"}}, U, "the other is not known"),
    ({"fact": "s", "includes_all": ["a", "b"]}, {"s.a": {"absent"}}, F, "one is missing"),
    ({"fact": "s", "includes_none": ["a", "b"]}, {"s.a": {"absent"}}, U, "not mentioned is not ruled out"),
    ({"fact": "s", "includes_none": ["a", "b"]}, {"s.a": {"absent"}, "s.b": {"absent"}}, T, "both ruled out"),
    ({"fact": "s", "includes_none": ["a", "b"]}, {"s.b": {"present"}}, F, "one is there"),
]


def truth_of(condition: Json, known: dict[str, set[str]]) -> int:
    """The truth of a condition in a state of knowledge."""
    policy = compiled(document(FACTS, [rule("r", condition, grade="top")]))
    masks = []
    for variable in policy.variables:
        cells = known.get(variable.fact if variable.tag is None else f"{variable.fact}.{variable.tag}")
        if cells is None:
            masks.append(variable.full)
            continue
        assert cells <= set(variable.cells), variable.cells
        masks.append(sum(1 << place for place, cell in enumerate(variable.cells) if cell in cells))
    return policy.floors[0].node.test(masks)


@pytest.mark.parametrize(("condition", "known", "truth", "remark"), LEAVES)
def test_a_leaf_is_true_or_false_only_when_every_value_makes_it_so(
    condition: dict[str, Json], known: dict[str, set[str]], truth: int, remark: str
) -> None:
    assert truth_of(condition, known) == truth, remark


YES, NO, OPEN = {"yes"}, {"no"}, {"yes", "no"}
STATES = {T: YES, F: NO, U: OPEN}

# The truth tables of DMN FEEL (null for unknown) and CQL: conjunction and disjunction.
TABLE = [
    (T, T, T, T), (T, F, F, T), (T, U, U, T),
    (F, T, F, T), (F, F, F, F), (F, U, F, U),
    (U, T, U, T), (U, F, F, U), (U, U, U, U),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right", "both", "either"), TABLE)
def test_branches_follow_the_tables_of_feel_and_cql(left: int, right: int, both: int, either: int) -> None:
    parts: list[Json] = [{"fact": "y", "is": "yes"}, {"fact": "c", "is": "a"}]
    known = {"y": STATES[left], "c": {T: {"a"}, F: {"b"}, U: {"a", "b"}}[right]}
    assert truth_of({"all": parts}, known) == both
    assert truth_of({"any": parts}, known) == either
    assert truth_of({"none": parts}, known) == T - either


def test_none_is_never_true_while_a_part_is_not_known() -> None:
    assert truth_of({"none": [{"fact": "y", "is": "yes"}]}, {}) == UNKNOWN


FITTING = {
    "y": ("is", "is_not", "one_of"),
    "c": ("is", "is_not", "one_of"),
    "o": ("is", "is_not", "one_of", "at_least", "at_most", "between"),
    "w": ("is", "is_not", "one_of", "at_least", "at_most", "between"),
    "s": ("includes_any", "includes_all", "includes_none"),
}
VALUES: dict[str, Json] = {"y": "yes", "c": "a", "o": "a", "w": 1, "s": "a"}
ALL = ("is", "is_not", "one_of", "at_least", "at_most", "between", "includes_any", "includes_all", "includes_none")


@pytest.mark.parametrize("name", list(FITTING))
@pytest.mark.parametrize("comparison", ALL)
def test_a_comparison_is_taken_just_where_it_fits(name: str, comparison: str) -> None:
    value: Json = VALUES[name]
    operand: Json = {"one_of": [value], "between": [value, value]}.get(comparison, value)
    if comparison.startswith("includes"):
        operand = ["a"]
    condition: Json = {"fact": name, comparison: operand}
    if comparison in FITTING[name]:
        truth_of(condition, {})
        return
    with pytest.raises(Invalid) as refused:
        truth_of(condition, {})
    assert [(fault.code, fault.where) for fault in refused.value.faults] == [
        ("comparison", f"/rules/0/when/{comparison}")
    ]


def test_a_finding_holds_when_a_rule_that_gives_it_holds() -> None:
    giving = rule("g", {"fact": "y", "is": "yes"}, findings=[{"element": "threat", "level": "medium"}])
    for level, known, truth in (
        ("low", YES, T),
        ("medium", YES, T),
        ("high", YES, F),
        ("low", NO, F),
        ("low", OPEN, U),
    ):
        using = rule("u", {"finding": "threat", "at_least": level}, grade="top")
        policy = compiled(document(FACTS, [using, giving]))
        masks = [variable.full for variable in policy.variables]
        masks[0] = {"yes": 2, "no": 1}.get(next(iter(known)), 3) if len(known) == 1 else 3
        assert policy.floors[0].node.test(masks) == truth


def test_a_named_condition_means_what_it_stands_for() -> None:
    named: list[Json] = [{"id": "n", "title": "N", "when": {"fact": "y", "is": "yes"}}]
    policy = compiled(document(FACTS, [rule("r", {"condition": "n"}, grade="top")], conditions=named))
    masks = [variable.full for variable in policy.variables]
    assert [policy.floors[0].node.test([cell, *masks[1:]]) for cell in (1, 2, 3)] == [F, T, U]
