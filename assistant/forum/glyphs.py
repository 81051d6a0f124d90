"""What the cards' fonts cannot draw, in words: a picture's name, or the name of a script."""

import unicodedata
from collections.abc import Callable
from itertools import groupby

IGNORED = {"Cf", "Mn", "Me", "Sk"}  # joiners, marks and skin tones: what they belong to is said already
SCRIPTS = {"CJK": "Chinese", "HIRAGANA": "Japanese", "KATAKANA": "Japanese", "HANGUL": "Korean"}


def in_words(text: str, is_drawn: Callable[[str], bool]) -> str:
    """Return a text with what is not drawn said in brackets: "[snake]", and "[Devanagari]" for words of that script."""
    parts = []
    plain = "".join(_plain(each, is_drawn) for each in text)
    for said, run in groupby(plain, key=lambda each: _words_for(each, is_drawn)):
        signs = "".join(run)
        parts.append(signs if said is None else f"[{said}]" if said else "")
    return _without_repeats("".join(parts))


def _plain(sign: str, is_drawn: Callable[[str], bool]) -> str:
    """Return the sign that is drawn for one that is the same in another width, such as a Chinese question mark."""
    same = unicodedata.normalize("NFKC", sign)
    return same if not is_drawn(sign) and all(is_drawn(each) for each in same) else sign


def _words_for(sign: str, is_drawn: Callable[[str], bool]) -> str | None:
    """Return what is said for a sign: nothing for one that only changes others; None for one that is drawn."""
    if sign.isspace() or is_drawn(sign):
        return None
    if unicodedata.category(sign) in IGNORED:
        return ""
    name = unicodedata.name(sign, "")
    if unicodedata.category(sign).startswith("S") or not name:
        return name.casefold() or "sign"
    script = name.split()[0].partition("-")[0]
    return SCRIPTS.get(script, script.capitalize())


def _without_repeats(text: str) -> str:
    """Say a script once for words that follow each other in it."""
    words: list[str] = []
    for word in text.replace("]\N{ZERO WIDTH JOINER}[", "][").replace("][", "] [").split(" "):
        if words and word.startswith("[") and words[-1].endswith("]") and word.startswith(words[-1]):
            words[-1] = word  # with the sign that follows it, where there is one
        else:
            words.append(word)
    return " ".join(words)
