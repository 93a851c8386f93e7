"""`analyse(policy)`: everything that can be told of one policy over every possible call, exactly. It changes nothing.

Everything rests on one question: is there a complete call, or a state of knowledge, in which these conditions hold and
those do not? Where the search for it meets its limit the finding is `not_decided`, never silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from chalicelib.analysis.calls import Calls
from chalicelib.analysis.checks import Check, findings_of
from chalicelib.analysis.facts import checks_of_facts
from chalicelib.analysis.findings import Finding, Severity
from chalicelib.analysis.guarantees import checks_of_guarantees
from chalicelib.analysis.precautions import checks_of_precautions
from chalicelib.analysis.reading import Named, Reading, read
from chalicelib.analysis.rules import checks_of_rules
from chalicelib.policy.compiled import CompiledPolicy


def analyse(policy: CompiledPolicy) -> tuple[Finding, ...]:
    """All findings about a policy: guarantees first, then in the order of the parts of a document."""
    reading = read(policy)
    calls = Calls(reading)
    return tuple(
        finding
        for checks in (
            checks_of_guarantees(calls),
            _of_the_lowest_grade(calls),
            checks_of_facts(calls),
            _of_conditions(calls),
            checks_of_rules(calls),
            checks_of_precautions(calls),
        )
        for finding in findings_of(checks)
    )


def _of_the_lowest_grade(calls: Calls) -> Iterator[Check]:
    yield Check("/base_grade", "some call is graded by the base alone", partial(_gap, calls), Severity.HINT)
    yield Check("/earned_when", "the lowest grade can be earned", partial(_never_earned, calls))


def _gap(calls: Calls) -> Finding | None:
    """A call that falls through all rules: no rule says more than the lowest grade, and that is not earned."""
    reading = calls.reading
    found = calls.find([*calls.below(1), calls.false(reading.earned)])
    if found is None:
        return None
    answers = calls.example(found)
    base = reading.policy.grades[reading.policy.base_rank].title
    says = "Some calls fall through: everything is answered, no rule gives a grade, and the lowest is not earned. "
    says += f"They get {base} from the base alone. One is where {calls.told(answers)}."
    return Finding(code="gap", severity=Severity.HINT, pointer="/base_grade", says=says, example=answers)


def _never_earned(calls: Calls) -> Finding | None:
    reading = calls.reading
    if calls.find([*calls.below(1), calls.true(reading.earned)]) is not None:
        return None
    lowest = reading.policy.grades[0].title
    says = f"No call ever gets {lowest}: wherever `earned_when` holds, some rule gives more, or it never holds."
    return Finding(code="never_true", severity=Severity.WARNING, pointer="/earned_when", says=says)


def _of_conditions(calls: Calls) -> Iterator[Check]:
    reading: Reading = calls.reading
    for group, kind, severity in (
        (reading.impossible, "combination", Severity.HINT),
        (reading.conditions, "condition", Severity.WARNING),
        (reading.needs, "specified need", Severity.ERROR),
        (reading.due, "part", Severity.WARNING),
    ):
        for named in group:
            ask = partial(_never_true, calls, named, kind, severity)
            yield Check(named.pointer, f'the {kind} "{named.id}" can ever hold', ask, severity)


def _never_true(calls: Calls, named: Named, kind: str, severity: Severity) -> Finding | None:
    goals = [calls.true(named.when)]
    found = calls.problem.find([*calls.asked, *goals]) if kind == "combination" else calls.find(goals)
    if found is not None:
        return None
    says = f'The {kind} "{named.id}" never comes about: no call makes its condition true.'
    return Finding(code="never_true", severity=severity, pointer=named.pointer, says=says)
