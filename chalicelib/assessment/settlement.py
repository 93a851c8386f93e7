"""Whether any answer that can still be had would change the recommended grade. It asks and recommends nothing.

An exact search for a state of knowledge with another grade. Each state that is found is held against the whole rule of
recommending; where it fails, what it failed by becomes a further goal. Beyond the limit the honest answer is "not
settled", and the result says that it is not exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.assessment.asking import Asking
from chalicelib.assessment.bounds import certain_rank
from chalicelib.assessment.completions import IS_FALSE, IS_TRUE, IS_UNKNOWN, Completions, Goal, LimitReached
from chalicelib.assessment.precautions import applies, feared, put_to_rest, unasked_counts
from chalicelib.policy.compiled import Gate, Guard
from chalicelib.policy.document import Absence
from chalicelib.policy.nodes import FALSE, TRUE, UNKNOWN, Masks, Node

REPAIRS = 24
"""How many times a state that was found may be refuted before the search gives up."""

JOINT_NODES = 400
"""How many states one search for a joint proof may look at: such proofs are rare, and short where there are any."""

Goals = tuple[Goal, ...]


class Settlement:
    """The question for one state of knowledge."""

    def __init__(self, asking: Asking, completions: Completions) -> None:
        """Take the evaluation so far."""
        self._asking, self._policy, self._completions = asking, asking.policy, completions
        self._higher = [
            floor
            for floor, truth in zip(self._policy.floors, asking.floors, strict=True)
            if floor.rank > asking.recommended and truth != FALSE
        ]
        self._repairs = 0
        self._gates = {gate.fact: gate for gate in self._policy.gates}

    def settled(self) -> bool:
        """Whether no answer changes the recommended grade. False, and not exact, beyond the limit."""
        try:
            return not (
                any(self._reachable(goals, self._asking.askable) for goals in self._ways()) or self._raised_together()
            )
        except LimitReached:
            self._completions.exact = False
            return False

    def _ways(self) -> Iterator[Goals]:
        """What has to come about for the grade to be another one, in each of the ways that are possible."""
        asking = self._asking
        for floor in self._higher:
            yield (Goal(floor.node, IS_TRUE),)
        for place, guard in enumerate(self._policy.guards):
            if guard.rank > asking.recommended and place not in asking.applying:
                missing = feared(self._policy, guard, asking.state, asking.standing) + self._left_by_a_part(guard)
                if missing:
                    still = Goal(_open(missing), IS_UNKNOWN)
                    yield (Goal(guard.scope, IS_TRUE), Goal(guard.on, IS_UNKNOWN), still)
        if asking.recommended > asking.certain:
            yield self._lowering()

    def _left_by_a_part(self, guard: Guard) -> list[int]:
        """The tags that are being looked up and that a precaution would fear as not asked: once somebody answers a part
        of their set, they are that."""
        asking = self._asking
        if not unasked_counts(guard, asking.state):
            return []
        tags = [self._policy.variables[index] for index in guard.on.uses & asking.askable]
        return [one.index for one in tags if one.tag and Absence.PENDING in asking.standing.reasons[one.fact]]

    def _lowering(self) -> Goals:
        """The recommendation rests on a precaution or the base: those at rest, and no rule that reaches it."""
        asking, policy = self._asking, self._policy
        goals = [
            Goal(put_to_rest(policy, guard, asking.state, asking.standing), IS_TRUE)
            for guard in asking.applying.values()
            if guard.rank >= asking.recommended
        ]
        if asking.recommended <= policy.base_rank:
            goals.append(Goal(policy.earned, IS_TRUE))
        floors = [floor for floor in policy.floors if floor.rank >= asking.recommended]
        return (*goals, *(Goal(floor.node, IS_FALSE | IS_UNKNOWN) for floor in floors))

    def _reachable(self, goals: Goals, free: frozenset[int]) -> bool:
        """Whether some answers reach all goals and do change the grade."""
        found = self._completions.example(goals, free)
        if found is None:
            return False
        state = self._told(found, free)
        if state.not_due is not None:
            # Answered although its question would not be put: either it is put, because it is due or because nobody can
            # tell any more whether it is, or it is not answered.
            gate = self._gates[state.not_due]
            told = Goal(_left_open(self._looked_at(gate), self._asking.standing.masks), IS_FALSE)
            without = free - {index for index, _ in gate.otherwise}
            return (
                self._again((*goals, Goal(gate.node, IS_TRUE)), free)
                or self._again((*goals, told), free)
                or self._again(goals, without)
            )
        if self._recommended(state) != self._asking.recommended:
            return True
        for guard in self._policy.guards:
            if guard.rank >= self._asking.recommended and self._applies(guard, state.masks):
                rest = put_to_rest(self._policy, guard, self._asking.state, self._asking.standing)
                return self._again((*goals, Goal(rest, IS_TRUE)), free) or self._again(
                    (*goals, Goal(guard.scope, IS_FALSE | IS_UNKNOWN)), free
                )
        raise LimitReached

    def _again(self, goals: Goals, free: frozenset[int]) -> bool:
        self._repairs += 1
        if self._repairs > REPAIRS:
            raise LimitReached
        return self._reachable(goals, free)

    def _told(self, found: Sequence[int], free: frozenset[int]) -> _Told:
        """The state that a found completion stands for: one value of each class that was answered."""
        masks, before = list(found), self._asking.standing.masks
        not_due: str | None = None
        for index in free:
            if masks[index] == before[index]:
                continue
            fact = self._policy.variables[index].fact
            truth = self._gates[fact].node.test(found) if fact in self._gates else TRUE
            if truth == FALSE:
                continue  # it is not asked, and has the value that the policy gives it
            masks[index] &= -masks[index]
            if truth == UNKNOWN and self._found_out(self._gates[fact], found):
                not_due = fact
        return _Told(masks, not_due)

    def _found_out(self, gate: Gate, masks: Sequence[int]) -> bool:
        """Whether an answer could still tell if a question is to be put; if none can, it is put."""
        return _left_open(self._looked_at(gate), self._asking.standing.masks).test(masks) != FALSE

    def _looked_at(self, gate: Gate) -> list[int]:
        """The variables that decide whether a question is put and that somebody can still answer.

        One whose values that are left no condition tells apart does not count: its answer changes nothing.
        """
        masks, atoms = self._asking.standing.masks, self._policy.atoms
        uses = gate.node.uses & self._asking.askable
        return [index for index in uses if sum(1 for atom in atoms[index] if masks[index] & atom) > 1]

    def _depends(self, index: int) -> bool:
        """Whether answers that can still be had decide if the fact of a variable counts at all."""
        fact = self._policy.variables[index].fact
        undecided = self._asking.standing.gates.get(fact) == UNKNOWN
        return undecided and not self._asking.askable.isdisjoint(self._completions.reach(self._gates[fact]))

    def _recommended(self, state: _Told) -> int:
        policy, masks = self._policy, state.masks
        completions = Completions(policy, masks)
        if completions.example([]) is None:
            raise LimitReached  # answers that cannot all be right: another state has to be looked for
        base = 0 if policy.earned.test(masks) == TRUE else policy.base_rank
        cautions = [guard.rank for guard in policy.guards if self._applies(guard, masks)]
        rank = max(certain_rank(policy, masks, completions), base, *cautions, 0)
        if not completions.exact:
            raise LimitReached
        return rank

    def _applies(self, guard: Guard, masks: Sequence[int]) -> bool:
        return applies(self._policy, guard, self._asking.state, self._asking.standing, masks)

    def _raised_together(self) -> bool:
        """Whether some answers would prove a higher grade that no single rule of it proves.

        That takes facts that nobody can answer any more, or that are perhaps not asked: whichever way they are, some
        rule holds. Each way in which they spoil one set of answers is remembered, and the next answers have to reach a
        rule in spite of it.
        """
        masks = self._asking.standing.masks
        free = frozenset(index for index in self._asking.askable if not self._depends(index))
        lost = {
            index for floor in self._higher for index in floor.node.uses - free if masks[index] & (masks[index] - 1)
        }
        if self._asking.possible <= self._asking.recommended or not lost:
            return False
        misses = [Goal(floor.node, IS_FALSE) for floor in self._higher]
        spoiled = self._completions.example(misses)
        goals: list[Goal] = []
        for _ in range(REPAIRS):
            if spoiled is None:
                return True
            if any(self._depends(index) for index in lost):
                raise LimitReached
            goals.append(Goal(self._in_spite_of(spoiled, lost), IS_TRUE))
            found = self._completions.example(goals, free, most=JOINT_NODES)
            if found is None:
                return False
            state = self._told(found, free)
            spoiled = Completions(self._policy, state.masks).example(misses)
        raise LimitReached

    def _in_spite_of(self, spoiled: Sequence[int], lost: set[int]) -> Node:
        """The test whether answers make a higher rule hold when all that nobody can answer is as in one completion.

        Or whether they rule that completion out by what the policy calls impossible.
        """
        policy, floors = self._policy, self._higher
        odd = [node for _, node in policy.impossible if node.test(self._asking.standing.masks) == UNKNOWN]

        def test(masks: Masks) -> int:
            mixed = list(masks)
            for index in lost:
                mixed[index] = spoiled[index] & -spoiled[index]  # where the completion left it open, any value of it
            out = any(node.test(mixed) == TRUE for node in odd)
            return TRUE if out else max(UNKNOWN, *(floor.node.test(mixed) for floor in floors))

        nodes = [*(floor.node for floor in floors), *odd]
        return Node(test, frozenset[int]().union(*(node.uses for node in nodes)))


@dataclass(frozen=True, slots=True)
class _Told:
    """A state of knowledge that answers lead to."""

    masks: list[int]
    not_due: str | None
    """A fact that was answered although its question would not be put."""


def _left_open(indexes: Sequence[int], before: Sequence[int]) -> Node:
    """The test whether one of some variables was not answered: UNKNOWN while it is as before, FALSE once none is."""

    def test(masks: Masks) -> int:
        return UNKNOWN if any(masks[index] == before[index] for index in indexes) else FALSE

    return Node(test, frozenset(indexes))


def _open(indexes: Sequence[int]) -> Node:
    """The test whether one of some variables is missing: UNKNOWN while one is, FALSE once all are there."""

    def test(masks: Masks) -> int:
        return UNKNOWN if any(masks[index] & (masks[index] - 1) for index in indexes) else FALSE

    return Node(test, frozenset(indexes))
