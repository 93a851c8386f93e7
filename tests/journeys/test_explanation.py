"""Why a decision was recommended, asked of the service afterwards: by the handler and by the auditor."""

from __future__ import annotations

from tests.journeys.calls import VIOLENCE_HERE, a_call, renamed
from tests.journeys.rooms import Stage


def test_a_decision_is_explained_by_element_with_answers_sources_and_what_would_change_it(fresh: Stage) -> None:
    handler, auditor = fresh.room.handler, fresh.room.auditor
    made = handler.decide(a_call(*VIOLENCE_HERE, contact="A"))
    path = f"/v1/decisions/{made['decision']}/explanation"
    told = handler.get(path).granted()
    rule = next(one for one in told["rules"] if one["rule"] in {reason["id"] for reason in made["advice"]["reasons"]})
    assert rule["sentence"].startswith("Immediate if ")
    assert rule["basis"], "every rule names its sources"
    assert any(answer["fact"] == "dangers_now" for one in told["rules"] for answer in one["answers"])
    assert {one["element"] for one in told["elements"]} >= {"threat", "harm", "vulnerability"}
    assert told["open"][0]["fact"] == made["advice"]["next_question"]["fact"]
    assert "Immediate" in told["text"]
    assert auditor.get(path).granted() == told


def test_an_explanation_is_that_of_the_policy_that_was_applied(fresh: Stage) -> None:
    handler = fresh.room.handler
    made = handler.decide(a_call(*VIOLENCE_HERE, contact="A"))
    before = handler.get(f"/v1/decisions/{made['decision']}/explanation").granted()
    fresh.put_in_force(renamed())
    assert handler.get(f"/v1/decisions/{made['decision']}/explanation").granted() == before


def test_what_was_only_observed_is_not_explained_to_the_room(fresh: Stage) -> None:
    handler = fresh.room.handler
    made = handler.decide(a_call(*VIOLENCE_HERE, contact="A", mode="observe"))
    handler.get(f"/v1/decisions/{made['decision']}/explanation").problem(409, "observed")


def test_what_would_raise_a_calm_call_is_told(fresh: Stage) -> None:
    handler = fresh.room.handler
    calm = [{"fact": "dangers_now", "value": "none_of_these"}]
    made = handler.decide(a_call(*calm, contact="A"))
    told = handler.get(f"/v1/decisions/{made['decision']}/explanation").granted()
    assert told["near"], "rules that one other answer would make hold"
    assert all(one["needed"] and one["question"] and one["state"] for one in told["near"])
    assert told["changes"]
