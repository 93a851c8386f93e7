"""Recorded decisions to hold a draft against, and a draft that changes some of them in every way. It measures nothing.

The calls are seeded ones to the shipped policy, each answered as the service would have; so many of them differ, and
further decisions repeat them at other times and under other ids.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from bench._worlds import a_call, a_world, partly_told
from chalicelib.assessment.call import Call
from chalicelib.assessment.contact import Mode
from chalicelib.assessment.evaluate import evaluate
from chalicelib.authoring.documents import CheckedPolicy, checked
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.records.day_file import day_file
from chalicelib.records.entry import Entry
from chalicelib.records.envelope import Actor, Envelope, Mark
from chalicelib.records.kinds import Kind
from chalicelib.records.record import DecisionRecord, decision_entry
from chalicelib.records.shown import shown_of

FORCE = "hertfordshire"
NEW_FACT = "first_hand"
A_DAY = 1440
"""Decisions of one day: one a minute."""

MOST_DIFFERENT = 1000
"""How many calls differ."""

FIRST = datetime(2026, 1, 5, tzinfo=UTC)


def draft_of(shipped: CheckedPolicy) -> CheckedPolicy:
    """The shipped policy with rules raised and lowered, and a new fact in an old rule and in a new one."""
    document: dict[str, Any] = json.loads(shipped.stored)
    document.pop("based_on", None)
    document["version"] = "trial"
    question = "Does the caller see or hear it themselves?"
    document["facts"].append({"id": NEW_FACT, "type": "yes_no", "question": question, "purpose": ["grade"]})
    rules = {rule["id"]: rule for rule in document["rules"]}
    rules["f01_danger_now"]["when"] = {"all": [rules["f01_danger_now"]["when"], {"fact": NEW_FACT, "is": True}]}
    rules["f02_serious_crime_now"]["grade"] = "priority"
    for name in ("f10_distress", "f10_cannot_speak", "f12_stalking", "f08_missing", "f11_threat_to_kill"):
        rules[name]["grade"] = "immediate"
    heard = {"all": [{"fact": NEW_FACT, "is": True}, {"fact": "injury", "at_least": "minor"}]}
    basis = rules["f01_danger_now"]["basis"]
    document["rules"].append(
        {
            "id": "seen_hurt",
            "says": "The caller sees somebody hurt.",
            "basis": basis,
            "when": heard,
            "grade": "priority",
        }
    )
    return checked(json.dumps(document).encode())


def calls(policy: CompiledPolicy, count: int, seed: int = 5) -> list[Call]:
    """So many different calls."""
    chance = Random(seed)
    return [a_call(policy, partly_told(a_world(policy, chance), chance)) for _ in range(count)]


def write_days(policy: CompiledPolicy, count: int, folder: Path) -> list[Path]:
    """Files of so many decisions, in a folder."""
    different = calls(policy, min(count, MOST_DIFFERENT))
    made = [_made(policy, call) for call in different]
    paths: list[Path] = []
    for begin in range(0, count, A_DAY):
        day = (FIRST + timedelta(minutes=begin)).date().isoformat()
        paths.append(folder / f"{day}.jsonl.gz")
        paths[-1].write_bytes(day_file(FORCE, day, _entries(made, range(begin, min(begin + A_DAY, count)))))
    return paths


def _made(policy: CompiledPolicy, call: Call) -> DecisionRecord:
    """The record of a call; its id and its time are those of the first that repeats it."""
    envelope = _envelope(0)
    result = evaluate(policy, call, envelope.at)
    return DecisionRecord(envelope=envelope, call=call, result=result, shown=shown_of(policy, envelope, call, result))


def _entries(made: Sequence[DecisionRecord], numbers: Sequence[int]) -> Iterator[Entry]:
    for number in numbers:
        record = made[number % len(made)]
        yield decision_entry(record.model_copy(update={"envelope": _envelope(number)}), Mark(b"\0" * 32, "1.a.b"))


def _envelope(number: int) -> Envelope:
    at = FIRST + timedelta(minutes=number)
    return Envelope(
        kind=Kind.DECISION,
        id=f"d_{number:032d}",
        force=FORCE,
        contact=f"HC-{number}",
        actor=Actor(pseudonym="ch-4471", role="call_handler"),
        # Now and then somebody practises.
        mode=Mode.TRAINING if number % 50 == 49 else Mode.LIVE,
        at=at,
        recorded_at=at,
    )
