"""Resolves names and conditions of a document into tests, collecting every fault. It knows no order of parts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from chalicelib.errors import Fault
from chalicelib.policy.conditions import All, Any_, Condition, FactLeaf, FindingLeaf, NamedLeaf, None_, Operand
from chalicelib.policy.document import FactType, Policy
from chalicelib.policy.leaves import constants
from chalicelib.policy.levels import Level
from chalicelib.policy.nodes import NEVER, Kind, Node, branch, leaf, tags
from chalicelib.policy.vocabulary import Term, Variable, fitting, suggested, vocabulary

DEEPEST_CONDITION = 4
"""Branches inside one another in one condition; named conditions count on their own."""

_KINDS = (
    "basis", "elements", "grades", "responses", "facts", "conditions", "rules", "duties", "checks", "flags",
    "impossible", "precautions", "specified_needs", "texts", "timers", "outcomes", "guarantees",
)  # fmt: skip

_OF_SETS: dict[str, Kind] = {
    "includes_any": "any",
    "includes_all": "all",
    "includes_none": "none",
}


class Resolver:
    """What is known of a document while it is compiled. Faults are collected, never raised."""

    def __init__(self, policy: Policy, doubtful: Collection[str] = ()) -> None:
        """Take in the names and the facts of a document. What is compared with doubtful facts is not judged."""
        self.faults: list[Fault] = []
        self.known: dict[str, list[str]] = {kind: [thing.id for thing in getattr(policy, kind)] for kind in _KINDS}
        self.terms: dict[str, Term] = vocabulary(policy.facts, constants(policy), self.faults)
        self._broken = {policy.facts[int(fault.where.split("/")[2])].id for fault in self.faults}
        self._broken |= {*doubtful}
        """Facts with a fault of their own: what is compared with them cannot be judged."""
        self.named: dict[str, Node] = {}
        """The named conditions that were compiled so far."""
        self.findings: dict[str, list[tuple[Level, Node]]] = {}
        """For each element the levels that rules of the first stratum give, and when."""
        self._masks: dict[int, set[int]] = {}
        for kind, ids in self.known.items():
            for place, name in enumerate(ids):
                if name in ids[:place]:
                    wrong = f'the id "{name}" stands twice in {kind}'
                    self.fault("duplicate_id", f"/{kind}/{place}/id", wrong, "an id of its own")
                    self._broken |= {name} if kind == "facts" else set()

        for place, name in enumerate(self.known["precautions"]):
            if name in self.known["rules"]:
                wrong = f'the id "{name}" is that of a rule'
                self.fault("duplicate_id", f"/precautions/{place}/id", wrong, "an id of its own: both are reasons")

    def fault(self, code: str, where: str, wrong: str, right: str = "") -> None:
        """Note a fault."""
        self.faults.append(Fault(code, where, wrong, right))

    def has(self, name: str, kind: str, where: str) -> bool:
        """Whether something of a kind has this name; a fault, with the nearest name, if not."""
        known = self.known[kind]
        if name in known:
            return True
        self.fault(
            "unknown_name", where, f'"{name}" is not among {kind}', suggested(name, known, f"listed under {kind}")
        )
        return False

    def sound(self, fact: str) -> bool:
        """Whether a fact has no fault of its own, so that its values can be judged."""
        return fact not in self._broken

    def tells_apart(self, index: int, mask: int) -> None:
        """Note that something but a condition depends on whether a variable's value is in a mask."""
        self._masks.setdefault(index, set()).add(mask)

    def masks(self, variable: Variable) -> Sequence[int]:
        """The masks that conditions test a variable against."""
        return sorted(self._masks.get(variable.index, ()))

    def node(self, condition: Condition, where: str, depth: int = 1) -> Node:
        """The test of a condition; one that never holds in place of what has a fault."""
        if depth > DEEPEST_CONDITION + 1:
            wrong = f"more than {DEEPEST_CONDITION} branches inside one another"
            self.fault("depth", where, wrong, "a named condition")
            return NEVER
        match condition:
            case FactLeaf():
                return self._fact(condition, where)
            case FindingLeaf():
                return self._finding(condition, where)
            case NamedLeaf():
                return self._by_name(condition.condition, f"{where}/condition")
            case All(all=parts):
                return branch("all", self._nodes(parts, f"{where}/all", depth))
            case Any_(any=parts):
                return branch("any", self._nodes(parts, f"{where}/any", depth))
            case None_(none=parts):
                return branch("none", self._nodes(parts, f"{where}/none", depth))

    def all_known(self, names: Iterable[str], kind: str, where: str) -> None:
        """Note a fault for each name in a list that nothing of a kind has."""
        for step, name in enumerate(names):
            self.has(name, kind, f"{where}/{step}")

    def fits(self, term: Term, operand: Operand, where: str) -> bool:
        """Whether a fact can have a value, or all values of a list; a fault for each that it cannot."""
        sound = True
        values = operand if isinstance(operand, tuple) else (operand,)
        for step, value in enumerate(values):
            try:
                term.tag(str(value)) if term.fact.type is FactType.SET else term.cell(value)
            except ValueError as error:
                wrong = f'{_written(value)} is not a value of "{term.fact.id}"'
                self.fault("value", f"{where}/{step}" if isinstance(operand, tuple) else where, wrong, str(error))
                sound = False
        return sound

    def is_yes(self, fact: str) -> Node:
        """The test whether a yes/no fact is yes."""
        return self._tested(self.terms[fact].variables[0], 2)

    def _nodes(self, parts: Sequence[Condition], where: str, depth: int) -> list[Node]:
        return [self.node(part, f"{where}/{step}", depth + 1) for step, part in enumerate(parts)]

    def _finding(self, condition: FindingLeaf, where: str) -> Node:
        if not self.has(condition.finding, "elements", f"{where}/finding"):
            return NEVER
        if not where.startswith("/rules/"):
            wrong = "a finding can only be looked at by a rule itself: findings are what rules give"
            self.fault("stratum", f"{where}/finding", wrong, "the facts that it rests on")
            return NEVER
        if condition.at_least is Level.NONE:
            self.fault("value", f"{where}/at_least", "every element has at least the level none", "low, medium or high")
            return NEVER
        given = self.findings.get(condition.finding, [])
        enough = [node for level, node in given if level.rank >= condition.at_least.rank]
        return branch("any", enough) if enough else NEVER

    def _by_name(self, name: str, where: str) -> Node:
        if name in self.named:
            return self.named[name]
        if self.has(name, "conditions", where):
            wrong = f'"{name}" stands further down, or is this condition itself'
            self.fault("order", where, wrong, "a condition that is listed above")
        return NEVER

    def _fact(self, condition: FactLeaf, where: str) -> Node:
        if not self.has(condition.fact, "facts", f"{where}/fact"):
            return NEVER
        if not self.sound(condition.fact):
            return NEVER
        term = self.terms[condition.fact]
        comparison, operand = condition.comparison
        fits = fitting(term.fact.type)
        if comparison not in fits:
            wrong = f'"{comparison}" does not fit "{condition.fact}", a fact of type {term.fact.type}'
            self.fault("comparison", f"{where}/{comparison}", wrong, f"one of {', '.join(fits)}")
            return NEVER
        if not self.fits(term, operand, f"{where}/{comparison}"):
            return NEVER
        if term.fact.type is FactType.SET and isinstance(operand, tuple):
            named = [term.tag(str(tag)) for tag in operand]
            for variable in named:
                self._masks.setdefault(variable.index, set()).add(2)
            return tags(_OF_SETS[comparison], named)
        try:
            return self._tested(term.variables[0], term.mask(comparison, operand))
        except ValueError as error:
            wrong = f'{_written(operand)} are not bounds of "{condition.fact}"'
            self.fault("value", f"{where}/{comparison}", wrong, str(error))
            return NEVER

    def _tested(self, variable: Variable, mask: int) -> Node:
        self._masks.setdefault(variable.index, set()).add(mask)
        return leaf(variable, mask)


def _written(operand: object) -> str:
    """An operand as its author wrote it."""
    if isinstance(operand, tuple):
        return f"[{', '.join(_written(part) for part in operand)}]"
    return (
        str(operand).lower()
        if isinstance(operand, bool)
        else f'"{operand}"'
        if isinstance(operand, str)
        else str(operand)
    )
