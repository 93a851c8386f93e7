"""What the cases of a policy have seen of it, part by part, and what none of them has. It says nothing of their worth.

A rule is seen when it holds, when it alone decides the grade, and when it is missed by one answer; a precaution when it
applies and when it is settled; a comparison when it is true, false and not known. Cases that are skipped see nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from chalicelib.assessment.decision import Result
from chalicelib.assessment.evaluate import evaluate
from chalicelib.assessment.nearness import nearly
from chalicelib.assessment.standing import Standing, standing_of
from chalicelib.authoring.cases import Cases, call_of
from chalicelib.model import Frozen
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.conditions import All, Any_, Condition, FactLeaf, FindingLeaf, NamedLeaf, None_
from chalicelib.policy.document import Policy
from chalicelib.policy.english import condition_in_words
from chalicelib.policy.lexicon import Lexicon
from chalicelib.policy.nodes import FALSE, TRUE, UNKNOWN, Node
from chalicelib.policy.resolver import Resolver

Leaf = FactLeaf | FindingLeaf | NamedLeaf


class RuleSeen(Frozen):
    """In how many cases a rule was seen, and how."""

    id: str
    holds: int
    decides: int | None
    """It alone gives the grade that is recommended; None for a rule that gives no more than the lowest grade."""
    near_miss: int
    """It is known not to hold, and one answer that is different would make it hold."""


class PrecautionSeen(Frozen):
    """In how many cases a precaution, or the exception of a rule, was seen, and how."""

    id: str
    exception: bool
    """Whether it is the exception of the rule with this id, which is feared while it is not known."""
    applies: int
    settled: int
    """Its scope holds, and what it is on is known."""


class ComparisonSeen(Frozen):
    """In how many cases a comparison in a condition was seen, and how it came out."""

    pointer: str
    says: str
    true: int
    false: int
    not_known: int | None
    """None for what is read off a clock, which is always known."""


class FactSeen(Frozen):
    """In how many cases a fact was open as a question, and in how many something was said of it."""

    id: str
    asked: int | None
    """None for a fact that is never asked."""
    answered: int


class PartSeen(Frozen):
    """In how many cases another part of the policy came about."""

    kind: str
    id: str
    seen: int


class Measure(Frozen):
    """How much of one kind was seen."""

    name: str
    seen: int
    of: int

    @property
    def percent(self) -> int:
        """The share in whole percent, rounded down; nothing to see is all of it."""
        return percent_of(self.seen, self.of)


class Coverage(Frozen):
    """What some cases have seen of a policy."""

    cases: int
    """How many were run."""
    skipped: tuple[str, ...]
    rules: tuple[RuleSeen, ...]
    precautions: tuple[PrecautionSeen, ...]
    comparisons: tuple[ComparisonSeen, ...]
    facts: tuple[FactSeen, ...]
    parts: tuple[PartSeen, ...]
    alike: tuple[tuple[str, ...], ...]
    """Rules that hold in exactly the same cases, so that no case can tell them apart."""

    @property
    def measures(self) -> tuple[Measure, ...]:
        """How much of each kind was seen."""
        return tuple(
            Measure(name=name, seen=sum(1 for count in counts if count), of=len(counts))
            for name, counts in _counts(self)
            if counts
        )

    @property
    def percent(self) -> int:
        """All measures together in whole percent, rounded down."""
        return percent_of(sum(one.seen for one in self.measures), sum(one.of for one in self.measures))


def percent_of(seen: int, of: int) -> int:
    """A share in whole percent, rounded down."""
    return 100 * seen // of if of else 100


def _counts(coverage: Coverage) -> Iterator[tuple[str, list[int]]]:
    rules, feared, compared, facts = coverage.rules, coverage.precautions, coverage.comparisons, coverage.facts
    yield "rules that hold", [one.holds for one in rules]
    yield "rules that alone decide", [one.decides for one in rules if one.decides is not None]
    yield "rules missed by one answer", [one.near_miss for one in rules]
    yield "precautions that apply", [one.applies for one in feared]
    yield "precautions that are settled", [one.settled for one in feared]
    yield "comparisons true", [one.true for one in compared]
    yield "comparisons false", [one.false for one in compared]
    yield "comparisons not known", [one.not_known for one in compared if one.not_known is not None]
    yield "facts asked", [one.asked for one in facts if one.asked is not None]
    yield "facts answered", [one.answered for one in facts]
    for kind, parts in groupby(coverage.parts, key=lambda one: one.kind):
        yield kind, [one.seen for one in parts]


@dataclass(slots=True)
class _Case:
    """One case as it was evaluated."""

    standing: Standing
    result: Result
    truths: tuple[int, ...]
    near: frozenset[int]
    """The places of the rules that one other answer would make hold."""


def coverage(policy: CompiledPolicy, cases: Cases) -> Coverage:
    """What the cases that are not skipped see of a policy. The cases have to fit it (`check_cases`)."""
    run = [one for one in cases.cases if one.skip is None]
    seen: list[_Case] = []
    for case in run:
        call = call_of(policy, case)
        standing = standing_of(policy, call, case.at)
        truths = tuple(floor.node.test(standing.masks) for floor in policy.floors)
        failing = frozenset(place for place, truth in enumerate(truths) if truth == FALSE)
        near = frozenset(one.place for one in nearly(policy, standing, failing))
        seen.append(_Case(standing, evaluate(policy, call, case.at), truths, near))
    return Coverage(
        cases=len(run),
        skipped=tuple(case.id for case in cases.cases if case.skip is not None),
        rules=tuple(_rule(policy, place, seen) for place in range(len(policy.floors))),
        precautions=tuple(_precautions(policy, seen)),
        comparisons=tuple(_Comparisons(policy).seen(seen)),
        facts=tuple(_facts(policy, seen)),
        parts=tuple(_parts(policy, seen)),
        alike=_alike(policy, seen),
    )


def _rule(policy: CompiledPolicy, place: int, seen: Sequence[_Case]) -> RuleSeen:
    floor = policy.floors[place]
    return RuleSeen(
        id=floor.rule.id,
        holds=sum(one.truths[place] == TRUE for one in seen),
        decides=sum(decides_alone(policy, floor.rule.id, one.result) for one in seen) if floor.rank > 0 else None,
        near_miss=sum(place in one.near for one in seen),
    )


def decides_alone(policy: CompiledPolicy, rule: str, result: Result) -> bool:
    """Whether one rule gives the recommended grade and no other rule and no precaution gives as much.

    The base does not count: it only stands in until the lowest grade is earned.
    """
    if result.basis.kind != "rule" or result.basis.ids != (rule,):
        return False
    rank = policy.rank_of(result.recommended)
    feared = (one.grade for one in result.reasons if one.kind == "precaution" and one.grade is not None)
    return all(policy.rank_of(grade) < rank for grade in feared)


def _precautions(policy: CompiledPolicy, seen: Sequence[_Case]) -> Iterator[PrecautionSeen]:
    written = {guard.id for guard in policy.policy.precautions}
    for guard in policy.guards:
        yield PrecautionSeen(
            id=guard.id,
            exception=guard.id not in written,
            applies=sum(
                any(reason.kind == "precaution" and reason.id == guard.id for reason in one.result.reasons)
                for one in seen
            ),
            settled=sum(
                guard.scope.test(one.standing.masks) == TRUE and guard.on.test(one.standing.masks) != UNKNOWN
                for one in seen
            ),
        )


def _facts(policy: CompiledPolicy, seen: Sequence[_Case]) -> Iterator[FactSeen]:
    for name, term in policy.terms.items():
        asked = sum(any(question.fact == name for question in one.result.questions) for one in seen)
        if term.fact.clock is None:
            answered = sum(name in one.standing.claimed for one in seen)
        else:
            answered = sum(one.standing.known(term) for one in seen)
        yield FactSeen(id=name, asked=asked if term.fact.asked else None, answered=answered)


def _parts(policy: CompiledPolicy, seen: Sequence[_Case]) -> Iterator[PartSeen]:
    """The parts that are owed, due, set or told, in the order of the document."""
    document = policy.policy
    code = document.victims_code
    kinds: tuple[tuple[str, Iterable[str], Callable[[Result], Iterable[str]]], ...] = (
        ("grades recommended", [one.id for one in document.grades], lambda result: [result.recommended]),
        ("responses refused", _refusable(document), lambda result: [one.response for one in result.response.refused]),
        ("responses permitted", [one.id for one in document.responses], lambda result: result.response.permitted),
        ("duties owed", [one.id for one in document.duties], lambda result: [one.duty for one in result.duties]),
        ("flags set", [one.id for one in document.flags], lambda result: result.flags),
        ("specified needs found", [one.id for one in document.specified_needs], lambda result: result.needs),
        ("checks due", [one.id for one in document.checks if one.due_when], _checks),
        ("timers running", [one.id for one in document.timers], _timers),
        ("victims' categories found", [one.id for one in code.categories] if code else [], _categories),
        ("tellings owed", [one.id for one in code.tell] if code else [], _tellings),
    )
    for kind, names, found in kinds:
        sets = [set(found(one.result)) for one in seen]
        for name in names:
            yield PartSeen(kind=kind, id=name, seen=sum(name in one for one in sets))


def _refusable(document: Policy) -> list[str]:
    """The responses that some rule is against."""
    ruled = [rule.response for rule in document.rules if rule.response is not None]
    against = {name for one in ruled for name in one.forbid}
    required = any(one.require for one in ruled)
    return [one.id for one in document.responses if one.id in against or (required and not one.attends)]


def _checks(result: Result) -> list[str]:
    return [one.check for one in result.checks or ()]


def _timers(result: Result) -> list[str]:
    return [one.timer for one in result.timers or ()]


def _categories(result: Result) -> list[str]:
    return [name for victim in result.victims or () for name in victim.because]


def _tellings(result: Result) -> list[str]:
    return [one.id for victim in result.victims or () for one in victim.tell]


def _alike(policy: CompiledPolicy, seen: Sequence[_Case]) -> tuple[tuple[str, ...], ...]:
    together: dict[tuple[bool, ...], list[str]] = {}
    for place, floor in enumerate(policy.floors):
        held = tuple(one.truths[place] == TRUE for one in seen)
        if any(held):
            together.setdefault(held, []).append(floor.rule.id)
    return tuple(tuple(names) for names in together.values() if len(names) > 1)


@dataclass(slots=True)
class _Comparisons:
    """The comparisons of a policy, each with its test. Those of the Victims' Code are apart: they go by each victim."""

    policy: CompiledPolicy
    resolver: Resolver = field(init=False)

    def __post_init__(self) -> None:
        """Prepare what the tests of single comparisons rest on."""
        document = self.policy.policy
        self.resolver = Resolver(document)
        for place, named in enumerate(document.conditions):
            self.resolver.named[named.id] = self.resolver.node(named.when, f"/conditions/{place}/when")
        for floor in self.policy.floors:
            for finding in floor.rule.findings:
                self.resolver.findings.setdefault(finding.element, []).append((finding.level, floor.node))

    def seen(self, cases: Sequence[_Case]) -> Iterator[ComparisonSeen]:
        """How each came out in some cases."""
        lexicon = Lexicon(self.policy.policy)
        for pointer, leaf in self._all():
            node = self.resolver.node(leaf, pointer)
            truths = [node.test(one.standing.masks) for one in cases]
            yield ComparisonSeen(
                pointer=pointer,
                says=condition_in_words(lexicon, leaf),
                true=truths.count(TRUE),
                false=truths.count(FALSE),
                not_known=truths.count(UNKNOWN) if self._can_be_open(node) else None,
            )

    def _can_be_open(self, node: Node) -> bool:
        facts = {self.policy.variables[index].fact for index in node.uses}
        return any(self.policy.terms[name].fact.clock is None for name in facts)

    def _all(self) -> Iterator[tuple[str, Leaf]]:
        for pointer, condition in _conditions(self.policy.policy):
            yield from _leaves(pointer, condition)


def _conditions(document: Policy) -> Iterator[tuple[str, Condition]]:
    """Every condition that cases can see come out, with its place."""
    found: list[tuple[str, Condition | None]] = []
    found += [(f"/facts/{place}/asked_when", fact.asked_when) for place, fact in enumerate(document.facts)]
    found += [(f"/conditions/{place}/when", named.when) for place, named in enumerate(document.conditions)]
    for place, rule in enumerate(document.rules):
        found += [(f"/rules/{place}/when", rule.when), (f"/rules/{place}/unless", rule.unless)]
    found += [(f"/precautions/{place}/scope", guard.scope) for place, guard in enumerate(document.precautions)]
    found += [(f"/specified_needs/{place}/when", need.when) for place, need in enumerate(document.specified_needs)]
    found += [(f"/checks/{place}/due_when", check.due_when) for place, check in enumerate(document.checks)]
    found += [(f"/timers/{place}/when", timer.when) for place, timer in enumerate(document.timers)]
    found.append(("/earned_when", document.earned_when))
    return ((pointer, condition) for pointer, condition in found if condition is not None)


def _leaves(where: str, condition: Condition) -> Iterator[tuple[str, Leaf]]:
    match condition:
        case All(all=parts):
            name = "all"
        case Any_(any=parts):
            name = "any"
        case None_(none=parts):
            name = "none"
        case _:
            yield where, condition
            return
    for step, part in enumerate(parts):
        yield from _leaves(f"{where}/{name}/{step}", part)
