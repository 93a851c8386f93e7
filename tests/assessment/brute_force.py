"""A slow evaluator that is plainly right, to hold the quick one against: it tries every way things can turn out.

It reads the document itself, with true and false alone. What stands of the answers it takes from the product.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product

from chalicelib.assessment.call import Call
from chalicelib.assessment.standing import standing_of
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.conditions import All, Any_, Condition, FactLeaf, FindingLeaf, NamedLeaf, None_
from chalicelib.policy.document import Fact, FactType, Policy, Rule
from chalicelib.policy.leaves import elements_found
from chalicelib.policy.nodes import TRUE
from tests.strategies import BEGINS

Answer = bool | int | str | frozenset[str]
World = dict[str, Answer]
"""The answer to every fact."""


@dataclass(frozen=True)
class Bounds:
    """What a look at every world finds; where the answers leave none (`found` is False), what is known to hold."""

    certain: int
    possible: int
    found: bool
    held: frozenset[str]
    """The rules that hold in every world."""
    missed: frozenset[str]
    """The rules that hold in none."""


def answers_of(fact: Fact) -> list[Answer]:
    """Every answer that a fact can have."""
    names = [option.id for option in fact.options or ()]
    match fact.type:
        case FactType.YES_NO:
            return [False, True]
        case FactType.WHOLE:
            return list(range(fact.range.least, fact.range.most + 1)) if fact.range else []
        case FactType.SET:
            subsets = chain.from_iterable(combinations(names, size) for size in range(len(names) + 1))
            return [frozenset(subset) for subset in subsets]
        case _:
            return list(names)


class Reading:
    """A document as plain true and false."""

    def __init__(self, policy: Policy) -> None:
        """Take in a document."""
        self.policy = policy
        self._facts = {fact.id: fact for fact in policy.facts}
        self._orders = {fact.id: answers_of(fact) for fact in policy.facts}
        self._looking = {rule.id for rule in policy.rules if _looks(rule)}
        self._named = {named.id: named.when for named in policy.conditions}

    def true_rules(self, world: World) -> frozenset[str]:
        """The rules that hold in a world: first those that look at no finding, then those that do."""
        levels: dict[str, int] = {}
        found: set[str] = set()
        for looking in (False, True):
            rules = [rule for rule in self.policy.rules if (rule.id in self._looking) is looking]
            held = [rule for rule in rules if self._holds(rule, world, levels)]
            found |= {rule.id for rule in held}
            for given in (finding for rule in held for finding in rule.findings):
                levels[given.element] = max(levels.get(given.element, 0), given.level.rank)
        return frozenset(found)

    def is_true(self, condition: Condition, world: World, levels: dict[str, int] | None = None) -> bool:
        """Whether a condition holds in a world, given the levels of the elements."""
        match condition:
            case All(all=parts):
                return all(self.is_true(part, world, levels) for part in parts)
            case Any_(any=parts):
                return any(self.is_true(part, world, levels) for part in parts)
            case None_(none=parts):
                return not any(self.is_true(part, world, levels) for part in parts)
            case NamedLeaf(condition=name):
                return self.is_true(self._named[name], world, levels)
            case FindingLeaf(finding=element, at_least=level):
                return (levels or {}).get(element, 0) >= level.rank
            case FactLeaf():
                return self._compares(condition, world[condition.fact])

    def asked(self, fact: Fact, world: World) -> bool:
        """Whether a fact is asked in a world."""
        return fact.asked_when is None or self.is_true(fact.asked_when, world)

    def _holds(self, rule: Rule, world: World, levels: dict[str, int]) -> bool:
        excepted = rule.unless is not None and self.is_true(rule.unless, world, levels)
        return self.is_true(rule.when, world, levels) and not excepted

    def _compares(self, leaf: FactLeaf, answer: Answer) -> bool:
        comparison, operand = leaf.comparison
        fact = self._facts[leaf.fact]
        if isinstance(answer, frozenset):
            named = frozenset(str(tag) for tag in operand) if isinstance(operand, tuple) else frozenset[str]()
            return {
                "includes_any": bool(answer & named),
                "includes_all": answer >= named,
                "includes_none": not answer & named,
            }[comparison]
        order = self._orders[leaf.fact]
        place = order.index(answer)
        places = [order.index(meant(fact, value)) for value in (operand if isinstance(operand, tuple) else (operand,))]
        return {
            "is": place == places[0],
            "is_not": place != places[0],
            "one_of": place in places,
            "at_least": place >= places[0],
            "at_most": place <= places[0],
            "between": places[0] <= place <= places[-1],
        }[comparison]


def meant(fact: Fact, value: object) -> Answer:
    """What a value of a document means as an answer to a fact."""
    if fact.type is FactType.YES_NO:
        return value in (True, "yes")
    if fact.type is FactType.SET:
        return frozenset()
    return value if isinstance(value, int | str) else ""


def _looks(rule: Rule) -> bool:
    return any(elements_found(part) for part in (rule.when, rule.unless) if part is not None)


def worlds(policy: CompiledPolicy, masks: Sequence[int]) -> Iterator[World]:
    """Every way in which all that is not known can turn out.

    What is known not to be asked stands as it is otherwise already; what may still be asked can be anything. What the
    policy calls impossible does not come about, unless what is known holds it already.
    """
    reading = Reading(policy.policy)
    facts = policy.policy.facts
    feared = [
        one.when
        for one, (_, node) in zip(policy.policy.impossible, policy.impossible, strict=True)
        if node.test(masks) != TRUE
    ]
    left = [[answer for answer in answers_of(fact) if is_left(policy, masks, fact, answer)] for fact in facts]
    for answers in product(*left):
        world: World = dict(zip((fact.id for fact in facts), answers, strict=True))
        if not any(reading.is_true(when, world) for when in feared):
            yield world


def is_left(policy: CompiledPolicy, masks: Sequence[int], fact: Fact, answer: Answer) -> bool:
    """Whether an answer to a fact is still possible in a state of knowledge."""
    term = policy.terms[fact.id]
    if isinstance(answer, frozenset):
        return all(masks[one.index] & (2 if one.tag in answer else 1) for one in term.variables)
    return bool(masks[term.variables[0].index] >> term.cell(answer) & 1)


def brute_bounds(policy: CompiledPolicy, call: Call) -> Bounds:
    """The exact bounds of a call."""
    standing = standing_of(policy, call, BEGINS)
    return bounds_of(policy, standing.masks)


def bounds_of(policy: CompiledPolicy, masks: Sequence[int]) -> Bounds:
    """The exact bounds of a state of knowledge."""
    reading = Reading(policy.policy)
    ranks = {rule.id: policy.rank_of(rule.grade) for rule in policy.policy.rules if rule.grade}
    sets = [reading.true_rules(world) for world in worlds(policy, masks)]
    if not sets:
        known = max((floor.rank for floor in policy.floors if floor.node.test(masks) == TRUE), default=0)
        return Bounds(max(known, 0), max(known, 0), False, frozenset(), frozenset())
    reached = [max((ranks.get(name, 0) for name in held), default=0) for held in sets]
    every = frozenset(rule.id for rule in policy.policy.rules)
    return Bounds(min(reached), max(reached), True, every.intersection(*sets), every.difference(*sets))
