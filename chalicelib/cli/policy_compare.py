"""`policy compare`: what a version raises and lowers against another, on files alone. It publishes nothing."""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from chalicelib.analysis.comparison import compare
from chalicelib.analysis.differences import Axis, Comparison, Shown, Verdict, Weight
from chalicelib.authoring.documents import CheckedPolicy
from chalicelib.canonical import Json, canonical
from chalicelib.cli.policy_files import compiled_one_of
from chalicelib.cli.terminal import EXIT_CODES, Colour, coloured
from chalicelib.records.record import plain
from chalicelib.workflows.judge_policy import Lowering, Lowerings, Named, lowered_by

NOT_WEAKER, WEAKER = 0, 1
"""What `policy compare` ends with; a file that is not right gives 1 as everywhere."""

_EXIT = f"{EXIT_CODES} Something that is lowered, dropped or made later, or of which that is not excluded, gives 1."


def add_compare(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare `policy compare`."""
    parser = commands.add_parser(
        "compare",
        help="what a version raises and lowers against another, over every possible call",
        description="Compare two versions of a policy over every possible call, then word by word.",
        epilog=_EXIT,
    )
    parser.add_argument("old", type=Path, help="the policy.yaml that is, or was, in force")
    parser.add_argument("new", type=Path, help="the policy.yaml that is to come")
    parser.add_argument("--json", action="store_true", help="print the result as one line of JSON")
    parser.set_defaults(run=_compare)


def _compare(arguments: argparse.Namespace) -> int:
    old, new = (compiled_one_of(path) for path in (arguments.old, arguments.new))
    comparison = compare(old.compiled, new.compiled)
    text = list(_text(old, new))
    if arguments.json:
        sys.stdout.buffer.write(canonical(_as_json(old, new, comparison, text)) + b"\n")
        sys.stdout.buffer.flush()
    else:
        for line in (*_in_lines(old, new, comparison), *text):
            print(line)
    return NOT_WEAKER if comparison.never_lowers else WEAKER


def _as_json(old: CheckedPolicy, new: CheckedPolicy, comparison: Comparison, text: list[str]) -> Json:
    """The comparison, and the list of what is lowered with the digest that an approver would acknowledge."""
    names = [
        Named(id=one.compiled.policy.id, version=one.compiled.policy.version, policy=one.compiled.digest)
        for one in (old, new)
    ]
    lowered = tuple(lowered_by(comparison))
    found: dict[str, Json] = {
        "format": "policy-compare/1",
        "old": plain(names[0]),
        "new": plain(names[1]),
        "comparison": plain(comparison),
        "text": text,
    }
    if lowered:
        lowerings = Lowerings(lowerings=(Lowering(old=names[0], new=names[1], lowered=lowered),))
        found |= {"lowerings": plain(lowerings)["lowerings"], "acknowledge": lowerings.digest}
    return found


def _in_lines(old: CheckedPolicy, new: CheckedPolicy, comparison: Comparison) -> Iterator[str]:
    names = [f"{one.compiled.policy.id} {one.compiled.policy.version}" for one in (old, new)]
    yield f"From {names[0]} to {names[1]}"
    yield f"  recommended grade    {_painted(comparison.grade)}"
    yield f"  response             {_painted(comparison.response)}"
    yield f"  version step         {_step(comparison)}"
    if comparison.scale == "national":
        yield "  The two have different local grades, so they were compared by the national ones."
    yield from _shown("Lowered", [(axis, axis.lowers) for axis in comparison.axes if axis.lowers])
    unknown = [axis for axis in comparison.axes if axis.verdict is Verdict.NOT_DECIDED]
    if unknown:
        yield "Not decided:"
    for axis in unknown:
        yield f"  {_named(axis)}: It could not be decided within the limit of the search: take it as lowered."
    yield from _shown("Raised", [(axis, axis.raises) for axis in comparison.axes if axis.raises])
    if comparison.changes:
        yield "Changed in the document:"
    for change in comparison.changes:
        mark = coloured("lowers", Colour.BAD) if change.weight is Weight.MAJOR else str(change.weight)
        yield f"  {change.says} ({mark})"
    yield ""


def _shown(word: str, differences: list[tuple[Axis, Shown]]) -> Iterator[str]:
    """Each call once, and below it all that it shows: one call often shows a grade and what goes with it."""
    by_call: dict[str, list[str]] = {}
    for axis, shown in differences:
        outcome = f"before, {shown.was}; now, {shown.becomes}"
        call, _, unasked = shown.says.partition(f": {outcome}.")
        by_call.setdefault(f"{call}.{unasked}", []).append(f"{_named(axis)}: {outcome}")
    if differences:
        yield f"{word}:"
    for call, outcomes in by_call.items():
        yield f"  {call}"
        yield from (f"    {outcome}" for outcome in dict.fromkeys(outcomes))


def _named(axis: Axis) -> str:
    kind = axis.kind.replace("_", " ")
    return f"{kind} {axis.of}" if axis.of else kind


def _painted(verdict: Verdict) -> str:
    good = verdict in (Verdict.EQUAL, Verdict.ONLY_RAISES)
    return coloured(verdict.replace("_", " "), Colour.GOOD if good else Colour.BAD)


def _step(comparison: Comparison) -> str:
    return coloured(comparison.step, Colour.GOOD if comparison.never_lowers else Colour.BAD)


def _text(old: CheckedPolicy, new: CheckedPolicy) -> Iterator[str]:
    """The flat documents word by word, as a unified diff."""
    lines = [json.dumps(json.loads(one.stored), indent=1, ensure_ascii=False).splitlines() for one in (old, new)]
    labels = [f"{one.compiled.policy.id} {one.compiled.policy.version}" for one in (old, new)]
    return difflib.unified_diff(lines[0], lines[1], labels[0], labels[1], lineterm="")
