"""The JSON Schemas of an owner's documents, for editors: what may stand where, in words and by example. No validation.

What a schema cannot say (whether names exist, whether a comparison fits its fact, whether grades are in order) is said
by `policy check`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from chalicelib.authoring.cases import Cases
from chalicelib.authoring.overlay import Overlay
from chalicelib.canonical import Json
from chalicelib.forms.members import example_of, words_for
from chalicelib.forms.shapes import Kind, Shape, fields_of, shape_of
from chalicelib.forms.wording import called, in_yaml
from chalicelib.model import Frozen, described
from chalicelib.policy.document import Policy

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_TITLES: Mapping[str, tuple[type[Frozen], str]] = {
    "policy/1": (Policy, "A THRIIVES policy"),
    "overlay/1": (Overlay, "A THRIIVES policy as differences from a base"),
    "cases/1": (Cases, "The cases of a THRIIVES policy"),
}
FORMATS = tuple(_TITLES)
"""The formats that have a schema."""

_CONDITION, _VALUE = "Condition", "Value"
_MOMENT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$"
_GIVEN = ("value", "at_least", "at_most", "present", "ruled_out")

_JOINT: Mapping[str, Json] = {
    # A fact and exactly one comparison: all that an object of two members can be. An editor completes this better
    # than it does alternatives.
    "FactLeaf": {"minProperties": 2, "maxProperties": 2},
    "Duty": {
        "if": {"properties": {"must_not": {"const": True}}, "required": ["must_not"]},
        "then": {"properties": {"done_by": {"maxItems": 0}, "again_on": {"maxItems": 0}, "minutes": False,
                                "working_days": False}},
        "else": {"properties": {"done_by": {"minItems": 1}}, "required": ["done_by"],
                 "not": {"required": ["minutes", "working_days"]}},
    },
    "OutcomeReason": {
        "if": {"required": ["refused"]},
        "then": {"properties": {"by": {"maxItems": 0}}},
        "else": {"properties": {"by": {"minItems": 1}}, "required": ["by"]},
    },
    "Guarantee": {
        "anyOf": [
            {"required": ["at_least"]}, {"required": ["attendance"]},
            *({"properties": {part: {"minItems": 1}}, "required": [part]} for part in ("never", "flags", "duties")),
        ],
    },
    "ExpectedGrade": {
        "if": {"required": ["is"]},
        "then": {"maxProperties": 1},
        "else": {"minProperties": 1},
    },
    "Given": {
        "if": {"required": ["absent"]},
        "then": {"properties": {**dict.fromkeys(_GIVEN, False), "correction": {"const": False}}},
        "else": {"anyOf": [{"required": [part]} for part in _GIVEN],
                 "if": {"required": ["value"]}, "then": {"properties": dict.fromkeys(_GIVEN[1:], False)}},
    },
}  # fmt: skip
"""What the members of an object have to be together."""


def schema_of(name: str) -> dict[str, Json]:
    """The JSON Schema of a format. Raises KeyError for a format that has none."""
    model, title = _TITLES[name]
    written = _Written()
    whole = written.object_of(model)
    return {
        "$schema": DIALECT,
        "$id": f"urn:thriives:schema:{name.replace('/', ':')}",
        "title": title,
        **{part: value for part, value in whole.items() if part != "title"},
        "$defs": dict(sorted(written.definitions.items())),
    }


def schema_text(name: str) -> str:
    """The schema as the file that is published."""
    return json.dumps(schema_of(name), indent=2, ensure_ascii=False) + "\n"


class _Written:
    """The definitions that a schema refers to, while it is written."""

    def __init__(self) -> None:
        self.definitions: dict[str, Json] = {}

    def object_of(self, model: type[Frozen]) -> dict[str, Json]:
        """The schema of an object: closed, each member with its meaning."""
        own, below = model.__name__.partition("[")[0], described(model)
        needed: list[Json] = [name for name, member in fields_of(model).items() if member.is_required()]
        members: dict[str, Json] = {}
        for name in fields_of(model):
            meaning = below.get(name) or below.get(f"{name}_") or words_for(own, name)
            members[name] = {**self.of(_shape_of_member(model, name)), "description": _with_example(meaning, own, name)}
        return {
            "title": called(model),
            "description": " ".join((model.__doc__ or "").split("\n\n")[0].split()),
            "type": "object",
            "properties": members,
            **({"required": needed} if needed else {}),
            "additionalProperties": False,
            **_extra(model),
            **_joint(own),
        }

    def of(self, shape: Shape) -> dict[str, Json]:
        """The schema of what may stand at a place."""
        if shape.model is not None:
            model = shape.model
            return self._defined(_definition(model), lambda: self.object_of(model))
        if shape.choices:
            kind = _CONDITION if "fact" in shape.choices else _VALUE
            return self._defined(kind, lambda: self._one_of(kind, shape))
        if shape.kind is Kind.LIST and shape.items is not None:
            return {"type": "array", "items": self.of(shape.items), **_limits(shape, "Items")}
        return _plain(shape)

    def _defined(self, name: str, schema: Callable[[], Json]) -> dict[str, Json]:
        if name not in self.definitions:
            self.definitions[name] = None  # so that a condition within a condition finds its place taken
            self.definitions[name] = schema()
        return {"$ref": f"#/$defs/{name}"}

    def _one_of(self, kind: str, shape: Shape) -> Json:
        if kind == _VALUE:
            words = "yes or no (or true or false), a whole number, or the id of an option."
            plain: Json = {"type": ["string", "integer", "boolean"]}
            return {"description": words, "anyOf": [{"enum": ["yes", "no"]}, plain]}
        # A chain by the first word, not alternatives: an editor then offers what follows that word and nothing else,
        # and tells one fault where all the alternatives would tell one each.
        heads: dict[str, Json] = {tag: {"description": words_for(_CONDITION, tag)} for tag in shape.choices}
        chain: dict[str, Json] = {"properties": heads, "minProperties": 1, "additionalProperties": False}
        for tag, choice in reversed(list(shape.choices.items())):
            chain = {"if": {"type": "object", "required": [tag]}, "then": self.of(choice), "else": chain}
        return {"description": "A condition: true, false or not known.", "type": "object", **chain}


def _with_example(meaning: str | None, model: str, member: str) -> Json:
    """The words of a member with an example: in the words, for an editor writes what stands under `examples`."""
    if meaning is None:
        raise KeyError(f"{model}.{member} has no words")
    example = example_of(model, member)
    return meaning if example is None else f"{meaning} Such as: {member}: {in_yaml(example)}"


def _shape_of_member(model: type[Frozen], name: str) -> Shape:
    found = shape_of(model).member(name)
    if found is None:
        raise KeyError(name)
    return found


def _definition(model: type[Frozen]) -> str:
    return model.__name__.replace("[", "Of").replace("]", "").rstrip("_")


def _plain(shape: Shape) -> dict[str, Json]:
    match shape.kind:
        case Kind.WORD if shape.words == ("true",):
            return {"const": True}
        case Kind.WORD:
            return {"enum": list(shape.words)} if len(shape.words) > 1 else {"const": shape.words[0]}
        case Kind.TEXT:
            return {
                "type": "string",
                **_limits(shape, "Length"),
                **({"pattern": shape.pattern} if shape.pattern else {}),
            }
        case Kind.NUMBER:
            bounds = {"minimum": shape.least, "maximum": shape.most}
            return {"type": "integer", **{name: bound for name, bound in bounds.items() if bound is not None}}
        case Kind.TRUTH:
            return {"type": "boolean"}
        case Kind.DAY:
            return {"type": "string", "format": "date", "pattern": r"^\d{4}-\d\d-\d\d$"}
    return {"type": "string", "format": "date-time", "pattern": _MOMENT}


def _limits(shape: Shape, of: str) -> dict[str, Json]:
    bounds: dict[str, int | None] = {f"min{of}": shape.least, f"max{of}": shape.most}
    return {name: bound for name, bound in bounds.items() if bound is not None}


def _extra(model: type[Frozen]) -> dict[str, Json]:
    # An overlay's part says so in its model: at least one change.
    extra = model.model_config.get("json_schema_extra")
    return {"minProperties": 1} if isinstance(extra, dict) and extra.get("minProperties") == 1 else {}


def _joint(name: str) -> dict[str, Json]:
    joint = _JOINT.get(name, {})
    return dict(joint) if isinstance(joint, dict) else {}
