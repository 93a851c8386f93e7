"""The words of one policy: how its facts, options, findings and named conditions are spoken of. It joins no sentences.

An owner's `phrase` is taken where there is one; without it the question and the title stand in quotation marks. Words
that would mean two things are told apart, so that what reads the same is the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from chalicelib.policy.conditions import FactLeaf, FindingLeaf, NamedLeaf, Operand
from chalicelib.policy.document import Fact, FactType, Policy
from chalicelib.policy.levels import Level
from chalicelib.policy.nodes import Kind
from chalicelib.policy.vocabulary import YES_WORDS


@dataclass(frozen=True, slots=True)
class Clause:
    """A leaf in words: what is so when it is true, and what is so when it is false."""

    says: str
    denies: str


@dataclass(frozen=True, slots=True)
class Group:
    """Clauses and groups that a branch joins."""

    kind: Kind
    parts: tuple[Spoken, ...]


Spoken: TypeAlias = "Clause | Group"


_STANDS_ALONE = re.compile(r"(nobody|nothing|somebody|something|it|they|there) (is|are|was|were|has|have|happened)\b")
"""How the phrase of an option begins that is a clause of its own, such as "nobody is hurt", and follows no "is"."""


_JOINED = re.compile(r'^[^"]*(,| or )')
"""Words that would run together with others in a row, unless semicolons part them."""


def quoted(words: str) -> str:
    """Words in quotation marks, with no such mark inside."""
    return '"' + words.replace('"', "'") + '"'


def listed(words: Sequence[str], last: str, by: str = ", ") -> str:
    """Words in a row, the last after `and` or `or`."""
    if len(words) < 2:
        return "".join(words)
    mark = by if by != ", " else " "
    return f"{by.join(words[:-1])}{mark}{last} {words[-1]}"


class Lexicon:
    """The words of one policy, built once. It takes a policy whose names are known to fit together."""

    def __init__(self, policy: Policy) -> None:
        """Take in the words of a policy."""
        self.policy = policy
        self.facts: dict[str, Fact] = {fact.id: fact for fact in policy.facts}
        self.grades: dict[str, str] = {grade.id: grade.title for grade in policy.grades}
        self.responses = {response.id: response.title for response in policy.responses}
        self.flags = {flag.id: flag.title for flag in policy.flags}
        self.duties = {duty.id: duty.title for duty in policy.duties}
        names = {element.id: _plain_name(element.title) for element in policy.elements}
        self.elements = _told_apart({name: (words, name) for name, words in names.items()})
        clauses = _clauses(policy)
        same = _same_by_name(policy, clauses)
        self._clauses = _told_apart({key: words for key, words in clauses.items() if key not in same})
        self._clauses |= {key: self._clauses[other] for key, other in same.items()}
        self._subjects = _told_apart({fact.id: (_subject(fact), fact.id) for fact in policy.facts})
        self._values = {fact.id: _values(fact) for fact in policy.facts}
        self._said: dict[tuple[str, str, int], str] = {}

    def once(self, kind: str, name: str, mask: int, say: Callable[[], str]) -> str:
        """Words that stay the same for as long as the policy does, so that they are put together only once."""
        key = kind, name, mask
        if key not in self._said:
            self._said[key] = say()
        return self._said[key]

    def at_least(self, grade: str) -> str:
        """A grade as a floor, to begin a sentence with."""
        return self.grades[grade] if grade == self.policy.grades[0].id else f"At least {self.grades[grade]}"

    def subject(self, fact: str) -> str:
        """What a sentence about a fact is about."""
        return self._subjects[fact]

    def value(self, fact: str, value: object) -> str:
        """A value of a fact as it follows "is"."""
        plain = str(_plain(value))
        return self._values[fact].get(plain, plain)

    def being(self, fact: str, values: Sequence[object]) -> str:
        """That a fact has one of some values, as a clause. A value whose phrase is a clause itself stands alone."""
        keys = [f"value:{fact}/{_plain(value)}" for value in values]
        alone = [self._clauses[key] for key in keys if key in self._clauses]
        others = [self.value(fact, value) for key, value in zip(keys, values, strict=True) if key not in self._clauses]
        apart = "; " if len(others) > 1 and any(_JOINED.search(words) for words in others) else ", "
        said = [f"{self.subject(fact)} is {listed(others, 'or', apart)}"] if others else []
        return listed([*said, *alone], "or", "; ")

    def clause(self, kind: str, name: str) -> str:
        """The clause of a yes/no fact (`yes`, `no`), a tag (`tag`, "fact/tag") or a named condition (`condition`)."""
        return self._clauses[f"{kind}:{name}"]

    def leaf(self, condition: FactLeaf | FindingLeaf | NamedLeaf) -> Spoken:
        """A leaf in words."""
        match condition:
            case FindingLeaf(finding=name, at_least=level):
                level_words = level if level is Level.HIGH else f"at least {level}"
                found = f"{self.elements[name]} is {{}}found to be {level_words}"
                return Clause(found.format(""), found.format("not "))
            case NamedLeaf(condition=name):
                says = self.clause("condition", name)
                held = says.endswith(" holds")
                return Clause(says, says.removesuffix("holds") + "does not hold" if held else _not_so(says))
            case FactLeaf():
                return self._fact(self.facts[condition.fact], *condition.comparison)

    def _fact(self, fact: Fact, comparison: str, operand: Operand) -> Spoken:
        values = operand if isinstance(operand, tuple) else (operand,)
        if fact.type is FactType.SET:
            return self._tags(fact, comparison, [str(tag) for tag in values])
        if fact.type is FactType.YES_NO:
            return self._yes_no(fact, comparison, {_plain(value) for value in values})
        if comparison == "is_not":
            return Group("none", (self._is(fact, values),))
        if comparison in ("is", "one_of"):
            return self._is(fact, values)
        return self._compared(fact, comparison, values)

    def _yes_no(self, fact: Fact, comparison: str, named: set[object]) -> Spoken:
        values = {"yes", "no"} - named if comparison == "is_not" else named
        if len(values) > 1:
            return self._is(fact, ("yes", "no"))
        yes, no = self.clause("yes", fact.id), self.clause("no", fact.id)
        if "yes" in values:
            return Clause(yes, no)
        # Where "no" is the danger it is said straight out; where it reassures, it has to be known.
        return Clause(no, yes) if fact.worse == "no" else Group("none", (Clause(yes, no),))

    def _is(self, fact: Fact, values: Sequence[object]) -> Clause:
        says = self.being(fact.id, values)
        if any(f"value:{fact.id}/{_plain(value)}" in self._clauses for value in values):
            return Clause(says, _not_so(f"either {says}" if len(values) > 1 else says))
        words = [self.value(fact.id, value) for value in values]
        return Clause(says, f"{self.subject(fact.id)} is {_neither(words, 'not ')}")

    def _compared(self, fact: Fact, comparison: str, values: Sequence[object]) -> Clause:
        if fact.options:
            return self._on_scale(fact, comparison, values)
        subject, words = self.subject(fact.id), [self.value(fact.id, value) for value in values]
        if comparison == "between":
            span = f"between {words[0]} and {words[1]} (both included)"
            return Clause(f"{subject} is {span}", f"{subject} is not {span}")
        if comparison == "at_least":
            return Clause(f"{subject} is {words[0]} or more", f"{subject} is less than {words[0]}")
        return Clause(f"{subject} is at most {words[0]}", f"{subject} is more than {words[0]}")

    def _on_scale(self, fact: Fact, comparison: str, values: Sequence[object]) -> Clause:
        """A part of an ordered choice by all the values in it, and by all the others: the worst of them first."""
        scale = [option.id for option in fact.options or ()]
        places = [scale.index(str(_plain(value))) for value in values]
        first, last = (0 if comparison == "at_most" else places[0]), (places[-1] if comparison != "at_least" else None)
        inside = scale[first : None if last is None else last + 1]
        outside = [value for value in scale if value not in inside]
        worst_first = slice(None, None, 1 if fact.worse == "lower" else -1)
        says = self.being(fact.id, inside[worst_first])
        return Clause(says, self.being(fact.id, outside[worst_first]) if outside else _not_so(says))

    def _tags(self, fact: Fact, comparison: str, tags: Sequence[str]) -> Spoken:
        kind: Kind = "all" if comparison == "includes_all" else "none" if comparison == "includes_none" else "any"
        phrased = {option.id for option in fact.options or () if option.phrase}
        if phrased.issuperset(tags):
            said = [self.clause("tag", f"{fact.id}/{tag}") for tag in tags]
            parts = tuple(Clause(words, _not_so(words)) for words in said)
            return parts[0] if len(parts) == 1 and kind != "none" else Group(kind, parts)
        subject, words = self.subject(fact.id), [self.value(fact.id, tag) for tag in tags]
        if kind == "all" and len(words) > 1:
            both = listed(words, "and")
            return Clause(f"{subject} include {both}", f"{subject} do not include all of {both}")
        any_of = Clause(f"{subject} include {listed(words, 'or')}", f"{subject} {_include_none(words)}")
        return Group("none", (any_of,)) if kind == "none" else any_of


def _plain(value: object) -> object:
    """A value as one text: yes/no may be written as words or as true and false."""
    meant = YES_WORDS.get(value, value) if isinstance(value, str) else value
    return ("yes" if meant else "no") if isinstance(meant, bool) else value


DENIED = "it is not so that "
"""How the denial of a clause begins for which the owner has no words."""


def _not_so(words: str) -> str:
    return DENIED + words


def _neither(words: Sequence[str], one: str) -> str:
    if len(words) == 1:
        return one + words[0]
    return f"neither {words[0]} nor {words[1]}" if len(words) == 2 else f"none of {listed(words, 'and')}"


def _include_none(words: Sequence[str]) -> str:
    return f"do not include {words[0]}" if len(words) == 1 else f"include {_neither(words, '')}"


def _plain_name(title: str) -> str:
    """An element's name for the middle of a sentence: its title up to a colon."""
    name = title.partition(":")[0]
    return name[:1].lower() + name[1:]


def _subject(fact: Fact) -> str:
    if fact.type is FactType.SET:
        return f"the answers to {quoted(fact.question)}"
    if fact.phrase and fact.type is not FactType.YES_NO:
        return fact.phrase
    return f"the answer to {quoted(fact.question)}" if fact.asked else quoted(fact.question)


def _values(fact: Fact) -> dict[str, str]:
    """The words of a fact's options. A phrase follows "is", so it needs a phrase of the fact before it."""
    if fact.type is FactType.SET or not fact.phrase:
        words = {option.id: quoted(option.title) for option in fact.options or ()}
    else:
        words = {option.id: option.phrase or quoted(option.title) for option in fact.options or ()}
    return _told_apart({name: (said, name) for name, said in words.items()})


def _clauses(policy: Policy) -> Mapping[str, tuple[str, str]]:
    """Every whole clause of a policy, and what tells it apart from another with the same words."""
    found: dict[str, tuple[str, str]] = {}
    for fact in policy.facts:
        asked = f"asked: {quoted(fact.question)}"
        found |= {key: (words, asked) for key, words in _clauses_of(fact)}
    for named in policy.conditions:
        found[f"condition:{named.id}"] = named.phrase or f"{quoted(named.title)} holds", "as defined"
    return found


def _clauses_of(fact: Fact) -> Iterator[tuple[str, str]]:
    """The whole clauses of a fact: both answers, a set's tags, and the values whose phrase stands alone."""
    if fact.type is FactType.YES_NO:
        answer = _subject(fact)
        yield f"yes:{fact.id}", fact.phrase or f"{answer} is yes"
        yield f"no:{fact.id}", fact.phrase_no or (_not_so(fact.phrase) if fact.phrase else f"{answer} is no")
        return
    for option in fact.options or ():
        if option.phrase and fact.type is FactType.SET:
            yield f"tag:{fact.id}/{option.id}", option.phrase
        elif option.phrase and fact.phrase and _STANDS_ALONE.match(option.phrase):
            yield f"value:{fact.id}/{option.id}", option.phrase


def _same_by_name(policy: Policy, clauses: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Named conditions that only give a name to one clause and have its very words: both mean the same."""
    same: dict[str, str] = {}
    for named in policy.conditions:
        match named.when:
            case FactLeaf(fact=fact, includes_any=(tag,)):
                other = f"tag:{fact}/{tag}"
            case FactLeaf(fact=fact, is_=True | "yes"):
                other = f"yes:{fact}"
            case FactLeaf(fact=fact, is_=str() as value):
                other = f"value:{fact}/{value}"
            case _:
                continue
        key = f"condition:{named.id}"
        if other in clauses and clauses[other][0] == clauses[key][0]:
            same[key] = other
    return same


def _told_apart(words: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Words by key; where two would be the same, with what tells them apart, and at the last with the key itself."""
    once = Counter(text for text, _ in words.values())
    marked = {key: text if once[text] == 1 else f"{text} ({apart})" for key, (text, apart) in words.items()}
    twice = Counter(marked.values())
    return {key: text if twice[text] == 1 else f"{words[key][0]} ({key})" for key, text in marked.items()}
