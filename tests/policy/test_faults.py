"""Wrong documents: each fault is told exactly once, with its place, the wrong value and what would be right."""

from __future__ import annotations

import pytest

from chalicelib.authoring.documents import checked, read_policy_document
from chalicelib.canonical import Json
from chalicelib.errors import Fault, Invalid, ServiceError, TooLarge, Unreadable
from chalicelib.policy.document import POLICY_BYTES
from tests.strategies import compiled, document, fact, rule

DOCUMENT = """\
format: policy/1
id: small
force: test
version: "1"
title: Small
owner: Owner
change: First
basis: [{id: source, title: Source}]
elements: [{id: threat, title: Threat}, {id: risk, title: Risk}]
grades:
  - {id: top, title: Top, national: IMMEDIATE}
  - {id: low, title: Low, national: SCHEDULED}
base_grade: low
earned_when: {fact: danger, is: no}
responses: [{id: attend, title: Attend, attends: true}, {id: desk, title: Desk, attends: false}]
facts:
  - {id: danger, type: yes_no, question: Danger?, worse: yes, purpose: [grade]}
  - {id: hurt, type: ordered, question: Hurt?, worse: higher, purpose: [grade],
     options: [{id: none, title: No}, {id: badly, title: Badly}]}
  - {id: count, type: whole, question: How many?, worse: higher, purpose: [grade], range: {least: 0, most: 9}}
  - {id: signs, type: set, question: Which?, purpose: [grade], options: [{id: a, title: A}, {id: b, title: B}],
     asked_when: {fact: danger, is: yes}, otherwise: none}
conditions:
  - {id: bad, title: Bad, when: {fact: hurt, at_least: badly}}
impossible:
  - {id: odd, when: {fact: count, at_least: 9}, says: It cannot be.}
rules:
  - {id: one, says: One, basis: [source], when: {fact: danger, is: yes}, grade: top,
     findings: [{element: threat, level: high}], flags: [mark], duties: [tell],
     response: {require: attendance, forbid: [desk]}}
  - {id: two, says: Two, basis: [source], when: {all: [{condition: bad}, {fact: signs, includes_any: [a]}]}, grade: low}
precautions:
  - {id: care, says: Care, basis: [source], on: bad, scope: {fact: danger, is: yes}, reasons: [unknown],
     not_asked: at_end, grade: top, question: hurt}
duties: [{id: tell, title: Tell, owed_by: call_handler, done_by: [caller_told]}]
checks: [{id: history, title: History, results: [{result: found, fact: hurt, value: badly}]}]
flags: [{id: mark, title: Mark}]
specified_needs: [{id: need, title: Need, when: {fact: danger, is: yes}}]
"""


def faults_in(text: str) -> list[Fault]:
    """The faults of a document."""
    with pytest.raises(ServiceError) as refused:
        checked(text.encode())
    return list(refused.value.faults)


def test_the_document_that_the_faults_are_put_into_has_none() -> None:
    assert checked(DOCUMENT.encode()).compiled.policy.id == "small"


# what is replaced, by what, code, pointer, what the fault has to name
ROWS = [
    ("format: policy/1", "format: policy/2", "literal_error", "/format", "policy/2"),
    ("title: Small\n", "", "missing", "/title", "missing"),
    ("title: Small", "title: Small\nunits_available: 3", "extra_forbidden", "/units_available", "units_available"),
    ("title: Small", "title: 7", "string_type", "/title", "7"),
    ("id: small", "id: Small One", "string_pattern_mismatch", "/id", "Small One"),
    ("national: IMMEDIATE", "national: URGENT", "enum", "/grades/0/national", "URGENT"),
    (
        "national: SCHEDULED}\nbase",
        "national: SCHEDULED}\n  - {id: odd, title: Odd, national: PRIORITY}\nbase",
        "grade_order",
        "/grades/2/national",
        "lower",
    ),
    ("base_grade: low", "base_grade: lo", "unknown_name", "/base_grade", '"low"?'),
    (
        "earned_when: {fact: danger, is: no}",
        "earned_when: {fact: dangr, is: no}",
        "unknown_name",
        "/earned_when/fact",
        '"danger"?',
    ),
    (
        "earned_when: {fact: danger, is: no}",
        "earned_when: {fact: danger, is: maybe}",
        "value",
        "/earned_when/is",
        "yes or no",
    ),
    ("earned_when: {fact: danger, is: no}", "earned_when: {fact: danger, is: [no]}", "value", "/earned_when/is", "no"),
    (
        "earned_when: {fact: danger, is: no}",
        "earned_when: {fact: danger}",
        "value_error",
        "/earned_when",
        "exactly one comparison",
    ),
    (
        "earned_when: {fact: danger, is: no}",
        "earned_when: {fact: danger, is: no, is_not: yes}",
        "value_error",
        "/earned_when",
        "is and is_not",
    ),
    (
        "earned_when: {fact: danger, is: no}",
        "earned_when: {fact: danger, equals: no}",
        "extra_forbidden",
        "/earned_when/equals",
        "equals",
    ),
    ("earned_when: {fact: danger, is: no}", "earned_when: {all: []}", "too_short", "/earned_when/all", "[]"),
    (
        "earned_when: {fact: danger, is: no}",
        "earned_when: {not: {fact: danger, is: yes}}",
        "condition",
        "/earned_when",
        "exactly one of",
    ),
    (
        "earned_when: {fact: danger, is: no}",
        "earned_when: {condition: goood}",
        "unknown_name",
        "/earned_when/condition",
        "goood",
    ),
    (
        "earned_when: {fact: danger, is: no}",
        "earned_when: {finding: thret, at_least: low}",
        "unknown_name",
        "/earned_when/finding",
        '"threat"?',
    ),
    (
        "worse: yes, purpose: [grade]}\n  - {id: hurt",
        "worse: higher, purpose: [grade]}\n  - {id: hurt",
        "fact_form",
        "/facts/0/worse",
        "yes or no",
    ),
    (
        "worse: yes, purpose: [grade]}\n  - {id: hurt",
        "worse: yes, purpose: []}\n  - {id: hurt",
        "too_short",
        "/facts/0/purpose",
        "[]",
    ),
    (
        ",\n     options: [{id: none, title: No}, {id: badly, title: Badly}]",
        "",
        "fact_form",
        "/facts/1/options",
        "options",
    ),
    (
        "{id: badly, title: Badly}]",
        "{id: badly, title: Badly}, {id: badly, title: Again}]",
        "duplicate_id",
        "/facts/1/options/2/id",
        "badly",
    ),
    ("range: {least: 0, most: 9}", "range: {least: 9, most: 0}", "fact_form", "/facts/2/range", "the least first"),
    (", range: {least: 0, most: 9}", "", "fact_form", "/facts/2/range", "range"),
    (", otherwise: none}", "}", "fact_form", "/facts/3/otherwise", "both, or neither"),
    (", otherwise: none}", ", otherwise: a}", "value", "/facts/3/otherwise", '"none"'),
    (
        "asked_when: {fact: danger, is: yes}",
        "asked_when: {fact: signs, includes_any: [a]}",
        "cycle",
        "/facts/3/asked_when",
        "signs",
    ),
    (
        "range: {least: 0, most: 9}}\n",
        "range: {least: 0, most: 9}}\n  - {id: count, type: yes_no, question: Again?, purpose: [grade]}\n",
        "duplicate_id",
        "/facts/3/id",
        "count",
    ),
    (
        "when: {fact: hurt, at_least: badly}",
        "when: {fact: hurt, at_least: worst}",
        "value",
        "/conditions/0/when/at_least",
        "none, badly",
    ),
    (
        "when: {fact: hurt, at_least: badly}",
        "when: {fact: danger, at_least: yes}",
        "comparison",
        "/conditions/0/when/at_least",
        "is, is_not, one_of",
    ),
    ("when: {fact: hurt, at_least: badly}", "when: {condition: bad}", "order", "/conditions/0/when/condition", "bad"),
    (
        "when: {fact: count, at_least: 9}",
        "when: {fact: count, at_least: 12}",
        "value",
        "/impossible/0/when/at_least",
        "from 0 to 9",
    ),
    (
        "when: {fact: count, at_least: 9}",
        "when: {fact: count, between: [5, 2]}",
        "value",
        "/impossible/0/when/between",
        "lower bound first",
    ),
    (
        "when: {fact: count, at_least: 9}",
        "when: {fact: count, between: [5]}",
        "too_short",
        "/impossible/0/when/between",
        "[5]",
    ),
    ("includes_any: [a]}]}", "includes_any: [c]}]}", "value", "/rules/1/when/all/1/includes_any", "a, b"),
    ("id: two, says: Two", "id: one, says: Two", "duplicate_id", "/rules/1/id", "one"),
    (
        "basis: [source], when: {fact: danger",
        "basis: [sauce], when: {fact: danger",
        "unknown_name",
        "/rules/0/basis/0",
        '"source"?',
    ),
    ("basis: [source], when: {fact: danger", "basis: [], when: {fact: danger", "too_short", "/rules/0/basis", "[]"),
    ("grade: top,\n     findings", "grade: tip,\n     findings", "unknown_name", "/rules/0/grade", "tip"),
    (
        "element: threat, level: high",
        "element: harm, level: high",
        "unknown_name",
        "/rules/0/findings/0/element",
        "threat, risk",
    ),
    ("element: threat, level: high", "element: threat, level: huge", "enum", "/rules/0/findings/0/level", "huge"),
    ("flags: [mark]", "flags: [park]", "unknown_name", "/rules/0/flags/0", '"mark"?'),
    ("duties: [tell],", "duties: [tel],", "unknown_name", "/rules/0/duties/0", '"tell"?'),
    ("forbid: [desk]", "forbid: [desc]", "unknown_name", "/rules/0/response/forbid/0", '"desk"?'),
    ("require: attendance", "require: speed", "literal_error", "/rules/0/response/require", "speed"),
    (", grade: low}\nprec", "}\nprec", "no_effect", "/rules/1", "two"),
    (
        ", grade: low}\nprec",
        ", unless: {fact: danger, is: no}, flags: [mark]}\nprec",
        "unless",
        "/rules/1/unless",
        "grade",
    ),
    (", on: bad", ", on: hurt", "unknown_name", "/precautions/0/on", "hurt"),
    ("question: hurt}", "question: pain}", "unknown_name", "/precautions/0/question", "pain"),
    ("reasons: [unknown]", "reasons: [not_asked]", "literal_error", "/precautions/0/reasons/0", "not_asked"),
    ("not_asked: at_end", "not_asked: later", "enum", "/precautions/0/not_asked", "later"),
    ("owed_by: call_handler", "owed_by: nobody", "literal_error", "/duties/0/owed_by", "nobody"),
    ("fact: hurt, value: badly}]", "fact: hurt, value: bad}]", "value", "/checks/0/results/0", "none, badly"),
    ("fact: hurt, value: badly}]", "fact: pain, value: badly}]", "unknown_name", "/checks/0/results/0/fact", "pain"),
    (
        "when: {fact: danger, is: yes}}]\n",
        "when: {fact: danger, is: 1}}]\n",
        "value",
        "/specified_needs/0/when/is",
        "yes or no",
    ),
]


@pytest.mark.parametrize(("before", "after", "code", "where", "named"), ROWS)
def test_each_fault_is_told_once_where_it_is(before: str, after: str, code: str, where: str, named: str) -> None:
    assert DOCUMENT.count(before) == 1
    found = faults_in(DOCUMENT.replace(before, after))
    assert [(fault.code, fault.where) for fault in found] == [(code, where)]
    assert named in found[0].as_text()
    assert (found[0].line or 0) >= 1
    assert (found[0].column or 0) >= 1


def test_two_faults_are_two_errors() -> None:
    text = DOCUMENT.replace("base_grade: low", "base_grade: lo").replace("flags: [mark]", "flags: [park]")
    assert {fault.where for fault in faults_in(text)} == {"/base_grade", "/rules/0/flags/0"}


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
    assert read_policy_document(DOCUMENT.replace("base_grade: low", "base_grade: lo").encode()).base_grade == "lo"


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
