"""What holds for an incident, worked out a second time, from the words of the design alone. It looks at no record.

The standing grade is the highest recommended since the last human outcome that set it; only a human outcome lowers it.
Outcomes that did not see each other are a fork, and the highest stands. What waits for a second person does not count.
"""

from __future__ import annotations

from dataclasses import dataclass, field

RANKS = ("RESOLVE", "SCHEDULED", "PRIORITY", "IMMEDIATE")


@dataclass
class Set:
    """A human has set a grade."""

    name: str
    order: int
    rank: int
    basis: int
    """Up to where in the history the decisions were known."""
    saw: frozenset[str]
    needs: bool
    answer: str | None = None

    @property
    def counts(self) -> bool:
        return not self.needs or self.answer == "authorised"


@dataclass
class Closing:
    """Somebody has closed it, or asked to."""

    name: str
    order: int
    needs: bool
    answer: str | None = None

    @property
    def counts(self) -> bool:
        return not self.needs or self.answer == "authorised"


@dataclass
class ByTheWords:
    """The history of one incident, act by act, in the order in which they were recorded."""

    order: int = 0
    decisions: list[tuple[int, str, int]] = field(default_factory=list)
    sets: list[Set] = field(default_factory=list)
    closings: list[Closing] = field(default_factory=list)
    reviews: dict[str, bool] = field(default_factory=dict)
    """Whether each that was opened is open."""

    def next(self) -> int:
        """The place in the history of what comes next."""
        self.order += 1
        return self.order

    def decide(self, name: str, recommended: str) -> None:
        """A decision was made."""
        self.decisions.append((self.next(), name, RANKS.index(recommended)))

    def set(self, name: str, grade: str, *, on: str | None, unseen: str | None, needs: bool) -> None:
        """A human has set a grade, on a decision or on none, having seen all outcomes but one."""
        saw = frozenset(one.name for one in self.sets if one.name != unseen)
        order = self.next()
        basis = next((at for at, decision, _ in self.decisions if decision == on), order)
        self.sets.append(Set(name, order, RANKS.index(grade), basis, saw, needs))

    def close(self, name: str, *, needs: bool) -> None:
        """Somebody has closed it, or asked to."""
        self.closings.append(Closing(name, self.next(), needs))

    def answer(self, name: str, answer: str) -> None:
        """A second person has answered."""
        acts: list[Set | Closing] = [*self.sets, *self.closings]
        for one in acts:
            if one.name == name:
                one.answer = answer

    def review(self, ends: str | None) -> None:
        """A supervisor has done a review, or all that were open."""
        self.reviews = {name: is_open and ends not in (None, name) for name, is_open in self.reviews.items()}

    @property
    def holding(self) -> list[Set]:
        """The outcomes that count and that no other which counts has seen."""
        counting = [one for one in self.sets if one.counts]
        return [one for one in counting if not any(one.name in other.saw for other in counting)]

    @property
    def waiting(self) -> list[str]:
        """The outcomes that wait for a second person and that no later one has seen."""
        unanswered = [one for one in self.sets if one.needs and one.answer is None]
        return [one.name for one in unanswered if not any(one.name in other.saw for other in self.sets)]

    @property
    def standing(self) -> str:
        """The grade that stands."""
        if not self.holding:
            return RANKS[max(rank for _, _, rank in self.decisions)]
        return RANKS[max(
            max([one.rank, *(rank for at, _, rank in self.decisions if at > one.basis)]) for one in self.holding
        )]  # fmt: skip

    @property
    def closed(self) -> bool:
        """Whether it is closed: no decision has come after the last closing that counts."""
        last = max((one.order for one in self.closings if one.counts), default=0)
        return last > max(at for at, _, _ in self.decisions)

    @property
    def waiting_closings(self) -> list[str]:
        """The closings that wait for a second person."""
        return [one.name for one in self.closings if one.needs and one.answer is None]

    @property
    def open_reviews(self) -> list[str]:
        """The reviews that are open."""
        return [name for name, is_open in self.reviews.items() if is_open]
