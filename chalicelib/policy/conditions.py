"""The closed condition tree as it is written in a policy. It has no meaning of its own: see `compiled`.

Leaves: a fact with one comparison, an element's finding, a named condition. Branches: all, any, none. Nothing else, so
that every question about a policy can be answered exactly (docs/decisions/0011).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, TypeAlias

from pydantic import Discriminator, Field, Tag, model_validator

from chalicelib.model import Frozen, Name
from chalicelib.policy.levels import Level


def _kind(value: object) -> str | None:
    return next((kind.__name__ for kind in (bool, int, str) if isinstance(value, kind)), None)


Value: TypeAlias = Annotated[
    Annotated[bool, Tag("bool")] | Annotated[int, Tag("int")] | Annotated[str, Tag("str")],
    Discriminator(
        _kind, custom_error_type="value", custom_error_message="a value is true, false, a whole number or a text"
    ),
]
"""A value of a fact as it is written: true/false (or yes/no), a whole number, or the id of an option."""


Operand: TypeAlias = "Value | tuple[Value, ...] | tuple[str, ...]"
"""What a comparison compares with."""


COMPARISONS = (
    "is", "is_not", "one_of", "at_least", "at_most", "between", "includes_any", "includes_all", "includes_none",
)  # fmt: skip


class FactLeaf(Frozen):
    """A fact compared with what the policy names: exactly one comparison."""

    fact: Name
    is_: Value | None = Field(None, alias="is")
    is_not: Value | None = None
    one_of: tuple[Value, ...] | None = Field(None, min_length=1)
    at_least: Value | None = None
    at_most: Value | None = None
    between: tuple[Value, ...] | None = Field(None, min_length=2, max_length=2)
    """Both ends included."""
    includes_any: tuple[Name, ...] | None = Field(None, min_length=1)
    includes_all: tuple[Name, ...] | None = Field(None, min_length=1)
    includes_none: tuple[Name, ...] | None = Field(None, min_length=1)

    @model_validator(mode="after")
    def _one_comparison(self) -> FactLeaf:
        given = [name for name, _ in self._given()]
        if len(given) != 1:
            found = " and ".join(given) if given else "none"
            raise ValueError(f"a fact needs exactly one comparison of {', '.join(COMPARISONS)}; found {found}")
        return self

    @property
    def comparison(self) -> tuple[str, Operand]:
        """The comparison's name and its operand."""
        return next((name, operand) for name, operand in self._given())

    def _given(self) -> Iterator[tuple[str, Operand]]:
        for name in COMPARISONS:
            operand: Operand | None = getattr(self, "is_" if name == "is" else name)
            if operand is not None:
                yield name, operand


class FindingLeaf(Frozen):
    """An element's level, as other rules give it."""

    finding: Name
    at_least: Level


class NamedLeaf(Frozen):
    """A condition that the policy defines under a name."""

    condition: Name


class All(Frozen):
    """True when every part is."""

    all: tuple[Condition, ...] = Field(min_length=1)


class Any_(Frozen):
    """True when one part is."""

    any: tuple[Condition, ...] = Field(min_length=1)


class None_(Frozen):
    """True when every part is false; never true while one of them is not known."""

    none: tuple[Condition, ...] = Field(min_length=1)


_MODELS: tuple[tuple[type, str], ...] = (
    (FactLeaf, "fact"),
    (FindingLeaf, "finding"),
    (NamedLeaf, "condition"),
    (All, "all"),
    (Any_, "any"),
    (None_, "none"),
)


def _shape(value: object) -> str | None:
    if isinstance(value, dict):
        found = [tag for _, tag in _MODELS if tag in value]
        return found[0] if len(found) == 1 else None
    return next((tag for model, tag in _MODELS if isinstance(value, model)), None)


Condition: TypeAlias = Annotated[
    Annotated[FactLeaf, Tag("fact")]
    | Annotated[FindingLeaf, Tag("finding")]
    | Annotated[NamedLeaf, Tag("condition")]
    | Annotated[All, Tag("all")]
    | Annotated[Any_, Tag("any")]
    | Annotated[None_, Tag("none")],
    Discriminator(
        _shape,
        custom_error_type="condition",
        custom_error_message="a condition is an object with exactly one of: fact, finding, condition, all, any, none",
    ),
]
"""Any condition."""

All.model_rebuild()
Any_.model_rebuild()
None_.model_rebuild()
