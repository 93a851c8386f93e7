"""Faults planted in what becomes of incidents, each as a snippet of a function's source and what stands there instead.

Each names the tests that have to see it. What they make of it, `test_mutants` says.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterable
from types import CodeType
from typing import Any, NamedTuple

from chalicelib.incidents import dues, duties, refusals, rows, standing, story, timers
from chalicelib.workflows.earlier_decisions import EarlierDecisions
from chalicelib.workflows.record_outcome import OutcomeRecorder
from tests.incidents import test_at_once, test_dues, test_duties, test_refusals, test_rows, test_standing, test_timers


class Mutant(NamedTuple):
    """One planted fault."""

    name: str
    remark: str
    look: Callable[[], None]
    """What has to see it."""
    function: Any
    snippet: str
    instead: str

    def code(self) -> CodeType:
        """The function's code with the fault in it."""
        text = textwrap.dedent(inspect.getsource(self.function))
        assert text.count(self.snippet) == 1, "the mutant no longer applies"
        changed = "from __future__ import annotations\n" + text.replace(self.snippet, self.instead)
        module = compile(changed, inspect.getsourcefile(self.function) or "", "exec", dont_inherit=True)
        codes = (one for one in module.co_consts if isinstance(one, CodeType))
        return next(one for one in codes if one.co_name == self.function.__name__)


def _rows(test: Callable[..., None], found: Iterable[Any]) -> Callable[[], None]:
    def look() -> None:
        for row in found:
            test(row)

    return look


STANDING = _rows(test_standing.test_what_stands_is_what_people_set_and_what_was_recommended_since, test_standing.ROWS)
TIMERS = _rows(test_timers.test_a_timer_runs_only_while_that_means_something, test_timers.ROWS)
DUTIES = _rows(test_duties.test_a_duty_is_owed_until_an_event_does_it, test_duties.ROWS)
OWED = _rows(lambda row: test_dues.test_what_is_owed_arises_and_ends_with_what_happens(*row), test_dues.ROWS)
CLOSINGS = _rows(test_dues.test_an_incident_is_closed_until_it_is_assessed_again, test_dues.CLOSINGS)
LOWERING = _rows(test_refusals.test_an_outcome_is_refused_for_what_stands_against_it, test_refusals.LOWERING)

MUTANTS = (
    Mutant(
        "lowest_head", "the lowest of outcomes that did not see each other stands", STANDING, standing._highest,
        "return max(known,", "return min(known,",
    ),
    Mutant(
        "pending_counts", "lowering counts before a second person has authorised it", STANDING, standing.holds,
        'not event.details.get("needs") or', "True or",
    ),
    Mutant(
        "unseen_ignored", "an outcome counts above decisions that it did not see", STANDING, standing._of_branch,
        "known = seen.envelope if seen else head.envelope", "known = head.envelope",
    ),
    Mutant(
        "agreeing_begins_anew", "who agrees to a grade begins its time anew", TIMERS, standing.stands,
        "_reached(story, highest)", "highest.local, highest.since, highest.by",
    ),
    Mutant(
        "acknowledged_is_cleared", "what a supervisor has seen is shown no more",
        lambda: test_rows.test_to_acknowledge_puts_off_and_never_clears("put off", 5.0, "watch", True),
        rows._shown, "due is None or", "due is None or acknowledged_until is not None or",
    ),
    Mutant(
        "fact_refused", "what was done against policy is refused",
        test_at_once.test_a_request_is_refused_and_the_same_as_a_fact_is_recorded_and_marked,
        OutcomeRecorder._judged, 'if obstacles and given.act == "request":', "if obstacles:",
    ),
    Mutant(
        "diverted_ignored", "a unit that was taken away is still on its way", TIMERS, timers._ends,
        "if kind in _TAKEN_BACK and", "if False and",
    ),
    Mutant(
        "closed_and_still_on_the_way", "who was sent before it was closed stops what runs once it is open again",
        TIMERS, timers._stopped, "if over is None or event.at > over", "",
    ),
    Mutant(
        "failed_is_done", "an agency that refuses does the duty to ask it", DUTIES, duties._failed,
        'or details.get("state") in _REFUSED', "",
    ),
    Mutant(
        "told_before_it_was_known", "what was said before anybody knew of a delay tells of it", DUTIES,
        duties._Moment.precedes, "and event.envelope.recorded_at >= self.recorded", "",
    ),
    Mutant(
        "closing_counts_at_once", "a closing counts before it is authorised", CLOSINGS, dues.closed_at,
        'for event in story.of("closed") if holds(story, event)', 'for event in story.of("closed")',
    ),
    Mutant(
        "own_review", "who did something against policy reviews it themselves", OWED, dues._reviewed,
        "and done.envelope.actor.pseudonym != event.envelope.actor.pseudonym", "",
    ),
    Mutant(
        "lowered_without_looking", "what stands is lowered without a new assessment", LOWERING,
        refusals._of_lowering, "if not reassessed(story, stands):", "if False:",
    ),
    Mutant(
        "order_of_arrival", "events count as they arrive, not as they were recorded",
        test_rows.test_entries_tell_the_same_story_in_whatever_order_and_however_often_they_come, story.story_of,
        "tuple(sorted(events.values(), key=lambda one: (one.envelope.recorded_at, one.id)))", "tuple(events.values())",
    ),
    Mutant(
        "three_are_enough", "an assessment weighs only the newest decisions against an outcome",
        test_at_once.test_what_was_done_on_an_older_decision_does_not_lower_what_was_found_since,
        EarlierDecisions.read, "if found.doubtful or found.decided_further_back(wanted):", "if found.doubtful:",
    ),
)  # fmt: skip
"""Every planted fault."""
