"""The edition of a policy for the public: short, what matters to a caller first. It decides nothing.

Left out is what only an owner or auditor needs: what a rule does beside its grade, the source of each rule, questions,
duties, timers. All of that is in the whole edition, see `edition`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chalicelib.editions.blocks import Block, Bullets, Edition, Heading, Paragraph
from chalicelib.editions.obligations import SAY, agencies
from chalicelib.editions.parts import (
    after,
    call_ends,
    definitions,
    element_of,
    grades,
    if_not_ruled_out,
    lowest,
    names_in,
    plain,
    sources,
    unpublished,
)
from chalicelib.policy.closed_lists import EventKind
from chalicelib.policy.conditions import Condition, NamedLeaf
from chalicelib.policy.document import Grade, NotAsked, Policy, Precaution, Rule
from chalicelib.policy.english import Outline, known_in_words, one_line, outline_of, spoken
from chalicelib.policy.implication import softened
from chalicelib.policy.lexicon import Lexicon, listed, quoted
from chalicelib.policy.obligations import Guarantee, VictimTelling
from chalicelib.policy.sentences import precaution_head, promised

MARK = " (proposed)"
"""What is written behind words that lean on a source which tells no place where it can be read."""


def public_edition_of(policy: Policy) -> Edition:
    """The edition for the public of a policy whose names fit together."""
    lexicon = Lexicon(policy)
    blocks: list[Block] = [*_about(policy), *_promises(policy, lexicon), *call_ends(policy, lexicon)]
    blocks += [*_victims(policy, lexicon), *agencies(policy), *_never(policy), *grades(policy)]
    blocks += [*_rules(policy, lexicon), *_not_known(policy, lexicon), *lowest(policy, lexicon)]
    blocks += definitions(policy, lexicon, names_in(policy, _printed(policy)))
    return Edition(policy.title, (*blocks, *sources(policy)))


def _about(policy: Policy) -> Iterator[Block]:
    force = policy.force.replace("-", " ").title()
    yield Heading(2, "What this is, and who decides", "what-this-is")
    yield Paragraph(
        f"These are the rules by which a call to the police is graded ({force}, version {policy.version}): how urgent "
        "it is and how it is answered. A computer program applies them to what is known of the call, and advises. A "
        "person, who is named on the record, decides."
    )
    yield Bullets(
        (
            Outline("The rules can only raise a grade. Only a person lowers one, and the reason is kept."),
            Outline("How many officers are free makes no difference to the grade."),
            Outline("What is not known never counts as no. Where that could be dangerous, it counts as the worst."),
            Outline("If two people say different things, the worse of the two counts until it is put right."),
        )
    )
    yield Heading(2, "What it is based on, and whether it is in force", "standing")
    yield Paragraph(f"Owner: {policy.owner}. What the owner says of this version: {policy.change}")
    yield Paragraph(
        f"It leans on {len(policy.basis)} sources, listed at the end. This text is made from the rules themselves; "
        "which version is in force, and since when, is in the police force's own record of its policies."
    )
    if feared := unpublished(policy):
        titles = listed([quoted(title) for title in feared.values()], "and")
        yield Paragraph(f'What is marked "{MARK.strip()}" leans, in whole or in part, on this: {titles}.')


def _marked(policy: Policy, words: str, basis: Iterable[str]) -> str:
    """Words with a sign where they are a proposal."""
    return f"{words.rstrip('.')}{MARK}." if set(basis) & set(unpublished(policy)) else words


def _promises(policy: Policy, lexicon: Lexicon) -> Iterator[Block]:
    if policy.guarantees:
        yield Heading(2, "What is promised", "promises")
        yield Paragraph(
            "Each of these holds for every possible call, with the exceptions that it names. The policy cannot take "
            "effect if one of them fails."
        )
        yield Bullets(tuple(_promise(policy, lexicon, one) for one in policy.guarantees))


def _promise(policy: Policy, lexicon: Lexicon, promise: Guarantee) -> Outline:
    says = _marked(policy, promise.says, promise.basis)
    if softened(policy, promise):
        says = f"{says.rstrip('.')}, unless a supervisor authorises another response."
    when, what = outline_of(lexicon, promise.when), "; ".join(promised(lexicon, _shortened(policy, promise)))
    if when.parts:
        return Outline(says, (after("Whenever", when), Outline(f"Then {what}.")))
    return Outline(says, (Outline(f"Whenever {when.text}: {what}."),))


def _shortened(policy: Policy, promise: Guarantee) -> Guarantee:
    """A promise without its marks, and without what it refuses anyway because an officer has to attend."""
    attending = {one.id for one in policy.responses if one.attends}
    never = tuple(name for name in promise.never if not promise.attendance or name in attending)
    short = promise.model_copy(update={"flags": (), "never": never})
    return short if short.at_least or short.attendance or never or short.duties else promise


def _victims(policy: Policy, lexicon: Lexicon) -> Iterator[Block]:
    """What a victim is told, by when it is told, and who has enhanced rights."""
    code = policy.victims_code
    told = [Outline(duty.title) for duty in policy.duties if EventKind.RIGHTS_TOLD in duty.done_by]
    if code is None and not told:
        return
    yield Heading(2, "What you are told as a victim", "victims")
    if code is None:
        yield Bullets(tuple(told))
        return
    yield Paragraph("These are rights under the Victims' Code. They do not depend on the grade.")
    moments = [(when, [one for one in code.tell if one.say == say]) for say, when in SAY.items()]
    yield Bullets(
        tuple(Outline(f"Told {when}:", tuple(_telling(lexicon, one) for one in own)) for when, own in moments if own)
    )
    if code.leave_to_officer_when is not None:
        left = outline_of(lexicon, code.leave_to_officer_when)
        yield Bullets((after("The officer tells you all but what is told at once, if", left),))
    if code.categories:
        yield Heading(3, "Who has enhanced rights", "enhanced-rights")
        yield Bullets(tuple(after(f"{one.title}:", outline_of(lexicon, one.when)) for one in code.categories))


def _telling(lexicon: Lexicon, one: VictimTelling) -> Outline:
    title = f"{one.title} (right {one.right})"
    if one.when is None:
        return Outline(title)
    return Outline(title, (if_not_ruled_out(outline_of(lexicon, one.when)),))


def _never(policy: Policy) -> Iterator[Block]:
    refused = [one for one in policy.outcomes if one.refused is not None]
    if refused:
        yield Heading(2, "What never lowers a grade or closes a call", "never-a-reason")
        yield Bullets(tuple(Outline(f"{one.title}. {one.refused}") for one in refused))


def _rules(policy: Policy, lexicon: Lexicon) -> Iterator[Block]:
    """The rules that give a grade, from the highest, and by element."""
    yield Heading(2, "When each grade is given", "rules")
    yield Paragraph("The highest grade that any rule gives is the one that counts.")
    for grade in policy.grades:
        given = [rule for rule in policy.rules if rule.grade == grade.id]
        if given:
            yield Heading(3, lexicon.at_least(grade.id), f"grade-{grade.id}")
            yield from _by_element(policy, lexicon, given, grade)


def _by_element(policy: Policy, lexicon: Lexicon, rules: list[Rule], grade: Grade) -> Iterator[Block]:
    for name, title in (*((element.id, element.title) for element in policy.elements), ("other", "Other")):
        own = [rule for rule in rules if element_of(lexicon, rule) == name]
        if own:
            yield Heading(4, title, f"{grade.id}-{name}")
            yield Bullets(tuple(_rule(policy, lexicon, rule) for rule in own))


def _rule(policy: Policy, lexicon: Lexicon, rule: Rule) -> Outline:
    """A rule by its reason; its condition below it, where that says more."""
    same = plain(one_line(spoken(lexicon, rule.when))) == plain(rule.says)
    parts = [] if same else [after("If", outline_of(lexicon, rule.when))]
    if rule.unless is not None:
        parts.append(Outline(f"Unless it is known that {known_in_words(lexicon, rule.unless)}."))
    return Outline(_marked(policy, rule.says, rule.basis), tuple(parts))


def _not_known(policy: Policy, lexicon: Lexicon) -> Iterator[Block]:
    """The precautions, but for those that the section on the end of a call has."""
    told_above = [one for one in policy.precautions if one.not_asked in (NotAsked.IF_LOST, NotAsked.AT_END)]
    others = [one for one in policy.precautions if one not in told_above]
    if not policy.precautions:
        return
    yield Heading(2, "When something is not known", "not-known")
    yield Paragraph("What is not known is never taken for a no. Where that could be dangerous, it counts as the worst.")
    if told_above:
        yield Paragraph(
            f"{len(told_above)} such cases are listed under what happens when you hang up or are cut off. They count "
            "during the call too, where the question was put and not answered."
            if all(one.reasons for one in told_above)
            else f"{len(told_above)} such cases are listed under what happens when you hang up or are cut off."
        )
    if others:
        yield Bullets(tuple(_precaution(policy, lexicon, one) for one in others))


def _precaution(policy: Policy, lexicon: Lexicon, precaution: Precaution) -> Outline:
    told = after(precaution_head(lexicon, precaution), outline_of(lexicon, precaution.scope))
    return told if told.parts else Outline(_marked(policy, told.text, precaution.basis))


def _printed(policy: Policy) -> Iterator[Condition]:
    """The conditions that this edition puts in words."""
    for rule in policy.rules:
        if rule.grade is not None:
            yield rule.when
            yield from () if rule.unless is None else (rule.unless,)
    yield from (promise.when for promise in policy.guarantees)
    names = {one.id for one in policy.conditions}
    for guard in policy.precautions:
        yield guard.scope
        yield from (NamedLeaf(condition=guard.on),) if guard.on in names else ()
    if code := policy.victims_code:
        told = [*(one.when for one in code.tell), *(one.when for one in code.categories), code.leave_to_officer_when]
        yield from (when for when in told if when is not None)
