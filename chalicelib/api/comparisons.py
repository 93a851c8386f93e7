"""What a version changes, before it is in force: the report of its submission, comparisons, and a check of a draft.

Nothing here records or stores anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.analysis.differences import Comparison
from chalicelib.analysis.findings import Finding
from chalicelib.api.comparison_examples import CHECKED, COMPARED, LISTS, REPORT
from chalicelib.api.endpoint import FORCE, Answer, Context, Operation, Parameter, ResponseForm
from chalicelib.api.policies import POLICY, VERSION, force_of, found_version
from chalicelib.api.policy_examples import VERSION_SENT
from chalicelib.api.policy_steps import VERSION_BYTES, VersionSent
from chalicelib.api.problems import ProblemFault
from chalicelib.auth.roles import Permission
from chalicelib.authoring.lifecycle import StepKind
from chalicelib.canonical import canonical
from chalicelib.model import Digest, Frozen, Instant
from chalicelib.reader import as_model, read_json
from chalicelib.records.record import plain
from chalicelib.workflows.judge_policy import CaseSkipped, CheckReport, ComparedWith, Lowering, Named

if TYPE_CHECKING:
    from chalicelib.services import Services


class ComparisonAnswered(Frozen):
    """A version held against another, over every possible call."""

    old: Named
    new: Named
    comparison: Comparison
    lowerings: tuple[Lowering, ...] = ()
    """What is lowered, dropped or made later, or of which that could not be excluded."""
    acknowledge: Digest | None = None
    """The digest of that list; absent when it is empty."""


class CheckAnswered(Frozen):
    """What submitting a version would find."""

    policy: Digest
    faults: tuple[ProblemFault, ...]
    """What keeps it from being submitted; empty when nothing does."""
    cases: int
    skipped: tuple[CaseSkipped, ...]
    """The cases that are not run."""
    findings: tuple[Finding, ...]
    compared: tuple[ComparedWith, ...]


class ListAccepted(Frozen):
    """A list of what is lowered, and who has accepted it."""

    step: StepKind
    event: str
    by: str
    at: Instant
    acknowledged: Digest
    lowerings: tuple[Lowering, ...]


class ListsAccepted(Frozen):
    """All lists that were accepted in the life of a version."""

    accepted: tuple[ListAccepted, ...]


_OTHER = Parameter(
    "with", "query", {"type": "string", "pattern": r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"},
    "The version to compare with: its label, its manifest's digest, or `active` (the default), the one in force now.",
    example="active",
)  # fmt: skip
_NOT_FOUND = ResponseForm("There is none.")
_SEVERAL = ResponseForm("Several drafts carry this label.")


def operations(services: Services) -> tuple[Operation, ...]:
    """What owners, approvers and auditors look at before and after an approval."""
    return (_check(services), _compare(services), _read_report(services), _read_lists(services))


def _check(services: Services) -> Operation:
    def check(context: Context) -> Answer:
        force = force_of(context)
        sent = as_model(VersionSent, read_json(context.body, most=VERSION_BYTES))
        found = services.publisher.check(force, context.path["policy"], sent.policy.encode(), sent.cases.encode())
        told = CheckAnswered(
            policy=found.policy.digest,
            faults=tuple(as_model(ProblemFault, fault.as_json()) for fault in found.faults),
            cases=found.cases,
            skipped=found.skipped,
            findings=found.findings,
            compared=found.compared,
        )
        return Answer(200, canonical(plain(told)))

    return Operation(
        method="POST",
        path="/v1/policies/{policy}/check",
        name="check_policy",
        summary="Everything that submitting a version would run; nothing is stored",
        permission=Permission.WRITE_POLICY,
        handler=check,
        parameters=(POLICY, FORCE),
        body=VersionSent,
        example=VERSION_SENT,
        most=VERSION_BYTES,
        responses={
            200: ResponseForm("What was found.", CheckAnswered, CHECKED),
            422: ResponseForm("The documents do not fit together: one fault for each thing."),
        },
    )


def _compare(services: Services) -> Operation:
    def compare(context: Context) -> Answer:
        version = found_version(services, context)
        found = services.publisher.compare(force_of(context), version, context.query.get("with", "active"))
        told = ComparisonAnswered(
            old=found.old,
            new=found.new,
            comparison=found.comparison,
            lowerings=found.lowerings.lowerings,
            acknowledge=found.lowerings.digest if found.lowerings.lowerings else None,
        )
        return Answer(200, canonical(plain(told)))

    return Operation(
        method="GET",
        path="/v1/policies/{policy}/versions/{version}/compare",
        name="compare_policy_versions",
        summary="What a version raises and lowers against another",
        permission=Permission.COMPARE_POLICY,
        handler=compare,
        parameters=(POLICY, VERSION, _OTHER, FORCE),
        responses={
            200: ResponseForm("The comparison.", ComparisonAnswered, COMPARED),
            404: _NOT_FOUND,
            409: _SEVERAL,
        },
    )


def _read_report(services: Services) -> Operation:
    def report(context: Context) -> Answer:
        manifest = found_version(services, context).manifest
        return Answer(200, services.publisher.report(manifest.force, manifest.id, manifest.digest))

    return Operation(
        method="GET",
        path="/v1/policies/{policy}/versions/{version}/report",
        name="read_policy_report",
        summary="What was found when a version was submitted, as it was stored",
        permission=Permission.COMPARE_POLICY,
        handler=report,
        parameters=(POLICY, VERSION, FORCE),
        responses={
            200: ResponseForm("The bytes whose digest the submission's event names.", CheckReport, REPORT),
            404: _NOT_FOUND,
            409: _SEVERAL,
        },
    )


def _read_lists(services: Services) -> Operation:
    def lists(context: Context) -> Answer:
        version = found_version(services, context)
        accepted = tuple(
            ListAccepted(
                step=step.kind,
                event=step.event,
                by=step.by,
                at=step.at,
                acknowledged=step.acknowledged,
                lowerings=services.publisher.accepted(version.manifest.id, step.acknowledged).lowerings,
            )
            for step in version.steps
            if step.acknowledged is not None
        )
        return Answer(200, canonical(plain(ListsAccepted(accepted=accepted))))

    return Operation(
        method="GET",
        path="/v1/policies/{policy}/versions/{version}/lowerings",
        name="read_policy_lowerings",
        summary="What a version lowers, as it was accepted, by whom and when",
        permission=Permission.COMPARE_POLICY,
        handler=lists,
        parameters=(POLICY, VERSION, FORCE),
        responses={
            200: ResponseForm("Every list that was accepted.", ListsAccepted, LISTS),
            404: _NOT_FOUND,
            409: _SEVERAL,
        },
    )
