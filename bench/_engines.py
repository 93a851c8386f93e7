"""Our engine and its peers behind one shape: prepared once with some rules, then asked for the highest grade of a call.

How each peer is used, which is the best that its documentation and a trial gave:

- zen-engine: `compile_expression`, one expression for each grade; one for each rule where facts are missing, because an
  error takes the whole expression with it; and, as its makers mean it to be used, a decision table: first hit from the
  highest grade down, or every hit with its trace, loaded once by the static loader (a decision made by
  `create_decision` takes ten times as long for each call). A missing fact is a key that is not there; null does the
  same. In a table a cell in error, even one that does not parse, is no hit, and nothing says so.
- cel-expr-python: one type-checked expression for each grade. A missing fact is not in the activation. `&&` and `||`
  absorb errors on either side, so that an error means "not known" and nothing is lost by joining rules.
- cedarpy: one `permit` for each rule, parsed once; the satisfied ones are the reasons. A missing fact is not in the
  context: the rule in error is skipped, and named. Or it is marked as unknown for partial evaluation, which Cedar calls
  experimental and no final answer.
- zen and Cedar besides with a guard before every comparison ("is there, and is ..."), which Cedar's own validator
  demands of optional attributes.

A peer that is not installed is left out; nothing here needs one to be imported.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import NamedTuple

from bench._translation import Dialect, RuleText, either, names_of, rules_in, values_of
from chalicelib.assessment.call import Call
from chalicelib.assessment.evaluate import evaluate
from chalicelib.assessment.standing import standing_of
from chalicelib.authoring.cases import BEGINS
from chalicelib.canonical import Json
from chalicelib.policy.compiled import CompiledPolicy, Floor
from chalicelib.policy.compiler import compile_policy
from chalicelib.policy.conditions import Value
from chalicelib.policy.document import Policy
from chalicelib.policy.nodes import FALSE, TRUE, Masks
from chalicelib.reader import as_model


class Bounds(NamedTuple):
    """The grade that is proved, and the highest that is not ruled out; None where an engine does not say."""

    certain: int
    possible: int | None


@dataclass(frozen=True, slots=True)
class Given:
    """One call in the forms that the engines take."""

    call: Call
    masks: Masks
    values: Mapping[str, Value]
    missing: tuple[str, ...]


Answer = Callable[[Given], Bounds]


@dataclass(frozen=True, slots=True)
class Rules:
    """A policy to prepare: our document of it, and its rules in each dialect."""

    document: Json
    policy: CompiledPolicy
    texts: dict[str, tuple[RuleText, ...]] = field(default_factory=dict)

    def in_dialect(self, dialect: Dialect) -> tuple[RuleText, ...]:
        """The rules in a dialect, written once: translating is no engine's work."""
        if dialect.name not in self.texts:
            self.texts[dialect.name] = rules_in(self.policy, dialect)
        return self.texts[dialect.name]

    def given(self, call: Call) -> Given:
        """A call in every form. The peers are given what stands after our own reading of the answers."""
        masks = standing_of(self.policy, call, BEGINS).masks
        values = values_of(self.policy, masks)
        return Given(call, masks, values, tuple(name for name in names_of(self.policy) if name not in values))


@dataclass(frozen=True, slots=True)
class Engine:
    """A way of using an engine."""

    name: str
    package: str | None
    """None: ours."""
    gives: str
    prepare: Callable[[Rules], Answer]
    """Raises RuntimeError for rules that the engine does not take. So may the answer, for want of a fact."""

    @property
    def version(self) -> str | None:
        """The installed version; None when it is not installed."""
        return "" if self.package is None else installed(self.package)


def installed(package: str) -> str | None:
    """The version of a package; None when it is not there."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _ours(work: Callable[[CompiledPolicy, Given], Bounds]) -> Callable[[Rules], Answer]:
    def prepare(rules: Rules) -> Answer:
        policy = compile_policy(as_model(Policy, rules.document), rules.policy.digest)
        return lambda given: work(policy, given)

    return prepare


def _prepare_floors(rules: Rules) -> Answer:
    floors = _raising(compile_policy(as_model(Policy, rules.document), rules.policy.digest))
    return lambda given: _kleene(floors, given.masks)


def _prepare_claims(rules: Rules) -> Answer:
    policy = compile_policy(as_model(Policy, rules.document), rules.policy.digest)
    floors = _raising(policy)
    return lambda given: _kleene(floors, standing_of(policy, given.call, BEGINS).masks)


def _raising(policy: CompiledPolicy) -> list[Floor]:
    return sorted((floor for floor in policy.floors if floor.rank > 0), key=lambda floor: -floor.rank)


def _kleene(floors: Sequence[Floor], masks: Masks) -> Bounds:
    """The first rule from the top that holds, and the first that may: Kleene's bounds, not the exact ones."""
    possible = None
    for floor in floors:
        truth = floor.node.test(masks)
        if possible is None and truth != FALSE:
            possible = floor.rank
        if truth == TRUE:
            return Bounds(floor.rank, possible)
    return Bounds(0, possible or 0)


def _whole(policy: CompiledPolicy, given: Given) -> Bounds:
    result = evaluate(policy, given.call, BEGINS)
    return Bounds(policy.rank_of(result.certain), policy.rank_of(result.possible))


ZEN = Dialect("zen", every=" and ", some=" or ", negation="(not ({part}))")
ZEN_GUARDED = Dialect("zen guarded", " and ", " or ", "(not ({part}))", guard="{fact} != null")
CEL = Dialect("cel")
CEDAR = Dialect("cedar", fact="context.{name}", among="[{list}].contains({fact})")
CEDAR_GUARDED = Dialect("cedar guarded", fact=CEDAR.fact, among=CEDAR.among, guard="context has {name}")


def _by_grade(rules: Sequence[RuleText], dialect: Dialect) -> list[tuple[int, str]]:
    ranks = sorted({one.rank for one in rules}, reverse=True)
    return [(rank, either((one for one in rules if one.rank == rank), dialect)) for rank in ranks]


def _zen_by_grade(rules: Rules) -> Answer:
    zen = importlib.import_module("zen")
    grades = [(rank, zen.compile_expression(text)) for rank, text in _by_grade(rules.in_dialect(ZEN), ZEN)]

    def answer(given: Given) -> Bounds:
        for rank, expression in grades:
            if expression.evaluate(given.values) is True:
                return Bounds(rank, rank)
        return Bounds(0, 0)

    return answer


def _zen_by_rule(dialect: Dialect) -> Callable[[Rules], Answer]:
    def prepare(rules: Rules) -> Answer:
        zen = importlib.import_module("zen")
        each = [(one.rank, zen.compile_expression(one.text)) for one in rules.in_dialect(dialect)]

        def answer(given: Given) -> Bounds:
            possible = None
            for rank, expression in each:
                try:
                    truth = expression.evaluate(given.values)
                except RuntimeError:
                    truth = None
                if possible is None and truth is not False:
                    possible = rank
                if truth is True:
                    return Bounds(rank, possible)
            return Bounds(0, possible or 0)

        return answer

    return prepare


def _zen_table(*, traced: bool) -> Callable[[Rules], Answer]:
    def prepare(rules: Rules) -> Answer:
        zen = importlib.import_module("zen")
        texts = rules.in_dialect(ZEN)
        if any(zen.validate_expression(one.text) for one in texts):
            raise RuntimeError("zen does not take an expression; a table would pass over it in silence")
        tables = {"rules": _zen_graph(texts, "collect" if traced else "first")}
        engine = zen.ZenEngine({"loader": {"type": "static", "content": tables}})

        def first(given: Given) -> Bounds:
            return Bounds(engine.evaluate("rules", given.values)["result"].get("grade", 0), None)

        def every(given: Given) -> Bounds:
            found = engine.evaluate("rules", given.values, {"trace": True})
            return Bounds(max((hit["grade"] for hit in found["result"]), default=0), None)

        return every if traced else first

    return prepare


def _zen_graph(rules: Sequence[RuleText], hit_policy: str) -> dict[str, object]:
    """A decision of one table: a row for each rule, its whole condition in one cell, its grade and name beside it."""
    rows = [
        {"_id": str(place), "when": one.text, "grade": str(one.rank), "rule": json.dumps(one.id)}
        for place, one in enumerate(rules)
    ]
    columns = {
        "hitPolicy": hit_policy,
        "inputs": [{"id": "when", "name": "When"}],
        "outputs": [{"id": name, "name": name, "field": name} for name in ("grade", "rule")],
        "rules": rows,
    }
    kinds = {"in": "inputNode", "table": "decisionTableNode", "out": "outputNode"}
    nodes = [
        {"id": name, "type": kind, "name": name, "position": {"x": 0, "y": 0}}
        | ({"content": columns} if name == "table" else {})
        for name, kind in kinds.items()
    ]
    edges = [
        {"id": f"{start}-{end}", "type": "edge", "sourceId": start, "targetId": end}
        for start, end in (("in", "table"), ("table", "out"))
    ]
    return {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}


def _cel_by_grade(rules: Rules) -> Answer:
    cel = importlib.import_module("cel_expr_python.cel")
    kinds = {"bool": cel.Type.BOOL, "int": cel.Type.INT, "text": cel.Type.STRING}
    environment = cel.NewEnv(variables={name: kinds[kind] for name, kind in names_of(rules.policy).items()})
    grades = [(rank, environment.compile(text)) for rank, text in _by_grade(rules.in_dialect(CEL), CEL)]

    def answer(given: Given) -> Bounds:
        activation = environment.Activation(given.values)
        possible = None
        for rank, expression in grades:
            truth = expression.eval(activation).value()
            if possible is None and truth is not False:
                possible = rank
            if truth is True:
                return Bounds(rank, possible)
        return Bounds(0, possible or 0)

    return answer


_REQUEST = {"principal": 'Call::"call"', "action": 'Action::"grade"', "resource": 'Policy::"policy"'}


def _cedar_policies(cedarpy: ModuleType, rules: Sequence[RuleText]) -> tuple[object, dict[str, int]]:
    """The parsed rules, and the ranks by the ids that Cedar gives them: their places."""
    text = "\n".join(f'@id("{one.id}") permit (principal, action, resource) when {{ {one.text} }};' for one in rules)
    ranks = {f"policy{place}": one.rank for place, one in enumerate(rules)}
    try:
        return cedarpy.PolicySet.from_str(text), ranks
    except ValueError as error:
        raise RuntimeError(f"Cedar does not take the rules: {error}") from error


def _cedar(dialect: Dialect) -> Callable[[Rules], Answer]:
    def prepare(rules: Rules) -> Answer:
        cedarpy = importlib.import_module("cedarpy")
        policies, ranks = _cedar_policies(cedarpy, rules.in_dialect(dialect))
        nothing = cedarpy.Entities.from_json_str("[]")

        def answer(given: Given) -> Bounds:
            request = {**_REQUEST, "context": given.values}
            found = cedarpy.is_authorized(request, policies, nothing).diagnostics
            certain = max((ranks[name] for name in found.reasons), default=0)
            in_error = (ranks[error.split("`")[1]] for error in found.errors)
            return Bounds(certain, max(in_error, default=certain))

        return answer

    return prepare


def _cedar_partial(rules: Rules) -> Answer:
    cedarpy = importlib.import_module("cedarpy")
    policies, ranks = _cedar_policies(cedarpy, rules.in_dialect(CEDAR))
    nothing = cedarpy.Entities.from_json_str("[]")

    def answer(given: Given) -> Bounds:
        unknown = {name: {"__extn": {"fn": "unknown", "arg": name}} for name in given.missing}
        request = {**_REQUEST, "context": {**given.values, **unknown}}
        found = cedarpy.is_authorized_partial(request, policies, nothing).diagnostics
        if found.errors:
            raise RuntimeError(found.errors[0])
        certain = max((ranks[name] for name in found.reasons), default=0)
        return Bounds(certain, max((ranks[name] for name in found.nontrivial_residuals), default=certain))

    return answer


OURS_FLOORS = Engine("ours, rules alone", None, "grade", _prepare_floors)
OURS_CLAIMS = Engine("ours, claims to grade", None, "grade", _prepare_claims)
OURS_WHOLE = Engine("ours, all of it", None, "grade, reasons, bounds, questions ...", _ours(_whole))

TIMED = (
    OURS_FLOORS,
    OURS_CLAIMS,
    OURS_WHOLE,
    Engine("zen, expression a grade", "zen-engine", "grade", _zen_by_grade),
    Engine("zen, table, first hit", "zen-engine", "grade, one rule", _zen_table(traced=False)),
    Engine("zen, table, all hits, trace", "zen-engine", "grade, rules, trace", _zen_table(traced=True)),
    Engine("cel, expression a grade", "cel-expr-python", "grade", _cel_by_grade),
    Engine("cedar", "cedarpy", "grade, rules", _cedar(CEDAR)),
)
"""What is timed, and has to agree on every call that is fully known."""

PARTLY = (
    Engine("ours, rules alone (Kleene)", None, "", _prepare_floors),
    Engine("zen, expression a grade", "zen-engine", "", _zen_by_grade),
    Engine("zen, expression a rule", "zen-engine", "", _zen_by_rule(ZEN)),
    Engine("zen, guarded", "zen-engine", "", _zen_by_rule(ZEN_GUARDED)),
    Engine("zen, table", "zen-engine", "", _zen_table(traced=False)),
    Engine("cel, expression a grade", "cel-expr-python", "", _cel_by_grade),
    Engine("cedar", "cedarpy", "", _cedar(CEDAR)),
    Engine("cedar, guarded by has", "cedarpy", "", _cedar(CEDAR_GUARDED)),
    Engine("cedar, partial evaluation", "cedarpy", "", _cedar_partial),
)
"""What is asked about calls with missing facts."""
