"""Overlays: a force's policy told as its differences from a base, `overlay/1`, and the flat policy the two make.

Plain values come in and a plain value comes out, so that what is hashed is what was written. Lists are changed by id
and single parts restated whole. Whether the whole fits together, the compiler says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, TypeAlias, TypeVar, cast

from pydantic import ConfigDict

from chalicelib.canonical import Json
from chalicelib.errors import Fault, Invalid
from chalicelib.model import Frozen, Line, Name, Slug
from chalicelib.policy import document, obligations
from chalicelib.policy.calendar import Calendar
from chalicelib.policy.closed_lists import EventKind
from chalicelib.policy.conditions import Condition
from chalicelib.policy.document import BasedOn, VersionLabel
from chalicelib.policy.vocabulary import suggested

Thing = TypeVar("Thing", bound=Frozen)

Object: TypeAlias = Mapping[str, Json]


class Part(Frozen, Generic[Thing]):
    """How one list of the base is changed; at least one of the four."""

    model_config = ConfigDict(defer_build=True, json_schema_extra={"minProperties": 1})

    add: tuple[Thing, ...] = ()
    """New ones. They come after those of the base."""
    replace: tuple[Thing, ...] = ()
    """Restated whole. Each stands where the one with its id stood."""
    remove: tuple[Name, ...] = ()
    order: tuple[Name, ...] = ()
    """The ids that come first, in this order. The rest follow as they stood."""


class Overlay(Frozen):
    """A policy as differences from a base."""

    model_config = ConfigDict(defer_build=True)

    format: Literal["overlay/1"]
    id: Slug
    force: Slug
    version: VersionLabel
    title: Line
    owner: Line
    change: Line
    """What this version changes, and why."""
    based_on: BasedOn
    """The base, and the digest of its canonical form: the one that `policy check` prints."""
    basis: Part[document.Basis] | None = None
    elements: Part[document.Element] | None = None
    grades: Part[document.Grade] | None = None
    base_grade: Name | None = None
    earned_when: Condition | None = None
    responses: Part[document.Response] | None = None
    facts: Part[document.Fact] | None = None
    impossible: Part[document.Impossible] | None = None
    conditions: Part[document.NamedCondition] | None = None
    rules: Part[document.Rule] | None = None
    precautions: Part[document.Precaution] | None = None
    duties: Part[obligations.Duty] | None = None
    checks: Part[document.Check] | None = None
    timers: Part[obligations.Timer] | None = None
    flags: Part[document.Flag] | None = None
    specified_needs: Part[document.SpecifiedNeed] | None = None
    texts: Part[obligations.Text] | None = None
    outcomes: Part[obligations.OutcomeReason] | None = None
    guarantees: Part[obligations.Guarantee] | None = None
    victims_code: obligations.VictimsCode | None = None
    calendar: Calendar | None = None
    events_fed: tuple[EventKind, ...] | None = None


LISTS = (
    "basis", "elements", "grades", "responses", "facts", "impossible", "conditions", "rules", "precautions", "duties",
    "checks", "timers", "flags", "specified_needs", "texts", "outcomes", "guarantees",
)  # fmt: skip
"""The parts that are changed by id."""

RESTATED = ("base_grade", "earned_when", "victims_code", "calendar", "events_fed")
"""The parts that are restated whole."""

_IDENTITY = ("id", "force", "version", "title", "owner", "change", "based_on")


class Origin(NamedTuple):
    """Where something in a composed policy was written."""

    of_overlay: bool
    """Whether in the overlay; else in the base."""
    pointer: str


@dataclass(frozen=True, slots=True)
class Composed:
    """A flat policy, and where what is in it was written."""

    value: Object
    places: Mapping[str, Origin]
    """The origin of each thing in a changed list, and of each part that the overlay has, by its pointer."""

    def origin(self, pointer: str) -> Origin:
        """Where what stands at a pointer into the flat policy was written."""
        head = pointer
        while head and head not in self.places:
            head = head.rpartition("/")[0]
        found = self.places.get(head, Origin(False, ""))
        return Origin(found.of_overlay, found.pointer + pointer[len(head) :])


def compose(base: Json, overlay: Json) -> Composed:
    """The flat policy of a base and an overlay, both as plain values of their models.

    Raises Invalid with one fault, a pointer into the overlay, for each change that cannot be made.
    """
    old, new = cast("Object", base), cast("Object", overlay)
    value = {**old, **{name: new[name] for name in (*_IDENTITY, *RESTATED) if name in new}}
    places = {f"/{name}": Origin(True, f"/{name}") for name in new}
    faults: list[Fault] = []
    for name in [name for name in LISTS if name in new]:
        changes = cast("Object", new[name])
        if not any(changes.values()):
            right = "add, replace, remove or order; or the part left out"
            faults.append(Fault("empty", f"/{name}", f"nothing is changed among {name}", right))
            continue
        changed = _Changed(name, things_of(old, name))
        listed = changed.by(changes)
        value[name] = [thing for thing, _ in listed]
        places |= {f"/{name}/{place}": origin for place, (_, origin) in enumerate(listed)}
        faults += changed.faults
    if faults:
        raise Invalid("The overlay does not fit its base.", faults)
    return Composed(value, places)


def things_of(whole: Object, part: str) -> Sequence[Object]:
    """The objects of a list that may be left out."""
    return cast("Sequence[Object]", whole.get(part) or ())


class _Changed:
    """One list of the base while an overlay changes it. Faults are collected, never raised."""

    def __init__(self, part: str, things: Sequence[Object]) -> None:
        self.faults: list[Fault] = []
        self._part = part
        self._known = [str(thing["id"]) for thing in things]
        self._listed = {
            name: (thing, Origin(False, f"/{part}/{place}"))
            for place, (name, thing) in enumerate(zip(self._known, things, strict=True))
        }

    def by(self, changes: Object) -> list[tuple[Object, Origin]]:
        """The list with the changes made, each thing with its origin."""
        for kind in ("replace", "add"):
            things = things_of(changes, kind)
            for place, name in self._each_once(kind, [str(thing["id"]) for thing in things]):
                if self._may(kind, name, f"/{self._part}/{kind}/{place}/id"):
                    self._listed[name] = (things[place], Origin(True, f"/{self._part}/{kind}/{place}"))
        replaced = {str(thing["id"]) for thing in things_of(changes, "replace")}
        removed = cast("Sequence[str]", changes.get("remove") or ())
        for place, name in self._each_once("remove", removed):
            self._remove(name, f"/{self._part}/remove/{place}", replaced=name in replaced)
        ordered = cast("Sequence[str]", changes.get("order") or ())
        first = [
            name
            for place, name in self._each_once("order", ordered)
            if self._there(name, f"/{self._part}/order/{place}", removed=name in removed)
        ]
        return [self._listed[name] for name in (*first, *(name for name in self._listed if name not in first))]

    def _each_once(self, kind: str, names: Sequence[str]) -> list[tuple[int, str]]:
        """The names with their places; of one that stands there a second time only that is said."""
        below = "/id" if kind in ("add", "replace") else ""
        for place, name in enumerate(names):
            if name in names[:place]:
                where = f"/{self._part}/{kind}/{place}{below}"
                self._fault("duplicate_id", where, f'the id "{name}" stands twice', "each id once")
        return [(place, name) for place, name in enumerate(names) if name not in names[:place]]

    def _may(self, kind: str, name: str, where: str) -> bool:
        if kind == "replace":
            return self._known_to_base(name, where)
        if name in self._known:
            self._fault("exists", where, f'the base has "{name}" among {self._part}', "it under replace, or another id")
        return name not in self._known

    def _remove(self, name: str, where: str, *, replaced: bool) -> None:
        if not self._known_to_base(name, where):
            return
        if replaced:
            self._fault("replaced_and_removed", where, f'"{name}" is replaced too', "one of the two")
        else:
            del self._listed[name]

    def _there(self, name: str, where: str, *, removed: bool) -> bool:
        if name in self._listed:
            return True
        if removed and name in self._known:
            self._fault("unknown_name", where, f'"{name}" is removed', "an id that stays")
        else:
            self._unknown(name, where, list(self._listed))
        return False

    def _known_to_base(self, name: str, where: str) -> bool:
        if name not in self._known:
            self._unknown(name, where, self._known)
        return name in self._known

    def _unknown(self, name: str, where: str, known: Sequence[str]) -> None:
        right = suggested(name, known, f"among {self._part}")
        self._fault("unknown_name", where, f'"{name}" is not among {self._part}', right)

    def _fault(self, code: str, where: str, wrong: str, right: str) -> None:
        self.faults.append(Fault(code, where, wrong, right))
