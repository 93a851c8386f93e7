"""The one exact question: is there an assignment that reaches all these goals? A witness, a proof of none, or a limit.

A goal is a formula, kept as clauses. The search starts from the mildest assignment and mends one broken clause at a
time, that with the fewest ways out first; it goes back past every choice that a contradiction did not rest on. A limit
on nodes, never on time, keeps it total: beyond it the question is not decided, which is never "no". It knows no policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import TypeAlias

from chalicelib.analysis.formula import Both, Cells, Either, Formula, Literal

NODES = 4000
"""How many choices one question may try."""

DEEPEST = 400
"""How many choices may rest on one another."""

LONGEST_LEARNED = 10
"""How many choices that cannot be made together are worth remembering."""

MOST_JOINED = 8
"""How many clauses a branch may become before its parts are given variables of their own."""

Clause: TypeAlias = "dict[int, Cells]"
Goal: TypeAlias = int
Witness: TypeAlias = "tuple[Cells, ...]"
"""For each variable the one cell that it has, as a mask."""


class NotDecided(Exception):
    """A question has met the limit on nodes."""


@dataclass(slots=True)
class Effort:
    """How many choices all questions together may still try; of several problems, if they share it."""

    left: float = inf


@dataclass(slots=True)
class _State:
    """What is still possible, what is tried, the choices that the first rests on, and the clauses the second breaks.

    Sets of clauses are bits of one number each: that they are mended or broken is then found out of all at once.
    """

    domains: list[Cells]
    values: list[Cells]
    why: list[int]
    broken: int

    def copy(self) -> _State:
        return _State(self.domains.copy(), self.values.copy(), self.why.copy(), self.broken)


class Problem:
    """Variables, and goals over them that can be asked for in any combination."""

    def __init__(self, effort: Effort | None = None) -> None:
        """Begin without variables and goals."""
        self._effort = effort or Effort()
        self._most: float = NODES
        self._domains: list[Cells] = []
        self._mildest: list[Cells] = []
        self._clauses: list[tuple[tuple[int, Cells], ...]] = []
        self._occurs: list[list[tuple[int, Cells]]] = []
        self._meets: list[dict[Cells, int]] = []
        """For each variable and each of its cells that was looked at the clauses that it meets."""
        self._goals: dict[Formula, Goal] = {}
        self._never: set[Goal] = set()
        self._of_goal: list[int] = []
        self._broken_at_first: list[int] = []
        self._wanted = 0
        """The clauses that count for what is asked now."""
        self._spent = self._known = 0
        self._choices: list[tuple[int, Cells]] = []
        self._learned: set[int] = set()

    def variable(self, full: Cells, mildest: Cells) -> int:
        """A new variable with some cells, and the one that is tried first."""
        self._domains.append(full)
        self._mildest.append(mildest)
        self._occurs.append([])
        self._meets.append({})
        return len(self._domains) - 1

    def mildest(self, variable: int) -> Cells:
        """The cell of a variable that is tried first."""
        return self._mildest[variable]

    def mildest_of_all(self) -> Sequence[Cells]:
        """The assignment that is tried first."""
        return self._mildest

    def goal(self, formula: Formula) -> Goal:
        """The goal that a formula holds."""
        known = self._goals.get(formula)
        if known is None:
            known = self._goals[formula] = len(self._broken_at_first)
            self._broken_at_first.append(0)
            self._forget()
            for clause in self._clauses_of(formula):
                self._add(clause, known)
            self._of_goal.append((1 << len(self._clauses)) - (1 << self._known))
            self._known = len(self._clauses)
        return known

    def find(self, goals: Iterable[Goal], nodes: int | None = None) -> Witness | None:
        """An assignment that reaches all goals; None when there is none. Raises NotDecided beyond so many nodes."""
        wanted = frozenset(goals)
        self._most = min(NODES if nodes is None else nodes, self._effort.left)
        self._wanted = self._spent = broken = 0
        self._forget()
        if not wanted.isdisjoint(self._never):
            return None
        for goal in wanted:
            self._wanted |= self._of_goal[goal]
            broken |= self._broken_at_first[goal]
        start = _State(self._domains.copy(), self._mildest.copy(), [0] * len(self._domains), broken)
        try:
            found = self._search(start, 0)
        finally:
            self._effort.left -= self._spent
        return None if isinstance(found, int) else tuple(found.values)

    def _learn(self, blamed: int) -> None:
        """Note that some choices cannot be made together, for the rest of this question."""
        clause: Clause = {}
        for level in range(blamed.bit_length()):
            if blamed >> level & 1:
                variable, cells = self._choices[level]
                clause[variable] = clause.get(variable, 0) | self._domains[variable] & ~cells
        if 0 < len(clause) <= LONGEST_LEARNED:
            self._learned |= clause.keys()
            self._wanted |= 1 << self._place(clause)

    def _forget(self) -> None:
        """Drop what was learned for the last question."""
        del self._clauses[self._known :]
        for variable in self._learned:
            occurs, meets = self._occurs[variable], self._meets[variable]
            while occurs and occurs[-1][0] >= self._known:
                occurs.pop()
            for cell in meets:
                meets[cell] &= (1 << self._known) - 1
        self._learned.clear()

    def _place(self, clause: Clause) -> int:
        """Take a clause in. Its place among all."""
        place = len(self._clauses)
        self._clauses.append(tuple(clause.items()))
        for variable, cells in clause.items():
            self._occurs[variable].append((place, cells))
            meets = self._meets[variable]
            for cell in meets:
                if cell & cells:
                    meets[cell] |= 1 << place
        return place

    def _met_by(self, variable: int, cell: Cells) -> int:
        """The clauses that a cell of a variable meets."""
        meets = self._meets[variable]
        if cell not in meets:
            meets[cell] = sum(1 << place for place, cells in self._occurs[variable] if cells & cell)
        return meets[cell]

    def _add(self, clause: Clause, goal: Goal) -> None:
        if any(cells == self._domains[variable] for variable, cells in clause.items()):
            return
        if not clause:
            self._never.add(goal)
        place = self._place(clause)
        if not self._mild(clause):
            self._broken_at_first[goal] |= 1 << place

    def _clauses_of(self, formula: Formula) -> list[Clause]:
        """Clauses that can be met exactly when the formula can; parts that branch may get variables of their own."""
        match formula:
            case Literal(variable, cells, _):
                return [{variable: cells}]
            case Both(parts=parts):
                return [clause for part in parts for clause in self._clauses_of(part)]
            case Either(parts=parts):
                return self._joined([self._clauses_of(part) for part in parts])

    def _joined(self, choices: list[list[Clause]]) -> list[Clause]:
        whole: list[Clause] = [{}]
        for clauses in sorted(choices, key=len):
            if len(whole) * len(clauses) > MOST_JOINED and len(clauses) > 1:
                chosen = self.variable(3, 2 if all(map(self._mild, clauses)) else 1)
                implied = [_either(clause, {chosen: 1}) for clause in clauses]
                whole = [*(_either(clause, {chosen: 2}) for clause in whole), *implied]
            else:
                whole = [_either(one, other) for one in whole for other in clauses]
        return whole

    def _mild(self, clause: Clause) -> bool:
        """Whether the assignment that is tried first meets a clause."""
        return any(self._mildest[variable] & cells for variable, cells in clause.items())

    def _search(self, state: _State, level: int) -> _State | int:
        """A state with nothing broken, or the choices, one bit each, that the contradiction rests on."""
        self._spent += 1
        if self._spent > self._most or level > DEEPEST:
            raise NotDecided
        outcome = self._forced(state)
        if outcome is None or outcome < 0:
            return state if outcome is None else ~outcome
        clause = self._clauses[outcome]
        ways = [(variable, cells) for variable, cells in clause if state.domains[variable] & cells]
        here, blamed = 1 << level, self._why_not(state, outcome)
        for variable, cells in ways:
            tried = state.copy()
            self._choices[level:] = [(variable, cells)]
            self._narrow(tried, variable, cells, here)
            found = self._search(tried, level + 1)
            if not isinstance(found, int) or not found & here:
                return found
            reason = found & ~here
            blamed |= reason
            self._narrow(state, variable, ~cells, reason)
        self._learn(blamed)
        return blamed

    def _forced(self, state: _State) -> int | None:
        """Follow what is forced. The clause to branch on; None: nothing is broken; negative: why it cannot be."""
        while state.broken:
            least, best, moved = len(state.domains) + 1, -1, False
            waiting = state.broken
            while waiting:
                place = (waiting & -waiting).bit_length() - 1
                ways = [one for one in self._clauses[place] if state.domains[one[0]] & one[1]]
                if not ways:
                    return ~self._why_not(state, place)
                if len(ways) == 1:
                    self._narrow(state, *ways[0], self._why_not(state, place))
                    moved = True
                elif len(ways) < least:
                    least, best = len(ways), place
                waiting &= state.broken & ~(1 << place)
            if not moved:
                return best
        return None

    def _why_not(self, state: _State, place: int) -> int:
        """The choices because of which a clause's ways are closed, as far as they are."""
        reason = 0
        for variable, cells in self._clauses[place]:
            if not state.domains[variable] & cells:
                reason |= state.why[variable]
        return reason

    def _narrow(self, state: _State, variable: int, cells: Cells, reason: int) -> None:
        """Leave a variable only some of its cells, and find out what that mends and breaks."""
        before = state.values[variable]
        left = state.domains[variable] = state.domains[variable] & cells
        state.why[variable] |= reason
        if before & left:
            return
        value = state.values[variable] = left & -left
        mended = self._met_by(variable, value)
        state.broken &= ~mended
        doubtful = self._met_by(variable, before) & ~mended & self._wanted
        while doubtful:
            bit = doubtful & -doubtful
            if not self._met(state, bit.bit_length() - 1):
                state.broken |= bit
            doubtful ^= bit

    def _met(self, state: _State, place: int) -> bool:
        values = state.values
        for variable, cells in self._clauses[place]:  # noqa: SIM110 - the innermost loop: `any` takes twice as long
            if values[variable] & cells:
                return True
        return False


def _either(one: Clause, other: Clause) -> Clause:
    """A clause that is met when one of two is."""
    joined = dict(one)
    for variable, cells in other.items():
        joined[variable] = joined.get(variable, 0) | cells
    return joined


def lowest_first(mask: Cells) -> Iterator[Cells]:
    """The cells of a mask, one by one."""
    while mask:
        yield mask & -mask
        mask &= mask - 1
