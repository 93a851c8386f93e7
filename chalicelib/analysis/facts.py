"""What is so of each fact: more danger giving a lower grade, questions of no use or never put. It judges no rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial

from chalicelib.analysis.calls import Calls, rank_of
from chalicelib.analysis.checks import Check
from chalicelib.analysis.effects import all_effects, bringing
from chalicelib.analysis.findings import Finding, Severity
from chalicelib.analysis.formula import Formula, denied, variables
from chalicelib.analysis.pairs import Lasting, Pair
from chalicelib.analysis.search import Goal, Witness
from chalicelib.policy.document import Purpose
from chalicelib.policy.vocabulary import Term, Variable


def checks_of_facts(calls: Calls) -> Iterator[Check]:
    """The questions about each fact."""
    second: dict[int, int] = {}
    used = calls.reading.used()
    gates = {gate.fact: gate.asked for gate in calls.reading.gates}
    for place, (name, term) in enumerate(calls.reading.policy.terms.items()):
        where = f"/facts/{place}"
        pair = cache(partial(Pair, calls, [variable.index for variable in term.variables], second))
        known = any(variable.index in used for variable in term.variables)
        yield Check(where, f'"{name}" is of any use', partial(_unused, term, where, used))
        if name in gates:
            asking = partial(_never_asked, calls, term, where, gates[name], known)
            yield Check(f"{where}/asked_when", f'"{name}" can ever be asked', asking, Severity.ERROR)
        if known and term.fact.asked and Purpose.GRADE in term.fact.purpose:
            matters = partial(_never_matters, calls, term, where, pair)
            yield Check(where, f'the answer to "{name}" can ever matter', matters)
        for step, variable in enumerate(term.variables):
            if variable.worse and variable.index in used:
                pointer = f"{where}/options/{step}" if variable.tag else where
                monotone = partial(_not_monotone, calls, variable, pointer, pair)
                whether = f'more danger in "{name}" can give a lower grade'
                yield Check(pointer, whether, monotone, Severity.ERROR)


def _unused(term: Term, where: str, used: frozenset[int]) -> Finding | None:
    """Whether no condition looks at a fact, or at one of its tags, and no other purpose is served by asking."""
    fact = term.fact
    if set(fact.purpose) != {Purpose.GRADE}:
        return None
    idle = [variable for variable in term.variables if variable.index not in used]
    if not idle:
        return None
    if len(idle) == len(term.variables):
        does = "asked" if fact.asked else "counted" if fact.history else "read off the clock"
        says = f'"{fact.id}" is {does} for the grade, and no condition looks at it.'
        return Finding(code="unused_fact", severity=Severity.WARNING, pointer=where, says=says)
    tags = ", ".join(f'"{variable.tag}"' for variable in idle)
    says = f'No condition looks at {tags} of "{fact.id}".'
    return Finding(code="unused_fact", severity=Severity.HINT, pointer=f"{where}/options", says=says)


def _never_asked(calls: Calls, term: Term, where: str, asked: Formula, known: bool) -> Finding | None:
    if calls.find([calls.true(asked)]) is not None:
        return None
    says = f'"{term.fact.id}" can never be asked: no call makes its `asked_when` true.'
    if known:
        says += " Conditions that look at it always find it as it is otherwise."
    severity = Severity.ERROR if known else Severity.WARNING
    return Finding(code="never_asked", severity=severity, pointer=f"{where}/asked_when", says=says)


def _not_monotone(calls: Calls, variable: Variable, pointer: str, the_pair: Callable[[], Pair]) -> Finding | None:
    """A pair of calls, alike but for one answer, in which the more dangerous answer gives the lower grade."""
    reading, base = calls.reading, calls.reading.policy.base_rank
    touching = [floor for floor in reading.floors if floor.rank > 0 and the_pair().touches(floor)]
    ways = [(floor.when, floor.rank) for floor in touching]
    ways += [(denied(reading.earned), base)] if base > 0 else []
    lasts = Lasting(reading, variable)
    for when, rank in ways:
        if lasts(when):
            continue
        found = the_pair().find([the_pair().worse(variable.index), calls.true(when), *the_pair().below_in_second(rank)])
        if found is not None:
            return _lowered(calls, variable, pointer, the_pair(), found)
    return None


def _lowered(calls: Calls, variable: Variable, pointer: str, pair: Pair, found: Witness) -> Finding:
    policy = calls.reading.policy
    mild, bad = calls.example(found), pair.example(found)
    was, becomes = (policy.grades[rank_of(calls.reading, values)].title for values in (found, pair.second_of(found)))
    told = [calls.told([one for one in side if one.fact == variable.fact], variable.fact) for side in (mild, bad)]
    rest = calls.told([one for one in mild if one.fact != variable.fact])
    says = f"More danger gives a lower grade: with {told[0]} the grade is {was}, with {told[1]} it is {becomes}"
    says += f", while {rest}." if rest else ", everything else alike."
    return Finding(code="not_monotone", severity=Severity.ERROR, pointer=pointer, says=says, example=mild, against=bad)


def _never_matters(calls: Calls, term: Term, where: str, the_pair: Callable[[], Pair]) -> Finding | None:
    """Whether no two calls that differ in a fact differ in grade, response, findings, flags, duties or anything due."""
    pair, reading = the_pair(), calls.reading
    if any(not pair.differ.isdisjoint(variables(part)) for fear in reading.fears for part in (fear.on, fear.scope)):
        return None  # it matters while it is not known
    differ = pair.different()
    if any(pair.find([differ, *goals]) is not None for goals in _told_apart(calls, pair)):
        return None
    fact = term.fact
    serves = set(fact.purpose) == {Purpose.GRADE}
    says = f'The answer to "{fact.id}" never matters: it changes no grade, response, finding, flag or duty.'
    return Finding(
        code="question_never_matters",
        severity=Severity.WARNING if serves else Severity.HINT,
        pointer=where,
        says=says if serves else f"{says} It is still asked for its other purposes.",
    )


def _told_apart(calls: Calls, pair: Pair) -> Iterator[list[Goal]]:
    """The ways in which two calls can come to different results, as goals."""
    reading = calls.reading
    for floor in reading.floors:
        if floor.rank > 0 and pair.touches(floor):
            yield [calls.true(floor.when), *pair.below_in_second(floor.rank)]
    base = reading.policy.base_rank
    if base > 0 and not pair.differ.isdisjoint(variables(reading.earned)):
        yield [calls.false(reading.earned), *pair.below_in_second(base)]
    for effect in all_effects(reading):
        bring = bringing(reading, effect)
        if any(pair.touches(floor) for floor in bring):
            absent = [pair.true_of_second(floor.fails) for floor in bring]
            yield from ([calls.true(floor.when), *absent] for floor in bring if pair.touches(floor))
    for named in (*reading.needs, *reading.due):
        if not pair.differ.isdisjoint(variables(named.when)):
            yield [calls.true(named.when), pair.true_of_second(denied(named.when))]
