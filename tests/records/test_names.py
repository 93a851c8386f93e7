"""How events, requests and people are named, against golden vectors and against the definitions written out again."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b32encode
from typing import Literal

import pytest
import rfc8785

from chalicelib.canonical import Json
from chalicelib.policy.closed_lists import EventKind
from chalicelib.records.entry import Shelf
from chalicelib.records.identifiers import NORMALISATION, NORMALISERS, subject_hash
from chalicelib.records.identity import ForceKey, event_id, fingerprint, same_request
from chalicelib.records.kinds import Kind, shelf_of
from tests.records.vectors import held, vector
from tests.records.vectors_from import key_of

KEY = ForceKey(1, bytes(range(32)))


def test_the_registry_of_kinds_is_closed() -> None:
    found = [
        {"kind": kind.value, "shelf": shelf_of(kind), "shelf_without_incident": shelf_of(kind, incident=False)}
        for kind in Kind
    ]
    held(found, vector("kinds"), "the registry of event kinds")


def test_whatever_a_policy_can_name_is_a_kind_that_the_trail_knows() -> None:
    assert {kind.value for kind in EventKind} <= {kind.value for kind in Kind}


def test_only_decisions_stand_on_the_shelf_of_decisions() -> None:
    assert [kind for kind in Kind if shelf_of(kind) is Shelf.DECISION] == [Kind.DECISION]


@pytest.mark.parametrize("row", vector("ids"))
def test_an_id_follows_from_client_force_route_and_key(row: dict[str, str]) -> None:
    named = {name: row[name] for name in ("force", "client", "route", "key")}
    prefix: Literal["d", "e"] = "d" if row["prefix"] == "d" else "e"
    held(event_id(prefix, **named), row["id"], "the id of an event")
    name = hashlib.sha256(rfc8785.dumps([row["force"], row["client"], row["route"], row["key"]])).digest()
    assert row["id"] == f"{prefix}_{b32encode(name[:20]).decode().lower()}"


def test_ids_differ_in_each_of_what_they_follow_from() -> None:
    assert len({row["id"] for row in vector("ids")}) == len(vector("ids"))


@pytest.mark.parametrize("row", vector("keyed")["rows"])
def test_the_key_of_each_use_is_made_of_the_forces_secret(row: dict[str, str]) -> None:
    key = key_of(vector("keyed")["force_key"])
    held(key.keyed(row["use"], bytes.fromhex(row["data"])), row["mac"], "a keyed hash")
    own = hmac.digest(key.secret, row["use"].encode(), "sha256")
    assert row["mac"] == hmac.digest(own, bytes.fromhex(row["data"]), "sha256").hex()


SUBJECTS = vector("subjects")


@pytest.mark.parametrize("row", SUBJECTS["rows"], ids=lambda row: row["value"])
def test_an_identifier_is_hashed_in_its_normal_form(row: dict[str, str]) -> None:
    (kind,) = [kind for kind in NORMALISERS if kind == row["kind"]]
    held(NORMALISERS[kind](row["value"]), row["normalised"], f"normalisation {NORMALISATION} of a {kind}")
    held(subject_hash(kind, row["value"], key_of(SUBJECTS["force_key"])), row["hash"], f"the keyed hash of a {kind}")


def test_every_kind_of_identifier_has_a_vector_and_one_version_of_rules() -> None:
    assert {row["kind"] for row in SUBJECTS["rows"]} == set(NORMALISERS)
    assert SUBJECTS["normalisation"] == NORMALISATION


SAME = [
    ("phone", "07700 900123", "+44 7700 900123", "national and international"),
    ("phone", "+44 (0) 7700 900123", "00447700900123", "the zero in brackets, and two zeros for +"),
    ("email", "NOBODY@force.example", " nobody@Force.Example", "case and blanks"),
    ("uprn", "00010012345", "10012345", "leading zeros"),
    ("address", "10, High-Street, Ware", "10 HIGH STREET WARE", "marks and case"),
    ("address", "12 Cafe\u0301 Row", "12 CAFÉ ROW", "accents, composed or not"),
    ("name_dob", "O'Neil-Smith|Siân|1980-02-29", "oneil smith|sian|1980-02-29", "marks, blanks, accents"),
    ("person_ref", "pnc/1a", "PNC/1A", "case"),
]


@pytest.mark.parametrize(("kind", "one", "other", "remark"), SAME, ids=[row[3] for row in SAME])
def test_two_spellings_are_one_subject(kind: str, one: str, other: str, remark: str) -> None:
    (named,) = [known for known in NORMALISERS if known == kind]
    assert subject_hash(named, one, KEY) == subject_hash(named, other, KEY), remark


def test_the_same_digits_of_two_kinds_are_two_subjects() -> None:
    assert subject_hash("uprn", "10012345", KEY) != subject_hash("person_ref", "10012345", KEY)


def test_two_forces_do_not_know_each_others_subjects() -> None:
    assert subject_hash("uprn", "1", KEY) != subject_hash("uprn", "1", ForceKey(1, bytes(32)))


FINGERPRINTS = vector("fingerprints")


@pytest.mark.parametrize("row", FINGERPRINTS["rows"], ids=str)
def test_a_fingerprint_has_a_part_under_each_of_two_keys(row: dict[str, str]) -> None:
    key, secret = key_of(FINGERPRINTS["force_key"]), bytes.fromhex(FINGERPRINTS["secret"])
    held(fingerprint(row["body"], key=key, secret=secret), row["fingerprint"], "the fingerprint of a request")
    for one in FINGERPRINTS["rows"]:
        same = one is row
        assert same_request(row["fingerprint"], one["body"], key_of=lambda _: key, secret=secret) is same


def test_without_the_forces_key_only_identifiers_are_not_compared() -> None:
    secret = bytes.fromhex(FINGERPRINTS["secret"])
    first, other_phone, *others = FINGERPRINTS["rows"]

    def same(body: Json) -> bool:
        return same_request(first["fingerprint"], body, key_of=lambda _: None, secret=secret)

    assert same(first["body"])
    assert same(other_phone["body"])
    assert not any(same(one["body"]) for one in others)


def test_a_request_is_still_the_same_after_the_forces_key_was_rotated() -> None:
    """The fingerprint names the version of the key that it was made under."""
    secret, first = bytes.fromhex(FINGERPRINTS["secret"]), FINGERPRINTS["rows"][0]
    made_under = key_of(FINGERPRINTS["force_key"])
    ring = {made_under.version: made_under, made_under.version + 1: ForceKey(made_under.version + 1, bytes(32))}
    assert same_request(first["fingerprint"], first["body"], key_of=ring.get, secret=secret)


def test_a_fingerprint_does_not_give_an_identifier_away() -> None:
    phone = FINGERPRINTS["rows"][0]["body"]["people"][0]["identifiers"][0]["value"]
    plain = {hashlib.sha256(text.encode()).hexdigest() for text in (phone, phone[1:], "0" + phone[3:])}
    parts = {part for row in FINGERPRINTS["rows"] for part in row["fingerprint"].split(".")}
    assert plain.isdisjoint(parts)
