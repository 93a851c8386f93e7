"""The limits of size: of each module and function, and of most of them. Complexity and parameters are ruff's matter."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from statistics import median

import pytest

from tests.architecture.tree import EVERYTHING, PRODUCT, ROOT, functions, modules

SMALLEST = 5
"""Modules with fewer lines say nothing about the others."""


def of_ten_nine(sizes: Iterable[int]) -> int:
    """What nine of ten do not exceed."""
    ordered = sorted(sizes)
    return ordered[(len(ordered) * 9) // 10]


def test_no_module_has_more_than_400_lines() -> None:
    assert [(module.path, module.lines) for module in modules(*EVERYTHING) if module.lines > 400] == []


def test_no_function_has_more_than_50_lines() -> None:
    assert [(one.name, one.lines) for one in functions(*EVERYTHING) if one.lines > 50] == []


def test_most_modules_are_small() -> None:
    sizes = [module.lines_of_code() for module in modules(*PRODUCT) if module.lines >= SMALLEST]
    assert median(sizes) <= 90
    assert of_ten_nine(sizes) <= 220


def test_most_functions_are_small() -> None:
    sizes = [one.lines_of_code for one in functions(*PRODUCT)]
    assert median(sizes) <= 8
    assert of_ten_nine(sizes) <= 25


def test_the_entry_has_less_than_45_lines_and_only_wires() -> None:
    (app,) = modules("app.py")
    assert app.lines < 45
    decides = (ast.If, ast.For, ast.While, ast.Try, ast.With, ast.ClassDef, ast.Lambda, ast.Match, ast.IfExp)
    assert [type(node).__name__ for node in ast.walk(app.tree) if isinstance(node, decides)] == []
    assert all(node.decorator_list for node in app.tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("folder", sorted(path.name for path in (ROOT / "chalicelib").iterdir() if path.is_dir()))
def test_folders_are_one_deep(folder: str) -> None:
    inner = [path.name for path in (ROOT / "chalicelib" / folder).iterdir() if path.is_dir()]
    assert [name for name in inner if name != "__pycache__"] == []
