"""Nothing that was said about people is in the stores, the logs or the answers; and what is there would be found."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
import pytest

from tests.aws import REGION, Created
from tests.faults import FaultProxy
from tests.journeys.calls import VIOLENCE_HERE, a_call, activate, approved, shipped, warned
from tests.journeys.people import PERIOD, Caller
from tests.journeys.rooms import (
    APP,
    ROOT,
    Room,
    aws_environment,
    embedded,
    local_tokens,
    make_run,
    process,
    provider_token,
    set_up_force,
)
from tests.leaks import Piece, Secret, kept_in_bucket, kept_in_folder, kept_in_table, leaks, lines_of

PHONES = (
    "+447700900123",
    "07700 900124",
    "(07700) 900 125",
    "0044 7700 900126",
    "+44 (0)7700 900127",
    "07700-900-128",
    "077 00.90 01.29",
    "01632 960001",
    "+44 1632 960 002",
)
SECRETS = (
    *(Secret("phone", phone) for phone in PHONES),
    Secret("name_dob", "Quillfeather|Zebedee Aurélien|1987-02-03"),
    Secret("name_dob", "O'Brannigane-Šmythe|Philippa|2011-12-30"),
    Secret("address", "14b Larkspur Dingle, Nettlebourne-under-Hill, ZZ99 9ZZ"),
    Secret("address", "FLAT 3, Old Tollkeeper's House"),
    Secret("email", "Zebedee.Quillfeather+home@mail.example"),
    Secret("uprn", "100123456789"),
    Secret("person_ref", "pnc/1987-99881x"),
)


def people() -> list[dict[str, Any]]:
    """Everybody and everything, as the control room would send it, in as many people as it takes."""
    roles = (["victim", "caller"], ["suspect"], ["witness"])
    return [
        {
            "ref": f"P{place}",
            "roles": roles[place % len(roles)],
            "identifiers": [{"kind": secret.kind, "value": secret.value}],
        }
        for place, secret in enumerate(SECRETS)
    ]


def say_everything(handler: Caller, auditor: Caller) -> None:
    """Give the service every secret, where it belongs and where it does not."""
    incident = {"reference": "HC-20261123-0900"}
    call = a_call(*VIOLENCE_HERE, contact="HC-20261123-0900-1", incident=incident, people=people())
    first = handler.assess(call, key="every-secret-in-its-place")
    assert first.granted()["warnings"] == []
    assert handler.assess(call, key="every-secret-in-its-place").status == 200
    other = {**call, "people": people()[::-1]}
    handler.assess(other, key="every-secret-in-its-place").problem(422, "idempotency_mismatch")
    again = handler.decide(a_call(contact="HC-20261123-0900-2", incident=incident, people=people()[:3]))
    for secret in SECRETS:
        misplace(handler, secret)
        for path in (f"/v1/decisions/{secret.value}", f"/v1/incidents/{secret.value}", f"/v1/{secret.value}"):
            assert auditor.get(path.replace(" ", "%20")).status in (400, 404)
        assert auditor.get("/v1/decisions", **PERIOD, cursor=secret.value).status == 400
    for decision in (first.granted(), again):
        assert auditor.get(f"/v1/decisions/{decision['decision']}/replay").status == 200
    assert auditor.get("/v1/incidents/HC-20261123-0900").status == 200
    assert auditor.get("/v1/decisions", **PERIOD).status == 200


def strange(value: str, name: str) -> list[dict[str, object]]:
    """Answers that hold a secret where none has a place."""
    return [
        {"fact": "weapon", "value": value},
        {"fact": "dangers_now", "present": [name]},
        {"fact": "dangers_now", "present": [value]},
        {"fact": name, "value": True},
        {"fact": value, "value": True},
        {"fact": "injury", "value": "none", "note": value},
        {"fact": "weapon", "value": "none", "at": value},
    ]


def misplace(handler: Caller, secret: Secret) -> None:
    """Give the service a secret where it has no place: it is refused or left out, and not repeated."""
    value = secret.value
    wrong_kind: str = "uprn" if secret.kind != "uprn" else "email"
    word = "".join(letter for letter in value.lower() if letter.isascii() and letter.isalnum())
    name = f"x{word}"[:60]
    misfit = [{"ref": "P1", "roles": ["victim"], "identifiers": [{"kind": wrong_kind, "value": value}]}]
    call = a_call(*strange(value, name), contact="HC-20261123-0901-1", people=misfit)
    assert handler.decide(call)["warnings"]
    assert handler.assess(call, Prefer="handling=strict").status == 422
    left_out: list[object] = [
        a_call(people=[{"ref": "V1", "roles": [value]}]),
        a_call(people=[{"ref": "V1", "roles": ["victim"], "identifiers": [{"kind": value, "value": value}]}]),
        a_call(checks=[{"check": value, "result": value, "done_at": value}]),
        a_call(incident={"reference": "HC-20261123-0901", "opened_at": value}),
        a_call(trigger=f"{value} rang again"),
        a_call(continues=value),
    ]
    refused: list[object] = [
        {**a_call(), "note": value},
        a_call(channel=value),
        a_call(started_at=value),
        f'{{"contact": "{value}", "contact": 1}}'.encode(),
        f"{value} {{".encode(),
        json.dumps(value).encode(),
    ]
    # A member's name is left out with its member, unless it is one that no name of ours could be.
    misnamed = a_call(people=[{"ref": "V1", "roles": ["victim"], name: 1, value: 1}])
    if value.isascii():
        assert handler.decide(misnamed)["warnings"]
    else:
        refused.append(misnamed)
    # A reference is the control room's own word, and kept as given; one that no reference can be is refused.
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", value):
        refused += [
            a_call(contact=value),
            a_call(incident={"reference": value}),
            {**a_call(), "actor": {"pseudonym": value, "role": "call_handler"}},
        ]
        left_out.append(a_call(people=[{"ref": value, "roles": ["victim"]}]))
        about = handler.decide(a_call({"fact": "injury", "value": "none", "about": value}))
        assert ("string_pattern_mismatch", "/answers/0/about") in warned(about)
    for part in left_out:
        assert handler.decide(part)["warnings"]
        assert handler.assess(part, Prefer="handling=strict").status == 422
    for body in refused:
        assert handler.assess(body).status in (400, 422)
    assert handler.assess(a_call(), key=f"key for {quote(value)}").status == 400


def answered(room: Room) -> Iterator[Piece]:
    """Every answer, with its headers."""
    for number, answer in enumerate(room.journal.answers):
        yield Piece(f"answer {number}", answer.body)
        yield Piece(f"answer {number} headers", answer.headers)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[Piece]]:
    """An embedded service that was told everything: its folder, its log, and its answers."""
    folder = tmp_path_factory.mktemp("no-personal-data") / "data"
    log = folder.with_name("log")
    with process(make_run(folder), {}, log) as running:
        room = Room(running.url, local_tokens(embedded(folder)))
        say_everything(room.handler, room.caller("auditor", "control_room"))
        pieces = list(answered(room))
    return folder, log, pieces


def test_the_embedded_run_keeps_logs_and_answers_nothing_about_people(told: tuple[Path, Path, list[Piece]]) -> None:
    folder, log, answers = told
    kept, lines = list(kept_in_folder(folder)), list(lines_of(log))
    assert any(" body" in piece.place for piece in kept)
    assert len(lines) >= len(answers) // 2, "a line for each answer, of which there are body and headers"
    assert leaks([*kept, *lines, *answers], SECRETS) == []


def test_on_aws_nothing_about_people_is_kept_logged_or_answered(
    moto: str, created: Created, proxy: FaultProxy, key_url: str, tmp_path: Path
) -> None:
    log, environment = tmp_path / "log", aws_environment(created, key_url, proxy.address)
    set_up_force(environment)
    with process(APP, environment, log) as running:
        room = Room(running.url, provider_token)
        activate(room.approver, approved(room.owner, room.approver, shipped())).granted()
        say_everything(room.handler, room.caller("auditor", "control_room"))
        for contact in ("HC-20261123-0902-1", "HC-20261123-0902-2"):
            proxy.arm("dynamodb:PutItem", "before", times=2)
            spilled = room.handler.assess(a_call(*VIOLENCE_HERE, contact=contact, people=people()))
            assert spilled.headers["thriives-audit"] == "spilled"
        proxy.arm("*", "before", times=None)
        lost = room.handler.assess(a_call(*VIOLENCE_HERE, contact="HC-20261123-0903-1", people=people()))
        assert lost.problem(503, "not_recorded")["advice"]["recorded"] is False
        proxy.disarm()
        answers = list(answered(room))
    kept = [
        *kept_in_table(moto, created.table),
        *kept_in_bucket(moto, created.policy_bucket),
        *kept_in_bucket(moto, created.spill_bucket),
    ]
    assert sum("object spill/" in piece.place for piece in kept) >= 2, "what is spilled is looked through as well"
    drained = subprocess.run(
        [sys.executable, "-m", "chalicelib", "drain"], env=environment, cwd=ROOT, capture_output=True, check=True
    )
    kept += [*kept_in_table(moto, created.table), Piece("what the operator sees", drained.stdout + drained.stderr)]
    assert leaks([*kept, *lines_of(log), *answers], SECRETS) == []


# What is there is found: one planted leak for each kind of place, and for each disguise.

PHONE, NAME = Secret("phone", "07700 900199"), Secret("name_dob", "Thistlewaite|Ermintrude|1954-06-07")
PLANTED = [PHONE, NAME]

DISGUISES: list[tuple[str, object]] = [
    ("as it is", "said 07700 900199 twice"),
    ("another spelling", "+44 (0) 7700-900.199"),
    ("in full width", "\uff10\uff17\uff17\uff10\uff10 \uff19\uff10\uff10\uff11\uff19\uff19"),
    ("a name in capitals with an accent", "MRS. THISTLEWÁITE"),
    ("inside JSON", {"a": [{"b": "Ermintrude"}]}),
    ("as a member's name", {"Ermintrude": 1}),
    ("JSON inside JSON", json.dumps({"inner": json.dumps({"x": "07700900199"})})),
    ("compressed", gzip.compress(b'{"x": "07700 900199"}')),
    ("compressed, in base64, in JSON", {"body": b64encode(gzip.compress(b"Thistlewaite")).decode()}),
    ("in hexadecimal", b"07700 900199".hex()),
    ("percent-encoded", "/v1/incidents/%30%37%37%30%30%39%30%30%31%39%39"),
    ("a plain SHA-256", hashlib.sha256(b"+447700900199").hexdigest()),
    ("a plain MD5 in base64", b64encode(hashlib.md5(b"07700900199").digest()).decode()),
    ("a raw digest among bytes", b"\xff\x00" + hashlib.sha256(b"phone\n+447700900199").digest() + b"\xfe"),
]


@pytest.mark.parametrize("content", [row[1] for row in DISGUISES], ids=[row[0] for row in DISGUISES])
def test_a_leak_is_found_in_any_disguise(content: object) -> None:
    assert leaks([Piece("here", content)], PLANTED)
    assert leaks([Piece("here", content)], SECRETS) == []


PLACES: list[tuple[str, Callable[[Path], None]]] = [
    ("a cell", lambda folder: change(folder, "actor = ?", "Ermintrude")),
    ("a compressed body", lambda folder: change(folder, "body = ?", gzip.compress(b'{"x":"07700900199"}'))),
    ("an object", lambda folder: write(folder / "objects" / "activations" / "x.json", '{"x":"07700 900199"}')),
    ("a spill", lambda folder: write(folder / "spilled" / "spill" / "x.json", '{"x":"07700 900199"}')),
    ("a log line", lambda folder: write(folder.with_name("log"), '{"event":"request","who":"Thistlewaite"}\n')),
]


@pytest.mark.parametrize("plant", [row[1] for row in PLACES], ids=[row[0] for row in PLACES])
def test_a_leak_is_found_in_any_place_of_the_embedded_run(
    told: tuple[Path, Path, list[Piece]], tmp_path: Path, plant: Callable[[Path], None]
) -> None:
    folder, log, _ = told
    copy = shutil.copytree(folder, tmp_path / "data")
    shutil.copy(log, tmp_path / "log")
    plant(copy)
    assert leaks([*kept_in_folder(copy), *lines_of(tmp_path / "log")], PLANTED)


def change(folder: Path, what: str, value: object) -> None:
    """Change one row of the trail."""
    with closing(sqlite3.connect(folder / "trail.sqlite")) as trail, trail:
        trail.execute(f"UPDATE event SET {what} WHERE id = (SELECT min(id) FROM event)", [value])


def write(file: Path, text: str) -> None:
    """Add to a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as opened:
        opened.write(text)


def test_a_leak_is_found_in_an_item_and_in_an_object_that_was_replaced(moto: str, created: Created) -> None:
    table = boto3.client("dynamodb", endpoint_url=moto, region_name=REGION)
    bucket = boto3.client("s3", endpoint_url=moto, region_name=REGION)
    key = {"pk": {"S": "planted"}, "sk": {"S": "planted"}}
    for attribute in ({"S": "Ermintrude"}, {"B": gzip.compress(b"07700900199")}, {"L": [{"S": "0770 0900 199"}]}):
        table.put_item(TableName=created.table, Item={**key, "x": attribute})
        assert leaks(kept_in_table(moto, created.table), PLANTED)
    table.delete_item(TableName=created.table, Key=key)
    assert leaks(kept_in_table(moto, created.table), PLANTED) == []
    for content in (b"07700 900199", b"nothing any more"):
        bucket.put_object(Bucket=created.policy_bucket, Key="planted.json", Body=content)
    assert leaks(kept_in_bucket(moto, created.policy_bucket), PLANTED)
    table.close()
    bucket.close()
