"""Commands of a policy owner, on files alone. They publish nothing; each longer one has a module of its own."""

from __future__ import annotations

import argparse
from pathlib import Path

from chalicelib.authoring.schemas import FORMATS, schema_text
from chalicelib.cli.policy_ask import add_ask
from chalicelib.cli.policy_cases import add_generate, add_test
from chalicelib.cli.policy_check import add_check
from chalicelib.cli.policy_compare import add_compare
from chalicelib.cli.policy_files import compiled_file
from chalicelib.cli.policy_init import add_init
from chalicelib.cli.terminal import EXIT_CODES
from chalicelib.editions.blocks import as_html, as_markdown
from chalicelib.editions.edition import edition_of
from chalicelib.editions.public import public_edition_of


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands."""
    add_init(commands)
    add_check(commands)
    add_test(commands)
    add_generate(commands)
    add_compare(commands)
    explain = commands.add_parser(
        "explain", help="print a policy in plain English: short, for the public, or in full", epilog=EXIT_CODES
    )
    explain.add_argument("policy", type=Path, help="policy.yaml")
    explain.add_argument("--html", action="store_true", help="one self-contained page instead of Markdown")
    explain.add_argument(
        "--full", action="store_true", help="for the owner and auditors: every effect, source, question, duty and time"
    )
    explain.set_defaults(run=_explain)
    schema = commands.add_parser("schema", help="print the JSON Schema of a document, for editors", epilog=EXIT_CODES)
    schema.add_argument("document", nargs="?", choices=_DOCUMENTS, default="policy", help="policy, if left out")
    schema.set_defaults(run=_schema)
    add_ask(commands)


_DOCUMENTS = {name.partition("/")[0]: name for name in FORMATS}


def _explain(arguments: argparse.Namespace) -> int:
    edition = (edition_of if arguments.full else public_edition_of)(compiled_file(arguments.policy).compiled.policy)
    print(as_html(edition) if arguments.html else as_markdown(edition), end="")
    return 0


def _schema(arguments: argparse.Namespace) -> int:
    print(schema_text(_DOCUMENTS[arguments.document]), end="")
    return 0
