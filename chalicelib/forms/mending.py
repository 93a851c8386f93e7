"""What else is wrong with a policy whose form is wrong, so that an owner sees all faults at once and no cascade.

Each member that the model refused is left out or gets a stand-in, and what is told of a stand-in is not passed on. What
is mended here is never stored, applied or shown.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field

from chalicelib.canonical import Json
from chalicelib.errors import Fault, Invalid
from chalicelib.forms.shapes import Kind, Shape, fields_of, shape_of
from chalicelib.forms.wording import meant_member, plain_faults
from chalicelib.policy.compiler import compile_policy
from chalicelib.policy.document import Policy
from chalicelib.reader import as_model

_ROUNDS = 4
"""How often mending may bring to light what the model had not come to yet."""

_OF_THE_WHOLE = frozenset({"no_effect", "unless", "fact_form", "calendar"})
"""Faults of an object as a whole: a mended member can be their only cause."""

_OF_VALUES = ("type", "options", "range", "history", "clock")
"""The members of a fact that say which values it has."""

_NAMELESS = "x"
"""The id of a stand-in that has none of its own."""

_ONLY_WORDS = frozenset({"says", "title", "question", "help", "phrase", "phrase_no", "basis", "id"})
"""Members that nothing else in an object depends on."""

_BESIDES: dict[str, dict[str, Json]] = {
    "FactLeaf": {"is": True}, "Duty": {"must_not": True}, "OutcomeReason": {"refused": "x"},
    "Guarantee": {"attendance": True},
}  # fmt: skip
"""What stand-ins need besides their required members."""


@dataclass(slots=True)
class _Mended:
    """A document while it is mended, and where that was done."""

    value: Json
    places: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    """The parts of which an id is not known any more."""


def further_faults(value: Json, refused: Sequence[Fault]) -> list[Fault]:
    """The faults of a policy that are not of its form, besides those that its model refused."""
    if not isinstance(value, dict):
        return []
    mended, faults = _Mended(copy.deepcopy(value)), list(refused)
    for _ in range(_ROUNDS):
        for fault in faults:
            _mend(mended, fault)
        try:
            policy = as_model(Policy, mended.value)
        except Invalid as error:
            faults = plain_faults(Policy, error.faults, mended.value)
            continue
        return _judged(policy, mended)
    return []


def _judged(policy: Policy, mended: _Mended) -> list[Fault]:
    doubtful = [
        fact.id
        for place, fact in enumerate(policy.facts)
        if any(where == f"/facts/{place}" or where.startswith(_of_values(place)) for where in mended.places)
    ]
    try:
        compile_policy(policy, "", doubtful)
    except Invalid as error:
        return [fault for fault in error.faults if not _is_of_a_stand_in(fault, mended)]
    return []


def _of_values(place: int) -> tuple[str, ...]:
    return tuple(f"/facts/{place}/{member}" for member in _OF_VALUES)


def _is_of_a_stand_in(fault: Fault, mended: _Mended) -> bool:
    if any(fault.where == place or fault.where.startswith(f"{place}/") for place in mended.places):
        return True
    around = {fault.where, fault.where.rpartition("/")[0]}
    telling = [(place, *place.rsplit("/", 1)) for place in mended.places]
    if fault.code in _OF_THE_WHOLE and any(above in around and name not in _ONLY_WORDS for _, above, name in telling):
        return True
    if fault.code == "unknown_name":
        return any(part in fault.wrong for part in mended.lost)
    if fault.code == "grade_order":
        return any(place == "/grades" or above == "/grades" or name == "national" for place, above, name in telling)
    return fault.code == "calendar" and any(place.startswith("/calendar") for place in mended.places)


def _mend(mended: _Mended, fault: Fault) -> None:
    names, above, wanted = _way(mended.value, fault.where)
    holder = _holder(mended.value, names[:-1])
    if not names or above is None:
        return
    mended.places.add(fault.where)
    if isinstance(holder, list) and wanted is not None:
        holder[int(names[-1])] = _stand_in(wanted, holder[int(names[-1])])
    elif isinstance(holder, dict):
        _mend_member(mended, holder, (above, names[-1]), fault)
    _note_lost(mended, fault)


def _way(value: Json, pointer: str) -> tuple[list[str], Shape | None, Shape | None]:
    """The steps of a pointer, and what may stand at the last but one and at the last; None where that is not known."""
    names = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    above: Shape | None = None
    here: Shape | None = shape_of(Policy)
    for name in names:
        if here is not None and here.choices:
            told = value if isinstance(value, dict) else {}
            here = next((choice for tag, choice in here.choices.items() if tag in told), None)
        above, here = here, (here.items if here.kind is Kind.LIST else here.member(name)) if here else None
        value = _below(value, name)
    return names, above, here


def _below(value: Json, name: str) -> Json:
    if isinstance(value, dict):
        return value.get(name)
    return value[int(name)] if isinstance(value, list) and name.isdigit() and int(name) < len(value) else None


def _mend_member(mended: _Mended, holder: dict[str, Json], member: tuple[Shape, str], fault: Fault) -> None:
    above, name = member
    known = fields_of(above.model) if above.model else {}
    written = holder.pop(name, None)
    if name in known and known[name].is_required():
        wanted = above.member(name)
        holder[name] = _stand_in(wanted, written) if wanted else None
    elif name not in known:
        meant = meant_member(name, [one for one in known if one not in holder])
        if meant is not None:
            holder[meant] = written
            mended.places.add(f"{fault.where.rpartition('/')[0]}/{meant}")


def _note_lost(mended: _Mended, fault: Fault) -> None:
    """Note the part to which names may lead that now lead nowhere."""
    part, _, rest = fault.where[1:].partition("/")
    thing = _holder(mended.value, [part, rest]) if rest.isdigit() else None
    nameless = isinstance(thing, dict) and thing.get("id") == _NAMELESS
    if not rest or nameless or rest.endswith("/id"):
        mended.lost |= {f"among {part}", *(["neither a yes/no fact nor"] if part in ("facts", "conditions") else [])}


def _holder(value: Json, names: Sequence[str]) -> Json:
    """What stands at a place."""
    for name in names:
        value = _below(value, name)
    return value


def _stand_in(shape: Shape, written: Json = None) -> Json:
    """A value of the right form that means nothing; it keeps the id of what it stands for."""
    if shape.model is not None:
        named = {"id": written["id"]} if isinstance(written, dict) and isinstance(written.get("id"), str) else {}
        needed = [name for name, member in fields_of(shape.model).items() if member.is_required()]
        parts = {name: _stand_in(part) for name in needed if (part := shape.member(name)) is not None}
        return {**parts, **named, **_BESIDES.get(shape.model.__name__, {})}
    if shape.choices:
        return {"fact": _NAMELESS, "is": True} if "fact" in shape.choices else True
    if shape.kind is Kind.LIST and shape.items is not None:
        return [_stand_in(shape.items) for _ in range(shape.least or 0)]
    if shape.kind is Kind.WORD:
        return shape.words[0]
    return _PLAIN[shape.kind] if shape.kind is not Kind.NUMBER else shape.least or 0


_PLAIN: dict[Kind, Json] = {
    Kind.TEXT: _NAMELESS, Kind.TRUTH: False, Kind.DAY: "2026-01-01", Kind.MOMENT: "2026-01-01T00:00:00Z",
}  # fmt: skip
