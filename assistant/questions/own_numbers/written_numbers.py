"""Numbers as learners write them: in digits, as a power of ten, in per cent, in thousands ("20k"), or in words."""

import math
import re

SMALL = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"]
SMALL += ["fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
VALUES = {
    "a": 1,
    **dict(zip(SMALL, range(1, 20), strict=True)),
    **dict(zip(TENS, range(20, 100, 10), strict=True)),
}
LARGE = {"hundred": 100, "thousand": 1_000}
BELOW_100 = rf"(?:(?:{'|'.join(TENS)})(?:[\s-](?:{'|'.join(SMALL[:9])})\b)?|{'|'.join(SMALL)})\b"
# "a few hundred" and "hundreds" are none.
WORDED = rf"(?:(?:{BELOW_100}|a)\s+(?:{'|'.join(LARGE)})\b|{BELOW_100})"
POWER = r"10(?:\^|\*\*)\{?[-−]\d{1,2}\}?"  # 10^-3
DIGITS = r"(?:[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?|\.\d+)(?:[eE][-+−]?\d{1,2})?"
# Neither part of a word, a version, a fraction, a power, a ratio or a date.
NUMBER = (
    rf"(?<![\w.,/^])(?:{WORDED}|(?:(?<![\w)\]])[-−+])?(?:{POWER}|{DIGITS}))"
    r"(?:\s?%|k\b)?(?![\w^*/°]|[.,:]\d|\s?[x×·⋅∙*]\s?\d)"
)


def value_of(written: str) -> float | None:
    """Return a number that `NUMBER` found, per cent as hundredths; None where it is not clear, or too large.

    A comma before three digits parts thousands, and after a leading 0 it is a decimal comma.
    """
    plain = written.casefold().replace("−", "-").strip()
    if plain[:1].isalpha():
        return _in_words(re.split(r"[\s-]+", plain))
    factor = 1.0
    if plain.endswith("%"):
        plain, factor = plain.removesuffix("%").strip(), 0.01
    elif plain.endswith("k"):
        plain, factor = plain.removesuffix("k"), 1000.0
    if power := re.fullmatch(r"([-+]?)10(?:\^|\*\*)\{?-(\d+)\}?", plain):
        plain = f"{power[1]}1e-{power[2]}"
    if re.fullmatch(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?", plain):
        plain = plain.replace(",", "")
    elif re.fullmatch(r"[-+]?0,\d+", plain):
        plain = plain.replace(",", ".")
    try:
        value = float(plain)
    except ValueError:
        return None
    return float(f"{value * factor:.12g}") if math.isfinite(value) else None


def _in_words(words: list[str]) -> float | None:
    """Return what number words come to: "twelve", "thirty two", "a hundred"."""
    factor = LARGE.get(words[-1], 1)
    small = words[:-1] if factor > 1 else words
    return float(factor * sum(VALUES[each] for each in small)) if VALUES.keys() >= set(small) else None
