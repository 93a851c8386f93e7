"""Publishes a policy that ships with the service, by the same steps as any other. It serves nothing."""

from __future__ import annotations

from pathlib import Path

from chalicelib.authoring.lifecycle import NATIONAL_FORCE
from chalicelib.canonical import sha256_hex
from chalicelib.cli.policy_files import CASES, POLICY, compiled_file, read_file
from chalicelib.errors import NotFound, Refused
from chalicelib.policy.document import Policy
from chalicelib.services import Services
from chalicelib.workflows.publish_policy import Asker, Start
from chalicelib.workflows.record_entry import Requested


def put_in_force(services: Services, folder: Path) -> str:
    """Publish a shipped policy by the same steps as any other, unless its force has one in force. Returns the force.

    The base of an overlay is published before it. A national policy is stored for others, and never in force itself.
    """
    policy = compiled_file(folder / POLICY).compiled.policy
    force, name = policy.force, policy.id
    if force == NATIONAL_FORCE:
        _store_base(services, folder)
        return force
    _make_key(services, policy)
    try:
        services.publisher.in_force(force, name, services.clock())
        return force
    except NotFound:
        pass
    if policy.based_on is not None:
        _store_base(services, folder.parent / policy.based_on.id)
    steps = _Steps(services, policy, folder)
    version = steps.submitted()
    steps.approve(version)
    steps.activate(version)
    return force


def _store_base(services: Services, folder: Path) -> None:
    """Publish a policy so far that others can be based on it, after its own base."""
    policy = compiled_file(folder / POLICY).compiled.policy
    _make_key(services, policy)
    if policy.based_on is not None:
        _store_base(services, folder.parent / policy.based_on.id)
    steps = _Steps(services, policy, folder)
    version = steps.submitted()
    try:
        steps.approve(version)
    except Refused as error:
        if error.code != "label_bound":
            raise
        # An earlier start has shipped another text under this label. What is stored can be a base without a label.


def _make_key(services: Services, policy: Policy) -> None:
    """Make the force's key at the very first start: a later one would make every repeated request look new."""
    try:
        services.publisher.versions(policy.force, policy.id)
    except NotFound:
        services.keys.create(policy.force)


class _Steps:
    """The steps of one shipped version. Each has a key made of the documents, so that a repeated one is replayed."""

    def __init__(self, services: Services, policy: Policy, folder: Path) -> None:
        self._publisher, self._policy = services.publisher, policy
        self._source, self._cases = read_file(folder / POLICY), read_file(folder / CASES)

    def _asker(self, subject: str, role: str, route: str) -> Asker:
        key = f"shipped-{sha256_hex(self._source + self._cases)[:40]}"
        requested = Requested(self._policy.force, "shipped", key, {})
        return Asker(subject, role, requested, f"{route} {self._policy.id}")

    def submitted(self) -> str:
        """Draft and submit it. Returns its manifest's digest."""
        author, name = "shipped-author", self._policy.id
        draft = self._asker(author, "policy_owner", "draft")
        drafted = self._publisher.draft(draft, name, self._source, self._cases)
        version = self._publisher.manifest_of(drafted.entry).digest
        self._publisher.submit(self._asker(author, "policy_owner", "submit"), name, version)
        return version

    def approve(self, version: str) -> None:
        """Approve it. Raises Refused when its label is bound to another."""
        asker = self._asker("shipped-approver", "policy_approver", "approve")
        self._publisher.approve(asker, self._policy.id, version)

    def activate(self, version: str) -> None:
        """Put it in force now."""
        start = Start(None, "Put in force with the first start of the embedded run")
        asker = self._asker("shipped-approver", "policy_approver", "activate")
        self._publisher.activate(asker, self._policy.id, version, start)
