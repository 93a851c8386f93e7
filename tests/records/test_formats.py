"""Records, commitments, leaves, answers and stored items, against golden vectors."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

import pytest
import rfc8785

from chalicelib.assessment.decision import RESULT_FORMAT
from chalicelib.authoring.documents import nfc
from chalicelib.authoring.lifecycle import Manifest
from chalicelib.canonical import canonical, sha256_hex
from chalicelib.errors import Invalid, Unreadable
from chalicelib.reader import as_model, read_yaml
from chalicelib.records.commitment import combined, commitment, leaf_hash, salt, unit_digest, units
from chalicelib.records.entry import Entry, Shelf, canonical_entry, entry_of
from chalicelib.records.envelope import Envelope, Mark
from chalicelib.records.kinds import Kind
from chalicelib.records.record import answer_of, decision_entry, event_entry, plain, record_of
from chalicelib.storage.items import entry_of_item, item_of, unpack
from chalicelib.storage.keys import sort_key
from tests.records.vectors import held, vector
from tests.records.vectors_from import FORMATS, made, mark_of, shape_of

DECISION = vector("decision")
INPUTS = DECISION["inputs"]
SECRET = bytes.fromhex(INPUTS["secret"])
KEPT: Mapping[str, Any] = {
    "envelope": INPUTS["envelope"], "call": INPUTS["call"], "result": DECISION["result"], "shown": DECISION["shown"],
}  # fmt: skip
"""The record as it was written when the vector was made."""


def kept_entry() -> Entry:
    """The entry of the record as it was written, whatever an evaluation would say of it today."""
    fields = {"place_shelf": "D", "place_name": DECISION["summary"]["id"], "summary": DECISION["summary"]}
    stored = {name: b64encode(data).decode() for name, data in (
        ("body", canonical(KEPT)), ("secret", SECRET), ("leaf", DECISION["leaf"].encode()),
    )}  # fmt: skip
    return as_model(Entry, {**fields, **stored, "fingerprint": DECISION["fingerprint"]})


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_stored_has_these_members(name: str) -> None:
    held(shape_of(FORMATS[name]), vector("members")[name], f"the members of a {name}")


def test_a_call_is_evaluated_to_the_result_that_is_on_record() -> None:
    result = plain(made(INPUTS).record.result)
    assert result["format"] == RESULT_FORMAT
    held(result, DECISION["result"], RESULT_FORMAT)


def test_a_result_is_shown_in_these_words() -> None:
    held(plain(made(INPUTS).record.shown), DECISION["shown"], "what is shown of a result")


def test_a_record_is_read_and_written_again_byte_for_byte() -> None:
    entry = kept_entry()
    record = record_of(entry)
    held(canonical(plain(record)).decode(), canonical(KEPT).decode(), "the canonical form of a record")
    assert canonical(KEPT) == rfc8785.dumps(KEPT)
    assert len(entry.body) == DECISION["body_bytes"]
    assert sha256_hex(entry.body) == DECISION["body_sha256"]


def test_a_decisions_entry_has_this_summary_commitment_leaf_and_fingerprint() -> None:
    entry = decision_entry(record_of(kept_entry()), mark_of(INPUTS))
    held(entry.summary.model_dump(mode="json", exclude_none=True), DECISION["summary"], "what a decision is found by")
    held(commitment(KEPT, SECRET), DECISION["commitment"], "the commitment")
    held(entry.leaf.decode(), DECISION["leaf"], "a leaf")
    held(leaf_hash(entry.leaf), DECISION["leaf_hash"], "the hash of a leaf")
    held(entry.fingerprint, DECISION["fingerprint"], "the fingerprint")
    assert entry == kept_entry()


def test_the_answer_is_rebuilt_byte_for_byte() -> None:
    held(answer_of(kept_entry()).decode(), DECISION["answer"], "the answer's body")


def test_a_spilled_entry_has_these_bytes_and_is_read_back() -> None:
    spilled = canonical_entry(kept_entry())
    held(sha256_hex(spilled), DECISION["spilled_sha256"], "a spilled entry")
    assert entry_of(spilled) == kept_entry()


def test_units_salts_and_digests_are_these() -> None:
    found = [
        {"name": name, "salt": salt(SECRET, name), "digest": unit_digest(salt(SECRET, name), name, value).hex()}
        for name, value in units(KEPT).items()
    ]
    by_name = {unit["name"]: unit for unit in found}
    held(by_name, {unit["name"]: unit for unit in DECISION["units"]}, "the units of a commitment")


def test_the_commitment_follows_its_definition() -> None:
    digests = []
    for name, value in units(KEPT).items():
        salted = hmac.digest(SECRET, name.encode(), "sha256").hex()[:32]
        digests.append(hashlib.sha256(b"\x02" + rfc8785.dumps([salted, name, value])).digest())
    assert hashlib.sha256(b"\x03" + b"".join(sorted(digests))).hexdigest() == DECISION["commitment"]
    assert hashlib.sha256(b"\x00" + DECISION["leaf"].encode()).hexdigest() == DECISION["leaf_hash"]


def test_every_member_of_the_envelope_every_answer_and_every_look_up_is_a_unit_of_its_own() -> None:
    names = {unit["name"] for unit in DECISION["units"]}
    assert {f"envelope/{name}" for name in INPUTS["envelope"]} <= names
    assert {f"call/answers/{place}" for place in range(len(INPUTS["call"]["answers"]))} <= names
    assert {f"call/lookups/{place}" for place in range(len(INPUTS["call"]["lookups"]))} <= names
    assert {"result", "shown"} <= names


def test_a_redacted_copy_still_proves_the_rest() -> None:
    """An answer is withheld, and with it the result and what was shown: their digests stand in for them."""
    withheld = {"call/answers/1", "result", "shown"}
    digest_of = {unit["name"]: bytes.fromhex(unit["digest"]) for unit in DECISION["units"]}
    told = {name: (salt(SECRET, name), value) for name, value in units(KEPT).items() if name not in withheld}
    recomputed = [unit_digest(salted, name, value) for name, (salted, value) in told.items()]
    assert combined([*recomputed, *(digest_of[name] for name in withheld)]) == DECISION["commitment"]


@pytest.mark.parametrize("unit", [unit["name"] for unit in DECISION["units"]])
def test_no_unit_can_be_changed_or_left_out(unit: str) -> None:
    digests = {name: unit_digest(salt(SECRET, name), name, value) for name, value in units(KEPT).items()}
    changed = {**digests, unit: unit_digest(salt(SECRET, unit), unit, "changed")}
    left_out = [digest for name, digest in digests.items() if name != unit]
    assert DECISION["commitment"] not in (combined(changed.values()), combined(left_out))


def test_a_withheld_answer_cannot_be_guessed_without_its_salt() -> None:
    unit = "call/answers/3"
    value = units(KEPT)[unit]
    digest_of = {one["name"]: one["digest"] for one in DECISION["units"]}
    salts = {salt(SECRET, name) for name in digest_of if name != unit} | {""}
    assert digest_of[unit] not in {unit_digest(guess, unit, value).hex() for guess in salts}


def test_a_leaf_holds_nothing_of_the_content() -> None:
    for content in (INPUTS["envelope"]["contact"], INPUTS["envelope"]["incident"], "ch-4471", "violence", "cad-01"):
        assert content not in DECISION["leaf"]


ITEM = vector("item")


def attributes_of(entry: Entry) -> dict[str, Any]:
    """The item's attributes but the packed body, with bytes in base64."""
    item = {name: value for name, value in item_of(entry).items() if name != "body"}
    return {name: {"B": b64encode(value["B"]).decode()} if "B" in value else value for name, value in item.items()}


def test_a_decision_has_these_attributes_and_index_keys() -> None:
    held(attributes_of(kept_entry()), ITEM["attributes"], "the attributes of a decision's item")


def test_a_body_that_another_compressor_packed_is_unpacked() -> None:
    # Compressors may differ between machines; what they make has to stay readable.
    body = unpack(b64decode(ITEM["body_of_another_zlib"]))
    assert sha256_hex(body) == ITEM["body_sha256"] == DECISION["body_sha256"]


def test_an_item_is_read_back_as_the_entry_it_was() -> None:
    item = {name: {"B": b64decode(value["B"])} if "B" in value else value for name, value in ITEM["attributes"].items()}
    assert entry_of_item({**item, "body": {"B": b64decode(ITEM["body_of_another_zlib"])}}) == kept_entry()


EVENT = vector("event")


def test_an_event_that_is_no_decision_has_these_bytes() -> None:
    envelope = as_model(Envelope, EVENT["envelope"])
    mark = Mark(bytes.fromhex(EVENT["secret"]), EVENT["fingerprint"])
    entry = event_entry(envelope, EVENT["details"], name=EVENT["name"], mark=mark)
    held(entry.place_shelf, EVENT["shelf"], "where a step of a policy is filed")
    held(entry.body.decode(), EVENT["body"], "the record of an event")
    held(entry.leaf.decode(), EVENT["leaf"], "the leaf of an event")
    held(leaf_hash(entry.leaf), EVENT["leaf_hash"], "the hash of a leaf")
    held(answer_of(entry).decode(), EVENT["answer"], "the answer to a step")
    held(attributes_of(entry), EVENT["attributes"], "the attributes of an event's item")


@pytest.mark.parametrize("kind", Kind)
def test_an_envelope_is_the_same_for_every_kind(kind: Kind) -> None:
    given = {**INPUTS["envelope"], "kind": kind.value}
    held(plain(as_model(Envelope, given)), given, f"the envelope of {kind}")
    least = {name: given[name] for name in ("v", "kind", "id", "force", "actor", "mode", "at", "recorded_at")}
    held(plain(as_model(Envelope, least)), least, f"the least envelope of {kind}")


def test_every_decision_has_the_same_sort_key_so_that_an_id_can_hold_one_item_only() -> None:
    entry = kept_entry()
    assert sort_key(entry.place, entry.id) == "E#0"
    assert entry.place_shelf is Shelf.DECISION


POLICY = vector("policy")


def test_a_manifest_has_this_digest() -> None:
    manifest = as_model(Manifest, POLICY["manifest"])
    held(manifest.digest, POLICY["manifest_digest"], "the digest of a manifest")
    assert hashlib.sha256(rfc8785.dumps(POLICY["manifest"])).hexdigest() == POLICY["manifest_digest"]


def test_a_policy_is_hashed_as_it_was_written() -> None:
    held(sha256_hex(canonical(POLICY["document"])), POLICY["canonical_sha256"], "the digest of a policy")
    for row in POLICY["written"]:
        value = nfc(read_yaml(row["yaml"].encode(), most=1000).value)
        held(canonical(value).decode(), row["canonical"], "the canonical form of a policy document")


@pytest.mark.parametrize("body", [b"", b"not JSON", b"[]", b"1", b"\xff", b"[" * 100_000, b"{}"])
def test_bytes_that_are_no_record_are_refused_not_guessed_at(body: bytes) -> None:
    entry = kept_entry().model_copy(update={"body": body})
    with pytest.raises(Invalid):
        record_of(entry)
    if body != b"{}":
        with pytest.raises(Unreadable):
            answer_of(entry)
