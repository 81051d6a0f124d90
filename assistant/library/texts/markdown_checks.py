"""What of an author's Markdown would not come through: told before it is published, with line and column."""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from markdown_it.token import Token

from assistant.library.texts import maths
from assistant.library.texts.markdown import FORMULA_AT, SCHEMES, figure_of, tokens_of

INLINE_MATHS = {"math_inline", "math_inline_double"}
BLOCK_MATHS = {"math_block", "math_block_label"}
BREAKS = {"softbreak", "hardbreak"}


class Told(NamedTuple):
    """Something in a text, with its line, from 1."""

    line: int
    what: str


def problems(text: str) -> list[Told]:
    """Return what of a text would be dropped or shown otherwise than it is meant, in its order."""
    lines = text.split("\n")
    return [told for token, line in _places(text) for told in _problems_of(token, line, lines)]


def links_in(text: str) -> list[Told]:
    """Return the slugs of the entries to which a text links; what stands in code is no link."""
    return [Told(line, token.meta["entry"]) for token, line in _places(text) if "entry" in token.meta]


def figures_in(text: str) -> list[Told]:
    """Return the names of the figures that a text asks for, wherever they stand."""
    named = [(line, token.meta.get("figure") or figure_of(token)) for token, line in _places(text)]
    return [Told(line, name) for line, name in named if name is not None]


def placed_in(text: str) -> set[str]:
    """Return the names of the figures that stand by themselves, and so have a place."""
    return {token.meta["figure"] for token, _ in _places(text) if "figure" in token.meta}


def _places(text: str) -> Iterator[tuple[Token, int]]:
    """Yield the tokens of a text, those inside of paragraphs too, each with its line, from 1."""
    line, lines = 1, text.split("\n")
    for token in tokens_of(text):
        line = token.map[0] + 1 if token.map is not None else line
        yield token, line
        within = line
        for child in token.children or []:
            if FORMULA_AT in child.meta:
                within = line + token.content.count("\n", 0, child.meta[FORMULA_AT])
                child.meta["column"] = _column(lines[within - 1], token.content, child.meta[FORMULA_AT])
            yield child, within
            within += child.type in BREAKS


def _column(source: str, content: str, at: int) -> int:
    """Return the column, from 1, at which the place ``at`` of a paragraph's text stands in its line of the source."""
    start = content.rfind("\n", 0, at) + 1
    own = content[start:].partition("\n")[0]
    return max(source.find(own), 0) + at - start + 1


def _problems_of(token: Token, line: int, lines: list[str]) -> Iterator[Told]:
    if token.type in INLINE_MATHS | BLOCK_MATHS:
        source = token.content.strip()
        if (told := maths.problem(source)) is not None:
            column = token.meta.get("column") or lines[line - 1].find("$$") + 1
            short = source if len(source) <= 60 else f"{source[:60]}…"
            yield Told(line, f"the formula ${short}$ in column {column} cannot be shown as it is: {told}")
    elif token.type == "heading_open" and token.tag == "h1":
        yield Told(line, "a heading with a single # is kept for the title: begin with ##")
    elif token.type == "image" and figure_of(token) is None:
        yield Told(
            line, f"the picture {str(token.attrGet('src'))[:60]!r} is not shown: figures of a run are, by figure:NAME"
        )
    elif token.type == "text" and "](" in token.content:
        yield Told(
            line,
            f"{token.content[:60]!r} is shown as it is typed, and is no link: an address holds no blanks, "
            "and is a slug or begins with https:, http: or mailto:",
        )
    elif token.type == "link_open" and token.tag == "a":
        target = str(token.attrGet("href"))
        scheme = urlsplit(target).scheme
        if scheme and scheme not in SCHEMES:
            yield Told(line, f"the link to {target[:60]!r} leads nowhere: links begin with https:, http: or mailto:")
