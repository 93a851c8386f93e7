"""Reading policies: which there are, their versions and documents, and what is in force. It changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from chalicelib.api.endpoint import FORCE, Answer, Context, Operation, Parameter, ResponseForm
from chalicelib.api.policy_examples import IN_FORCE, POLICIES, SOURCE_READ, VERSION_READ, VERSIONS
from chalicelib.auth.roles import Permission
from chalicelib.authoring.activations import Activation, effective
from chalicelib.authoring.lifecycle import (
    NATIONAL_FORCE,
    Compared,
    State,
    Step,
    StepKind,
    Version,
    approval_due,
    state_at,
)
from chalicelib.canonical import canonical
from chalicelib.model import Digest, Frozen, Instant, Line, instant_of, instant_text
from chalicelib.policy.document import POLICY_BYTES, BasedOn, VersionLabel
from chalicelib.reader import read_json
from chalicelib.records.record import plain

if TYPE_CHECKING:
    from chalicelib.services import Services

POLICY = Parameter(
    "policy", "path", {"type": "string", "pattern": r"^[a-z0-9][a-z0-9-]{0,63}$"}, "The policy's id.", True,
    "hertfordshire-thriives",
)  # fmt: skip
VERSION = Parameter(
    "version", "path", {"type": "string", "pattern": r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"},
    "The version's label, or its manifest's digest.", True, "2026.2",
)  # fmt: skip


class StepListed(Frozen):
    """A step in the life of a version."""

    step: StepKind
    event: str
    by: str
    at: Instant
    starts: Instant | None = None
    """Of an activation: from when."""
    note: Line | None = None
    reason: Line | None = None
    """Why it was declined, or something was withdrawn."""
    report: Digest | None = None
    """Of a submission: the digest of the report."""
    backtest: str | None = None
    """Of a submission: the job that holds the version against what was recorded lately, at `/v1/jobs/{job}`."""
    compared: tuple[Compared, ...] | None = None
    """The policies, by digest, that were compared before the step was taken."""
    acknowledged: Digest | None = None
    """The digest of the list of what is lowered, which was accepted with the step."""
    night: Literal[True] | None = None
    """Of an activation: by one person alone."""
    approval_due: Instant | None = None
    """Of such an activation: by when somebody who is no author has to approve the version."""
    withdraws: tuple[str, ...] | None = None
    """The activations that were taken back, by their events."""
    holds: bool | None = None
    """Of an activation: false when it was taken back before it began, or never got onto the list."""


class VersionListed(Frozen):
    """A version and where it stands."""

    version: VersionLabel
    manifest: Digest
    policy: Digest
    state: State
    authors: tuple[str, ...]
    approved_by: str | None = None
    starts: tuple[str, ...] = ()
    """The times from which it was, is or will be put in force."""
    approval_due: str | None = None
    """By when somebody who is no author has to approve what one person alone has put in force."""
    overdue: bool | None = None
    """Whether that time is over."""
    steps: tuple[StepListed, ...]
    """What has happened to it, in order of time."""


class VersionsListed(Frozen):
    """All versions of a policy."""

    policy: str
    versions: tuple[VersionListed, ...]


class VersionAnswered(VersionListed):
    """A version with its document."""

    based_on: BasedOn | None = None
    """The base that the document says it was composed from, by the digest (`policy`) of the base's version."""
    source: Digest
    """The digest of the owner's own text, which can be read at `source` below this address."""
    document: dict[str, Any]
    """The policy, flat and whole, as it applies."""


class PoliciesListed(Frozen):
    """The ids of a force's policies."""

    policies: tuple[str, ...]
    bases: tuple[str, ...] = ()
    """The ids of the national policies, which every force may read and base its own on."""


class InForceAnswered(Frozen):
    """What is in force at a time."""

    at: str
    policy: str
    version: VersionLabel
    manifest: Digest
    digest: Digest
    since: str
    next: str | None = None
    """When another activation begins."""
    approval_due: str | None = None
    """By when somebody who is no author has to approve it, if one person alone has put it in force."""
    overdue: bool | None = None
    """Whether that time is over."""


def operations(services: Services) -> tuple[Operation, ...]:
    """What everybody may read."""
    return (
        _list_policies(services),
        _list_versions(services),
        _read_version(services),
        _read_source(services),
        _read_in_force(services),
    )


def _list_policies(services: Services) -> Operation:
    def policies(context: Context) -> Answer:
        own, bases = (services.publisher.policies(force) for force in (force_of(context), NATIONAL_FORCE))
        return Answer(200, canonical(plain(PoliciesListed(policies=tuple(own), bases=tuple(bases)))))

    return Operation(
        method="GET",
        path="/v1/policies",
        name="list_policies",
        summary="The force's policies, and those it can base its own on",
        permission=Permission.READ_POLICY,
        handler=policies,
        parameters=(FORCE,),
        responses={200: ResponseForm("Their ids.", PoliciesListed, POLICIES)},
    )


def _list_versions(services: Services) -> Operation:
    def versions(context: Context) -> Answer:
        policy = context.path["policy"]
        whose = services.publisher.whose(force_of(context), policy)
        found, entries, now = (
            services.publisher.versions(whose, policy),
            _activations(services, whose),
            services.clock(),
        )
        listed = tuple(_listed(one, entries, now) for one in found.values())
        return Answer(200, canonical(plain(VersionsListed(policy=policy, versions=listed))))

    return Operation(
        method="GET",
        path="/v1/policies/{policy}/versions",
        name="list_policy_versions",
        summary="All versions of a policy and where they stand",
        permission=Permission.READ_POLICY,
        handler=versions,
        parameters=(POLICY, FORCE),
        responses={200: ResponseForm("The versions.", VersionsListed, VERSIONS), 404: _NOT_FOUND},
    )


def _read_version(services: Services) -> Operation:
    def version(context: Context) -> Answer:
        found = found_version(services, context)
        document = read_json(services.publisher.document(found.manifest, "policy.json"), most=POLICY_BYTES)
        entries = _activations(services, found.manifest.force)
        told = {
            **plain(_listed(found, entries, services.clock())),
            "source": found.manifest.source,
            "document": document,
        }
        if isinstance(document, dict) and "based_on" in document:
            told["based_on"] = document["based_on"]
        return Answer(200, canonical(told))

    return Operation(
        method="GET",
        path="/v1/policies/{policy}/versions/{version}",
        name="read_policy_version",
        summary="A version and its document",
        permission=Permission.READ_POLICY,
        handler=version,
        parameters=(POLICY, VERSION, FORCE),
        responses={
            200: ResponseForm("The version.", VersionAnswered, VERSION_READ),
            404: _NOT_FOUND,
            409: ResponseForm("Several drafts carry this label."),
        },
    )


def _read_source(services: Services) -> Operation:
    def source(context: Context) -> Answer:
        found = found_version(services, context)
        return Answer(
            200, services.publisher.document(found.manifest, "source.yaml"), media="text/plain; charset=utf-8"
        )

    return Operation(
        method="GET",
        path="/v1/policies/{policy}/versions/{version}/source",
        name="read_policy_source",
        summary="A version as its owner wrote it: a whole policy, or an overlay",
        permission=Permission.READ_POLICY,
        handler=source,
        parameters=(POLICY, VERSION, FORCE),
        responses={
            200: ResponseForm("The YAML text, remarks and all.", {"type": "string"}, SOURCE_READ, media="text/plain"),
            404: _NOT_FOUND,
            409: ResponseForm("Several drafts carry this label."),
        },
    )


def _read_in_force(services: Services) -> Operation:
    def in_force(context: Context) -> Answer:
        at = instant_of(context.query["at"]) if "at" in context.query else services.clock()
        entry, follows, due = services.publisher.in_force(force_of(context), context.path["policy"], at)
        told = InForceAnswered(
            at=instant_text(at),
            policy=entry.id,
            version=entry.version,
            manifest=entry.manifest,
            digest=entry.policy,
            since=instant_text(entry.starts),
            next=instant_text(follows.starts) if follows else None,
            approval_due=instant_text(due) if due else None,
            overdue=services.clock() > due if due else None,
        )
        return Answer(200, canonical(plain(told)))

    return Operation(
        method="GET",
        path="/v1/policies/{policy}/active",
        name="read_policy_in_force",
        summary="The version in force, now or at a time",
        permission=Permission.READ_POLICY,
        handler=in_force,
        parameters=(POLICY, _AT, FORCE),
        responses={200: ResponseForm("The version in force.", InForceAnswered, IN_FORCE), 404: _NOT_FOUND},
    )


_NOT_FOUND = ResponseForm("There is none.")
_AT = Parameter("at", "query", {"type": "string", "format": "date-time"}, "Now, if left out.")


def found_version(services: Services, context: Context) -> Version:
    """The version that is asked for: the force's own or, of an id that it has no policy of, a national one."""
    policy = context.path["policy"]
    return services.publisher.version(
        services.publisher.whose(force_of(context), policy), policy, context.path["version"]
    )


def force_of(context: Context) -> str:
    """The force that is meant. Raises as `Principal.force_of`."""
    return context.caller.force_of(context.query.get("force"))


def _activations(services: Services, force: str) -> Sequence[Activation]:
    """The activations of a force; of the national one there never are any."""
    return () if force == NATIONAL_FORCE else services.publisher.activations(force)


def _listed(version: Version, entries: Sequence[Activation], now: datetime) -> VersionListed:
    manifest, due = version.manifest, approval_due(version, entries, now)
    own = [entry for entry in effective(entries) if entry.manifest == manifest.digest]
    return VersionListed(
        version=manifest.version,
        manifest=manifest.digest,
        policy=manifest.policy,
        state=state_at(version, entries, now),
        authors=tuple(sorted(version.authors)),
        approved_by=version.approved_by,
        starts=tuple(instant_text(entry.starts) for entry in own),
        approval_due=instant_text(due) if due else None,
        overdue=now > due if due else None,
        steps=tuple(_step(step, {entry.event for entry in own}) for step in version.steps),
    )


def _step(step: Step, listed: Collection[str]) -> StepListed:
    said = {name: getattr(step, name) for name in StepListed.model_fields if name not in ("step", "holds")}
    holds = step.event in listed if step.kind is StepKind.ACTIVATED else None
    return StepListed(step=step.kind, holds=holds, **said)
