"""A fit of the matcher: what was learned from the library, as it is stored, and the probabilities that it gives.

Four things tell how near a question is to an entry:

1. a logistic regression from sentence vectors to entries, "not covered" among them, that knows which directions
   of meaning tell the entries apart: its log-probability;
2. the cosine with the *phrasing* of the entry that is nearest;
3. the log-probability of a like regression on its very words (`assistant.matching.meaning.word_regression`);
4. the cosine with the *passage* of its answer that is nearest.

A layer of eight coefficients, the same for every entry, weighs them up into the probability of each entry and of "not
covered" (a conditional logit). `assistant.matching.meaning.fitting` fits all of it; this module, which web processes
load, only computes with what was stored. A new phrasing takes part at once, by its nearness (`Fit.with_texts`), and so
does a new entry, whose direction is that of its phrasings until the regression has been fitted again.

Source: McFadden (1974). Conditional logit analysis of qualitative choice behavior. In: Frontiers in Econometrics.
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from assistant.matching import Corpus
from assistant.matching.meaning.arrays import DAMAGE
from assistant.matching.meaning.examples import Examples, Numbers, TextEncoder, Vectors, encode_corpus
from assistant.matching.meaning.word_regression import WordRegression, log_softmax

FORMAT = 4  # of the stored bytes
SAME = 0.98  # From this cosine on, the nearest phrasing decides more and more, and alone at 1.

Floats = npt.NDArray[np.float64]


class UnusableFitError(Exception):
    """Stored bytes that cannot be used: damaged, of another format, or made with another encoder."""


@dataclass(frozen=True)
class Regression:
    """The logistic regression: a direction and an offset for each entry and for "not covered"."""

    directions: Vectors  # (entries + 1, width)
    offsets: Vectors  # (entries + 1,)

    def log_probabilities(self, questions: Vectors) -> Floats:
        """Return (questions, entries + 1) of questions (questions, width)."""
        return log_softmax(questions.astype(np.float64) @ self.directions.T + self.offsets)

    def carried_over(self, before: Sequence[str], examples: Examples) -> "Regression":
        """Return the regression for other entries than those ``before``; a new one points where its phrasings lie."""
        known = {slug: at for at, slug in enumerate((*before, None))}
        length = float(np.linalg.norm(self.directions, axis=1).mean())
        directions, offsets = [], []
        for owner, slug in enumerate((*examples.slugs, None)):
            if slug in known:
                directions.append(self.directions[known[slug]])
                offsets.append(self.offsets[known[slug]])
            else:
                mean = examples.phrasings[examples.owners == owner].mean(axis=0) - examples.phrasings.mean(axis=0)
                directions.append(mean * length / max(float(np.linalg.norm(mean)), 1e-9))
                offsets.append(self.offsets.mean() - directions[-1] @ examples.phrasings.mean(axis=0))
        return Regression(np.stack(directions).astype(np.float32), np.array(offsets, np.float32))


@dataclass(frozen=True)
class Layer:
    """The layer that weighs the features up: a coefficient of each for entries, and one for "not covered"."""

    entry: tuple[float, ...]
    none: tuple[float, ...]  # the last is its bias

    def probabilities(self, features: Floats) -> Floats:
        """Return (questions, entries + 1) of features (questions, entries + 1, features); each row sums to 1."""
        logits = features @ np.array(self.entry)  # (questions, entries + 1)
        logits[:, -1] = features[:, -1] @ np.array(self.none)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares: Floats = powers / powers.sum(axis=1, keepdims=True)
        return shares


def features_of(
    texts: Sequence[str],
    questions: Vectors,
    examples: Examples,
    regression: Regression,
    words: WordRegression | None,
    cosines: Vectors | None = None,
) -> Floats:
    """Return (questions, entries + 1, features): three, and with ``words`` four.

    The last entry is "not covered", which has a 1 in place of passages. An entry that the words' regression does not
    know yet is as probable by its words as by its vector.

    Args:
        texts: the questions.
        questions: their vectors (questions, width).
        examples: the library.
        regression: fitted to it.
        words: fitted to it, if words count.
        cosines: of the questions with the phrasings, where they are known.
    """
    if cosines is None:
        cosines = questions @ examples.phrasings.T  # (questions, phrasings)
    by_vector = regression.log_probabilities(questions)
    passages = np.ones_like(by_vector)
    passages[:, :-1] = _nearest(questions @ examples.passages.T, examples.passage_owners, examples.entries)
    features = [by_vector, _nearest(cosines, examples.owners, examples.entries + 1), passages]
    if words is not None:
        by_words = words.log_probabilities(texts)
        features.insert(2, np.where(np.isnan(by_words), by_vector, by_words))
    return np.stack(features, axis=-1)


def _nearest(cosines: npt.NDArray[np.floating], owners: Numbers, of: int) -> Floats:
    """Return the largest cosine (questions, of) with each owner's texts, which stand together, 0 for one without."""
    largest = np.zeros((len(cosines), of))
    present, starts = np.unique(owners, return_index=True)
    largest[:, present] = np.maximum.reduceat(cosines, starts, axis=1)
    return largest


@dataclass(frozen=True)
class Fit:
    """All that a web process needs, to be stored."""

    encoder: str
    examples: Examples
    digests: tuple[str, ...]  # of the texts of the phrasings and then of the passages
    regression: Regression
    words: WordRegression | None  # none where questions come in other languages than the phrasings
    layer: Layer
    answer: float  # the least probability of an answer

    def probabilities(self, texts: Sequence[str], questions: Vectors) -> Floats:
        """Return (questions, entries + 1) of questions and their vectors (questions, width); each row sums to 1.

        A question that stands in the library word for word is what it stands there for, whatever else it resembles.
        """
        cosines = questions @ self.examples.phrasings.T  # (questions, phrasings)
        features = features_of(texts, questions, self.examples, self.regression, self.words, cosines)
        found = self.layer.probabilities(features)
        same = np.clip((cosines.max(axis=1, keepdims=True) - SAME) / (1 - SAME), 0, 1).astype(np.float64)
        nearest = np.eye(self.examples.entries + 1)[self.examples.owners[cosines.argmax(axis=1)]]
        mixed: Floats = (1 - same) * found + same * nearest
        return mixed

    def to_bytes(self) -> bytes:
        """Return what `from_bytes` reads: a NumPy archive of arrays without pickled objects."""
        header = {
            "format": FORMAT,
            "encoder": self.encoder,
            "slugs": self.examples.slugs,
            "digests": self.digests,
            "entry": self.layer.entry,
            "none": self.layer.none,
            "answer": self.answer,
        }
        by_words: dict[str, Vectors] = {}
        if self.words is not None:
            header["terms"] = self.words.terms
            by_words = {
                "rarity": self.words.rarity,
                "word_weights": self.words.weights.astype(np.float16),
                "word_offsets": self.words.offsets,
            }
        file = io.BytesIO()
        np.savez(
            file,
            told=np.frombuffer(json.dumps(header).encode(), np.uint8),
            phrasings=self.examples.phrasings.astype(np.float16),
            owners=self.examples.owners.astype(np.int32),
            passages=self.examples.passages.astype(np.float16),
            passage_owners=self.examples.passage_owners.astype(np.int32),
            directions=self.regression.directions,
            offsets=self.regression.offsets,
            **by_words,  # type: ignore[arg-type]
        )
        return file.getvalue()

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """Return what was stored.

        Raises:
            UnusableFitError: it is damaged, or of another format.
        """
        try:
            with np.load(io.BytesIO(stored), allow_pickle=False) as file:
                header = json.loads(file["told"].tobytes())
                if header["format"] != FORMAT:
                    raise UnusableFitError(f"the stored fit has format {header['format']}, not {FORMAT}")
                examples = Examples(
                    tuple(header["slugs"]),
                    file["phrasings"].astype(np.float32),
                    file["owners"].astype(np.int64),
                    file["passages"].astype(np.float32),
                    file["passage_owners"].astype(np.int64),
                )
                regression = Regression(file["directions"], file["offsets"])
                words = None
                if "terms" in header:
                    weights = file["word_weights"].astype(np.float32)
                    words = WordRegression(tuple(header["terms"]), file["rarity"], weights, file["word_offsets"])
            layer = Layer(tuple(header["entry"]), tuple(header["none"]))
            return cls(
                header["encoder"], examples, tuple(header["digests"]), regression, words, layer, header["answer"]
            )
        except DAMAGE as error:
            raise UnusableFitError(f"the stored fit is damaged: {error}") from None

    def vectors(self, encoder: TextEncoder) -> dict[str, Vectors]:
        """Return the vectors that need not be computed again, by digest: all, or none of another encoder."""
        if self.encoder != encoder.name:
            return {}
        return dict(zip(self.digests, [*self.examples.phrasings, *self.examples.passages], strict=True))

    def with_texts(self, corpus: Corpus, encoder: TextEncoder, known: Mapping[str, Vectors] | None = None) -> Self:
        """Return the fit with these texts and the same coefficients; only texts that it does not know are encoded.

        Args:
            corpus: the texts.
            encoder: the one that the fit was made with.
            known: the fit's `vectors`, where they are at hand.

        Raises:
            UnusableFitError: the fit was made with another encoder.
        """
        if self.encoder != encoder.name:
            raise UnusableFitError(f"the stored fit was made with {self.encoder}, not with {encoder.name}")
        examples, digests = encode_corpus(corpus, encoder, self.vectors(encoder) if known is None else known)
        regression = self.regression.carried_over(self.examples.slugs, examples)
        words = self.words and self.words.carried_over(self.examples.slugs, examples.slugs)
        return replace(self, examples=examples, digests=digests, regression=regression, words=words)
