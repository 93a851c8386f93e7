"""Reading the story of an incident: its decisions, and its events strongly, side by side. It changes nothing.

Events of a contact from before it had an incident belong to the story as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from typing import NamedTuple

from chalicelib.errors import Invalid, NotFound, Unavailable, Unreadable
from chalicelib.incidents.story import Story, story_of
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.ports import Trail
from chalicelib.records.entry import Entry, Place, Shelf
from chalicelib.records.record import DecisionRecord
from chalicelib.workflows.policies_in_force import PoliciesInForce

MOST_DECISIONS = 200
"""How many decisions of an incident are read, the newest of them."""


class Filed(NamedTuple):
    """Where the events of an incident are filed: under it, or under the contact while there is none."""

    force: str
    mode: str
    contact: str | None
    incident: str | None

    @property
    def place(self) -> Place:
        """The file."""
        if self.incident is not None:
            return Place(Shelf.INCIDENT, self.incident)
        return Place(Shelf.CONTACT, self.contact or "")


class StoryReader:
    """Reads stories."""

    def __init__(self, trail: Trail, policies: PoliciesInForce, pool: Executor) -> None:
        """Keep the ports and the threads to read with."""
        self._trail, self._policies, self._pool = trail, policies, pool

    def story(self, filed: Filed, also: Sequence[Entry] = ()) -> Story:
        """All that is recorded of an incident, or of a contact that has none. Raises StoreFailed.

        `also` are decisions of it that an index which is a moment behind may not show yet.
        """
        events = self._pool.submit(self._trail.events, filed.force, filed.place)
        by, name = ("incident", filed.incident) if filed.incident is not None else ("contact", filed.contact or "")
        newest = self._trail.newest(filed.force, filed.mode, by, name, MOST_DECISIONS)  # type: ignore[arg-type]  # one of the two that it takes
        decisions = [*newest, *also]
        contacts = {entry.summary.contact for entry in decisions if entry.summary.contact} if filed.incident else set()
        before = [
            self._pool.submit(self._trail.events, filed.force, Place(Shelf.CONTACT, contact))
            for contact in sorted(contacts)
        ]
        found: list[Entry] = [*decisions, *events.result(), *(entry for one in before for entry in one.result())]
        return story_of(filed.incident or filed.contact or "", filed.mode, found)

    def policy_of(self, record: DecisionRecord | None) -> CompiledPolicy | None:
        """The policy that a decision was made under; None where there is none or it cannot be had."""
        if record is None:
            return None
        try:
            return self._policies.by_digest(record.call.policy.id, record.call.policy.digest)
        except (Unavailable, NotFound, Unreadable, Invalid):
            return None
