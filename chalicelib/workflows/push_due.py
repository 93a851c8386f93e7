"""Telling other systems what has become something to act on, so that they need not ask. It repeats nothing by itself.

Each run looks at one minute, which ended a minute ago: a row follows its event within seconds, so that what was due at
once is in it by then. The minute follows from when the run was due: a run that is repeated says the same again.
What is recorded later still is in the list and is not pushed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from chalicelib.canonical import Json
from chalicelib.incidents.rows import Row, shown_items
from chalicelib.model import instant_text
from chalicelib.policy.closed_lists import Severity
from chalicelib.ports import Announcer, WorkBoard
from chalicelib.workflows.read_worklist import row_in

MINUTE = timedelta(minutes=1)


def push_due(board: WorkBoard, announcer: Announcer, forces: Sequence[str], at: datetime) -> int:
    """Announce what became something to act on in the minute that ended a minute before; how much it was.

    Raises StoreFailed; the whole run can be repeated.
    """
    until = at.replace(second=0, microsecond=0) - MINUTE
    due = [
        announcement
        for force in forces
        for body in board.open_rows(force)
        for announcement in _became_due(force, row_in(body), until)
    ]
    announcer.announce(due)
    return len(due)


def _became_due(force: str, row: Row, until: datetime) -> Iterator[dict[str, Json]]:
    for shown in shown_items(row, until):
        item = shown.item
        if shown.severity is Severity.ACT and item.due is not None and until - MINUTE <= item.due < until:
            yield {
                "force": force,
                "incident": row.incident,
                "standing": row.standing.value if row.standing else None,
                "item": item.id,
                "kind": item.kind,
                "severity": shown.severity.value,
                "owed_by": item.owed_by.value,
                "due": instant_text(item.due),
            }
