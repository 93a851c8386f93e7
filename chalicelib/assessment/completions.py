"""What could still turn out: an exact search over the answers that are missing. It decides nothing.

Backtracking with three-valued pruning: branch only on a variable that an undecided goal looks at, only over classes of
values that some condition tells apart, and test again only what looks at something that has changed. A limit on nodes,
never on time, keeps it total; beyond it the answer is None.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from chalicelib.policy.compiled import CompiledPolicy, Gate
from chalicelib.policy.nodes import FALSE, TRUE, UNKNOWN, Node

NODES = 4000
"""How many states one search may look at."""

ALL_NODES = 20000
"""How many states all searches of one evaluation may look at."""

IS_FALSE, IS_UNKNOWN, IS_TRUE = 1 << FALSE, 1 << UNKNOWN, 1 << TRUE

_ALL = -1
"""Every variable, as bits."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A condition and the truths that it may end with, as a mask of IS_FALSE, IS_UNKNOWN and IS_TRUE."""

    node: Node
    wanted: int


class Completions:
    """The ways in which a state of knowledge can still be completed, impossible combinations left out.

    A fact is as it is otherwise once it is known that it is not asked. Before that anybody may still say anything of
    it, asked or not: a completion that shut it would take an answer to it as proof that it had to be asked.
    """

    def __init__(self, policy: CompiledPolicy, masks: Sequence[int]) -> None:
        """Take a state of knowledge, in which what is known not to be asked is as it is otherwise."""
        self._policy = policy
        self._masks = list(masks)
        self._gates = [gate for gate in policy.gates if gate.node.test(masks) == UNKNOWN]
        self._said = {
            index: gate for gate in self._gates for index, mask in gate.otherwise if not self._masks[index] & mask
        }
        """The variables of which something was said that stands even when they are not asked, with their gates."""
        self._closing: dict[int, list[Gate]] = {}
        """For each variable the gates that answers to it may close and that matter to the goals."""
        self._impossible = [Goal(node, IS_FALSE) for _, node in policy.impossible if node.test(masks) == UNKNOWN]
        self._nodes = self._spent = 0
        self._most = NODES
        self._wanted: Sequence[Goal] = ()
        self._calmest: list[int] | None = None
        self._reaches: dict[str, frozenset[int]] = {}
        self.exact = True
        """False as soon as one search has met the limit."""

    def exists(self, goals: Iterable[Goal], free: frozenset[int] | None = None) -> bool | None:
        """Whether some completion reaches all goals; None beyond the node limit.

        With `free`, only these variables are answered, the others stay as unknown as they are, or are as they are
        otherwise where the answers show that they are not asked.
        """
        try:
            return self.example(goals, free) is not None
        except LimitReached:
            return None

    def example(
        self, goals: Iterable[Goal], free: frozenset[int] | None = None, *, most: int = NODES
    ) -> list[int] | None:
        """The masks of some completion that reaches all goals, or None if there is none; as `exists`.

        Raises LimitReached beyond the `most` nodes.
        """
        self._spent, self._nodes = self._spent + self._nodes, 0
        self._most = min(most, ALL_NODES - self._spent)
        impossible = (
            self._impossible if free is None else [Goal(goal.node, IS_FALSE | IS_UNKNOWN) for goal in self._impossible]
        )
        wanted = sorted([*goals, *impossible], key=_narrow)
        try:
            if free is None and self._is_calm(wanted):
                return list(self._calm())
            if free is None:
                # What even the most harmless completion does not reach is where a dead end is, if there is one.
                wanted.sort(key=self._reached_calmly)
            self._wanted, self._closing = wanted, {}
            return self._search(self._masks, wanted, free, _ALL)
        except LimitReached:
            self.exact = False
            raise

    def _is_calm(self, goals: Sequence[Goal]) -> bool:
        """Whether the goals are reached when all that is not known is as harmless as it can be: mostly, they are."""
        if any(goal.wanted != IS_FALSE for goal in goals):
            return False
        return all(goal.node.test(self._calm()) == FALSE for goal in goals)

    def _reached_calmly(self, goal: Goal) -> bool:
        return goal.wanted >> goal.node.test(self._calm()) & 1 == 1

    def _calm(self) -> list[int]:
        """The most harmless completion, if it is possible."""
        if self._calmest is None:
            self._calmest = [
                mask & -mask if variable.worse >= 0 else 1 << mask.bit_length() - 1
                for variable, mask in zip(self._policy.variables, self._masks, strict=True)
            ]
        return self._calmest

    def _gates_that_matter(self) -> dict[int, list[Gate]]:
        """The gates that may close, by what they look at, if the goals look at what they set or it could contradict
        what is known."""
        found, before, gates = 0, -1, self._gates
        full = self._policy.variables
        restricted = {
            gate.fact for gate in gates if any(self._masks[index] != full[index].full for index, _ in gate.otherwise)
        }
        for goal in self._wanted:
            found |= goal.node.bits
        while found != before:
            before = found
            for gate in gates:
                if gate.sets & found or gate.fact in restricted:
                    found |= gate.node.bits
        closing: dict[int, list[Gate]] = {}
        for gate in gates:
            if gate.sets & found or gate.fact in restricted:
                for index in gate.node.uses:
                    closing.setdefault(index, []).append(gate)
        return closing

    def _search(
        self, masks: list[int], goals: list[Goal], free: frozenset[int] | None, changed: int
    ) -> list[int] | None:
        """Go on from a state in which only the goals that look at what has `changed` may be decided."""
        self._nodes += 1
        if self._nodes > self._most:
            raise LimitReached
        open_goals = _still_open(goals, masks, changed)
        if open_goals is None:
            return None
        choice = next((goal for goal in open_goals if not goal.wanted & IS_UNKNOWN), None)
        if choice is None:
            return masks
        index = self._branch_on(choice.node, masks, free)
        if index is None:
            return None if free is None else self._by_closing_a_gate(choice.node, masks, open_goals, free)
        found = self._first(self._tries(masks, index, worst_first=choice.wanted == IS_TRUE), index, open_goals, free)
        if found is not None:
            return found
        if free is None or not self._may_stay_open(index, open_goals):
            return None
        return self._search(masks, open_goals, free - {index}, 0)

    def _may_stay_open(self, index: int, goals: Iterable[Goal]) -> bool:
        """Whether it may be a variable's being open that a goal needs, or that keeps a gate from closing."""
        return index in self._closing or any(goal.wanted & IS_UNKNOWN and index in goal.node.uses for goal in goals)

    def _first(
        self, tries: Iterator[list[int]], changed: int, goals: list[Goal], free: frozenset[int] | None
    ) -> list[int] | None:
        """The first of some values from which the goals are reached."""
        if free is not None:
            self._closing = self._closing or self._gates_that_matter()
        for tried in tries:
            bits = self._close_gates(tried, [changed])
            if bits:
                found = self._search(tried, goals, free, bits)
                if found is not None:
                    return found
        return None

    def _tries(self, masks: list[int], index: int, *, worst_first: bool) -> Iterator[list[int]]:
        """The classes of values to try: a rule is sooner met by the worst and sooner missed by the best."""
        atoms = self._policy.atoms[index]
        upward = self._policy.variables[index].worse >= 0
        for atom in atoms if worst_first is upward else reversed(atoms):
            if part := masks[index] & atom:
                tried = masks.copy()
                tried[index] = part
                yield tried

    def _by_closing_a_gate(
        self, node: Node, masks: list[int], goals: list[Goal], free: frozenset[int]
    ) -> list[int] | None:
        """How the goals are reached when a fact that nobody can answer turns out not to be asked at all."""
        for gate in self._gates:
            if not gate.sets & node.bits or free.isdisjoint(self.reach(gate)) or gate.node.test(masks) != UNKNOWN:
                continue
            closed = masks.copy()
            self._closing = self._closing or self._gates_that_matter()
            changed = self._closed(gate, closed)
            bits = self._close_gates(closed, changed) if changed and self._may_close(gate, closed) else 0
            if bits:
                found = self._search(closed, [*goals, Goal(gate.node, IS_FALSE)], free, bits | gate.node.bits)
                if found is not None:
                    return found
        return None

    def reach(self, gate: Gate) -> frozenset[int]:
        """The variables that a gate looks at, itself or through the gates of what it looks at."""
        if gate.fact not in self._reaches:
            owner = {index: other for other in self._policy.gates for index, _ in other.otherwise}
            found: set[int] = set()
            waiting = set(gate.node.uses)
            while waiting:
                index = waiting.pop()
                found.add(index)
                if index in owner:
                    waiting |= owner[index].node.uses - found
            self._reaches[gate.fact] = frozenset(found)
        return self._reaches[gate.fact]

    def _branch_on(self, node: Node, masks: list[int], free: frozenset[int] | None) -> int | None:
        for index in sorted(node.uses if free is None else node.uses & free):
            mask = masks[index]
            if mask & (mask - 1) and sum(1 for atom in self._policy.atoms[index] if mask & atom) > 1:
                gate = self._said.get(index) if free is not None else None
                if gate is None or gate.node.test(masks) != FALSE:
                    return index
        return None

    def _close_gates(self, masks: list[int], changed: list[int]) -> int:
        """Put the `otherwise` values in where a gate has closed. The variables that are other than before, as bits;
        none at all where that contradicts what was assumed."""
        bits, waiting = sum(1 << index for index in changed), changed
        while waiting:
            for gate in self._closing.get(waiting.pop(), ()):
                if gate.node.test(masks) != FALSE:
                    continue
                for index in self._closed(gate, masks):
                    bits |= 1 << index
                    waiting.append(index)
                if not self._may_close(gate, masks):
                    return 0
        return bits

    def _may_close(self, gate: Gate, masks: Sequence[int]) -> bool:
        """Whether nothing was assumed of a fact that is not asked."""
        return all(masks[index] & mask or masks[index] == self._masks[index] for index, mask in gate.otherwise)

    def _closed(self, gate: Gate, masks: list[int]) -> list[int]:
        """Put in what a fact is that is not asked; the variables that are other than before. What was said stands."""
        found: list[int] = []
        for index, mask in gate.otherwise:
            if masks[index] & ~mask and self._masks[index] & mask:
                masks[index] &= mask
                found.append(index)
        return found


def _narrow(goal: Goal) -> int:
    """How many variables a goal looks at: those of few come first, so that a dead end shows early."""
    return goal.node.bits.bit_count()


def _still_open(goals: Iterable[Goal], masks: Sequence[int], changed: int) -> list[Goal] | None:
    """The goals that are not decided yet; None when one is decided against what is wanted."""
    found: list[Goal] = []
    for goal in goals:
        truth = goal.node.test(masks) if goal.node.bits & changed else UNKNOWN
        if truth == UNKNOWN:
            found.append(goal)
        elif not goal.wanted >> truth & 1:
            return None
    return found


class LimitReached(Exception):
    """The search has looked at as many states as it may."""
