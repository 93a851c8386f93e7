"""The frozen base of every model, and the types that many of them share. No behaviour of the domain.

Times are aware datetimes inside and `YYYY-MM-DDTHH:MM:SS.ffffffZ` in every stored form: text order is time order.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    GetJsonSchemaHandler,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
)

from chalicelib.errors import Fault

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")


class Frozen(BaseModel):
    """A value: immutable, strictly typed, with no member that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The schema, each member described by the words that stand under it.

        Pydantic's own `use_attribute_docstrings` reads the sources of all models whenever they are imported, which a
        new Lambda container would pay for; here they are read when a schema is asked for.
        """
        schema = handler(core)
        members = handler.resolve_ref_schema(schema).get("properties", {})
        for name, words in described(cls).items():
            member = members.get(cls.model_fields[name].alias or name)
            if member is not None:
                member["description"] = words
        return schema


def described(model: type[BaseModel]) -> dict[str, str]:
    """The words under each field of a model and of the models it extends."""
    found: dict[str, str] = {}
    for known in reversed(model.__mro__):
        if not (isinstance(known, type) and issubclass(known, Frozen) and known is not Frozen):
            continue
        if known.__pydantic_generic_metadata__["args"]:
            continue  # a generic model with its parameter filled in; the words stand in the model it extends
        [definition] = ast.parse(textwrap.dedent(inspect.getsource(known))).body
        lines = definition.body if isinstance(definition, ast.ClassDef) else []
        for field, below in pairwise(lines):
            words = ast.get_docstring(ast.Module([below], [])) if isinstance(below, ast.Expr) else None
            if words and isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                found[field.target.id] = words
    return found


def instant_of(text: object) -> datetime:
    """Read an RFC 3339 time with its offset as UTC. Raises ValueError otherwise."""
    if isinstance(text, datetime) and text.tzinfo is not None:
        return text.astimezone(UTC)
    if not (isinstance(text, str) and _RFC3339.fullmatch(text)):
        raise ValueError("not a time in RFC 3339 form with its offset, such as 2026-11-23T04:17:00Z")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("not a time that exists, such as 2026-11-23T04:17:00Z") from error


def instant_text(instant: datetime) -> str:
    """The one stored form of a time: UTC, six decimals, `Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


Instant = Annotated[
    datetime,
    PlainValidator(instant_of),
    PlainSerializer(instant_text, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A moment, read with its offset, kept in UTC."""

Reference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
"""A reference of another system, kept as given."""

Identity = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:|-]{1,128}$")]
"""An opaque id of a person or a system. An e-mail address does not fit, so that no name gets into records and logs."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""The id of something that a policy declares."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
"""The id of a force or a policy."""

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 in lower-case hexadecimal."""

Line = Annotated[str, StringConstraints(min_length=1, max_length=600, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""One line of words of the policy owner."""


def faults_of(error: ValidationError) -> list[Fault]:
    """What a model refused, one fault each, without repeating the input (it may be about a person)."""
    return [
        Fault(found["type"], _pointer(found["loc"]), found["msg"].removeprefix("Value error, "))
        for found in error.errors(include_url=False, include_input=False, include_context=False)
    ]


def _pointer(path: Iterable[Any]) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
