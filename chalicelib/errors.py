"""The tree of deliberate errors, each with its code, HTTP status and faults. Not for programming mistakes.

ServiceError
├── Unreadable        400  the bytes are not what they claim to be
├── BadRequest        400  a header, parameter or cursor is missing or malformed
├── Unauthenticated   401
├── Forbidden         403
├── NotFound          404  absent, or another force's: the two look alike
├── Refused           409  readable and right, but not allowed as things stand
├── Gone              410  erased
├── PreconditionFailed 412 / PreconditionRequired 428
├── TooLarge          413
├── Invalid           422  readable, but wrong: one fault for each thing that is wrong
└── Unavailable       503  something outside does not answer; says when to come back and what to do meanwhile
    ├── StoreFailed        a store did not answer, or not in time
    ├── NoPolicy           no policy is known to be in force: use the manual card
    └── NotRecorded        the advice could not be recorded anywhere
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: what, where (JSON Pointer into the document), and what would be right."""

    code: str
    where: str
    wrong: str
    right: str = ""
    line: int | None = None
    column: int | None = None

    def as_json(self) -> dict[str, str | int]:
        """The fault as a member of a problem document's `errors`."""
        found: dict[str, str | int] = {"code": self.code, "pointer": self.where, "detail": self.wrong}
        if self.right:
            found["expected"] = self.right
        if self.line is not None:
            found["line"] = self.line
        if self.column is not None:
            found["column"] = self.column
        return found

    def as_text(self) -> str:
        """The fault in one line for a terminal."""
        place = f"line {self.line}, column {self.column}: " if self.line is not None else ""
        where = f"{self.where}: " if self.where else ""
        return f"{place}{where}{self.wrong.rstrip('.')}." + (f" Expected: {self.right}" if self.right else "")


@dataclass(eq=False)
class ServiceError(Exception):
    """A refusal that a caller can act on. `extra` holds further members of the problem document."""

    detail: str
    faults: Sequence[Fault] = ()
    code: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    status: ClassVar[int] = 500
    title: ClassVar[str] = "The request could not be served"
    default_code: ClassVar[str] = "error"

    def __post_init__(self) -> None:
        """Give the exception its message, and its class's code unless a finer one was named."""
        super().__init__(self.detail)
        self.code = self.code or self.default_code


class Unreadable(ServiceError):
    """The body is not readable as what it claims to be."""

    status, title, default_code = 400, "The body cannot be read", "unreadable"


class BadRequest(ServiceError):
    """A header, a parameter or a cursor is missing or malformed."""

    status, title, default_code = 400, "The request is malformed", "bad_request"


class Unauthenticated(ServiceError):
    """No valid token."""

    status, title, default_code = 401, "A valid token is needed", "unauthenticated"


class Forbidden(ServiceError):
    """The token's roles do not carry the permission."""

    status, title, default_code = 403, "Not permitted", "forbidden"


class NotFound(ServiceError):
    """Absent, or another force's."""

    status, title, default_code = 404, "Not found", "not_found"


class Refused(ServiceError):
    """Understood, but not allowed as things stand."""

    status, title, default_code = 409, "Refused as things stand", "refused"


class Gone(ServiceError):
    """It was here and has been erased under authority."""

    status, title, default_code = 410, "Erased", "gone"


class PreconditionFailed(ServiceError):
    """Somebody else changed it first."""

    status, title, default_code = 412, "Changed meanwhile", "precondition_failed"


class PreconditionRequired(ServiceError):
    """An If-Match header is needed."""

    status, title, default_code = 428, "If-Match is needed", "precondition_required"


class TooLarge(ServiceError):
    """More bytes than the service takes."""

    status, title, default_code = 413, "Too large", "too_large"


class Invalid(ServiceError):
    """Readable, but wrong."""

    status, title, default_code = 422, "The content is wrong", "invalid"


class Unavailable(ServiceError):
    """Something outside does not answer."""

    status, title, default_code = 503, "Temporarily unavailable", "unavailable"


class StoreFailed(Unavailable):
    """A store did not answer, or not in time. Whether it acted is not known."""

    default_code = "store_failed"


class NoPolicy(Unavailable):
    """No policy is known to be in force."""

    title, default_code = "No policy is in force", "no_policy"


class NotRecorded(Unavailable):
    """The advice could be given but not recorded."""

    title, default_code = "Not recorded", "not_recorded"
