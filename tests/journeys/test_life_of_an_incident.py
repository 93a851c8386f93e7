"""What came after the first grade, in the cases that ended badly: each a story, with what the service says at each
point, what it refuses, and what is on record in the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.calls import grade, reasons
from tests.journeys.incident_room import (
    ABUSE,
    COLLEAGUE,
    CUT_OFF,
    DISPATCHER,
    HANDLER,
    INSPECTOR,
    LATER_ONLY,
    NO_DANGER,
    PLACE,
    QUIET,
    SERGEANT,
    Tale,
    refused,
    shipped_room,
    welfare,
)
from tests.journeys.rooms import Stage


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One room for all the stories; each is about an incident of its own."""
    folder: Path = tmp_path_factory.mktemp("life") / "data"
    with shipped_room(folder) as stage:
        yield stage


@pytest.fixture
def tale(stage: Stage) -> Tale:
    """A new incident."""
    return Tale(stage.room, stage.clock)


def test_p18_a_call_that_is_cut_off_in_mid_sentence_is_assessed_again_at_once_and_upward(tale: Tale) -> None:
    first = tale.assess(PLACE, *ABUSE, NO_DANGER)
    assert grade(first) == "PRIORITY"
    assert "reassess_now" not in tale.items()
    # All that the software can say is that the line went: that alone is a reason to look again.
    tale.clock.move(seconds=20)
    bare = tale.assess(state="lost", by=HANDLER)
    assert grade(bare) == "IMMEDIATE"
    assert tale.stands == "IMMEDIATE"
    lost = tale.items()["reassess:contact_lost"]
    assert (lost["owed_by"], lost["severity"]) == ("call_handler", "act")
    again = tale.assess(CUT_OFF, state="lost", trigger="contact_lost")
    assert "f05_domestic_abuse_cut_off" in reasons(again)
    assert "reassess:contact_lost" not in tale.items()
    assert {"find_place", "reassess_now", "immediate_to_inspector"} <= set(tale.items())
    changed = tale.told()["decisions"][-1]["changed"]
    assert changed["answers_new"] == ["call_signs"]
    # A colleague who only looks again, and finds nothing new, does not bring the grade down.
    tale.assess(state="lost", by=COLLEAGUE)
    assert tale.stands == "IMMEDIATE"
    assert "reassess_now" not in tale.items()


def test_p19_a_victim_of_domestic_abuse_is_not_sent_to_a_station_without_a_supervisors_recorded_reason(
    tale: Tale,
) -> None:
    decision = tale.assess(PLACE, *ABUSE, NO_DANGER, QUIET, {"fact": "injury", "value": "none"})
    for worker in (HANDLER, DISPATCHER, SERGEANT):
        assert refused(tale.decide(decision, response="appointment_station", by=worker)) == ["response_refused"]
    assert "in words" in tale.last("outcome_refused")["obstacles"][0]["instead"]
    words = "She works nights and asked to come herself at noon."
    pretended = HANDLER._replace(role="supervisor")
    answer = tale.decide(decision, response="appointment_station", words=words, by=pretended)
    assert "response_refused" in refused(answer)
    permitted = tale.decide(decision, response="appointment_station", words=words, by=SERGEANT).granted()
    assert (permitted["response"], permitted["outcome"]) == ("appointment_station", "accepted")
    assert tale.stands == "PRIORITY"
    assert tale.kinds() == ["outcome_refused"] * 4 + ["outcome"]


def test_p20_another_agency_answers_once_it_has_accepted_and_the_caller_was_told(tale: Tale) -> None:
    decision = tale.assess(*LATER_ONLY)
    assert grade(decision) == "SCHEDULED"
    assert refused(tale.decide(decision, response="other_agency")) == [
        "agency_asked", "agency_accepted", "caller_told", "recheck_time"
    ]  # fmt: skip
    tale.did("other_agency", agency="social_care", state="asked")
    tale.clock.move(minutes=20)
    assert "agency_silent" in tale.due()
    expected = tale.ahead(hours=2)
    tale.did("other_agency", agency="social_care", state="accepted", accepted_by="sc-12", expected_at=expected)
    assert "agency_silent" not in tale.items()
    assert refused(tale.decide(decision, response="other_agency")) == ["caller_told"]
    tale.did("caller_told", that="other_agency", expected_at=expected)
    assert "tell_caller" not in tale.items()
    assert tale.decide(decision, response="other_agency").granted()["response"] == "other_agency"
    tale.clock.move(hours=2, minutes=1)
    assert "agency_expected" in tale.due()
    tale.did("advice_given", duties=["point_to_agency"])
    tale.did("check", check="address_history", result="nothing_found")
    assert refused(tale.close("agency_was_there", words="It says that it will be there.")) == ["grade_stands"]
    tale.did("other_agency", agency="social_care", state="arrived", by=DISPATCHER)
    tale.close("agency_was_there", words="The social worker has seen them.").granted()
    assert tale.told()["closed_at"]


def test_the_abandoned_call_with_screaming_that_someone_tries_to_downgrade_and_close(tale: Tale) -> None:
    decision = tale.assess({"fact": "call_signs", "present": ["screaming", "abandoned"]}, state="lost")
    assert grade(decision) == "IMMEDIATE"
    assert {"f03_screams_or_struggle"} <= reasons(decision)
    assert {"find_place", "check_systems", "immediate_to_inspector"} <= set(tale.items())
    assert refused(tale.decide(decision, grade="priority", reason="no_units")) == ["reason_refused", "not_reassessed"]
    assert tale.last("outcome_refused")["obstacles"][0]["instead"] == "Record instead: attendance_delayed."
    tale.did("attendance_delayed", because="no_unit", by=DISPATCHER)
    tale.clock.move(minutes=20)
    tale.did("callback", reached="no_answer")
    for reason in ("no_answer", "thought_a_hoax", "time_has_passed"):
        assert refused(tale.decide(decision, grade="scheduled", reason=reason))[0] == "reason_refused"
    # Somebody looks again: the place is known now. That is something new, but nobody was seen safe.
    second = tale.assess(PLACE, state="lost", by=DISPATCHER)
    assert grade(second) == "IMMEDIATE"
    assert "reason_by_others" in refused(
        tale.decide(second, grade="scheduled", reason="danger_is_over", words="Gone quiet.")
    )
    waiting = tale.decide(
        second, grade="scheduled", reason="danger_is_over", words="It has gone quiet.", by=DISPATCHER
    ).granted()
    assert (waiting["needs"], tale.stands) == ("second_person", "IMMEDIATE")
    assert refused(tale.close("no_answer"))[:2] == ["reason_refused", "waits_for_second_person"]
    tale.answer(waiting["event"]["id"], "refused").granted()
    assert (tale.stands, tale.told()["waiting"]) == ("IMMEDIATE", [])
    held = refused(tale.close("attended_and_done"))
    assert held[0] == "not_attended"
    assert "duty_outstanding" in held
    assert "closed_at" not in tale.told()
    tale.clock.move(minutes=60)
    assert {"immediate_to_inspector", "immediate_reassess", "delayed_reassess"} <= tale.due()
    # A supervisor closes it all the same. That has happened, so it is on record, and somebody has to answer for it.
    done = tale.happens({"kind": "closed", "act": "fact", "reason": "no_answer"}, by=SERGEANT).granted()
    assert {"reason_refused", "not_attended", "duty_outstanding"} <= set(done["events"][0]["details"]["against"])
    assert tale.told()["closed_at"]
    assert set(tale.items()) == {"against_policy:closed"}
    tale.did("review_done", result="to_be_assessed_again", by=SERGEANT)
    assert set(tale.items()) == {"against_policy:closed"}  # nobody reviews what they did themselves
    tale.did("review_done", result="to_be_assessed_again", by=INSPECTOR)
    assert tale.items() == {}
    # It is opened again by being assessed, and all that was owed is owed again.
    tale.assess(state="lost", by=DISPATCHER)
    assert "closed_at" not in tale.told()
    assert (tale.stands, "immediate_to_inspector" in tale.due()) == ("IMMEDIATE", True)


def test_three_calls_and_three_grades_for_one_couple(tale: Tale, stage: Stage) -> None:
    first = tale.assess(PLACE, {"fact": "happened", "present": ["anti_social"]}, {"fact": "who_for", "value": "police"})
    assert grade(first) == "SCHEDULED"
    tale.clock.move(minutes=15)
    second = tale.assess({"fact": "call_signs", "present": ["screaming"]}, line="2", by=COLLEAGUE)
    assert grade(second) == "PRIORITY"
    tale.did("linked", how="same", contact=f"{tale.reference}-2")
    assert "reassess:linked" in tale.items()
    tale.clock.move(minutes=10)
    third = tale.assess(
        {"fact": "domestic_abuse", "value": True}, {"fact": "call_signs", "present": ["cut_off"]},
        line="3", state="lost", by=HANDLER, trigger="second_call",
    )  # fmt: skip
    assert grade(third) == "IMMEDIATE"
    assert {"f05_domestic_abuse_cut_off", "f03_screams_or_struggle"} <= reasons(third)  # it all adds up
    assert "reassess:linked" not in tale.items()
    # The men say that nothing is wrong, and want it taken off.
    denied = tale.assess(
        {"fact": "call_signs", "present": ["denied_by_another"], "source": "third_party"},
        {"fact": "domestic_abuse", "value": False, "source": "third_party"}, line="4", by=COLLEAGUE,
    )  # fmt: skip
    assert (grade(denied), tale.stands) == ("IMMEDIATE", "IMMEDIATE")
    assert refused(tale.decide(denied, grade="scheduled", reason="suspect_denies")) == ["reason_refused"]
    assert refused(tale.close("suspect_denies"))[0] == "reason_refused"
    told = tale.told()
    assert [one["recommended"] for one in told["decisions"]] == ["SCHEDULED", "PRIORITY", "IMMEDIATE", "IMMEDIATE"]
    assert len({one["contact"] for one in told["decisions"]}) == 4
    # The same couple has another incident from last week: it is another, and is tied to this one.
    other = Tale(stage.room, stage.clock)
    other.assess(PLACE, {"fact": "happened", "present": ["anti_social"]})
    other.did("caller_told", that="police_come")
    assert other.close("same_as_another").status == 422
    closing = other.close("same_as_another", words="The same people as in the other.").granted()["events"][0]
    assert closing["details"]["needs"] == "second_person"
    assert "closed_at" not in other.told()
    assert "authorise:closed" in other.due()
    other.answer(closing["event"]["id"], "authorised").granted()
    assert other.told()["closed_at"]


def test_a_message_that_it_is_too_late_is_closed_before_the_sergeant_reviews(tale: Tale) -> None:
    decision = tale.assess(
        PLACE, {"fact": "concerns", "present": ["self_harm"]}, {"fact": "self_harm_signs", "present": ["farewell"]}
    )
    assert grade(decision) == "IMMEDIATE"
    tale.did("other_agency", agency="ambulance", state="asked")
    tale.did("review_opened", because="sergeant_to_decide", by=DISPATCHER)
    assert tale.items()["review:sergeant_to_decide"]["owed_by"] == "supervisor"
    assert {"reason_refused", "review_open"} <= set(refused(tale.close("review_waits", by=HANDLER)))
    assert "review_open" in refused(tale.close("attended_and_done"))
    # The handler's own word does not end the sergeant's review.
    tale.did("review_done", result="as_it_was", by=HANDLER)
    assert "review:sergeant_to_decide" in tale.items()
    # The log was closed all the same. The record says so, and the incident stays in sight.
    closed = tale.close("review_waits", act="fact", by=HANDLER).granted()["events"][0]
    assert "review_open" in closed["details"]["against"]
    told = tale.told()
    assert (told["closed_at"], told["standing"]) == (closed["event"]["at"], "IMMEDIATE")
    assert set(tale.due()) == {"review:sergeant_to_decide", "against_policy:closed"}
    tale.did("review_done", result="to_be_assessed_again", by=SERGEANT)
    assert tale.items() == {}
    tale.assess(by=SERGEANT)
    assert {"immediate_to_inspector", "call_ambulance"} & set(tale.items())
    assert "closed_at" not in tale.told()


def test_a_priority_welfare_call_whose_unit_is_diverted(tale: Tale) -> None:
    decision = welfare(tale)
    assert grade(decision) == "PRIORITY"
    tale.clock.move(minutes=5)
    tale.did("dispatched", unit="HC21", by=DISPATCHER)
    tale.did("caller_told", that="police_come")
    assert "priority_to_sergeant" not in tale.items()
    assert "tell_caller" not in tale.items()
    tale.clock.move(minutes=10)
    tale.did("diverted", unit="HC21", by=DISPATCHER)
    again = tale.items()["reassess:diverted"]
    assert (again["owed_by"], again["severity"]) == ("dispatcher", "act")
    assert refused(tale.decide(decision, grade="scheduled", reason="no_units"))[0] == "reason_refused"
    tale.did("attendance_delayed", because="no_unit", expected_at=tale.ahead(hours=2), by=DISPATCHER)
    assert {"tell_caller", "reassess:attendance_delayed", "delayed_reassess"} <= tale.due()
    tale.clock.move(minutes=26)
    assert "priority_to_sergeant" in tale.due()
    assert tale.stands == "PRIORITY"
    third = tale.assess(
        {"fact": "welfare_signs", "present": ["collapsed"]}, {"fact": "immediate_risk", "value": True},
        by=DISPATCHER, trigger="attendance_delayed",
    )  # fmt: skip
    assert grade(third) == "IMMEDIATE"
    assert "reassess:diverted" not in tale.items()
    tale.did("caller_told", that="delayed")
    tale.did("dispatched", unit="HC07", by=DISPATCHER)
    tale.did("attended", unit="HC07", by=DISPATCHER)
    assert not {"priority_to_sergeant", "immediate_to_inspector", "delayed_reassess"} & set(tale.items())


def test_an_ambulance_that_does_not_come(tale: Tale) -> None:
    decision = welfare(tale)
    assert (grade(decision), tale.items()["agree_with_agency"]["owed_by"]) == ("PRIORITY", "dispatcher")
    tale.did("caller_told", that="police_come")
    expected = tale.ahead(minutes=30)
    accepted = {"kind": "other_agency", "agency": "ambulance", "state": "accepted", "expected_at": expected}
    tale.happens(
        {"kind": "other_agency", "agency": "ambulance", "state": "asked"}, {**accepted, "accepted_by": "amb-3"},
        by=DISPATCHER,
    ).granted()  # fmt: skip
    tale.did("caller_told", that="other_agency", expected_at=expected)
    tale.decide(decision, response="other_agency", by=DISPATCHER).granted()
    assert "tell_caller" not in tale.items()
    assert tale.items()["priority_to_sergeant"]["paused"]
    tale.clock.move(minutes=29)
    assert "priority_to_sergeant" not in tale.due()
    tale.clock.move(minutes=12)  # it has not come, and nobody says anything
    assert {"agency_expected", "priority_to_sergeant"} <= tale.due()
    assert refused(tale.close("agency_was_there", words="It will be there."))
    tale.did("other_agency", agency="ambulance", state="delayed", by=DISPATCHER)
    due = tale.due()
    assert {"reassess:other_agency", "tell_caller", "priority_to_sergeant"} <= due
    assert "agree_with_agency" in tale.items()
    assert "paused" not in tale.items()["priority_to_sergeant"]
    late = tale.assess(
        {"fact": "agency_state", "value": "late", "source": "handler", "correction": True}, by=DISPATCHER
    )
    assert {"agency_has_not_come"} <= reasons(late)
    assert (grade(late), tale.stands) == ("PRIORITY", "PRIORITY")
    assert "reassess:other_agency" not in tale.items()
    tale.did("caller_told", that="police_come")
    tale.did("dispatched", by=DISPATCHER)
    assert not {"tell_caller", "agree_with_agency", "priority_to_sergeant"} & tale.due()
    assert [one["details"]["state"] for one in tale.told()["events"] if one["kind"] == "other_agency"] == [
        "asked", "accepted", "delayed"
    ]  # fmt: skip


def test_a_stalking_victims_fifth_call(tale: Tale, stage: Stage) -> None:
    victim: dict[str, Any] = {"people": [{"ref": "V1", "roles": ["victim", "caller"],
                          "identifiers": [{"kind": "phone", "value": "+44 7700 900417"}]}]}  # fmt: skip
    for _ in range(4):
        earlier = Tale(stage.room, stage.clock)
        earlier.assess(PLACE, {"fact": "happened", "present": ["anti_social"]}, **victim)
        stage.clock.move(hours=30)
    fifth = tale.assess(PLACE, NO_DANGER, {"fact": "concerns", "present": ["stalking"]}, **victim)
    assert grade(fifth) == "PRIORITY"
    assert {"f12_stalking", "repeat_victim"} <= reasons(fifth)
    assert "link_calls" in tale.items()
    for response in ("telephone_desk", "advice"):
        assert refused(tale.decide(fifth, response=response)) == ["response_refused"]
    assert refused(tale.decide(fifth, grade="resolve", reason="victim_declines"))[0] == "reason_refused"
    tale.did("linked", how="repeat", incident=earlier.reference)
    assert "link_calls" not in tale.items()
    assert "reassess:linked" in tale.items()
    broken = tale.assess(
        checks=[{"check": "orders", "done_at": tale.ahead(), "result": "broken"}], by=DISPATCHER, trigger="linked"
    )
    assert "f12_order_breach" in reasons(broken)
    assert "reassess:linked" not in tale.items()
    told = tale.told()
    assert told["decisions"][-1]["changed"]["reasons_new"]
    assert "officer" in {item["owed_by"] for item in tale.items().values()} or told["standing"] == "PRIORITY"


def test_a_domestic_call_that_is_cut_off_at_twenty_seconds(tale: Tale) -> None:
    first = tale.assess({"fact": "concerns", "present": ["close_person"]})
    tale.clock.move(seconds=20)
    cut = tale.assess(CUT_OFF, state="lost", trigger="contact_lost")
    assert (grade(first), grade(cut)) == ("SCHEDULED", "IMMEDIATE")
    assert "cause_not_settled" in reasons(cut)
    due = {name: item["owed_by"] for name, item in tale.items().items() if name in tale.due()}
    assert due["reassess:contact_lost"] == "call_handler"
    assert due["immediate_to_inspector"] == "dispatcher"
    # Silence is no answer, and another's word is none either.
    for reached in ("no_answer", "not_safe", "somebody_else"):
        tale.did("callback", reached=reached)
        assert {"reassess:contact_lost", "find_place"} <= set(tale.items())
    assert refused(tale.decide(cut, grade="scheduled", reason="no_answer"))[0] == "reason_refused"
    tale.did("check", check="number_history", result="high_risk_domestic_abuse", by=DISPATCHER)
    assert "find_place" not in tale.items()
    seen = tale.assess(state="lost", by=COLLEAGUE)  # the check that was recorded counts without being sent again
    assert "f04_silent_with_marker" in reasons(seen)
    assert "reassess:contact_lost" not in tale.items()
    tale.did("dispatched", unit="HC03", by=DISPATCHER)
    tale.did("attended", unit="HC03", by=DISPATCHER)
    assert tale.kinds() == ["callback"] * 3 + ["outcome_refused", "check", "dispatched", "attended"]
    assert not {"immediate_to_inspector", "immediate_reassess", "abuse_waiting"} & set(tale.items())


def test_a_caller_who_is_never_told_that_nobody_is_coming(tale: Tale) -> None:
    decision = tale.assess(*LATER_ONLY, state="completed")
    assert tale.items()["tell_caller"]["owed_by"] == "call_handler"
    assert "tell_caller" in tale.due()
    tale.did("caller_told", that="police_come")
    assert "tell_caller" not in tale.items()
    # It is decided that nobody comes after all. Whoever was told that police come has to be told again.
    tale.clock.move(minutes=10)
    tale.did("other_agency", agency="social_care", state="accepted", expected_at=tale.ahead(hours=3))
    tale.did("caller_told", that="not_reached")
    refusal = tale.decide(decision, response="other_agency")
    assert refused(refusal) == ["caller_told"]
    done = tale.decide(decision, response="other_agency", act="fact").granted()
    assert done["against"] == ["caller_told"]
    told_again = tale.items()["tell_caller"]
    assert told_again["overdue_minutes"] == 0
    assert "duty_outstanding" in refused(tale.close("advice_was_given"))
    tale.did("caller_told", that="other_agency")
    assert "tell_caller" not in tale.items()
    # And once more when the grade changes.
    tale.decide(decision, grade="priority", reason="something_new").granted()
    assert "tell_caller" in tale.due()
