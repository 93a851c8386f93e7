"""Compiles what a policy says is due, owed, told and promised, noting every fault. It compiles no rule."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.policy.compiled import Obligations, Telling
from chalicelib.policy.conditions import Condition
from chalicelib.policy.document import ClockFact, Policy, Role
from chalicelib.policy.nodes import Node
from chalicelib.policy.obligations import Guarantee, VictimCategory, VictimsCode, VictimTelling
from chalicelib.policy.resolver import Resolver


def compiled_guarantees(policy: Policy, resolver: Resolver) -> tuple[tuple[Guarantee, Node], ...]:
    """The promises of a policy, each with the test whether a call is one that it speaks of."""
    found: list[tuple[Guarantee, Node]] = []
    for place, promise in enumerate(policy.guarantees):
        where = f"/guarantees/{place}"
        if promise.at_least is not None:
            resolver.has(promise.at_least, "grades", f"{where}/at_least")
        for kind, member, names in (
            ("responses", "never", promise.never),
            ("flags", "flags", promise.flags),
            ("duties", "duties", promise.duties),
            ("basis", "basis", promise.basis),
        ):
            resolver.all_known(names, kind, f"{where}/{member}")
        found.append((promise, resolver.node(promise.when, f"{where}/when")))
    return tuple(found)


def compiled_obligations(policy: Policy, resolver: Resolver) -> Obligations:
    """Duties, checks, timers, Victims' Code and outcomes, with their names resolved and their conditions compiled."""
    _check_duties(policy, resolver)
    for place, reason in enumerate(policy.outcomes):
        resolver.all_known(reason.basis, "basis", f"/outcomes/{place}/basis")
    for place, timer in enumerate(policy.timers):
        resolver.all_known(timer.grades or (), "grades", f"/timers/{place}/grades")
        resolver.all_known(timer.basis, "basis", f"/timers/{place}/basis")
    code = policy.victims_code
    if code is not None:
        _check_code(code, resolver)
    return Obligations(
        checks=tuple(
            (check.id, resolver.node(check.due_when, f"/checks/{place}/due_when"))
            for place, check in enumerate(policy.checks)
            if check.due_when is not None
        ),
        timers=tuple(
            (timer, _maybe(timer.when, f"/timers/{place}/when", resolver)) for place, timer in enumerate(policy.timers)
        ),
        categories=tuple(
            (category.id, resolver.node(category.when, f"/victims_code/categories/{place}/when"))
            for place, category in enumerate(code.categories if code else ())
        ),
        tellings=tuple(
            Telling(telling, _maybe(telling.when, f"/victims_code/tell/{place}/when", resolver))
            for place, telling in enumerate(code.tell if code else ())
        ),
        left_to_officer=_maybe(
            code.leave_to_officer_when if code else None, "/victims_code/leave_to_officer_when", resolver
        ),
        per_victim=tuple(
            variable.index
            for term in resolver.terms.values()
            if term.fact.per is Role.VICTIM
            for variable in term.variables
        ),
    )


def _maybe(condition: Condition | None, where: str, resolver: Resolver) -> Node | None:
    return None if condition is None else resolver.node(condition, where)


def _check_duties(policy: Policy, resolver: Resolver) -> None:
    for place, duty in enumerate(policy.duties):
        where = f"/duties/{place}"
        resolver.all_known(duty.basis, "basis", f"{where}/basis")
        if duty.text is not None:
            resolver.has(duty.text, "texts", f"{where}/text")
        if duty.working_days is not None:
            _needs_calendar(policy, resolver, f"{where}/working_days")
    for place, fact in enumerate(policy.facts):
        if fact.clock in (ClockFact.HOUR, ClockFact.KIND_OF_DAY):
            _needs_calendar(policy, resolver, f"/facts/{place}/clock")
    for place, need in enumerate(policy.specified_needs):
        resolver.all_known(need.basis, "basis", f"/specified_needs/{place}/basis")


def _needs_calendar(policy: Policy, resolver: Resolver, where: str) -> None:
    if policy.calendar is None:
        resolver.fault(
            "calendar",
            where,
            "this goes by a calendar, and the policy has none",
            "calendar: {known_until: 2027-12-31, ..}",
        )


def _check_code(code: VictimsCode, resolver: Resolver) -> None:
    where = "/victims_code"
    parts: tuple[tuple[str, tuple[VictimCategory | VictimTelling, ...]], ...] = (
        ("categories", code.categories),
        ("tell", code.tell),
    )
    for part, things in parts:
        _each_once((thing.id for thing in things), f"{where}/{part}", resolver)
        for place, thing in enumerate(things):
            resolver.all_known(thing.basis, "basis", f"{where}/{part}/{place}/basis")
    for place, telling in enumerate(code.tell):
        if telling.text is not None:
            resolver.has(telling.text, "texts", f"{where}/tell/{place}/text")


def _each_once(names: Iterable[str], where: str, resolver: Resolver) -> None:
    seen: set[str] = set()
    for place, name in enumerate(names):
        if name in seen:
            resolver.fault("duplicate_id", f"{where}/{place}/id", f'the id "{name}" stands twice', "an id of its own")
        seen.add(name)
