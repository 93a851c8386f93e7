"""Calls played by answering only what is asked: the routine ones settle early and low, the others where they belong."""

from __future__ import annotations

from statistics import median

import pytest

from chalicelib.policy.document import National
from tests.policies.routine import ROUTINE, play
from tests.policies.shipped import SHIPPED

PLAYED = {(name, story): play(policy, ROUTINE[story]) for name, policy in SHIPPED.items() for story in ROUTINE}

HIGHEST = National.SCHEDULED.rank


@pytest.mark.parametrize("policy", SHIPPED)
@pytest.mark.parametrize("story", ROUTINE)
def test_a_routine_call_is_not_graded_up(policy: str, story: str) -> None:
    result = PLAYED[policy, story].result
    assert result.may_stop
    assert result.exact
    assert result.national.recommended.rank <= HIGHEST
    assert result.response.require is None
    assert result.basis.kind != "precaution"


@pytest.mark.parametrize("policy", SHIPPED)
def test_routine_calls_stop_after_few_questions(policy: str) -> None:
    counts = sorted(len(PLAYED[policy, story].asked) for story in ROUTINE)
    assert median(counts) <= 8
    assert counts[len(counts) * 9 // 10] <= 12


LOWEST: list[str] = [
    "found property",
    "wrong agency",
    "a lost dog",
    "lost property of a disabled caller",
    "lost property of a rude caller",
    "noise next door",
    "an old theft",
    "a shed",
    "the shed of a calm owner of 78",
    "a minor collision, details exchanged",
    "an attempted fraud without loss",
]


@pytest.mark.parametrize("story", LOWEST)
def test_what_needs_nobody_to_attend_earns_the_lowest_grade(story: str) -> None:
    assert {PLAYED[policy, story].result.national.recommended for policy in SHIPPED} == {National.RESOLVE}


def test_the_place_comes_first_and_danger_next() -> None:
    for played in PLAYED.values():
        assert played.asked[:3] == ("where", "callback", "dangers_now")


GRADED: list[tuple[dict[str, object], National, str]] = [
    ({"dangers_now": ["violence"]}, National.IMMEDIATE, "violence now"),
    ({"happened": ["crime"], "crime_signs": ["held"]}, National.PRIORITY, "an offender held, calm"),
    ({"happened": ["crime"], "crime_signs": ["held", "violent"]}, National.IMMEDIATE, "an offender held, violent"),
    ({"happened": ["burglary"], "premises": "home"}, National.SCHEDULED, "a home broken into, all safe"),
    ({"happened": ["burglary"], "premises": "attached"}, National.SCHEDULED, "a garage joined to a home"),
    ({"concerns": ["close_person"], "domestic_abuse": True}, National.PRIORITY, "abuse, gone for good"),
    (
        {"concerns": ["close_person"], "domestic_abuse": True, "suspect_whereabouts": "may_return"},
        National.IMMEDIATE,
        "abuse, may come back",
    ),
    ({"concerns": ["welfare"], "welfare_signs": ["not_reached"]}, National.PRIORITY, "a friend who does not answer"),
    ({"concerns": ["welfare"], "welfare_signs": ["only_later"]}, National.SCHEDULED, "what may happen later"),
    ({"concerns": ["self_harm"], "self_harm_stage": "attempt"}, National.IMMEDIATE, "an attempt"),
    ({"concerns": ["self_harm"], "self_harm_signs": ["farewell"]}, National.IMMEDIATE, "a farewell"),
    ({"concerns": ["hate"], "when_happened": "today"}, National.PRIORITY, "hate today"),
    ({"concerns": ["hate"]}, National.SCHEDULED, "hate long ago"),
    ({"happened": ["fraud"], "fraud_signs": ["courier_coming"]}, National.IMMEDIATE, "a courier on the way"),
    ({"call_signs": ["own_concern"], "handler_judgement": "immediate"}, National.IMMEDIATE, "own reasons"),
]


@pytest.mark.parametrize("policy", SHIPPED)
@pytest.mark.parametrize(("story", "grade"), [row[:2] for row in GRADED], ids=[row[2] for row in GRADED])
def test_answering_only_what_is_asked_reaches_the_right_grade(
    policy: str, story: dict[str, object], grade: National
) -> None:
    played = play(SHIPPED[policy], story)
    assert played.result.may_stop
    assert played.result.national.recommended is grade
