"""The declaration of a path, query or header parameter, and the check of what was sent. It reads no request."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from chalicelib.canonical import Json
from chalicelib.errors import BadRequest, Fault
from chalicelib.model import instant_of

LONGEST = 4096
"""Characters of one value; a sealed cursor is the longest that is declared."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffd]")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,15})")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation, with its JSON Schema (a flat one: type, pattern, enum, bounds, date-time)."""

    name: str
    place: Literal["path", "query", "header"]
    schema: Mapping[str, Json]
    description: str
    required: bool = False
    example: Json = None

    def fault_in(self, text: str) -> str | None:
        """What is wrong with a value, or None."""
        if len(text) > LONGEST or _CONTROL.search(text):
            return "it is too long, or holds control characters"
        match self.schema.get("type"):
            case "integer":
                return _fault_in_integer(self.schema, text)
            case "boolean":
                return None if text in ("true", "false") else "it is neither true nor false"
        return _fault_in_text(self.schema, text)

    def right(self) -> str:
        """What would be right, in words."""
        schema = self.schema
        if isinstance(choices := schema.get("enum"), list | tuple):
            return "one of " + ", ".join(str(choice) for choice in choices)
        if schema.get("format") == "date-time":
            return "a time with its offset, such as 2026-11-23T04:17:00Z, with each + written as %2B"
        if schema.get("type") == "integer":
            return f"a whole number from {schema.get('minimum', 'any')} to {schema.get('maximum', 'any')}"
        return str(schema.get("pattern", schema.get("type", "")))


def check_parameters(
    declared: Sequence[Parameter], path: Mapping[str, str], query: Mapping[str, Sequence[str]]
) -> Mapping[str, str]:
    """The query's single values. Raises BadRequest with a fault for each unknown, repeated, missing or wrong one."""
    faults = [
        fault
        for parameter in declared
        if parameter.place == "path"
        for fault in _faults_of(parameter, [path[parameter.name]])
    ]
    known = {parameter.name: parameter for parameter in declared if parameter.place == "query"}
    for name in query:
        if name not in known:
            fine = ", ".join(known) or "none: this operation has no query parameters"
            faults.append(Fault("unknown_parameter", f"/query/{name[:64]}", "the parameter is not known", fine))
    for name, parameter in known.items():
        faults += _faults_of(parameter, query.get(name, ()))
    if faults:
        raise BadRequest("The address is not one that this operation takes.", faults)
    return {name: values[0] for name, values in query.items()}


def _faults_of(parameter: Parameter, values: Sequence[str]) -> list[Fault]:
    where = f"/{parameter.place}/{parameter.name}"
    if not values:
        return [Fault("missing_parameter", where, "it is missing", parameter.right())] if parameter.required else []
    if len(values) > 1:
        return [Fault("repeated_parameter", where, f"it stands {len(values)} times", "once")]
    wrong = parameter.fault_in(values[0])
    return [Fault("parameter", where, wrong, parameter.right())] if wrong else []


def _fault_in_integer(schema: Mapping[str, Json], text: str) -> str | None:
    if not _INTEGER.fullmatch(text):
        return "it is not a whole number"
    least, most = schema.get("minimum"), schema.get("maximum")
    if (isinstance(least, int) and int(text) < least) or (isinstance(most, int) and int(text) > most):
        return "it is outside the range"
    return None


def _fault_in_text(schema: Mapping[str, Json], text: str) -> str | None:
    choices, pattern = schema.get("enum"), schema.get("pattern")
    least, most = schema.get("minLength"), schema.get("maxLength")
    if isinstance(choices, list | tuple) and text not in choices:
        return "it is not one of the choices"
    if isinstance(pattern, str) and not re.search(pattern, text):
        return "it does not have the right form"
    if (isinstance(least, int) and len(text) < least) or (isinstance(most, int) and len(text) > most):
        return "it is too short or too long"
    if schema.get("format") == "date-time":
        try:
            instant_of(text)
        except ValueError as error:
            return str(error)
    return None
