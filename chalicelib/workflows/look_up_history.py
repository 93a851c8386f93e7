"""Looks up other incidents by the people and places that were sent, beside the reads of an assessment. It writes
nothing.

Every look-up begins at once. What has not answered by the deadline is left behind: the assessment goes on without it,
and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, wait
from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.assessment.call import Call, Person
from chalicelib.assessment.history import counted
from chalicelib.assessment.looked_up import History, LookUp
from chalicelib.authoring.activations import effective
from chalicelib.errors import ServiceError
from chalicelib.model import instant_of, instant_text
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.ports import Trail, World
from chalicelib.records.accumulation import joined_answers
from chalicelib.records.entry import Summary
from chalicelib.records.sightings import Own, Sightings
from chalicelib.records.sought import Sought, shared_values, sought
from chalicelib.workflows.policies_in_force import PoliciesInForce

DEADLINE = 0.150
"""Seconds from the beginning of the look-ups; what has not answered by then is late."""

LIMIT = 50
"""The most decisions that one look-up reads."""

MOST_LOOK_UPS = 12
"""The most look-ups for one assessment."""

FURTHEST = timedelta(days=3660)
"""The longest window that a policy can have: which policy applies is not known yet when the look-ups begin."""


class Found(NamedTuple):
    """What came of one look-up in time; None: nothing, or a failure."""

    what: Sought
    in_time: bool
    summaries: Sequence[Summary] | None


class HistoryLookUp:
    """Begins look-ups."""

    def __init__(self, trail: Trail, policies: PoliciesInForce, world: World) -> None:
        """Keep the ports; nothing is read yet."""
        self._trail, self._policies, self._world = trail, policies, world

    def begin(self, force: str, mode: str, people: Sequence[Person], at: datetime) -> LookingUp:
        """Begin all look-ups for the people and places that were sent."""
        look_up, submit, since = self._trail.of_subject, self._world.aside.submit, instant_text(at - FURTHEST)
        started = [
            (one, submit(look_up, force, mode, one.indexed, since, LIMIT)) for one in sought(people)[:MOST_LOOK_UPS]
        ]
        return LookingUp(force, started, self._policies, self._world)


class LookingUp:
    """Look-ups that have begun."""

    def __init__(
        self,
        force: str,
        started: Sequence[tuple[Sought, Future[Sequence[Summary]]]],
        policies: PoliciesInForce,
        world: World,
    ) -> None:
        """Take what was started; its time runs from now."""
        self._force, self._started = force, started
        self._policies, self._stopwatch = policies, world.stopwatch
        self._deadline = world.stopwatch() + DEADLINE

    def added_to(self, call: Call, policy: CompiledPolicy, own: Own) -> Call:
        """The call with what was found by the deadline and what that makes known; unchanged if nothing was sought."""
        if not self._started:
            return call
        history = self._history(call.people, policy, own)
        answers = joined_answers([*call.answers, *counted(policy, history)])
        return call.model_copy(update={"answers": answers, "lookups": (*call.lookups, history)})

    def _history(self, people: Sequence[Person], policy: CompiledPolicy, own: Own) -> History:
        found = self._in_time()
        sightings = Sightings(own, [one for known in found for one in known.summaries or ()])
        start = own.at - _longest(policy)
        shared, looked_up = shared_values(people), {known.what for known in found}
        left_out = [one.by for one in sought(people) if one not in looked_up and one.indexed.value not in shared]
        return History(
            at=own.at,
            incident=own.incident,
            look_ups=tuple(
                LookUp(
                    by=what.by,
                    among=what.indexed.slot,
                    kind=what.kind,
                    state="late" if not in_time else "failed" if summaries is None else "read",
                    shared=True if what.indexed.value in shared else None,
                    back_to=_back_to(summaries or ()),
                    found=tuple(seen for seen in sightings.of(summaries or ()) if seen.last >= start),
                )
                for what, in_time, summaries in found
            ),
            begins=self._begins(people),
            left_out=tuple(dict.fromkeys(left_out)),
        )

    def _in_time(self) -> list[Found]:
        """What has answered by the deadline. What has not even begun keeps no thread from the next assessment."""
        futures = [future for _, future in self._started]
        done = wait(futures, timeout=max(self._deadline - self._stopwatch(), 0)).done
        for future in futures:
            future.cancel()
        return [
            Found(what, future in done, _result(future) if future in done else None) for what, future in self._started
        ]

    def _begins(self, people: Sequence[Person]) -> datetime | None:
        """When the history begins that these hashes can find; under an earlier key they would be others."""
        if any((subject.key_version, subject.normalisation) != (1, 1) for one in people for subject in one.subjects):
            return None
        return min((entry.starts for entry in effective(self._policies.entries(self._force))), default=None)


def _longest(policy: CompiledPolicy) -> timedelta:
    """The longest window of a policy. What is older is not kept: the policy has no use for it."""
    return timedelta(
        days=max((term.fact.history.days for term in policy.terms.values() if term.fact.history), default=1)
    )


def _back_to(summaries: Sequence[Summary]) -> datetime | None:
    """How far back a look-up goes that has read as much as it may."""
    return instant_of(min(one.recorded_at for one in summaries)) if len(summaries) >= LIMIT else None


def _result(future: Future[Sequence[Summary]]) -> Sequence[Summary] | None:
    try:
        return future.result()
    except ServiceError:
        return None
