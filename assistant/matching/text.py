r"""Text as people paste it, made readable for matching: the stored question stays as it was typed.

Full-width letters and ligatures become plain ones (Unicode's NFKC), words that a PDF broke at a hyphen are joined,
signs that nobody sees go, quotation marks become straight, HTML's references (``&lt;``) become signs, and formulas
become words: ``$\alpha$`` and α are read as alpha.
"""

import html
import logging
import re
import unicodedata

from pylatexenc.latex2text import LatexNodes2Text  # type: ignore[import-untyped]

# What it says of broken formulas holds learners' words, which no log may.
logging.getLogger("pylatexenc").setLevel(logging.CRITICAL + 1)

FORMULA = re.compile(
    r"\$\$(?P<display>[^$]{1,500})\$\$|\$(?P<inline>[^$\n]{1,200})\$|\\[(\[](?P<brackets>.{1,500}?)\\[)\]]", re.DOTALL
)
COMMAND = re.compile(r"\\[A-Za-z]{2,}(?:\{[^{}\n]{0,100}\})*")
# A hyphen at the end of a line, or one with a blank after it, within a word; "pre- and post-training" is none.
BROKEN_LINE = re.compile(r"(?<=[^\W\d_])-\s*\n\s*(?=[^\W\d_])")
BROKEN = re.compile(r"(?<=[^\W\d_])- (?!(?:and|or|nor|to|vs|versus|but|as|than)\b)(?=[a-z])")
SIGNS = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "‛": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'}
    | {"–": "-", "—": " - ", "−": "-", "…": "...", "×": " x ", "≠": " not equal to ", "≈": " about ", "→": " to "}
    | {"∂": " partial ", "∇": " gradient ", "∑": " sum ", "√": " square root "}
)  # fmt: skip
MOST_FORMULAS = 100  # of a text are read, a millisecond each
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})  # Unicode's categories
MARKS = frozenset({"Mn", "Me"})
MOST_MARKS = 5  # on a letter; no script in use has more
JOINERS = "\u200c\u200d"  # which change how letters and emoji look, and nothing else


def visible(text: str) -> str:
    """Return a text without signs that are not seen: of control, of direction, of no width, and halves of characters.

    Line breaks and tabs stay, and so do the joiners that some scripts and emoji need between letters. Of marks that are
    piled up on a letter, and would reach over other lines, only the first stay.
    """
    kept, pile = [], 0
    for each in text.replace("\r\n", "\n").replace("\r", "\n"):
        category = unicodedata.category(each)
        if each in JOINERS:
            kept.append(each)
        elif each in "\n\t" or category not in HIDDEN:
            pile = pile + 1 if category in MARKS else 0
            if pile <= MOST_MARKS:
                kept.append(each)
    return "".join(kept)


def readable(text: str) -> str:
    """Return a visible text as it is matched; its line breaks stay, since they tell code from prose."""
    plain = FORMULA.sub(_words_of_formula, visible(html.unescape(text)), MOST_FORMULAS)
    plain = unicodedata.normalize("NFKC", plain.translate(SIGNS)).translate(SIGNS)
    plain = BROKEN.sub("", BROKEN_LINE.sub("", plain))
    plain = COMMAND.sub(lambda found: _words(found[0]), plain, MOST_FORMULAS)
    return "".join(_name_of_letter(each, plain, at) for at, each in enumerate(plain) if each not in JOINERS)


def one_line(text: str) -> str:
    """Return a text as one line."""
    return " ".join(text.split())


def _words_of_formula(found: re.Match[str]) -> str:
    inner = found["display"] or found["inline"] or found["brackets"]
    if found["inline"] and not re.search(r"[\\^_={}]|^\s*\w\s*$", inner):
        return found[0]  # two amounts of money, or other words between dollar signs
    return f" {_words(inner)} "


def _words(latex: str) -> str:
    try:  # A per cent sign would begin a comment.
        found = str(LatexNodes2Text(math_mode="text").latex_to_text(re.sub(r"(?<!\\)%", r"\\%", latex)))
    except (LookupError, ValueError, AttributeError):  # commands without their arguments
        found = "%s"
    return re.sub(r"[\\{}]", " ", latex) if "%s" in found else found


def _name_of_letter(sign: str, text: str, at: int) -> str:
    """Return a Greek letter's name where it stands for itself, as in formulas, and any other sign as it is."""
    if not "\u0370" <= sign <= "\u03ff":
        return sign
    beside = text[max(at - 1, 0) : at] + text[at + 1 : at + 2]
    if any("\u0370" <= each <= "\u03ff" or "\u1f00" <= each <= "\u1fff" for each in beside):
        return sign  # within a Greek word
    name = unicodedata.name(sign, "")
    spelt = name.rpartition(" ")[2].lower().replace("lamda", "lambda")
    return f" {spelt} " if " LETTER " in name and "WITH" not in name else sign
