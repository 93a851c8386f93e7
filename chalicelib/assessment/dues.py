"""What a result says is due: checks, timers, and what each victim is owed. As codes, like the rest of `result/1`."""

from __future__ import annotations

from typing import Literal

from chalicelib.model import Frozen, Instant, Reference


class DueCheck(Frozen):
    """A check that has to be made and is not on record."""

    check: str


class Running(Frozen):
    """A timer that runs, and when it is due, where its clock is known to the assessment."""

    timer: str
    due: Instant | None = None


class ToTell(Frozen):
    """Something that a victim is to be told, and when."""

    id: str
    say: Literal["now", "before_end", "officer"]


class OwedToVictim(Frozen):
    """What one victim is owed under the Victims' Code."""

    about: Reference | None = None
    """The victim's reference; None while nobody is named."""
    category: Literal["enhanced", "not_settled", "standard"]
    because: tuple[str, ...] = ()
    """The categories that give enhanced rights."""
    settled_by: tuple[str, ...] = ()
    """While it is not settled: the facts that are open."""
    tell: tuple[ToTell, ...] = ()
