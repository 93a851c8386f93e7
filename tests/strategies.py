"""Small random policies and calls, and a slow evaluator that is plainly right to hold the quick one against."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random

from chalicelib.assessment.call import Call, Channel, Claim, Contact, ContactState, Engine, PolicyUsed
from chalicelib.assessment.standing import standing_of
from chalicelib.canonical import Json
from chalicelib.policy.compiled import FALSE, TRUE, UNKNOWN, CompiledPolicy
from chalicelib.policy.compiler import compile_policy
from chalicelib.policy.document import Absence, FactType, Policy, Source
from chalicelib.reader import as_model

DIGEST = "0" * 64
BEGINS = datetime(2026, 11, 23, 4, 17, tzinfo=UTC)
GRADES = ("top", "high", "low", "least")

Doc = dict[str, Json]

_DOMAINS: dict[str, list[Json]] = {
    "yes_no": ["no", "yes"],
    "choice": ["a", "b", "c"],
    "ordered": ["a", "b", "c"],
    "whole": [0, 1, 2, 3],
    "set": ["a", "b"],
}


def document(facts: list[Doc], rules: list[Doc], **parts: Json) -> Doc:
    """A whole document around some facts and rules."""
    whole: Doc = {
        "format": "policy/1", "id": "small", "force": "test", "version": "1", "title": "Small", "owner": "Owner",
        "change": "First", "basis": [{"id": "source", "title": "Source"}],
        "elements": [{"id": "threat", "title": "Threat"}, {"id": "risk", "title": "Risk"}],
        "grades": [
            {"id": "top", "title": "Top", "national": "IMMEDIATE"},
            {"id": "high", "title": "High", "national": "PRIORITY"},
            {"id": "low", "title": "Low", "national": "SCHEDULED"},
            {"id": "least", "title": "Least", "national": "RESOLVE"},
        ],
        "base_grade": "low", "earned_when": {"fact": facts[0]["id"], **_any_leaf(facts[0])},
        "responses": [{"id": "attend", "title": "Attend", "attends": True}],
        "facts": facts, "rules": rules,
    }  # fmt: skip
    return {**whole, **parts}


def compiled(doc: Doc) -> CompiledPolicy:
    """A document, read and compiled."""
    return compile_policy(as_model(Policy, doc), DIGEST)


def fact(name: str, kind: str, **parts: Json) -> Doc:
    """A fact of a type, with the options or range that the type needs."""
    made: Doc = {"id": name, "type": kind, "question": f"{name}?", "purpose": ["grade"]}
    if kind in ("choice", "ordered", "set"):
        made["options"] = [{"id": option, "title": str(option)} for option in _DOMAINS[kind]]
    if kind == "whole":
        made["range"] = {"least": 0, "most": 3}
    return {**made, **parts}


def rule(name: str, when: Json, **parts: Json) -> Doc:
    """A rule."""
    return {"id": name, "says": name, "basis": ["source"], "when": when, **parts}


def _any_leaf(one: Doc) -> Doc:
    return {"includes_none": ["a", "b"]} if one["type"] == "set" else {"is": _DOMAINS[str(one["type"])][0]}


def _leaf(chance: Random, one: Doc) -> Json:
    kind, domain = str(one["type"]), _DOMAINS[str(one["type"])]
    some = chance.sample(domain, chance.randint(1, 2))
    if kind == "set":
        return {"fact": one["id"], chance.choice(["includes_any", "includes_all", "includes_none"]): some}
    ordered = ["at_least", "at_most"] if kind in ("ordered", "whole") else []
    comparison = chance.choice(["is", "is_not", "one_of", *ordered])
    return {"fact": one["id"], comparison: some if comparison == "one_of" else some[0]}


def condition(chance: Random, facts: Sequence[Doc], depth: int = 2) -> Json:
    """A condition over some facts, two branches deep at most."""
    if depth == 0 or chance.random() < 0.4:
        return _leaf(chance, chance.choice(facts))
    parts = [condition(chance, facts, depth - 1) for _ in range(chance.randint(1, 3))]
    return {chance.choice(["all", "any", "none"]): parts}


def _random_facts(chance: Random, most: int) -> list[Doc]:
    facts: list[Doc] = []
    for place in range(chance.randint(1, most)):
        kind = chance.choice(list(_DOMAINS))
        parts: Doc = {}
        if kind in ("yes_no", "ordered", "whole"):
            parts["worse"] = chance.choice(["yes", "no"] if kind == "yes_no" else ["higher", "lower"])
        if facts and chance.random() < 0.5:
            parts["asked_when"] = condition(chance, facts)
            parts["otherwise"] = "none" if kind == "set" else chance.choice(_DOMAINS[kind])
        facts.append(fact(f"f{place}", kind, **parts))
    return facts


def small_policy(chance: Random, most_facts: int = 4) -> CompiledPolicy:
    """A compiled policy with gates, sets, ordered facts, exceptions, impossible combinations and precautions."""
    facts = _random_facts(chance, most_facts)
    rules = []
    for place in range(chance.randint(1, 5)):
        unless: Doc = {"unless": condition(chance, facts)} if chance.random() < 0.2 else {}
        rules.append(rule(f"r{place}", condition(chance, facts), grade=chance.choice(GRADES), **unless))
    names = [f"c{place}" for place in range(chance.randint(0, 2))]
    precautions: list[Json] = [
        {
            "id": f"p_{name}", "says": "Not known", "basis": ["source"], "on": name, "question": "f0",
            "scope": condition(chance, facts), "grade": chance.choice(GRADES),
            "reasons": chance.sample(["unknown", "unable", "pending"], chance.randint(0, 3)),
            "not_asked": chance.choice(["from_start", "if_lost", "at_end", "never"]),
        }
        for name in names
    ]  # fmt: skip
    odd: list[Json] = [{"id": "odd", "when": condition(chance, facts), "says": "It cannot be."}]
    return compiled(
        document(
            facts,
            rules,
            impossible=odd if chance.random() < 0.4 else [],
            conditions=[{"id": name, "title": "Named", "when": condition(chance, facts)} for name in names],
            precautions=precautions,
            earned_when=condition(chance, facts),
        )
    )


def claim(name: str, second: int = 0, **said: object) -> Claim:
    """A claim of the caller, so many seconds after the beginning."""
    made = {"fact": name, "source": Source.CALLER, "at": BEGINS + timedelta(seconds=second), **said}
    return Claim.model_validate(made)


def some_claims(chance: Random, policy: CompiledPolicy) -> tuple[Claim, ...]:
    """Claims about some facts of a policy: values, parts of values and reasons for their absence."""
    made: list[Claim] = []
    for second in range(chance.randint(0, 4)):
        one = chance.choice(policy.policy.facts)
        value = chance.choice(_DOMAINS[one.type.value])
        said: dict[str, object] = {"value": value}
        if chance.random() < 0.25:
            said = {"absent": chance.choice([Absence.UNKNOWN, Absence.UNABLE, Absence.PENDING])}
        elif one.type is FactType.SET:
            said = chance.choice([{"present": (value,)}, {"ruled_out": (value,)}, {"value": "none_of_these"}])
        elif one.type in (FactType.ORDERED, FactType.WHOLE):
            said = {chance.choice(["value", "at_least", "at_most"]): value}
        made.append(claim(one.id, second, **said, source=chance.choice([Source.CALLER, Source.VICTIM])))
    return tuple(made)


def small_case(seed: int, most_facts: int = 4) -> tuple[CompiledPolicy, Call]:
    """A small random policy and a call to it, the same for the same seed."""
    chance = Random(seed)
    policy = small_policy(chance, most_facts)
    return policy, a_call(*some_claims(chance, policy), state=chance.choice(list(ContactState)))


def a_call(*answers: Claim, state: ContactState = ContactState.IN_PROGRESS) -> Call:
    """A call with some answers."""
    return Call(
        policy=PolicyUsed(id="small", version="1", digest=DIGEST), engine=Engine(version="test"),
        contact=Contact(started_at=BEGINS, channel=Channel.EMERGENCY, state=state), answers=answers,
    )  # fmt: skip


@dataclass(frozen=True)
class Bounds:
    """What an exhaustive look at every completion finds. `found` is False where the answers leave none."""

    certain: int
    possible: int
    found: bool
    held: frozenset[str]
    """The rules that hold in every completion."""


def completions(policy: CompiledPolicy, masks: Sequence[int], claimed: set[str]) -> Iterator[list[int]]:
    """Every way in which all that is not known can turn out, by plain enumeration."""
    feared = [node for _, node in policy.impossible if node.test(masks) == UNKNOWN]
    cells = [[1 << cell for cell in range(mask.bit_length()) if mask >> cell & 1] for mask in masks]
    for whole in product(*cells):
        values = list(whole)
        closed = [gate for gate in policy.gates if gate.fact not in claimed and gate.node.test(values) == FALSE]
        if any(values[index] != mask for gate in closed for index, mask in gate.otherwise):
            continue
        if all(node.test(values) == FALSE for node in feared):
            yield values


def brute_bounds(policy: CompiledPolicy, call: Call) -> Bounds:
    """The exact bounds of a call, by plain enumeration."""
    standing = standing_of(policy, call)
    return bounds_of(policy, standing.masks, standing.claimed)


def bounds_of(policy: CompiledPolicy, masks: Sequence[int], claimed: set[str]) -> Bounds:
    """The exact bounds of a state of knowledge, by plain enumeration."""
    reached: list[int] = []
    held = {floor.rule.id for floor in policy.floors}
    for values in completions(policy, masks, claimed):
        true = [floor for floor in policy.floors if floor.node.test(values) == TRUE]
        reached.append(max((floor.rank for floor in true), default=0))
        held &= {floor.rule.id for floor in true}
    if not reached:
        known = max((floor.rank for floor in policy.floors if floor.node.test(masks) == TRUE), default=0)
        return Bounds(known, known, False, frozenset())
    return Bounds(max(min(reached), 0), max(reached), True, frozenset(held))
