"""Measured numbers: words of a text that carry the finding that they were read off, as ``[84 %](finding:success)``.

The author's number stays in the text, so that it reads at once and needs no run. What runs find can then be held
against it: to say when it has drifted, and to show readers what stands behind it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any
from urllib.parse import quote, unquote

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from assistant.library.findings import PARTS, declaration_of, label_text

SCHEME = "finding:"  # begins the target of a link whose words are a measured number
MEASURED = "measured"  # where a token keeps the number that it opens
NUMBER = re.compile(r"[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?")
COUNT = re.compile(r"(?P<count>\S+) of (?:the |all )?(?P<of>\S+)")
WHOLE = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
NOTHING, EVERYTHING = {"none", "no"}, {"all", "every"}
FRACTIONS = {"ratio", "probability"}  # units of quantities that may also be written in per cent
ROUNDED_FROM = 1_000  # whole numbers from here on are taken as rounded to their last digit that is not 0


@dataclass(frozen=True)
class Measured:
    """A measured number in a text; ``target`` is its finding, behind its experiment where that is a further one."""

    target: str
    words: str
    line: int  # of the text, from 1

    @property
    def experiment(self) -> str | None:
        """The further experiment that it is of; None for the main one."""
        return self.target.rpartition("/")[0] or None

    @property
    def finding(self) -> str:
        """The name of the finding."""
        return self.target.rpartition("/")[2]


def mark_measured(state: StateCore) -> None:
    """Turn links to findings into buttons, each of which opens the note on its finding."""
    for token in state.tokens:
        children = token.children or []
        for number, at, end in reversed(list(_links_to_findings(token))):  # from the last on, so that places stay
            children[at].meta[MEASURED] = number
            children[at].tag = children[end].tag = "button"
            children[at].attrs = {"type": "button", "class": "measured", "popovertarget": note_of(number.target)}
            _keep_together(children, at, end)


def collect_measured(tokens: Iterable[Token]) -> list[Measured]:
    """Return the measured numbers that were marked in a text's tokens."""
    return [child.meta[MEASURED] for token in tokens for child in token.children or [] if MEASURED in child.meta]


def _links_to_findings(token: Token) -> Iterator[tuple[Measured, int, int]]:
    """Yield each measured number with the places of what opens and closes its link; links do not nest."""
    children = token.children or []
    for at, opening in enumerate(children):
        target = str(opening.attrGet("href")) if opening.type == "link_open" else ""
        if target.startswith(SCHEME):
            inside = list(takewhile(lambda each: each.type != "link_close", children[at + 1 :]))
            words = "".join(" " if each.type == "softbreak" else each.content for each in inside)
            line = (token.map or [0])[0] + sum(each.type in {"softbreak", "hardbreak"} for each in children[:at])
            yield Measured(unquote(target.removeprefix(SCHEME)), words, line + 1), at, at + 1 + len(inside)


def _keep_together(children: list[Token], at: int, end: int) -> None:
    """Let no line end between a button and the signs that touch it: a browser would, after a bracket or before a comma.

    Args:
        children: the tokens of a text, which are changed.
        at: the place of what opens the button.
        end: the place of what closes it.
    """
    before = children[at - 1] if at and children[at - 1].type == "text" else Token("text", "", 0)
    after = children[end + 1] if end + 1 < len(children) and children[end + 1].type == "text" else Token("text", "", 0)
    first = before.content.rpartition(" ")[2]
    last = after.content.partition(" ")[0]
    if first or last:
        before.content, after.content = before.content.removesuffix(first), after.content.removeprefix(last)
        opening, closing = Token("span_open", "span", 1, attrs={"class": "unbroken"}), Token("span_close", "span", -1)
        inner = (Token("text", "", 0, content=first), *children[at : end + 1], Token("text", "", 0, content=last))
        children[at : end + 1] = [opening, *inner, closing]


def note_of(target: str) -> str:
    """Return the id of the note on a finding."""
    return SCHEME + quote(target)


def misfit(number: Measured, declared: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Return what is wrong with a measured number, and what would be right; None where nothing is.

    Args:
        number: as it is written.
        declared: the findings that its experiment reports, by name or by family, each with ``kind`` and ``unit``.
    """
    finding = declaration_of(number.finding, declared)
    if finding is None:
        return f"the experiment reports no {number.finding!r}: choose one of {', '.join(declared)}"
    try:
        written_range(number.words, finding["kind"], finding.get("unit", ""))
    except ValueError as error:
        return str(error)
    return None


def written_range(words: str, kind: str, unit: str = "") -> tuple[float, float] | str:
    """Return the smallest and the largest value that round to what is written; of a label, what is written.

    "84 %" is 0.835 to 0.845, "1.9" is 1.85 to 1.95, and "53 of 64" is half a network to either side.

    Raises:
        ValueError: the words hold no number of this kind; it says what would be right.
    """
    if kind == "label":
        return words
    if kind == "share" or PARTS.fullmatch(unit):
        return _range_of_share(words)
    if "%" in words and unit in FRACTIONS:
        return _range_of_share(words)
    if "%" in words:
        raise ValueError(f"{words!r} is written as a share, and the finding is a quantity")
    return _range_of(_only_number(words))


def agrees(written: tuple[float, float] | str, found: tuple[float, float] | str) -> bool:
    """Say whether what is written can be what was found: two ranges that meet, or the same label."""
    if isinstance(written, str) or isinstance(found, str):
        return label_text(str(found)).casefold() in {str(written).casefold(), label_text(str(written)).casefold()}
    slack = 1e-9 * max(map(abs, (*written, *found)))  # a half is not exact in binary
    return written[0] <= found[1] + slack and found[0] <= written[1] + slack


def _range_of_share(words: str) -> tuple[float, float]:
    plain = words.casefold()
    for part in COUNT.finditer(plain):
        count, of = _count(part["count"]), _count(part["of"])
        if count is not None and of:
            return (count - 0.5) / of, (count + 0.5) / of
    if "%" in plain:
        low, high = _range_of(_only_number(plain))
        return low / 100, high / 100
    if set(plain.split()) & NOTHING:
        return 0.0, 0.0
    if set(plain.split()) & EVERYTHING:
        return 1.0, 1.0
    raise ValueError(f"{words!r} is no share: write it as 84 %, 53 of 64, none or all")


def _count(text: str) -> int | None:
    if text in WHOLE:
        return WHOLE.index(text)
    digits = text.replace(",", "")
    return int(digits) if digits.isdecimal() else None


def _only_number(words: str) -> str:
    numbers = NUMBER.findall(words)
    if len(numbers) != 1:
        raise ValueError(f"{words!r} holds {len(numbers) or 'no'} numbers: each measured number is a link of its own")
    return str(numbers[0])


def _range_of(number: str) -> tuple[float, float]:
    """Return what rounds to a number as it is written."""
    plain = number.replace(",", "").replace("−", "-")
    digits, _, power = plain.partition("e")
    last = -len(digits.partition(".")[2])
    if "." not in plain and not power and abs(int(plain)) >= ROUNDED_FROM:
        last = len(plain) - len(plain.rstrip("0"))
    half = 0.5 * 10.0 ** (last + int(power or 0))
    return float(plain) - half, float(plain) + half
