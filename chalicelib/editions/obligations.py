"""The English edition's sections on answers, duties, timers, the Victims' Code and reasons. It tells no grade."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chalicelib.editions.blocks import Block, Bullets, Heading, Paragraph, Table
from chalicelib.editions.parts import after, if_not_ruled_out
from chalicelib.policy.closed_lists import EventKind
from chalicelib.policy.document import Policy, ResponseRule
from chalicelib.policy.english import Outline, outline_of
from chalicelib.policy.lexicon import Lexicon, listed, quoted
from chalicelib.policy.obligations import Duty, OutcomeReason, Timer, VictimTelling
from chalicelib.policy.wording import AGAIN, CLOCKS, EVENTS, NEEDS, OWNERS, SEVERITIES, due_in_words, minutes_in_words


def obligations(policy: Policy, lexicon: Lexicon) -> Iterator[Block]:
    """Everything that is owed, due and told, as far as the policy has it."""
    yield from _responses(policy, lexicon)
    yield from agencies(policy)
    yield from _duties(policy)
    yield from _must_not(policy)
    yield from _victims(policy, lexicon)
    yield from _timers(policy, lexicon)
    yield from _checks(policy, lexicon)
    yield from _needs(policy, lexicon)
    yield from _outcomes(policy)
    yield from _lists(policy)


def _titles(policy: Policy, names: Iterable[str]) -> str:
    sources = {source.id: source.title for source in policy.basis}
    return "; ".join(sources[name] for name in names)


def _responses(policy: Policy, lexicon: Lexicon) -> Iterator[Block]:
    yield Heading(2, "How a call is answered", "responses")
    rows = tuple(
        (one.title, "yes" if one.attends else "no", listed([NEEDS[need] for need in one.needs], "and") or "nothing")
        for one in policy.responses
    )
    head = ("Kind of answer", "An officer is seen", "What has to be on record before it counts")
    yield Table("Kinds of answer", head, rows)
    yield from _refusals(policy)


def _refusals(policy: Policy) -> Iterator[Block]:
    """The rules against kinds of answer: those that demand an officer, and those that name a kind of answer."""
    speaking = [(_against(rule.says, rule.response), rule.response) for rule in policy.rules if rule.response]
    demanding = tuple(says for says, response in speaking if response.require)
    without = [quoted(one.title) for one in policy.responses if not one.attends]
    items = [Outline(f"{listed(without, 'and')}, because an officer has to attend:", demanding)] if demanding else []
    for one in policy.responses:
        named = tuple(
            says for says, said in speaking if one.id in said.forbid and not (said.require and not one.attends)
        )
        items += [Outline(f"{quoted(one.title)}, by itself:", named)] if named else []
    if items:
        yield Heading(3, "When a kind of answer is refused", "refused")
        yield Paragraph("It is refused while one of these is so, or could still turn out to be so.")
        yield Bullets(tuple(items))


def _against(says: str, response: ResponseRule) -> Outline:
    who = response.unless_authorised_by
    return Outline(f"{says} A {who} may authorise it all the same." if who else says)


def agencies(policy: Policy) -> Iterator[Block]:
    """What holds while the ambulance service or another agency deals with it."""
    passed_on = [one for one in policy.responses if any(need.startswith("agency") for need in one.needs)]
    asks = [duty for duty in policy.duties if EventKind.OTHER_AGENCY in duty.done_by and not duty.must_not]
    refusals = any(need == "recheck_time" for one in passed_on for need in one.needs)
    if not passed_on and not asks:
        return
    yield Heading(2, "If the ambulance or another agency takes over", "other-agency")
    yield Paragraph(
        "Passing a call on never lowers its grade. The police stay responsible until the agency has accepted."
    )
    items = [
        Outline(
            f"{one.title}: it counts only once it is on record {listed([NEEDS[need] for need in one.needs], 'and')}."
        )
        for one in passed_on
    ]
    items += [Outline(f"{duty.title}. {_owed(duty)}") for duty in asks]
    if refusals:
        items.append(Outline("If the agency refuses or does not come, the call is open again with the grade it had."))
    yield Bullets(tuple(items))


def _duties(policy: Policy) -> Iterator[Block]:
    owed = [duty for duty in policy.duties if not duty.must_not]
    if not owed:
        return
    texts = {text.id: text.text for text in policy.texts}
    yield Heading(2, "What is owed to the caller and the victim", "duties")
    yield Paragraph("Whether something is owed does not depend on the grade, or on whether officers attend.")
    yield Bullets(
        tuple(
            Outline(
                duty.title,
                (
                    Outline(_owed(duty)),
                    *_owed_when(policy, duty),
                    *((Outline(f"In these words: {texts[duty.text]}"),) if duty.text else ()),
                    *((Outline(f"Source: {_titles(policy, duty.basis)}."),) if duty.basis else ()),
                ),
            )
            for duty in owed
        )
    )


def _owed(duty: Duty) -> str:
    """By whom, by when, and what does it."""
    when = ""
    if duty.working_days is not None:
        days = f"{duty.working_days} working day{'' if duty.working_days == 1 else 's'}"
        when = f", within {days}" + (f" after {CLOCKS[duty.clock]}" if duty.clock else "")
    elif duty.minutes is not None:
        when = f", {due_in_words(duty.minutes, duty.clock)}"
    done = f" Done once {listed([EVENTS[kind] for kind in duty.done_by], 'or')}." if duty.done_by else ""
    again = (
        f" It has to be done again when {listed([AGAIN[one] for one in duty.again_on], 'or')}." if duty.again_on else ""
    )
    return f"By the {OWNERS[duty.owed_by]}{when}.{done}{again}"


MOST_REASONS = 12
"""With more reasons than these a duty only tells how many there are; each of them names the duty."""


def _owed_when(policy: Policy, duty: Duty) -> Iterator[Outline]:
    reasons = tuple(Outline(rule.says) for rule in policy.rules if duty.id in rule.duties)
    if len(reasons) > MOST_REASONS:
        yield Outline(f"It follows from {len(reasons)} of the rules above, and each of them names it.")
    elif reasons:
        yield Outline("When one of these is so:", reasons)


def _must_not(policy: Policy) -> Iterator[Block]:
    refrained = [duty for duty in policy.duties if duty.must_not]
    if refrained:
        yield Heading(2, "What must not be done", "must-not")
        yield Bullets(
            tuple(
                Outline(f"{duty.title} ({OWNERS[duty.owed_by]})", tuple(_owed_when(policy, duty))) for duty in refrained
            )
        )


SAY = {"now": "at once", "before_end": "before the call ends", "officer": "by the officer who attends"}


def _victims(policy: Policy, lexicon: Lexicon) -> Iterator[Block]:
    code = policy.victims_code
    told = [duty for duty in policy.duties if EventKind.RIGHTS_TOLD in duty.done_by]
    if code is None and not told:
        return
    yield Heading(2, "What you are told as a victim", "victims")
    if code is None:
        yield Bullets(tuple(Outline(f"{duty.title}. {_owed(duty)}") for duty in told))
        return
    yield Paragraph("These are rights under the Victims' Code. They do not depend on the grade.")
    yield Bullets(tuple(_telling(policy, lexicon, one) for one in code.tell))
    if code.leave_to_officer_when is not None:
        left = outline_of(lexicon, code.leave_to_officer_when)
        yield Bullets((after("Only what is said at once is said in the call, and the rest by the officer, if", left),))
    if code.categories:
        yield Heading(3, "Who has enhanced rights", "enhanced-rights")
        yield Paragraph(
            "Each victim is looked at alone. Until it is settled, the record says what is open; nobody is told that "
            "they have no such rights because nobody asked."
        )
        yield Bullets(
            tuple(
                Outline(one.title, (outline_of(lexicon, one.when), Outline(f"Source: {_titles(policy, one.basis)}.")))
                for one in code.categories
            )
        )


def _telling(policy: Policy, lexicon: Lexicon, one: VictimTelling) -> Outline:
    parts = [Outline(f"Right {one.right}, told {SAY[one.say]}.")]
    if one.when is not None:
        parts.append(if_not_ruled_out(outline_of(lexicon, one.when)))
    if one.text:
        parts.append(Outline(f"In these words: {next(text.text for text in policy.texts if text.id == one.text)}"))
    return Outline(one.title, (*parts, Outline(f"Source: {_titles(policy, one.basis)}.")))


def _timers(policy: Policy, lexicon: Lexicon) -> Iterator[Block]:
    if policy.timers:
        yield Heading(2, "When somebody has to look again", "timers")
        yield Bullets(tuple(_timer(policy, lexicon, timer) for timer in policy.timers))


def _timer(policy: Policy, lexicon: Lexicon, timer: Timer) -> Outline:
    every = minutes_in_words(timer.again_minutes or 0).removeprefix("1 ")
    again = f", and every {every} after that" if timer.again_minutes else ""
    until = listed([EVENTS[kind] for kind in timer.until], "or")
    due = f"By the {OWNERS[timer.owed_by]}, {due_in_words(timer.minutes, timer.clock)}{again}, until {until}."
    parts = [Outline(due), Outline(f"In the list of work it is {SEVERITIES[timer.severity]}.")]
    if timer.grades:
        named = listed([lexicon.grades[name] for name in timer.grades], "and")
        parts.append(Outline(f"With {'this grade' if len(timer.grades) == 1 else 'these grades'}: {named}."))
    if timer.when is not None:
        parts.append(after("Only if", outline_of(lexicon, timer.when)))
    return Outline(timer.title, (*parts, Outline(f"Source: {_titles(policy, timer.basis)}.")))


def _checks(policy: Policy, lexicon: Lexicon) -> Iterator[Block]:
    if policy.checks:
        yield Heading(2, "What is looked up in police systems", "checks")
        due = {check.id: check.due_when for check in policy.checks}
        yield Bullets(
            tuple(
                Outline(
                    check.title,
                    (after("It has to be made if", outline_of(lexicon, when)),)
                    if (when := due[check.id]) is not None
                    else (),
                )
                for check in policy.checks
            )
        )


def _needs(policy: Policy, lexicon: Lexicon) -> Iterator[Block]:
    if policy.specified_needs:
        yield Heading(2, "What the force always sees to", "specified-needs")
        yield Bullets(
            tuple(
                Outline(
                    need.title,
                    (
                        outline_of(lexicon, need.when),
                        *((Outline(f"Source: {_titles(policy, need.basis)}."),) if need.basis else ()),
                    ),
                )
                for need in policy.specified_needs
            )
        )


def _outcomes(policy: Policy) -> Iterator[Block]:
    if not policy.outcomes:
        return
    yield Heading(2, "Reasons a person may give for deciding otherwise", "outcomes")
    given = [one for one in policy.outcomes if one.refused is None]
    refused = [one for one in policy.outcomes if one.refused is not None]
    yield Bullets(tuple(Outline(one.title, tuple(_reason(policy, one))) for one in given))
    if refused:
        yield Heading(3, "What is never a reason", "never-a-reason")
        yield Bullets(tuple(Outline(one.title, tuple(_reason(policy, one))) for one in refused))


_FOR = {
    "accepted": "accepting the advice", "set": "setting a grade", "raised": "raising the grade",
    "lowered": "lowering the grade", "closed": "closing",
}  # fmt: skip


def _reason(policy: Policy, one: OutcomeReason) -> Iterator[Outline]:
    yield Outline(f"For {listed([_FOR[act] for act in one.for_], 'or')}.")
    if one.by:
        who = listed([name.replace("_", " ") for name in one.by], "or")
        words = " It has to be put in words." if one.words else ""
        second = " A second person has to authorise it." if one.second_person else ""
        yield Outline(f"By a {who}.{words}{second}")
    if one.refused:
        yield Outline(one.refused)
    if one.instead:
        yield Outline(f"What is recorded instead: {EVENTS[one.instead]}.")
    yield Outline(f"Source: {_titles(policy, one.basis)}.")


def _lists(policy: Policy) -> Iterator[Block]:
    """The marks, the days and the agreed words."""
    if policy.flags:
        yield Heading(2, "Marks that a call can have", "flags")
        yield Bullets(tuple(Outline(flag.title) for flag in policy.flags))
    if policy.calendar:
        days = policy.calendar
        holidays = ", ".join(f"{day.day} {day:%B %Y}" for day in days.bank_holidays) or "none listed"
        yield Heading(2, "Working days", "calendar")
        yield Paragraph(
            f"Monday to Friday without bank holidays, by the clocks of {days.time_zone}. Bank holidays: {holidays}. "
            f"They are listed up to {days.known_until.day} {days.known_until:%B %Y}."
        )
    if policy.events_fed is not None:
        yield Heading(2, "What the force's systems tell this service", "events_fed")
        yield Bullets(tuple(Outline(EVENTS[kind]) for kind in policy.events_fed))
    if policy.texts:
        yield Heading(2, "Agreed words", "texts")
        yield Bullets(tuple(Outline(text.text) for text in policy.texts))
