"""The packaged artefact, built once for all tests that look into it; skipped where Python 3.13 is not found."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent.parent


class Packaged(NamedTuple):
    """A built artefact."""

    python: Path
    """The interpreter that built it; it has Lambda's runtime client."""
    folder: Path
    unpacked: Path


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Keep other test processes out."""
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def packaging_python() -> Path:
    """The interpreter of the packaging environment, which is made when it is not there."""
    with alone(ROOT / ".cache" / "packaging.lock"):
        command = ["make", "--no-print-directory", ".venv-package/installed"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if "needs Python 3.13" in done.stderr:
        pytest.skip("no Python 3.13 was found, the version that the function runs on")
    assert done.returncode == 0, done.stderr
    return ROOT / ".venv-package" / "bin" / "python"


@pytest.fixture(scope="session")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What packaging reads of this working copy, as it was at one moment: somebody may be editing it."""
    copy = tmp_path_factory.mktemp("snapshot")
    for name in ("app.py", "requirements.txt"):
        shutil.copyfile(ROOT / name, copy / name)
    for name in (".chalice", "chalicelib", "infra"):
        shutil.copytree(ROOT / name, copy / name)
    return copy


def build(python: Path, source: Path, out: Path) -> Path:
    """Package a working copy."""
    command = [str(python), "-m", "infra.package", "--source", str(source), "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


@pytest.fixture(scope="session")
def packaged(packaging_python: Path, snapshot: Path, tmp_path_factory: pytest.TempPathFactory) -> Packaged:
    """The artefact of this working copy, built and unpacked once for all test processes."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "packaged"
    unpacked = folder / "unpacked"
    with alone(ROOT / ".cache" / "packaging.lock"):
        if not unpacked.exists():
            build(packaging_python, snapshot, folder)
            with zipfile.ZipFile(folder / "deployment.zip") as archive:
                archive.extractall(unpacked)
    return Packaged(packaging_python, folder, unpacked)
