"""Hertfordshire's own part: its overlay, its elements and needs, and its cases. What it shares is tested elsewhere."""

from __future__ import annotations

import pytest

from chalicelib.assessment.evaluate import evaluate
from chalicelib.authoring.cases import CaseResult, check_cases, run_cases
from chalicelib.policy.document import POLICY_BYTES, National
from chalicelib.reader import read_yaml
from tests.policies.routine import play
from tests.policies.shipped import HERTFORDSHIRE, NATIONAL, POLICIES, SHIPPED, cases_of
from tests.strategies import BEGINS, a_call, claim

POLICY = SHIPPED[HERTFORDSHIRE]
BASE = SHIPPED[NATIONAL]
CASES = cases_of(HERTFORDSHIRE)
DOCUMENT = POLICY.policy


@pytest.mark.parametrize("result", run_cases(POLICY, CASES), ids=lambda result: result.id)
def test_a_case_passes(result: CaseResult) -> None:
    assert result.differences == ()


def test_the_cases_name_only_what_the_policy_has() -> None:
    assert check_cases(POLICY, CASES) == []


def test_the_published_examples_are_all_there() -> None:
    there = {case.id.split("-")[0] for case in CASES.cases}
    assert {f"P{number:02}" for number in range(1, 18)} <= there


def test_the_elements_are_the_commissioners_eight_in_their_order() -> None:
    assert [element.id for element in DOCUMENT.elements] == [
        "threat", "harm", "risk", "intelligence", "investigation", "vulnerability", "engagement", "specified_need",
    ]  # fmt: skip


def test_it_is_an_overlay_on_the_national_baseline_as_it_stands() -> None:
    written = read_yaml((POLICIES / HERTFORDSHIRE / "policy.yaml").read_bytes(), most=POLICY_BYTES).value
    assert isinstance(written, dict)
    assert written["format"] == "overlay/1"
    assert written["based_on"] == {"id": NATIONAL, "sha256": BASE.digest}
    assert DOCUMENT.based_on is not None
    assert DOCUMENT.based_on.sha256 == BASE.digest


def test_it_never_grades_lower_than_the_national_baseline() -> None:
    base = {rule.id: rule for rule in BASE.policy.rules}
    own = {rule.id: rule for rule in DOCUMENT.rules}
    assert {name for name in base.keys() - own.keys() if base[name].grade} == set()
    for name in base.keys() & own.keys():
        assert (own[name].when, own[name].unless, own[name].grade) == (
            base[name].when, base[name].unless, base[name].grade,
        ), name  # fmt: skip


def test_the_victim_service_is_beacon() -> None:
    [duty] = [one for one in DOCUMENT.duties if one.id == "refer_support"]
    assert "Beacon" in duty.title
    assert duty.working_days == 2
    [words] = [text for text in DOCUMENT.texts if text.id == duty.text]
    assert "Beacon" in words.text


BURGLARIES: list[tuple[str, bool, str]] = [
    ("home", True, "a home"),
    ("attached", True, "a garage joined to a home"),
    ("unconnected", False, "a shed"),
    ("business", False, "a shop"),
]


@pytest.mark.parametrize(("premises", "attended"), [row[:2] for row in BURGLARIES], ids=[row[2] for row in BURGLARIES])
def test_only_the_burglary_of_a_home_is_a_specified_need(premises: str, attended: bool) -> None:
    result = play(POLICY, {"happened": ["burglary"], "premises": premises}).result
    assert ("dwelling_burglary" in result.needs) is attended
    assert (result.response.require == "attendance") is attended
    assert result.national.recommended is (National.SCHEDULED if attended else National.RESOLVE)


@pytest.mark.parametrize(("work", "needed"), [("emergency_worker", True), ("shop", True), ("no", False)])
def test_an_attack_at_work_is_seen_to(work: str, needed: bool) -> None:
    call = a_call(claim("happened", present=("assault",)), claim("victim_at_work", 1, value=work))
    result = evaluate(POLICY, call, BEGINS)
    assert ("attack_at_work" in result.needs) is needed
    assert (result.response.require == "attendance") is needed
