"""Mutants of a policy document, each with one part removed, weakened or turned round. What sees them, `catching` says.

Run as a program with a policy's folder it makes all of them, and prints what catches each kind and what survives.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from chalicelib.analysis.comparison import compare
from chalicelib.analysis.differences import Comparison
from chalicelib.canonical import Json
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import FactType, NotAsked, Policy
from chalicelib.policy.levels import Level

Doc = Mapping[str, Json]
Place = tuple[str | int, ...]


COMPARED = 8
"""One of so many is compared with the policy even where a promise or a case has seen it before."""

SECONDS = 120
"""How long one comparison may take."""


class _Drop:
    """Stands for taking a member or an item out."""


DROP: Final = _Drop()


class Edit(NamedTuple):
    """One place of a document, and what stands there instead."""

    place: Place
    value: Json | _Drop


class Mutant(NamedTuple):
    """One change to a document."""

    kind: str
    owner: str
    """The id of the part that is changed."""
    edits: tuple[Edit, ...]
    """The place that it is about comes last."""
    detail: str = ""

    @property
    def part(self) -> str:
        """The part of the document that is changed."""
        return str(self.edits[-1].place[0])

    @property
    def name(self) -> str:
        """What was done and where; no two mutants of a document have the same."""
        where = "/".join(str(step) for step in (self.part, self.owner, *self.edits[-1].place[2:]) if step != "")
        return f"{where}: {self.kind}" + (f" ({self.detail})" if self.detail else "")


def plain(policy: Policy) -> Doc:
    """A policy as the plain document that mutants are made of."""
    document: Doc = policy.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return document


def made(document: Doc, mutant: Mutant) -> Json:
    """The mutant's document. The one that it is made of stays as it is."""
    value: Json = document
    for place, new in sorted(mutant.edits, key=lambda edit: edit.place, reverse=True):
        value = _with(value, place, new)
    return value


def at(document: Json, place: Place) -> Json:
    """What stands at a place of a document."""
    for step in place:
        document = _items(document)[step] if isinstance(step, int) else _members(document)[step]
    return document


def _with(value: Json, place: Place, new: Json | _Drop) -> Json:
    step, rest = place[0], place[1:]
    if isinstance(step, int):
        items = list(_items(value))
        items[step : step + 1] = _instead(items[step], rest, new)
        return items
    members = dict(_members(value))
    inside = _instead(members.get(step), rest, new)
    if not inside:
        del members[step]
    for one in inside:
        members[step] = one
    return members


def _instead(value: Json, rest: Place, new: Json | _Drop) -> list[Json]:
    if rest:
        return [_with(value, rest, new)]
    return [] if isinstance(new, _Drop) else [new]


def _items(value: Json) -> Sequence[Json]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _members(value: Json) -> Doc:
    return value if isinstance(value, Mapping) else {}


def _without(document: Doc, place: Place) -> Edit:
    """An item taken out of its list; the whole list, where it is the only one."""
    alone = isinstance(place[-1], int) and len(_items(at(document, place[:-1]))) == 1
    return Edit(place[:-1] if alone else place, DROP)


def mutants(policy: Policy) -> Iterator[Mutant]:
    """All mutants of a policy, in the order of its parts."""
    document = plain(policy)
    for part, removed in _REMOVED.items():
        for place, one in _each(document, part):
            yield Mutant(removed, _id(one), (_without(document, place),))
    for place, duty in _each(document, "duties"):
        yield _duty_dropped(document, _id(duty), place)
    lower = {str(higher): lower for higher, lower in _steps(_ids(document, "grades"))}
    for place, rule in _each(document, "rules"):
        yield from _of_rule(document, rule, place, lower)
    for place, guard in _each(document, "precautions"):
        yield from _of_precaution(document, guard, place, lower)
    base = str(document["base_grade"])
    yield Mutant("base grade lowered", "", (Edit(("base_grade",), lower[base]),))
    conditions = _Conditions(document)
    for owner, place in conditions.everywhere():
        yield from conditions.mutants(owner, place, at(document, place))


_REMOVED = {
    "rules": "rule removed", "precautions": "precaution dropped", "timers": "timer dropped", "checks": "check dropped",
    "specified_needs": "need dropped", "guarantees": "guarantee dropped",
    "victims_code/categories": "category dropped", "victims_code/tell": "telling dropped",
}  # fmt: skip


def _each(document: Doc, part: str) -> Iterator[tuple[Place, Doc]]:
    """The things of a part, each with its place."""
    place: Place = tuple(part.split("/"))
    try:
        things = _items(at(document, place))
    except KeyError:
        things = ()
    return (((*place, step), _members(one)) for step, one in enumerate(things))


def _id(one: Doc) -> str:
    return str(one["id"])


def _ids(document: Doc, part: str) -> list[str]:
    return [_id(one) for _, one in _each(document, part)]


def _steps(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each name with the next one."""
    return pairwise(names)


def _duty_dropped(document: Doc, duty: str, place: Place) -> Mutant:
    """A duty dropped wherever it is named; a promise of nothing else goes with it."""
    edits: list[Edit] = []
    for part in ("rules", "guarantees"):
        for where, one in _each(document, part):
            if duty in _items(one.get("duties")):
                promises = {"at_least", "attendance", "never", "flags", "duties"} & one.keys()
                nothing = part == "guarantees" and promises == {"duties"} and _items(one["duties"]) == [duty]
                step = list(_items(one["duties"])).index(duty)
                edits.append(_without(document, where if nothing else (*where, "duties", step)))
    return Mutant("duty dropped", duty, (*edits, _without(document, place)))


def _of_rule(document: Doc, rule: Doc, place: Place, lower: Mapping[str, str]) -> Iterator[Mutant]:
    owner = _id(rule)
    grade = rule.get("grade")
    if isinstance(grade, str):
        if grade in lower:
            yield Mutant("grade lowered", owner, (Edit((*place, "grade"), lower[grade]),), f"{grade} to {lower[grade]}")
        yield Mutant("grade removed", owner, (Edit((*place, "grade"), DROP),))
    if "unless" in rule:
        yield Mutant("exception dropped", owner, (Edit((*place, "unless"), DROP),))
    for part, kind in (("duties", "duty no longer given"), ("flags", "flag no longer given")):
        for step, name in enumerate(_items(rule.get(part))):
            yield Mutant(kind, owner, (_without(document, (*place, part, step)),), str(name))
    for step, finding in enumerate(_items(rule.get("findings"))):
        yield _finding_lowered(document, owner, (*place, "findings", step), _members(finding))
    yield from _of_response(document, rule, (*place, "response"))


def _finding_lowered(document: Doc, owner: str, place: Place, finding: Doc) -> Mutant:
    rank = Level(str(finding["level"])).rank - 1
    lower = next(level for level in Level if level.rank == rank)
    edit = Edit((*place, "level"), lower.value) if rank else _without(document, place)
    return Mutant("finding lowered", owner, (edit,), f"{finding['element']} to {lower}")


def _of_response(document: Doc, rule: Doc, place: Place) -> Iterator[Mutant]:
    says, owner = _members(rule.get("response")), _id(rule)
    if not says:
        return
    yield Mutant("response dropped", owner, (Edit(place, DROP),))
    if "require" in says and "forbid" in says:
        yield Mutant("attendance dropped", owner, (Edit((*place, "require"), DROP),))
    if len(says) > 1:
        for step, name in enumerate(_items(says.get("forbid"))):
            yield Mutant("refusal dropped", owner, (_without(document, (*place, "forbid", step)),), str(name))
    if "unless_authorised_by" not in says:
        yield Mutant("left to a supervisor", owner, (Edit((*place, "unless_authorised_by"), "supervisor"),))


_WEAKER = dict(_steps([NotAsked.FROM_START.value, NotAsked.AT_END.value, NotAsked.IF_LOST.value, NotAsked.NEVER.value]))


def _of_precaution(document: Doc, guard: Doc, place: Place, lower: Mapping[str, str]) -> Iterator[Mutant]:
    owner, grade, feared = _id(guard), str(guard["grade"]), str(guard["not_asked"])
    if grade in lower:
        yield Mutant("caution lowered", owner, (Edit((*place, "grade"), lower[grade]),), f"{grade} to {lower[grade]}")
    if feared in _WEAKER:
        weaker = _WEAKER[feared]
        yield Mutant("feared later", owner, (Edit((*place, "not_asked"), weaker),), f"{feared} to {weaker}")
    for step, reason in enumerate(_items(guard.get("reasons"))):
        yield Mutant("reason dropped", owner, (_without(document, (*place, "reasons", step)),), str(reason))


_CONDITIONS = ("when", "unless", "scope", "asked_when", "due_when", "earned_when", "leave_to_officer_when")
_REVERSED = {
    "is": "is_not", "is_not": "is", "includes_any": "includes_none", "includes_none": "includes_any",
    "at_least": "at_most", "at_most": "at_least",
}  # fmt: skip
_OTHER_BRANCH = {"all": ("any for all", "any"), "any": ("all for any", "all"), "none": ("any for none", "any")}
_LEVELS: Sequence[Json] = [level.value for level in Level if level.rank]


class _Conditions:
    """The mutants of conditions, wherever they stand in a document."""

    def __init__(self, document: Doc) -> None:
        """Find out in which order the values of each fact are."""
        self._document = document
        self._values: dict[str, Sequence[Json]] = {}
        for _, fact in _each(document, "facts"):
            span = _members(fact.get("range"))
            if fact["type"] == FactType.WHOLE:
                self._values[_id(fact)] = range(int(str(span["least"])), int(str(span["most"])) + 1)
            elif fact["type"] == FactType.ORDERED:
                self._values[_id(fact)] = [_members(one)["id"] for one in _items(fact["options"])]

    def everywhere(self) -> Iterator[tuple[str, Place]]:
        """Every condition: the id of what it belongs to, and its place."""
        return self._below((), self._document, "")

    def _below(self, place: Place, value: Json, owner: str) -> Iterator[tuple[str, Place]]:
        for step, one in enumerate(_items(value)):
            yield from self._below((*place, step), one, str(_members(one).get("id", owner)))
        for name, one in _members(value).items():
            if name in _CONDITIONS:
                yield owner, (*place, name)
            else:
                yield from self._below((*place, name), one, owner)

    def mutants(self, owner: str, place: Place, condition: Json) -> Iterator[Mutant]:
        """Every mutant of a condition and of what is in it."""
        whole = _members(condition)
        [branch] = [name for name in whole if name in _OTHER_BRANCH] or [""]
        if not branch:
            yield from self._of_leaf(owner, place, whole)
            return
        parts = _items(whole[branch])
        kind, other = _OTHER_BRANCH[branch]
        if branch == "none" or len(parts) > 1:
            yield Mutant(kind, owner, (Edit(place, {other: parts}),))
        for step, part in enumerate(parts):
            if len(parts) > 1:
                yield Mutant("part dropped", owner, (Edit((*place, branch, step), DROP),))
            yield from self.mutants(owner, (*place, branch, step), part)

    def _of_leaf(self, owner: str, place: Place, leaf: Doc) -> Iterator[Mutant]:
        [comparison] = [name for name in leaf if name not in ("fact", "finding")]
        operand = leaf[comparison]
        if comparison in _REVERSED and "fact" in leaf:
            turned: Doc = {"fact": leaf["fact"], _REVERSED[comparison]: operand}
        else:
            turned = {"none": [leaf]}
        yield Mutant("comparison reversed", owner, (Edit(place, turned),))
        if comparison == "includes_all" and len(_items(operand)) > 1:
            yield Mutant("any for all", owner, (Edit(place, {"fact": leaf["fact"], "includes_any": operand}),))
        if comparison.startswith("includes_") or comparison == "one_of":
            for step, tag in enumerate(_items(operand)):
                if len(_items(operand)) > 1:
                    yield Mutant("tag dropped", owner, (Edit((*place, comparison, step), DROP),), str(tag))
        known = self._values.get(str(leaf.get("fact")), _LEVELS if "finding" in leaf else ())
        yield from self._bounds_moved(owner, (*place, comparison), operand, known)

    def _bounds_moved(self, owner: str, place: Place, operand: Json, known: Sequence[Json]) -> Iterator[Mutant]:
        """Each bound moved to the value before and to the value after."""
        if place[-1] in ("at_least", "at_most") and known:
            bounds = [(place, operand)]
        elif place[-1] == "between":
            bounds = [((*place, step), one) for step, one in enumerate(_items(operand))]
        else:
            bounds = []
        for where, bound in bounds:
            here = known.index(bound)
            for moved in (one for one in (here - 1, here + 1) if 0 <= one < len(known)):
                yield Mutant("bound moved", owner, (Edit(where, known[moved]),), f"{bound} to {known[moved]}")


def _within_time(old: CompiledPolicy, new: CompiledPolicy) -> Comparison:
    def too_long(_signal: int, _frame: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(SECONDS)
    try:
        return compare(old, new)
    finally:
        signal.alarm(0)


def main(arguments: Sequence[str]) -> int:
    """Try all mutants of a policy and print the table. 0: none is weaker and unnoticed; 1: some are."""
    from tests.policies.catching import Trial, report  # which needs the mutants of this module
    from tests.policies.shipped import SHIPPED, cases_of

    parser = argparse.ArgumentParser(prog="tests.policies.mutations", description="Try all mutants of a policy.")
    parser.add_argument("policy", type=lambda path: Path(path).resolve().name, choices=sorted(SHIPPED))
    parser.add_argument("--part", default="1/1", help="of the mutants every Nth, from the Kth on: K/N")
    parser.add_argument("--compared", type=int, default=COMPARED, help="of those that are caught one in so many")
    chosen = parser.parse_args(arguments)
    name = chosen.policy
    first, of = map(int, chosen.part.split("/"))
    trial = Trial(SHIPPED[name], cases_of(name), comparing=_within_time)
    every = list(mutants(trial.policy.policy))
    Random(name).shuffle(every)  # so that what is done at any time is a fair sample of all
    outcomes = []
    for step, mutant in enumerate(every[first - 1 :: of]):
        outcomes.append(trial.outcome(mutant, always_compared=step % chosen.compared == 0))
        sys.stdout.write(f"{outcomes[-1].line}\n")
        sys.stdout.flush()
    lines, unnoticed_none = report(outcomes)
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0 if unnoticed_none else 1


if __name__ == "__main__":
    from tests.policies import mutations  # once, under its own name, so that there is one DROP

    sys.exit(mutations.main(sys.argv[1:]))
