"""Compiles when facts are asked, and what holds while they are not, noting every fault. It compiles no rule."""

from __future__ import annotations

from chalicelib.policy.compiled import Gate
from chalicelib.policy.document import Fact, FactType, Policy
from chalicelib.policy.resolver import Resolver
from chalicelib.policy.vocabulary import Term


def compiled_gates(policy: Policy, resolver: Resolver) -> tuple[Gate, ...]:
    """When facts are asked, in an order in which no gate looks at a fact whose own gate comes later."""
    waiting: dict[str, Gate] = {}
    for place, fact in enumerate(policy.facts):
        if fact.asked_when is not None and fact.otherwise is not None:
            node = resolver.node(fact.asked_when, f"/facts/{place}/asked_when")
            otherwise = _otherwise(resolver.terms[fact.id], fact, f"/facts/{place}/otherwise", resolver)
            for index, mask in otherwise:
                resolver.tells_apart(index, mask)
            waiting[fact.id] = Gate(fact.id, node, otherwise)
    return _in_order(waiting, resolver)


def _in_order(waiting: dict[str, Gate], resolver: Resolver) -> tuple[Gate, ...]:
    owners = {variable.index: term.fact.id for term in resolver.terms.values() for variable in term.variables}
    order: list[Gate] = []
    while waiting:
        ready = [gate for gate in waiting.values() if not {owners[used] for used in gate.node.uses} & waiting.keys()]
        if not ready:
            for name in waiting:
                where = f"/facts/{resolver.known['facts'].index(name)}/asked_when"
                resolver.fault("cycle", where, f'whether "{name}" is asked depends on itself', "no circle")
            break
        order += [waiting.pop(gate.fact) for gate in ready]
    return tuple(order)


def _otherwise(term: Term, fact: Fact, where: str, resolver: Resolver) -> tuple[tuple[int, int], ...]:
    if not resolver.sound(fact.id):
        return ()
    if fact.type is FactType.SET:
        if fact.otherwise != "none":
            resolver.fault("value", where, "a set that is not asked has no tags", "none")
        return tuple((variable.index, 1) for variable in term.variables)
    if fact.otherwise is None or not resolver.fits(term, fact.otherwise, where):
        return ()
    return ((term.variables[0].index, 1 << term.cell(fact.otherwise)),)
