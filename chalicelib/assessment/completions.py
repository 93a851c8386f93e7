"""What could still turn out: an exact search over the answers that are missing. It decides nothing.

Backtracking with three-valued pruning: branch only on a variable that an undecided goal looks at, only over classes of
values that some condition tells apart. A limit on nodes, never on time, keeps it total; beyond it the answer is None.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from chalicelib.policy.compiled import FALSE, TRUE, UNKNOWN, CompiledPolicy, Gate, Node

NODES = 4000
"""How many states one search may look at."""

ALL_NODES = 20000
"""How many states all searches of one evaluation may look at."""

IS_FALSE, IS_UNKNOWN, IS_TRUE = 1 << FALSE, 1 << UNKNOWN, 1 << TRUE


@dataclass(frozen=True, slots=True)
class Goal:
    """A condition and the truths that it may end with, as a mask of IS_FALSE, IS_UNKNOWN and IS_TRUE."""

    node: Node
    wanted: int


class Completions:
    """The ways in which a state of knowledge can still be completed, impossible combinations left out."""

    def __init__(self, policy: CompiledPolicy, masks: Sequence[int], claimed: Iterable[str]) -> None:
        """Take a state of knowledge; facts that were `claimed` have their value whatever their gate says."""
        self._policy = policy
        self._masks = list(masks)
        self._claimed = frozenset(claimed)
        self._gates = [gate for gate in policy.gates if gate.fact not in self._claimed]
        self._impossible = [Goal(node, IS_FALSE) for _, node in policy.impossible if node.test(masks) == UNKNOWN]
        self._nodes = self._spent = 0
        self._reaches: dict[str, frozenset[int]] = {}
        self.exact = True
        """False as soon as one search has met the limit."""

    def exists(self, goals: Iterable[Goal], free: frozenset[int] | None = None) -> bool | None:
        """Whether some completion reaches all goals; None beyond the node limit.

        With `free`, only these variables are completed, the others stay as unknown as they are.
        """
        self._spent, self._nodes = self._spent + self._nodes, 0
        impossible = (
            self._impossible if free is None else [Goal(goal.node, IS_FALSE | IS_UNKNOWN) for goal in self._impossible]
        )
        try:
            return self._search(self._masks, [*goals, *impossible], free)
        except _LimitReached:
            self.exact = False
            return None

    def _search(self, masks: list[int], goals: list[Goal], free: frozenset[int] | None) -> bool:
        self._nodes += 1
        if self._nodes > min(NODES, ALL_NODES - self._spent):
            raise _LimitReached
        open_goals = _still_open(goals, masks)
        if open_goals is None:
            return False
        choice = next((goal for goal in open_goals if not goal.wanted & IS_UNKNOWN), None)
        if choice is None:
            assumed = self._assumed_asked(masks) if free is None else []
            return not assumed or self._search(masks, [*open_goals, *assumed], free)
        index = self._branch_on(choice.node, masks, free)
        if index is None:
            return free is not None and self._by_closing_a_gate(choice.node, masks, open_goals, free)
        if any(
            self._gates_hold(tried, index) and self._search(tried, open_goals, free)
            for tried in self._tries(masks, index, worst_first=choice.wanted == IS_TRUE)
        ):
            return True
        if free is None or not any(goal.wanted & IS_UNKNOWN and index in goal.node.uses for goal in open_goals):
            return False
        return self._search(masks, open_goals, free - {index})  # it may be its being open that a goal needs

    def _tries(self, masks: list[int], index: int, *, worst_first: bool) -> Iterator[list[int]]:
        """The classes of values to try: a rule is sooner met by the worst and sooner missed by the best."""
        atoms = self._policy.atoms[index]
        upward = self._policy.variables[index].worse >= 0
        for atom in atoms if worst_first is upward else reversed(atoms):
            if part := masks[index] & atom:
                tried = masks.copy()
                tried[index] = part
                yield tried

    def _by_closing_a_gate(self, node: Node, masks: list[int], goals: list[Goal], free: frozenset[int]) -> bool:
        """Whether the goals are reached when a fact that nobody can answer turns out not to be asked at all."""
        for gate in self._gates:
            closed = masks.copy()
            for index, mask in gate.otherwise:
                closed[index] &= mask
            if (
                closed != masks
                and not free.isdisjoint(self._reach(gate))
                and any(index in node.uses for index, _ in gate.otherwise)
                and gate.node.test(masks) == UNKNOWN
                and self._search(closed, [*goals, Goal(gate.node, IS_FALSE)], free)
            ):
                return True
        return False

    def _reach(self, gate: Gate) -> frozenset[int]:
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

    def _assumed_asked(self, masks: list[int]) -> list[Goal]:
        """Gates that have to turn out open, because a value was assumed that only an asked fact can have."""
        return [
            Goal(gate.node, IS_TRUE)
            for gate in self._gates
            if gate.node.test(masks) == UNKNOWN and any(not masks[index] & mask for index, mask in gate.otherwise)
        ]

    def _branch_on(self, node: Node, masks: list[int], free: frozenset[int] | None) -> int | None:
        for index in sorted(node.uses if free is None else node.uses & free):
            mask = masks[index]
            if sum(1 for atom in self._policy.atoms[index] if mask & atom) > 1:
                return index
        return None

    def _gates_hold(self, masks: list[int], changed: int) -> bool:
        """Put the `otherwise` values in where a gate has closed; False where that contradicts what was assumed."""
        waiting = [changed]
        while waiting:
            for place in self._policy.bearings[waiting.pop()].gates:
                gate = self._policy.gates[place]
                if gate.fact in self._claimed or gate.node.test(masks) != FALSE:
                    continue
                for index, mask in gate.otherwise:
                    if masks[index] & ~mask:
                        masks[index] &= mask
                        waiting.append(index)
                    if not masks[index]:
                        return False
        return True


def _still_open(goals: Iterable[Goal], masks: Sequence[int]) -> list[Goal] | None:
    """The goals that are not decided yet; None when one is decided against what is wanted."""
    found: list[Goal] = []
    for goal in goals:
        truth = goal.node.test(masks)
        if truth == UNKNOWN:
            found.append(goal)
        elif not goal.wanted >> truth & 1:
            return None
    return found


class _LimitReached(Exception):
    """The search has looked at as many states as it may."""
