"""Checks that are due, timers that run, and what each victim is owed."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.assessment.call import CheckDone, Earlier, Incident, Person
from chalicelib.assessment.decision import Result
from chalicelib.assessment.evaluate import evaluate
from chalicelib.policy.document import National, Role
from tests.strategies import BEGINS, a_call, claim, compiled, document, fact, rule

YES = {"is": "yes"}
POLICY = compiled(
    document(
        [
            fact("danger", "yes_no", worse="yes"),
            fact("marked", "yes_no", worse="yes"),
            fact("abused", "yes_no", worse="yes"),
            fact("frail", "yes_no", worse="yes", per="victim"),
            fact("deaf", "yes_no", worse="yes", per="victim"),
        ],
        [rule("danger", {"fact": "danger", **YES}, grade="top")],
        checks=[
            {
                "id": "markers", "title": "Look for markers", "due_when": {"fact": "abused", **YES},
                "results": [{"result": "found", "fact": "marked", "value": "yes"}],
            },
            {"id": "map", "title": "Map", "results": [{"result": "found", "fact": "marked", "value": "no"}]},
        ],
        timers=[
            {
                "id": "unassigned", "title": "Nobody is sent", "grades": ["top"], "clock": "graded", "minutes": 0,
                "until": ["assigned"], "owed_by": "inspector", "severity": "act", "basis": ["source"],
            },
            {
                "id": "look_again", "title": "Assess again", "clock": "incident_opened", "minutes": 210,
                "again_minutes": 210, "until": ["closed"], "owed_by": "dispatcher", "severity": "watch",
                "basis": ["source"],
            },
            {
                "id": "abuse_waits", "title": "Abuse waits", "when": {"fact": "abused", **YES}, "clock": "dispatched",
                "minutes": 15, "until": ["attended"], "owed_by": "supervisor", "severity": "act", "basis": ["source"],
            },
        ],
        texts=[{"id": "written", "text": "You will get a written confirmation."}],
        victims_code={
            "categories": [
                {"id": "serious", "title": "Most serious", "when": {"fact": "abused", **YES}, "basis": ["source"]},
                {"id": "vulnerable", "title": "Vulnerable", "when": {"fact": "frail", **YES}, "basis": ["source"]},
            ],
            "tell": [
                {"id": "safe", "title": "How to be safe", "right": 3, "say": "now", "basis": ["source"]},
                {
                    "id": "written", "title": "Confirmation", "right": 3, "say": "before_end", "text": "written",
                    "basis": ["source"],
                },
                {
                    "id": "signs", "title": "Sign language", "right": 1, "say": "before_end",
                    "when": {"fact": "deaf", **YES}, "basis": ["source"],
                },
            ],
            "leave_to_officer_when": {"fact": "danger", **YES},
        },
    )
)  # fmt: skip


def _timers(result: Result) -> dict[str, object]:
    return {one.timer: one.due for one in result.timers or ()}


def test_a_check_is_due_while_its_condition_is_known_and_until_it_is_done() -> None:
    abused = claim("abused", value=True)
    assert evaluate(POLICY, a_call(), BEGINS).checks == ()
    assert [one.check for one in evaluate(POLICY, a_call(abused), BEGINS).checks or ()] == ["markers"]
    done = CheckDone(check="markers", done_at=BEGINS, result="found")
    assert evaluate(POLICY, a_call(abused).model_copy(update={"checks": (done,)}), BEGINS).checks == ()


def test_timers_run_for_the_grade_and_while_their_condition_is_known() -> None:
    assert _timers(evaluate(POLICY, a_call(), BEGINS)) == {"look_again": None}
    later = BEGINS + timedelta(minutes=3)
    told = a_call(claim("danger", value=True), claim("abused", value=True))
    told = told.model_copy(update={"incident": Incident(opened_at=BEGINS)})
    assert _timers(evaluate(POLICY, told, later)) == {
        "unassigned": later,
        "look_again": BEGINS + timedelta(minutes=210),
        "abuse_waits": None,
    }


def test_timers_go_by_the_grade_that_stands_and_its_clock_began_before() -> None:
    earlier = Earlier(state="read", standing=National.IMMEDIATE, recommended="top")
    call = a_call(claim("danger", value=False)).model_copy(update={"lookups": (earlier,)})
    assert _timers(evaluate(POLICY, call, BEGINS)) == {"unassigned": None, "look_again": None}


def _owed(*said: object, people: tuple[str, ...] = ()) -> dict[str | None, tuple[str, list[str], dict[str, str]]]:
    call = a_call(*said)  # type: ignore[arg-type]  # claims
    named = tuple(Person(ref=ref, roles=(Role.VICTIM,)) for ref in people)
    result = evaluate(POLICY, call.model_copy(update={"people": named}), BEGINS)
    return {
        one.about: (one.category, list(one.settled_by), {told.id: told.say for told in one.tell})
        for one in result.victims or ()
    }


ALL = {"safe": "now", "written": "before_end", "signs": "before_end"}


def test_rights_that_may_be_somebodys_are_told_while_nobody_has_asked() -> None:
    assert _owed() == {None: ("not_settled", ["abused", "frail"], ALL)}


def test_each_victim_is_looked_at_by_their_own_answers() -> None:
    said = (
        claim("abused", value=False),
        claim("frail", value=True, about="V1"),
        claim("frail", value=False, about="V2"),
        claim("deaf", value=False, about="V2"),
    )
    without_signs = {name: say for name, say in ALL.items() if name != "signs"}
    assert _owed(*said, people=("V1", "V2", "V3")) == {
        "V1": ("enhanced", [], ALL),
        "V2": ("standard", [], without_signs),
        "V3": ("not_settled", ["frail"], ALL),
    }


def test_in_danger_only_what_is_for_now_is_said_now() -> None:
    left = {"safe": "now", "written": "officer", "signs": "officer"}
    assert _owed(claim("danger", value=True))[None][2] == left


def test_a_policy_that_says_nothing_of_these_gives_no_such_members() -> None:
    plain = compiled(document([fact("danger", "yes_no")], [rule("r", {"fact": "danger", **YES}, grade="top")]))
    result = evaluate(plain, a_call(), BEGINS)
    assert result.checks is None
    assert result.timers is None
    assert result.victims is None
