"""The entry of the command line: commands, settings, and errors as exit codes. The commands are in their own modules.

Exit codes: 0 done, 1 the content is wrong or refused, 2 a store or service does not answer, 3 the words are wrong.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from chalicelib.cli import (
    backtest_commands,
    local_commands,
    operator_commands,
    policy_commands,
    publish_commands,
    tokens,
    work_commands,
)
from chalicelib.errors import ServiceError, Unavailable
from chalicelib.services import Services, local_issuer, services_for
from chalicelib.settings import Settings

WRONG, NO_ANSWER, USAGE = 1, 2, 3


def main(words: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit code."""
    arguments = _parser().parse_args(words)
    try:
        return int(arguments.run(arguments))
    except ServiceError as error:
        print(error.detail, file=sys.stderr)
        for fault in error.faults:
            print(f"  {fault.as_text()}", file=sys.stderr)
        return NO_ANSWER if isinstance(error, Unavailable) else WRONG
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever reads has gone, as `head` does
        return 0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]  # it ends the process, as argparse's own does
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m chalicelib", description="THRIIVES decision support")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    serve = commands.add_parser("serve", help="run the service here, on the embedded store")
    local_commands.add_serve_arguments(serve)
    serve.set_defaults(run=local_commands.serve)
    token = commands.add_parser("token", help="print a bearer token of the local run")
    tokens.add_token_arguments(token)
    local_commands.add_data_argument(token)
    token.set_defaults(run=_token)
    policy = commands.add_parser("policy", help="for policy owners: init, check, test, generate, compare and others")
    _add_policy_commands(policy.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser))
    publish = commands.add_parser("publish", help="for policy owners and approvers: the steps at a running service")
    publish_commands.add_commands(publish.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser))
    days = commands.add_parser("days", help="the files of days that are over")
    close = backtest_commands.add_days(days.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser))
    close.set_defaults(run=lambda arguments: backtest_commands.close_days(_services(), arguments))
    work = commands.add_parser("work", help="the worklist")
    rebuild = work_commands.add_rebuild(work.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser))
    rebuild.set_defaults(run=lambda arguments: work_commands.rebuild(_services(), arguments))
    drain = commands.add_parser("drain", help="bring what was spilled back into the trail")
    drain.set_defaults(run=lambda _: operator_commands.drain(_services()))
    force = commands.add_parser("force", help="set up a force: make its key")
    force.add_argument("force", help="the force's id, for example hertfordshire")
    force.set_defaults(run=lambda arguments: operator_commands.set_up_force(_services(), arguments.force))
    document = commands.add_parser("openapi", help="write the API document")
    document.add_argument("file", nargs="?", type=Path, help="where to write it; printed when left out")
    local_commands.add_data_argument(document)
    document.set_defaults(run=local_commands.write_openapi)
    return parser


def _add_policy_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    policy_commands.add_commands(commands)
    backtest_commands.add_simulate(commands)


def _services() -> Services:
    return services_for(Settings.from_process())


def _token(arguments: argparse.Namespace) -> int:
    return tokens.print_token(local_issuer(local_commands.embedded_services(arguments.data)), arguments)
