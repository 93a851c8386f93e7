"""Whatever happens in an incident, in whatever order it comes: what is served is what the raw items tell, and what the
design's words say. Random histories of decisions, outcomes, answers, events and closings, late, repeated, unseen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any, Literal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chalicelib.errors import Invalid, Refused
from chalicelib.incidents.dues import closed_at, items_of, open_reviews
from chalicelib.incidents.standing import stands
from chalicelib.incidents.story import Story, story_of
from chalicelib.model import instant_text
from chalicelib.records.entry import Entry
from chalicelib.records.envelope import Actor
from chalicelib.records.record import details_of, record_of
from chalicelib.workflows.incident_desk import Doer
from chalicelib.workflows.record_entry import Recorded
from tests.incidents.by_the_words import RANKS, ByTheWords
from tests.incidents.desks import Desk, a_desk
from tests.incidents.tales import policy

GRADES = {"immediate": "IMMEDIATE", "priority": "PRIORITY", "scheduled": "SCHEDULED", "resolve": "RESOLVE"}
PEOPLE = (
    Doer(Actor(pseudonym="ch-1", role="call_handler"), supervisor=False),
    Doer(Actor(pseudonym="sup-1", role="supervisor"), supervisor=True),
    Doer(Actor(pseudonym="sup-2", role="supervisor"), supervisor=True),
)
HAPPENS: tuple[dict[str, Any], ...] = (
    {"kind": "check", "check": "number", "result": "marker"},
    {"kind": "advice_given", "duties": ["safety_advice"]},
    {"kind": "caller_told", "that": "police_come"},
    {"kind": "caller_told", "that": "not_reached"},
    {"kind": "callback", "reached": "no_answer"},
    {"kind": "callback", "reached": "spoken_alone"},
    {"kind": "other_agency", "agency": "ambulance", "state": "asked"},
    {"kind": "other_agency", "agency": "ambulance", "state": "accepted"},
    {"kind": "other_agency", "agency": "ambulance", "state": "refused"},
    {"kind": "assigned"},
    {"kind": "dispatched"},
    {"kind": "diverted"},
    {"kind": "attended"},
    {"kind": "attendance_delayed", "because": "no_unit"},
    {"kind": "linked", "how": "repeat", "incident": "HC-0"},
    {"kind": "transferred", "to": "next_shift"},
    {"kind": "finding", "by": "officer", "found": ["calm"]},
    {"kind": "review_opened", "because": "worry"},
    {"kind": "review_opened", "because": "worry"},
    {"kind": "review_done", "result": "as_it_was"},
)
REASONS = ("agreed", "own_reasons", "found_safe", "officer_says", "no_units", None)
CLOSED_FOR = ("dealt_with", "seen_elsewhere", "no_units")
LATE = st.sampled_from([0, 0, 0, 7, 300])
ACTS = st.sampled_from(["request", "fact"])


class Histories(RuleBasedStateMachine):
    """One incident to which anything happens."""

    desk: Desk
    words: ByTheWords

    @initialize(level=st.sampled_from(["none", "some", "threats", "violence"]))
    def begin(self, level: str) -> None:
        """Somebody calls."""
        self.desk, self.words = a_desk(), ByTheWords()
        self.requests: list[tuple[Callable[[], Any], list[Entry]]] = []
        self.stood, self.may_lower, self.newest_act = 0, False, ""
        self.assess(level, "one", "in_progress", "call_handler", unseen=False)

    def _key(self) -> str:
        return f"k{len(self.requests)}"

    def _do(self, ask: Callable[[], list[Recorded]], act: str, *unseen: str | None) -> list[Entry]:
        """Ask for something; what was recorded, nothing if it was refused or did not fit."""
        before = {entry.id: entry for entry in self.desk.raw()}
        self.may_lower = False
        made: list[Entry] = []
        try:
            with self.desk.trail.without(*unseen):
                made = [one.entry for one in ask()]
        except Refused as refused:
            self._is_on_record(refused, act, [entry for entry in self.desk.raw() if entry.id not in before])
        except Invalid:
            assert {entry.id for entry in self.desk.raw()} == set(before)
            return []
        after = {entry.id: entry for entry in self.desk.raw()}
        assert before.items() <= after.items()
        assert {entry.id for entry in made} <= set(after)
        self.requests.append((ask, made))
        return made

    def _is_on_record(self, refused: Refused, act: str, added: list[Entry]) -> None:
        """Only a request is refused, and all that it leaves is the refusal, with why."""
        assert act == "request", "what has happened is never refused"
        assert [entry.summary.kind for entry in added] == ["outcome_refused"]
        codes = [one["code"] for one in details_of(added[0])["obstacles"]]
        assert codes == [one.code for one in refused.faults] != []

    @rule(
        level=st.sampled_from(["none", "some", "threats", "violence"]), contact=st.sampled_from(["one", "two"]),
        state=st.sampled_from(["in_progress", "lost", "completed"]),
        role=st.sampled_from(["call_handler", "dispatcher", "service"]), unseen=st.booleans(),
    )  # fmt: skip
    def assess(self, level: str, contact: str, state: str, role: str, unseen: bool) -> None:
        """It is assessed, perhaps at the same time as the decision before it."""
        key, answer = self._key(), {"fact": "danger", "value": level, "correction": True}
        missed = self.words.decisions[-1][1] if unseen and self.newest_act == "decision" else None
        [entry] = self._do(lambda: [self.desk.assess(contact, state, role, answer, key=key)], "fact", missed)
        national = record_of(entry).result.national
        self.words.decide(entry.id, national.recommended.value)
        self.newest_act = "decision"
        if missed is None:
            assert national.standing.value == self.words.standing, "what the answer says that stands"

    @rule(
        which=st.integers(0, 5), act=ACTS, grade=st.sampled_from([*GRADES, None]), reason=st.sampled_from(REASONS),
        doer=st.sampled_from(PEOPLE), late=LATE, unseen=st.booleans(),
    )  # fmt: skip
    def decide(
        self, which: int, act: str, grade: str | None, reason: str | None, doer: Doer, late: int, unseen: bool
    ) -> None:
        """A human decides on a decision, perhaps an older one, perhaps at the same time as another human."""
        key, decision = self._key(), self.words.decisions[-1 - which % len(self.words.decisions)][1]
        said = {"act": act, "grade": grade, "reason": reason, "words": "They said so."} | self._at(late)
        said = {name: value for name, value in said.items() if value is not None}
        missed = self.words.sets[-1].name if unseen and self.newest_act == "set" else None
        for entry in self._do(lambda: [self.desk.outcome(decision, said, doer, key=key)], act, missed):
            details = details_of(entry)
            assert details["act"] == act
            self.words.set(
                entry.id, details["national"], on=decision, unseen=missed, needs=details.get("needs") is not None
            )
            self.newest_act, self.may_lower = "set", True

    @precondition(lambda self: self.words.waiting or self.words.waiting_closings)
    @rule(which=st.integers(0, 5), answer=st.sampled_from(["authorised", "refused"]), doer=st.sampled_from(PEOPLE))
    def second_person(self, which: int, answer: Literal["authorised", "refused"], doer: Doer) -> None:
        """A second person answers what waits; a handler, or whoever asked for it, cannot."""
        waiting = [*self.words.waiting, *self.words.waiting_closings]
        key, name = self._key(), waiting[which % len(waiting)]
        if self._do(lambda: [self.desk.answer(name, answer, doer, key=key)], "request"):
            assert doer.supervisor
            asked = next(entry for entry in self.desk.raw() if entry.id == name)
            assert asked.summary.actor != doer.actor.pseudonym
            self.words.answer(name, answer)
            assert self.words.closed or answer == "refused" or name in {one.name for one in self.words.sets}
            self.newest_act, self.may_lower = "answer", True

    @rule(said=st.lists(st.sampled_from(HAPPENS), min_size=1, max_size=3), doer=st.sampled_from(PEOPLE), late=LATE)
    def happen(self, said: list[dict[str, Any]], doer: Doer, late: int) -> None:
        """Things happen, and are recorded then or later."""
        key, events = self._key(), [one | self._at(late) for one in said]
        made = self._do(lambda: self.desk.events(events, doer, key=key), "fact")
        assert [entry.summary.kind for entry in made] == [one["kind"] for one in said]
        for entry in made:
            if entry.summary.kind == "review_opened":
                self.words.reviews[entry.id] = True
            if entry.summary.kind == "review_done" and doer.supervisor:
                self.words.review(None)

    @precondition(lambda self: self.words.open_reviews)
    @rule(which=st.integers(0, 3), doer=st.sampled_from(PEOPLE))
    def review(self, which: int, doer: Doer) -> None:
        """Somebody does one of the reviews that are open."""
        key, name = self._key(), self.words.open_reviews[which % len(self.words.open_reviews)]
        said = {"kind": "review_done", "review": name, "result": "as_it_was"}
        self._do(lambda: self.desk.events([said], doer, key=key), "fact")
        if doer.supervisor:
            self.words.review(name)

    @rule(grade=st.sampled_from(list(GRADES)), doer=st.sampled_from(PEOPLE), unseen=st.booleans())
    def set_a_grade(self, grade: str, doer: Doer, unseen: bool) -> None:
        """A human has acted without advice."""
        key, said = self._key(), {"kind": "grade_set", "grade": grade, "reason": "own_reasons"}
        missed = self.words.sets[-1].name if unseen and self.newest_act == "set" else None
        for entry in self._do(lambda: self.desk.events([said], doer, key=key), "fact", missed):
            self.words.set(entry.id, GRADES[grade], on=None, unseen=missed, needs=False)
            self.newest_act, self.may_lower = "set", True

    @rule(act=ACTS, reason=st.sampled_from(CLOSED_FOR), doer=st.sampled_from(PEOPLE))
    def close(self, act: str, reason: str, doer: Doer) -> None:
        """Somebody closes it, or asks to."""
        key, said = self._key(), {"kind": "closed", "act": act, "reason": reason, "words": "It is over."}
        for entry in self._do(lambda: self.desk.events([said], doer, key=key), act):
            self.words.close(entry.id, needs=details_of(entry).get("needs") is not None)

    @rule(which=st.integers(0, 30))
    def repeat(self, which: int) -> None:
        """The same request comes again: it is answered as before, and nothing is recorded."""
        ask, made = self.requests[which % len(self.requests)]
        before, self.may_lower = self.desk.raw(), False
        try:
            assert [one.entry for one in ask()] == made
        except Refused:
            assert made == []
        assert self.desk.raw() == before

    def _at(self, late: int) -> dict[str, str]:
        return {"at": instant_text(self.desk.clock() - timedelta(minutes=late))} if late else {}

    @invariant()
    def what_is_served_is_what_the_raw_items_tell_in_any_order(self) -> None:
        raw = self.desk.raw()
        chance = Random(len(raw))
        disordered = raw + chance.sample(raw, len(raw) // 2)
        chance.shuffle(disordered)
        served = self.desk.services.stories.story(self.desk.filed)
        rebuilt = story_of(self.desk.incident, "live", disordered)
        assert served == rebuilt
        assert stands(served) == stands(rebuilt)
        assert items_of(served, policy()) == items_of(rebuilt, policy())
        self._is_by_the_words(served)

    def _is_by_the_words(self, story: Story) -> None:
        what, words = stands(story), self.words
        assert what is not None
        assert what.grade.value == words.standing
        assert {event.id for event in what.heads} == {one.name for one in words.holding}
        assert {event.id for event in what.waiting} == set(words.waiting)
        assert what.fork == (len(words.holding) > 1)
        assert (closed_at(story) is not None) == words.closed
        assert {event.id for event in open_reviews(story)} == set(words.open_reviews)
        items = {item.id for item in items_of(story, policy()) if item.kind in ("authorise", "review")}
        waiting = {f"authorise.{name}" for name in (*words.waiting, *words.waiting_closings)}
        assert items == waiting | {f"review.{name}" for name in words.open_reviews}

    @invariant()
    def only_a_human_outcome_lowers_what_stands(self) -> None:
        stood, self.stood = self.stood, RANKS.index(self.words.standing)
        assert self.stood >= stood or self.may_lower


Histories.TestCase.settings = settings(
    max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestWhateverHappensTheRecordTellsIt = Histories.TestCase
