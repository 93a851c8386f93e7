"""What the random policies and calls reach: a property that holds of calls that never happen says nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from chalicelib.assessment.call import Call, Claim
from chalicelib.assessment.contact import ContactState
from chalicelib.assessment.evaluate import evaluate
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.conditions import COMPARISONS, All, Any_, Condition, FactLeaf, FindingLeaf, None_
from chalicelib.policy.document import Absence, FactType, Source
from chalicelib.policy.leaves import conditions_of
from tests.strategies import BEGINS, small_case

CASES = 1500

SHARES = {"certain below possible": 0.30, "a precaution applies": 0.20}
"""In how many of the cases at least."""

EVERY = (
    *(f"comparison {name}" for name in COMPARISONS),
    *(f"branch {name}" for name in ("all", "any", "none")),
    *(f"leaf {name}" for name in ("fact", "finding", "condition")),
    *(f"type {kind}" for kind in FactType),
    *(f"absent {reason}" for reason in Absence),
    *(f"source {source}" for source in Source),
    *(f"contact {state}" for state in ContactState),
    *(f"basis {kind}" for kind in ("rule", "completions", "precaution", "base")),
    "fact per person", "fact not always asked", "fact from history", "fact with answerers",
    "rule with unless", "rule with findings", "rule with response", "rule with duties",
    "impossible combination", "claim about a person", "claim of another contact", "correction",
    "correction of a supervisor", "part of an answer", "plain list", "none of these", "conflict",
    "rule of the second stratum that holds",
)  # fmt: skip
"""What some case has to have each."""

_BRANCHES: tuple[tuple[type, str], ...] = ((All, "all"), (Any_, "any"), (None_, "none"))


def _of_condition(condition: Condition) -> Iterator[str]:
    for branch, name in _BRANCHES:
        if isinstance(condition, branch):
            yield f"branch {name}"
            for part in getattr(condition, name):
                yield from _of_condition(part)
            return
    if isinstance(condition, FactLeaf):
        yield "leaf fact"
        yield f"comparison {condition.comparison[0]}"
    else:
        yield "leaf finding" if isinstance(condition, FindingLeaf) else "leaf condition"


def _of_policy(policy: CompiledPolicy) -> Iterator[str]:
    document = policy.policy
    for condition in conditions_of(document):
        yield from _of_condition(condition)
    for fact in document.facts:
        yield f"type {fact.type}"
        yield from _with("fact", {
            "per person": fact.per, "not always asked": fact.asked_when, "from history": fact.history,
            "with answerers": fact.answered_by,
        })  # fmt: skip
    for rule in document.rules:
        yield from _with("rule", {
            "with unless": rule.unless, "with findings": rule.findings, "with response": rule.response,
            "with duties": rule.duties,
        })  # fmt: skip
    yield from ("impossible combination" for _ in document.impossible)


def _with(thing: str, members: Mapping[str, object]) -> Iterator[str]:
    yield from (f"{thing} {what}" for what, there in members.items() if there)


_OF_CLAIMS: dict[str, Callable[[Claim], bool]] = {
    "claim about a person": lambda said: said.about is not None,
    "claim of another contact": lambda said: said.contact is not None,
    "correction": lambda said: said.correction,
    "correction of a supervisor": lambda said: said.correction and said.supervisor,
    "part of an answer": lambda said: said.at_least is not None or said.at_most is not None,
    "plain list": lambda said: said.present is not None,
    "none of these": lambda said: said.value == "none_of_these",
}


def _of_call(call: Call) -> Iterator[str]:
    yield f"contact {call.contact.state}"
    for said in call.answers:
        yield f"source {said.source}"
        if said.absent is not None:
            yield f"absent {said.absent}"
        yield from (what for what, holds in _OF_CLAIMS.items() if holds(said))


def _of_result(policy: CompiledPolicy, call: Call) -> Iterator[str]:
    result = evaluate(policy, call, BEGINS)
    yield f"basis {result.basis.kind}"
    if result.certain != result.possible:
        yield "certain below possible"
    if any(reason.kind == "precaution" for reason in result.reasons):
        yield "a precaution applies"
    yield from ("conflict" for _ in result.conflicts)
    looking = {rule.id for rule in policy.policy.rules if "leaf finding" in _of_condition(rule.when)}
    held = {one.rule for one in result.rules if one.truth == "true"}
    yield from ("rule of the second stratum that holds" for _ in looking & held)


def test_the_random_calls_reach_everything_that_a_policy_can_say(
    record_property: Callable[[str, object], None],
) -> None:
    found: Counter[str] = Counter()
    for seed in range(CASES):
        policy, call = small_case(seed)
        found.update({*_of_policy(policy), *_of_call(call), *_of_result(policy, call)})
    figures = ", ".join(f"{what} {found[what] / CASES:.0%}" for what in SHARES)
    rarest = ", ".join(f"{what} {found[what]}" for what in sorted(EVERY, key=found.__getitem__)[:5])
    reach = f"reach of {CASES} random calls: {figures}; rarest: {rarest}"
    record_property("figure", reach)
    assert [what for what in EVERY if not found[what]] == [], reach
    assert [what for what, share in SHARES.items() if found[what] < share * CASES] == [], reach
