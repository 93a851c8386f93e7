"""Which questions are open, and in which order to put them. It does not ask and does not grade.

First where and how to reach the caller, then what the policy always asks first, then by the highest grade that the
answer could still force or settle, then the other purposes. Nothing is asked whose answer serves no purpose, and
nothing is asked again that was answered "not known": that takes a new source.
"""

from __future__ import annotations

from typing import Literal

from chalicelib.assessment.asking import Asking
from chalicelib.assessment.decision import Open
from chalicelib.policy.compiled import Floor
from chalicelib.policy.document import Absence, Purpose
from chalicelib.policy.nodes import TRUE, UNKNOWN
from chalicelib.policy.vocabulary import Term

_PURPOSES = tuple(Purpose)


def questions(asking: Asking) -> tuple[Open, ...]:
    """The open questions, the one to put first."""
    found: list[tuple[tuple[int, ...], Open]] = []
    for place, term in enumerate(asking.policy.terms.values()):
        if _put(asking, term):
            uses = _bears_on(asking, term)
            question = _open(asking, term, uses)
            if question is not None:
                found.append((_order(asking, question, uses, place), question))
    return tuple(question for _, question in sorted(found, key=lambda one: one[0]))


def _put(asking: Asking, term: Term) -> bool:
    """Whether the question may be put at all: it is open, due, and nobody has answered it or is looking it up."""
    name = term.fact.id
    if not term.fact.asked or name in asking.standing.closed or asking.standing.known(term):
        return False
    return Absence.PENDING not in asking.standing.reasons[name] and _due(asking, term)


def _open(asking: Asking, term: Term, uses: set[int]) -> Open | None:
    fact, standing = term.fact, asking.standing
    reasons = standing.reasons[fact.id]
    reach = _could_reach(asking, uses)
    purposes = sorted(fact.purpose, key=_PURPOSES.index)
    required = _required(asking, term)
    if reach is None and not required and standing.gates.get(fact.id) == UNKNOWN:
        return None  # nobody can tell any more whether it applies, and nothing hangs on it
    served = [purpose for purpose in purposes if reach is not None or required or purpose is not Purpose.GRADE]
    if not served:
        return None
    because: Literal["required", "could_raise", "would_settle", "purpose"] = "purpose"
    if required:
        because = "required"
    elif reach is not None:
        because = "could_raise" if reach > asking.recommended else "would_settle"
    return Open(
        fact=fact.id,
        purpose=served[0],
        because=because,
        could_reach=None if reach is None else asking.policy.grades[reach].id,
        asked_before=True if Absence.INVALID in reasons else None,
    )


def _due(asking: Asking, term: Term) -> bool:
    """Whether the policy lets the question be put: its `asked_when` holds, or cannot be found out any more."""
    truth = asking.standing.gates.get(term.fact.id, TRUE)
    if truth != UNKNOWN:
        return truth == TRUE
    gate = next(gate for gate in asking.policy.gates if gate.fact == term.fact.id)
    still_asked = (asking.policy.variables[index].fact for index in gate.node.uses & asking.askable)
    return all(asking.standing.known(asking.policy.terms[name]) for name in still_asked)


def _required(asking: Asking, term: Term) -> bool:
    """Whether the call is not finished without it: by itself, or because it decides whether such a question is put."""
    if term.fact.required or Purpose.DISPATCH in term.fact.purpose:
        return True
    uses = {variable.index for variable in term.variables}
    return any(
        asking.standing.gates[gate.fact] == UNKNOWN
        and uses & gate.node.uses
        and asking.policy.terms[gate.fact].fact.required
        for gate in asking.policy.gates
    )


def _could_reach(asking: Asking, uses: set[int]) -> int | None:
    """The highest grade that the answer bears on: one that it could help to force, or one that it could settle."""
    policy = asking.policy
    ranks = [floor.rank for floor in _undecided(asking, uses)]
    ranks += [guard.rank for guard in asking.at_end if uses & guard.on.uses]
    ranks += [guard.rank for guard in asking.applying.values() if uses & guard.on.uses and guard.rank > asking.certain]
    for place in {place for index in uses for place in policy.bearings[index].guards}:
        guard = policy.guards[place]
        raises = guard.rank > asking.recommended and uses & guard.scope.uses
        if raises and guard.scope.test(asking.standing.masks) == UNKNOWN:
            ranks.append(guard.rank)
    if asking.recommended == policy.base_rank > asking.certain and uses & policy.earned.uses:
        ranks.append(policy.base_rank)
    return max(ranks, default=None)


def _bears_on(asking: Asking, term: Term) -> set[int]:
    """The fact's own variables, and those of facts whose being asked it still decides, and so on."""
    policy = asking.policy
    found: set[int] = set()
    waiting = [variable.index for variable in term.variables]
    while waiting:
        index = waiting.pop()
        if index not in found:
            found.add(index)
            gates = (policy.gates[place] for place in policy.bearings[index].gates)
            undecided = [gate for gate in gates if asking.standing.gates[gate.fact] == UNKNOWN]
            waiting += [other for gate in undecided for other, _ in gate.otherwise]
    return found


def _undecided(asking: Asking, uses: set[int]) -> list[Floor]:
    """The rules above what is certain, and not above what is possible, that some variables bear on."""
    policy = asking.policy
    places = {place for index in uses for place in policy.bearings[index].floors}
    floors = [policy.floors[place] for place in places if asking.floors[place] == UNKNOWN]
    return [floor for floor in floors if asking.certain < floor.rank <= asking.possible]


def _order(asking: Asking, question: Open, uses: set[int], place: int) -> tuple[int, ...]:
    term = asking.policy.terms[question.fact]
    reach = -1 if question.could_reach is None else asking.policy.rank_of(question.could_reach)
    weight = sum(floor.rank == reach for floor in _undecided(asking, uses))
    return (
        0 if question.purpose is Purpose.DISPATCH else 1 if term.fact.always_first else 2,
        -reach,
        0 if question.because == "required" else 1,
        -weight,
        term.fact.sensitive,
        _PURPOSES.index(question.purpose),
        place,
    )
