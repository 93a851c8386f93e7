"""Faults of a composed policy, told where its author can mend them: in the overlay. It finds no faults itself.

What stands in the overlay is told at its own place. What stands in the base is right there, so an overlay that makes it
wrong has taken away or changed something that the base uses: that is told once, there, with all that use it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from chalicelib.authoring.overlay import LISTS, Composed, Object, things_of
from chalicelib.canonical import Json
from chalicelib.errors import Fault
from chalicelib.reader import Source

_USED_AS: Mapping[str, tuple[str, ...]] = {
    "fact": ("facts",), "question": ("facts",), "on": ("conditions", "facts"), "condition": ("conditions",),
    "finding": ("elements",), "element": ("elements",), "grade": ("grades",), "grades": ("grades",),
    "at_least": ("grades",), "base_grade": ("grades",), "forbid": ("responses",), "never": ("responses",),
    "basis": ("basis",), "flag": ("flags",), "flags": ("flags",), "duties": ("duties",), "text": ("texts",),
}  # fmt: skip
"""What the name in a member of a policy is the name of; a member that is not listed may hold any."""

_FIRST = "conditions that only use earlier ones: `order` brings what was added before those that use it"

_MOST_USERS = 8
"""How many of those that use something are named."""


class _Cause(NamedTuple):
    """A change in the overlay that makes something of the base wrong."""

    code: str
    pointer: str
    name: str


def told(faults: Iterable[Fault], composed: Composed, overlay: Source, base_id: str) -> list[Fault]:
    """The faults of a composed policy with places in the overlay."""
    found: list[Fault] = []
    by_cause: dict[_Cause, list[Fault]] = {}
    changes = overlay.value if isinstance(overlay.value, dict) else {}
    for fault in faults:
        origin = composed.origin(fault.where)
        if origin.of_overlay:
            right = _FIRST if fault.code == "order" else fault.right
            found.append(overlay.located(Fault(fault.code, origin.pointer, fault.wrong, right)))
        elif (cause := _cause(fault, composed.value, changes)) is not None:
            by_cause.setdefault(cause, []).append(fault)
        else:
            named = overlay.located(Fault("", "/based_on", ""))
            wrong = f"in {base_id}: {fault.wrong}"
            found.append(Fault(fault.code, origin.pointer, wrong, fault.right, named.line, named.column))
    found += [overlay.located(_one(cause, those, composed.value, base_id)) for cause, those in by_cause.items()]
    return sorted(found, key=lambda fault: (fault.line or 0, fault.column or 0))


def _one(cause: _Cause, faults: Sequence[Fault], whole: Object, base_id: str) -> Fault:
    """One fault for one change, however much of the base it makes wrong."""
    users = _users(faults, whole)
    match cause.code:
        case "still_used":
            wrong = f'"{cause.name}" is still used in {base_id} by {users}'
            return Fault(cause.code, cause.pointer, wrong, "it kept, or those replaced or removed too")
        case "no_longer_fits":
            wrong = f'with "{cause.name}" changed so, {users} of {base_id} no longer fit: {faults[0].wrong}'
            return Fault(cause.code, cause.pointer, wrong, "what they use kept, or those replaced or removed too")
        case "duplicate_id":
            wrong = f'the id "{cause.name}" is used in {base_id} by {users}'
            return Fault(cause.code, cause.pointer, wrong, faults[0].right)
    wrong = f"changed so, {users} of {base_id} no longer fit: {faults[0].wrong}"
    return Fault(faults[0].code, cause.pointer, wrong, faults[0].right)


def _users(faults: Iterable[Fault], whole: Object) -> str:
    """Those in which faults are, by the parts that they belong to."""
    by_part: dict[str, list[str]] = {}
    for fault in faults:
        part, _, rest = fault.where[1:].partition("/")
        names = by_part.setdefault(part, [])
        if part in LISTS:
            name = str(things_of(whole, part)[int(rest.split("/")[0])]["id"])
            names += [name] if name not in names else []
    return ", ".join(
        part + (f" ({', '.join(names[:_MOST_USERS])}{' ...' if len(names) > _MOST_USERS else ''})" if names else "")
        for part, names in by_part.items()
    )


def _cause(fault: Fault, whole: Object, changes: Object) -> _Cause | None:
    """The change that most plainly made something of the base wrong."""
    steps = fault.where.split("/")[1:]
    way = list(_way(whole, steps))
    if fault.code in _ORDERED:
        part = _ORDERED[fault.code]
        where = f"/{part}/order" if _listed(changes, part, "order") else f"/{part}"
        return _Cause(fault.code, where, "") if part in changes else None
    if fault.code == "duplicate_id":
        return _of_name(("add",), str(way[-1]), ("rules", "precautions"), changes)
    if fault.code == "unknown_name":
        member = next((step for step in reversed(steps) if not step.isdigit()), "")
        return _of_name(("remove", "replace"), str(way[-1]), _USED_AS.get(member, LISTS), changes)
    compared = next((one["fact"] for one in reversed(way) if isinstance(one, Mapping) and "fact" in one), None)
    return _of_name(("replace",), str(compared), ("facts",), changes)


_ORDERED = {"order": "conditions", "grade_order": "grades"}
"""Faults in the order of a part."""

_TOLD_AS = {"add": "duplicate_id", "remove": "still_used", "replace": "no_longer_fits"}


def _of_name(kinds: Sequence[str], name: str, parts: Sequence[str], changes: Object) -> _Cause | None:
    """The change of one of these kinds to the thing of a name in one of these parts."""
    for kind in kinds:
        for part in parts:
            names = _listed(changes, part, kind)
            if name in names:
                below = "" if kind == "remove" else "/id"
                return _Cause(_TOLD_AS[kind], f"/{part}/{kind}/{names.index(name)}{below}", name)
    return None


def _listed(changes: Object, part: str, change: str) -> list[str]:
    """The ids that a change of a part names."""
    changed = changes.get(part)
    values = changed.get(change) if isinstance(changed, Mapping) else None
    found: list[str] = []
    for value in values if isinstance(values, Sequence) and not isinstance(values, str) else ():
        found.append(str(value["id"]) if isinstance(value, Mapping) else str(value))
    return found


def _way(value: Json, steps: Iterable[str]) -> Iterator[Json]:
    """What stands at each step of a pointer, the whole first, as far as there is anything."""
    yield value
    for step in steps:
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return
        yield value
