"""What importing the application does: next to nothing. The command line of Chalice and every cold start import it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

WATCH = """
import json, sys
touched = []
def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        touched.append(arguments[0])
    elif event.split(".")[0] in ("socket", "subprocess", "shutil", "tempfile") or event in (
        "sqlite3.connect", "os.mkdir", "os.rename", "os.remove", "os.listdir", "os.scandir"
    ):
        touched.append(event)
sys.addaudithook(watch)
import app
print(json.dumps({"touched": touched, "modules": sorted(sys.modules), "debug": app.app.debug}))
"""

EMBEDDED = {"THRIIVES_MODE": "embedded", "THRIIVES_DATA": "never-made"}
AWS = {
    "THRIIVES_MODE": "aws",
    "THRIIVES_TABLE": "thriives-trail",
    "THRIIVES_WORK_TABLE": "thriives-work",
    "THRIIVES_POLICY_BUCKET": "thriives-policies",
    "THRIIVES_SPILL_BUCKET": "thriives-spill",
    "THRIIVES_JOB_QUEUE_URL": "https://sqs.eu-west-2.amazonaws.com/111122223333/thriives-jobs",
    "THRIIVES_FORCE_KEY": "alias/thriives-force",
    "THRIIVES_ISSUER": "https://login.force.example/",
    "THRIIVES_AUDIENCE": "thriives",
    "THRIIVES_JWKS_URL": "https://login.force.example/keys",
    "AWS_REGION": "eu-west-2",
}


def imported(mode: dict[str, str]) -> dict[str, Any]:
    environment = {**mode, "PYTHONPATH": str(ROOT), "PYDANTIC_DISABLE_PLUGINS": "1"}
    done = subprocess.run(
        [sys.executable, "-B", "-c", WATCH], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("mode", [EMBEDDED, AWS], ids=["embedded", "aws"])
def test_importing_the_application_opens_nothing_but_code(mode: dict[str, str]) -> None:
    touched = imported(mode)["touched"]
    code = (".py", ".pyc", ".so", ".zip", ".pth")
    # urllib3, which botocore imports, tries at import whether this machine has IPv6: a socket that is bound to itself.
    harmless = {"os.listdir", "socket.__new__", "socket.bind"} if mode is AWS else {"os.listdir"}
    assert [name for name in touched if not name.endswith(code) and name not in harmless] == []
    assert not (ROOT / "never-made").exists()


def test_the_embedded_application_imports_no_cloud_no_cryptography_and_no_yaml() -> None:
    loaded = set(imported(EMBEDDED)["modules"])
    assert loaded.isdisjoint({"boto3", "botocore", "cryptography", "jwt", "yaml", "asyncio", "chalice.local"})


def test_the_application_on_aws_imports_what_its_first_request_needs_and_no_more() -> None:
    loaded = set(imported(AWS)["modules"])
    assert loaded.isdisjoint({"sqlite3", "boto3", "yaml", "chalice.local", "chalicelib.api.openapi", "asyncio"})


def test_nobody_is_shown_a_traceback() -> None:
    assert imported(EMBEDDED)["debug"] is False
