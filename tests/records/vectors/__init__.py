"""Golden vectors: the formats that records are kept in, as JSON with inputs and what has to come of them.

Other implementations can be held against them too. They are only ever added to: what is on record in these formats has
to be found, replayed and proved for ever.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chalicelib.canonical import Json

FOLDER = Path(__file__).parent
NEVER = (
    "This format never changes: records, ids and proofs that exist depend on every byte of it. "
    "A new form needs a new version beside this one, and a vector of its own."
)


def vector(name: str) -> Any:  # noqa: ANN401  # whatever the file holds
    """The content of a vector file."""
    return json.loads((FOLDER / f"{name}.json").read_bytes())


def held(found: Json, expected: Json, what: str) -> None:
    """Fail unless what was computed is what the vector says."""
    assert found == expected, f"{what}: {NEVER}"
