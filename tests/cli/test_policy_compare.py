"""`policy compare`: verdicts, calls in words, what changed, the text, and the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chalicelib.cli.main import main
from chalicelib.workflows.judge_policy import Lowerings
from tests.journeys.calls import Text
from tests.journeys.small_policy import a_version, mixed, stronger, weaker


class Compare:
    """Compares texts as the command would."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder, self._capsys = folder, capsys

    def __call__(self, old: Text, new: Text, *words: str) -> tuple[int, str, str]:
        """The exit code, and what was written to either output."""
        paths = []
        for name, text in (("old", old), ("new", new)):
            paths.append(self._folder / name / "policy.yaml")
            paths[-1].parent.mkdir(exist_ok=True)
            paths[-1].write_text(text.policy)
        code = main(["policy", "compare", *map(str, paths), *words])
        return code, *self._capsys.readouterr()


@pytest.fixture
def compare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Compare:
    return Compare(tmp_path, capsys)


FIRST = a_version("first")
DROPPED = FIRST.replaced("required: true", "required: false")
ROWS = [
    (FIRST, 0, "equal", "none", "the same document"),
    (a_version("second"), 0, "equal", "none", "another label"),
    (a_version("second", change="Only words"), 0, "equal", "patch", "other words"),
    (stronger("second"), 0, "only_raises", "minor", "a higher grade"),
    (weaker("second"), 1, "only_lowers", "major", "a lower grade"),
    (mixed("second"), 1, "mixed", "major", "both"),
    (DROPPED, 1, "equal", "major", "the same grades, but a question may be left open"),
]


@pytest.mark.parametrize(("new", "code", "grade", "weight", "remark"), ROWS, ids=[row[4] for row in ROWS])
def test_the_exit_code_says_whether_anything_is_lowered(
    compare: Compare, new: Text, code: int, grade: str, weight: str, remark: str
) -> None:
    ended, out, _ = compare(FIRST, new, "--json")
    told = json.loads(out)
    assert (ended, told["comparison"]["grade"], told["comparison"]["step"]) == (code, grade, weight), remark
    assert ("acknowledge" in told) is (code == 1)
    assert compare(FIRST, new)[0] == code


def test_people_are_told_a_call_in_words_and_then_the_text(compare: Compare) -> None:
    _, out, _ = compare(FIRST, mixed("second"))
    said, _, text = out.partition("--- hertfordshire-thriives first\n")
    lowered, _, raised = said.partition("Raised:\n")
    assert "recommended grade    mixed" in lowered
    assert "Somebody is being attacked" in lowered.partition("Lowered:\n")[2]
    assert "before, Immediate; now, Priority" in lowered
    assert "before, Priority; now, Immediate" in raised
    assert 'The rule "violence" is changed: grade. (minor)' in raised
    assert '-   "grade": "immediate",' in text
    assert '+   "grade": "priority",' in text


def test_a_dropped_obligation_is_marked_as_lowered(compare: Compare) -> None:
    _, out, _ = compare(FIRST, DROPPED)
    assert 'The question "dangers" is changed: required. (lowers)' in out


def test_the_list_has_the_digest_that_an_approver_acknowledges(compare: Compare) -> None:
    told = json.loads(compare(FIRST, weaker("second"), "--json")[1])
    listed = Lowerings.model_validate_json(json.dumps({"lowerings": told["lowerings"]}))
    assert listed.digest == told["acknowledge"]


@pytest.mark.parametrize("cut", [lambda text: text[:200], lambda text: text.replace("violence]", "violins]")])
def test_a_file_that_is_not_right_is_named_and_nothing_is_compared(compare: Compare, cut: Callable[[str], str]) -> None:
    code, out, err = compare(FIRST, Text(cut(FIRST.policy), ""))
    assert (code, out) == (1, "")
    assert "new/policy.yaml: " in err
