"""Markdown to safe HTML: the one renderer of pages, previews and frames. Maths becomes MathML on the server."""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.dollarmath.index import math_inline_dollar

from assistant.library.texts.maths import MATHML, to_mathml
from assistant.library.texts.measured import Measured, collect_measured, mark_measured

SLUG = re.compile("[a-z0-9-]+")
FIGURE_SCHEME = "figure:"
SCHEMES = {"https", "http", "mailto"}  # to which links may lead, beside pages of this service
FIGURE_NAME = re.compile("[a-z0-9-]+(/[a-z0-9-]+)?")  # a name, behind that of a further experiment where it is its
FORMULA_AT = "at"  # where a formula's token keeps its place in the text of its paragraph
PARAGRAPH = "<p>"
PLACE, PLACE_END = '<div class="placed" data-figure="', '"></div>'
HTML: dict[str, set[str]] = {
    "a": {"href", "title"},
    "blockquote": set(),
    "br": set(),
    "button": {"type", "class", "popovertarget"},
    "code": {"class"},
    "div": {"class", "data-figure"},
    "em": set(),
    "h2": set(),
    "h3": set(),
    "h4": set(),
    "h5": set(),
    "h6": set(),
    "hr": set(),
    "li": set(),
    "ol": {"start"},
    "p": set(),
    "pre": set(),
    "strong": set(),
    "table": set(),
    "tbody": set(),
    "td": {"class"},
    "th": {"class"},
    "thead": set(),
    "tr": set(),
    "ul": set(),
}


def _link_entries(state: StateCore) -> None:
    """Turn links to slugs into links to the entries' pages."""
    for token in state.tokens:
        for child in token.children or []:
            target = child.attrGet("href") if child.type == "link_open" else None
            if isinstance(target, str) and SLUG.fullmatch(target):
                child.attrSet("href", f"/entries/{target}")
                child.meta["entry"] = target


def _align_cells(state: StateCore) -> None:
    """Say by classes how cells are aligned: pages allow no styles of their own."""
    for token in state.tokens:
        style = token.attrGet("style") if token.type in {"td_open", "th_open"} else None
        if isinstance(style, str):
            token.attrs = {"class": style.removeprefix("text-align:")}


def _text(_renderer: object, tokens: Sequence[Token], at: int, _options: object, _env: object) -> str:
    """Render words, a number with its per cent sign; code and formulas are none, and keep their blanks."""
    return escapeHtml(kept_together(tokens[at].content))


def _place_figures(state: StateCore) -> None:
    """Turn a picture that is a paragraph by itself, and names a figure, into the place for that figure."""
    tokens: list[Token] = []
    for token in state.tokens:
        if token.type == "paragraph_close" and (name := _figure_in(tokens[-1])) is not None:
            lines = tokens[-1].map
            del tokens[-2:]
            place = f"{PLACE}{name}{PLACE_END}\n"
            tokens.append(Token("html_block", "", 0, content=place, map=lines, meta={"figure": name}))
        else:
            tokens.append(token)
    state.tokens = tokens


def _figure_in(token: Token) -> str | None:
    (picture, *more) = token.children or [token]
    name = figure_of(picture) if not more else None
    return name if name is not None and FIGURE_NAME.fullmatch(name) else None


def figure_of(token: Token) -> str | None:
    """Return the name of the figure that a picture asks for; None for another picture, or none."""
    source = token.attrGet("src") if token.type == "image" else None
    if not isinstance(source, str) or not source.startswith(FIGURE_SCHEME):
        return None
    return source.removeprefix(FIGURE_SCHEME)


def kept_together(text: str) -> str:
    """Return a text in which a space stands between each number and its per cent sign, at which no line ends."""
    return re.sub(r"(\d) ?%(?!\w)", "\\1\N{NO-BREAK SPACE}%", text)


@lru_cache(maxsize=256)
def without_figures(text: str) -> str:
    """Return an author's Markdown without the places of figures.

    Matching reads all explanations anew after each change of the library, and mostly none of them has changed: to parse
    one takes 20 ms.
    """
    lines = text.split("\n")
    for token in reversed(tokens_of(text)):
        if "figure" in token.meta and token.map is not None:
            first, end = token.map
            while end < len(lines) and not lines[end].strip():
                end += 1
            del lines[first:end]
    return "\n".join(lines)


@lru_cache(maxsize=256)
def paragraphs_of(text: str) -> tuple[str, ...]:
    """Return the sources of the paragraphs that an author's Markdown is rendered with, in their order."""
    tokens = tokens_of(text)
    opened = [at for at, token in enumerate(tokens) if token.type == "paragraph_open" and not token.hidden]
    return tuple(tokens[at + 1].content for at in opened)


def with_opening(html: str, paragraph: int, opening: str) -> str:
    """Return rendered HTML in which a paragraph, counted from 0, begins with this opening tag and what follows it."""
    parts = html.split(PARAGRAPH)
    if paragraph + 1 >= len(parts):
        return html
    before, after = parts[: paragraph + 1], parts[paragraph + 1 :]
    return "".join((PARAGRAPH.join(before), opening, PARAGRAPH.join(after)))  # of a string, and escaped by nobody


def parts_of(html: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of rendered HTML, each with the name of the figure that follows it; none after the last."""
    first, *others = html.split(PLACE)
    for other in others:
        name, _, rest = other.partition(PLACE_END)
        yield first, name
        first = rest
    yield first, ""


def _formula(state: StateInline, silent: bool) -> bool:
    """Read a formula between dollars, as Pandoc does, so that prices are none; its token keeps where it began."""
    start = state.pos
    # At the start of a text the plugin would take its last sign for the one before.
    if not math_inline_dollar(allow_space=False, allow_digits=start == 0, allow_double=True)(state, silent):
        return False
    if not silent:
        state.tokens[-1].meta[FORMULA_AT] = start
    return True


def _formula_in_line(_renderer: object, tokens: Sequence[Token], at: int, _options: object, _env: object) -> str:
    """Render a formula between two dollars that stands within a paragraph, where the plugin's own box would end it."""
    return f'<span class="math inline">{to_mathml(tokens[at].content.strip(), {"display_mode": True})}</span>'


@cache
def _renderer() -> MarkdownIt:
    renderer = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False}).enable("table")
    renderer.use(dollarmath_plugin, renderer=to_mathml, double_inline=True)
    renderer.inline.ruler.at("math_inline", _formula)
    renderer.core.ruler.push("mark_measured", mark_measured)
    renderer.core.ruler.push("link_entries", _link_entries)
    renderer.core.ruler.push("align_cells", _align_cells)
    renderer.core.ruler.push("place_figures", _place_figures)
    renderer.add_render_rule("text", _text)
    renderer.add_render_rule("math_inline_double", _formula_in_line)
    return renderer


@lru_cache(maxsize=8)  # of each text several things are asked in a row
def tokens_of(text: str) -> Sequence[Token]:
    """Return the tokens of an author's Markdown, as they are rendered."""
    return _renderer().parse(text)


def render(text: str, *, pictures: bool = False) -> str:
    """Return safe HTML of an author's Markdown; a link to a slug leads to that entry's page.

    Of a figure, as in ``![](figure:wall)``, it holds the place alone: only a page knows of which run (`parts_of`).
    With ``pictures``, as a forum would render it; what our pages show has none in its text.
    """
    shown = {"img": {"src", "alt"}} if pictures else {}
    return _cleaned(_renderer().render(text), shown)


@lru_cache(maxsize=128)  # Each page of an answer asks for those of its text.
def measured_in(text: str) -> tuple[Measured, ...]:
    """Return the measured numbers of an author's Markdown."""
    return tuple(collect_measured(tokens_of(text)))


@cache
def _line_renderer() -> MarkdownIt:
    renderer = MarkdownIt("zero").enable("link")
    renderer.core.ruler.push("mark_measured", mark_measured)
    renderer.add_render_rule("text", _text)
    return renderer


def render_line(text: str) -> str:
    """Return safe HTML of a text that is plain but for its measured numbers, such as a short answer."""
    return _cleaned(_line_renderer().renderInline(text), {})


def measured_in_line(text: str) -> list[Measured]:
    """Return the measured numbers of such a text."""
    return collect_measured(_line_renderer().parseInline(text))


def words_of(text: str) -> str:
    """Return such a text as it is read, without the findings of its numbers."""
    return "".join(child.content for token in _line_renderer().parseInline(text) for child in token.children or [])


def _cleaned(html: str, shown: dict[str, set[str]]) -> str:
    return nh3.clean(
        html,
        tags={*HTML, *MATHML, "span", *shown},
        attributes={**HTML, **MATHML, "span": {"class"}, **shown},
        url_schemes=SCHEMES,
        link_rel="noopener",
    )
