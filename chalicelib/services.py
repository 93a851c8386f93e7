"""What a running process has: stores, clock, chance and the workflows made of them. It serves nothing by itself.

`services_for` chooses between the embedded stores and AWS by one explicit setting. Nothing is opened or fetched here:
clients are made on first use.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

from chalicelib import __version__, logs
from chalicelib.auth.principal import Principal
from chalicelib.canonical import Json
from chalicelib.errors import ServiceError
from chalicelib.model import instant_of
from chalicelib.ports import Announcer, Clock, Entropy, IssuerKeys, JobQueue, Objects, Trail, WorkBoard, World, Wrapper
from chalicelib.settings import Mode, Settings
from chalicelib.storage.follower import Follower
from chalicelib.storage.thread_queue import ThreadQueue
from chalicelib.storage.trail_stream import entry_of_record, sequence_of
from chalicelib.workflows.assess_call import Assessor
from chalicelib.workflows.backtest_submitted import SubmittedBacktests
from chalicelib.workflows.close_days import DayCloser
from chalicelib.workflows.drain_spills import Drained, drain_spills
from chalicelib.workflows.enter_fallback import FallbackDesk
from chalicelib.workflows.find_decisions import DecisionFinder
from chalicelib.workflows.force_keys import ForceKeys
from chalicelib.workflows.identify_caller import TokenVerifier
from chalicelib.workflows.incident_desk import IncidentDesk
from chalicelib.workflows.jobs import JobDesk
from chalicelib.workflows.kept_reconciliations import KeptReconciliations
from chalicelib.workflows.local_issuer import LocalIssuer
from chalicelib.workflows.look_up_history import MOST_LOOK_UPS
from chalicelib.workflows.policies_in_force import PoliciesInForce
from chalicelib.workflows.project_work import WorkProjector
from chalicelib.workflows.projecting_trail import telling
from chalicelib.workflows.publish_policy import Desk, PolicyPublisher
from chalicelib.workflows.push_due import push_due
from chalicelib.workflows.read_day import DayReader
from chalicelib.workflows.read_story import StoryReader
from chalicelib.workflows.read_worklist import WorklistReader
from chalicelib.workflows.reconcile_day import Reconciler
from chalicelib.workflows.record_entry import Recorder
from chalicelib.workflows.record_events import EventRecorder
from chalicelib.workflows.record_outcome import OutcomeRecorder
from chalicelib.workflows.run_backtest import Backtester

_Value = TypeVar("_Value")

THREADS = 16
"""Reads that run side by side in one process; an assessment has five at most."""

COMPARED = 8
"""How many compiled policies are kept for comparisons."""

SETTLED = 1.0
"""Seconds that a look at the worklist waits for rows which this process is just making."""

LONGEST_RUN = timedelta(minutes=10)
"""How long one delivery of a job works before it hands on what is left; the worker function has 15 minutes."""


def utc_now() -> datetime:
    """The server's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Ports:
    """The outside world of one process."""

    trail: Trail
    policies: Objects
    spill: Objects
    wrapper: Wrapper
    issuer_keys: IssuerKeys
    board: WorkBoard
    announcer: Announcer | None = None
    """Who is told of what is due; None: nobody."""
    queue: JobQueue | None = None
    """Who hands jobs to a worker; None: a thread of this process does them."""
    clock: Clock = utc_now
    entropy: Entropy = secrets.token_bytes


class Services:
    """The workflows on given ports; each is made when it is first used."""

    def __init__(self, settings: Settings, ports: Ports) -> None:
        """Keep settings and ports. On AWS a function follows the table's stream; embedded, a thread of this process."""
        self._follower = Follower(
            lambda entry: self.projector.follow(entry),
            lambda error: logs.log_fault(error, operation="project_work"),
        )
        if settings.mode is Mode.EMBEDDED:
            ports = replace(ports, trail=telling(ports.trail, self._follower.tell))
        self.settings, self.ports = settings, ports
        self.clock, self.entropy = ports.clock, ports.entropy

    @cached_property
    def world(self) -> World:
        """Clock, chance, and threads for reads that run side by side."""
        pool = ThreadPoolExecutor(THREADS, thread_name_prefix="read")
        aside = ThreadPoolExecutor(MOST_LOOK_UPS, thread_name_prefix="aside")
        return World(self.clock, self.entropy, pool, __version__, aside, time.monotonic)

    @cached_property
    def keys(self) -> ForceKeys:
        """The forces' keys."""
        return ForceKeys(self.ports.policies, self.ports.wrapper, self.entropy)

    @cached_property
    def in_force(self) -> PoliciesInForce:
        """The policies that evaluators apply."""
        return PoliciesInForce(self.ports.policies, self.ports.trail, self.keys, self.clock)

    @cached_property
    def recorder(self) -> Recorder:
        """The trail, with the spill behind it."""
        return Recorder(self.ports.trail, self.ports.spill, self.keys)

    @cached_property
    def assessor(self) -> Assessor:
        """Assesses calls."""
        return Assessor(self.ports.trail, self.recorder, self.in_force, self.keys, self.world)

    @cached_property
    def publisher(self) -> PolicyPublisher:
        """Moves policy versions."""
        ports = self.ports
        # Not the evaluators' own: drafts that are compared would push out what they have to apply.
        policies = PoliciesInForce(ports.policies, ports.trail, self.keys, self.clock, kept=COMPARED)
        backtests = SubmittedBacktests(self.jobs, self.days)
        return PolicyPublisher(
            Desk(ports.policies, ports.trail, self.recorder, self.keys, policies, self.world, backtests.ask)
        )

    @cached_property
    def finder(self) -> DecisionFinder:
        """Finds and replays decisions."""
        return DecisionFinder(self.ports.trail, self.recorder, self.in_force, self.keys, self.clock)

    @cached_property
    def stories(self) -> StoryReader:
        """Reads the stories of incidents."""
        return StoryReader(self.ports.trail, self.in_force, self.world.pool)

    @cached_property
    def projector(self) -> WorkProjector:
        """Makes the rows of the worklist."""
        return WorkProjector(self.ports.trail, self.stories, self.in_force, self.ports.board)

    @cached_property
    def worklist(self) -> WorklistReader:
        """Reads the worklist."""
        return WorklistReader(self.ports.board, self.incident_desk, self.clock, self.settle)

    def settle(self) -> None:
        """Wait a moment for the rows of the worklist that a thread of this process is making."""
        self._follower.settle(SETTLED)

    def push_due(self, at: str) -> dict[str, int]:
        """Tell other systems what has become something to act on; `at` is when this run was due."""
        if self.ports.announcer is None:
            return {}
        return {"pushed": push_due(self.ports.board, self.ports.announcer, self.days.forces(), instant_of(at))}

    def follow_trail(self, records: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, str]]]:
        """Let records of the trail's stream count in the worklist; what AWS is told of the first that could not be."""
        for record in records:
            try:
                entry = entry_of_record(record)
                if entry is not None:
                    self.projector.follow(entry)
            except ServiceError as error:
                logs.log("project_work", code=error.code)
                return {"batchItemFailures": [{"itemIdentifier": sequence_of(record)}]}
        return {"batchItemFailures": []}

    @cached_property
    def incident_desk(self) -> IncidentDesk:
        """What acts on incidents share."""
        return IncidentDesk(self.recorder, self.keys, self.stories, self.world)

    @cached_property
    def outcomes(self) -> OutcomeRecorder:
        """Records what humans decide."""
        return OutcomeRecorder(self.incident_desk, self.finder)

    @cached_property
    def events(self) -> EventRecorder:
        """Records what happens in incidents."""
        return EventRecorder(self.incident_desk)

    @cached_property
    def verifier(self) -> TokenVerifier:
        """Proves callers."""
        settings = self.settings
        return TokenVerifier(
            self.ports.issuer_keys, self.ports.policies, settings.issuer, settings.audience, self.clock
        )

    def identify(self, token: str) -> Principal:
        """The caller that a bearer token proves."""
        return self.verifier.principal(token)

    def health(self, caller: Principal) -> Mapping[str, Json]:
        """What those who may know are told of the state of the service, and of their own forces."""
        return {"version": __version__, "policies": self.in_force.health(caller.forces)}

    @cached_property
    def days(self) -> DayCloser:
        """Closes days, and gives their files."""
        ports = self.ports
        return DayCloser(ports.trail, ports.policies, ports.spill, activations=self.in_force.entries, world=self.world)

    @cached_property
    def fallbacks(self) -> FallbackDesk:
        """Enters what was decided by hand."""
        return FallbackDesk(self.ports.trail, self.recorder, self.in_force, self.keys, self.world)

    @cached_property
    def reconciler(self) -> Reconciler:
        """Holds a day's incidents against the trail."""
        ports, world = self.ports, self.world
        kept = KeptReconciliations(ports.policies, self.keys, self.entropy, world.pool)
        return Reconciler(DayReader(ports.trail, ports.spill, world), kept, self.clock)

    @cached_property
    def backtester(self) -> Backtester:
        """Does backtests."""
        return Backtester(self.ports.policies, self.days, self.in_force)

    @cached_property
    def own_queue(self) -> ThreadQueue:
        """The thread of this process that does jobs, where no worker does them."""
        return ThreadQueue(self.run_job)

    @cached_property
    def jobs(self) -> JobDesk:
        """Takes jobs in and has them done."""
        return JobDesk(self.ports.policies, self.ports.queue or self.own_queue, self.clock)

    def run_jobs(self, names: Sequence[str]) -> None:
        """Do the jobs that were delivered."""
        for name in names:
            self.run_job(name)

    def run_job(self, name: str) -> None:
        """Do a job, or as much as one delivery may. Raises what makes it worth another delivery."""
        until = self.clock() + LONGEST_RUN

        def go_on() -> bool:
            return self.clock() < until and (self.ports.queue is not None or self.own_queue.open)

        try:
            job = self.jobs.run(name, self.backtester.work, go_on)
        except ServiceError as error:
            logs.log("job", job=name, code=error.code)
            raise
        except BaseException as error:
            logs.log_fault(error, job=name)
            self.jobs.fail(name, "internal", "An unforeseen error; the service's log has its place.")
            raise
        if job is not None:
            logs.log("job", job=name, state=job.state.value, code=job.failure.code if job.failure else None)

    def close_days(self) -> dict[str, int]:
        """Close the days of every force that are over; how many, by force. Raises Refused for one that cannot be."""
        closed: dict[str, int] = {}
        trouble: ServiceError | None = None
        for force in self.days.forces():
            try:
                closed[force] = len(self.days.close(force).closed)
            except ServiceError as error:  # what holds up one force holds up no other
                trouble = trouble or error
        if trouble is not None:
            raise trouble
        return closed

    def drain(self) -> Drained:
        """Bring what was spilled back into the trail."""
        return drain_spills(
            self.ports.spill, self.ports.trail, self.assessor.rejoin, clock=self.clock, entropy=self.entropy
        )


def services_for(settings: Settings) -> Services:
    """The services that the settings ask for."""
    return Services(settings, _embedded(settings) if settings.mode is Mode.EMBEDDED else _aws(settings))


def local_issuer(services: Services) -> LocalIssuer:
    """The local run's own identity provider; only settings of the embedded mode name it as the issuer."""
    return LocalIssuer(services.ports.policies, services.clock)


def _embedded(settings: Settings) -> Ports:
    from chalicelib.storage.folder_objects import FolderObjects
    from chalicelib.storage.local_wrapper import LocalWrapper
    from chalicelib.storage.sqlite_board import SqliteBoard
    from chalicelib.storage.sqlite_trail import SqliteTrail

    folder = _named(settings.data)
    policies = FolderObjects(folder / "objects")
    return Ports(
        trail=SqliteTrail(folder / "trail.sqlite"),
        board=SqliteBoard(folder / "work.sqlite"),
        policies=policies,
        spill=FolderObjects(folder / "spilled"),
        wrapper=LocalWrapper(folder / "keys"),
        issuer_keys=LocalIssuer(policies, utc_now),
    )


def _aws(settings: Settings) -> Ports:
    from chalicelib.storage.connect import Connect
    from chalicelib.storage.dynamodb_board import DynamoBoard
    from chalicelib.storage.dynamodb_trail import DynamoTrail
    from chalicelib.storage.event_bus import EventBus
    from chalicelib.storage.issuer_keys import HttpIssuerKeys
    from chalicelib.storage.kms_wrapper import KmsWrapper
    from chalicelib.storage.s3_objects import S3Objects
    from chalicelib.storage.sqs_queue import SqsQueue

    connect = Connect(_named(settings.region))
    return Ports(
        trail=DynamoTrail(_named(settings.table), connect=connect),
        board=DynamoBoard(_named(settings.work_table), connect=connect),
        policies=S3Objects(_named(settings.policy_bucket), connect=connect),
        spill=S3Objects(_named(settings.spill_bucket), connect=connect),
        wrapper=KmsWrapper(_named(settings.force_key), connect),
        issuer_keys=HttpIssuerKeys(_named(settings.jwks_url)),
        announcer=EventBus(connect),
        queue=SqsQueue(_named(settings.job_queue), connect),
    )


def _named(value: _Value | None) -> _Value:
    if value is None:
        raise AssertionError("the settings were read without what their mode needs")
    return value
