"""All complete calls of one policy as one search problem: each fact has an answer or is not asked. It judges none.

Complete means: a question whose `asked_when` is false has its `otherwise` value, every other has any value, and nothing
that the policy calls impossible holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chalicelib.analysis.findings import Answered
from chalicelib.analysis.formula import Cells, Formula, denied, every, holds, literal, some, variables
from chalicelib.analysis.reading import Gate, Reading
from chalicelib.analysis.search import Goal, Problem, Witness
from chalicelib.analysis.words import answered, in_words, mildest
from chalicelib.policy.lexicon import Lexicon
from chalicelib.policy.vocabulary import Term


class Calls:
    """The complete calls of a policy, and goals over them."""

    def __init__(self, reading: Reading) -> None:
        """Set the problem up."""
        self.reading = reading
        self.problem = Problem()
        self.lexicon = Lexicon(reading.document)
        for variable, cells in enumerate(mildest_of(reading)):
            self.problem.variable(reading.policy.variables[variable].full, cells)
        self.asked = frozenset(self.true(closing(reading, gate)) for gate in reading.gates)
        self._possible = frozenset(self.false(one.when) for one in reading.impossible)
        self._answers: dict[tuple[str, tuple[Cells, ...]], Answered | None] = {}
        self._below: dict[int, frozenset[Goal]] = {}

    def true(self, formula: Formula) -> Goal:
        """The goal that a formula holds."""
        return self.problem.goal(formula)

    def false(self, formula: Formula) -> Goal:
        """The goal that a formula does not hold."""
        return self.problem.goal(denied(formula))

    def below(self, rank: int) -> frozenset[Goal]:
        """The goals that no rule gives a grade or a higher one."""
        if rank not in self._below:
            self._below[rank] = frozenset(self.true(floor.fails) for floor in self.reading.reaching(rank))
        return self._below[rank]

    def find(self, goals: Iterable[Goal], *, asked: bool = True) -> Witness | None:
        """A call that reaches all goals; with `asked` False also one with answers to questions that are not asked.

        Raises NotDecided.
        """
        world = self.asked | self._possible if asked else self._possible
        return self.problem.find(world.union(goals))

    def example(self, witness: Witness, *, asked: bool = True) -> tuple[Answered, ...]:
        """The answers of a call that was found; what it does not ask left out, unless it is `asked` False."""
        silent = set(self._closed(witness)) if asked else set()
        found = (
            self._answered(term, witness) for name, term in self.reading.policy.terms.items() if name not in silent
        )
        return tuple(answer for answer in found if answer is not None)

    def _answered(self, term: Term, witness: Witness) -> Answered | None:
        """An answer; each is made once, because most calls have most of theirs in common."""
        key = term.fact.id, tuple(witness[variable.index] for variable in term.variables)
        if key not in self._answers:
            self._answers[key] = answered(term, witness, {})
        return self._answers[key]

    def told(self, answers: Sequence[Answered], *about: str) -> str:
        """A call for the middle of a sentence, the facts it is `about` first."""
        return in_words(self.lexicon, self.reading.policy, answers, about)

    def facts(self, *formulas: Formula) -> list[str]:
        """The facts that formulas look at, in the order of the document."""
        used = frozenset[int]().union(*(variables(formula) for formula in formulas))
        return list(dict.fromkeys(self.reading.policy.variables[index].fact for index in sorted(used)))

    def _closed(self, witness: Witness) -> list[str]:
        return [gate.fact for gate in self.reading.gates if not holds(gate.asked, witness)]


def rank_of(reading: Reading, values: Witness) -> int:
    """The rank of the grade that is recommended for a complete call, by rules and base."""
    by_rule = next((floor.rank for floor in reading.highest_first if holds(floor.when, values)), 0)
    return by_rule if holds(reading.earned, values) else max(by_rule, reading.policy.base_rank)


def closing(reading: Reading, gate: Gate) -> Formula:
    """What a gate demands of a complete call: asked, or as it is otherwise."""
    full = reading.policy.variables
    closed = every(literal(index, cells, full[index].full) for index, cells in gate.otherwise)
    return some([gate.asked, closed])


def mildest_of(reading: Reading) -> list[Cells]:
    """For each variable the cell to try first: the mildest."""
    found: dict[int, Cells] = {}
    for term in reading.policy.terms.values():
        found.update(mildest(term))
    return [found[variable.index] for variable in reading.policy.variables]
