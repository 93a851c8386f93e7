"""A force's days: what a working day is, and in which zone clocks are read. It reads no clock."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, PlainSerializer, PlainValidator, WithJsonSchema

from chalicelib.model import Frozen, Line


def _date_of(value: object) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) and len(value) == len("2026-12-25") else "")
    except ValueError:
        raise ValueError('a date in quotation marks, such as "2026-12-25"') from None


def _zone_of(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("a time zone by its name, such as Europe/London") from None
    return name


Day = Annotated[
    date,
    PlainValidator(_date_of),
    PlainSerializer(date.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date"}),
]
"""A day of the calendar."""


class Calendar(Frozen):
    """The force's days: what a working day is, and in which zone clocks are read."""

    time_zone: Annotated[Line, AfterValidator(_zone_of)] = "Europe/London"
    bank_holidays: tuple[Day, ...] = ()
    known_until: Day
    """The last day for which the bank holidays are listed; of later weekdays it is not known whether they are one."""
