"""A day as clocks in the United Kingdom show it, from midnight to midnight. It reads no clock.

Days on which the clocks change have 23 or 25 hours. Files of days go by UTC instead: see `day_file`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def local_day(day: date) -> tuple[datetime, datetime]:
    """When a day begins and when the next one does. Raises OverflowError for the last day that there is."""
    london = ZoneInfo("Europe/London")
    begins, ends = (datetime.combine(one, time.min, london) for one in (day, day + timedelta(days=1)))
    return begins.astimezone(UTC), ends.astimezone(UTC)


def local_date(at: datetime) -> date:
    """The day that a moment lies in."""
    return at.astimezone(ZoneInfo("Europe/London")).date()
