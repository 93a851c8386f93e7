"""Cases: tests that travel with a policy, as answers and what has to come of them. They change and record nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from pydantic import Field, model_validator

from chalicelib.assessment.call import Call, CheckDone, Contact, Engine, Incident, Person, PolicyUsed
from chalicelib.assessment.contact import Channel, ContactState
from chalicelib.assessment.decision import Result
from chalicelib.assessment.evaluate import evaluate
from chalicelib.assessment.intake import Given, Intake, take_in
from chalicelib.authoring.documents import read_document
from chalicelib.errors import Fault, Invalid
from chalicelib.model import Frozen, Instant, Line, Name, Reference, Slug
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Finding, National, Role
from chalicelib.policy.levels import Level
from chalicelib.policy.vocabulary import suggested

BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
"""When every case begins. Answers without a time of their own are given then, in the order they are written in."""


class CaseContact(Frozen):
    """How the contact came in and how far it has got."""

    channel: Channel = Channel.EMERGENCY
    state: ContactState = ContactState.IN_PROGRESS
    started_at: Instant = BEGINS
    happened_at: Instant | None = None


class CasePerson(Frozen):
    """Somebody in the case."""

    ref: Reference
    roles: tuple[Role, ...] = Field(min_length=1)


class CaseCheck(Frozen):
    """A look-up that was made, and its result."""

    check: Name
    result: Name
    done_at: Instant = BEGINS


class ExpectedGrade(Frozen):
    """The national grade, exactly or as a bound."""

    is_: National | None = Field(None, alias="is")
    at_least: National | None = None
    at_most: National | None = None

    @model_validator(mode="after")
    def _one_meaning(self) -> ExpectedGrade:
        bounds = self.at_least is not None or self.at_most is not None
        if (self.is_ is not None) == bounds:
            raise ValueError("either `is`, or `at_least` and `at_most` or one of them")
        return self


class ExpectedResponse(Frozen):
    """The second axis: what kind of answer."""

    require: Literal["attendance", "nothing"] | None = None
    refused: tuple[Name, ...] = ()
    permitted: tuple[Name, ...] = ()


class ExpectedVictim(Frozen):
    """What one victim is owed."""

    about: Reference | None = None
    """Which victim; None while nobody is named."""
    category: Literal["enhanced", "not_settled", "standard"] | None = None
    tell: tuple[Name, ...] = ()


class Expectation(Frozen):
    """What has to come of a case. What is left out may be anything."""

    grade: ExpectedGrade
    response: ExpectedResponse | None = None
    reasons: tuple[Name, ...] = ()
    """Rules or precautions that have to be among the reasons."""
    not_reasons: tuple[Name, ...] = ()
    """Rules or precautions that must not be among the reasons."""
    questions: tuple[Name, ...] = ()
    """Facts whose questions have to be open."""
    first_question: Name | None = None
    duties: tuple[Name, ...] = ()
    flags: tuple[Name, ...] = ()
    not_flags: tuple[Name, ...] = ()
    needs: tuple[Name, ...] = ()
    findings: tuple[Finding, ...] = ()
    """Elements with the level that they have to reach."""
    checks: tuple[Name, ...] = ()
    """Checks that have to be due."""
    timers: tuple[Name, ...] = ()
    """Timers that have to run."""
    not_timers: tuple[Name, ...] = ()
    victims: tuple[ExpectedVictim, ...] = ()
    may_stop: bool | None = None
    provisional: bool | None = None


class Case(Frozen):
    """One call and what has to come of it."""

    id: Reference
    title: Line
    source: Line | None = None
    """Where the case comes from and what it says."""
    skip: Line | None = None
    """Why the case is not run. Every run lists it with this reason."""
    generated: Literal[True] | None = None
    """Set by `policy generate`, and taken out by the person who confirms what the case expects."""
    at: Instant = BEGINS
    """When it is assessed."""
    incident: Incident | None = None
    contact: CaseContact = CaseContact()
    people: tuple[CasePerson, ...] = ()
    answers: tuple[Given, ...] = ()
    checks: tuple[CaseCheck, ...] = ()
    expect: Expectation

    @model_validator(mode="after")
    def _skipped_for_a_reason(self) -> Case:
        if self.skip is not None and not self.skip.strip():
            raise ValueError("a case is skipped for a reason, and that is said in words")
        return self


class Cases(Frozen):
    """The cases of one policy, `cases/1`."""

    format: Literal["cases/1"]
    policy: Slug
    cases: tuple[Case, ...] = Field(min_length=1, max_length=2000)


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What came of one case: passed, failed with every difference in words, or skipped with the reason."""

    id: str
    passed: bool
    differences: tuple[str, ...]
    skipped: str | None = None
    """Why it was not run; such a case has neither passed nor failed."""

    @property
    def failed(self) -> bool:
        """Whether it was run and did not come out as expected."""
        return not self.passed and self.skipped is None


def read_cases(data: bytes) -> Cases:
    """Read a document of cases. Raises TooLarge, Unreadable, or Invalid with every fault, its line and its column."""
    return read_cases_for(None, data)


def read_cases_for(policy: CompiledPolicy | None, data: bytes) -> Cases:
    """Read the cases of a policy. Raises as `read_cases`, and Invalid for what the policy does not have or take."""
    cases, source = read_document(Cases, data)
    faults = [
        Fault("duplicate_id", f"/cases/{place}/id", f'the id "{case.id}" stands twice', "each id once")
        for place, case in enumerate(cases.cases)
        if case.id in [earlier.id for earlier in cases.cases[:place]]
    ]
    if faults:
        raise Invalid("The cases do not fit together.", [source.located(fault) for fault in faults])
    faults = check_cases(policy, cases) if policy is not None else []
    if faults:
        raise Invalid("The cases do not fit the policy.", [source.located(fault) for fault in faults])
    return cases


def check_cases(policy: CompiledPolicy, cases: Cases) -> list[Fault]:
    """Everything in the cases that the policy does not have or does not take, with pointers into the cases."""
    faults: list[Fault] = []
    if cases.policy != policy.policy.id:
        faults.append(Fault("policy", "/policy", f'these are cases of "{cases.policy}"', f'"{policy.policy.id}"'))
    for place, case in enumerate(cases.cases):
        where = f"/cases/{place}"
        taken = _taken_in(policy, case)
        faults += [Fault(one.code, where + one.where, one.wrong, one.right) for one in taken.faults]
        faults += _unknown_names(policy, case.expect, f"{where}/expect")
    return faults


def run_cases(policy: CompiledPolicy, cases: Cases) -> tuple[CaseResult, ...]:
    """Apply a policy to each case that is not skipped. A fault in the answers of a case is a difference too."""
    return tuple(_run(policy, case) for case in cases.cases)


def result_of(policy: CompiledPolicy, case: Case) -> Result:
    """What the policy makes of one case."""
    return evaluate(policy, call_of(policy, case), case.at)


def call_of(policy: CompiledPolicy, case: Case) -> Call:
    """The call that a case describes, taken in as the service takes it; an answer that does not fit is `invalid`."""
    return _call(policy, case, _taken_in(policy, case))


def _run(policy: CompiledPolicy, case: Case) -> CaseResult:
    if case.skip is not None:
        return CaseResult(case.id, passed=False, differences=(), skipped=case.skip)
    taken = _taken_in(policy, case)
    differences = [f"the input is not taken: {fault.as_text()}" for fault in taken.faults]
    differences += _differences(case.expect, evaluate(policy, _call(policy, case, taken), case.at))
    return CaseResult(case.id, not differences, tuple(differences))


def _taken_in(policy: CompiledPolicy, case: Case) -> Intake:
    answers = [given.model_dump(mode="json", exclude_defaults=True) for given in case.answers]
    checks = [CheckDone(check=one.check, result=one.result, done_at=one.done_at) for one in case.checks]
    return take_in(policy, answers, checks, at=case.at, supervisor=False)


def _call(policy: CompiledPolicy, case: Case, taken: Intake) -> Call:
    return Call(
        policy=PolicyUsed(id=policy.policy.id, version=policy.policy.version, digest=policy.digest),
        engine=Engine(version="cases"),
        contact=Contact(**case.contact.model_dump()),
        incident=case.incident,
        people=tuple(Person(ref=person.ref, roles=person.roles) for person in case.people),
        answers=tuple(taken.claims),
        checks=tuple(taken.checks),
    )


def _unknown_names(policy: CompiledPolicy, expect: Expectation, where: str) -> Iterator[Fault]:
    document = policy.policy
    rules = [rule.id for rule in document.rules] + [guard.id for guard in document.precautions]
    reply = expect.response or ExpectedResponse()
    facts = list(policy.terms)
    responses = [response.id for response in document.responses]
    flags = [flag.id for flag in document.flags]
    named: tuple[tuple[str, Sequence[str], Sequence[str]], ...] = (
        ("response/refused", reply.refused, responses),
        ("response/permitted", reply.permitted, responses),
        ("reasons", expect.reasons, rules),
        ("not_reasons", expect.not_reasons, rules),
        ("questions", expect.questions, facts),
        ("duties", expect.duties, [duty.id for duty in document.duties]),
        ("flags", expect.flags, flags),
        ("not_flags", expect.not_flags, flags),
        ("needs", expect.needs, [need.id for need in document.specified_needs]),
        ("checks", expect.checks, [check.id for check in document.checks]),
        ("timers", expect.timers, [timer.id for timer in document.timers]),
        ("not_timers", expect.not_timers, [timer.id for timer in document.timers]),
        ("findings", [one.element for one in expect.findings], [element.id for element in document.elements]),
    )
    for member, names, known in named:
        for place, name in enumerate(names):
            if name not in known:
                yield _unknown(name, known, f"{where}/{member}/{place}")
    told = [telling.id for telling in document.victims_code.tell] if document.victims_code else []
    for place, victim in enumerate(expect.victims):
        for step, name in enumerate(victim.tell):
            if name not in told:
                yield _unknown(name, told, f"{where}/victims/{place}/tell/{step}")
    if expect.first_question is not None and expect.first_question not in facts:
        yield _unknown(expect.first_question, facts, f"{where}/first_question")


def _unknown(name: str, known: Sequence[str], where: str) -> Fault:
    return Fault("unknown_name", where, f'the policy has no "{name}"', suggested(name, known, "that it has"))


def _differences(expect: Expectation, result: Result) -> Iterator[str]:
    yield from _grade_differences(expect.grade, result)
    yield from _response_differences(expect.response or ExpectedResponse(), result)
    asked = [question.fact for question in result.questions]
    reasons = [reason.id for reason in result.reasons]
    yield from _missing("reason", expect.reasons, reasons)
    yield from (f"reason: expected no {name}, got it" for name in expect.not_reasons if name in reasons)
    yield from _missing("open question", expect.questions, asked)
    yield from _missing("duty", expect.duties, [owed.duty for owed in result.duties])
    yield from _missing("flag", expect.flags, result.flags)
    yield from _missing("specified need", expect.needs, result.needs)
    yield from _obligation_differences(expect, result)
    levels = {found.element: found.level for found in result.findings}
    for wanted in expect.findings:
        got = levels.get(wanted.element, Level.NONE)
        if got.rank < wanted.level.rank:
            yield f"finding {wanted.element}: expected at least {wanted.level}, got {got}"
    yield from (f"flag: expected no {name}, got it" for name in expect.not_flags if name in result.flags)
    if expect.first_question is not None and asked[:1] != [expect.first_question]:
        yield f"first question: expected {expect.first_question}, got {asked[0] if asked else 'none'}"
    for difference in _truth_differences("may_stop", expect.may_stop, result.may_stop):
        yield difference if result.may_stop else f"{difference} (open: {', '.join(dict.fromkeys(asked))})"
    yield from _truth_differences("provisional", expect.provisional, result.provisional)


def _obligation_differences(expect: Expectation, result: Result) -> Iterator[str]:
    running = [timer.timer for timer in result.timers or ()]
    yield from _missing("due check", expect.checks, [check.check for check in result.checks or ()])
    yield from _missing("timer", expect.timers, running)
    yield from (f"timer: expected no {name}, it runs" for name in expect.not_timers if name in running)
    owed = {victim.about: victim for victim in result.victims or ()}
    for wanted in expect.victims:
        got = owed.get(wanted.about)
        if got is None:
            yield f"victim {wanted.about or '(unnamed)'}: expected one, got none"
            continue
        if wanted.category is not None and got.category != wanted.category:
            yield f"victim {wanted.about or '(unnamed)'}: expected {wanted.category}, got {got.category}"
        yield from _missing("to tell a victim", wanted.tell, [one.id for one in got.tell])


def _grade_differences(expect: ExpectedGrade, result: Result) -> Iterator[str]:
    got = result.national.recommended
    because = f"by {result.basis.kind} {', '.join(result.basis.ids)}".rstrip()
    if expect.is_ is not None and got is not expect.is_:
        yield f"grade: expected {expect.is_}, got {got} ({because})"
    if expect.at_least is not None and got.rank < expect.at_least.rank:
        yield f"grade: expected at least {expect.at_least}, got {got} ({because})"
    if expect.at_most is not None and got.rank > expect.at_most.rank:
        yield f"grade: expected at most {expect.at_most}, got {got} ({because})"


def _response_differences(expect: ExpectedResponse, result: Result) -> Iterator[str]:
    required = result.response.require or "nothing"
    if expect.require is not None and expect.require != required:
        yield f"required response: expected {expect.require}, got {required}"
    yield from _missing("refused response", expect.refused, [one.response for one in result.response.refused])
    yield from _missing("permitted response", expect.permitted, result.response.permitted)


def _missing(kind: str, expected: Iterable[str], got: Sequence[str]) -> Iterator[str]:
    for name in expected:
        if name not in got:
            yield f"{kind}: expected {name}, got {', '.join(got) or 'none'}"


def _truth_differences(name: str, expected: bool | None, got: bool) -> Iterator[str]:
    if expected is not None and expected is not got:
        yield f"{name}: expected {'yes' if expected else 'no'}, got {'yes' if got else 'no'}"
