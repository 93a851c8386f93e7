"""`publish`: the steps of a policy version at a running service, from draft to in force. They judge nothing themselves.

What a step needs, and who may take it, is the service's to say; here it is only put into words.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from chalicelib.authoring.backtest_report import Report
from chalicelib.authoring.cases import read_cases_for
from chalicelib.cli.backtest_tables import tables
from chalicelib.cli.policy_files import CASES, compiled_file, read_file
from chalicelib.cli.service_client import Members, ServiceClient
from chalicelib.cli.terminal import EXIT_CODES
from chalicelib.cli.use_tables import use_tables
from chalicelib.errors import Refused
from chalicelib.reader import as_model

LOOKS = 1.0
"""Seconds between two looks at a job."""

Step = Callable[[ServiceClient, argparse.Namespace], int]


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands."""
    draft = _add(commands, "draft", "check a version and store it as a draft", _draft)
    draft.add_argument("policy", type=Path, help="policy.yaml; cases.yaml is taken from the same folder")
    versions = _add(commands, "versions", "list the versions of a policy, and where they stand", _versions)
    versions.add_argument("policy", help="the policy's id")
    _of_version(commands, "submit", "run everything on a draft, and submit it", _submit)
    compare = _of_version(commands, "compare", "say what a version raises and lowers", _compare)
    compare.add_argument("--with", dest="other", default="active", help="another version; left out: the one in force")
    approve = _of_version(commands, "approve", "approve what somebody else has submitted", _approve)
    decline = _of_version(commands, "decline", "decline what was submitted, for good", _decline)
    decline.add_argument("--reason", required=True, help="why, for its authors")
    activate = _of_version(commands, "activate", "put a version in force, or back in force", _activate)
    when = activate.add_mutually_exclusive_group()
    when.add_argument("--from", dest="start", metavar="TIME", help="such as 2026-12-01T06:00:00Z; 60 seconds ahead")
    when.add_argument("--emergency", action="store_true", help="at once: back to a version that was in force before")
    activate.add_argument("--night", action="store_true", help="by one person, where it is proved to lower nothing")
    activate.add_argument("--note", help="why, for those who read it later")
    withdraw = _of_version(commands, "withdraw", "take back what has not begun, or else the version", _withdraw)
    withdraw.add_argument("--reason", help="why")
    for parser in (approve, activate, withdraw):
        parser.add_argument("--acknowledge", metavar="DIGEST", help="accept the list of what is lowered")
    simulate = _of_version(commands, "simulate", "hold a version against recorded decisions", _simulate)
    lately = "both left out: the days before it was submitted"
    for name, words in (("from", "the first day, such as 2026-11-01"), ("to", f"the last day; {lately}")):
        simulate.add_argument(f"--{name}", dest=name, metavar="DAY", help=words)


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, words: str, step: Step
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=words, description=f"{words[0].upper()}{words[1:]}.", epilog=EXIT_CODES)
    parser.add_argument("--service", required=True, metavar="URL", help="the service, such as http://127.0.0.1:8000")
    parser.add_argument("--token", required=True, type=Path, metavar="FILE", help="a file with your token")
    parser.add_argument("--force", help="only if the token is for several forces")

    def run(arguments: argparse.Namespace) -> int:
        client = ServiceClient(arguments.service, arguments.token, arguments.force)
        try:
            return step(client, arguments)
        except Refused as error:
            return _refused(error, arguments)

    parser.set_defaults(run=run)
    return parser


def _of_version(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, words: str, step: Step
) -> argparse.ArgumentParser:
    parser = _add(commands, name, words, step)
    parser.add_argument("policy", help="the policy's id")
    parser.add_argument("version", help="its label, or its manifest while several drafts carry the label")
    return parser


def _draft(client: ServiceClient, arguments: argparse.Namespace) -> int:
    file: Path = arguments.policy
    policy = compiled_file(file).compiled
    cases = read_file(file.with_name(CASES))
    read_cases_for(policy, cases)
    sent = {"policy": read_file(file).decode(), "cases": cases.decode()}
    done = client.post(f"/v1/policies/{policy.policy.id}/versions", sent)
    print(f"{_named(done)} is a draft, manifest {done['manifest']}.")
    return 0


def _submit(client: ServiceClient, arguments: argparse.Namespace) -> int:
    done = _step(client, arguments, "submit", {})
    print(f"{_named(done)} is submitted. {done['cases_run']} cases came out as expected, {done['warnings']} warnings.")
    for one in done.get("skipped", ()):
        print(f"  not run: {one['case']}: {one['reason']}")
    if "backtest" in done:
        print("It is being held against what was recorded lately: see `publish simulate`.")
    if done["lowers"]:
        print("It lowers something: see `publish compare`. Whoever approves it has to accept the list of that.")
    return 0


def _compare(client: ServiceClient, arguments: argparse.Namespace) -> int:
    found = client.get(f"{_path(arguments)}/compare", **{"with": arguments.other})
    print(f"{found['old']['id']} {found['old']['version']} to {found['new']['version']}")
    for line in found["comparison"]["says"]:
        print(f"  {line}")
    for line in _listed(found):
        print(line)
    return 0


def _approve(client: ServiceClient, arguments: argparse.Namespace) -> int:
    done = _step(client, arguments, "approve", _accepting(arguments))
    print(f"{_named(done)} is approved.")
    return 0


def _decline(client: ServiceClient, arguments: argparse.Namespace) -> int:
    done = _step(client, arguments, "decline", {"reason": arguments.reason})
    print(f"{_named(done)} is declined, for good.")
    return 0


def _activate(client: ServiceClient, arguments: argparse.Namespace) -> int:
    body = {**_accepting(arguments), **({"note": arguments.note} if arguments.note else {})}
    body |= {"from": arguments.start} if arguments.start else {}
    body |= {name: True for name in ("emergency", "night") if getattr(arguments, name)}
    done = _step(client, arguments, "activate", body)
    print(f"{_named(done)} is in force from {done['starts']}.")
    if "approval_due" in done:
        print(f"Somebody who is no author has to approve it by {done['approval_due']}.")
    return 0


def _withdraw(client: ServiceClient, arguments: argparse.Namespace) -> int:
    body = {**_accepting(arguments), **({"reason": arguments.reason} if arguments.reason else {})}
    done = _step(client, arguments, "withdraw", body)
    taken = "is not put in force" if "withdraws" in done else "is withdrawn, for good"
    print(f"{_named(done)} {taken}.")
    return 0


def _versions(client: ServiceClient, arguments: argparse.Namespace) -> int:
    for one in client.get(f"/v1/policies/{arguments.policy}/versions")["versions"]:
        starts = f", from {', '.join(one['starts'])}" if one["starts"] else ""
        print(f"{one['version']:16} {one['state']}{starts}")
        print(f"{'':16} manifest {one['manifest']}")
        if "approval_due" in one:
            print(f"{'':16} approval {'was' if one['overdue'] else 'is'} due by {one['approval_due']}")
        for step in one["steps"]:
            why = step.get("reason") or step.get("note")
            done = step["step"].removeprefix("policy_")
            print(f"{'':16} {step['at'][:16]}Z {done} by {step['by']}{f': {why}' if why else ''}")
    return 0


def _simulate(client: ServiceClient, arguments: argparse.Namespace) -> int:
    period = {"from": getattr(arguments, "from"), "to": arguments.to}
    if all(period.values()):
        job = client.post(f"{_path(arguments)}/simulate", period)
    elif any(period.values()):
        raise Refused("Give both --from and --to, or neither.")
    else:
        steps = client.get(_path(arguments))["steps"]
        asked = [step["backtest"] for step in steps if "backtest" in step]
        if not asked:
            raise Refused("Nothing was asked for when it was submitted, if it was: give --from and --to.")
        job = client.get(f"/v1/jobs/{asked[-1]}")
    while job["state"] not in ("done", "failed"):
        time.sleep(LOOKS)
        job = client.get(f"/v1/jobs/{job['job']}")
        done = job["progress"]
        print(f"{done['days_done']} of {done['days']} days, {done['decisions']} decisions", file=sys.stderr)
    if job["state"] == "failed":
        raise Refused(f"The job has failed: {job.get('failure', {}).get('detail', 'see its address')}")
    report = as_model(Report, job["report"])
    for line in (*tables(report), *use_tables(report.use)):
        print(line)
    if report.weaker:
        print(
            f"\n{report.weaker} are weaker, or perhaps: /v1/jobs/{job['job']}/decisions?day=...&weaker=true lists them."
        )
    return 1 if report.weaker else 0


def _step(client: ServiceClient, arguments: argparse.Namespace, name: str, body: Members) -> Members:
    return client.post(f"{_path(arguments)}/{name}", body)


def _path(arguments: argparse.Namespace) -> str:
    return f"/v1/policies/{arguments.policy}/versions/{arguments.version}"


def _accepting(arguments: argparse.Namespace) -> Members:
    return {"acknowledged": arguments.acknowledge} if arguments.acknowledge else {}


def _named(done: Members) -> str:
    return f"{done['id']} {done['version']}"


def _refused(error: Refused, arguments: argparse.Namespace) -> int:
    """Say why a step was refused, and what it would lower. Raises the error where there is nothing to add."""
    if not error.extra.get("lowerings"):
        raise error
    print(error.detail, file=sys.stderr)
    for line in _listed(dict(error.extra)):
        print(line, file=sys.stderr)
    if "acknowledge" in vars(arguments) and not vars(arguments).get("night"):
        print(f"To accept it: the same with --acknowledge {error.extra['acknowledge']}", file=sys.stderr)
    return 1


def _listed(found: Members) -> Iterator[str]:
    """What is lowered, and in whose place."""
    lowerings: Sequence[Members] = found.get("lowerings", ())
    for one in lowerings:
        yield f"In the place of {one['old']['version']}, {one['new']['version']} lowers:"
        yield from (f"  {lowered['says']}" for lowered in one["lowered"])
