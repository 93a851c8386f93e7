"""Every way in which a call can go on: answers to questions that are due, one after the other, by claims alone.

It knows nothing of how the evaluator looks ahead; it asks, answers and lets evaluate again. Where nobody can tell any
more whether a question applies, the evaluator puts it only if something hangs on it: with `put` such a question is
answered only then, without it is answered all the same, as a caller may of their own accord.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import product

from chalicelib.assessment.call import Call, Claim
from chalicelib.assessment.evaluate import evaluate
from chalicelib.assessment.standing import Standing, standing_of
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Absence, Fact, Source
from chalicelib.policy.nodes import FALSE, TRUE, UNKNOWN
from tests.assessment.brute_force import Answer, is_left, worlds
from tests.strategies import BEGINS, claim

Said = frozenset[tuple[str, str]]
"""The facts that were answered, and a word for each answer."""

LATER = 100
"""When the first of the new answers is given, in seconds; after all that was said before."""


def continuations(policy: CompiledPolicy, call: Call, *, put: bool) -> Iterator[Call]:
    """Every call that answers can make of this one, itself included; only answers that can all be right."""
    before = standing_of(policy, call, BEGINS)
    left = list(worlds(policy, before.masks))
    seen: set[Said] = set()
    waiting: list[tuple[Call, Said]] = [(call, frozenset())]
    while waiting:
        known, said = waiting.pop()
        standing = standing_of(policy, known, BEGINS)
        if said in seen or not any(_is_world_of(policy, standing, world) for world in left):
            continue
        seen.add(said)
        yield known
        answered = {name for name, _ in said}
        asked = {question.fact for question in evaluate(policy, known, BEGINS).questions} if put else None
        for fact in policy.policy.facts:
            if fact.id not in answered and askable(policy, standing, fact, asked):
                for word, answer in _answers(policy, fact, {world[fact.id] for world in left}):
                    waiting.append((_with(known, answer), said | {(fact.id, word)}))


def _is_world_of(policy: CompiledPolicy, standing: Standing, world: dict[str, Answer]) -> bool:
    return all(is_left(policy, standing.masks, fact, world[fact.id]) for fact in policy.policy.facts)


def askable(policy: CompiledPolicy, standing: Standing, fact: Fact, asked: set[str] | None = None) -> bool:
    """Whether an answer to a question can still be had: it is due, not answered, and nobody has passed on it.

    `asked` are the questions that the evaluator puts, for those of which nobody can tell whether they are due.
    """
    if standing.known(policy.terms[fact.id]) or not _can_be_had(policy, standing, fact.id):
        return False
    gate = standing.gates.get(fact.id, TRUE)
    if gate != UNKNOWN or _can_be_found_out(policy, standing, fact):
        return gate == TRUE
    return asked is None or fact.id in asked


def _can_be_had(policy: CompiledPolicy, standing: Standing, name: str) -> bool:
    if standing.gates.get(name) == FALSE:
        return False
    asked = policy.terms[name].fact.asked and name not in standing.closed
    return asked or Absence.PENDING in standing.reasons[name]


def _can_be_found_out(policy: CompiledPolicy, standing: Standing, fact: Fact) -> bool:
    """Whether answers can still tell if a question is to be put; while they can, it waits."""
    gate = next(gate for gate in policy.gates if gate.fact == fact.id)
    looked_at = {policy.variables[index].fact for index in gate.node.uses}
    return any(not standing.known(policy.terms[name]) and _can_be_had(policy, standing, name) for name in looked_at)


def _answers(policy: CompiledPolicy, fact: Fact, left: set[Answer]) -> Iterator[tuple[str, Claim]]:
    """The answers to a question, each with a word for it; of a set, those too that leave tags open."""
    source = (fact.answerers or (Source.CALLER,))[0]
    for answer in left:
        if not isinstance(answer, frozenset):
            yield str(answer), _settling(fact, source, value=answer)
            continue
        tags = policy.terms[fact.id].ids
        for spoken in product((True, False), repeat=len(tags)):
            named = [tag for tag, spoken_of in zip(tags, spoken, strict=True) if spoken_of]
            present = tuple(tag for tag in named if tag in answer)
            out = tuple(tag for tag in named if tag not in answer)
            if named:
                yield f"{present} {out}", _settling(fact, source, present=present, ruled_out=out)


def _settling(fact: Fact, source: Source, **said: object) -> Claim:
    """An answer that counts: where sources differ, it settles that."""
    return claim(fact.id, LATER, source=source, correction=True, supervisor=True, **said)


def _with(call: Call, answer: Claim) -> Call:
    later = answer.model_copy(update={"at": answer.at + timedelta(seconds=len(call.answers))})
    return call.model_copy(update={"answers": (*call.answers, later)})
