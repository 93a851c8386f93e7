"""What can be wrong with a body, row by row, through HTTP: it is refused, says why, and leaves no trace."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.api.refusals import (
    ASSESS,
    CALL,
    DEEP,
    DRAFT,
    KEYS,
    Row,
    changed,
    first_call,
    post,
    refused,
)
from tests.api.service import LocalService


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalService]:
    with LocalService(tmp_path_factory.mktemp("store")).serving() as local:
        yield first_call(local)


UNREADABLE = [
    Row(b"", 400, ["syntax"], "no body"),
    Row(b"  \n", 400, ["syntax"], "only white space"),
    Row(b'{"a": 1', 400, ["syntax"], "cut off"),
    Row(b'{"a": 1} {"b": 2}', 400, ["syntax"], "two documents"),
    Row(b"{'a': 1}", 400, ["syntax"], "not JSON's quotes"),
    Row(b'{"a": 1,}', 400, ["syntax"], "a comma too many"),
    Row(b'{"a": "x\ny"}', 400, ["syntax"], "a bare line end in a text"),
    Row(b'\xef\xbb\xbf{"a": 1}', 400, ["syntax"], "a byte order mark (RFC 8259 section 8.1)"),
    Row(b'{"a": 1, "a": 2}', 400, ["duplicate_name"], "readers disagree on which one counts"),
    Row(b'{"a": 1, "a": 1, "b": {"c": 1, "c": 1}}', 400, ["duplicate_name"] * 2, "two faults, two errors"),
    Row(b"[" * DEEP + b"]" * DEEP, 400, ["depth"], "10,000 lists"),
    Row(b'{"a":' * DEEP + b"1" + b"}" * DEEP, 400, ["depth"], "10,000 objects"),
    Row(b"[" * 33 + b"]" * 33, 400, ["depth"], "one level more than is taken"),
    Row(b'{"a": "caf\xe9"}', 400, ["encoding"], "Latin-1"),
    Row('{"a": 1}'.encode("utf-16"), 400, ["encoding"], "UTF-16"),
    Row(b'{"a": "\xed\xa0\x80"}', 400, ["encoding"], "a surrogate in bytes (CESU-8)"),
    Row(b'{"a": 1.5}', 400, ["float"], "no fraction is ever meant"),
    Row(b'{"a": 1.0}', 400, ["float"], "a fraction in form"),
    Row(b'{"a": 1e2}', 400, ["float"], "an exponent"),
    Row(b'{"a": 1e999999}', 400, ["float"], "beyond every float"),
    Row(b'{"a": NaN}', 400, ["float"], "not JSON"),
    Row(b'{"a": -Infinity, "b": Infinity}', 400, ["float"] * 2, "not JSON, twice"),
    Row(b'{"a": 9007199254740992}', 400, ["integer"], "2^53: the first that two readers can differ on"),
    Row(b'{"a": -9007199254740992}', 400, ["integer"], "-2^53"),
    Row(b'{"a": ' + b"9" * 5000 + b"}", 400, ["integer"], "too long for the interpreter's own conversion"),
    Row(b'{"a": "\\ud800"}', 400, ["character"], "a lone high surrogate"),
    Row(b'{"a": "\\udc00x"}', 400, ["character"], "a lone low surrogate"),
    Row(b'{"a": "\\u0000"}', 400, ["character"], "NUL"),
    Row(b'{"a": "\\u001b[2J", "b": "\\u007f"}', 400, ["character"] * 2, "control characters, twice"),
    Row(b'{"\\u0000": 1}', 400, ["name"], "a control character in a name"),
    Row('{"na\u00efve": 1}'.encode(), 400, ["name"], "no name of ours is beyond ASCII"),
    Row(b'{"a": 1.5, "b": 9007199254740992, "c": "\\u0001"}', 400, ["float", "integer", "character"], "three faults"),
]


@pytest.mark.parametrize("row", UNREADABLE, ids=lambda row: row.remark)
@pytest.mark.parametrize("route", [ASSESS, DRAFT], ids=["assess", "draft"])
def test_what_is_not_plain_json_is_refused(route: str, row: Row, service: LocalService) -> None:
    before = service.kept()
    refused(post(service, route, row.sent), row.status, row.codes)
    assert service.kept() == before


FORMS = [
    Row([], 422, ["model_type"], "a list"),
    Row("text", 422, ["model_type"], "a text"),
    Row(1, 422, ["model_type"], "a number"),
    Row(None, 422, ["model_type"], "nothing"),
]


@pytest.mark.parametrize("row", FORMS, ids=lambda row: row.remark)
@pytest.mark.parametrize("route", [ASSESS, DRAFT], ids=["assess", "draft"])
def test_a_body_that_is_no_object_is_refused(route: str, row: Row, service: LocalService) -> None:
    before = service.kept()
    refused(post(service, route, row.sent), row.status, row.codes)
    assert service.kept() == before


CALLS = [
    Row({}, 422, ["missing"] * 2, "an empty object: no contact, no actor"),
    Row(changed(CALL, "contact", None), 422, ["missing"], "no contact"),
    Row(changed(CALL, "surprise", 1), 422, ["extra_forbidden"], "a member that is not known"),
    Row(changed(CALL, "contact/priority", "high"), 422, ["extra_forbidden"], "one further inside"),
    Row(changed(CALL, "units_available", 0), 422, ["extra_forbidden"], "availability never decides"),
    Row(changed(CALL, "contact/reference", "R" * 65), 422, ["string_pattern_mismatch"], "an over-long reference"),
    Row(changed(CALL, "contact/reference", ""), 422, ["string_pattern_mismatch"], "an empty reference"),
    Row(changed(CALL, "contact/reference", "HC 1"), 422, ["string_pattern_mismatch"], "a blank in a reference"),
    Row(changed(CALL, "contact/reference", "HC-1\n"), 422, ["string_pattern_mismatch"], "a line end behind it"),
    Row(changed(CALL, "contact/reference", 7), 422, ["string_type"], "a number is not a reference"),
    Row(changed(CALL, "actor/pseudonym", "somebody@force.example"), 422, ["string_pattern_mismatch"], "a name"),
    Row(changed(CALL, "actor/role", "auditor"), 422, ["literal_error"], "nobody who handles calls"),
    Row(changed(CALL, "contact/channel", "fax"), 422, ["enum"], "a channel that is not known"),
    Row(changed(CALL, "mode", "demo"), 422, ["enum"], "a mode that is not known"),
    Row(changed(CALL, "contact/started_at", "2026-11-23T04:17:09"), 422, ["value_error"], "no offset"),
    Row(changed(CALL, "contact/started_at", "2026-11-23"), 422, ["value_error"], "a day is no time"),
    Row(changed(CALL, "contact/started_at", "2026-02-30T00:00:00Z"), 422, ["value_error"], "30 February"),
    Row(changed(CALL, "contact/started_at", "2026-11-23T24:30:00Z"), 422, ["value_error"], "an hour that is none"),
    Row(changed(CALL, "contact/started_at", "2026-11-23T04:17:09+25:00"), 422, ["value_error"], "no such offset"),
    Row(changed(CALL, "contact/started_at", "0001-01-01T00:00:00+10:00"), 422, ["value_error"], "before all time"),
    Row(changed(CALL, "contact/started_at", 1795407429), 422, ["value_error"], "seconds since 1970"),
    Row(changed(CALL, "incident/opened_at", "23/11/2026 04:17"), 422, ["value_error"], "a time as people write it"),
    Row(changed(CALL, "continues", "d_short"), 422, ["string_pattern_mismatch"], "no decision's id"),
    Row(changed(CALL, "people", [{"ref": f"P{n}", "roles": ["other"]} for n in range(41)]), 422, ["too_long"], "41"),
    Row(changed(CALL, "answers", [{"fact": "where"}] * 401), 422, ["too_long"], "401 answers"),
    Row(changed(CALL, "answers", {"where": "known"}), 422, ["tuple_type"], "answers as an object"),
    Row(changed(CALL, "people/0/roles", []), 422, ["too_short"], "a person who is nobody"),
    Row(changed(CALL, "people/0/roles/0", "bystander"), 422, ["enum"], "a role that is not known"),
    Row(changed(CALL, "people/0/name", "Jo"), 422, ["extra_forbidden"], "names have no place"),
    Row(changed(CALL, "people/0/identifiers/0/kind", "nickname"), 422, ["literal_error"], "a kind that is not known"),
    Row(changed(CALL, "people/0/identifiers/0/value", "1" * 401), 422, ["string_too_long"], "an over-long identifier"),
    Row(changed(CALL, "checks/0/done_at", "yesterday"), 422, ["value_error"], "no time"),
    Row(changed(CALL, "trigger", "He is back"), 422, ["string_pattern_mismatch"], "free words"),
    Row(changed(CALL, "force", 5), 422, ["string_type"], "a number is no force"),
    Row(
        changed(changed(CALL, "contact/channel", "fax"), "actor/role", "auditor"), 422, ["enum", "literal_error"],
        "two faults, two errors",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", CALLS, ids=lambda row: row.remark)
def test_a_call_of_the_wrong_form_is_refused_in_strict_handling(row: Row, service: LocalService) -> None:
    """Which parts may be left out of a call otherwise is in test_lenient.py."""
    before = service.kept()
    problem = refused(post(service, ASSESS, row.sent, prefer="handling=strict"), row.status, row.codes)
    assert all(fault["pointer"] for fault in problem["errors"])
    assert service.kept() == before


ANSWERS = [
    Row([{"fact": "weapons"}], 422, ["value_error"], "neither a value nor why there is none"),
    Row([{"fact": "weapon", "value": "none", "absent": "unknown"}], 422, ["value_error"], "value and absent together"),
    Row([{"fact": "injury", "value": "minor", "at_least": "minor"}], 422, ["value_error"], "a value and part of one"),
    Row([{"fact": "no_such_fact", "value": True}], 422, ["unknown_fact"], "a fact that the policy does not have"),
    Row([{"fact": "where", "value": "atlantis"}], 422, ["value"], "an option that the fact does not have"),
    Row([{"fact": "domestic_abuse", "value": "maybe"}], 422, ["value"], "yes or no"),
    Row([{"fact": "where", "value": True}], 422, ["value"], "a choice is not yes or no"),
    Row([{"fact": "dangers_now", "present": ["unicorns"]}], 422, ["value"], "a tag that the set does not have"),
    Row([{"fact": "where", "present": ["known"]}], 422, ["value"], "a set's answer to a choice"),
    Row([{"fact": "injury", "at_least": "serious", "at_most": "minor"}], 422, ["value"], "bounds the wrong way round"),
    Row(
        [{"fact": "dangers_now", "present": ["violence"], "ruled_out": ["violence"]}], 422, ["value"],
        "present and ruled out",
    ),
    Row([{"fact": "where", "value": "known", "at": "2026-11-23T04:17:20"}], 422, ["value_error"], "no offset"),
    Row([{"fact": "where", "value": "known", "source": "gossip"}], 422, ["enum"], "a source that is not known"),
    Row([{"fact": "where", "absent": "forgot"}], 422, ["enum"], "no reason for absence"),
    Row([{"fact": "where", "value": "known", "note": "by the bridge"}], 422, ["extra_forbidden"], "free words"),
    Row(["where"], 422, ["model_type"], "a text in place of an answer"),
    Row([None], 422, ["model_type"], "nothing in place of an answer"),
    Row(
        [{"fact": "no_such_fact", "value": 1}, {"fact": "where", "value": "atlantis"}], 422,
        ["unknown_fact", "value"], "two faults, two errors",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", ANSWERS, ids=lambda row: row.remark)
def test_a_wrong_answer_refuses_the_request_in_strict_handling_only(row: Row, service: LocalService) -> None:
    call = changed(changed(CALL, "answers", row.sent), "contact/reference", f"HC-{next(KEYS)}")
    before = service.kept()
    problem = refused(post(service, ASSESS, call, prefer="handling=strict"), row.status, row.codes)
    assert all(fault["pointer"].startswith("/answers/") for fault in problem["errors"])
    assert service.kept() == before
    reply = post(service, ASSESS, call)
    assert reply.status == 201, "a live emergency does not fail on a typing error"
    decision = json.loads(reply.body)
    assert [warned["code"] for warned in decision["warnings"]] == row.codes
    assert [warned["where"] for warned in decision["warnings"]] == [one["pointer"] for one in problem["errors"]]


def test_an_answer_about_somebody_who_is_not_listed_counts_all_the_same(service: LocalService) -> None:
    answers = [{"fact": "injury", "value": "serious", "about": "V9"}]
    call = changed(changed(CALL, "answers", answers), "contact/reference", f"HC-{next(KEYS)}")
    reply = post(service, ASSESS, {**call, "incident": None}, prefer="handling=strict")
    assert reply.status == 201
    assert json.loads(reply.body)["advice"]["grade"]["national"] == "IMMEDIATE"


CHECKS = [
    ({"check": "horoscope", "done_at": "2026-11-23T04:17:36Z", "result": "nothing_found"}, "unknown_check"),
    ({"check": "address_history", "done_at": "2026-11-23T04:17:36Z", "result": "ghosts"}, "unknown_result"),
]


@pytest.mark.parametrize(("check", "code"), CHECKS)
def test_a_check_that_the_policy_does_not_have_refuses_in_strict_handling_only(
    check: dict[str, str], code: str, service: LocalService
) -> None:
    call = changed(CALL, "checks", [check])
    before = service.kept()
    refused(post(service, ASSESS, call, prefer="handling=strict"), 422, [code])
    assert service.kept() == before
    reply = post(service, ASSESS, call)
    assert [warned["code"] for warned in json.loads(reply.body)["warnings"]] == [code]


IDENTIFIERS = [
    ("phone", "call me", "no digits"),
    ("phone", "+4477009001234567890", "too many digits"),
    ("email", "nobody", "no domain"),
    ("uprn", "12A", "letters"),
    ("address", "somewhere", "one word"),
    ("name_dob", "Doe|Jo", "no date"),
    ("person_ref", "PNC 1", "a blank"),
]


@pytest.mark.parametrize(("kind", "value", "remark"), IDENTIFIERS)
def test_an_identifier_that_is_none_is_named_without_being_repeated(
    kind: str, value: str, remark: str, service: LocalService
) -> None:
    people = [{"ref": "V1", "roles": ["victim"], "identifiers": [{"kind": kind, "value": value}]}]
    call = changed(CALL, "people", people)
    reply = post(service, ASSESS, call, prefer="handling=strict")
    assert refused(reply, 422, ["identifier"])["errors"][0]["pointer"] == "/people/0/identifiers/0/value", remark
    assert value.encode() not in reply.body
    lenient = post(service, ASSESS, call)
    assert lenient.status == 201
    assert value.encode() not in lenient.body


def test_a_refusal_does_not_repeat_what_was_said(service: LocalService) -> None:
    told = "Jo Doe, 1 High Street"
    for pointer in ("contact/reference", "actor/pseudonym", "trigger", "people/0/ref", "contact/started_at"):
        reply = post(service, ASSESS, changed(CALL, pointer, told), prefer="handling=strict")
        assert reply.status == 422
        assert told.encode() not in reply.body, pointer
    answers = [{"fact": "where", "value": told}, {"fact": "where", "value": "known", "about": told}]
    strict = post(service, ASSESS, changed(CALL, "answers", answers), prefer="handling=strict")
    assert strict.status == 422
    assert told.encode() not in strict.body


def test_more_faults_than_anybody_reads_are_counted_not_listed(service: LocalService) -> None:
    reply = post(service, ASSESS, b'{"a":[' + b",".join([b"1.5"] * 5000) + b"]}")
    problem = refused(reply, 400, ["float"] * 200 + ["more_faults"])
    assert problem["errors"][-1]["detail"].startswith("4800 more")
    assert len(reply.body) < 64 * 1024
