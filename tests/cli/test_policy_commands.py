"""`policy check`, `test`, `generate` and `init`: what they print, write, refuse and end with."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from chalicelib.cli.main import main
from chalicelib.cli.terminal import Colour

BASE = """\
{format: policy/1, id: low, force: national, version: "1", title: Low, owner: Owner, change: First,
 basis: [{id: source, title: Source}], elements: [{id: threat, title: Threat}],
 grades: [{id: high, title: High, national: PRIORITY}, {id: least, title: Least, national: RESOLVE}],
 base_grade: high, earned_when: {fact: danger, is: no}, responses: [{id: attend, title: Attend, attends: true}],
 facts: [{id: danger, type: yes_no, question: Danger, purpose: [grade], worse: yes}],
 rules: [{id: danger, says: Danger, basis: [source], when: {fact: danger, is: yes}, grade: high}]}
"""
FAILING = "{id: bad, title: Bad, answers: [{fact: danger_now, value: yes}], expect: {grade: {is: RESOLVE}}}"
SKIPPED = "{id: later, title: Later, skip: Not yet, expect: {grade: {is: RESOLVE}}}"


class Commands:
    """Runs commands in a folder."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.policy = folder / "policies" / "northshire" / "policy.yaml"
        self.cases = self.policy.with_name("cases.yaml")

    def __call__(self, command: str, *words: object) -> tuple[int, str, str]:
        """The exit code, and what was written to either output."""
        try:
            code = main(["policy", command, *map(str, words)])
        except SystemExit as ended:
            code = int(str(ended.code))
        written = self._capsys.readouterr()
        return code, written.out, written.err

    def change(self, path: Path, before: str, after: str) -> None:
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after))

    def add(self, case: str) -> None:
        self.cases.write_text(f"{self.cases.read_text()}  - {case}\n")


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Commands:
    """Commands, and a policy that was just begun."""
    commands = Commands(tmp_path, capsys)
    assert commands("init", commands.policy.parent, "--id", "northshire", "--force", "north")[0] == 0
    return commands


def test_a_new_policy_is_green_at_once_and_wholly_covered(run: Commands) -> None:
    code, out, _ = run("check", run.policy)
    assert code == 0
    assert "  proved      danger_is_immediate: Whoever is in danger gets" in out
    assert out.endswith("0 findings: 0 errors, 0 warnings, 0 hints.\n")
    code, out, _ = run("test", run.policy, "--coverage", "--min", "100")
    assert code == 0
    assert "6 passed, 0 failed\nCoverage by 6 cases: 100 %\n" in out
    assert (run.policy.parent / "ci.sh").stat().st_mode & 0o111


def test_a_new_overlay_is_green_at_once(run: Commands) -> None:
    base = run.folder / "policies" / "low" / "policy.yaml"
    base.parent.mkdir()
    base.write_text(BASE)
    folder = base.parents[1] / "south"
    assert run("init", folder, "--force", "south", "--based-on", "../low")[0] == 0
    assert run("check", folder / "policy.yaml")[0] == 0
    assert run("test", folder / "policy.yaml")[0] == 0
    assert "format: overlay/1" in (folder / "policy.yaml").read_text()


def test_a_base_has_to_lie_in_the_folder_beside(run: Commands, tmp_path: Path) -> None:
    (tmp_path / "low").mkdir()
    (tmp_path / "low" / "policy.yaml").write_text(BASE)
    folder = run.folder / "policies" / "south"
    code, _, err = run("init", folder, "--force", "south", "--based-on", tmp_path / "low")
    assert (code, err) == (1, "A base lies beside what is based on it: copy it to policies/low.\n")
    code, _, err = run("init", folder, "--force", "south", "--based-on", "../nowhere")
    assert (code, err) == (1, "There is no policy.yaml in ../nowhere.\n")
    assert not folder.exists()


def test_nothing_is_begun_over_what_is_there(run: Commands) -> None:
    before = run.policy.read_text()
    run.change(run.policy, "First form", "Mine")
    code, _, err = run("init", run.policy.parent, "--force", "north")
    assert (code, err) == (1, f"{run.policy.parent} is there already. Name a new folder.\n")
    assert run.policy.read_text() != before


# words of `init` behind the folder's name, folder's name, exit code
WRONG = [
    (("--force", "north", "--id", "other"), "mine", 1),
    (("--force", "north"), "My folder", 1),
    (("--force", "North"), "mine", 3),
    ((), "mine", 3),
]


@pytest.mark.parametrize(("words", "folder", "expected"), WRONG)
def test_a_policy_is_begun_under_one_id_only(run: Commands, words: tuple[str, ...], folder: str, expected: int) -> None:
    assert run("init", run.folder / folder, *words)[0] == expected
    assert not (run.folder / folder).exists()


def test_a_refuted_guarantee_and_an_error_of_the_analysis_fail_the_check(run: Commands) -> None:
    before = "when: {fact: danger_now, is: yes}\n    grade: immediate"
    after = "when: {all: [{fact: danger_now, is: yes}, {fact: offender, is: here}]}\n    grade: immediate"
    run.change(run.policy, before, after)
    code, out, _ = run("check", run.policy)
    assert code == 1
    assert "  refuted     danger_is_immediate: " in out
    line = 1 + run.policy.read_text().split("\n").index("    at_least: immediate")
    assert f'  error       guarantee_refuted at {run.policy}:{line} ("danger_is_immediate", at_least)\n' in out
    told = json.loads(run("check", run.policy, "--json")[1])
    assert told["fits"] is True
    assert told["errors"] == 1
    assert told["guarantees"] == [{"id": "danger_is_immediate", "verdict": "refuted"}]
    assert told["findings"][0]["example"]
    assert (told["findings"][0]["file"], told["findings"][0]["line"]) == (str(run.policy), line)


def test_a_hint_is_told_and_fails_nothing(run: Commands) -> None:
    run.change(run.policy, "{fact: offender, is: gone}, ", "{fact: offender, at_most: nearby}, ")
    code, out, _ = run("check", run.policy)
    assert (code, "0 findings" in out) == (0, True)
    run.change(run.policy, "earned_when: {all: [", "earned_when: {all: [{fact: vulnerable, is: yes}, ")
    code, out, _ = run("check", run.policy)
    assert code == 0
    assert re.search(r"  warning     never_true at \S+/policy.yaml:\d+ \(earned_when", out)
    assert re.search(r"  hint        gap at \S+/policy.yaml:\d+ \(base_grade\)", out)


def test_a_finding_of_an_overlay_is_told_where_it_was_written_also_in_the_base(run: Commands) -> None:
    base = run.folder / "policies" / "low" / "policy.yaml"
    base.parent.mkdir()
    unused = "{id: %s, type: yes_no, question: Noise, purpose: [grade]}"
    base.write_text(BASE.replace(" facts: [", f" facts: [{unused % 'noise'},\n  "))
    folder = base.parents[1] / "south"
    assert run("init", folder, "--force", "south", "--based-on", "../low")[0] == 0
    own = folder / "policy.yaml"
    own.write_text(f"{own.read_text()}facts:\n  add:\n    - {unused % 'hush'}\n")
    _, out, _ = run("check", own)
    assert f'unused_fact at {own}:{len(own.read_text().splitlines())} ("hush")' in out
    assert f'unused_fact at {base}:5 ("noise")' in out


def test_a_document_that_does_not_fit_is_told_in_json_too(run: Commands) -> None:
    run.change(run.policy, "grade: priority", "grade: prioritty")
    code, out, err = run("check", run.policy)
    assert (code, out) == (1, "")
    assert 'did you mean "priority"?' in err
    code, out, _ = run("check", run.policy, "--json")
    (fault,) = json.loads(out)["faults"]
    assert (code, json.loads(out)["fits"], fault["code"], fault["pointer"]) == (
        1,
        False,
        "unknown_name",
        "/rules/1/grade",
    )
    assert fault["line"] > 1


def test_a_failed_case_fails_the_run_and_a_skipped_one_is_told(run: Commands) -> None:
    run.add(SKIPPED)
    code, out, _ = run("test", run.policy)
    assert code == 0
    assert out.endswith("skip later: Not yet\n6 passed, 0 failed, 1 skipped\n")
    run.add(FAILING)
    code, out, _ = run("test", run.policy)
    assert code == 1
    assert "FAIL bad\n       grade: expected RESOLVE, got IMMEDIATE (by rule danger)\n" in out
    assert out.endswith("6 passed, 1 failed, 1 skipped\n")
    told = json.loads(run("test", run.policy, "--json")[1])
    assert [told[name] for name in ("passed", "failed", "skipped", "unconfirmed")] == [6, 1, 1, 0]


def test_too_little_coverage_fails_the_run(run: Commands) -> None:
    run.change(run.policy, "rules:     ", "rules:\n  - {id: more, says: More, basis: [proposed], flags: [vulnerable], "
               "when: {all: [{fact: offender, is: here}, {fact: vulnerable, is: yes}]}}\n#")  # fmt: skip
    code, out, err = run("test", run.policy, "--min", "100")
    assert code == 1
    assert "Rules that hold in no case:\n  more\n" in out
    assert err.endswith("at least 100 % are asked for.\n")
    assert run("test", run.policy, "--min", "80")[0] == 0


@pytest.mark.parametrize("words", [("--min", "101"), ("--min", "-1"), ("--min", "x"), ("--colour",)])
def test_a_command_that_is_not_right_ends_with_3(run: Commands, words: tuple[str, ...]) -> None:
    assert run("test", run.policy, *words)[0] == 3


def test_junit_is_written_where_it_was_asked_for(run: Commands) -> None:
    run.add(FAILING)
    file = run.folder / "results.xml"
    assert run("test", run.policy, "--junit", file)[0] == 1
    assert '<failure type="difference"' in file.read_text()
    code, _, err = run("test", run.policy, "--junit", run.folder / "nowhere" / "results.xml")
    assert (code, "cannot be written" in err) == (1, True)


def test_generated_cases_pass_and_say_that_nobody_has_confirmed_them(run: Commands) -> None:
    file = run.folder / "new.yaml"
    code, out, err = run("generate", run.policy, "--to", file)
    assert (code, out, err) == (0, "", "8 cases were generated.\n")
    code, out, _ = run("test", run.policy, "--cases", file)
    assert code == 0
    assert out.endswith("8 passed, 0 failed\n8 were generated, and nobody has confirmed what they expect.\n")
    code, _, err = run("generate", run.policy, "--to", file)
    assert (code, err) == (1, f"{file} is there already. Name a new file.\n")


def test_generated_cases_are_printed_and_only_the_missing_ones_when_asked_for(run: Commands) -> None:
    assert run("generate", run.policy)[1] == run("generate", run.policy)[1]
    assert run("generate", run.policy, "--missing") == (0, "", "0 cases were generated.\n")
    run.cases.write_text(run.cases.read_text().partition("  - id: help\n")[0])
    code, out, err = run("generate", run.policy, "--missing")
    assert (code, err) == (0, "2 cases were generated.\n")
    assert "  - id: help_needed-decides\n" in out
    assert "danger-decides" not in out


def test_what_cannot_be_generated_is_told_and_fails_nothing(run: Commands) -> None:
    run.change(run.policy, "rules:     ", "rules:\n  - {id: never, says: Never, basis: [proposed], grade: priority, "
               "when: {all: [{fact: danger_now, is: yes}, {fact: danger_now, is: no}]}}\n#")  # fmt: skip
    code, out, err = run("generate", run.policy)
    assert code == 0
    assert "3 were not:\n" in err
    assert "  never: no call in which it holds.\n" in err
    assert "# - never: no call in which it holds.\n" in out


@pytest.mark.parametrize(
    ("terminal", "no_color", "coloured"), [(True, "", True), (True, "1", False), (False, "", False)]
)
def test_colours_are_for_terminals_and_for_who_wants_them(
    run: Commands, monkeypatch: pytest.MonkeyPatch, terminal: bool, no_color: str, coloured: bool
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    assert (f"{Colour.GOOD}ok  " in run("test", run.policy)[1]) is coloured
    assert (f"{Colour.GOOD}proved" in run("check", run.policy)[1]) is coloured


@pytest.mark.parametrize("command", ["init", "check", "test", "generate", "explain", "schema"])
def test_the_help_of_a_command_tells_its_exit_codes(run: Commands, command: str) -> None:
    code, out, _ = run(command, "--help")
    assert code == 0
    words = " ".join(out.split())
    assert (
        "0 fine; 1 something is wrong or failed; 2 a store or service does not answer; 3 the command is not right."
        in words
    )


def test_a_case_that_does_not_fit_is_told_with_its_line(run: Commands) -> None:
    run.add("{id: odd, title: Odd, answers: [{fact: dangr_now, value: yes}], expect: {grade: {is: IMMEDIATE}}}")
    code, _, err = run("test", run.policy)
    assert code == 1
    assert f"line {len(run.cases.read_text().splitlines())}, column " in err
    assert '"danger_now"?' in err


def test_cases_that_fail_are_told_last(run: Commands) -> None:
    run.cases.write_text(run.cases.read_text().replace("cases:\n", f"cases:\n  - {FAILING}\n", 1))
    _, out, _ = run("test", run.policy)
    assert [line[:4] for line in out.splitlines()][-3:] == ["FAIL", "    ", "6 pa"]
