"""What the golden vectors are computed from: parts of a decision, made of the inputs that a vector holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import BaseModel

from chalicelib.assessment.call import Call
from chalicelib.assessment.evaluate import evaluate
from chalicelib.authoring.activations import Activations
from chalicelib.authoring.lifecycle import Manifest
from chalicelib.canonical import Json, canonical, sha256_hex
from chalicelib.model import instant_of
from chalicelib.policy.compiler import compile_policy
from chalicelib.policy.document import Policy
from chalicelib.reader import as_model
from chalicelib.records.entry import Entry, Query
from chalicelib.records.envelope import Envelope, Mark
from chalicelib.records.identity import ForceKey, fingerprint
from chalicelib.records.record import DecisionRecord, decision_entry
from chalicelib.records.shown import shown_of


class Made(NamedTuple):
    """A decision, evaluated anew from a vector's inputs, and its entry."""

    record: DecisionRecord
    entry: Entry


def key_of(given: Mapping[str, Any]) -> ForceKey:
    """A force key as a vector writes it."""
    return ForceKey(given["version"], bytes.fromhex(given["secret"]))


def time_of(text: str) -> datetime:
    """A time as a vector writes it."""
    return instant_of(text)


def made(inputs: Mapping[str, Any]) -> Made:
    """Evaluate a vector's call under its policy, and record it with its secret."""
    policy = compile_policy(as_model(Policy, inputs["policy"]), sha256_hex(canonical(inputs["policy"])))
    envelope, call = as_model(Envelope, inputs["envelope"]), as_model(Call, inputs["call"])
    result = evaluate(policy, call, envelope.at)
    record = DecisionRecord(envelope=envelope, call=call, result=result, shown=shown_of(policy, envelope, call, result))
    return Made(record, decision_entry(record, mark_of(inputs)))


def mark_of(inputs: Mapping[str, Any]) -> Mark:
    """What is stored beside the record."""
    secret, body = bytes.fromhex(inputs["secret"]), inputs["request"]
    return Mark(secret, fingerprint(body, key=key_of(inputs["force_key"]), secret=secret))


FORMATS: Mapping[str, type[BaseModel]] = {
    "record": DecisionRecord, "entry": Entry, "manifest": Manifest, "activations": Activations, "query": Query,
}  # fmt: skip
"""What is stored, hashed or sealed as a whole."""


def shape_of(model: type[BaseModel]) -> dict[str, Json]:
    """The members of a model and of all that is in it, and the values of its enumerations; no words about them."""
    schema = model.model_json_schema(mode="serialization")
    found: dict[str, Json] = {}
    for name, part in sorted({**schema.get("$defs", {}), model.__name__: schema}.items()):
        if "enum" in part:
            found[name] = part["enum"]
        else:
            found[name] = {
                member: "required" if member in part.get("required", ()) else "optional"
                for member in part["properties"]
            }
    return found
