"""A backtest as tables for people: what is raised and lowered, by grade, finding, group, and why. It reads no file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from chalicelib.authoring.backtest_report import Counts, Report
from chalicelib.records.record import plain
from chalicelib.workflows.run_backtest import changed_in

LISTED = 20
"""How many weaker decisions are printed; `--changed` writes them all."""


def tables(report: Report) -> Iterator[str]:
    """The report for people."""
    outcome, unclear = report.outcome, report.cannot_tell
    draft = report.draft
    yield f"{draft.id} {draft.version} against {report.decisions} recorded decisions of {len(report.days)} days"
    yield ""
    yield f"{'raised':>10} {'lowered':>10} {'same':>10} {'cannot tell':>12}"
    yield f"{outcome.raised:10} {outcome.lowered:10} {outcome.same:10} {outcome.cannot_tell:12}"
    if outcome.cannot_tell:
        yield f"Of those that cannot be told, {unclear.may_be_lower} might be lower and {unclear.not_lower} cannot be."
        yield "They depend on what was never asked: " + ", ".join(f"{one} ({n})" for one, n in unclear.facts.items())
    moved = [one for one in report.grades if one.before is not one.after]
    yield from _table("grade", (f"{one.before} to {one.after}" for one in moved), (one.decisions for one in moved))
    yield from _counted("finding", report.elements)
    yield from _counted("where flagged", {**report.groups, "(no flag)": report.ungrouped})
    attendance = report.attendance
    yield from _counted("attendance", {"was required": attendance.required, "was not": attendance.not_required})
    for title, rows in (("flag", report.flags), ("response", report.responses)):
        yield from _table(title, rows, (_said(plain(row)) for row in rows.values()))
    for title, reasons in (
        ("lowered because", report.reasons_of_lowered),
        ("raised because", report.reasons_of_raised),
    ):
        yield from _table(title, reasons, (_said(plain(row)) for row in reasons.values()))
    for policy in report.policies:
        if not policy.there:
            yield ""
            yield f"{policy.decisions} decisions were made under version {policy.version} ({policy.digest[:12]}...),"
            yield "which is not there: whatever they have no answer to counts as never asked. Name it with --under."


def _said(row: Mapping[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in row.items() if count)


def _table(title: str, names: Iterable[str], cells: Iterable[object]) -> Iterator[str]:
    rows = [(name, str(cell)) for name, cell in zip(names, cells, strict=True)]
    if rows:
        yield ""
        width = max(len(title), *(len(name) for name, _ in rows))
        yield title
        for name, cell in rows:
            yield f"  {name:{width}} {cell:>8}"


def _counted(title: str, rows: Mapping[str, Counts]) -> Iterator[str]:
    """The rows in which something is not the same."""
    changed = {name: row for name, row in rows.items() if row.raised or row.lowered or row.cannot_tell}
    if changed:
        yield ""
        width = max(len(title), *(len(name) + 2 for name in changed))
        yield f"{title:{width}} {'raised':>10} {'lowered':>10} {'same':>10} {'cannot tell':>12}"
        for name, row in changed.items():
            yield f"  {name:{width - 2}} {row.raised:10} {row.lowered:10} {row.same:10} {row.cannot_tell:12}"


def weaker(parts: Sequence[bytes], count: int) -> Iterator[str]:
    """The first of the weaker decisions, each with its reasons."""
    if not count:
        return
    yield ""
    yield f"weaker, or perhaps: {count}" + (f"; the first {LISTED}" if count > LISTED else "")
    shown = 0
    for part in parts:
        for line in changed_in(part):
            if line["weaker"]:
                yield f"  {line['decision']} {line['at'][:16]}Z {_words(line)}"
                shown += 1
            if shown == LISTED:
                return


_PARTS = (("no longer", "no_longer"), ("newly", "newly"), ("regraded", "regraded"), ("never asked", "never_asked"))


def _words(line: Mapping[str, Any]) -> str:
    before, after = line["before"], line["after"]
    words = [f"{before} to {after}" if before != after else before]
    if line["verdict"] == "cannot_tell":
        words = [f"{before} to {line['lowest']} at the least, {line['highest']} at the most"]
    if line["attendance"] != "same":
        words.append(f"attendance {line['attendance'].replace('_', ' ')}")
    for title, name in _PARTS:
        if line[name]:
            words.append(f"{title} {', '.join(line[name])}")
    return "; ".join(words)
