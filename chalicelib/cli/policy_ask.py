"""`policy ask`: plays a call in the terminal, question by question, as a call handler would. It records nothing.

Lines come from the keyboard, from a script or through a pipe; at their end the summary is shown.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from chalicelib.assessment.contact import Channel
from chalicelib.cli.ask_commands import take
from chalicelib.cli.ask_screen import grade_line
from chalicelib.cli.ask_session import Session
from chalicelib.cli.policy_files import compiled_file, read_file
from chalicelib.errors import Invalid
from chalicelib.model import instant_of
from chalicelib.playing.play import Play, begin
from chalicelib.playing.played_case import as_document
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.services import utc_now

PROMPT = "> "
REMARK = "#"
"""What begins a line that is only a remark."""
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


def add_ask(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare `policy ask`."""
    ask = commands.add_parser("ask", help="play a call in the terminal, question by question")
    ask.add_argument("policy", type=Path, help="policy.yaml")
    ask.add_argument(
        "--channel",
        choices=[channel.value for channel in Channel],
        default=Channel.EMERGENCY.value,
        help="how the contact came in (default: 999)",
    )
    ask.add_argument("--at", type=_instant, help="when it came in, such as 2026-11-23T02:10:00Z (default: now)")
    ask.add_argument("--script", type=Path, help="a file with what is typed, a line for each answer or command")
    ask.add_argument("--all", action="store_true", help="go on asking after the handler may stop")
    ask.add_argument("--save", type=Path, help="write the call as a case, with the grade reached, into a new file")
    ask.set_defaults(run=ask_questions)


def ask_questions(arguments: argparse.Namespace) -> int:
    """Play one call. Returns 1 when lines that nobody saw being typed were not understood, so that no script goes wrong
    unnoticed. Raises Invalid for a policy or script that cannot be read and a file that is there already.
    """
    policy = compiled_file(arguments.policy).compiled
    if arguments.save is not None and (arguments.save.exists() or not arguments.save.parent.is_dir()):
        raise Invalid(f"{arguments.save} is there already, or its folder is not. Name a new file.")
    script = None if arguments.script is None else _script(arguments.script)
    play = begin(policy, Channel(arguments.channel), arguments.at or utc_now().replace(microsecond=0))
    session = Session(play, _show, _strong, going_on=arguments.all)
    _show(_opening(policy, play))
    try:
        for line in _lines(session, script):
            take(session, line)
    except KeyboardInterrupt:
        _show([""])
    session.summary()
    if arguments.save is not None:
        _save(session.play, arguments.save)
    if session.wrong == 0 or (script is None and sys.stdin.isatty()):
        return 0
    _show([f"{session.wrong} line{' was' if session.wrong == 1 else 's were'} not understood and changed nothing."])
    return 1


def _opening(policy: CompiledPolicy, play: Play) -> Iterator[str]:
    document = policy.policy
    yield f"{document.title}: {document.id}, version {document.version}. A call on {play.case.contact.channel} begins."
    yield "Nothing is recorded. Type answers as you go, help for what else can be typed, stop for the summary."
    yield f"  {grade_line(policy, play.result)}"


def _lines(session: Session, script: Iterable[str] | None) -> Iterator[str]:
    """What is typed, each time after the question was put; what nobody sees being typed is shown."""
    typed = _keyboard() if script is None and sys.stdin.isatty() else _shown(sys.stdin if script is None else script)
    session.prompt()
    for line in typed:
        if not line.lstrip().startswith(REMARK):
            yield line
            if session.ended:
                return
            session.prompt()


def _keyboard() -> Iterator[str]:
    """Lines from the keyboard, until they end."""
    while True:
        try:
            yield input(PROMPT)
        except EOFError:
            _show([""])
            return


def _shown(lines: Iterable[str]) -> Iterator[str]:
    """Lines that nobody sees being typed, without what a terminal would act on."""
    if isinstance(lines, io.TextIOWrapper):
        lines.reconfigure(errors="replace")
    for line in lines:
        plain = "".join(letter for letter in line if letter.isprintable())
        _show([plain if plain.lstrip().startswith(REMARK) else f"{PROMPT}{plain}"])
        yield plain


def _script(path: Path) -> list[str]:
    try:
        return read_file(path).decode("utf-8").splitlines()
    except UnicodeDecodeError:
        raise Invalid(f"{path} is not UTF-8 text.") from None


def _save(play: Play, path: Path) -> None:
    text = as_document(play.policy.policy.id, play.policy.policy.version, play.finished())
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        _show(["", text])
        raise Invalid(f"{path} cannot be written: {error.strerror}. The case is shown above.") from None
    _show(["", f"Saved as {path}. A person has to confirm the grade in it before it is a test."])


def _show(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def _strong(text: str) -> str:
    return f"{_BOLD}{text}{_PLAIN}" if sys.stdout.isatty() else text


def _instant(text: str) -> datetime:
    try:
        instant = instant_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if not 2000 <= instant.year < 2200:
        raise argparse.ArgumentTypeError("a time between the years 2000 and 2199 is needed")
    return instant
