"""Questions about a policy, one by one: each is answered by a finding or by nothing, or not decided. It knows none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from chalicelib.analysis.findings import Finding, Severity
from chalicelib.analysis.search import NotDecided


@dataclass(frozen=True, slots=True)
class Check:
    """One question about a part of the document. `ask` raises NotDecided beyond the search's limit."""

    pointer: str
    whether: str
    """What is asked, after "whether"."""
    ask: Callable[[], Finding | None]
    severity: Severity = Severity.WARNING
    """How much it weighs that nobody knows."""


def findings_of(checks: Iterable[Check]) -> Iterator[Finding]:
    """The findings of some checks; where a search met its limit, that it is not decided."""
    for check in checks:
        try:
            found = check.ask()
        except NotDecided:
            says = f"It could not be decided within the limit of the search whether {check.whether}. Take it as open."
            found = Finding(code="not_decided", severity=check.severity, pointer=check.pointer, says=says)
        if found is not None:
            yield found
