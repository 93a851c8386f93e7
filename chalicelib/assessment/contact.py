"""Closed lists about a contact: how far it has got, how it came in, and what its assessment is for."""

from __future__ import annotations

from enum import StrEnum


class ContactState(StrEnum):
    """How far the contact has got."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    LOST = "lost"
    TRANSFERRED = "transferred"
    WRITTEN = "written"

    @property
    def ended(self) -> bool:
        """Whether nothing more can be asked in this contact."""
        return self is not ContactState.IN_PROGRESS


class Channel(StrEnum):
    """How the contact came in."""

    EMERGENCY = "999"
    NON_EMERGENCY = "101"
    WEB = "web"
    MESSAGE = "message"
    FRONT_COUNTER = "front_counter"
    OTHER_AGENCY = "other_agency"
    OFFICER = "officer"
    OTHER = "other"


class Mode(StrEnum):
    """What the assessment is for. Only `live` counts in worklists and reports."""

    LIVE = "live"
    TRAINING = "training"
    TEST = "test"
    OBSERVE = "observe"
