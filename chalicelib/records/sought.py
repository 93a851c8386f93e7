"""By which keyed hashes other incidents are looked up, given the people in a call. It looks nothing up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from chalicelib.assessment.call import Person
from chalicelib.assessment.looked_up import Slot
from chalicelib.policy.document import Role
from chalicelib.records.slots import PLACES, STRONGEST, Indexed, slot_value


class Sought(NamedTuple):
    """One identifier that is looked up in one slot."""

    by: Slot
    kind: str
    indexed: Indexed


def sought(people: Sequence[Person]) -> list[Sought]:
    """Everything that can be looked up for people and places, each thing once, what says most at the front.

    Victims and suspects are looked for among both: who is a victim today may have been the suspect before.
    """
    victims, suspects = _with(Role.VICTIM, people), _with(Role.SUSPECT, people)
    return list(
        dict.fromkeys(
            (
                *_sought("caller", "caller", _with(Role.CALLER, people), ("phone",)),
                *_sought("address", "address", people, PLACES),
                *_sought("victim", "victim", victims, STRONGEST),
                *_sought("suspect", "suspect", suspects, STRONGEST),
                *_sought("victim", "suspect", victims, STRONGEST),
                *_sought("suspect", "victim", suspects, STRONGEST),
            )
        )
    )


def shared_values(people: Iterable[Person]) -> frozenset[str]:
    """The keyed hashes that somebody has marked as belonging to many, as they stand in slots."""
    return frozenset(slot_value(subject) for one in people for subject in one.subjects if subject.shared)


def _with(role: Role, people: Sequence[Person]) -> list[Person]:
    return [one for one in people if role in one.roles]


def _sought(by: Slot, among: Slot, people: Iterable[Person], kinds: Sequence[str]) -> Iterator[Sought]:
    subjects = [subject for one in people for subject in one.subjects if subject.kind in kinds]
    for subject in sorted(subjects, key=lambda one: kinds.index(one.kind)):
        yield Sought(by, subject.kind, Indexed(among, slot_value(subject)))
