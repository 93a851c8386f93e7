"""A model's refusals as faults in plain words: what stands there, what would be right, what was probably meant.

It finds nothing wrong itself, except members that were left empty. The codes are in docs/writing-a-policy.md.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from pydantic.fields import FieldInfo

from chalicelib.canonical import Json, canonical
from chalicelib.errors import Fault
from chalicelib.forms.members import example_of
from chalicelib.forms.shapes import Kind, Shape, fields_of, shape_of, trace
from chalicelib.model import Frozen
from chalicelib.policy.conditions import COMPARISONS, FactLeaf, FindingLeaf
from chalicelib.policy.vocabulary import LONGEST_CHOICE, nearest

LONGEST_SHOWN = 60
"""How much of a wrong value a fault repeats."""

CODES = {
    "missing": "missing",
    "extra_forbidden": "unknown_key",
    "enum": "unknown_word",
    "literal_error": "unknown_word",
    "string_too_short": "text_form",
    "string_too_long": "text_form",
    "too_short": "too_few",
    "too_long": "too_many",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "condition": "condition",
    "value": "value",
}
"""What the model calls a fault, and what owners and other systems know it by. Any other is of the wrong kind."""

_FORMS = {
    r"^[a-z][a-z0-9_]{0,63}$": ("an id", "small letters, digits and _, beginning with a letter, such as {}"),
    r"^[a-z0-9][a-z0-9-]{0,63}$": ("an id", "small letters, digits and -, such as {}"),
    r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$": ("a version", 'up to 32 letters, digits, ".", "_" and "-", such as "2026.1"'),
    r"^[A-Za-z0-9._-]{1,64}$": ("a reference", 'up to 64 letters, digits, ".", "_" and "-", such as P01'),
    r"^[0-9a-f]{64}$": ("a digest", "the 64 characters that `policy check` prints"),
}
"""The forms of texts that are no free words: what each is called, and what it is."""

_ARTICLES = {FactLeaf: "a comparison of a fact", FindingLeaf: "a comparison of a finding"}
_CONDITION = "a condition, such as {fact: weapon, is: yes}"
_TAGS = ("fact", "finding", "condition", "all", "any", "none")

_MEANT: Mapping[str, tuple[str, ...]] = {
    "is": ("at_least",), "equals": ("is",), "equal": ("is",), "eq": ("is",), "value": ("is",),
    "not": ("none", "is_not"), "not_equal": ("is_not",), "in": ("one_of",), "includes": ("includes_any",),
    "contains": ("includes_any",), "has": ("includes_any",), "min": ("at_least", "least"),
    "minimum": ("at_least", "least"), "more_than": ("at_least",), "max": ("at_most", "most"),
    "maximum": ("at_most", "most"), "less_than": ("at_most",), "and": ("all",),
    "or": ("any",), "if": ("when",), "condition": ("when",), "except": ("unless",), "name": ("title", "id"),
    "description": ("title", "help", "says"), "label": ("title",), "reason": ("says",), "text": ("says", "title"),
    "source": ("basis",), "sources": ("basis",), "values": ("options",), "choices": ("options",), "tags": ("options",),
    "hint": ("help",), "finding": ("findings",), "priority": ("grade",), "who": ("owed_by",), "by": ("owed_by",),
}  # fmt: skip
"""Other words for what members are called here."""


def plain_faults(model: type[Frozen], refused: Sequence[Fault], value: Json) -> list[Fault]:
    """The faults of a document: those that its model found, in plain words, and the members that are empty."""
    found = empty_members(value)
    empty = {fault.where for fault in found}
    told = [_Told(model, fault, value) for fault in refused]
    missing = {one.where for one in told if one.code == "missing"}
    meant = {one.where: one.meant(missing) for one in told if one.code == "extra_forbidden"}
    for one in told:
        if one.code == "too_short" and any(other.where.startswith(one.where + "/") for other in told):
            continue  # the model does not count the parts that are wrong, and those have faults of their own
        if one.code == "missing" and one.where in meant.values():
            continue  # it is there under a name that is not quite its own
        judges_whole = one.code == "value_error" and any(where.rpartition("/")[0] == one.where for where in empty)
        if one.where not in empty and not judges_whole:
            found.append(one.fault())
    return found


def empty_members(value: Json) -> list[Fault]:
    """The places where something is named and nothing stands: more likely forgotten than meant."""
    right = "a value, or the line left out"
    return [Fault("empty", where, f"{name} is empty", right) for where, name in _nulls(value, "")]


def _nulls(value: Json, pointer: str) -> Iterator[tuple[str, str]]:
    """Where nothing stands after a colon or a dash, and what it is called."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        where = f"{pointer}/{_escaped(str(name))}"
        if part is None and not str(name).partition(":")[1]:
            yield where, f'"{name}"' if isinstance(name, str) else "this entry of the list"
        yield from _nulls(part, where)


def meant_member(name: str, known: Sequence[str]) -> str | None:
    """The member that a name which is not known was probably meant to be."""
    meant = _MEANT.get(name.lower(), ())
    return next((one for one in meant if one in known), nearest(name, known))


class _Told:
    """One refusal of a model, while it is put in words."""

    def __init__(self, model: type[Frozen], fault: Fault, value: Json) -> None:
        steps = trace(shape_of(model), fault.where)
        self.code, self._said = fault.code, fault.wrong
        """What the model calls it."""
        self._name = steps[-1][0] if steps else ""
        self._called = next((step for step, _ in reversed(steps) if not step.isdigit()), "the document")
        self._shape = steps[-1][1] if steps else shape_of(model)
        above = steps[-2][1] if len(steps) > 1 else shape_of(model)
        self._model = above.model if above else None
        """The model of the object that the place is a member of."""
        self._object, self._value = _at(value, [step for step, _ in steps])
        self.where = "".join(f"/{_escaped(step)}" for step, _ in steps)

    def meant(self, missing: Collection[str]) -> str:
        """Of a member that is not known: where the one would stand that it was probably meant to be."""
        around = self.where.rpartition("/")[0]
        lacking = [where.rpartition("/")[2] for where in missing if where.rpartition("/")[0] == around]
        return f"{around}/{meant_member(self._name, lacking) or meant_member(self._name, list(_fields(self._model)))}"

    def fault(self) -> Fault:
        """The fault in plain words."""
        match CODES.get(self.code):
            case "missing":
                return self._as("missing", f"{_called(self._model, self._object)} has no {self._name}", self._needed())
            case "unknown_key":
                return self._unknown_key()
            case "unknown_word":
                words = self._shape.words if self._shape else ()
                near = nearest(self._value, words) if len(words) > 1 else None
                right = self._wanted() + (f'; did you mean "{near}"?' if near else "")
                return self._as("unknown_word", f"{_shown(self._value)} is not a word for {self._called}", right)
            case "too_few" | "too_many" as code:
                return self._count(code)
            case "out_of_range":
                return self._as("out_of_range", f"{_shown(self._value)} is out of range", self._wanted())
            case "condition":
                return self._condition()
            case _:
                return self._judged() if self.code == "value_error" else self._form()

    def _as(self, code: str, wrong: str, right: str) -> Fault:
        return Fault(code, self.where, wrong, right)

    def _needed(self) -> str:
        example = example_of(self._model.__name__, self._name) if self._model else None
        if example is None:
            return f"{self._name}, {self._wanted()}"
        kind = self._wanted().partition(", such as")[0].partition(":")[0]
        return f"{self._name}, {kind}, such as {self._name}: {in_yaml(example)}"

    def _unknown_key(self) -> Fault:
        wrong = f'{_called(self._model, self._object)} has no "{self._name}"'
        if ":" in self._name:
            return self._as("unknown_key", f'"{self._name}" is one word', "a blank after the colon")
        known = list(COMPARISONS) if self._model is FactLeaf else list(_fields(self._model))
        there = self._object if isinstance(self._object, dict) else {}
        near = meant_member(self._name, [name for name in known if name not in there])
        listed = f"one of {', '.join(known)}" if near is None or len(known) <= LONGEST_CHOICE else "another member"
        return self._as("unknown_key", wrong, listed + (f'; did you mean "{near}"?' if near else ""))

    def _count(self, code: str) -> Fault:
        least, most = (self._shape.least, self._shape.most) if self._shape else (None, None)
        held = len(self._value) if isinstance(self._value, (list, str)) else 0
        exactly = least == most and least is not None
        number = f"exactly {least}" if exactly else f"at least {least}" if code == "too_few" else f"at most {most}"
        of_values = self._shape and self._shape.items and "str" in self._shape.items.choices
        right = f"{number}, such as [2, 5]" if of_values else f"{number}: {self._wanted()}"
        return self._as(code, f"{self._called} has {held or 'nothing'} in it", right)

    def _condition(self) -> Fault:
        """What is no condition, or more than one."""
        value, right = self._value, f"{_CONDITION}; or all, any, none with a list of them"
        if isinstance(value, list):
            return self._as("condition", "a list is not a condition", "{all: [..]}, {any: [..]} or {none: [..]}")
        if not isinstance(value, dict):
            name = f"{{condition: {value}}} or " if isinstance(value, str) else ""
            return self._as("condition", f"{_shown(value)} is not a condition", name + right)
        given = [tag for tag in _TAGS if tag in value]
        if given:
            wrong = f"{' and '.join(given)} stand side by side"
            return self._as("condition", wrong, "one of them; to join conditions, {all: [..]} or {any: [..]}")
        blank = next((name for name in value if ":" in name), None)
        if blank is not None:
            return self._as("condition", f'"{blank}" is one word', "a blank after the colon")
        word = next((name for name in value if name not in COMPARISONS), "")
        near = next((tag for tag in _MEANT.get(word, ()) if tag in _TAGS), nearest(word, _TAGS))
        hint = f'; did you mean "{near}"?' if near else ""
        wrong = f'"{word}" makes no condition' if word else "the fact is missing"
        return self._as("condition", wrong, f"exactly one of {', '.join(_TAGS)}{hint}")

    def _judged(self) -> Fault:
        """What the model's own rules say, which are in plain words already."""
        if self._shape and self._shape.model is FactLeaf:
            given = [name for name in COMPARISONS if isinstance(self._value, dict) and name in self._value]
            wrong = f"{' and '.join(given)} stand side by side" if given else "there is no comparison"
            return self._as("one_comparison", wrong, f"exactly one of {', '.join(COMPARISONS)}")
        if self._shape and self._shape.kind is Kind.OBJECT:
            whole = _called(self._shape.model, self._value)
            return self._as("combination", f"{whole} cannot stand like this", self._said)
        return self._as("text_form", f"{_shown(self._value)} is not right here", self._said)

    def _form(self) -> Fault:
        """A value of another kind than the one wanted, or a text of another form."""
        if self._shape and self._shape.kind is Kind.TEXT and isinstance(self._value, str):
            if self._shape.pattern in _FORMS:
                wrong = f"{_shown(self._value)} is not {_FORMS[self._shape.pattern][0]}"
                return self._as("name_form", wrong, self._wanted())
            return self._as("text_form", f"{self._called} {_fault_of_text(self._value)}", self._wanted())
        wrong = f"{_shown(self._value)} is {_kind_of(self._value)}"
        if self.code != "value":
            return self._as("wrong_kind", wrong, self._wanted())
        several = "; one_of takes a list" if self._model is FactLeaf and isinstance(self._value, list) else ""
        return self._as("value", wrong, self._wanted() + several)

    def _wanted(self) -> str:
        return wanted(self._shape, self._value) if self._shape else ""


def wanted(shape: Shape, value: Json = None) -> str:
    """What may stand at a place, in words and with an example."""
    match shape.kind:
        case Kind.WORD:
            return f"one of {', '.join(shape.words)}" if len(shape.words) > 1 else shape.words[0]
        case Kind.TEXT:
            return _wanted_text(shape, value)
        case Kind.LIST:
            return _wanted_list(shape, value)
        case Kind.OBJECT:
            needed = [name for name, member in _fields(shape.model).items() if member.is_required()]
            return f"{called(shape.model)}{' with ' if needed else ''}{', '.join(needed)}"
        case Kind.ONE_OF:
            return _CONDITION if "fact" in shape.choices else "yes or no, a whole number, or the id of an option"
    return _wanted_plain(shape, value)


def _wanted_plain(shape: Shape, value: Json) -> str:
    match shape.kind:
        case Kind.NUMBER:
            return f"a whole number{_span(shape)}"
        case Kind.TRUTH:
            return {"yes": "true", "no": "false"}.get(str(value).lower(), "true or false")
        case Kind.DAY:
            return "a date, such as 2026-12-25"
    return 'a time with its offset, such as "2026-11-23T04:17:00Z"'


def in_yaml(value: Json) -> str:
    """A value in one line, as an owner would write it."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}: {in_yaml(part)}' for name, part in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(in_yaml(part) for part in value)}]"
    plain = (
        isinstance(value, str) and not re.match(r"[\d\W]|(true|false|null)$", value) and not re.search(": | #", value)
    )
    return value if plain and isinstance(value, str) else canonical(value).decode()


def _wanted_text(shape: Shape, value: Json) -> str:
    if shape.pattern in _FORMS:
        sound = re.sub(r"[^a-z0-9]+", "_", str(value).lower() if isinstance(value, str) else "").strip("_0123456789")
        called, form = _FORMS[shape.pattern]
        joint = "_" if "_," in form else "-"
        return f"{called}: {form}".format((sound or "retail_worker")[:64].replace("_", joint))
    if isinstance(value, int):
        return f'words on one line; "{canonical(value).decode()}" in quotation marks if that is meant'
    return f"words on one line, at most {shape.most} characters" if isinstance(value, str) else "words on one line"


def _wanted_list(shape: Shape, value: Json) -> str:
    item = shape.items
    if item is None or item.kind is Kind.ONE_OF:
        return "a list, such as [{fact: weapon, is: yes}]" if item and "fact" in item.choices else "a list of values"
    if item.kind is Kind.OBJECT:
        return f"a list, each entry {wanted(item)}"
    if isinstance(value, str):
        return f"a list, such as [{value}]"
    return (
        f"a list of {wanted(item).removeprefix('an ').replace('id:', 'ids:')}"
        if item.kind is not Kind.WORD
        else f"a list with some of {', '.join(item.words)}"
    )


def _span(shape: Shape) -> str:
    if shape.least is None:
        return ""
    return f" from {shape.least} to {shape.most}" if shape.most is not None else f" of at least {shape.least}"


def _fields(model: type[Frozen] | None) -> Mapping[str, FieldInfo]:
    return fields_of(model) if model else {}


def called(model: type[Frozen] | None) -> str:
    """What a model is called in a sentence."""
    if model is None:
        return "this"
    if model in _ARTICLES:
        return _ARTICLES[model]
    name = model.__name__.partition("[")[0].rstrip("_")
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.removeprefix("Case") or name).lower()
    return f"{'an' if words[0] in 'aeio' else 'a'} {words}"


def _called(model: type[Frozen] | None, value: Json) -> str:
    """An object in a sentence: by its id, if it has one."""
    name = value.get("id") if isinstance(value, dict) else None
    kind = called(model)
    return f'the {kind.partition(" ")[2]} "{name}"' if isinstance(name, str) else kind


def _kind_of(value: Json) -> str:
    kinds: tuple[tuple[type, str], ...] = (
        (bool, "a truth value"), (int, "a number"), (str, "text"), (list, "a list"), (dict, "an object"),
    )  # fmt: skip
    return next((words for kind, words in kinds if isinstance(value, kind)), "nothing")


def _fault_of_text(value: str) -> str:
    if not value:
        return "is empty"
    return "is too long" if not re.search(r"[\x00-\x1f\x7f]", value) else "goes over more than one line"


def _at(value: Json, steps: Sequence[str]) -> tuple[Json, Json]:
    """The object that holds a place, and what stands at the place."""
    above: Json = None
    for step in steps:
        above = value
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            value = None
    return above, value


def _shown(value: Json) -> str:
    text = canonical(value).decode()
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "..."


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
