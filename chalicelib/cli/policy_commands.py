"""Commands of a policy owner, on files alone: `policy check` and `policy test`. They publish nothing."""

from __future__ import annotations

import argparse
from pathlib import Path

from chalicelib.authoring.cases import check_cases, read_cases, run_cases
from chalicelib.authoring.documents import checked
from chalicelib.errors import Invalid
from chalicelib.policy.compiled import CompiledPolicy


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands."""
    check = commands.add_parser("check", help="check a policy document against schema and names")
    check.add_argument("policy", type=Path, help="policy.yaml")
    check.set_defaults(run=_check)
    test = commands.add_parser("test", help="run a policy's cases")
    test.add_argument("policy", type=Path, help="policy.yaml; cases.yaml is taken from the same folder")
    test.set_defaults(run=_test)


def _check(arguments: argparse.Namespace) -> int:
    policy = _compiled(arguments.policy)
    document = policy.policy
    print(
        f"{document.id} {document.version}: {len(document.facts)} facts, {len(document.rules)} rules, "
        f"{len(document.precautions)} precautions. It fits together.\ndigest {policy.digest}"
    )
    return 0


def _test(arguments: argparse.Namespace) -> int:
    policy = _compiled(arguments.policy)
    cases = read_cases(_read(arguments.policy.with_name("cases.yaml")))
    faults = check_cases(policy, cases)
    if faults:
        raise Invalid("The cases do not fit the policy.", faults)
    failed = 0
    for result in run_cases(policy, cases):
        print(f"{'ok  ' if result.passed else 'FAIL'} {result.id}")
        for difference in result.differences:
            print(f"       {difference}")
        failed += not result.passed
    print(f"{len(cases.cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


def _compiled(path: Path) -> CompiledPolicy:
    return checked(_read(path)).compiled


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from None
