"""The one reader of JSON and YAML from outside: bytes to plain values, or every reason why not. It knows no model.

Refused in both: other encodings than UTF-8, duplicate names, floats, NaN, integers beyond +-(2^53-1), lone surrogates,
control characters, too many bytes and too much depth. Refused in YAML besides: anchors, aliases, tags, several
documents and every scalar that YAML 1.1 would silently turn into something else.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from chalicelib.canonical import LARGEST_INTEGER, Json, canonical
from chalicelib.errors import Fault, Invalid, TooLarge, Unreadable
from chalicelib.model import faults_of

DEEPEST = 32
"""Levels of nesting; the deepest document of ours has 14."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

_SHOWN = 64
"""How much of something wrong a fault repeats; what is longer is no name and no number of ours."""

Model = TypeVar("Model", bound=BaseModel)


def read_json(data: bytes, *, most: int) -> Json:
    """Parse JSON strictly. Raises TooLarge, or Unreadable with one fault for each thing that is wrong."""
    text = _decode(data, most)
    faults: list[Fault] = []

    def pairs(found: list[tuple[str, Json]]) -> dict[str, Json]:
        names: dict[str, Json] = {}
        for name, value in found:
            if name in names:
                wrong = f'the name "{name[:_SHOWN]}" stands twice in one object'
                faults.append(Fault("duplicate_name", _below("", name), wrong, "each name once"))
            names[name] = value
        return names

    def no_float(literal: str) -> int:
        faults.append(Fault("float", "", f"{literal[:_SHOWN]} is not a whole number", "whole numbers only"))
        return 0

    try:
        value: Json = json.loads(
            text, object_pairs_hook=pairs, parse_float=no_float, parse_constant=no_float, parse_int=_integer
        )
    except RecursionError:
        raise _too_deep("") from None
    except json.JSONDecodeError as error:
        fault = Fault("syntax", "", error.msg, "one JSON value", error.lineno, error.colno)
        raise Unreadable("The body is not JSON.", [fault]) from None
    _walk(value, "", 1, faults)
    _raise_any(faults, "The body is JSON that this service does not take.")
    return value


def read_model(model: type[Model], data: bytes, *, most: int) -> Model:
    """Parse JSON strictly into a model. Raises as `read_json`, and Invalid with the faults that the model found."""
    return as_model(model, read_json(data, most=most))


def as_model(model: type[Model], value: Json) -> Model:
    """Validate a plain value. Raises Invalid with one fault for each thing that the model refuses."""
    try:
        return model.model_validate_json(canonical(value))
    except ValueError as error:
        faults = faults_of(error) if isinstance(error, ValidationError) else [Fault("name", "", str(error))]
        raise Invalid("The content does not have the form that this service takes.", faults) from None


@dataclass(frozen=True, slots=True)
class Source:
    """A YAML document as plain values, and where in the text each of them stands."""

    value: Json
    places: dict[str, tuple[int, int]] = field(default_factory=dict)

    def located(self, fault: Fault) -> Fault:
        """The fault with line and column: of its pointer, or of the nearest thing around it that is in the text."""
        pointer = fault.where
        while pointer and pointer not in self.places:
            pointer = pointer.rpartition("/")[0]
        line, column = self.places.get(pointer, (1, 1))
        return Fault(fault.code, fault.where, fault.wrong, fault.right, line, column)


def read_yaml(data: bytes, *, most: int) -> Source:
    """Parse the plain part of YAML (JSON included). Raises TooLarge, or Unreadable with all faults."""
    # Read only here: most processes read no YAML, and the parser costs them ten milliseconds.
    from chalicelib.yaml_values import TooDeep, parse

    text = _decode(data, most)
    try:
        value, places, faults = parse(text, deepest=DEEPEST)
    except TooDeep as error:
        raise _too_deep(error.pointer) from None
    source = Source(value, places)
    _walk(value, "", 1, faults)
    _raise_any(
        [fault if fault.line else source.located(fault) for fault in faults],
        "The document has forms that this service does not take.",
    )
    return source


def _decode(data: bytes, most: int) -> str:
    if len(data) > most:
        raise TooLarge(f"The body has {len(data)} bytes; at most {most} are taken.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        fault = Fault("encoding", "", f"byte {error.start} is not UTF-8", "UTF-8")
        raise Unreadable("The body is not UTF-8 text.", [fault]) from None


def _integer(literal: str) -> int:
    return int(literal) if len(literal) < 18 else LARGEST_INTEGER + 1


def _too_deep(pointer: str) -> Unreadable:
    return Unreadable(
        "The body is nested too deeply.",
        [Fault("depth", pointer[:200], f"more than {DEEPEST} levels", f"at most {DEEPEST} levels")],
    )


def _below(pointer: str, name: str) -> str:
    return f"{pointer}/{name[:_SHOWN].replace('~', '~0').replace('/', '~1')}"


def _walk(value: Json, pointer: str, depth: int, faults: list[Fault]) -> None:
    if depth > DEEPEST:
        raise _too_deep(pointer)
    if isinstance(value, dict):
        for name, member in value.items():
            if _CONTROL.search(name) or not name.isascii():
                faults.append(Fault("name", pointer, "a name has characters that no name of ours has", "ASCII names"))
            _walk(member, _below(pointer, name), depth + 1, faults)
    elif isinstance(value, list):
        for place, member in enumerate(value):
            _walk(member, f"{pointer}/{place}", depth + 1, faults)
    elif fault := _wrong_scalar(value, pointer):
        faults.append(fault)


def _wrong_scalar(value: Json, pointer: str) -> Fault | None:
    if isinstance(value, str):
        found = _CONTROL.search(value)
        if found:
            wrong = f"U+{ord(found[0]):04X} is not allowed in text"
            return Fault("character", pointer, wrong, "text without control characters")
    elif type(value) is int and abs(value) > LARGEST_INTEGER:
        return Fault("integer", pointer, "the number is beyond 2^53-1", "a number within +-9007199254740991")
    return None


def _raise_any(faults: list[Fault], detail: str) -> None:
    if faults:
        raise Unreadable(detail, faults)
