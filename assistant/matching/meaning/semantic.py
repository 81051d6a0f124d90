"""Matching by meaning: which entry a question means, with probabilities that mean what they say.

The probabilities are those of a stored fit (`assistant.matching.meaning.stored_fit`), and what follows from them is
decided here.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from assistant.matching import LONGEST, SUGGESTIONS, Candidate, Corpus, Match, Outcome, digest_of
from assistant.matching.meaning.examples import TextEncoder, Vectors
from assistant.matching.meaning.spelling import Spelling
from assistant.matching.meaning.stored_fit import SAME, Fit, Floats, UnusableFitError

BATCH = 256  # questions are matched at once; more would fill the memory with cosines
SUGGEST = 0.25  # the least probability that one of three suggestions is right


def decide(slugs: Sequence[str], probabilities: Floats, answer: float) -> list[Match]:
    """Return the decisions for the probabilities (questions, entries + 1) of many questions."""
    by_name = sorted(range(len(slugs)), key=slugs.__getitem__)  # decides between equal probabilities
    names = [slugs[at] for at in by_name]
    shares = probabilities[:, by_name]  # (questions, entries)
    order = np.argsort(-shares, axis=1, kind="stable")[:, :SUGGESTIONS]
    scores = np.take_along_axis(shares, order, axis=1)
    outcomes: list[Outcome] = [
        "answer" if row[:1].sum() >= answer else "suggest" if row.sum() >= SUGGEST else "unknown" for row in scores
    ]
    return [
        Match(outcome, tuple(Candidate(names[at], round(score, 4)) for at, score in zip(nearest, row, strict=True)))
        for outcome, nearest, row in zip(outcomes, order.tolist(), scores.tolist(), strict=True)
    ]


class SemanticMatcher:
    """Matches by meaning; safe to use from many threads."""

    name = "semantic-5"

    def __init__(self, fit: Fit, encoder: TextEncoder, spelling: Spelling | None = None) -> None:
        """Make the matcher of a stored fit; ``spelling`` corrects questions.

        Raises:
            UnusableFitError: the fit was made with another encoder.
        """
        if fit.encoder != encoder.name:
            raise UnusableFitError(f"the stored fit was made with {fit.encoder}, not with {encoder.name}")
        self._fit = fit
        self._encoder = encoder
        self._spelling = spelling

    @cached_property
    def _known(self) -> dict[str, Vectors]:
        return self._fit.vectors(self._encoder)

    def with_texts(self, corpus: Corpus) -> "SemanticMatcher":
        """Return the matcher of other texts, with the same coefficients; what is alike in both is taken over."""
        fit = self._fit.with_texts(corpus, self._encoder, self._known)
        spelling = self._spelling.with_texts(corpus.texts) if self._spelling is not None else None
        return SemanticMatcher(fit, self._encoder, spelling)

    def lacking(self, texts: Sequence[str]) -> int:
        """Return of how many of the texts there is no vector yet."""
        return len({digest for text in texts if (digest := digest_of(text)) not in self._known})

    def match(self, question: str) -> Match:
        """Return the nearest entries, with their probabilities, and what follows from them."""
        return self.match_all([question])[0]

    def match_all(self, questions: Sequence[str]) -> list[Match]:
        """Return what each of many questions means; they are encoded together, and none twice."""
        texts = [question[:LONGEST] for question in questions]
        once = list(dict.fromkeys(texts))
        found = dict(zip(once, self._matched(once) if once else (), strict=True))
        # Signs alone ask nothing.
        return [
            found[text] if any(each.isalnum() for each in text) else Match("unknown", found[text].candidates)
            for text in texts
        ]

    def known_vectors(self, texts: Sequence[str]) -> dict[str, Vectors]:
        """Return the vectors of those texts that the fit knows already."""
        return {text: self._known[digest] for text in texts if (digest := digest_of(text)) in self._known}

    def nearly_same(self, texts: Sequence[str], others: Vectors) -> list[str]:
        """Return those of the library's phrasings to which one of the others (others, width) is nearly the same.

        What the rest mean hangs on none of the others: they stand in the library word for word.
        """
        phrasings = self._fit.examples.phrasings
        nearest = (phrasings @ others.T).max(axis=1, initial=-1)  # (phrasings,)
        known = dict(zip(self._fit.digests[: len(phrasings)], (nearest >= SAME).tolist(), strict=True))
        return [text for text in texts if known.get(digest_of(text), True)]

    def cosines(self, question: str, texts: Sequence[str]) -> dict[str, float]:
        """Return how near a question is to each of those texts of the library that the fit knows."""
        known = self.known_vectors(texts)
        if not known:
            return {}
        _, (vector,) = self._encoded([question[:LONGEST]])
        return {text: float(vector @ other) for text, other in known.items()}

    def unknown_words(self, words: Sequence[str]) -> list[str]:
        """Return those of words in small letters that neither encoder nor library know, nor with typos."""
        return self._spelling.unknown(words) if self._spelling is not None else []

    def _encoded(self, texts: Sequence[str]) -> tuple[list[str], Vectors]:
        """Return texts without typos, and their vectors (texts, width).

        What stands in the library word for word stays as it is, and has its vector already.
        """
        found = self.known_vectors(texts)
        spelt = [text if text in found or self._spelling is None else self._spelling.corrected(text) for text in texts]
        new = [at for at, text in enumerate(texts) if text not in found]
        if new:
            found |= zip([texts[at] for at in new], self._encoder.encode([spelt[at] for at in new]), strict=True)
        return spelt, np.stack([found[text] for text in texts])

    def _matched(self, texts: Sequence[str]) -> list[Match]:
        """Return what each of many questions means; all of them have words."""
        fit = self._fit
        spelt, vectors = self._encoded(texts)
        found: list[Match] = []
        for start in range(0, len(texts), BATCH):
            part = slice(start, start + BATCH)
            found += decide(fit.examples.slugs, fit.probabilities(spelt[part], vectors[part]), fit.answer)
        return found
