"""Cards and the nightly reconciliation on DynamoDB and S3, with the calls that they make counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import pytest

from chalicelib.storage.connect import Connect
from tests.aws import REGION, Created
from tests.faults import FaultProxy
from tests.journeys.calls import VIOLENCE_HERE, a_call, activate, approved, shipped
from tests.journeys.cards import a_card, post_cards
from tests.journeys.people import new_key
from tests.journeys.rooms import MovableClock, Stage, on_aws, provider_token, room_of

RECONCILIATIONS = "/v1/reconciliations"


@pytest.fixture(scope="module")
def stage(created: Created, proxy: FaultProxy, key_url: str) -> Iterator[Stage]:
    """A room on AWS stores, at noon, with the shipped policy in force."""
    clock = MovableClock(datetime(2026, 11, 23, 12, tzinfo=UTC))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", proxy.address)
        connect = Connect(REGION)
        services = on_aws(created, key_url, connect, clock)
        services.keys.create("hertfordshire")
        with room_of(services, partial(provider_token, clock=clock)) as room:
            assert activate(room.approver, approved(room.owner, room.approver, shipped())).status == 201
            yield Stage(room, clock)
        connect.close()


def test_a_night_without_the_service_is_entered_and_reconciled(stage: Stage, proxy: FaultProxy) -> None:
    stage.room.handler.decide(a_call(*VIOLENCE_HERE, contact="c-0", incident={"reference": "i-0"}))
    started, at = stage.clock().isoformat(), stage.clock().isoformat()
    stage.clock.move(minutes=30)
    cards = [
        a_card(contact=f"c-{number}", incident=f"i-{number}", started_at=started, decided_at=at, grade="PRIORITY")
        for number in range(1, 6)
    ]
    key = new_key()
    proxy.arm("dynamodb:PutItem", "before", times=None, within="i-4")
    proxy.arm("s3:PutObject", "before", times=None, within="/spill/")
    assert post_cards(stage.room, *cards, key=key).status == 503
    proxy.disarm()
    proxy.forget()
    entered = post_cards(stage.room, *cards, key=key)
    assert entered.status == 201
    assert proxy.calls["dynamodb:PutItem"] == 4, "two cards, each a decision and an event"
    again = post_cards(stage.room, *cards, key=key)
    assert (again.status, again.body) == (200, entered.body)

    stage.clock.move(days=1)
    incidents = [{"reference": f"i-{number}", "contacts": [f"c-{number}"], "grade": "PRIORITY"} for number in range(8)]
    body, key = {"day": "2026-11-23", "incidents": incidents}, new_key()
    proxy.forget()
    first = stage.room.handler.post(RECONCILIATIONS, body, key=key)
    found = first.granted()
    assert found["never_assessed"] == ["i-6", "i-7"]
    assert found["graded_otherwise"] == [{"reference": "i-0", "cad": "PRIORITY", "standing": "IMMEDIATE"}]
    walked, looked_up, unclear = 26, 4, 6
    assert proxy.calls["dynamodb:Query"] <= walked + looked_up + 3 * unclear
    assert proxy.calls["s3:PutObject"] == 2, "the key's use, and the answer"
    assert proxy.calls["dynamodb:PutItem"] == 0
    proxy.forget()
    again = stage.room.handler.post(RECONCILIATIONS, body, key=key)
    assert (again.status, again.body) == (200, first.body)
    assert proxy.calls["dynamodb:Query"] == 0
