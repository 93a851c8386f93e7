"""Every case of the force in force through HTTP, as a control room would send and read it. It reads no rule.

With `-s` it prints how many cases are graded below and above what they expect.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.authoring.cases import (
    BEGINS,
    Case,
    ExpectedGrade,
    ExpectedResponse,
    ExpectedVictim,
    check_cases,
    read_cases,
)
from chalicelib.cli.policy_files import compiled_file
from chalicelib.policy.document import National
from chalicelib.policy.levels import Level
from tests.journeys.rooms import MovableClock, Room, embedded_room
from tests.prepared import POLICIES, SHIPPED_ID, shortened

Decided = Mapping[str, Mapping[str, Any]]
"""What was advised in each case, by its id."""

SHIPPED = POLICIES / SHIPPED_ID
POLICY = compiled_file(SHIPPED / "policy.yaml").compiled
CASES = read_cases((SHIPPED / "cases.yaml").read_bytes()).cases
EVERYDAY = tuple(case for case in CASES if case.source == "everyday")
PUBLISHED = {f"P{number:02}" for number in range(1, 25)}
REVIEWED = {f"C{number:02}" for number in (1, 2, 4, 12, 13, 16, 20, 21, 22, 23, 33, 36, 38)}


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Decided:
    """The advice for each case, in the order of their times: the policy has been in force since the day before."""
    clock = MovableClock(BEGINS - timedelta(days=1))
    with embedded_room(tmp_path_factory.mktemp("cases"), clock, policy=shortened()) as room:
        return {case.id: _advised(room, clock, case) for case in sorted(CASES, key=lambda case: case.at)}


def _advised(room: Room, clock: MovableClock, case: Case) -> Mapping[str, Any]:
    clock.move(seconds=max(0.0, (case.at - clock()).total_seconds()))
    decision = room.handler.decide(_body(case))
    assert decision["warnings"] == [], case.id
    advice: Mapping[str, Any] = decision["advice"]
    return advice


def _body(case: Case) -> dict[str, Any]:
    """The request of a case. What it leaves out is left out."""
    written = case.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    body = {
        "contact": {**case.contact.model_dump(mode="json", exclude_none=True), "reference": f"HC-20260101-{case.id}"},
        "actor": {"pseudonym": "ch-4471", "role": "call_handler"},
        "people": written.get("people", []),
        "answers": written.get("answers", []),
        "checks": [one.model_dump(mode="json") for one in case.checks],
    }
    if case.incident is not None:
        incident = case.incident.model_dump(mode="json", exclude_none=True)
        body["incident"] = {**incident, "reference": f"HC-20260101-{case.id}-I"}
    return body


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_case_comes_out_as_expected(case: Case, decided: Decided) -> None:
    assert list(_differences(case, decided[case.id])) == []


def _differences(case: Case, advice: Mapping[str, Any]) -> Iterator[str]:
    """Everything in which the advice is not what the case expects, in words."""
    expect = case.expect
    if off := _off_by(expect.grade, advice):
        yield f"{abs(off)} grades too {'low' if off < 0 else 'high'}: {advice['grade']['national']}"
    asked = [question["fact"] for question in advice["open_questions"]]
    wanted: tuple[tuple[str, Iterable[str], Iterable[str]], ...] = (
        ("reason", expect.reasons, _ids(advice, "reasons", "id")),
        ("question", expect.questions, asked),
        ("duty", expect.duties, _ids(advice, "duties", "duty")),
        ("flag", expect.flags, advice["flags"]),
        ("need", expect.needs, advice["needs"]),
        ("check", expect.checks, _ids(advice, "checks", "check")),
        ("timer", expect.timers, _ids(advice, "timers", "timer")),
    )
    for kind, names, there in wanted:
        yield from (f"no {kind} {name}" for name in sorted(set(names) - set(there)))
    unwanted = ({*expect.not_flags} & {*advice["flags"]}) | ({*expect.not_timers} & _ids(advice, "timers", "timer"))
    yield from (f"an unwanted {name}" for name in sorted(unwanted))
    yield from _of_response(expect.response or ExpectedResponse(), advice["response"])
    yield from _of_findings(case, advice)
    yield from (f"victim {victim.about}" for victim in expect.victims if not _owed(victim, advice))
    put = advice.get("next_question") or {}
    if expect.first_question not in (None, put.get("fact")):
        yield f"first question {put.get('fact')}"
    if expect.may_stop not in (None, advice["may_stop"]):
        yield f"may_stop {advice['may_stop']}"
    if expect.provisional not in (None, advice["grade"]["provisional"]):
        yield f"provisional {advice['grade']['provisional']}"


def _ids(advice: Mapping[str, Any], member: str, name: str) -> set[str]:
    return {one[name] for one in advice.get(member, ())}


def _off_by(expected: ExpectedGrade, advice: Mapping[str, Any]) -> int:
    """How many grades below (negative) or above what is expected; 0 when it is as expected."""
    got = _rank(advice)
    least, most = expected.is_ or expected.at_least, expected.is_ or expected.at_most
    if least is not None and got < least.rank:
        return got - least.rank
    return max(0, got - most.rank) if most is not None else 0


def _rank(advice: Mapping[str, Any]) -> int:
    return National(advice["grade"]["national"]).rank


def _of_response(expected: ExpectedResponse, got: Mapping[str, Any]) -> Iterator[str]:
    required = got.get("require") or "nothing"
    if expected.require not in (None, required):
        yield f"required: {required}"
    refused = {one["response"] for one in got["refused"]}
    yield from (f"{name} is not refused" for name in expected.refused if name not in refused)
    yield from (f"{name} is not permitted" for name in expected.permitted if name not in got["permitted"])


def _of_findings(case: Case, advice: Mapping[str, Any]) -> Iterator[str]:
    found = {one["element"]: Level(one["level"]) for one in advice["findings"]}
    for wanted in case.expect.findings:
        if found[wanted.element].rank < wanted.level.rank:
            yield f"finding {wanted.element} {found[wanted.element]}"


def _owed(expected: ExpectedVictim, advice: Mapping[str, Any]) -> bool:
    """Whether one victim is owed what is expected."""
    for victim in advice.get("victims", ()):
        if victim.get("about") == expected.about:
            told = {one["id"] for one in victim["tell"]}
            return expected.category in (None, victim["category"]) and {*expected.tell} <= told
    return False


def test_no_case_is_graded_too_low_and_none_too_high(decided: Decided) -> None:
    off = {case.id: _off_by(case.expect.grade, decided[case.id]) for case in CASES}
    low, high = ([name for name, by in off.items() if by * sign > 0] for sign in (-1, 1))
    bounded = sum(1 for case in CASES if case.expect.grade.is_ or case.expect.grade.at_most)
    print(  # noqa: T201  # how well it grades is to be read, not only tested
        f"\n{len(CASES)} cases, {len(EVERYDAY)} of them everyday calls. Graded too low: {len(low)} {low}. "
        f"Graded too high: {len(high)} of the {bounded} that say how high at most {high}."
    )
    assert (low, high) == ([], [])


def test_no_everyday_call_is_above_scheduled(decided: Decided) -> None:
    assert len(EVERYDAY) >= 30
    above = {case.id for case in EVERYDAY if _rank(decided[case.id]) > National.SCHEDULED.rank}
    assert above == set()


def test_nothing_is_resolved_without_attendance_where_attendance_is_required(decided: Decided) -> None:
    required = {name: advice for name, advice in decided.items() if advice["response"].get("require")}
    assert {name for name, advice in required.items() if _rank(advice) == National.RESOLVE.rank} == set()


def test_every_everyday_call_may_stop_after_its_answers(decided: Decided) -> None:
    assert {case.id for case in EVERYDAY if not decided[case.id]["may_stop"]} == set()


def test_every_rule_and_every_precaution_is_a_reason_in_some_case(decided: Decided) -> None:
    reasons = {name for advice in decided.values() for name in _ids(advice, "reasons", "id")}
    document = POLICY.policy
    names = {*(rule.id for rule in document.rules), *(guard.id for guard in document.precautions)}
    assert names - reasons == set()


def test_the_published_examples_and_the_reviewed_calls_are_all_there() -> None:
    there = {case.id.split("-")[0] for case in CASES}
    assert there >= PUBLISHED | REVIEWED


def test_a_station_appointment_for_domestic_abuse_takes_a_supervisor(decided: Decided) -> None:
    (refused,) = (one for one in decided["P19"]["response"]["refused"] if one["response"] == "appointment_station")
    assert refused["unless_authorised_by"] == "supervisor"


def test_that_no_unit_is_free_is_no_ground_for_a_lower_grade() -> None:
    (reason,) = (one for one in POLICY.policy.outcomes if one.id == "no_units")
    assert "lowered" in reason.for_
    assert reason.refused
    assert reason.by == ()


def test_the_cases_of_the_base_stand_in_the_force_as_they_are() -> None:
    based_on = POLICY.policy.based_on
    assert based_on is not None
    base = _cases_of(SHIPPED.parent / based_on.id)
    own = {case.id: case for case in CASES}
    changed = {name for name, case in base.items() if _without_reasons(own.get(name)) != _without_reasons(case)}
    assert changed == set()


def _cases_of(folder: Path) -> dict[str, Case]:
    policy = compiled_file(folder / "policy.yaml").compiled
    cases = read_cases((folder / "cases.yaml").read_bytes())
    assert check_cases(policy, cases) == []
    return {case.id: case for case in cases.cases}


def _without_reasons(case: Case | None) -> Case | None:
    """A case but for the ids of rules, which an overlay may replace, and for elements that the force does not have."""
    if case is None:
        return None
    elements = {element.id for element in POLICY.policy.elements}
    findings = tuple(one for one in case.expect.findings if one.element in elements)
    return case.model_copy(update={"expect": case.expect.model_copy(update={"reasons": (), "findings": findings})})
