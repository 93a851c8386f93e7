"""Small policies and calls to test with: written by hand from parts, or random, the same for the same seed.

The random ones are meant to reach everything that a policy can say; `tests/assessment/test_reach.py` holds them to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from chalicelib.assessment.call import Call, Claim, Contact, Engine, Person, PolicyUsed
from chalicelib.assessment.contact import Channel, ContactState
from chalicelib.canonical import Json
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.compiler import compile_policy
from chalicelib.policy.document import Absence, Fact, FactType, Policy, Role, Source
from chalicelib.reader import as_model

DIGEST = "0" * 64
BEGINS = datetime(2026, 11, 23, 4, 17, tzinfo=UTC)
GRADES = ("top", "high", "low", "least")
ELSEWHERE = "c0a1b2c3d"
"""The mark of another contact of the same incident."""

Doc = dict[str, Json]

_DOMAINS: dict[str, list[Json]] = {
    "yes_no": ["no", "yes"],
    "choice": ["a", "b", "c"],
    "ordered": ["a", "b", "c"],
    "whole": [0, 1, 2, 3],
    "set": ["a", "b"],
}
_ORDERED = ("ordered", "whole")


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


def claim(name: str, second: int = 0, **said: object) -> Claim:
    """A claim of the caller, so many seconds after the beginning."""
    made = {"fact": name, "source": Source.CALLER, "at": BEGINS + timedelta(seconds=second), **said}
    return Claim.model_validate(made)


def a_call(*answers: Claim, state: ContactState = ContactState.IN_PROGRESS, people: tuple[Person, ...] = ()) -> Call:
    """A call with some answers."""
    return Call(
        policy=PolicyUsed(id="small", version="1", digest=DIGEST), engine=Engine(version="test"), people=people,
        contact=Contact(started_at=BEGINS, channel=Channel.EMERGENCY, state=state), answers=answers,
    )  # fmt: skip


def _any_leaf(one: Doc) -> Doc:
    return {"includes_none": ["a", "b"]} if one["type"] == "set" else {"is": _DOMAINS[str(one["type"])][0]}


def _leaf(chance: Random, one: Doc) -> Json:
    kind, domain = str(one["type"]), _DOMAINS[str(one["type"])]
    some = chance.sample(domain, chance.randint(1, 2))
    if kind == "set":
        return {"fact": one["id"], chance.choice(["includes_any", "includes_all", "includes_none"]): some}
    ordered = ["at_least", "at_most", "between"] if kind in _ORDERED else []
    comparison = chance.choice(["is", "is_not", "one_of", *ordered])
    if comparison == "between":
        return {"fact": one["id"], "between": sorted(chance.choices(domain, k=2), key=domain.index)}
    return {"fact": one["id"], comparison: some if comparison == "one_of" else some[0]}


def condition(chance: Random, facts: Sequence[Doc], depth: int = 2, named: Sequence[str] = ()) -> Json:
    """A condition over some facts and named conditions, two branches deep at most."""
    if depth == 0 or chance.random() < 0.4:
        if named and chance.random() < 0.3:
            return {"condition": chance.choice(named)}
        return _leaf(chance, chance.choice(facts))
    parts = [condition(chance, facts, depth - 1, named) for _ in range(chance.randint(1, 3))]
    return {chance.choice(["all", "any", "none"]): parts}


def _random_facts(chance: Random, most: int) -> list[Doc]:
    facts: list[Doc] = []
    for place in range(chance.randint(1, most)):
        kind = chance.choice(list(_DOMAINS))
        parts: Doc = {
            "purpose": chance.choice([["grade"]] * 4 + [["grade", "victim"], ["dispatch"], ["officer_safety"]])
        }
        if kind in ("yes_no", *_ORDERED):
            parts["worse"] = chance.choice(["yes", "no"] if kind == "yes_no" else ["higher", "lower"])
        if kind == "whole" and chance.random() < 0.2:
            facts.append(fact(f"f{place}", kind, **parts, history={"days": 365, "matched_by": ["phone"]}))
            continue
        if facts and chance.random() < 0.4:
            parts["asked_when"] = condition(chance, facts, 1)
            parts["otherwise"] = "none" if kind == "set" else chance.choice(_DOMAINS[kind])
        if kind != "choice" and chance.random() < 0.2:
            parts["per"] = "victim"
        if chance.random() < 0.1:
            parts["answered_by"] = ["caller", "victim"]
        parts |= {name: True for name in ("required", "always_first") if chance.random() < 0.1}
        facts.append(fact(f"f{place}", kind, **parts))
    return facts


def _random_rules(chance: Random, facts: Sequence[Doc], named: Sequence[str]) -> list[Doc]:
    """Some rules, and sometimes two of which one holds whichever way something is that may never be known."""
    rules = [_random_rule(chance, facts, named, place) for place in range(chance.randint(1, 5))]
    if chance.random() < 0.15:
        either, shared = condition(chance, facts, 1), condition(chance, facts, 1)
        grade = chance.choice(GRADES)
        rules.append(rule("t0", {"all": [shared, either]}, grade=grade))
        rules.append(rule("t1", {"all": [shared, {"none": [either]}]}, grade=grade))
    return rules


def _random_rule(chance: Random, facts: Sequence[Doc], named: Sequence[str], place: int) -> Doc:
    """A rule with a grade, findings or a response; some, not the first, look at the findings that others give."""
    when, parts = condition(chance, facts, named=named), Doc()
    if chance.random() < 0.4:
        level = chance.choice(["low", "medium", "high"])
        parts["findings"] = [{"element": chance.choice(["threat", "risk"]), "level": level}]
    elif place and chance.random() < 0.4:
        looks: Json = {"finding": chance.choice(["threat", "risk"]), "at_least": chance.choice(["low", "medium"])}
        when = chance.choice([looks, {"all": [looks, when]}, {"none": [looks, when]}])
    if "findings" not in parts or chance.random() < 0.4:
        parts["grade"] = chance.choice(GRADES)
    if parts.get("grade") and chance.random() < 0.2:
        parts["unless"] = condition(chance, facts, 1, named)
    if chance.random() < 0.2:
        parts["response"] = chance.choice([{"require": "attendance"}, {"forbid": ["desk"]}])
    if chance.random() < 0.2:
        parts |= {"duties": ["tell"], "flags": ["mark"]}
    return rule(f"r{place}", when, **parts)


def _random_precautions(chance: Random, facts: Sequence[Doc], named: Sequence[str]) -> list[Json]:
    """Some precautions on named conditions and yes/no facts, most of them with a scope that is often known true."""
    feared = [*named, *(str(one["id"]) for one in facts if one["type"] == "yes_no")]
    return [
        {
            "id": f"p{place}", "says": "Not known", "basis": ["source"], "on": chance.choice(feared), "question": "f0",
            "scope": _almost_always(facts) if chance.random() < 0.7 else condition(chance, facts, named=named),
            "grade": chance.choice(GRADES),
            "reasons": chance.sample(["unknown", "declined", "unable", "pending", "invalid"], chance.randint(1, 5)),
            "not_asked": chance.choice(["from_start", "if_lost", "at_end", "at_end", "never"]),
        }
        for place in range(chance.randint(1, 2) if feared else 0)
    ]  # fmt: skip


def _almost_always(facts: Sequence[Doc]) -> Json:
    """A condition that is known true whatever is known of a fact: every value of it makes it so."""
    one = next((one for one in facts if one["type"] != "set"), None)
    if one is None:
        return {"fact": facts[0]["id"], "includes_none": ["b"]}
    return {"fact": one["id"], "one_of": _DOMAINS[str(one["type"])]}


def small_policy(chance: Random, most_facts: int = 4) -> CompiledPolicy:
    """A compiled policy with gates, sets, people, findings, exceptions, impossible combinations and precautions."""
    facts = _random_facts(chance, most_facts)
    names = [f"c{place}" for place in range(chance.randint(0, 2))]
    conditions: list[Json] = [
        {"id": name, "title": "Named", "when": condition(chance, facts, named=names[:place])}
        for place, name in enumerate(names)
    ]
    odd: list[Json] = [{"id": "odd", "when": condition(chance, facts), "says": "It cannot be."}]
    return compiled(
        document(
            facts,
            _random_rules(chance, facts, names),
            impossible=odd if chance.random() < 0.4 else [],
            conditions=conditions,
            precautions=_random_precautions(chance, facts, names),
            earned_when=condition(chance, facts),
            responses=[
                {"id": "attend", "title": "Attend", "attends": True},
                {"id": "desk", "title": "Desk", "attends": False},
            ],
            duties=[{"id": "tell", "title": "Tell", "owed_by": "call_handler", "done_by": ["caller_told"]}],
            flags=[{"id": "mark", "title": "Mark"}],
        )
    )


def some_claims(chance: Random, policy: CompiledPolicy, people: Sequence[Person] = ()) -> tuple[Claim, ...]:
    """Claims about some facts of a policy: values, parts of values, corrections and reasons for their absence."""
    made: list[Claim] = []
    for second in range(chance.randint(0, 5)):
        one = chance.choice(policy.policy.facts)
        said = _said(chance, one)
        said["source"] = Source.HISTORY if one.history else chance.choice([Source.CALLER] * 6 + list(Source))
        if one.per is not None and people and chance.random() < 0.8:
            said["about"] = chance.choice([person.ref for person in people])
        if "absent" not in said and chance.random() < 0.2:
            said["correction"] = True
            said["supervisor"] = chance.random() < 0.2
        if chance.random() < 0.05:
            said["contact"] = ELSEWHERE
        made.append(claim(one.id, second, **said))
    return tuple(made)


def _said(chance: Random, one: Fact) -> dict[str, object]:
    value = chance.choice(_DOMAINS[one.type.value])
    if chance.random() < 0.3:
        return {"absent": chance.choice(list(Absence))}
    if one.type is FactType.SET:
        return chance.choice([{"present": (value,)}, {"ruled_out": (value,)}, {"value": "none_of_these"}])
    if one.type.value in _ORDERED:
        return {chance.choice(["value", "value", "at_least", "at_most"]): value}
    return {"value": value}


def some_people(chance: Random) -> tuple[Person, ...]:
    """Up to two victims, and sometimes somebody else."""
    victims = [Person(ref=f"V{number}", roles=(Role.VICTIM,)) for number in range(1, chance.randint(0, 2) + 1)]
    others = [Person(ref="S1", roles=(Role.SUSPECT,))] if chance.random() < 0.3 else []
    return (*victims, *others)


def small_case(seed: int, most_facts: int = 4) -> tuple[CompiledPolicy, Call]:
    """A small random policy and a call to it, the same for the same seed."""
    chance = Random(seed)
    policy = small_policy(chance, most_facts)
    people = some_people(chance)
    victims = [person for person in people if Role.VICTIM in person.roles]
    claims = some_claims(chance, policy, victims)
    return policy, a_call(*claims, state=chance.choice(list(ContactState)), people=people)
