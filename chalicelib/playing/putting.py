"""About whom an open question is put, and what of it is still open. Which questions are open, `evaluate` says."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.assessment.decision import Open
from chalicelib.assessment.intake import Given
from chalicelib.assessment.standing import Standing
from chalicelib.authoring.cases import Case
from chalicelib.policy.document import Absence, FactType, Source
from chalicelib.policy.vocabulary import Term

_NOT_KNOWN = (Absence.UNKNOWN, Absence.DECLINED, Absence.UNABLE)
_SYSTEMS = (Source.SYSTEM_CHECK, Source.HISTORY, Source.CLOCK)


@dataclass(frozen=True, slots=True)
class Put:
    """A question that is put, about whom, and what of it is open."""

    open: Open
    term: Term
    about: str | None
    still_open: tuple[str, ...]
    """The tags of a set, or the values, that are still possible."""

    @property
    def partly(self) -> bool:
        """Whether a part of it was answered before."""
        cells = self.term.ids if self.term.fact.type is FactType.SET else self.term.variables[0].cells
        return len(self.still_open) < len(cells)


@dataclass(frozen=True, slots=True)
class Putting:
    """What choosing the person needs to know of a played call."""

    case: Case
    standing: Standing
    skipped: frozenset[tuple[str, str | None]]

    def put(self, one: Open, term: Term) -> Put:
        """A question as it is put: of facts that are asked of each person, about the first who leaves it open."""
        people = people_of(self.case, term)
        left = [ref for ref in people if not self._known(term, ref) and not self._in_vain(term, ref)]
        fresh = [ref for ref in left if (one.fact, ref) not in self.skipped]
        about = next(iter([*fresh, *left, *people]), None)
        masks = [self._mask(about, variable.index) for variable in term.variables]
        if term.fact.type is FactType.SET:
            still_open = [tag for tag, mask in zip(term.ids, masks, strict=True) if mask & (mask - 1)]
        else:
            still_open = list(term.variables[0].labels(masks[0]))
        return Put(one, term, about, tuple(still_open))

    def _mask(self, about: str | None, index: int) -> int:
        return self.standing.people.get(about, {}).get(index, self.standing.masks[index])

    def _known(self, term: Term, about: str) -> bool:
        masks = [self._mask(about, variable.index) for variable in term.variables]
        return not any(mask & (mask - 1) for mask in masks) and about in self.standing.people

    def _in_vain(self, term: Term, about: str) -> bool:
        """Whether somebody who was asked about a person did not know."""
        last: dict[Source, Given] = {}
        for given in self.case.answers:
            if given.fact == term.fact.id and given.about in (None, about):
                last[given.source] = given
        asked = term.fact.answerers or [source for source in Source if source not in _SYSTEMS]
        return any(given.absent in _NOT_KNOWN for source, given in last.items() if source in asked)


def people_of(case: Case, term: Term) -> list[str]:
    """The named people whom a fact is asked about."""
    return [person.ref for person in case.people if term.fact.per in person.roles] if term.fact.per else []
