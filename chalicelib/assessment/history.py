"""From what was looked up to what is claimed: how many other incidents each counted fact of a policy has found.

It knows no store. A number is claimed as exact only when everything that could make it higher was seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.assessment.call import Claim
from chalicelib.assessment.looked_up import MATCHED, History, LookUp, Seen
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Absence, Fact, Source
from chalicelib.policy.document import History as Counting


class Tally(NamedTuple):
    """Other incidents, each once, and whether there may be more."""

    incidents: frozenset[tuple[str | None, str | None]]
    exact: bool


def counted(policy: CompiledPolicy, history: History) -> list[Claim]:
    """The claims that look-ups make about the facts that a policy counts."""
    return [claim for term in policy.terms.values() for claim in _claims(term.fact, history)]


def tally(counting: Counting, history: History) -> Tally | None:
    """The incidents that count for a fact in the window that ends with the assessment.

    None when nothing was looked up for it that counts, or not one look-up has answered.
    """
    concerned = [one for one in look_ups_for(counting, history) if not one.shared]
    read = [one for one in concerned if one.state == "read"]
    if not read:
        return None
    start = window(history, counting.days)
    marked = {
        seen.name for one in history.look_ups for seen in one.found if counting.flag in (None, *seen.flags)
    }  # fmt: skip
    found = frozenset(seen.name for one in read for seen in within(one, start) if seen.name in marked)
    whole = all(reaches(one, start) for one in concerned) and reaches_back(history, start)
    return Tally(found, whole and _all_looked_up(counting, history))


def look_ups_for(counting: Counting, history: History) -> list[LookUp]:
    """The look-ups by what a fact is matched by."""
    return [one for one in history.look_ups if MATCHED[one.by] in counting.matched_by]


def window(history: History, days: int) -> datetime:
    """The beginning of a window, which belongs to it; it ends with the assessment."""
    return history.at - timedelta(days=days)


def within(look_up: LookUp, start: datetime) -> list[Seen]:
    """What a look-up has found since the beginning of a window. It finds nothing that is later than the assessment."""
    return [seen for seen in look_up.found if seen.last >= start]


def reaches(look_up: LookUp, start: datetime) -> bool:
    """Whether a look-up has seen everything since a time."""
    return look_up.state == "read" and (look_up.back_to is None or look_up.back_to < start)


def reaches_back(history: History, start: datetime) -> bool:
    """Whether the force's own history had begun by a time."""
    return history.begins is not None and history.begins <= start


def _all_looked_up(counting: Counting, history: History) -> bool:
    """Whether there is nobody and no place, of what the fact is matched by, that could have found more."""
    looked_up = {MATCHED[one.by] for one in history.look_ups}
    left_out = {MATCHED[by] for by in history.left_out}
    return set(counting.matched_by) <= looked_up - left_out


def _claims(fact: Fact, history: History) -> Iterator[Claim]:
    """What is claimed of one fact: a number, and that it is still open where a look-up has not answered."""
    if fact.history is None or fact.range is None:
        return
    concerned = [one for one in look_ups_for(fact.history, history) if not one.shared]
    if any(one.state != "read" for one in concerned):
        yield _claim(fact, history.at, absent=Absence.PENDING)
    found = tally(fact.history, history)
    if found is not None:
        number, span = len(found.incidents), fact.range
        if found.exact and span.least <= number <= span.most:
            yield _claim(fact, history.at, value=number)
        elif number > span.least:
            yield _claim(fact, history.at, at_least=min(number, span.most))


def _claim(fact: Fact, at: datetime, **said: int | Absence) -> Claim:
    return Claim.model_validate({"fact": fact.id, "source": Source.HISTORY, "at": at, "counted": True, **said})
