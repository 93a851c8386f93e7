"""Which single answers would change the recommended grade by themselves. It recommends nothing.

Only what an answer bears on is tested again, so that asking "what if" of every open answer stays cheap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from chalicelib.assessment.asking import Asking
from chalicelib.assessment.decision import Change
from chalicelib.assessment.precautions import applies
from chalicelib.assessment.standing import NONE_OF_THESE
from chalicelib.assessment.turning import Turning, indexes
from chalicelib.policy.compiled import Gate
from chalicelib.policy.nodes import FALSE, TRUE, UNKNOWN
from chalicelib.policy.vocabulary import Term, Variable


def changes(asking: Asking) -> tuple[Change, ...]:
    """The single answers that would change the grade, the highest first, each with what it leads to at the least.

    Of a set, "none of these" is an answer too.
    """
    found: list[tuple[int, Change]] = []
    standing, trial = asking.standing, _Trial(asking)
    for name, term in asking.policy.terms.items():
        if not term.fact.asked or name in standing.closed or standing.gates.get(name) == FALSE or standing.known(term):
            continue
        for answer, told in trial.answers(term):
            rank = trial.recommended_with(told)
            if rank != asking.recommended:
                found.append((rank, Change(fact=name, answer=answer, grade=asking.policy.grades[rank].id)))
    return tuple(change for _, change in sorted(found, key=lambda one: -one[0]))


class _Trial:
    """What would come of answers in one state of knowledge."""

    def __init__(self, asking: Asking) -> None:
        """Find out which variables can still make a difference to the grade: alone, and among others."""
        self._asking, self._policy = asking, asking.policy
        self._alone = self._together = 0
        self._turning = Turning(asking.standing.masks)
        self._closed_by: dict[int, list[Gate]] = {}
        """For each variable the gates that it could close by itself."""
        for floor, truth in zip(self._policy.floors, asking.floors, strict=True):
            if truth == UNKNOWN and floor.rank > asking.recommended:
                self._alone |= self._turning.to(TRUE, floor.node)
                self._together |= floor.node.bits
        self._add_gates()
        self._add_guards()

    def _add_gates(self) -> None:
        for gate in self._policy.gates:
            if self._asking.standing.gates[gate.fact] == UNKNOWN:
                alone = self._turning.to(FALSE, gate.node)
                self._alone |= alone
                self._together |= gate.node.bits
                for index in indexes(alone):
                    self._closed_by.setdefault(index, []).append(gate)

    def _add_guards(self) -> None:
        asking, policy, masks = self._asking, self._policy, self._asking.standing.masks
        for place, guard in enumerate(policy.guards):
            if place in asking.applying:
                self._alone |= guard.on.bits | guard.scope.bits
                self._together |= guard.on.bits | guard.scope.bits
            elif guard.rank > asking.recommended and guard.scope.test(masks) == UNKNOWN:
                self._alone |= self._turning.to(TRUE, guard.scope)
                self._together |= guard.scope.bits
        if asking.certain < policy.base_rank and policy.earned.test(masks) != TRUE:
            self._alone |= self._turning.to(TRUE, policy.earned)
            self._together |= policy.earned.bits

    def answers(self, term: Term) -> Iterator[tuple[str, dict[int, int]]]:
        """Each answer that could change something, and the masks that it would leave."""
        masks = self._asking.standing.masks
        for variable in term.variables:
            mask = masks[variable.index]
            if self._alone >> variable.index & 1:
                for cell in _cells(variable):
                    if mask >> cell & 1 and mask != 1 << cell:
                        yield variable.tag or variable.cells[cell], {variable.index: 1 << cell}
        tagged = term.variables[0].tag is not None and any(self._together >> one.index & 1 for one in term.variables)
        if tagged and all(masks[variable.index] != 2 for variable in term.variables):
            yield NONE_OF_THESE, {variable.index: 1 for variable in term.variables}

    def recommended_with(self, told: dict[int, int]) -> int:
        """The grade that would be recommended with some masks replaced."""
        asking, policy, standing = self._asking, self._policy, self._asking.standing
        masks = standing.masks.copy()
        for index, mask in told.items():
            masks[index] = mask
        bearings = [policy.bearings[index] for index in self._with_gates_closed(masks, set(told))]
        rank = max((self._highest(bearing.floors, masks) for bearing in bearings), default=asking.certain)
        touched: set[int] = set()
        for bearing in bearings:
            touched |= bearing.guards
        for place, guard in asking.applying.items():
            if guard.rank > rank and place not in touched:
                rank = guard.rank
        for place in touched:
            guard = policy.guards[place]
            if guard.rank > rank and applies(policy, guard, asking.state, standing, masks):
                rank = guard.rank
        return policy.base_rank if rank < policy.base_rank and policy.earned.test(masks) != TRUE else rank

    def _highest(self, places: Sequence[int], masks: Sequence[int]) -> int:
        """The highest rank that rules prove with some masks; of these rules, the highest come first."""
        asking = self._asking
        for place in places:
            floor = asking.policy.floors[place]
            if floor.rank <= asking.certain:
                break
            if asking.floors[place] == UNKNOWN and floor.node.test(masks) == TRUE:
                return floor.rank
        return asking.certain

    def _with_gates_closed(self, masks: list[int], changed: set[int]) -> set[int]:
        """Let questions that would not be asked take their `otherwise` values. Returns all that is different then."""
        bearings, gates = self._policy.bearings, self._policy.gates
        waiting: list[Iterable[Gate]]
        if len(changed) == 1:
            waiting = [self._closed_by.get(next(iter(changed)), ())]
        else:
            waiting = [[gates[place] for place in set[int]().union(*(bearings[index].gates for index in changed))]]
        while waiting:
            for gate in waiting.pop():
                if gate.node.test(masks) != FALSE:
                    continue
                for index, mask in gate.otherwise:
                    if masks[index] & mask and masks[index] != mask:
                        masks[index] &= mask
                        changed.add(index)
                        waiting.append([gates[place] for place in bearings[index].gates])
        return changed


def _cells(variable: Variable) -> range:
    """The cells that an answer can name: of a tag, that it is present."""
    return range(1, 2) if variable.tag is not None else range(len(variable.cells))
