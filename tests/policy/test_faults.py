"""Wrong documents: each fault is told exactly once, with its place, the wrong value and what would be right."""

from __future__ import annotations

import pytest

from chalicelib.authoring.documents import checked, read_document
from chalicelib.canonical import Json
from chalicelib.errors import Fault, Invalid, ServiceError, TooLarge, Unreadable
from chalicelib.policy.document import POLICY_BYTES, Policy
from tests.policy.wrong_documents import DOCUMENT, ROWS, SLIPS
from tests.strategies import compiled, document, fact, rule


def faults_in(text: str) -> list[Fault]:
    """The faults of a document."""
    with pytest.raises(ServiceError) as refused:
        checked(text.encode())
    return list(refused.value.faults)


def test_the_document_that_the_faults_are_put_into_has_none() -> None:
    assert checked(DOCUMENT.encode()).compiled.policy.id == "small"


@pytest.mark.parametrize(("before", "after", "code", "where", "named"), [*ROWS, *SLIPS])
def test_each_fault_is_told_once_where_it_is(before: str, after: str, code: str, where: str, named: str) -> None:
    assert DOCUMENT.count(before) == 1
    found = faults_in(DOCUMENT.replace(before, after))
    assert [(fault.code, fault.where) for fault in found] == [(code, where)]
    assert named in found[0].as_text()
    assert (found[0].line or 0) >= 1
    assert (found[0].column or 0) >= 1


ANOTHER = ("question: hurt}", "question: hrt}", "unknown_name", "/precautions/0/question")
"""A fault of names, which a document of the wrong form never comes to by itself."""

BESIDE = [row for row in [*ROWS, *SLIPS] if row[3] not in ("/facts/0/id", ANOTHER[3]) and row[0] != ", on: bad"]
"""What is wrong with all facts or with the same precaution would hide the other fault."""


@pytest.mark.parametrize(("before", "after", "code", "where", "named"), BESIDE)
def test_two_faults_are_two_errors(before: str, after: str, code: str, where: str, named: str) -> None:
    found = faults_in(DOCUMENT.replace(before, after).replace(ANOTHER[0], ANOTHER[1]))
    assert {(fault.code, fault.where) for fault in found} == {(code, where), ANOTHER[2:]}, named
    assert len(found) == 2


def test_the_line_and_column_are_those_of_the_wrong_value() -> None:
    (found,) = faults_in(DOCUMENT.replace("base_grade: low", "base_grade: lo"))
    assert (found.line, found.column) == (13, 13)


def test_a_finding_that_is_used_cannot_be_given_by_a_rule_that_uses_findings() -> None:
    using = (
        "  - {id: three, says: Three, basis: [source], when: {finding: risk, at_least: low}, grade: low,\n"
        "     findings: [{element: risk, level: low}]}\n"
    )
    (found,) = faults_in(DOCUMENT.replace("precautions:\n", using + "precautions:\n"))
    assert (found.code, found.where) == ("stratum", "/rules/2/findings/0/element")


def test_branches_are_four_deep_at_most() -> None:
    deep = "{fact: danger, is: yes}"
    for _ in range(5):
        deep = f"{{all: [{deep}]}}"
    (found,) = faults_in(DOCUMENT.replace("when: {fact: hurt, at_least: badly}", f"when: {deep}"))
    assert found.code == "depth"


UNREADABLE = [
    ("base_grade: low", "base_grade: &g low", "anchor", "an anchor"),
    ("base_grade: low", "base_grade: *g", "alias", "an alias"),
    ("base_grade: low", "base_grade: !!str low", "tag", "a tag"),
    ("base_grade: low", "base_grade: low\nbase_grade: top", "duplicate_name", "a name twice"),
    ("least: 0, most: 9", "least: 0, most: 010", "scalar", "a leading zero"),
    ("least: 0, most: 9", "least: 0, most: 9.5", "scalar", "a fraction"),
    ("least: 0, most: 9", "least: 0, most: 9007199254740992", "integer", "beyond 2^53-1"),
    ("attends: true", "attends: TRUE", "scalar", "a second way to write true"),
]


@pytest.mark.parametrize(("before", "after", "code", "remark"), UNREADABLE)
def test_forms_that_could_be_read_in_two_ways_are_refused(before: str, after: str, code: str, remark: str) -> None:
    with pytest.raises(Unreadable) as refused:
        checked(DOCUMENT.replace(before, after).encode())
    assert [fault.code for fault in refused.value.faults] == [code], remark


def test_a_document_that_is_too_big_is_refused() -> None:
    with pytest.raises(TooLarge):
        checked(DOCUMENT.encode() + b"#" * POLICY_BYTES)


def test_the_digest_is_of_what_was_written_and_not_of_how() -> None:
    as_written = checked(DOCUMENT.encode())
    spaced = checked(DOCUMENT.replace("title: Small", 'title:    "Small"  # remark').encode())
    assert as_written.stored == spaced.stored
    assert as_written.compiled.digest == spaced.compiled.digest
    filled_in = checked(DOCUMENT.replace("worse: yes, purpose", "worse: yes, required: false, purpose").encode())
    assert filled_in.compiled.digest != as_written.compiled.digest


def test_texts_that_look_equal_are_equal() -> None:
    composed, decomposed = (
        checked(DOCUMENT.replace("title: Small", f"title: {word}").encode()) for word in ("Caf\u00e9", "Cafe\u0301")
    )
    assert composed.compiled.digest == decomposed.compiled.digest
    assert composed.compiled.policy.title == decomposed.compiled.policy.title


def test_a_document_can_be_read_before_its_names_fit() -> None:
    policy, _ = read_document(Policy, DOCUMENT.replace("base_grade: low", "base_grade: lo").encode())
    assert policy.base_grade == "lo"


@pytest.mark.parametrize("place", ["conditions", "asked_when", "impossible", "earned_when"])
def test_a_finding_is_looked_at_by_rules_alone(place: str) -> None:
    """Elsewhere it would silently never hold: findings are what rules give."""
    finding: dict[str, Json] = {"finding": "threat", "at_least": "high"}
    facts = [fact("first", "yes_no", worse="yes"), fact("second", "yes_no", worse="yes")]
    written: dict[str, dict[str, Json]] = {
        "conditions": {"conditions": [{"id": "c", "title": "C", "when": finding}]},
        "impossible": {"impossible": [{"id": "c", "says": "C", "when": finding}]},
        "earned_when": {"earned_when": finding},
    }
    parts = written.get(place, {})
    if place == "asked_when":
        facts[1] |= {"asked_when": finding, "otherwise": "no"}
    rules = [rule("r", {"fact": "first", "is": "yes"}, findings=[{"element": "threat", "level": "high"}])]
    with pytest.raises(Invalid) as refused:
        compiled(document(facts, rules, **parts))
    assert [fault.code for fault in refused.value.faults] == ["stratum"]


def test_a_rule_and_a_precaution_cannot_share_an_id() -> None:
    guard: Json = {
        "id": "r", "says": "S", "basis": ["source"], "on": "first", "scope": {"fact": "first", "is": "yes"},
        "not_asked": "never", "grade": "top", "question": "first",
    }  # fmt: skip
    rules = [rule("r", {"fact": "first", "is": "yes"}, grade="top")]
    with pytest.raises(Invalid) as refused:
        compiled(document([fact("first", "yes_no", worse="yes")], rules, precautions=[guard]))
    assert [fault.where for fault in refused.value.faults] == ["/precautions/0/id"]
