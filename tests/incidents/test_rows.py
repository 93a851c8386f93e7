"""An incident's row in the worklist, what changed between decisions, and the story from entries in any order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from chalicelib.incidents.changed import changed
from chalicelib.incidents.items import Item
from chalicelib.incidents.rows import Acknowledged, Row, row_of, shown_items
from chalicelib.incidents.story import story_of
from chalicelib.policy.closed_lists import Owner, Severity
from chalicelib.records.entry import Entry
from chalicelib.records.envelope import Mark
from chalicelib.records.record import decision_entry, event_entry
from tests.incidents.tales import BEGAN, INCIDENT, Tale, minute, policy

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _item(name: str, due: float | None, severity: Severity = Severity.ACT, **parts: object) -> Item:
    """An item that was due so many minutes ago."""
    return Item.model_validate(
        {
            "id": name, "kind": "timer", "title": name, "owed_by": Owner.DISPATCHER, "severity": severity,
            "since": BEGAN, "due": None if due is None else NOW - timedelta(minutes=due), **parts,
        }
    )  # fmt: skip


def _shown(*items: Item, acknowledged: tuple[str, float] | None = None) -> list[tuple[str, str, int, bool]]:
    seen = (Acknowledged(item=acknowledged[0], until=NOW + timedelta(minutes=acknowledged[1])),) if acknowledged else ()
    row = Row(incident=INCIDENT, seen=1, closed=False, items=items, acknowledged=seen)
    return [(one.item.id, one.severity.value, one.overdue_minutes, one.acknowledged) for one in shown_items(row, NOW)]


@pytest.mark.parametrize(
    ("remark", "item", "shown"),
    [
        ("due", _item("a", 0), [("a", "act", 0, False)]),
        ("overdue", _item("a", 7.9), [("a", "act", 7, False)]),
        ("due soon it is to be watched", _item("a", -10), [("a", "watch", -10, False)]),
        ("due later it is not shown", _item("a", -10.1), []),
        ("without a time it is not shown", _item("a", None), []),
        ("paused it is not shown", _item("a", 5, paused=True), []),
        ("paused until later it is not", _item("a", 5, paused=True, paused_until=NOW + timedelta(minutes=1)), []),
        ("paused until now it is owed", _item("a", 5, paused=True, paused_until=NOW), [("a", "act", 5, False)]),
        ("what nobody measures is on record", _item("a", None, measured=False), [("a", "record", 0, False)]),
        ("what is to be watched stays so", _item("a", 50, Severity.WATCH), [("a", "watch", 50, False)]),
        ("what is on record stays so", _item("a", 50, Severity.RECORD), [("a", "record", 50, False)]),
    ],
)
def test_an_item_is_shown_by_what_it_is_worth_now(
    remark: str, item: Item, shown: list[tuple[str, str, int, bool]]
) -> None:
    assert _shown(item) == shown


@pytest.mark.parametrize(
    ("remark", "minutes", "severity", "acknowledged"),
    [
        ("put off", 5.0, "watch", True),
        ("the time is over", 0.0, "act", False),
        ("it was over before", -5.0, "act", False),
    ],
)
def test_to_acknowledge_puts_off_and_never_clears(
    remark: str, minutes: float, severity: str, acknowledged: bool
) -> None:
    assert _shown(_item("a", 7), acknowledged=("a", minutes)) == [("a", severity, 7, acknowledged)]


def test_to_acknowledge_one_item_puts_off_no_other() -> None:
    found = _shown(_item("a", 7), _item("b", 3), acknowledged=("a", 5))
    assert found == [("b", "act", 3, False), ("a", "watch", 7, True)]


def test_the_worst_comes_first_then_the_longest_overdue_then_by_name() -> None:
    unmeasured = _item("e", None, measured=False)
    items = [_item("c", 50, Severity.WATCH), _item("b", 3), _item("a", 3), _item("d", 9), unmeasured]
    for seed in range(5):
        Random(seed).shuffle(items)
        assert [name for name, *_ in _shown(*items)] == ["d", "a", "b", "c", "e"]


def test_what_was_acknowledged_twice_is_put_off_until_the_later() -> None:
    tale = Tale().decision(0).event(5, "acknowledged", items=["look"], minutes=30)
    tale.event(6, "acknowledged", items=["look", "other"], minutes=10)
    row = row_of(tale.story, policy())
    assert {one.item: one.until for one in row.acknowledged} == {"look": minute(35), "other": minute(16)}
    assert row.items == row_of(Tale().decision(0).story, policy()).items


def test_a_row_says_what_stands_since_when_and_of_how_much_it_was_made() -> None:
    tale = Tale(opened=-2).decision(0, "priority").decision(4, "immediate").event(5, "dispatched")
    row = row_of(tale.story, policy())
    assert (row.standing, row.since, row.opened_at, row.seen) == ("IMMEDIATE", minute(4), minute(-2), 3)
    assert row.next_due == min(item.due for item in row.items if item.due)
    assert (row.closed, row.open) == (False, True)


def test_a_closed_incident_stays_in_the_worklist_while_something_is_owed() -> None:
    tale = Tale().decision(0).event(5, "closed", reason="dealt_with")
    assert (row_of(tale.story, policy()).closed, row_of(tale.story, policy()).open) == (True, False)
    tale.event(6, "review_opened", because="worry")
    assert (row_of(tale.story, policy()).closed, row_of(tale.story, policy()).open) == (True, True)


def test_what_changed_is_what_is_other_than_before() -> None:
    first, second, third = Tale().decision(0, "scheduled").decision(5, "immediate").decision(
        9, "scheduled", victim=True).story.decisions  # fmt: skip
    assert changed(None, first) is None
    up, down = changed(first, second), changed(second, third)
    assert up is not None
    assert down is not None
    assert (up.recommended_was, up.standing_was, up.reasons_new, up.reasons_gone) == ("SCHEDULED",) * 2 + (
        ("violence",), ())  # fmt: skip
    assert (up.answers_new, up.duties_new[:1], up.policy_was) == (("danger",), ("tell_caller",), None)
    assert (down.recommended_was, down.standing_was, down.reasons_gone) == ("IMMEDIATE", None, ("violence",))
    assert down.answers_new == ("danger", "victim")


def _entries(tale: Tale) -> list[Entry]:
    mark = Mark(b"s" * 32, "f")
    events = (event_entry(one.envelope, one.details, name=INCIDENT, mark=mark) for one in tale.story.events)
    return [*(decision_entry(one, mark) for one in tale.story.decisions), *events]


def test_entries_tell_the_same_story_in_whatever_order_and_however_often_they_come() -> None:
    tale = Tale().decision(0).event(3, "dispatched").event(2, "callback", recorded=4, reached="spoken").decision(5)
    tale.pending(6, "scheduled").answered(7, "e3").event(7, "caller_told", that="police_come")
    entries = _entries(tale)
    told = story_of(INCIDENT, "live", entries)
    assert [event.id for event in told.events] == ["e1", "e2", "e3", "e4", "e5"]
    assert told.seen == 7
    for seed in range(10):
        chance = Random(seed)
        again = entries + chance.sample(entries, 4)
        chance.shuffle(again)
        assert story_of(INCIDENT, "live", again) == told


def test_what_was_for_training_is_another_story_and_words_are_in_none() -> None:
    entries = _entries(Tale().decision(0).event(3, "dispatched").event(4, "words", words="She is fine."))
    assert story_of(INCIDENT, "training", entries).seen == 0
    assert [event.id for event in story_of(INCIDENT, "live", entries).events] == ["e1"]


def test_the_last_event_is_the_one_that_happened_last() -> None:
    tale = Tale().decision(0).event(5, "dispatched").event(3, "dispatched", recorded=9)
    last = tale.story.last("dispatched")
    assert last is not None
    assert last.id == "e1"
