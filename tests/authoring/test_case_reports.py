"""Results of cases for build servers and other programs: the form that JUnit readers take, and stable JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from chalicelib.authoring.case_reports import as_json, as_junit, coverage_in_lines
from chalicelib.authoring.cases import Cases, read_cases, run_cases
from chalicelib.authoring.coverage import coverage
from tests.authoring.test_cases import POLICY

CASES = read_cases(rb"""
format: cases/1
policy: small
cases:
  - {id: one, title: 'A < B & "C"', answers: [{fact: danger, value: yes}], expect: {grade: {is: IMMEDIATE}}}
  - id: two
    title: "Odd \uFFFE"
    answers: [{fact: danger, value: yes}]
    expect: {grade: {is: PRIORITY}, may_stop: false}
  - {id: three, title: Three, skip: "waits <for> it", expect: {grade: {is: PRIORITY}}}
  - {id: four, title: Four, generated: true, answers: [{fact: pain, value: b}], expect: {grade: {is: PRIORITY}}}
""")
AT = datetime(2026, 11, 23, 4, 17, 5, 999, tzinfo=UTC)

# The form that JUnit readers check, where Ant's schema and that of Jenkins agree: for each element the attributes that
# have to be there, those that may, and the elements in it in their order.
FORM: dict[str, tuple[set[str], set[str], list[str]]] = {
    "testsuites": (set(), set(), ["testsuite"]),
    "testsuite": (
        {"name", "package", "id", "timestamp", "hostname", "tests", "failures", "errors", "time"},
        {"skipped"},
        ["properties", "testcase", "system-out", "system-err"],
    ),
    "properties": (set(), set(), ["property"]),
    "property": ({"name", "value"}, set(), []),
    "testcase": ({"name", "classname", "time"}, set(), ["skipped", "failure"]),
    "failure": ({"type"}, {"message"}, []),
    "skipped": (set(), {"message"}, []),
    "system-out": (set(), set(), []),
    "system-err": (set(), set(), []),
}


def junit(cases: Cases = CASES) -> ET.Element:
    return ET.fromstring(as_junit(POLICY, cases, run_cases(POLICY, cases), AT))


def test_junit_has_the_form_that_its_readers_take() -> None:
    for element in junit().iter():
        needed, allowed, inner = FORM[element.tag]
        assert needed <= set(element.attrib) <= needed | allowed, element.tag
        order = [inner.index(child.tag) for child in element]
        assert order == sorted(order), element.tag
    for tag in ("properties", "system-out", "system-err"):
        assert len(junit().findall(f"testsuite/{tag}")) == 1
    (suite,) = junit()
    assert suite.get("timestamp") == "2026-11-23T04:17:05"
    assert all(str(suite.get(name)).isdigit() for name in ("id", "tests", "failures", "errors", "skipped", "time"))


def test_junit_has_one_test_case_for_each_case_with_what_came_of_it() -> None:
    (suite,) = junit()
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["4", "1", "0", "1"]
    found = {str(one.get("name")): [(child.tag, child.get("message"), child.text) for child in one]
             for one in suite.findall("testcase")}  # fmt: skip
    first = "grade: expected PRIORITY, got IMMEDIATE (by rule danger)"
    assert found == {
        'one: A < B & "C"': [],
        "two: Odd ?": [("failure", first, f"{first}\nmay_stop: expected no, got yes")],
        "three: Three": [("skipped", "waits <for> it", None)],
        "four: Four": [],
    }


def test_json_tells_every_case_and_counts_those_that_nobody_confirmed() -> None:
    told = as_json(POLICY, CASES, run_cases(POLICY, CASES), None)
    assert {name: told[name] for name in ("format", "passed", "failed", "skipped", "unconfirmed")} == {
        "format": "policy-test/1", "passed": 2, "failed": 1, "skipped": 1, "unconfirmed": 1,
    }  # fmt: skip
    assert "coverage" not in told
    assert [(one["id"], one["outcome"], one["generated"]) for one in told["cases"]] == [
        ("one", "passed", False), ("two", "failed", False), ("three", "skipped", False), ("four", "passed", True),
    ]  # fmt: skip
    assert told["cases"][2]["skipped_because"] == "waits <for> it"
    assert len(told["cases"][1]["differences"]) == 2


def test_json_has_coverage_where_it_was_looked_at() -> None:
    seen = coverage(POLICY, CASES)
    told = as_json(POLICY, CASES, run_cases(POLICY, CASES), seen)["coverage"]
    assert told["percent"] == seen.percent
    assert [one["name"] for one in told["measures"]] == [one.name for one in seen.measures]
    assert told["skipped"] == ["three"]


def test_coverage_in_lines_names_what_was_not_seen() -> None:
    lines = list(coverage_in_lines(coverage(POLICY, CASES)))
    assert lines[0] == f"Coverage by 3 cases: {coverage(POLICY, CASES).percent} %"
    heading = lines.index("Rules that no case misses by one answer:")
    assert lines[heading + 1 : heading + 3] == ["  danger", "  pain"]
    assert '  /rules/1/when: the answer to "pain?" is "c" or "b" (never false)' in lines
