"""A record of the trail, as a model, as canonical bytes and as an entry; and the answer that is rebuilt from it.

A decision's record is {envelope, call, result, shown}; any other event's is {envelope, details}. The bytes that were
answered are always made from the stored record, never from anything else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from chalicelib.assessment.call import Call
from chalicelib.assessment.decision import Result
from chalicelib.canonical import Json, canonical
from chalicelib.errors import Invalid, Unreadable
from chalicelib.model import Frozen, faults_of
from chalicelib.records.advice import Shown
from chalicelib.records.commitment import commitment, leaf, leaf_hash
from chalicelib.records.entry import Entry, Place, Shelf, Summary
from chalicelib.records.envelope import Envelope, Mark
from chalicelib.records.kinds import shelf_of
from chalicelib.records.slots import slots


class DecisionRecord(Frozen):
    """A stored evaluation, whole."""

    envelope: Envelope
    call: Call
    result: Result
    shown: Shown


def plain(model: Frozen) -> dict[str, Any]:
    """The plain form of a model that is hashed and stored: no member that says nothing."""
    return model.model_dump(mode="json", exclude_none=True, by_alias=True)


def decision_entry(record: DecisionRecord, mark: Mark) -> Entry:
    """The entry of a decision, with its commitment, its leaf and all that it can be found by."""
    envelope, call, result = record.envelope, record.call, record.result
    summary = _summary(envelope).model_copy(
        update={
            "grade": result.national.recommended.value,
            "standing": result.national.standing.value,
            "policy": call.policy.digest,
            "version": call.policy.version,
            "flags": result.flags,
            "rules": tuple(reason.id for reason in result.reasons),
            **slots(call.people),
        }
    )
    return _entry(plain(record), summary, Place(Shelf.DECISION, envelope.id), mark)


def event_entry(envelope: Envelope, details: Mapping[str, Json], *, name: str, mark: Mark) -> Entry:
    """The entry of any other event, filed under `name` on its kind's shelf."""
    summary = _summary(envelope).model_copy(
        update={part: details[part] for part in ("policy", "version") if details.get(part)}
    )
    record: dict[str, Json] = {"envelope": plain(envelope), "details": details}
    return _entry(record, summary, Place(shelf_of(envelope.kind, incident=envelope.incident is not None), name), mark)


def _summary(envelope: Envelope) -> Summary:
    shared = plain(envelope)
    return Summary(
        id=envelope.id,
        kind=envelope.kind.value,
        force=envelope.force,
        mode=envelope.mode.value,
        recorded_at=shared["recorded_at"],
        actor=envelope.actor.pseudonym,
        contact=envelope.contact,
        incident=envelope.incident,
    )


def _entry(record: Mapping[str, Json], summary: Summary, place: Place, mark: Mark) -> Entry:
    return Entry(
        place_shelf=place.shelf,
        place_name=place.name,
        summary=summary,
        body=canonical(record),
        secret=mark.secret,
        leaf=leaf(summary, commitment(record, mark.secret)),
        fingerprint=mark.fingerprint,
    )


def record_of(entry: Entry) -> DecisionRecord:
    """A decision's record from its entry. Raises Invalid when it is not one."""
    try:
        return DecisionRecord.model_validate_json(entry.body)
    except ValidationError as error:
        raise Invalid("This is not the record of a decision.", faults_of(error)) from None


def envelope_of(entry: Entry) -> Envelope:
    """The envelope of any event. Raises Unreadable when it is not one."""
    try:
        return Envelope.model_validate(_stored(entry).get("envelope"), strict=False)
    except ValidationError:
        raise Unreadable("This is not a record.") from None


def details_of(entry: Entry) -> Mapping[str, Any]:
    """The details of any other event. Raises Unreadable when it is not one."""
    return _mapping(_stored(entry).get("details"))


def answer_of(entry: Entry) -> bytes:
    """The body that was answered when the entry was made, byte for byte: what was shown, and the receipt."""
    record = _stored(entry)
    event = entry.place_shelf is not Shelf.DECISION
    shown = {"event": record["envelope"], **_mapping(record["details"])} if event else record["shown"]
    receipt: dict[str, Json] = {"leaf_hash": leaf_hash(entry.leaf), "recorded_at": entry.summary.recorded_at}
    return canonical({**_mapping(shown), "receipt": receipt})


def _stored(entry: Entry) -> Mapping[str, Json]:
    """The record as plain values. These are bytes that `_entry` wrote, so the plain reader is right, and quicker."""
    try:
        record = json.loads(entry.body)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        raise Unreadable("This is not a record.")
    return record


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
