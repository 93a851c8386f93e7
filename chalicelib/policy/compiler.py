"""Compiles a policy document, part by part, and tells every fault at once. It evaluates nothing."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.errors import Invalid
from chalicelib.policy.compiled import Bearing, CompiledPolicy, Floor, Gate, Guard, Node, atoms, branch
from chalicelib.policy.document import Absence, Fact, FactType, Grade, NotAsked, Policy, Precaution, Rule
from chalicelib.policy.leaves import conditions_of, elements_found
from chalicelib.policy.resolver import Resolver
from chalicelib.policy.vocabulary import Term, nearest


def compile_policy(policy: Policy, digest: str) -> CompiledPolicy:
    """Resolve and compile a document. Raises Invalid with one fault for each thing that does not fit together."""
    resolver = Resolver(policy)
    grades = _grades(policy, resolver)
    ranks = {grade.id: rank for rank, grade in enumerate(grades)}
    for place, named in enumerate(policy.conditions):
        resolver.named[named.id] = resolver.node(named.when, f"/conditions/{place}/when")
    gates = _gates(policy, resolver)
    floors, exceptions = _floors(policy, resolver, ranks)
    guards = [_guard(guard, f"/precautions/{place}", resolver, ranks) for place, guard in enumerate(policy.precautions)]
    earned = resolver.node(policy.earned_when, "/earned_when")
    impossible = _conditions(policy, resolver, "impossible")
    needs = _conditions(policy, resolver, "specified_needs")
    resolver.has(policy.base_grade, "grades", "/base_grade")
    _check_checks(policy, resolver)
    if resolver.faults:
        raise Invalid("The policy does not fit together.", resolver.faults)
    every_guard = (*guards, *exceptions)
    variables = tuple(variable for term in resolver.terms.values() for variable in term.variables)
    return CompiledPolicy(
        policy=policy,
        digest=digest,
        grades=grades,
        base_rank=ranks[policy.base_grade],
        earned=earned,
        terms=resolver.terms,
        variables=variables,
        gates=gates,
        floors=floors,
        guards=every_guard,
        impossible=impossible,
        needs=needs,
        atoms=tuple(atoms(variable.full, resolver.masks(variable)) for variable in variables),
        bearings=tuple(_bearing(variable.index, floors, every_guard, gates, earned) for variable in variables),
    )


def _bearing(
    index: int, floors: Sequence[Floor], guards: Sequence[Guard], gates: Sequence[Gate], earned: Node
) -> Bearing:
    return Bearing(
        floors=frozenset(place for place, floor in enumerate(floors) if index in floor.node.uses),
        guards=frozenset(place for place, guard in enumerate(guards) if index in guard.on.uses | guard.scope.uses),
        gates=tuple(place for place, gate in enumerate(gates) if index in gate.node.uses),
        earned=index in earned.uses,
    )


def _grades(policy: Policy, resolver: Resolver) -> tuple[Grade, ...]:
    """The grades from the lowest up; their national names have to rise with them."""
    for place in range(1, len(policy.grades)):
        if policy.grades[place].national.rank > policy.grades[place - 1].national.rank:
            wrong = "a lower local grade maps to a higher national one"
            resolver.fault("grade_order", f"/grades/{place}/national", wrong, "the order of the national scale")
    return tuple(reversed(policy.grades))


def _conditions(policy: Policy, resolver: Resolver, kind: str) -> tuple[tuple[str, Node], ...]:
    things = getattr(policy, kind)
    return tuple((thing.id, resolver.node(thing.when, f"/{kind}/{place}/when")) for place, thing in enumerate(things))


def _gates(policy: Policy, resolver: Resolver) -> tuple[Gate, ...]:
    """When facts are asked, in an order in which no gate looks at a fact whose own gate comes later."""
    waiting: dict[str, Gate] = {}
    for place, fact in enumerate(policy.facts):
        if fact.element:
            resolver.has(fact.element, "elements", f"/facts/{place}/element")
        if fact.asked_when is not None and fact.otherwise is not None:
            node = resolver.node(fact.asked_when, f"/facts/{place}/asked_when")
            otherwise = _otherwise(resolver.terms[fact.id], fact, f"/facts/{place}/otherwise", resolver)
            waiting[fact.id] = Gate(fact.id, node, otherwise)
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
            resolver.fault("value", where, "a set that is not asked has no tags", '"none"')
        return tuple((variable.index, 1) for variable in term.variables)
    try:
        return ((term.variables[0].index, 1 << term.cell(fact.otherwise)),)
    except ValueError as error:
        resolver.fault("value", where, f'not a value of "{fact.id}"', str(error))
        return ()


def _floors(policy: Policy, resolver: Resolver, ranks: dict[str, int]) -> tuple[tuple[Floor, ...], list[Guard]]:
    """The rules, and the precautions that their exceptions stand for. Rules that use findings come second."""
    used = {element for condition in conditions_of(policy) for element in elements_found(condition)}
    second = {rule.id for rule in policy.rules if _looked_at(rule)}
    floors: dict[int, Floor] = {}
    exceptions: list[Guard] = []
    for place, rule in sorted(enumerate(policy.rules), key=lambda one: one[1].id in second):
        where = f"/rules/{place}"
        _check_rule(rule, where, resolver)
        node = when = resolver.node(rule.when, f"{where}/when")
        rank = ranks.get(rule.grade, -1) if rule.grade else -1
        if rule.unless is not None:
            exception = resolver.node(rule.unless, f"{where}/unless")
            node = branch("all", [when, branch("none", [exception])])
            exceptions.append(_exception(rule, when, exception, rank))
        floors[place] = Floor(rule, node, rank)
        for step, finding in enumerate(rule.findings):
            if rule.id not in second:
                resolver.findings.setdefault(finding.element, []).append((finding.level, node))
            elif finding.element in used:
                wrong = f'"{finding.element}" would be found from a finding and used as one'
                resolver.fault("stratum", f"{where}/findings/{step}/element", wrong, "an element no condition looks at")
    return tuple(floors[place] for place in range(len(policy.rules))), exceptions


def _looked_at(rule: Rule) -> set[str]:
    return elements_found(rule.when) | (elements_found(rule.unless) if rule.unless is not None else set())


def _exception(rule: Rule, when: Node, exception: Node, rank: int) -> Guard:
    """An exception holds only while it is known; while it is not, it is feared that it does not."""
    return Guard(
        id=rule.id,
        on=exception,
        scope=when,
        reasons=frozenset(Absence) - {Absence.NOT_ASKED},
        not_asked=NotAsked.FROM_START,
        rank=rank,
    )


def _check_rule(rule: Rule, where: str, resolver: Resolver) -> None:
    for kind, names in (("basis", rule.basis), ("flags", rule.flags), ("duties", rule.duties)):
        for step, name in enumerate(names):
            resolver.has(name, kind, f"{where}/{kind}/{step}")
    if rule.grade:
        resolver.has(rule.grade, "grades", f"{where}/grade")
    for step, finding in enumerate(rule.findings):
        resolver.has(finding.element, "elements", f"{where}/findings/{step}/element")
    for step, name in enumerate(rule.response.forbid if rule.response else ()):
        resolver.has(name, "responses", f"{where}/response/forbid/{step}")
    if not (rule.grade or rule.findings or rule.response or rule.flags or rule.duties):
        right = "a grade, findings, response, flags or duties"
        resolver.fault("no_effect", where, f'the rule "{rule.id}" does nothing', right)
    if rule.unless is not None and not rule.grade:
        wrong = "an exception needs a grade that holds while it is not known"
        resolver.fault("unless", f"{where}/unless", wrong, "a grade")


def _guard(guard: Precaution, where: str, resolver: Resolver, ranks: dict[str, int]) -> Guard:
    resolver.has(guard.grade, "grades", f"{where}/grade")
    resolver.has(guard.question, "facts", f"{where}/question")
    for step, name in enumerate(guard.basis):
        resolver.has(name, "basis", f"{where}/basis/{step}")
    yes_no = [term.fact.id for term in resolver.terms.values() if term.fact.type is FactType.YES_NO]
    scope = resolver.node(guard.scope, f"{where}/scope")
    on = resolver.named.get(guard.on) or (resolver.is_yes(guard.on) if guard.on in yes_no else None)
    if on is None:
        near = nearest(guard.on, [*resolver.known["conditions"], *yes_no])
        wrong = f'"{guard.on}" is neither a yes/no fact nor a named condition'
        resolver.fault("unknown_name", f"{where}/on", wrong, f'"{near}"?' if near else "one of them")
    return Guard(
        id=guard.id,
        on=on or scope,
        scope=scope,
        reasons=frozenset(Absence(reason) for reason in guard.reasons),
        not_asked=guard.not_asked,
        rank=ranks.get(guard.grade, 0),
    )


def _check_checks(policy: Policy, resolver: Resolver) -> None:
    for place, check in enumerate(policy.checks):
        for step, result in enumerate(check.results):
            where = f"/checks/{place}/results/{step}"
            if not resolver.has(result.fact, "facts", f"{where}/fact") or not resolver.sound(result.fact):
                continue
            term = resolver.terms[result.fact]
            try:
                for tag in (*(result.present or ()), *(result.ruled_out or ())):
                    term.tag(tag)
                if result.value is not None:
                    term.cell(result.value)
            except ValueError as error:
                resolver.fault("value", where, f'not a value of "{result.fact}"', str(error))
