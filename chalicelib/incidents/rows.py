"""One incident's row in the worklist: made without regard to the time, judged when it is read. It stores nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.incidents.dues import closed_at, items_of
from chalicelib.incidents.items import Item
from chalicelib.incidents.standing import stands
from chalicelib.incidents.story import Story
from chalicelib.model import Frozen, Instant, Reference
from chalicelib.policy.closed_lists import Severity
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import National

_ORDER = tuple(Severity)
SOON = timedelta(minutes=10)
"""How long before it is due something to act on is shown as something to watch."""


class Acknowledged(Frozen):
    """An item that a supervisor has seen, and until when it is put off."""

    item: str
    until: Instant


class Row(Frozen):
    """What the worklist keeps of an incident."""

    incident: Reference
    seen: int
    """Of how many entries it was made: of two rows the one made of more is the newer."""
    closed: bool
    standing: National | None = None
    since: Instant | None = None
    opened_at: Instant | None = None
    flags: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    acknowledged: tuple[Acknowledged, ...] = ()

    @property
    def open(self) -> bool:
        """Whether it belongs in the worklist."""
        return not self.closed or bool(self.items)

    @property
    def next_due(self) -> datetime | None:
        """When the first of its items is due."""
        return min((item.due for item in self.items if item.due is not None), default=None)


class Shown(NamedTuple):
    """An item as it is worth at a moment."""

    item: Item
    severity: Severity
    overdue_minutes: int
    """Negative while it is not due yet."""
    acknowledged: bool


def row_of(story: Story, policy: CompiledPolicy | None) -> Row:
    """The row of an incident, from all that is recorded of it."""
    what = stands(story)
    opened = [one.call.incident.opened_at for one in story.decisions if one.call.incident]
    return Row(
        incident=story.incident,
        seen=story.seen,
        closed=closed_at(story) is not None,
        standing=what.grade if what else None,
        since=what.since if what else None,
        opened_at=min((at for at in opened if at is not None), default=None),
        flags=story.newest.result.flags if story.newest else (),
        items=items_of(story, policy),
        acknowledged=tuple(_acknowledged(story)),
    )


def _acknowledged(story: Story) -> list[Acknowledged]:
    found: dict[str, datetime] = {}
    for event in story.of("acknowledged"):
        until = event.at + timedelta(minutes=event.details["minutes"])
        for name in event.details["items"]:
            found[name] = max(until, found.get(name, until))
    return [Acknowledged(item=name, until=until) for name, until in found.items()]


def shown_items(row: Row, at: datetime) -> list[Shown]:
    """What is due or due soon at a moment, the worst first. What nobody measures is only on record."""
    until = {one.item: one.until for one in row.acknowledged}
    found = [shown for item in row.items if (shown := _shown(item, until.get(item.id), at)) is not None]
    return sorted(found, key=lambda one: (_ORDER.index(one.severity), -one.overdue_minutes, one.item.id))


def _shown(item: Item, acknowledged_until: datetime | None, at: datetime) -> Shown | None:
    if item.measured is False:
        return Shown(item, Severity.RECORD, 0, acknowledged=False)
    due = item.due
    if item.paused_at(at) or due is None or due - at > SOON:
        return None
    item = item.model_copy(update={"paused": None, "paused_until": None})
    minutes = int((at - due).total_seconds() // 60)
    seen = acknowledged_until is not None and at < acknowledged_until
    severity = Severity.WATCH if item.severity is Severity.ACT and (seen or at < due) else item.severity
    return Shown(item, severity, minutes, acknowledged=seen)
