"""The few keyed hashes by which a decision is indexed, and by which it is found again. Which people there are, the
call says.
"""

from __future__ import annotations

from typing import NamedTuple

from chalicelib.assessment.call import Person, Subject
from chalicelib.assessment.looked_up import Slot
from chalicelib.policy.document import Role

STRONGEST = ("person_ref", "name_dob", "phone", "email")
"""The kinds of identifier by which a person is indexed, the one that is taken first at the front."""

PLACES = ("uprn", "address")
"""Those of a place, likewise."""


class Indexed(NamedTuple):
    """A keyed hash as it stands in a slot."""

    slot: Slot
    value: str


def slots(people: tuple[Person, ...]) -> dict[str, str | None]:
    """The keyed hashes that a decision is indexed by: caller's phone, first victim, first suspect, first place."""
    found: dict[str, str | None] = {
        "caller": _slot([one for one in people if Role.CALLER in one.roles], ("phone",)),
        "victim": _slot([one for one in people if Role.VICTIM in one.roles], STRONGEST),
        "suspect": _slot([one for one in people if Role.SUSPECT in one.roles], STRONGEST),
        "address": _slot(people, PLACES),
    }
    return {name: value for name, value in found.items() if value}


def _slot(people: list[Person] | tuple[Person, ...], kinds: tuple[str, ...]) -> str | None:
    for kind in kinds:
        for person in people:
            for subject in person.subjects:
                if subject.kind == kind:
                    return slot_value(subject)
    return None


def slot_value(subject: Subject) -> str:
    """An identifier as it stands in a slot."""
    return f"{subject.kind}.{subject.normalisation}.{subject.key_version}.{subject.hash}"
