"""`policy init`: a new policy in a folder of its own, whole and green at once. It writes nothing over anything."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from pathlib import Path

from chalicelib.assessment.evaluate import evaluate
from chalicelib.authoring.cases import BEGINS, Case, Expectation, ExpectedGrade, call_of
from chalicelib.authoring.documents import checked
from chalicelib.cli.policy_files import CASES, POLICY, compiled_file, local_base
from chalicelib.cli.starting_files import (
    CASES_TEXT,
    CI_TEXT,
    OVERLAY_CASES_TEXT,
    OVERLAY_TEXT,
    POLICY_TEXT,
    README_TEXT,
)
from chalicelib.cli.terminal import EXIT_CODES, write_file
from chalicelib.errors import Invalid
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import National

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_EXECUTABLE = 0o755
_LEAST_OF_A_WHOLE, _LEAST_OF_AN_OVERLAY = "90", "0"
"""How much the cases have to cover: an overlay begins without those of its base."""


def add_init(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare `policy init`."""
    begin = commands.add_parser(
        "init",
        help="begin a new policy in a new folder",
        description="Write a small policy with cases, a README and a script for a build server into a new folder.",
        epilog=EXIT_CODES,
    )
    begin.add_argument("folder", type=Path, help="a new folder, named as the policy's id, such as policies/northshire")
    begin.add_argument("--id", type=_slug, help="the policy's id; the folder's name, if left out")
    begin.add_argument("--force", type=_slug, required=True, help="the force's id, such as hertfordshire")
    begin.add_argument(
        "--based-on", type=Path, metavar="FOLDER", help="the base in the folder beside, such as ../national-baseline"
    )
    begin.set_defaults(run=_init)


def _init(arguments: argparse.Namespace) -> int:
    folder: Path = arguments.folder
    name = folder.resolve().name
    policy_id = arguments.id or name
    if not _SLUG.fullmatch(policy_id) or policy_id != name:
        raise Invalid(f'The folder is named as the policy\'s id: "{name}" and "{policy_id}" are not one id.')
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Invalid(f"{folder} is there already. Name a new folder.")
    names = {"id": policy_id, "force": arguments.force}
    texts = _whole(names) if arguments.based_on is None else _overlay(names, folder, arguments.based_on)
    checked(texts[POLICY].encode(), local_base(folder / POLICY))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Invalid(f"{folder} cannot be made: {error.strerror}.") from None
    for file, text in texts.items():
        write_file(folder / file, text.encode(), new=True)
        print(folder / file)
    (folder / "ci.sh").chmod(_EXECUTABLE)
    print(f"Next: python -m chalicelib policy check {folder / POLICY}")
    return 0


def _whole(names: Mapping[str, str]) -> dict[str, str]:
    names = {**names, "least": _LEAST_OF_A_WHOLE}
    return _filled({POLICY: POLICY_TEXT, CASES: CASES_TEXT, "README.md": README_TEXT, "ci.sh": CI_TEXT}, names)


def _overlay(names: Mapping[str, str], folder: Path, given: Path) -> dict[str, str]:
    """The files of an overlay. Raises Invalid for a base that is not in the folder beside."""
    beside = folder.resolve().parent
    # From here, or from the new folder: both are natural to write.
    places = (given.resolve(), (folder.resolve() / given).resolve())
    found = next((one for one in places if (one / POLICY).is_file()), None)
    if found is None:
        raise Invalid(f"There is no {POLICY} in {given}.")
    base = compiled_file(found / POLICY).compiled
    if found != beside / base.policy.id:
        raise Invalid(f"A base lies beside what is based on it: copy it to {beside.name}/{base.policy.id}.")
    names = {
        **names,
        "base": base.policy.id,
        "digest": base.digest,
        "grade": _of_an_empty_call(base),
        "least": _LEAST_OF_AN_OVERLAY,
    }
    texts = {POLICY: OVERLAY_TEXT, CASES: OVERLAY_CASES_TEXT, "README.md": README_TEXT, "ci.sh": CI_TEXT}
    return _filled(texts, names)


def _of_an_empty_call(policy: CompiledPolicy) -> National:
    """The grade of a call of which nothing is known."""
    anything = Expectation(grade=ExpectedGrade(at_least=National.RESOLVE))
    case = Case(id="empty", title="Empty", expect=anything)
    return evaluate(policy, call_of(policy, case), BEGINS).national.recommended


def _filled(texts: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    """The texts with names put in."""
    return {file: re.sub(r"\{\{(\w+)\}\}", lambda name: names[name[1]], text) for file, text in texts.items()}


def _slug(text: str) -> str:
    if not _SLUG.fullmatch(text):
        raise argparse.ArgumentTypeError("an id of small letters, digits and -, such as northshire")
    return text
