"""How a policy was used, as tables for people: what never held, what was asked in vain, what humans decided instead."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.authoring.use import UseShown

LISTED = 15
"""How many rows of each kind are printed; `--json` has them all."""


def use_tables(use: UseShown) -> Iterator[str]:
    """The counts that a policy owner looks at first."""
    if use.never:
        yield from ("", f"never held in these decisions: {len(use.never)}", f"  {', '.join(use.never)}")
    vain = {name: one for name, one in use.questions.items() if one.not_known}
    if vain:
        yield from ("", f"{'asked in vain':34} {'not known':>10} {'answered':>10}")
        for name, one in sorted(vain.items(), key=lambda row: (-row[1].not_known, row[0]))[:LISTED]:
            yield f"  {name:32} {one.not_known:10} {one.answered:10}"
    unanswered = [name for name, one in use.questions.items() if not one.answered and not one.not_known]
    if unanswered:
        yield from ("", f"never answered in these decisions: {len(unanswered)}", f"  {', '.join(unanswered)}")
    overridden = {name: one for name, one in use.outcomes.items() if one.raised or one.lowered}
    if overridden:
        yield from ("", f"{'decided otherwise, by what it rested on':42} {'raised':>8} {'lowered':>8} {'accepted':>9}")
        for name, row in sorted(overridden.items(), key=lambda one: (-one[1].lowered - one[1].raised, one[0]))[:LISTED]:
            yield f"  {name:40} {row.raised:8} {row.lowered:8} {row.accepted:9}"
