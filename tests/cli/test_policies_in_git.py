"""The page for forces that keep policies in git: its lines work as they stand, and its tables are those of the code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from chalicelib.analysis.findings import Code

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "policies-in-git.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which every line of the page was run, beside the project."""
    folder = tmp_path_factory.mktemp("git")
    project, repository = folder / "thriives", folder / "repository"
    project.mkdir()
    repository.mkdir()
    for name in ("chalicelib", "policies"):
        (project / name).symlink_to(ROOT / name)
    (project / ".venv").symlink_to(sys.prefix)
    done = subprocess.run(
        ["sh", "-eu", "-c", "\n".join(BLOCKS)],
        cwd=repository,
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return repository


def test_every_line_of_the_page_works_one_after_the_other(repository: Path) -> None:
    assert len(BLOCKS) == 8
    made = {str(path.relative_to(repository)) for path in repository.rglob("*") if path.is_file()}
    assert made >= {
        "edition.md", "new-cases.yaml", "check.json", "test.json", "policies/northshire/results.xml",
        "policies/southshire/results.xml", "policies/northshire/README.md", "policies/southshire/cases.yaml",
    }  # fmt: skip


def members(heading: str) -> set[str]:
    """The members that a table of the page names in its first column."""
    table = PAGE.partition(f"| `{heading}` |")[2].partition("\n\n")[0]
    return {name for row in table.split("\n")[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])}


def test_the_members_of_the_json_are_those_of_the_page(repository: Path) -> None:
    checked = json.loads((repository / "check.json").read_text())
    assert set(checked) | {"detail", "faults"} == members("check --json")
    compared = json.loads((repository / "compare.json").read_text())
    assert set(compared) | {"lowerings", "acknowledge"} == members("compare --json")
    tested = json.loads((repository / "test.json").read_text())
    assert set(tested) == members("test --json")
    told = PAGE.partition("| `coverage` |")[2].partition("\n")[0]
    assert set(tested["coverage"]) <= set(re.findall(r"`(\w+)`", told))


def test_the_page_explains_every_finding_of_the_analysis() -> None:
    table = PAGE.partition("## 6.")[2]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(get_args(Code))


def test_the_case_of_the_page_that_is_skipped_is_a_case(repository: Path) -> None:
    block = PAGE.partition("```yaml\n")[2].partition("```")[0]
    folder = repository / "policies" / "northshire"
    extended = repository / "extended.yaml"
    extended.write_text((folder / "cases.yaml").read_text() + block)
    done = subprocess.run(
        [sys.executable, "-m", "chalicelib", "policy", "test", str(folder / "policy.yaml"), "--cases", str(extended)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "skip P09: The force decides in May whether this is an appointment\n" in done.stdout
    assert done.stdout.endswith("6 passed, 0 failed, 1 skipped\n")
