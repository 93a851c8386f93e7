"""How the vector files are laid out as text, so that a rewritten file differs only where it says something else.

It knows nothing of what the vectors mean.
"""

from __future__ import annotations

import json

from chalicelib.canonical import Json

WIDTH = 116
"""What fits into so many columns stands on one line."""


def laid_out(value: Json, indent: str = "") -> str:
    """A value as JSON text: on one line where it fits, else one member to a line."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or len(indent) + len(line) <= WIDTH or not value:
        return line
    inner = indent + "  "
    if isinstance(value, dict):
        lines = [f"{inner}{json.dumps(name)}: {laid_out(member, inner)}" for name, member in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    return "[\n" + ",\n".join(inner + laid_out(member, inner) for member in value) + f"\n{indent}]"
