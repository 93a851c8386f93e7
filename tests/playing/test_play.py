"""A played call: what typed answers mean, which question is put about whom, and that the service would say the same."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.assessment.call import Call, Contact
from chalicelib.assessment.contact import Channel, ContactState
from chalicelib.assessment.evaluate import evaluate
from chalicelib.assessment.intake import Given, take_in
from chalicelib.authoring.cases import check_cases, read_cases, result_of, run_cases
from chalicelib.canonical import Json
from chalicelib.cli.ask_commands import COMMANDS, take
from chalicelib.cli.ask_session import Session
from chalicelib.errors import Invalid
from chalicelib.playing.answer_words import in_words
from chalicelib.playing.play import Play, begin
from chalicelib.playing.played_case import as_document
from chalicelib.playing.said import said_of
from chalicelib.playing.typed import read_answer
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Role, Source
from chalicelib.records.accumulation import joined_answers, joined_checks
from tests.strategies import compiled, document, fact, rule, small_policy

AT = datetime(2026, 11, 23, 2, 10, tzinfo=UTC)
PLACES: Json = [
    {"id": "known", "title": "The place is known"},
    {"id": "unknown", "title": "Not known"},
    {"id": "none", "title": "There is none"},
    {"id": "pending", "title": "Held by a neighbour"},
]
FACTS = [
    fact("danger", "yes_no", worse="yes", required=True),
    fact("place", "choice", options=PLACES, purpose=["dispatch"]),
    fact("hurt", "ordered", worse="higher", per="victim"),
    fact("times", "whole", worse="higher"),
    fact("signs", "set"),
    fact("marker", "yes_no", worse="yes", answered_by=["system_check"]),
    fact("told", "yes_no", purpose=["victim"]),
]
RULES = [
    rule("danger", {"fact": "danger", "is": "yes"}, grade="top"),
    rule("hurt", {"fact": "hurt", "at_least": "b"}, grade="high"),
    rule("signs", {"fact": "signs", "includes_any": ["a"]}, grade="high"),
    rule("times", {"fact": "times", "at_least": 2}, grade="high"),
    rule("marker", {"fact": "marker", "is": "yes"}, grade="high"),
]
CHECK: Json = {
    "id": "history",
    "title": "History",
    "results": [
        {"result": "found", "fact": "marker", "value": True},
        {"result": "nothing", "fact": "marker", "value": False},
    ],
}
POLICY: CompiledPolicy = compiled(document(FACTS, RULES, checks=[CHECK]))


def a_play() -> Play:
    """A play of which nothing is known."""
    return begin(POLICY, Channel.EMERGENCY, AT)


def said(play: Play, name: str, text: str) -> Play:
    """The play after something was said about a fact."""
    term = play.term(name)
    return play.say(term, said_of(term, text))


# fact, typed, the answer as it is sent, remark
ANSWERS: list[tuple[str, str, dict[str, Json], str]] = [
    ("danger", "y", {"value": True}, "one letter"),
    ("danger", " NO. ", {"value": False}, "case and full stop mean nothing"),
    ("danger", "?", {"absent": "unknown"}, "asked and not known"),
    ("danger", "refused", {"absent": "declined"}, ""),
    ("danger", "unable", {"absent": "unable"}, "line lost, cannot speak"),
    ("danger", "pending", {"absent": "pending"}, "a check is running"),
    ("place", "1", {"value": "known"}, "by number"),
    ("place", "kno", {"value": "known"}, "by the beginning of an id"),
    ("place", "place", {"value": "known"}, "by the beginning of a title without its article"),
    ("place", "unknown", {"value": "unknown"}, "an option's id is no reason for absence"),
    ("place", "4", {"value": "pending"}, "an option that is named like a reason, by its number"),
    ("place", "?pending", {"absent": "pending"}, "the reason, where an option has its name"),
    ("hurt", "b", {"value": "b"}, ""),
    ("hurt", "at least 2", {"at_least": "b"}, "a part of an answer"),
    ("hurt", "at most b", {"at_most": "b"}, ""),
    ("hurt", "b or more", {"at_least": "b"}, ""),
    ("hurt", "between a and b", {"at_least": "a", "at_most": "b"}, ""),
    ("times", "3", {"value": 3}, "a number is a number, not an option's place"),
    ("times", "at least 2", {"at_least": 2}, ""),
    ("times", "1-2", {"at_least": 1, "at_most": 2}, ""),
    ("signs", "1, 2", {"present": ["a", "b"]}, "says nothing about the rest"),
    ("signs", "1 2", {"present": ["a", "b"]}, ""),
    ("signs", "only 2", {"present": ["b"], "ruled_out": ["a"]}, "the rest is not so"),
    ("signs", "not b", {"ruled_out": ["b"]}, ""),
    ("signs", "1, not 2", {"present": ["a"], "ruled_out": ["b"]}, ""),
    ("signs", "none", {"value": "none_of_these"}, "rules all out"),
    ("signs", "no", {"value": "none_of_these"}, "the natural answer to a screening question"),
]


@pytest.mark.parametrize(("name", "text", "sent", "_remark"), ANSWERS)
def test_what_is_typed_means(name: str, text: str, sent: dict[str, Json], _remark: str) -> None:
    assert read_answer(POLICY.terms[name], text) == sent


# fact, typed, what has to be in the words
REFUSED = [
    ("danger", "maybe", "y or n"),
    ("danger", "", "y or n"),
    ("place", "9", "1 to 4"),
    ("place", "no", "1 to 4"),
    ("place", "n", "1 to 4"),
    ("place", "unknwon", "Did you mean 2 (Not known)"),
    ("place", "at least 2", "have no order"),
    ("place", "pending", "type 4 for that, else ?pending"),
    ("place", "there_", "is no answer"),
    ("times", "many", "a whole number from 0 to 3"),
    ("signs", "not 1, 2", "could mean either"),
    ("signs", ",", "is no answer"),
    ("signs", "1, 7", "1 to 2"),
]


@pytest.mark.parametrize(("name", "text", "words"), REFUSED)
def test_what_is_no_answer_is_told_what_would_be_right(name: str, text: str, words: str) -> None:
    with pytest.raises(Invalid, match=re.escape(words)):
        read_answer(POLICY.terms[name], text)


def test_a_number_out_of_range_is_refused_by_the_intake_and_changes_nothing() -> None:
    play = a_play()
    with pytest.raises(Invalid, match="from 0 to 3"):
        said(play, "times", "7")
    assert play.case.answers == ()


@pytest.mark.parametrize(("name", "text", "sent", "_remark"), ANSWERS)
def test_every_answer_can_be_read_again_in_words(name: str, text: str, sent: dict[str, Json], _remark: str) -> None:
    term = POLICY.terms[name]
    assert in_words(term, Given.model_validate({"fact": name, **sent}, strict=False))


def test_who_said_it_and_about_whom_stand_behind_the_answer() -> None:
    found = said_of(POLICY.terms["hurt"], "at least 2 about V2 by officer")
    assert (found.text, found.source, found.about) == ("at least 2", Source.OFFICER_AT_SCENE, "V2")


def test_a_title_with_by_in_it_is_an_answer() -> None:
    assert said_of(POLICY.terms["place"], "Held by a neighbour").text == "Held by a neighbour"


def test_a_source_that_there_is_not_is_refused() -> None:
    with pytest.raises(Invalid, match="did you mean caller"):
        said_of(POLICY.terms["danger"], "y by calller")


def test_who_may_not_answer_is_not_taken_for_the_source() -> None:
    assert said(a_play(), "marker", "n").case.answers[-1].source is Source.SYSTEM_CHECK


def test_a_question_that_was_answered_not_known_is_not_put_again() -> None:
    play = a_play()
    put = play.question()
    assert put is not None
    after = play.answer(put, said_of(put.term, "?"))
    assert put.term.fact.id not in [one.term.fact.id for one in after.questions()]


def test_a_part_that_becomes_known_after_all_opens_the_question_for_the_rest() -> None:
    play = said(said(a_play(), "signs", "?"), "signs", "2")
    assert [put.still_open for put in play.questions() if put.term.fact.id == "signs"] == [("a",)]


def test_the_rest_of_a_set_is_ruled_out_without_contradicting_what_was_said() -> None:
    play = said(a_play(), "signs", "2")
    put = next(one for one in play.questions() if one.term.fact.id == "signs")
    assert put.still_open == ("a",)
    after = play.answer(put, said_of(put.term, "none"))
    assert after.case.answers[-1].ruled_out == ("a",)
    assert after.result.conflicts == ()


@pytest.mark.parametrize("answers", [("a", "?"), ("?", "a"), ("?", "unable"), ("at most b", "a")])
def test_of_several_people_each_is_asked_about_who_leaves_it_open(answers: tuple[str, str]) -> None:
    play = a_play().person("V1", (Role.VICTIM,)).person("V2", (Role.VICTIM,))
    asked = []
    for text in answers:
        put = next(one for one in play.questions() if one.term.fact.id == "hurt")
        asked.append(put.about)
        play = play.answer(put, said_of(put.term, text))
    assert asked == (["V1", "V1"] if answers[0] == "at most b" else ["V1", "V2"])


def test_nobody_is_spoken_of_who_was_not_named() -> None:
    with pytest.raises(Invalid, match="person V9 victim"):
        said(a_play(), "hurt", "2 about V9")
    with pytest.raises(Invalid, match="not asked of each person"):
        said(a_play(), "danger", "y about V9")


def test_what_was_skipped_comes_last_and_stays_open() -> None:
    play = a_play()
    first = play.question()
    assert first is not None
    order = [put.term.fact.id for put in play.skip(first).questions()]
    assert order[-1] == first.term.fact.id
    assert set(order) == {put.term.fact.id for put in play.questions()}


def test_a_correction_replaces_and_a_better_answer_does_not() -> None:
    play = said(a_play(), "danger", "y")
    assert said(play, "danger", "n").result.recommended == "top"
    term = play.term("danger")
    corrected = play.say(term, said_of(term, "n", correction=True))
    assert corrected.result.recommended != "top"


def test_a_check_counts_as_what_the_policy_says_it_means() -> None:
    assert a_play().check("hist", "found").result.recommended == "high"
    with pytest.raises(Invalid, match="found, nothing"):
        a_play().check("history", "perhaps")


def test_the_count_is_that_of_the_questions_until_the_handler_might_stop() -> None:
    play = a_play()
    while not play.result.may_stop:
        put = play.question()
        assert put is not None
        play = play.answer(put, said_of(put.term, "?"))
    enough, further = play.asked, play.question()
    assert further is not None
    after = play.answer(further, said_of(further.term, "y")).wait(5)
    assert (after.asked, after.enough_after) == (enough + 1, enough)
    assert a_play().enough_after is None


WORDS = [
    "y", "n", "?", "1", "2", "1,2", "only 1", "none", "not 1", "at least b", "refused", "unable", "pending", "b", "c",
    "y by victim", "2 about V1", "person V1 victim", "person V2 victim caller", "person", "say f0 = y", "say f0 = 1",
    "correct f0 = n", "correct f1 = none by officer", "f0 = 2", "f1 = ?", "say", "say f9 = 1", "check", "check x y",
    "lost", "back", "ended", "skip", "undo", "more", "why", "grade", "explain", "answers", "facts", "help", "wait 20",
    "opened",
    "happened 30", "wait soon", "=", "/", "/undo", "f0 =", "by", "about", "not", "only", "at least", "between 1 and 2",
    ",", "3",
]  # fmt: skip


@example(4421, ["2", "say f0 = 1", "2"])
@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=20)), max_size=14))
def test_any_lines_leave_a_call_that_the_service_would_have_evaluated_alike(seed: int, lines: list[str]) -> None:
    policy = small_policy(Random(seed))
    shown: list[str] = []
    session = Session(begin(policy, Channel.EMERGENCY, AT), shown.extend, str, going_on=seed % 2 == 0)
    for line in lines:
        session.prompt()
        take(session, line)
    session.summary()
    play = session.play
    call = as_the_service(play)
    assert evaluate(policy, call, play.case.at) == play.result
    assert sorted(map(repr, call.answers)) == sorted(map(repr, joined_answers(play.call.answers)))
    cases = read_cases(as_document(policy.policy.id, policy.policy.version, play.finished()).encode())
    assert check_cases(policy, cases) == []
    assert [result.differences for result in run_cases(policy, cases)] == [()]
    assert result_of(policy, cases.cases[0]) == play.result


def as_the_service(play: Play) -> Call:
    """The call that comes of sending each answer by itself, as control-room software does while a call goes on."""
    answers = play.call.answers[:0]
    for given_answer in play.case.answers:
        assert given_answer.at is not None
        sent = given_answer.model_dump(mode="json", exclude_defaults=True)
        taken = take_in(play.policy, [sent], (), at=given_answer.at, supervisor=False)
        assert taken.faults == []
        answers = joined_answers((*answers, *taken.claims))
    checks = take_in(play.policy, (), play.call.checks, at=play.case.at, supervisor=False).checks
    contact = Contact(**play.case.contact.model_dump())
    return play.call.model_copy(update={"answers": answers, "checks": joined_checks(checks), "contact": contact})


def test_every_command_is_among_the_lines_that_are_tried() -> None:
    tried = {line.split()[0] for line in WORDS if line.split()}
    assert set(COMMANDS) - tried == {"stop"}


def test_a_lost_line_is_the_state_of_the_contact() -> None:
    play = a_play().contact(ContactState.LOST)
    assert play.over
    assert play.call.contact.state is ContactState.LOST
