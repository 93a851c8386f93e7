"""Whether what a policy promises of every call is so: proved by its rules alone, or refuted by a call. No repair."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from chalicelib.analysis.calls import Calls
from chalicelib.analysis.checks import Check
from chalicelib.analysis.effects import Effect, bringing, in_words
from chalicelib.analysis.findings import Finding, Severity
from chalicelib.analysis.formula import Formula
from chalicelib.analysis.reading import Floor
from chalicelib.policy.obligations import Guarantee


def checks_of_guarantees(calls: Calls) -> Iterator[Check]:
    """The questions about each guarantee."""
    for place, (promise, when) in enumerate(
        zip(calls.reading.document.guarantees, calls.reading.promises, strict=True)
    ):
        where = f"/guarantees/{place}"
        whether = f'the guarantee "{promise.id}" holds'
        yield Check(where, whether, partial(_of_promise, calls, promise, when, where), Severity.ERROR)


def _of_promise(calls: Calls, promise: Guarantee, when: Formula, where: str) -> Finding | None:
    speaks = calls.find([calls.true(when)])
    if speaks is None:
        says = f'The guarantee "{promise.id}" promises nothing: no call makes its condition true.'
        return Finding(code="never_true", severity=Severity.WARNING, pointer=f"{where}/when", says=says)
    parts = list(_parts(calls, promise))
    for asked in (True, False):
        for pointer, words, floors in parts:
            goals = [calls.true(when), *(calls.true(floor.fails) for floor in floors)]
            witness = calls.find(goals, asked=asked)
            if witness is not None:
                answers = calls.example(witness, asked=asked)
                told = calls.told(answers, *calls.facts(when))
                if asked:
                    says = f'The guarantee "{promise.id}" does not hold: {words} in a call where {told}.'
                else:
                    says = f'The guarantee "{promise.id}" holds where only what is due is asked. {_UNASKED}: '
                    says += f"{words} where {told}."
                return Finding(
                    code="guarantee_refuted" if asked else "guarantee_unasked",
                    severity=Severity.ERROR if asked else Severity.WARNING,
                    pointer=f"{where}/{pointer}",
                    says=says,
                    example=answers,
                )
    says = f'The guarantee "{promise.id}" is proved for every possible call.'
    return Finding(
        code="guarantee_proved", severity=Severity.HINT, pointer=where, says=says, example=calls.example(speaks)
    )


_UNASKED = "Somebody may also answer what was not asked, and then it does not"


def _parts(calls: Calls, promise: Guarantee) -> Iterator[tuple[str, str, list[Floor]]]:
    """Each thing promised: where it stands, what is so when it is broken, and the rules that keep it."""
    reading = calls.reading
    if promise.at_least is not None:
        rank = reading.policy.rank_of(promise.at_least)
        title = reading.policy.grades[rank].title
        if rank > 0:
            yield "at_least", f"no rule gives {title} or more", reading.reaching(rank)
    found = [("attendance", Effect("attendance"))] if promise.attendance else []
    found += [(f"never/{step}", Effect("refusal", name)) for step, name in enumerate(promise.never)]
    found += [(f"flags/{step}", Effect("flag", name)) for step, name in enumerate(promise.flags)]
    found += [(f"duties/{step}", Effect("duty", name)) for step, name in enumerate(promise.duties)]
    for pointer, effect in found:
        yield pointer, in_words(reading, effect)[1], bringing(reading, effect)
