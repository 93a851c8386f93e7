"""Cases made from a policy itself: each rule and precaution at work, and just not at work. No proof of being right.

What a generated case expects is what the policy gives. It becomes a test once a person who knows has confirmed it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from chalicelib.analysis.findings import Answered
from chalicelib.analysis.reading import Fear, Floor
from chalicelib.analysis.search import NotDecided
from chalicelib.analysis.witnesses import Shown, Witnesses
from chalicelib.assessment.decision import Result
from chalicelib.assessment.evaluate import evaluate
from chalicelib.assessment.intake import Given
from chalicelib.assessment.nearness import nearly
from chalicelib.assessment.standing import standing_of
from chalicelib.authoring.cases import (
    Case,
    CaseContact,
    Cases,
    Expectation,
    ExpectedGrade,
    ExpectedResponse,
    call_of,
)
from chalicelib.authoring.coverage import Coverage, decides_alone
from chalicelib.playing.moments import clocks_in, moment_of
from chalicelib.playing.played_case import document_of
from chalicelib.playing.said import usual_source
from chalicelib.policy.compiled import CompiledPolicy, Guard
from chalicelib.policy.document import Rule
from chalicelib.policy.levels import Level
from chalicelib.policy.nodes import FALSE, TRUE, UNKNOWN

Kind = Literal["decides", "holds", "missed", "applies", "settled"]

MOST_TRIED = 24
"""How many calls are looked at for one case."""

MOST_CASES = 2000
LONGEST_ID, LONGEST_TITLE, LONGEST_LINE = 64, 240, 600


@dataclass(frozen=True, slots=True)
class Missing:
    """A case that was not generated, and why."""

    of: str
    kind: Kind
    why: Literal["impossible", "not_decided"]
    says: str


@dataclass(frozen=True, slots=True)
class Generated:
    """The cases that were generated, and those that were not."""

    cases: tuple[Case, ...]
    missing: tuple[Missing, ...]

    def as_cases(self, policy: CompiledPolicy) -> Cases:
        """The cases as a document. There has to be one at least."""
        return Cases(format="cases/1", policy=policy.policy.id, cases=self.cases)


def generate(policy: CompiledPolicy, seen: Coverage | None = None) -> Generated:
    """Cases of a policy; with `seen` only those that show what its own cases have not."""
    making = _Making(policy, _shown_by(seen))
    for floor in making.witnesses.reading.floors:
        making.of_rule(floor)
    guards = {guard.id: guard for guard in policy.guards}
    for fear in making.witnesses.reading.fears:
        making.of_precaution(fear, guards[fear.id])
    return Generated(tuple(making.cases[:MOST_CASES]), tuple(making.missing))


def as_document(policy: CompiledPolicy, generated: Generated) -> str:
    """Generated cases as a document, with what is missing in remarks."""
    document = policy.policy
    head = [
        "# Generated from the policy itself. What a case expects is what the policy gives, so none of it proves that",
        "# the policy is right. A person who knows reads each case, mends what it expects or the policy, gives it a",
        "# source and takes `generated: true` out. Then it is a test.",
        f"# Policy {document.id}, version {document.version}.",
    ]
    if generated.missing:
        head += ["#", "# Not generated:", *(f"# - {one.says}" for one in generated.missing)]
    return document_of(document.id, head, generated.cases)


def _shown_by(seen: Coverage | None) -> frozenset[tuple[str, Kind]]:
    """What some cases show already."""
    found: set[tuple[str, Kind]] = set()
    for rule in seen.rules if seen else ():
        found |= {(rule.id, "decides")} if rule.decides else set()
        found |= {(rule.id, "holds")} if rule.holds else set()
        found |= {(rule.id, "missed")} if rule.near_miss else set()
    for one in seen.precautions if seen else ():
        found |= {(one.id, "applies")} if one.applies else set()
        found |= {(one.id, "settled")} if one.settled else set()
    return frozenset(found)


@dataclass(slots=True)
class _Case:
    """A case in the making: the call, and what the policy makes of it."""

    case: Case
    result: Result
    shown: Shown


Confirms = Callable[[Case], bool]


@dataclass(slots=True)
class _Making:
    """The cases that were made so far."""

    policy: CompiledPolicy
    shown: frozenset[tuple[str, Kind]]
    witnesses: Witnesses = field(init=False)
    cases: list[Case] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Read the policy."""
        self.witnesses = Witnesses(self.policy)

    def of_rule(self, floor: Floor) -> None:
        """A case in which a rule alone decides, or at least holds, and one in which it is missed by one answer."""
        rule, graded = floor.rule, floor.rank > 0
        about = self.witnesses.calls.facts(floor.when)
        made = self._of_effect(floor) if (rule.id, "decides" if graded else "holds") not in self.shown else None
        if made is not None:
            decides = graded and decides_alone(self.policy, rule.id, made.result)
            says = (
                f"{rule.id} {'alone decides' if decides else 'holds'}: {self.witnesses.told(made.shown.answers, about)}"
            )
            self._keep(made, rule.id, "decides" if decides else "holds", says, _effects(rule, made.result))
        if (rule.id, "missed") not in self.shown:
            made = self._made(rule.id, "missed", self.witnesses.missed(floor), self._is_missed(floor))
            if made is not None:
                self._keep(made, rule.id, "missed", self._changed(made, f"{rule.id} is missed by one answer"))

    def _of_effect(self, floor: Floor) -> _Case | None:
        """A case in which a rule alone decides; of one that cannot, or gives no grade, a case in which it holds."""
        rule = floor.rule

        def decides(case: Case) -> bool:
            return decides_alone(self.policy, rule.id, evaluate(self.policy, call_of(self.policy, case), case.at))

        def holds(case: Case) -> bool:
            masks = standing_of(self.policy, call_of(self.policy, case), case.at).masks
            return self.policy.floors[floor.place].node.test(masks) == TRUE

        made = self._made(rule.id, "decides", self.witnesses.deciding(floor), decides) if floor.rank > 0 else None
        if made is None and (floor.rank <= 0 or (rule.id, "holds") not in self.shown):
            made = self._made(rule.id, "holds", self.witnesses.holding(floor), holds)
        return made

    def of_precaution(self, fear: Fear, guard: Guard) -> None:
        """A case in which a precaution applies, and one in which it is settled."""
        question = next(
            (one.question for one in self.policy.policy.precautions if one.id == fear.id and fear.own), None
        )
        kinds: tuple[tuple[Kind, Iterable[Shown], Confirms, str], ...] = (
            ("applies", self.witnesses.feared(fear, question), self._applies(guard), "counts, because it is not known"),
            ("settled", self.witnesses.settled(fear), self._is_settled(guard), "is settled"),
        )
        name = fear.id if fear.own else f"the exception of {fear.id}"
        for kind, candidates, confirms, words in kinds:
            if (fear.id, kind) not in self.shown:
                made = self._made(fear.id, kind, candidates, confirms)
                if made is not None:
                    self._keep(made, fear.id, kind, self._changed(made, f"{name} {words}", fear))

    def _is_missed(self, floor: Floor) -> Confirms:
        def confirms(case: Case) -> bool:
            standing = standing_of(self.policy, call_of(self.policy, case), case.at)
            compiled = self.policy.floors[floor.place]
            return compiled.node.test(standing.masks) == FALSE and bool(
                nearly(self.policy, standing, frozenset({floor.place}))
            )

        return confirms

    def _applies(self, guard: Guard) -> Confirms:
        def confirms(case: Case) -> bool:
            result = evaluate(self.policy, call_of(self.policy, case), case.at)
            return any(reason.kind == "precaution" and reason.id == guard.id for reason in result.reasons)

        return confirms

    def _is_settled(self, guard: Guard) -> Confirms:
        def confirms(case: Case) -> bool:
            masks = standing_of(self.policy, call_of(self.policy, case), case.at).masks
            return guard.scope.test(masks) == TRUE and guard.on.test(masks) != UNKNOWN

        return confirms

    def _made(self, of: str, kind: Kind, candidates: Iterable[Shown], confirms: Confirms) -> _Case | None:
        """The first call that an evaluation confirms. What cannot be is noted."""
        tried, found = 0, False
        try:
            for shown in islice(candidates, MOST_TRIED):
                tried, found = tried + 1, found or not shown.guess
                case = self._case(shown)
                if case is not None and confirms(case):
                    return _Case(case, evaluate(self.policy, call_of(self.policy, case), case.at), shown)
        except NotDecided:
            self._miss(of, kind, "not_decided")
            return None
        self._miss(of, kind, "not_decided" if found or tried == MOST_TRIED else "impossible")
        return None

    def _case(self, shown: Shown) -> Case | None:
        """A call as a case; None when no moment fits its clocks."""
        facts = {name: term.fact for name, term in self.policy.terms.items()}
        read_off = {
            one.fact: one.value for one in shown.answers if facts[one.fact].clock is not None and one.value is not None
        }
        moment = moment_of(clocks_in(facts, read_off), self.policy.policy.calendar)
        if moment is None:
            return None
        return Case(
            id="generated",
            title="Generated",
            generated=True,
            at=moment.at,
            incident=moment.incident(),
            contact=CaseContact(state=shown.contact, started_at=moment.started_at, happened_at=moment.happened_at),
            answers=tuple(self._given(one) for one in shown.answers if facts[one.fact].clock is None),
            expect=Expectation(grade=ExpectedGrade(at_least=self.policy.grades[0].national)),
        )

    def _given(self, answered: Answered) -> Given:
        source = usual_source(self.policy.terms[answered.fact].fact)
        return Given(source=source, **answered.model_dump(exclude_none=True))

    def _changed(self, made: _Case, begins: str, fear: Fear | None = None) -> str:
        """A title that names the one answer that matters."""
        facts = [made.shown.changed] if made.shown.changed else self.witnesses.calls.facts(fear.on) if fear else []
        return f"{begins}: {'; '.join(self.witnesses.answer(made.shown.answers, one) for one in facts)}"

    def _keep(self, made: _Case, of: str, kind: Kind, title: str, effects: Mapping[str, object] | None = None) -> None:
        reasons = [reason.id for reason in made.result.reasons]
        there = kind in ("decides", "holds", "applies")
        members = {
            "grade": ExpectedGrade.model_validate({"is": made.result.national.recommended}),
            "reasons": (of,) if there else (),
            "not_reasons": () if there or of in reasons else (of,),
            **(effects or {}),
        }
        self.cases.append(
            made.case.model_copy(
                update={
                    "id": self._id(of, kind),
                    "title": _short(title, LONGEST_TITLE),
                    "source": _short(f"Generated for {of}, which says: {self._says(of)}", LONGEST_LINE),
                    "expect": Expectation.model_validate(members),
                }
            )
        )

    def _says(self, of: str) -> str:
        document = self.policy.policy
        says = {rule.id: rule.says for rule in document.rules} | {one.id: one.says for one in document.precautions}
        return says[of]

    def _id(self, of: str, kind: Kind) -> str:
        begins, number = of[: LONGEST_ID - len(kind) - 5], 1
        name = f"{begins}-{kind}"
        while name in self.taken:
            number += 1
            name = f"{begins}-{kind}-{number}"
        self.taken.add(name)
        return name

    def _miss(self, of: str, kind: Kind, why: Literal["impossible", "not_decided"]) -> None:
        says = f"{of}: {_IMPOSSIBLE[kind]}" if why == "impossible" else f"{of}: not decided whether {_WHETHER[kind]}"
        self.missing.append(Missing(of, kind, why, f"{says}."))


_IMPOSSIBLE: Mapping[Kind, str] = {
    "decides": "no call in which it alone decides; wherever it holds, another rule gives as much, or it never holds",
    "holds": "no call in which it holds",
    "missed": "no call in which it is missed by one answer alone",
    "applies": "no call in which it applies",
    "settled": "no call within its scope in which it is settled",
}
_WHETHER: Mapping[Kind, str] = {
    "decides": "some call lets it alone decide",
    "holds": "it ever holds",
    "missed": "some call misses it by one answer alone",
    "applies": "it ever applies",
    "settled": "it can be settled",
}


def _effects(rule: Rule, result: Result) -> dict[str, object]:
    """What a rule brings about beside its grade, as far as the call shows it."""
    says = rule.response
    levels = {found.element: found.level for found in result.findings}
    findings = tuple(
        one for one in rule.findings if one.level is not Level.NONE and levels[one.element].rank >= one.level.rank
    )
    expected: dict[str, object] = {"flags": rule.flags, "duties": rule.duties, "findings": findings}
    if says is not None:
        expected["response"] = ExpectedResponse(require=says.require, refused=says.forbid)
    return expected


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 4].rstrip() + " ..."
