"""A text as blocks (headings, paragraphs, lists, tables), and its two writers: Markdown and HTML. No words of its own.

The HTML is one page that needs nothing else: no script, no picture, no address to load from. It prints well, and reads
well aloud: one main heading, headings without gaps, table headers with their scope, a language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeAlias, assert_never

from chalicelib.policy.english import Outline


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: level 2 for a section, 3 and 4 below it. The `anchor` is its address within the page."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list, whose items may have lists under them."""

    items: tuple[Outline, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with one row of headers; the first cell of a row names it."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block: TypeAlias = Heading | Paragraph | Bullets | Table


@dataclass(frozen=True, slots=True)
class Edition:
    """A whole text with its title."""

    title: str
    blocks: tuple[Block, ...]


def as_markdown(edition: Edition) -> str:
    """The text in Markdown (CommonMark with tables)."""
    parts = [f"# {_plain(edition.title)}", *("\n".join(_markdown(block)) for block in edition.blocks)]
    return "\n\n".join(parts) + "\n"


def _markdown(block: Block) -> Iterator[str]:
    match block:
        case Heading(level=level, text=text):
            yield f"{'#' * level} {_plain(text)}"
        case Paragraph(text=text):
            yield _plain(text)
        case Bullets(items=items):
            for item in items:
                yield from _item(item, 0)
        case Table(caption=caption, head=head, rows=rows):
            yield f"{_plain(caption)}:"
            yield ""
            yield from _rows((head, ("---",) * len(head), *rows))
        case _:
            assert_never(block)


def _item(item: Outline, depth: int) -> Iterator[str]:
    yield f"{'  ' * depth}- {_plain(item.text)}"
    for part in item.parts:
        yield from _item(part, depth + 1)


def _rows(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for row in rows:
        cells = (_plain(cell).replace("|", "\\|") if cell != "---" else cell for cell in row)
        yield f"| {' | '.join(cells)} |"


_MARKS = str.maketrans({mark: "\\" + mark for mark in "\\`*_[]<>#~"})
_ENTITY = re.compile(r"&(?=#?\w+;)")
_STARTS = ("-", "+", "=")


def _plain(text: str) -> str:
    """Words that Markdown leaves as they are."""
    words = _ENTITY.sub(r"\&", text.translate(_MARKS))
    number, dot, rest = words.partition(".")
    if number.isdigit() and dot and rest[:1] in ("", " "):
        words = f"{number}\\.{rest}"
    return "\\" + words if words.startswith(_STARTS) else words


_STYLE = """
body { font: 1.05rem/1.5 Georgia, "Times New Roman", serif; color: #111; background: #fff; max-width: 48rem;
  margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3, h4, th, caption, nav { font-family: Arial, Helvetica, sans-serif; line-height: 1.25; }
h2 { margin-top: 2.5rem; border-bottom: 2px solid #1d3f72; }
a { color: #1d3f72; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
caption { text-align: left; font-weight: bold; padding-bottom: .3rem; }
th, td { border: 1px solid #767676; padding: .35rem .5rem; text-align: left; vertical-align: top; }
thead th { background: #e8edf5; }
li { margin: .2rem 0; }
@media print {
  body { max-width: none; margin: 0; font-size: 10.5pt; }
  nav { display: none; }
  h2, h3, h4 { break-after: avoid; }
  li, tr { break-inside: avoid; }
  thead { display: table-header-group; }
}
"""


def as_html(edition: Edition) -> str:
    """The text as one HTML page."""
    sections = [block for block in edition.blocks if isinstance(block, Heading) and block.level == 2]
    contents = "\n".join(f'<li><a href="#{escape(one.anchor)}">{escape(one.text)}</a></li>' for one in sections)
    body = "\n".join(line for block in edition.blocks for line in _html(block))
    return (
        '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(edition.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<header><h1>{escape(edition.title)}</h1></header>\n"
        f'<nav aria-label="Contents">\n<ul>\n{contents}\n</ul>\n</nav>\n<main>\n{body}\n</main>\n</body>\n</html>\n'
    )


def _html(block: Block) -> Iterator[str]:
    match block:
        case Heading(level=level, text=text, anchor=anchor):
            yield f'<h{level} id="{escape(anchor)}">{escape(text)}</h{level}>'
        case Paragraph(text=text):
            yield f"<p>{escape(text)}</p>"
        case Bullets(items=items):
            yield _list(items)
        case Table(caption=caption, head=head, rows=rows):
            headers = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
            yield f"<table>\n<caption>{escape(caption)}</caption>\n<thead><tr>{headers}</tr></thead>\n<tbody>"
            for first, *others in rows:
                cells = "".join(f"<td>{escape(cell)}</td>" for cell in others)
                yield f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>'
            yield "</tbody>\n</table>"
        case _:
            assert_never(block)


def _list(items: Sequence[Outline]) -> str:
    lines = (f"<li>{escape(item.text)}{_list(item.parts) if item.parts else ''}</li>" for item in items)
    return "<ul>" + "\n".join(lines) + "</ul>"
