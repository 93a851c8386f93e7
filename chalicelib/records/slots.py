"""The few keyed hashes by which a decision is indexed. Which people there are, the call says."""

from __future__ import annotations

from chalicelib.assessment.call import Person
from chalicelib.policy.document import Role

_STRONGEST = ("person_ref", "name_dob", "phone", "email")


def slots(people: tuple[Person, ...]) -> dict[str, str | None]:
    """The keyed hashes that a decision is indexed by: caller's phone, first victim, first suspect, first place."""
    found: dict[str, str | None] = {
        "caller": _slot([one for one in people if Role.CALLER in one.roles], ("phone",)),
        "victim": _slot([one for one in people if Role.VICTIM in one.roles], _STRONGEST),
        "suspect": _slot([one for one in people if Role.SUSPECT in one.roles], _STRONGEST),
        "address": _slot(people, ("uprn", "address")),
    }
    return {name: value for name, value in found.items() if value}


def _slot(people: list[Person] | tuple[Person, ...], kinds: tuple[str, ...]) -> str | None:
    for kind in kinds:
        for person in people:
            for subject in person.subjects:
                if subject.kind == kind:
                    return f"{kind}.{subject.normalisation}.{subject.key_version}.{subject.hash}"
    return None
