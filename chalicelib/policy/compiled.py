"""A policy compiled for evaluation: data only, every name resolved, every condition a function of masks (`nodes`)."""

from __future__ import annotations

from dataclasses import dataclass, field

from chalicelib.policy.document import Absence, Grade, NotAsked, Policy, Rule
from chalicelib.policy.nodes import Node, bits_of
from chalicelib.policy.obligations import Guarantee, Timer, VictimTelling
from chalicelib.policy.vocabulary import Term, Variable


@dataclass(frozen=True, slots=True)
class Floor:
    """A rule ready to be tested. `rank` is that of its grade, -1 when it gives none."""

    rule: Rule
    node: Node
    rank: int


@dataclass(frozen=True, slots=True)
class Guard:
    """A precaution ready to be tested."""

    id: str
    on: Node
    scope: Node
    reasons: frozenset[Absence]
    not_asked: NotAsked
    rank: int


@dataclass(frozen=True, slots=True)
class Gate:
    """When a fact is asked, and which masks its variables take while it is not."""

    fact: str
    node: Node
    otherwise: tuple[tuple[int, int], ...]
    sets: int = field(init=False)
    """The variables of the fact, as bits."""

    def __post_init__(self) -> None:
        """Gather the bits."""
        object.__setattr__(self, "sets", bits_of(index for index, _ in self.otherwise))


@dataclass(frozen=True, slots=True)
class Bearing:
    """What a variable's value bears on, as places in the policy's tuples."""

    floors: tuple[int, ...]
    """Those of the highest grade first."""
    guards: frozenset[int]
    gates: tuple[int, ...]
    earned: bool


@dataclass(frozen=True, slots=True)
class Telling:
    """Something to be told to victims, ready to be tested; None: to every victim."""

    telling: VictimTelling
    node: Node | None


@dataclass(frozen=True, slots=True)
class Obligations:
    """What is due, running or owed to victims, ready to be tested. None of it bears on the grade."""

    checks: tuple[tuple[str, Node], ...] = ()
    """The checks that have to be made, and while what is known true."""
    timers: tuple[tuple[Timer, Node | None], ...] = ()
    categories: tuple[tuple[str, Node], ...] = ()
    tellings: tuple[Telling, ...] = ()
    left_to_officer: Node | None = None
    per_victim: tuple[int, ...] = ()
    """The variables of facts that are asked of each victim."""


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """A policy that can be applied. Immutable, shared between threads, kept by its digest."""

    policy: Policy
    digest: str
    grades: tuple[Grade, ...]
    """From the lowest up: a grade's rank is its place here."""
    base_rank: int
    earned: Node
    terms: dict[str, Term]
    variables: tuple[Variable, ...]
    gates: tuple[Gate, ...]
    """In an order in which no gate looks at a fact whose own gate comes later."""
    floors: tuple[Floor, ...]
    guards: tuple[Guard, ...]
    impossible: tuple[tuple[str, Node], ...]
    needs: tuple[tuple[str, Node], ...]
    atoms: tuple[tuple[int, ...], ...]
    """For each variable: the classes of cells that no condition tells apart, as masks."""
    bearings: tuple[Bearing, ...]
    """For each variable: what its value bears on."""
    guarantees: tuple[tuple[Guarantee, Node], ...] = ()
    obligations: Obligations = field(default_factory=Obligations)

    def rank_of(self, grade: str) -> int:
        """The rank of a local grade."""
        return next(rank for rank, known in enumerate(self.grades) if known.id == grade)
