"""The English edition: every part of a policy is in it, what a policy lacks is not, and both its forms are sound."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from chalicelib.authoring.documents import checked
from chalicelib.cli.policy_files import compiled_file
from chalicelib.editions.blocks import Bullets, Edition, Heading, Paragraph, Table, as_html, as_markdown
from chalicelib.editions.edition import edition_of
from chalicelib.policy.document import Policy
from chalicelib.policy.english import Outline
from tests.strategies import Doc, compiled, document, fact, rule

ROOT = Path(__file__).parents[2] / "policies"
SHIPPED = sorted(path for path in ROOT.glob("*/policy.yaml"))
YES: Doc = {"fact": "danger", "is": True}
FULL: Policy = checked((Path(__file__).parent / "full_policy.yaml").read_bytes()).compiled.policy
BARE: Policy = compiled(document([fact("danger", "yes_no", worse="yes")], [rule("top", YES, grade="top")])).policy

# what a reader asks, what the edition has to say
ANSWERS = [
    ("Who decides?", "It advises. A person, who is named on the record, decides."),
    (
        "How soon?",
        "rural: within 20 minutes after the call is received; elsewhere: within 15 minutes after the call is received",
    ),
    ("When is it immediate?", "Immediate if there is danger."),
    ("And when not?", 'Unless it is known that "It is under control" holds.'),
    ("Why?", "Source: The source."),
    (
        "What does a rule do beside?",
        'Then threat is found to be high; "Another agency" is refused, unless a supervisor authorises it',
    ),
    ("What if I hang up?", "If you hang up or are cut off"),
    ("And then?", "At least Priority while it is not known whether there is danger, if"),
    (
        "What if it is not known?",
        'while it is not known whether there is danger, if the answer to "Where is it?" is "a".',
    ),
    ("And the exception?", 'The exception counts only once it is known that "It is under control" holds.'),
    ("What does the lowest grade need?", '"Least" has to be earned.'),
    ("What if the ambulance takes over?", "Passing a call on never lowers its grade."),
    (
        "And if it does not come?",
        "If the agency refuses or does not come, the call is open again with the grade it had.",
    ),
    ("Does somebody check?", "when it is checked again"),
    ("Which answer is refused?", "There is danger. A supervisor may authorise it all the same."),
    (
        "What is owed to me?",
        "before the call ends. Done once the caller is told. It has to be done again when the other agency refuses.",
    ),
    (
        "In working days?",
        "By the officer, within 2 working days after officers attend. Done once a referral is recorded.",
    ),
    ("What must nobody do?", "Do not leave a voicemail (call handler)"),
    ("What am I told as a victim?", "Right 4, told before the call ends."),
    ("And not in the call?", "If there is danger, or while that is not known."),
    (
        "Is it left to the officer?",
        "Only what is said at once is said in the call, and the rest by the officer, if there is danger.",
    ),
    ("Who has enhanced rights?", 'the answer to "Is it a child?" is yes'),
    (
        "Who looks again?",
        "within 45 minutes after the grade is given, and every 30 minutes after that, until officers attend.",
    ),
    ("With which grades?", "With this grade: Priority."),
    ("What is looked up?", "It has to be made if there is danger."),
    ("What may lower a grade?", "By a supervisor. It has to be put in words. A second person has to authorise it."),
    ("And what never?", "Record the delay and keep the grade."),
    ("What instead?", "What is recorded instead: the delay is recorded."),
    ("What is guaranteed?", "Whenever there is danger: the grade is at least Priority."),
    ("What does the force always see to?", "Attacks on shops"),
    ("What is asked?", "Why: to find the place and reach the caller."),
    ("Of whom?", "Asked about each victim; the worst counts."),
    ("Who is believed?", "Only these can make things look better: victim. Anybody can make them look worse."),
    ("What is counted?", "Not asked. Counted: earlier incidents with the same phone, within 365 days."),
    ("What does a name mean?", 'This is so if the answer to "Where is it?" is "b".'),
    ("What cannot be?", "Both cannot be."),
    ("Which marks?", "Marked"),
    ("Which days are free?", "Bank holidays: 25 December 2026."),
    ("What is it based on?", "national (abababababab)"),
    ("Where is it from?", "The source (page 1)"),
]


def words_of(edition: Edition) -> str:
    """Every word of an edition, a line for each."""
    lines: list[str] = []
    for block in edition.blocks:
        match block:
            case Heading(text=text) | Paragraph(text=text):
                lines.append(text)
            case Bullets(items=items):
                lines += [line.strip() for item in items for line in item.lines()]
            case Table(rows=rows):
                lines += [cell for row in rows for cell in row]
    return "\n".join(lines)


@pytest.mark.parametrize(("asked", "words"), ANSWERS)
def test_the_edition_answers_what_a_reader_asks(asked: str, words: str) -> None:
    assert words in words_of(edition_of(FULL)), asked


def test_what_a_policy_lacks_is_left_out() -> None:
    sections = [block.anchor for block in edition_of(BARE).blocks if isinstance(block, Heading) and block.level == 2]
    assert " ".join(sections) == ("what-this-decides grades rules lowest-grade call-ends responses questions sources")


def test_rules_stand_by_grade_from_the_highest_and_then_by_element() -> None:
    titles = [block.text for block in edition_of(FULL).blocks if isinstance(block, Heading) and block.level > 2]
    assert titles[:4] == ["Immediate", "Threat", "What else follows, whatever the grade", "Other"]


class Page(HTMLParser):
    """What a reader's browser finds in a page."""

    def __init__(self, page: str) -> None:
        """Read a page."""
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.levels: list[int] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.append(tag)
        given = {name: value or "" for name, value in attrs}
        self.ids += [given["id"]] if "id" in given else []
        self.links += [value for name, value in given.items() if name in ("href", "src")]
        self.levels += [int(tag[1])] if re.fullmatch(r"h\d", tag) else []
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an element; it has to be the one that was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note words."""
        self.text += data


@pytest.mark.parametrize("policy", [FULL, BARE])
def test_the_page_is_sound_and_needs_nothing_else(policy: Policy) -> None:
    page = Page(as_html(edition_of(policy)))
    assert page.open == []
    assert not {"script", "img", "link", "iframe", "style src"} & set(page.tags)
    assert [link for link in page.links if not link.startswith("#")] == []
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    assert page.levels[0] == 1
    assert page.levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(page.levels, page.levels[1:], strict=False))


def test_the_page_has_all_the_words_of_the_edition_and_escapes_them() -> None:
    edition = edition_of(FULL)
    text = Page(as_html(edition)).text
    assert [line for line in words_of(edition).split("\n") if line not in text] == []
    hostile = Edition("<b>", (Heading(2, "<script>", '"x'), Paragraph("a & <i>"), Bullets((Outline("<u>"),))))
    page = as_html(hostile)
    assert not {"b", "script", "i", "u"} & set(Page(page).tags)
    assert '<h2 id="&quot;x">&lt;script&gt;</h2>' in page


# text, as Markdown, remark
MARKED = [
    ("1. first", r"1\. first", "no numbered list"),
    ("2026.1", "2026.1", "a version is no list"),
    ("this & that, &amp; so", r"this & that, \&amp; so", "no entity"),
    ("- item", r"\- item", "no list"),
    ("a *b* _c_ [d] <e> `f` # g", r"a \*b\* \_c\_ \[d\] \<e\> \`f\` \# g", "nothing is marked up"),
]


@pytest.mark.parametrize(("text", "written", "remark"), MARKED)
def test_markdown_leaves_words_as_they_are(text: str, written: str, remark: str) -> None:
    assert as_markdown(Edition("T", (Paragraph(text),))) == f"# T\n\n{written}\n", remark


def test_markdown_has_headings_nested_lists_and_tables() -> None:
    blocks = (Heading(2, "H", "h"), Bullets((Outline("a", (Outline("b"),)),)), Table("C", ("x", "y"), (("1|2", "3"),)))
    assert as_markdown(Edition("T", blocks)) == (
        "# T\n\n## H\n\n- a\n  - b\n\nC:\n\n| x | y |\n| --- | --- |\n| 1\\|2 | 3 |\n"
    )


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.parent.name))
def test_every_shipped_policy_has_an_edition_with_every_rule_and_source_in_it(path: Path) -> None:
    policy = compiled_file(path).compiled.policy
    words = words_of(edition_of(policy))
    said = [rule.says for rule in policy.rules] + [source.title for source in policy.basis]
    said += [duty.title for duty in policy.duties]
    said += [timer.title for timer in policy.timers] + [reason.title for reason in policy.outcomes]
    assert [one for one in said if one not in words] == []
