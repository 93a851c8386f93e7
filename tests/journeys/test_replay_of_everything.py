"""Every decision is evaluated again from its own record and policy bytes, and equals it; a changed record does not."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from chalicelib.authoring.cases import Case, read_cases
from chalicelib.canonical import canonical
from chalicelib.storage.connect import Connect
from tests.aws import REGION, Created
from tests.journeys.calls import FORCE, POLICY_ID, VIOLENCE_HERE, a_call, activate, approved, renamed, shipped
from tests.journeys.people import Caller, found_by, replay_everything
from tests.journeys.rooms import (
    MovableClock,
    Room,
    Stage,
    embedded_room,
    on_aws,
    provider_token,
    room_of,
)

CASES = read_cases(shipped().cases.encode()).cases


def tell(handler: Caller, case: Case, clock: MovableClock, *, contact: str, mode: str = "live") -> None:
    """A case as a call in which one answer comes after the other, and which ends as the case does."""
    people = [person.model_dump(mode="json") for person in case.people]
    for person in people[:1]:
        person["identifiers"] = [{"kind": "phone", "value": "07700 900150"}]
    checks = [one.model_dump(mode="json") for one in case.checks]
    answers = [given.model_dump(mode="json", exclude_defaults=True) for given in case.answers]
    incident = {"reference": f"I-{contact}", "location_class": "rural", "opened_at": "2026-11-23T04:18:00+00:00"}
    for count in range(1, len(answers) + 1, 3):
        handler.decide(a_call(*answers[:count][-3:], contact=contact, people=people, mode=mode))
        clock.move(seconds=7)
    last = a_call(*answers, contact=contact, people=people, checks=checks, incident=incident, mode=mode)
    last["contact"]["state"] = case.contact.state.value
    handler.decide(last)


@pytest.mark.parametrize("mode", ["live", "observe"])
def test_every_case_of_the_shipped_policy_told_bit_by_bit_replays(tmp_path: Path, mode: str) -> None:
    clock = MovableClock()
    with embedded_room(tmp_path, clock) as room:
        for number, case in enumerate(CASES):
            tell(room.handler, case, clock, contact=f"HC-{number}", mode=mode)
        assert replay_everything(room.auditor, room.journal) > 2 * len(CASES)


def test_decisions_replay_under_the_policy_that_made_them_whatever_is_in_force(fresh: Stage, data: Path) -> None:
    room, clock = fresh
    tell(room.handler, CASES[0], clock, contact="before")
    fresh.put_in_force(renamed())
    odd: list[dict[str, Any]] = [{"fact": "weapon", "value": 7}, {"fact": "nothing"}, {"fact": "suspect_whereabouts"}]
    room.handler.decide(a_call(*odd, *VIOLENCE_HERE, contact="after"))
    room.handler.decide(a_call(*VIOLENCE_HERE, contact="before", state="lost", trigger="line_lost"))
    room.handler.decide(a_call(contact="before", state="lost", actor={"pseudonym": "s-1", "role": "supervisor"}))
    versions = {json.loads(body)["policy"]["version"] for body in room.journal.bodies.values()}
    assert versions == {"2026.1", "2026.2"}
    assert replay_everything(room.auditor, room.journal) == len(room.journal.bodies)
    with embedded_room(data, clock) as another:
        assert replay_everything(another.auditor, room.journal) == len(room.journal.bodies), "in another process too"


def test_decisions_on_aws_replay_to_their_records(
    moto: str, created: Created, key_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto)
    connect, clock = Connect(REGION), MovableClock()
    services = on_aws(created, key_url, connect, clock)
    services.keys.create(FORCE)

    def token(roles: tuple[str, ...], subject: str, force: str) -> str:
        return provider_token(roles, subject, force, clock=clock)

    with room_of(services, token) as room:
        activate(room.approver, approved(room.owner, room.approver, shipped())).granted()
        clock.move(minutes=1)
        for number, case in enumerate(CASES[:12]):
            tell(room.handler, case, clock, contact=f"HC-{number}", mode=("live", "training")[number % 2])
        assert replay_everything(room.auditor, room.journal) > 24
    connect.close()


# What a replay says of a record that is not what was written.


class Kept(NamedTuple):
    """A decision, and the trail it is in."""

    room: Room
    data: Path
    decision: str

    def replayed(self) -> tuple[bool, bool, bool]:
        """The three verdicts of a replay: result, what was shown, and record against leaf."""
        found = self.room.auditor.get(f"/v1/decisions/{self.decision}/replay").granted()
        return found["equal"], found["shown_equal"], found["intact"]

    def change(self, how: Callable[[dict[str, Any]], None]) -> None:
        """Write the record anew with a change, as only somebody with the database in hand can."""
        with closing(sqlite3.connect(self.data / "trail.sqlite")) as trail, trail:
            [packed] = trail.execute("SELECT body FROM event WHERE id = ?", [self.decision]).fetchone()
            record = json.loads(gzip.decompress(packed))
            how(record)
            changed = gzip.compress(canonical(record))
            trail.execute("UPDATE event SET body = ? WHERE id = ?", [changed, self.decision])


@pytest.fixture
def kept(fresh: Stage, data: Path) -> Kept:
    decision = fresh.room.handler.decide(a_call(*VIOLENCE_HERE))["decision"]
    return Kept(fresh.room, data, decision)


CHANGES: list[tuple[str, Callable[[dict[str, Any]], Any], tuple[bool, bool, bool]]] = [
    ("nothing at all", lambda record: None, (True, True, True)),
    ("a lower grade", lambda record: record["result"].update(recommended="resolve"), (False, True, False)),
    ("other words", lambda record: record["shown"]["advice"].update(log="Nothing to do."), (True, False, False)),
    ("an answer less", lambda record: record["call"]["answers"].pop(), (False, False, False)),
    ("another handler", lambda record: record["envelope"]["actor"].update(pseudonym="ch-1"), (True, True, False)),
    ("another hour", lambda record: record["envelope"].update(at="2026-11-23T05:17:00.000000Z"), (True, True, False)),
]


@pytest.mark.parametrize(("how", "verdicts"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_a_changed_record_is_told_from_an_unchanged_one(
    kept: Kept, how: Callable[[dict[str, Any]], None], verdicts: tuple[bool, bool, bool]
) -> None:
    kept.change(how)
    assert kept.replayed() == verdicts


def test_a_decision_whose_policy_was_damaged_is_not_replayed_by_another_one(kept: Kept) -> None:
    digest = json.loads(kept.room.journal.bodies[kept.decision])["policy"]["digest"]
    path = kept.data / "objects" / "policies" / POLICY_ID / digest / "policy.json"
    path.write_bytes(path.read_bytes().replace(b"2026.1", b"2026.2"))
    with embedded_room(kept.data, MovableClock()) as another:
        refused = another.auditor.get(f"/v1/decisions/{kept.decision}/replay")
        refused.problem(409, "policy_damaged")
        assert found_by(another.auditor) == [kept.decision]
