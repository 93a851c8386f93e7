"""`token`: prints a bearer token of the local run's own issuer. It cannot make one that AWS would accept."""

from __future__ import annotations

import argparse
from datetime import timedelta

from pydantic import ValidationError

from chalicelib.auth.principal import Principal
from chalicelib.auth.roles import Role
from chalicelib.errors import Invalid
from chalicelib.model import faults_of
from chalicelib.workflows.local_issuer import LocalIssuer

LONGEST_HOURS = 24 * 31


def add_token_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `token` takes."""
    roles = [str(role) for role in Role]
    parser.add_argument("--role", action="append", required=True, choices=roles, help="a role; may be repeated")
    parser.add_argument(
        "--force", action="append", required=True, help="a force, for example hertfordshire; may be repeated"
    )
    parser.add_argument("--hours", type=_hours, default=12, help="how long the token is valid (default: 12)")
    parser.add_argument("--subject", default="local-user", help="the opaque id of who is asking (default: local-user)")
    parser.add_argument("--client", default="local-cad", help="the system the token is issued to (default: local-cad)")


def print_token(issuer: LocalIssuer, arguments: argparse.Namespace) -> int:
    """Print one token and nothing else. Raises Invalid when an id is malformed."""
    try:
        principal = Principal(
            subject=arguments.subject,
            client=arguments.client,
            forces=tuple(arguments.force),
            roles=frozenset(Role(role) for role in arguments.role),
        )
    except ValidationError as error:
        raise Invalid("The token cannot be made.", faults_of(error)) from None
    print(issuer.token(principal, lifetime=timedelta(hours=arguments.hours)))
    return 0


def _hours(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= LONGEST_HOURS):
        raise argparse.ArgumentTypeError(f"a whole number from 1 to {LONGEST_HOURS} is needed")
    return int(text)
