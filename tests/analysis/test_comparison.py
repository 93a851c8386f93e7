"""What `compare` says of two versions, on policies just large enough, and what a change of the document weighs."""

from __future__ import annotations

import pytest

from chalicelib.analysis import search
from chalicelib.analysis.changes import changes_of
from chalicelib.analysis.comparison import compare
from chalicelib.analysis.differences import Axis, Comparison, Verdict, Weight
from chalicelib.analysis.findings import Answered
from chalicelib.assessment.contact import ContactState
from chalicelib.canonical import Json
from chalicelib.policy.compiled import CompiledPolicy
from tests.analysis.brute_force import evaluated
from tests.strategies import Doc, compiled, document, fact, rule

VIOLENT = fact("violent", "yes_no", worse="yes")
WEAPON = fact("weapon", "ordered", worse="higher")
BEFORE = fact("before", "whole", worse="higher")
IS_VIOLENT: Json = {"fact": "violent", "is": True}
CALM: Json = {"fact": "violent", "is": False}
ARMED: Json = {"fact": "weapon", "at_least": "b"}
DUTY: Doc = {"id": "tell", "title": "Tell", "owed_by": "call_handler", "minutes": 30, "done_by": ["caller_told"]}
PROMISE: Doc = {"id": "g", "says": "Promised.", "when": IS_VIOLENT, "at_least": "top", "basis": ["source"]}
CALENDAR: Doc = {"bank_holidays": ["2026-12-25"], "known_until": "2026-12-31"}
ATTEND: Doc = {"id": "attend", "title": "Attend", "attends": True}
DESK: Doc = {"id": "desk", "title": "Desk", "attends": False}
GRADES: list[Doc] = document([VIOLENT], [])["grades"]  # type: ignore[assignment]  # a document's lists are plain values
BETWEEN: Doc = {**GRADES[1], "id": "between", "title": "Between"}
WEAPON_TURNED: Doc = {**WEAPON, "options": [{"id": one, "title": one} for one in "cba"]}
FLOOR, NEXT = rule("r_top", IS_VIOLENT, grade="top"), rule("r_high", ARMED, grade="high")


def _policy(**parts: Json) -> CompiledPolicy:
    """A policy of one version; `facts` and `rules` may be others."""
    facts, rules = parts.pop("facts", [VIOLENT, WEAPON]), parts.pop("rules", [FLOOR, NEXT])
    assert isinstance(facts, list)
    assert isinstance(rules, list)
    whole: Doc = {
        "earned_when": {"all": [CALM, {"fact": "weapon", "is": "a"}]}, "duties": [DUTY], "guarantees": [PROMISE],
        "flags": [{"id": "mark", "title": "Mark"}],
        "responses": [ATTEND, DESK],
    }  # fmt: skip
    return compiled({**document(facts, rules), **whole, **parts})


def _axis(found: Comparison, kind: str) -> Axis:
    return next(axis for axis in found.axes if axis.kind == kind)


ROWS: list[tuple[str, Doc, Doc, Verdict, Weight]] = [
    ("a rule more", {"rules": [FLOOR]}, {}, Verdict.ONLY_RAISES, Weight.MINOR),
    ("a rule less", {}, {"rules": [FLOOR]}, Verdict.ONLY_LOWERS, Weight.MAJOR),
    ("a lower grade", {}, {"rules": [FLOOR, {**NEXT, "grade": "low"}]}, Verdict.ONLY_LOWERS, Weight.MAJOR),
    ("a bound moved up", {}, {"rules": [FLOOR, {**NEXT, "when": {"fact": "weapon", "is": "c"}}]}, Verdict.ONLY_LOWERS,
     Weight.MAJOR),
    ("more here, less there", {}, {"rules": [{**FLOOR, "grade": "high"}, {**NEXT, "grade": "top"}]}, Verdict.MIXED,
     Weight.MAJOR),
    ("other words", {}, {"rules": [{**FLOOR, "says": "Said otherwise."}, NEXT]}, Verdict.EQUAL, Weight.PATCH),
    ("the same in another form", {}, {"rules": [{**FLOOR, "when": {"none": [CALM]}}, NEXT]}, Verdict.EQUAL,
     Weight.MINOR),
    ("a higher base", {"base_grade": "least"}, {}, Verdict.ONLY_RAISES, Weight.MINOR),
    ("earned sooner", {"rules": [FLOOR]}, {"rules": [FLOOR], "earned_when": CALM}, Verdict.ONLY_LOWERS, Weight.MAJOR),
    ("a combination less that cannot be", {"impossible": [{"id": "i", "says": "No.", "when": {"all": [CALM, ARMED]}}]},
     {}, Verdict.ONLY_LOWERS, Weight.MAJOR),
    ("a duty less", {}, {"duties": []}, Verdict.EQUAL, Weight.MAJOR),
    ("a guarantee less", {}, {"guarantees": []}, Verdict.EQUAL, Weight.MAJOR),
    ("a guarantee more", {"guarantees": []}, {}, Verdict.EQUAL, Weight.MINOR),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "grade", "step"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_change_is_judged(old: Doc, new: Doc, grade: Verdict, step: Weight) -> None:
    found = compare(_policy(**old), _policy(**new))
    assert (found.grade, found.step) == (grade, step)
    assert found.never_lowers == (step is not Weight.MAJOR)


def test_a_lowering_is_shown_by_a_call_in_words_and_evaluations_agree() -> None:
    old, new = _policy(), _policy(rules=[FLOOR])
    shown = _axis(compare(old, new), "grade").lowers
    assert shown is not None
    assert (shown.was, shown.becomes) == ("High", "Low")
    assert 'Where the answer to "weapon?" is "b": before, High; now, Low.' in shown.says
    assert evaluated(old, shown.old).recommended == "high"
    assert evaluated(new, shown.new).recommended == "low"


def test_a_precaution_that_fears_less_lowers_a_call_that_is_not_all_known() -> None:
    precaution: Doc = {
        "id": "p", "says": "Not known.", "on": "violent", "scope": ARMED, "reasons": ["unknown"],
        "not_asked": "from_start", "grade": "top", "question": "violent", "basis": ["source"],
    }  # fmt: skip
    old, new = _policy(precautions=[precaution]), _policy(precautions=[{**precaution, "not_asked": "at_end"}])
    found = compare(old, new)
    assert (found.grade, _axis(found, "grade").verdict) == (Verdict.ONLY_LOWERS, Verdict.EQUAL)
    shown = _axis(found, "not_known").lowers
    assert shown is not None
    assert shown.contact is ContactState.IN_PROGRESS
    results = evaluated(old, shown.old, shown.contact), evaluated(new, shown.new, shown.contact)
    assert [result.recommended for result in results] == ["top", "high"]


NEEDED: Json = {"all": [IS_VIOLENT, {"fact": "hidden", "is": True}]}
HIDDEN = fact("hidden", "yes_no", worse="yes")
FACT_ROWS: list[tuple[str, Doc, Doc, Verdict]] = [
    ("a question more that a rule now needs", {},
     {"facts": [VIOLENT, WEAPON, HIDDEN], "rules": [{**FLOOR, "when": NEEDED}, NEXT]}, Verdict.ONLY_LOWERS),
    ("a question less, with its rule", {"facts": [VIOLENT, WEAPON, HIDDEN],
                                       "rules": [FLOOR, NEXT, rule("r", {"fact": "hidden", "is": True}, grade="top")]},
     {}, Verdict.ONLY_LOWERS),
    ("a question asked in fewer calls", {},
     {"facts": [VIOLENT, {**WEAPON, "asked_when": IS_VIOLENT, "otherwise": "a"}]}, Verdict.ONLY_LOWERS),
    ("a question asked in more calls", {"facts": [VIOLENT, {**WEAPON, "asked_when": IS_VIOLENT, "otherwise": "a"}]},
     {}, Verdict.ONLY_RAISES),
    ("an option more above the others", {},
     {"facts": [VIOLENT, {**WEAPON, "options": [*({"id": i, "title": i} for i in "abcd")]}]}, Verdict.EQUAL),
    ("an option more between what is mild and what is not", {},
     {"facts": [VIOLENT, {**WEAPON, "options": [*({"id": i, "title": i} for i in ("a", "x", "b", "c"))]}]},
     Verdict.MIXED),
    ("a tag more, with a rule", {"facts": [VIOLENT, WEAPON, fact("signs", "set")]},
     {"facts": [VIOLENT, WEAPON, {**fact("signs", "set"), "options": [*({"id": i, "title": i} for i in "abc")]}],
      "rules": [FLOOR, NEXT, rule("r", {"fact": "signs", "includes_any": ["c"]}, grade="top")]}, Verdict.ONLY_RAISES),
    ("a number cut elsewhere", {"facts": [VIOLENT, WEAPON, BEFORE],
                                "rules": [FLOOR, NEXT, rule("r", {"fact": "before", "at_least": 3}, grade="top")]},
     {"facts": [VIOLENT, WEAPON, BEFORE],
      "rules": [FLOOR, NEXT, rule("r", {"fact": "before", "at_least": 2}, grade="top")]}, Verdict.ONLY_RAISES),
    ("another type is another question", {}, {"facts": [fact("violent", "ordered", worse="higher"), WEAPON],
                                             "rules": [NEXT], "guarantees": [],
                                             "earned_when": {"fact": "weapon", "is": "a"}}, Verdict.ONLY_LOWERS),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "grade"), [row[1:] for row in FACT_ROWS], ids=[row[0] for row in FACT_ROWS])
def test_versions_with_other_questions_are_judged(old: Doc, new: Doc, grade: Verdict) -> None:
    assert compare(_policy(**old), _policy(**new)).grade is grade


def test_a_number_in_an_example_lies_where_the_versions_differ() -> None:
    rules = [rule("r", {"fact": "before", "at_least": bound}, grade="top") for bound in (3, 2)]
    old, new = (_policy(facts=[VIOLENT, WEAPON, BEFORE], rules=[FLOOR, one], guarantees=[]) for one in rules)
    shown = _axis(compare(old, new), "grade").raises
    assert shown is not None
    assert [answer.value for side in (shown.old, shown.new) for answer in side if answer.fact == "before"] == [2, 2]


def test_other_local_grades_are_compared_by_the_national_ones() -> None:
    grades: list[Json] = [
        {"id": name, "title": name, "national": national}
        for name, national in (("one", "IMMEDIATE"), ("two", "SCHEDULED"), ("three", "RESOLVE"))
    ]
    new = _policy(
        grades=grades, base_grade="two", rules=[{**FLOOR, "grade": "one"}, {**NEXT, "grade": "two"}], guarantees=[]
    )
    found = compare(_policy(guarantees=[]), new)
    assert (found.scale, found.grade) == ("national", Verdict.ONLY_LOWERS)


RESPONSE_ROWS: list[tuple[str, Doc, Doc, Verdict, str]] = [
    ("attendance", {}, {"require": "attendance"}, Verdict.ONLY_RAISES, "attendance"),
    ("a refusal dropped", {"forbid": ["desk"]}, {}, Verdict.ONLY_LOWERS, "refusal"),
    ("a refusal that a supervisor may now set aside", {"forbid": ["desk"]},
     {"forbid": ["desk"], "unless_authorised_by": "supervisor"}, Verdict.ONLY_LOWERS, "refusal_for_all"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "verdict", "kind"), [row[1:] for row in RESPONSE_ROWS], ids=[row[0] for row in RESPONSE_ROWS]
)
def test_the_response_is_judged_beside_the_grade(old: Doc, new: Doc, verdict: Verdict, kind: str) -> None:
    versions = [_policy(rules=[{**FLOOR, **({"response": one} if one else {})}, NEXT]) for one in (old, new)]
    found = compare(*versions)
    assert (found.grade, found.response, _axis(found, kind).verdict) == (Verdict.EQUAL, verdict, verdict)


def test_flags_duties_and_findings_have_axes_of_their_own() -> None:
    marked = {**FLOOR, "flags": ["mark"], "duties": ["tell"], "findings": [{"element": "threat", "level": "high"}]}
    found = compare(_policy(rules=[marked, NEXT]), _policy())
    lowered = {axis.kind for axis in found.axes if axis.verdict is Verdict.ONLY_LOWERS}
    assert lowered == {"flag", "duty", "finding"}
    assert found.step is Weight.MAJOR


def _with_demands(when: Json) -> Doc:
    result = {"result": "found", "fact": "violent", "value": "yes"}
    return {
        "facts": [VIOLENT, WEAPON, fact("kind", "choice", asked_when=when, otherwise="a")],
        "checks": [{"id": "look", "title": "Look", "due_when": when, "results": [result]}],
        "timers": [
            {
                "id": "again", "title": "Again", "when": when, "clock": "call_received", "minutes": 30,
                "until": ["attended"], "owed_by": "dispatcher", "severity": "act", "basis": ["source"],
            }
        ],
        "specified_needs": [{"id": "need", "title": "Need", "when": when}],
        "victims_code": {
            "categories": [{"id": "vulnerable", "title": "Vulnerable", "when": when, "basis": ["source"]}],
            "tell": [
                {"id": "told", "title": "Told", "right": 1, "say": "now", "when": when, "basis": ["source"]},
                {"id": "later", "title": "Later", "right": 2, "say": "before_end", "basis": ["source"]},
            ],
        },
    }  # fmt: skip


DEMANDS = [("specified_need", "need"), ("question", "kind"), ("check", "look"), ("timer", "again"),
           ("victim", "vulnerable"), ("telling", "told")]  # fmt: skip


@pytest.mark.parametrize(("kind", "of"), DEMANDS)
def test_what_is_demanded_in_fewer_calls_is_lowered_and_in_more_is_not(kind: str, of: str) -> None:
    both: Json = {"any": [IS_VIOLENT, ARMED]}
    wide, narrow = _policy(**_with_demands(both)), _policy(**_with_demands(IS_VIOLENT))
    fewer, more = compare(wide, narrow), compare(narrow, wide)
    verdicts = [[one.verdict for one in found.axes if (one.kind, one.of) == (kind, of)] for found in (fewer, more)]
    assert verdicts == [[Verdict.ONLY_LOWERS], [Verdict.ONLY_RAISES]]
    assert (fewer.step, more.step) == (Weight.MAJOR, Weight.MINOR)


def test_what_is_left_to_an_officer_is_told_to_fewer() -> None:
    demands = _with_demands(IS_VIOLENT)
    code = demands["victims_code"]
    assert isinstance(code, dict)
    left = {**demands, "victims_code": {**code, "leave_to_officer_when": ARMED}}
    found = compare(_policy(**demands), _policy(**left))
    assert [(one.of, one.verdict) for one in found.axes if one.kind == "telling"] == [
        ("leave_to_officer_when", Verdict.ONLY_LOWERS)
    ]


def test_what_only_one_version_reckons_with_while_a_call_is_not_complete_is_not_decided() -> None:
    """Where it is known that nobody is violent and not whether there is a weapon, only the new version expects an
    answer of a kind; all complete calls come to the same, and that it is never the kind "b" is no longer proved."""
    said: Json = {"fact": "kind", "is": "a"}
    rules = [rule("kind", {"any": [said, {"fact": "weapon", "is": "c"}]}, grade="top")]
    versions = [
        _policy(
            facts=[VIOLENT, fact("weapon", "choice"), fact("kind", "choice", asked_when=when, otherwise="a")],
            rules=rules, guarantees=[], earned_when=said, base_grade="least",
        )
        for when in (IS_VIOLENT, {"any": [IS_VIOLENT, {"fact": "weapon", "is": "c"}]})
    ]  # fmt: skip
    calm = [Answered(fact="violent", value=False)]
    assert [evaluated(policy, calm).certain for policy in versions] == ["top", "least"]
    assert compare(*versions).grade is Verdict.NOT_DECIDED
    assert compare(*reversed(versions)).grade is Verdict.ONLY_RAISES


def test_beyond_the_limit_a_version_counts_as_one_that_lowers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "NODES", 0)
    found = compare(_policy(), _policy(rules=[FLOOR]))
    assert (found.grade, found.step, found.never_lowers) == (Verdict.NOT_DECIDED, Weight.MAJOR, False)


TIMER: Doc = {
    "id": "t", "title": "Due", "basis": ["source"], "clock": "graded", "minutes": 60, "until": ["dispatched"],
    "owed_by": "dispatcher", "severity": "act",
}  # fmt: skip
REASON: Doc = {"id": "o", "title": "Reason", "for": ["lowered"], "by": ["supervisor"], "basis": ["source"]}
CHANGE_ROWS: list[tuple[str, Doc, Doc, list[tuple[str, str, str, str]]]] = [
    ("a timer sooner", {"timers": [TIMER]}, {"timers": [{**TIMER, "minutes": 30}]},
     [("timers", "t", "changed", "minor")]),
    ("a timer later", {"timers": [TIMER]}, {"timers": [{**TIMER, "minutes": 90}]},
     [("timers", "t", "changed", "major")]),
    ("a timer gone", {"timers": [TIMER]}, {}, [("timers", "t", "removed", "major")]),
    ("a duty later", {}, {"duties": [{**DUTY, "minutes": 60}]}, [("duties", "tell", "changed", "major")]),
    ("a duty in other words", {}, {"duties": [{**DUTY, "title": "Say"}]}, [("duties", "tell", "changed", "patch")]),
    ("a guarantee of more", {}, {"guarantees": [{**PROMISE, "flags": ["mark"]}]},
     [("guarantees", "g", "changed", "minor")]),
    ("a guarantee of less", {}, {"guarantees": [{**PROMISE, "at_least": "high"}]},
     [("guarantees", "g", "changed", "major")]),
    ("a reason to lower more", {}, {"outcomes": [REASON]}, [("outcomes", "o", "added", "major")]),
    ("a text more", {}, {"texts": [{"id": "x", "text": "Wait."}]}, [("texts", "x", "added", "patch")]),
    ("a question in other words", {}, {"facts": [{**VIOLENT, "question": "Is anybody violent?"}, WEAPON]},
     [("facts", "violent", "changed", "patch")]),
    ("a question that need not be answered", {"facts": [{**VIOLENT, "required": True}, WEAPON]}, {},
     [("facts", "violent", "changed", "major")]),
    ("more people who may say that it is better", {"facts": [{**VIOLENT, "answered_by": ["victim"]}, WEAPON]},
     {"facts": [{**VIOLENT, "answered_by": ["victim", "third_party"]}, WEAPON]},
     [("facts", "violent", "changed", "major")]),
    ("fewer who may", {}, {"facts": [{**VIOLENT, "answered_by": ["victim"]}, WEAPON]},
     [("facts", "violent", "changed", "minor")]),
    ("a source renamed", {}, {"basis": [{"id": "source", "title": "Another title"}]},
     [("basis", "source", "changed", "patch")]),
    ("why it was changed", {}, {"change": "Second"}, [("policy", "small", "changed", "patch")]),
    ("a grade between others", {}, {"grades": [*GRADES[:2], BETWEEN, *GRADES[2:]]},
     [("grades", "between", "added", "major")]),
    ("grades in another order", {"grades": [*GRADES[:2], BETWEEN, *GRADES[2:]]},
     {"grades": [GRADES[0], BETWEEN, *GRADES[1:]]}, [("grades", "", "changed", "major")]),
    ("a holiday, so that working days end later", {"calendar": CALENDAR},
     {"calendar": {**CALENDAR, "bank_holidays": ["2026-12-25", "2026-12-28"]}}, [("calendar", "", "changed", "major")]),
    ("options of a scale in another order", {}, {"facts": [VIOLENT, WEAPON_TURNED]},
     [("facts", "weapon", "changed", "major")]),
    ("a question that nobody shields any more", {"facts": [{**VIOLENT, "sensitive": True}, WEAPON]}, {},
     [("facts", "violent", "changed", "major")]),
    ("a response that needs less", {"responses": [ATTEND, {**DESK, "needs": ["caller_told"]}]}, {},
     [("responses", "desk", "changed", "major")]),
    ("a response that needs more", {}, {"responses": [ATTEND, {**DESK, "needs": ["caller_told"]}]},
     [("responses", "desk", "changed", "minor")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "expected"), [row[1:] for row in CHANGE_ROWS], ids=[row[0] for row in CHANGE_ROWS]
)
def test_a_change_of_the_document_is_listed_with_its_weight(
    old: Doc, new: Doc, expected: list[tuple[str, str, str, str]]
) -> None:
    found = changes_of(_policy(**old).policy, _policy(**new).policy)
    assert [(change.part, change.id, change.change, change.weight.value) for change in found] == expected


def test_a_change_says_what_of_the_part_is_other() -> None:
    [found] = changes_of(_policy().policy, _policy(duties=[{**DUTY, "minutes": 60}]).policy)
    assert (found.members, found.says) == (("minutes",), 'The duty "tell" is changed: minutes.')
