"""A played call as a document of cases that a policy owner can keep: YAML in the form that `policy test` reads.

It confirms nothing: the grade in it is what the policy gave, and the document says that a person has to confirm it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from chalicelib.authoring.cases import Case
from chalicelib.canonical import Json
from chalicelib.model import Slug

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_MICROSECONDS = re.compile(r"(?<=\d\d:\d\d:\d\d)\.000000Z$")
_SPECIAL = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


def as_document(policy: Slug, version: str, case: Case) -> str:
    """One played call as a whole document of cases."""
    head = (
        "# A call that was played, with the grade that this policy gave it. That grade is no proof that it is right:",
        "# a person who knows has to confirm it, and to give the case an id, a title and a source of its own.",
        f"# Policy {policy}, version {version}.",
    )
    return document_of(policy, head, [case])


def document_of(policy: Slug, head: Iterable[str], cases: Iterable[Case]) -> str:
    """Some cases as a whole document, under remarks that are complete lines."""
    lines = [*head, "format: cases/1", f"policy: {_scalar(policy)}", "cases:"]
    for case in cases:
        lines += _lines(case.model_dump(mode="json", by_alias=True, exclude_defaults=True))
    return "\n".join(lines) + "\n"


def _lines(case: Mapping[str, Json]) -> Iterator[str]:
    mark = "  - "
    for name, member in case.items():
        if isinstance(member, list):
            yield f"{mark}{name}:"
            yield from (f"      - {_flow(one)}" for one in member)
        else:
            yield f"{mark}{name}: {_flow(member)}"
        mark = "    "


def _flow(value: Json) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}: {_flow(member)}' for name, member in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(_flow(member) for member in value)}]"
    return _scalar(value)


def _scalar(value: Json) -> str:
    """A plain value; a word stands without quotation marks where YAML would not take it for anything else."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.casefold() not in _SPECIAL:
        return value
    return json.dumps(_MICROSECONDS.sub("Z", value) if isinstance(value, str) else value, ensure_ascii=False)
