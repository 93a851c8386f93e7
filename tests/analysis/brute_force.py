"""What an analysis should find, by plain enumeration of small policies' calls with the tests that evaluation uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product

from chalicelib.analysis.findings import Answered
from chalicelib.assessment.call import Call, Claim
from chalicelib.assessment.completions import Completions
from chalicelib.assessment.contact import ContactState
from chalicelib.assessment.decision import Result
from chalicelib.assessment.evaluate import evaluate
from chalicelib.assessment.standing import NONE_OF_THESE, standing_of
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Absence, FactType, Source
from chalicelib.policy.nodes import FALSE, TRUE
from chalicelib.policy.vocabulary import Term
from tests.strategies import BEGINS, a_call, claim

Masks = list[int]
World = Mapping[str, object]
"""For each fact its value; of a set the tags that are there."""


def complete_calls(policy: CompiledPolicy) -> Iterator[Masks]:
    """Every complete call that is possible: what is not asked is as it is otherwise."""
    cells = [[1 << cell for cell in range(len(variable.cells))] for variable in policy.variables]
    for whole in product(*cells):
        masks = list(whole)
        if as_asked(policy, masks) == masks and is_possible(policy, masks):
            yield masks


def as_asked(policy: CompiledPolicy, masks: Sequence[int], told: frozenset[int] = frozenset()) -> Masks:
    """A complete call with the variables that are neither asked nor told unasked as they are otherwise."""
    found = list(masks)
    for gate in policy.gates:
        if gate.node.test(found) == FALSE:
            for index, mask in gate.otherwise:
                found[index] = found[index] if index in told else mask
    return found


def is_possible(policy: CompiledPolicy, masks: Sequence[int]) -> bool:
    """Whether nothing holds that the policy calls impossible."""
    return all(node.test(masks) == FALSE for _, node in policy.impossible)


def grade_of(policy: CompiledPolicy, masks: Sequence[int]) -> int:
    """The rank of the grade of a complete call, by rules and base."""
    held = [floor.rank for floor in policy.floors if floor.node.test(masks) == TRUE]
    return max(0, *held, 0 if policy.earned.test(masks) == TRUE else policy.base_rank)


def values_of(term: Term) -> list[object]:
    """Every value of a fact."""
    if term.fact.type is FactType.YES_NO:
        return [False, True]
    if term.fact.range:
        return list(range(term.fact.range.least, term.fact.range.most + 1))
    if term.fact.type is FactType.SET:
        return [tags for count in range(len(term.ids) + 1) for tags in combinations(term.ids, count)]
    return list(term.ids)


def worlds(*policies: CompiledPolicy) -> Iterator[dict[str, object]]:
    """Everything that may be so, as far as some policies with the same values ask."""
    terms = {name: term for policy in policies for name, term in policy.terms.items()}
    for values in product(*(values_of(term) for term in terms.values())):
        yield dict(zip(terms, values, strict=True))


def masks_of(policy: CompiledPolicy, world: World) -> Masks:
    """A world as a policy would see it if it asked everything."""
    found: Masks = []
    for name, term in policy.terms.items():
        value = world[name]
        if term.fact.type is FactType.SET:
            found += [2 if isinstance(value, tuple) and one.tag in value else 1 for one in term.variables]
        else:
            found.append(1 << term.cell(value))
    return found


def call_of(
    policy: CompiledPolicy, answers: Sequence[Answered], state: ContactState = ContactState.IN_PROGRESS
) -> Call:
    """An example as the call that it describes."""
    return a_call(*(_claim(policy, answer) for answer in answers), state=state)


def can_be(policy: CompiledPolicy, call: Call) -> bool:
    """Whether the answers of a call leave any way in which everything can turn out, and nothing impossible holds."""
    standing = standing_of(policy, call, BEGINS)
    odd = any(node.test(standing.masks) == TRUE for _, node in policy.impossible)
    return not odd and Completions(policy, standing.masks).exists([]) is True


def evaluated(policy: CompiledPolicy, answers: Sequence[Answered], state: ContactState | None = None) -> Result:
    """What an evaluation makes of an example."""
    return evaluate(policy, call_of(policy, answers, state or ContactState.IN_PROGRESS), BEGINS)


def _claim(policy: CompiledPolicy, answer: Answered) -> Claim:
    told = answer.model_dump(exclude_none=True)
    fact = policy.terms[told.pop("fact")].fact
    return claim(fact.id, **told, source=Source.HISTORY if fact.history else Source.CALLER)


def said(term: Term, value: object) -> Answered:
    """A whole value as an answer says it."""
    name = term.fact.id
    if isinstance(value, tuple):
        out = tuple(tag for tag in term.ids if tag not in value)
        return Answered(fact=name, present=value, ruled_out=out) if value else Answered(fact=name, value=NONE_OF_THESE)
    return Answered.model_validate({"fact": name, "value": value})


def states_of_knowledge(
    policies: Sequence[CompiledPolicy], reasons: Sequence[Absence]
) -> Iterator[tuple[list[Answered], ContactState]]:
    """What may be known of calls: of each fact its value, part of a scale or of a set, or nothing for a reason."""
    terms = {name: term for policy in policies for name, term in policy.terms.items()}
    for chosen in product(*(list(_states(term, reasons)) for term in terms.values())):
        answers = [answer for part in chosen for answer in part]
        for state in (ContactState.IN_PROGRESS, ContactState.LOST, ContactState.COMPLETED):
            yield answers, state


def _states(term: Term, reasons: Sequence[Absence]) -> Iterator[list[Answered]]:
    name, values = term.fact.id, values_of(term)
    yield from ([said(term, value)] for value in values)
    parts: list[list[Answered]] = [[]]
    if term.fact.type is FactType.SET:
        first = str(term.ids[0])
        parts += [[Answered(fact=name, present=(first,))], [Answered(fact=name, ruled_out=(first,))]]
    elif term.fact.type in (FactType.ORDERED, FactType.WHOLE):
        middle = values[1]
        parts.append([Answered.model_validate({"fact": name, "at_least": middle})])
        parts.append([Answered.model_validate({"fact": name, "at_most": middle})])
    for part in parts:
        for reason in reasons:
            yield part if reason is Absence.NOT_ASKED else [*part, Answered(fact=name, absent=reason)]
