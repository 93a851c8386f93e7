"""Runs an unpacked artefact as Lambda would: the runtime client under Amazon's emulator, no container. For tests only.

The emulator is the binary inside the wheel of aws-sam-cli, which is fetched once and kept in `.cache`. It ends when two
calls come at once, so calls are serialised here.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAM_CLI = "aws-sam-cli==1.170.0"
_IN_WHEEL = "samcli/local/rapid/aws-lambda-rie-x86_64"
_START_SECONDS = 10.0


class EmulatorFailed(Exception):
    """The emulator could not be had, did not start, or did not answer."""


def emulator_binary(cache: Path = ROOT / ".cache") -> Path:
    """The emulator's binary, fetched on first use. Raises EmulatorFailed."""
    version = SAM_CLI.partition("==")[2]
    binary = cache / f"aws-lambda-rie-{version}"
    if binary.exists():
        return binary
    cache.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(cache), SAM_CLI]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = sorted(cache.glob(f"aws_sam_cli-{version}-*.whl"))
    if done.returncode or not wheels:
        raise EmulatorFailed(f"{SAM_CLI} could not be fetched: {done.stderr.strip()}")
    with zipfile.ZipFile(wheels[0]) as wheel:
        aside = cache / f"{binary.name}.{os.getpid()}"
        aside.write_bytes(wheel.read(_IN_WHEEL))
    aside.chmod(0o755)
    aside.rename(binary)
    for wheel_file in wheels:
        wheel_file.unlink(missing_ok=True)
    return binary


def runs_here() -> bool:
    """Whether this machine runs what the artefact is built for."""
    return (platform.system(), platform.machine()) == ("Linux", "x86_64")


class Function:
    """One started function: it takes events, one at a time."""

    def __init__(self, port: int, log: Path) -> None:
        """Take the port that the emulator listens on and the file that holds what the function printed."""
        self._url = f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"
        self._lock = threading.Lock()
        self._log = log

    def invoke(self, event: Mapping[str, object], *, seconds: float = 30.0) -> dict[str, object]:
        """The function's answer to an event. Raises EmulatorFailed when there is none in time."""
        request = urllib.request.Request(self._url, json.dumps(event).encode(), {"Content-Type": "application/json"})
        try:
            with self._lock, urllib.request.urlopen(request, timeout=seconds) as reply:
                answer = json.loads(reply.read())
        except (OSError, ValueError) as error:
            raise EmulatorFailed(f"no answer: {error}\n{self.printed()}") from error
        if not isinstance(answer, dict):
            raise EmulatorFailed(f"not an object: {answer!r}\n{self.printed()}")
        return answer

    def printed(self) -> str:
        """What the function and the emulator have printed so far."""
        return self._log.read_text(errors="replace")


@contextmanager
def started(
    unpacked: Path, python: Path, environment: Mapping[str, str], *, log: Path, handler: str = "app.app"
) -> Iterator[Function]:
    """Start an unpacked artefact with an interpreter that has awslambdaric. Raises EmulatorFailed."""
    port, runtime_port = _free_ports(2)
    command = [
        str(emulator_binary()),
        f"--runtime-interface-emulator-address=127.0.0.1:{port}",
        f"--runtime-api-address=127.0.0.1:{runtime_port}",
        *(str(python), "-m", "awslambdaric", handler),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=unpacked,
            env=_environment(unpacked, environment),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            _wait_for(port, process, log)
            yield Function(port, log)
        finally:
            _stop(process)


def _environment(unpacked: Path, given: Mapping[str, str]) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(unpacked),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "15",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
        "AWS_EC2_METADATA_DISABLED": "true",
        **given,
    }


def _stop(process: subprocess.Popen[bytes]) -> None:
    # The emulator and the function it started are one process group of their own.
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        time.sleep(0.05)
    process.wait(10)


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.005)
        else:
            return
    raise EmulatorFailed(f"the emulator did not start:\n{log.read_text(errors='replace')}")


def gateway_event(
    method: str, path: str, *, headers: Mapping[str, str], body: bytes | None = None, resource: str | None = None
) -> dict[str, object]:
    """The event that a REST API hands to its function. `resource` is the path with its parameters in braces."""
    resource = resource or path
    return {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": dict(headers),
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": _parameters(resource, path),
        "stageVariables": None,
        "requestContext": {
            "resourcePath": resource,
            "path": f"/prod{path}",
            "httpMethod": method,
            "stage": "prod",
            "requestId": "00000000-0000-4000-8000-000000000000",
            "accountId": "000000000000",
            "apiId": "emulated",
            "protocol": "HTTP/1.1",
            "identity": {"sourceIp": "127.0.0.1"},
        },
        "body": None if body is None else body.decode(),
        "isBase64Encoded": False,
    }


def _parameters(resource: str, path: str) -> dict[str, str] | None:
    pairs = zip(resource.split("/"), path.split("/"), strict=True)
    return {name[1:-1]: value for name, value in pairs if name.startswith("{")} or None
