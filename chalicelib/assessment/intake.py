"""From answers as sent to claims: what fits the policy becomes a claim, what does not is `invalid`, and said so.

A live emergency must not fail on a typing error, so nothing raises here: the caller decides what faults mean. No value
that was refused is repeated anywhere, because it may be about a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import ValidationError, model_validator

from chalicelib.assessment.call import CheckDone, Claim
from chalicelib.assessment.standing import NONE_OF_THESE
from chalicelib.canonical import Json, canonical
from chalicelib.errors import Fault
from chalicelib.model import Frozen, Instant, Name, Reference, faults_of
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.conditions import Value
from chalicelib.policy.document import Absence, FactType, Source
from chalicelib.policy.vocabulary import Term, nearest

CLOCKS_DIFFER = timedelta(seconds=60)
"""How far a client's clock may be ahead without a word."""


class Given(Frozen):
    """An answer as it is sent: a value, part of one, or why there is none."""

    fact: Name
    about: Reference | None = None
    """The `ref` of the person it is about, for facts that are asked of each person."""
    source: Source = Source.CALLER
    at: Instant | None = None
    """When it was said; now, if left out."""
    value: Value | None = None
    """yes/no as true/false, a whole number, or the id of an option; `none_of_these` rules out a whole set."""
    at_least: Value | None = None
    at_most: Value | None = None
    present: tuple[Name, ...] | None = None
    """Of a set: what is there. Says nothing about the rest."""
    ruled_out: tuple[Name, ...] | None = None
    """Of a set: what is known not to be there."""
    absent: Absence | None = None
    correction: bool = False
    """Whether it replaces what the same source said before."""

    @model_validator(mode="after")
    def _one_kind(self) -> Given:
        said = any(part is not None for part in (self.value, self.at_least, self.at_most, self.present, self.ruled_out))
        if said == (self.absent is not None):
            raise ValueError("an answer has either a value (value, at_least, at_most, present, ruled_out) or absent")
        if self.correction and self.absent is not None:
            raise ValueError("a correction says what is right: it has a value")
        if self.value is not None and any(
            part is not None for part in (self.at_least, self.at_most, self.present, self.ruled_out)
        ):
            raise ValueError("value stands alone")
        return self


@dataclass(slots=True)
class Intake:
    """What came of the answers and checks of one request."""

    claims: list[Claim] = field(default_factory=list)
    checks: list[CheckDone] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def take_in(
    policy: CompiledPolicy, answers: Sequence[Json], checks: Sequence[CheckDone], *, at: datetime, supervisor: bool
) -> Intake:
    """Read the answers and checks of a request against a policy. `at` stands in for the times that were left out."""
    intake = Intake()
    for place, item in enumerate(answers):
        where = f"/answers/{place}"
        given = _given(item, where, intake)
        term = policy.terms.get(given.fact if given else _named(item))
        faults = _faults(policy, term, given, where, at) if given else []
        intake.faults += faults
        if term is not None:
            fits = given is not None and not any(fault.code == "value" for fault in faults)
            intake.claims.append(_claim(term, given, fits=fits, at=at, supervisor=supervisor))
    known = {check.id: {result.result for result in check.results} for check in policy.policy.checks}
    for place, done in enumerate(checks):
        where = f"/checks/{place}"
        if done.check not in known:
            intake.faults.append(_unknown("check", done.check, known, f"{where}/check"))
        elif done.result not in known[done.check]:
            intake.faults.append(_unknown("result", done.result, known[done.check], f"{where}/result"))
        else:
            intake.checks.append(done.model_copy(update={"done_at": min(done.done_at, at)}))
    return intake


def _given(item: Json, where: str, intake: Intake) -> Given | None:
    """An answer in its form, or None with the faults noted."""
    try:
        return Given.model_validate_json(canonical(item))
    except ValidationError as error:
        for one in faults_of(error):
            # The name of a member that does not exist is the client's own words: only where it stands is said.
            place = "" if one.code == "extra_forbidden" else one.where
            intake.faults.append(Fault(one.code, where + place, one.wrong, one.right))
        return None


def _named(item: Json) -> str:
    """The fact that an answer of the wrong form seems to be about."""
    name = item.get("fact") if isinstance(item, Mapping) else None
    return name if isinstance(name, str) else ""


def _faults(policy: CompiledPolicy, term: Term | None, given: Given, where: str, at: datetime) -> list[Fault]:
    """Everything that is wrong with an answer of the right form."""
    found: list[Fault] = []
    if given.at is not None and given.at > at + CLOCKS_DIFFER:
        found.append(Fault("future", f"{where}/at", "the time lies ahead", "a time that has been; now is taken"))
    if term is None:
        found.append(_unknown("fact", given.fact, policy.terms, f"{where}/fact"))
    elif fault := _misfit(term, given, where):
        found.append(fault)
    return found


def _claim(term: Term, given: Given | None, *, fits: bool, at: datetime, supervisor: bool) -> Claim:
    """The claim that an answer makes: what it says if it fits its fact, else that something invalid was said.

    Nothing is said in the future: a later time would let a correction undo what is said from now on.
    """
    said_at = min((given.at if given else None) or at, at)
    if given is not None and fits:
        return Claim.model_validate({**given.model_dump(exclude_none=True), "at": said_at, "supervisor": supervisor})
    return Claim(
        fact=term.fact.id,
        about=given.about if given else None,
        source=given.source if given else Source.CALLER,
        at=said_at,
        absent=Absence.INVALID,
    )


def _misfit(term: Term, given: Given, where: str) -> Fault | None:
    """What of a well-formed answer does not fit its fact."""
    for name in ("value", "at_least", "at_most", "present", "ruled_out"):
        try:
            _check_part(term, name, getattr(given, name))
        except ValueError as error:
            return Fault("value", f"{where}/{name}", f'not an answer to "{term.fact.id}"', str(error))
    both = set(given.present or ()) & set(given.ruled_out or ())
    if both:
        return Fault("value", f"{where}/ruled_out", f"{', '.join(sorted(both))} is also in present", "each tag once")
    bounds = (given.at_least, given.at_most)
    if None not in bounds and term.cell(bounds[0]) > term.cell(bounds[1]):
        return Fault("value", f"{where}/at_most", "at_most is below at_least", "the bounds in order")
    return None


def _check_part(term: Term, name: str, part: object) -> None:
    """Raises ValueError, with what would be right, for a part of an answer that its fact does not take."""
    if part is not None and term.fact.clock is not None:
        raise ValueError("no answer: it is read off the clock")
    if part is None or (part == NONE_OF_THESE and term.fact.type is FactType.SET and name == "value"):
        return
    if name in ("present", "ruled_out"):
        if term.fact.type is not FactType.SET:
            raise ValueError(f"value, for a fact of type {term.fact.type}")
        for tag in part if isinstance(part, tuple) else ():
            term.tag(tag)
    elif name == "value" or term.fact.type in (FactType.ORDERED, FactType.WHOLE):
        term.cell(part)
    else:
        raise ValueError(f"value, for a fact of type {term.fact.type}")


def _unknown(kind: str, name: str, known: Iterable[str], where: str) -> Fault:
    near = nearest(name, known)
    right = f'"{near}"?' if near else f"a {kind} of the policy"
    return Fault(f"unknown_{kind}", where, f"the policy has no such {kind}", right)
