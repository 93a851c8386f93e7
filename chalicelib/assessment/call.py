"""What is known of a call when it is assessed: the recorded `call`, from which everything else can be computed again.

It holds codes, references, times and keyed hashes. Words about people have no place in it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from chalicelib.assessment.contact import Channel, ContactState
from chalicelib.assessment.looked_up import History
from chalicelib.model import Digest, Frozen, Instant, Name, Reference, Slug
from chalicelib.policy.conditions import Value
from chalicelib.policy.document import Absence, National, Role, Source, VersionLabel

ContactMark = Annotated[str, StringConstraints(pattern=r"^c[0-9a-f]{8}$")]
"""Names another contact without its reference: `c` and the first 32 bits of the SHA-256 of it. People of that contact
have it before their own reference, with a dot between."""


class Claim(Frozen):
    """One answer: what was said or found about a fact, or why nothing was. Kept for ever, never changed."""

    fact: Name
    about: Reference | None = None
    """Which person, for facts that are asked of each."""
    contact: ContactMark | None = None
    """Another contact of the incident that it came from; None: this one."""
    source: Source
    at: Instant
    value: Value | None = None
    at_least: Value | None = None
    at_most: Value | None = None
    present: tuple[Name, ...] | None = None
    ruled_out: tuple[Name, ...] | None = None
    absent: Absence | None = None
    correction: bool = False
    """Whether it is meant to replace what the same source said."""
    supervisor: bool = False
    """Whether a supervisor put it in: with `correction` it then replaces what any source said."""
    counted: Literal[True] | None = None
    """Whether this service has counted it itself; nobody corrects it in the name of a source."""


class Subject(Frozen):
    """An identifier of a person or place as a keyed hash: it finds, and says nothing."""

    kind: Name
    hash: Digest
    key_version: int
    normalisation: int
    shared: Literal[True] | None = None
    """Whether it is that of a place or number which many people use: a hospital, a hostel, a switchboard."""


class Person(Frozen):
    """Somebody in the call, under a reference that means nothing outside it."""

    ref: Reference
    roles: tuple[Role, ...]
    subjects: tuple[Subject, ...] = ()


class CheckDone(Frozen):
    """A look-up that the control room made, and its result."""

    check: Name
    done_at: Instant
    result: Name


class Contact(Frozen):
    """The contact, as far as an assessment goes by it."""

    started_at: Instant
    channel: Channel
    state: ContactState
    happened_at: Instant | None = None
    """When what it is about happened, as far as that is known; of several, the latest."""


class Incident(Frozen):
    """What the CAD says about the incident. None of it changes a grade by itself."""

    opened_at: Instant | None = None
    location_class: Name | None = None
    category_code: Reference | None = None


class Earlier(Frozen):
    """What was found recorded before: whether it could be read, and what stood."""

    state: str = Field(pattern=r"^(none|read|failed)$")
    decisions: tuple[str, ...] = ()
    """The newest decisions that were taken over, newest first."""
    standing: National | None = None
    policy: Digest | None = None
    """The policy of the newest of them."""
    recommended: str | None = None
    """The local grade that the newest of them recommended."""
    reasons: tuple[str, ...] = ()
    """The rules and precautions that were its reasons."""
    outcomes: tuple[str, ...] | None = None
    """The human outcomes that hold; absent when there were none."""


class Warned(Frozen):
    """Something about the input that did not stop the assessment but has to be seen."""

    code: Name
    where: str
    """JSON Pointer into the request, or empty."""
    detail: str


class PolicyUsed(Frozen):
    """Which policy was applied."""

    id: Slug
    version: VersionLabel
    digest: Digest


class Engine(Frozen):
    """Which evaluator applied it."""

    name: str = "thriives"
    version: str


class Call(Frozen):
    """Everything that an evaluation looks at."""

    policy: PolicyUsed
    engine: Engine
    contact: Contact
    incident: Incident | None = None
    people: tuple[Person, ...] = ()
    answers: tuple[Claim, ...] = ()
    checks: tuple[CheckDone, ...] = ()
    lookups: tuple[Earlier | History, ...] = ()
    """What was looked up: what was recorded earlier of this contact and incident, and other incidents."""
    trigger: Name | None = None
    warnings: tuple[Warned, ...] = ()

    @property
    def earlier(self) -> Earlier:
        """What was found recorded before."""
        return next((one for one in self.lookups if isinstance(one, Earlier)), Earlier(state="none"))

    @property
    def history(self) -> History | None:
        """What was found of other incidents, if anything was looked up."""
        return next((one for one in self.lookups if isinstance(one, History)), None)
