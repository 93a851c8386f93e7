"""Why something that is asked for is refused as things stand: what is outstanding, and what to do instead.

The same is found of what has been done already: that is recorded all the same, and marked with what it was against.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from chalicelib.assessment.call import Claim
from chalicelib.assessment.decision import Refusal
from chalicelib.canonical import canonical
from chalicelib.incidents.dues import open_reviews, reassessments
from chalicelib.incidents.duties import outstanding
from chalicelib.incidents.standing import Stands
from chalicelib.incidents.story import Event, Story
from chalicelib.incidents.timers import Told
from chalicelib.policy.closed_lists import Owner
from chalicelib.policy.document import National
from chalicelib.policy.obligations import OutcomeReason
from chalicelib.records.kinds import Kind
from chalicelib.records.log_line import london_time
from chalicelib.records.record import DecisionRecord, plain

_CONTROL_ROOM = (Owner.CALL_HANDLER, Owner.DISPATCHER, Owner.SUPERVISOR)


class Obstacle(NamedTuple):
    """One thing that stands against a request."""

    code: str
    says: str
    instead: str = ""
    """What to do instead."""


class Decided(NamedTuple):
    """What a human has decided, beside what stands."""

    outcome: str
    """accepted, set, raised, lowered or closed."""
    reason: OutcomeReason | None
    response: str | None
    words: str | None
    role: str
    supervisor: bool
    """Whether the client may speak for a supervisor, and says it does."""
    basis: DecisionRecord


def against_outcome(told: Told, decided: Decided) -> list[Obstacle]:
    """What stands against an outcome."""
    found = [*_of_reason(decided)]
    if decided.outcome != "raised":  # anybody may raise a grade, whatever they have seen of it
        found = [*_of_newer(told.story, decided), *found]
    if decided.outcome == "lowered":
        found += _of_lowering(told.story, told.stands)
    return [*found, *_of_response(decided), *_of_agency(told, decided)]


def _of_newer(story: Story, decided: Decided) -> Iterator[Obstacle]:
    newest = story.newest
    if newest is not None and newest.envelope.id != decided.basis.envelope.id:
        yield Obstacle(
            "newer_decision", f"Decision {newest.envelope.id} is newer.", "Look at it first, and decide on it."
        )


def _of_reason(decided: Decided) -> Iterator[Obstacle]:
    reason = decided.reason
    if reason is None:
        return
    if reason.refused is not None:
        instead = f"Record instead: {reason.instead.value}." if reason.instead else ""
        yield Obstacle("reason_refused", reason.refused, instead)
    elif decided.role not in reason.by:
        yield Obstacle(
            "reason_by_others", f'"{reason.title}" can be given by: {", ".join(reason.by)}.', "Ask one of them."
        )
    elif decided.role == "supervisor" and not decided.supervisor and decided.outcome != "raised":
        yield Obstacle("not_a_supervisor", "The token does not speak for a supervisor.", "Ask a supervisor.")


def _of_lowering(story: Story, stands: Stands) -> Iterator[Obstacle]:
    """Lowering needs a new assessment by a human, after what brought the grade about, with something new in it."""
    if not reassessed(story, stands):
        says = (
            f"{stands.grade.value} has stood since {london_time(stands.since)}, and nobody has assessed it again since."
        )
        yield Obstacle(
            "not_reassessed", says, "Ask, check or call back, assess again with what is new, and then decide."
        )


def reassessed(story: Story, stands: Stands) -> bool:
    """Whether a named human has assessed it since the last change, with an answer, a check or a contact attempt.

    What was tried counts from the assessment on that came after it: whoever assesses has to know of it.
    """
    before = [one for one in story.decisions if one.envelope.recorded_at <= stands.since]
    known = {_claim(claim) for one in before for claim in one.call.answers}
    checks = {canonical(plain(check)) for one in before for check in one.call.checks}
    tried = [
        event.envelope.recorded_at
        for event in story.of("callback", "check", "attended", "finding")
        if event.at >= stands.since and event.envelope.actor.role != "service"
    ]
    for record in story.decisions:
        if record.envelope.recorded_at <= stands.since or record.envelope.actor.role == "service":
            continue
        answers = (claim for claim in record.call.answers if claim.absent is None)
        new = any(_claim(claim) not in known for claim in answers)
        known_of = any(at <= record.envelope.recorded_at for at in tried)
        if new or known_of or any(canonical(plain(check)) not in checks for check in record.call.checks):
            return True
    return False


def _claim(claim: Claim) -> bytes:
    """What a claim says, whenever it was said."""
    return canonical({name: value for name, value in plain(claim).items() if name != "at"})


def _of_response(decided: Decided) -> Iterator[Obstacle]:
    refused = next((one for one in decided.basis.result.response.refused if one.response == decided.response), None)
    if refused is None or _authorised(refused, decided):
        return
    says, instead = "It is refused as things stand.", "Choose another."
    if refused.settled_by:
        says, instead = f"It depends on the answer to {refused.settled_by}.", "Ask that first, and assess it again."
    elif refused.unless_authorised_by:
        instead = "Ask a supervisor, who can permit it with a reason in words."
    yield Obstacle("response_refused", f"{refused.response}: rule {refused.rule}. {says}", instead)


def _authorised(refused: Refusal, decided: Decided) -> bool:
    allowed = refused.unless_authorised_by is not None and decided.supervisor
    return allowed and refused.settled_by is None and bool(decided.words)


_NEEDED = {
    "agency_asked": ("The other agency has not been asked.", "Ask it, and record that."),
    "agency_accepted": ("The other agency has not accepted.", "Record who has accepted, and when."),
    "caller_told": ("The caller has not been told who comes.", "Tell the caller, and record that."),
    "recheck_time": ("No time is set to check that it came.", "Record when it is expected, or when to check."),
}


def _of_agency(told: Told, decided: Decided) -> Iterator[Obstacle]:
    """What a response needs before it can be the answer, and nobody has recorded."""
    needs = next((one.needs for one in told.policy.policy.responses if one.id == decided.response), ())
    agency = told.story.last("other_agency")
    accepted = agency is not None and agency.details["state"] in ("accepted", "arrived")
    met = {
        "agency_asked": agency is not None,
        "agency_accepted": accepted,
        "caller_told": any(
            event.details["that"] in ("other_agency", "police_do_not_come") for event in told.story.of("caller_told")
        ),
        "recheck_time": agency is not None and bool({"recheck_at", "expected_at"} & set(agency.details)),
    }
    for need in needs:
        if not met[need]:
            says, instead = _NEEDED[need]
            yield Obstacle(need, says, instead)


def against_closing(told: Told, decided: Decided) -> list[Obstacle]:
    """What stands against closing."""
    return [*_of_newer(told.story, decided), *_of_reason(decided), *_of_open_ends(told, decided)]


def against_authorising(story: Story, event: Event) -> Iterator[Obstacle]:
    """What has come since something was asked for, so that it cannot be authorised any more as it was asked for.

    An outcome can be: what it did not see counts above it. A closing would hide it.
    """
    if event.kind is not Kind.CLOSED:
        return
    if any(one.envelope.recorded_at > event.envelope.recorded_at for one in story.decisions):
        yield Obstacle("newer_decision", "It was assessed again since closing was asked for.", _ASK_AGAIN)
    for review in open_reviews(story):
        yield Obstacle("review_open", f"A review is open since {london_time(review.at)}.", _ASK_AGAIN)
    for item in reassessments(story):
        yield Obstacle("not_reassessed", f"{item.title}.", _ASK_AGAIN)


_ASK_AGAIN = "Refuse it; it can be asked for again once that is done."


def _of_open_ends(told: Told, decided: Decided) -> Iterator[Obstacle]:
    story, stands = told.story, told.stands
    for event in open_reviews(story):
        yield Obstacle("review_open", f"A review is open since {london_time(event.at)} ({event.details['because']}).",
                       "Close it when the review is done.")  # fmt: skip
    for event in stands.waiting:
        yield Obstacle("waits_for_second_person", f"Outcome {event.id} waits for a second person.",
                       "Have it authorised or refused first.")  # fmt: skip
    if stands.fork:
        yield Obstacle("fork", "Two outcomes did not see each other.", "Say which holds: record an outcome.")
    for item in reassessments(story):
        yield Obstacle("not_reassessed", f"{item.title}.", "Assess it again first.")
    yield from _unanswered(told, decided)
    for duty in outstanding(told):
        if duty.owed_by in _CONTROL_ROOM and duty.working_days is None:
            yield Obstacle("duty_outstanding", f"{duty.title} [{duty.id}].", "Do it, and record it with its event.")


def _unanswered(told: Told, decided: Decided) -> Iterator[Obstacle]:
    """The grade or the policy asks for somebody to be there, and nobody has been."""
    story, stands = told.story, told.stands
    attended = _attended(story)
    elsewhere = decided.reason is not None and decided.reason.second_person
    if told.newest.result.response.require is not None and not attended and not elsewhere:
        yield Obstacle("not_attended", "An officer has to attend, and none has been there.",
                       "Send somebody, or record that somebody was there.")  # fmt: skip
    elif stands.grade.rank > National.RESOLVE.rank and not (attended or elsewhere or _arrived(told)):
        yield Obstacle("grade_stands", f"{stands.grade.value} stands, and nobody has answered it.",
                       "Attend, or assess it again and lower it with a reason first.")  # fmt: skip


def _attended(story: Story) -> bool:
    """Whether an officer has been there since the last call came in."""
    attended = story.last("attended")
    called = [one.call.contact.started_at for one in story.decisions]
    return attended is not None and all(attended.at >= at for at in called)


def _arrived(told: Told) -> bool:
    """Whether another agency that may answer it has been there. That it has accepted is not enough."""
    agency = told.story.last("other_agency")
    return told.agency_answers and agency is not None and agency.details["state"] == "arrived"
