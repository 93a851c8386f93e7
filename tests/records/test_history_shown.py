"""What was found of other incidents, in words: rows of look-ups and the sentences that they make."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.assessment.call import Call
from chalicelib.assessment.looked_up import History, LookUp, Seen
from chalicelib.policy.document import National
from chalicelib.records.history_shown import history_shown, related_shown
from tests.assessment.test_history import AT, LONG_AGO, look_up, seen
from tests.strategies import a_call, compiled, document, fact, rule

POLICY = compiled(
    document(
        [
            fact("danger", "yes_no", worse="yes"),
            fact("calls", "whole", worse="higher", history={"days": 1, "matched_by": ["phone"]}),
            fact("abuse", "whole", worse="higher", history={"days": 365, "matched_by": ["phone"], "flag": "da"}),
            fact("here", "whole", worse="higher", history={"days": 30, "matched_by": ["address"]}),
        ],
        [rule("danger", {"fact": "danger", "is": "yes"}, grade="top")],
        flags=[{"id": "da", "title": "Domestic abuse"}],
    )
)


def a_history(*look_ups: LookUp, **parts: object) -> Call:
    """A call for which these look-ups were made."""
    history = History.model_validate({"at": AT, "look_ups": look_ups, "begins": LONG_AGO, **parts})
    return a_call().model_copy(update={"lookups": (history,)})


def graded(name: str, hours: float, grade: str = "PRIORITY", flags: tuple[str, ...] = ()) -> Seen:
    """Another incident with a grade."""
    return seen(name, hours / 24, flags=flags).model_copy(update={"standing": National(grade)})


ROWS: list[tuple[Call, list[str], str]] = [
    (a_call(), [], "nothing was looked up"),
    (a_history(look_up("caller")), [], "nothing was found"),
    (
        a_history(look_up("caller", graded("I-1", 3), graded("I-2", 5, "IMMEDIATE", flags=("da",)))),
        [
            "2 earlier incidents from this number in 24 hours, the last graded PRIORITY 3 hours ago; "
            "flags: Domestic abuse."
        ],
        "two, and the longer window has no more",
    ),
    (
        a_history(look_up("caller", graded("I-1", 0.2), graded("I-2", 24 * 100))),
        [
            "1 earlier incident from this number in 24 hours, graded PRIORITY 12 minutes ago.",
            "2 earlier incidents from this number in 12 months, the last graded PRIORITY 12 minutes ago.",
        ],
        "more in the longer window",
    ),
    (
        a_history(look_up("caller", seen("I-1", 50)), begins=AT - timedelta(days=2)),
        ["At least 1 earlier incident from this number in 12 months, 50 days ago."],
        "before the history begins nothing is known; without a grade",
    ),
    (
        a_history(look_up("caller", graded("I-1", 0)), look_up("address", graded("I-1", 0, flags=("old",)))),
        [
            "1 earlier incident from this number in 24 hours, graded PRIORITY just now.",
            "1 earlier incident at this place in 30 days, graded PRIORITY just now; flags: old.",
        ],
        "by number and by place; a flag that the policy does not have",
    ),
    (
        a_history(look_up("victim", graded("I-1", 1.5)), look_up("victim", graded("I-2", 23.9), among="suspect")),
        ["2 earlier incidents with the victim in 24 hours, the last graded PRIORITY 90 minutes ago."],
        "a person whom no fact counts",
    ),
    (
        a_history(look_up("caller", state="late"), look_up("suspect", state="failed")),
        [
            "Earlier incidents from this number could not be looked up; treated as not known.",
            "Earlier incidents with the suspect could not be looked up; treated as not known.",
        ],
        "nothing was seen",
    ),
    (
        a_history(look_up("victim", graded("I-1", 2)), look_up("victim", among="suspect", state="late")),
        [
            "At least 1 earlier incident with the victim in 24 hours, graded PRIORITY 2 hours ago.",
            "Not all earlier incidents with the victim could be looked up; there may be more.",
        ],
        "a part was seen",
    ),
    (
        a_history(look_up("address", graded("I-1", 2), graded("I-2", 50), shared=True)),
        ["2 earlier incidents at this place in 30 days: shared by many people, not counted."],
        "a hospital",
    ),
    (a_history(look_up("address", state="late", shared=True)), [], "what would not count is not missed"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "expected"), [row[:2] for row in ROWS], ids=[row[2] for row in ROWS])
def test_earlier_incidents_are_said_in_words(call: Call, expected: list[str]) -> None:
    assert list(history_shown(POLICY, call) or ()) == expected


def test_a_recent_incident_that_shares_something_may_be_the_same() -> None:
    look_ups = (
        look_up("caller", graded("I-2", 0.2), graded("I-1", 23), graded("I-0", 24.1)),
        look_up("victim", graded("I-1", 3)),
        look_up("suspect", graded("I-1", 3), among="victim"),
        look_up("address", graded("H-1", 0.1), shared=True),
        look_up("address", seen("K-3", 0.5, contact=True)),
    )
    related = related_shown(a_history(*look_ups)) or ()
    assert [one.says for one in related] == [
        "I-2 may be the same: same number, PRIORITY, 12 minutes ago. Link it or say that it is another.",
        "I-1 may be the same: same number, same person, PRIORITY, 3 hours ago. Link it or say that it is another.",
        "K-3 may be the same: same place, 12 hours ago. Link it or say that it is another.",
    ]
    assert [(one.incident, one.contact) for one in related] == [("I-2", None), ("I-1", None), (None, "K-3")]
    [first, *_] = related_shown(a_history(*look_ups, incident="I-own")) or ()
    assert first.says == "I-2 may be the same: same number, PRIORITY, 12 minutes ago."


def test_where_nothing_is_related_nothing_is_said() -> None:
    assert related_shown(a_call()) is None
    assert related_shown(a_history(look_up("caller", graded("I-0", 24.1)))) is None
