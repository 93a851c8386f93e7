"""YAML text as plain values. It knows no JSON, no model and no size: the reader does, and imports this only for YAML.

Values are built from the parser's events, so that nothing is resolved that was not meant.
Refused: anchors, aliases, tags, several documents, duplicate names and every scalar that YAML 1.1 would silently turn
into something else.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import yaml

from chalicelib.canonical import LARGEST_INTEGER, Json
from chalicelib.errors import Fault, Unreadable

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_LOOKS_NUMERIC = re.compile(
    r"[-+]?(\.?[0-9][0-9_]*)([.:][0-9_]*)*([eE][-+]?[0-9]+)?|0[xob][0-9a-fA-F_]+|[-+]?\.(inf|nan)", re.I
)


class TooDeep(Exception):
    """The document is nested more deeply than was allowed."""

    def __init__(self, pointer: str) -> None:
        """Keep where."""
        super().__init__(pointer)
        self.pointer = pointer


class Parsed(NamedTuple):
    """A document as plain values."""

    value: Json
    places: dict[str, tuple[int, int]]
    """Line and column of each value, by its JSON Pointer."""
    faults: list[Fault]
    """What is refused of it; parsing goes on behind each, so that all are found."""


def parse(text: str, *, deepest: int) -> Parsed:
    """Parse one document. Raises Unreadable for what is not YAML, TooDeep for more levels than `deepest`."""
    values = _Values(text, deepest)
    try:
        return Parsed(values.document(), values.places, values.faults)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        fault = Fault("syntax", "", error.problem or "syntax error", "", *place)
    except yaml.YAMLError as error:
        fault = Fault("syntax", "", str(error).split("\n")[0], "", 1, 1)
    raise Unreadable("The document is not YAML.", [fault])


class _Values:
    def __init__(self, text: str, deepest: int) -> None:
        self._events = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self._deepest = deepest
        self.faults: list[Fault] = []
        self.places: dict[str, tuple[int, int]] = {}

    def document(self) -> Json:
        next(self._events)  # the start of the stream
        first = next(self._events)
        if isinstance(first, yaml.StreamEndEvent):
            raise Unreadable(
                "The document is empty.", [Fault("empty", "", "the document is empty", "one YAML document", 1, 1)]
            )
        value = self._value(next(self._events), "", 1)
        next(self._events)  # the end of the document
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._fault("documents", "", "a second document begins here", "one document in a file", after)
        return value

    def _value(self, event: yaml.Event, pointer: str, depth: int) -> Json:
        self.places[pointer] = _place(event)
        if depth > self._deepest:
            raise TooDeep(pointer)
        self._refuse_extras(event, pointer)
        match event:
            case yaml.MappingStartEvent():
                return self._mapping(pointer, depth)
            case yaml.SequenceStartEvent():
                values: list[Json] = []
                while not isinstance(item := next(self._events), yaml.SequenceEndEvent):
                    values.append(self._value(item, f"{pointer}/{len(values)}", depth + 1))
                return values
            case yaml.ScalarEvent():
                return event.value if event.style else self._plain(event.value, pointer, event)
        return None  # an alias, which was refused above

    def _refuse_extras(self, event: yaml.Event, pointer: str) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._fault("alias", pointer, f"*{event.anchor} is an alias", "the value itself", event)
        elif isinstance(event, yaml.NodeEvent) and event.anchor:
            self._fault("anchor", pointer, f"&{event.anchor} is an anchor", "no anchors", event)
        if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)) and event.tag:
            self._fault("tag", pointer, f"{event.tag} is a tag", "no tags", event)

    def _mapping(self, pointer: str, depth: int) -> dict[str, Json]:
        names: dict[str, Json] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent) or event.anchor or event.tag:
                self._fault("name", pointer, "a name has to be plain text", "text", event)
                self._value(event, pointer + "/?", depth + 1)
                self._value(next(self._events), pointer + "/?", depth + 1)
                continue
            name = event.value
            where = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            if name in names:
                self._fault(
                    "duplicate_name", where, f'the name "{name}" stands twice in one object', "each name once", event
                )
            value = self._value(next(self._events), where, depth + 1)
            names[name] = value
        return names

    def _plain(self, text: str, pointer: str, event: yaml.Event) -> Json:
        match text:
            case "null" | "~" | "":
                return None
            case "true":
                return True
            case "false":
                return False
        if _INTEGER.fullmatch(text) and text != "-0":
            return int(text) if len(text) < 18 else LARGEST_INTEGER + 1
        if _LOOKS_NUMERIC.fullmatch(text) or text in {"True", "TRUE", "False", "FALSE", "Null", "NULL", "-0"}:
            self._fault(
                "scalar",
                pointer,
                f"{text} could be read in more than one way",
                "quotes around it, or a whole number, true, false or null",
                event,
            )
        return text

    def _fault(self, code: str, pointer: str, wrong: str, right: str, event: yaml.Event) -> None:
        self.faults.append(Fault(code, pointer, wrong, right, *_place(event)))


def _place(event: yaml.Event) -> tuple[int, int]:
    return (event.start_mark.line + 1, event.start_mark.column + 1) if event.start_mark else (1, 1)
