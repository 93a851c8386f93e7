"""What is refused in review, as far as a syntax tree can tell."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.tree import EVERYTHING, PRODUCT, Module, calls, modules

KINDS = re.compile(r"Abstract|Base[A-Z]|I[A-Z][a-z]|.*(Impl|Manager|Helper)$")
OUTSIDE = re.compile(r"\b(datetime\.(now|utcnow)|date\.today|time\.time|uuid\.uuid\d|secrets\.\w+|random\.\w+)$")
UNFINISHED = re.compile(r"\b(TOD[O]|FIXM[E]|XX[X]|NotImplementedErro[r])\b")
BANNED = {"utils", "helpers", "common", "misc", "base", "manager", "core", "types"}
INNER = (
    "ports.py", "workflows/", "records/", "authoring/", "assessment/", "policy/", "auth/", "reader.py", "canonical.py",
    "yaml_values.py", "model.py", "errors.py",
)  # fmt: skip


def product() -> Iterator[Module]:
    yield from modules(*PRODUCT)


def test_no_module_has_a_name_for_everything() -> None:
    parts = {module.path: set(module.path.removesuffix(".py").split("/")) for module in modules(*EVERYTHING)}
    assert [path for path, named in parts.items() if named & BANNED] == []


def test_no_class_is_named_after_its_kind() -> None:
    named = [
        f"{module.path}: {node.name}"
        for module in product()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef) and KINDS.match(node.name)
    ]
    assert named == []


def test_every_module_says_what_it_is() -> None:
    silent = [module.path for module in product() if len(module.text) > 0 and not ast.get_docstring(module.tree)]
    assert silent == []


def test_every_module_that_does_something_says_what_it_is_not() -> None:
    """At least two sentences: what it is, and where its matter ends."""
    short = []
    for module in product():
        words = " ".join((ast.get_docstring(module.tree) or "").split())
        if module.lines > 20 and len(re.findall(r"[.:;](?: |$)", words)) < 2:
            short.append(module.path)
    assert short == []


def passes_on(handler: ast.ExceptHandler) -> bool:
    """Whether a handler only tidies up and raises again what it was given."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_an_unknown_exception_is_caught_in_one_place() -> None:
    caught = [
        module.path
        for module in product()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
        and not passes_on(node)
    ]
    assert caught == ["chalicelib/api/endpoint.py"]


def test_only_settings_read_the_environment() -> None:
    readers = [module.path for module in product() if {"os.environ", "os.getenv"} & set(calls(module.tree))]
    assert readers == ["chalicelib/settings.py"]


def test_only_services_read_the_clock_and_chance_for_the_features() -> None:
    readers = {
        f"{module.path}: {name}"
        for module in product()
        for name in calls(module.tree)
        if module.path.removeprefix("chalicelib/").startswith(INNER) and OUTSIDE.search(name)
    }
    assert readers == set()


def test_what_is_recorded_has_no_floats() -> None:
    floats = [
        f"{module.path}: {node.value}"
        for module in product()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, float)
        and module.path.startswith(("chalicelib/records/", "chalicelib/canonical.py"))
    ]
    assert floats == []


@pytest.mark.parametrize("module", modules(*EVERYTHING), ids=lambda module: module.path)
def test_what_the_type_checker_is_told_to_overlook_has_a_code_and_a_reason(module: Module) -> None:
    told = [line for line in module.text.split("\n") if re.search(r"#\s*type:\s*ignor[e]", line)]
    assert [line for line in told if not re.search(r"# type: ignor[e]\[[a-z-]+\]  # \w", line)] == []


def test_nothing_is_left_to_be_done() -> None:
    assert [module.path for module in modules(*EVERYTHING) if UNFINISHED.search(module.text)] == []


def test_tests_are_named_as_sentences() -> None:
    short = [
        f"{module.path}: {node.name}"
        for module in modules("tests")
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and node.name.count("_") < 3
    ]
    assert short == []
