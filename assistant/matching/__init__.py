"""Text in, candidates out; knows no database.

A matcher is made of the topics of all entries and then asked which entry a question means. Its scores lie in 0..1, and
its decision would rather be "I don't know" than a wrong answer.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

Outcome = Literal["answer", "suggest", "unknown"]
SUGGESTIONS = 3
LONGEST = 1_000  # characters of a question that are read
FEWEST_WORDS = 6  # of a passage
KEPT_OUT = 0.15  # of an entry's phrasings, the newest, are kept to find out how sure an answer is
DIGEST = 16  # hexadecimal digits tell a text from others


@dataclass(frozen=True)
class Topic:
    """What matching reads of an entry."""

    slug: str
    phrasings: tuple[str, ...]  # the title first
    passages: tuple[str, ...] = ()  # what the answer says

    @classmethod
    def of(cls, slug: str, title: str, phrasings: Sequence[str], answer: Sequence[str]) -> "Topic":
        """Return the topic of an entry; ``answer`` holds its short answer, its claims and its explanation."""
        passages = [passage for text in answer for passage in passages_of(text)]
        return cls(slug, tuple(dict.fromkeys((title, *phrasings))), tuple(dict.fromkeys(passages)))


@dataclass(frozen=True)
class Candidate:
    """An entry that a question may mean."""

    slug: str
    score: float


@dataclass(frozen=True)
class Match:
    """What a question was taken for; ``candidates`` holds the nearest entries, best first."""

    outcome: Outcome
    candidates: tuple[Candidate, ...]

    @property
    def entry(self) -> str | None:
        """The slug of the answer, where there is one."""
        return self.candidates[0].slug if self.outcome == "answer" else None

    @property
    def score(self) -> float:
        """The score of the nearest entry."""
        return self.candidates[0].score if self.candidates else 0.0


class Matcher(Protocol):
    """What every matcher does."""

    @property
    def name(self) -> str:
        """What is stored with a question, to tell which matcher took it for what."""
        ...

    def match(self, question: str) -> Match:
        """Return what ``question`` means."""
        ...


def passages_of(markdown: str) -> list[str]:
    """Return the paragraphs of a Markdown text as plain sentences, without headings, tables and very short ones."""
    passages = []
    for block in re.split(r"\n\s*\n", markdown):
        if block.lstrip().startswith(("#", "|", "$$", "```")):
            continue
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", block)  # A link's words.
        plain = " ".join(re.sub(r"[*`$]|^\s*(?:[-*>]|\d+\.)\s", " ", plain, flags=re.MULTILINE).split())
        if len(plain.split()) >= FEWEST_WORDS:
            passages.append(plain)
    return passages


def read_not_covered(path: Path) -> list[str]:
    """Return the questions of the file ``path`` that no entry answers, one a line; none where there is no such file.

    Empty lines and lines that begin with # are for its authors.
    """
    if not path.exists():
        return []
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return list(dict.fromkeys(line for line in lines if line and not line.startswith("#")))


def digest_of(text: str) -> str:
    """Return what tells a text from another."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:DIGEST]


def older(phrasings: int) -> int:
    """Return how many of an entry's phrasings come before the newest, which are kept to find out how sure an answer is.

    They are the newest, the last, since other people wrote them than the rest, as other people will ask. Of two or more
    phrasings one at least is kept.
    """
    return phrasings - max(round(phrasings * KEPT_OUT), int(phrasings > 1))
