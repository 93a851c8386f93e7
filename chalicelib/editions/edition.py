"""The whole edition of a policy: all of it in plain words, for its owner and for auditors. It decides nothing.

What the policy does not have is left out. The rules and questions stand here, what is owed and told in `obligations`,
what the shorter edition has too in `parts`; `blocks` writes all as Markdown or as a page.
"""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.editions.blocks import Block, Bullets, Edition, Heading, Paragraph, Table
from chalicelib.editions.obligations import obligations
from chalicelib.editions.parts import (
    after,
    call_ends,
    cited,
    definitions,
    element_of,
    grades,
    impossible,
    lowest,
    sources,
)
from chalicelib.policy.document import Fact, Policy, Precaution, Purpose, Rule
from chalicelib.policy.english import Outline, known_in_words, outline_of
from chalicelib.policy.lexicon import Lexicon, listed
from chalicelib.policy.sentences import (
    asked_in_words,
    effects_in_words,
    guarantee_in_words,
    precaution_details,
    precaution_head,
)
from chalicelib.policy.wording import PURPOSES, SOURCES


def edition_of(policy: Policy) -> Edition:
    """The whole edition of a policy whose names fit together; `public` has the one for the public."""
    lexicon = Lexicon(policy)
    blocks: list[Block] = [*_about(policy), *grades(policy)]
    blocks += [*_rules(policy, lexicon), *lowest(policy, lexicon), *_precautions(policy, lexicon)]
    blocks += [*call_ends(policy, lexicon), *obligations(policy, lexicon)]
    blocks += [*_guarantees(policy, lexicon), *_questions(policy, lexicon), *definitions(policy, lexicon)]
    blocks += impossible(policy)
    return Edition(policy.title, (*blocks, *sources(policy)))


def _about(policy: Policy) -> Iterator[Block]:
    rows = [("Police force", policy.force), ("Version", policy.version), ("Owner", policy.owner)]
    rows.append(("What this version changes", policy.change))
    if policy.based_on:
        rows.append(("Based on", f"{policy.based_on.id} ({policy.based_on.sha256[:12]})"))
    yield Table("This policy", ("What", "Which"), tuple(rows))
    yield Heading(2, "What this decides, and what it does not", "what-this-decides")
    yield Paragraph(
        "When somebody calls, this policy says how urgent the call is and how it is to be answered. It looks at what "
        "is known of the call: danger, harm, and who could be hurt."
    )
    yield Bullets(
        (
            Outline("It advises. A person, who is named on the record, decides."),
            Outline("Its rules can only raise a grade. Only a person lowers one, and the reason is kept."),
            Outline("How many officers are free makes no difference to the grade."),
            Outline("What is not known never counts as no. Where that could be dangerous, it counts as the worst."),
            Outline("If two people say different things, the worse of the two counts until it is put right."),
        )
    )


def _rules(policy: Policy, lexicon: Lexicon) -> Iterator[Block]:
    """The rules by grade and element, then those that give no grade."""
    yield Heading(2, "When each grade is given", "rules")
    yield Paragraph(
        "The highest grade that any rule gives is the one that counts. The order of the rules means nothing."
    )
    for grade in policy.grades:
        given = [rule for rule in policy.rules if rule.grade == grade.id]
        if given:
            yield Heading(3, grade.title, f"grade-{grade.id}")
            yield from _by_element(policy, lexicon, given, grade.id)
    others = [rule for rule in policy.rules if rule.grade is None]
    if others:
        yield Heading(3, "What else follows, whatever the grade", "no-grade")
        yield from _by_element(policy, lexicon, others, "none")


def _by_element(policy: Policy, lexicon: Lexicon, rules: list[Rule], grade: str) -> Iterator[Block]:
    for element in (*policy.elements, None):
        name, title = (element.id, element.title) if element else ("other", "Other")
        own = [rule for rule in rules if element_of(lexicon, rule) == name]
        if own:
            yield Heading(4, title, f"{grade}-{name}")
            yield Bullets(tuple(_rule(policy, lexicon, rule) for rule in own))


def _rule(policy: Policy, lexicon: Lexicon, rule: Rule) -> Outline:
    head = f"{lexicon.at_least(rule.grade)} if" if rule.grade else "If"
    parts = [after(head, outline_of(lexicon, rule.when))]
    if rule.unless is not None:
        parts.append(Outline(f"Unless it is known that {known_in_words(lexicon, rule.unless)}."))
    effects = effects_in_words(lexicon, rule)
    if effects:
        parts.append(Outline(f"Then {'; '.join(effects)}."))
    return Outline(rule.says, (*parts, Outline(cited(policy, rule.basis))))


def _precautions(policy: Policy, lexicon: Lexicon) -> Iterator[Block]:
    excepted = [rule for rule in policy.rules if rule.unless is not None]
    if not policy.precautions and not excepted:
        return
    yield Heading(2, "When something is not known", "not-known")
    yield Paragraph("What is not known is never taken for a no. These say when it counts as the worst.")
    items = [_precaution(policy, lexicon, precaution) for precaution in policy.precautions]
    items += [_exception(lexicon, rule) for rule in excepted]
    yield Bullets(tuple(items))


def _precaution(policy: Policy, lexicon: Lexicon, precaution: Precaution) -> Outline:
    sentence = after(precaution_head(lexicon, precaution), outline_of(lexicon, precaution.scope))
    details = (Outline(detail) for detail in precaution_details(lexicon, precaution))
    return Outline(precaution.says, (sentence, *details, Outline(cited(policy, precaution.basis))))


def _exception(lexicon: Lexicon, rule: Rule) -> Outline:
    unless = known_in_words(lexicon, rule.unless) if rule.unless is not None else ""
    return Outline(rule.says, (Outline(f"The exception counts only once it is known that {unless}."),))


def _guarantees(policy: Policy, lexicon: Lexicon) -> Iterator[Block]:
    if policy.guarantees:
        yield Heading(2, "What is guaranteed", "guarantees")
        yield Paragraph(
            "Each of these holds for every possible call. The policy cannot take effect if one of them fails."
        )
        yield Bullets(
            tuple(
                Outline(one.says, (Outline(guarantee_in_words(lexicon, one)), Outline(cited(policy, one.basis))))
                for one in policy.guarantees
            )
        )


def _questions(policy: Policy, lexicon: Lexicon) -> Iterator[Block]:
    """The questions in the order in which they come up, and what is looked up instead of asked."""
    asked = sorted((fact for fact in policy.facts if fact.asked), key=_order)
    yield Heading(2, "The questions, and what each is for", "questions")
    yield Paragraph(
        "The place and how to reach the caller come first. After that, the next question is always the one whose "
        "answer could raise the grade the most. Nothing is asked that serves no purpose, and nothing twice."
    )
    yield Bullets(tuple(_question(lexicon, fact) for fact in asked))
    looked_up = [fact for fact in policy.facts if not fact.asked]
    if looked_up:
        yield Heading(3, "What is looked up, not asked", "looked-up")
        yield Bullets(tuple(Outline(fact.question, (Outline(asked_in_words(lexicon, fact)),)) for fact in looked_up))


def _order(fact: Fact) -> int:
    return 0 if Purpose.DISPATCH in fact.purpose else 1 if fact.always_first else 2


def _question(lexicon: Lexicon, fact: Fact) -> Outline:
    parts = [f"Why: {listed([PURPOSES[purpose] for purpose in fact.purpose], 'and')}.", asked_in_words(lexicon, fact)]
    if fact.options:
        parts.append(f"Answers: {'; '.join(option.title for option in fact.options)}.")
    if fact.per:
        parts.append(f"Asked about each {fact.per}; the worst counts.")
    if fact.answered_by:
        trusted = listed([SOURCES[source] for source in fact.answered_by], "or")
        parts.append(f"Only these can make things look better: {trusted}. Anybody can make them look worse.")
    if fact.required:
        parts.append("The call is not finished without an answer.")
    return Outline(fact.question, tuple(Outline(part) for part in parts))
