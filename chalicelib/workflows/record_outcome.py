"""What a human decided on a decision: recorded, or refused with what to do instead. The service itself decides nothing.

A request that would lower what stands counts only after a new assessment, with a reason that the policy permits and,
where it says so, once a second person has authorised it; until then the higher grade stands. What was done already is
a fact: it is recorded whatever it was against, and then stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from chalicelib.canonical import Json
from chalicelib.errors import Fault, NotFound
from chalicelib.incidents.details import Act, OutcomeGiven
from chalicelib.incidents.refusals import Decided, Obstacle, against_authorising, against_outcome
from chalicelib.incidents.standing import SETTING, Stands, stands, waits
from chalicelib.incidents.story import Event, Story
from chalicelib.incidents.timers import Told
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import National
from chalicelib.policy.obligations import OutcomeReason
from chalicelib.records.kinds import Kind
from chalicelib.records.record import DecisionRecord, plain, record_of
from chalicelib.workflows.find_decisions import DecisionFinder
from chalicelib.workflows.incident_desk import Asked, Doer, IncidentDesk, Made, raise_if, refusal_of
from chalicelib.workflows.read_story import Filed
from chalicelib.workflows.record_entry import Recorded, Requested

OUTCOME_ROUTE = "POST /v1/decisions/outcomes"
AUTHORISE_ROUTE = "POST /v1/outcomes/authorise"


class Answered(NamedTuple):
    """What a second person says to an outcome that waits."""

    outcome: str
    answer: Literal["authorised", "refused"]


class OutcomeRecorder:
    """Records outcomes."""

    def __init__(self, desk: IncidentDesk, finder: DecisionFinder) -> None:
        """Keep what it works with."""
        self._desk, self._finder = desk, finder

    def outcome(self, decision: str, given: OutcomeGiven, doer: Doer, requested: Requested) -> Recorded:
        """Record an outcome. Raises Invalid for one that does not fit the policy, Refused for one that is refused.

        A refusal is itself on record, so that the same request is refused with the same words again.
        """
        record = record_of(self._finder.one(requested.force, decision))
        asked = Asked(_filed(record), doer, requested, f"{OUTCOME_ROUTE} {decision}")
        before = self._before(asked)
        if before is not None:
            return before
        story = self._with(record, self._desk.story(asked))
        if (incident := _joined(asked.filed, story)) is not None:
            asked = asked._replace(filed=asked.filed._replace(incident=incident))
            before, story = self._before(asked), self._with(record, self._desk.story(asked))
        return before or self._judged(asked, given, record, story)

    def _judged(self, asked: Asked, given: OutcomeGiven, record: DecisionRecord, story: Story) -> Recorded:
        policy, doer = self._finder.policy_of(record), asked.doer
        what = stands(story)
        if what is None:
            raise AssertionError("a story with a decision has something that stands")
        national = {grade.id: grade.national for grade in policy.grades}.get(given.grade or "", what.grade)
        decided, missing = self._decided(policy, given, doer, record, _outcome(given, national, what.grade))
        obstacles = against_outcome(Told(story, what, policy, story.newest or record), decided)
        about = {**_about(decided, given, what), "national": national.value}
        if obstacles and given.act == "request":
            raise self._desk.refuse(asked, obstacles, about)
        needs = _needs(decided, given)
        details: dict[str, Json] = {
            **about,
            "words": self._desk.keep_words(asked, given.words),
            "against": [*missing, *(one.code for one in obstacles), *_unauthorised(decided, needs)] or None,
            "needs": needs,
        }
        return self._desk.keep(asked, Made(Kind.OUTCOME, given.at, details))

    def authorise(self, filed: Filed, answered: Answered, doer: Doer, requested: Requested) -> Recorded:
        """Record a second person's answer. Raises NotFound, or Refused for one that does not wait, or by the same."""
        asked = Asked(filed, doer, requested, f"{AUTHORISE_ROUTE} {answered.outcome}")
        before = self._before(asked)
        if before is not None:
            return before
        story = self._desk.story(asked)
        event = next((one for one in story.of(*SETTING, "closed") if one.id == answered.outcome), None)
        if event is None:
            raise NotFound("There is no such outcome.")
        obstacles = list(_against_answer(story, event, doer))
        if answered.answer == "authorised" and not obstacles:
            obstacles += against_authorising(story, event)
        about: dict[str, Json] = {"outcome": answered.outcome, "answer": answered.answer}
        if obstacles:
            raise self._desk.refuse(asked, obstacles, about)
        return self._desk.keep(asked, Made(Kind.OUTCOME_AUTHORISED, None, about))

    def _before(self, asked: Asked) -> Recorded | None:
        before = self._desk.before(asked)
        if before is not None and before.entry.summary.kind == Kind.OUTCOME_REFUSED:
            raise refusal_of(before.entry)
        return before

    def _with(self, record: DecisionRecord, story: Story) -> Story:
        """The story with the decision itself, which an index may not know of yet."""
        if record.envelope.id in story.ids:
            return story
        known = sorted((*story.decisions, record), key=lambda one: (one.envelope.recorded_at, one.envelope.id))
        return Story(story.incident, tuple(known), story.events)

    def _decided(
        self, policy: CompiledPolicy, given: OutcomeGiven, doer: Doer, record: DecisionRecord, outcome: str
    ) -> tuple[Decided, list[str]]:
        """What was decided, and, of a fact, what its reason lacks. Raises Invalid."""
        reason = next((one for one in policy.policy.outcomes if one.id == given.reason), None)
        faults = self._faults(policy, given)
        sort = "accepted" if _accepts(policy, given, record, reason) and outcome == "raised" else outcome
        lacks = [] if faults else reason_faults(policy, reason, given.reason, sort, words=given.words)
        wrong, missing = parted(given.act, lacks)
        raise_if([*faults, *wrong, *self._desk.check_time(given.at, "/at")])
        actor = doer.actor.role
        return Decided(outcome, reason, given.response, given.words, actor, doer.supervisor, record), missing

    def _faults(self, policy: CompiledPolicy, given: OutcomeGiven) -> list[Fault]:
        found = []
        grades = [grade.id for grade in policy.grades]
        responses = [one.id for one in policy.policy.responses]
        if given.grade is not None and given.grade not in grades:
            found.append(Fault("grade", "/grade", "the policy has no such grade", "one of: " + ", ".join(grades)))
        if given.response is not None and given.response not in responses:
            found.append(
                Fault("response", "/response", "the policy has no such response", "one of: " + ", ".join(responses))
            )
        return found


def reason_faults(
    policy: CompiledPolicy, reason: OutcomeReason | None, named: str | None, outcome: str, *, words: str | None
) -> list[Fault]:
    """What is wrong with the reason that is given for an outcome, or with there being none."""
    fitting = [one.id for one in policy.policy.outcomes if outcome in one.for_ and one.refused is None]
    right = "one of: " + ", ".join(fitting)
    if named is None:
        return [] if outcome in ("accepted", "set") or not fitting else [
            Fault("no_reason", "/reason", f"nothing says why it is {outcome}", right)
        ]  # fmt: skip
    if reason is None:
        return [Fault("reason", "/reason", "the policy has no such reason", right)]
    # Whoever asks for what stands by now, because somebody else was quicker, is not sent back over the reason.
    if outcome not in reason.for_ and reason.refused is None and outcome != "accepted":
        return [Fault("unfit_reason", "/reason", f"it is no reason for what is {outcome}", right)]
    if reason.words and not words:
        return [Fault("no_words", "/words", "this reason has to be put in words as well", "a sentence or two")]
    return []


_MISSING = ("no_reason", "unfit_reason", "no_words")
"""What is wrong in a request. What has happened already is recorded without, and marked so."""


def parted(act: Act, faults: Sequence[Fault]) -> tuple[list[Fault], list[str]]:
    """The faults that stop a request or a fact, and the codes of those that only mark a fact."""
    marks = [fault.code for fault in faults if act == "fact" and fault.code in _MISSING]
    return [fault for fault in faults if fault.code not in marks], marks


def _outcome(given: OutcomeGiven, national: National, standing: National) -> str:
    if national.rank < standing.rank:
        return "lowered"
    if national.rank > standing.rank:
        return "raised"
    return "set" if given.view and given.view.before_advice else "accepted"


def _accepts(policy: CompiledPolicy, given: OutcomeGiven, record: DecisionRecord, reason: OutcomeReason | None) -> bool:
    """Whether what is decided is what the decision showed, recommended or standing, and no other reason is given."""
    shown = (record.result.national.recommended, record.result.national.standing)
    agrees = any(grade.id == given.grade and grade.national in shown for grade in policy.grades)
    return agrees and (reason is None or "accepted" in reason.for_)


def _about(decided: Decided, given: OutcomeGiven, what: Stands) -> dict[str, Json]:
    return {
        "act": given.act,
        "outcome": decided.outcome,
        "decision": decided.basis.envelope.id,
        "grade": given.grade or what.local,
        "stood": what.grade.value,
        "recommended": decided.basis.result.national.recommended.value,
        "basis": list(decided.basis.result.basis.ids),
        "response": given.response,
        "reason": given.reason,
        "seen": [event.id for event in (*what.heads, *what.waiting)],
        "view": plain(given.view) if given.view else None,
    }


def _needs(decided: Decided, given: OutcomeGiven) -> str | None:
    """What it waits for. A fact waits for nobody: it has happened."""
    second = decided.reason is not None and decided.reason.second_person and decided.outcome == "lowered"
    return "second_person" if second and given.act == "request" else None


def _unauthorised(decided: Decided, needs: str | None) -> list[str]:
    """What a fact was done without."""
    second = decided.reason is not None and decided.reason.second_person and decided.outcome == "lowered"
    return ["not_authorised"] if second and needs is None else []


def _against_answer(story: Story, event: Event, doer: Doer) -> list[Obstacle]:
    if not doer.supervisor:
        return [Obstacle("not_a_supervisor", "Only a supervisor can answer it.", "Ask a supervisor.")]
    if event.envelope.actor.pseudonym == doer.actor.pseudonym:
        return [Obstacle("same_person", "Nobody authorises their own outcome.", "Ask another supervisor.")]
    covered = {name for one in story.of(*SETTING) for name in one.details.get("seen", ())}
    if not waits(story, event) or event.id in covered:
        return [Obstacle("not_waiting", "It waits for nobody any more.", "Look at the incident as it is now.")]
    return []


def _joined(filed: Filed, story: Story) -> str | None:
    """The incident that a contact belongs to by now, where the decision was made before there was one."""
    newest = story.newest if filed.incident is None else None
    return newest.envelope.incident if newest is not None else None


def _filed(record: DecisionRecord) -> Filed:
    envelope = record.envelope
    return Filed(envelope.force, envelope.mode.value, envelope.contact, envelope.incident)
