"""What a model lets stand at each place of a document, read off its annotations. It validates and words nothing."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, StrEnum
from typing import Annotated, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import Discriminator, StringConstraints, Tag
from pydantic.fields import FieldInfo

from chalicelib.model import Frozen


class Kind(StrEnum):
    """What kind of thing stands at a place."""

    OBJECT = "object"
    LIST = "list"
    ONE_OF = "one_of"
    """One of several kinds, told apart by what is written: a condition or a value."""
    WORD = "word"
    """One of a closed list."""
    TEXT = "text"
    NUMBER = "number"
    TRUTH = "truth"
    DAY = "day"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Shape:
    """What may stand at one place."""

    kind: Kind
    model: type[Frozen] | None = None
    items: Shape | None = None
    choices: Mapping[str, Shape] = field(default_factory=dict)
    """Of one of several kinds: each under the tag that the model's pointers name it by."""
    words: tuple[str, ...] = ()
    pattern: str = ""
    least: int | None = None
    """Of a number; of a text or a list its length."""
    most: int | None = None

    def member(self, name: str) -> Shape | None:
        """What stands under a member of an object."""
        found = fields_of(self.model).get(name) if self.model else None
        return shape_of(found.annotation, found.metadata) if found else None


def fields_of(model: type[Frozen]) -> dict[str, FieldInfo]:
    """The members of a model by the names that are written."""
    return {found.alias or name: found for name, found in model.model_fields.items()}


def trace(shape: Shape, pointer: str) -> list[tuple[str, Shape | None]]:
    """The steps of a model's pointer with what stands there, without those that only name a kind. None: not known."""
    steps: list[tuple[str, Shape | None]] = []
    here: Shape | None = shape
    for part in pointer.split("/")[1:]:
        step = part.replace("~1", "/").replace("~0", "~")
        if here is not None and step in here.choices:
            here = here.choices[step]
            steps[-1:] = [(name, here) for name, _ in steps[-1:]]
        else:
            here = (here.items if here.kind is Kind.LIST else here.member(step)) if here else None
            steps.append((step, here))
    return steps


def shape_of(annotation: object, limits: Sequence[object] = ()) -> Shape:
    """What an annotation lets stand. Raises TypeError for one that no document of ours uses."""
    annotation, limits = _unwrapped(annotation, limits)
    if any(isinstance(limit, Discriminator) for limit in limits):
        return Shape(Kind.ONE_OF, choices=dict(_tagged(annotation)))
    origin = get_origin(annotation)
    if origin is tuple:
        least, most = _bounds(limits)
        return Shape(Kind.LIST, items=shape_of(get_args(annotation)[0]), least=least, most=most)
    if origin is Literal:
        return Shape(Kind.WORD, words=tuple(_written(word) for word in get_args(annotation)))
    if isinstance(annotation, type):
        return _of_class(annotation, limits)
    raise TypeError(f"{annotation} has no shape")


def _of_class(kind: type, limits: Sequence[object]) -> Shape:
    if issubclass(kind, Frozen):
        return Shape(Kind.OBJECT, model=kind)
    if issubclass(kind, Enum):
        return Shape(Kind.WORD, words=tuple(str(word.value) for word in kind))
    plain = {bool: Kind.TRUTH, int: Kind.NUMBER, str: Kind.TEXT, date: Kind.DAY, datetime: Kind.MOMENT}
    pattern = next((str(one.pattern) for one in limits if isinstance(one, StringConstraints) and one.pattern), "")
    least, most = _bounds(limits)
    return Shape(plain[kind], pattern=pattern, least=least, most=most)


def _unwrapped(annotation: object, limits: Sequence[object]) -> tuple[object, list[object]]:
    """An annotation without `Annotated` and `| None`, and everything that was said about it."""
    said = list(limits)
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            said += more
        elif get_origin(annotation) in (Union, types.UnionType) and type(None) in get_args(annotation):
            rest = [one for one in get_args(annotation) if one is not type(None)]
            annotation = rest[0] if len(rest) == 1 else Union[tuple(rest)]  # noqa: UP007  # built from a list
        else:
            return annotation, said


def _tagged(annotation: object) -> Iterator[tuple[str, Shape]]:
    for one in get_args(annotation):
        kind, said = _unwrapped(one, ())
        for tag in said:
            if isinstance(tag, Tag):
                yield tag.tag, shape_of(kind)


def _bounds(limits: Sequence[object]) -> tuple[int | None, int | None]:
    least: int | None = None
    most: int | None = None
    for limit in limits:
        match limit:
            case FieldInfo():
                least, most = _bounds(limit.metadata)
            case StringConstraints():
                least, most = limit.min_length, limit.max_length
            case Ge(ge=int(bound)) | MinLen(min_length=int(bound)):
                least = bound
            case Le(le=int(bound)) | MaxLen(max_length=int(bound)):
                most = bound
    return least, most


def _written(word: object) -> str:
    return str(word.value) if isinstance(word, Enum) else str(word).lower() if isinstance(word, bool) else str(word)
