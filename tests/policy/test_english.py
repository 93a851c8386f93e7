"""Conditions as English: what each leaf and branch reads like, and that no two meanings read alike."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.canonical import Json
from chalicelib.policy.conditions import FactLeaf
from chalicelib.policy.english import condition_in_words, known_in_words, outline_of
from chalicelib.policy.leaves import leaves
from chalicelib.policy.lexicon import Lexicon
from tests.policy.spoken import PHRASED, PLAIN, SAFE, YES, policy
from tests.strategies import Doc, compiled, condition, document, fact, rule


def said(when: Json, facts: list[Doc] = PHRASED) -> str:
    """A condition in words."""
    made = policy(facts, rule("r", when, grade="top")).policy
    return condition_in_words(Lexicon(made), made.rules[0].when)


# condition, words without phrases, words with phrases, remark
LEAVES: list[tuple[Doc, str, str, str]] = [
    (YES, 'the answer to "Is it a relative?" is yes', "a relative, friend or partner is the cause", "yes"),
    (
        {"fact": "abuse", "is": False},
        'it is known that the answer to "Is it a relative?" is no',
        "it is known that no relative is the cause",
        "a no that reassures has to be known",
    ),
    (
        {"fact": "safe", "is": False},
        'the answer to "Is there a safe place?" is no',
        "there is no safe place",
        "a no that is the danger",
    ),
    (
        {"fact": "abuse", "is_not": "no"},
        'the answer to "Is it a relative?" is yes',
        "a relative, friend or partner is the cause",
        "not no",
    ),
    (
        {"fact": "where", "is": "near"},
        'the answer to "Where is he?" is "Nearby"',
        "the place of the suspect is nearby",
        "is",
    ),
    (
        {"fact": "where", "is_not": "gone"},
        'it is known that the answer to "Where is he?" is not "Gone"',
        "it is known that the place of the suspect is not gone",
        "is_not has to be known",
    ),
    (
        {"fact": "where", "one_of": ["gone", "here"]},
        'the answer to "Where is he?" is "Gone" or "Here"',
        "the place of the suspect is gone or here",
        "one_of",
    ),
    (
        {"fact": "where", "at_least": "near"},
        'the answer to "Where is he?" is "Here" or "Nearby"',
        "the place of the suspect is here or nearby",
        "at_least names what is at least so, the worst first",
    ),
    (
        {"fact": "where", "at_least": "here"},
        'the answer to "Where is he?" is "Here"',
        "the place of the suspect is here",
        "nothing is above",
    ),
    (
        {"fact": "where", "between": ["gone", "near"]},
        'the answer to "Where is he?" is "Nearby" or "Gone"',
        "the place of the suspect is nearby or gone",
        "both ends belong to it",
    ),
    (
        {"none": [{"fact": "where", "at_least": "near"}]},
        'it is known that the answer to "Where is he?" is "Gone"',
        "it is known that the place of the suspect is gone",
        "what is left of the scale, and that is known",
    ),
    (
        {"fact": "what", "is": "b"},
        'the answer to "What was it?" is "b"',
        'the answer to "What was it?" is "b"',
        "no phrase at all",
    ),
    (
        {"fact": "times", "at_least": 2},
        'the answer to "How often?" is 2 or more',
        "the number of earlier times is 2 or more",
        "whole",
    ),
    (
        {"fact": "times", "at_most": 2},
        'the answer to "How often?" is at most 2',
        "the number of earlier times is at most 2",
        "whole",
    ),
    (
        {"fact": "times", "is_not": 2},
        'it is known that the answer to "How often?" is not 2',
        "it is known that the number of earlier times is not 2",
        "whole",
    ),
    (
        {"fact": "hour", "at_least": 22},
        '"The hour" is 22 or more',
        "the hour is 22 or more",
        "read off a clock, so no answer",
    ),
    (
        {"fact": "now", "includes_any": ["x"]},
        'the answers to "Is any of this so?" include "X"',
        'somebody is hurt (asked: "Is any of this so?")',
        "like a named condition that means something else: told apart",
    ),
    ({"condition": "alone"}, "a child is alone", "a child is alone", "a name for one tag, in its very words"),
    ({"condition": "sheltered"}, "there is a safe place", "there is a safe place", "a name for one yes"),
    (
        {"fact": "now", "includes_any": ["y", "z"]},
        'the answers to "Is any of this so?" include "Y" or "Z"',
        "somebody is armed or a child is alone",
        "any tag",
    ),
    (
        {"fact": "now", "includes_all": ["y", "z"]},
        'the answers to "Is any of this so?" include "Y" and "Z"',
        "somebody is armed and a child is alone",
        "all tags",
    ),
    (
        {"fact": "now", "includes_none": ["y", "z"]},
        'it is known that the answers to "Is any of this so?" include neither "Y" nor "Z"',
        "it is known that none of these is so: somebody is armed or a child is alone",
        "no tag, and that is known",
    ),
    (
        {"fact": "now", "includes_none": ["y"]},
        'it is known that the answers to "Is any of this so?" do not include "Y"',
        "it is known that this is not so: somebody is armed",
        "not one tag",
    ),
    ({"condition": "near"}, '"He is near" holds', '"He is near" holds', "a named condition by its title"),
    (
        {"none": [{"condition": "near"}]},
        'it is known that "He is near" does not hold',
        'it is known that "He is near" does not hold',
        "and denied",
    ),
]


@pytest.mark.parametrize(("when", "plain", "phrased", "remark"), LEAVES)
def test_every_kind_of_leaf_reads_as_it_should(when: Doc, plain: str, phrased: str, remark: str) -> None:
    assert (said(when, PLAIN), said(when)) == (plain, phrased), remark


# condition, words, remark
TREES: list[tuple[Doc, str, str]] = [
    ({"all": [{"condition": "near"}, SAFE]}, '"He is near" holds and there is a safe place', "two"),
    (
        {"any": [{"condition": "near"}, SAFE, {"fact": "times", "is": 1}]},
        '"He is near" holds, there is a safe place or the number of earlier times is 1',
        "three",
    ),
    (
        {"all": [YES, SAFE]},
        "a relative, friend or partner is the cause; and there is a safe place",
        "a comma of its own: semicolons",
    ),
    (
        {"all": [{"any": [YES, SAFE]}, SAFE]},
        "either (a relative, friend or partner is the cause) or there is a safe place; and there is a safe place",
        "brackets inside",
    ),
    (
        {"any": [{"all": [SAFE, {"condition": "near"}]}, SAFE]},
        'both there is a safe place and "He is near" holds; or there is a safe place',
        "both ... and",
    ),
    (
        {"all": [{"all": [SAFE, {"any": [SAFE]}]}]},
        "there is a safe place and there is a safe place",
        "idle branches are left out",
    ),
    (
        {"none": [SAFE, {"condition": "near"}]},
        'it is known that none of these is so: there is a safe place or "He is near" holds',
        "none is known",
    ),
    ({"none": [{"none": [SAFE]}]}, "there is a safe place", "a denial denied"),
    (
        {"none": [{"all": [SAFE, {"none": [{"condition": "near"}]}]}]},
        'it is known that this is not so: both there is a safe place and "He is near" does not hold',
        "known is said once",
    ),
    (
        {"all": [{"none": [{"fact": "now", "includes_any": ["y"]}]}, SAFE, {"fact": "now", "includes_none": ["z"]}]},
        "it is known that none of these is so: somebody is armed or a child is alone; and there is a safe place",
        "denials without words of their own are said together",
    ),
    (
        {"all": [{"fact": "abuse", "is": False}, {"fact": "now", "includes_none": ["y"]}]},
        "it is known that no relative is the cause; and it is known that this is not so: somebody is armed",
        "a denial with words of its own stays",
    ),
]


@pytest.mark.parametrize(("when", "words", "remark"), TREES)
def test_every_kind_of_branch_reads_as_it_should(when: Doc, words: str, remark: str) -> None:
    assert said(when) == words, remark


def test_a_long_condition_can_be_read_as_a_list() -> None:
    when: Doc = {"all": [YES, {"any": [SAFE, {"all": [YES, {"none": [{"condition": "near"}, SAFE]}]}]}]}
    made = policy(PHRASED, rule("r", when, grade="top")).policy
    assert list(outline_of(Lexicon(made), made.rules[0].when).lines()) == [
        "all of these:",
        "  a relative, friend or partner is the cause",
        "  any of these:",
        "    there is a safe place",
        "    all of these:",
        "      a relative, friend or partner is the cause",
        '      it is known that none of these is so: "He is near" holds or there is a safe place',
    ]


def test_a_condition_of_more_than_two_parts_is_a_list_however_short() -> None:
    when: Doc = {"any": [SAFE, {"condition": "alone"}, {"condition": "near"}]}
    made = policy(PHRASED, rule("r", when, grade="top"), rule("s", {"any": [SAFE, YES]}, grade="top")).policy
    first, second = (list(outline_of(Lexicon(made), one.when).lines()) for one in made.rules)
    assert first == ["any of these:", "  there is a safe place", "  a child is alone", '  "He is near" holds']
    assert second == ["there is a safe place; or a relative, friend or partner is the cause"]


HURT: list[Doc] = [
    fact(
        "hurt",
        "ordered",
        worse="higher",
        phrase="the worst injury",
        options=[
            {"id": "none", "title": "None", "phrase": "nobody is hurt"},
            {"id": "minor", "title": "Minor", "phrase": "minor, or not clear"},
            {"id": "bad", "title": "Bad", "phrase": "serious"},
        ],
    )
]
# condition, words, remark
ALONE: list[tuple[Doc, str, str]] = [
    ({"fact": "hurt", "is": "none"}, "nobody is hurt", "a phrase that is a clause follows no subject"),
    ({"fact": "hurt", "is_not": "none"}, "it is known that this is not so: nobody is hurt", "denied"),
    (
        {"fact": "hurt", "at_most": "minor"},
        "the worst injury is minor, or not clear; or nobody is hurt",
        "beside a phrase that is none",
    ),
    ({"fact": "hurt", "at_least": "minor"}, "the worst injury is serious; or minor, or not clear", "a comma inside"),
]


@pytest.mark.parametrize(("when", "words", "remark"), ALONE)
def test_a_value_whose_phrase_is_a_clause_stands_alone(when: Doc, words: str, remark: str) -> None:
    assert said(when, [*PHRASED, *HURT]) == words, remark


def test_what_follows_not_known_whether_does_not_say_known_again() -> None:
    made = policy(PHRASED, rule("r", {"none": [SAFE]}, grade="top")).policy
    assert known_in_words(Lexicon(made), made.rules[0].when) == "there is no safe place"


AWKWARD: list[Doc] = [
    fact("a", "yes_no", worse="yes", phrase="a relative, friend or partner is the cause"),
    fact("b", "yes_no", worse="no", phrase="either of them is safe", phrase_no="he is hurt and alone; or worse"),
    fact("c", "ordered", worse="higher", phrase="the place"),
    fact("d", "set", options=[{"id": t, "title": t, "phrase": f"{t} is so"} for t in ("a", "b")]),
    fact(
        "e",
        "ordered",
        worse="lower",
        phrase="the worst injury",
        options=[
            {"id": "a", "title": "A", "phrase": "bad, or worse"},
            {"id": "b", "title": "B", "phrase": "minor or not clear"},
            {"id": "c", "title": "C", "phrase": "nobody is hurt"},
        ],
    ),
]
BARE: list[Doc] = [fact("a", "yes_no", worse="yes"), fact("b", "choice"), fact("c", "whole"), fact("d", "set")]


@pytest.mark.parametrize("facts", [AWKWARD, BARE])
def test_no_two_conditions_that_differ_in_meaning_read_alike(facts: list[Doc]) -> None:
    chance = Random(3)
    drawn = [condition(chance, facts, depth=chance.randint(0, 3)) for _ in range(550)]
    made = compiled(document(facts, [rule(f"r{place}", when, grade="top") for place, when in enumerate(drawn)]))
    states = list(product(*(range(1, variable.full + 1) for variable in made.variables)))
    tried = chance.sample(states, min(len(states), 250))
    meanings: dict[str, list[int]] = {}
    lexicon = Lexicon(made.policy)
    for floor in made.floors:
        truths = [floor.node.test(masks) for masks in tried]
        words = condition_in_words(lexicon, floor.rule.when)
        assert meanings.setdefault(words, truths) == truths, words
        lines = "\n".join(outline_of(lexicon, floor.rule.when).lines())
        assert meanings.setdefault(f"list {lines}", truths) == truths, lines
    assert len(meanings) > 400


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_small_change_that_alters_the_meaning_alters_the_sentence(seed: int) -> None:
    chance = Random(seed)
    facts = chance.choice([AWKWARD, BARE])
    when = condition(chance, facts, depth=3)
    made = compiled(document(facts, [rule("r", when, grade="top"), rule("s", _changed(chance, when), grade="top")]))
    first, second = made.floors
    tried = [[chance.randint(1, variable.full) for variable in made.variables] for _ in range(60)]
    if any(first.node.test(masks) != second.node.test(masks) for masks in tried):
        lexicon = Lexicon(made.policy)
        assert condition_in_words(lexicon, first.rule.when) != condition_in_words(lexicon, second.rule.when)


def _changed(chance: Random, when: Json) -> Json:
    """A condition with another branch, or with its parts grouped otherwise."""
    assert isinstance(when, dict)
    kind = next((kind for kind in ("all", "any", "none") if kind in when), None)
    if kind is None:
        return {"none": [when]}
    parts = when[kind]
    assert isinstance(parts, list)
    match chance.randint(0, 2):
        case 0:
            return {chance.choice(["all", "any", "none"]): parts}
        case 1:
            return {kind: [{chance.choice(["all", "any"]): parts[:2]}, *parts[2:]]}
        case _:
            place = chance.randrange(len(parts))
            return {kind: [*parts[:place], _changed(chance, parts[place]), *parts[place + 1 :]]}


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_every_fact_and_value_of_a_condition_is_in_its_sentence(seed: int) -> None:
    chance = Random(seed)
    made = compiled(document(BARE, [rule("r", condition(chance, BARE, depth=3), grade="top")])).policy
    words = condition_in_words(Lexicon(made), made.rules[0].when)
    for leaf in leaves(made.rules[0].when):
        assert isinstance(leaf, FactLeaf)
        assert f'"{leaf.fact}?"' in words
        _, operand = leaf.comparison
        for value in operand if isinstance(operand, tuple) else (operand,):
            assert value in ("yes", "no") or str(value) in words
