"""Reading the worklist, one row for each incident in which something is due, the worst first; and putting items off.

What a row is worth is judged when it is read, so that nothing has to run for it to be overdue. No row is changed here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import ValidationError

from chalicelib.canonical import Json, digest
from chalicelib.errors import Fault, NotFound, StoreFailed
from chalicelib.incidents.dues import items_of
from chalicelib.incidents.rows import Row, Shown, shown_items
from chalicelib.model import instant_text
from chalicelib.policy.closed_lists import Owner, Severity
from chalicelib.policy.document import National
from chalicelib.ports import Clock, WorkBoard
from chalicelib.records.kinds import Kind
from chalicelib.workflows.incident_desk import Asked, IncidentDesk, Made, raise_if
from chalicelib.workflows.record_entry import Recorded

ACKNOWLEDGE_ROUTE = "POST /v1/worklist/acknowledge"
SHORTEST, LONGEST = 5, 60
"""Minutes for which something can be put off."""

_ORDER = tuple(Severity)


class Wanted(NamedTuple):
    """What is asked for. None: whatever it is."""

    severity: Severity | None = None
    owed_by: Owner | None = None
    grade: National | None = None
    incident: str | None = None


class Listed(NamedTuple):
    """An incident in the worklist, and what is due in it, the worst first."""

    row: Row
    due: tuple[Shown, ...]


class Worklist(NamedTuple):
    """The worklist at a moment."""

    listed: Sequence[Listed]
    as_of: datetime


class WorklistReader:
    """Reads the worklist and records that somebody has seen it."""

    def __init__(self, board: WorkBoard, desk: IncidentDesk, clock: Clock, settle: Callable[[], None]) -> None:
        """Keep the ports. `settle` waits a moment for rows that this process is just making."""
        self._board, self._desk, self._clock, self._settle = board, desk, clock, settle

    def state(self, force: str, wanted: Wanted) -> str:
        """A name of what `read` would give now: another as soon as a row has changed or a minute has passed.

        It costs one cheap read. Read it before the list, so that a change between the two is not missed.
        """
        self._settle()
        minute = instant_text(self._clock())[:16]
        return digest([force, self._board.version(force), minute, *map(str, wanted)])[:32]

    def read(self, force: str, wanted: Wanted) -> Worklist:
        """What is due or due soon, the worst incident first. Raises StoreFailed."""
        now = self._clock()
        rows = (row_in(body) for body in self._board.open_rows(force))
        fitting = (row for row in rows if wanted.incident in (None, row.incident))
        listed = [Listed(row, _due(row, wanted, now)) for row in fitting if wanted.grade in (None, row.standing)]
        return Worklist(sorted((one for one in listed if one.due), key=_urgency), now)

    def acknowledge(self, asked: Asked, items: Sequence[str], minutes: int) -> Recorded:
        """Record that a supervisor has seen items, which puts them off and clears none. Raises Invalid, NotFound,
        StoreFailed.
        """
        if (before := self._desk.before(asked)) is not None:
            return before
        if not asked.doer.supervisor:
            raise_if([Fault("role", "/actor/role", "only a supervisor puts off what is due", "supervisor")])
        story = self._desk.story(asked)
        if story.newest is None:
            raise NotFound("Nobody has assessed this incident here.")
        policy = self._desk.stories.policy_of(story.newest)
        outstanding = [item.id for item in items_of(story, policy)]
        raise_if(
            [
                Fault("not_outstanding", f"/items/{place}", "nothing of that id is outstanding", ", ".join(outstanding))
                for place, name in enumerate(items)
                if name not in outstanding
            ]
        )
        now = self._clock()
        until = instant_text(now + timedelta(minutes=minutes))
        details: dict[str, Json] = {"act": "fact", "items": list(items), "minutes": minutes}
        return self._desk.keep(asked, Made(Kind.ACKNOWLEDGED, now, {**details, "until": until}))


def row_in(body: bytes) -> Row:
    """The row in a body of the board. Raises StoreFailed when it is damaged."""
    try:
        return Row.model_validate_json(body)
    except ValidationError:
        raise StoreFailed("The worklist holds a row that cannot be read.", code="store_damaged") from None


def _due(row: Row, wanted: Wanted, now: datetime) -> tuple[Shown, ...]:
    return tuple(
        shown
        for shown in shown_items(row, now)
        if wanted.severity in (None, shown.severity) and wanted.owed_by in (None, shown.item.owed_by)
    )


def _urgency(listed: Listed) -> tuple[int, int, int, str]:
    worst = listed.due[0]
    rank = listed.row.standing.rank if listed.row.standing is not None else -1
    return (_ORDER.index(worst.severity), -rank, -worst.overdue_minutes, listed.row.incident)
