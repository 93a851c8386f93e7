"""The facts of a policy as variables over small finite domains, and values as bit masks over them. No conditions.

Whole numbers are cut at the constants that the policy mentions, so every domain is finite and nothing is lost: two
numbers in one cell make the same conditions true. A set is one variable for each tag.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from chalicelib.errors import Fault
from chalicelib.policy.conditions import Operand
from chalicelib.policy.document import KINDS_OF_DAY, ClockFact, Fact, FactType

YES_WORDS = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Variable:
    """One unknown: a fact, or one tag of a set. A value is a cell's number; a state of knowledge is a mask of cells."""

    index: int
    fact: str
    tag: str | None
    cells: tuple[str, ...]
    worse: int
    """+1: higher cells are worse; -1: lower cells are; 0: neither."""
    full: int = field(init=False)
    """The mask of every cell: nothing is known."""

    def __post_init__(self) -> None:
        """Note the mask, which every evaluation asks for many times."""
        object.__setattr__(self, "full", (1 << len(self.cells)) - 1)

    def labels(self, mask: int) -> tuple[str, ...]:
        """The cells of a mask by their names, in their order."""
        return tuple(label for cell, label in enumerate(self.cells) if mask >> cell & 1)


@dataclass(frozen=True, slots=True)
class Term:
    """A fact with its variables: one, or one for each tag."""

    fact: Fact
    variables: tuple[Variable, ...]
    cuts: tuple[int, ...] = ()
    """Of a whole number: the least value of each cell."""

    @property
    def ids(self) -> list[str]:
        """The ids of its options or tags."""
        return [option.id for option in self.fact.options or []]

    def tag(self, name: str) -> Variable:
        """The variable of a tag. Raises ValueError for a tag it does not have."""
        return self.variables[self._place(name)]

    def cell(self, value: object) -> int:
        """The cell of a value. Raises ValueError, with what would be right, for a value it cannot have."""
        match self.fact.type:
            case FactType.YES_NO:
                meant = YES_WORDS.get(value, value) if isinstance(value, str) else value
                if not isinstance(meant, bool):
                    raise ValueError("yes or no, in small letters")
                return int(meant)
            case FactType.WHOLE:
                span = self.fact.range
                if (
                    not isinstance(value, int)
                    or isinstance(value, bool)
                    or not span
                    or not span.least <= value <= span.most
                ):
                    raise ValueError(f"a whole number from {span.least} to {span.most}" if span else "a whole number")
                return bisect_right(self.cuts, value) - 1
            case FactType.SET:
                raise ValueError("present and ruled_out, with ids of its options")
            case _:
                return self._place(value)

    def mask(self, comparison: str, operand: Operand) -> int:
        """The cells of the one variable for which a comparison holds. Raises ValueError with what would be right."""
        ordered = self.fact.type in (FactType.ORDERED, FactType.WHOLE)
        full = self.variables[0].full if self.variables else 0
        several = [self.cell(value) for value in operand] if isinstance(operand, tuple) else [self.cell(operand)]
        low, high = several[0], several[-1]
        match comparison:
            case "is" | "one_of":
                return sum({1 << cell for cell in several})
            case "is_not":
                return full & ~(1 << low)
            case "at_least" if ordered:
                return full & ~((1 << low) - 1)
            case "at_most" if ordered:
                return (1 << low + 1) - 1
            case "between" if ordered and low <= high:
                return ((1 << high + 1) - 1) & ~((1 << low) - 1)
            case "between" if ordered:
                raise ValueError("the lower bound first")
        raise ValueError(
            f"a comparison that fits a fact of type {self.fact.type}: {', '.join(fitting(self.fact.type))}"
        )

    def _place(self, value: object) -> int:
        if isinstance(value, str) and value in self.ids:
            return self.ids.index(value)
        raise ValueError(suggested(value, self.ids, "among its options"))


def fitting(kind: FactType) -> tuple[str, ...]:
    """The comparisons that a type of fact takes."""
    if kind is FactType.SET:
        return ("includes_any", "includes_all", "includes_none")
    return (
        "is",
        "is_not",
        "one_of",
        *(("at_least", "at_most", "between") if kind in (FactType.ORDERED, FactType.WHOLE) else ()),
    )


def nearest(word: object, known: Iterable[str]) -> str | None:
    """The known name that a misspelt one most likely means: whatever its capitals, blanks and hyphens."""
    if not isinstance(word, str):
        return None
    plain = {_plain(name): name for name in known}
    found = get_close_matches(_plain(word), list(plain), 1, 0.7)
    if not found and len(word) >= SHORTEST_BEGINNING:
        begun = [name for name in plain if name.startswith(_plain(word))]
        found = begun if len(begun) == 1 else []
    return plain[found[0]] if found else None


SHORTEST_BEGINNING = 3
"""From how many letters on the beginning of a name is taken to mean it."""

LONGEST_CHOICE = 12
"""How many names are listed to choose from."""


def _plain(name: str) -> str:
    return name.lower().replace(" ", "_").replace("-", "_")


def suggested(word: object, known: Sequence[str], where: str = "that there are") -> str:
    """What would be right in place of a name that is not known: all that are, if they are few, and the nearest."""
    if not known:
        return f"one {where}, and there is none yet"
    near = nearest(word, known)
    right = f"one of {', '.join(known)}" if len(known) <= LONGEST_CHOICE else f"one of those {where}"
    return right if near is None else f'{right}; did you mean "{near}"?'


def vocabulary(facts: Sequence[Fact], constants: dict[str, set[int]], faults: list[Fault]) -> dict[str, Term]:
    """A term for each fact. `constants` are the whole numbers that conditions cut each fact at. Adds to `faults`."""
    terms: dict[str, Term] = {}
    count = 0
    for place, fact in enumerate(facts):
        where = f"/facts/{place}"
        faults.extend(_wrong_form(fact, where))
        options = [option.id for option in fact.options or []]
        worse = {"yes": 1, "higher": 1, "no": -1, "lower": -1, None: 0}[fact.worse]
        cuts: tuple[int, ...] = ()
        cells: tuple[str, ...] = tuple(options)
        if fact.type is FactType.YES_NO:
            cells = ("no", "yes")
        elif fact.type is FactType.WHOLE and fact.range:
            span = fact.range
            cuts = (span.least, *sorted(cut for cut in constants.get(fact.id, ()) if span.least < cut <= span.most))
            ends = (*(cut - 1 for cut in cuts[1:]), span.most)
            cells = tuple(str(low) if low == high else f"{low} to {high}" for low, high in zip(cuts, ends, strict=True))
        if fact.type is FactType.SET:
            variables = tuple(
                Variable(count + i, fact.id, tag, ("absent", "present"), 1) for i, tag in enumerate(options)
            )
        else:
            variables = (Variable(count, fact.id, None, cells, worse),)
        count += len(variables)
        terms[fact.id] = Term(fact, variables, cuts)
    return terms


_FORMS: dict[FactType, tuple[bool, bool, tuple[str | None, ...]]] = {
    FactType.YES_NO: (False, False, ("yes", "no", None)),
    FactType.CHOICE: (True, False, (None,)),
    FactType.ORDERED: (True, False, ("higher", "lower", None)),
    FactType.WHOLE: (False, True, ("higher", "lower", None)),
    FactType.SET: (True, False, (None,)),
}
"""For each type: whether it has options, whether it has a range, and what `worse` may be."""


def _wrong_form(fact: Fact, where: str) -> Iterable[Fault]:
    options, span, worse = _FORMS[fact.type]
    if options != (fact.options is not None):
        wrong, right = (
            ("has no options", "options: a list of id and title") if options else ("has options", "no options")
        )
        yield Fault("fact_form", f"{where}/options", f'the fact "{fact.id}" of type {fact.type} {wrong}', right)
    if span != (fact.range is not None):
        wrong, right = ("has no range", "range: least and most") if span else ("has a range", "no range")
        yield Fault("fact_form", f"{where}/range", f'the fact "{fact.id}" of type {fact.type} {wrong}', right)
    if fact.worse not in worse:
        known = " or ".join(name for name in worse if name) or "no worse direction"
        wrong = f'"{fact.worse}" is no direction of "{fact.id}", a fact of type {fact.type}'
        yield Fault("fact_form", f"{where}/worse", wrong, known)
    yield from _wrong_details(fact, where)


_SENT = frozenset({
    "unit", "units", "officer", "officers", "patrol", "patrols", "car", "cars", "crew", "crews", "staff",
})  # fmt: skip
_ABUNDANCE = frozenset({"available", "availability", "free", "busy", "response"})
_ALWAYS_A_RESOURCE = frozenset({"workload", "backlog", "staffing", "resource", "resources", "queue"})


def _is_resource(name: str) -> bool:
    """Whether an id speaks of what the force has to send. It catches slips, not every name that could be given."""
    words = frozenset(name.split("_"))
    return bool(words & _ALWAYS_A_RESOURCE) or bool(words & _SENT and words & _ABUNDANCE)


def _wrong_origin(fact: Fact, where: str) -> Iterable[Fault]:
    """Faults of facts that are counted or read off a clock; and of facts that no policy may go by."""
    if _is_resource(fact.id):
        wrong = f'"{fact.id}" is about what the force has to send, and risk does not depend on that'
        yield Fault("resource_fact", f"{where}/id", wrong, "facts about the call alone; a late answer is an event")
    if fact.history and fact.clock:
        yield Fault("fact_form", f"{where}/clock", "has both history and clock", "one of them")
    elif not fact.asked:
        yield from _wrong_reading(fact, where)
        for member in ("required", "always_first", "asked_when", "per"):
            if getattr(fact, member):
                wrong = f'"{fact.id}" is never asked, and {member} is about asking'
                yield Fault("fact_form", f"{where}/{member}", wrong, f"no {member}")


def _wrong_reading(fact: Fact, where: str) -> Iterable[Fault]:
    kind = FactType.CHOICE if fact.clock is ClockFact.KIND_OF_DAY else FactType.WHOLE
    if fact.type is not kind:
        wrong = f"a fact of type {fact.type} cannot be {'counted' if fact.history else f'the {fact.clock} of a clock'}"
        yield Fault("fact_form", f"{where}/type", wrong, f"type: {kind}")
    elif kind is FactType.CHOICE and sorted(option.id for option in fact.options or ()) != sorted(KINDS_OF_DAY):
        yield Fault("fact_form", f"{where}/options", "are not the kinds of day", ", ".join(KINDS_OF_DAY))
    elif fact.clock is ClockFact.HOUR and fact.range and (fact.range.least, fact.range.most) != (0, 23):
        yield Fault("fact_form", f"{where}/range", "is not that of hours", "least: 0, most: 23")


def _wrong_details(fact: Fact, where: str) -> Iterable[Fault]:
    yield from _wrong_origin(fact, where)
    if fact.range and fact.range.least > fact.range.most:
        yield Fault(
            "fact_form", f"{where}/range", f"{fact.range.least} is more than {fact.range.most}", "the least first"
        )
    if fact.per and fact.type is not FactType.SET and fact.worse is None:
        yield Fault(
            "fact_form", f"{where}/worse", "the worst of several people counts, and nothing says what is worse", "worse"
        )
    if (fact.asked_when is None) != (fact.otherwise is None):
        yield Fault(
            "fact_form", f"{where}/otherwise", "asked_when and otherwise go together", "both of them, or neither"
        )
    names = [option.id for option in fact.options or ()]
    for place, name in enumerate(names):
        if name in names[:place]:
            yield Fault(
                "duplicate_id", f"{where}/options/{place}/id", f'the id "{name}" stands twice', "an id of its own"
            )
