"""The shipped documents as documents: nothing in them is idle, unsourced, unspeakable or about resources. No call."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from chalicelib.policy.conditions import Condition, FactLeaf, NamedLeaf
from chalicelib.policy.document import Fact, FactType, Policy, Purpose
from chalicelib.policy.leaves import conditions_of, leaves
from tests.policies.shipped import HERTFORDSHIRE, POLICIES, SHIPPED

DOCUMENTS = {name: one.policy for name, one in SHIPPED.items()}
EACH = pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)

SOURCED = ("rules", "precautions", "duties", "timers", "outcomes", "guarantees", "specified_needs")


def _conditions(document: Policy) -> Iterator[Condition]:
    """Every condition, those of obligations as well."""
    yield from conditions_of(document)
    yield from (check.due_when for check in document.checks if check.due_when)
    yield from (timer.when for timer in document.timers if timer.when)
    yield from (promise.when for promise in document.guarantees)
    code = document.victims_code
    if code is not None:
        yield from (category.when for category in code.categories)
        yield from (telling.when for telling in code.tell if telling.when)
        if code.leave_to_officer_when:
            yield code.leave_to_officer_when


def _leaves(document: Policy) -> list[object]:
    return [one for condition in _conditions(document) for one in leaves(condition)]


@EACH
def test_every_part_names_its_source_and_every_source_is_leant_on(document: Policy) -> None:
    parts = [thing for part in SOURCED for thing in getattr(document, part)]
    assert [thing.id for thing in parts if not thing.basis] == []
    code = document.victims_code
    told = [*code.categories, *code.tell] if code else []
    leaning = {name for thing in (*parts, *told) for name in thing.basis}
    assert leaning - {source.id for source in document.basis} == set()
    assert {source.id for source in document.basis} - leaning == set()


def test_everything_that_rests_on_a_proposal_is_on_the_page_for_the_force() -> None:
    page = (POLICIES / HERTFORDSHIRE / "README.md").read_text()
    document = DOCUMENTS[HERTFORDSHIRE]
    proposed = [thing.id for part in SOURCED for thing in getattr(document, part) if "proposed" in thing.basis]
    assert [name for name in proposed if f"`{name}`" not in page] == []
    assert len(proposed) > 40


@EACH
def test_everything_can_be_said_in_a_sentence(document: Policy) -> None:
    silent = [fact.id for fact in document.facts if not fact.phrase]
    silent += [fact.id for fact in document.facts if fact.type is FactType.YES_NO and not fact.phrase_no]
    silent += [f"{fact.id}/{one.id}" for fact in document.facts for one in fact.options or () if not one.phrase]
    silent += [condition.id for condition in document.conditions if not condition.phrase]
    assert silent == []


@EACH
def test_every_question_is_short_and_a_question(document: Policy) -> None:
    for fact in document.facts:
        assert fact.question.endswith("?"), fact.id
        assert len(fact.question) <= 100, fact.id


@EACH
def test_the_policy_keeps_within_what_a_live_call_can_bear(document: Policy) -> None:
    assert len(document.facts) <= 80
    assert len(document.rules) <= 140
    assert max(len(fact.options or ()) for fact in document.facts) <= 14
    assert [fact.id for fact in document.facts if fact.always_first] == ["dangers_now"]
    unconditional = [fact.id for fact in document.facts if fact.asked and fact.asked_when is None]
    assert len(unconditional) <= 8, unconditional


@EACH
@pytest.mark.parametrize("word", ["unit", "availab", "response_time", "workload", "resource", "code", "category"])
def test_neither_a_resource_nor_a_kind_of_incident_is_a_fact(document: Policy, word: str) -> None:
    assert [fact.id for fact in document.facts if word in fact.id] == []


@EACH
def test_no_immediate_grade_can_be_answered_by_appointment_or_telephone(document: Policy) -> None:
    for rule in document.rules:
        if rule.grade == "immediate":
            assert rule.response is not None, rule.id
            assert rule.response.require == "attendance", rule.id
            assert "appointment_home" in rule.response.forbid, rule.id
            assert rule.response.unless_authorised_by is None, rule.id


@EACH
def test_every_flag_duty_text_condition_and_response_is_used(document: Policy) -> None:
    flags = {name for rule in document.rules for name in rule.flags}
    duties = {name for rule in document.rules for name in rule.duties}
    assert {flag.id for flag in document.flags} == flags
    assert {duty.id for duty in document.duties} == duties
    code = document.victims_code
    said = {duty.text for duty in document.duties} | {telling.text for telling in (code.tell if code else ())}
    assert {text.id for text in document.texts} == said - {None}
    named = {one.condition for one in _leaves(document) if isinstance(one, NamedLeaf)}
    named |= {guard.on for guard in document.precautions}
    assert {condition.id for condition in document.conditions} - named == set()
    found = {finding.element for rule in document.rules for finding in rule.findings}
    assert {element.id for element in document.elements} == found


def _idle(document: Policy, fact: Fact) -> set[str]:
    """The tags of a set that no condition looks at; the fact itself where it is no set and nothing compares with it."""
    own = [one for one in _leaves(document) if isinstance(one, FactLeaf) and one.fact == fact.id]
    if fact.type is not FactType.SET:
        return set() if own else {fact.id}
    parts = [part for one in own for part in (one.includes_any, one.includes_all, one.includes_none) if part]
    tags = {tag for part in parts for tag in part}
    return {option.id for option in fact.options or ()} - tags


TOLD_TO_PEOPLE = {
    "judgement_reason": "recorded with the decision",
    "hate_strand": "recorded with the crime",
    "help_to_understand": "what to arrange",
    "wants_support": "whether to refer",
}
"""Facts that no condition looks at: they are asked because somebody needs the answer."""


@EACH
def test_every_answer_makes_a_difference_or_is_needed_by_somebody(document: Policy) -> None:
    idle = {fact.id: _idle(document, fact) for fact in document.facts}
    assert {name for name, tags in idle.items() if tags} == set(TOLD_TO_PEOPLE)
    for fact in document.facts:
        if fact.id in TOLD_TO_PEOPLE:
            assert Purpose.VICTIM in fact.purpose


@EACH
def test_every_check_has_the_four_common_results_and_a_reason_to_be_made(document: Policy) -> None:
    for check in document.checks:
        results = {result.result for result in check.results}
        assert {"nothing_found", "markers_found", "running", "failed"} <= results
        assert check.due_when is not None


@EACH
def test_the_bank_holidays_of_england_are_days_of_the_week(document: Policy) -> None:
    calendar = document.calendar
    assert calendar is not None
    assert calendar.known_until == date(2027, 12, 31)
    assert [sum(day.year == year for day in calendar.bank_holidays) for year in (2026, 2027)] == [8, 8]
    assert all(day.weekday() < 5 for day in calendar.bank_holidays)


REFUSED = {"no_units", "time_has_passed", "caller_aggressive", "thought_a_hoax", "suspect_denies", "other_agency_asked"}


@EACH
def test_a_lower_grade_takes_words_and_a_second_person_and_some_grounds_are_none(document: Policy) -> None:
    refused = {one.id for one in document.outcomes if one.refused}
    assert refused >= REFUSED
    assert all(one.instead for one in document.outcomes if one.refused)
    for one in document.outcomes:
        if "lowered" in one.for_ and one.refused is None:
            assert one.words, one.id
            assert one.second_person, one.id


@EACH
def test_no_timer_runs_on_after_officers_are_there(document: Policy) -> None:
    after = [timer.id for timer in document.timers if "attended" not in timer.until]
    assert after == ["missing_review"], "a missing person is looked for until they are found"


@EACH
def test_what_has_to_be_attended_is_never_graded_as_resolved_without(document: Policy) -> None:
    attended = [rule for rule in document.rules if rule.response and rule.response.require]
    assert [rule.id for rule in attended if rule.grade in (None, "resolve")] == []
