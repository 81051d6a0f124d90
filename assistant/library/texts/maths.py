"""Formulas: LaTeX to MathML on the server, and what of a formula cannot be shown."""

from collections.abc import Iterator
from functools import lru_cache
from xml.etree import ElementTree

import nh3
from latex2mathml import exceptions
from latex2mathml.converter import convert

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
    "mtable": {"columnalign", "rowspacing", "columnspacing", "displaystyle"},
    "mtd": {"columnalign"},
    "mtext": set(),
    "mtr": set(),
    "munder": {"accentunder"},
    "munderover": set(),
}
BROKEN: dict[type[Exception], str] = {
    exceptions.MissingSuperScriptOrSubscriptError: "something is missing after ^ or _",
    exceptions.DoubleSubscriptsError: "it has two subscripts at one place: group them with braces",
    exceptions.DoubleSuperscriptsError: "it has two superscripts at one place: group them with braces",
    exceptions.ExtraLeftOrMissingRightError: r"a \left has no \right",
    exceptions.MissingEndError: r"a \begin has no \end",
    exceptions.NoAvailableTokensError: "it ends too early",
    exceptions.DenominatorNotFoundError: "a fraction has no denominator",
    exceptions.NumeratorNotFoundError: "a fraction has no numerator",
}
OPEN, CLOSED = "{", "}"


def to_mathml(source: str, options: dict[str, bool]) -> str:
    """Return MathML; what cannot be converted is shown as it was written."""
    try:
        return _converted(source, options["display_mode"])
    except Exception:  # noqa: BLE001 - the converter raises many kinds, and a formula must never break a page
        return f"<code>{nh3.clean_text(source)}</code>"


def problem(source: str) -> str | None:
    """Say why a formula cannot be shown, or not all of it; None where it can."""
    try:
        tree = ElementTree.fromstring(_converted(source, display=False))  # noqa: S314 - the converter's own
    except Exception as error:  # noqa: BLE001 - see above
        return BROKEN.get(type(error), "it cannot be read as LaTeX")
    if (depth := _unbalanced(source)) is not None:
        return depth
    return next(_not_shown(tree), None)


@lru_cache(maxsize=1_000)
def _converted(source: str, display: bool) -> str:
    return str(convert(source, display="block" if display else "inline"))


def _unbalanced(source: str) -> str | None:
    depth = 0
    plain = source.replace("\\\\", "").replace(f"\\{OPEN}", "").replace(f"\\{CLOSED}", "")
    for sign in plain:
        depth += (sign == OPEN) - (sign == CLOSED)
        if depth < 0:
            return "a } closes nothing"
    return "a { is never closed" if depth else None


def _not_shown(tree: ElementTree.Element) -> Iterator[str]:
    """Yield what would be dropped, or stand there as a command."""
    for element in tree.iter():
        tag, text = element.tag.rpartition("}")[2], (element.text or "").strip()
        if text.startswith("\\") and text[1:].isalpha() and tag != "mtext":
            yield f"the command {text} is not known"
        if tag not in MATHML:
            yield f"it needs the MathML element {tag}, which pages do not show"
        elif dropped := sorted(element.attrib.keys() - MATHML[tag]):
            yield f"it needs the MathML attribute {dropped[0]} of {tag}, which pages do not show"
