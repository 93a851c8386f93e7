"""Words with times in them: a conflict in a sentence, and the paragraph for an incident log. They decide nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.assessment.call import Call
from chalicelib.assessment.decision import Result, Side
from chalicelib.policy.document import Source
from chalicelib.records.advice import LOG_CHARACTERS, QuestionShown, ReasonShown

_SAID_BY = {
    Source.CALLER: "Caller", Source.VICTIM: "Victim", Source.THIRD_PARTY: "Third party",
    Source.HEARD_ON_LINE: "Heard on the line", Source.SYSTEM_CHECK: "System check", Source.HISTORY: "History",
    Source.CLOCK: "Clock", Source.OFFICER_AT_SCENE: "Officer at the scene", Source.OTHER_AGENCY: "Other agency",
    Source.HANDLER: "Handler",
}  # fmt: skip


def conflict_in_words(tag: str | None, sides: Iterable[Side]) -> str:
    """Who says what since when. Of a set it is about one tag, which is said to be there or not."""
    words = {"present": tag, "absent": f"not {tag}"} if tag else {}
    said = (
        f"{_SAID_BY[side.source]}: {' or '.join(words.get(value) or value for value in side.values)}"
        f" {london_time(side.at)}."
        for side in sides
    )
    return f"{' '.join(said)} The worse stands."


def london_time(at: datetime) -> str:
    """The time of day that clocks in the United Kingdom show; with its zone in the hour that they show twice."""
    local = at.astimezone(ZoneInfo("Europe/London"))
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{local:%H:%M %Z}" if twice else f"{local:%H:%M}"


def log_line(
    call: Call, result: Result, titles: dict[str, str], reasons: tuple[ReasonShown, ...], question: QuestionShown | None
) -> str:
    """At most 500 plain characters; of a re-assessment only what changed."""
    earlier = call.earlier
    title = titles[result.recommended].upper()
    known = set(earlier.reasons)
    news = [reason.says.rstrip(".") for reason in reasons if reason.id not in known]
    if earlier.recommended is None:
        head = f"THRIIVES {call.policy.version}: {title}"
    elif earlier.recommended == result.recommended:
        head = f"THRIIVES re-assessed: {title}, unchanged"
    else:
        head = f"THRIIVES re-assessed: {titles.get(earlier.recommended, earlier.recommended).upper()} to {title}"
    parts = [head + (f", could be {titles[result.possible]}" if result.provisional else "")]
    if result.national.standing.rank > result.national.recommended.rank:
        parts.append(f"{result.national.standing.value} still stands")
    if news:
        parts.append(("New: " if earlier.recommended else "Because: ") + "; ".join(news))
    if question:
        parts.append(f"Open: {question.question.rstrip('?.')}")
    text = ". ".join(parts) + "."
    plain = "".join(letter if 32 <= ord(letter) < 127 else "?" for letter in text)
    return plain if len(plain) <= LOG_CHARACTERS else plain[: LOG_CHARACTERS - 3].rstrip() + "..."
