"""Phrasings as content files hold them: one a line, those that are held out of learning marked, remarks above them.

content/phrasings/SLUG.txt holds the mass of an entry's phrasings, content/not-covered.txt the questions that no entry
answers. The mark of a phrasing that is held out is an asterisk and a blank at the beginning of its line.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from assistant.library.content.mistakes import ContentError, Mistake
from assistant.matching import LONGEST

FOLDER = "phrasings"
NOT_COVERED = "not-covered.txt"
HEAD = """\
# More ways to ask the question of the entry of this name, one a line. Those that begin with "* " are held out of
# learning, to find out how sure an answer is. Remarks stand only here, above the first of them.
"""
NOT_COVERED_HEAD = '# Questions that no entry answers, one a line: what matching must say "I don\'t know" to.\n'
MARK = "* "
SIGNS = "#*"  # begin remarks and marks, and so no question
UNREADABLE = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff]"
)  # controls, ends of lines, halves of characters


@dataclass(frozen=True)
class Phrasing:
    """A way to ask a question."""

    text: str
    held_out: bool = False  # of learning, to find out how sure an answer is
    model: int | None = None  # its place in the front matter, from 0
    line: int = field(default=0, compare=False)  # at which it was read from a file of its own, from 1

    def __str__(self) -> str:
        return f"{MARK if self.held_out else ''}{self.text}"


def file_of(slug: str) -> str:
    """Return the path of an entry's phrasings in the content folder."""
    return f"{FOLDER}/{slug}.txt"


def problem(text: str) -> str | None:
    """Say why a text can be no phrasing; None where it can."""
    if unreadable := UNREADABLE.search(text):
        return f"holds the character U+{ord(unreadable[0]):04X}, and a question is one line of readable characters"
    if text.startswith(tuple(SIGNS)):
        return f'begins with "{text[0]}", and a question begins with another sign'
    if len(text) > LONGEST:
        return f"has {len(text):,} characters, and at most {LONGEST:,} are read"
    return None


def read(name: str, text: str, *, grouped: bool = False) -> list[Phrasing]:
    """Read the text of the file ``name``.

    Args:
        name: its path in the content folder.
        text: what it holds, with lines that end in a line feed.
        grouped: whether remarks may also stand between the phrasings.

    Raises:
        ContentError: it has mistakes; each names its line.
    """
    phrasings: list[Phrasing] = []
    mistakes: list[Mistake] = []
    first_at: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or (line.startswith("#") and (grouped or not phrasings)):
            continue
        phrasing = replace(_parse_line(line), line=number)
        message = problem(phrasing.text)
        if line.startswith("#"):
            message = "a remark stands only at the head of the file, above the first question"
        elif message is None and (before := first_at.setdefault(phrasing.text.casefold(), number)) != number:
            message = f"{phrasing.text!r} stands twice, first in line {before}"
        if message is not None:
            mistakes.append(Mistake(name, number, "phrasing", message))
        phrasings.append(phrasing)
    if mistakes:
        raise ContentError(mistakes)
    return phrasings


def to_text(phrasings: Sequence[Phrasing], before: str = "", head: str = HEAD) -> str:
    """Return a file's text, with the order and the remarks of the text ``before`` and new phrasings at the end."""
    left = {phrasing.text: phrasing for phrasing in phrasings}
    lines = []
    for line in (before or head).removesuffix("\n").split("\n"):
        if not line.strip() or line.startswith("#"):
            lines.append(line.rstrip())
        elif (phrasing := left.pop(_parse_line(line).text, None)) is not None:
            lines.append(str(phrasing))
    return "\n".join([*lines, *map(str, left.values()), ""])


def _parse_line(line: str) -> Phrasing:
    held_out = line.startswith(MARK)
    return Phrasing(line.removeprefix(MARK).strip(), held_out)
