"""Markdown to safe HTML: the one renderer of pages, previews and frames. Maths becomes MathML on the server."""

import re
from collections.abc import Iterator
from functools import cache

import nh3
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from assistant.library.measured import Measured, mark_measured, marked

FIGURE = re.compile("[a-z0-9-]+(/[a-z0-9-]+)?")  # a name, behind that of a further experiment where it is its

MATHML = {
    "math": {"display", "xmlns"},
    "mfrac": {"linethickness"},
    "mi": {"mathvariant"},
    "mn": set(),
    "mo": {"stretchy", "fence", "form", "lspace", "rspace", "movablelimits", "minsize", "maxsize"},
    "mover": {"accent"},
    "mpadded": {"width", "lspace"},
    "mroot": set(),
    "mrow": set(),
    "mspace": {"width"},
    "msqrt": set(),
    "mstyle": {"displaystyle", "scriptlevel"},
    "msub": set(),
    "msubsup": set(),
    "msup": set(),
    "mtable": {"columnalign", "rowspacing", "columnspacing"},
    "mtd": {"columnalign"},
    "mtext": set(),
    "mtr": set(),
    "munder": {"accentunder"},
    "munderover": set(),
}
HTML: dict[str, set[str]] = {
    "a": {"href", "title"},
    "blockquote": set(),
    "button": {"type", "class", "popovertarget"},
    "code": set(),
    "div": {"class", "data-figure"},
    "em": set(),
    "h2": set(),
    "h3": set(),
    "h4": set(),
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


def _maths(source: str, options: dict[str, bool]) -> str:
    """Return MathML; what cannot be converted is shown as it was written."""
    try:
        return str(convert(source, display="block" if options["display_mode"] else "inline"))
    except Exception:  # noqa: BLE001 - the converter raises many kinds, and a formula must never break a page
        return f"<code>{nh3.clean_text(source)}</code>"


def _link_entries(state: StateCore) -> None:
    """Turn links to slugs into links to the entries' pages."""
    for token in state.tokens:
        for child in token.children or []:
            target = child.attrGet("href") if child.type == "link_open" else None
            if isinstance(target, str) and re.fullmatch("[a-z0-9-]+", target):
                child.attrSet("href", f"/entries/{target}")


def _place_figures(state: StateCore) -> None:
    """Turn a picture that is a paragraph by itself, and names a figure, into the place for that figure."""
    tokens: list[Token] = []
    for token in state.tokens:
        if token.type == "paragraph_close" and (name := _figure_in(tokens[-1])) is not None:
            del tokens[-2:]
            tokens.append(Token("html_block", "", 0, content=f'<div class="placed" data-figure="{name}"></div>\n'))
        else:
            tokens.append(token)
    state.tokens = tokens


def _figure_in(token: Token) -> str | None:
    (picture, *more) = token.children or [token]
    source = picture.attrGet("src") if picture.type == "image" and not more else None
    found = FIGURE.fullmatch(source.removeprefix("figure:")) if isinstance(source, str) else None
    return found[0] if found is not None and source != found[0] else None


def without_figures(text: str) -> str:
    """Return an author's Markdown without the places of figures."""
    return re.sub(r"!\[[^\]]*\]\(figure:[^)]*\)\s*", "", text)


def figures_in(text: str) -> list[str]:
    """Return the names of the figures that an author's Markdown asks for, wherever they stand."""
    return re.findall(r"!\[[^\]]*\]\(figure:([^)]*)\)", text)


def parts_of(html: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of rendered HTML, each with the name of the figure that follows it; none after the last."""
    *parts, last = re.split(r'<div class="placed" data-figure="([^"]*)"></div>', html)
    yield from zip(parts[::2], parts[1::2], strict=True)
    yield last, ""


@cache
def _renderer() -> MarkdownIt:
    renderer = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False}).enable("table")
    renderer.use(dollarmath_plugin, renderer=_maths, double_inline=True)
    renderer.core.ruler.push("mark_measured", mark_measured)
    renderer.core.ruler.push("link_entries", _link_entries)
    renderer.core.ruler.push("place_figures", _place_figures)
    return renderer


def render(text: str, *, pictures: bool = False) -> str:
    """Return safe HTML of an author's Markdown; a link to a slug leads to that entry's page.

    Of a figure, as in ``![](figure:wall)``, it holds the place alone: only a page knows of which run (`parts_of`).
    With ``pictures``, as a forum would render it; what our pages show has none in its text.
    """
    shown = {"img": {"src", "alt"}} if pictures else {}
    return _cleaned(_renderer().render(text), shown)


def measured_in(text: str) -> list[Measured]:
    """Return the measured numbers of an author's Markdown."""
    return marked(_renderer().parse(text))


@cache
def _line_renderer() -> MarkdownIt:
    renderer = MarkdownIt("zero").enable("link")
    renderer.core.ruler.push("mark_measured", mark_measured)
    return renderer


def render_line(text: str) -> str:
    """Return safe HTML of a text that is plain but for its measured numbers, such as a short answer."""
    return _cleaned(_line_renderer().renderInline(text), {})


def measured_in_line(text: str) -> list[Measured]:
    """Return the measured numbers of such a text."""
    return marked(_line_renderer().parseInline(text))


def words_of(text: str) -> str:
    """Return such a text as it is read, without the findings of its numbers."""
    return "".join(child.content for token in _line_renderer().parseInline(text) for child in token.children or [])


def _cleaned(html: str, shown: dict[str, set[str]]) -> str:
    return nh3.clean(
        re.sub(r"(\d) %", "\\1\N{NO-BREAK SPACE}%", html),
        tags={*HTML, *MATHML, "span", *shown},
        attributes={**HTML, **MATHML, "span": {"class"}, **shown},
        url_schemes={"https", "http", "mailto"},
        link_rel="noopener",
    )
