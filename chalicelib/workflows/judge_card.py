"""What was decided by hand on a card, read against the policy that was in force then. It stores and evaluates nothing.

Nothing is lenient here: nobody waits for an answer, so whatever does not fit is a fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.assessment.call import CheckDone, Contact, Incident, Person
from chalicelib.assessment.intake import CLOCKS_DIFFER, Intake, take_in
from chalicelib.canonical import Json
from chalicelib.errors import Fault
from chalicelib.model import Reference
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Grade
from chalicelib.records.identity import ForceKey
from chalicelib.records.record import DecisionRecord
from chalicelib.workflows.assess_call import PersonGiven, hashed_person
from chalicelib.workflows.incident_desk import Doer
from chalicelib.workflows.record_outcome import reason_faults

LOWER = "lower_than_recommended"
"""What a grade is against that is lower than what would have been recommended."""


@dataclass(frozen=True, slots=True)
class Card:
    """What was written down while the service was down."""

    reference: Reference
    """Of the contact."""
    contact: Contact
    doer: Doer
    """Who decided."""
    incident_reference: Reference
    incident: Incident
    decided_at: datetime
    grade: str
    """Of the policy, or of the national scale."""
    answers: Sequence[Json] = ()
    people: tuple[PersonGiven, ...] = ()
    checks: tuple[CheckDone, ...] = ()
    response: str | None = None
    reason: str | None = None
    card: Reference | None = None
    """Where the paper is."""


@dataclass(frozen=True, slots=True)
class CardRead:
    """A card in the terms of a policy."""

    intake: Intake
    people: tuple[Person, ...]
    grade: Grade
    """The local grade that was given."""


def read_card(card: Card, policy: CompiledPolicy, key: ForceKey) -> CardRead | list[Fault]:
    """A card in the terms of a policy, or everything that is wrong with it."""
    at = card.decided_at
    intake = take_in(policy, card.answers, card.checks, at=at, supervisor=card.doer.supervisor)
    people = tuple(hashed_person(one, place, key, intake.faults) for place, one in enumerate(card.people))
    grades = _grades(policy, card.grade)
    faults = [*intake.faults, *_of_checks(card), *_of_grade(policy, card.grade, grades), *_of_response(policy, card)]
    reason = next((one for one in policy.policy.outcomes if one.id == card.reason), None)
    faults += reason_faults(policy, reason, card.reason, "set", words="on the card")
    return faults or CardRead(intake, people, grades[0])


def faults_of_times(card: Card, now: datetime) -> Iterator[Fault]:
    """What is wrong with when it was decided."""
    where = "/decided_at"
    if card.decided_at >= now:
        yield Fault("future", where, "this time has not come yet", "when it was decided")
    if card.decided_at < card.contact.started_at - CLOCKS_DIFFER:
        yield Fault("before_contact", where, "the contact had not begun then", "a time after /contact/started_at")


def grade_set_details(card: Card, read: CardRead, policy: CompiledPolicy, record: DecisionRecord) -> dict[str, Json]:
    """What is recorded of the grade that was given: what it was against, by what would have been recommended then."""
    details: dict[str, Json] = {
        "v": 1,
        "act": "fact",
        "outcome": "set",
        "decision": record.envelope.id,
        "grade": read.grade.id,
        "national": read.grade.national.value,
        "recommended": record.result.national.recommended.value,
        "response": card.response,
        "reason": card.reason,
        # Whoever decided on a card had seen nothing of what is recorded.
        "seen": [],
        "after_the_fact": True,
        "card": card.card,
        "against": list(_against(card, read, policy, record)) or None,
    }
    return {name: value for name, value in details.items() if value is not None}


def _against(card: Card, read: CardRead, policy: CompiledPolicy, record: DecisionRecord) -> Iterator[str]:
    result = record.result
    if policy.rank_of(read.grade.id) < policy.rank_of(result.recommended):
        yield LOWER
    if read.grade.national.rank < result.national.standing.rank > result.national.recommended.rank:
        yield "lower_than_stands"
    if any(one.id == card.reason and one.refused is not None for one in policy.policy.outcomes):
        yield "reason_refused"
    refused = (one for one in result.response.refused if one.response == card.response)
    if any(one.unless_authorised_by is None or not card.doer.supervisor for one in refused):
        yield "response_refused"


def _of_checks(card: Card) -> Iterator[Fault]:
    for place, done in enumerate(card.checks):
        if done.done_at > card.decided_at + CLOCKS_DIFFER:
            right = "only what had been looked up when it was decided"
            yield Fault("future", f"/checks/{place}/done_at", "it was made after the decision", right)


def _grades(policy: CompiledPolicy, named: str) -> list[Grade]:
    """The local grades that a name can mean, the highest first."""
    return [one for one in reversed(policy.grades) if named in (one.id, one.national.value)]


def _of_grade(policy: CompiledPolicy, named: str, grades: Sequence[Grade]) -> Iterator[Fault]:
    if len(grades) == 1:
        return
    wrong = "several grades of the policy are meant" if grades else "the policy has no such grade"
    names = ", ".join(one.id for one in grades or reversed(policy.grades))
    yield Fault("grade", "/grade", wrong, f"one of: {names}")


def _of_response(policy: CompiledPolicy, card: Card) -> Iterator[Fault]:
    responses = [one.id for one in policy.policy.responses]
    if card.response is not None and card.response not in responses:
        yield Fault("response", "/response", "the policy has no such response", f"one of: {', '.join(responses)}")
