"""Questions until a call may stop: the service's order against the document's order of the same open questions.

Played are the cases of the shipped policy, each from the start with nothing said; calls in seeded random worlds under
the shipped policy, also with one answer in ten not known; and calls under random policies, small ones with gates,
precautions and exceptions, and larger ones of 20 facts and 30 rules. Answers are revealed one question at a time; what
a case does not mention is answered as in a routine call. Every call is under way, whatever state a case ends in.

Counted are the questions until no answer could change the grade (`settled`), and until none that the policy requires
is open besides (`stop`); `never` counts the calls that have no question left and may not stop, as while a check is
running or where the exact search met its limit. `whole card` is what a fixed card would ask that skips what does not
apply and goes on to its end. Counted too are calls that may stop and are graded otherwise once the caller hangs up. It
fails if a question is put twice or the two orders end with different grades. Not measured: time, what a caller says
unasked, which shortens both orders, and how hard a question is to answer.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from random import Random
from typing import NamedTuple

from bench._calls_played import (
    AskedAgain,
    Hearing,
    Played,
    best_first,
    document_order,
    hearing_in,
    hearing_of,
    play,
    whole_card,
)
from bench._worlds import a_world, random_document, with_some_not_known
from bench.evaluate import SHIPPED, call_of
from chalicelib.assessment.call import Call
from chalicelib.authoring.cases import read_cases
from chalicelib.cli.policy_files import compiled_file
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import National
from tests.strategies import compiled, small_policy

WORLDS = 100
NOT_KNOWN = 0.1
SMALL_POLICIES, CALLS_OF_EACH = 100, 3
LARGER_POLICIES, CALLS_OF_EACH_LARGER = 5, 20
SEED = 20261123

ORDERS = {"best first": best_first, "document": document_order}

Plays = Iterator[tuple[CompiledPolicy, Call, Hearing]]


class Compared(NamedTuple):
    """One call, played in each order."""

    played: Mapping[str, Played]
    card: int
    """How many questions a fixed card has for it."""

    @property
    def recommended(self) -> set[str]:
        """The grades that the orders end with."""
        return {one.result.recommended for one in self.played.values()}

    @property
    def changed_by_ending(self) -> bool:
        """Whether a call that may stop is graded otherwise once it has ended."""
        return any(one.until_stop is not None and one.ended != one.result.recommended for one in self.played.values())


def main() -> dict[str, object]:
    """Play every call in both orders; print how many questions each took, by national grade."""
    policy = compiled_file(SHIPPED / "policy.yaml").compiled
    populations: Mapping[str, Plays] = {
        "cases of the shipped policy": _cases(policy),
        "shipped policy, random calls": _worlds(policy, not_known=0),
        "shipped policy, some not known": _worlds(policy, not_known=NOT_KNOWN),
        "small random policies": _small_policies(),
        "random policies, 20 facts x 30 rules": _larger_policies(),
    }
    figures: dict[str, object] = {}
    for name, plays in populations.items():
        try:
            calls = [_compared(*one) for one in plays]
        except AskedAgain as error:
            return {"not_measured": f"{name}: asked again: {error}"}
        differ = sum(len(call.recommended) > 1 for call in calls)
        if differ:
            return {"not_measured": f"{name}: {differ} calls end with another grade in another order"}
        counted, changed = _counted(calls), sum(call.changed_by_ending for call in calls)
        figures[name] = {**counted, "changed_by_ending": changed}
        _print(name, counted)
        print(f"{changed} of {len(calls)} may stop and are graded otherwise once the caller hangs up")
    return figures


def _compared(policy: CompiledPolicy, call: Call, hear: Hearing) -> Compared:
    played = {name: play(policy, call, hear, order) for name, order in ORDERS.items()}
    return Compared(played, len(whole_card(policy, call, hear)))


def _cases(policy: CompiledPolicy) -> Plays:
    for case in read_cases((SHIPPED / "cases.yaml").read_bytes()).cases:
        yield policy, *hearing_of(policy, call_of(policy, case))


def _worlds(policy: CompiledPolicy, *, not_known: float) -> Plays:
    chance = Random(SEED)
    for _ in range(WORLDS):
        yield policy, *hearing_in(policy, with_some_not_known(a_world(policy, chance), chance, not_known))


def _small_policies() -> Plays:
    for seed in range(SMALL_POLICIES):
        chance = Random(SEED + seed)
        policy = small_policy(chance)
        for _ in range(CALLS_OF_EACH):
            yield policy, *hearing_in(policy, a_world(policy, chance))


def _larger_policies() -> Plays:
    for seed in range(LARGER_POLICIES):
        chance = Random(SEED + seed)
        policy = compiled(random_document(SEED + seed, 20, 30))
        for _ in range(CALLS_OF_EACH_LARGER):
            yield policy, *hearing_in(policy, a_world(policy, chance))


def _counted(calls: Iterable[Compared]) -> dict[str, dict[str, object]]:
    """For every national grade and for all: how many calls, and the questions in each order."""
    groups: dict[str, list[Compared]] = defaultdict(list)
    for call in calls:
        groups[call.played["document"].result.national.recommended.value].append(call)
        groups["all"].append(call)
    names = [name for name in (*reversed([grade.value for grade in National]), "all") if name in groups]
    return {name: {"calls": len(groups[name]), **_by_order(groups[name])} for name in names}


def _by_order(calls: Sequence[Compared]) -> dict[str, dict[str, dict[str, float]]]:
    found = {
        order: {
            "settled": distribution([call.played[order].until_settled for call in calls]),
            "stop": distribution([call.played[order].until_stop for call in calls]),
        }
        for order in ORDERS
    }
    return {**found, "whole card": {"settled": {}, "stop": distribution([call.card for call in calls])}}


def distribution(counts: Iterable[int | None]) -> dict[str, float]:
    """Median, ninetieth percentile, maximum and mean of some counts; `never` is how many there were without one."""
    known = list(counts)
    ordered = sorted(count for count in known if count is not None)
    never = len(known) - len(ordered)
    if not ordered:
        return {"never": never}
    return {
        "median": statistics.median(ordered),
        "p90": ordered[-(-len(ordered) * 9 // 10) - 1],
        "max": ordered[-1],
        "mean": round(statistics.mean(ordered), 1),
        "never": never,
    }


def _print(name: str, counted: Mapping[str, Mapping[str, object]]) -> None:
    columns = ("median", "p90", "max", "mean", "never")
    print(f"\n{name:38}{'until settled':^40}  {'until it may stop':^40}")
    print(f"{'':12} {'calls':>5}  {'order':18}" + "  ".join("".join(f"{one:>8}" for one in columns) for _ in "12"))
    for grade, found in counted.items():
        for order, halves in found.items():
            if isinstance(halves, dict):
                cells = "  ".join("".join(f"{half.get(one, ''):>8}" for one in columns) for half in halves.values())
                print(f"{grade:12} {found['calls']:>5}  {order:18}{cells}")
