"""The AWS stores while the network fails: what is answered, what is kept, and how long it takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from queue import SimpleQueue
from typing import TypeVar

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from chalicelib.errors import StoreFailed
from chalicelib.ports import Objects
from chalicelib.records.entry import Query
from chalicelib.records.slots import Indexed
from chalicelib.storage.connect import Connect
from chalicelib.storage.dynamodb_trail import DynamoTrail
from chalicelib.storage.kms_wrapper import KmsWrapper
from chalicelib.storage.s3_objects import S3Objects
from tests.aws import Created
from tests.builders import an_entry
from tests.faults import Fault, FaultProxy, operation_of

LONGEST = 12.0
"""Seconds: two attempts of half a second and the pause between them, on a machine that has much else to do."""

Answer = TypeVar("Answer")

DAY = {"force": "hertfordshire", "since": "2026-11-23T00:00:00.000000Z", "until": "2026-11-24T00:00:00.000000Z"}


@pytest.fixture
def dynamo(served: Created, through: Connect) -> DynamoTrail:
    return DynamoTrail(served.table, connect=through)


@pytest.fixture
def bucket(served: Created, through: Connect) -> Objects:
    return S3Objects(served.spill_bucket, connect=through)


def until_answered(call: Callable[[], Answer]) -> Answer:
    """What a caller does who has to know; on a slow machine half a second can be too short for a server under test."""
    while True:
        try:
            return call()
        except StoreFailed:
            continue


def kept(dynamo: DynamoTrail) -> bool:
    return dynamo.get("hertfordshire", an_entry().place, an_entry().id) is not None


def test_a_put_that_never_arrives_is_tried_once_more(dynamo: DynamoTrail, proxy: FaultProxy) -> None:
    proxy.arm("dynamodb:PutItem", "before")
    assert dynamo.append(an_entry()) is None
    assert proxy.calls["dynamodb:PutItem"] == 2


def test_a_put_whose_answer_is_lost_comes_back_as_our_own(dynamo: DynamoTrail, proxy: FaultProxy) -> None:
    proxy.arm("dynamodb:PutItem", "after")
    assert dynamo.append(an_entry()) == an_entry()
    assert proxy.calls["dynamodb:PutItem"] == 2


APPENDS: list[tuple[Fault, bool, str]] = [
    ("before", False, "it never arrives"),
    ("after", True, "it takes effect, twice refused, and we never hear of it"),
    ("hang", False, "nobody answers"),
]


@pytest.mark.parametrize(("fault", "there"), [row[:2] for row in APPENDS], ids=[row[2] for row in APPENDS])
def test_a_put_that_fails_for_good_is_a_failure_soon(
    dynamo: DynamoTrail, proxy: FaultProxy, fault: Fault, there: bool
) -> None:
    kept(dynamo)  # opens the client, which takes longer than a call
    proxy.arm("dynamodb:PutItem", fault, times=2)
    began = time.monotonic()
    with pytest.raises(StoreFailed) as failure:
        dynamo.append(an_entry())
    assert time.monotonic() - began < LONGEST
    assert failure.value.code == "store_failed"
    assert kept(dynamo) is there
    assert dynamo.append(an_entry()) == (an_entry() if there else None)


READS: list[tuple[str, Callable[[DynamoTrail], object]]] = [
    ("dynamodb:GetItem", kept),
    ("dynamodb:Query", lambda trail: trail.events("hertfordshire", an_entry().place)),
    ("dynamodb:Query", lambda trail: trail.newest("hertfordshire", "live", "contact", "K", 1)),
    (
        "dynamodb:Query",
        lambda trail: trail.of_subject("hertfordshire", "live", Indexed("caller", "K"), DAY["since"], 1),
    ),
    ("dynamodb:Query", lambda trail: trail.find(Query.model_validate(DAY), None, 5)),
]


@pytest.mark.parametrize("fault", ["before", "after", "hang"])
@pytest.mark.parametrize(("operation", "read"), READS, ids=["get", "events", "newest", "of_subject", "find"])
def test_a_read_is_tried_twice_and_then_a_failure(
    dynamo: DynamoTrail, proxy: FaultProxy, operation: str, read: Callable[[DynamoTrail], object], fault: Fault
) -> None:
    expected = read(dynamo)
    proxy.forget()
    proxy.arm(operation, fault, times=3)
    began = time.monotonic()
    with pytest.raises(StoreFailed):
        read(dynamo)
    assert time.monotonic() - began < LONGEST
    assert proxy.calls[operation] == 2
    assert read(dynamo) == expected, "one fault more is outlived"


def test_another_writer_wins_while_our_first_attempt_is_lost(dynamo: DynamoTrail, proxy: FaultProxy) -> None:
    theirs = an_entry(body=b"theirs")
    dynamo.append(theirs)
    proxy.arm("dynamodb:PutItem", "before")
    assert dynamo.append(an_entry()) == theirs


def test_of_sixteen_threads_one_wins_and_all_see_the_winner(dynamo: DynamoTrail) -> None:
    outcomes: SimpleQueue[tuple[bool, bytes]] = SimpleQueue()
    start = threading.Barrier(16)

    def append(number: int) -> None:
        mine = an_entry(body=f"{number}".encode())
        start.wait()
        found = until_answered(lambda: dynamo.append(mine))
        outcomes.put((found is None or found == mine, (found or mine).body))

    threads = [threading.Thread(target=append, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen = [outcomes.get_nowait() for _ in threads]
    assert [won for won, _ in seen].count(True) == 1
    assert len({body for _, body in seen}) == 1


def test_of_sixteen_threads_one_creates_an_object(bucket: Objects) -> None:
    outcomes: SimpleQueue[bool] = SimpleQueue()
    start = threading.Barrier(16)

    def create(number: int) -> None:
        start.wait()
        mine = f"{number}".encode()
        created = until_answered(lambda: bucket.create("spill/a", mine))
        found = until_answered(lambda: bucket.get("spill/a"))
        outcomes.put(found is not None and found.data == mine)
        assert not created or (found is not None and found.data == mine)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [outcomes.get_nowait() for _ in threads].count(True) == 1


def test_a_created_object_whose_answer_is_lost_is_seen_again_with_its_own_bytes(
    bucket: Objects, proxy: FaultProxy
) -> None:
    proxy.arm("s3:PutObject", "after")
    assert not bucket.create("spill/a", b"mine")
    found = bucket.get("spill/a")
    assert found is not None
    assert found.data == b"mine"


@pytest.mark.parametrize(("fault", "there"), [row[:2] for row in APPENDS], ids=[row[2] for row in APPENDS])
def test_an_object_that_cannot_be_written_is_a_failure_soon(
    bucket: Objects, proxy: FaultProxy, fault: Fault, there: bool
) -> None:
    assert bucket.get("spill/a") is None
    proxy.arm("s3:PutObject", fault, times=2, within="/spill/a")
    began = time.monotonic()
    with pytest.raises(StoreFailed):
        bucket.create("spill/a", b"mine")
    assert time.monotonic() - began < LONGEST
    assert bucket.create("spill/b", b"other")
    assert (bucket.get("spill/a") is not None) is there


@pytest.fixture
def conflicts(through: Connect) -> list[str]:
    """S3's answer to two conditional writes at once, which moto never gives: so many times as there are members."""
    left: list[str] = []

    def conflict(request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        if not left:
            return None
        left.pop()
        body = b"<Error><Code>ConditionalRequestConflict</Code><Message>At the same time.</Message></Error>"
        return AWSResponse(request.url, 409, {}, _Raw(body))  # type: ignore[arg-type]  # only its stream is read

    events = through.client("s3").meta.events
    events.register_first("before-send.s3.PutObject", conflict)  # type: ignore[arg-type]  # here an answer may be returned
    return left


class _Raw(BytesIO):
    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.read()


CONFLICTS = [
    (1, False, True, "the second attempt decides"),
    (1, True, False, "the other has written it meanwhile"),
    (2, True, False, "both attempts met another, and the object is there"),
    (2, False, None, "both attempts met another, and nothing is there: not known"),
]


@pytest.mark.parametrize(
    ("times", "there", "created"), [row[:3] for row in CONFLICTS], ids=[row[3] for row in CONFLICTS]
)
def test_two_who_create_at_once_are_told_apart(
    bucket: Objects, conflicts: list[str], times: int, there: bool, created: bool | None
) -> None:
    if there:
        bucket.create("a", b"theirs")
    conflicts += ["conflict"] * times
    if created is None:
        with pytest.raises(StoreFailed):
            bucket.create("a", b"mine")
    else:
        assert bucket.create("a", b"mine") is created


@pytest.mark.parametrize(("times", "seen", "replaced"), [(1, True, True), (1, False, False), (2, False, False)])
def test_two_who_replace_at_once_are_told_apart(
    bucket: Objects, conflicts: list[str], times: int, seen: bool, replaced: bool
) -> None:
    bucket.create("a", b"1")
    found = bucket.get("a")
    assert found is not None
    assert seen or bucket.replace("a", b"2", found.tag)
    conflicts += ["conflict"] * times
    assert bucket.replace("a", b"3", found.tag) is replaced


def test_a_replacement_that_met_another_twice_and_changed_nothing_is_a_failure(
    bucket: Objects, conflicts: list[str]
) -> None:
    bucket.create("a", b"1")
    found = bucket.get("a")
    assert found is not None
    conflicts += ["conflict"] * 2
    with pytest.raises(StoreFailed):
        bucket.replace("a", b"2", found.tag)
    assert bucket.get("a") == found


@pytest.mark.parametrize(
    ("operation", "use"),
    [
        ("s3:GetObject", lambda objects: objects.get("a")),
        ("s3:GetObject", lambda objects: objects.get_changed("a", '"x"')),
        ("s3:ListObjectsV2", lambda objects: objects.names("")),
        ("s3:DeleteObject", lambda objects: objects.remove("a")),
    ],
    ids=["get", "get_changed", "names", "remove"],
)
@pytest.mark.parametrize("fault", ["before", "hang"])
def test_a_bucket_that_does_not_answer_is_a_failure_soon(
    bucket: Objects, proxy: FaultProxy, operation: str, use: Callable[[Objects], object], fault: Fault
) -> None:
    use(bucket)
    proxy.arm(operation, fault, times=None)
    began = time.monotonic()
    with pytest.raises(StoreFailed):
        use(bucket)
    assert time.monotonic() - began < LONGEST
    proxy.disarm()
    use(bucket)


@pytest.mark.parametrize("fault", ["before", "after", "hang"])
def test_a_key_service_that_does_not_answer_is_a_failure_and_no_wrong_key(
    served: Created, through: Connect, proxy: FaultProxy, fault: Fault
) -> None:
    wrapper = KmsWrapper(served.force_key, through)
    wrapped = wrapper.wrap(b"key", {})
    proxy.arm("kms:*", fault, times=4)
    with pytest.raises(StoreFailed):
        wrapper.wrap(b"key", {})
    with pytest.raises(StoreFailed):
        wrapper.unwrap(wrapped, {})
    assert wrapper.unwrap(wrapped, {}) == b"key"


def test_what_is_not_there_is_misconfiguration(served: Created, through: Connect) -> None:
    uses: list[Callable[[], object]] = [
        lambda: DynamoTrail("no-such-table", connect=through).append(an_entry()),
        lambda: S3Objects("no-such-bucket", connect=through).create("a", b""),
        lambda: S3Objects("no-such-bucket", connect=through).get("a"),
        lambda: KmsWrapper("alias/no-such-key", through).wrap(b"key", {}),
    ]
    for use in uses:
        with pytest.raises(StoreFailed) as failure:
            use()
        assert failure.value.code == "store_misconfigured"


def test_the_proxy_counts_and_narrows(bucket: Objects, proxy: FaultProxy) -> None:
    proxy.arm("s3:PutObject", "after", times=None, within="/spill/")
    assert bucket.create("other/a", b"1")
    assert (proxy.calls["s3:PutObject"], {call.fault for call in proxy.log}) == (1, {None})


NAMES = [
    ("POST", "/", "DynamoDB_20120810.PutItem", "dynamodb:PutItem"),
    ("POST", "/", "TrentService.Decrypt", "kms:Decrypt"),
    ("PUT", "/bucket/a/b", None, "s3:PutObject"),
    ("GET", "/bucket/a?x-id=GetObject", None, "s3:GetObject"),
    ("GET", "/bucket?list-type=2&prefix=a%2F", None, "s3:ListObjectsV2"),
    ("DELETE", "/bucket/a", None, "s3:DeleteObject"),
    ("HEAD", "/bucket/a", None, "s3:HeadObject"),
    ("PUT", "/bucket", None, "s3:CreateBucket"),
]


@pytest.mark.parametrize(("method", "path", "target", "operation"), NAMES)
def test_the_proxy_names_operations(method: str, path: str, target: str | None, operation: str) -> None:
    assert operation_of(method, path, target) == operation
