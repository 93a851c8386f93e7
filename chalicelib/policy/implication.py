"""Whether one condition plainly follows from another, and which promises a supervisor may set aside. No exact proof.

It goes by the shape of conditions alone. Where it cannot tell, a promise counts as one that may be set aside, so that
no reader is promised too much; whether a guarantee holds at all is for the exact analysis to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from chalicelib.policy.conditions import All, Any_, Condition, FactLeaf, NamedLeaf, None_
from chalicelib.policy.document import Fact, FactType, Policy, Rule
from chalicelib.policy.leaves import leaves
from chalicelib.policy.obligations import Guarantee
from chalicelib.policy.vocabulary import YES_WORDS

ATTENDANCE = ""
"""Stands for attendance among the responses that a promise speaks of."""


def softened(policy: Policy, promise: Guarantee) -> frozenset[str]:
    """The responses that a guarantee refuses, and attendance, as far as a supervisor may authorise otherwise."""
    shapes = _Shapes(policy)
    spoken_of = (*promise.never, *((ATTENDANCE,) if promise.attendance else ()))
    return frozenset(name for name in spoken_of if shapes.is_soft(promise.when, name))


class _Shapes:
    """The conditions of one policy, and what follows from what by their shape."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.named: Mapping[str, Condition] = {one.id: one.when for one in policy.conditions}
        self.facts: Mapping[str, Fact] = {fact.id: fact for fact in policy.facts}
        self.attends = {response.id: response.attends for response in policy.responses}

    def is_soft(self, when: Condition, name: str) -> bool:
        """Whether the rules that see to a promise let somebody authorise otherwise."""
        opened = self.opened(when)
        if isinstance(opened, Any_):
            return any(self.is_soft(part, name) for part in opened.any)
        rules = [rule for rule in self.policy.rules if self._sees_to(rule, name)]
        soft = [rule for rule in rules if rule.response and rule.response.unless_authorised_by]
        if any(rule not in soft and self._applies(when, rule) for rule in rules):
            return False
        about = {_key(leaf) for leaf in self._leaves(when)}
        return any(about & {_key(leaf) for leaf in self._leaves(rule.when)} for rule in soft)

    def _sees_to(self, rule: Rule, name: str) -> bool:
        said = rule.response
        if said is None:
            return False
        demands = said.require is not None and (name == ATTENDANCE or not self.attends[name])
        return demands or name in said.forbid

    def _applies(self, when: Condition, rule: Rule) -> bool:
        return self.follows(when, rule.when) and (rule.unless is None or self.excludes(when, rule.unless))

    def _leaves(self, condition: Condition) -> Iterator[Condition]:
        for leaf in leaves(condition):
            yield from self._leaves(self.named[leaf.condition]) if isinstance(leaf, NamedLeaf) else (leaf,)

    def opened(self, condition: Condition) -> Condition:
        """A condition as branches and leaves about facts: names opened, a tag or another a branch."""
        match condition:
            case NamedLeaf(condition=name):
                return self.opened(self.named[name])
            case FactLeaf(fact=fact, includes_any=tuple() as tags) if len(tags) > 1:
                return Any_(any=tuple(FactLeaf(fact=fact, includes_any=(tag,)) for tag in tags))
            case FactLeaf(fact=fact, includes_all=tuple() as tags):
                return All(all=tuple(FactLeaf(fact=fact, includes_any=(tag,)) for tag in tags))
            case _:
                return condition

    def follows(self, given: Condition, wanted: Condition) -> bool:
        """Whether `wanted` is so whenever `given` is; False where the shapes do not tell."""
        given, wanted = self.opened(given), self.opened(wanted)
        if given == wanted:
            return True
        if isinstance(wanted, All):
            return all(self.follows(given, part) for part in wanted.all)
        if isinstance(wanted, None_):
            return all(self.excludes(given, part) for part in wanted.none)
        if isinstance(given, Any_):
            return all(self.follows(part, wanted) for part in given.any)
        if isinstance(wanted, Any_) and any(self.follows(given, part) for part in wanted.any):
            return True
        if isinstance(given, All):
            return any(self.follows(part, wanted) for part in given.all)
        return self._compared(given, wanted, lambda one, other: one <= other)

    def excludes(self, given: Condition, other: Condition) -> bool:
        """Whether `other` is false whenever `given` is so; False where the shapes do not tell."""
        given, other = self.opened(given), self.opened(other)
        if isinstance(other, Any_):
            return all(self.excludes(given, part) for part in other.any)
        if isinstance(given, Any_):
            return all(self.excludes(part, other) for part in given.any)
        if isinstance(other, All) and any(self.excludes(given, part) for part in other.all):
            return True
        if isinstance(given, All):
            return any(self.excludes(part, other) for part in given.all)
        if isinstance(other, None_):
            return any(self.follows(given, part) for part in other.none)
        return self._compared(given, other, lambda one, two: not one & two)

    def _compared(
        self, given: Condition, other: Condition, holds: Callable[[frozenset[str], frozenset[str]], bool]
    ) -> bool:
        one, two = self._values(given), self._values(other)
        return one is not None and two is not None and one[0] == two[0] and holds(one[1], two[1])

    def _values(self, condition: Condition) -> tuple[str, frozenset[str]] | None:
        """The fact of a leaf with few values, and those that make it true."""
        if not isinstance(condition, FactLeaf):
            return None
        fact = self.facts[condition.fact]
        comparison, operand = condition.comparison
        named = [_plain(value) for value in (operand if isinstance(operand, tuple) else (operand,))]
        scale = ["no", "yes"] if fact.type is FactType.YES_NO else [option.id for option in fact.options or ()]
        if fact.type in (FactType.SET, FactType.WHOLE):
            return None
        match comparison:
            case "is_not":
                return fact.id, frozenset(scale) - frozenset(named)
            case "at_least" | "between" | "at_most":
                first = 0 if comparison == "at_most" else scale.index(named[0])
                last = len(scale) - 1 if comparison == "at_least" else scale.index(named[-1])
                return fact.id, frozenset(scale[first : last + 1])
            case _:
                return fact.id, frozenset(named)


def _plain(value: object) -> str:
    meant = YES_WORDS.get(value, value) if isinstance(value, str) else value
    return ("yes" if meant else "no") if isinstance(meant, bool) else str(value)


def _key(leaf: Condition) -> str:
    return leaf.fact if isinstance(leaf, FactLeaf) else repr(leaf)
