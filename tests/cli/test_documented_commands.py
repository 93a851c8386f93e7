"""Every command line in a document is one that the command line takes. What the commands do is tested elsewhere."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from chalicelib.cli.main import _parser

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "policies" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMAND = re.compile(
    r"^ *(?:(?:\.venv/bin/)?python -m chalicelib|(?=(?:policy|publish) [a-z]+ .*(?:\$POLICY|policies/)))(.*)$"
)


def commands(page: Path) -> list[str]:
    """The command lines of a page, without what only a reader needs."""
    text = page.read_text().replace("\\\n", " ")
    lines = [found[1].strip() for line in text.split("\n") if (found := COMMAND.match(line))]
    return [line.replace("[", "").replace("]", "") for line in lines]


ALL = [(page.name, line) for page in PAGES for line in commands(page)]


def test_the_pages_show_each_way_of_the_owner() -> None:
    shown = {" ".join(shlex.split(line, comments=True)[:2]) for _, line in ALL}
    steps = ("draft", "submit", "compare", "simulate", "approve", "activate", "withdraw", "decline", "versions")
    offline = ("init", "check", "test", "generate", "compare", "simulate", "explain", "ask", "schema")
    assert shown >= {*(f"publish {step}" for step in steps), *(f"policy {one}" for one in offline)}


@pytest.mark.parametrize(("page", "line"), ALL)
def test_a_command_of_a_page_is_taken(page: str, line: str) -> None:
    words = shlex.split(line.partition(" > ")[0], comments=True)
    if words[0] == "publish" and "--service" not in words:
        words += ["--service", "http://127.0.0.1:8000"]  # as the page's function does
    assert _parser().parse_args(words).run, page
