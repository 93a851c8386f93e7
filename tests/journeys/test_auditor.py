"""The auditor through HTTP: searches with sealed cursors, and replays of everything found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest

from chalicelib.model import instant_text
from tests.journeys.calls import VIOLENCE_HERE, a_call, renamed
from tests.journeys.people import PERIOD, found_by, replay_everything
from tests.journeys.rooms import STRANGERS, MovableClock, Stage, embedded_room


class Recorded(NamedTuple):
    """Decisions to search for, as they were made."""

    stage: Stage
    made: list[dict[str, Any]]
    times: list[datetime]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    """Forty calls over four days, by three handlers, under two versions."""
    clock = MovableClock()
    with embedded_room(tmp_path_factory.mktemp("history"), clock) as room:
        room.services.keys.create(STRANGERS[0])
        stage, made, times = Stage(room, clock), [], []
        for number in range(40):
            if number == 20:
                stage.put_in_force(renamed())
            call = a_call(*(VIOLENCE_HERE[:1] if number % 4 == 0 else ()), contact=f"HC-{number:03}")
            call["actor"]["pseudonym"] = f"ch-{number % 3}"
            made.append(room.handler.decide(call))
            times.append(clock.move(hours=2))
        yield Recorded(stage, made, times)


def test_an_auditor_finds_decisions_by_time_grade_version_and_handler_and_all_at_once(history: Recorded) -> None:
    auditor, made = history.stage.room.auditor, [one["decision"] for one in history.made]
    newest_first = made[::-1]
    digest = history.made[0]["policy"]["digest"]
    begins, ends = instant_text(history.times[9]), instant_text(history.times[29])
    rows: list[tuple[dict[str, str], list[str]]] = [
        ({}, newest_first),
        ({"grade": "IMMEDIATE"}, made[::4][::-1]),
        ({"grade": "PRIORITY"}, []),
        ({"policy_version": "2026.1"}, made[:20][::-1]),
        ({"policy_version": "2026.2"}, made[20:][::-1]),
        ({"policy_version": digest}, made[:20][::-1]),
        ({"handler": "ch-1"}, made[1::3][::-1]),
        ({"contact": "HC-007"}, [made[7]]),
        ({"from": begins, "to": ends}, made[10:30][::-1]),
        ({"from": begins, "to": ends, "grade": "IMMEDIATE", "handler": "ch-0", "policy_version": "2026.2"}, [made[24]]),
    ]
    for query, expected in rows:
        for limit in (1, 7, 200):
            assert found_by(auditor, limit=limit, **query) == expected, (query, limit)


def test_the_time_of_a_search_can_be_given_with_any_offset(history: Recorded) -> None:
    auditor = history.stage.room.auditor
    begins, ends = history.times[9].replace(microsecond=0), history.times[29].replace(microsecond=0)
    east = [(one + timedelta(hours=5, minutes=30)).strftime("%Y-%m-%dT%H:%M:%S+05:30") for one in (begins, ends)]
    expected = found_by(auditor, from_=instant_text(begins), to=instant_text(ends))
    assert expected
    assert found_by(auditor, from_=east[0], to=east[1]) == expected


def test_a_cursor_that_is_not_one_of_this_search_and_reader_is_refused(history: Recorded) -> None:
    auditor = history.stage.room.auditor
    asked = {**PERIOD, "limit": "5"}
    cursor = auditor.get("/v1/decisions", **asked).granted()["cursor"]
    assert auditor.get("/v1/decisions", **asked, cursor=cursor).status == 200
    colleague = history.stage.room.caller("auditor", subject="auditor-2")
    stranger = history.stage.room.caller("auditor", force=STRANGERS[0])
    tampered = [cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB"), cursor[4:], cursor + "A", "B" + cursor[1:], "x"]
    for wrong in tampered:
        assert auditor.get("/v1/decisions", **asked, cursor=wrong).problem(400, "invalid_cursor")["errors"]
    colleague.get("/v1/decisions", **asked, cursor=cursor).problem(400, "invalid_cursor")
    stranger.get("/v1/decisions", **asked, cursor=cursor).problem(400, "invalid_cursor")
    for other in ({"grade": "IMMEDIATE"}, {"handler": "ch-1"}, {"mode": "training"}, {"to": "2026-12-01T00:00:00Z"}):
        auditor.get("/v1/decisions", **{**asked, **other, "cursor": cursor}).problem(400, "invalid_cursor")
    assert auditor.get("/v1/decisions", **{**asked, "limit": "9", "cursor": cursor}).status == 200


def test_a_cursor_lives_for_a_day(fresh: Stage) -> None:
    for number in range(3):
        fresh.room.handler.decide(a_call(contact=f"HC-{number}"))
    asked = {**PERIOD, "limit": "1"}
    cursor = fresh.room.auditor.get("/v1/decisions", **asked).granted()["cursor"]
    fresh.clock.move(hours=23)
    assert fresh.room.auditor.get("/v1/decisions", **asked, cursor=cursor).status == 200
    fresh.clock.move(hours=2)
    fresh.room.auditor.get("/v1/decisions", **asked, cursor=cursor).problem(400, "invalid_cursor")


def test_everything_in_the_history_replays_to_its_record(history: Recorded) -> None:
    assert replay_everything(history.stage.room.auditor, history.stage.room.journal) == len(history.made) == 40
