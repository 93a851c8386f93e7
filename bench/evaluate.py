"""Evaluation of the shipped policy, in process: every case of it, again and again. It measures no store and no web.

`evaluate` is the whole of it: what stands, the exact interval, reasons, questions, what would change the grade. `shown`
puts it in words besides. `compile` is from the document's bytes to a policy that can be applied.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial

from chalicelib.assessment.call import Call, CheckDone, Contact, Engine, Person, PolicyUsed
from chalicelib.assessment.evaluate import evaluate
from chalicelib.assessment.intake import take_in
from chalicelib.authoring.cases import BEGINS, Case, read_cases
from chalicelib.authoring.documents import checked
from chalicelib.cli.policy_files import compiled_file
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.records.shown import advice_of
from infra.emulator import ROOT

SHIPPED = ROOT / "policies" / "hertfordshire-thriives"
ROUNDS = 15
COMPILATIONS = 5
REACH = {"p50_ms": 2.0, "p99_ms": 10.0}


def main() -> dict[str, object]:
    """Time every case and the compilation; print a table."""
    shipped = compiled_file(SHIPPED / "policy.yaml")
    compilations = [_milliseconds(lambda: checked(shipped.stored)) for _ in range(COMPILATIONS)]
    policy = shipped.compiled
    calls = [call_of(policy, case) for case in read_cases((SHIPPED / "cases.yaml").read_bytes()).cases]
    for call in calls:
        evaluate(policy, call, BEGINS)
    evaluated = _timed(calls, lambda call: evaluate(policy, call, BEGINS))
    results = {id(call): evaluate(policy, call, BEGINS) for call in calls}
    shown = _timed(calls, lambda call: advice_of(policy, call, results[id(call)]))
    figures = {"evaluate": figures_of(evaluated), "shown": figures_of(shown), "compile": figures_of(compilations)}
    print_figures(figures)
    print(f"{len(calls)} cases; evaluate has to reach p50 {REACH['p50_ms']} ms and p99 {REACH['p99_ms']} ms")
    return {"cases": len(calls), "facts": len(policy.policy.facts), "reach": REACH, **figures}


def call_of(policy: CompiledPolicy, case: Case) -> Call:
    """The call that a case describes."""
    answers = [given.model_dump(mode="json", exclude_defaults=True) for given in case.answers]
    checks = [CheckDone(check=one.check, result=one.result, done_at=one.done_at) for one in case.checks]
    taken = take_in(policy, answers, checks, at=BEGINS, supervisor=False)
    return Call(
        policy=PolicyUsed(id=policy.policy.id, version=policy.policy.version, digest=policy.digest),
        engine=Engine(version="bench"),
        contact=Contact(started_at=BEGINS, channel=case.contact.channel, state=case.contact.state),
        people=tuple(Person(ref=person.ref, roles=person.roles) for person in case.people),
        answers=tuple(taken.claims),
        checks=tuple(taken.checks),
    )


def figures_of(times: Sequence[float]) -> dict[str, float]:
    """Median, 99th percentile and number of some times in milliseconds."""
    ordered = sorted(times)
    return {
        "n": len(ordered),
        "p50_ms": round(statistics.median(ordered), 3),
        "p99_ms": round(ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)], 3),
    }


def print_figures(figures: dict[str, dict[str, float]]) -> None:
    """One line for each thing that was timed."""
    print(f"{'':24} {'n':>6} {'p50 ms':>9} {'p99 ms':>9}")
    for name, found in figures.items():
        print(f"{name:24} {found['n']:6.0f} {found['p50_ms']:9.3f} {found['p99_ms']:9.3f}")


def _timed(calls: Sequence[Call], work: Callable[[Call], object]) -> list[float]:
    return [_milliseconds(partial(work, call)) for _ in range(ROUNDS) for call in calls]


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000
