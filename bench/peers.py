"""Our engine beside zen-engine, cel-expr-python and cedarpy: the same rules and calls, side by side in one run.

The rules are those of the shipped policy that raise the grade, and those of two larger random policies. Every engine
has to give the same grade to every call that is fully known; else nothing is reported but where they differ. How each
peer is used, and how it is told that a fact is missing, `_engines` says.

Measured: preparing (ours from the read document with all its checks, theirs from text that was translated before), and
the highest grade of one call. The peers are handed the values that our own reading of the answers came to; our "rules
alone" is handed the same as masks, and our other rows begin at the answers. Not measured: reading YAML, batches, the
peers' editors and analysers. What no peer has (contradicting answers, exact bounds, reasons with their answers,
questions, precautions, the base) is in "all of it"; a trace is beside it where a peer has one.

The second table is about calls with facts missing, against what is proved of the call (`certain`, exact over every way
in which the missing answers can turn out):
  same, lower, higher   the grade given, against `certain`
  raises                no grade, an exception
  open                  calls whose grade could still be higher
  silent                of those, the ones graded without any sign of it
  too low               of the silent ones, those graded lower than the whole call is
  wrong                 graded higher than the whole call is
  wide                  an upper bound is given, and it is higher than the exact one
Part-answers ("at least minor") are left out, because no peer can be told one; so are precautions and the base, which
raise what we recommend and not what is proved.
"""

from __future__ import annotations

import json
import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from random import Random
from typing import NamedTuple

from bench._engines import OURS_FLOORS, OURS_WHOLE, PARTLY, TIMED, Answer, Bounds, Engine, Given, Rules
from bench._worlds import a_call, a_world, fully_known, partly_told, random_document
from bench.evaluate import SHIPPED
from chalicelib.cli.policy_files import compiled_file
from tests.strategies import compiled

ROUNDS = 9
KNOWN_CALLS = 60
PARTLY_KNOWN_CALLS = 200
SEED = 20261123
SIZES = ((20, 30), (60, 150))


class PartlyKnown(NamedTuple):
    """A call with facts missing: what is proved of it, and the grade of the whole call."""

    given: Given
    exact: Bounds
    truth: int


def main() -> dict[str, object]:
    """Check that all agree, time them, count what they say of missing facts; print two tables for each policy."""
    missing = sorted({one.package for one in TIMED if one.package and one.version is None})
    print("not installed: " + ", ".join(missing) if missing else "every peer is installed")
    figures: dict[str, object] = {"not_installed": missing}
    for name, rules in _policies().items():
        found = _measured(name, rules)
        if isinstance(found, str):
            print(found)
            return {"not_measured": found}
        figures[name] = found
    return figures


def disagreements(rules: Rules, calls: Sequence[Given], engines: Sequence[tuple[Engine, Answer]]) -> list[str]:
    """Which engines give which fully known calls another grade than ours does."""
    wanted = [_asked(OURS_WHOLE.prepare(rules), given) for given in calls]
    return [
        f"{engine.name}: {got} instead of {want} for call {place}"
        for engine, answer in engines
        for place, (given, want) in enumerate(zip(calls, wanted, strict=True))
        if (got := _asked(answer, given)) is None or want is None or got.certain != want.certain
    ]


def said_of(answer: Answer, calls: Sequence[PartlyKnown]) -> Counter[str]:
    """What an engine says of calls with facts missing, counted under the names in the module's description."""
    found: Counter[str] = Counter()
    for given, exact, truth in calls:
        still_open = exact.possible is not None and exact.possible > exact.certain
        found["open"] += still_open
        said = _asked(answer, given)
        if said is None:
            found["raises"] += 1
            continue
        sign = said.possible is not None and said.possible > said.certain
        found[_against(said.certain, exact.certain)] += 1
        found["silent"] += still_open and not sign
        found["too low"] += still_open and not sign and said.certain < truth
        found["wrong"] += said.certain > truth
        found["wide"] += sign and (said.possible or 0) > (exact.possible or 0)
    return found


def _against(grade: int, certain: int) -> str:
    return "same" if grade == certain else "lower" if grade < certain else "higher"


def _asked(answer: Answer, given: Given) -> Bounds | None:
    try:
        return answer(given)
    except RuntimeError:
        return None


def _policies() -> dict[str, Rules]:
    source = compiled_file(SHIPPED / "policy.yaml")
    found = {"shipped policy": Rules(json.loads(source.stored), source.compiled)}
    for facts, rules in SIZES:
        document = random_document(SEED, facts, rules)
        found[f"random policy, {facts} facts x {rules} rules"] = Rules(document, compiled(document))
    return found


def known_calls(rules: Rules, chance: Random, count: int) -> list[Given]:
    """Calls of which everything is known."""
    found: list[Given] = []
    while len(found) < count:
        call = a_call(rules.policy, a_world(rules.policy, chance).values())
        if fully_known(rules.policy, call):
            found.append(rules.given(call))
    return found


def partly_known_calls(rules: Rules, chance: Random, count: int) -> list[PartlyKnown]:
    """Calls with facts missing, with their exact bounds by our own engine and the grade of the whole call."""
    whole = OURS_WHOLE.prepare(rules)
    found: list[PartlyKnown] = []
    while len(found) < count:
        world = a_world(rules.policy, chance)
        given = rules.given(a_call(rules.policy, partly_told(world, chance)))
        truth = whole(rules.given(a_call(rules.policy, world.values()))).certain
        found.append(PartlyKnown(given, whole(given), truth))
    return found


def _measured(name: str, rules: Rules) -> dict[str, object] | str:
    """The figures of one policy; or in words why there are none."""
    chance = Random(SEED)
    whole = OURS_WHOLE.prepare(rules)
    calls, parts = known_calls(rules, chance, KNOWN_CALLS), partly_known_calls(rules, chance, PARTLY_KNOWN_CALLS)
    engines = [(one, one.prepare(rules)) for one in TIMED if one.version is not None]
    wrong = disagreements(rules, calls, engines)
    if wrong:
        return f"{name}: {len(wrong)} disagreements on fully known calls; {wrong[0]}"
    grades = Counter(rules.policy.grades[whole(given).certain].id for given in calls)
    raising, variables = sum(floor.rank > 0 for floor in rules.policy.floors), len(rules.policy.variables)
    print(f"\n-- {name}: {raising} rules that raise the grade, {variables} variables")
    print(f"   all agree on {len(calls)} fully known calls: {dict(grades)}")
    timed = _times(rules, calls, engines)
    rounds = [_each(whole, [one.given for one in parts]) for _ in range(3)]
    timed["ours, all of it, partly known"] = {"call_us": _round(rounds)}
    _print_times(timed)
    said = {one.name: said_of(one.prepare(rules), parts) for one in PARTLY if one.version is not None}
    _print_said(said, len(parts))
    return {"agree_on": len(calls), "grades": grades, "times": timed, "partly_known": len(parts), "said": said}


def _times(
    rules: Rules, calls: Sequence[Given], engines: Sequence[tuple[Engine, Answer]]
) -> dict[str, dict[str, float]]:
    """Medians over rounds in which every engine has its turn, each round begun by another."""
    preparing: dict[str, list[float]] = {one.name: [] for one, _ in engines}
    answering: dict[str, list[float]] = {one.name: [] for one, _ in engines}
    for number in range(ROUNDS):
        first = number % len(engines)
        for engine, answer in (*engines[first:], *engines[:first]):
            preparing[engine.name].append(_took(partial(engine.prepare, rules)) * 1e3)
            answering[engine.name].append(_each(answer, calls))
    return {
        one.name: {
            "prepare_ms": _round(preparing[one.name]),
            "call_us": _round(answering[one.name]),
        }
        for one, _ in engines
    }


def _each(answer: Answer, calls: Sequence[Given]) -> float:
    """Microseconds for one call, over all of them."""
    return _took(lambda: [answer(given) for given in calls]) * 1e6 / len(calls)


def _took(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _round(times: Sequence[float]) -> float:
    return round(statistics.median(times), 2)


def _print_times(timed: Mapping[str, Mapping[str, float]]) -> None:
    alone, whole = timed[OURS_FLOORS.name]["call_us"], timed[OURS_WHOLE.name]["call_us"]
    gives = {one.name: one.gives for one in TIMED}
    print(f"{'':31} {'prepare ms':>10} {'call us':>9} {'/alone':>8} {'/all':>7}  gives")
    for name, found in timed.items():
        took, prepare = found["call_us"], found.get("prepare_ms")
        print(f"{name:31} {prepare if prepare is not None else '':>10} {took:9.1f}", end=" ")
        print(f"{took / alone:8.2f} {took / whole:7.2f}  {gives.get(name, OURS_WHOLE.gives)}")


COLUMNS = ("same", "lower", "higher", "raises", "open", "silent", "too low", "wrong", "wide")


def _print_said(said: Mapping[str, Mapping[str, int]], calls: int) -> None:
    print(f"{calls} partly known calls".ljust(31) + "".join(f"{column:>9}" for column in COLUMNS))
    for name, found in said.items():
        print(f"{name:31}" + "".join(f"{found.get(column, 0):9}" for column in COLUMNS))
