"""`work rebuild`: makes the rows of the worklist anew from the trail. It changes nothing that is recorded."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime, time, timedelta

from pydantic import TypeAdapter, ValidationError

from chalicelib.errors import Invalid
from chalicelib.model import Slug, faults_of, instant_text
from chalicelib.services import Services


def add_rebuild(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Declare `work rebuild`; its parser, for who knows the services to set what it runs."""
    rebuild = commands.add_parser(
        "rebuild", help="make the rows of incidents anew from the trail, and say how many were not as it tells it"
    )
    rebuild.add_argument("force", help="the force's id, for example hertfordshire")
    rebuild.add_argument("--from", dest="first", type=_day, required=True, metavar="DATE", help="the first day (UTC)")
    rebuild.add_argument("--to", dest="last", type=_day, required=True, metavar="DATE", help="the last day")
    return rebuild


def rebuild(services: Services, arguments: argparse.Namespace) -> int:
    """Make rows anew. Raises Invalid for what is no force or no period."""
    try:
        TypeAdapter(Slug).validate_python(arguments.force)
    except ValidationError as error:
        raise Invalid("That is no id of a force.", faults_of(error)) from None
    if arguments.last < arguments.first:
        raise Invalid("The last day is before the first.")
    since, until = _start(arguments.first), _start(arguments.last + timedelta(days=1))
    done = services.projector.rebuild(arguments.force, since, until)
    print(f"{arguments.force}: {done.incidents} incidents, {done.changed} rows were not as the trail tells it")
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a day such as 2026-11-23") from None


def _start(day: date) -> str:
    return instant_text(datetime.combine(day, time(), UTC))
