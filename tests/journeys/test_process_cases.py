"""P18 to P25 of the forces' own policies as one table: what happens, after how long, and what the service then says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from tests.journeys.incident_room import (
    ABUSE,
    CUT_OFF,
    DISPATCHER,
    LATER_ONLY,
    NO_DANGER,
    PLACE,
    QUIET,
    SERGEANT,
    Tale,
    Worker,
    refused,
    shipped_room,
)
from tests.journeys.rooms import Stage

UNHURT = {"fact": "injury", "value": "none"}
DISTRESS = {"fact": "call_signs", "present": ["extreme_distress"]}
VIOLENCE = {"fact": "dangers_now", "present": ["violence"]}
STATION = {"response": "appointment_station"}
ACCEPTED = {"agency": "social_care", "state": "accepted", "accepted_by": "sc-12"}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One room for all rows; each has an incident of its own."""
    with shipped_room(tmp_path_factory.mktemp("process") / "data") as stage:
        yield stage


def _goes_on(tale: Tale, _: dict[str, Any]) -> None:
    """Nothing happens."""


def _cut_off(tale: Tale, _: dict[str, Any]) -> None:
    tale.assess(CUT_OFF, state="lost")


def _accepted_and_told(tale: Tale, _: dict[str, Any]) -> None:
    tale.did("other_agency", expected_at=tale.ahead(hours=2), by=DISPATCHER, **ACCEPTED)
    tale.did("caller_told", that="other_agency")


class Case(NamedTuple):
    """A case of the policies."""

    id: str
    says: str
    answers: tuple[dict[str, Any], ...]
    happens: Callable[[Tale, dict[str, Any]], object]
    minutes: float
    stands: str
    due: frozenset[str] = frozenset()
    """What is due by then, by its name in the list of what is outstanding."""
    asks: dict[str, Any] | None = None
    """What is asked for then."""
    against: tuple[str, ...] = ()
    """What stands against that; nothing, if it is permitted."""
    by: Worker = DISPATCHER


CASES = [
    Case("P18", "domestic abuse, suspect gone, cut off in mid-sentence: assessed again at once, upward",
         (PLACE, *ABUSE, NO_DANGER), _cut_off, 0, "IMMEDIATE",
         frozenset({"reassess:contact_lost", "reassess_now", "immediate_to_inspector"})),
    Case("P19", "domestic abuse, an appointment at a station: refused without a supervisor's recorded reason",
         (PLACE, *ABUSE, NO_DANGER, QUIET, UNHURT), _goes_on, 0, "PRIORITY", asks=STATION,
         against=("response_refused",)),
    Case("P19", "... also to a supervisor who gives none",
         (PLACE, *ABUSE, NO_DANGER, QUIET, UNHURT), _goes_on, 0, "PRIORITY", asks=STATION,
         against=("response_refused",), by=SERGEANT),
    Case("P19", "... permitted with it",
         (PLACE, *ABUSE, NO_DANGER, QUIET, UNHURT), _goes_on, 0, "PRIORITY", by=SERGEANT,
         asks={**STATION, "words": "She asked to come herself, with her sister."}),
    Case("P20", "what may happen later only: another agency, not before it has accepted and the caller was told",
         LATER_ONLY, _goes_on, 0, "SCHEDULED", asks={"response": "other_agency"},
         against=("agency_asked", "agency_accepted", "caller_told", "recheck_time")),
    Case("P20", "... permitted then", LATER_ONLY, _accepted_and_told, 0, "SCHEDULED",
         asks={"response": "other_agency"}),
    Case("P20", "... and looked at again when it should have come", LATER_ONLY, _accepted_and_told, 120, "SCHEDULED",
         frozenset({"agency_expected"})),
    Case("P21", "GRADE 2, unallocated for 40 minutes: to the sergeant", (DISTRESS,), _goes_on, 40, "PRIORITY",
         frozenset({"priority_to_sergeant"})),
    Case("P22", "GRADE 1, unallocated: to the inspector at once", (VIOLENCE,), _goes_on, 0, "IMMEDIATE",
         frozenset({"immediate_to_inspector"})),
    Case("P23", "prompt, unallocated for 45 minutes: a supervisor looks at it", (DISTRESS,), _goes_on, 45, "PRIORITY",
         frozenset({"priority_supervisor_review"})),
    Case("P24", "open for three and a half hours: assessed again", (DISTRESS,), _goes_on, 210, "PRIORITY",
         frozenset({"open_reassess"})),
    Case("P25", "a downgrade because there are no units: refused",
         (DISTRESS,), _goes_on, 0, "PRIORITY", asks={"grade": "scheduled", "reason": "no_units"},
         against=("reason_refused", "not_reassessed")),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[f"{case.id}: {case.says}" for case in CASES])
def test_a_case_of_the_policies(stage: Stage, case: Case) -> None:
    tale = Tale(stage.room, stage.clock)
    decision = tale.assess(*case.answers)
    case.happens(tale, decision)
    tale.clock.move(minutes=case.minutes)
    assert case.due <= tale.due()
    if case.asks is not None:
        answer = tale.decide(decision, by=case.by, **case.asks)
        assert (refused(answer) if case.against else answer.status) == (list(case.against) or 201)
        assert tale.kinds()[-1] == ("outcome_refused" if case.against else "outcome")
    assert tale.stands == case.stands
