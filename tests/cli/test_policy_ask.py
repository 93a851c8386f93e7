"""`policy ask`, from the words of the command to its last line: scripted plays on the shipped policy."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.assessment.contact import Channel
from chalicelib.auth.roles import Role
from chalicelib.authoring.cases import check_cases, read_cases, result_of, run_cases
from chalicelib.canonical import Json, canonical
from chalicelib.cli.ask_commands import take
from chalicelib.cli.ask_session import Session
from chalicelib.cli.main import main
from chalicelib.cli.policy_files import compiled_file
from chalicelib.model import instant_of, instant_text
from chalicelib.playing.play import begin
from chalicelib.policy.compiled import CompiledPolicy
from tests.api.service import LocalService
from tests.callers import NOW
from tests.strategies import document, fact, rule

SHIPPED = Path(__file__).parents[2] / "policies" / "hertfordshire-thriives" / "policy.yaml"
AT = "2026-11-23T02:10:00Z"


@cache
def shipped() -> CompiledPolicy:
    return compiled_file(SHIPPED).compiled


class Play:
    """Plays scripts as they would come through a pipe."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch

    def __call__(self, *lines: str, words: tuple[str, ...] = (), policy: Path = SHIPPED) -> tuple[int, str]:
        """The exit code, and all that was shown."""
        self._monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        code = main(["policy", "ask", str(policy), "--at", AT, *words])
        return code, self._capsys.readouterr().out


@pytest.fixture
def play(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Play:
    return Play(capsys, monkeypatch)


def summary(shown: str) -> str:
    """What stands under the last heading."""
    return shown.rpartition("\nSummary\n")[2]


def test_danger_now_is_immediate_and_says_why_and_where_that_comes_from(play: Play) -> None:
    code, shown = play("dangers_now = 2", "suspect_whereabouts = here", "stop")
    assert code == 0
    assert "> dangers_now = 2\n  = " in shown
    assert "  Immediate. Settled" in shown
    assert "+ reason: " in shown
    assert "+ an officer has to attend" in shown
    told = summary(shown)
    assert told.startswith("Grade: Immediate.")
    for heading in ("Reasons:", "Response: an officer has to attend.", "Owed:", "Log:", "Still not known:"):
        assert f"\n{heading}" in told
    assert "source: " in told
    assert "THRIIVES" in told


def test_an_empty_call_is_never_resolved_and_its_end_is_a_stop(play: Play) -> None:
    code, shown = play()
    assert code == 0
    assert "[1] " in shown
    assert "At least Scheduled so far, could be Immediate." in summary(shown)
    assert "0 questions answered; it was not enough to stop." in shown


def test_a_wrong_line_is_told_what_would_be_right_and_the_question_is_put_again(play: Play) -> None:
    code, shown = play("perhaps", "1")
    assert code == 1
    assert '"perhaps" is no answer here. Right would be: a number from 1 to 3; ? if it is not known.' in shown
    after = shown.partition("Right would be")[2]
    assert after.index("[1] ") < after.index("> 1\n  = ")
    assert "1 line was not understood and changed nothing." in shown


def test_remarks_and_empty_lines_are_left_out(play: Play) -> None:
    code, shown = play("# where it is", "", "1")
    assert (code, shown.count("[2] ")) == (0, 1)


def test_an_answer_that_names_its_fact_never_lands_on_another_question(play: Play) -> None:
    code, shown = play("weapon = 4 by officer", "1")
    assert code == 0
    assert "[weapon; officer at scene" in shown
    assert "[where; caller" in shown


def test_not_known_is_never_put_again(play: Play) -> None:
    code, shown = play(*["?"] * 60, "stop", words=("--all",))
    asked = [fact.question for fact in compiled_file(SHIPPED).compiled.policy.facts]
    put = [line.partition("] ")[2] for line in shown.split("\n") if line.startswith("[") and "] " in line]
    of_one_fact = [question for question in put if asked.count(question) == 1]
    assert len(of_one_fact) == len(set(of_one_fact)) > 10
    assert "Not known." in summary(shown)
    assert code == 1  # the answers that came after the last question


def test_the_handler_is_told_when_to_stop_and_goes_on_only_when_asked(play: Play) -> None:
    answers = ["1", "1", "none", "none", "none", "none", "none", "?", "?"]
    _, quiet = play(*answers)
    assert "You may stop here, after " in quiet
    assert "No question is put now." in quiet
    _, on_request = play(*answers, "more", "?")
    _, all_of_them = play(*answers, words=("--all",))
    asked = [shown.count("  = ") for shown in (quiet, on_request, all_of_them)]
    assert asked == [7, 8, 8]
    assert "were enough to stop" in summary(all_of_them)


def test_what_was_undone_never_was(play: Play) -> None:
    once, twice = play("1"), play("1", "dangers_now = 2", "undo")
    assert once[0] == twice[0] == 0
    assert summary(once[1]) == summary(twice[1])


def test_the_line_is_lost_and_what_was_not_asked_counts_as_the_worst(play: Play) -> None:
    code, shown = play("domestic_abuse = y", "suspect_whereabouts = nearby", "suspect_whereabouts = 3", "lost", "back")
    assert code == 0
    lost = shown.partition("> lost")[2].partition("> back")[0]
    assert "+ precaution: " in lost
    assert "The caller has gone." in lost
    assert "[" in shown.partition("> back")[2]


def test_commands_show_and_change_nothing(play: Play) -> None:
    asking = ("why", "grade", "explain", "answers", "facts weapon", "help", "check")
    code, shown = play("dangers_now = 2", *asking)
    assert code == 1  # check alone lists the checks, and says what follows it
    assert summary(shown).replace("\n1 line was not understood and changed nothing.", "") == summary(
        play("dangers_now = 2")[1]
    )
    assert "Put because it " in shown
    assert "weapon  " in shown
    assert "Recommended: Immediate." in shown


def test_people_checks_corrections_and_contradictions_are_played(play: Play) -> None:
    code, shown = play(
        "person V1 victim", "injury = 3 about V1", "say injury = 1 about V1 by handler", "correct injury = 1 about V1",
        "check number_history running", "happened 90", "opened", "wait 20", "skip", "stop",
    )  # fmt: skip
    assert code == 0
    assert "about V1" in shown
    assert "answers contradict each other, and the worse stands" in shown
    assert ", a correction]" in shown
    assert "a check is running" in shown.lower()
    assert "It was skipped." in shown


def test_a_script_is_read_from_a_file_and_shown(play: Play, tmp_path: Path) -> None:
    script = tmp_path / "answers.txt"
    script.write_text("1\ndangers_now = 2\nstop\n", encoding="utf-8")
    code, shown = play("none of this is read", words=("--script", str(script)))
    assert code == 0
    assert "> dangers_now = 2" in shown
    assert "none of this is read" not in shown


def test_no_line_can_bring_in_what_a_terminal_would_act_on(play: Play) -> None:
    _, shown = play("\x1b[31mred", "\x1b]0;title\x07")
    assert "\x1b" not in shown
    assert "\x07" not in shown


def test_the_saved_call_is_a_case_that_passes_and_says_that_a_person_has_to_confirm_it(
    play: Play, tmp_path: Path
) -> None:
    saved = tmp_path / "case.yaml"
    lines = (
        "person V1 victim",
        "dangers_now = only 2",
        "injury = at least 2 by officer",
        "check number_history running",
    )
    code, _ = play(*lines, "lost", "stop", words=("--save", str(saved), "--channel", "101"))
    assert code == 0
    assert "has to confirm it" in saved.read_text(encoding="utf-8")
    policy, cases = shipped(), read_cases(saved.read_bytes())
    assert check_cases(policy, cases) == []
    assert [result.differences for result in run_cases(policy, cases)] == [()]
    (case,) = cases.cases
    assert (case.contact.channel, case.expect.grade.is_) == ("101", "IMMEDIATE")
    assert case.expect.reasons


def test_a_file_that_is_there_is_never_written_over(play: Play, tmp_path: Path) -> None:
    saved = tmp_path / "case.yaml"
    saved.write_text("mine", encoding="utf-8")
    code, shown = play("1", words=("--save", str(saved)))
    assert (code, shown, saved.read_text(encoding="utf-8")) == (1, "", "mine")


@pytest.mark.parametrize("words", [("--at", "yesterday"), ("--at", "9999-12-31T00:00:00Z"), ("--channel", "fax")])
def test_wrong_words_of_the_command_are_refused(play: Play, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit, match="3"):
        play(words=words)


def test_a_script_that_is_no_text_is_refused(play: Play, tmp_path: Path) -> None:
    script = tmp_path / "answers.txt"
    script.write_bytes(b"\xff\xfe")
    assert play(words=("--script", str(script))) == (1, "")


OWED: dict[str, Json] = {
    "duties": [
        {"id": "call", "title": "Call back", "owed_by": "dispatcher", "done_by": ["callback"], "minutes": 120,
         "clock": "graded", "text": "words"},
        {"id": "message", "title": "Leave a message", "owed_by": "call_handler", "must_not": True},
    ],
    "texts": [{"id": "words", "text": "We will call you."}],
    "flags": [{"id": "mark", "title": "Marked"}],
    "specified_needs": [{"id": "need", "title": "Always seen to", "when": {"fact": "danger", "is": "yes"}}],
    "checks": [{"id": "history", "title": "Earlier calls", "due_when": {"fact": "danger", "is": "yes"},
                "results": [{"result": "found", "fact": "known", "value": True}]}],
    "timers": [{"id": "review", "title": "Look again", "basis": ["source"], "clock": "call_received", "minutes": 30,
                "until": ["review_done"], "owed_by": "supervisor", "severity": "act"}],
    "victims_code": {
        "categories": [{"id": "harmed", "title": "Harmed", "basis": ["source"], "when": {"fact": "harm", "is": "yes"}}],
        "tell": [{"id": "rights", "title": "Their rights", "right": 1, "say": "before_end", "basis": ["source"]}],
    },
    "impossible": [{"id": "odd", "says": "Danger, and nobody knows of it.",
                    "when": {"all": [{"fact": "danger", "is": "yes"}, {"fact": "known", "is": "no"}]}}],
}  # fmt: skip

# what has to be in the summary, remark
TOLD = [
    ('Call back (dispatcher, within 2 hours of graded). Words: "We will call you."', "a duty, its time and its words"),
    ("Not to be done:\n    Leave a message (call handler).", "something that must not be done"),
    ("Flags:\n    Marked", ""),
    ("Specified needs:\n    Always seen to", ""),
    ("Checks to make:\n    Earlier calls [history]", "a check that is due"),
    ("Look again (supervisor; 30 minutes from call received, due 02:40)", "a timer, with when it is due"),
    ("Victims' Code, V1: enhanced rights.\n    Ground: Harmed.", "one victim's own answers"),
    ("Victims' Code, V2: whether rights are enhanced is not settled.", "another's"),
    ("To tell (before the call ends): Their rights.", ""),
    ("Attend counts once on record: caller told.", "what a response needs"),
]


def test_what_is_owed_due_and_told_to_each_victim_is_in_the_summary(play: Play, tmp_path: Path) -> None:
    facts = [
        fact("danger", "yes_no", worse="yes"),
        fact("harm", "yes_no", worse="yes", per="victim", purpose=["victim"]),
        fact("known", "yes_no", purpose=["victim"]),
    ]
    rules = [rule("danger", {"fact": "danger", "is": "yes"}, grade="top", duties=["call", "message"], flags=["mark"])]
    responses: Json = [{"id": "attend", "title": "Attend", "attends": True, "needs": ["caller_told"]}]
    policy = tmp_path / "policy.yaml"
    policy.write_bytes(canonical(document(facts, rules, **{**OWED, "responses": responses})))
    lines = ("person V1 victim", "person V2 victim", "harm = y about V1", "danger = y", "known = n", "stop")
    code, shown = play(*lines, policy=policy)
    assert code == 0
    for news in ("do not: Leave a message", "check to make: Earlier calls", "this cannot be: Danger, and nobody knows"):
        assert f"  + {news}" in shown
    assert [remark or words for words, remark in TOLD if words not in summary(shown)] == []


def test_the_service_says_the_same_of_the_same_answers(play: Play, tmp_path: Path) -> None:
    saved, begins = tmp_path / "case.yaml", instant_text(NOW - timedelta(minutes=10))
    lines = ("person V1 victim", "domestic_abuse = y", "weapon = at least 2", "say weapon = 1 by handler", "injury = ?")
    play(*lines, "concerns = only 3", "dangers_now = not 1", words=("--save", str(saved), "--at", begins))
    (case,) = read_cases(saved.read_bytes()).cases
    sent: dict[str, Json] = {
        "contact": {"reference": "HC-20261123-0417", "started_at": begins, "channel": "999",
                    "state": "in_progress"},
        "actor": {"pseudonym": "a1", "role": "call_handler"},
        "people": [{"ref": "V1", "roles": ["victim"]}],
        "answers": [given.model_dump(mode="json", exclude_defaults=True) for given in case.answers],
    }  # fmt: skip
    service = LocalService(tmp_path / "data")
    headers = {
        "Authorization": f"Bearer {service.token(Role.CONTROL_ROOM)}",
        "Idempotency-Key": "a-call-that-was-played",
        "Content-Type": "application/json",
    }
    with service.serving():
        reply = service.send("POST", "/v1/assessments", headers, canonical(sent))
    assert reply.status == 201
    advice, result = json.loads(reply.body)["advice"], result_of(shipped(), case.model_copy(update={"at": NOW}))
    assert advice["grade"]["recommended"] == result.recommended
    assert [one["id"] for one in advice["reasons"]] == [one.id for one in result.reasons]
    assert [one["fact"] for one in advice["open_questions"]] == [one.fact for one in result.questions]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_random_answers_on_the_shipped_policy_end_with_nothing_asked_twice(seed: int) -> None:
    chance, shown = Random(seed), list[str]()
    session = Session(begin(shipped(), Channel.EMERGENCY, instant_of(AT)), shown.extend, str, going_on=True)
    put = session.put()
    for _ in range(120):
        if put is None:
            break
        session.prompt()
        take(session, chance.choice(["?", "1", "only 2", "none", "y", "n", "unable", "0", "at least 2", "2"]))
        before, put = put, session.put()
        if put == before:
            take(session, "?")
            put = session.put()
    assert put is None
    assert session.play.result.may_stop or not session.play.result.exact
    session.summary()
    assert any(line.startswith("Grade: ") for line in shown)
