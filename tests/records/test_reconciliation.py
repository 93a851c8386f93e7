"""A reconciliation as it is kept for reports, against golden bytes; and what local days are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.assessment.contact import Mode
from chalicelib.canonical import canonical
from chalicelib.policy.document import National
from chalicelib.reader import read_model
from chalicelib.records.envelope import Actor
from chalicelib.records.local_day import local_date, local_day
from chalicelib.records.reconciliation import IncidentOfDay, KeptReconciliation, KeyTaken, Known, reconciled
from chalicelib.records.record import plain
from tests.builders import an_entry

KEPT = (
    b'{"actor":{"client":"cad-01","pseudonym":"nightly","role":"service"},"answer":{"as_of":"2026-11-24T02:30:00.000000Z",'
    b'"contact_only":[],"counts":{"assessed":1,"contact_only":0,"graded_otherwise":1,"never_assessed":1,"not_in_cad":1,'
    b'"sent":3,"under_another":1},"coverage":{"denominator":3,"numerator":2},"day":"2026-11-23","graded_otherwise":[{"cad":'
    b'"PRIORITY","reference":"i-1","standing":"IMMEDIATE"}],"mode":"live","never_assessed":["i-2"],"not_in_cad":["i-4"],'
    b'"under_another":[{"contact":"c-3","incident":"i-4","reference":"i-3"}]},"asked_by":"sub-1","client":"cad-01",'
    b'"force":"hertfordshire","sent":["i-1","i-2","i-3"],"v":1}'
)
TAKEN = (
    b'{"day":"2026-11-23","fingerprint":"1.' + b"a" * 64 + b"." + b"b" * 64 + b'","secret":"AAECAw==","v":1}'
)  # fmt: skip


def test_what_is_kept_has_this_form_for_ever() -> None:
    sent = [
        IncidentOfDay(reference="i-1", grade=National.PRIORITY),
        IncidentOfDay(reference="i-2"),
        IncidentOfDay(reference="i-3", contacts=("c-3",)),
    ]
    known = Known()
    known.add([an_entry(id="d-1", incident="i-1").summary, an_entry(id="d-3", incident="i-4", contact="c-3").summary])
    said = {"day": date(2026, 11, 23), "mode": Mode.LIVE, "as_of": datetime(2026, 11, 24, 2, 30, tzinfo=UTC)}
    kept = KeptReconciliation(
        force="hertfordshire",
        client="cad-01",
        asked_by="sub-1",
        actor=Actor(pseudonym="nightly", role="service", client="cad-01"),
        sent=tuple(one.reference for one in sent),
        answer=reconciled(sent, known, stands={}, not_in_cad=["i-4"], said=said),
    )
    assert canonical(plain(kept)) == KEPT
    assert read_model(KeptReconciliation, KEPT, most=4096) == kept


def test_the_use_of_a_key_has_this_form_for_ever() -> None:
    taken = read_model(KeyTaken, TAKEN, most=4096)
    assert (taken.day, taken.secret) == (date(2026, 11, 23), bytes(range(4)))
    assert canonical(plain(taken)) == TAKEN


def test_the_newest_decision_of_an_incident_counts_in_whatever_order_they_come() -> None:
    moments = ["2026-11-23T04:17:00.000000Z", "2026-11-23T05:17:00.000000Z"]
    old, new = (an_entry(id=f"d-{at[12]}", recorded_at=at).summary for at in moments)
    for order in ((old, new), (new, old), (new, old, new)):
        known = Known()
        known.add(order)
        assert list(known.incidents.values()) == [new]


HOURS = [
    (date(2026, 3, 29), 23, "the clocks go forward"),
    (date(2026, 10, 25), 25, "the clocks go back"),
    (date(2026, 7, 1), 24, "summer time"),
    (date(2026, 12, 31), 24, "the last day of a year"),
]


@pytest.mark.parametrize(("day", "hours"), [row[:2] for row in HOURS], ids=[remark for *_, remark in HOURS])
def test_a_local_day_goes_from_midnight_to_midnight(day: date, hours: int) -> None:
    begins, ends = local_day(day)
    assert ends - begins == timedelta(hours=hours)
    moment = timedelta(microseconds=1)
    dates = [local_date(at) for at in (begins - moment, begins, ends - moment, ends)]
    assert dates == [day - timedelta(days=1), day, day, day + timedelta(days=1)]
