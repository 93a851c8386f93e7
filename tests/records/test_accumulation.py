"""What earlier decisions bring into the next one besides answers: the times of the event and of the incident."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.assessment.call import Incident
from chalicelib.records.accumulation import accumulated, joined_incident
from chalicelib.records.record import DecisionRecord
from tests.records.vectors import vector
from tests.records.vectors_from import made

FIRST = made(vector("decision")["inputs"]).record
NOON = FIRST.envelope.recorded_at


def _later(minutes: int, *, happened: datetime | None = None, incident: Incident | None = None) -> DecisionRecord:
    contact = FIRST.call.contact.model_copy(update={"happened_at": happened})
    call = FIRST.call.model_copy(update={"contact": contact, "incident": incident})
    envelope = FIRST.envelope.model_copy(update={"id": f"d{minutes}", "recorded_at": NOON + timedelta(minutes=minutes)})
    return FIRST.model_copy(update={"envelope": envelope, "call": call})


def test_the_time_of_the_event_is_not_lost_when_it_is_not_sent_again() -> None:
    records = [_later(1, happened=NOON), _later(2)]
    assert accumulated(records, FIRST.envelope.contact or "").happened_at == NOON


def test_of_two_times_of_the_event_the_later_stands_whoever_gave_it_first() -> None:
    ago = NOON - timedelta(hours=5)
    for records in (
        [_later(1, happened=NOON), _later(2, happened=ago)],
        [_later(1, happened=ago), _later(2, happened=NOON)],
    ):
        assert accumulated(records, FIRST.envelope.contact or "").happened_at == NOON


def test_what_the_cad_said_of_the_incident_is_not_lost_and_the_newest_stands() -> None:
    records = [
        _later(1, incident=Incident(opened_at=NOON, location_class="urban")),
        _later(2, incident=Incident(location_class="rural")),
        _later(3),
    ]
    expected = Incident(opened_at=NOON, location_class="rural")
    assert accumulated(records, FIRST.envelope.contact or "").incident == expected


def test_no_incident_stays_none() -> None:
    assert joined_incident([None, None]) is None
