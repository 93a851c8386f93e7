"""`policy simulate`, a draft against files of recorded decisions, and `days close`, which makes such files.

`policy simulate` reads files alone: day files, the draft, and the policies of the time. It publishes nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from chalicelib.canonical import canonical
from chalicelib.cli.backtest_tables import tables, weaker
from chalicelib.cli.policy_files import POLICY, compiled_file, compiled_one_of, read_file
from chalicelib.cli.terminal import EXIT_CODES
from chalicelib.cli.use_tables import use_tables
from chalicelib.errors import Invalid, ServiceError
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.records.day_file import DayFile, DayHeader
from chalicelib.records.record import plain
from chalicelib.services import Services
from chalicelib.workflows.run_backtest import changed_in, compare_day, part_of, whole_report

SAME_OR_RAISED, WEAKER = 0, 1
"""What `policy simulate` ends with; a file that is not right gives 1 as everywhere."""

_EXIT = f"{EXIT_CODES} A grade or a required attendance that is lower, or might be, gives 1."


def add_simulate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare `policy simulate`."""
    simulate = commands.add_parser(
        "simulate", help="hold a policy against recorded decisions: what it would raise and lower", epilog=_EXIT
    )
    simulate.add_argument("policy", type=Path, help="the new policy.yaml")
    simulate.add_argument("--records", type=Path, nargs="+", required=True, metavar="DAYFILE", help="files of days")
    simulate.add_argument(
        "--under",
        type=Path,
        action="append",
        default=[],
        metavar="POLICY",
        help="a policy that decisions were made under: policy.yaml, or policy.json as it is stored; may be repeated. "
        "Policies in the folders beside the new one's are found by themselves",
    )
    simulate.add_argument("--json", action="store_true", help="print the report as one line of JSON")
    simulate.add_argument("--changed", type=Path, metavar="FILE", help="write every changed decision there, one a line")
    simulate.set_defaults(run=simulate_policy)


def add_days(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Declare `days close`; its parser, for who knows the services to set what it runs."""
    close = commands.add_parser("close", help="put the decisions of days that are over into files, once")
    close.add_argument("--force", help="only this force's")
    close.add_argument(
        "--until", type=_day, metavar="DATE", help="the last day to close (default: the last that is over)"
    )
    return close


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a day such as 2026-11-23") from None


def close_days(services: Services, arguments: argparse.Namespace) -> int:
    """Close days. Raises Refused for one that cannot be closed."""
    forces: Sequence[str] = services.days.forces()
    if arguments.force is not None:
        if arguments.force not in forces:
            raise Invalid("No policy was ever put in force for that force, so it has no decisions.")
        forces = [arguments.force]
    for force in forces:
        done = services.days.close(force, arguments.until)
        print(f"{force}: {len(done.closed)} closed, {done.already} closed before")
        for day in done.closed:
            print(f"  {day}")
    return 0


def simulate_policy(arguments: argparse.Namespace) -> int:
    """Hold a policy against files. Returns an exit code. Raises a ServiceError for a file that is not right."""
    draft = compiled_one_of(arguments.policy).compiled
    earlier = _earlier(arguments.policy, arguments.under, draft)
    parts = list(_parts(draft, earlier, arguments.records, quiet=arguments.json))
    report = whole_report(draft, (part_of(part) for part in parts))
    if arguments.changed is not None:
        _write(arguments.changed, parts)
    if arguments.json:
        sys.stdout.buffer.write(canonical(plain(report)) + b"\n")
        sys.stdout.buffer.flush()
    else:
        for line in (*tables(report), *use_tables(report.use), *weaker(parts, report.weaker)):
            print(line)
    return WEAKER if report.weaker else SAME_OR_RAISED


def _parts(
    draft: CompiledPolicy, earlier: Mapping[str, CompiledPolicy], files: Sequence[Path], *, quiet: bool
) -> Iterator[bytes]:
    """The part of each file, in order of force and day. Raises Invalid for a day that is there twice."""
    opened = sorted(map(_opened, files), key=_force_and_day)
    days = [(header.force, header.day) for header, *_ in opened]
    twice = sorted({f"{force} {day}" for force, day in days if days.count((force, day)) > 1})
    if twice:
        raise Invalid(f"These days are there twice: {', '.join(twice)}.")
    for header, path, data in opened:
        told = _progress(f"{header.force} {header.day}", header.decisions) if not quiet else _nothing
        try:
            yield compare_day(draft, lambda _, digest: earlier.get(digest), data, told)
        except ServiceError as error:
            raise Invalid(f"{path}: {error.detail}", error.faults, error.code) from None


def _opened(path: Path) -> tuple[DayHeader, Path, bytes]:
    data = read_file(path)
    try:
        return DayFile(data).header, path, data
    except ServiceError as error:
        raise Invalid(f"{path}: {error.detail}", error.faults, error.code) from None


def _force_and_day(one: tuple[DayHeader, Path, bytes]) -> tuple[str, str]:
    return one[0].force, one[0].day


def _nothing(count: int) -> None:
    """Tell nobody."""


def _progress(title: str, of: int) -> Callable[[int], None]:
    def told(count: int) -> None:
        print(f"{title}: {count} of {of}", file=sys.stderr, flush=True)

    return told


def _earlier(policy: Path, named: Sequence[Path], draft: CompiledPolicy) -> dict[str, CompiledPolicy]:
    """The policies of the time, by digest: those that were named, and all that lie beside the new one."""
    found = {draft.digest: draft}
    for path in named:
        compiled = compiled_one_of(path).compiled
        found[compiled.digest] = compiled
    for path in sorted(policy.resolve().parent.parent.glob(f"*/{POLICY}")):
        try:
            compiled = compiled_file(path).compiled
        except ServiceError:
            continue  # somebody's work in progress; whoever needs it names it
        found.setdefault(compiled.digest, compiled)
    return found


def _write(path: Path, parts: Sequence[bytes]) -> None:
    try:
        with path.open("wb") as file:
            for part in parts:
                for line in changed_in(part):
                    file.write(canonical(line) + b"\n")
    except OSError as error:
        raise Invalid(f"{path} cannot be written: {error.strerror}.") from None
