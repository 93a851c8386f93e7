"""What is so of each rule among the others: never true, without effect, a duplicate, masked. Precautions are apart.

A rule's effect on the grade is judged by the rules alone: the base only stands in until the lowest grade is earned, and
a rule that the base hides still makes the grade certain.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from functools import partial

from chalicelib.analysis.calls import Calls
from chalicelib.analysis.checks import Check
from chalicelib.analysis.effects import bringing, effects_of
from chalicelib.analysis.findings import Answered, Code, Finding, Severity
from chalicelib.analysis.formula import Both, Formula, holds
from chalicelib.analysis.reading import Floor
from chalicelib.analysis.search import Witness


def checks_of_rules(calls: Calls) -> Iterator[Check]:
    """The questions about each rule."""
    for floor in calls.reading.floors:
        yield Check(floor.pointer, f'the rule "{floor.rule.id}" has any effect', partial(_of_rule, calls, floor))
    yield from _mergeable(calls)


def _of_rule(calls: Calls, floor: Floor) -> Finding | None:
    """The first thing worth telling of one rule."""
    witness = calls.find([calls.true(floor.when)])
    if witness is None:
        return _never(calls, floor)
    if calls.find([calls.true(floor.fails)]) is None:
        says = f'The rule "{floor.rule.id}" holds in every call.'
        severity = Severity.WARNING if floor.rank > 0 else Severity.HINT
        return _finding("always_true", severity, floor, says, calls.example(witness))
    if floor.rank == 0:
        return _without_effect(calls, floor, witness, ())
    return _hidden(calls, floor, witness) if floor.rank > 0 else _idle(calls, floor, witness)


def _never(calls: Calls, floor: Floor) -> Finding:
    says = f'The rule "{floor.rule.id}" can never hold: no call makes its condition true.'
    stray = calls.find([calls.true(floor.when)], asked=False)
    if stray is not None:
        says += " It would take an answer to a question that is not asked then."
    return Finding(
        code="never_true",
        severity=Severity.ERROR,
        pointer=floor.pointer,
        says=says,
        example=() if stray is None else calls.example(stray, asked=False),
    )


def _hidden(calls: Calls, floor: Floor, witness: Witness) -> Finding | None:
    """Whether other rules of the same or a higher grade always hold where this one does, and which."""
    others = [other for other in calls.reading.reaching(floor.rank) if other is not floor]
    twin = any(other.when == floor.when for other in others)
    if (
        not twin
        and calls.find(calls.below(floor.rank) - {calls.true(floor.fails)} | {calls.true(floor.when)}) is not None
    ):
        return None
    covering = [other for other in others if holds(other.when, witness) and _implies(calls, floor, other)]
    same = [other for other in covering if _implies(calls, other, floor)]
    later = [other for other in same if other.rank == floor.rank and other.place > floor.place]
    if later and _alone(calls, floor, [other for other in others if other not in later]):
        return None
    return _without_effect(calls, floor, witness, [other for other in covering if other not in later], same)


def _idle(calls: Calls, floor: Floor, witness: Witness) -> Finding | None:
    """Whether a rule without a grade does nothing that others do not always do with it."""
    twins = {other.place for other in calls.reading.floors if other.when == floor.when and other.place > floor.place}
    if _alive(calls, floor, twins):
        return None
    says = f'All that the rule "{floor.rule.id}" brings about other rules bring about with it in every call. It can go.'
    return _finding("no_effect", Severity.WARNING, floor, says, calls.example(witness))


def _alone(calls: Calls, floor: Floor, others: Iterable[Floor]) -> bool:
    return calls.find([calls.true(floor.when), *(calls.true(other.fails) for other in others)]) is not None


def _implies(calls: Calls, one: Floor, other: Floor) -> bool:
    return calls.find([calls.true(one.when), calls.true(other.fails)]) is None


def _without_effect(
    calls: Calls, floor: Floor, witness: Witness, covering: Iterable[Floor], same: Iterable[Floor] = ()
) -> Finding:
    """What to say of a rule that never changes the grade, and whether it does anything else."""
    by = sorted(covering, key=lambda other: (other not in same, -other.rank, other.place))[:1]
    rest = _alive(calls, floor)
    does = f"It still matters for {rest}." if rest else "It changes nothing else either and can go."
    code: Code = "no_effect"
    if floor.rank == 0:
        says = f'The rule "{floor.rule.id}" gives the lowest grade, which every call has anyway.'
    elif by and by[0] in same:
        code = "duplicate"
        says = f'The rule "{floor.rule.id}" holds in exactly the calls in which "{by[0].rule.id}" does'
        says += "." if by[0].rank == floor.rank else ", which gives a higher grade."
    elif by:
        code = "masked_by"
        says = f'Wherever the rule "{floor.rule.id}" holds, "{by[0].rule.id}" does too, with '
        says += "the same grade." if by[0].rank == floor.rank else "a higher grade."
    else:
        says = f'The rule "{floor.rule.id}" never changes the grade: where it holds, there is always another as high.'
    severity = Severity.HINT if rest else Severity.WARNING
    found = _finding(code, severity, floor, f"{says} {does}", calls.example(witness))
    return found.model_copy(update={"by": tuple(other.rule.id for other in by)})


def _alive(calls: Calls, floor: Floor, twins: Container[int] = ()) -> str:
    """What a rule brings about, beside the grade, that no other brings about in some call; empty for nothing.

    Rules at the places of `twins` do not count as others.
    """
    names = {
        "attendance": "the response",
        "refusal": "the response",
        "refusal_for_all": "the response",
        "finding": "findings",
        "flag": "flags",
        "duty": "duties",
    }
    found: dict[str, None] = {}
    for effect in effects_of(calls.reading, floor):
        name = names[effect.kind]
        if name not in found:
            bring = bringing(calls.reading, effect)
            others = [other for other in bring if other is not floor and other.place not in twins]
            if _alone(calls, floor, others):
                found[name] = None
    words = list(found)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def _mergeable(calls: Calls) -> Iterator[Check]:
    """Pairs of rules that could be one: the same effects, and conditions that differ in one part about one fact."""
    known: dict[object, list[Floor]] = {}
    for floor in calls.reading.floors:
        known.setdefault(_effects(floor), []).append(floor)
    for alike in known.values():
        for place, second in enumerate(alike):
            first = next((first for first in alike[:place] if _differ_in_one(calls, first, second)), None)
            if first is not None:
                yield Check(second.pointer, "two rules could be one", partial(_merge, second, first))


def _merge(floor: Floor, first: Floor) -> Finding:
    says = f'The rules "{first.rule.id}" and "{floor.rule.id}" do the same and differ in one part about one fact: '
    says += "they could be one rule, if their reasons may be told in one."
    return Finding(
        code="mergeable", severity=Severity.HINT, pointer=floor.pointer, says=says, by=(first.rule.id, floor.rule.id)
    )


def _effects(floor: Floor) -> object:
    rule = floor.rule
    return rule.grade, frozenset(rule.findings), rule.response, frozenset(rule.flags), frozenset(rule.duties)


def _differ_in_one(calls: Calls, one: Floor, other: Floor) -> bool:
    if one.rule.unless is not None or other.rule.unless is not None:
        return False
    parts, against = _parts(one.when), _parts(other.when)
    apart = (parts - against, against - parts)
    if [len(side) for side in apart] != [1, 1]:
        return False
    facts = [frozenset(calls.facts(*side)) for side in apart]
    return facts[0] == facts[1] and len(facts[0]) == 1


def _parts(formula: Formula) -> frozenset[Formula]:
    return frozenset(formula.parts) if isinstance(formula, Both) else frozenset((formula,))


def _finding(code: Code, severity: Severity, floor: Floor, says: str, example: tuple[Answered, ...]) -> Finding:
    return Finding(code=code, severity=severity, pointer=floor.pointer, says=says, example=example)
