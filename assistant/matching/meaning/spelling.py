"""Typos of one or two letters: words that nobody knows, and that are nearly one of the library's words.

Only what is matched is corrected; what a learner typed is kept and shown as it is. A word is left alone where the
library or the encoder has it whole, where it may be a name in code, and where two of the library's words are as near.

The distance counts letters that are missing, too many, others, or swapped with their neighbour (optimal string
alignment). Source: Damerau (1964). A technique for computer detection and correction of spelling errors. Communications
of the ACM 7.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from rapidfuzz import process
from rapidfuzz.distance import OSA

FEWEST_LETTERS = 5  # of a word that is corrected
LONG = 8  # letters from which a word may have two typos
FEWEST_TEXTS = 3  # of the library that have a word to which others are corrected
WORD = re.compile(r"[a-z]+")
TYPED = re.compile(rf"(?<![\w.@/\\])[A-Za-z][a-z]{{{FEWEST_LETTERS - 1},}}(?![\w.@/\\]?\w|\s?[(=\[])")


class Spelling:
    """The words of a library's texts, and what is corrected to them."""

    def __init__(self, texts: Iterable[str], is_word: Callable[[str], bool], before: "Spelling | None" = None) -> None:
        """Read the words of a library's texts.

        Args:
            texts: all of them; one that is there twice counts once.
            is_word: says whether the encoder has a word whole.
            before: of nearly the same texts; only those that differ are read then.
        """
        self._texts = frozenset(texts)
        known, counts = (before._texts, before._counts) if before is not None else (frozenset[str](), Counter[str]())
        self._counts: Counter[str] = counts.copy()  # in how many of the texts each word stands
        self._counts.update(_words(self._texts - known))
        for word in _words(known - self._texts):
            self._counts[word] -= 1
            if not self._counts[word]:
                del self._counts[word]
        self._is_word = is_word
        self._by_letter: dict[str, list[str]] = {}  # The first letter is hardly ever wrong.
        for word in sorted(self._counts):
            if self._counts[word] >= FEWEST_TEXTS and len(word) >= FEWEST_LETTERS - 1:
                self._by_letter.setdefault(word[0], []).append(word)

    def with_texts(self, texts: Iterable[str]) -> "Spelling":
        """Return the spelling of other texts; only those that differ from its own are read."""
        return Spelling(texts, self._is_word, self)

    def corrected(self, text: str) -> str:
        """Return a text with each unknown word that is clearly meant to be one of the library's as that word."""
        return TYPED.sub(lambda found: self._corrected(found[0]), text)

    def unknown(self, words: Iterable[str]) -> list[str]:
        """Return those of words in small letters that nobody has whole, and that are no typos of the library's."""
        return [
            each
            for each in words
            if not (self._knows(each) or any(self._counts[one] >= FEWEST_TEXTS for one in _without_slip(each)))
            and self.corrected(each) == each
        ]

    def _knows(self, word: str) -> bool:
        return word in self._counts or self._is_word(word)

    def _corrected(self, typed: str) -> str:
        word = typed.lower()
        if self._knows(word):
            return typed
        most = 2 if len(word) >= LONG else 1
        near = process.extract(
            word, self._by_letter.get(word[0], ()), scorer=OSA.distance, processor=None, score_cutoff=most, limit=2
        )
        if not near or (len(near) == 2 and near[0][1] == near[1][1]):
            return typed
        return str(near[0][0])


def _without_slip(word: str) -> Iterator[str]:
    """Yield what a word may be where two neighbours were swapped or one letter was typed twice, however short it is."""
    for at in range(1, len(word)):
        if word[at] == word[at - 1]:
            yield word[:at] + word[at + 1 :]
        else:
            yield word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]


def _words(texts: Iterable[str]) -> Iterator[str]:
    """Return all words of the texts, each once for each text that it stands in."""
    return chain.from_iterable(set(WORD.findall(text.lower())) for text in texts)
