"""Runs the vectors without any test framework: counts, the first differences, exit status 1 if there are any.

    python -m tests.conformance.runner [--first] [FILE ...]
    python -m tests.conformance.runner --rewrite refused

The second form writes anew only the words of the errors that a document is refused with, after the wording was changed
on purpose. Which errors there are, and where, is never rewritten.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from tests.conformance.layout import laid_out
from tests.conformance.vectors import FILES, FOLDER, Row, read, refusal, rows

SHOWN = 20
"""How many differences are printed."""

WORDS = ("detail", "expected")
"""The members of an error that hold words."""


def main(arguments: Sequence[str]) -> int:
    """Run the vectors, or rewrite the words of the refusals. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.runner", description=__doc__)
    parser.add_argument("files", nargs="*", metavar="FILE", help=f"of {', '.join(FILES)}; all, if left out")
    parser.add_argument("--first", action="store_true", help="stop at the first difference")
    parser.add_argument("--rewrite", choices=["refused"], help="write the words of the errors anew")
    given = parser.parse_args(arguments)
    if given.rewrite:
        return rewrite(given.rewrite)
    return run(given.files or FILES, stop_early=given.first)


def run(files: Iterable[str], *, stop_early: bool) -> int:
    """Run the rows of some files. Returns 1 if any differs."""
    failed = 0
    for file in files:
        count = 0
        for row in rows(file):
            count += 1
            found = row.differ()
            failed += bool(found)
            if found and failed <= SHOWN:
                _show(row, found)
            if found and stop_early:
                return 1
        sys.stdout.write(f"{file}: {count} rows\n")
    sys.stdout.write(f"{failed} differ\n" if failed else "no differences\n")
    return 1 if failed else 0


def _show(row: Row, found: Sequence[str]) -> None:
    sys.stdout.write(f"{row.file} {row.id}: {row.remark}\n")
    for one in found:
        sys.stdout.write(f"    {one}\n")


def rewrite(file: str) -> int:
    """Take over the words of the errors. Returns 1 if a row has other errors, not only other words."""
    content = read(file)
    others = reword(content)
    for name in others:
        sys.stdout.write(f"{name}: other errors, not only other words; left as it is\n")
    (FOLDER / f"{file}.json").write_text(laid_out(content) + "\n", encoding="utf-8")
    return 1 if others else 0


def reword(content: dict[str, Any]) -> list[str]:
    """Put the words of today into the expected errors. Returns the rows whose errors are others; those stay."""
    others: list[str] = []
    for row in content["rows"]:
        expected, found = row["expect"]["errors"], refusal(content, row)["errors"]
        if [_apart_from_words(error) for error in expected] == [_apart_from_words(error) for error in found]:
            row["expect"]["errors"] = found
        else:
            others.append(row["id"])
    return others


def _apart_from_words(error: dict[str, Any]) -> dict[str, Any]:
    return {name: member for name, member in error.items() if name not in WORDS}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
