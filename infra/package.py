"""Builds the Lambda artefact and its template, the same bytes each time. It deploys nothing and reads no policies.

Chalice collects the code, the wheels for Lambda's platform and the template. Then the archive is written again with
bytecode, because Lambda's task root is read-only and each cold start would compile everything anew, without the service
descriptions of the AWS SDK that nothing here speaks to, in sorted order and with one fixed date.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import py_compile
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

PYTHON = (3, 13)
"""The packager fetches wheels for the Python that runs it, and names that one in the template."""

SDK_SERVICES = frozenset({"dynamodb", "events", "kms", "s3", "sqs", "sts"})
"""The services whose descriptions stay in the SDK. `client("...")` for another one would fail: a test compares."""

PYDANTIC_LIBRARY = "pydantic_core/_pydantic_core.cpython-313-x86_64-linux-gnu.so"
FOREIGN = frozenset({"policies", "tests", "infra", "bench", "docs", ".chalice"})
ROOT = Path(__file__).resolve().parent.parent
REGION = "eu-west-2"
"""Chalice asks for a region even where nothing it writes depends on one."""

NO_BYTECODE = {"PYTHONDONTWRITEBYTECODE": "1"}
FIXED_DATE = (1980, 1, 1, 0, 0, 0)
HOW_TO_GET_PYTHON = """\
make package needs Python 3.13, the version that the function runs on; this is {found}.
Get it with one of
    apt-get install python3.13 python3.13-venv        (where the distribution has it)
    pyenv install 3.13                                (found in ~/.pyenv by itself)
    uv python install 3.13
or name it: make package PYTHON313=/path/to/python3.13"""


class PackagingFailed(Exception):
    """The artefact would be incomplete or wrong; nothing was written to the output folder."""


def package(source: Path, out: Path, *, template: Path | None) -> Path:
    """Build `deployment.zip` and `sam.json` of an application in `out`. Raises PackagingFailed."""
    with tempfile.TemporaryDirectory() as scratch:
        project = Path(scratch, "project")
        export(source, project)
        environment = packaging_environment(template)
        built = _run_chalice(project, template, environment)
        files = lambda_files(built / "deployment.zip")
        check_contents(files)
        unpacked = Path(scratch, "unpacked")
        write_files(files, unpacked)
        _import_alone(unpacked, environment)
        out.mkdir(parents=True, exist_ok=True)
        (out / "deployment.zip").write_bytes(archive(files))
        shutil.copyfile(built / "sam.json", out / "sam.json")
    return out


def export(source: Path, project: Path) -> None:
    """Copy what belongs into the function and Chalice's settings; no caches, hidden files, policies or tests."""
    project.mkdir(parents=True)
    for name in ("app.py", "requirements.txt"):
        shutil.copyfile(source / name, project / name)
    shutil.copytree(source / ".chalice", project / ".chalice", ignore=shutil.ignore_patterns("deployed", "deployments"))
    if (source / "infra").is_dir():
        (project / "infra").mkdir()
        shutil.copyfile(source / "infra" / "iam-policy.json", project / "infra" / "iam-policy.json")
    if (source / "chalicelib").is_dir():
        ignored = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
        shutil.copytree(source / "chalicelib", project / "chalicelib", ignore=ignored)


def packaging_environment(template: Path | None) -> dict[str, str]:
    """The environment for importing the application: the function's own variables, stand-ins for what is deployed."""
    variables: Mapping[str, object] = {}
    if template:
        variables = json.loads(template.read_text())["Globals"]["Function"]["Environment"]["Variables"]
    stand_ins = {name: value if isinstance(value, str) else _stand_in(name) for name, value in variables.items()}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "THRIIVES_", "PYTHON"))}
    return {**kept, **stand_ins, **dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION"), REGION), **NO_BYTECODE}


def _stand_in(name: str) -> str:
    return "https://deployed.invalid/" if name.endswith(("_URL", "_ISSUER")) else "deployed"


def _run_chalice(project: Path, template: Path | None, environment: Mapping[str, str]) -> Path:
    built = project.parent / "built"
    merge = ["--merge-template", str(template)] if template else []
    chalice = [sys.executable, "-c", "from chalice.cli import main; main()"]
    command = [*chalice, "package", "--stage", "prod", *merge, str(built)]
    done = subprocess.run(command, cwd=project, env=dict(environment), capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    # Chalice only warns about a dependency without a fitting wheel, ends with 0 and leaves it out (aws/chalice#492).
    if done.returncode or "Could not install dependencies" in said or not (built / "deployment.zip").exists():
        raise PackagingFailed(said.strip() or "Chalice built nothing")
    return built


def lambda_files(chalice_archive: Path) -> dict[str, bytes]:
    """The artefact's files by name: what Chalice collected, less the SDK's unused descriptions, plus bytecode."""
    with zipfile.ZipFile(chalice_archive) as packed:
        files = {name: packed.read(name) for name in packed.namelist() if not name.endswith("/") and _is_needed(name)}
    return files | {_bytecode_name(name): _bytecode(name, data) for name, data in files.items() if _is_module(name)}


def _is_needed(name: str) -> bool:
    parts = Path(name).parts
    if parts[:2] in {("botocore", "data"), ("boto3", "data")} and len(parts) > 3:
        return parts[2] in SDK_SERVICES and not parts[-1].startswith("examples-")
    return parts[:2] != ("boto3", "examples")


def _is_module(name: str) -> bool:
    return name.endswith(".py") and ".data/" not in name


def _bytecode_name(name: str) -> str:
    path = Path(name)
    return str(path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc")


def _bytecode(name: str, source: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as scratch:
        written = Path(scratch, "module.py")
        written.write_bytes(source)
        compiled = py_compile.compile(
            str(written),
            cfile=str(written) + "c",
            dfile=f"/var/task/{name}",
            doraise=True,
            # Never compared with the source again: its date is lost in archives, and reading its text costs time.
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
        return Path(str(compiled)).read_bytes()


def check_contents(files: Mapping[str, bytes]) -> None:
    """Raises PackagingFailed when something is there that must not be, or the native library is not the right one."""
    libraries = [name for name in files if "/_pydantic_core." in name and name.endswith(".so")]
    if libraries != [PYDANTIC_LIBRARY]:
        raise PackagingFailed(f"expected {PYDANTIC_LIBRARY} alone, found {libraries}")
    if foreign := sorted({name.split("/")[0] for name in files} & FOREIGN):
        raise PackagingFailed(f"these do not belong into the artefact: {', '.join(foreign)}")


def archive(files: Mapping[str, bytes]) -> bytes:
    """A ZIP archive of some files that depends on nothing but their names and bytes."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as packed:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, FIXED_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = (0o755 if name.endswith(".so") else 0o644) << 16
            packed.writestr(entry, files[name])
    return written.getvalue()


def write_files(files: Mapping[str, bytes], folder: Path) -> None:
    """Write the artefact's files as Lambda unpacks them."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _import_alone(unpacked: Path, environment: Mapping[str, str]) -> None:
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        print("not imported for a check: this machine does not run what Lambda runs")
        return
    # Without site-packages, so that nothing installed here stands in for something that is missing there.
    command = [sys.executable, "-S", "-c", "import sys; sys.path.insert(0, sys.argv[1]); import app", str(unpacked)]
    done = subprocess.run(command, cwd=unpacked, env=dict(environment), capture_output=True, text=True, check=False)
    if done.returncode:
        raise PackagingFailed(f"the unpacked artefact cannot be imported:\n{done.stderr.strip()}")


def sizes(out: Path) -> dict[str, int]:
    """Bytes of the archive, of its files unpacked, and of the template."""
    with zipfile.ZipFile(out / "deployment.zip") as packed:
        unpacked = sum(entry.file_size for entry in packed.infolist())
    return {
        "archive": (out / "deployment.zip").stat().st_size,
        "unpacked": unpacked,
        "template": (out / "sam.json").stat().st_size,
    }


def main(arguments: list[str] | None = None) -> int:
    """Package from the command line; 0 when it is built, 1 when it failed, 2 for a wrong interpreter."""
    parser = argparse.ArgumentParser(prog="infra.package", description="Build the Lambda artefact and its template.")
    parser.add_argument("--source", type=Path, default=ROOT)
    parser.add_argument("--out", type=Path, default=ROOT / "dist" / "package")
    parser.add_argument("--bare", action="store_true", help="do not merge infra/resources.json into the template")
    chosen = parser.parse_args(arguments)
    if sys.version_info[:2] != PYTHON:
        print(HOW_TO_GET_PYTHON.format(found=platform.python_version()), file=sys.stderr)
        return 2
    template = None if chosen.bare else chosen.source.resolve() / "infra" / "resources.json"
    try:
        out = package(chosen.source.resolve(), chosen.out.resolve(), template=template)
    except PackagingFailed as error:
        print(f"packaging failed: {error}", file=sys.stderr)
        return 1
    for name, size in sizes(out).items():
        print(f"{name:9} {size / 1e6:6.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
