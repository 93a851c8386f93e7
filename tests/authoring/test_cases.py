"""Cases as a document: what is read, what is refused, and what a difference says."""

from __future__ import annotations

import pytest

from chalicelib.authoring.cases import Cases, check_cases, read_cases, run_cases
from chalicelib.canonical import Json
from chalicelib.errors import Invalid, Unreadable
from chalicelib.policy.compiled import CompiledPolicy
from tests.strategies import compiled, document, fact, rule

FACTS = [fact("danger", "yes_no", worse="yes"), fact("signs", "set"), fact("pain", "ordered", worse="higher")]
RULES = [
    rule("danger", {"fact": "danger", "is": "yes"}, grade="top", flags=["mark"], duties=["tell"]),
    rule("pain", {"fact": "pain", "at_least": "b"}, grade="high", findings=[{"element": "risk", "level": "medium"}]),
]
CHECK: Json = {"id": "history", "title": "History", "results": [{"result": "found", "fact": "danger", "value": True}]}
POLICY: CompiledPolicy = compiled(
    document(
        FACTS,
        RULES,
        flags=[{"id": "mark", "title": "Mark"}],
        duties=[{"id": "tell", "title": "Tell", "owed_by": "officer", "done_by": ["attended"]}],
        checks=[CHECK],
    )
)


def cases(*lines: str, policy: str = "small") -> Cases:
    """A document of one case with these lines."""
    body = "".join(f"    {line}\n" for line in lines)
    return read_cases(f"format: cases/1\npolicy: {policy}\ncases:\n  - id: one\n    title: One\n{body}".encode())


def differences(*lines: str) -> tuple[str, ...]:
    """What differs in one case."""
    (result,) = run_cases(POLICY, cases(*lines))
    assert result.passed is (result.differences == ())
    return result.differences


YES = "answers: [{fact: danger, value: yes}]"
BAD = "answers: [{fact: pain, at_least: b}]"

# lines of the case, the difference in words ("" for none)
ROWS = [
    ((YES, "expect: {grade: {is: IMMEDIATE}}"), ""),
    ((YES, "expect: {grade: {is: PRIORITY}}"), "grade: expected PRIORITY, got IMMEDIATE (by rule danger)"),
    ((YES, "expect: {grade: {is: IMMEDIATE}, not_reasons: [pain]}"), ""),
    ((YES, "expect: {grade: {is: IMMEDIATE}, not_reasons: [danger]}"), "reason: expected no danger, got it"),
    ((BAD, "expect: {grade: {at_least: PRIORITY, at_most: PRIORITY}}"), ""),
    (
        (BAD, "expect: {grade: {at_least: IMMEDIATE}}"),
        "grade: expected at least IMMEDIATE, got PRIORITY (by rule pain)",
    ),
    ((BAD, "expect: {grade: {at_most: SCHEDULED}}"), "grade: expected at most SCHEDULED, got PRIORITY (by rule pain)"),
    (("answers: []", "expect: {grade: {is: RESOLVE}}"), "grade: expected RESOLVE, got SCHEDULED (by base)"),
    ((YES, "expect: {grade: {is: IMMEDIATE}, reasons: [pain]}"), "reason: expected pain, got danger"),
    ((YES, "expect: {grade: {is: IMMEDIATE}, flags: [mark], duties: [tell]}"), ""),
    ((BAD, "expect: {grade: {is: PRIORITY}, flags: [mark]}"), "flag: expected mark, got none"),
    ((YES, "expect: {grade: {is: IMMEDIATE}, not_flags: [mark]}"), "flag: expected no mark, got it"),
    ((BAD, "expect: {grade: {is: PRIORITY}, duties: [tell]}"), "duty: expected tell, got none"),
    ((BAD, "expect: {grade: {is: PRIORITY}, questions: [danger], first_question: danger, provisional: true}"), ""),
    ((BAD, "expect: {grade: {is: PRIORITY}, first_question: pain}"), "first question: expected pain, got danger"),
    ((BAD, "expect: {grade: {is: PRIORITY}, may_stop: true}"), "may_stop: expected yes, got no (open: danger)"),
    (
        (BAD, "expect: {grade: {is: PRIORITY}, findings: [{element: risk, level: high}]}"),
        "finding risk: expected at least high, got medium",
    ),
    (
        (BAD, "expect: {grade: {is: PRIORITY}, response: {require: attendance}}"),
        "required response: expected attendance, got nothing",
    ),
    (
        (BAD, "expect: {grade: {is: PRIORITY}, response: {refused: [attend]}}"),
        "refused response: expected attend, got none",
    ),
    (("checks: [{check: history, result: found}]", "expect: {grade: {is: IMMEDIATE}}"), ""),
]


@pytest.mark.parametrize(("lines", "difference"), ROWS)
def test_a_difference_says_what_was_expected_and_what_came(lines: tuple[str, ...], difference: str) -> None:
    assert differences(*lines) == ((difference,) if difference else ())


def test_an_answer_that_the_policy_does_not_take_is_a_difference() -> None:
    found = differences("answers: [{fact: pain, value: z}]", "expect: {grade: {is: SCHEDULED}}")
    assert len(found) == 1
    assert found[0].startswith("the input is not taken: /answers/0/value")


def test_answers_count_in_the_order_in_which_they_are_written() -> None:
    corrected = "answers: [{fact: danger, value: yes}, {fact: danger, value: no, correction: true}]"
    assert differences(corrected, "expect: {grade: {at_most: SCHEDULED}}") == ()


def test_the_state_of_the_contact_and_the_people_are_part_of_a_case() -> None:
    read = cases(
        "contact: {channel: '101', state: lost}",
        "people: [{ref: V1, roles: [victim, caller]}]",
        YES,
        "expect: {grade: {is: IMMEDIATE}}",
    )
    assert (read.cases[0].contact.state, read.cases[0].people[0].ref) == ("lost", "V1")


# lines, pointer, code
NAMES = [
    ("reasons: [dangr]", "/cases/0/expect/reasons/0"),
    ("not_reasons: [dangr]", "/cases/0/expect/not_reasons/0"),
    ("questions: [hurt]", "/cases/0/expect/questions/0"),
    ("first_question: hurt", "/cases/0/expect/first_question"),
    ("duties: [told]", "/cases/0/expect/duties/0"),
    ("flags: [park]", "/cases/0/expect/flags/0"),
    ("not_flags: [park]", "/cases/0/expect/not_flags/0"),
    ("needs: [none]", "/cases/0/expect/needs/0"),
    ("findings: [{element: harm, level: low}]", "/cases/0/expect/findings/0"),
    ("response: {refused: [desk]}", "/cases/0/expect/response/refused/0"),
    ("response: {permitted: [desk]}", "/cases/0/expect/response/permitted/0"),
]


@pytest.mark.parametrize(("expected", "where"), NAMES)
def test_a_name_that_the_policy_does_not_have_is_a_fault_with_its_place(expected: str, where: str) -> None:
    (fault,) = check_cases(POLICY, cases(YES, f"expect: {{grade: {{is: IMMEDIATE}}, {expected}}}"))
    assert (fault.code, fault.where) == ("unknown_name", where)


def test_wrong_answers_and_checks_are_faults_with_their_place() -> None:
    found = check_cases(
        POLICY,
        cases(
            "answers: [{fact: dangr, value: yes}, {fact: pain, value: z}]",
            "checks: [{check: hist, result: found}, {check: history, result: lost}]",
            "expect: {grade: {is: IMMEDIATE}}",
        ),
    )
    assert [fault.where for fault in found] == [
        "/cases/0/answers/0/fact", "/cases/0/answers/1/value", "/cases/0/checks/0/check", "/cases/0/checks/1/result",
    ]  # fmt: skip


def test_cases_of_another_policy_are_a_fault() -> None:
    (fault,) = check_cases(POLICY, cases(YES, "expect: {grade: {is: IMMEDIATE}}", policy="other"))
    assert fault.where == "/policy"


# lines, pointer of the one fault
WRONG = [
    ((YES, "expect: {grade: {}}"), "/cases/0/expect/grade"),
    ((YES, "expect: {grade: {is: IMMEDIATE, at_least: PRIORITY}}"), "/cases/0/expect/grade"),
    ((YES, "expect: {grade: {is: URGENT}}"), "/cases/0/expect/grade/is"),
    ((YES, "expect: {}"), "/cases/0/expect/grade"),
    ((YES,), "/cases/0/expect"),
    ((YES, "expected: {grade: {is: IMMEDIATE}}", "expect: {grade: {is: IMMEDIATE}}"), "/cases/0/expected"),
    (("answers: [{fact: danger}]", "expect: {grade: {is: IMMEDIATE}}"), "/cases/0/answers/0"),
    (
        ("answers: [{fact: danger, value: yes, absent: unknown}]", "expect: {grade: {is: IMMEDIATE}}"),
        "/cases/0/answers/0",
    ),
    (("answers: [{fact: danger, value: [yes]}]", "expect: {grade: {is: IMMEDIATE}}"), "/cases/0/answers/0/value"),
    (("skip: ''", "expect: {grade: {is: IMMEDIATE}}"), "/cases/0/skip"),
    (("skip: ' '", "expect: {grade: {is: IMMEDIATE}}"), "/cases/0"),
    (("skip: true", "expect: {grade: {is: IMMEDIATE}}"), "/cases/0/skip"),
    (("generated: false", "expect: {grade: {is: IMMEDIATE}}"), "/cases/0/generated"),
    (("contact: {state: gone}", YES, "expect: {grade: {is: IMMEDIATE}}"), "/cases/0/contact/state"),
]


@pytest.mark.parametrize(("lines", "where"), WRONG)
def test_a_document_of_cases_that_is_wrong_is_refused_with_one_fault_for_each_thing(
    lines: tuple[str, ...], where: str
) -> None:
    with pytest.raises(Invalid) as refused:
        cases(*lines)
    assert [fault.where for fault in refused.value.faults] == [where]
    assert refused.value.faults[0].line is not None


def test_two_cases_with_one_id_are_refused() -> None:
    one = "  - {id: one, title: One, expect: {grade: {is: IMMEDIATE}}}\n"
    with pytest.raises(Invalid) as refused:
        read_cases(f"format: cases/1\npolicy: small\ncases:\n{one}{one}".encode())
    assert [(fault.where, fault.line) for fault in refused.value.faults] == [("/cases/1/id", 5)]


def test_what_is_not_yaml_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        read_cases(b"format: [")


def test_a_case_that_is_skipped_is_not_run_and_its_reason_is_told() -> None:
    (result,) = run_cases(POLICY, cases(YES, "skip: The force decides in May", "expect: {grade: {is: PRIORITY}}"))
    assert (result.passed, result.failed, result.skipped) == (False, False, "The force decides in May")
    assert result.differences == ()


def test_a_case_that_is_run_has_either_passed_or_failed() -> None:
    for grade, passed in (("IMMEDIATE", True), ("PRIORITY", False)):
        (result,) = run_cases(POLICY, cases(YES, f"expect: {{grade: {{is: {grade}}}}}"))
        assert (result.passed, result.failed, result.skipped) == (passed, not passed, None)


def test_a_case_that_is_skipped_still_has_to_fit_the_policy() -> None:
    skipped = cases("answers: [{fact: dangr, value: yes}]", "skip: Not yet", "expect: {grade: {is: PRIORITY}}")
    assert [fault.where for fault in check_cases(POLICY, skipped)] == ["/cases/0/answers/0/fact"]
