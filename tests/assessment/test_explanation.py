"""Explanations: reasons with answers and sources, what is not known, what is near; and they agree with `evaluate`."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.assessment.call import Call
from chalicelib.assessment.contact import ContactState
from chalicelib.assessment.evaluate import evaluate
from chalicelib.assessment.explained import Explanation
from chalicelib.assessment.explanation import OTHER, explain
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Absence, Source
from chalicelib.policy.lexicon import Lexicon
from tests.strategies import BEGINS, Doc, a_call, claim, compiled, document, fact, rule, small_case

SEEDS = st.integers(0, 2**32 - 1)
DANGERS = [
    {"id": "violence", "title": "Violence", "phrase": "somebody is being attacked"},
    {"id": "fire", "title": "Fire", "phrase": "there is a fire"},
]
PLACES = [
    {"id": "gone", "title": "Gone", "phrase": "gone"},
    {"id": "near", "title": "Nearby", "phrase": "nearby"},
    {"id": "here", "title": "Here", "phrase": "here"},
]
MOST = {"least": 0, "most": 99}
FACTS: list[Doc] = [
    fact("now", "set", options=DANGERS, question="Is any of this happening?", element="threat"),
    fact("abuse", "yes_no", worse="yes", phrase="a relative is the cause", question="Is it a relative?"),
    fact("place", "ordered", worse="higher", phrase="the suspect", options=PLACES, question="Where is he?"),
    fact(
        "times", "whole", worse="higher", phrase="the number of times", element="risk", range={"least": 0, "most": 99}
    ),
    fact("pain", "yes_no", phrase="it hurts", asked_when={"fact": "abuse", "is": True}, otherwise=False),
    fact("hour", "whole", clock="hour", phrase="the hour", range={"least": 0, "most": 23}),
]
RULES: list[Doc] = [
    rule("danger", {"fact": "now", "includes_any": ["violence", "fire"]}, says="Danger now.", grade="top",
         findings=[{"element": "threat", "level": "high"}, {"element": "risk", "level": "medium"}]),
    rule("abuse", {"fact": "abuse", "is": True}, says="Domestic abuse.", grade="top", unless={"condition": "gone"},
         basis=["source", "second"]),
    rule("often", {"fact": "times", "at_least": 3}, says="It happens often.", grade="high"),
    rule("calm", {"all": [{"fact": "now", "includes_none": ["fire"]}, {"fact": "pain", "is": False}]}, flags=["mark"]),
    rule("night", {"all": [{"fact": "abuse", "is": False}, {"fact": "hour", "at_least": 4}]}, flags=["dark"]),
    rule("both", {"all": [{"fact": "abuse", "is": False}, {"fact": "place", "at_least": "near"}]}, says="Still there.",
         grade="high", response={"require": "attendance"}),
]  # fmt: skip
POLICY: CompiledPolicy = compiled(
    document(
        FACTS,
        RULES,
        basis=[{"id": "source", "title": "Source"}, {"id": "second", "title": "Second", "where": "page 2"}],
        conditions=[{"id": "gone", "title": "Gone", "phrase": "he is gone", "when": {"fact": "place", "is": "gone"}}],
        precautions=[
            {
                "id": "unsure", "says": "Where he is is not known.", "basis": ["second"], "on": "gone",
                "question": "place", "not_asked": "at_end", "grade": "high", "reasons": ["unknown"],
                "scope": {"fact": "times", "at_least": 1},
            }
        ],
        earned_when={"fact": "now", "includes_none": ["violence", "fire"]},
        flags=[{"id": "mark", "title": "Mark"}, {"id": "dark", "title": "Dark"}],
        calendar={"known_until": "2027-12-31"},
    )
)  # fmt: skip
LEXICON = Lexicon(POLICY.policy)
CALM = claim("now", value="none_of_these")


def explained(*answers: object, state: ContactState = ContactState.IN_PROGRESS) -> Explanation:
    """The explanation of a call with some answers."""
    return explain(POLICY, a_call(*answers, state=state), BEGINS, LEXICON)  # type: ignore[arg-type]  # claims, as a_call


def test_a_rule_is_told_with_its_answers_who_gave_them_when_and_its_sources() -> None:
    told = explained(claim("abuse", 30, value=True), claim("place", 60, value="here", source=Source.VICTIM))
    [rule_told] = [one for one in told.rules if one.rule == "abuse"]
    assert rule_told.sentence == "Top if a relative is the cause, unless it is known that he is gone."
    assert [(one.says, one.source, one.at) for one in rule_told.answers] == [
        ("a relative is the cause", Source.CALLER, BEGINS + timedelta(seconds=30)),
        ("the suspect is here", Source.VICTIM, BEGINS + timedelta(seconds=60)),
    ]
    assert [(one.title, one.where) for one in rule_told.basis] == [("Source", None), ("Second", "page 2")]


def test_rules_stand_with_the_elements_they_give_findings_for_or_else_look_at() -> None:
    told = explained(claim("now", present=("fire",)), claim("times", value=4), claim("abuse", value=False))
    by_element = {one.element: (one.level, one.rules) for one in told.elements}
    assert by_element["threat"] == ("high", ("danger",))
    assert by_element["risk"] == ("medium", ("danger", "often"))
    assert by_element[OTHER] == (None, ("night",))


def test_a_number_is_told_as_it_was_said_and_a_part_of_one_as_what_is_left() -> None:
    assert explained(CALM, claim("times", value=7)).rules[0].answers[0].says == "the number of times is 7"
    assert explained(CALM, claim("times", at_least=5)).rules[0].answers[0].says == "the number of times is 3 or more"


def test_what_was_ruled_out_not_called_for_or_read_off_a_clock_is_told_where_a_rule_needs_it() -> None:
    told = explained(CALM, claim("abuse", value=False))
    calm, night = (next(one for one in told.rules if one.rule == name) for name in ("calm", "night"))
    assert [(one.says, one.put) for one in calm.answers] == [
        ('the answers to "Is any of this happening?" include nothing of what matters here', True),
        ("it is not so that it hurts", False),
    ]
    assert [(one.says, one.source) for one in night.answers] == [
        ("it is not so that a relative is the cause", Source.CALLER),
        ("the hour is 4 or more", Source.CLOCK),
    ]
    assert "it is not so that it hurts (not asked, because nothing called for it)" not in told.text


def test_a_precaution_says_what_is_not_known_why_and_what_settles_it() -> None:
    told = explained(CALM, claim("times", value=1), claim("place", absent=Absence.UNKNOWN))
    [guard] = told.precautions
    assert (guard.precaution, guard.grade, guard.whether, guard.settled_by) == ("unsure", "high", "he is gone", "place")
    assert [(one.fact, one.why) for one in guard.not_known] == [("place", (Absence.UNKNOWN,))]
    assert [one.says for one in guard.answers] == ["the number of times is 1"]
    assert (
        "Not known, so treated as the worst (At least High): it is not known whether he is gone. "
        'Not known: "Where is he?" (whoever was asked did not know). To be settled by: "Where is he?"'
    ) in told.text


def test_an_exception_that_is_not_known_is_told_as_a_precaution() -> None:
    told = explained(claim("abuse", value=True))
    [guard] = told.precautions
    assert (guard.precaution, guard.whether, guard.settled_by, guard.basis[1].title) == (
        "abuse", "he is gone", "place", "Second",
    )  # fmt: skip
    assert told.basis.kind == "precaution"


def test_where_no_rule_gives_the_grade_it_is_told_whether_the_lowest_is_earned() -> None:
    unknown, earned = explained().base, explained(CALM).base
    assert unknown is not None
    assert (unknown.grade, unknown.lowest, [one.fact for one in unknown.not_known]) == ("low", "not_known", ["now"])
    assert earned is not None
    assert (earned.grade, earned.lowest, earned.not_known) == ("least", "earned", ())
    assert explained(claim("now", present=("fire",))).base is None
    assert (
        '"Least" is earned only once this is known: none of these is so: somebody is being attacked or there is a '
        'fire. Until then it is at least "Low". Not known: "Is any of this happening?" (nobody asked).'
    ) in explained().text


# answers, contact, the near rule: fact, state, values, by itself
NEAR = [
    ((CALM,), "often", "times", "open", ("3 to 99",), True, "not asked yet"),
    ((CALM, claim("times", value=2)), "often", "times", "answered", ("3 to 99",), True, "answered otherwise"),
    ((CALM, claim("abuse", value=False)), "both", "place", "open", ("near", "here"), False, "the rest stands"),
    (
        (CALM, claim("abuse", value=False), claim("place", absent=Absence.DECLINED)),
        "both",
        "place",
        "not_known",
        ("near", "here"),
        False,
        "asked in vain",
    ),
]


@pytest.mark.parametrize(("answers", "name", "lacking", "state", "values", "by_itself", "remark"), NEAR)
def test_a_rule_one_answer_away_that_would_raise_the_grade_is_told(
    answers: tuple[object, ...],
    name: str,
    lacking: str,
    state: str,
    values: tuple[str, ...],
    by_itself: bool,
    remark: str,
) -> None:
    [near] = [one for one in explained(*answers).near if one.rule == name and one.fact == lacking]
    assert (near.state, near.needed_values, near.by_itself) == (state, values, by_itself), remark


def test_tags_that_would_do_the_same_are_told_as_one() -> None:
    [near] = [one for one in explained(CALM).near if one.rule == "danger"]
    assert near.tags == ("violence", "fire")
    assert near.needed == "somebody is being attacked or there is a fire"
    assert near.stands == "it is not so that somebody is being attacked or there is a fire"


def test_a_rule_that_would_not_raise_the_grade_is_told_apart_and_only_if_it_would_change_anything() -> None:
    told = explained(claim("now", present=("violence",)), claim("abuse", value=False))
    assert told.near == ()
    # "often" gives a lower grade than the one there is and does nothing else; "both" demands an officer.
    assert {one.rule for one in told.near_other} == {"calm", "both"}
    assert "One other answer" not in told.text


def test_what_a_clock_would_have_to_show_is_no_open_question() -> None:
    early = BEGINS - timedelta(hours=3)
    told = explain(POLICY, a_call(CALM, claim("abuse", value=False)), early, LEXICON)
    [near] = [one for one in told.near_other if one.fact == "hour"]
    assert (near.rule, near.state, near.stands, near.needed) == (
        "night",
        "looked_up",
        "the hour is at most 3",
        "the hour is 4 or more",
    )


def test_the_text_is_short_paragraphs_with_times_of_the_policys_zone() -> None:
    told = explained(claim("now", present=("fire",)))
    assert told.text.split("\n\n") == [
        "Recommended: Top. No answer that can still be had changes that.",
        "Because: Danger now. It rests on this: there is a fire (caller, 04:17). Source: Source.",
        "Found: threat high, risk medium.",
    ]


def test_answers_that_contradict_each_other_are_told() -> None:
    told = explained(claim("abuse", value=True), claim("abuse", 5, value=False, source=Source.THIRD_PARTY))
    assert told.conflicts == ("abuse",)
    assert 'Answers contradict each other on "Is it a relative?". The worse stands.' in told.text


@settings(max_examples=300, deadline=None)
@given(SEEDS)
def test_every_call_has_an_explanation_and_it_agrees_with_the_evaluation(seed: int) -> None:
    policy, call = small_case(seed)
    told, result = explain(policy, call, BEGINS), evaluate(policy, call, BEGINS)
    assert (told.recommended, told.certain, told.possible) == (result.recommended, result.certain, result.possible)
    assert [one.rule for one in told.rules] == [one.id for one in result.reasons if one.kind == "rule"]
    assert [one.precaution for one in told.precautions] == [one.id for one in result.reasons if one.kind != "rule"]
    assert [(one.fact, one.answer, one.grade) for one in told.changes] == [
        (one.fact, one.answer, one.grade) for one in result.changes
    ]
    assert (told.base is not None) == (result.basis.kind == "base")
    assert {name for one in told.elements for name in one.rules} == {one.rule for one in told.rules}
    _check_near(policy, call, told)


def _check_near(policy: CompiledPolicy, call: Call, told: Explanation) -> None:
    ranks = {floor.rule.id: floor.rank for floor in policy.floors}
    recommended = policy.rank_of(told.recommended)
    assert all(ranks[one.rule] > recommended for one in told.near)
    assert all(ranks[one.rule] <= recommended for one in told.near_other)
    held = {one.rule for one in told.rules}
    assert not held & {one.rule for one in (*told.near, *told.near_other)}
