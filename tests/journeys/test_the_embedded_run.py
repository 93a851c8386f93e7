"""What a newcomer sees: a decision, commands that work when pasted, and everything still there after any end."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.journeys.people import Answer, Caller, Journal
from tests.journeys.rooms import Process, make_run, process


class Command(NamedTuple):
    """A curl command as it was printed."""

    url: str
    headers: dict[str, str]
    body: str | None

    def run(self) -> Answer:
        """What it does."""
        base, _, path = self.url.partition("/v1/")
        token = self.headers.pop("Authorization").removeprefix("Bearer ")
        caller = Caller(base, lambda: token, Journal())
        if self.body is None:
            return caller.get(f"/v1/{path}")
        return caller.post(f"/v1/{path}", self.body.encode(), key=self.headers["Idempotency-Key"])


def commands(printed: str) -> list[Command]:
    """The curl commands in what was printed, taken apart as a shell does."""
    found: list[Command] = []
    for text in re.findall(r"^curl .*?(?=\n\n)", printed, re.MULTILINE | re.DOTALL):
        words = shlex.split(text.replace("\\\n", " "))  # unlike a shell, shlex keeps a continued line's end
        assert words[:2] == ["curl", "-s"]
        options = list(zip(words[3::2], words[4::2], strict=True))
        headers = dict(header.split(": ", 1) for name, header in options if name == "-H")
        found.append(Command(words[2], headers, next((body for name, body in options if name == "-d"), None)))
    return found


def shown(running: Process) -> str:
    """The id of the decision that was printed."""
    found = re.search(r"^Recorded.*: (d_[a-z2-7]{32})$", running.printed.read_text(), re.MULTILINE)
    assert found
    return found[1]


@pytest.mark.parametrize("end", ["Ctrl-C", "kill -9"])
def test_the_first_decision_is_still_there_after_the_run_has_ended(tmp_path: Path, end: str) -> None:
    folder, log = tmp_path / "data", tmp_path / "log"
    with process(make_run(folder), {}, log) as first:
        decision = shown(first)
        assess, search = commands(first.printed.read_text())
        pasted = assess.run()
        assert pasted.status == 201
        listed = [one["decision"] for one in search.run().granted()["decisions"]]
        assert listed == [pasted.json()["decision"], decision]
        if end == "Ctrl-C":
            assert first.interrupt() == 0
            assert "What was recorded is kept." in first.printed.read_text()
        else:
            first.kill()
    with process(make_run(folder), {}, log) as second:
        assert shown(second) == decision
        assert "read again" in second.printed.read_text()
        assert search_again(second) == listed
    assert '"level":"ERROR"' not in log.read_text()


def search_again(running: Process) -> list[Any]:
    """What the printed search finds now."""
    _, search = commands(running.printed.read_text())
    return [one["decision"] for one in search.run().granted()["decisions"]]
