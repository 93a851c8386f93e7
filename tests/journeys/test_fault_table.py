"""Every call of an assessment to the outside, failing in every way: nothing is answered that is not on record.

Run it with `-s` to see the table. A row is one assessment during which one call fails: before it takes effect, after it
took effect (the answer is lost), or with no answer at all; once, which the SDK's second attempt outlives, or for good.
Afterwards everything works again, spills are drained and the request is sent once more.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import boto3
import pytest

from chalicelib.services import Services
from chalicelib.storage.connect import Connect
from tests.aws import REGION, Created
from tests.faults import Fault, FaultProxy
from tests.journeys.calls import FORCE, VIOLENCE_HERE, a_call, activate, approved, shipped
from tests.journeys.people import Answer, new_key
from tests.journeys.rooms import Room, on_aws, provider_token, room_of


class Outside(NamedTuple):
    """One call of the assess path, as the proxy sees it."""

    name: str
    operation: str
    within: str
    attempts: int = 2


IDENTITY = Outside("keeping the provider's keys", "s3:GetObject", "/identity/jwks.json")
FIRST = (
    Outside("the force's key", "s3:GetObject", f"/keys/{FORCE}.json"),
    Outside("unwrapping the key", "kms:Decrypt", ""),
    Outside("the activations", "s3:GetObject", f"/activations/{FORCE}.json"),
    Outside("the policy", "s3:GetObject", "/policy.json"),
)
"""What only the first assessment of a process reads, and cannot do without."""

VOUCHING = Outside("the activation's event", "dynamodb:GetItem", '"P#')
"""What the first assessment reads besides; while it cannot, an activation's seal stands for its event."""

READS = (
    Outside("a spill of this key", "s3:GetObject", "/spill/"),
    Outside("newest of the contact", "dynamodb:Query", "by_contact"),
    Outside("newest of the incident", "dynamodb:Query", "by_incident"),
    Outside("events of the contact", "dynamodb:Query", '"C#'),
    Outside("events of the incident", "dynamodb:Query", '"I#'),
    Outside("the decision it continues", "dynamodb:GetItem", '"D#'),
)
"""What every assessment reads, and can do without."""

RECORDING = Outside("recording", "dynamodb:PutItem", "")
LOOKING_UP = Outside("any decision, the one it continues and its own", "dynamodb:GetItem", '"D#', attempts=4)
"""A write that was not answered is looked up: it may have taken effect."""

SPILLING = Outside("spilling", "s3:PutObject", "/spill/")
COLD = (IDENTITY, *FIRST, VOUCHING, *READS, RECORDING)
WARM = (*READS, RECORDING)
TABLE = [*(("cold", one) for one in COLD), *(("warm", one) for one in WARM)]
FAULTS: tuple[Fault, ...] = ("before", "after", "hang")
WITHOUT_EFFECT: tuple[Fault, ...] = ("before", "hang")
ONCE, FOR_GOOD = 1, None


class Row(NamedTuple):
    """What came of one assessment under a fault, and of the same request once all was well again."""

    answer: Answer
    items: int
    spills: int
    again: Answer
    items_after: int
    spills_after: int

    def text(self, process: str, what: str) -> str:
        """The row as the table shows it."""
        answer = f"{self.answer.status} {code_of(self.answer)}"
        after = f"{self.again.status} {'same' if self.answer.body == self.again.body else 'first'}"
        return (
            f"{process:<5} {what:<62} {answer:<18} {self.items} / {self.spills}            "
            f"{after:<10} {self.items_after} / {self.spills_after}"
        )


HEAD = f"\n{'':<5} {'what fails':<62} {'answer':<18} items / spills   retry      items / spills\n{'-' * 120}"


class Bench:
    """Services on AWS stores behind a proxy, and a look at the stores that does not go through it."""

    def __init__(self, moto: str, created: Created, proxy: FaultProxy, key_url: str) -> None:
        """Publish the shipped policy; everything else is made for each row."""
        self.created, self.proxy, self.key_url = created, proxy, key_url
        self.connect = Connect(REGION)
        self._table = boto3.client("dynamodb", endpoint_url=moto, region_name=REGION)
        self._bucket = boto3.client("s3", endpoint_url=moto, region_name=REGION)
        services = self.services()
        services.keys.create(FORCE)
        with room_of(services, provider_token) as room:
            assert activate(room.approver, approved(room.owner, room.approver, shipped())).status == 201

    def services(self) -> Services:
        """Services that know nothing yet, as in a new process."""
        return on_aws(self.created, self.key_url, self.connect)

    def counted(self, contact: str) -> tuple[int, int]:
        """Items of a contact and objects in the spill."""
        items = self._table.scan(
            TableName=self.created.table,
            FilterExpression="contact = :c",
            ExpressionAttributeValues={":c": {"S": contact}},
            Select="COUNT",
        )["Count"]
        return items, self._bucket.list_objects_v2(Bucket=self.created.spill_bucket).get("KeyCount", 0)

    def close(self) -> None:
        """Close all connections."""
        for client in (self._table, self._bucket, self.connect):
            client.close()


@pytest.fixture(scope="module")
def bench(moto: str, created: Created, proxy: FaultProxy, key_url: str) -> Iterator[Bench]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", proxy.address)
        made = Bench(moto, created, proxy, key_url)
        yield made
        made.close()


@pytest.fixture(scope="module")
def warm(bench: Bench) -> Iterator[Room]:
    """A service that has assessed before."""
    with room_of(bench.services(), provider_token) as room:
        room.handler.decide(a_call(*VIOLENCE_HERE, contact="warm"))
        yield room


class Request(NamedTuple):
    """The assessment of a row: it continues an earlier decision of its incident."""

    contact: str
    body: dict[str, Any]
    key: str


def a_request(room: Room) -> Request:
    """A new request whose incident has an earlier decision, of another contact."""
    name = f"HC-{new_key()[:12]}"
    incident = {"reference": name}
    earlier = room.handler.decide(a_call(VIOLENCE_HERE[0], contact=f"{name}-1", incident=incident))["decision"]
    body = a_call(VIOLENCE_HERE[1], contact=f"{name}-2", incident=incident, continues=earlier)
    return Request(f"{name}-2", body, new_key())


def code_of(answer: Answer) -> str:
    """What an answer says of itself: where it is on record, or why it is not."""
    return answer.headers.get("thriives-audit") or str(answer.json()["code"])


def a_row(bench: Bench, warm: Room, process: str, *faults: tuple[Outside, Fault, int | None]) -> Row:
    """Assess under faults; then repair, drain, send the request again, and hold what has to be true of every row."""
    request = a_request(warm)
    if process == "warm":
        answer = under_faults(bench, warm, request, faults)
    else:
        with room_of(bench.services(), provider_token) as cold:
            answer = under_faults(bench, cold, request, faults)
    items, spills = bench.counted(request.contact)
    services = warm.services
    services.drain()
    again = warm.handler.assess(request.body, key=request.key)
    row = Row(answer, items, spills, again, *bench.counted(request.contact))
    show(row.text(process, "; ".join(f"{one.name}, {how}, {often_of(times)}" for one, how, times in faults)))
    if answer.status < 300:
        assert items + spills >= 1, "a 2xx has a record"
        assert again.status == 200, "what was answered is found again"
        assert again.body == answer.body, "the bytes of the first 2xx are the bytes for ever"
    else:
        assert answer.status == 503, "what fails outside is a matter of time"
        assert int(answer.headers["retry-after"]) > 0
        assert again.status in (200, 201)
    assert (row.items_after, row.spills_after) == (1, 0), "one record, and nothing left over"
    replayed = services.finder.replay(FORCE, again.json()["decision"])
    assert (replayed.equal, replayed.shown_equal, replayed.intact) == (True, True, True)
    return row


def under_faults(
    bench: Bench, room: Room, request: Request, faults: tuple[tuple[Outside, Fault, int | None], ...]
) -> Answer:
    """The answer to the request while calls fail. Each of the faults has to come about."""
    bench.proxy.forget()
    for outside, fault, times in faults:
        bench.proxy.arm(outside.operation, fault, times=times, within=outside.within)
    answer = room.handler.assess(request.body, key=request.key)
    bench.proxy.disarm()
    suffered = Counter((call.operation, call.fault) for call in bench.proxy.log if call.fault)
    wanted = Counter({(outside.operation, fault): times or outside.attempts for outside, fault, times in faults})
    assert suffered == wanted, "a call has two attempts"
    return answer


def show(line: str) -> None:
    """Print a line of the table, for those who run this with -s."""
    sys.stdout.write(line + "\n")


def often_of(times: int | None) -> str:
    """How often a fault strikes, in words."""
    return "for good" if times is None else "once"


def test_the_table_has_every_call_of_an_assessment(bench: Bench, warm: Room) -> None:
    request = a_request(warm)
    with room_of(bench.services(), provider_token) as room:
        for expected in (COLD, WARM):
            bench.proxy.forget()
            assert room.handler.assess(request.body, key=new_key()).status == 201
            assert bench.proxy.calls == Counter(one.operation for one in expected)


def test_whatever_fails_there_is_one_record_and_one_answer(bench: Bench, warm: Room) -> None:
    show(HEAD)
    for (process, outside), fault, times in product(TABLE, FAULTS, (ONCE, FOR_GOOD)):
        row = a_row(bench, warm, process, (outside, fault, times))
        needed = outside in FIRST and times is FOR_GOOD
        # What took effect unheard is looked up, and found: there is nothing to spill then.
        spilled = outside == RECORDING and times is FOR_GOOD and fault != "after"
        assert row.answer.status == (503 if needed else 201)
        assert row.spills == (1 if spilled else 0)
        assert row.items == (0 if needed or spilled else 1)
        if not needed:
            assert row.answer.headers["thriives-audit"] == ("spilled" if spilled else "recorded")
            assert grade_of(row.answer) == "IMMEDIATE"


def grade_of(answer: Answer) -> str:
    """The national grade that was recommended."""
    found: str = answer.json()["advice"]["grade"]["national"]
    return found


def test_when_trail_and_spill_fail_the_handler_is_left_with_advice_that_says_so(bench: Bench, warm: Room) -> None:
    show(HEAD)
    for recording, spilling in product(WITHOUT_EFFECT, FAULTS):
        row = a_row(bench, warm, "warm", (RECORDING, recording, FOR_GOOD), (SPILLING, spilling, FOR_GOOD))
        assert grade_of(row.answer) == grade_of(row.again) == "IMMEDIATE"
        if spilling == "after":  # it took effect unheard, and is found where it is
            assert (row.answer.status, code_of(row.answer)) == (200, "spilled")
        else:
            assert (row.answer.status, code_of(row.answer)) == (503, "not_recorded")
            assert row.answer.json()["advice"]["recorded"] is False
            assert (row.items, row.spills) == (0, 0)


def test_what_was_recorded_unheard_and_cannot_be_looked_up_is_spilled_and_still_one_record(
    bench: Bench, warm: Room
) -> None:
    show(HEAD)
    for fault in FAULTS:
        row = a_row(bench, warm, "warm", (RECORDING, "after", FOR_GOOD), (LOOKING_UP, fault, FOR_GOOD))
        assert (row.answer.status, code_of(row.answer)) == (201, "spilled")
        assert (row.items, row.spills) == (1, 1)


def test_a_spill_outlives_one_fault_of_its_own(bench: Bench, warm: Room) -> None:
    show(HEAD)
    for fault in FAULTS:
        row = a_row(bench, warm, "warm", (RECORDING, "before", FOR_GOOD), (SPILLING, fault, ONCE))
        assert (row.answer.status, code_of(row.answer)) == (201, "spilled")
        assert (row.items, row.spills) == (0, 1)


def test_a_request_that_waits_in_the_spill_is_answered_from_there_and_says_so(bench: Bench, warm: Room) -> None:
    request = a_request(warm)
    bench.proxy.arm(RECORDING.operation, "before", times=2)
    first = warm.handler.assess(request.body, key=request.key)
    again = warm.handler.assess(request.body, key=request.key)
    assert [first.status, again.status, first.body] == [201, 200, again.body]
    assert code_of(first) == code_of(again) == "spilled"
    assert warm.handler.get(f"/v1/decisions/{first.json()['decision']}").body == first.body
    refused = warm.handler.assess({**request.body, "answers": []}, key=request.key)
    refused.problem(422, "idempotency_mismatch")
    # The next assessment of the same contact names it, and has its answers.
    later = warm.handler.decide({**request.body, "answers": [], "continues": first.json()["decision"]})
    assert later["warnings"] == []
    assert grade_of(first) == later["advice"]["grade"]["national"] == "IMMEDIATE"
    assert warm.services.drain() == (1, 0, 0)
    assert code_of(warm.handler.assess(request.body, key=request.key)) == "recorded"


def test_of_two_answers_under_one_key_the_one_in_the_trail_stands(bench: Bench, warm: Room) -> None:
    """One process saw no trail and another no spill: both answered. Nothing is lost, and one of them holds for ever."""
    request = a_request(warm)
    bench.proxy.arm(RECORDING.operation, "before", times=2)
    spilled = warm.handler.post("/v1/assessments", request.body, key=request.key)
    bench.proxy.arm("s3:GetObject", "before", times=2, within="/spill/")
    recorded = warm.handler.post("/v1/assessments", request.body, key=request.key)
    assert [code_of(spilled), code_of(recorded)] == ["spilled", "recorded"]
    assert warm.handler.post("/v1/assessments", request.body, key=request.key).body == recorded.body
    assert warm.services.drain() == (0, 1, 0)
    assert bench.counted(request.contact) == (2, 0), "the decision, and the conflict beside it"
    assert warm.handler.post("/v1/assessments", request.body, key=request.key).body == recorded.body


def test_a_look_up_of_people_that_fails_or_hangs_holds_nothing_up(bench: Bench, warm: Room) -> None:
    number = {"ref": "C1", "roles": ["caller"], "identifiers": [{"kind": "phone", "value": "+447700900123"}]}
    for fault in FAULTS:
        request = a_request(warm)
        bench.proxy.arm("dynamodb:Query", fault, times=None, within="by_caller")
        answer = warm.handler.assess({**request.body, "people": [number]}, key=request.key)
        bench.proxy.disarm()
        assert (answer.status, code_of(answer), grade_of(answer)) == (201, "recorded", "IMMEDIATE")
        assert answer.json()["advice"]["history"] == [
            "Earlier incidents from this number could not be looked up; treated as not known."
        ]
        replayed = warm.services.finder.replay(FORCE, answer.json()["decision"])
        assert (replayed.equal, replayed.shown_equal, replayed.intact) == (True, True, True)
