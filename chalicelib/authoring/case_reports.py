"""What came of cases, for build servers and other programs: JUnit, JSON, and coverage in lines. It runs nothing.

The members of the JSON stay as they are; more may be added. Each form is the same for the same results.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

from chalicelib.authoring.cases import Case, CaseResult, Cases
from chalicelib.authoring.coverage import ComparisonSeen, Coverage
from chalicelib.policy.compiled import CompiledPolicy

TESTED = "policy-test/1"

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document may hold."""


def as_junit(policy: CompiledPolicy, cases: Cases, results: Sequence[CaseResult], at: datetime) -> bytes:
    """The results as JUnit XML, one test case for each case. `at` is when they were run."""
    document = policy.policy
    suites = ET.Element("testsuites")
    suite = ET.SubElement(
        suites,
        "testsuite",
        name=document.id,
        package=document.force,
        id="0",
        timestamp=at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        hostname="localhost",
        tests=str(len(results)),
        failures=str(sum(one.failed for one in results)),
        errors="0",
        skipped=str(sum(one.skipped is not None for one in results)),
        time="0",
    )
    told = ET.SubElement(suite, "properties")
    for name, value in (("version", document.version), ("digest", policy.digest)):
        ET.SubElement(told, "property", name=name, value=value)
    for case, result in zip(cases.cases, results, strict=True):
        _test_case(suite, document.id, case, result)
    ET.SubElement(suite, "system-out")
    ET.SubElement(suite, "system-err")
    ET.indent(suites)
    whole: bytes = ET.tostring(suites, encoding="utf-8", xml_declaration=True)
    return whole + b"\n"


def _test_case(suite: ET.Element, policy: str, case: Case, result: CaseResult) -> None:
    made = ET.SubElement(suite, "testcase", name=_xml(f"{case.id}: {case.title}"), classname=policy, time="0")
    if result.skipped is not None:
        ET.SubElement(made, "skipped", message=_xml(result.skipped))
    elif result.failed:
        failure = ET.SubElement(made, "failure", type="difference", message=_xml(result.differences[0]))
        failure.text = _xml("\n".join(result.differences))


def _xml(text: str) -> str:
    return _NOT_XML.sub("?", text)


def as_json(
    policy: CompiledPolicy, cases: Cases, results: Sequence[CaseResult], seen: Coverage | None
) -> dict[str, Any]:
    """The results as a plain value; with coverage where it was looked at."""
    document = policy.policy
    return {
        "format": TESTED,
        "policy": {"id": document.id, "version": document.version, "digest": policy.digest},
        "passed": sum(one.passed for one in results),
        "failed": sum(one.failed for one in results),
        "skipped": sum(one.skipped is not None for one in results),
        "unconfirmed": sum(case.generated is not None for case in cases.cases),
        "cases": [_plain(case, result) for case, result in zip(cases.cases, results, strict=True)],
        **({"coverage": coverage_as_json(seen)} if seen is not None else {}),
    }


def outcome(result: CaseResult) -> str:
    """What came of a case in one word."""
    return "skipped" if result.skipped is not None else "passed" if result.passed else "failed"


def _plain(case: Case, result: CaseResult) -> dict[str, Any]:
    return {
        "id": case.id,
        "title": case.title,
        "outcome": outcome(result),
        "differences": list(result.differences),
        "generated": case.generated is not None,
        **({"skipped_because": result.skipped} if result.skipped is not None else {}),
    }


def coverage_as_json(seen: Coverage) -> dict[str, Any]:
    """Coverage as a plain value, with the shares in whole percent."""
    measures = [{**one.model_dump(mode="json"), "percent": one.percent} for one in seen.measures]
    return {"percent": seen.percent, "measures": measures, **seen.model_dump(mode="json")}


def coverage_in_lines(seen: Coverage) -> Iterator[str]:
    """Coverage for people: the shares, and what was not seen."""
    yield f"Coverage by {seen.cases} cases: {seen.percent} %"
    width = max(len(one.name) for one in seen.measures)
    for one in seen.measures:
        yield f"  {one.name:{width}} {one.seen:>5} of {one.of:>5} {one.percent:>5} %"
    for title, names in _unseen(seen):
        if names:
            yield f"{title}:"
            yield from (f"  {name}" for name in names)


def _unseen(seen: Coverage) -> Iterator[tuple[str, list[str]]]:
    """What no case has seen, under its heading."""
    rules, feared = seen.rules, seen.precautions
    never = [one.id for one in rules if not one.holds]
    yield "Rules that hold in no case", never
    yield (
        "Rules that hold and decide alone in no case",
        [one.id for one in rules if one.decides == 0 and one.id not in never],
    )
    yield "Rules that no case misses by one answer", [one.id for one in rules if not one.near_miss]
    yield "Rules that no case can tell apart", [", ".join(names) for names in seen.alike]
    named = {one: f"{one.id} (the exception of that rule)" if one.exception else one.id for one in feared}
    yield "Precautions that apply in no case", [named[one] for one in feared if not one.applies]
    yield "Precautions that are settled in no case", [named[one] for one in feared if not one.settled]
    yield "Comparisons that cases see in some ways only", list(_half_seen(seen.comparisons))
    yield "Facts that no case asks", [one.id for one in seen.facts if one.asked == 0]
    yield "Facts that no case answers", [one.id for one in seen.facts if not one.answered]
    for kind in dict.fromkeys(part.kind for part in seen.parts):
        yield f"Not among {kind}", [part.id for part in seen.parts if part.kind == kind and not part.seen]


def _half_seen(comparisons: Iterable[ComparisonSeen]) -> Iterator[str]:
    """The comparisons that never came out in one of the ways that they can."""
    for one in comparisons:
        ways = (("true", one.true), ("false", one.false), ("not known", one.not_known))
        never = [name for name, count in ways if count == 0]
        if never:
            yield f"{one.pointer}: {one.says} (never {' and never '.join(never)})"
