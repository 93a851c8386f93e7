"""Which decisions are a sample for the handler's own view, taken before the advice is shown. It shows nothing.

The sample is a function of the decision's id, so that anybody can tell afterwards which were in it.
"""

from __future__ import annotations

from chalicelib.canonical import sha256_hex

ONE_IN = 20


def in_sample(decision: str) -> bool:
    """Whether a decision is in the sample."""
    return int(sha256_hex(decision.encode())[:8], 16) % ONE_IN == 0
