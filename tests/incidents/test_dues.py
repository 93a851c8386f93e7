"""What else is outstanding in an incident, and when it is closed: rows of what happened and what is owed after it."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from chalicelib.incidents.dues import closed_at, items_of, open_reviews
from tests.incidents.tales import Tale, minute


class Row(NamedTuple):
    """What happened, and what of these kinds is owed after it."""

    remark: str
    tale: Tale
    owed: tuple[str, ...]


def _call() -> Tale:
    return Tale().decision(0, "immediate")


def _linked(how: str) -> Tale:
    return _call().event(5, "linked", how=how, incident="HC-20261123-0400")


def _review(tale: Tale, at: float = 5) -> Tale:
    return tale.event(at, "review_opened", because="worry")


def _reviewed(
    tale: Tale, at: float, who: str = "sup-1", role: str = "supervisor", *, review: str | None = None
) -> Tale:
    return tale.event(at, "review_done", who=who, role=role, result="as_it_was", review=review)


def _agency(state: str) -> Tale:
    return _call().event(5, "other_agency", agency="ambulance", state=state)


def _lost() -> Tale:
    return Tale().decision(0, "immediate", state="lost")


REASSESS = (
    Row("a unit that is taken away", _call().event(5, "diverted"), ("reassess.e1",)),
    Row("nobody comes in time", _call().event(5, "attendance_delayed", because="no_unit"), ("reassess.e1",)),
    Row("the other agency refuses", _agency("refused"), ("reassess.e1",)),
    Row("it is late", _agency("delayed"), ("reassess.e1",)),
    Row("it does not answer", _agency("no_answer"), ("reassess.e1",)),
    Row("it accepts", _agency("accepted"), ()),
    Row("the shift changes", _call().event(5, "transferred", to="next_shift"), ("reassess.e1",)),
    Row("it is handed to others", _call().event(5, "transferred", to="neighbourhood_team"), ()),
    Row("it is the same as another", _linked("same"), ("reassess.e1",)),
    Row("it repeats another", _linked("repeat"), ("reassess.e1",)),
    Row("a wrong reference was corrected", _linked("reference_corrected"), ()),
    Row("assessed again since", _call().event(5, "diverted").decision(6), ()),
    Row("assessed by a machine", _call().event(5, "diverted").decision(6, role="service"), ("reassess.e1",)),
    Row("assessed before anybody knew", _call().decision(6).event(5, "diverted", recorded=8), ("reassess.e1",)),
    Row("somebody was there since", _call().event(5, "diverted").event(6, "attended"), ()),
    Row("somebody was there before", _call().event(3, "attended").event(5, "diverted"), ("reassess.e2",)),
    Row("closed since", _call().event(5, "diverted").event(6, "closed", reason="dealt_with"), ()),
    Row("asked to be closed, which waits",
        _call().event(5, "diverted").event(6, "closed", reason="seen_elsewhere", needs="second_person"),
        ("reassess.e1",)),
    Row("the line is lost", _lost(), ("reassess.d1",)),
    Row("lost, and called back", _lost().event(3, "callback", reached="spoken_alone"), ()),
    Row("lost, and called back in vain", _lost().event(3, "callback", reached="no_answer"), ("reassess.d1",)),
    Row("lost, and assessed again", _lost().decision(3, state="lost"), ()),
    Row("lost, and assessed by a machine", _lost().decision(3, state="lost", role="service"), ("reassess.d1",)),
    Row("lost, and somebody was there since", _lost().event(9, "attended"), ()),
    Row("lost after somebody was there",
        Tale().decision(0).event(3, "attended").decision(9, state="lost"), ("reassess.d2",)),
    Row("lost in a second call, called back after the first",
        _lost().event(3, "callback", reached="spoken").decision(30, state="in_progress").decision(40, state="lost"),
        ("reassess.d3",)),
)  # fmt: skip

REVIEWS = (
    Row("a review is open", _review(_call()), ("review.e1",)),
    Row("and another", _review(_review(_call()), 6), ("review.e1", "review.e2")),
    Row("done by naming it", _reviewed(_review(_review(_call()), 6), 7, review="e1"), ("review.e2",)),
    Row("all are done where none is named", _reviewed(_review(_review(_call()), 6), 7), ()),
    Row("one that was done before does not end it", _review(_reviewed(_call(), 4)), ("review.e2",)),
    Row("done by somebody who is no supervisor", _reviewed(_review(_call()), 7, "ch-2", "call_handler"),
        ("review.e1",)),
    Row("open also when it is closed", _review(_call()).event(6, "closed", reason="dealt_with"), ("review.e1",)),
)  # fmt: skip


def _against(at: float = 5, who: str = "ch-1") -> Tale:
    return _call().event(at, "closed", who=who, reason="dealt_with", against=["review_open"])


AGAINST = (
    Row("what was done against policy is to be looked at", _against(), ("against_policy.e1",)),
    Row("until a supervisor reviews it", _reviewed(_against(), 9), ()),
    Row("not another colleague", _reviewed(_against(), 9, "ch-2", "call_handler"), ("against_policy.e1",)),
    Row("not whoever did it, supervisor or not", _reviewed(_against(who="sup-1"), 9), ("against_policy.e1",)),
    Row("a review of something else is none of it", _reviewed(_against(), 9, review="e7"), ("against_policy.e1",)),
    Row("a review by its name is", _reviewed(_against(), 9, review="e1"), ()),
    Row("one from before is not",
        _reviewed(_call(), 4).event(5, "closed", reason="dealt_with", against=["review_open"]),
        ("against_policy.e2",)),
    Row("a new assessment does not look at it", _against().decision(9), ("against_policy.e1",)),
)  # fmt: skip

WAITING = (
    Row("lowering that waits", _call().decision(5, "priority").pending(6, "priority"), ("authorise.e1",)),
    Row("authorised", _call().decision(5, "priority").pending(6, "priority").answered(7, "e1"), ()),
    Row("refused", _call().decision(5, "priority").pending(6, "priority").answered(7, "e1", "refused"), ()),
    Row("a closing that waits", _call().event(6, "closed", needs="second_person"), ("authorise.e1",)),
    Row("a closing that was authorised", _call().event(6, "closed", needs="second_person").answered(7, "e1"), ()),
    Row("a fork", _call().outcome(6, "immediate", seen=()).outcome(7, "resolve", seen=()), ("fork.e2",)),
    Row("resolved", _call().outcome(6, "immediate", seen=()).outcome(7, "resolve", seen=()).outcome(8, "resolve"), ()),
)  # fmt: skip

ROWS = [
    *((("reassess",), row) for row in REASSESS), *((("review",), row) for row in REVIEWS),
    *((("against_policy",), row) for row in AGAINST), *((("authorise", "fork"), row) for row in WAITING),
]  # fmt: skip


@pytest.mark.parametrize(("kinds", "row"), ROWS, ids=lambda one: one.remark if isinstance(one, Row) else one[0])
def test_what_is_owed_arises_and_ends_with_what_happens(kinds: tuple[str, ...], row: Row) -> None:
    items = row.tale.items(*kinds)
    assert tuple(items) == row.owed
    assert all(item.severity == "act" and item.due == item.since for item in items.values())


class Closing(NamedTuple):
    """What happened, and since which minute it is closed."""

    remark: str
    tale: Tale
    closed: float | None


def _closed(at: float = 6, needs: str | None = None) -> Tale:
    return _call().event(at, "closed", recorded=6, reason="dealt_with", needs=needs)


CLOSINGS = (
    Closing("open", _call(), None),
    Closing("closed", _closed(), 6),
    Closing("closed before it was recorded", _closed(2), 2),
    Closing("a decision that comes after opens it again", _closed().decision(9), None),
    Closing("also when the closing was said to be a little ahead", _closed(8).decision(7), None),
    Closing("nothing else does", _closed().event(9, "callback", reached="spoken").outcome(10, "immediate"), 6),
    Closing("closed once more", _closed().decision(9).event(11, "closed", reason="dealt_with"), 11),
    Closing("not while it waits", _closed(needs="second_person"), None),
    Closing("once authorised", _closed(needs="second_person").answered(9, "e1"), 6),
    Closing("not when refused", _closed(needs="second_person").answered(9, "e1", "refused"), None),
    Closing("authorised too late", _closed(needs="second_person").decision(8).answered(9, "e1"), None),
)  # fmt: skip


@pytest.mark.parametrize("row", CLOSINGS, ids=lambda row: row.remark)
def test_an_incident_is_closed_until_it_is_assessed_again(row: Closing) -> None:
    assert closed_at(row.tale.story) == (None if row.closed is None else minute(row.closed))
    assert ("nobody_there" in row.tale.items()) is (row.closed is None)


def test_reviews_that_are_open_come_in_the_order_in_which_they_were_opened() -> None:
    tale = _call().event(5, "review_opened", because="b").event(3, "review_opened", recorded=6, because="a")
    assert [event.id for event in open_reviews(tale.story)] == ["e1", "e2"]


def test_without_the_policy_only_what_needs_none_is_known() -> None:
    story = _call().event(5, "diverted").event(6, "review_opened", because="worry").story
    assert [item.id for item in items_of(story, None)] == ["review.e2", "reassess.e1"]
