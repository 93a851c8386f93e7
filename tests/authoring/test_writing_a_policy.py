"""The owner's guide says what is so: its examples are checked, and its table of faults is that of the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.authoring.cases import check_cases, read_cases, run_cases
from chalicelib.authoring.documents import CheckedPolicy, checked
from chalicelib.errors import Invalid
from chalicelib.forms.wording import CODES

GUIDE = Path("docs/writing-a-policy.md").read_text(encoding="utf-8")
SOURCES = [
    *(path for name in ("policy", "authoring", "forms") for path in Path("chalicelib", name).glob("*.py")),
    *(Path("chalicelib", name) for name in ("reader.py", "yaml_values.py", "assessment/intake.py")),
]
"""What finds faults in documents."""


def blocks(kind: str) -> list[str]:
    """The examples of a kind, in their order."""
    return re.findall(rf"^```yaml {kind}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def policy_of_the_guide() -> CheckedPolicy:
    """All of its examples of a policy as one."""
    return checked("".join(blocks("policy")).encode())


def test_the_examples_are_one_policy_and_its_cases_pass() -> None:
    policy = policy_of_the_guide().compiled
    (written,) = blocks("cases")
    cases = read_cases(written.encode())
    assert check_cases(policy, cases) == []
    assert {result.id: result.differences for result in run_cases(policy, cases)} == {"R01": (), "R02": (), "R03": ()}


def test_the_overlay_fits_the_policy() -> None:
    base = policy_of_the_guide()
    (written,) = blocks("overlay")
    composed = checked(written.replace("DIGEST", base.compiled.digest).encode(), lambda name, digest: base.stored)
    grades = {rule.id: rule.grade for rule in composed.compiled.policy.rules}
    assert grades["again_and_again"] == "priority"


def test_the_fault_that_is_shown_is_the_one_that_is_told() -> None:
    text = "".join(blocks("policy")).replace("grade: immediate\n    findings", "grade: imediate\n    findings")
    (shown,) = re.findall(r"^```text\n(.*?)\n```$", GUIDE, re.MULTILINE | re.DOTALL)
    with pytest.raises(Invalid) as refused:
        checked(text.encode())
    assert [fault.as_text() for fault in refused.value.faults] == [shown]


def test_the_line_for_the_editor_leads_to_the_schema() -> None:
    (line,) = re.findall(r"\$schema=(\S+)", GUIDE)
    assert (Path("policies/any") / line).resolve() == Path("docs/schemas/policy-1.schema.json").resolve()
    assert (Path("policies/hertfordshire-thriives") / line).exists()


def codes_in(path: Path) -> Iterator[str]:
    """The codes of the faults that a module tells, as far as they are written out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ("Fault", "fault", "_fault", "_as") and node.args[0].value:
                yield str(node.args[0].value)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_TOLD_AS":
            yield from ast.literal_eval(node.value).values()


def test_the_table_of_faults_is_that_of_the_code() -> None:
    told = {code for path in SOURCES for code in codes_in(path)} | set(CODES.values())
    told |= {f"unknown_{kind}" for kind in ("fact", "check", "result")}
    listed = re.findall(r"^\| `(\w+)` \| ", GUIDE.partition("## 14.")[2], re.MULTILINE)
    assert sorted(listed) == sorted(told)


def test_no_code_is_a_validation_library_s_own() -> None:
    foreign = {"extra_forbidden", "string_type", "literal_error", "enum", "too_short", "value_error"}
    assert foreign.isdisjoint(re.findall(r"`(\w+)`", GUIDE))
    assert foreign.isdisjoint(CODES.values())
