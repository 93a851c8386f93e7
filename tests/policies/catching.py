"""What sees a mutant of a policy: the reader, guarantees, cases, analysis, or the comparison with the policy itself.

The cheap ones are tried first. A mutant that none of them tells from its policy by what it does is held against it call
by call. It makes no mutants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from chalicelib.analysis.analysis import analyse
from chalicelib.analysis.calls import Calls
from chalicelib.analysis.checks import findings_of
from chalicelib.analysis.comparison import compare
from chalicelib.analysis.differences import Axis, Comparison, Verdict, Weight
from chalicelib.analysis.findings import Finding, Severity
from chalicelib.analysis.guarantees import checks_of_guarantees
from chalicelib.analysis.reading import read
from chalicelib.assessment.call import Call
from chalicelib.assessment.decision import Result
from chalicelib.assessment.evaluate import evaluate
from chalicelib.assessment.standing import Standing, standing_of
from chalicelib.authoring.cases import Cases, call_of, run_cases
from chalicelib.authoring.regrade import regrade
from chalicelib.canonical import Json
from chalicelib.errors import Invalid
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.compiler import compile_policy
from chalicelib.policy.document import Policy
from chalicelib.policy.nodes import FALSE
from chalicelib.reader import as_model
from tests.policies.mutations import Mutant, at, made, plain
from tests.policies.shipped import some_call
from tests.strategies import BEGINS, DIGEST

CALLS = 300
"""How many seeded calls a mutant is mostly held against beside the cases."""

CATCHERS = ("refused", "guarantee", "case", "effect", "analysis", "dropped", "list", "too_long")
"""In the order in which they are asked: `effect` is the comparison by what calls get, `dropped` and `list` that of
changed parts: those that are dropped or made less, which has to be acknowledged, and all others.

`too_long`: neither refused nor seen by a guarantee or case, and the comparison did not end in the time it was given.
"""


class Outcome(NamedTuple):
    """What became of a mutant."""

    mutant: Mutant
    caught: str
    """The first of the catchers that saw it."""
    by: str
    """The fault, promise, case, axes, finding or part."""
    comparison: Comparison | None = None
    """None for what is refused, and for what was caught before and not compared."""
    wrong: str = ""
    """A call that shows that the comparison is not right."""
    told_apart: str = ""
    """Of one that only the list of changes shows: the first call that it changes anything in; empty, if none."""

    @property
    def lowers(self) -> bool:
        """Whether by the comparison it lowers the recommended grade of some call, or may."""
        return self.comparison is not None and self.comparison.grade not in (Verdict.EQUAL, Verdict.ONLY_RAISES)

    @property
    def unnoticed(self) -> bool:
        """Whether it lowers a grade and asks for no acknowledgement."""
        return self.lowers and self.comparison is not None and self.comparison.never_lowers

    @property
    def line(self) -> str:
        """It in one line."""
        grade = f" [grade {self.comparison.grade}, step {self.comparison.step}]" if self.comparison else ""
        more = "".join(f"; {word}" for word in (self.wrong, self.told_apart) if word)
        return f"{self.caught}\t{self.mutant.name}\t{self.by}{grade}{more}"


Comparing = Callable[[CompiledPolicy, CompiledPolicy], Comparison]


class Known(NamedTuple):
    """A call, and what the policy itself makes of it."""

    name: str
    call: Call
    at: datetime
    standing: Standing
    rank: int


class Trial:
    """One policy with its cases, and the calls that mutants are held against."""

    def __init__(
        self, policy: CompiledPolicy, cases: Cases, *, seeded: int = CALLS, comparing: Comparing = compare
    ) -> None:
        """Grade the cases and so many seeded calls. `comparing` may raise TimeoutError for what takes too long."""
        self._compare = comparing
        self.policy, self._cases = policy, {case.id: case for case in cases.cases}
        self._one = cases
        self._document = plain(policy.policy)
        self._words = {case.id: frozenset(_words(case.model_dump(mode="json"))) for case in cases.cases}
        self._uses = _uses_of_conditions(self._document)
        self._findings: set[tuple[str, str]] = {(one.code, one.pointer) for one in analyse(policy)}
        calls = [(case.id, call_of(policy, case), case.at) for case in cases.cases]
        calls += [(f"seed {seed}", some_call(policy, seed), BEGINS) for seed in range(seeded)]
        self._known = [Known(*one, *_graded(policy, *one[1:])) for one in calls]
        self._effects: dict[str, Mapping[str, object]] = {}

    def compiled(self, mutant: Mutant) -> CompiledPolicy:
        """The mutant as a policy. Raises Invalid when it is none."""
        return compile_policy(as_model(Policy, made(self._document, mutant)), DIGEST)

    def outcome(self, mutant: Mutant, *, always_compared: bool = True) -> Outcome:
        """What sees a mutant first, and whether what the comparison says of it is borne out by calls."""
        try:
            policy = self.compiled(mutant)
        except Invalid as error:
            return Outcome(mutant, "refused", error.faults[0].as_text())
        touched = [one for one in self._known if _may_change(mutant, self.policy, policy, one)]
        caught, by = self._seen_by_calls(mutant, policy, touched)
        if caught and not always_compared:
            return Outcome(mutant, caught, by)
        try:
            comparison = self._compare(self.policy, policy)
        except TimeoutError:
            return Outcome(mutant, caught or "too_long", by)
        if not caught:
            caught, by = self._seen_by_comparison(policy, comparison)
        apart = self._told_apart(policy) if caught == "list" else ""
        return Outcome(mutant, caught, by, comparison, self._wrong(mutant, policy, comparison, touched), apart)

    def _seen_by_calls(self, mutant: Mutant, policy: CompiledPolicy, touched: Sequence[Known]) -> tuple[str, str]:
        promise = next(_new(findings_of(checks_of_guarantees(Calls(read(policy)))), self._findings), None)
        if promise is not None and promise.code != "never_true":
            return "guarantee", _told(promise)
        case = self._failing(mutant, policy, touched)
        return ("case", case) if case is not None else ("", "")

    def _seen_by_comparison(self, policy: CompiledPolicy, comparison: Comparison) -> tuple[str, str]:
        axes = [one for one in comparison.axes if one.verdict is not Verdict.EQUAL]
        if axes:
            return "effect", ", ".join(map(_axis, axes))
        finding = next(_new(analyse(policy), self._findings), None)
        if finding is not None:
            return "analysis", _told(finding)
        changed = [f"{one.part}/{one.id}, {one.weight}" for one in comparison.changes]
        if any(one.weight is Weight.MAJOR for one in comparison.changes):
            return "dropped", "; ".join(changed)
        return ("list", "; ".join(changed)) if changed else ("", "nothing sees it")

    def _failing(self, mutant: Mutant, policy: CompiledPolicy, touched: Sequence[Known]) -> str | None:
        """The first case that fails; those that speak of what is changed come first."""
        about = frozenset(self._about(mutant))
        cases = [one.name for one in touched if one.name in self._cases]
        for name in sorted(cases, key=lambda name: -len(self._words[name] & about)):
            [result] = run_cases(policy, self._one.model_copy(update={"cases": (self._cases[name],)}))
            if result.failed:
                return f"{name}: {result.differences[0]}"
        return None

    def _about(self, mutant: Mutant) -> Iterator[str]:
        place = mutant.edits[-1].place
        yield mutant.owner
        yield from _words(at(self._document, place[:2] if len(place) < 4 else place[:-1]))
        if mutant.part == "conditions":
            yield from self._uses.get(mutant.owner, ())

    def _wrong(self, mutant: Mutant, policy: CompiledPolicy, comparison: Comparison, touched: Sequence[Known]) -> str:
        """A call whose grade goes where the comparison says that none does."""
        if mutant.part == "checks" and not comparison.never_lowers:
            # The comparison goes by answers. What the result of a look-up says of them it weighs as owed: as lowered.
            return ""
        never = _NEVER.get(comparison.grade, ())
        for known in touched if never else ():
            rank = _graded(policy, known.call, known.at)[1]
            if (rank > known.rank) - (rank < known.rank) in never and self._can_be(policy, known):
                return f"WRONG: {known.rank} becomes {rank} in {known.name}"
        return ""

    def _can_be(self, policy: CompiledPolicy, known: Known) -> bool:
        """Whether the comparison speaks of a call: nothing in it is impossible, and its grade was found exactly."""
        return all(
            result.exact and not result.impossible
            for result in (evaluate(one, known.call, known.at) for one in (self.policy, policy))
        )

    def _told_apart(self, policy: CompiledPolicy) -> str:
        """The first call in which anything but the reasons is different, with what; empty when there is none."""
        for known in self._known:
            if known.name not in self._effects:
                self._effects[known.name] = _effects(evaluate(self.policy, known.call, known.at))
            was, becomes = self._effects[known.name], _effects(evaluate(policy, known.call, known.at))
            different = [name for name in was if was[name] != becomes[name]]
            if different:
                return f"different in {known.name}: {', '.join(different)}"
        return ""


_NEVER = {Verdict.EQUAL: (-1, 1), Verdict.ONLY_RAISES: (-1,), Verdict.ONLY_LOWERS: (1,)}


def _graded(policy: CompiledPolicy, call: Call, moment: datetime) -> tuple[Standing, int]:
    standing = standing_of(policy, call, moment)
    return standing, regrade(policy, call.contact.state, standing, frozenset()).rank


def _may_change(mutant: Mutant, old: CompiledPolicy, new: CompiledPolicy, known: Known) -> bool:
    """Whether a mutant can change what comes of a call.

    A promise never does. A rule that is known not to hold does not either: Kleene's false holds in every completion.
    """
    if mutant.part == "guarantees":
        return False
    if mutant.part != "rules":
        return True
    masks = known.standing.masks
    floors = [floor for policy in (old, new) for floor in policy.floors if floor.rule.id == mutant.owner]
    return any(floor.node.test(masks) != FALSE for floor in floors)


def _effects(result: Result) -> Mapping[str, object]:
    """What a result comes to: all but which rules it is because of."""
    return {
        "grade": result.recommended,
        "interval": (result.certain, result.possible, result.grade_settled),
        "end": result.may_stop,
        "findings": [(one.element, one.level) for one in result.findings],
        "response": (
            result.response.require,
            result.response.permitted,
            [(one.response, one.settled_by is None, one.unless_authorised_by) for one in result.response.refused],
        ),
        "flags": result.flags,
        "needs": result.needs,
        "duties": [one.duty for one in result.duties],
        "questions": [one.fact for one in result.questions],
        "impossible": result.impossible,
        "checks": result.checks,
        "timers": result.timers,
        "victims": result.victims,
    }


def _new(findings: Iterator[Finding] | Sequence[Finding], known: set[tuple[str, str]]) -> Iterator[Finding]:
    """What weighs as an error or a warning and was not so before."""
    for one in findings:
        if one.severity is not Severity.HINT and (one.code, one.pointer) not in known:
            yield one


def _told(finding: Finding) -> str:
    return f"{finding.code} {finding.pointer}"


def _axis(axis: Axis) -> str:
    return f"{axis.kind} {axis.of} {axis.verdict}".replace("  ", " ")


def _words(value: Json) -> Iterator[str]:
    """All texts in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _words(one)
    elif isinstance(value, Sequence):
        for one in value:
            yield from _words(one)


def _uses_of_conditions(document: Json) -> Mapping[str, frozenset[str]]:
    """For each named condition the words of what looks at it, directly or by way of another."""
    parts = ("conditions", "rules", "precautions", "facts", "checks", "timers", "specified_needs")
    things = [one for part in parts for one in _things(at(document, (part,)) if part in _keys(document) else ())]
    words = [(str(one["id"]), frozenset(_words(one))) for one in things]
    found: dict[str, frozenset[str]] = {}
    for one in reversed(_things(at(document, ("conditions",)))):
        name = str(one["id"])
        near = [(owner, said) for owner, said in words if name in said and owner != name]
        found[name] = frozenset[str]().union(*(said | found.get(owner, frozenset()) for owner, said in near))
    return found


def _keys(document: Json) -> Sequence[str]:
    return tuple(document) if isinstance(document, Mapping) else ()


def _things(value: Json) -> list[Mapping[str, Json]]:
    items = value if isinstance(value, Sequence) else ()
    return [one for one in items if isinstance(one, Mapping)]


def report(outcomes: Sequence[Outcome]) -> tuple[list[str], bool]:
    """The table by kind and by part, what survives, and whether nothing weaker passes unnoticed."""
    lines = list(_table("kind", [(one.mutant.kind, one) for one in outcomes]))
    lines += ["", *_table("part", [(one.mutant.part, one) for one in outcomes])]
    wrong = [one for one in outcomes if one.wrong or not one.caught or one.unnoticed]
    left = [one for one in outcomes if one.caught == "list" and one not in wrong]
    for title, some in (
        ("Weaker and unnoticed, or compared wrongly", wrong),
        (
            "Shown by the list of changes alone, though a call comes out differently",
            [one for one in left if one.told_apart],
        ),
        (_PROVED, [one for one in left if not one.told_apart]),
    ):
        lines += ["", f"{title}: {len(some)}", *(f"  {one.line}" for one in some)]
    return lines, not wrong


_PROVED = (
    "Equal: grade, response, findings, flags, duties and needs are proved the same in every possible call, and nothing "
    "else is different in any call that was tried"
)


def _table(title: str, rows: Sequence[tuple[str, Outcome]]) -> Iterator[str]:
    """How many of each kind each catcher was the first to see; how many of those compared lower a grade, unnoticed."""
    columns = (*CATCHERS, "compared", "lowers", "unnoticed")
    yield f"{title:24} {'all':>5} " + " ".join(f"{name:>9}" for name in columns)
    for name in [*dict.fromkeys(name for name, _ in rows), "together"]:
        own = [outcome for known, outcome in rows if name in (known, "together")]
        counts = [sum(one.caught == catcher for one in own) for catcher in CATCHERS]
        counts += [sum(one.comparison is not None for one in own)]
        counts += [sum(one.lowers for one in own), sum(one.unnoticed for one in own)]
        yield f"{name:24} {len(own):>5} " + " ".join(f"{count:>9}" for count in counts)
