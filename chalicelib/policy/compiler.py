"""Compiles a policy document, part by part, and tells every fault at once. It evaluates nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from chalicelib.errors import Invalid
from chalicelib.policy.compiled import Bearing, CompiledPolicy, Floor, Gate, Guard
from chalicelib.policy.document import Absence, CheckResult, FactType, Grade, NotAsked, Policy, Precaution, Rule
from chalicelib.policy.gate_compiler import compiled_gates
from chalicelib.policy.leaves import conditions_of, elements_found
from chalicelib.policy.nodes import Node, atoms, branch
from chalicelib.policy.obligation_compiler import compiled_guarantees, compiled_obligations
from chalicelib.policy.resolver import Resolver
from chalicelib.policy.vocabulary import suggested


def compile_policy(policy: Policy, digest: str, doubtful: Collection[str] = ()) -> CompiledPolicy:
    """Resolve and compile a document. Raises Invalid with one fault for each thing that does not fit together.

    What is compared with `doubtful` facts is not judged: something is already known to be wrong with them.
    """
    resolver = Resolver(policy, doubtful)
    grades = _grades(policy, resolver)
    ranks = {grade.id: rank for rank, grade in enumerate(grades)}
    for place, named in enumerate(policy.conditions):
        resolver.named[named.id] = resolver.node(named.when, f"/conditions/{place}/when")
    gates = compiled_gates(policy, resolver)
    _check_facts(policy, resolver)
    floors, exceptions = _floors(policy, resolver, ranks)
    guards = [_guard(guard, f"/precautions/{place}", resolver, ranks) for place, guard in enumerate(policy.precautions)]
    earned = resolver.node(policy.earned_when, "/earned_when")
    impossible = _conditions(policy, resolver, "impossible")
    needs = _conditions(policy, resolver, "specified_needs")
    guarantees = compiled_guarantees(policy, resolver)
    resolver.has(policy.base_grade, "grades", "/base_grade")
    _check_checks(policy, resolver)
    variables = tuple(variable for term in resolver.terms.values() for variable in term.variables)
    # Before the obligations are compiled: none of them bears on the grade, so no search has to tell their values apart.
    classes = tuple(atoms(variable.full, resolver.masks(variable)) for variable in variables)
    obligations = compiled_obligations(policy, resolver)
    if resolver.faults:
        raise Invalid("The policy does not fit together.", resolver.faults)
    every_guard = (*guards, *exceptions)
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
        atoms=classes,
        bearings=tuple(_bearing(variable.index, floors, every_guard, gates, earned) for variable in variables),
        guarantees=guarantees,
        obligations=obligations,
    )


def _bearing(
    index: int, floors: Sequence[Floor], guards: Sequence[Guard], gates: Sequence[Gate], earned: Node
) -> Bearing:
    return Bearing(
        floors=tuple(
            place
            for place, floor in sorted(enumerate(floors), key=lambda one: -one[1].rank)
            if index in floor.node.uses
        ),
        guards=frozenset(place for place, guard in enumerate(guards) if index in guard.on.uses | guard.scope.uses),
        gates=tuple(place for place, gate in enumerate(gates) if index in gate.node.uses),
        earned=index in earned.uses,
    )


def _grades(policy: Policy, resolver: Resolver) -> tuple[Grade, ...]:
    """The grades from the lowest up; their national names have to rise with them."""
    for place in range(1, len(policy.grades)):
        if policy.grades[place].national.rank > policy.grades[place - 1].national.rank:
            lower, higher = policy.grades[place].id, policy.grades[place - 1].id
            wrong = f'"{lower}" is listed below "{higher}" and maps to a higher national grade'
            resolver.fault("grade_order", f"/grades/{place}/national", wrong, "grades from the highest down")
    return tuple(reversed(policy.grades))


def _conditions(policy: Policy, resolver: Resolver, kind: str) -> tuple[tuple[str, Node], ...]:
    things = getattr(policy, kind)
    return tuple((thing.id, resolver.node(thing.when, f"/{kind}/{place}/when")) for place, thing in enumerate(things))


def _check_facts(policy: Policy, resolver: Resolver) -> None:
    for place, fact in enumerate(policy.facts):
        if fact.element:
            resolver.has(fact.element, "elements", f"/facts/{place}/element")
        if fact.history and fact.history.flag:
            resolver.has(fact.history.flag, "flags", f"/facts/{place}/history/flag")


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
                wrong = f'a rule that looks at findings cannot give "{finding.element}", which rules look at too'
                right = "another element, or the finding given by a rule that looks at facts alone"
                resolver.fault("stratum", f"{where}/findings/{step}/element", wrong, right)
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
        resolver.all_known(names, kind, f"{where}/{kind}")
    if rule.grade:
        resolver.has(rule.grade, "grades", f"{where}/grade")
    for step, finding in enumerate(rule.findings):
        resolver.has(finding.element, "elements", f"{where}/findings/{step}/element")
    resolver.all_known(rule.response.forbid if rule.response else (), "responses", f"{where}/response/forbid")
    if not (rule.grade or rule.findings or rule.response or rule.flags or rule.duties):
        right = "a grade, findings, response, flags or duties"
        resolver.fault("no_effect", where, f'the rule "{rule.id}" does nothing', right)
    if rule.unless is not None and not rule.grade:
        wrong = "an exception needs a grade that holds while it is not known"
        resolver.fault("unless", f"{where}/unless", wrong, "a grade in the same rule")


def _guard(guard: Precaution, where: str, resolver: Resolver, ranks: dict[str, int]) -> Guard:
    resolver.has(guard.grade, "grades", f"{where}/grade")
    resolver.has(guard.question, "facts", f"{where}/question")
    resolver.all_known(guard.basis, "basis", f"{where}/basis")
    yes_no = [term.fact.id for term in resolver.terms.values() if term.fact.type is FactType.YES_NO]
    scope = resolver.node(guard.scope, f"{where}/scope")
    on = resolver.named.get(guard.on) or (resolver.is_yes(guard.on) if guard.on in yes_no else None)
    if on is None:
        known = [*resolver.known["conditions"], *yes_no]
        wrong = f'"{guard.on}" is neither a yes/no fact nor a named condition'
        resolver.fault("unknown_name", f"{where}/on", wrong, suggested(guard.on, known, "of these two kinds"))
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
            if resolver.has(result.fact, "facts", f"{where}/fact") and resolver.sound(result.fact):
                _check_result(result, where, resolver)


def _check_result(result: CheckResult, where: str, resolver: Resolver) -> None:
    term = resolver.terms[result.fact]
    of_set = term.fact.type is FactType.SET
    said = {"value": result.value, "present": result.present, "ruled_out": result.ruled_out}
    for member, value in said.items():
        if value is None:
            continue
        if of_set == (member == "value"):
            wrong = f'{member} does not fit "{result.fact}", a fact of type {term.fact.type}'
            resolver.fault("comparison", f"{where}/{member}", wrong, "present, ruled_out" if of_set else "value")
        else:
            resolver.fits(term, value, f"{where}/{member}")
    if result.absent is None and not any(value is not None for value in said.values()):
        wrong = f'the result "{result.result}" says nothing about "{result.fact}"'
        resolver.fault("no_effect", where, wrong, "value, present, ruled_out or absent")
