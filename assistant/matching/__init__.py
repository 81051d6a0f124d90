"""Text in, candidates out; knows no database.

A matcher is made of the topics of all entries and then asked which entry a question means. Its scores lie in 0..1, and
its decision would rather be "I don't know" than a wrong answer.
"""

import hashlib
import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Protocol

Outcome = Literal["answer", "suggest", "unknown"]
SUGGESTIONS = 3
LONGEST = 1_000  # characters of a phrasing, and of each of the texts that a post is matched by
LONGEST_POST = 10_000  # characters
FEWEST_WORDS = 6  # of a passage
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
class Corpus:
    """All that the adapter and the matcher learn from."""

    topics: tuple[Topic, ...]
    not_covered: tuple[str, ...]  # questions that no entry answers
    held_out: frozenset[str] = frozenset()  # phrasings of both that tell how sure an answer is, and so teach nothing

    @property
    def phrasings(self) -> list[str]:
        """The phrasings of all entries."""
        return [text for topic in self.topics for text in topic.phrasings]

    @property
    def texts(self) -> list[str]:
        """All texts."""
        passages = [text for topic in self.topics for text in topic.passages]
        return [*self.phrasings, *self.not_covered, *passages]

    @property
    def can_be_fitted(self) -> bool:
        """Whether phrasings of both kinds are held out, without which nobody knows how sure an answer is."""
        return not self.held_out.isdisjoint(self.phrasings) and not self.held_out.isdisjoint(self.not_covered)


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
    def nearest(self) -> str | None:
        """The slug of the nearest entry; None in an empty library."""
        return self.candidates[0].slug if self.candidates else None

    @property
    def score(self) -> float:
        """The score of the nearest entry."""
        return self.candidates[0].score if self.candidates else 0.0

    def score_of(self, slug: str) -> float:
        """Return the score of an entry; 0 where it is not among the candidates."""
        return next((each.score for each in self.candidates if each.slug == slug), 0.0)


class Matcher(Hashable, Protocol):
    """What every matcher does."""

    @property
    def name(self) -> str:
        """What is stored with a question, to tell which matcher took it for what."""
        ...

    def match(self, question: str) -> Match:
        """Return what ``question`` means."""
        ...

    def match_all(self, questions: Sequence[str]) -> list[Match]:
        """Return what each of ``questions`` means."""
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


@lru_cache(maxsize=20_000)  # all texts of a library, which are looked up by it time and again
def digest_of(text: str) -> str:
    """Return what tells a text from another."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:DIGEST]
