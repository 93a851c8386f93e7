"""Reading policies: which there are, their versions and documents, and what is in force. It changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.api.endpoint import FORCE, Answer, Context, Operation, Parameter, ResponseForm
from chalicelib.api.policy_examples import IN_FORCE, POLICIES, VERSION_READ, VERSIONS
from chalicelib.auth.roles import Permission
from chalicelib.authoring.lifecycle import State, Version
from chalicelib.canonical import canonical
from chalicelib.model import Digest, Frozen, instant_of, instant_text
from chalicelib.policy.document import POLICY_BYTES, VersionLabel
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


class VersionsListed(Frozen):
    """All versions of a policy."""

    policy: str
    versions: tuple[VersionListed, ...]


class VersionAnswered(VersionListed):
    """A version with its document."""

    document: dict[str, Any]
    """The policy as it was written."""


class PoliciesListed(Frozen):
    """The ids of a force's policies."""

    policies: tuple[str, ...]


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


def operations(services: Services) -> tuple[Operation, ...]:
    """What everybody may read."""
    return (_list_policies(services), _list_versions(services), _read_version(services), _read_in_force(services))


def _list_policies(services: Services) -> Operation:
    def policies(context: Context) -> Answer:
        found = services.publisher.policies(_force(context))
        return Answer(200, canonical(plain(PoliciesListed(policies=tuple(found)))))

    return Operation(
        method="GET",
        path="/v1/policies",
        name="list_policies",
        summary="The force's policies",
        permission=Permission.READ_POLICY,
        handler=policies,
        parameters=(FORCE,),
        responses={200: ResponseForm("Their ids.", PoliciesListed, POLICIES)},
    )


def _list_versions(services: Services) -> Operation:
    def versions(context: Context) -> Answer:
        force, policy = _force(context), context.path["policy"]
        listed = tuple(_listed(one) for one in services.publisher.versions(force, policy).values())
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
        publisher = services.publisher
        found = publisher.version(_force(context), context.path["policy"], context.path["version"])
        document = read_json(publisher.document(found.manifest, "policy.json"), most=POLICY_BYTES)
        return Answer(200, canonical({**plain(_listed(found)), "document": document}))

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


def _read_in_force(services: Services) -> Operation:
    def in_force(context: Context) -> Answer:
        at = instant_of(context.query["at"]) if "at" in context.query else services.clock()
        entry, follows = services.publisher.in_force(_force(context), context.path["policy"], at)
        told = InForceAnswered(
            at=instant_text(at),
            policy=entry.id,
            version=entry.version,
            manifest=entry.manifest,
            digest=entry.policy,
            since=instant_text(entry.starts),
            next=instant_text(follows.starts) if follows else None,
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


def _force(context: Context) -> str:
    return context.caller.force_of(context.query.get("force"))


def _listed(version: Version) -> VersionListed:
    manifest = version.manifest
    return VersionListed(
        version=manifest.version,
        manifest=manifest.digest,
        policy=manifest.policy,
        state=version.state,
        authors=tuple(sorted(version.authors)),
        approved_by=version.approved_by,
        starts=tuple(instant_text(step.starts) for step in version.steps if step.starts is not None),
    )
