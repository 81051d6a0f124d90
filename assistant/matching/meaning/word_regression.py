"""A regression from the words of a text to the entries, beside the one from its vector.

A sentence vector says what a text is about, and blurs the very words; "dropout" or "batch size" alone can tell two
entries apart. A text becomes the TF-IDF weights of its terms (1 + ln of how often a term stands in it, times how rare
it is in the library), scaled to length 1. Terms are the words that say something, each as what it has in common with
its inflections and synonyms, and pairs of such neighbours: "do nodes specialise" and "why does a neuron specialise"
share three. The regression is fitted by `assistant.matching.meaning.fitting` with scikit-learn; here is only what web
processes compute, in NumPy. Terms that it was not fitted to say nothing.

Source: Salton and Buckley (1988). Term-weighting approaches in automatic text retrieval. Information Processing &
Management 24.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from assistant.matching.meaning.examples import Vectors
from assistant.matching.words import SAY_LITTLE, concept

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")

Floats = npt.NDArray[np.float64]


def terms_of(text: str) -> list[str]:
    """Return the concepts of a text's words that say something, and each with the next one."""
    concepts = [concept(word) for found in WORD.findall(text) if (word := found.lower()) not in SAY_LITTLE]
    return [*concepts, *map(" ".join, pairwise(concepts))]


def log_softmax(logits: Floats) -> Floats:
    """Return log-probabilities (questions, classes) of logits (questions, classes)."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    found: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return found


@dataclass(frozen=True)
class WordRegression:
    """What each term speaks for: an entry, or "not covered".

    An entry that is younger than the regression has NaN in its place.
    """

    terms: tuple[str, ...]
    rarity: Vectors  # (terms,), inverse document frequencies
    weights: Vectors  # (terms, entries + 1)
    offsets: Vectors  # (entries + 1,)

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {term: at for at, term in enumerate(self.terms)}

    def log_probabilities(self, texts: Sequence[str]) -> Floats:
        """Return (texts, entries + 1); NaN for entries that it does not know."""
        logits = np.stack([self._logits(text) for text in texts])
        known = np.isfinite(self.offsets)
        logits[:, known] = log_softmax(logits[:, known])
        return logits

    def _logits(self, text: str) -> Floats:
        counts = Counter(at for term in terms_of(text) if (at := self._places.get(term)) is not None)
        logits = self.offsets.astype(np.float64)
        if counts:
            places = list(counts)
            values = (1 + np.log(list(counts.values()))) * self.rarity[places]
            logits += values / np.linalg.norm(values) @ self.weights[places]
        return logits

    def carried_over(self, before: Sequence[str], slugs: Sequence[str]) -> "WordRegression":
        """Return the regression for other entries than those ``before``; what it cannot know of new ones is NaN."""
        if before == slugs:
            return self
        known = {slug: at for at, slug in enumerate((*before, None))}
        weights = np.full((len(self.terms), len(slugs) + 1), np.nan, np.float32)
        offsets = np.full(len(slugs) + 1, np.nan, np.float32)
        for at, slug in enumerate((*slugs, None)):
            if slug in known:
                weights[:, at], offsets[at] = self.weights[:, known[slug]], self.offsets[known[slug]]
        return replace(self, weights=weights, offsets=offsets)
