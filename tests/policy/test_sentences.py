"""Rules, precautions, questions and guarantees as English sentences, and the words for what the language lists."""

from __future__ import annotations

import pytest

from chalicelib.canonical import Json
from chalicelib.policy.closed_lists import Again, Clock, EventKind, Owner, Severity
from chalicelib.policy.document import Absence, ClockFact, NotAsked, Purpose, Source
from chalicelib.policy.lexicon import Lexicon
from chalicelib.policy.sentences import (
    asked_in_words,
    earned_in_words,
    effects_in_words,
    guarantee_in_words,
    precaution_in_words,
    rule_in_words,
)
from chalicelib.policy.wording import (
    ABSENT,
    AGAIN,
    CLOCK_FACTS,
    CLOCKS,
    EVENTS,
    NOT_ASKED,
    OWNERS,
    PURPOSES,
    SEVERITIES,
    SOURCES,
    due_in_words,
)
from tests.policy.spoken import PHRASED, PLAIN, SAFE, YES, policy
from tests.strategies import Doc, fact, rule


def test_a_finding_reads_as_one() -> None:
    first = rule("first", YES, findings=[{"element": "threat", "level": "medium"}])
    second = rule("second", {"finding": "threat", "at_least": "medium"}, grade="top")
    third = rule("third", {"none": [{"finding": "threat", "at_least": "high"}]}, grade="top")
    made = policy(PLAIN, first, second, third).policy
    assert rule_in_words(Lexicon(made), made.rules[1]) == "Top if threat is found to be at least medium."
    assert rule_in_words(Lexicon(made), made.rules[2]) == "Top if it is known that threat is not found to be high."


def test_a_rule_reads_as_one_sentence_with_its_exception() -> None:
    made = policy(PHRASED, rule("r", YES, grade="top", unless={"none": [{"condition": "near"}]})).policy
    assert rule_in_words(Lexicon(made), made.rules[0]) == (
        'Top if a relative, friend or partner is the cause, unless it is known that "He is near" does not hold.'
    )


def test_only_the_highest_grade_is_said_without_at_least() -> None:
    made = policy(PHRASED, rule("r", SAFE, grade="low")).policy
    assert rule_in_words(Lexicon(made), made.rules[0]) == "At least Low if there is a safe place."


def test_a_rule_without_a_grade_says_what_it_does() -> None:
    effects: Doc = {
        "findings": [{"element": "threat", "level": "high"}, {"element": "risk", "level": "high"}],
        "response": {"require": "attendance", "forbid": ["attend"], "unless_authorised_by": "supervisor"},
        "flags": ["mark"], "duties": ["look", "tell", "again", "never"],
    }  # fmt: skip
    parts: Doc = {
        "flags": [{"id": "mark", "title": "Mark"}],
        "duties": [
            {"id": "tell", "title": "Tell the caller", "owed_by": "officer", "done_by": ["caller_told"]},
            {"id": "look", "title": "Look", "owed_by": "supervisor", "done_by": ["review_done"]},
            {"id": "again", "title": "Look again", "owed_by": "supervisor", "done_by": ["review_done"]},
            {"id": "never", "title": "Never tell the family", "owed_by": "supervisor", "must_not": True},
        ],
    }
    made = policy(PHRASED, rule("r", SAFE, **effects), **parts).policy
    assert effects_in_words(Lexicon(made), made.rules[0]) == (
        "threat and risk are found to be high",
        "an officer attends, unless a supervisor authorises another response",
        '"Attend" is refused, unless a supervisor authorises it',
        'it is marked "Mark"',
        'the officer has to: "Tell the caller"',
        'the supervisor has to: "Look" and "Look again"',
        'the supervisor has to keep to this: "Never tell the family"',
    )
    assert rule_in_words(Lexicon(made), made.rules[0]).startswith("If there is a safe place: threat and risk are found")


def test_a_precaution_says_what_is_not_known_and_what_settles_it() -> None:
    guard: Doc = {
        "id": "p", "says": "Not known", "basis": ["source"], "on": "near", "question": "where", "scope": SAFE,
        "grade": "high", "reasons": ["unknown", "pending"], "not_asked": "if_lost",
    }  # fmt: skip
    made = policy(PHRASED, precautions=[guard, {**guard, "id": "q", "on": "abuse", "not_asked": "never"}]).policy
    words = [precaution_in_words(Lexicon(made), one) for one in made.precautions]
    assert words[0] == (
        'At least High while it is not known whether "He is near" holds, if there is a safe place. It counts '
        "when whoever was asked did not know, a check is still running or the line was lost before anybody asked. "
        'The question that settles it: "Where is he?"'
    )
    assert "not known whether a relative, friend or partner is the cause, if" in words[1]
    assert "anybody asked" not in words[1]


# fact, words, remark
ASKED: list[tuple[Doc, str, str]] = [
    (fact("f", "yes_no"), "Always asked.", "no condition"),
    (
        fact("f", "yes_no", asked_when=SAFE, otherwise=False),
        "Asked if there is a safe place. Where that is known not to be so, the answer counts as no.",
        "yes/no",
    ),
    (
        fact("f", "set", asked_when=SAFE, otherwise="none"),
        "Asked if there is a safe place. Where that is known not to be so, the answer counts as none of them.",
        "a set",
    ),
    (
        fact("f", "whole", history={"days": 365, "matched_by": ["phone", "address"], "flag": "mark"}),
        'Not asked. Counted: earlier incidents marked "Mark" with the same phone or the same address, within 365 days.',
        "history",
    ),
    (
        fact("f", "whole", history={"days": 1, "matched_by": ["person"]}),
        "Not asked. Counted: earlier incidents with the same person, within 1 day.",
        "a single day",
    ),
    (
        fact("f", "whole", clock="minutes_since_event"),
        "Not asked. Read off the clock: the minutes since it happened.",
        "clock",
    ),
]


@pytest.mark.parametrize(("one", "words", "remark"), ASKED)
def test_it_is_said_when_a_question_is_put(one: Doc, words: str, remark: str) -> None:
    made = policy([*PHRASED, one], flags=[{"id": "mark", "title": "Mark"}]).policy
    assert asked_in_words(Lexicon(made), made.facts[-1]) == words, remark


def test_a_guarantee_and_the_lowest_grade_read_as_sentences() -> None:
    promise: Doc = {
        "id": "g",
        "says": "Always",
        "when": SAFE,
        "at_least": "high",
        "attendance": True,
        "never": ["attend"],
        "basis": ["source"],
    }
    made = policy(PHRASED, guarantees=[promise], earned_when={"none": [YES]}).policy
    lexicon = Lexicon(made)
    assert guarantee_in_words(lexicon, made.guarantees[0]) == (
        'Whenever there is a safe place: the grade is at least High; an officer attends; "Attend" is refused.'
    )
    assert earned_in_words(made, lexicon) == (
        '"Least" is earned only once this is known: no relative is the cause. Until then it is at least "Low".'
    )


def test_a_guarantee_names_what_a_supervisor_may_authorise_all_the_same() -> None:
    promise: Doc = {
        "id": "g",
        "says": "Always",
        "when": SAFE,
        "attendance": True,
        "never": ["a", "b"],
        "basis": ["source"],
    }
    answers = [{"id": one, "title": one.title(), "attends": one == "attend"} for one in ("attend", "a", "b")]
    soft: Doc = {"require": "attendance", "unless_authorised_by": "supervisor"}
    firm = rule("firm", {"any": [SAFE, YES]}, response={"forbid": ["b"]})
    made = policy(PHRASED, rule("soft", SAFE, response=soft), firm, guarantees=[promise], responses=answers).policy
    assert guarantee_in_words(Lexicon(made), made.guarantees[0]) == (
        "Whenever there is a safe place: an officer attends, unless a supervisor authorises another response; "
        '"B" is refused; "A" is refused, unless a supervisor authorises it.'
    )
    both = rule("both", SAFE, response={**soft, "forbid": ["a", "b"]})
    made = policy(PHRASED, both, guarantees=[promise], responses=answers).policy
    assert '"A" and "B" are refused, unless a supervisor authorises them' in guarantee_in_words(
        Lexicon(made), made.guarantees[0]
    )


def test_of_a_question_about_many_things_those_that_matter_are_named() -> None:
    guard: Doc = {
        "id": "p", "says": "Not known", "basis": ["source"], "on": "pair", "question": "now", "scope": SAFE,
        "grade": "high", "reasons": ["unknown"], "not_asked": "never",
    }  # fmt: skip
    either: Json = [{"condition": "one"}, {"fact": "now", "includes_any": ["y"]}]
    named: list[Json] = [
        {"id": "one", "title": "One", "when": {"fact": "now", "includes_any": ["x"]}},
        {"id": "pair", "title": "Pair", "when": {"any": either}},
    ]
    made = policy(PLAIN, conditions=named, precautions=[guard]).policy
    assert precaution_in_words(Lexicon(made), made.precautions[0]).endswith(
        'The question that settles it: "Is any of this so?" (the answers "X" or "Y")'
    )


def test_everything_that_the_language_lists_has_words() -> None:
    listed = (
        (Absence, ABSENT), (Source, SOURCES), (Purpose, PURPOSES), (ClockFact, CLOCK_FACTS), (Clock, CLOCKS),
        (EventKind, EVENTS), (Owner, OWNERS), (Again, AGAIN), (Severity, SEVERITIES), (NotAsked, NOT_ASKED),
    )  # fmt: skip
    for members, words in listed:
        assert list(members) == list(words)


# minutes, clock, words
TIMES = [
    (0, Clock.CALL_ENDED, "before the call ends"),
    (0, Clock.GRADED, "as soon as the grade is given"),
    (0, Clock.APPOINTMENT, "at the time of the appointment"),
    (210, Clock.INCIDENT_OPENED, "within 3 hours and 30 minutes after the incident is opened"),
    (1, None, "within 1 minute"),
    (90, Clock.ATTENDED, "within 90 minutes after officers attend"),
    (60, Clock.CALL_RECEIVED, "within 1 hour after the call is received"),
    (2880, Clock.CALL_RECEIVED, "within 2 days after the call is received"),
]


@pytest.mark.parametrize(("minutes", "clock", "words"), TIMES)
def test_times_are_said_in_the_largest_unit_that_fits(minutes: int, clock: Clock | None, words: str) -> None:
    assert due_in_words(minutes, clock) == words
