"""A live emergency does not fail on a typing error in an optional part, row by row: left out, warned of, or refused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Any, NamedTuple

import pytest

from chalicelib.records.entry import Entry
from chalicelib.records.record import record_of
from chalicelib.workflows.record_entry import place_of_decision
from tests.api.refusals import ASSESS, CALL, KEYS, changed, first_call, post, refused
from tests.api.service import FORCE, LocalService

WORDS = "SECRETJO"
"""A word of the client's that no warning repeats."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalService]:
    with LocalService(tmp_path_factory.mktemp("store")).serving() as local:
        yield first_call(local)


CHECK = {"check": "address_history", "done_at": "2026-11-23T04:17:36Z", "result": "nothing_found"}
PHONE = {"kind": "phone", "value": "+447700900123"}
PEOPLE = [
    {"ref": "V1", "roles": ["victim", "caller"], "identifiers": [PHONE, {"kind": "email", "value": "v@mail.example"}]},
    {"ref": "S1", "roles": ["suspect"]},
]
SOUND: Mapping[str, Any] = {
    **CALL,
    "incident": {"reference": "HC-1", "opened_at": "2026-11-23T04:18:00Z", "location_class": "urban"},
    "people": PEOPLE,
    "checks": [CHECK, {**CHECK, "check": "number_history"}],
    "trigger": "second_call",
}


class Wrong(NamedTuple):
    """Members that are set wrongly, what is warned of, what is left, and why."""

    members: Mapping[str, Any]
    warned: list[tuple[str, str]]
    left: Mapping[str, Any]
    remark: str


KEPT: Mapping[str, Any] = {
    "people": [("V1", ["victim", "caller"], ["phone", "email"]), ("S1", ["suspect"], [])],
    "checks": 2,
    "trigger": "second_call",
    "incident": {"opened_at", "location_class"},
}
VICTIM, SUSPECT = KEPT["people"]
ID = "people/0/identifiers/0"

LENIENT = [
    Wrong({"trigger": f"He is {WORDS}"}, [("string_pattern_mismatch", "/trigger")], {"trigger": None}, "free words"),
    Wrong({"trigger": 7}, [("string_type", "/trigger")], {"trigger": None}, "a number"),
    Wrong({"continues": WORDS}, [("string_pattern_mismatch", "/continues")], {}, "no decision's id"),
    Wrong(
        {"incident/opened_at": "23/11/2026"}, [("value_error", "/incident/opened_at")],
        {"incident": {"location_class"}}, "a time as people write it",
    ),
    Wrong(
        {"incident/location_class": WORDS}, [("string_pattern_mismatch", "/incident/location_class")],
        {"incident": {"opened_at"}}, "no class's id",
    ),
    Wrong(
        {"incident/category_code": [WORDS]}, [("string_type", "/incident/category_code")], {}, "a list for a code",
    ),
    Wrong(
        {f"{ID}/kind": WORDS}, [("literal_error", f"/{ID}/kind")],
        {"people": [(*VICTIM[:2], ["email"]), SUSPECT]}, "the one identifier",
    ),
    Wrong(
        {ID: {**PHONE, WORDS: 1, "0": 2}}, [("extra_forbidden", f"/{ID}")],
        {"people": [(*VICTIM[:2], ["email"]), SUSPECT]}, "two members more, one warning, and their names are not told",
    ),
    Wrong(
        {"people/0/identifiers": WORDS}, [("tuple_type", "/people/0/identifiers")],
        {"people": [(*VICTIM[:2], []), SUSPECT]}, "a text for a list",
    ),
    Wrong(
        {f"people/0/{WORDS}~a": 1}, [("extra_forbidden", "/people/0")], {}, "the person stays, the member goes",
    ),
    Wrong(
        {"people/0/+447700900124": 1}, [("extra_forbidden", "/people/0")], {}, "a number as a member's name",
    ),
    Wrong(
        {"people/0/roles": [WORDS, "victim"]}, [("enum", "/people/0/roles/0")],
        {"people": [("V1", ["victim"], VICTIM[2]), SUSPECT]}, "one role of two",
    ),
    Wrong(
        {"people/0/roles": [WORDS]}, [("enum", "/people/0/roles/0"), ("too_short", "/people/0/roles")],
        {"people": [SUSPECT]}, "no role is left",
    ),
    Wrong({"people/1/roles": []}, [("too_short", "/people/1/roles")], {"people": [VICTIM]}, "a person who is nobody"),
    Wrong({"people/1": WORDS}, [("model_type", "/people/1")], {"people": [VICTIM]}, "a text for a person"),
    Wrong(
        {"people/1/ref": f"{WORDS} Smith"}, [("string_pattern_mismatch", "/people/1/ref")], {"people": [VICTIM]},
        "a name for a reference",
    ),
    Wrong({"checks/0/done_at": "yesterday"}, [("value_error", "/checks/0/done_at")], {"checks": 1}, "the one check"),
    Wrong({"checks/1": {WORDS: 1}},
        [(code, at) for code, at in (
            ("missing", "/checks/1/check"), ("missing", "/checks/1/done_at"), ("missing", "/checks/1/result"),
            ("extra_forbidden", "/checks/1"),
        )], {"checks": 1}, "nothing of a check",
    ),
    Wrong(
        {"trigger": WORDS, "people/0/roles/0": WORDS, "checks/0/result": 1},
        [("enum", "/people/0/roles/0"), ("string_type", "/checks/0/result"), ("string_pattern_mismatch", "/trigger")],
        {"trigger": None, "checks": 1, "people": [("V1", ["caller"], VICTIM[2]), SUSPECT]}, "three at once",
    ),
]  # fmt: skip


def wrong_call(row: Wrong) -> dict[str, Any]:
    """The sound call, made wrong, as a contact and incident of its own."""
    named = {"contact/reference": f"HC-{next(KEYS)}", "incident/reference": f"HC-{next(KEYS)}"}
    return reduce(lambda call, change: replaced(call, *change), {**named, **row.members}.items(), dict(SOUND))


def replaced(call: Mapping[str, Any], pointer: str, value: object) -> dict[str, Any]:
    """As `changed`, but an element of a list makes way."""
    parent, _, last = pointer.rpartition("/")
    if not last.isdigit():
        return changed(call, pointer, value)
    members: Any = call
    for step in parent.split("/"):
        members = members[int(step) if isinstance(members, list) else step]
    return changed(call, parent, [value if at == int(last) else one for at, one in enumerate(members)])


def recorded(service: LocalService, decision: str) -> Entry:
    found = service.services.ports.trail.get(FORCE, place_of_decision(decision), decision)
    assert found is not None
    return found


@pytest.mark.parametrize("row", LENIENT, ids=lambda row: row.remark)
def test_a_wrong_optional_part_is_left_out_and_warned_of(row: Wrong, service: LocalService) -> None:
    call, key = wrong_call(row), next(KEYS)
    reply = post(service, ASSESS, call, idempotency_key=key)
    assert reply.status == 201, reply.body
    decision = json.loads(reply.body)
    assert [(one["code"], one["where"]) for one in decision["warnings"]] == row.warned
    assert all(one["detail"].startswith("left out: ") for one in decision["warnings"])
    entry = recorded(service, decision["decision"])
    assert WORDS not in reply.body.decode() + entry.body.decode()
    assert "+447700900124" not in entry.body.decode()
    known = record_of(entry).call
    incident = known.incident.model_dump(exclude_none=True) if known.incident else {}
    found = {
        "people": [(one.ref, [*one.roles], [subject.kind for subject in one.subjects]) for one in known.people],
        "checks": len(known.checks),
        "trigger": known.trigger,
        "incident": set(incident),
    }
    assert found == {**KEPT, **row.left}
    again = post(service, ASSESS, call, idempotency_key=key)
    assert (again.status, again.body) == (200, reply.body)


@pytest.mark.parametrize("row", LENIENT, ids=lambda row: row.remark)
def test_in_strict_handling_a_wrong_optional_part_refuses_the_request(row: Wrong, service: LocalService) -> None:
    before = service.kept()
    reply = post(service, ASSESS, wrong_call(row), prefer="handling=strict")
    assert reply.status == 422
    assert json.loads(reply.body)["code"] == "invalid"
    assert service.kept() == before


REFUSED = [
    ({"trigger": WORDS, "contact/channel": "fax"}, ["enum", "string_pattern_mismatch"], "contact"),
    ({"trigger": WORDS, "actor/role": "auditor"}, ["literal_error", "string_pattern_mismatch"], "actor"),
    ({"trigger": WORDS, "mode": "demo"}, ["enum", "string_pattern_mismatch"], "mode"),
    ({"surprise": 1}, ["extra_forbidden"], "a member that is not known"),
    ({"incident/priority": "high"}, ["extra_forbidden"], "one of the incident"),
    ({"incident/reference": "HC 1"}, ["string_pattern_mismatch"], "the incident's reference"),
    ({"people": {}}, ["tuple_type"], "people as an object"),
    ({"checks": WORDS}, ["tuple_type"], "checks as a text"),
    ({"people": [PEOPLE[1]] * 41}, ["too_long"], "41 people"),
]


@pytest.mark.parametrize(("members", "codes", "remark"), REFUSED, ids=[remark for *_, remark in REFUSED])
def test_what_an_assessment_cannot_do_without_refuses_the_request(
    members: Mapping[str, Any], codes: list[str], remark: str, service: LocalService
) -> None:
    call = wrong_call(Wrong(members, [], {}, remark))
    before = service.kept()
    assert post(service, ASSESS, call).status == 422
    refused(post(service, ASSESS, call), 422, codes)
    assert service.kept() == before
