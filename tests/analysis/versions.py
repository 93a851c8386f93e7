"""A small random policy and a version of it in which one or two things were changed, the same for the same seed."""

from __future__ import annotations

from random import Random
from typing import Any

from chalicelib.policy.compiled import CompiledPolicy
from tests.strategies import GRADES, compiled, condition, small_policy

Parts = dict[str, Any]


def versions(seed: int, most_facts: int = 3) -> tuple[CompiledPolicy, CompiledPolicy]:
    """A policy and a changed version."""
    chance = Random(seed)
    old = small_policy(chance, most_facts)
    parts: Parts = old.policy.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    ways = [_of_rule, _of_rule, _of_precaution, _of_base, _of_impossible, _of_gate]
    for _ in range(chance.randint(1, 2)):
        chance.choice(ways)(chance, parts)
    return old, compiled(parts)


def _of_rule(chance: Random, parts: Parts) -> None:
    """A rule gone, with another condition, grade or response."""
    rules = parts["rules"]
    rule = chance.choice(rules)
    match chance.choice(["gone", "when", "grade", "response", "marks"]):
        case "gone" if len(rules) > 1:
            rules.remove(rule)
        case "grade":
            rule["grade"] = chance.choice(GRADES)
        case "response":
            rule["response"] = chance.choice([{"require": "attendance"}, {"forbid": ["desk"]}, {
                "forbid": ["desk"], "unless_authorised_by": "supervisor",
            }])  # fmt: skip
        case "marks":
            rule["flags"] = [] if rule.get("flags") else ["mark"]
            rule["grade"] = rule.get("grade", "least")
        case _:
            rule["when"] = condition(chance, parts["facts"])


def _of_precaution(chance: Random, parts: Parts) -> None:
    """A precaution gone, or fearing something else."""
    if not parts.get("precautions"):
        return
    precaution = chance.choice(parts["precautions"])
    match chance.choice(["gone", "not_asked", "reasons", "grade", "scope"]):
        case "gone":
            parts["precautions"].remove(precaution)
        case "not_asked":
            precaution["not_asked"] = chance.choice(["from_start", "if_lost", "at_end", "never"])
        case "reasons":
            precaution["reasons"] = chance.sample(["unknown", "pending"], chance.randint(0, 2))
        case "grade":
            precaution["grade"] = chance.choice(GRADES)
        case _:
            precaution["scope"] = condition(chance, parts["facts"])


def _of_base(chance: Random, parts: Parts) -> None:
    if chance.random() < 0.5:
        parts["base_grade"] = chance.choice(GRADES)
    else:
        parts["earned_when"] = condition(chance, parts["facts"])


def _of_impossible(chance: Random, parts: Parts) -> None:
    odd = {"id": "odd", "when": condition(chance, parts["facts"]), "says": "It cannot be."}
    parts["impossible"] = [] if parts.get("impossible") else [odd]


def _of_gate(chance: Random, parts: Parts) -> None:
    """A question asked always, or in other calls."""
    places = [place for place, fact in enumerate(parts["facts"]) if place and "history" not in fact]
    if not places:
        return
    place = chance.choice(places)
    fact = parts["facts"][place]
    if chance.random() < 0.3:
        fact.pop("asked_when", None)
        fact.pop("otherwise", None)
        return
    mild = {"set": "none", "yes_no": "no", "whole": 0}.get(fact["type"], "a")
    fact["asked_when"] = condition(chance, parts["facts"][:place], 1)
    fact.setdefault("otherwise", mild)
