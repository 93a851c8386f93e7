"""A policy's conditions as formulas over its own variables: rules, gates, precautions, promises. It asks nothing.

The formulas are built from the document, as the tests of `compiled` are; a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from chalicelib.analysis.formula import NEVER, Formula, denied, every, literal, some, variables
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.conditions import All, Any_, Condition, FactLeaf, FindingLeaf, NamedLeaf, None_
from chalicelib.policy.document import Absence, FactType, NotAsked, Policy, Response, Rule
from chalicelib.policy.leaves import elements_found
from chalicelib.policy.levels import Level


@dataclass(frozen=True, slots=True)
class Floor:
    """A rule: its place in the document, the rank of its grade (-1 for none), and when it holds."""

    place: int
    rule: Rule
    rank: int
    when: Formula
    fails: Formula
    uses: frozenset[int]
    """The variables that it looks at."""

    @property
    def pointer(self) -> str:
        """Where it stands."""
        return f"/rules/{self.place}"


@dataclass(frozen=True, slots=True)
class Fear:
    """A precaution, or the one that an exception stands for: what has to be unknown, and what known true."""

    id: str
    pointer: str
    on: Formula
    scope: Formula
    reasons: frozenset[Absence]
    not_asked: NotAsked
    rank: int
    own: bool
    """Whether it is written as a precaution; False for the exception of a rule."""


@dataclass(frozen=True, slots=True)
class Gate:
    """When a fact is asked, and the cells that its variables have while it is not."""

    fact: str
    asked: Formula
    otherwise: tuple[tuple[int, int], ...]
    uses: frozenset[int]
    """The variables that `asked` looks at."""


@dataclass(frozen=True, slots=True)
class Named:
    """A condition that stands somewhere in the document, to be asked whether it can ever hold."""

    id: str
    pointer: str
    when: Formula


@dataclass(slots=True)
class Reading:
    """All conditions of one policy."""

    policy: CompiledPolicy
    floors: tuple[Floor, ...] = ()
    highest_first: tuple[Floor, ...] = ()
    """Those that give more than the lowest grade."""
    fears: tuple[Fear, ...] = ()
    gates: tuple[Gate, ...] = ()
    impossible: tuple[Named, ...] = ()
    earned: Formula = NEVER
    conditions: tuple[Named, ...] = ()
    """The named conditions, the earlier ones put in."""
    needs: tuple[Named, ...] = ()
    promises: tuple[Formula, ...] = ()
    """For each guarantee, of which calls it speaks."""
    due: tuple[Named, ...] = ()
    """When checks are due, timers run and victims are owed something."""
    _named: dict[str, Formula] = field(default_factory=dict)
    _found: dict[str, list[tuple[Level, Formula]]] = field(default_factory=dict)

    @property
    def document(self) -> Policy:
        """The policy as it is written."""
        return self.policy.policy

    def formula(self, condition: Condition) -> Formula:
        """A condition as a formula."""
        match condition:
            case FactLeaf():
                return self._fact(condition)
            case FindingLeaf(finding=element, at_least=level):
                return some(when for given, when in self._found.get(element, ()) if given.rank >= level.rank)
            case NamedLeaf(condition=name):
                return self._named[name]
            case All(all=parts):
                return every(self.formula(part) for part in parts)
            case Any_(any=parts):
                return some(self.formula(part) for part in parts)
            case None_(none=parts):
                return denied(some(self.formula(part) for part in parts))

    def yes(self, fact: str) -> Formula:
        """That a yes/no fact is yes."""
        variable = self.policy.terms[fact].variables[0]
        return literal(variable.index, 2, variable.full)

    def reaching(self, rank: int) -> list[Floor]:
        """The rules that give at least a grade."""
        return [floor for floor in self.floors if floor.rank >= rank]

    def requiring(self) -> Iterator[Floor]:
        """The rules that require attendance."""
        return (floor for floor in self.floors if floor.rule.response and floor.rule.response.require)

    def refusing(self, response: Response, *, whoever_authorises: bool = False) -> Iterator[Floor]:
        """The rules that rule a response out; with `whoever_authorises`, those that nobody can set aside."""
        for floor in self.floors:
            says = floor.rule.response
            against = says and (response.id in says.forbid or (says.require and not response.attends))
            if says and against and not (whoever_authorises and says.unless_authorised_by):
                yield floor

    def finding(self, element: str, level: Level) -> Iterator[Floor]:
        """The rules that find an element to be at least at a level."""
        for floor in self.floors:
            if any(one.element == element and one.level.rank >= level.rank for one in floor.rule.findings):
                yield floor

    def used(self) -> frozenset[int]:
        """The variables that some condition looks at."""
        every_part: list[Formula] = [floor.when for floor in self.floors]
        every_part += [part for fear in self.fears for part in (fear.on, fear.scope)]
        every_part += [gate.asked for gate in self.gates]
        every_part += [named.when for group in (self.impossible, self.needs, self.due) for named in group]
        every_part += [*self.promises, self.earned]
        return frozenset[int]().union(*(variables(part) for part in every_part))

    def _fact(self, leaf: FactLeaf) -> Formula:
        term = self.policy.terms[leaf.fact]
        comparison, operand = leaf.comparison
        if term.fact.type is FactType.SET and isinstance(operand, tuple):
            tags = [term.tag(str(tag)) for tag in operand]
            present = [literal(variable.index, 2, variable.full) for variable in tags]
            if comparison == "includes_all":
                return every(present)
            return some(present) if comparison == "includes_any" else denied(some(present))
        variable = term.variables[0]
        return literal(variable.index, term.mask(comparison, operand), variable.full)


def read(policy: CompiledPolicy) -> Reading:
    """Read all conditions of a policy."""
    reading, document = Reading(policy), policy.policy
    for named in document.conditions:
        reading._named[named.id] = reading.formula(named.when)
    reading.conditions = tuple(
        Named(named.id, f"/conditions/{place}/when", reading._named[named.id])
        for place, named in enumerate(document.conditions)
    )
    reading.floors = _floors(reading)
    graded = [floor for floor in reading.floors if floor.rank > 0]
    reading.highest_first = tuple(sorted(graded, key=lambda floor: -floor.rank))
    reading.fears = tuple(_fears(reading))
    asked = {fact.id: fact.asked_when for fact in document.facts}
    reading.gates = tuple(
        Gate(gate.fact, formula := reading.formula(condition), gate.otherwise, variables(formula))
        for gate in policy.gates
        if (condition := asked[gate.fact]) is not None
    )
    reading.impossible = _all_of(reading, "impossible", ((one.id, one.when) for one in document.impossible))
    reading.needs = _all_of(reading, "specified_needs", ((one.id, one.when) for one in document.specified_needs))
    reading.earned = reading.formula(document.earned_when)
    reading.promises = tuple(reading.formula(promise.when) for promise in document.guarantees)
    reading.due = tuple(_due(reading))
    return reading


def _all_of(reading: Reading, part: str, conditions: Iterable[tuple[str, Condition]]) -> tuple[Named, ...]:
    return tuple(
        Named(name, f"/{part}/{place}/when", reading.formula(condition))
        for place, (name, condition) in enumerate(conditions)
    )


def _floors(reading: Reading) -> tuple[Floor, ...]:
    """The rules, those that look at findings read last, when it is known what finds them."""
    rules = reading.document.rules
    second = {place for place, rule in enumerate(rules) if _looks_at_findings(rule)}
    floors: dict[int, Floor] = {}
    for place, rule in sorted(enumerate(rules), key=lambda one: one[0] in second):
        when = reading.formula(rule.when)
        if rule.unless is not None:
            when = every([when, denied(reading.formula(rule.unless))])
        rank = reading.policy.rank_of(rule.grade) if rule.grade else -1
        floors[place] = Floor(place, rule, rank, when, denied(when), variables(when))
        if place not in second:
            for finding in rule.findings:
                reading._found.setdefault(finding.element, []).append((finding.level, when))
    return tuple(floors[place] for place in range(len(rules)))


def _looks_at_findings(rule: Rule) -> bool:
    return bool(elements_found(rule.when) or (rule.unless is not None and elements_found(rule.unless)))


def _fears(reading: Reading) -> Iterator[Fear]:
    for place, precaution in enumerate(reading.document.precautions):
        yield Fear(
            id=precaution.id,
            pointer=f"/precautions/{place}",
            on=reading._named.get(precaution.on) or reading.yes(precaution.on),
            scope=reading.formula(precaution.scope),
            reasons=frozenset(Absence(reason) for reason in precaution.reasons),
            not_asked=precaution.not_asked,
            rank=reading.policy.rank_of(precaution.grade),
            own=True,
        )
    for place, rule in enumerate(reading.document.rules):
        if rule.unless is not None and rule.grade is not None:
            yield Fear(
                id=rule.id,
                pointer=f"/rules/{place}/unless",
                on=reading.formula(rule.unless),
                scope=reading.formula(rule.when),
                reasons=frozenset(Absence) - {Absence.NOT_ASKED},
                not_asked=NotAsked.FROM_START,
                rank=reading.policy.rank_of(rule.grade),
                own=False,
            )


def _due(reading: Reading) -> Iterator[Named]:
    document = reading.document
    found: list[tuple[str, str, Condition | None]] = []
    found += [(check.id, f"/checks/{i}/due_when", check.due_when) for i, check in enumerate(document.checks)]
    found += [(timer.id, f"/timers/{i}/when", timer.when) for i, timer in enumerate(document.timers)]
    if code := document.victims_code:
        found += [(one.id, f"/victims_code/categories/{i}/when", one.when) for i, one in enumerate(code.categories)]
        found += [(one.id, f"/victims_code/tell/{i}/when", one.when) for i, one in enumerate(code.tell)]
        where = "/victims_code/leave_to_officer_when"
        found.append(("leave_to_officer_when", where, code.leave_to_officer_when))
    for name, pointer, condition in found:
        if condition is not None:
            yield Named(name, pointer, reading.formula(condition))
