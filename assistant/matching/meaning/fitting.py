"""Fitting the matcher to the library's phrasings; the worker and a command do this, web processes never do.

The phrasings that are held out teach nothing at first. How near they are to their entries and to others tells how sure
an answer is: from this come the layer, whose probabilities hold for questions of which as large a share is covered, and
the answering threshold, the lowest that keeps to both limits (wrong answers of all, answers to what is not covered).
Then the regressions learn from all. Phrasings that the encoder's adapter was trained on are of no use for the first
part: a matcher seems surer of them than of any learner's question.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from scipy.optimize import minimize
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from assistant.matching import Corpus, Match, digest_of
from assistant.matching.meaning.examples import Examples, Numbers, TextEncoder, Vectors, as_stored, encode_corpus
from assistant.matching.meaning.semantic import decide
from assistant.matching.meaning.stored_fit import Fit, Floats, Layer, Regression, features_of
from assistant.matching.meaning.word_regression import WordRegression, terms_of

C, C_WORDS = 3.0, 30.0  # inverses of the regressions' penalties
TOLERANCE = 0.001  # largest relative change of a coefficient with which the regression on words is done
PASSAGE = 0.3  # of a phrasing's weight has a passage of the answer
LAYER_PENALTY = 1e-3  # of the layer's squared coefficients, for features of variance 1
FOLDS = 5
MOST_WRONG, MOST_OFF_TOPIC = 0.06, 0.08  # The own questions that nothing covers are harder than what learners ask.
FEWEST_TEXTS = 3  # in which a term stands that the words' regression reads
FEWEST_UNSEEN = 50  # of the entries, and of what is not covered
LEAST_ANSWER = 0.5  # An answer is more likely right than wrong.


def fit(
    corpus: Corpus, encoder: TextEncoder, known: Mapping[str, Vectors] | None = None, *, by_words: bool = True
) -> Fit:
    """Return the matcher's fit to the library; it takes some seconds, and 10 ms more for each vector that is new.

    Args:
        corpus: the library's texts.
        encoder: makes the vectors.
        known: vectors that need not be computed, by the digests of their texts.
        by_words: whether the very words count, and not only the vectors: not where questions are in other languages.

    Raises:
        ValueError: there is no entry, or no phrasing that is not covered, or none of either is held out.
    """
    if not corpus.topics or not corpus.not_covered:
        raise ValueError("a fit needs at least one entry and one phrasing that no entry covers")
    examples, digests = encode_corpus(corpus, encoder, known or {})
    # One thread: several would wait for each other on a machine that is busy, and a run that comes in wants the cores.
    with threadpool_limits(limits=1):
        features, owners = _held_out(corpus, examples, digests, encoder, by_words)
        layer = fit_layer(features, owners)
        answer = threshold(layer.probabilities(features), owners)
        words = _word_regression(corpus.texts, examples) if by_words else None
        return Fit(encoder.name, examples, digests, _regression(examples), words, layer, answer)


def cross_validate(fit: Fit, corpus: Corpus, encoder: TextEncoder) -> list[tuple[str | None, Match]]:
    """Return the entry of each phrasing that is held out, and what it is taken for.

    The regressions and the nearest phrasings know none of them, nor does the adapter, if they were held out when it was
    trained; the layer and the threshold that decide on one come from the other four fifths of them.

    Args:
        fit: a full fit.
        corpus: the texts that it was made of.
        encoder: the one that the fit was made with.
    """
    with threadpool_limits(limits=1):
        features, owners = _held_out(corpus, fit.examples, fit.digests, encoder, fit.words is not None)
    folds = np.random.default_rng(0).permutation(len(owners)) % FOLDS
    slugs = (*fit.examples.slugs, None)
    found: list[tuple[str | None, Match]] = []
    for fold in range(FOLDS):
        out = folds == fold
        if not out.any() or out.all():
            continue
        layer = fit_layer(features[~out], owners[~out])
        answer = threshold(layer.probabilities(features[~out]), owners[~out])
        matches = decide(fit.examples.slugs, layer.probabilities(features[out]), answer)
        found += [(slugs[owner], match) for owner, match in zip(owners[out], matches, strict=True)]
    return found


def _held_out(
    corpus: Corpus, examples: Examples, digests: Sequence[str], encoder: TextEncoder, by_words: bool
) -> tuple[Floats, Numbers]:
    """Return features (questions, entries + 1, features) and owners (questions,) of the phrasings that are held out.

    Those that the adapter has seen are left out, unless too few are left: then they are better than none.
    """
    own, marked = digests[: len(examples.owners)], {digest_of(text) for text in corpus.held_out}
    out = np.array([digest in marked for digest in own])  # (phrasings,)
    unseen = out & np.array([digest not in encoder.seen for digest in own])
    of_entry = examples.owners < examples.entries
    if min((unseen & of_entry).sum(), (unseen & ~of_entry).sum()) >= FEWEST_UNSEEN:
        out = unseen
    if not (out & of_entry).any() or not (out & ~of_entry).any():
        raise ValueError("a fit needs phrasings that are held out, of an entry and of what no entry covers")
    kept, texts = examples.only(~out), np.array(corpus.texts, object)  # phrasings, then passages
    learned = np.concatenate([~out, np.ones(len(texts) - len(out), bool)])
    words = _word_regression(texts[learned].tolist(), kept) if by_words else None
    asked = texts[: len(out)][out].tolist()
    return features_of(asked, examples.phrasings[out], kept, _regression(kept), words), examples.owners[out]


def _regression(examples: Examples) -> Regression:
    """Return the logistic regression from vectors to entries."""
    texts = np.concatenate([examples.phrasings, examples.passages])
    return Regression(*_learned(LogisticRegression(C=C, max_iter=1_000), texts, examples))


def _word_regression(texts: Sequence[str], examples: Examples) -> WordRegression | None:
    """Return the regression from the words of all examples' texts; None where no term stands in enough of them."""
    counts = Counter(chain.from_iterable(set(terms_of(text)) for text in texts))
    terms = sorted(term for term, count in counts.items() if count >= FEWEST_TEXTS)
    if not terms:
        return None
    weighting = TfidfVectorizer(analyzer=terms_of, vocabulary=terms, sublinear_tf=True)
    weighted = weighting.fit_transform(texts)
    directions, offsets = _learned(
        LogisticRegression(C=C_WORDS, solver="saga", tol=TOLERANCE, max_iter=1_000, random_state=0), weighted, examples
    )
    return WordRegression(tuple(terms), weighting.idf_.astype(np.float32), as_stored(directions.T), offsets)


def _learned(regression: LogisticRegression, texts: Any, examples: Examples) -> tuple[Vectors, Vectors]:  # noqa: ANN401
    """Return directions (entries + 1, width) and offsets; an entry that no example is left of gets no chance."""
    owners = np.concatenate([examples.owners, examples.passage_owners])
    weights = np.repeat([1.0, PASSAGE], [len(examples.phrasings), len(examples.passages)])
    learned = regression.fit(texts, owners, weights)
    directions, offsets = learned.coef_, learned.intercept_
    if len(learned.classes_) == 2:  # scikit-learn gives one direction for two classes.
        directions, offsets = np.concatenate([-directions, directions]) / 2, np.concatenate([-offsets, offsets]) / 2
    every = np.zeros((examples.entries + 1, directions.shape[1]), np.float32)
    chance = np.full(examples.entries + 1, -20, np.float32)
    every[learned.classes_], chance[learned.classes_] = directions, offsets
    return every, chance


def fit_layer(features: Floats, owners: Numbers) -> Layer:
    """Return the layer that finds ``owners`` (questions,) likeliest.

    Args:
        features: (questions, entries + 1, features), as of `features_of`.
        owners: (questions,), the number of the entry, or how many there are for "not covered".
    """
    scale = np.stack([features[:, :-1].std(axis=(0, 1)), features[:, -1].std(axis=0)]) + 1e-9  # (2, features)
    scale[1, -1] = 1  # the constant of the bias

    def layer(point: Floats) -> Layer:
        entry, none = point.reshape(scale.shape) / scale
        return Layer(tuple(entry.tolist()), tuple(none.tolist()))

    def cost(point: Floats) -> float:
        chosen = layer(point).probabilities(features)[np.arange(len(owners)), owners]
        return float(-np.log(np.maximum(chosen, 1e-300)).mean() + LAYER_PENALTY * (point**2).sum() / 2)

    return layer(minimize(cost, np.zeros(scale.size), method="L-BFGS-B").x)


def threshold(probabilities: Floats, owners: Numbers) -> float:
    """Return the lowest answering threshold with few wrong answers and few to questions that nothing covers."""
    best, score = probabilities[:, :-1].argmax(axis=1), probabilities[:, :-1].max(axis=1)
    off_topic = owners == probabilities.shape[1] - 1
    order = np.argsort(-score)
    wrong = np.cumsum(best[order] != owners[order]) / len(owners)
    stray = np.cumsum(off_topic[order]) / max(int(off_topic.sum()), 1)
    within = (wrong <= MOST_WRONG) & (stray <= MOST_OFF_TOPIC)
    if not within.any():
        return 1.0
    last = int(np.flatnonzero(within)[-1])
    return float(max(score[order][last], LEAST_ANSWER))
