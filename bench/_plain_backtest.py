"""A backtest in a few lines, to hold the product's against: every answer to what was never asked, tried one by one.

It shares nothing with the product's but `evaluate` itself, and knows which fact is new because it is told.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from chalicelib.assessment.call import Call, Claim
from chalicelib.assessment.evaluate import evaluate
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Absence, Source

GRADES = ["RESOLVE", "SCHEDULED", "PRIORITY", "IMMEDIATE"]


def outcomes(draft: CompiledPolicy, new_fact: str, files: Iterable[bytes]) -> Counter[str]:
    """How many live decisions are raised, lowered, the same, or cannot be told; the new fact is a yes/no fact."""
    found: Counter[str] = Counter()
    known: dict[str, set[int]] = {}
    for data in files:
        for line in gzip.decompress(data).splitlines()[1:]:
            record = json.loads(line)
            if record["envelope"]["mode"] != "live":
                continue
            told = json.dumps(record["call"])
            if told not in known:
                known[told] = ranks(draft, Call.model_validate_json(told), new_fact, record["envelope"]["at"])
            before = GRADES.index(record["result"]["national"]["recommended"])
            lowest, highest = min(known[told]), max(known[told])
            found["raised" if lowest > before else "lowered" if highest < before else
                  "same" if lowest == highest else "cannot_tell"] += 1  # fmt: skip
    return found


def ranks(draft: CompiledPolicy, call: Call, new_fact: str, at: str) -> set[int]:
    """The national ranks that the draft can give, whatever is answered."""
    said: list[dict[str, object]] = [{"value": True}, {"value": False}, {"absent": Absence.UNKNOWN}]
    claims = [Claim.model_validate({"fact": new_fact, "source": Source.CALLER, "at": at, **one}) for one in said]
    states = [call, *(call.model_copy(update={"answers": (*call.answers, one)}) for one in claims)]
    return {evaluate(draft, one, datetime.fromisoformat(at)).national.recommended.rank for one in states}
