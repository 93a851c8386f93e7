"""Where one of two versions recommends more than the other: in complete calls, and whatever else is known. No diff.

In complete calls the grade is that of rules and base. In all others precautions and the base count besides; that the
rules alone never give less, whatever is known, follows from the complete calls, because what is certain is what every
completion gives. While a version does not know yet that something is not asked, its completions have answers to it that
the other may know not to expect: so it is proved with such answers too, and not decided where they make the difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, TypeAlias

from chalicelib.analysis.calls import rank_of
from chalicelib.analysis.findings import Answered
from chalicelib.analysis.formula import ALWAYS, Formula, because, denied, entails, some
from chalicelib.analysis.knowledge import Knowledge
from chalicelib.analysis.reading import Reading
from chalicelib.analysis.search import Goal, NotDecided, Witness
from chalicelib.analysis.worlds import Unasked, Worlds
from chalicelib.assessment.contact import ContactState


@dataclass(frozen=True, slots=True)
class Scale:
    """The grades of two versions on one scale: for each side the position of each of its ranks."""

    kind: Literal["local", "national"]
    positions: tuple[Sequence[int], ...]

    def least_rank(self, side: int, position: int) -> int:
        """The lowest rank of a side that is at least so high; one more than it has when none is."""
        ranks = self.positions[side]
        return next((rank for rank, known in enumerate(ranks) if known >= position), len(ranks))


def scale_of(sides: Sequence[Reading]) -> Scale:
    """The local grades where both versions have the same, else the national ones."""
    local = [[(grade.id, grade.national) for grade in side.policy.grades] for side in sides]
    if local[0] == local[1]:
        return Scale("local", tuple(range(len(local[0])) for _ in sides))
    return Scale("national", tuple([grade.national.rank for grade in side.policy.grades] for side in sides))


@dataclass(frozen=True, slots=True)
class Difference:
    """A call that two versions treat differently: its answers as each asks for them, and what each makes of it."""

    answers: tuple[tuple[Answered, ...], tuple[Answered, ...]]
    outcomes: tuple[str, str]
    about: Formula
    """The condition of the side that gives more."""
    unasked: bool = False
    """Whether something has to be answered that is not asked."""
    contact: ContactState | None = None
    """How far the contact has got, where that matters."""


def more_in_complete_calls(worlds: Worlds, scale: Scale, more: int, less: int) -> Difference | None:
    """A complete call in which one side recommends more than the other. Raises NotDecided."""
    reasons = {side: list(_reasons(worlds.views[side].reading, scale.positions[side])) for side in (more, less)}
    for position in sorted({position for position, _ in reasons[more]}, reverse=True):
        against = [formula for other, formula in reasons[less] if other >= position]
        own = [formula for other, formula in reasons[more] if other == position]
        found = more_of(worlds, (more, less), own, against, complete=False)
        if found is not None:
            witness, only_asked, about = found
            grades = (_grade(worlds, 0, witness), _grade(worlds, 1, witness))
            return of_world(worlds, witness, grades, about, only_asked=only_asked)
    return None


Found: TypeAlias = "tuple[Witness, bool, Formula]"
"""A world, whether only what is asked is answered in it, and by what it shows what it shows."""


def more_of(
    worlds: Worlds, sides: tuple[int, int], own: Sequence[Formula], against: Sequence[Formula], *, complete: bool = True
) -> Found | None:
    """A world in which a condition of the first side holds and none of the second, and by what. Raises NotDecided.

    With `complete` False it is also not decided where there is only one in which the second side has to reckon with
    answers that the first does not.
    """
    more, less = sides
    widest, shows = worlds.widest(complete=complete), worlds.shows(more)
    undecided = False
    same = {worlds.views[less].known(formula) for formula in against}
    anyway = some(same)
    below = [worlds.false(less, formula) for formula in against]
    for formula in own:
        known = worlds.views[more].known(formula)
        # One more rule that gives a finding makes what looks at the finding longer, and else leaves it as it was:
        # a search would have to see that anew for every part of it.
        if known not in same and not entails(known, anyway, shows):
            try:
                found = _plainest(worlds, [worlds.true(more, formula), *below], widest, less)
            except NotDecided:
                undecided = True
                continue
            if found is not None:
                witness, only_asked = found
                return witness, only_asked, because(formula, worlds.call(more, witness))
    if undecided:
        raise NotDecided
    return None


def _plainest(worlds: Worlds, goals: Sequence[Goal], widest: Unasked, less: int) -> tuple[Witness, bool] | None:
    """The world in which least is answered that is not asked. That there is none is proved in the widest way."""
    found = worlds.find(goals, widest, less)
    if found is None or widest is Unasked.NEITHER:
        return None if found is None else (found, True)
    if widest is Unasked.LAST:
        found = worlds.find(goals, Unasked.BOTH, less)
        if found is None:
            raise NotDecided
    with suppress(NotDecided):
        plain = worlds.find(goals, Unasked.NEITHER, less)
        if plain is not None:
            return plain, True
    return found, False


def of_world(
    worlds: Worlds, witness: Witness, outcomes: tuple[str, str], about: Formula, *, only_asked: bool
) -> Difference:
    """A world as a difference."""
    return Difference((worlds.example(0, witness), worlds.example(1, witness)), outcomes, about, not only_asked)


def _grade(worlds: Worlds, side: int, witness: Witness) -> str:
    reading = worlds.views[side].reading
    return reading.policy.grades[rank_of(reading, worlds.call(side, witness))].title


def _reasons(reading: Reading, positions: Sequence[int]) -> Iterator[tuple[int, Formula]]:
    """Why a side recommends at least so much in a complete call: nothing is lower, a rule says so, or the base does."""
    yield positions[0], ALWAYS
    yield from ((positions[floor.rank], floor.when) for floor in reading.highest_first)
    base = reading.policy.base_rank
    if base > 0:
        yield positions[base], denied(reading.earned)


def more_when_not_known(knowledge: Knowledge, scale: Scale, sides: tuple[int, int]) -> Difference | None:
    """A call, not all known, in which the first side recommends more than the last. Raises NotDecided.

    `sides` are the places of the two on the scale; the difference has them in the order of the scale.
    """
    less = knowledge.cautions(1)
    below: dict[int, set[Goal]] = {}
    for caution in knowledge.cautions(0):
        position = scale.positions[sides[0]][caution.rank]
        rank = scale.least_rank(sides[1], position)
        if rank == 0 or any(other.when == caution.when and other.rank >= rank for other in less):
            continue
        if rank not in below:
            below[rank] = knowledge.below(rank)
        witness = knowledge.find([knowledge.counts(caution), *below[rank]])
        if witness is not None:
            title = knowledge.views[0].reading.policy.grades[caution.rank].title
            answers = (knowledge.example(0, witness), knowledge.example(1, witness))
            outcomes = (f"at least {title}", f"less than {title}")
            if sides == (1, 0):
                answers, outcomes = (answers[1], answers[0]), (outcomes[1], outcomes[0])
            return Difference(answers, outcomes, caution.about, contact=knowledge.contact(witness))
    return None
