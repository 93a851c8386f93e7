"""The first shipped policy: its cases pass, nothing in it is idle, and no random call slips past it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.assessment.call import Call, Claim, ContactState
from chalicelib.assessment.decision import RESULT_FORMAT, Result
from chalicelib.assessment.evaluate import evaluate
from chalicelib.assessment.intake import Given
from chalicelib.assessment.standing import standing_of
from chalicelib.authoring.cases import Case, CaseResult, check_cases, read_cases, result_of, run_cases
from chalicelib.authoring.documents import checked
from chalicelib.policy.compiled import TRUE
from chalicelib.policy.conditions import FactLeaf, NamedLeaf
from chalicelib.policy.document import Absence, Fact, FactType, National, Source
from chalicelib.policy.leaves import conditions_of, leaves
from tests.strategies import a_call, claim

FOLDER = Path(__file__).parents[2] / "policies" / "hertfordshire-thriives"
POLICY = checked((FOLDER / "policy.yaml").read_bytes()).compiled
CASES = read_cases((FOLDER / "cases.yaml").read_bytes())
DOCUMENT = POLICY.policy
TEXT = (FOLDER / "policy.yaml").read_text()
LEAVES = [one for condition in conditions_of(DOCUMENT) for one in leaves(condition)]


@pytest.mark.parametrize("result", run_cases(POLICY, CASES), ids=lambda result: result.id)
def test_a_case_passes(result: CaseResult) -> None:
    assert result.differences == ()


def test_the_cases_name_only_what_the_policy_has() -> None:
    assert check_cases(POLICY, CASES) == []


def test_the_published_examples_are_all_there() -> None:
    there = {case.id.split("-")[0] for case in CASES.cases}
    assert {f"P{number:02}" for number in range(1, 18)} <= there


def test_every_rule_and_precaution_is_the_reason_of_some_case() -> None:
    reasons = {reason.id for case in CASES.cases for reason in result_of(POLICY, case).reasons}
    assert {*(rule.id for rule in DOCUMENT.rules), *(guard.id for guard in DOCUMENT.precautions)} - reasons == set()


def _used(name: str) -> set[str]:
    """The names of a kind that some rule, precaution or duty uses."""
    return {used for rule in DOCUMENT.rules for used in getattr(rule, name)}


def test_every_source_is_leant_on() -> None:
    leaning = _used("basis") | {name for guard in DOCUMENT.precautions for name in guard.basis}
    leaning |= {name for duty in DOCUMENT.duties for name in duty.basis}
    assert {source.id for source in DOCUMENT.basis} - leaning == set()


def test_every_flag_and_every_duty_is_used() -> None:
    assert {flag.id for flag in DOCUMENT.flags} == _used("flags")
    assert {duty.id for duty in DOCUMENT.duties} == _used("duties")


def test_every_element_is_found_by_some_rule() -> None:
    assert {element.id for element in DOCUMENT.elements} == {
        f.element for rule in DOCUMENT.rules for f in rule.findings
    }


def test_every_response_is_refused_by_some_rule_except_attendance() -> None:
    refused = {name for rule in DOCUMENT.rules if rule.response for name in rule.response.forbid}
    by_attendance = {response.id for response in DOCUMENT.responses if not response.attends}
    assert {response.id for response in DOCUMENT.responses} - refused - by_attendance == {"attend"}


def test_every_fact_matters_to_a_rule_or_serves_another_purpose() -> None:
    compared = {one.fact for one in LEAVES if isinstance(one, FactLeaf)}
    idle = {fact.id for fact in DOCUMENT.facts if fact.id not in compared}
    assert {fact.id for fact in DOCUMENT.facts if fact.purpose == ("grade",)} & idle == set()
    assert idle == {"where", "callback"}


def test_every_named_condition_is_used() -> None:
    named = {one.condition for one in LEAVES if isinstance(one, NamedLeaf)} | {
        guard.on for guard in DOCUMENT.precautions
    }
    assert {one.id for one in DOCUMENT.conditions} - named == set()


def test_every_tag_of_every_set_is_compared_with() -> None:
    compared = {
        (one.fact, tag)
        for one in LEAVES
        if isinstance(one, FactLeaf)
        for tag in (*(one.includes_any or ()), *(one.includes_all or ()), *(one.includes_none or ()))
    }
    tags = {(fact.id, o.id) for fact in DOCUMENT.facts if fact.type is FactType.SET for o in fact.options or ()}
    assert tags - compared == set()


def test_every_check_says_something_about_a_fact_in_each_result() -> None:
    for check in DOCUMENT.checks:
        results = {result.result for result in check.results}
        assert {"nothing_found", "markers_found", "running", "failed"} <= results
        assert all(result.value or result.absent for result in check.results)


def test_every_question_is_short_and_a_question() -> None:
    for fact in DOCUMENT.facts:
        assert fact.question.endswith("?"), fact.id
        assert len(fact.question) <= 100, fact.id


@pytest.mark.parametrize("word", ["units_available", "availability", "response_time", "workload", "resource"])
def test_no_resource_is_a_fact(word: str) -> None:
    assert not any(word in fact.id for fact in DOCUMENT.facts)


def test_no_immediate_grade_can_be_answered_by_appointment_or_telephone() -> None:
    for rule in DOCUMENT.rules:
        if rule.grade == "immediate":
            assert rule.response is not None
            assert rule.response.require == "attendance"
            assert "appointment_home" in rule.response.forbid
            assert rule.response.unless_authorised_by is None


def _answer(chance: Random, fact: Fact) -> dict[str, object]:
    options = [option.id for option in fact.options or ()]
    if chance.random() < 0.15:
        return {"absent": chance.choice([Absence.UNKNOWN, Absence.UNABLE, Absence.DECLINED, Absence.PENDING])}
    match fact.type:
        case FactType.YES_NO:
            return {"value": chance.random() < 0.5}
        case FactType.WHOLE:
            return {"value": chance.choice([0, 1, 2, 40])}
        case FactType.SET:
            if chance.random() < 0.5:
                return {"value": "none_of_these"}
            there = chance.sample(options, chance.randint(1, 2))
            return {"present": tuple(there), "ruled_out": tuple(one for one in options if one not in there)}
        case FactType.ORDERED if chance.random() < 0.2:
            return {chance.choice(["at_least", "at_most"]): chance.choice(options)}
        case _:
            return {"value": chance.choice(options)}


def _random_call(seed: int) -> Call:
    chance = Random(seed)
    facts = chance.sample(DOCUMENT.facts, chance.randint(0, len(DOCUMENT.facts)))
    sources = [Source.CALLER, Source.VICTIM, Source.THIRD_PARTY, Source.HANDLER]
    answers = [
        claim(one.id, step, **_answer(chance, one), source=chance.choice(sources)) for step, one in enumerate(facts)
    ]
    return a_call(*answers, state=chance.choice(list(ContactState)))


ROOTS = ("dangers_now", "call_signs", "domestic_abuse", "concerns", "vulnerability", "handler_judgement")


def _unsettled_or_dangerous(call: Call) -> Iterator[str]:
    """Why a call cannot be resolved without attendance, read from its claims alone."""
    for name in ROOTS:
        said = [one for one in call.answers if one.fact == name and one.absent is None]
        trusted = [
            one
            for one in said
            if one.source is not Source.THIRD_PARTY or name in ("vulnerability", "handler_judgement")
        ]
        if not trusted:
            yield f"{name} is not known"
        for one in said:
            if one.present and name != "vulnerability":
                yield f"{name}: {one.present}"
            if name in ("domestic_abuse", "handler_judgement") and one.value not in (False, "none"):
                yield f"{name}: {one.value}"


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_random_call_fails_and_none_that_is_open_or_dangerous_is_resolved(seed: int) -> None:
    call = _random_call(seed)
    result = evaluate(POLICY, call)
    assert result.format == RESULT_FORMAT
    assert Result.model_validate_json(result.model_dump_json()) == result
    reasons = list(_unsettled_or_dangerous(call))
    assert not reasons or result.national.recommended is not National.RESOLVE, reasons


def test_the_bounds_of_many_calls_are_exact() -> None:
    assert all(evaluate(POLICY, _random_call(seed)).exact for seed in range(200))


def _hidden(case: Case, call: Call, fact: str, reason: Absence) -> Call:
    kept = tuple(one for one in call.answers if one.fact != fact)
    about = next(one for one in call.answers if one.fact == fact)
    missing = Claim(fact=fact, source=Source.CALLER, at=about.at, absent=reason)
    return call.model_copy(update={"answers": (*kept, missing)})


def _calls() -> Iterator[tuple[Case, Call]]:
    for case in CASES.cases:
        answers = [claim(one.fact, step, **_said(one)) for step, one in enumerate(case.answers)]
        yield case, a_call(*answers, state=case.contact.state)


def _said(one: Given) -> dict[str, object]:
    given = one.model_dump(exclude_none=True)
    return {name: value for name, value in given.items() if name not in ("fact", "at", "about")}


def test_hiding_what_a_precaution_is_about_never_lowers_the_grade() -> None:
    tried = 0
    for case, call in _calls():
        before = POLICY.rank_of(evaluate(POLICY, call).recommended)
        for guard in POLICY.guards:
            facts = {POLICY.variables[index].fact for index in guard.on.uses}
            for fact in facts & {one.fact for one in call.answers}:
                for reason in guard.reasons & {Absence.UNKNOWN, Absence.UNABLE}:
                    hidden = _hidden(case, call, fact, reason)
                    if guard.scope.test(standing_of(POLICY, hidden).masks) != TRUE:
                        continue
                    tried += 1
                    assert POLICY.rank_of(evaluate(POLICY, hidden).recommended) >= before, (case.id, guard.id, fact)
    assert tried > 30


def test_the_first_lines_name_the_policy() -> None:
    assert TEXT.startswith("#")
    assert DOCUMENT.id == FOLDER.name
