"""The code as syntax trees, for tests that judge its form."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PRODUCT = ("app.py", "chalicelib")
EVERYTHING = (*PRODUCT, "bench", "infra", "tests")
_NOT_CODE = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER,
}  # fmt: skip


class Module(NamedTuple):
    """A module's path from the root, its text and its tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        """All its lines."""
        return self.text.count("\n")

    def lines_of_code(self) -> int:
        """Its lines without blank ones, docstrings and remarks."""
        found: set[int] = set()
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type not in _NOT_CODE:
                found |= set(range(token.start[0], token.end[0] + 1))
        for node in ast.walk(self.tree):
            match node:
                case ast.Expr(value=ast.Constant(value=str())):
                    found -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        return len(found)


class Function(NamedTuple):
    """A function, where it is, and its lines with and without its docstring."""

    name: str
    node: ast.FunctionDef
    lines: int
    lines_of_code: int


@cache
def modules(*places: str) -> tuple[Module, ...]:
    """The modules of some files and folders."""
    paths = [path for place in places for path in sorted((ROOT / place).rglob("*.py")) or [ROOT / place]]
    return tuple(Module(str(path.relative_to(ROOT)), text := path.read_text(), ast.parse(text)) for path in paths)


def functions(*places: str) -> Iterator[Function]:
    """The functions of some files and folders, inner ones too."""
    for module in modules(*places):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                first = node.body[0]
                documented = ast.get_docstring(node, clean=False) is not None
                words = (first.end_lineno or first.lineno) - first.lineno + 1 if documented else 0
                yield Function(f"{module.path}: {node.name}", node, lines, lines - words)


def calls(tree: ast.AST) -> Iterator[str]:
    """The dotted names of everything that is called or read as an attribute."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield ast.unparse(node)
