"""A deployment of the packaged function without AWS: stores on a moto server, an identity provider, a policy in force.

The table, the buckets and the key are those of infra/resources.json; two people put the policy in force through the
function itself.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from chalicelib.cli.policy_files import compiled_file
from infra.emulator import Function, gateway_event
from tests import aws, callers

ROOT = Path(__file__).parent.parent.parent
POLICY = "hertfordshire-thriives"
VERSIONS = "/v1/policies/{policy}/versions"


class Client(NamedTuple):
    """Speaks to the function as API Gateway does."""

    function: Function

    def send(
        self, method: str, path: str, sent: object = None, *, resource: str | None = None, **how: str
    ) -> tuple[int, dict[str, Any]]:
        """Send a request: its status and what was answered. `role`, `subject` and `key` say how."""
        headers = {"authorization": f"Bearer {token(how.get('role', 'control_room'), how.get('subject', 'sub-0001'))}"}
        if sent is not None:
            headers |= {"content-type": "application/json", "idempotency-key": how["key"]}
        body = None if sent is None else json.dumps(sent).encode()
        answer = self.function.invoke(gateway_event(method, path, headers=headers, body=body, resource=resource))
        assert "statusCode" in answer, f"{answer}\n{self.function.printed()}"
        return int(str(answer["statusCode"])), json.loads(str(answer["body"]))


def token(role: str, subject: str) -> str:
    """A token of the identity provider, valid now."""
    now = datetime.now(UTC)
    return callers.a_token(
        [role], sub=subject, iat=int(now.timestamp()), exp=int((now + timedelta(minutes=10)).timestamp())
    )


class KeyPublisher(BaseHTTPRequestHandler):
    """The identity provider's published keys."""

    def do_GET(self) -> None:
        """Answer with the key set, whatever was asked."""
        keys = callers.jwks()
        self.send_response(200)
        self.send_header("Content-Length", str(len(keys)))
        self.end_headers()
        self.wfile.write(keys)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@contextmanager
def identity_provider() -> Iterator[str]:
    """An identity provider that publishes its keys: their address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), KeyPublisher) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/keys"
        server.shutdown()
        thread.join()


def settings_for(created: aws.Created, keys: str) -> dict[str, str]:
    """The function's settings, as the template makes them."""
    return {
        "THRIIVES_MODE": "aws",
        "THRIIVES_TABLE": created.table,
        "THRIIVES_WORK_TABLE": created.work_table,
        "THRIIVES_POLICY_BUCKET": created.policy_bucket,
        "THRIIVES_SPILL_BUCKET": created.spill_bucket,
        "THRIIVES_JOB_QUEUE_URL": created.job_queue,
        "THRIIVES_FORCE_KEY": created.force_key,
        "THRIIVES_ISSUER": callers.ISSUER,
        "THRIIVES_AUDIENCE": callers.AUDIENCE,
        "THRIIVES_JWKS_URL": keys,
    }


def put_in_force(client: Client) -> None:
    """Draft, submit, approve and activate the shipped policy, as its owner and another person who approves it."""
    folder = ROOT / "policies" / POLICY
    whole = json.loads(compiled_file(folder / "policy.yaml").stored)
    whole.pop("based_on", None)
    sent = {"policy": json.dumps(whole), "cases": (folder / "cases.yaml").read_text()}
    owner, approver = ({"role": f"policy_{who}", "subject": f"{who}-1"} for who in ("owner", "approver"))
    status, drafted = client.send(
        "POST", f"/v1/policies/{POLICY}/versions", sent, resource=VERSIONS, key="draft-0000000001", **owner
    )
    assert status == 201, drafted
    steps: list[tuple[str, Mapping[str, object], Mapping[str, str]]] = [
        ("submit", {}, owner),
        ("approve", {}, approver),
        ("activate", {"emergency": True}, approver),
    ]
    for step, body, who in steps:
        path = f"/v1/policies/{POLICY}/versions/{drafted['version']}/{step}"
        resource = f"{VERSIONS}/{{version}}/{step}"
        status, answered = client.send("POST", path, body, resource=resource, key=f"{step}-0000000001", **who)
        assert status == 201, (step, answered)


CALL = {
    "contact": {
        "reference": "HC-20261123-0417-1",
        "started_at": "2026-11-23T04:17:00Z",
        "channel": "999",
        "state": "in_progress",
    },
    "actor": {"pseudonym": "ch-4471", "role": "call_handler"},
    "people": [
        {"ref": "V1", "roles": ["victim", "caller"], "identifiers": [{"kind": "phone", "value": "+447700900123"}]}
    ],
    "answers": [],
}


class Deployment(NamedTuple):
    """What a started function needs to find."""

    created: aws.Created
    endpoint: str
    variables: Mapping[str, str]
    """Its environment."""


@contextmanager
def deployment() -> Iterator[Deployment]:
    """Stores, an identity provider and a force with its key; a policy has still to be put in force."""
    with aws.moto_server() as endpoint, identity_provider() as keys, pytest.MonkeyPatch.context() as environment:
        for name, value in aws.ENVIRONMENT.items():
            environment.setenv(name, value)
        created = aws.create_from_template(endpoint=endpoint)
        variables = {**settings_for(created, keys), **aws.ENVIRONMENT, "AWS_ENDPOINT_URL": endpoint}
        command = [sys.executable, "-m", "chalicelib", "force", callers.FORCE]
        done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        yield Deployment(created, endpoint, variables)
