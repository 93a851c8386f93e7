"""`policy check`: does a document fit together, and what does the exact analysis say of it? It runs no cases."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from chalicelib.analysis.analysis import analyse
from chalicelib.analysis.findings import Finding, Severity
from chalicelib.cli.policy_files import compiled_file
from chalicelib.cli.policy_places import Places
from chalicelib.cli.terminal import EXIT_CODES, Colour, coloured
from chalicelib.errors import Invalid, ServiceError, TooLarge, Unreadable
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Policy

CHECKED = "policy-check/1"

Verdict = Literal["proved", "refuted", "not_decided"]

_COLOURS = {Severity.ERROR: Colour.BAD, Severity.WARNING: Colour.DOUBTFUL}
_WIDTH = 11


def add_check(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare `policy check`."""
    check = commands.add_parser(
        "check",
        help="check a policy document, and analyse it over every possible call",
        description="Check a policy against schema and names, then analyse it over every possible call.",
        epilog=f"{EXIT_CODES} Findings that are warnings or hints are told and are no failure.",
    )
    check.add_argument("policy", type=Path, help="policy.yaml")
    check.add_argument("--json", action="store_true", help="print the result as JSON")
    check.set_defaults(run=_check)


def _check(arguments: argparse.Namespace) -> int:
    try:
        policy = compiled_file(arguments.policy).compiled
    except (Invalid, Unreadable, TooLarge) as error:
        if not arguments.json:
            raise
        _print_json(_refused(error))
        return 1
    findings = analyse(policy)
    if arguments.json:
        _print_json(_as_json(policy, findings, arguments.policy))
    else:
        for line in _in_lines(policy, findings, arguments.policy):
            print(line)
    return 1 if any(one.severity is Severity.ERROR for one in findings) else 0


def _in_lines(policy: CompiledPolicy, findings: Sequence[Finding], file: Path) -> Iterator[str]:
    document = policy.policy
    yield (
        f"{document.id} {document.version}: {len(document.facts)} facts, {len(document.rules)} rules, "
        f"{len(document.precautions)} precautions. It fits together."
    )
    yield f"digest {policy.digest}"
    verdicts = verdicts_of(document, findings)
    if verdicts:
        yield "Guarantees:"
    for promise in document.guarantees:
        verdict = verdicts[promise.id]
        words = verdict.replace("_", " ").ljust(_WIDTH)
        yield f"  {coloured(words, Colour.GOOD if verdict == 'proved' else Colour.BAD)} {promise.id}: {promise.says}"
    told = [one for one in findings if one.code != "guarantee_proved"]
    yield from _told(document, told, file)
    count = Counter(one.severity for one in told)
    numbers = ", ".join(f"{count[severity]} {severity}s" for severity in Severity)
    yield f"{len(told)} findings: {numbers}."


def _told(document: Policy, findings: Sequence[Finding], file: Path) -> Iterator[str]:
    if not findings:
        return
    yield "Findings:"
    places = Places(file)
    for one in findings:
        where, line = places.of(one.pointer)
        yield f"  {_painted(one.severity)} {one.code} at {where}:{line} ({_named(document, one.pointer)})"
        yield f"  {'':{_WIDTH}} {one.says}"


def _painted(severity: Severity) -> str:
    words = severity.value.ljust(_WIDTH)
    return coloured(words, _COLOURS[severity]) if severity in _COLOURS else words


def _named(document: Policy, pointer: str) -> str:
    """What a pointer leads to: the id of the thing, or the name of the part, and what of it."""
    steps = pointer.split("/")[1:]
    things = getattr(document, steps[0], None) if len(steps) > 1 else None
    if not isinstance(things, tuple) or not steps[1].isdigit():
        return " ".join(steps)
    return ", ".join([f'"{things[int(steps[1])].id}"', *([" ".join(steps[2:])] if steps[2:] else [])])


def verdicts_of(document: Policy, findings: Sequence[Finding]) -> dict[str, Verdict]:
    """For each guarantee whether it is proved. One that promises nothing is not: its finding says so."""
    found: dict[str, Verdict] = {}
    for place, promise in enumerate(document.guarantees):
        codes = {one.code for one in findings if f"{one.pointer}/".startswith(f"/guarantees/{place}/")}
        if "guarantee_proved" in codes:
            found[promise.id] = "proved"
        else:
            found[promise.id] = "not_decided" if "not_decided" in codes else "refuted"
    return found


def _as_json(policy: CompiledPolicy, findings: Sequence[Finding], path: Path) -> dict[str, Any]:
    document, places = policy.policy, Places(path)
    count = Counter(one.severity for one in findings)
    return {
        "format": CHECKED,
        "fits": True,
        "policy": {"id": document.id, "version": document.version, "digest": policy.digest},
        "facts": len(document.facts),
        "rules": len(document.rules),
        "precautions": len(document.precautions),
        "guarantees": [{"id": name, "verdict": verdict} for name, verdict in verdicts_of(document, findings).items()],
        **{f"{severity}s": count[severity] for severity in Severity},
        "findings": [
            {
                **one.model_dump(mode="json", exclude_defaults=True),
                **dict(zip(("file", "line"), places.of(one.pointer), strict=True)),
            }
            for one in findings
        ],
    }


def _refused(error: ServiceError) -> dict[str, Any]:
    faults = [fault.as_json() for fault in error.faults]
    return {"format": CHECKED, "fits": False, "detail": error.detail, "faults": faults}


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))
