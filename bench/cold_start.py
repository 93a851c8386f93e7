"""Cold start of the packaged function beside a bare one, and the sizes of both. It measures no network and no AWS.

Both are packaged by infra/package.py, with bytecode, and run under Lambda's runtime client and emulator. The bare one
imports chalice, pydantic and boto3, makes two clients and validates a body. A round starts each of them anew and sends
two POSTs; the cold start is what the first costs more than the second: interpreter, imports, clients, caches. So what
the stores on this machine take for an answer is left out. Rounds alternate.

The service is measured twice: up to its first answer, a refusal for want of a token, which asks no store; and up to its
first recorded decision, which makes clients and fetches keys and the policy besides.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from infra.emulator import ROOT, EmulatorFailed, gateway_event, runs_here, started
from infra.package import sizes
from tests.infra.deployment import CALL, Client, deployment, put_in_force, token

ROUNDS = 9
TARGET = 1.35
PYTHON = ROOT / ".venv-package" / "bin" / "python"

BARE_APP = """
import boto3
from chalice.app import Chalice, Response
from pydantic import BaseModel


class Sent(BaseModel):
    name: str
    number: int


app = Chalice(app_name="bare", configure_logs=False)
session = boto3.session.Session(region_name="eu-west-2")
table, objects = session.client("dynamodb"), session.client("s3")


@app.route("/v1/assessments", methods=["POST"])
def assess():
    sent = Sent.model_validate_json(app.current_request.raw_body)
    return Response(sent.model_dump_json(), status_code=201, headers={"Content-Type": "application/json"})
"""


class _Subject(NamedTuple):
    name: str
    folder: Path
    status: int
    event: Callable[[str], dict[str, object]]
    """The event for an idempotency key."""


def main() -> dict[str, object]:
    """Package both, start them in turn, print medians and the ratio."""
    if not runs_here():
        return {"not_measured": "this machine does not run what Lambda runs (Linux on x86_64)"}
    made = subprocess.run(["make", "--no-print-directory", ".venv-package/installed"], cwd=ROOT, check=False)
    if made.returncode:
        return {"not_measured": "no Python 3.13 was found"}
    with tempfile.TemporaryDirectory() as scratch:
        folders = {"bare": _bare(Path(scratch)), "thriives": _built(ROOT, Path(scratch, "thriives"))}
        try:
            times = _rounds(folders, Path(scratch, "log"))
        except EmulatorFailed as error:
            return {"not_measured": str(error)}
        return _report(times, {name: sizes(folder) for name, folder in folders.items()})


def _bare(scratch: Path) -> Path:
    source = scratch / "bare-source"
    (source / ".chalice").mkdir(parents=True)
    (source / ".chalice" / "config.json").write_text('{"version": "2.0", "app_name": "bare", "stages": {"prod": {}}}')
    (source / "app.py").write_text(BARE_APP)
    pins = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if not line.startswith(_NOT_BARE)]
    (source / "requirements.txt").write_text("\n".join(pins) + "\n")
    return _built(source, scratch / "bare", "--bare")


_NOT_BARE = ("cffi==", "cryptography==", "pycparser==", "PyJWT==", "PyYAML==")
"""What the service needs and the bare function does not."""


def _built(source: Path, out: Path, *how: str) -> Path:
    command = [str(PYTHON), "-m", "infra.package", "--source", str(source), "--out", str(out), *how]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    with zipfile.ZipFile(out / "deployment.zip") as archive:
        archive.extractall(out / "unpacked")
    return out


def _rounds(folders: Mapping[str, Path], log: Path) -> dict[str, list[float]]:
    with deployment() as stores:
        with started(folders["thriives"] / "unpacked", PYTHON, stores.variables, log=log) as function:
            put_in_force(Client(function))
        subjects = [
            _Subject("bare", folders["bare"], 201, lambda _: _event(b'{"name":"bare","number":1}')),
            _Subject("thriives, first answer", folders["thriives"], 401, lambda _: _event(b"{}")),
            _Subject("thriives, first decision", folders["thriives"], 201, _assessment),
        ]
        times: dict[str, list[float]] = {subject.name: [] for subject in subjects}
        for number in range(ROUNDS + 1):
            for subject in subjects:
                times[subject.name].append(_cold(subject, stores.variables, number, log))
    # The first round reads the files from disk for the first time.
    return {name: found[1:] for name, found in times.items()}


def _cold(subject: _Subject, variables: Mapping[str, str], number: int, log: Path) -> float:
    took = []
    events = [subject.event(f"bench-{number:04}-{part}") for part in ("first", "second")]
    with started(subject.folder / "unpacked", PYTHON, variables, log=log) as function:
        for event in events:
            before = time.perf_counter()
            answer = function.invoke(event)
            took.append((time.perf_counter() - before) * 1000)
            if answer.get("statusCode") != subject.status:
                raise EmulatorFailed(f"{subject.name} answered {answer}\n{function.printed()}")
    return took[0] - took[1]


def _event(body: bytes, **headers: str) -> dict[str, object]:
    return gateway_event("POST", "/v1/assessments", headers={"content-type": "application/json", **headers}, body=body)


def _assessment(key: str) -> dict[str, object]:
    headers = {"authorization": f"Bearer {token('control_room', 'sub-0001')}", "idempotency-key": key}
    return _event(json.dumps(CALL).encode(), **headers)


def _report(times: Mapping[str, list[float]], bytes_of: Mapping[str, Mapping[str, int]]) -> dict[str, object]:
    medians = {name: statistics.median(found) for name, found in times.items()}
    ratios = {name: round(median / medians["bare"], 3) for name, median in medians.items()}
    print(f"{'function':26} {'cold ms':>8} {'best':>7} {'worst':>7} {'ratio':>6}")
    for name, found in times.items():
        print(f"{name:26} {medians[name]:8.0f} {min(found):7.0f} {max(found):7.0f} {ratios[name]:6.2f}")
    print(f"to reach: a ratio of at most {TARGET}")
    print(f"\n{'package':26} {'zip MB':>8} {'unpacked MB':>12}")
    for name, found_bytes in bytes_of.items():
        print(f"{name:26} {found_bytes['archive'] / 1e6:8.2f} {found_bytes['unpacked'] / 1e6:12.2f}")
    return {
        "rounds": ROUNDS,
        "cold_ms": {name: round(value) for name, value in medians.items()},
        "ratio": ratios,
        "reach": TARGET,
        "bytes": {name: dict(found) for name, found in bytes_of.items()},
    }
