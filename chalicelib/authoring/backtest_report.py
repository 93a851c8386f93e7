"""What a backtest found, as one document: counts by grade, element, group, response, flag, reason. It compares nothing.

The document is a function of the tally, so the same decisions give the same bytes, in however many parts they came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from chalicelib.authoring.backtest import NOT_THERE, Tally, Verdict
from chalicelib.authoring.use import UseShown, use_shown
from chalicelib.canonical import Json
from chalicelib.errors import Unreadable
from chalicelib.model import Digest, Frozen, Slug
from chalicelib.policy.document import National, Policy, VersionLabel


class Draft(Frozen):
    """The version that was held against the decisions."""

    id: Slug
    version: VersionLabel
    digest: Digest


class DayRead(Frozen):
    """A day file that was read: the digest is of its decisions."""

    force: Slug
    day: str
    decisions: int
    """All that the file holds, of every mode."""
    sha256: Digest


class Counts(Frozen):
    """How many decisions are raised, lowered, the same, or cannot be told."""

    raised: int = 0
    lowered: int = 0
    same: int = 0
    cannot_tell: int = 0


class Moved(Frozen):
    """How many decisions go from one national grade to another."""

    before: National
    after: National
    decisions: int


class Undecided(Frozen):
    """How many decisions would lie between two national grades, depending on what was never asked."""

    before: National
    lowest: National
    highest: National
    decisions: int


class CannotTell(Frozen):
    """The decisions that cannot be told."""

    may_be_lower: int
    not_lower: int
    """They are the same or raised, whatever the answers."""
    grades: tuple[Undecided, ...]
    facts: Mapping[str, int]
    """The facts that were never asked, and how many decisions depend on each."""


class Attendance(Frozen):
    """What becomes of attendance, where it was required and where it was not."""

    required: Counts
    not_required: Counts


class ResponseChanged(Frozen):
    """How often a kind of response becomes permitted that was not, or the other way round."""

    newly_permitted: int = 0
    newly_refused: int = 0


class FlagChanged(Frozen):
    """How often a flag is no longer raised, or is raised for the first time."""

    dropped: int = 0
    added: int = 0


class ReasonChanged(Frozen):
    """How often a rule or precaution counts that did not, or no longer does, or counts with another grade."""

    newly: int = 0
    no_longer: int = 0
    regraded: int = 0


class PolicyOfTheTime(Frozen):
    """A policy under which decisions were made."""

    digest: Digest
    version: VersionLabel
    decisions: int
    there: bool
    """When it is not, whatever has no answer on record counts as never asked."""


class Report(Frozen):
    """A backtest, `backtest/1`."""

    format: Literal["backtest/1"] = "backtest/1"
    draft: Draft
    days: tuple[DayRead, ...]
    decisions: int
    """The live decisions that were compared."""
    outcome: Counts
    weaker: int
    """Of them: with a grade that is lower or might be, or required attendance that is dropped or might be."""
    grades: tuple[Moved, ...]
    """Those that can be told."""
    cannot_tell: CannotTell
    elements: Mapping[str, Counts]
    """The finding of each element."""
    groups: Mapping[str, Counts]
    """The grade, by the flags that were raised at the time; a decision with several counts for each."""
    ungrouped: Counts
    """The grade, where no flag was raised."""
    attendance: Attendance
    responses: Mapping[str, ResponseChanged]
    flags: Mapping[str, FlagChanged]
    reasons_of_raised: Mapping[str, ReasonChanged]
    reasons_of_lowered: Mapping[str, ReasonChanged]
    policies: tuple[PolicyOfTheTime, ...]
    not_exact: int
    """Decisions of which a search met its limit, or the record contradicts itself: the wider interval counts."""
    use: UseShown
    """How the policy of the time was used: what held, what was answered, what humans decided."""


def report_of(tally: Tally, policy: Policy, draft: Draft, days: Iterable[DayRead]) -> Report:
    """The document of a tally."""
    return Report(
        draft=draft,
        days=tuple(days),
        decisions=tally["decisions",],
        outcome=_counts(_under(tally, "outcome")),
        weaker=tally["weaker",],
        grades=tuple(
            Moved(before=before, after=after, decisions=tally["grades", before, after])
            for before in _HIGHEST_FIRST
            for after in _HIGHEST_FIRST
            if tally["grades", before, after]
        ),
        cannot_tell=_cannot_tell(tally),
        elements={name: _counts(found) for name, found in _by(tally, "elements").items()},
        groups={name: _counts(found) for name, found in _by(tally, "groups").items() if name},
        ungrouped=_counts(_under(tally, "groups", "")),
        attendance=Attendance(
            required=_counts(_under(tally, "attendance", "required")),
            not_required=_counts(_under(tally, "attendance", "not_required")),
        ),
        responses={name: ResponseChanged(**_named(found)) for name, found in _by(tally, "responses").items()},
        flags={name: FlagChanged(**_named(found)) for name, found in _by(tally, "flags").items()},
        reasons_of_raised=_reasons(tally, Verdict.RAISED),
        reasons_of_lowered=_reasons(tally, Verdict.LOWERED),
        policies=tuple(
            PolicyOfTheTime(digest=digest, version=version, decisions=count, there=there != NOT_THERE)
            for (digest, version, there), count in sorted(_under(tally, "policies").items())
        ),
        not_exact=tally["not_exact",],
        use=use_shown(_under(tally, "use"), policy),
    )


_HIGHEST_FIRST = tuple(reversed(National))


def _cannot_tell(tally: Tally) -> CannotTell:
    return CannotTell(
        may_be_lower=tally["may_be", "lower"],
        not_lower=tally["may_be", "not_lower"],
        grades=tuple(
            Undecided(
                before=before, lowest=lowest, highest=highest, decisions=tally["open_grades", before, lowest, highest]
            )
            for before in _HIGHEST_FIRST
            for lowest in _HIGHEST_FIRST
            for highest in _HIGHEST_FIRST
            if tally["open_grades", before, lowest, highest]
        ),
        facts={name: found[()] for name, found in _by(tally, "facts").items()},
    )


def _reasons(tally: Tally, verdict: Verdict) -> dict[str, ReasonChanged]:
    found = _by(tally, "reasons", verdict)
    return {name: ReasonChanged(**_named(counted)) for name, counted in found.items()}


def _under(tally: Tally, *path: str) -> Tally:
    """What is counted below a path, with the rest of the path as its name."""
    return Counter({name[len(path) :]: count for name, count in tally.items() if name[: len(path)] == path and count})


def _by(tally: Tally, *path: str) -> dict[str, Tally]:
    """What is counted below a path, by the next step."""
    found: dict[str, Tally] = {}
    for name, count in sorted(_under(tally, *path).items()):
        found.setdefault(name[0], Counter())[name[1:]] += count
    return found


def _named(tally: Tally) -> dict[str, int]:
    return {name: count for (name,), count in tally.items()}


def _counts(tally: Tally) -> Counts:
    return Counts(**_named(tally))


def tally_to_json(tally: Tally) -> Sequence[Json]:
    """A tally as plain values in one order: each path with its number."""
    return [[[str(step) for step in path], count] for path, count in sorted(tally.items()) if count]


def tally_of_json(value: Iterable[tuple[Sequence[str], int]]) -> Tally:
    """A tally that `tally_to_json` made. Raises Unreadable for anything else."""
    try:
        return Counter({tuple(map(str, path)): int(count) for path, count in value})
    except (TypeError, ValueError):
        raise Unreadable("This is not the tally of a backtest.", code="tally_damaged") from None
