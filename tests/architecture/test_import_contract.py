"""The import contract: it holds, and it would be noticed if it did not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def checked(folder: Path) -> tuple[int, str]:
    """Exit code and report of the contract's check in a folder."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    done = subprocess.run([*command, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The code and its contract, to be broken."""
    shutil.copytree(ROOT / "chalicelib", tmp_path / "chalicelib", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def plant(folder: Path, module: str, line: str) -> None:
    path = folder / "chalicelib" / module
    path.write_text(path.read_text().replace("from __future__ import annotations\n", f"{line}\n", 1))


def test_the_contract_holds() -> None:
    code, report = checked(ROOT)
    assert code == 0, report


def test_nothing_is_left_out_of_the_contract() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    assert "exhaustive = true" in text
    assert "ignore_imports" not in text


PLANTED = [
    ("assessment/evaluate.py", "import boto3", "boto3", "a cloud in a feature"),
    ("records/identity.py", "import secrets", "secrets", "chance in a feature"),
    ("policy/document.py", "import os", "os", "the environment in a feature"),
    ("workflows/assess_call.py", "from time import time", "time", "a clock in a workflow"),
    ("workflows/find_decisions.py", "import sqlite3", "sqlite3", "a store in a workflow"),
    ("services.py", "import boto3", "boto3", "a cloud client outside storage"),
    ("api/decisions.py", "import botocore", "botocore", "a cloud client in the API"),
    ("workflows/publish_policy.py", "import chalice", "chalice", "the web framework in a workflow"),
    ("records/record.py", "from chalicelib.storage import items", "chalicelib.storage", "a layer above"),
    ("policy/conditions.py", "from chalicelib.auth import roles", "chalicelib.auth", "a neighbour that is independent"),
]


@pytest.mark.parametrize(("module", "line", "named", "remark"), PLANTED, ids=[row[3] for row in PLANTED])
def test_a_planted_import_is_reported(module: str, line: str, named: str, remark: str, copy: Path) -> None:
    plant(copy, module, line)
    code, report = checked(copy)
    assert code != 0, remark
    assert "BROKEN" in report
    assert named in report
    assert module.removesuffix(".py").replace("/", ".") in report


def test_a_folder_without_a_place_is_reported(copy: Path) -> None:
    (copy / "chalicelib" / "gadgets").mkdir()
    (copy / "chalicelib" / "gadgets" / "__init__.py").write_text('"""Something new."""\n')
    code, report = checked(copy)
    assert code != 0
    assert "gadgets" in report
