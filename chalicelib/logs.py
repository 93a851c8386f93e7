"""Log lines as JSON, one object a line on standard error, with no call details. It decides nothing and counts nothing.

Only codes get through: short texts of the kind that ids, routes and error codes are, whole numbers, yes and no. What
else is given is dropped, and its name is listed under `dropped`. Messages of exceptions and of libraries never appear,
because they can quote what a caller said; where they arose does.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path

_LINES = logging.getLogger("thriives.lines")
_CODE = re.compile(r"[A-Za-z0-9/_][A-Za-z0-9._:/{}|-]{0,199}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LIKE_A_NUMBER_TO_CALL = re.compile(r"(?<![0-9A-Fa-f])[0-9](?:[.:/|_-]?[0-9]){6,}(?![0-9A-Fa-f])")
_FRAMES = 6

_correlation: ContextVar[str | None] = ContextVar("correlation", default=None)


def configure(level: str) -> None:
    """Send our lines, and those of libraries at WARNING or above, to standard error as JSON. May be called again."""
    _LINES.setLevel(level)
    _LINES.propagate = False
    _LINES.handlers = [_ToStandardError()]
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    # Lambda's runtime puts a handler there that prints whole messages.
    root.handlers = [_ToStandardError()]


@contextmanager
def correlated(correlation: str) -> Iterator[None]:
    """Within it, every line carries this correlation id."""
    before = _correlation.set(correlation)
    try:
        yield
    finally:
        _correlation.reset(before)


def log(event: str, **codes: object) -> None:
    """Write one line about something that happened."""
    _LINES.info(event, extra={"codes": codes})


def log_fault(error: BaseException, **codes: object) -> None:
    """Write one line about an unforeseen error: its class, where it arose, its causes, but no message."""
    _LINES.error("fault", extra={"codes": {"error": _class_of(error), **codes}, "places": _places(error)})


class _ToStandardError(logging.Handler):
    """Writes to the standard error of the moment, so that it can be redirected."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record as one line."""
        try:
            sys.stderr.write(_line(record) + "\n")
            sys.stderr.flush()
        except (OSError, ValueError):
            self.handleError(record)


def _line(record: logging.LogRecord) -> str:
    found: dict[str, object] = {
        "time": datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "level": record.levelname,
        "event": record.msg if record.name == _LINES.name else "library",
    }
    if correlation := _correlation.get():
        found["correlation"] = correlation
    codes = {name: value for name, value in _codes(record).items() if value is not None}
    taken = {name: value for name, value in codes.items() if _is_code(value) and name not in found}
    if places := getattr(record, "places", None):
        found["places"] = places
    if dropped := sorted(codes.keys() - taken.keys()):
        found["dropped"] = dropped
    return json.dumps({**found, **taken}, separators=(",", ":"))


def _codes(record: logging.LogRecord) -> dict[str, object]:
    if record.name == _LINES.name:
        return dict(getattr(record, "codes", {}))
    codes: dict[str, object] = {"logger": record.name, "where": f"{record.module}:{record.lineno}"}
    if record.exc_info and record.exc_info[1]:
        codes["error"] = _class_of(record.exc_info[1])
    return codes


def _is_code(value: object) -> bool:
    if isinstance(value, bool | int):
        return abs(value) < 10_000_000
    if not (isinstance(value, str) and _CODE.fullmatch(value)):
        return False
    return _UUID.fullmatch(value) is not None or not _LIKE_A_NUMBER_TO_CALL.search(value)


def _class_of(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _places(error: BaseException) -> list[str]:
    """Where the error and each of its causes arose, innermost last: `file:line:function`."""
    places: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(places) < 3 * _FRAMES:
        frames = traceback.extract_tb(seen.__traceback__)[-_FRAMES:]
        places += [f"{Path(frame.filename).name}:{frame.lineno}:{frame.name}" for frame in frames]
        seen = seen.__cause__ or seen.__context__
        if seen is not None:
            places.append(f"because of {_class_of(seen)}")
    return places
