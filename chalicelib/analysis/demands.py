"""What a policy demands in a call beside what its rules bring about: questions, checks, timers, what victims are told.

Each is a condition with its words. It asks nothing. That a demand is new or gone is a change of the document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple, TypeAlias

from chalicelib.analysis.formula import ALWAYS, NEVER, Formula, denied
from chalicelib.analysis.reading import Reading
from chalicelib.policy.conditions import Condition

Kind = Literal["specified_need", "question", "check", "timer", "victim", "telling"]
Key: TypeAlias = "tuple[Kind, str]"


class Demand(NamedTuple):
    """When something is demanded, and how that and its denial are said."""

    when: Formula
    words: tuple[str, str]


def demands_of(reading: Reading) -> Mapping[Key, Demand]:
    """All that conditions of a policy demand by themselves, each under its kind and id."""
    return {**dict(_of_calls(reading)), **dict(_of_victims(reading))}


def _of_calls(reading: Reading) -> Iterator[tuple[Key, Demand]]:
    document = reading.document
    for need in document.specified_needs:
        says = f'the specified need "{need.id}" is'
        yield ("specified_need", need.id), Demand(reading.formula(need.when), (f"{says} there", f"{says} not there"))
    for fact in document.facts:
        if fact.asked:
            says = f'the question "{fact.question}" is'
            yield ("question", fact.id), Demand(_when(reading, fact.asked_when), (f"{says} put", f"{says} not put"))
    for check in document.checks:
        says = f'the check "{check.title}" is'
        due = NEVER if check.due_when is None else reading.formula(check.due_when)
        yield ("check", check.id), Demand(due, (f"{says} due", f"{says} not due"))
    for timer in document.timers:
        says = f'the timer "{timer.title}"'
        words = (f"{says} runs with its grades", f"{says} does not run")
        yield ("timer", timer.id), Demand(_when(reading, timer.when), words)


def _of_victims(reading: Reading) -> Iterator[tuple[Key, Demand]]:
    code = reading.document.victims_code
    if code is None:
        return
    for category in code.categories:
        says = f'as "{category.title}"'
        words = (f"a victim counts {says}", f"no victim counts {says}")
        yield ("victim", category.id), Demand(reading.formula(category.when), words)
    for telling in code.tell:
        words = (f'a victim is told: "{telling.title}"', f'no victim is told: "{telling.title}"')
        yield ("telling", telling.id), Demand(_when(reading, telling.when), words)
    left = NEVER if code.leave_to_officer_when is None else reading.formula(code.leave_to_officer_when)
    words = ("a victim is told all in the call", "what can wait is left to the officer to tell")
    yield ("telling", "leave_to_officer_when"), Demand(denied(left), words)


def _when(reading: Reading, condition: Condition | None) -> Formula:
    return ALWAYS if condition is None else reading.formula(condition)
