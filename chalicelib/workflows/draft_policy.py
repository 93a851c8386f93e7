"""Writing a version: checking it, storing it as a draft, submitting it with all that can be told of it. No approvals.

A draft may be an overlay: what is stored, submitted and approved is the flat policy that it makes with its base.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from chalicelib.analysis.findings import Finding, Severity
from chalicelib.authoring.cases import Cases, read_cases_for
from chalicelib.authoring.documents import CheckedPolicy, checked, nfc
from chalicelib.authoring.lifecycle import Manifest, State
from chalicelib.canonical import Json, canonical, sha256_hex
from chalicelib.errors import Fault, Invalid, NotFound
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import POLICY_BYTES
from chalicelib.reader import read_model, read_yaml
from chalicelib.records.kinds import Kind
from chalicelib.records.record import plain
from chalicelib.workflows.activation_list import ActivationList, baselines
from chalicelib.workflows.find_base import bases_for
from chalicelib.workflows.judge_policy import (
    CaseSkipped,
    CheckReport,
    ComparedWith,
    Judge,
    faults_of_cases,
    faults_of_findings,
    findings_of,
    named,
)  # fmt: skip
from chalicelib.workflows.policy_desk import Asker, Desk, refuse_unless, wrong_state
from chalicelib.workflows.record_entry import Recorded

REPORT = "report.json"
"""The part of a version that tells what was found when it was submitted."""

MOST_NAMED = 20
"""How many cases that were not run a submission's event names; the report names all."""


class Found(NamedTuple):
    """What can be told of a version that nobody has to have stored."""

    policy: CompiledPolicy
    faults: tuple[Fault, ...]
    """What keeps it from being submitted: cases that do not come out, and findings that are errors."""
    cases: int
    skipped: tuple[CaseSkipped, ...]
    """Those that are not run."""
    findings: tuple[Finding, ...]
    compared: tuple[ComparedWith, ...]


class _Sent(NamedTuple):
    policy: CheckedPolicy
    cases: Cases


class PolicyDrafts:
    """Takes drafts in, and submits them."""

    def __init__(self, desk: Desk, judge: Judge, activations: ActivationList) -> None:
        """Keep what it works with."""
        self._desk, self._judge, self._activations = desk, judge, activations

    def check(self, force: str, policy_id: str, source: bytes, cases: bytes) -> Found:
        """All that can be told of a version, stored nowhere. Raises as `draft` when it does not fit together."""
        sent = self._read(force, policy_id, source, cases)
        return self._found(force, sent.policy.compiled, sent.cases)

    def draft(self, asker: Asker, policy_id: str, source: bytes, cases: bytes) -> Recorded:
        """Check a version against schema and names, store it, record it as a draft.

        Raises Unreadable or Invalid with every fault of either document; Refused for one that was declined or
        withdrawn before, word for word. Nothing is recorded then.
        """
        desk = self._desk
        before = desk.before(asker, policy_id)
        if before is not None:
            return before
        policy, _ = self._read(asker.requested.force, policy_id, source, cases)
        stored_cases = canonical(nfc(read_yaml(cases, most=POLICY_BYTES).value))
        document = policy.compiled.policy
        manifest = Manifest(
            id=policy_id,
            force=document.force,
            version=document.version,
            policy=policy.compiled.digest,
            cases=sha256_hex(stored_cases),
            source=sha256_hex(source),
        )
        self._refuse_if_ended(manifest)
        desk.store(policy_id, "policy.json", policy.stored)
        desk.store(policy_id, "cases.json", stored_cases)
        desk.store(policy_id, "source.yaml", source)
        desk.store(policy_id, "manifest.json", canonical(plain(manifest)))
        return desk.record(asker, Kind.POLICY_DRAFTED, manifest, {"note": document.change})

    def submit(self, asker: Asker, policy_id: str, name: str) -> Recorded:
        """Submit a draft for approval, with the report of all that was run and a backtest that was asked for.

        Raises Invalid with every case that does not come out as its author expects and every finding that is an error,
        StoreFailed when the backtest could not be asked for.
        """
        desk, force = self._desk, asker.requested.force
        before = desk.before(asker, policy_id)
        if before is not None:
            return before
        version = desk.version(force, policy_id, name)
        refuse_unless(version, State.DRAFT)
        manifest = version.manifest
        cases = read_model(Cases, desk.document(manifest, "cases.json"), most=POLICY_BYTES)
        found = self._found(force, self._judge.policy(named(manifest)), cases)
        if found.faults:
            raise Invalid(_why_not(found), found.faults)
        report = CheckReport(
            manifest=manifest,
            cases=found.cases,
            skipped=found.skipped,
            findings=found.findings,
            compared=found.compared,
        )
        digest = desk.store(policy_id, REPORT, canonical(plain(report)))
        told: dict[str, Json] = {
            "report": digest,
            "cases_run": found.cases - len(found.skipped),
            "skipped": [plain(one) for one in found.skipped[:MOST_NAMED]] or None,
            "warnings": sum(1 for one in found.findings if one.severity is Severity.WARNING),
            "lowers": any(one.lowers for one in found.compared),
            # Only once something was in force: evaluators must not come to remember that nothing is.
            "backtest": desk.ask_backtest(manifest, asker.subject) if self._activations.read(force).entries else None,
        }
        return desk.record(asker, Kind.POLICY_SUBMITTED, manifest, told)

    def report(self, force: str, policy_id: str, name: str) -> bytes:
        """The report of a version's submission, as it was stored. Raises NotFound when it was never submitted."""
        version = self._desk.version(force, policy_id, name)
        if version.report is None:
            raise NotFound("There is no report: the version was not submitted, or before there were reports.")
        return self._desk.stored(policy_id, version.report, REPORT)

    def _read(self, force: str, policy_id: str, source: bytes, cases: bytes) -> _Sent:
        policy = checked(source, bases_for(force, self._desk.objects))
        document = policy.compiled.policy
        faults = []
        if document.id != policy_id:
            faults.append(
                Fault("policy_id", "/id", f'the document says "{document.id}"', f'"{policy_id}", as in the address')
            )
        if document.force != force:
            faults.append(Fault("force", "/force", f'the document says "{document.force}"', f'"{force}"'))
        try:
            read = read_cases_for(policy.compiled, cases)
        except Invalid as error:
            faults += [replace(one, where=f"cases:{one.where}") for one in error.faults]
        if faults:
            raise Invalid("The version cannot be taken.", faults)
        return _Sent(policy, read)

    def _found(self, force: str, policy: CompiledPolicy, cases: Cases) -> Found:
        now, findings = self._desk.world.clock(), findings_of(policy)
        others = baselines(self._activations.read(force).entries, now, policy.digest)
        return Found(
            policy=policy,
            faults=(*faults_of_cases(policy, cases), *faults_of_findings(findings)),
            cases=len(cases.cases),
            skipped=tuple(CaseSkipped(case=one.id, reason=one.skip) for one in cases.cases if one.skip is not None),
            findings=findings,
            compared=tuple(self._judge.with_others(policy, others, now)),
        )

    def _refuse_if_ended(self, manifest: Manifest) -> None:
        """A version that was declined or withdrawn stays so: whoever wants it after all has to write another."""
        try:
            version = self._desk.versions(manifest.force, manifest.id).get(manifest.digest)
        except NotFound:
            return
        if version is not None and version.state in (State.DECLINED, State.WITHDRAWN):
            raise wrong_state(version.state, "change it, or give it a new label", version)


def _why_not(found: Found) -> str:
    failed = len({one.where for one in found.faults if one.code == "case"})
    if failed:
        return f"{failed} of {found.cases} cases do not come out as expected."
    return "The analysis finds what nobody can have meant, or cannot prove what the policy promises."
