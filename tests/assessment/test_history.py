"""How many other incidents a counted fact has found: rows of what was looked up, and what is claimed of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.assessment.call import Claim
from chalicelib.assessment.evaluate import evaluate
from chalicelib.assessment.history import counted
from chalicelib.assessment.looked_up import History, LookUp, Seen, Slot
from chalicelib.assessment.standing import standing_of
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Absence, Source
from tests.strategies import BEGINS, a_call, claim, compiled, document, fact, rule

AT = BEGINS
LONG_AGO = AT - timedelta(days=4000)


def seen(name: str, days: float = 0.5, *, contact: bool = False, flags: tuple[str, ...] = ()) -> Seen:
    """Another incident, so many days before the assessment."""
    named = {"contact" if contact else "incident": name}
    return Seen.model_validate({**named, "last": AT - timedelta(days=days), "flags": flags})


def look_up(by: Slot, *found: Seen, **parts: object) -> LookUp:
    """A look-up that has answered, unless it says otherwise."""
    return LookUp.model_validate({"by": by, "among": by, "kind": "phone", "state": "read", "found": found, **parts})


def policy_of(days: int, *matched_by: str, flag: str | None = None, least: int = 0) -> CompiledPolicy:
    """A policy that counts one fact."""
    counting: dict[str, Any] = {"days": days, "matched_by": list(matched_by)} | ({"flag": flag} if flag else {})
    one = fact("calls", "whole", worse="higher", history=counting, range={"least": least, "most": 9})
    repeat = rule("repeat", {"fact": "calls", "at_least": 2}, grade="top")
    return compiled(
        document([fact("danger", "yes_no", worse="yes"), one], [repeat], flags=[{"id": "da", "title": "A"}])
    )


def said(policy: CompiledPolicy, *look_ups: LookUp, **parts: object) -> dict[str, object]:
    """What is claimed of the one fact, in short; empty: nothing."""
    history = History.model_validate({"at": AT, "look_ups": look_ups, "begins": LONG_AGO, **parts})
    found: dict[str, object] = {}
    for one in counted(policy, history):
        assert (one.fact, one.source, one.at, one.counted) == ("calls", Source.HISTORY, AT, True)
        known = {"value": one.value, "at_least": one.at_least, "absent": one.absent}
        found |= {name: value for name, value in known.items() if value is not None}
    return found


DAY = policy_of(1, "phone")
JUST = timedelta(microseconds=1) / timedelta(days=1)
LATE: dict[str, object] = {"state": "late"}
FAILED: dict[str, object] = {"state": "failed"}

ROWS: list[tuple[tuple[LookUp, ...], dict[str, object], str]] = [
    ((look_up("caller"),), {"value": 0}, "nothing"),
    ((look_up("caller", seen("I-1")),), {"value": 1}, "one"),
    ((look_up("caller", seen("I-1", 1)),), {"value": 1}, "at the very beginning of the window"),
    ((look_up("caller", seen("I-1", 1 + JUST)),), {"value": 0}, "a microsecond before it"),
    ((look_up("caller", seen("I-1", 0)),), {"value": 1}, "at the moment of the assessment"),
    ((look_up("caller", seen("I-1"), seen("I-2"), seen("K-3", contact=True)),), {"value": 3}, "a contact alone counts"),
    (
        (look_up("caller", seen("I-1"), seen("I-1", contact=True)),),
        {"value": 2},
        "a contact is not an incident",
    ),
    ((look_up("caller", seen("I-1")), look_up("caller", seen("I-1"))), {"value": 1}, "one incident by two numbers"),
    ((look_up("caller", seen("I-1")), look_up("caller", seen("I-2"))), {"value": 2}, "two incidents by two numbers"),
    ((look_up("address", seen("I-1")),), {}, "matched by what the fact does not count"),
    ((look_up("caller", seen("I-1")), look_up("address", seen("I-2"))), {"value": 1}, "only what it counts"),
    ((look_up("caller", seen("I-1"), shared=True),), {}, "a switchboard says nothing"),
    ((look_up("caller", seen("I-1"), shared=True), look_up("caller", seen("I-2"))), {"value": 1}, "beside a number"),
    ((look_up("caller", *(seen(f"I-{place}") for place in range(9))),), {"value": 9}, "as many as the range holds"),
    ((look_up("caller", *(seen(f"I-{place}") for place in range(11))),), {"at_least": 9}, "more than it holds"),
    ((look_up("caller", seen("I-1"), back_to=AT - timedelta(days=2)),), {"value": 1}, "cut off before the window"),
    ((look_up("caller", seen("I-1"), back_to=AT - timedelta(days=1)),), {"at_least": 1}, "cut off at its beginning"),
    ((look_up("caller", seen("I-1"), back_to=AT - timedelta(days=0.5)),), {"at_least": 1}, "cut off within it"),
    ((look_up("caller", **FAILED),), {"absent": Absence.PENDING}, "it failed"),
    ((look_up("caller", **LATE),), {"absent": Absence.PENDING}, "it is late"),
    ((look_up("caller", **LATE), look_up("caller", **FAILED)), {"absent": Absence.PENDING}, "all of them"),
    ((look_up("caller", **LATE), look_up("caller")), {"absent": Absence.PENDING}, "one of them, and nothing found"),
    (
        (look_up("caller", **LATE), look_up("caller", seen("I-1"))),
        {"at_least": 1, "absent": Absence.PENDING},
        "one of them, and something found",
    ),
    ((look_up("caller", **LATE, shared=True), look_up("caller")), {"value": 0}, "what is late would not count"),
    ((look_up("caller"), look_up("address", **LATE)), {"value": 0}, "what is late is not counted for this fact"),
]


@pytest.mark.parametrize(("look_ups", "expected"), [row[:2] for row in ROWS], ids=[row[2] for row in ROWS])
def test_a_number_is_claimed_as_far_as_it_was_seen(look_ups: tuple[LookUp, ...], expected: dict[str, object]) -> None:
    assert said(DAY, *look_ups) == expected


ONE = look_up("caller", seen("I-1"))
BEGUN: list[tuple[object, dict[str, object], str]] = [
    (AT - timedelta(days=1), {"value": 1}, "the history begins with the window"),
    (AT - timedelta(days=1) + timedelta(microseconds=1), {"at_least": 1}, "a microsecond after it"),
    (None, {"at_least": 1}, "it is not known since when"),
]


@pytest.mark.parametrize(("begins", "expected"), [row[:2] for row in BEGUN], ids=[row[2] for row in BEGUN])
def test_before_the_force_s_own_history_nothing_is_known(begins: object, expected: dict[str, object]) -> None:
    assert said(DAY, ONE, begins=begins) == expected
    assert said(DAY, look_up("caller"), begins=begins) == ({"value": 0} if "value" in expected else {})


def test_an_incident_counts_by_the_flag_of_any_of_its_decisions() -> None:
    policy = policy_of(365, "phone", "address", flag="da")
    marked, not_marked = seen("I-1", 3, flags=("da", "other")), seen("I-2", 2, flags=("other",))
    assert said(policy, look_up("caller", marked, not_marked), look_up("address")) == {"value": 1}
    # The flag came with a decision that another look-up has found.
    assert said(policy, look_up("caller", seen("I-1")), look_up("address", marked)) == {"value": 1}
    assert said(policy, look_up("caller", not_marked), look_up("address", not_marked)) == {"value": 0}


PERSON: list[tuple[tuple[LookUp, ...], dict[str, object], dict[str, object], str]] = [
    ((look_up("victim", seen("I-1")),), {}, {"value": 1}, "the victim"),
    ((look_up("suspect", seen("I-1")),), {}, {"value": 1}, "the suspect"),
    ((look_up("victim", seen("I-1"), among="suspect"),), {}, {"value": 1}, "the victim was the suspect"),
    ((look_up("victim", seen("I-1")), look_up("suspect", seen("I-1"))), {}, {"value": 1}, "both in one"),
    ((look_up("caller", seen("I-1")),), {}, {}, "the number is nobody's"),
    ((look_up("victim", seen("I-1")),), {"left_out": ("suspect",)}, {"at_least": 1}, "somebody was not looked up"),
    ((look_up("victim", seen("I-1")),), {"left_out": ("address",)}, {"value": 1}, "the place was not, and no matter"),
]


@pytest.mark.parametrize(
    ("look_ups", "parts", "expected"), [row[:3] for row in PERSON], ids=[row[3] for row in PERSON]
)  # fmt: skip
def test_a_person_is_matched_as_victim_and_as_suspect(
    look_ups: tuple[LookUp, ...], parts: dict[str, object], expected: dict[str, object]
) -> None:
    assert said(policy_of(365, "person"), *look_ups, **parts) == expected


def test_what_could_not_be_looked_up_by_every_match_may_be_more() -> None:
    policy = policy_of(365, "phone", "person", "address")
    assert said(policy, ONE) == {"at_least": 1}
    whole = (ONE, look_up("victim", seen("I-2")), look_up("address", seen("I-1")))
    assert said(policy, *whole) == {"value": 2}
    shared = look_up("address", *(seen(f"H-{place}") for place in range(5)), shared=True)
    assert said(policy, *whole[:2], shared) == {"value": 2}, "a hospital is neither counted nor missing"


def test_a_range_that_does_not_begin_at_none_has_no_number_below_it() -> None:
    policy = policy_of(1, "phone", least=1)
    assert said(policy, look_up("caller")) == {}
    assert said(policy, ONE) == {"value": 1}
    assert said(policy, ONE, begins=None) == {}, "at least the least says nothing"


SENT: list[tuple[dict[str, object], str]] = [
    ({"source": Source.SYSTEM_CHECK}, "a smaller one of the CAD's"),
    ({"source": Source.SYSTEM_CHECK, "correction": True}, "one that corrects the CAD's own"),
    ({"source": Source.HISTORY}, "one that the CAD calls history"),
    ({"source": Source.HISTORY, "correction": True}, "one that corrects in the name of history"),
    ({"source": Source.CALLER}, "the caller's word"),
]


@pytest.mark.parametrize("other", [row[0] for row in SENT], ids=[row[1] for row in SENT])
def test_nobody_makes_smaller_what_was_counted(other: dict[str, object]) -> None:
    mine = Claim(fact="calls", source=Source.HISTORY, at=AT, value=3, counted=True)
    result = evaluate(DAY, a_call(mine, claim("calls", 5, value=0, **other)), AT)
    assert [one.id for one in result.reasons] == ["repeat"]


def test_a_higher_count_of_the_cad_s_holds_over_ours() -> None:
    mine = Claim(fact="calls", source=Source.HISTORY, at=AT, value=0, counted=True)
    for source in (Source.SYSTEM_CHECK, Source.HISTORY):
        result = evaluate(DAY, a_call(mine, claim("calls", value=4, source=source)), AT)
        assert [one.id for one in result.reasons] == ["repeat"]
        assert [one.fact for one in result.conflicts] == ["calls"]


def test_while_the_cad_still_counts_the_fact_is_pending_where_ours_leaves_it_open() -> None:
    mine = Claim(fact="calls", source=Source.HISTORY, at=AT, at_least=1, counted=True)
    pending = claim("calls", -5, absent=Absence.PENDING, source=Source.HISTORY)
    stands = standing_of(DAY, a_call(mine, pending), AT)
    assert Absence.PENDING in stands.reasons["calls"]
