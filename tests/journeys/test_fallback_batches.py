"""Cards entered again, in batches that are broken off, or while stores fail: each is on record once, none is lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.errors import StoreFailed
from chalicelib.records.entry import Entry
from chalicelib.records.identity import same_request
from chalicelib.services import Services
from chalicelib.storage.folder_objects import FolderObjects
from chalicelib.storage.sqlite_trail import SqliteTrail
from chalicelib.workflows.enter_fallback import part_of
from chalicelib.workflows.record_entry import Requested
from tests.journeys.calls import FORCE, SHIPPED, renamed
from tests.journeys.cards import a_card, post_cards, story
from tests.journeys.people import found_by, new_key
from tests.journeys.rooms import MovableClock, Stage, embedded, local_tokens, room_of
from tests.leaks import Secret, kept_in_folder, leaks
from tests.prepared import place_store


def test_the_same_request_again_gets_the_same_bytes_and_records_nothing_twice(fresh: Stage) -> None:
    cards, key = [a_card(), a_card(contact="c-2", incident="i-2", grade="PRIORITY")], new_key()
    first = post_cards(fresh.room, *cards, key=key)
    fresh.clock.move(hours=3)
    fresh.put_in_force(renamed("2026.2"))
    again = post_cards(fresh.room, *cards, key=key)
    assert [first.status, again.status, again.body] == [201, 200, first.body]
    assert (again.headers["idempotent-replayed"], again.headers["thriives-audit"]) == ("true", "recorded")
    assert len(found_by(fresh.room.auditor)) == 2
    assert [len(story(fresh.room, incident)["events"]) for incident in ("i-1", "i-2")] == [1, 1]


def test_of_several_at_once_all_get_the_same_bytes_and_one_is_recorded(fresh: Stage) -> None:
    cards, key = [a_card(contact=f"c-{number}", incident=f"i-{number}") for number in range(3)], new_key()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: post_cards(fresh.room, *cards, key=key), range(4)))
    assert {one.body for one in answers} == {answers[0].body}
    assert len(found_by(fresh.room.auditor)) == 3
    assert [len(story(fresh.room, f"i-{number}")["events"]) for number in range(3)] == [1, 1, 1]


def with_phone(number: str) -> dict[str, Any]:
    people = [{"ref": "V1", "roles": ["caller"], "identifiers": [{"kind": "phone", "value": number}]}]
    return a_card(contact="c-2", incident="i-2", people=people)


OTHERS: list[tuple[Sequence[dict[str, Any]], str]] = [
    ([a_card(grade="PRIORITY"), with_phone("+447700900123")], "another grade"),
    ([a_card(), with_phone("+447700900124")], "another telephone number"),
    ([with_phone("+447700900123"), a_card()], "another order"),
    ([a_card()], "one card less"),
    ([a_card(), with_phone("+447700900123"), a_card(contact="c-3", incident="i-3")], "one card more"),
]


@pytest.mark.parametrize("other", [row for row, _ in OTHERS], ids=[remark for _, remark in OTHERS])
def test_another_body_under_a_used_key_is_refused(fresh: Stage, other: Sequence[dict[str, Any]]) -> None:
    key = new_key()
    assert post_cards(fresh.room, a_card(), with_phone("+447700900123"), key=key).status == 201
    post_cards(fresh.room, *other, key=key).problem(422, "idempotency_mismatch")
    assert len(found_by(fresh.room.auditor)) == 2


def test_no_identifier_is_kept_nor_in_what_could_be_guessed_from_what_is_kept(fresh: Stage, data: Path) -> None:
    secret = Secret("phone", "+447700900123")
    decision = post_cards(fresh.room, a_card(), with_phone(secret.value)).granted()["entries"][1]["decision"]
    assert leaks(kept_in_folder(data), [secret]) == []
    entry = fresh.room.services.finder.one(FORCE, decision)

    def same(number: str, *, with_key: bool) -> bool:
        body = {"entries": [a_card(), with_phone(number)]}
        part = part_of(Requested(FORCE, "cad-01", "a-key", body), 1).body
        keys = fresh.room.services.keys
        return same_request(
            entry.fingerprint, part, key_of=lambda n: keys.version(FORCE, n) if with_key else None, secret=entry.secret
        )

    assert [same("+447700900124", with_key=with_key) for with_key in (True, False)] == [False, True]
    assert same(secret.value, with_key=True)


class FailingTrail(SqliteTrail):
    """The embedded trail, which stops taking entries after some."""

    takes: int | None = None

    def append(self, entry: Entry) -> Entry | None:
        if self.takes is not None:
            if self.takes == 0:
                raise StoreFailed("The trail did not answer.")
            self.takes -= 1
        return super().append(entry)


class FailingSpill(FolderObjects):
    """A spill that takes nothing while it fails."""

    fails = False

    def create(self, name: str, data: bytes) -> bool:
        if self.fails:
            raise StoreFailed("The spill did not answer.")
        return super().create(name, data)


@contextmanager
def failing_room(folder: Path) -> Iterator[tuple[Stage, FailingTrail, FailingSpill]]:
    """A room whose stores can be made to fail."""
    place_store(folder, SHIPPED)
    clock = MovableClock()
    services = embedded(folder, clock)
    trail, spill = FailingTrail(folder / "trail.sqlite"), FailingSpill(folder / "spilled")
    services = Services(services.settings, replace(services.ports, trail=trail, spill=spill))
    with room_of(services, local_tokens(services)) as room:
        yield Stage(room, clock), trail, spill
    trail.close()


BATCH = [a_card(contact=f"c-{number}", incident=f"i-{number}", grade="PRIORITY") for number in range(3)]


@pytest.mark.parametrize("taken", range(6))
def test_a_batch_that_was_broken_off_anywhere_is_completed_by_the_same_request(tmp_path: Path, taken: int) -> None:
    with failing_room(tmp_path) as (stage, trail, spill):
        key = new_key()
        trail.takes, spill.fails = taken, True
        broken = post_cards(stage.room, *BATCH, key=key)
        assert broken.status == 503
        other = [BATCH[0], BATCH[1], {**BATCH[2], "grade": "IMMEDIATE"}]
        trail.takes, spill.fails = None, False
        if taken:
            post_cards(stage.room, *other, key=key).problem(422, "idempotency_mismatch")
        completed = post_cards(stage.room, *BATCH, key=key)
        again = post_cards(stage.room, *BATCH, key=key)
        assert [completed.status, again.status, again.body] == [201, 200, completed.body]
        entries = completed.json()["entries"]
        assert sorted(found_by(stage.room.auditor)) == sorted(one["decision"] for one in entries)
        for place, one in enumerate(entries):
            told = story(stage.room, f"i-{place}")
            assert [event["event"] for event in told["events"]] == [one["event"]]
            assert [decision["decision"] for decision in told["decisions"]] == [one["decision"]]


def test_a_batch_is_spilled_while_the_trail_does_not_answer_and_comes_back(tmp_path: Path) -> None:
    with failing_room(tmp_path) as (stage, trail, _):
        key = new_key()
        trail.takes = 1
        spilled = post_cards(stage.room, *BATCH, key=key)
        assert (spilled.status, spilled.headers["thriives-audit"]) == (201, "spilled")
        assert post_cards(stage.room, *BATCH, key=key).body == spilled.body
        trail.takes = None
        assert stage.room.services.drain() == (5, 0, 0)
        again = post_cards(stage.room, *BATCH, key=key)
        assert (again.status, again.headers["thriives-audit"], again.body) == (200, "recorded", spilled.body)
