"""Documents agree with the code, and no file says anything about the machine or the people it was made by."""

from __future__ import annotations

import json
import re

import pytest

from chalicelib.auth.roles import Role
from chalicelib.settings import Settings
from tests.architecture.tree import ROOT

SKIPPED = {
    ".git", ".venv", ".venv-package", ".data", ".cache", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis",
    ".import_linter_cache", "__pycache__", "dist", "build", "node_modules",
}  # fmt: skip


def texts() -> dict[str, str]:
    """Every file of the project that is text."""
    found: dict[str, str] = {}
    for path in sorted(ROOT.rglob("*")):
        inner = path.relative_to(ROOT)
        if path.is_file() and SKIPPED.isdisjoint(inner.parts):
            try:
                found[str(inner)] = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
    return found


TEXTS = texts()


def test_the_table_of_settings_is_that_of_the_code() -> None:
    rows = [f"| `{row.variable}` | {row.needed} | {row.meaning} | `{row.example}` |" for row in Settings.describe()]
    head = ["| variable | needed | meaning | example |", "| --- | --- | --- | --- |"]
    table = [line for line in TEXTS["docs/settings.md"].split("\n") if line.startswith("|")]
    assert table == head + rows


def test_every_decision_record_is_numbered_once() -> None:
    numbers = [path.name[:4] for path in sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def test_every_decision_record_names_what_was_rejected() -> None:
    for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md"):
        assert re.search("reject|instead", path.read_text(), re.IGNORECASE), path.name


LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("name", [name for name in TEXTS if name.endswith(".md")])
def test_links_between_documents_lead_somewhere(name: str) -> None:
    folder = (ROOT / name).parent
    assert [link for link in LINK.findall(TEXTS[name]) if not (folder / link).exists()] == []


def test_the_api_document_knows_every_role_that_it_names() -> None:
    document = json.loads(TEXTS["docs/openapi.json"])
    named = {
        role for methods in document["paths"].values() for one in methods.values() for role in one.get("x-roles", ())
    }
    assert named <= {role.value for role in Role}


MACHINE = re.compile(r"/wor[k]/|/roo[t]/|/hom[e]/\w|/User[s]/|pythonhoste[d]|index-ur[l]|pyp[i]\.\w")
"""Folders of machines and hosts of package indexes; the brackets keep this line from finding itself."""


@pytest.mark.parametrize("name", TEXTS)
def test_no_file_names_a_machine_or_a_package_index(name: str) -> None:
    assert MACHINE.findall(TEXTS[name]) == []


NUMBER = re.compile(r"(?<![\w.+-])(?:\+44|0044|0)[ ()\d.-]{9,16}\d(?![\w.])")
DRAMA = re.compile(r"(?:44|0)(?:7700900\d{3}|1632960\d{3})")


@pytest.mark.parametrize("name", [name for name in TEXTS if not name.endswith(".lock")])
def test_telephone_numbers_are_those_kept_free_for_drama(name: str) -> None:
    for text in NUMBER.findall(TEXTS[name]):
        digits = re.sub(r"\D", "", text.replace("(0)", ""))
        looks_real = re.fullmatch(r"(?:0044|44|0)[127]\d{8,9}", digits) is not None
        assert not looks_real or DRAMA.fullmatch(digits.removeprefix("00")), text
