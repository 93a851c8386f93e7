"""Documents of a policy owner: from bytes to a checked policy, every fault with its line and column. It stores nothing.

What is hashed and stored is what was written, in Unicode's composed form (NFC) and with no default filled in. Of an
overlay it is the flat policy that it makes together with its base (docs/decisions/0020).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from chalicelib.canonical import Json, canonical, sha256_hex
from chalicelib.errors import Fault, Invalid, NotFound, TooLarge
from chalicelib.model import Frozen
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.compiler import compile_policy
from chalicelib.policy.document import POLICY_BYTES, BasedOn, Policy
from chalicelib.reader import Source, as_model, read_json, read_yaml

Document = TypeVar("Document", bound=Frozen)


BaseOf = Callable[[str, str], bytes]
"""From a base's id and digest, as an overlay names them, to the canonical bytes of the base's flat form.

Raises NotFound, with what to do in its detail, when there is none. A base that has another digest may be returned: the
overlay is then refused with the right one.
"""


@dataclass(frozen=True, slots=True)
class CheckedPolicy:
    """A policy that can be applied, with the bytes that are stored and that its digest is of."""

    compiled: CompiledPolicy
    stored: bytes
    """The flat policy's canonical bytes."""
    source: bytes
    """The canonical bytes of what was written: the same, or those of an overlay."""


def checked(data: bytes, base_of: BaseOf | None = None) -> CheckedPolicy:
    """Read and compile a policy document, or an overlay together with its base.

    Raises TooLarge, Unreadable, or Invalid with every fault and its place in what was written.
    """
    source = _read(data)
    if _is_overlay(source.value):
        return _composed(source, base_of)
    try:
        stored = canonical(source.value)
        return CheckedPolicy(_flat(source.value, sha256_hex(stored)), stored, stored)
    except Invalid as error:
        located = [source.located(fault) for fault in error.faults]
        raise Invalid(error.detail, sorted(located, key=lambda fault: (fault.line or 0, fault.column or 0))) from None


def read_document(model: type[Document], data: bytes) -> tuple[Document, Source]:
    """Read a document into its model, and where in the text its parts stand. Raises as `checked`."""
    source = _read(data)
    return _as_document(model, source), source


def _read(data: bytes) -> Source:
    read = read_yaml(data, most=POLICY_BYTES)
    return Source(nfc(read.value), read.places)


def _as_document(model: type[Document], source: Source) -> Document:
    try:
        return _modelled(model, source.value)
    except Invalid as error:
        raise Invalid(error.detail, [source.located(fault) for fault in error.faults]) from None


def _modelled(model: type[Document], value: Json) -> Document:
    """A plain value as a model. Raises Invalid with faults in plain words, and for members that were left empty."""
    # Read only here: a process that only evaluates reads no document of an owner.
    from chalicelib.forms.wording import empty_members, plain_faults

    try:
        made = as_model(model, value)
    except Invalid as error:
        raise Invalid(error.detail, plain_faults(model, error.faults, value)) from None
    if empty := empty_members(value):
        raise Invalid("The document has members that are empty.", empty)
    return made


def _is_overlay(value: Json) -> bool:
    return isinstance(value, dict) and str(value.get("format")).startswith("overlay/")


def _composed(source: Source, base_of: BaseOf | None) -> CheckedPolicy:
    # Read only here: a process that only evaluates meets no overlay, and their models take a while to build.
    from chalicelib.authoring.overlay import Overlay, compose
    from chalicelib.authoring.overlay_faults import told

    try:
        overlay = _as_document(Overlay, source)
    except Invalid as error:
        raise Invalid(error.detail, _with_further(error.faults, source, base_of)) from None
    base = _base(overlay.based_on, source, base_of)
    try:
        composed = compose(base, source.value)
    except Invalid as error:
        raise Invalid(error.detail, [source.located(fault) for fault in error.faults]) from None
    stored = canonical(composed.value)
    if len(stored) > POLICY_BYTES:
        raise TooLarge(f"The composed policy has {len(stored)} bytes; at most {POLICY_BYTES} are taken.")
    try:
        return CheckedPolicy(_flat(composed.value, sha256_hex(stored)), stored, canonical(source.value))
    except Invalid as error:
        faults = told(error.faults, composed, source, overlay.based_on.id)
        raise Invalid("The overlay and its base do not fit together.", faults) from None


_IN_A_THING = re.compile(r"/[a-z_]+/(?:add|replace)/\d+/(?!id$).+")
"""A pointer to something within a thing that an overlay adds or replaces, other than its id."""


def _with_further(faults: Sequence[Fault], source: Source, base_of: BaseOf | None) -> list[Fault]:
    """The faults of an overlay's form and, where it can be put together all the same, what else does not fit."""
    from chalicelib.authoring.overlay import compose
    from chalicelib.authoring.overlay_faults import told

    value, found = source.value, {fault.where: fault for fault in faults}
    if isinstance(value, dict) and all(map(_IN_A_THING.fullmatch, found)):
        try:
            named = as_model(BasedOn, value.get("based_on"))
            composed = compose(_base(named, source, base_of), value)
        except Invalid:
            return list(faults)
        try:
            _flat(composed.value, "")
        except Invalid as error:
            found = {fault.where: fault for fault in told(error.faults, composed, source, named.id)} | found
    return sorted(found.values(), key=lambda fault: (fault.line or 0, fault.column or 0))


def _flat(value: Json, digest: str) -> CompiledPolicy:
    """A flat policy compiled. Raises Invalid with pointers into it."""
    try:
        policy = _modelled(Policy, value)
    except Invalid as error:
        from chalicelib.forms.mending import further_faults

        raise Invalid(error.detail, [*error.faults, *further_faults(value, error.faults)]) from None
    return compile_policy(policy, digest)


def _base(named: BasedOn, source: Source, base_of: BaseOf | None) -> Json:
    """The base of an overlay as a plain value. Raises Invalid when there is none, or another than was named."""
    if base_of is None:
        raise _no_base(named, source, "it checked together with its base")
    try:
        data = base_of(named.id, named.sha256)
    except NotFound as error:
        raise _no_base(named, source, error.detail) from None
    base = read_json(data, most=POLICY_BYTES)
    found, digest = str(base["id"]) if isinstance(base, dict) else "", sha256_hex(data)
    if found != named.id:
        fault = Fault("base_id", "/based_on/id", f'the base calls itself "{found}"', f'"{found}"')
    elif digest != named.sha256:
        wrong = f"the base is {digest}; this was written for {named.sha256}"
        fault = Fault("base_digest", "/based_on/sha256", wrong, f"{digest}, after a look at what has changed in it")
    else:
        return base
    raise Invalid("The overlay was written for another base.", [source.located(fault)])


def _no_base(named: BasedOn, source: Source, what_to_do: str) -> Invalid:
    fault = Fault("no_base", "/based_on", f'the base "{named.id}" with this digest is not there', what_to_do)
    return Invalid("The overlay's base is not there.", [source.located(fault)])


def nfc(value: Json) -> Json:
    """The same value with every text in Unicode's composed form, so that what looks equal is equal."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {name: nfc(member) for name, member in value.items()}
    if isinstance(value, list):
        return [nfc(member) for member in value]
    return value
