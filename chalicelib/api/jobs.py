"""Backtests as jobs: asking for one, and reading how far it is and what it found. The work is done elsewhere."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from pydantic import Field

from chalicelib.api.endpoint import FORCE, Answer, Context, Operation, Parameter, ResponseForm
from chalicelib.api.job_examples import CHANGED, JOB_DONE, JOB_QUEUED, PERIOD
from chalicelib.api.policies import POLICY, VERSION
from chalicelib.api.requested import requested
from chalicelib.auth.roles import Permission
from chalicelib.authoring.backtest import Verdict
from chalicelib.authoring.backtest_report import Report
from chalicelib.canonical import Json, canonical
from chalicelib.errors import NotFound
from chalicelib.model import Digest, Frozen, Instant, Slug
from chalicelib.policy.document import National, VersionLabel
from chalicelib.reader import as_model, read_json, read_model
from chalicelib.records.day_file import Day
from chalicelib.records.record import plain
from chalicelib.workflows.jobs import Failure, Job, JobState, Progress, Task
from chalicelib.workflows.run_backtest import REPORT, changed_in, part_name

if TYPE_CHECKING:
    from chalicelib.services import Services

_REPORT_BYTES = 3 * 1024 * 1024


class PeriodSent(Frozen):
    """The days whose live decisions a version is held against, both included. A day is that of recording, in UTC."""

    from_: Day = Field(alias="from")
    to: Day
    """A day that has been over for an hour; at most 366 days in all."""


class JobAnswered(Frozen):
    """A job and how far it is; with the report once it is done."""

    job: str
    kind: str
    state: JobState
    policy: Slug
    version: VersionLabel
    manifest: Digest
    from_: Day = Field(alias="from")
    to: Day
    asked_by: str
    asked_at: Instant
    changed_at: Instant
    progress: Progress
    result: Digest | None = None
    """The SHA-256 of the report's canonical bytes: the same decisions give the same."""
    report: Report | None = None
    failure: Failure | None = None


class DecisionChanged(Frozen):
    """A decision of which the version would have made something different, or might have."""

    decision: str
    at: Instant
    verdict: Verdict
    """Of the recommended grade."""
    before: National
    after: National
    """As things were recorded, what was never asked being open."""
    lowest: National
    highest: National
    """Between which it would lie, whatever the answers to what was never asked."""
    attendance: Verdict
    weaker: bool
    """Whether grade or attendance are lower, or might be."""
    elements: dict[str, Verdict]
    """The elements whose finding is another."""
    newly: tuple[str, ...]
    """Rules and precautions that count and did not."""
    no_longer: tuple[str, ...]
    """Rules and precautions that no longer count."""
    regraded: tuple[str, ...]
    """Rules and precautions that count with another grade."""
    flags_dropped: tuple[str, ...]
    flags_added: tuple[str, ...]
    never_asked: tuple[str, ...]
    """The facts that it depends on, where it cannot be told."""


class DecisionsChanged(Frozen):
    """Part of a day's list, in order of time."""

    day: Day
    decisions: tuple[DecisionChanged, ...]
    next: int | None = None
    """The `after` of what follows; absent at the end."""


_JOB = Parameter(
    "job", "path", {"type": "string", "pattern": r"^j_[a-z2-7]{32}$"}, "The job's id.", True,
    "j_abcdefghijklmnopqrstuvwxyz234567",
)  # fmt: skip
_DAY = Parameter(
    "day", "query", {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}, "A day of the job's period.", True,
    "2026-11-20",
)  # fmt: skip
_PAGE = (
    Parameter("weaker", "query", {"type": "boolean"}, "Only decisions that are weaker, or might be."),
    Parameter("after", "query", {"type": "integer", "minimum": 0, "maximum": 10_000_000}, "How many to pass over; 0."),
    Parameter("limit", "query", {"type": "integer", "minimum": 1, "maximum": 1000}, "Most decisions of a page; 200."),
)
_NOT_FOUND = ResponseForm("There is none, or it is another force's.")
_LOCATION = {"Location": "The address of the job.", "Idempotent-Replayed": "`true` when it was asked for before."}


def operations(services: Services) -> tuple[Operation, ...]:
    """Asking for a backtest and reading what came of it."""
    return (_simulate(services), _read(services), _read_changed(services))


def _simulate(services: Services) -> Operation:
    def simulate(context: Context) -> Answer:
        force = _force(context)
        body = read_json(context.body, most=4096)
        sent = as_model(PeriodSent, body)
        services.backtester.check_period(sent.from_, sent.to)
        name = context.path["policy"]
        manifest = services.publisher.version(force, name, context.path["version"]).manifest
        task = Task(
            policy=name,
            version=manifest.version,
            manifest=manifest.digest,
            digest=manifest.policy,
            first=sent.from_,
            last=sent.to,
        )
        asked = services.jobs.ask(
            requested(context, force, body), context.caller.subject, task, route=f"simulate {name} {manifest.digest}"
        )
        replayed = {"Idempotent-Replayed": "true"} if asked.replayed else {}
        return Answer(202, _answered(asked.job, None), {"Location": f"/v1/jobs/{asked.job.id}", **replayed})

    return Operation(
        method="POST",
        path="/v1/policies/{policy}/versions/{version}/simulate",
        name="simulate_policy_version",
        summary="Hold a version against recorded live decisions: what it would raise and lower",
        permission=Permission.SIMULATE_POLICY,
        handler=simulate,
        parameters=(POLICY, VERSION, FORCE),
        body=PeriodSent,
        example=PERIOD,
        records=True,
        responses={
            202: ResponseForm("Taken in; the job's address says how far it is.", JobAnswered, JOB_QUEUED, _LOCATION),
            404: ResponseForm("There is no such policy or version."),
            409: ResponseForm("Several drafts carry this label."),
            422: ResponseForm("The period is not over, reversed or too long; or the key was used for another job."),
            503: ResponseForm("A store does not answer. Send the same request again."),
        },
    )


def _read(services: Services) -> Operation:
    def read(context: Context) -> Answer:
        job = services.jobs.read(_force(context), context.path["job"])
        made = services.jobs.made(job, REPORT) if job.state is JobState.DONE else None
        return Answer(200, _answered(job, made))

    return Operation(
        method="GET",
        path="/v1/jobs/{job}",
        name="read_job",
        summary="How far a job is, and its report once it is done",
        permission=Permission.SIMULATE_POLICY,
        handler=read,
        parameters=(_JOB, FORCE),
        responses={200: ResponseForm("The job.", JobAnswered, JOB_DONE), 404: _NOT_FOUND},
    )


def _read_changed(services: Services) -> Operation:
    def changed(context: Context) -> Answer:
        job = services.jobs.read(_force(context), context.path["job"])
        day, after = context.query["day"], int(context.query.get("after", "0"))
        limit = int(context.query.get("limit", "200"))
        part = services.jobs.made(job, part_name(day))
        if part is None:
            raise NotFound("The job has no list for this day, or not yet.")
        lines = (line for line in changed_in(part) if line["weaker"] or context.query.get("weaker") != "true")
        found = list(islice(lines, after, after + limit + 1))
        told: dict[str, Json] = {"day": day, "decisions": found[:limit]}
        if len(found) > limit:
            told["next"] = after + limit
        return Answer(200, canonical(told))

    return Operation(
        method="GET",
        path="/v1/jobs/{job}/decisions",
        name="read_job_decisions",
        summary="The decisions of a day that a version would change, with reasons",
        permission=Permission.SIMULATE_POLICY,
        handler=changed,
        parameters=(_JOB, _DAY, *_PAGE, FORCE),
        responses={200: ResponseForm("Part of the list.", DecisionsChanged, CHANGED), 404: _NOT_FOUND},
    )


def _force(context: Context) -> str:
    return context.caller.force_of(context.query.get("force"))


def _answered(job: Job, report: bytes | None) -> bytes:
    task = job.task
    told = {
        "job": job.id,
        "kind": job.kind,
        "state": job.state.value,
        "policy": task.policy,
        "version": task.version,
        "manifest": task.manifest,
        "from": task.first,
        "to": task.last,
        **{name: value for name, value in plain(job).items() if name in _AS_KEPT},
    }
    if report is not None:
        told["report"] = plain(read_model(Report, report, most=_REPORT_BYTES))
    return canonical(told)


_AS_KEPT = {"asked_by", "asked_at", "changed_at", "progress", "result", "failure"}
