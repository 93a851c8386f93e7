"""A played call: what was typed so far as a case in the making, and the question to put next. It reads no terminal.

Every move gives a new play and leaves the old one as it was. What is typed is taken in as the service takes it, and
each move is some seconds after the last, so that the order of corrections counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

from chalicelib.assessment.call import Call, Incident
from chalicelib.assessment.contact import Channel, ContactState
from chalicelib.assessment.decision import Result
from chalicelib.assessment.evaluate import evaluate
from chalicelib.assessment.intake import Given, take_in
from chalicelib.assessment.standing import Standing, standing_of
from chalicelib.authoring.cases import Case, CaseCheck, CaseContact, CasePerson, Expectation, ExpectedGrade, call_of
from chalicelib.canonical import Json, canonical
from chalicelib.errors import Invalid
from chalicelib.model import instant_text
from chalicelib.playing.putting import Put, Putting, people_of
from chalicelib.playing.said import Said, meant, usual_source
from chalicelib.playing.typed import read_answer
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import National, Role
from chalicelib.policy.vocabulary import Term

PACE = timedelta(seconds=10)
"""How long each move takes."""


@dataclass(frozen=True)
class Play:
    """A call as it is played. `case` holds all that was typed; its expectation is filled in at the end."""

    policy: CompiledPolicy
    case: Case
    asked: int = 0
    """How many questions were put and answered."""
    skipped: frozenset[tuple[str, str | None]] = frozenset()
    before: Play | None = field(default=None, repr=False, compare=False)
    """The play without the last move."""

    @cached_property
    def call(self) -> Call:
        """The call as the service would have it."""
        return call_of(self.policy, self.case)

    @cached_property
    def result(self) -> Result:
        """What the policy makes of it."""
        return evaluate(self.policy, self.call, self.case.at)

    @cached_property
    def standing(self) -> Standing:
        """What stands of the answers."""
        return standing_of(self.policy, self.call, self.case.at)

    @cached_property
    def enough_after(self) -> int | None:
        """After how many questions the handler might stop; None while that is not so."""
        if not self.result.may_stop:
            return None
        first = self
        while first.before is not None and first.before.result.may_stop:
            first = first.before
        return first.asked

    @property
    def over(self) -> bool:
        """Whether the caller has gone, so that nothing can be asked."""
        return self.case.contact.state.ended

    def question(self) -> Put | None:
        """The question to put now; one that was skipped only when no other is left."""
        return next(self.questions(), None)

    def questions(self) -> Iterator[Put]:
        """The open questions in their order, those that were skipped last."""
        putting = Putting(self.case, self.standing, self.skipped)
        found = [putting.put(one, self.policy.terms[one.fact]) for one in self.result.questions]
        yield from sorted(found, key=lambda put: (put.term.fact.id, put.about) in self.skipped)

    def answer(self, put: Put, said: Said) -> Play:
        """The play after an answer to the question that was put. Raises Invalid for what is no answer to it."""
        about = said.about or put.about
        still_open = put.still_open if about == put.about else None
        return replace(self._told(put.term, replace(said, about=about), still_open), asked=self.asked + 1)

    def say(self, term: Term, said: Said) -> Play:
        """The play after an answer to any fact, or a correction. Raises Invalid for what is no answer to it."""
        people = people_of(self.case, term)
        about = said.about or (people[0] if len(people) == 1 else None)
        return self._told(term, replace(said, about=about), None)

    def term(self, name: str) -> Term:
        """The fact that an id or the beginning of one means. Raises Invalid when none or several are meant."""
        return self.policy.terms[meant(name, list(self.policy.terms), "fact")]

    def person(self, ref: str, roles: tuple[Role, ...]) -> Play:
        """The play with a person, or with further roles of one. Raises Invalid for what is no reference."""
        if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", ref):
            raise Invalid("A person has a reference that means nothing elsewhere, such as V1: letters, digits, . _ -")
        known = {person.ref: person for person in self.case.people}
        had = known[ref].roles if ref in known else ()
        known[ref] = CasePerson(ref=ref, roles=tuple(dict.fromkeys((*had, *roles))))
        return self._moved(people=tuple(known.values()))

    def check(self, name: str, result: str) -> Play:
        """The play after a check was made. Raises Invalid for a check or result that the policy does not have."""
        checks = {check.id: check for check in self.policy.policy.checks}
        check = checks[meant(name, list(checks), "check")]
        results = list(dict.fromkeys(one.result for one in check.results))
        done = CaseCheck(check=check.id, result=meant(result, results, "result"), done_at=self._next)
        return self._moved(checks=(*self.case.checks, done))

    def contact(self, state: ContactState) -> Play:
        """The play after the line was lost, the call ended, or the caller came back."""
        return self._moved(contact=self.case.contact.model_copy(update={"state": state}))

    def happened(self, minutes: int) -> Play:
        """The play once it is known how many minutes ago it happened."""
        when = self.case.at - timedelta(minutes=minutes)
        return self._moved(contact=self.case.contact.model_copy(update={"happened_at": when}))

    def opened(self) -> Play:
        """The play after an incident was opened."""
        return self._moved(incident=Incident(opened_at=self._next))

    def wait(self, minutes: int) -> Play:
        """The play some minutes later."""
        return self._moved(at=self.case.at + timedelta(minutes=minutes))

    def skip(self, put: Put) -> Play:
        """The play with a question put aside. It stays open."""
        return replace(self, skipped=self.skipped | {(put.term.fact.id, put.about)}, before=self)

    def finished(self) -> Case:
        """The call as a case that expects the grade that was reached, and what that rests on."""
        result = self.result
        reasons = result.basis.ids if result.basis.kind in ("rule", "precaution") else ()
        grade = ExpectedGrade(**{"is": result.national.recommended})
        return self.case.model_copy(update={"expect": Expectation(grade=grade, reasons=reasons)})

    @property
    def _next(self) -> datetime:
        return self.case.at + PACE

    def _moved(self, **changes: object) -> Play:
        case = self.case.model_copy(update={"at": self._next, **changes})
        return replace(self, case=case, before=self)

    def _told(self, term: Term, said: Said, still_open: tuple[str, ...] | None) -> Play:
        """The play with one more answer, which the intake has found to fit."""
        fact = term.fact
        if said.about is not None and fact.per is None:
            raise Invalid(f'"{fact.id}" is not asked of each person: leave out "about {said.about}".')
        if said.about is not None and said.about not in people_of(self.case, term):
            raise Invalid(f'Nobody is known as {said.about} in that role: first type "person {said.about} {fact.per}".')
        item: dict[str, Json] = {
            "fact": fact.id,
            "source": (said.source or usual_source(fact)).value,
            "at": instant_text(self._next),
            **read_answer(term, said.text, still_open=still_open),
        }
        item |= {"about": said.about} if said.about else {}
        item |= {"correction": True} if said.correction else {}
        faults = take_in(self.policy, [item], (), at=self._next, supervisor=False).faults
        if faults:
            raise Invalid("; ".join(f"That is {fault.wrong}: {fault.right}." for fault in faults))
        given = Given.model_validate_json(canonical(item))
        return self._moved(answers=(*self.case.answers, given))


def begin(policy: CompiledPolicy, channel: Channel, at: datetime) -> Play:
    """A play in which nothing is known but how the contact came in, and when."""
    case = Case(
        id="played",
        title="A call that was played",
        at=at,
        contact=CaseContact(channel=channel, started_at=at),
        expect=Expectation(grade=ExpectedGrade(at_least=National.RESOLVE)),
    )
    return Play(policy, case)
