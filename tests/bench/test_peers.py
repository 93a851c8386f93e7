"""The comparison with other engines: that it would see a difference, and that there is none where all can agree."""

from __future__ import annotations

from random import Random

import pytest

from bench._engines import OURS_FLOORS, OURS_WHOLE, PARTLY, TIMED, Bounds, Engine, Given, Rules
from bench._worlds import random_document
from bench.peers import disagreements, known_calls, partly_known_calls, said_of
from tests.strategies import compiled


@pytest.fixture(scope="module")
def rules() -> Rules:
    document = random_document(3, 10, 12)
    return Rules(document, compiled(document))


@pytest.mark.parametrize("engine", [*TIMED, *PARTLY], ids=lambda engine: engine.name)
def test_every_engine_agrees_on_what_is_fully_known(rules: Rules, engine: Engine) -> None:
    if engine.version is None:
        pytest.skip(f"{engine.package} is not installed")
    calls = known_calls(rules, Random(4), 25)
    assert disagreements(rules, calls, [(engine, engine.prepare(rules))]) == []


def test_an_engine_that_disagrees_is_named(rules: Rules) -> None:
    calls = known_calls(rules, Random(4), 25)
    ours = OURS_FLOORS.prepare(rules)

    def lower(given: Given) -> Bounds:
        return Bounds(max(ours(given).certain - 1, 0), None)

    def refuses(given: Given) -> Bounds:
        raise RuntimeError("no such key")

    graded = sum(ours(given).certain > 0 for given in calls)
    assert graded > 0
    assert len(disagreements(rules, calls, [(OURS_FLOORS, lower)])) == graded
    assert len(disagreements(rules, calls, [(OURS_FLOORS, refuses)])) == len(calls)


def test_what_is_said_of_missing_facts_is_counted(rules: Rules) -> None:
    calls = partly_known_calls(rules, Random(5), 60)
    still_open = [one for one in calls if one.exact.possible != one.exact.certain]
    missed = [one for one in still_open if one.truth > one.exact.certain]
    assert missed, "or there is nothing to count"
    whole = OURS_WHOLE.prepare(rules)
    exact = said_of(whole, calls)
    assert (exact["same"], exact["open"]) == (60, len(still_open))
    assert exact["silent"] == exact["wrong"] == exact["wide"] == 0
    silent = said_of(lambda given: Bounds(whole(given).certain, None), calls)
    assert (silent["silent"], silent["too low"]) == (len(still_open), len(missed))
    bold = said_of(lambda given: Bounds(3, 3), calls)
    assert bold["wrong"] == sum(one.truth < 3 for one in calls)
    assert bold["higher"] == sum(one.exact.certain < 3 for one in calls)


def test_the_rules_alone_are_never_above_what_is_proved(rules: Rules) -> None:
    said = said_of(OURS_FLOORS.prepare(rules), partly_known_calls(rules, Random(6), 60))
    assert said["higher"] == said["wrong"] == said["raises"] == 0
