"""How much an element weighs, in four levels. What gives an element its level, rules say."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """How much an element weighs."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """Its place in the order none < low < medium < high."""
        return _RANKS[self]


_RANKS = {level: rank for rank, level in enumerate(Level)}
