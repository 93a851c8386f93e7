"""How much a worklist asks of a supervisor on a normal day: rows that become something to act on, an hour and person.

Calls are the shipped policy's own cases, seven in ten of them routine; how they are handled is made up (`_normal_day`).
Not measured: stores, and how long it takes to deal with a row.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from time import perf_counter

from bench._normal_day import as_it_was, story_of_day
from bench.evaluate import SHIPPED, call_of
from chalicelib.authoring.cases import read_cases
from chalicelib.cli.policy_files import compiled_file
from chalicelib.incidents.rows import row_of, shown_items
from chalicelib.incidents.story import Story
from chalicelib.policy.closed_lists import Severity
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import National

INCIDENTS = 5000
SAMPLE = 500
"""How many are made; the figures are of a day of `INCIDENTS`."""

ROUTINE = 0.7
SUPERVISORS = 4
"""How many are on duty at any time: an assumption."""

DAY = datetime(2026, 11, 23, tzinfo=UTC)
SEED = 20261123
REACH = {"rows_per_supervisor_hour": 12}


def main(sample: int = SAMPLE) -> dict[str, object]:
    """Make a normal day, and print what its worklist asks for."""
    policy, chance = compiled_file(SHIPPED / "policy.yaml").compiled, Random(SEED)
    cases = [case for case in read_cases((SHIPPED / "cases.yaml").read_bytes()).cases if case.skip is None]
    calls = [call_of(policy, case) for case in cases]
    routine = [c for c, case in zip(calls, cases, strict=True) if _low(case.expect.grade)]
    other = [c for c in calls if c not in routine]
    owners, items, rows, made = Counter[str](), Counter[str](), 0, 0.0
    for number in range(sample):
        call = chance.choice(routine if chance.random() < ROUTINE else other)
        begins = DAY + timedelta(seconds=chance.randrange(86400))
        story = story_of_day(policy, call, begins, f"HC-{number}", chance)
        started = perf_counter()
        acted = list(_acts(story, policy))
        made += perf_counter() - started
        mine = [owner for _, owner in acted if owner in ("supervisor", "inspector")]
        rows += bool(mine)
        owners.update({owner for _, owner in acted})
        items.update(name for name, owner in acted if owner in ("supervisor", "inspector"))
    scale = INCIDENTS / sample / 24 / SUPERVISORS
    figures = {
        "rows_per_supervisor_hour": round(rows * scale, 1),
        "rows_by_owner_per_day": {name: round(count * INCIDENTS / sample) for name, count in owners.most_common()},
        "items_of_supervisors": dict(items.most_common(8)),
        "incidents": sample,
        "supervisors": SUPERVISORS,
        "ms_per_incident": round(made / sample * 1000, 1),
    }
    print(f"{figures['rows_per_supervisor_hour']} rows an hour become something for a supervisor to act on")
    for name, count in items.most_common(8):
        print(f"  {name:36} {count * INCIDENTS // sample:6} a day")
    return {"reach": REACH, **figures}


def _low(grade: object) -> bool:
    named = getattr(grade, "is_", None) or getattr(grade, "at_most", None)
    return named in (National.RESOLVE, National.SCHEDULED)


def _acts(story: Story, policy: CompiledPolicy) -> Iterator[tuple[str, str]]:
    """What becomes something to act on at some time in the story: each item once, with who owes it."""
    told: set[str] = set()
    states = list(as_it_was(story))
    ends = [at for at, _ in states[1:]] + [states[-1][0] + timedelta(hours=8)]
    for (_, state), until in zip(states, ends, strict=True):
        row = row_of(state, policy)
        for shown in shown_items(row, until - timedelta(seconds=1)):
            if shown.severity is Severity.ACT and shown.item.id not in told:
                told.add(shown.item.id)
                yield shown.item.id, shown.item.owed_by.value


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="bench.worklist", description="Measure a worklist on a made-up day.")
    parser.add_argument("--incidents", type=int, default=SAMPLE)
    main(parser.parse_args().incidents)
