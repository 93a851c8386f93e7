"""Commands of the operator: setting up a force, draining the spill. They work on whatever the settings name."""

from __future__ import annotations

import sys

from pydantic import TypeAdapter, ValidationError

from chalicelib.errors import Invalid
from chalicelib.model import Slug, faults_of
from chalicelib.services import Services


def set_up_force(services: Services, force: str) -> int:
    """Make a force's key, once. Raises Invalid for what is no force id."""
    try:
        TypeAdapter(Slug).validate_python(force)
    except ValidationError as error:
        raise Invalid("That is no id of a force.", faults_of(error)) from None
    made = services.keys.create(force)
    print(f"{force}: {'its key was made' if made else 'it has a key already; nothing was changed'}")
    return 0


def drain(services: Services) -> int:
    """Bring every spilled entry back; exit code 1 when something needs a person."""
    done = services.drain()
    print(f"{done.brought_back} brought back, {done.conflicts} in conflict, {done.unreadable} unreadable")
    if done.conflicts or done.unreadable:
        print("Conflicts stand in the trail as events; what is unreadable was left in the spill.", file=sys.stderr)
        return 1
    return 0
