"""Exact analysis of random policies up to 300 rules over 80 facts, and of the shipped one. It measures no store.

`analyse` asks everything there is to ask of one policy. `compare` holds it against a version without one rule, and
against itself. The random policies have gates, sets, impossible combinations and precautions, and a tenth of their
leaves ask for danger in the wrong direction, so that there is something to find.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from random import Random
from typing import TypeVar

from chalicelib.analysis.analysis import analyse
from chalicelib.analysis.comparison import compare
from chalicelib.canonical import Json
from chalicelib.cli.policy_files import compiled_file
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.compiler import compile_policy
from chalicelib.policy.document import Policy
from chalicelib.reader import as_model
from infra.emulator import ROOT

SHIPPED = ROOT / "policies" / "hertfordshire-thriives" / "policy.yaml"
SIZES = ((20, 30), (40, 80), (60, 150), (80, 300))
REACH_MS = 1000
ROUNDS = 3

Found = TypeVar("Found")

Doc = dict[str, Json]
_SCALE = [{"id": name, "title": name} for name in ("a", "b", "c", "d")]
_FORMS: tuple[Doc, ...] = (
    {"type": "yes_no", "worse": "yes"},
    {"type": "ordered", "options": _SCALE, "worse": "higher"},
    {"type": "whole", "range": {"least": 0, "most": 99}, "worse": "higher"},
    {"type": "set", "options": _SCALE},
    {"type": "choice", "options": _SCALE},
)
_MILDEST: Doc = {"yes_no": False, "ordered": "a", "whole": 0, "set": "none", "choice": "a"}


def random_policy(facts: int, rules: int, seed: int = 1) -> CompiledPolicy:
    """A random policy of some size, the same for the same seed."""
    return _compiled(random_document(facts, rules, seed))


def _compiled(document: Doc) -> CompiledPolicy:
    return compile_policy(as_model(Policy, document), "0" * 64)


def random_document(facts: int, rules: int, seed: int = 1) -> Doc:
    """The document of a random policy."""
    chance = Random(seed)
    asked: list[Doc] = []
    for place in range(facts):
        gate: Doc = {}
        form = chance.choice(_FORMS)
        if asked and chance.random() < 0.3:
            mildest = _MILDEST[str(form["type"])]
            gate = {"asked_when": {"any": [_leaf(chance, asked) for _ in range(3)]}, "otherwise": mildest}
        asked.append({"id": f"f{place}", "question": f"Question {place}?", "purpose": ["grade"], **form, **gate})
    made: list[Json] = [
        {
            "id": f"r{place}", "says": f"Rule {place}", "basis": ["source"], "when": _condition(chance, asked),
            "grade": chance.choice(["top", "high", "low"]), "flags": [f"flag{chance.randrange(12)}"],
        }
        for place in range(rules)
    ]  # fmt: skip
    return {**_frame(chance, asked), "facts": asked, "rules": made}


def _frame(chance: Random, facts: list[Doc]) -> Doc:
    named: list[Json] = [
        {"id": f"c{place}", "title": f"Condition {place}", "when": _condition(chance, facts)} for place in range(10)
    ]
    precautions: list[Json] = [
        {
            "id": f"p{place}", "says": "Not known", "basis": ["source"], "on": f"c{place}", "grade": "high",
            "scope": _leaf(chance, facts), "reasons": ["unknown"], "not_asked": "at_end", "question": "f0",
        }
        for place in range(10)
    ]  # fmt: skip
    return {
        "format": "policy/1", "id": "random", "force": "test", "version": "1", "title": "Random", "owner": "Nobody",
        "change": "First", "basis": [{"id": "source", "title": "Source"}],
        "elements": [{"id": "threat", "title": "Threat"}],
        "grades": [
            {"id": "top", "title": "Top", "national": "IMMEDIATE"},
            {"id": "high", "title": "High", "national": "PRIORITY"},
            {"id": "low", "title": "Low", "national": "SCHEDULED"},
            {"id": "least", "title": "Least", "national": "RESOLVE"},
        ],
        "base_grade": "low", "earned_when": {"none": [_leaf(chance, facts) for _ in range(4)]},
        "responses": [{"id": "attend", "title": "Attend", "attends": True}],
        "flags": [{"id": f"flag{place}", "title": f"Flag {place}"} for place in range(12)],
        "impossible": [
            {"id": "odd", "says": "It cannot be.", "when": {"all": [_leaf(chance, facts) for _ in range(3)]}}
        ],
        "conditions": named, "precautions": precautions,
    }  # fmt: skip


def _condition(chance: Random, facts: list[Doc]) -> Json:
    leaves: list[Json] = [_leaf(chance, facts) for _ in range(chance.randint(2, 4))]
    if chance.random() < 0.3:
        leaves[0] = {"any": [_leaf(chance, facts) for _ in range(3)]}
    return {"all": leaves}


def _leaf(chance: Random, facts: list[Doc]) -> Json:
    fact = chance.choice(facts)
    wrong = chance.random() < 0.1
    match fact["type"]:
        case "yes_no":
            return {"fact": fact["id"], "is": not wrong}
        case "ordered":
            return {"fact": fact["id"], "at_most" if wrong else "at_least": chance.choice(["b", "c"])}
        case "whole":
            return {"fact": fact["id"], "at_most" if wrong else "at_least": chance.choice([1, 3, 10])}
        case "set":
            return {"fact": fact["id"], "includes_none" if wrong else "includes_any": chance.sample(["a", "b", "c"], 2)}
        case _:
            return {"fact": fact["id"], "is": chance.choice(["a", "b", "c"])}


def main() -> dict[str, object]:
    """Time every size; print a table and what was found."""
    figures: dict[str, object] = {"reach_ms": REACH_MS}
    print(f"{'facts x rules':14} {'analyse ms':>11} {'compare ms':>11} {'with itself':>11}  findings")
    for name, policy, changed in _policies():
        analysed, findings = _timed(partial(analyse, policy))
        compared, _ = _timed(partial(compare, policy, changed))
        itself, _ = _timed(partial(compare, policy, policy))
        codes = dict(sorted(Counter(str(finding.code) for finding in findings).items()))
        told = ", ".join(f"{code} {count}" for code, count in codes.items())
        print(f"{name:14} {analysed:11.0f} {compared:11.0f} {itself:11.0f}  {told}")
        figures[name] = {
            "analyse_ms": round(analysed), "compare_ms": round(compared), "itself_ms": round(itself), "findings": codes,
        }  # fmt: skip
    print(f"analyse has to reach {REACH_MS} ms with 300 rules; medians of {ROUNDS} rounds")
    return figures


def _policies() -> Iterator[tuple[str, CompiledPolicy, CompiledPolicy]]:
    """Each policy beside a version with its last rule gone."""
    for facts, rules in SIZES:
        document = random_document(facts, rules)
        made = document["rules"]
        fewer: Doc = {**document, "rules": made[:-1] if isinstance(made, list) else made}
        yield f"{facts} x {rules}", _compiled(document), _compiled(fewer)
    shipped = compiled_file(SHIPPED).compiled
    kept = shipped.policy.model_copy(update={"rules": shipped.policy.rules[:-1]})
    yield "shipped", shipped, compile_policy(kept, "0" * 64)


def _timed(work: Callable[[], Found]) -> tuple[float, Found]:
    """The median milliseconds of the processor of some rounds, and what came of the last."""
    spent: list[float] = []
    for _ in range(ROUNDS):
        started = time.process_time()
        found = work()
        spent.append((time.process_time() - started) * 1000)
    return statistics.median(spent), found
