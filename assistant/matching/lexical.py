"""Matching by words, for where the sentence vectors are not installed: BM25 over the phrasings.

BM25's scores grow with the length of a question, so that a long one about something else would score as high as a short
one about an entry. A score is therefore divided by the sum of the weights of the question's words, the words that the
library never uses counted as the rarest: what is left is the part of the question that the nearest phrasing shares.

Words are cut after their sixth letter, which brings initialise, initialisation and initial together.

Source: Robertson and Zaragoza (2009). The probabilistic relevance framework: BM25 and beyond. Foundations and Trends in
Information Retrieval 3. Computed by bm25s (Lù 2024, arXiv:2407.03618).
"""

import logging
import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.matching import LONGEST, SUGGESTIONS, Candidate, Match

NEAREST = 3  # phrasings of an entry are looked at
SAME = 0.36  # A phrasing that shares so much with the question has nearly all of its words.
LETTERS = 6  # of a word count
K1, B = 1.0, 0.5  # how fast repetitions stop counting, and how much the length of a phrasing does
# Chosen on the library's own phrasings, each left out in its turn.
ANSWER, MARGIN, SUGGEST = 0.17, 0.04, 0.12


class LexicalMatcher:
    """Matches by shared rare words."""

    name = "lexical-2"

    def __init__(self, phrasings: Mapping[str, Sequence[str]]) -> None:
        import bm25s  # noqa: PLC0415 - web processes that match by meaning have no use for it

        # At its import it asks for all of its own notices, one for each index that is built.
        logging.getLogger("bm25s").setLevel(logging.WARNING)
        self._slugs = sorted(phrasings)
        counts = np.array([len(phrasings[slug]) for slug in self._slugs], np.int64)
        self._looked_at = np.clip(counts, 1, NEAREST)  # (entries,)
        # (entries, at least NEAREST), the places of each entry's phrasings; what is left points behind the last one.
        within = np.arange(max(NEAREST, *counts, 0))
        starts = (np.cumsum(counts) - counts)[:, None]
        self._places = np.where(within < counts[:, None], starts + within, counts.sum())
        self._tokenize = bm25s.tokenize
        texts = [text for slug in self._slugs for text in phrasings[slug]]
        self._place_of = {text: at for at, text in enumerate(texts)}
        words = self._words(texts)
        seen = Counter(word for each in words for word in set(each))
        self._weights = {word: math.log(1 + (len(words) - n + 0.5) / (n + 0.5)) for word, n in seen.items()}
        self._unknown = math.log(1 + (len(words) + 0.5) / 0.5)
        self._index = None
        if any(words):
            self._index = bm25s.BM25(k1=K1, b=B, method="lucene")
            self._index.index(words, show_progress=False)

    def _words(self, texts: Sequence[str]) -> list[list[str]]:
        plain = [unicodedata.normalize("NFKC", text[:LONGEST]).replace("’", "'") for text in texts]
        found = self._tokenize(plain, stopwords="english", return_ids=False, show_progress=False)
        return [[word[:LETTERS] for word in words] for words in found]

    def match(self, question: str) -> Match:
        """Return the nearest entries, and whether the nearest is near enough to be the answer."""
        return self.match_all([question])[0]

    def match_all(self, questions: Sequence[str]) -> list[Match]:
        """Return what each of ``questions`` means."""
        return [self._match(list(dict.fromkeys(words))) for words in self._words(questions)]

    def nearly_same(self, texts: Sequence[str], others: Sequence[str]) -> list[str]:
        """Return those of ``texts`` that may mean something else once an entry has the others too.

        A phrasing of the library that its own very words decide stays its entry's, unless another entry comes within
        the margin: for that, one of the others has to share `SAME` of its words by their weight.
        """
        if self._index is None:
            return list(texts)
        stored = self._index.scores
        own = np.bincount(stored["indices"], weights=stored["data"], minlength=stored["num_docs"])  # with itself
        nearest = np.zeros_like(own)
        for words in self._words(others):
            if known := [word for word in dict.fromkeys(words) if word in self._weights]:
                nearest = np.maximum(nearest, self._index.get_scores(known))
        found = []
        for text, words in zip(texts, self._words(texts), strict=True):
            at = self._place_of.get(text)
            if at is None or own[at] < SAME * self._weight(set(words)) or nearest[at] >= SAME * own[at]:
                found.append(text)
        return found

    def _weight(self, words: Iterable[str]) -> float:
        return sum(self._weights.get(word, self._unknown) for word in words)

    def _match(self, asked: list[str]) -> Match:
        best = self._scores(asked)
        nearest = np.argsort(-best, kind="stable")[:SUGGESTIONS]
        candidates = tuple(Candidate(self._slugs[at], round(min(float(best[at]), 1.0), 4)) for at in nearest)
        first, second = ([*(each.score for each in candidates), 0.0, 0.0])[:2]
        if first >= ANSWER and first - second >= MARGIN:
            return Match("answer", candidates)
        return Match("suggest" if first >= SUGGEST else "unknown", candidates)

    def _scores(self, asked: Sequence[str]) -> NDArray[np.floating]:
        """Return (entries,) how much of a question's different words each entry's nearest phrasings share."""
        known = [word for word in asked if word in self._weights]
        if not known or self._index is None:
            return np.zeros(len(self._slugs), np.float32)
        shared = np.append(self._index.get_scores(known) / self._weight(asked), np.float32(0))  # (phrasings + 1,)
        own, nearest = shared[self._places], []
        for _ in range(NEAREST):  # Three maxima of some hundred take an eighth of the time that sorting does.
            at = own.argmax(axis=1)[:, None]
            nearest.append(np.take_along_axis(own, at, 1)[:, 0])
            np.put_along_axis(own, at, -1, 1)
        # One phrasing may share words by accident, three hardly do; the very words of one decide alone.
        first, mean = nearest[0], np.sum(nearest[::-1], axis=0) / self._looked_at
        return np.where(first >= SAME, first, mean)
