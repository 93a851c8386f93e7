"""The steps of a policy version from draft to in force: their wire forms. What follows is for the workflow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar

from pydantic import Field, model_validator

from chalicelib.api.endpoint import FORCE, Answer, Context, Operation, ResponseForm
from chalicelib.api.policies import POLICY, VERSION
from chalicelib.api.policy_examples import (
    ACTIVATED,
    ACTIVATION,
    APPROVAL,
    APPROVED,
    DECLINE,
    DECLINED,
    DRAFTED,
    SUBMITTED,
    VERSION_SENT,
    WITHDRAWAL,
    WITHDRAWN,
)  # fmt: skip
from chalicelib.api.requested import requested
from chalicelib.auth.principal import allowed
from chalicelib.auth.roles import Permission, Role
from chalicelib.auth.tokens import REALM
from chalicelib.authoring.lifecycle import Compared
from chalicelib.canonical import Json
from chalicelib.errors import Forbidden
from chalicelib.model import Digest, Frozen, Instant, Line
from chalicelib.policy.document import VersionLabel
from chalicelib.reader import as_model, read_json
from chalicelib.records.envelope import Envelope
from chalicelib.records.record import answer_of
from chalicelib.workflows.judge_policy import CaseSkipped
from chalicelib.workflows.publish_policy import Asker, PolicyPublisher, Start
from chalicelib.workflows.record_entry import Recorded

if TYPE_CHECKING:
    from chalicelib.services import Services

OWNER, APPROVER = Role.POLICY_OWNER.value, Role.POLICY_APPROVER.value

Body = TypeVar("Body", bound=Frozen)

VERSION_BYTES = 3 * 1024 * 1024
"""A policy and its cases as text."""


class VersionSent(Frozen):
    """A version of a policy as its owner wrote it: two YAML (or JSON) documents, as text."""

    policy: str = Field(min_length=1)
    """A whole policy, or an overlay whose base is stored: one of the force's own policies or a national one."""
    cases: str = Field(min_length=1)


class ActivationSent(Frozen):
    """From when a version is to be in force."""

    from_: Instant | None = Field(None, alias="from")
    """At least 60 seconds ahead."""
    emergency: bool = False
    """At once instead: for putting a version back in force that has been before."""
    night: bool = False
    """By one person alone, before anybody has approved it, because it is proved to lower nothing: from `from`, or
    60 seconds from now. Somebody who is no author has to approve it within 24 hours."""
    note: Line | None = None
    acknowledged: Digest | None = None
    """The digest of the list of what is lowered against what it will replace, as the refusal without it gave it."""

    @model_validator(mode="after")
    def _one_start(self) -> ActivationSent:
        ways = (self.emergency, self.from_ is not None or self.night)
        if sum(ways) != 1:
            raise ValueError("one of `from`, emergency: true, or night: true with or without `from`")
        return self


class ApprovalSent(Frozen):
    """An approval."""

    acknowledged: Digest | None = None
    """The digest of the list of what is lowered, where anything is; the refusal without it gives both."""


class DeclineSent(Frozen):
    """A refusal to approve."""

    reason: Line
    """Why, for its authors."""


class WithdrawalSent(Frozen):
    """That a version, or an activation that has not begun, is taken back."""

    reason: Line | None = None
    acknowledged: Digest | None = None
    """The digest of the list of what is lowered, where what follows then replaces something else."""


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
    reason: str | None = None
    report: Digest | None = None
    """Of a submission: the digest of the report of all that was run, which is at `report` below the version."""
    cases_run: int | None = None
    """How many cases were run; each came out as expected."""
    skipped: tuple[CaseSkipped, ...] | None = None
    """The cases that were not run; more than 20 are in the report alone."""
    warnings: int | None = None
    """How many warnings are in it."""
    lowers: bool | None = None
    """Whether anything is lowered against what is, or is to be, in force: an approval then has to acknowledge it."""
    backtest: str | None = None
    """The job that holds the version against the live decisions of the last 28 closed days, at `/v1/jobs/{job}`; absent
    while nothing has been in force on a day that is closed."""
    compared: tuple[Compared, ...] | None = None
    """The policies, by digest, that were compared before the step was taken."""
    acknowledged: Digest | None = None
    """The digest of the list of what is lowered, which was accepted with the step."""
    night: Literal[True] | None = None
    approval_due: str | None = None
    """By when somebody who is no author has to approve what one person alone has put in force."""
    withdraws: tuple[str, ...] | None = None
    """The activations that were taken back, by their events; absent when it is the version itself."""
    receipt: StepReceipt


def operations(services: Services) -> tuple[Operation, ...]:
    """The steps that policy owners and approvers take."""
    steps = (_draft, _submit, _approve, _decline, _activate, _withdraw)
    return tuple(step(services.publisher) for step in steps)


def _draft(publisher: PolicyPublisher) -> Operation:
    def draft(context: Context) -> Answer:
        asker, sent = _sent(VersionSent, context, "draft", OWNER)
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
    def submit(context: Context) -> Answer:
        asker, _ = _sent(Nothing, context, "submit", OWNER)
        return _step(publisher.submit(asker, *_version(context)))

    return _of_version(
        "submit", "Run everything on a draft and submit it for approval", Permission.SUBMIT_POLICY, submit,
        _Wire(Nothing, {}, SUBMITTED),
    )  # fmt: skip


def _approve(publisher: PolicyPublisher) -> Operation:
    def approve(context: Context) -> Answer:
        asker, sent = _sent(ApprovalSent, context, "approve", APPROVER)
        return _step(publisher.approve(asker, *_version(context), sent.acknowledged))

    return _of_version(
        "approve", "Approve a submitted version, and accept what it lowers; an author cannot",
        Permission.APPROVE_POLICY, approve, _Wire(ApprovalSent, APPROVAL, APPROVED),
    )  # fmt: skip


def _decline(publisher: PolicyPublisher) -> Operation:
    def decline(context: Context) -> Answer:
        asker, sent = _sent(DeclineSent, context, "decline", APPROVER)
        return _step(publisher.decline(asker, *_version(context), sent.reason))

    return _of_version(
        "decline", "Decline a submitted version for good", Permission.APPROVE_POLICY, decline,
        _Wire(DeclineSent, DECLINE, DECLINED, optional=False),
    )  # fmt: skip


def _activate(publisher: PolicyPublisher) -> Operation:
    def activate(context: Context) -> Answer:
        asker, sent = _sent(ActivationSent, context, "activate", _stronger_role(context))
        if not (sent.night or allowed(context.caller, Permission.ACTIVATE_POLICY)):
            raise Forbidden(
                f"Without `night` it needs the permission {Permission.ACTIVATE_POLICY}.",
                headers={"WWW-Authenticate": f'{REALM}, error="insufficient_scope"'},
            )
        start = Start(sent.from_, sent.note, night=sent.night, acknowledged=sent.acknowledged)
        return _step(publisher.activate(asker, *_version(context), start))

    return _of_version(
        "activate", "Put an approved version in force, or back in force; at night one that lowers nothing",
        Permission.ACTIVATE_AT_NIGHT, activate, _Wire(ActivationSent, ACTIVATION, ACTIVATED, optional=False),
    )  # fmt: skip


def _withdraw(publisher: PolicyPublisher) -> Operation:
    def withdraw(context: Context) -> Answer:
        asker, sent = _sent(WithdrawalSent, context, "withdraw", _stronger_role(context))
        return _step(publisher.withdraw(asker, *_version(context), reason=sent.reason, acknowledged=sent.acknowledged))

    return _of_version(
        "withdraw", "Take back what of a version has not begun, or else the version itself",
        Permission.WITHDRAW_POLICY, withdraw, _Wire(WithdrawalSent, WITHDRAWAL, WITHDRAWN),
    )  # fmt: skip


class _Wire(NamedTuple):
    """What is sent with a step and what is answered, each with an example."""

    body: type[Frozen]
    example: Json
    answer: Json
    optional: bool = True
    """Whether the body can be left out."""


def _of_version(
    name: str, summary: str, permission: Permission, handler: Callable[[Context], Answer], wire: _Wire
) -> Operation:  # fmt: skip
    """A step of a version that is there."""
    return Operation(
        method="POST",
        path=f"/v1/policies/{{policy}}/versions/{{version}}/{name}",
        name=f"{name}_policy_version",
        summary=summary,
        permission=permission,
        handler=handler,
        parameters=(POLICY, VERSION, FORCE),
        body=wire.body,
        body_optional=wire.optional,
        example=wire.example,
        records=True,
        responses=_responses(wire.answer),
    )


def _stronger_role(context: Context) -> str:
    """The role under which a step is taken that owners and approvers can take."""
    return APPROVER if Role.POLICY_APPROVER in context.caller.roles else OWNER


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


def _sent(model: type[Body], context: Context, route: str, role: str) -> tuple[Asker, Body]:
    """Who asks, and what was sent."""
    asker = _asker(context, route, role)
    return asker, as_model(model, asker.requested.body)


def _version(context: Context) -> tuple[str, str]:
    return context.path["policy"], context.path["version"]


def _responses(example: Json) -> Mapping[int, ResponseForm]:
    again = {"Idempotent-Replayed": "`true`."}
    return {
        201: ResponseForm("Recorded now.", StepAnswered, example),
        200: ResponseForm("Recorded before under this key: the same bytes.", StepAnswered, example, again),
        404: ResponseForm("There is no such policy or version."),
        409: ResponseForm(
            "Not as things stand: the state, the author, or the label forbids it, or something is lowered that nobody "
            "has accepted: `lowerings` lists it, and `acknowledge` is what to send back."
        ),
        422: ResponseForm("The content is wrong: one fault for each thing."),
        503: ResponseForm("A store does not answer. Send the same request again."),
    }


def _step(recorded: Recorded) -> Answer:
    headers = {"Idempotent-Replayed": "true"} if recorded.replayed else {}
    return Answer(200 if recorded.replayed else 201, answer_of(recorded.entry), headers)
