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
        fault = _syntax(error, text)
    except yaml.YAMLError as error:
        fault = Fault("syntax", "", str(error).split("\n")[0], "", 1, 1)
    raise Unreadable("The document is not YAML.", [fault])


_QUOTED = "quotation marks around the whole text"
_PROBLEMS = {
    "mapping values are not allowed": ("a second colon stands here, or the line begins too far to the right",
                                       f"{_QUOTED}, or the same number of blanks as in the line above"),
    "block sequence entries are not allowed": ("a list cannot begin in the middle of a line",
                                               "the dash on a line of its own below, or [..]"),
    "mapping keys are not allowed": ("a text cannot begin with this character", _QUOTED),
    "found unexpected end of stream": ("the text that opens here is never closed", "a second quotation mark"),
    "could not find expected ':'": ("the line above has no colon", "a name, a colon, a blank and a value"),
    "did not find expected '-'": ("the line does not stand under the one that it belongs to",
                                  "the same number of blanks as in the line above"),
    "did not find expected key": ("this does not fit what stands before it",
                                  f"as many blanks as in the lines above; {_QUOTED} if it is part of it"),
    "alphabetic or numeric": ("a text cannot begin with & or *", _QUOTED),
    "did not find expected node content": ("a value is missing, or there is a comma or bracket too many",
                                           "one value between two commas, each bracket closed once"),
    "unknown escape character": ("a backslash in double quotation marks", "single quotation marks"),
}  # fmt: skip
"""What the parser says of a slip, and what a writer can make of it."""


def _syntax(error: yaml.MarkedYAMLError, text: str) -> Fault:
    """A slip in plain words, where the writer has to look for it."""
    problem, opened = error.problem or "", error.context_mark
    found = error.problem_mark or opened
    if found is None:
        return Fault("syntax", "", problem or "this is not YAML", "", 1, 1)
    there = text.splitlines()[found.line][found.column :] if found.line < len(text.splitlines()) else ""
    wrong, right = next((words for part, words in _PROBLEMS.items() if part in problem), (problem, ""))
    if there.startswith("\t"):
        wrong, right = "a tab stands here", "blanks, which look the same everywhere"
    elif "cannot start any token" in problem:
        wrong, right = f"a text cannot begin with {there[:1]}", _QUOTED
    elif "expected ',' or" in problem:
        wrong, right = (
            "a comma or a closing bracket is missing here",
            f"{problem[-10:]}; {_QUOTED} if it is part of one",
        )
        if opened and opened.line < found.line:
            found, wrong = opened, "what opens here is not closed, or a comma is missing in it"
        elif there.startswith(":"):
            wrong, right = "a second colon stands here", f"{_QUOTED}, or a comma before it"
    elif "end of stream" in problem and opened:
        found = opened
    return Fault("syntax", "", wrong, right, found.line + 1, found.column + 1)


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
            self._fault(
                "alias", pointer, f"*{event.anchor} is an alias", f"the value itself; {_QUOTED} if it is text", event
            )
        elif isinstance(event, yaml.NodeEvent) and event.anchor:
            self._fault(
                "anchor", pointer, f"&{event.anchor} is an anchor", f"no anchor; {_QUOTED} if it is text", event
            )
        if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)) and event.tag:
            self._fault("tag", pointer, f"{event.tag} is a tag", f"no tag; {_QUOTED} if it is text", event)

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
            wrong = f"{text} could be read in more than one way"
            self._fault("scalar", pointer, wrong, f'{_plainly(text)}, or "{text}" in quotation marks', event)
        return text

    def _fault(self, code: str, pointer: str, wrong: str, right: str, event: yaml.Event) -> None:
        self.faults.append(Fault(code, pointer, wrong, right, *_place(event)))


def _plainly(text: str) -> str:
    """A scalar that could be read in two ways, in the way that it is taken here."""
    if text.lower() in ("true", "false", "null"):
        return text.lower()
    return str(int(text)) if text.lstrip("0").isdigit() else "a whole number"


def _place(event: yaml.Event) -> tuple[int, int]:
    return (event.start_mark.line + 1, event.start_mark.column + 1) if event.start_mark else (1, 1)
