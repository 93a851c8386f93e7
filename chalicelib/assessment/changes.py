"""Which single answers would change the recommended grade by themselves. It recommends nothing.

Only what an answer bears on is tested again, so that asking "what if" of every open answer stays cheap.
"""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.assessment.decision import Change
from chalicelib.assessment.precautions import applies
from chalicelib.assessment.questions import Asking
from chalicelib.assessment.standing import NONE_OF_THESE
from chalicelib.policy.compiled import FALSE, TRUE, UNKNOWN
from chalicelib.policy.vocabulary import Term, Variable


def changes(asking: Asking) -> tuple[Change, ...]:
    """The single answers that would change the grade, the highest first, each with what it leads to at the least.

    Of a set, "none of these" is an answer too.
    """
    found: list[tuple[int, Change]] = []
    standing = asking.standing
    for name, term in asking.policy.terms.items():
        if name in standing.closed or standing.gates.get(name) == FALSE or standing.known(term):
            continue
        for answer, told in _answers(asking, term):
            rank = _recommended_with(asking, told)
            if rank != asking.recommended:
                found.append((rank, Change(fact=name, answer=answer, grade=asking.policy.grades[rank].id)))
    return tuple(change for _, change in sorted(found, key=lambda one: -one[0]))


def _answers(asking: Asking, term: Term) -> Iterator[tuple[str, dict[int, int]]]:
    """Each answer that would tell something new, and the masks that it would leave."""
    masks = asking.standing.masks
    for variable in term.variables:
        mask = masks[variable.index]
        if not _bears(asking, variable.index):
            continue
        for cell in _cells(variable):
            if mask >> cell & 1 and mask != 1 << cell:
                yield variable.tag or variable.cells[cell], {variable.index: 1 << cell}
    if term.variables[0].tag is not None and all(masks[variable.index] != 2 for variable in term.variables):
        yield NONE_OF_THESE, {variable.index: 1 for variable in term.variables}


def _bears(asking: Asking, index: int) -> bool:
    """Whether the variable's value can still make a difference to the grade."""
    policy, bearing = asking.policy, asking.policy.bearings[index]
    if bearing.guards or bearing.gates or (bearing.earned and asking.certain < policy.base_rank):
        return True
    return any(
        asking.floors[place] == UNKNOWN and policy.floors[place].rank > asking.recommended for place in bearing.floors
    )


def _cells(variable: Variable) -> range:
    """The cells that an answer can name: of a tag, that it is present."""
    return range(1, 2) if variable.tag is not None else range(len(variable.cells))


def _recommended_with(asking: Asking, told: dict[int, int]) -> int:
    """The grade that would be recommended with some masks replaced."""
    policy, standing = asking.policy, asking.standing
    masks = standing.masks.copy()
    for index, mask in told.items():
        masks[index] = mask
    bearings = [policy.bearings[index] for index in _closing_gates(asking, masks, set(told))]
    certain = asking.certain
    for bearing in bearings:
        for place in bearing.floors:
            floor = policy.floors[place]
            if floor.rank > certain and asking.floors[place] == UNKNOWN and floor.node.test(masks) == TRUE:
                certain = floor.rank
    touched = frozenset[int]().union(*(bearing.guards for bearing in bearings))
    feared = [guard.rank for place, guard in asking.applying.items() if place not in touched]
    feared += [
        policy.guards[place].rank
        for place in touched
        if policy.guards[place].rank > certain and applies(policy, policy.guards[place], asking.state, standing, masks)
    ]
    earned = policy.earned.test(masks) == TRUE if certain < policy.base_rank else True
    return max(certain, 0 if earned else policy.base_rank, *feared, 0)


def _closing_gates(asking: Asking, masks: list[int], changed: set[int]) -> set[int]:
    """Let questions that would no longer be asked take their `otherwise` values. Returns all that is different then."""
    policy, waiting = asking.policy, list(changed)
    while waiting:
        for place in policy.bearings[waiting.pop()].gates:
            gate = policy.gates[place]
            if gate.fact in asking.standing.claimed or gate.node.test(masks) != FALSE:
                continue
            for index, mask in gate.otherwise:
                if masks[index] != mask:
                    masks[index] = mask
                    changed.add(index)
                    waiting.append(index)
    return changed
