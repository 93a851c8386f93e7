"""A backtest from files of days: decisions a second on one core, and the most memory that it takes. No store, no web.

With `--check`, every decision is compared with a backtest in a few lines that tries every answer.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench._plain_backtest import outcomes
from bench._recorded import MOST_DIFFERENT, NEW_FACT, draft_of, write_days
from bench.evaluate import SHIPPED
from chalicelib.authoring.documents import CheckedPolicy
from chalicelib.cli.policy_files import compiled_file
from infra.emulator import ROOT

DECISIONS = 5000
REACH = {"decisions_a_second": 10_000}


def main(decisions: int = DECISIONS, *, check: bool = False) -> dict[str, object]:
    """Record so many decisions, hold a draft against them twice, and print what came of it."""
    shipped = compiled_file(SHIPPED / "policy.yaml")
    draft = draft_of(shipped)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = write_days(shipped.compiled, decisions, folder)
        (folder / "old.json").write_bytes(shipped.stored)
        (folder / "trial").mkdir()
        (folder / "trial" / "policy.yaml").write_bytes(draft.stored)
        nothing = write_days(shipped.compiled, 1, folder / "trial")
        _, begins, _ = _run(folder, nothing)
        report, seconds, memory = _run(folder, files)
        again, *_ = _run(folder, files)
        checked = _checked(draft, files, report) if check else "not asked for"
    outcome, compared = report["outcome"], int(str(report["decisions"]))
    rate = round(compared / (seconds - begins))
    print(
        f"{compared} live decisions of {len(files)} days, {min(decisions, MOST_DIFFERENT)} of them different: {outcome}"
    )
    print(
        f"{rate} decisions a second; {memory} MB at most; the same bytes twice: {again == report}; checked: {checked}"
    )
    return {
        "reach": REACH,
        "decisions": compared,
        "outcome": outcome,
        "decisions_a_second": rate,
        "memory_mb": memory,
        "same_bytes": again == report,
        "checked": checked,
    }


def _run(folder: Path, files: Sequence[Path]) -> tuple[dict[str, object], float, int]:
    """The report of a run in a process of its own, the seconds that it took, and the most memory of any so far."""
    words = ["policy", "simulate", str(folder / "trial" / "policy.yaml"), "--under", str(folder / "old.json"), "--json"]
    command = [sys.executable, "-m", "chalicelib", *words, "--records", *map(str, files)]
    started = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode not in (0, 1) or not done.stdout:
        raise RuntimeError(done.stderr.decode())
    report: dict[str, object] = json.loads(done.stdout)
    return report, seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024


def _checked(draft: CheckedPolicy, files: Sequence[Path], report: dict[str, object]) -> str:
    expected = outcomes(draft.compiled, NEW_FACT, (path.read_bytes() for path in files))
    if dict(expected) == report["outcome"]:
        return "equal"
    return f"{dict(expected)}, and of {report['not_exact']} the product takes the wider interval"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="bench.backtest", description="Measure a backtest on this machine.")
    parser.add_argument("--decisions", type=int, default=DECISIONS)
    parser.add_argument("--check", action="store_true", help="compare with a backtest that tries every answer")
    chosen = parser.parse_args()
    main(chosen.decisions, check=chosen.check)
