"""What stands for an incident: rows of what people and decisions did, and the grade after it."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from chalicelib.incidents.standing import stands
from tests.incidents.tales import Tale, minute


class Row(NamedTuple):
    """A story, and what stands after it."""

    remark: str
    tale: Tale
    grade: str
    since: float
    by: str
    fork: bool = False
    waiting: tuple[str, ...] = ()


def _two() -> Tale:
    """IMMEDIATE, and ten minutes later less."""
    return Tale().decision(0, "immediate").decision(10, "scheduled")


ROWS = (
    Row("what was recommended, while no human has decided", Tale().decision(0, "priority"), "PRIORITY", 0, "d1"),
    Row("a lower recommendation lowers nothing", _two(), "IMMEDIATE", 0, "d1"),
    Row("a higher one raises", Tale().decision(0, "scheduled").decision(5, "priority"), "PRIORITY", 5, "d2"),
    Row("also one that knew of nothing before it",
        Tale().decision(0, "scheduled").decision(5, "priority", seen=False), "PRIORITY", 5, "d2"),
    Row("and one that is lower and knew of nothing lowers nothing",
        Tale().decision(0, "immediate").decision(5, "scheduled", seen=False), "IMMEDIATE", 0, "d1"),
    Row("a human raises", Tale().decision(0, "scheduled").outcome(3, "immediate"), "IMMEDIATE", 3, "e1"),
    Row("a human lowers", _two().outcome(12, "scheduled"), "SCHEDULED", 12, "e1"),
    Row("accepting what stands does not begin its time anew",
        Tale().decision(0, "immediate").outcome(9, "immediate"), "IMMEDIATE", 0, "d1"),
    Row("however often", Tale().decision(0, "immediate").outcome(9, "immediate").decision(10).outcome(19, "immediate"),
        "IMMEDIATE", 0, "d1"),
    Row("what was left and comes again begins anew",
        _two().outcome(12, "scheduled").decision(20, "immediate").outcome(21, "immediate"), "IMMEDIATE", 20, "d3"),
    Row("lowering that waits for a second person does not count",
        _two().pending(12, "scheduled"), "IMMEDIATE", 0, "d1", waiting=("e1",)),
    Row("once authorised it does", _two().pending(12, "scheduled").answered(15, "e1"), "SCHEDULED", 12, "e1"),
    Row("refused it does not, and waits no more",
        _two().pending(12, "scheduled").answered(15, "e1", "refused"), "IMMEDIATE", 0, "d1"),
    Row("of two answers the first counts",
        _two().pending(12, "scheduled").answered(15, "e1", "refused").answered(16, "e1"), "IMMEDIATE", 0, "d1"),
    Row("a decision that the outcome did not see counts above it",
        Tale().decision(0, "scheduled").decision(5, "immediate").outcome(6, "scheduled", on="d1"),
        "IMMEDIATE", 5, "d2"),
    Row("one that it saw does not", _two().decision(11, "scheduled").outcome(12, "scheduled"), "SCHEDULED", 12, "e1"),
    Row("a later decision that is higher raises again",
        _two().outcome(12, "scheduled").decision(20, "priority"), "PRIORITY", 20, "d3"),
    Row("a later decision that is lower than the human's grade lowers nothing",
        Tale().decision(0, "scheduled").outcome(3, "immediate").decision(5, "scheduled"), "IMMEDIATE", 3, "e1"),
    Row("what came between asking and authorising counts above it",
        _two().pending(12, "scheduled").decision(13, "priority").answered(15, "e1"), "PRIORITY", 13, "d3"),
    Row("a grade that was set without a decision", Tale().event(2, "grade_set", grade="priority", national="PRIORITY"),
        "PRIORITY", 2, "e1"),
    Row("set before advice, and the advice is higher",
        Tale().event(2, "grade_set", grade="priority", national="PRIORITY").decision(4, "immediate"),
        "IMMEDIATE", 4, "d1"),
    Row("set before advice, and the advice is lower",
        Tale().event(2, "grade_set", grade="priority", national="PRIORITY").decision(4, "scheduled"),
        "PRIORITY", 2, "e1"),
    Row("two that did not see each other both hold, and the higher stands",
        _two().outcome(12, "scheduled", seen=()).outcome(13, "priority", seen=()), "PRIORITY", 13, "e2", fork=True),
    Row("in whichever order", _two().outcome(12, "priority", seen=()).outcome(13, "scheduled", seen=()),
        "PRIORITY", 12, "e1", fork=True),
    Row("also three", _two().outcome(12, "resolve", seen=()).outcome(13, "priority", seen=())
        .outcome(14, "scheduled", seen=()), "PRIORITY", 13, "e2", fork=True),
    Row("to assess it again does not begin the higher's time anew",
        _two().outcome(12, "scheduled", seen=()).outcome(13, "priority", seen=()).decision(20, "resolve"),
        "PRIORITY", 13, "e2", fork=True),
    Row("one that saw only some of them resolves nothing",
        _two().outcome(12, "priority", seen=()).outcome(13, "scheduled", seen=())
        .outcome(14, "scheduled", seen=("e2",)),
        "PRIORITY", 12, "e1", fork=True),
    Row("one that saw them all does",
        _two().outcome(12, "priority", seen=()).outcome(13, "scheduled", seen=()).outcome(14, "scheduled"),
        "SCHEDULED", 14, "e3"),
    Row("one that saw them all and waits does not",
        _two().outcome(12, "priority", seen=()).outcome(13, "scheduled", seen=()).pending(14, "scheduled"),
        "PRIORITY", 12, "e1", fork=True, waiting=("e3",)),
    Row("what waits is covered by an outcome that saw it",
        _two().pending(12, "scheduled").outcome(14, "priority"), "PRIORITY", 14, "e2"),
    Row("it was recorded late, and counts from when it was",
        _two().outcome(4, "priority", recorded=12, on="d2"), "PRIORITY", 4, "e1"),
)  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.remark)
def test_what_stands_is_what_people_set_and_what_was_recommended_since(row: Row) -> None:
    what = row.tale.stands
    assert (what.grade.value, what.since, what.by) == (row.grade, minute(row.since), row.by)
    assert what.fork is row.fork
    assert tuple(event.id for event in what.waiting) == row.waiting


def test_nothing_stands_for_an_incident_of_which_nothing_is_known() -> None:
    assert stands(Tale().story) is None
