"""Finding decisions again: by id, of an incident, by search; and replaying one. It changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chalicelib.assessment.contact import Mode
from chalicelib.assessment.decision import Result
from chalicelib.assessment.evaluate import evaluate
from chalicelib.assessment.explained import Explanation
from chalicelib.assessment.explanation import explanation_of
from chalicelib.canonical import canonical
from chalicelib.errors import Invalid, NotFound, Refused, Unreadable
from chalicelib.model import instant_text
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.ports import Clock, Entropy, Trail
from chalicelib.records.commitment import commitment, leaf
from chalicelib.records.cursor import NONCE, Search, open_cursor, seal_cursor
from chalicelib.records.entry import Entry, Query, Summary
from chalicelib.records.record import DecisionRecord, plain, record_of
from chalicelib.records.shown import shown_of
from chalicelib.workflows.force_keys import ForceKeys
from chalicelib.workflows.policies_in_force import PoliciesInForce
from chalicelib.workflows.record_entry import Recorder, place_of_decision


class Found(NamedTuple):
    """A page of a search, newest first."""

    decisions: Sequence[Summary]
    cursor: str | None
    """Goes on behind this page; None at the end."""
    as_of: str


class Replay(NamedTuple):
    """What came of replaying a decision from its own record and policy bytes."""

    decision: str
    equal: bool
    """Whether the replayed result has the very bytes that were recorded."""
    shown_equal: bool
    """Whether what was shown comes out the same, which newer wording may change without harm."""
    recorded: Result
    replayed: Result
    record: DecisionRecord
    intact: bool
    """Whether the record still is what its leaf commits to."""


class DecisionFinder:
    """Finds decisions for control rooms and auditors."""

    def __init__(
        self, trail: Trail, recorder: Recorder, policies: PoliciesInForce, keys: ForceKeys, clock: Clock
    ) -> None:
        """Keep the ports."""
        self._trail, self._recorder, self._policies, self._keys, self._clock = trail, recorder, policies, keys, clock

    def one(self, force: str, decision: str) -> Entry:
        """A decision by its id, wherever it is on record. Raises NotFound, also for another force's."""
        found = self._recorder.find(force, place_of_decision(decision), decision)
        if found is None:
            raise NotFound("There is no such decision.")
        return found.entry

    def explain(self, force: str, decision: str) -> Explanation:
        """Why a decision was recommended, by element and in words, from its record and the policy that was applied.

        Raises NotFound, or Refused when its policy cannot be had or when it was only to be observed.
        """
        record = record_of(self.one(force, decision))
        if record.envelope.mode is Mode.OBSERVE:
            raise Refused("The decision was made without showing advice; it can be replayed.", code="observed")
        return explanation_of(self.policy_of(record), record.call, record.envelope.at, record.result)

    def policy_of(self, record: DecisionRecord) -> CompiledPolicy:
        """The policy that was applied. Raises Refused when it is not stored as it was."""
        used = record.call.policy
        try:
            return self._policies.by_digest(used.id, used.digest)
        except (NotFound, Unreadable, Invalid) as error:
            raise Refused("The policy of this decision is not stored as it was.", code="policy_damaged") from error

    def search(self, query: Query, reader: str, limit: int, cursor: str | None, *, entropy: Entropy) -> Found:
        """A page of a search. Raises BadRequest for a cursor that is not one of this search and reader."""
        now = self._clock()
        search = Search(query, reader, self._keys.current(query.force), now)
        after = open_cursor(cursor, search) if cursor is not None else None
        page = self._trail.find(query, after, limit)
        more = seal_cursor(page.after, search, entropy(NONCE)) if page.after is not None else None
        return Found(page.found, more, instant_text(now))

    def replay(self, force: str, decision: str) -> Replay:
        """Evaluate a decision again from its own record. Raises NotFound, or Refused when its policy cannot be had."""
        entry = self.one(force, decision)
        record = record_of(entry)
        policy = self.policy_of(record)
        result = evaluate(policy, record.call, record.envelope.at)
        shown = shown_of(policy, record.envelope, record.call, result)
        return Replay(
            decision=decision,
            equal=canonical(plain(result)) == canonical(plain(record.result)),
            shown_equal=canonical(plain(shown)) == canonical(plain(record.shown)),
            recorded=record.result,
            replayed=result,
            record=record,
            intact=leaf(entry.summary, commitment(plain(record), entry.secret)) == entry.leaf,
        )
