"""A call played question by question until nothing more need be asked. It measures no time and knows no store.

The player puts one of the open questions, hears what is said, evaluates again, and counts. It is a function of its
arguments alone, so that a test can play the same calls.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bench._worlds import World, a_call, claim, value_of
from chalicelib.assessment.call import Call, CheckDone, Claim
from chalicelib.assessment.contact import ContactState
from chalicelib.assessment.decision import Result
from chalicelib.assessment.evaluate import evaluate
from chalicelib.assessment.standing import standing_of
from chalicelib.authoring.cases import BEGINS
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Absence, FactType
from chalicelib.policy.nodes import FALSE, TRUE, Masks
from chalicelib.policy.vocabulary import Term

Order = Callable[[CompiledPolicy, Result], str]
"""Which of the open questions is put."""


def best_first(policy: CompiledPolicy, result: Result) -> str:
    """The order in which the service lists them."""
    return result.questions[0].fact


def document_order(policy: CompiledPolicy, result: Result) -> str:
    """The order in which the policy's document has their facts, as on a fixed card."""
    still_open = {question.fact for question in result.questions}
    return next(name for name in policy.terms if name in still_open)


class Told(NamedTuple):
    """What comes of a question: answers, and look-ups that were made for it."""

    answers: tuple[Claim, ...] = ()
    checks: tuple[CheckDone, ...] = ()


Hearing = Callable[[str], Told]
"""What is said when the question of a fact is put."""


@dataclass(frozen=True, slots=True)
class Played:
    """A call from its first question to its last."""

    asked: tuple[str, ...]
    until_settled: int | None
    """After how many questions no answer could change the grade any more; None: not even after the last."""
    until_stop: int | None
    """After how many questions the call could stop; None: not even after the last."""
    result: Result
    """What came of it."""
    ended: str
    """The grade when the caller then hangs up: a precaution may count from the end of the call."""


class AskedAgain(Exception):
    """A question was put a second time."""


def play(policy: CompiledPolicy, call: Call, hear: Hearing, order: Order) -> Played:
    """Put one question after another until the call may stop or none is open. Raises AskedAgain."""
    asked: list[str] = []
    settled: int | None = None
    while True:
        result = evaluate(policy, call, BEGINS)
        if settled is None and result.grade_settled:
            settled = len(asked)
        if result.may_stop or not result.questions:
            ended = evaluate(policy, _ended(call), BEGINS).recommended
            return Played(tuple(asked), settled, len(asked) if result.may_stop else None, result, ended)
        name = order(policy, result)
        if name in asked:
            raise AskedAgain(f'"{name}" of {policy.policy.id}, after {", ".join(asked)}')
        asked.append(name)
        call = _after(call, hear(name))


def whole_card(policy: CompiledPolicy, call: Call, hear: Hearing) -> tuple[str, ...]:
    """What a fixed card asks that goes on to its end: every question but those whose `asked_when` is known false."""
    asked: list[str] = []
    while True:
        standing = standing_of(policy, call, BEGINS)
        gates = {name: standing.gates.get(name, TRUE) for name in policy.terms}
        waiting = [
            name
            for name, term in policy.terms.items()
            if term.fact.asked and name not in asked and gates[name] != FALSE and not standing.known(term)
        ]
        if not waiting:
            return tuple(asked)
        name = next((name for name in waiting if gates[name] == TRUE), waiting[0])
        asked.append(name)
        call = _after(call, hear(name))


def _ended(call: Call) -> Call:
    return call.model_copy(update={"contact": call.contact.model_copy(update={"state": ContactState.COMPLETED})})


def _after(call: Call, told: Told) -> Call:
    return call.model_copy(update={"answers": (*call.answers, *told.answers), "checks": (*call.checks, *told.checks)})


def hearing_of(policy: CompiledPolicy, call: Call) -> tuple[Call, Hearing]:
    """A call with nothing said yet, and what is said when asked: what the call holds, and the best for the rest.

    What it does not mention is what nobody would mention, because it is not there.
    """
    about = {check.id: {meaning.fact for meaning in check.results} for check in policy.policy.checks}
    empty = a_call(policy, ()).model_copy(update={"people": call.people})

    def hear(name: str) -> Told:
        # What could not be read is said again until it can be.
        answers = tuple(said for said in call.answers if said.fact == name and said.absent is not Absence.INVALID)
        checks = tuple(done for done in call.checks if name in about.get(done.check, ()))
        so_far = standing_of(policy, empty.model_copy(update={"answers": answers, "checks": checks}), BEGINS)
        if name in so_far.closed or Absence.PENDING in so_far.reasons[name]:
            return Told(answers, checks)
        return Told((*answers, *_the_best(policy.terms[name], so_far.masks)), checks)

    return empty, hear


def hearing_in(policy: CompiledPolicy, world: World) -> tuple[Call, Hearing]:
    """A call with nothing said yet in a world, and what is said there when asked."""
    return hearing_of(policy, a_call(policy, world.values()))


def _the_best(term: Term, masks: Masks) -> Sequence[Claim]:
    """The least bad of what is open about a fact, as a claim; nothing when nothing is open."""
    still_open = [one for one in term.variables if masks[one.index] & (masks[one.index] - 1)]
    if not still_open:
        return ()
    if term.fact.type is FactType.SET:
        return (claim(term, ruled_out=tuple(one.tag for one in still_open)),)
    mask, worse = masks[still_open[0].index], still_open[0].worse
    lowest, highest = mask & -mask, 1 << mask.bit_length() - 1
    usual = 0 if term.fact.otherwise is None else mask & 1 << term.cell(term.fact.otherwise)
    return (claim(term, value=value_of(term, usual if usual and not worse else highest if worse < 0 else lowest)),)
