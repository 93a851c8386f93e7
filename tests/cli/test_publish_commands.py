"""`publish`: the life of a version by commands alone, from draft to in force and back, and what a refusal says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.cli import service_client
from chalicelib.cli.main import main
from chalicelib.model import instant_text
from tests.journeys.calls import FORCE, POLICY_ID, Text
from tests.journeys.rooms import MovableClock, Stage
from tests.journeys.small_policy import a_version, applied, small_room, stronger, weaker

SKIPPED = "  - {id: later, title: Later, skip: Not decided, expect: {grade: {is: RESOLVE}}}\n"
OWNER, APPROVER = ("policy_owner", "po-1"), ("policy_approver", "pa-1")


class Desk:
    """Two people at a terminal."""

    def __init__(self, stage: Stage, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.stage, self._folder, self._capsys = stage, folder, capsys

    def __call__(self, who: tuple[str, str], command: str, *words: str) -> tuple[int, str, str]:
        """The exit code, and what was written to either output."""
        token = self._folder / who[1]
        token.write_text(self.stage.room.token((who[0],), who[1], FORCE) + "\n")
        about = ("--service", self.stage.room.url, "--token", str(token))
        code = main(["publish", command, *words, *about])
        written = self._capsys.readouterr()
        return code, written.out, written.err

    def draft(self, text: Text) -> None:
        """Store a version as a draft."""
        folder = self._folder / POLICY_ID
        folder.mkdir(exist_ok=True)
        (folder / "policy.yaml").write_text(text.policy)
        (folder / "cases.yaml").write_text(text.cases)
        code, out, _ = self(OWNER, "draft", str(folder / "policy.yaml"))
        assert (code, "is a draft, manifest " in out) == (0, True)

    def of(self, who: tuple[str, str], command: str, version: str, *words: str) -> tuple[int, str, str]:
        """A command about a version."""
        return self(who, command, POLICY_ID, version, *words)

    def soon(self) -> str:
        """A time at which a version can begin."""
        return instant_text(self.stage.clock() + timedelta(minutes=2))


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    with small_room(tmp_path / "store", MovableClock()) as stage:
        capsys.readouterr()
        yield Desk(stage, tmp_path, capsys)


def test_a_weaker_version_goes_in_force_only_with_its_list_accepted_and_comes_back_out(desk: Desk) -> None:
    desk.draft(weaker("second")._replace(cases=a_version("second").cases + SKIPPED))
    code, out, _ = desk.of(OWNER, "submit", "second")
    assert code == 0
    assert "1 cases came out as expected" in out
    assert "not run: later: Not decided" in out
    assert "It lowers something" in out
    code, out, _ = desk.of(APPROVER, "compare", "second")
    assert (code, "In the place of first, second lowers:" in out) == (0, True)
    code, out, err = desk.of(APPROVER, "approve", "second")
    assert (code, out) == (1, "")
    assert "before, Priority; now, Scheduled" in err
    digest = re.findall(r"--acknowledge ([0-9a-f]{64})", err)[0]
    assert desk.of(APPROVER, "approve", "second", "--acknowledge", digest)[:2] == (
        0,
        f"{POLICY_ID} second is approved.\n",
    )
    assert desk.of(APPROVER, "activate", "second", "--from", desk.soon(), "--note", "Decided on Monday")[0] == 0
    desk.stage.clock.move(minutes=2)
    assert applied(desk.stage) == "second"
    assert desk.of(APPROVER, "activate", "first", "--emergency")[0] == 0
    assert applied(desk.stage) == "first"
    code, out, _ = desk(OWNER, "versions", POLICY_ID)
    assert re.search(r"second +superseded", out)
    assert "activated by pa-1: Decided on Monday" in out


def test_one_person_puts_what_only_raises_in_force_at_night_and_is_told_of_the_approval(desk: Desk) -> None:
    desk.draft(stronger("second"))
    assert desk.of(OWNER, "submit", "second")[0] == 0
    code, out, _ = desk.of(OWNER, "activate", "second", "--night")
    assert (code, "Somebody who is no author has to approve it by 2026-11-24T" in out) == (0, True)
    assert "approval is due by" in desk(OWNER, "versions", POLICY_ID)[1]


def test_what_lowers_is_listed_and_not_offered_at_night(desk: Desk) -> None:
    desk.draft(weaker("second"))
    desk.of(OWNER, "submit", "second")
    code, _, err = desk.of(OWNER, "activate", "second", "--night")
    assert (code, "second lowers:" in err, "--acknowledge" in err) == (1, True, False)


def test_a_schedule_a_version_and_a_submission_are_taken_back(desk: Desk) -> None:
    for label in ("second", "third"):
        desk.draft(stronger(label))
        desk.of(OWNER, "submit", label)
    desk.of(APPROVER, "approve", "second")
    desk.of(APPROVER, "activate", "second", "--from", desk.soon())
    assert "is not put in force" in desk.of(APPROVER, "withdraw", "second", "--reason", "Not trained")[1]
    assert "is withdrawn, for good" in desk.of(APPROVER, "withdraw", "second")[1]
    assert "is declined, for good" in desk.of(APPROVER, "decline", "third", "--reason", "Not asked for")[1]
    assert "declined by pa-1: Not asked for" in desk(OWNER, "versions", POLICY_ID)[1]


def test_a_refusal_is_told_in_words_with_each_fault(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.draft(stronger("second"))
    desk.of(OWNER, "submit", "second")
    assert desk.of(OWNER, "approve", "second")[0] == 1
    code, _, err = desk.of(APPROVER, "activate", "second", "--from", "2020-01-01T00:00:00Z")
    assert (code, "submitted" in err) == (1, True)
    third = a_version("third")
    desk.draft(third._replace(cases=third.cases.replace("reasons: [violence]", "reasons: [threats]")))
    code, _, err = desk.of(OWNER, "submit", "third")
    assert (code, "cases:attack: reason: expected threats" in err) == (1, True)


def test_a_version_is_held_against_recorded_decisions(desk: Desk) -> None:
    applied(desk.stage)
    desk.stage.clock.move(days=2)
    desk.draft(weaker("second"))
    day = "2026-11-23"
    code, out, _ = desk.of(OWNER, "simulate", "second", "--from", day, "--to", day)
    assert (code, f"{POLICY_ID} second against 1 recorded decisions of 1 days" in out) == (0, True)
    code, _, err = desk.of(OWNER, "simulate", "second", "--from", day, "--to", "2026-12-31")
    assert (code, "/to: the day is not over" in err) == (1, True)
    code, _, err = desk.of(OWNER, "simulate", "second", "--from", day)
    assert (code, "Give both --from and --to" in err) == (1, True)
    code, _, err = desk.of(OWNER, "simulate", "second")
    assert (code, "give --from and --to" in err) == (1, True)
    assert "see `publish simulate`" in desk.of(OWNER, "submit", "second")[1]
    code, out, _ = desk.of(OWNER, "simulate", "second")
    assert (code, f"{POLICY_ID} second against 1 recorded decisions" in out) == (0, True)


@pytest.mark.parametrize("address", ["http://thriives.example", "ftp://127.0.0.1", "file:///etc"])
def test_a_token_goes_nowhere_in_the_open(address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    token = tmp_path / "token"
    token.write_text("a.b.c")
    assert main(["publish", "versions", "x", "--service", address, "--token", str(token)]) == 1
    assert "no address that a token may be sent to" in capsys.readouterr().err


def test_a_service_that_does_not_answer_is_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_client, "PAUSE", 0)
    token = tmp_path / "token"
    token.write_text("a.b.c")
    assert main(["publish", "versions", "x", "--service", "http://127.0.0.1:9", "--token", str(token)]) == 2
    assert "does not answer" in capsys.readouterr().err
