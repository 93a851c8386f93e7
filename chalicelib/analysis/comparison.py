"""`compare(old, new)`: what a new version of a policy raises and lowers, over every possible call. It approves nothing.

Each direction is a call that shows it, or the proof that there is none. Beyond the limit of the search the verdict is
`not_decided`, and the version counts as one that lowers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from chalicelib.analysis.changes import changes_of
from chalicelib.analysis.demands import demands_of
from chalicelib.analysis.differences import Axis, AxisKind, Change, Comparison, Shown, Verdict, Weight
from chalicelib.analysis.effects import Effect, all_effects, bringing, in_words
from chalicelib.analysis.formula import Formula, variables
from chalicelib.analysis.grades import (
    Difference,
    Scale,
    more_in_complete_calls,
    more_of,
    more_when_not_known,
    of_world,
    scale_of,
)
from chalicelib.analysis.knowledge import Knowledge
from chalicelib.analysis.reading import Reading, read
from chalicelib.analysis.search import Effort, NotDecided
from chalicelib.analysis.words import in_words as call_in_words
from chalicelib.analysis.worlds import Worlds
from chalicelib.assessment.contact import ContactState
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.lexicon import Lexicon

NODES_IN_ALL = 60_000
"""How many choices all questions of one comparison may try together: it is waited for while a version is submitted."""

OLD, NEW = 0, 1
LOWERS, RAISES = (OLD, NEW), (NEW, OLD)
"""Of each direction the side that gives more, and the one that gives less."""

Way = Callable[[tuple[int, int]], Difference | None]


def compare(old: CompiledPolicy, new: CompiledPolicy) -> Comparison:
    """What the new version raises and lowers, what of the document changed, and the version step that follows."""
    comparing = _Comparing((read(old), read(new)))
    axes = tuple(comparing.axes())
    changes = changes_of(old.policy, new.policy)
    grade = together(axis.verdict for axis in axes if axis.kind in _GRADE)
    response = together(axis.verdict for axis in axes if axis.kind in _RESPONSE)
    told = tuple(axis for axis in axes if axis.kind == "grade" or axis.verdict is not Verdict.EQUAL)
    return Comparison(
        grade=grade,
        response=response,
        axes=told,
        changes=changes,
        step=step_of(told, changes),
        scale=comparing.scale.kind,
        says=tuple(_sentences(grade, response, told)),
    )


_GRADE = ("grade", "not_known", "impossible")
_RESPONSE = ("attendance", "refusal", "refusal_for_all")


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict on several things together."""
    known = set(verdicts) - {Verdict.EQUAL}
    if Verdict.NOT_DECIDED in known:
        return Verdict.NOT_DECIDED
    return Verdict.EQUAL if not known else known.pop() if len(known) == 1 else Verdict.MIXED


def step_of(axes: Sequence[Axis], changes: Sequence[Change]) -> Weight:
    """The step of the version number: major when anything may be lowered, minor when only more, patch for words."""
    weights = [change.weight for change in changes]
    weights += [Weight.MAJOR for axis in axes if axis.may_lower]
    weights += [Weight.MINOR for axis in axes if axis.verdict is Verdict.ONLY_RAISES]
    return max(weights, key=lambda weight: weight.rank, default=Weight.NONE)


class _Comparing:
    """The two versions side by side."""

    def __init__(self, sides: tuple[Reading, Reading]) -> None:
        self._sides = sides
        self._effort = Effort(NODES_IN_ALL)
        self._worlds = Worlds(sides, self._effort)
        self._lexicons = tuple(Lexicon(side.document) for side in sides)
        self.scale: Scale = scale_of(sides)

    def axes(self) -> Iterator[Axis]:
        """Every thing that may be raised or lowered."""
        yield self._axis("grade", "", lambda way: more_in_complete_calls(self._worlds, self.scale, *way))
        yield self._axis("not_known", "", self._not_known)
        yield self._axis("impossible", "", self._impossible)
        for effect in self._effects():
            yield self._effect(effect)
        before, after = (demands_of(side) for side in self._sides)
        for kind, name in (key for key in after if key in before):
            demands = before[kind, name], after[kind, name]
            yield self._axis(kind, name, self._condition([[one.when] for one in demands], demands[NEW].words))

    def _effects(self) -> list[Effect]:
        """What both can bring about; a response that one does not have it cannot refuse."""
        known = [{one.id for one in side.document.responses} for side in self._sides]
        found = dict.fromkeys(effect for side in reversed(self._sides) for effect in all_effects(side))
        both = known[OLD] & known[NEW]
        return [effect for effect in found if not effect.kind.startswith("refusal") or effect.of in both]

    def _effect(self, effect: Effect) -> Axis:
        conditions = [[floor.when for floor in bringing(side, effect)] for side in self._sides]
        named = next((side for side in reversed(self._sides) if bringing(side, effect)), self._sides[NEW])
        return self._axis(effect.kind, effect.of, self._condition(conditions, in_words(named, effect)))

    def _condition(self, conditions: Sequence[Sequence[Formula]], words: tuple[str, str]) -> Way:
        def way(sides: tuple[int, int]) -> Difference | None:
            found = more_of(self._worlds, sides, conditions[sides[0]], conditions[sides[1]])
            if found is None:
                return None
            witness, only_asked, about = found
            outcomes = words if sides == LOWERS else (words[1], words[0])
            return of_world(self._worlds, witness, outcomes, about, only_asked=only_asked)

        return way

    def _not_known(self, sides: tuple[int, int]) -> Difference | None:
        knowledge = Knowledge(tuple(self._sides[side] for side in sides), self._effort)
        return more_when_not_known(knowledge, self.scale, sides)

    def _impossible(self, sides: tuple[int, int]) -> Difference | None:
        """A call that the first side calls impossible and the last does not."""
        conditions = [[odd.when for odd in side.impossible] for side in self._sides]
        found = more_of(self._worlds, sides, conditions[sides[0]], conditions[sides[1]], complete=False)
        if found is None:
            return None
        witness, only_asked, about = found
        outcomes = ("it was taken as impossible", "it can be, and what is certain of calls that may be so can be less")
        if sides == RAISES:
            outcomes = (
                "it could be",
                "it is taken as impossible: what is certain of other calls can be more, and less of a call in which it "
                "is so all the same",
            )
        return of_world(self._worlds, witness, outcomes, about, only_asked=only_asked)

    def _axis(self, kind: AxisKind, of: str, way: Way) -> Axis:
        shown: dict[tuple[int, int], Shown | None] = {}
        undecided = set()
        for direction in (RAISES, LOWERS):
            try:
                difference = way(direction)
            except NotDecided:
                difference = None
                undecided.add(direction)
            shown[direction] = self._shown(difference, direction) if difference else None
        raises, lowers = shown[RAISES], shown[LOWERS]
        return Axis(kind=kind, of=of, verdict=_verdict(raises, lowers, undecided), raises=raises, lowers=lowers)

    def _shown(self, difference: Difference, direction: tuple[int, int]) -> Shown:
        """A difference with its sentence, in the words of the side that gives more."""
        side, (was, becomes) = direction[0], difference.outcomes
        policy = self._sides[side].policy
        about = [policy.variables[index].fact for index in sorted(variables(difference.about))]
        call = call_in_words(self._lexicons[side], policy, difference.answers[side], dict.fromkeys(about))
        ended = f"{call}{_ENDED[difference.contact]}" if difference.contact else call
        unasked = " It takes an answer to something that is not asked then." if difference.unasked else ""
        return Shown(
            says=f"Where {ended}: before, {was}; now, {becomes}.{unasked}",
            was=was,
            becomes=becomes,
            old=difference.answers[OLD],
            new=difference.answers[NEW],
            contact=difference.contact,
            unasked=difference.unasked,
        )


def _verdict(raises: Shown | None, lowers: Shown | None, undecided: Collection[tuple[int, int]]) -> Verdict:
    """The verdict on two directions. What is proved to lower nothing counts as raising where that is not decided."""
    if LOWERS in undecided or (lowers and RAISES in undecided):
        return Verdict.NOT_DECIDED
    if raises or RAISES in undecided:
        return Verdict.MIXED if lowers else Verdict.ONLY_RAISES
    return Verdict.ONLY_LOWERS if lowers else Verdict.EQUAL


_ENDED = {
    ContactState.IN_PROGRESS: ", while the call goes on",
    ContactState.LOST: ", once the line is lost",
    ContactState.COMPLETED: ", once the call has ended",
    ContactState.TRANSFERRED: "",
    ContactState.WRITTEN: "",
}
_OUTCOME = {
    Verdict.EQUAL: "is the same in every possible call",
    Verdict.ONLY_RAISES: "is never lower, and in some calls higher",
    Verdict.ONLY_LOWERS: "is never higher, and in some calls lower",
    Verdict.MIXED: "is higher in some calls and lower in others",
    Verdict.NOT_DECIDED: "could not be compared within the limit of the search: take it as lowered",
}


def _sentences(grade: Verdict, response: Verdict, axes: Sequence[Axis]) -> Iterator[str]:
    yield f"The recommended grade {_OUTCOME[grade]}."
    yield f"What is required and refused of the response {_OUTCOME[response].replace('higher', 'more')}.".replace(
        "lower", "less"
    )
    yield from _shown("Lowered", [(axis.kind, axis.lowers) for axis in axes if axis.lowers])
    yield from _shown("Raised", [(axis.kind, axis.raises) for axis in axes if axis.raises])


def _shown(word: str, differences: Sequence[tuple[AxisKind, Shown]]) -> Iterator[str]:
    """One sentence for each kind of thing, and how many more there are of the kind."""
    for kind in dict.fromkeys(kind for kind, _ in differences):
        alike = [shown for known, shown in differences if known == kind]
        more = f" So it is with {len(alike) - 1} more of the kind." if len(alike) > 1 else ""
        yield f"{word}. {alike[0].says}{more}"
