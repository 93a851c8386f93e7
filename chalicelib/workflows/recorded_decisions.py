"""Recorded decisions from day files, as a backtest takes them. It reads of a record what is compared, and no more.

What was shown is passed over, and of the result only a part is read. The call is read whole and strictly.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, ValidationError

from chalicelib.assessment.call import Call
from chalicelib.assessment.contact import Mode
from chalicelib.authoring.backtest import Recorded
from chalicelib.authoring.use import Decided
from chalicelib.errors import Unreadable
from chalicelib.model import Instant
from chalicelib.policy.document import National
from chalicelib.policy.levels import Level
from chalicelib.records.day_file import DayFile
from chalicelib.records.kinds import Kind


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


class _Kept(_Part):
    kind: Kind
    mode: Mode


class _Details(_Part):
    outcome: str | None = None
    basis: tuple[str, ...] = ()


class _Outcome(_Part):
    envelope: _Kept
    details: _Details


class _Decision(_Part):
    envelope: _Envelope
    call: Call
    result: _Result


def live_decisions(day: DayFile) -> Iterator[Recorded | Decided | None]:
    """Each decision and outcome of a day in turn; None for others, and for another mode than live.

    Raises Unreadable for a damaged file.
    """
    for line in day.records():
        try:
            if _EVENT in line[:_NEAR]:
                yield _decided(_Outcome.model_validate_json(line))
                continue
            decision = _Decision.model_validate_json(line)
        except ValidationError:
            # Whatever is wrong would quote the record.
            raise Unreadable("A line of the day's file is not the record of a decision.", code="day_damaged") from None
        yield _recorded(decision) if decision.envelope.mode is Mode.LIVE else None


_EVENT, _NEAR = b'{"details":', 11
"""How the record of an event begins; members stand in order, so that a decision's begins with its call."""


def _decided(event: _Outcome) -> Decided | None:
    """What a human decided, if the event is a live outcome."""
    if event.envelope.kind is not Kind.OUTCOME or event.envelope.mode is not Mode.LIVE:
        return None
    return Decided(event.details.outcome or "", event.details.basis)


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
