"""Documents of a policy owner: from bytes to a checked policy, every fault with its line and column. It stores nothing.

What is hashed and stored is what was written, in Unicode's composed form (NFC) and with no default filled in.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from chalicelib.canonical import Json, canonical, sha256_hex
from chalicelib.errors import Fault, Invalid
from chalicelib.model import Frozen
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.compiler import compile_policy
from chalicelib.policy.document import POLICY_BYTES, Policy
from chalicelib.reader import Source, as_model, read_yaml

Document = TypeVar("Document", bound=Frozen)


@dataclass(frozen=True, slots=True)
class CheckedPolicy:
    """A policy that can be applied, with the bytes that are stored and that its digest is of."""

    compiled: CompiledPolicy
    stored: bytes


def checked(data: bytes) -> CheckedPolicy:
    """Read and compile a policy document. Raises TooLarge, Unreadable, or Invalid with every fault and its place."""
    policy, source = read_document(Policy, data)
    stored = canonical(source.value)
    try:
        return CheckedPolicy(compile_policy(policy, sha256_hex(stored)), stored)
    except Invalid as error:
        raise Invalid(error.detail, [source.located(fault) for fault in error.faults]) from None


def read_policy_document(data: bytes) -> Policy:
    """Read a policy document without asking whether its names fit together. Raises as `checked`."""
    return read_document(Policy, data)[0]


def read_document(model: type[Document], data: bytes) -> tuple[Document, Source]:
    """Read a document into its model, and where in the text its parts stand. Raises as `checked`."""
    read = read_yaml(data, most=POLICY_BYTES)
    source = Source(nfc(read.value), read.places)
    try:
        return as_model(model, source.value), source
    except Invalid as error:
        raise Invalid(error.detail, list(_in_the_document(error.faults, source))) from None


def nfc(value: Json) -> Json:
    """The same value with every text in Unicode's composed form, so that what looks equal is equal."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {name: nfc(member) for name, member in value.items()}
    if isinstance(value, list):
        return [nfc(member) for member in value]
    return value


_BRANCHES = ("all", "any", "none")
_LONGEST_SHOWN = 60
_HOLDS_A_CONDITION = ("when", "unless", "asked_when", "scope", "earned_when")


def _in_the_document(faults: Sequence[Fault], source: Source) -> Iterable[Fault]:
    """The model's faults as faults of the text: its own pointers, what stands there, and what would be right."""
    for fault in faults:
        if fault.code == "too_short" and any(other.where.startswith(fault.where + "/") for other in faults):
            continue  # the model does not count the parts that are wrong, and those have faults of their own
        steps = _steps(fault.where)
        where = "".join(f"/{step}" for step in steps)
        wrong, right = fault.wrong, fault.right
        if fault.code == "missing":
            wrong, right = "is missing", steps[-1]
        elif fault.code == "extra_forbidden":
            wrong, right = f'"{steps[-1]}" is not known here', "a name that belongs here"
        elif fault.code != "value_error":
            wrong, right = f"{_shown(source.value, steps)} is not right here", fault.wrong
        yield source.located(Fault(fault.code, where, wrong, right))


def _steps(pointer: str) -> list[str]:
    """The steps of a model's pointer without those that only name a kind of condition."""
    steps: list[str] = []
    tagged = False
    for step in pointer.split("/")[1:]:
        if not tagged:
            steps.append(step)
            tagged = step in _HOLDS_A_CONDITION or (step.isdigit() and len(steps) > 1 and steps[-2] in _BRANCHES)
        else:
            tagged = False
    return steps


def _shown(value: Json, steps: Iterable[str]) -> str:
    """What stands at a place, short enough for a line."""
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
    text = canonical(value).decode()
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "..."
