"""What is in the artefact and in the template that goes with it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from infra import package
from tests.infra.conftest import ROOT, Packaged, build

STATEMENTS: list[dict[str, Any]] = json.loads((ROOT / "infra" / "iam-policy.json").read_text())["Statement"]

BARE = """
from chalice.app import Chalice

app = Chalice(app_name="bare")


@app.route("/")
def index():
    return {}
"""


def names(packaged: Packaged) -> list[str]:
    with zipfile.ZipFile(packaged.folder / "deployment.zip") as archive:
        return archive.namelist()


def template(packaged: Packaged) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((packaged.folder / "sam.json").read_text())
    return found


def test_the_artefact_holds_the_application_and_nothing_else_of_ours(packaged: Packaged) -> None:
    found = set(names(packaged))
    assert {"app.py", "chalicelib/__init__.py", "chalice/app.py", "pydantic/__init__.py"} <= found
    assert not {name.split("/")[0] for name in found} & package.FOREIGN
    assert not [name for name in found if name.endswith((".yaml", ".yml", ".env")) or "/." in name]


def test_every_module_has_its_bytecode_beside_it_and_there_is_no_other(packaged: Packaged) -> None:
    found = set(names(packaged))
    modules = {name for name in found if name.endswith(".py") and ".data/" not in name}
    expected = {str(Path(name).parent / "__pycache__" / f"{Path(name).stem}.cpython-313.pyc") for name in modules}
    assert {name for name in found if name.endswith(".pyc")} == expected


def test_bytecode_is_never_compared_with_its_source(packaged: Packaged) -> None:
    flags = {path.read_bytes()[4:8] for path in packaged.unpacked.rglob("*.pyc")}
    assert flags == {b"\x01\x00\x00\x00"}  # PEP 552: hash-based, unchecked


def test_there_is_one_pydantic_library_and_it_is_the_one_for_lambda(packaged: Packaged) -> None:
    assert [name for name in names(packaged) if "/_pydantic_core." in name and name.endswith(".so")] == [
        package.PYDANTIC_LIBRARY
    ]


def test_the_sdk_describes_the_services_that_the_stores_speak_to_and_no_others(packaged: Packaged) -> None:
    kept = {Path(name).parts[2] for name in names(packaged) if re.match(r"botocore/data/[^/]+/.+/", name)}
    assert kept == package.SDK_SERVICES
    sources = [path.read_text() for path in (ROOT / "chalicelib").rglob("*.py")]
    used = {service for text in sources for service in re.findall(r'\bclient\(\s*"([a-z0-9-]+)"', text)}
    assert used
    assert used <= package.SDK_SERVICES


def test_packaging_twice_gives_the_same_bytes(packaging_python: Path, snapshot: Path, tmp_path: Path) -> None:
    first, second = (build(packaging_python, snapshot, tmp_path / name) for name in ("first", "second"))
    for name in ("deployment.zip", "sam.json"):
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_cfn_lint_finds_nothing_in_the_template(packaged: Packaged) -> None:
    command = [str(Path(sys.executable).parent / "cfn-lint"), str(packaged.folder / "sam.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_function_runs_as_configured(packaged: Packaged) -> None:
    function = template(packaged)["Resources"]["APIHandler"]["Properties"]
    assert (function["Runtime"], function["Architectures"]) == ("python3.13", ["x86_64"])
    assert (function["MemorySize"], function["Timeout"]) == (1769, 29)


def test_the_api_has_a_regional_address_and_is_throttled(packaged: Packaged) -> None:
    api = template(packaged)["Resources"]["RestAPI"]["Properties"]
    assert api["EndpointConfiguration"] == "REGIONAL"
    [settings] = api["MethodSettings"]
    assert settings["ThrottlingRateLimit"] > 0


def test_every_function_has_the_role_written_by_hand(packaged: Packaged) -> None:
    resources = template(packaged)["Resources"]
    roles = {name: found for name, found in resources.items() if found["Type"] == "AWS::IAM::Role"}
    assert roles
    for role in roles.values():
        assert [found["PolicyDocument"]["Statement"] for found in role["Properties"]["Policies"]] == [STATEMENTS]
        assert "ManagedPolicyArns" not in role["Properties"]
    functions = [found for found in resources.values() if found["Type"] == "AWS::Serverless::Function"]
    assert all(function["Properties"]["Role"]["Fn::GetAtt"][0] in roles for function in functions)


def test_every_function_logs_to_a_group_of_its_own_that_its_role_may_write_to(packaged: Packaged) -> None:
    resources = template(packaged)["Resources"]
    functions = [found for found in resources.values() if found["Type"] == "AWS::Serverless::Function"]
    groups = [function["Properties"]["LoggingConfig"]["LogGroup"]["Ref"] for function in functions]
    assert sorted(groups) == sorted(name for name, found in resources.items() if found["Type"] == "AWS::Logs::LogGroup")
    assert len(set(groups)) == len(functions)
    [writing] = [found for found in STATEMENTS if "logs:PutLogEvents" in found["Action"]]
    assert [found["Fn::GetAtt"][0] for found in writing["Resource"]] == sorted(groups)


def test_another_interpreter_is_refused_and_told_where_to_get_the_right_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(package, "PYTHON", (2, 7))
    assert package.main(["--out", str(tmp_path / "out")]) == 2
    assert "PYTHON313=" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_dependency_that_cannot_be_had_fails_the_packaging(packaging_python: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / ".chalice").mkdir(parents=True)
    (source / ".chalice" / "config.json").write_text('{"version": "2.0", "app_name": "bare", "stages": {"prod": {}}}')
    (source / "app.py").write_text(BARE)
    (source / "requirements.txt").write_text("six==0.0.1\n")
    bare = ["--bare", "--source", str(source), "--out", str(tmp_path / "out")]
    command = [str(packaging_python), "-m", "infra.package", *bare]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "packaging failed" in done.stderr
    assert not (tmp_path / "out").exists()
