"""Recorded decisions from day files, as a backtest takes them. It reads of a record what is compared, and no more.

What was shown is passed over, and of the result only a part is read. The call is read whole and strictly.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, ValidationError

from chalicelib.assessment.call import Call
from chalicelib.assessment.contact import Mode
from chalicelib.authoring.backtest import Recorded
from chalicelib.errors import Unreadable
from chalicelib.model import Instant
from chalicelib.policy.document import National
from chalicelib.policy.levels import Level
from chalicelib.records.day_file import DayFile


class _Part(BaseModel):
    """Part of something recorded; other members of it are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class _Envelope(_Part):
    id: str
    at: Instant
    mode: Mode


class _Grades(_Part):
    recommended: National


class _Found(_Part):
    element: str
    level: Level


class _Reason(_Part):
    id: str
    grade: str | None = None


class _Reply(_Part):
    require: str | None = None
    permitted: tuple[str, ...] = ()


class _Result(_Part):
    national: _Grades
    findings: tuple[_Found, ...]
    reasons: tuple[_Reason, ...]
    response: _Reply
    flags: tuple[str, ...]


class _Decision(_Part):
    envelope: _Envelope
    call: Call
    result: _Result


def live_decisions(day: DayFile) -> Iterator[Recorded | None]:
    """Each decision of a day in turn; None for one of another mode than live. Raises Unreadable for a damaged file."""
    for line in day.records():
        try:
            decision = _Decision.model_validate_json(line)
        except ValidationError:
            # Whatever is wrong would quote the record.
            raise Unreadable("A line of the day's file is not the record of a decision.", code="day_damaged") from None
        yield _recorded(decision) if decision.envelope.mode is Mode.LIVE else None


def _recorded(decision: _Decision) -> Recorded:
    envelope, result = decision.envelope, decision.result
    return Recorded(
        id=envelope.id,
        at=envelope.at,
        call=decision.call,
        grade=result.national.recommended,
        findings={found.element: found.level for found in result.findings},
        attendance=result.response.require is not None,
        permitted=result.response.permitted,
        flags=result.flags,
        reasons={reason.id: reason.grade for reason in result.reasons},
    )
