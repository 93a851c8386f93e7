"""Calls that show each rule and precaution of a policy at work, and just not at work. It finds them and judges none.

For each thing to be shown there are candidates, the most telling first. Whoever takes one confirms it by an evaluation:
what the search knows of a call is complete, what an evaluation knows is what was answered. Some are guesses; that there
is none that is not a guess is a proof. Where the search met its limit, NotDecided is raised.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

from chalicelib.analysis.calls import Calls
from chalicelib.analysis.findings import Answered
from chalicelib.analysis.formula import (
    ALWAYS,
    NEVER,
    Cells,
    Formula,
    Literal,
    denied,
    holds,
    literals,
    replaced,
    variables,
)
from chalicelib.analysis.knowledge import Caution, Knowledge
from chalicelib.analysis.reading import Fear, Floor, read
from chalicelib.analysis.search import Goal, NotDecided, Witness, lowest_first
from chalicelib.analysis.words import example, in_words
from chalicelib.assessment.contact import ContactState
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Absence, NotAsked
from chalicelib.policy.vocabulary import Variable


@dataclass(frozen=True, slots=True)
class Shown:
    """A call that may show something: its answers, how far it has got, and the fact that makes the difference."""

    answers: tuple[Answered, ...]
    contact: ContactState = ContactState.IN_PROGRESS
    changed: str | None = None
    guess: bool = False
    """Whether it was not found by a search that would have found any."""


class Witnesses:
    """The calls that show what one policy does."""

    def __init__(self, policy: CompiledPolicy) -> None:
        """Read a policy."""
        self.reading = read(policy)
        self.calls = Calls(self.reading)
        self._gating = frozenset(index for gate in self.reading.gates for index in gate.uses)

    def deciding(self, floor: Floor) -> Iterator[Shown]:
        """A complete call in which a rule holds and no other gives as much; if it can be, the base does not either."""
        for found in self._deciding(floor):
            yield self._shown(found, floor.when, edges=True)

    def holding(self, floor: Floor) -> Iterator[Shown]:
        """A complete call in which a rule holds, if it can be without another that gives as much."""
        for found in self._holding(floor):
            yield self._shown(found, floor.when, edges=True)

    def missed(self, floor: Floor) -> Iterator[Shown]:
        """Calls in which a rule does not hold for want of one answer. First those that differ from a call in which it
        decides in that answer alone, then those in which no rule gives as much, then any.
        """
        for found in self._holding(floor):
            yield from self._flipped(floor, found)
        below = self.calls.below(floor.rank) if floor.rank > 0 else frozenset[Goal]()
        for goals in (below, frozenset[Goal]()) if below else (below,):
            yield from self._one_answer_away(floor, goals)

    def settled(self, fear: Fear) -> Iterator[Shown]:
        """Complete calls in the scope of a precaution, in which it is known that there is nothing to fear, or what."""
        for found in self._settled(fear):
            yield Shown(self.calls.example(found))

    def feared(self, fear: Fear, question: str | None) -> Iterator[Shown]:
        """Calls in which a precaution applies: first a settled one without the answer that settles it, then any."""
        for found in self._settled(fear):
            answers = self.calls.example(found)
            asked = [one.fact for one in answers]
            looked_at = [name for name in self.calls.facts(fear.on) if name in asked]
            groups = [looked_at, *([name] for name in looked_at)]
            if question is not None and question in asked:
                groups.insert(0, [question])
            for silent, (reason, contact) in product(filter(None, groups), list(_ways_to_be_missing(fear))):
                yield Shown(_without(answers, silent, reason), contact, silent[0], guess=True)
        yield from self._by_what_is_known(fear)

    def told(self, answers: Iterable[Answered], about: Iterable[str]) -> str:
        """A call for the middle of a sentence, the facts it is about first."""
        return self.calls.told(tuple(answers), *about)

    def answer(self, answers: Iterable[Answered], fact: str) -> str:
        """The one answer of a call to a fact, for the middle of a sentence; that it was not asked, where it was not."""
        own = tuple(one for one in answers if one.fact == fact)
        given = own or (Answered(fact=fact, absent=Absence.NOT_ASKED),)
        return in_words(self.calls.lexicon, self.reading.policy, given, [fact])

    def _deciding(self, floor: Floor) -> Iterator[Witness]:
        """The call of `deciding`."""
        others = [other for other in self.reading.reaching(max(floor.rank, 1)) if other is not floor]
        goals = [self.calls.true(floor.when), *(self.calls.true(other.fails) for other in others)]
        earned = [self.calls.true(self.reading.earned)] if floor.rank <= self.reading.policy.base_rank else []
        for more in (earned, []) if earned else ([],):
            found = self.calls.find([*goals, *more])
            if found is not None:
                yield found
                return

    def _holding(self, floor: Floor) -> Iterator[Witness]:
        """The call of `holding`."""
        found = next(self._deciding(floor), None) or self.calls.find([self.calls.true(floor.when)])
        if found is not None:
            yield found

    def _one_answer_away(self, floor: Floor, goals: frozenset[Goal]) -> Iterator[Shown]:
        """Calls in which a rule would hold if one variable were different and all others were as they are.

        Of a variable that decides what is asked this is more than can be confirmed: what would then be asked is not
        answered, and nothing could be impossible for want of it. That there is no such call is a proof all the same.
        """
        for index, cell in self._answers_that_count(floor):
            wanted = _given(floor.when, index, cell)
            found = [self.calls.true(wanted), self.calls.true(floor.fails), *self._asked([index]), *goals]
            possible = [self.calls.false(_given(odd.when, index, cell)) for odd in self.reading.impossible]
            for more in (possible, []) if index in self._gating else (possible,):
                witness = self.calls.find([*found, *more])
                if witness is not None:
                    yield self._shown(witness, floor.when, changed=index, towards=cell)

    def _settled(self, fear: Fear) -> Iterator[Witness]:
        """The calls of `settled`: while the question is put if that can be, and with nothing as high if that can be."""
        nothing, something = self.calls.true(denied(fear.on)), self.calls.true(fear.on)
        # An exception is settled well when it holds, a danger when it does not.
        for known in (nothing, something) if fear.own else (something, nothing):
            goals = [self.calls.true(fear.scope), known]
            below = self.calls.below(max(fear.rank, 1))
            for more in ([*below, *self._asked(variables(fear.on))], [*below], []):
                found = self.calls.find([*goals, *more])
                if found is not None:
                    yield found
                    break

    def _asked(self, indexes: Iterable[int]) -> list[Goal]:
        """The goals that some facts are asked."""
        own = frozenset(indexes)
        gates = [gate for gate in self.reading.gates if any(index in own for index, _ in gate.otherwise)]
        return [self.calls.true(gate.asked) for gate in gates]

    @cached_property
    def _knowledge(self) -> tuple[Knowledge, list[Caution]]:
        knowledge = Knowledge((self.reading,))
        return knowledge, knowledge.cautions(0)

    def _by_what_is_known(self, fear: Fear) -> Iterator[Shown]:
        """Any state of knowledge in which a precaution applies, first one in which nothing else is as high."""
        knowledge, cautions = self._knowledge
        caution = next((one for one in cautions if one.fear is fear), None)
        if caution is None:
            raise NotDecided  # it gives no more than every call has, and the search knows none of these
        applies = knowledge.counts(caution)
        for goals in (knowledge.below(fear.rank, leave_out=fear), set[Goal]()):
            witness = knowledge.find([applies, *goals])
            if witness is not None:
                yield Shown(knowledge.example(0, witness), knowledge.contact(witness))

    def _flipped(self, floor: Floor, witness: Witness) -> Iterator[Shown]:
        """A call with one answer changed, so that the rule fails and nothing as high holds. Last what opens questions:
        then more than one answer differs.
        """
        for index in sorted(floor.uses, key=lambda one: (one in self._gating, one)):
            for cell in _nearest(self.reading.policy.variables[index], witness[index]):
                changed = self._completed(witness, index, cell)
                if changed is not None and self._is_missed(floor, changed):
                    yield replace(self._shown(changed, floor.when, changed=index, towards=witness[index]), guess=True)

    def _completed(self, witness: Witness, index: int, cell: Cells) -> Witness | None:
        """A call with another answer: what is then not asked is as it is otherwise. None if the fact is not asked."""
        values = list(witness)
        values[index] = cell
        for gate in self.reading.gates:
            own = [one for one, _ in gate.otherwise]
            if not holds(gate.asked, values):
                if index in own:
                    return None
                for one, mask in gate.otherwise:
                    values[one] = mask & -mask
        return tuple(values)

    def _is_missed(self, floor: Floor, values: Witness) -> bool:
        if holds(floor.when, values) or any(holds(odd.when, values) for odd in self.reading.impossible):
            return False
        return floor.rank <= 0 or not any(holds(other.when, values) for other in self.reading.reaching(floor.rank))

    def _answers_that_count(self, floor: Floor) -> Iterator[tuple[int, Cells]]:
        """The answers that a rule looks at: for each variable each of its values."""
        for index in sorted(floor.uses, key=lambda one: (one in self._gating, one)):
            for cell in lowest_first(self.reading.policy.variables[index].full):
                yield index, cell

    def _shown(
        self, witness: Witness, when: Formula, *, changed: int | None = None, towards: Cells = 0, edges: bool = False
    ) -> Shown:
        """A call with its answers. A whole number that a rule looks at is the one in its cell that is next to where the
        rule comes out otherwise, so that a bound that was moved by one is noticed.
        """
        policy = self.reading.policy
        spans: dict[int, tuple[int, int]] = {}
        for one in literals(when) if edges else ():
            if one.cells & witness[one.variable]:
                above = witness[one.variable] << 1 & one.full
                self._at_an_end(one.variable, witness, spans, upper=bool(above & ~one.cells))
        if changed is not None:
            self._at_an_end(changed, witness, spans, upper=towards > witness[changed])
        values = {variable.index: witness[variable.index] for variable in policy.variables}
        closed = [gate.fact for gate in self.reading.gates if not holds(gate.asked, witness)]
        name = policy.variables[changed].fact if changed is not None else None
        return Shown(example(policy, values, closed, spans), changed=name)

    def _at_an_end(self, index: int, witness: Witness, spans: dict[int, tuple[int, int]], *, upper: bool) -> None:
        """Note the least or the greatest number of the cell that a whole number is in."""
        variable = self.reading.policy.variables[index]
        term = self.reading.policy.terms[variable.fact]
        if term.fact.range is not None:
            cell = witness[index].bit_length() - 1
            ends = (*(cut - 1 for cut in term.cuts[1:]), term.fact.range.most)
            number = ends[cell] if upper else term.cuts[cell]
            spans[index] = (number, number)


def _given(when: Formula, index: int, cell: Cells) -> Formula:
    """A condition once one variable is known."""

    def known(one: Literal) -> Formula:
        if one.variable != index:
            return one
        return ALWAYS if one.cells & cell else NEVER

    return replaced(when, known)


def _nearest(variable: Variable, cell: Cells) -> list[Cells]:
    """The other cells of a variable, the nearest first, of two the milder."""
    own = cell.bit_length()
    others = [one for one in lowest_first(variable.full) if one != cell]
    return sorted(others, key=lambda one: (abs(one.bit_length() - own), one.bit_length() * (variable.worse or 1)))


def _ways_to_be_missing(fear: Fear) -> Iterator[tuple[Absence | None, ContactState]]:
    """Why what a precaution is on can be missing, and how far the contact has got; None: nobody asked."""
    for reason in [one for one in Absence if one in fear.reasons][:1]:
        yield reason, ContactState.IN_PROGRESS
    match fear.not_asked:
        case NotAsked.FROM_START:
            yield None, ContactState.IN_PROGRESS
        case NotAsked.IF_LOST:
            yield None, ContactState.LOST
        case NotAsked.AT_END:
            yield None, ContactState.COMPLETED


def _without(answers: tuple[Answered, ...], silent: list[str], reason: Absence | None) -> tuple[Answered, ...]:
    kept = tuple(one for one in answers if one.fact not in silent)
    return kept if reason is None else (*kept, *(Answered(fact=name, absent=reason) for name in silent))
