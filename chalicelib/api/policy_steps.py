"""The steps of a policy version from draft to in force: their wire forms. What follows is for the workflow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from chalicelib.api.endpoint import FORCE, Answer, Context, Operation, ResponseForm
from chalicelib.api.policies import POLICY, VERSION
from chalicelib.api.policy_examples import ACTIVATED, ACTIVATION, APPROVED, DRAFTED, SUBMITTED, VERSION_SENT
from chalicelib.api.requested import requested
from chalicelib.auth.roles import Permission
from chalicelib.canonical import Json
from chalicelib.model import Digest, Frozen, Instant, Line
from chalicelib.policy.document import VersionLabel
from chalicelib.reader import as_model, read_json
from chalicelib.records.envelope import Envelope
from chalicelib.records.record import answer_of
from chalicelib.workflows.publish_policy import Asker, PolicyPublisher, Start
from chalicelib.workflows.record_entry import Recorded

if TYPE_CHECKING:
    from chalicelib.services import Services

VERSION_BYTES = 3 * 1024 * 1024
"""A policy and its cases as text."""


class VersionSent(Frozen):
    """A version of a policy as its owner wrote it: two YAML (or JSON) documents, as text."""

    policy: str = Field(min_length=1)
    cases: str = Field(min_length=1)


class ActivationSent(Frozen):
    """From when a version is to be in force."""

    from_: Instant | None = Field(None, alias="from")
    """At least 60 seconds ahead."""
    emergency: bool = False
    """At once instead: for putting a version back in force that has been before."""
    note: Line | None = None

    @model_validator(mode="after")
    def _one_start(self) -> ActivationSent:
        if self.emergency == (self.from_ is not None):
            raise ValueError("either `from`, or emergency: true")
        return self


class Nothing(Frozen):
    """An empty object."""


class StepReceipt(Frozen):
    """The proof that the step is on record."""

    leaf_hash: str
    recorded_at: str


class StepAnswered(Frozen):
    """A recorded step in the life of a version."""

    event: Envelope
    v: Literal[1]
    id: str
    force: str
    version: VersionLabel
    manifest: Digest
    """What approvals and activations are bound to."""
    policy: Digest
    cases: Digest
    source: Digest
    starts: str | None = None
    note: str | None = None
    receipt: StepReceipt


def operations(services: Services) -> tuple[Operation, ...]:
    """The steps that policy owners and approvers take."""
    publisher = services.publisher
    return (_draft(publisher), _submit(publisher), _approve(publisher), _activate(publisher))


def _draft(publisher: PolicyPublisher) -> Operation:
    def draft(context: Context) -> Answer:
        asker = _asker(context, "draft", "policy_owner")
        sent = as_model(VersionSent, asker.requested.body)
        return _step(publisher.draft(asker, context.path["policy"], sent.policy.encode(), sent.cases.encode()))

    return Operation(
        method="POST",
        path="/v1/policies/{policy}/versions",
        name="draft_policy_version",
        summary="Check and store a version as a draft",
        permission=Permission.WRITE_POLICY,
        handler=draft,
        parameters=(POLICY, FORCE),
        body=VersionSent,
        example=VERSION_SENT,
        most=VERSION_BYTES,
        records=True,
        responses=_responses(DRAFTED),
    )


def _submit(publisher: PolicyPublisher) -> Operation:
    return _bare_step(
        "submit",
        "Run a draft's cases and submit it for approval",
        Permission.SUBMIT_POLICY,
        take=lambda context: publisher.submit(_nothing_sent(context, "submit", "policy_owner"), *_version(context)),
        example=SUBMITTED,
    )


def _approve(publisher: PolicyPublisher) -> Operation:
    return _bare_step(
        "approve",
        "Approve a submitted version; an author cannot",
        Permission.APPROVE_POLICY,
        take=lambda context: publisher.approve(
            _nothing_sent(context, "approve", "policy_approver"), *_version(context)
        ),
        example=APPROVED,
    )


def _bare_step(
    name: str, summary: str, permission: Permission, *, take: Callable[[Context], Recorded], example: Json
) -> Operation:
    """A step that needs no content."""
    return Operation(
        method="POST",
        path=f"/v1/policies/{{policy}}/versions/{{version}}/{name}",
        name=f"{name}_policy_version",
        summary=summary,
        permission=permission,
        handler=lambda context: _step(take(context)),
        parameters=(POLICY, VERSION, FORCE),
        body=Nothing,
        body_optional=True,
        example={},
        records=True,
        responses=_responses(example),
    )


def _activate(publisher: PolicyPublisher) -> Operation:
    def activate(context: Context) -> Answer:
        asker = _asker(context, "activate", "policy_approver")
        sent = as_model(ActivationSent, asker.requested.body)
        return _step(publisher.activate(asker, *_version(context), Start(sent.from_, sent.note)))

    return Operation(
        method="POST",
        path="/v1/policies/{policy}/versions/{version}/activate",
        name="activate_policy_version",
        summary="Put an approved version in force, or back in force",
        permission=Permission.ACTIVATE_POLICY,
        handler=activate,
        parameters=(POLICY, VERSION, FORCE),
        body=ActivationSent,
        example=ACTIVATION,
        records=True,
        responses=_responses(ACTIVATED),
    )


def _asker(context: Context, route: str, role: str) -> Asker:
    """Who asks, under whichever of the caller's roles lets the step be taken.

    The person is part of the step's name: the same request by somebody else is a step of that person's own.
    """
    force = context.caller.force_of(context.query.get("force"))  # before the body: another force's address is not there
    body = read_json(context.body, most=VERSION_BYTES)
    path = "/".join(context.path[name] for name in sorted(context.path))
    return Asker(
        context.caller.subject, role, requested(context, force, body), f"{route} {path} {context.caller.subject}"
    )


def _nothing_sent(context: Context, route: str, role: str) -> Asker:
    asker = _asker(context, route, role)
    as_model(Nothing, asker.requested.body)
    return asker


def _version(context: Context) -> tuple[str, str]:
    return context.path["policy"], context.path["version"]


def _responses(example: Json) -> Mapping[int, ResponseForm]:
    again = {"Idempotent-Replayed": "`true`."}
    return {
        201: ResponseForm("Recorded now.", StepAnswered, example),
        200: ResponseForm("Recorded before under this key: the same bytes.", StepAnswered, example, again),
        404: ResponseForm("There is no such policy or version."),
        409: ResponseForm("Not as things stand: the state, the author, or the label forbids it."),
        422: ResponseForm("The content is wrong: one fault for each thing."),
        503: ResponseForm("A store does not answer. Send the same request again."),
    }


def _step(recorded: Recorded) -> Answer:
    headers = {"Idempotent-Replayed": "true"} if recorded.replayed else {}
    return Answer(200 if recorded.replayed else 201, answer_of(recorded.entry), headers)
