"""`policy test` and `policy generate`: run a policy's cases, say what they cover, make new ones. No case is changed."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from chalicelib.authoring.case_reports import as_json, as_junit, coverage_in_lines, outcome
from chalicelib.authoring.cases import CaseResult, Cases, read_cases_for, run_cases
from chalicelib.authoring.coverage import coverage
from chalicelib.cli.policy_files import CASES, compiled_file, read_file
from chalicelib.cli.terminal import EXIT_CODES, Colour, coloured, write_file
from chalicelib.errors import Invalid
from chalicelib.playing.generated_cases import Generated, as_document, generate
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import POLICY_BYTES
from chalicelib.services import utc_now

_MARKS = {"passed": ("ok  ", Colour.GOOD), "failed": ("FAIL", Colour.BAD), "skipped": ("skip", Colour.DOUBTFUL)}


def add_test(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare `policy test`."""
    test = commands.add_parser(
        "test",
        help="run a policy's cases",
        description="Run a policy's cases and say what they have seen of it.",
        epilog=f"{EXIT_CODES} A case that fails, and less coverage than --min, give 1. A case that is skipped is told.",
    )
    test.add_argument("policy", type=Path, help="policy.yaml; cases.yaml is taken from the same folder")
    test.add_argument("--cases", type=Path, metavar="FILE", help="cases in another file")
    test.add_argument("--coverage", action="store_true", help="say what the cases have seen of the policy")
    test.add_argument("--min", type=_percent, metavar="N", help="fail when less than N percent are covered")
    test.add_argument("--junit", type=Path, metavar="FILE", help="write the results there as JUnit XML")
    test.add_argument("--json", action="store_true", help="print the results as JSON")
    test.set_defaults(run=_test)


def add_generate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare `policy generate`."""
    make = commands.add_parser(
        "generate",
        help="make cases from a policy, for a person to confirm",
        description="Make cases that show each rule and precaution at work, and just not at work.",
        epilog=f"{EXIT_CODES} What cannot be made is told with the reason, and is no failure.",
    )
    make.add_argument("policy", type=Path, help="policy.yaml")
    make.add_argument("--to", type=Path, metavar="FILE", help="write the cases into this new file; printed if left out")
    make.add_argument("--missing", action="store_true", help="only what the cases beside the policy have not seen")
    make.set_defaults(run=_generate)


def _test(arguments: argparse.Namespace) -> int:
    policy = compiled_file(arguments.policy).compiled
    cases = _cases_of(policy, arguments.cases or arguments.policy.with_name(CASES))
    results = run_cases(policy, cases)
    seen = coverage(policy, cases) if arguments.coverage or arguments.min is not None else None
    if arguments.junit is not None:
        write_file(arguments.junit, as_junit(policy, cases, results, utc_now()))
    if arguments.json:
        print(json.dumps(as_json(policy, cases, results, seen), ensure_ascii=False, indent=2))
    else:
        _show(cases, results)
        for line in coverage_in_lines(seen) if seen is not None else ():
            print(line)
    too_little = seen is not None and arguments.min is not None and seen.percent < arguments.min
    if too_little and seen is not None:
        print(f"The cases cover {seen.percent} %; at least {arguments.min} % are asked for.", file=sys.stderr)
    return 1 if too_little or any(one.failed for one in results) else 0


def _show(cases: Cases, results: tuple[CaseResult, ...]) -> None:
    for result in sorted(results, key=lambda one: one.failed):  # those that failed last, where they are seen
        mark, colour = _MARKS[outcome(result)]
        reason = f": {result.skipped}" if result.skipped is not None else ""
        print(f"{coloured(mark, colour)} {result.id}{reason}")
        for difference in result.differences:
            print(f"       {difference}")
    passed, failed = sum(one.passed for one in results), sum(one.failed for one in results)
    skipped, unconfirmed = len(results) - passed - failed, sum(case.generated is not None for case in cases.cases)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    if unconfirmed:
        print(f"{unconfirmed} were generated, and nobody has confirmed what they expect.")


def _generate(arguments: argparse.Namespace) -> int:
    policy = compiled_file(arguments.policy).compiled
    seen = coverage(policy, _cases_of(policy, arguments.policy.with_name(CASES))) if arguments.missing else None
    generated = generate(policy, seen)
    if generated.cases:
        _put(policy, generated, arguments.to)
    print(f"{len(generated.cases)} cases were generated.", file=sys.stderr)
    if generated.missing:
        print(f"{len(generated.missing)} were not:", file=sys.stderr)
    for one in generated.missing:
        print(f"  {one.says}", file=sys.stderr)
    return 0


def _put(policy: CompiledPolicy, generated: Generated, file: Path | None) -> None:
    text = as_document(policy, generated)
    data = text.encode()
    if len(data) > POLICY_BYTES:
        raise Invalid(f"The cases have {len(data)} bytes, and {POLICY_BYTES} are taken. Try --missing.")
    if file is None:
        print(text, end="")
    else:
        write_file(file, data, new=True)


def _cases_of(policy: CompiledPolicy, file: Path) -> Cases:
    """The cases in a file. Raises Invalid when they do not fit the policy."""
    return read_cases_for(policy, read_file(file))


def _percent(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 100):
        raise argparse.ArgumentTypeError("a whole number from 0 to 100")
    return int(text)
