"""Keeping the worklist's rows in step with the trail: each is made anew of all that is recorded of its incident.

So it does not matter in which order entries are followed, nor how often. A row remembers the decisions it was made of,
and the next one is made of them too: an index that is a moment behind never takes anything back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chalicelib.assessment.contact import Mode
from chalicelib.canonical import canonical
from chalicelib.errors import Invalid, NotFound, StoreFailed, Unreadable
from chalicelib.incidents.rows import row_of
from chalicelib.incidents.story import Story
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.ports import BoardRow, OnBoard, Trail, WorkBoard
from chalicelib.records.entry import Entry, Position, Query, Shelf
from chalicelib.records.record import plain
from chalicelib.workflows.policies_in_force import PoliciesInForce
from chalicelib.workflows.read_story import MOST_DECISIONS, Filed, StoryReader
from chalicelib.workflows.record_entry import place_of_decision

ATTEMPTS = 5
"""How often a row is made anew when others have changed it meanwhile."""

PAGE = 200


class Rebuilt(NamedTuple):
    """What came of making rows anew."""

    incidents: int
    changed: int
    """Rows that were not as the trail tells it."""


class WorkProjector:
    """Makes the rows of the worklist."""

    def __init__(self, trail: Trail, stories: StoryReader, policies: PoliciesInForce, board: WorkBoard) -> None:
        """Keep the ports."""
        self._trail, self._stories, self._policies, self._board = trail, stories, policies, board

    def follow(self, entry: Entry) -> bool:
        """Let an entry that is in the trail count in the worklist; whether a row changed. Raises StoreFailed."""
        known = entry.summary
        if known.mode != Mode.LIVE or entry.place_shelf not in (Shelf.DECISION, Shelf.INCIDENT, Shelf.CONTACT):
            return False
        incident = known.incident if entry.place_shelf is not Shelf.CONTACT else self._incident_of(entry)
        return incident is not None and self.project(known.force, incident, [entry])

    def project(self, force: str, incident: str, fresh: Sequence[Entry] = ()) -> bool:
        """Make the row of an incident anew, of its live entries and of fresh ones that reads may not show yet.

        Whether it changed. Raises StoreFailed when a store does not answer or others change it all the time.
        """
        decisions = [entry for entry in fresh if entry.place_shelf is Shelf.DECISION]
        for _ in range(ATTEMPTS):
            there = self._board.get(force, incident)
            story = self._story(force, incident, decisions, there)
            row = self._row(story)
            if not story.seen or (there is not None and there.row == row):
                return False
            if self._board.put(force, incident, row, there.tag if there else None):
                return True
        raise StoreFailed("A row of the worklist is being changed by too many at once.")

    def rebuild(self, force: str, since: str, until: str) -> Rebuilt:
        """Make the row of every incident anew of which something was recorded in live mode in a period."""
        incidents: set[str] = set()
        query, after = Query(force=force, since=since, until=until, mode=Mode.LIVE.value), None
        more = True
        while more:
            after, found = self._page(query, after)
            incidents |= found
            more = after is not None
        changed = sum(self.project(force, incident) for incident in sorted(incidents))
        return Rebuilt(len(incidents), changed)

    def _page(self, query: Query, after: Position | None) -> tuple[Position | None, set[str]]:
        page = self._trail.find(query, after, PAGE)
        return page.after, {known.incident for known in page.found if known.incident is not None}

    def _incident_of(self, entry: Entry) -> str | None:
        """The incident that the contact of an event has come to, if it has."""
        newest = self._trail.newest(entry.summary.force, Mode.LIVE.value, "contact", entry.place_name, 1)
        return newest[0].summary.incident if newest else None

    def _story(self, force: str, incident: str, fresh: Sequence[Entry], there: OnBoard | None) -> Story:
        filed = Filed(force, Mode.LIVE.value, None, incident)
        story = self._stories.story(filed, also=fresh)
        missing = set(there.row.decisions) - story.ids if there else set()
        if not missing or len(story.decisions) >= MOST_DECISIONS:  # of more than that, the oldest do not count
            return story
        found = [self._trail.get(force, place_of_decision(name), name) for name in sorted(missing)]
        return self._stories.story(filed, also=[*fresh, *(entry for entry in found if entry is not None)])

    def _row(self, story: Story) -> BoardRow:
        row = row_of(story, self._policy(story))
        # What no time is set for, or nobody measures, is told with what is due, and in the story of its incident.
        falls_due = any(item.due is not None and not item.paused for item in row.items)
        body = canonical(plain(row)) if falls_due else None
        return BoardRow(tuple(sorted(one.envelope.id for one in story.decisions)), body)

    def _policy(self, story: Story) -> CompiledPolicy | None:
        """The policy of the newest decision; None when it is not stored as it was. Raises StoreFailed."""
        if story.newest is None:
            return None
        used = story.newest.call.policy
        try:
            return self._policies.by_digest(used.id, used.digest)
        except (NotFound, Unreadable, Invalid):
            return None
