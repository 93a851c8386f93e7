"""What cases see of a policy: each row is one case and what it adds."""

from __future__ import annotations

import pytest

from chalicelib.authoring.cases import read_cases
from chalicelib.authoring.coverage import Coverage, coverage, percent_of
from chalicelib.canonical import Json
from chalicelib.policy.compiled import CompiledPolicy
from tests.strategies import compiled, document, fact, rule

POLICY = compiled(
    document(
        [
            fact("danger", "yes_no", worse="yes"),
            fact("near", "ordered", worse="higher"),
            fact("signs", "set", asked_when={"fact": "danger", "is": "yes"}, otherwise="none"),
        ],
        [
            rule("danger", {"fact": "danger", "is": "yes"}, grade="high", flags=["mark"], duties=["tell"],
                 response={"forbid": ["desk"]}),
            rule("close", {"fact": "near", "is": "c"}, unless={"fact": "danger", "is": "no"}, grade="top",
                 findings=[{"element": "threat", "level": "high"}]),
            rule("signs", {"fact": "signs", "includes_any": ["a"]}, flags=["mark"]),
            rule("found", {"finding": "threat", "at_least": "medium"}, findings=[{"element": "risk", "level": "low"}]),
        ],
        precautions=[
            {"id": "feared", "says": "Feared", "basis": ["source"], "on": "danger", "reasons": ["unknown"],
             "scope": {"fact": "near", "at_least": "b"}, "not_asked": "never", "grade": "top", "question": "danger"},
        ],
        earned_when={"fact": "danger", "is": "no"},
        flags=[{"id": "mark", "title": "Mark"}],
        duties=[{"id": "tell", "title": "Tell", "owed_by": "officer", "done_by": ["attended"]}],
        responses=[{"id": "attend", "title": "Attend", "attends": True},
                   {"id": "desk", "title": "Desk", "attends": False}],
    )
)  # fmt: skip


def seen(*answers: str, skip: str = "", policy: CompiledPolicy = POLICY) -> Coverage:
    """What some cases see, each given by its answers."""
    lines = [
        f"  - {{id: case-{place}, title: One, {skip}answers: [{one}], expect: {{grade: {{at_least: RESOLVE}}}}}}"
        for place, one in enumerate(answers)
    ]
    return coverage(policy, read_cases("\n".join(["format: cases/1", "policy: small", "cases:", *lines]).encode()))


def rules(found: Coverage) -> dict[str, tuple[int, int | None, int]]:
    return {one.id: (one.holds, one.decides, one.near_miss) for one in found.rules}


def precautions(found: Coverage) -> dict[str, tuple[int, int]]:
    return {one.id: (one.applies, one.settled) for one in found.precautions}


DANGER, SAFE, UNKNOWN = "{fact: danger, value: yes}", "{fact: danger, value: no}", "{fact: danger, absent: unknown}"
NEAR, FAR, HALF = "{fact: near, value: c}", "{fact: near, value: a}", "{fact: near, value: b}"
SIGNS, NO_SIGNS = "{fact: signs, present: [a]}", "{fact: signs, value: none_of_these}"

# answers of the case, rule, (holds, decides, missed), remark
RULES = [
    (f"{DANGER}, {FAR}, {NO_SIGNS}", "danger", (1, 1, 0), "nothing else gives as much"),
    (f"{DANGER}, {NEAR}, {NO_SIGNS}", "danger", (1, 0, 0), "another rule gives more"),
    (f"{DANGER}, {NEAR}, {NO_SIGNS}", "close", (1, 1, 0), "the highest"),
    (f"{SAFE}, {FAR}", "danger", (0, 0, 1), "known not to hold, and one answer would do"),
    (f"{FAR}", "danger", (0, 0, 0), "not known is no near miss"),
    ("", "danger", (0, 0, 0), "nothing known at all"),
    (f"{DANGER}, {FAR}, {NO_SIGNS}", "close", (0, 0, 1), "one step away"),
    (f"{SAFE}, {FAR}", "close", (0, 0, 0), "two answers away"),
    (f"{DANGER}, {FAR}, {SIGNS}", "signs", (1, None, 0), "a rule without a grade decides none"),
    (f"{DANGER}, {FAR}, {NO_SIGNS}", "signs", (0, None, 1), "one tag away"),
    (f"{SAFE}, {FAR}", "signs", (0, None, 0), "its question is not put"),
    (f"{DANGER}, {NEAR}, {NO_SIGNS}", "found", (1, None, 0), "by what another rule finds"),
]


@pytest.mark.parametrize(("answers", "name", "expected", "remark"), RULES)
def test_a_rule_is_seen_to_hold_to_decide_alone_and_to_be_just_missed(
    answers: str, name: str, expected: tuple[int, int | None, int], remark: str
) -> None:
    assert rules(seen(answers))[name] == expected, remark


# answers of the case, (applies, settled) of the precaution and of the exception, remark
PRECAUTIONS = [
    (f"{UNKNOWN}, {HALF}", (1, 0), (0, 0), "not known, within its scope"),
    (f"{UNKNOWN}, {FAR}", (0, 0), (0, 0), "out of its scope"),
    (f"{HALF}", (0, 0), (0, 0), "nobody asked, and it does not mind"),
    (f"{SAFE}, {HALF}", (0, 1), (0, 0), "settled well"),
    (f"{DANGER}, {HALF}", (0, 1), (0, 0), "settled badly"),
    (f"{NEAR}", (0, 0), (1, 0), "an exception is feared not to hold as soon as it matters"),
    (f"{SAFE}, {NEAR}", (0, 1), (0, 1), "both are settled"),
]


@pytest.mark.parametrize(("answers", "written", "exception", "remark"), PRECAUTIONS)
def test_a_precaution_is_seen_to_apply_and_to_be_settled(
    answers: str, written: tuple[int, int], exception: tuple[int, int], remark: str
) -> None:
    assert precautions(seen(answers)) == {"feared": written, "close": exception}, remark


def test_a_rule_that_a_precaution_equals_does_not_decide_alone() -> None:
    facts = [fact("danger", "yes_no"), fact("hurt", "yes_no")]
    feared: Json = {
        "id": "feared", "says": "Feared", "basis": ["source"], "on": "hurt", "reasons": ["unknown"], "question": "hurt",
        "scope": {"fact": "danger", "is": "yes"}, "not_asked": "never", "grade": "top",
    }  # fmt: skip
    policy = compiled(
        document(facts, [rule("danger", {"fact": "danger", "is": "yes"}, grade="top")], precautions=[feared])
    )
    alone, equalled = "{fact: danger, value: yes}", "{fact: danger, value: yes}, {fact: hurt, absent: unknown}"
    assert [rules(seen(answers, policy=policy))["danger"][1] for answers in (alone, equalled)] == [1, 0]


def test_a_comparison_is_seen_true_false_and_not_known() -> None:
    found = seen(f"{DANGER}, {NEAR}, {NO_SIGNS}", f"{SAFE}, {FAR}", "{fact: near, at_least: b}")
    counts = {one.pointer: (one.true, one.false, one.not_known) for one in found.comparisons}
    assert counts == {
        "/facts/2/asked_when": (1, 1, 1),
        "/rules/0/when": (1, 1, 1),
        "/rules/1/when": (1, 1, 1),
        "/rules/1/unless": (1, 1, 1),
        "/rules/2/when": (0, 2, 1),
        "/rules/3/when": (1, 1, 1),
        "/precautions/0/scope": (2, 1, 0),
        "/earned_when": (1, 1, 1),
    }


def test_facts_are_seen_asked_and_answered() -> None:
    found = {one.id: (one.asked, one.answered) for one in seen(SAFE, f"{UNKNOWN}, {FAR}").facts}
    assert found == {"danger": (0, 1), "near": (1, 1), "signs": (0, 0)}
    assert {one.id: one.asked for one in seen("").facts} == {"danger": 1, "near": 1, "signs": 0}


def test_other_parts_are_counted_by_what_comes_of_the_cases() -> None:
    found = {(one.kind, one.id): one.seen for one in seen(f"{DANGER}, {FAR}", f"{SAFE}, {FAR}").parts}
    assert found == {
        ("grades recommended", "top"): 0, ("grades recommended", "high"): 1, ("grades recommended", "low"): 0,
        ("grades recommended", "least"): 1, ("responses refused", "desk"): 1, ("responses permitted", "attend"): 2,
        ("responses permitted", "desk"): 1, ("duties owed", "tell"): 1, ("flags set", "mark"): 1,
    }  # fmt: skip


def test_rules_that_hold_in_the_same_cases_cannot_be_told_apart() -> None:
    assert seen(f"{DANGER}, {NEAR}, {NO_SIGNS}").alike == (("danger", "close", "found"),)
    assert seen(f"{DANGER}, {NEAR}, {NO_SIGNS}", f"{DANGER}, {FAR}, {NO_SIGNS}").alike == (("close", "found"),)
    assert seen(f"{SAFE}, {FAR}").alike == (), "those that never hold are listed as such"


def test_a_skipped_case_sees_nothing_and_is_named() -> None:
    found = seen(f"{DANGER}, {NEAR}, {NO_SIGNS}", skip="skip: Not yet, ")
    assert (found.cases, found.skipped) == (0, ("case-0",))
    assert all(one.seen == 0 for one in found.measures)


def test_shares_are_whole_and_rounded_down() -> None:
    assert [percent_of(*pair) for pair in ((0, 3), (2, 3), (3, 3), (0, 0), (999, 1000))] == [0, 66, 100, 100, 99]


def test_the_whole_is_every_thing_counted_once() -> None:
    found = seen(f"{DANGER}, {NEAR}, {NO_SIGNS}")
    assert found.percent == 100 * sum(one.seen for one in found.measures) // sum(one.of for one in found.measures)
    assert all(0 <= one.seen <= one.of for one in found.measures)
    assert 0 < found.percent < 100
