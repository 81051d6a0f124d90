"""Markdown to safe HTML: the one renderer of pages, previews and frames. Maths becomes MathML on the server."""

import re
from functools import cache

import nh3
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from mdit_py_plugins.dollarmath import dollarmath_plugin

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
    "code": set(),
    "div": {"class"},
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


@cache
def _renderer() -> MarkdownIt:
    renderer = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False}).enable("table")
    renderer.use(dollarmath_plugin, renderer=_maths, double_inline=True)
    renderer.core.ruler.push("link_entries", _link_entries)
    return renderer


def render(text: str, *, pictures: bool = False) -> str:
    """Return safe HTML of an author's Markdown; a link to a slug leads to that entry's page.

    With ``pictures``, as a forum would render it; what our pages show has none in its text.
    """
    html = re.sub(r"(\d) %", "\\1\N{NO-BREAK SPACE}%", _renderer().render(text))
    shown = {"img": {"src", "alt"}} if pictures else {}
    return nh3.clean(
        html,
        tags={*HTML, *MATHML, "span", *shown},
        attributes={**HTML, **MATHML, "span": {"class"}, **shown},
        url_schemes={"https", "http", "mailto"},
        link_rel="noopener",
    )
