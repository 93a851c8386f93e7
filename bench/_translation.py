"""Rules of a policy in the words of another engine's language. It evaluates nothing.

The closed operators make it short: every leaf is a comparison of one name with constants, every branch an and, an or
or a not. Named conditions and findings are put in where they stand, and `unless` is "and not". A fact becomes one
name; an ordered choice is the number of its place, and a set is one yes/no name for each tag, because that lets every
language know some tags and not others. Rules without a grade have no counterpart and are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench._worlds import value_of
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.conditions import All, Any_, Condition, FactLeaf, FindingLeaf, NamedLeaf, None_, Value
from chalicelib.policy.document import FactType, Rule
from chalicelib.policy.leaves import elements_found
from chalicelib.policy.nodes import Masks
from chalicelib.policy.vocabulary import Term, Variable


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a language writes what the conditions need. `{name}` is a fact's name, `{list}` constants in a row."""

    name: str
    every: str = " && "
    some: str = " || "
    negation: str = "!({part})"
    fact: str = "{name}"
    among: str = "{fact} in [{list}]"
    guard: str | None = None
    """What to ask before a fact is looked at, so that a missing one makes a comparison false; None: nothing."""


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule that gives a grade: its rank, and its condition in a language."""

    id: str
    rank: int
    text: str


def name_of(variable: Variable) -> str:
    """The name of a variable in every language: its own, led by its number so that none is reserved or taken."""
    return f"v{variable.index}_{variable.tag or variable.fact}"


def kind_of(term: Term) -> str:
    """The type of a fact's names in every language: `bool`, `int` or `text`."""
    match term.fact.type:
        case FactType.YES_NO | FactType.SET:
            return "bool"
        case FactType.ORDERED | FactType.WHOLE:
            return "int"
        case FactType.CHOICE:
            return "text"


def values_of(policy: CompiledPolicy, masks: Masks) -> dict[str, Value]:
    """What is known, by name. What is not known, or only in part, is not there."""
    return {
        name_of(variable): _value(term, masks[variable.index])
        for term in policy.terms.values()
        for variable in term.variables
        if not masks[variable.index] & (masks[variable.index] - 1)
    }


def names_of(policy: CompiledPolicy) -> dict[str, str]:
    """Every name, with its type."""
    return {name_of(variable): kind_of(term) for term in policy.terms.values() for variable in term.variables}


def rules_in(policy: CompiledPolicy, dialect: Dialect) -> tuple[RuleText, ...]:
    """The rules that raise the grade in a language, the highest grade first."""
    writer = _Writer(policy, dialect)
    texts = [RuleText(one.rule.id, one.rank, writer.rule(one.rule)) for one in policy.floors if one.rank > 0]
    return tuple(sorted(texts, key=lambda one: -one.rank))


def either(rules: Iterable[RuleText], dialect: Dialect) -> str:
    """One condition that holds when one of the rules does."""
    return dialect.some.join(f"({one.text})" for one in rules)


def _value(term: Term, mask: int) -> Value:
    if term.fact.type in (FactType.SET, FactType.ORDERED):
        place = mask.bit_length() - 1
        return place == 1 if term.fact.type is FactType.SET else place
    return value_of(term, mask)


class _Writer:
    """Writes conditions of one policy in one dialect."""

    def __init__(self, policy: CompiledPolicy, dialect: Dialect) -> None:
        self._terms: Mapping[str, Term] = policy.terms
        self._named = {named.id: named.when for named in policy.policy.conditions}
        self._rules = policy.policy.rules
        self._dialect = dialect

    def rule(self, rule: Rule) -> str:
        when = self.condition(rule.when)
        return when if rule.unless is None else self._join("every", [when, self._not(self.condition(rule.unless))])

    def condition(self, condition: Condition) -> str:
        match condition:
            case FactLeaf():
                return self._fact(condition)
            case FindingLeaf():
                return self._finding(condition)
            case NamedLeaf(condition=name):
                return self.condition(self._named[name])
            case All(all=parts):
                return self._join("every", [self.condition(part) for part in parts])
            case Any_(any=parts):
                return self._join("some", [self.condition(part) for part in parts])
            case None_(none=parts):
                return self._not(self._join("some", [self.condition(part) for part in parts]))

    def _finding(self, leaf: FindingLeaf) -> str:
        """That one of the rules holds which give the element such a level, and look at no finding themselves."""
        given = [
            rule
            for rule in self._rules
            if not elements_found(rule.when) | (elements_found(rule.unless) if rule.unless else set())
            and any(one.element == leaf.finding and one.level.rank >= leaf.at_least.rank for one in rule.findings)
        ]
        return self._join("some", [self.rule(rule) for rule in given]) if given else "false"

    def _fact(self, leaf: FactLeaf) -> str:
        term = self._terms[leaf.fact]
        comparison, operand = leaf.comparison
        if isinstance(operand, tuple) and term.fact.type is FactType.SET:
            tags = [self._compared(name_of(term.tag(str(tag))), "{fact}") for tag in operand]
            joined = self._join("every" if comparison == "includes_all" else "some", tags)
            return self._not(joined) if comparison == "includes_none" else joined
        several = operand if isinstance(operand, tuple) else (operand,)
        constants = [_constant(term, value) for value in several]
        return self._compared(name_of(term.variables[0]), self._comparison(comparison, constants))

    def _comparison(self, comparison: str, constants: Sequence[str]) -> str:
        first, last = constants[0], constants[-1]
        match comparison:
            case "is":
                return {"true": "{fact}", "false": self._not("{fact}")}.get(first, f"{{fact}} == {first}")
            case "is_not":
                return {"true": self._not("{fact}"), "false": "{fact}"}.get(first, f"{{fact}} != {first}")
            case "at_least":
                return f"{{fact}} >= {first}"
            case "at_most":
                return f"{{fact}} <= {last}"
            case "between":
                return self._join("every", [f"{{fact}} >= {first}", f"{{fact}} <= {last}"])
            case _:
                return self._dialect.among.replace("{list}", ", ".join(constants))

    def _compared(self, name: str, comparison: str) -> str:
        fact = self._dialect.fact.replace("{name}", name)
        text = comparison.replace("{fact}", fact)
        if self._dialect.guard is None:
            return text
        guard = self._dialect.guard.replace("{name}", name).replace("{fact}", fact)
        return self._join("every", [guard, text])

    def _join(self, how: str, parts: Sequence[str]) -> str:
        joint = self._dialect.every if how == "every" else self._dialect.some
        return parts[0] if len(parts) == 1 else f"({joint.join(parts)})"

    def _not(self, part: str) -> str:
        return self._dialect.negation.replace("{part}", part)


def _constant(term: Term, value: Value) -> str:
    """A constant as every one of the languages writes it; an option of an ordered choice by its place."""
    match term.fact.type:
        case FactType.YES_NO:
            return "true" if term.cell(value) else "false"
        case FactType.ORDERED:
            return str(term.cell(value))
        case _:
            return json.dumps(value)
