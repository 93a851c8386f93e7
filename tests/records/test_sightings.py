"""From decisions that were found to other incidents, by what they are looked up, and what is kept of counts."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from chalicelib.assessment.call import Claim, Person, Subject
from chalicelib.model import instant_of
from chalicelib.policy.document import Absence, National, Role, Source
from chalicelib.records.accumulation import joined_answers
from chalicelib.records.entry import Summary
from chalicelib.records.sightings import Own, Sightings
from chalicelib.records.slots import slots
from chalicelib.records.sought import shared_values, sought
from tests.builders import an_entry

AT = instant_of("2026-11-23T05:00:00Z")
OWN = Own("K-own", "I-own", AT)


def found(minute: int, contact: str, incident: str | None, **parts: object) -> Summary:
    """A decision of another call, so many minutes after four."""
    at = f"2026-11-23T04:{minute:02}:00.000000Z"
    return an_entry(id=f"d-{minute}", recorded_at=at, contact=contact, incident=incident, **parts).summary


def names(own: Own, *summaries: Summary) -> list[str | None]:
    """The other incidents or contacts, the newest first."""
    return [one.incident or one.contact for one in Sightings(own, summaries).of(summaries)]


GROUPS: list[tuple[Own, tuple[Summary, ...], list[str], str]] = [
    (OWN, (), [], "nothing"),
    (OWN, (found(1, "K-1", "I-1"),), ["I-1"], "one decision"),
    (OWN, (found(1, "K-1", "I-1"), found(2, "K-1", "I-1")), ["I-1"], "several of one contact"),
    (OWN, (found(1, "K-1", "I-1"), found(2, "K-2", "I-1")), ["I-1"], "several contacts of one incident"),
    (OWN, (found(1, "K-1", "I-1"), found(2, "K-2", "I-2")), ["I-2", "I-1"], "two incidents, the newest first"),
    (OWN, (found(1, "K-1", None), found(2, "K-1", None)), ["K-1"], "a contact that never got an incident"),
    (OWN, (found(1, "K-1", None), found(2, "K-1", "I-1")), ["I-1"], "a contact that got one later"),
    (OWN, (found(1, "K-1", None), found(2, "K-2", "I-1")), ["I-1", "K-1"], "another contact's incident is not its own"),
    (OWN, (found(1, "K-9", "I-own"),), [], "the incident that is assessed"),
    (OWN, (found(1, "K-own", None), found(2, "K-own", "I-9")), [], "the contact that is assessed"),
    (OWN, (found(1, "K-9", None), found(2, "K-9", "I-own")), [], "a contact that came to the incident assessed"),
    (Own("K-own", None, AT), (found(1, "K-9", None), found(2, "K-own", None)), ["K-9"], "without an incident itself"),
    (Own("K-own", None, instant_of("2026-11-23T04:01:00Z")), (found(1, "K-1", "I-1"),), ["I-1"], "at that moment"),
    (Own("K-own", None, instant_of("2026-11-23T04:00:59Z")), (found(1, "K-1", "I-1"),), [], "after the assessment"),
]


@pytest.mark.parametrize(("own", "summaries", "expected"), [row[:3] for row in GROUPS], ids=[row[3] for row in GROUPS])
def test_decisions_are_taken_together_by_other_incidents(
    own: Own, summaries: tuple[Summary, ...], expected: list[str]
) -> None:
    assert names(own, *summaries) == expected
    assert names(own, *reversed(summaries)) == expected


def test_one_look_up_shows_to_which_incident_a_contact_of_another_belongs() -> None:
    by_number, by_place = [found(1, "K-1", None)], [found(2, "K-1", "I-1")]
    sightings = Sightings(OWN, [*by_number, *by_place])
    [one], [other] = sightings.of(by_number), sightings.of(by_place)
    assert one.name == other.name == ("I-1", None)
    assert (one.last, other.last) == (instant_of("2026-11-23T04:01:00Z"), instant_of("2026-11-23T04:02:00Z"))


def test_an_incident_has_what_stood_last_and_every_flag() -> None:
    summaries = (
        found(1, "K-1", "I-1", standing="PRIORITY", flags=("repeat", "domestic_abuse")),
        found(2, "K-1", "I-1", standing="SCHEDULED", flags=("repeat",)),
    )
    [seen] = Sightings(OWN, summaries).of(summaries)
    assert (seen.standing, seen.flags) == (National.SCHEDULED, ("domestic_abuse", "repeat"))


def subject(kind: str, letter: str, *, shared: bool = False) -> Subject:
    """An identifier."""
    return Subject(kind=kind, hash=letter * 64, key_version=1, normalisation=1, shared=True if shared else None)


def person(*subjects: Subject, roles: tuple[Role, ...]) -> Person:
    """Somebody with identifiers."""
    return Person(ref="P1", roles=roles, subjects=subjects)


NUMBER, NAME, PLACE = subject("phone", "a"), subject("name_dob", "b"), subject("address", "c")

LOOKED_UP: list[tuple[Person, list[str], str]] = [
    (person(NUMBER, roles=(Role.CALLER,)), ["caller>caller phone"], "a caller's number"),
    (person(NAME, roles=(Role.CALLER,)), [], "a caller's name is in no slot"),
    (person(NAME, NUMBER, roles=(Role.WITNESS,)), [], "a witness is not looked up"),
    (person(PLACE, roles=(Role.WITNESS,)), ["address>address address"], "a place, whoever it is said of"),
    (
        person(NUMBER, NAME, roles=(Role.VICTIM,)),
        ["victim>victim name_dob", "victim>victim phone", "victim>suspect name_dob", "victim>suspect phone"],
        "a victim, the strongest first, and then whether it was a suspect",
    ),
    (
        person(NUMBER, PLACE, roles=(Role.CALLER, Role.SUSPECT)),
        ["caller>caller phone", "address>address address", "suspect>suspect phone", "suspect>victim phone"],
        "number and place come first",
    ),
]


@pytest.mark.parametrize(("one", "expected"), [row[:2] for row in LOOKED_UP], ids=[row[2] for row in LOOKED_UP])
def test_people_are_looked_up_by_what_they_are_indexed_by(one: Person, expected: list[str]) -> None:
    wanted = sought([one, one])
    assert [f"{what.by}>{what.indexed.slot} {what.kind}" for what in wanted] == expected
    indexed = slots((one,))
    assert all(value in {what.indexed.value for what in wanted} for value in indexed.values()), "each slot is looked up"


def test_a_mark_as_shared_changes_neither_the_slot_nor_the_look_up() -> None:
    plainly, marked = (person(subject("uprn", "d", shared=shared), roles=(Role.OTHER,)) for shared in (False, True))
    assert slots((plainly,)) == slots((marked,))
    assert sought([plainly]) == sought([marked])
    assert shared_values([plainly, marked]) == {sought([marked])[0].indexed.value}


def count(minute: int, **parts: object) -> Claim:
    """What this service has counted, so many minutes after four."""
    at: datetime = instant_of("2026-11-23T04:00:00Z") + timedelta(minutes=minute)
    return Claim.model_validate({"fact": "calls", "source": Source.HISTORY, "at": at, "counted": True, **parts})


COUNTS: list[tuple[tuple[Claim, ...], tuple[Claim, ...], str]] = [
    ((count(1, value=0), count(2, value=1)), (count(2, value=1),), "one more came in between"),
    ((count(1, value=2), count(2, value=1)), (count(1, value=2),), "one fell out of the window: it never gets less"),
    ((count(1, value=2), count(2, value=2)), (count(2, value=2),), "the same again is said now"),
    ((count(1, value=2), count(2, at_least=2)), (count(1, value=2),), "exact says more"),
    ((count(1, value=2), count(2, at_least=3)), (count(2, at_least=3),), "more says more"),
    (
        (count(1, value=2), count(2, absent=Absence.PENDING)),
        (count(1, value=2), count(2, absent=Absence.PENDING)),
        "a look-up that failed takes nothing away",
    ),
    (
        (count(1, value=2, contact="c00000000"), count(2, value=3)),
        (count(1, value=2, contact="c00000000"), count(2, value=3)),
        "each contact's own",
    ),
    (
        (count(1, value=2, counted=None), count(2, value=3)),
        (count(1, value=2, counted=None), count(2, value=3)),
        "what the CAD has counted stays beside it",
    ),
]


@pytest.mark.parametrize(("claims", "expected"), [row[:2] for row in COUNTS], ids=[row[2] for row in COUNTS])
def test_of_several_counts_the_worst_is_kept(claims: tuple[Claim, ...], expected: tuple[Claim, ...]) -> None:
    assert joined_answers(claims) == joined_answers(tuple(reversed(claims))) == expected
    assert joined_answers(expected) == expected
