"""What a draft would have recommended in recorded calls: raised, lowered, same, or cannot tell. It reads no store.

A decision is compared on the very state of knowledge in which it was made. It cannot be told when the draft looks at
something that the policy of the time never asked, and the answer decides on which side of the recorded grade the
draft's would lie (docs/decisions/0021). What is counted is a plain tally, so that parts can be added up in any order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from chalicelib.assessment.call import Call
from chalicelib.assessment.standing import standing_of
from chalicelib.authoring.grade_range import Regraded
from chalicelib.authoring.never_asked import NeverAsked
from chalicelib.authoring.one_by_one import tried
from chalicelib.authoring.regrade import regrade
from chalicelib.authoring.use import Decided, Use, count_decision, count_outcome
from chalicelib.canonical import Json
from chalicelib.model import instant_text
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import National
from chalicelib.policy.levels import Level
from chalicelib.policy.nodes import FALSE, TRUE


class Verdict(StrEnum):
    """What a draft does to a recorded grade, finding or requirement."""

    RAISED = "raised"
    LOWERED = "lowered"
    SAME = "same"
    CANNOT_TELL = "cannot_tell"


class Recorded(NamedTuple):
    """A recorded decision, as far as a draft is held against it."""

    id: str
    at: datetime
    call: Call
    grade: National
    """As it was recommended."""
    findings: Mapping[str, Level]
    attendance: bool
    """Whether attendance was required."""
    permitted: Sequence[str]
    flags: Sequence[str]
    reasons: Mapping[str, str | None]
    """The rules that held and the precautions that applied, each with the local grade that it gave."""


EarlierPolicy = Callable[[str, str], CompiledPolicy | None]
"""From the id and digest of the policy of a decision to that policy; None when it cannot be had."""

Tally = Counter[tuple[str, ...]]
"""How many decisions there were of each kind; a kind is named by a path, such as (grades, PRIORITY, SCHEDULED)."""

NOT_THERE, THERE = "not_there", "there"


class Compared(NamedTuple):
    """One decision under a draft."""

    verdict: Verdict
    line: Mapping[str, Json] | None
    """What is listed of it; None when nothing is different."""


class Backtest:
    """One draft against recorded decisions, one after another; it keeps nothing of them but the tally."""

    def __init__(self, draft: CompiledPolicy, earlier: EarlierPolicy) -> None:
        """Take a draft, and where the policies of the time are found."""
        self._draft, self._earlier = draft, earlier
        self._never: dict[str, tuple[NeverAsked, str]] = {}
        self.tally: Tally = Counter()

    def compare(self, recorded: Recorded) -> Compared:
        """Hold the draft against one decision, and count what came of it."""
        never = self._never_asked(recorded.call)
        call = never.as_put(recorded.call)
        standing = standing_of(self._draft, call, recorded.at)
        unasked = never.variables(call, recorded.at, standing)
        graded = regrade(self._draft, call.contact.state, standing, unasked)
        if not graded.exact:
            graded = tried(self._draft, call, recorded.at, unasked, graded)
        found = _Differences(self._draft, recorded, graded)
        found.count(self.tally)
        used: Use = Counter()
        count_decision(used, self._draft.policy, recorded.reasons, recorded.call.answers)
        self.tally.update({("use", *name): count for name, count in used.items()})
        return Compared(found.verdict, found.line())

    def count(self, decided: Decided) -> None:
        """Count what a human decided."""
        used: Use = Counter()
        count_outcome(used, decided)
        self.tally.update({("use", *name): count for name, count in used.items()})

    def _never_asked(self, call: Call) -> NeverAsked:
        used = call.policy
        if used.digest not in self._never:
            earlier = self._earlier(used.id, used.digest)
            self._never[used.digest] = NeverAsked(self._draft, earlier), THERE if earlier else NOT_THERE
        never, there = self._never[used.digest]
        self.tally["policies", used.digest, used.version, there] += 1
        return never


class _Differences:
    """What is different between a recorded decision and the draft's."""

    def __init__(self, draft: CompiledPolicy, recorded: Recorded, graded: Regraded) -> None:
        self._draft, self._recorded, self._graded = draft, recorded, graded
        self._held = [floor.rule for floor, truth in zip(draft.floors, graded.truths, strict=True) if truth == TRUE]
        self._might = [draft.floors[place].rule for place in sorted(graded.might_hold)]
        self._before = recorded.grade
        self._after, self._lowest, self._highest = (
            draft.grades[rank].national for rank in (graded.rank, graded.lowest, graded.highest)
        )
        self.verdict = _verdict(self._before.rank, self._lowest.rank, self._highest.rank)
        self._elements = self._of_elements()
        self._attendance = self._of_attendance()
        unsure = self._attendance in (Verdict.LOWERED, Verdict.CANNOT_TELL)
        self._weaker = self._lowest.rank < self._before.rank or (recorded.attendance and unsure)
        """Whether the grade is lower, or might be; or the same of attendance that was required."""
        now = {flag for rule in self._held for flag in rule.flags}
        self._dropped = sorted({*recorded.flags} - now)
        self._added = sorted(now - {*recorded.flags})
        now_given = {guard.id: draft.grades[guard.rank].id for guard in graded.cautions}
        reasons: dict[str, str | None] = {**now_given, **{rule.id: rule.grade for rule in self._held}}
        before = recorded.reasons
        self._reasons = {
            "newly": sorted(reasons.keys() - before.keys()),
            "no_longer": sorted(before.keys() - reasons.keys()),
            "regraded": sorted(name for name in reasons.keys() & before.keys() if reasons[name] != before[name]),
        }

    def _of_elements(self) -> dict[str, Verdict]:
        """Of each element that either has a finding for."""
        least = dict.fromkeys(self._recorded.findings, 0) | {one.id: 0 for one in self._draft.policy.elements}
        for rule in self._held:
            for finding in rule.findings:
                least[finding.element] = max(least[finding.element], finding.level.rank)
        most = dict(least)
        for rule in self._might:
            for finding in rule.findings:
                most[finding.element] = max(most[finding.element], finding.level.rank)
        before = self._recorded.findings
        return {name: _verdict(before.get(name, Level.NONE).rank, least[name], most[name]) for name in least}

    def _of_attendance(self) -> Verdict:
        least = any(rule.response and rule.response.require for rule in self._held)
        most = least or any(rule.response and rule.response.require for rule in self._might)
        return _verdict(self._recorded.attendance, least, most)

    def _permitted(self, *, at_best: bool) -> set[str]:
        """The responses that no rule is against, or may be; at best, where what was never asked turns out well."""
        says = [
            floor.rule.response
            for place, (floor, truth) in enumerate(zip(self._draft.floors, self._graded.truths, strict=True))
            if truth != FALSE and floor.rule.response and not (at_best and place in self._graded.might_hold)
        ]
        attending = any(one.require for one in says)
        forbidden = {name for one in says for name in one.forbid}
        return {
            one.id for one in self._draft.policy.responses if one.id not in forbidden and (one.attends or not attending)
        }

    def count(self, tally: Tally) -> None:
        """Add this decision to a tally."""
        tally["decisions",] += 1
        tally["outcome", self.verdict] += 1
        if self.verdict is Verdict.CANNOT_TELL:
            tally["open_grades", self._before, self._lowest, self._highest] += 1
            tally["may_be", "lower" if self._lowest.rank < self._before.rank else "not_lower"] += 1
            for fact in self._facts():
                tally["facts", fact] += 1
        else:
            tally["grades", self._before, self._after] += 1
        for name, verdict in self._elements.items():
            tally["elements", name, verdict] += 1
        for flag in self._recorded.flags or ("",):
            tally["groups", flag, self.verdict] += 1
        tally["attendance", "required" if self._recorded.attendance else "not_required", self._attendance] += 1
        if self._weaker:
            tally["weaker",] += 1
        if not self._graded.exact:
            tally["not_exact",] += 1
        self._count_sets(tally)

    def _count_sets(self, tally: Tally) -> None:
        for flag in self._dropped:
            tally["flags", flag, "dropped"] += 1
        for flag in self._added:
            tally["flags", flag, "added"] += 1
        for name in self._permitted(at_best=False).difference(self._recorded.permitted):
            tally["responses", name, "newly_permitted"] += 1
        refused = {one.id for one in self._draft.policy.responses} - self._permitted(at_best=True)
        for name in refused.intersection(self._recorded.permitted):
            tally["responses", name, "newly_refused"] += 1
        if self.verdict in (Verdict.RAISED, Verdict.LOWERED):
            for how, names in self._reasons.items():
                for name in names:
                    tally["reasons", self.verdict, name, how] += 1

    def _facts(self) -> tuple[str, ...]:
        """The facts that were never asked and that it depends on."""
        variables = self._draft.variables
        return tuple(dict.fromkeys(variables[index].fact for index in sorted(self._graded.depends_on)))

    def line(self) -> Mapping[str, Json] | None:
        """The decision as it is listed; None when grade, findings, attendance and flags are the same."""
        elements = {name: verdict.value for name, verdict in self._elements.items() if verdict is not Verdict.SAME}
        same = self.verdict is Verdict.SAME and self._attendance is Verdict.SAME
        if same and not (elements or self._dropped or self._added):
            return None
        line: dict[str, Json] = {
            "decision": self._recorded.id,
            "at": instant_text(self._recorded.at),
            "verdict": self.verdict.value,
            "before": self._before.value,
            "after": self._after.value,
            "lowest": self._lowest.value,
            "highest": self._highest.value,
            "attendance": self._attendance.value,
            "weaker": self._weaker,
            "elements": elements,
            **self._reasons,
            "flags_dropped": self._dropped,
            "flags_added": self._added,
        }
        depends = (
            self._facts() if Verdict.CANNOT_TELL in (self.verdict, self._attendance, *self._elements.values()) else ()
        )
        return {**line, "never_asked": depends}


def _verdict(before: int, lowest: int, highest: int) -> Verdict:
    """On which side of what was before everything lies that can be."""
    if lowest > before:
        return Verdict.RAISED
    if highest < before:
        return Verdict.LOWERED
    return Verdict.SAME if lowest == highest else Verdict.CANNOT_TELL
