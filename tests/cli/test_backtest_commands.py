"""`policy simulate` and `days close`, from their words to their exit codes and what they print."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from chalicelib.assessment.call import Call
from chalicelib.assessment.evaluate import evaluate
from chalicelib.authoring.documents import checked
from chalicelib.canonical import Json
from chalicelib.cli.main import main
from chalicelib.cli.shipped_policies import put_in_force
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.records.day_file import day_file
from chalicelib.records.entry import Entry
from chalicelib.records.envelope import Actor, Envelope, Mark
from chalicelib.records.kinds import Kind
from chalicelib.records.record import DecisionRecord, decision_entry
from chalicelib.records.shown import shown_of
from tests.journeys.calls import SHIPPED
from tests.journeys.rooms import MovableClock, embedded
from tests.strategies import BEGINS, Doc, claim, document, fact, rule
from tests.strategies import a_call as told

FACTS = [fact("hurt", "yes_no", worse="yes"), fact("near", "yes_no")]
HURT = rule("hurt", {"fact": "hurt", "is": "yes"}, grade="high")
NEAR = rule("near", {"fact": "near", "is": "yes"}, grade="low")


def doc(*rules: Doc, **parts: Json) -> Doc:
    return document(list(FACTS), list(rules), earned_when={"fact": "hurt", "is": "no"}, **parts)


OLD = doc(HURT, NEAR)


def an_entry(policy: CompiledPolicy, call: Call, number: int) -> Entry:
    """A call as it was decided and recorded under a policy."""
    at = BEGINS + timedelta(minutes=number)
    envelope = Envelope(
        kind=Kind.DECISION,
        id=f"d_{number}",
        force="test",
        contact=f"C-{number}",
        actor=Actor(pseudonym="ch-1", role="call_handler"),
        at=at,
        recorded_at=at,
    )
    used = call.policy.model_copy(update={"digest": policy.digest})
    call = call.model_copy(update={"policy": used})
    result = evaluate(policy, call, at)
    record = DecisionRecord(envelope=envelope, call=call, result=result, shown=shown_of(policy, envelope, call, result))
    return decision_entry(record, Mark(b"0" * 32, "1.a.b"))


class Folder(NamedTuple):
    """A policy owner's repository, and a day of decisions."""

    path: Path
    capsys: pytest.CaptureFixture[str]

    def simulate(self, draft: Doc, *words: str, records: Path | None = None) -> tuple[int, str, str]:
        """Hold a draft against the day: exit code, what is printed, and the complaints."""
        (self.path / "new" / "policy.yaml").write_text(json.dumps(draft))
        day = str(records or self.path / "day.jsonl.gz")
        code = main(["policy", "simulate", str(self.path / "new" / "policy.yaml"), "--records", day, *words])
        shown = self.capsys.readouterr()
        return code, shown.out, shown.err


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Folder:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    (tmp_path / "old" / "policy.yaml").write_text(json.dumps(OLD))
    policy = checked(json.dumps(OLD).encode()).compiled
    said = [claim("hurt", value=True), claim("hurt", value=False), claim("near", value=True)]
    entries = [an_entry(policy, told(one), number) for number, one in enumerate(said)]
    (tmp_path / "day.jsonl.gz").write_bytes(day_file("test", BEGINS.date().isoformat(), entries))
    return Folder(tmp_path, capsys)


def test_nothing_weaker_is_exit_code_0_and_the_policy_beside_is_found_by_itself(folder: Folder) -> None:
    code, shown, _ = folder.simulate(doc({**HURT, "grade": "top"}, NEAR))
    assert code == 0
    assert "small 1 against 3 recorded decisions of 1 days" in shown
    assert "PRIORITY to IMMEDIATE" in shown
    assert "not there" not in shown


def test_something_weaker_is_exit_code_1_and_is_listed_with_its_reasons(folder: Folder) -> None:
    code, shown, _ = folder.simulate(doc(NEAR))
    assert code == 1
    assert "PRIORITY to SCHEDULED" in shown
    assert "d_0" in shown.partition("weaker, or perhaps: 1")[2]
    assert "no longer hurt" in shown


def test_what_might_be_weaker_is_exit_code_1_too(folder: Folder) -> None:
    seen: Doc = {**HURT, "when": {"all": [HURT["when"], {"fact": "seen", "is": "yes"}]}}
    draft = doc(seen, NEAR)
    draft["facts"] = [*FACTS, fact("seen", "yes_no")]
    code, shown, _ = folder.simulate(draft)
    assert code == 1
    assert "1 might be lower" in shown
    assert "never asked seen" in shown


def test_the_report_for_machines_is_one_line_and_every_changed_decision_can_be_had(folder: Folder) -> None:
    changed = folder.path / "changed.jsonl"
    code, shown, complaints = folder.simulate(doc(NEAR), "--json", "--changed", str(changed))
    report = json.loads(shown)
    assert (code, shown.count("\n"), complaints) == (1, 1, "")
    assert (report["format"], report["outcome"]["lowered"], report["weaker"]) == ("backtest/1", 1, 1)
    assert [json.loads(line)["decision"] for line in changed.read_text().splitlines()] == ["d_0"]


def test_a_policy_of_the_time_that_is_not_there_is_said_and_can_be_named(folder: Folder) -> None:
    elsewhere = folder.path / "elsewhere.yaml"
    (folder.path / "old" / "policy.yaml").rename(elsewhere)
    _, shown, _ = folder.simulate(doc({**HURT, "grade": "top"}, NEAR))
    assert "3 decisions were made under version 1" in shown
    assert "--under" in shown
    _, shown, _ = folder.simulate(doc({**HURT, "grade": "top"}, NEAR), "--under", str(elsewhere))
    assert "--under" not in shown


def test_what_cannot_be_read_is_named_and_nothing_is_counted(folder: Folder) -> None:
    (folder.path / "damaged").write_bytes((folder.path / "day.jsonl.gz").read_bytes()[:-9])
    for records in ("damaged", "not-there", "old/policy.yaml"):
        code, shown, complaints = folder.simulate(OLD, records=folder.path / records)
        assert (code, shown) == (1, ""), records
        assert str(folder.path / records) in complaints
    assert folder.simulate({**OLD, "base_grade": "none"})[0] == 1
    with pytest.raises(SystemExit) as ended:
        folder.simulate(OLD, "--jsn")
    assert ended.value.code == 3


def test_a_day_that_is_there_twice_is_refused(folder: Folder) -> None:
    twice = folder.path / "copy.gz"
    twice.write_bytes((folder.path / "day.jsonl.gz").read_bytes())
    words = ["policy", "simulate", str(folder.path / "old" / "policy.yaml"), "--records"]
    assert main([*words, str(twice), str(folder.path / "day.jsonl.gz")]) == 1
    assert "twice" in folder.capsys.readouterr().err


def test_days_are_closed_by_hand_for_forces_that_have_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    services = embedded(tmp_path, MovableClock())
    put_in_force(services, SHIPPED)
    services.world.pool.shutdown()
    monkeypatch.setenv("THRIIVES_MODE", "embedded")
    monkeypatch.setenv("THRIIVES_DATA", str(tmp_path))
    assert main(["days", "close", "--until", "2026-11-22"]) == 0  # the day before anything was in force
    assert "hertfordshire: 0 closed" in capsys.readouterr().out
    assert main(["days", "close", "--force", "bedfordshire"]) == 1
    with pytest.raises(SystemExit) as ended:
        main(["days", "close", "--until", "yesterday"])
    assert ended.value.code == 3
