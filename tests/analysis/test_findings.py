"""Each finding on a policy just large enough for it: what is told, how much it weighs, where, and by which call."""

from __future__ import annotations

import pytest

from chalicelib.analysis import search
from chalicelib.analysis.analysis import analyse
from chalicelib.analysis.findings import Finding
from chalicelib.assessment.evaluate import evaluate
from chalicelib.canonical import Json
from chalicelib.cli.policy_files import compiled_file
from chalicelib.policy.compiled import CompiledPolicy
from infra.emulator import ROOT
from tests.analysis.brute_force import call_of
from tests.strategies import BEGINS, Doc, compiled, document, fact, rule

VIOLENT = fact("violent", "yes_no", worse="yes")
WEAPON = fact("weapon", "ordered", worse="higher")
DANGERS = fact("dangers", "set")
BEFORE = fact("before", "whole", worse="higher")
IS_VIOLENT: Json = {"fact": "violent", "is": True}
ARMED: Json = {"fact": "weapon", "at_least": "b"}
EARNED: Json = {"all": [{"fact": "violent", "is": False}, {"fact": "weapon", "is": "a"}]}
BASIS: Doc = {"basis": ["source"]}


def _policy(rules: list[Doc], facts: list[Doc] | None = None, **parts: Json) -> CompiledPolicy:
    """A policy about violence and weapons in which nothing but what a test adds is worth telling."""
    return _with(rules, facts or [VIOLENT, WEAPON], parts)


def _with(rules: list[Doc], facts: list[Doc], parts: Doc) -> CompiledPolicy:
    return compiled(document(facts, rules, **{"earned_when": EARNED, **parts}))


TOP, HIGH = rule("r_top", IS_VIOLENT, grade="top"), rule("r_high", ARMED, grade="high")


def _told(policy: CompiledPolicy) -> list[tuple[str, str, str]]:
    return [(finding.code, finding.severity.value, finding.pointer) for finding in analyse(policy)]


def _one(policy: CompiledPolicy, code: str) -> Finding:
    [found] = [finding for finding in analyse(policy) if finding.code == code]
    return found


def test_nothing_is_told_of_a_policy_in_which_all_is_well() -> None:
    assert _told(_policy([TOP, HIGH])) == []


ALWAYS: Json = {"any": [IS_VIOLENT, {"fact": "violent", "is": False}]}
NEVER: Json = {"all": [ARMED, {"fact": "weapon", "is": "a"}]}
NARROW: Json = {"all": [IS_VIOLENT, ARMED]}
ROWS: list[tuple[str, list[Doc], Doc, list[tuple[str, str, str]], str]] = [
    ("gap", [TOP], {}, [("gap", "hint", "/base_grade")],
     "a weapon alone: no rule, and not earned"),
    ("never", [TOP, HIGH, rule("r", NEVER, grade="top")], {}, [("never_true", "error", "/rules/2")],
     "it contradicts itself"),
    ("always", [TOP, HIGH, rule("r", ALWAYS, flags=["mark"])], {}, [("always_true", "hint", "/rules/2")],
     "one or the other always holds, and it raises a flag"),
    ("always low", [TOP, HIGH, rule("r", ALWAYS, grade="low")], {},
     [("never_true", "warning", "/earned_when"), ("always_true", "warning", "/rules/2")], "nothing is ever lower"),
    ("masked", [TOP, HIGH, rule("r", NARROW, grade="high")], {}, [("masked_by", "warning", "/rules/2")],
     "the violent one already gives more"),
    ("masked but alive", [TOP, HIGH, rule("r", NARROW, grade="high", flags=["mark"])], {},
     [("masked_by", "hint", "/rules/2")], "its flag is its own"),
    ("duplicate", [TOP, HIGH, rule("r", {"none": [{"fact": "violent", "is": False}]}, grade="top")], {},
     [("duplicate", "warning", "/rules/2")], "the same in other words, told of the later one"),
    ("together", [rule("a", {"all": [IS_VIOLENT, ARMED]}, grade="top"),
                  rule("b", {"all": [IS_VIOLENT, {"fact": "weapon", "is": "a"}]}, grade="top"), HIGH,
                  rule("r", IS_VIOLENT, grade="high")], {},
     [("no_effect", "warning", "/rules/3"), ("mergeable", "hint", "/rules/1")],
     "two others hold between them wherever it does"),
    ("lowest", [TOP, HIGH, rule("r", NARROW, grade="least")], {}, [("no_effect", "warning", "/rules/2")],
     "every call has the lowest grade anyway"),
    ("no grade", [TOP, HIGH, rule("r", IS_VIOLENT, flags=["mark"]), rule("s", NARROW, flags=["mark"])], {},
     [("no_effect", "warning", "/rules/3")], "its flag is always raised already"),
    ("mergeable", [TOP, rule("a", {"all": [{"fact": "violent", "is": False}, {"fact": "weapon", "is": "b"}]},
                             grade="high"),
                   rule("b", {"all": [{"fact": "violent", "is": False}, {"fact": "weapon", "is": "c"}]}, grade="high")],
     {}, [("mergeable", "hint", "/rules/2")], "one `at_least` would do"),
    ("need", [TOP, HIGH], {"specified_needs": [{"id": "n", "title": "N", "when": NEVER}]},
     [("never_true", "error", "/specified_needs/0/when")], "a need that nobody can have"),
    ("condition", [TOP, HIGH], {"conditions": [{"id": "c", "title": "C", "when": NEVER}]},
     [("never_true", "warning", "/conditions/0/when")], "a named condition that never holds"),
    ("impossible", [TOP, HIGH], {"impossible": [{"id": "i", "says": "No.", "when": NEVER}]},
     [("never_true", "hint", "/impossible/0/when")], "it could not be anyway"),
    ("excluded", [TOP, HIGH, rule("r", NARROW, flags=["mark"])],
     {"impossible": [{"id": "i", "says": "No.", "when": NARROW}]}, [("never_true", "error", "/rules/2")],
     "only in calls that are taken as impossible"),
    ("earned", [TOP, HIGH], {"earned_when": NEVER},
     [("gap", "hint", "/base_grade"), ("never_true", "warning", "/earned_when")], "nobody can earn the lowest grade"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "parts", "expected"), [row[1:4] for row in ROWS], ids=[f"{row[0]}: {row[4]}" for row in ROWS]
)
def test_a_rule_or_condition_is_told_of(rules: list[Doc], parts: Doc, expected: list[tuple[str, str, str]]) -> None:
    found = _told(_with(rules, [VIOLENT, WEAPON], {"flags": [{"id": "mark", "title": "Mark"}], **parts}))
    assert [one for one in found if not one[2].startswith("/facts/")] == expected


def test_a_gap_is_shown_by_a_call_that_gets_the_base() -> None:
    policy = _policy([TOP])
    gap = _one(policy, "gap")
    result = evaluate(policy, call_of(policy, gap.example), BEGINS)
    assert (result.recommended, result.basis.kind, result.certain) == ("low", "base", "least")
    assert '"weapon?" is "b"' in gap.says


@pytest.mark.parametrize(
    ("one", "when", "remark"),
    [
        (WEAPON, {"fact": "weapon", "is": "b"}, "worse than b is left out"),
        (VIOLENT, {"fact": "violent", "is": False}, "the danger is denied"),
        (BEFORE, {"fact": "before", "at_most": 1}, "more often is left out"),
        (DANGERS, {"fact": "dangers", "includes_none": ["b"]}, "a tag that lowers"),
        (VIOLENT, {"none": [{"any": [IS_VIOLENT]}]}, "a denial inside a denial"),
    ],
)
def test_more_danger_that_gives_a_lower_grade_is_shown_by_two_calls(one: Doc, when: Json, remark: str) -> None:
    policy = _policy([rule("r", when, grade="top")], [one], earned_when=when)
    found = _one(policy, "not_monotone")
    assert found.severity == "error"
    results = [evaluate(policy, call_of(policy, call), BEGINS) for call in (found.example, found.against)]
    assert policy.rank_of(results[0].recommended) > policy.rank_of(results[1].recommended)
    changed = {answer.fact for answer in {*found.example} ^ {*found.against}}
    assert changed == {one["id"]}


def test_more_danger_that_opens_a_question_with_a_milder_answer_is_found() -> None:
    """Violence opens the question for the weapon, which is taken for the worst while it is not asked."""
    asked = fact("weapon", "ordered", worse="higher", asked_when=IS_VIOLENT, otherwise="c")
    policy = _policy([rule("r", ARMED, grade="top")], [VIOLENT, asked])
    found = _one(policy, "not_monotone")
    assert found.pointer == "/facts/0"
    assert [answer.fact for answer in found.example] == ["violent"]
    assert [answer.fact for answer in found.against] == ["violent", "weapon"]


def test_danger_that_settles_the_lowest_grade_is_not_monotone() -> None:
    policy = _policy([HIGH], earned_when=IS_VIOLENT)
    assert ("not_monotone", "error", "/facts/0") in _told(policy)


UNASKED = fact("other", "yes_no", worse="yes")
GATED = fact("other", "yes_no", worse="yes", asked_when=NEVER, otherwise=False)
OTHER: Json = {"fact": "other", "is": True}
FACT_ROWS: list[tuple[Doc, list[Doc], tuple[str, str, str] | None, str]] = [
    (UNASKED, [], ("unused_fact", "warning", "/facts/2"), "asked for the grade alone, and nothing looks at it"),
    ({**UNASKED, "purpose": ["grade", "victim"]}, [], None, "it serves the victim"),
    (fact("other", "set"), [rule("r", {"fact": "other", "includes_any": ["a"]}, grade="top")],
     ("unused_fact", "hint", "/facts/2/options"), "one tag that nothing looks at"),
    (GATED, [rule("r", {"none": [OTHER]}, flags=["mark"])], ("never_asked", "error", "/facts/2/asked_when"),
     "used, and never asked"),
    (GATED, [], ("never_asked", "warning", "/facts/2/asked_when"), "never asked, and nothing misses it"),
    (UNASKED, [rule("r", {"all": [IS_VIOLENT, OTHER]}, grade="top")], ("question_never_matters", "warning", "/facts/2"),
     "violence alone gives as much"),
    (UNASKED, [rule("r", {"all": [IS_VIOLENT, OTHER]}, grade="top", flags=["mark"])], None, "it raises a flag"),
    ({**UNASKED, "purpose": ["grade", "victim"]}, [rule("r", {"all": [IS_VIOLENT, OTHER]}, grade="top")],
     ("question_never_matters", "hint", "/facts/2"), "no matter for the grade, but the victim is asked for more"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("added", "rules", "expected"), [row[:3] for row in FACT_ROWS], ids=[row[3] for row in FACT_ROWS]
)
def test_a_question_is_told_of(added: Doc, rules: list[Doc], expected: tuple[str, str, str] | None) -> None:
    policy = _policy([TOP, HIGH, *rules], [VIOLENT, WEAPON, added], flags=[{"id": "mark", "title": "Mark"}])
    found = [one for one in _told(policy) if one[2].startswith("/facts/2") and one[0] != "not_monotone"]
    assert expected in found if expected else found == []


def _promise(**promised: Json) -> Doc:
    return {"id": "g", "says": "Promised.", "when": IS_VIOLENT, **BASIS, **promised}


SEEN: Doc = {"response": {"require": "attendance"}, "flags": ["mark"], "duties": ["tell"]}
PROMISE_ROWS: list[tuple[Doc, str, str, str]] = [
    (_promise(at_least="top"), "guarantee_proved", "/guarantees/0", "a rule gives it"),
    (_promise(at_least="top", when=ARMED), "guarantee_refuted", "/guarantees/0/at_least", "a weapon is only high"),
    (_promise(at_least="low", when={"none": [EARNED]}), "guarantee_proved", "/guarantees/0", "two rules between them"),
    (_promise(at_least="low", when={"fact": "weapon", "is": "a"}), "guarantee_refuted", "/guarantees/0/at_least",
     "the base is no rule"),
    (_promise(attendance=True), "guarantee_proved", "/guarantees/0", "a rule requires it"),
    (_promise(attendance=True, when=ARMED), "guarantee_refuted", "/guarantees/0/attendance", "none requires it"),
    (_promise(never=["desk"]), "guarantee_proved", "/guarantees/0", "where officers attend the desk is refused"),
    (_promise(never=["attend"]), "guarantee_refuted", "/guarantees/0/never/0", "nothing refuses officers"),
    (_promise(flags=["mark"], duties=["tell"]), "guarantee_proved", "/guarantees/0", "flag and duty"),
    (_promise(flags=["mark"], duties=["tell"], when=ARMED), "guarantee_refuted", "/guarantees/0/flags/0", "no flag"),
    (_promise(at_least="top", when=NEVER), "never_true", "/guarantees/0/when", "it promises nothing"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("promise", "code", "pointer"), [row[:3] for row in PROMISE_ROWS], ids=[row[3] for row in PROMISE_ROWS]
)
def test_a_guarantee_is_proved_or_refuted_by_the_rules_alone(promise: Doc, code: str, pointer: str) -> None:
    policy = _policy(
        [{**TOP, **SEEN}, HIGH],
        guarantees=[promise],
        responses=[
            {"id": "attend", "title": "Attend", "attends": True},
            {"id": "desk", "title": "Desk", "attends": False},
        ],
        duties=[{"id": "tell", "title": "Tell", "owed_by": "call_handler", "done_by": ["caller_told"]}],
        flags=[{"id": "mark", "title": "Mark"}],
    )
    [found] = [finding for finding in analyse(policy) if finding.pointer.startswith("/guarantees")]
    assert (found.code, found.pointer) == (code, pointer)
    assert found.severity == {"guarantee_proved": "hint", "never_true": "warning"}.get(code, "error")


def test_a_guarantee_that_only_holds_while_nobody_says_more_than_asked_is_told_apart() -> None:
    asked = fact("weapon", "ordered", worse="higher", asked_when=IS_VIOLENT, otherwise="a")
    promise = _promise(at_least="top", when=ARMED)
    policy = _policy([TOP], [VIOLENT, asked], guarantees=[promise])
    found = _one(policy, "guarantee_unasked")
    assert found.severity == "warning"
    assert {answer.fact for answer in found.example} == {"violent", "weapon"}


def _precaution(**parts: Json) -> Doc:
    return {
        "id": "p", "says": "Not known.", "on": "violent", "scope": ARMED, "reasons": ["unknown"], "not_asked": "at_end",
        "grade": "top", "question": "violent", **BASIS, **parts,
    }  # fmt: skip


PRECAUTION_ROWS: list[tuple[Doc, tuple[str, str, str] | None, str]] = [
    (_precaution(), None, "it raises high to top"),
    (_precaution(grade="high"), ("no_effect", "warning", "/precautions/0"), "the weapon alone gives high"),
    (_precaution(scope=NEVER), ("never_true", "error", "/precautions/0/scope"), "its scope contradicts itself"),
    (_precaution(scope=IS_VIOLENT), ("never_true", "error", "/precautions/0"), "in its scope it is always known"),
    (_precaution(reasons=[], not_asked="never"), ("never_true", "error", "/precautions/0"), "it fears no reason"),
    (_precaution(reasons=[]), None, "at the end it counts as not asked"),
]


@pytest.mark.parametrize(
    ("precaution", "expected"), [row[:2] for row in PRECAUTION_ROWS], ids=[row[2] for row in PRECAUTION_ROWS]
)
def test_a_precaution_is_told_of(precaution: Doc, expected: tuple[str, str, str] | None) -> None:
    assert _told(_policy([TOP, HIGH], precautions=[precaution])) == ([expected] if expected else [])


def test_beyond_the_limit_of_the_search_the_finding_is_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "NODES", 0)
    found = analyse(_policy([TOP, HIGH], guarantees=[_promise(at_least="top")]))
    assert {finding.code for finding in found} == {"not_decided"}
    assert found[0].pointer == "/guarantees/0"
    assert found[0].severity == "error"


@pytest.mark.parametrize("name", ["hertfordshire-thriives", "national-baseline"])
def test_a_shipped_policy_has_no_errors(name: str) -> None:
    policy = compiled_file(ROOT / "policies" / name / "policy.yaml").compiled
    assert [finding for finding in analyse(policy) if finding.severity == "error"] == []


def test_two_runs_find_the_same_in_the_same_order() -> None:
    policy = _policy([TOP, HIGH, rule("r", NARROW, grade="high")], [VIOLENT, WEAPON, UNASKED])
    assert analyse(policy) == analyse(policy)
