"""Between which grades a recorded call would lie under a draft, had what was never asked then been asked.

Only that is completed, exactly up to a node limit; every other fact stays as unknown as it was. Where a search gives
up, or the answers on record contradict each other, the range is the wider one: it never leaves out a grade.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import NamedTuple

from chalicelib.assessment.bounds import bounds
from chalicelib.assessment.completions import IS_FALSE, IS_TRUE, IS_UNKNOWN, Completions, Goal, LimitReached
from chalicelib.assessment.contact import ContactState
from chalicelib.assessment.precautions import feared, put_to_rest
from chalicelib.assessment.standing import Standing
from chalicelib.policy.compiled import CompiledPolicy, Guard
from chalicelib.policy.document import Absence
from chalicelib.policy.nodes import FALSE, TRUE, UNKNOWN, Node

_NOT_KNOWN = frozenset({Absence.UNKNOWN, Absence.DECLINED, Absence.UNABLE})
"""Why somebody who was asked has no answer."""

_FEW = 64
"""Up to how many ways in which answers can turn out are tried one by one."""


@dataclass(frozen=True, slots=True)
class Regraded:
    """What a draft makes of one state of knowledge. Ranks are those of the draft's own grades."""

    rank: int
    """As things were recorded."""
    lowest: int
    highest: int
    """Between which the grade would lie, whatever the answers to what was never asked."""
    truths: Sequence[int]
    """Of each rule, as things were recorded."""
    cautions: tuple[Guard, ...]
    """The precautions that applied, as things were recorded."""
    might_hold: frozenset[int] = frozenset()
    """The places of the rules that such answers alone could make true."""
    depends_on: frozenset[int] = frozenset()
    """The variables that were never asked and that something above depends on."""
    exact: bool = True


class Search(NamedTuple):
    """The searches of one decision."""

    completions: Completions
    without: list[int] | None
    """A completion in which no rule above the grade holds, if one was found."""


class GradeRange:
    """The search for what never-asked facts could make of a grade."""

    def __init__(self, policy: CompiledPolicy, state: ContactState, standing: Standing, never: frozenset[int]) -> None:
        """Take a state of knowledge, and the variables that could not have been told."""
        self._policy, self._state, self._standing = policy, state, standing
        self._never = self._put(never)
        self._reach = self._with_gates(self._never)
        self._odd = [
            node
            for _, node in policy.impossible
            if not self._reach.isdisjoint(node.uses) and node.test(standing.masks) == UNKNOWN
        ]
        self._alone = self._reach == self._never and not self._odd
        """Whether neither a question nor an impossible combination hangs on what was never asked."""

    def _put(self, never: frozenset[int]) -> frozenset[int]:
        """Those of some variables whose question the draft would put, as far as what was recorded decides that."""
        masks, moving, put = self._standing.masks, set(never), set(never)
        for gate in self._policy.gates:  # no gate looks at a fact whose own comes later
            if self._standing.gates[gate.fact] == UNKNOWN:
                indexes = {index for index, _ in gate.otherwise}
                if any(masks[index] & (masks[index] - 1) and index in moving for index in gate.node.uses):
                    moving |= indexes
                else:
                    moving -= indexes
                    put -= indexes
        return frozenset(put)

    def _with_gates(self, never: frozenset[int]) -> frozenset[int]:
        """What was never asked, and the facts whose being asked depends on it, and so on."""
        found: set[int] = set()
        waiting = list(never)
        while waiting:
            index = waiting.pop()
            if index not in found:
                found.add(index)
                gates = (self._policy.gates[place] for place in self._policy.bearings[index].gates)
                waiting += [
                    other for gate in gates if self._standing.gates[gate.fact] == UNKNOWN for other, _ in gate.otherwise
                ]
        return frozenset(found)

    def found(self, seen: Regraded, certain: int, guards: Mapping[int, Guard], search: Search) -> Regraded:
        """A grade as it was recorded, with its range."""
        policy, rank, completions = self._policy, seen.rank, search.completions
        if completions.exists([], self._never) is False or self._claimed_unasked():
            return self._widest(seen)
        open_rules = [
            place
            for place, truth in enumerate(seen.truths)
            if truth == UNKNOWN and not self._reach.isdisjoint(policy.floors[place].node.uses)
        ]
        might_hold = frozenset(
            place for place in open_rules if self._might_hold(policy.floors[place].node, completions)
        )
        feared_then = {
            place
            for place, guard in enumerate(policy.guards)
            if place not in guards and guard.rank > rank and self._might_apply(guard, completions)
        }
        ranks = [policy.floors[place].rank for place in might_hold] + [
            policy.guards[place].rank for place in feared_then
        ]
        together = self._together(seen, open_rules, might_hold, search)
        lowest = self._lowest(seen, certain, guards, completions)
        settling = set(guards) if lowest < rank else set()
        uses = self._uses([*might_hold, *together], feared_then | settling)
        if lowest < rank and policy.base_rank >= rank:
            uses |= policy.earned.uses
        return replace(
            seen,
            lowest=lowest,
            highest=max([rank, *ranks, *(policy.floors[place].rank for place in together)]),
            might_hold=might_hold,
            depends_on=self._never & self._behind(uses),
            exact=completions.exact,
        )

    def _might_hold(self, node: Node, completions: Completions) -> bool:
        """Whether such answers alone can make a rule true: tried one by one where they are few and nothing else hangs
        on them."""
        policy, masks = self._policy, self._standing.masks
        indexes = sorted(node.uses & self._never)
        values = [[masks[i] & atom for atom in policy.atoms[i] if masks[i] & atom] for i in indexes]
        if prod(map(len, values)) > _FEW or not self._alone:
            return completions.exists([Goal(node, IS_TRUE)], self._never) is not False
        tried = masks.copy()
        for chosen in product(*values):
            for index, mask in zip(indexes, chosen, strict=True):
                tried[index] = mask
            if node.test(tried) == TRUE:
                return True
        return False

    def _might_apply(self, guard: Guard, completions: Completions) -> bool:
        """Whether a precaution could come to apply: by its scope, or because somebody asked does not know."""
        uses = guard.on.uses | guard.scope.uses
        if self._reach.isdisjoint(uses) or guard.scope.test(self._standing.masks) == FALSE:
            return False
        wanted = [Goal(guard.scope, IS_TRUE), Goal(guard.on, IS_UNKNOWN)]
        if completions.exists(wanted, self._never) is False:
            return False
        told = feared(self._policy, guard, self._state, self._standing)
        return bool(guard.reasons and guard.on.uses & self._never) or bool(told)

    def _lowest(self, seen: Regraded, certain: int, guards: Mapping[int, Guard], completions: Completions) -> int:
        """The lowest grade that such answers can lead to, by settling what a precaution fears or by earning it."""
        for rank in range(certain, seen.rank):
            goals = self._at_most(rank, guards)
            if goals is not None and completions.exists(goals, self._never) is not False:
                # No answer takes away what is certain already.
                masks = self._standing.masks
                exact = Completions(self._policy, masks)
                return max(rank, bounds(self._policy, seen.truths, exact)[0])
        return seen.rank

    def _at_most(self, rank: int, guards: Mapping[int, Guard]) -> list[Goal] | None:
        """What has to come about for the grade to be no higher; None when no answer can bring it about."""
        policy = self._policy
        goals: list[Goal] = []
        for guard in guards.values():
            if guard.rank > rank and not self._put_aside(guard):
                if self._reach.isdisjoint(guard.on.uses):
                    return None
                goals.append(Goal(put_to_rest(policy, guard, self._state, self._standing), IS_TRUE))
        if policy.base_rank > rank and policy.earned.test(self._standing.masks) != TRUE:
            if self._reach.isdisjoint(policy.earned.uses):
                return None
            goals.append(Goal(policy.earned, IS_TRUE))
        return [*goals, *(Goal(one.node, IS_FALSE | IS_UNKNOWN) for one in policy.floors if one.rank > rank)]

    def _put_aside(self, guard: Guard) -> bool:
        """Whether a precaution that applies ceases to when what was never asked is asked and not known."""
        missing = feared(self._policy, guard, self._state, self._standing)
        masks = self._standing.masks
        unasked = all(index in self._never for index in missing if masks[index] & (masks[index] - 1))
        return unasked and not guard.reasons >= _NOT_KNOWN

    def _claimed_unasked(self) -> bool:
        """Whether something was answered of which such answers decide if it is asked at all: it counts either way."""
        return any(
            gate.fact in self._standing.claimed
            and self._standing.gates[gate.fact] == UNKNOWN
            and not self._reach.isdisjoint(gate.node.uses)
            for gate in self._policy.gates
        )

    def _widest(self, seen: Regraded) -> Regraded:
        """All that cannot be ruled out, where the answers on record contradict each other."""
        floors = self._policy.floors
        places = frozenset(place for place, truth in enumerate(seen.truths) if truth == UNKNOWN)
        ranks = [floors[place].rank for place in places] + [guard.rank for guard in self._policy.guards]
        return replace(
            seen,
            lowest=max([0, *(one.rank for one, truth in zip(floors, seen.truths, strict=True) if truth == TRUE)]),
            highest=max([seen.rank, *ranks]),
            might_hold=places,
            depends_on=self._never,
            exact=False,
        )

    def _together(
        self, seen: Regraded, open_rules: Sequence[int], might_hold: frozenset[int], search: Search
    ) -> list[int]:
        """Higher rules that no such answer makes true by itself, but of which then one has to hold, whichever.

        That takes other facts that are open. There is no such case when these alone can make every higher rule false.
        """
        policy, odd = self._policy, self._odd
        least = max([seen.rank, *(policy.floors[place].rank for place in might_hold)])
        higher = [
            place for place, truth in enumerate(seen.truths) if truth == UNKNOWN and policy.floors[place].rank > least
        ]
        # What the policy calls impossible can tie rules to an answer that they do not look at.
        alone = higher if odd else [place for place in higher if place in open_rules]
        forced: list[int] = []
        while alone:
            goals = [Goal(policy.floors[place].node, IS_FALSE) for place in higher]
            goals += [Goal(node, IS_FALSE) for node in odd]
            if self._without_such_answers(goals, search):
                break
            least = min(policy.floors[place].rank for place in alone)
            forced += [place for place in alone if policy.floors[place].rank == least]
            alone = [place for place in alone if policy.floors[place].rank > least]
            higher = [place for place in higher if policy.floors[place].rank > least]
        return forced

    def _without_such_answers(self, goals: Sequence[Goal], search: Search) -> bool:
        """Whether goals can be reached with everything that was never asked left open."""
        try:
            if self._left_open(search.without, goals) or self._left_open(search.completions.example(goals), goals):
                return True
            return search.completions.example(goals, self._open_others()) is not None
        except LimitReached:
            return False

    def _left_open(self, found: Sequence[int] | None, goals: Sequence[Goal]) -> bool:
        """Whether a completion makes all of some conditions false even when what was never asked is left open."""
        if found is None:
            return False
        left = [self._standing.masks[i] if i in self._never else mask for i, mask in enumerate(found)]
        return all(goal.node.test(left) == FALSE for goal in goals)

    def _open_others(self) -> frozenset[int]:
        return frozenset(
            index for index, mask in enumerate(self._standing.masks) if mask & (mask - 1) and index not in self._never
        )

    def _uses(self, floors: Sequence[int], guards: set[int]) -> set[int]:
        found: set[int] = set()
        for place in floors:
            found |= self._policy.floors[place].node.uses
        for place in guards:
            found |= self._policy.guards[place].on.uses | self._policy.guards[place].scope.uses
        return found

    def _behind(self, uses: set[int]) -> frozenset[int]:
        """Some variables, and those that decide whether they are asked."""
        return frozenset(uses | {index for gate in self._undecided(uses) for index in gate})

    def _undecided(self, uses: set[int]) -> Iterator[frozenset[int]]:
        for gate in self._policy.gates:
            if self._standing.gates[gate.fact] == UNKNOWN and any(index in uses for index, _ in gate.otherwise):
                yield gate.node.uses
