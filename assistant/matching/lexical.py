"""A simple, honest matcher by words: it weighs how many rare words a question shares with the nearest phrasing.

A question and a phrasing are sets of word stems, weighted by how rare each stem is among the entries (inverse document
frequency). Their similarity is the cosine of the two weighted sets. Words that the library never uses count as the
rarest of all, so that a question about something else scores low however many common words it has.

BM25 (with bm25s) was tried in its place. It finds the right entry first as often, one or two phrasings in a hundred
apart, but its scores grow with the length of a question, so that at the same wrong answers on the library's own
phrasings it answered a seventh of other people's off-topic questions, where this one answered a hundredth.
"""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence

from assistant.matching import LONGEST, SUGGESTIONS, Candidate, Match

ANSWER, MARGIN, SUGGEST = 0.52, 0.05, 0.30

STOP = frozenset(
    [
        "a",
        "about",
        "am",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "for",
        "from",
        "get",
        "had",
        "has",
        "have",
        "hello",
        "help",
        "hi",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "just",
        "like",
        "may",
        "me",
        "my",
        "no",
        "not",
        "of",
        "on",
        "one",
        "or",
        "our",
        "please",
        "question",
        "so",
        "some",
        "than",
        "thank",
        "thanks",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "to",
        "us",
        "very",
        "was",
        "we",
        "were",
        "what",
        "when",
        "which",
        "while",
        "who",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)
ENDINGS = (
    "isations",
    "izations",
    "isation",
    "ization",
    "ations",
    "ation",
    "ings",
    "ing",
    "ises",
    "izes",
    "ise",
    "ize",
    "ies",
    "ed",
    "es",
    "s",
    "ly",
    "e",
)


def words(text: str) -> frozenset[str]:
    """Return the stems of a text's words, without the words that say nothing."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST]).casefold().replace("’", "'")
    return frozenset(_stem(word) for word in re.findall(r"[^\W_]+", plain) if word not in STOP)


def _stem(word: str) -> str:
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


class LexicalMatcher:
    """Matches by shared rare words."""

    name = "lexical-1"

    def __init__(self, phrasings: Mapping[str, Sequence[str]]) -> None:
        self._phrasings = [(slug, words(text)) for slug, texts in phrasings.items() for text in texts]
        seen: dict[str, set[str]] = {}
        for slug, stems in self._phrasings:
            for stem in stems:
                seen.setdefault(stem, set()).add(slug)
        entries = max(len(phrasings), 1)
        self._weights = {stem: math.log(1 + entries / len(slugs)) for stem, slugs in seen.items()}
        self._unknown = math.log(1 + entries)
        self._lengths = [self._length(stems) for _, stems in self._phrasings]

    def match(self, question: str) -> Match:
        """Return the nearest entries, and whether the nearest is near enough to be the answer."""
        asked = words(question)
        length = self._length(asked)
        best: dict[str, float] = {}
        for (slug, stems), other in zip(self._phrasings, self._lengths, strict=True):
            common = sum(self._weights[stem] ** 2 for stem in asked & stems)
            score = common / (length * other) if length and other else 0.0
            best[slug] = max(best.get(slug, 0.0), score)
        ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))[:SUGGESTIONS]
        candidates = tuple(Candidate(slug, round(min(score, 1.0), 4)) for slug, score in ranked)
        first, second = ([*(each.score for each in candidates), 0.0, 0.0])[:2]
        if first >= ANSWER and first - second >= MARGIN:
            return Match("answer", candidates)
        return Match("suggest" if first >= SUGGEST else "unknown", candidates)

    def _length(self, stems: frozenset[str]) -> float:
        return math.sqrt(sum(self._weights.get(stem, self._unknown) ** 2 for stem in stems))
