"""The envelope of every event: what it is, whose, when, and by whom. It holds nothing of what happened."""

from __future__ import annotations

from typing import Literal, NamedTuple

from chalicelib.assessment.contact import Mode
from chalicelib.model import Frozen, Identity, Instant, Name, Reference, Slug
from chalicelib.records.kinds import Kind


class Actor(Frozen):
    """Who did it, under a name that only the force can resolve; attested by the client named."""

    pseudonym: Identity
    role: Name
    client: Identity | None = None
    """The system whose token it came with."""


class Envelope(Frozen):
    """What every event has."""

    v: Literal[1] = 1
    kind: Kind
    id: str
    force: Slug
    contact: Reference | None = None
    incident: Reference | None = None
    actor: Actor
    mode: Mode = Mode.LIVE
    at: Instant
    """When it happened."""
    recorded_at: Instant
    """When it was recorded, by the server's clock."""


class Mark(NamedTuple):
    """What is stored beside a record and was made from its request: the salts' secret, and the fingerprint."""

    secret: bytes
    fingerprint: str
