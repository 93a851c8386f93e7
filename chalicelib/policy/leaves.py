"""Walks through the conditions of a document: their leaves, facts and constants. It judges nothing."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.policy.conditions import All, Any_, Condition, FactLeaf, FindingLeaf, NamedLeaf, None_, Operand
from chalicelib.policy.document import Policy


def conditions_of(policy: Policy) -> Iterator[Condition]:
    """Every condition that stands in a policy."""
    for fact in policy.facts:
        if fact.asked_when is not None:
            yield fact.asked_when
    for rule in policy.rules:
        yield rule.when
        if rule.unless is not None:
            yield rule.unless
    for group in (policy.conditions, policy.impossible, policy.specified_needs):
        yield from (thing.when for thing in group)
    yield from (guard.scope for guard in policy.precautions)
    yield from (promise.when for promise in policy.guarantees)
    yield policy.earned_when
    yield from _of_obligations(policy)


def _of_obligations(policy: Policy) -> Iterator[Condition]:
    code = policy.victims_code
    found: list[Condition | None] = [check.due_when for check in policy.checks]
    found += [timer.when for timer in policy.timers]
    if code is not None:
        found += [category.when for category in code.categories]
        found += [telling.when for telling in code.tell]
        found.append(code.leave_to_officer_when)
    yield from (condition for condition in found if condition is not None)


def leaves(condition: Condition) -> Iterator[FactLeaf | FindingLeaf | NamedLeaf]:
    """Every leaf of a condition."""
    match condition:
        case All(all=parts) | Any_(any=parts) | None_(none=parts):
            for part in parts:
                yield from leaves(part)
        case _:
            yield condition


def elements_found(condition: Condition) -> set[str]:
    """The elements whose finding a condition looks at."""
    return {leaf.finding for leaf in leaves(condition) if isinstance(leaf, FindingLeaf)}


def constants(policy: Policy) -> dict[str, set[int]]:
    """For each fact the whole numbers at which conditions cut it: the least value of each new cell."""
    found: dict[str, set[int]] = {}
    for condition in conditions_of(policy):
        for leaf in leaves(condition):
            if isinstance(leaf, FactLeaf):
                found.setdefault(leaf.fact, set()).update(_cuts(*leaf.comparison))
    for fact in policy.facts:
        if fact.otherwise is not None:
            found.setdefault(fact.id, set()).update(_cuts("is", fact.otherwise))
    return found


def _cuts(comparison: str, operand: Operand) -> Iterator[int]:
    values = [value for value in (operand if isinstance(operand, tuple) else (operand,)) if type(value) is int]
    if comparison in ("at_least", "is", "is_not", "one_of"):
        yield from values
    if comparison in ("at_most", "is", "is_not", "one_of"):
        yield from (value + 1 for value in values)
    if comparison == "between" and len(values) == 2:
        yield values[0]
        yield values[1] + 1
