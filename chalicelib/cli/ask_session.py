"""A play at the terminal: the question that is put, and what is said after each move. It understands no line itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from chalicelib.cli.ask_screen import answer_in_words, grade_line, headline, indented, news_lines, question_lines
from chalicelib.cli.ask_summary import summary_lines
from chalicelib.errors import Invalid
from chalicelib.playing.play import Play
from chalicelib.playing.putting import Put

Show = Callable[[Iterable[str]], None]


class Session:
    """A play with the lines that are typed into it."""

    def __init__(self, play: Play, show: Show, strong: Callable[[str], str], *, going_on: bool) -> None:
        """Begin; `strong` marks what stands out, `going_on`: questions are put even when the handler might stop."""
        self.play, self.ended, self.wrong = play, False, 0
        self._show, self._strong, self._going_on = show, strong, going_on
        self._shown: tuple[str, str | None, tuple[str, ...]] | None = None

    def prompt(self) -> None:
        """Put the question, or say why none is put. One that was put already is put again by itself."""
        put = self.put()
        self._show([""])
        if put is None:
            self._shown = None
            self._show([self._strong(self._nothing_put())])
            return
        key = (put.term.fact.id, put.about, put.still_open)
        lines = [headline(put)] if key == self._shown else list(question_lines(self.play.policy, put))
        self._shown = key
        self._show([self._strong(f"[{self.play.asked + 1}] {lines[0]}"), *lines[1:]])

    def put(self) -> Put | None:
        """The question that is put now, if any."""
        enough = self.play.over or self.play.result.may_stop
        return None if enough and not self._going_on else self.play.question()

    def refuse(self, words: str) -> None:
        """Say what was wrong with a line."""
        self.wrong += 1
        self._show([words])

    def summary(self) -> None:
        """Show all that came of the call."""
        self._show(["", self._strong("Summary"), *summary_lines(self.play)])

    def move(self, after: Play) -> None:
        """Go on to a later play, and say what has changed."""
        before, self.play = self.play, after
        if len(after.case.answers) > len(before.case.answers):
            given = after.case.answers[-1]
            term = after.policy.terms[given.fact]
            volunteered = [] if after.asked > before.asked else [term.fact.question]
            self._show([f"  = {' '.join([*volunteered, answer_in_words(term, given)])}"])
        self._show([f"  {self._strong(grade_line(after.policy, after.result))}"])
        self._show(indented(news_lines(before, after), "  + "))
        if after.result.may_stop and not before.result.may_stop:
            count = f"{after.asked} question{'' if after.asked == 1 else 's'}"
            self._show([f"  You may stop here, after {count}: the grade is settled and all was asked that has to be."])

    def show(self, lines: Iterable[str]) -> None:
        """Show some lines."""
        self._show(indented(lines, "  "))

    def more(self) -> None:
        """Put questions even though the handler might stop."""
        if self.play.question() is None:
            raise Invalid("Nothing is left to ask.")
        self._going_on = True

    def undo(self) -> None:
        """Go back to before the last move."""
        if self.play.before is None:
            raise Invalid("There is nothing to undo.")
        self.play = self.play.before
        self._show(["  Undone.", f"  {grade_line(self.play.policy, self.play.result)}"])

    def _nothing_put(self) -> str:
        if self.play.question() is None:
            return "Nothing is left to ask. stop for the summary; say adds what else becomes known."
        if self.play.over:
            return "The caller has gone. say adds what becomes known, back if they are reached again, more, stop."
        left = len(list(self.play.questions()))
        return f"Type stop for the summary, or more for the {left} question{'' if left == 1 else 's'} left."
