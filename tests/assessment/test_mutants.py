"""Each fault that is planted in the evaluator is seen by the conformance vectors; without one they see none."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.assessment.mutants import APPLIES_NO_MORE, MUTANTS, Mutant

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a module in a fresh interpreter."""
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def test_without_a_planted_fault_the_vectors_see_none() -> None:
    files = sorted({mutant.file for mutant in MUTANTS})
    clean = run("tests.conformance.runner", *files)
    assert clean.returncode == 0, clean.stdout + clean.stderr


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_planted_fault_is_seen_by_a_vector(mutant: Mutant) -> None:
    seen = run("tests.assessment.mutants", mutant.name)
    assert seen.returncode != APPLIES_NO_MORE, f"the mutant no longer applies: {seen.stdout}"
    assert seen.returncode == 1, f"{mutant.remark}: survived\n{seen.stdout}{seen.stderr}"
    assert "Traceback" not in seen.stderr, f"it fell over instead of answering wrongly: {seen.stderr}"


def test_every_mutant_has_a_name_of_its_own() -> None:
    assert [name for name, count in Counter(mutant.name for mutant in MUTANTS).items() if count > 1] == []
