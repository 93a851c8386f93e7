"""What was found of other incidents, in words: how many there were, what could not be seen, and which may be the same.

It links nothing: people say whether two incidents are one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta

from chalicelib.assessment.call import Call
from chalicelib.assessment.history import reaches, reaches_back, window, within
from chalicelib.assessment.looked_up import MATCHED, History, LookUp, Seen, Slot
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Matching
from chalicelib.policy.wording import minutes_in_words
from chalicelib.records.advice import RelatedShown

RECENT_DAYS = 1
"""How far back another incident may lie that may be the same."""

MOST_RELATED = 10
"""How many of them are shown."""

_WITH: Mapping[Slot, str] = {
    "caller": "from this number",
    "address": "at this place",
    "victim": "with the victim",
    "suspect": "with the suspect",
}
_SAME = {Matching.PHONE: "number", Matching.PERSON: "person", Matching.ADDRESS: "place"}


def history_shown(policy: CompiledPolicy, call: Call) -> tuple[str, ...] | None:
    """What earlier incidents say, a sentence each; None when there is nothing to say."""
    history = call.history
    if history is None:
        return None
    flags = {flag.id: flag.title for flag in policy.policy.flags}
    said = [
        sentence
        for by in _WITH
        if (look_ups := [one for one in history.look_ups if one.by == by])
        for sentence in _sentences(history, look_ups, _windows(policy, MATCHED[by]), flags)
    ]
    return tuple(said) or None


def related_shown(call: Call) -> tuple[RelatedShown, ...] | None:
    """The recent other incidents that share a number, person or place which not many share, the newest first."""
    history = call.history
    if history is None:
        return None
    found: dict[tuple[str | None, str | None], tuple[Seen, list[Matching]]] = {}
    for one in history.look_ups:
        for seen in within(one, window(history, RECENT_DAYS)) if not one.shared else ():
            newest, by = found.get(seen.name, (seen, []))
            found[seen.name] = (max(newest, seen, key=lambda known: known.last), [*by, MATCHED[one.by]])
    ordered = sorted(found.values(), key=lambda one: (one[0].last, *map(str, one[0].name)), reverse=True)
    shown = [_related(seen, list(dict.fromkeys(by)), history) for seen, by in ordered[:MOST_RELATED]]
    return tuple(shown) or None


def _related(seen: Seen, by: Sequence[Matching], history: History) -> RelatedShown:
    shares = ", ".join(f"same {_SAME[one]}" for one in by)
    known = ", ".join(part for part in (shares, seen.standing, _ago(history.at - seen.last)) if part)
    says = f"{seen.incident or seen.contact} may be the same: {known}."
    return RelatedShown(
        incident=seen.incident,
        contact=seen.contact,
        by=tuple(by),
        standing=seen.standing,
        last_recorded=seen.last,
        says=says if history.incident else f"{says} Link it or say that it is another.",
    )


def _windows(policy: CompiledPolicy, matching: Matching) -> list[int]:
    """The windows in days in which the policy counts what shares this, the shortest first."""
    counted = [term.fact.history for term in policy.terms.values() if term.fact.history]
    return sorted({one.days for one in counted if matching in one.matched_by} or {RECENT_DAYS})


def _sentences(
    history: History, look_ups: Sequence[LookUp], windows: Collection[int], flags: Mapping[str, str]
) -> Iterator[str]:
    """What the look-ups by one person or place say: windows without anything, or with nothing more, say nothing."""
    where = _WITH[look_ups[0].by]
    counts = [one for one in look_ups if not one.shared]
    before: set[tuple[str | None, str | None]] = set()
    for days in windows:
        found = _newest_of_each(seen for one in counts for seen in within(one, window(history, days)))
        if found.keys() - before:
            yield _counted(history, counts, list(found.values()), days, flags)
        before |= found.keys()
    shared = _newest_of_each(
        seen for one in look_ups if one.shared for seen in within(one, window(history, max(windows)))
    )
    if shared:
        many = f"{_incidents(len(shared))} {where} {_in_days(max(windows))}"
        yield f"{many}: shared by many people, not counted."
    lost = [one for one in counts if one.state != "read"]
    if lost and len(lost) == len(counts):
        yield f"Earlier incidents {where} could not be looked up; treated as not known."
    elif lost:
        yield f"Not all earlier incidents {where} could be looked up; there may be more."


def _counted(
    history: History, look_ups: Sequence[LookUp], found: Sequence[Seen], days: int, flags: Mapping[str, str]
) -> str:
    start = window(history, days)
    newest = max(found, key=lambda seen: seen.last)
    whole = reaches_back(history, start) and all(reaches(one, start) for one in look_ups)
    many = _incidents(len(found))
    when = _ago(history.at - newest.last)
    graded = f"graded {newest.standing} {when}" if newest.standing else when
    marked = [flags.get(flag, flag) for flag in sorted({flag for seen in found for flag in seen.flags})]
    return (
        (many if whole else f"At least {many}")
        + f" {_WITH[look_ups[0].by]} {_in_days(days)}, {'the last ' if len(found) > 1 else ''}{graded}"
        + (f"; flags: {', '.join(marked)}." if marked else ".")
    )


def _newest_of_each(found: Iterator[Seen]) -> dict[tuple[str | None, str | None], Seen]:
    newest: dict[tuple[str | None, str | None], Seen] = {}
    for seen in found:
        newest[seen.name] = max(newest.get(seen.name, seen), seen, key=lambda known: known.last)
    return newest


def _incidents(number: int) -> str:
    return f"{number} earlier incident{'' if number == 1 else 's'}"


def _in_days(days: int) -> str:
    return {1: "in 24 hours", 365: "in 12 months"}.get(days, f"in {days} days")


def _ago(passed: timedelta) -> str:
    """How long ago something was, in the largest unit of which there are two, or one of the smallest."""
    minutes = int(passed.total_seconds()) // 60
    if minutes < 1:
        return "just now"
    for size in (1440, 60):
        if minutes >= 2 * size:
            return f"{minutes_in_words(minutes // size * size)} ago"
    return f"{minutes} minute{'' if minutes == 1 else 's'} ago"
