"""Learning from the library's phrasings how to match; the import and the worker do this, web processes never do.

The layer is fitted on phrasings that were left out when their features were computed: half of the times at random, half
of the times in groups of like phrasings, since learners also ask in ways that nobody wrote down. The probabilities hold
for questions of which as large a share is covered as of the fitted ones. The answering threshold is the lowest that
keeps to both limits (wrong answers of all, answers to what is not covered) on the same left-out phrasings.
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from assistant.matching import Match, Topic
from assistant.matching.semantic import (
    FEATURES,
    Examples,
    Fitted,
    Floats,
    Layer,
    Numbers,
    Regression,
    TextEncoder,
    decide,
    encoded,
    features_of,
)

C = 10.0  # inverse of the regression's penalty
PASSAGE = 0.3  # of a phrasing's weight has a passage of the answer
LAYER_PENALTY = 1e-3  # of the layer's squared coefficients, for features of variance 1
FOLDS = 5
GROUPS = 10  # of like phrasings in an entry
MOST_WRONG, MOST_OFF_TOPIC = 0.05, 0.03
LEAST_ANSWER = 0.5  # An answer is more likely right than wrong.


def fit(
    topics: Sequence[Topic], not_covered: Sequence[str], encoder: TextEncoder, *, before: Fitted | None = None
) -> Fitted:
    """Return the matcher's fit to the library; it takes some seconds, and more for vectors that are new.

    Args:
        topics: the entries.
        not_covered: phrasings that no entry covers.
        encoder: makes the vectors.
        before: an earlier fit, whose vectors are used again.

    Raises:
        ValueError: there is no entry, or no phrasing that is not covered.
    """
    if not topics or not not_covered:
        raise ValueError("a fit needs at least one entry and one phrasing that no entry covers")
    known = before.vectors(encoder) if before is not None else {}
    examples, digests = encoded(topics, not_covered, encoder, known)
    # One thread: several would wait for each other on a machine that is busy, and a run that comes in wants the cores.
    with threadpool_limits(limits=1):
        layer, answer = _calibrated(examples)
        return Fitted(encoder.name, examples, digests, _regression(examples), layer, answer)


def cross_validated(fitted: Fitted, *, groups: bool) -> list[tuple[str | None, Match]]:
    """Return for each of the library's own phrasings its entry and what it is taken for when it is left out.

    The regression and the nearest phrasings never see what is left out; the six coefficients and the threshold, which
    come from all of them, do.

    Args:
        fitted: a full fit.
        groups: whether like phrasings are left out together.
    """
    examples = fitted.examples
    with threadpool_limits(limits=1):
        features = _left_out(examples, _in_groups(examples) if groups else _at_random(examples))
    found = [decide(examples.slugs, row, fitted.answer) for row in fitted.layer.probabilities(features)]
    slugs = (*examples.slugs, None)
    return [(slugs[owner], match) for owner, match in zip(examples.owners, found, strict=True)]


def _regression(examples: Examples) -> Regression:
    """Return the logistic regression from vectors to entries; an entry that no example is left of gets no chance."""
    texts = np.concatenate([examples.phrasings, examples.passages])
    owners = np.concatenate([examples.owners, examples.passage_owners])
    weights = np.repeat([1.0, PASSAGE], [len(examples.phrasings), len(examples.passages)])
    learned = LogisticRegression(C=C, max_iter=1_000).fit(texts, owners, weights)
    directions, offsets = learned.coef_, learned.intercept_
    if len(learned.classes_) == 2:  # scikit-learn gives one direction for two classes.
        directions, offsets = np.concatenate([-directions, directions]) / 2, np.concatenate([-offsets, offsets]) / 2
    every = np.zeros((examples.entries + 1, directions.shape[1]), np.float32)
    chance = np.full(examples.entries + 1, -20, np.float32)
    every[learned.classes_], chance[learned.classes_] = directions, offsets
    return Regression(every, chance)


def _calibrated(examples: Examples) -> tuple[Layer, float]:
    """Return the layer and the answering threshold, from phrasings left out at random and with those like them."""
    features = np.concatenate([_left_out(examples, folds) for folds in (_at_random(examples), _in_groups(examples))])
    owners = np.tile(examples.owners, 2)
    layer = fit_layer(features, owners)
    return layer, threshold(layer.probabilities(features), owners)


def _left_out(examples: Examples, folds: Numbers) -> Floats:
    """Return the features (phrasings, entries + 1, 3) of each phrasing against those of other folds."""
    features = np.zeros((len(folds), examples.entries + 1, FEATURES))
    for fold in range(FOLDS):
        out = folds == fold
        if out.any():
            kept = examples.only(~out)
            features[out] = features_of(examples.phrasings[out], kept, _regression(kept))
    return features


def _at_random(examples: Examples) -> Numbers:
    """Return a fold (phrasings,) for each phrasing, spread evenly over the folds in each entry."""
    generator = np.random.default_rng(0)
    folds = np.zeros(len(examples.owners), np.int64)
    for owner in range(examples.entries + 1):
        own = np.flatnonzero(examples.owners == owner)
        folds[generator.permutation(own)] = np.arange(len(own)) % FOLDS
    return folds


def _in_groups(examples: Examples) -> Numbers:
    """Return a fold (phrasings,) for each phrasing, the same for those of an entry that are alike."""
    folds = np.zeros(len(examples.owners), np.int64)
    for owner in range(examples.entries + 1):
        own = np.flatnonzero(examples.owners == owner)
        alike = np.arange(len(own))
        if len(own) > GROUPS:
            alike = KMeans(GROUPS, n_init=1, random_state=0).fit_predict(examples.phrasings[own])
        load = np.zeros(FOLDS)
        for group in np.argsort(-np.bincount(alike)):  # The largest first, each to the fold that is lightest.
            lightest = int(load.argmin())
            folds[own[alike == group]] = lightest
            load[lightest] += (alike == group).sum()
    return folds


def fit_layer(features: Floats, owners: Numbers) -> Layer:
    """Return the layer that finds ``owners`` (questions,) likeliest, given features (questions, entries + 1, 3)."""
    scale = np.stack([features[:, :-1].std(axis=(0, 1)), features[:, -1].std(axis=0)]) + 1e-9  # (2, 3)
    scale[1, -1] = 1  # the constant of the bias

    def layer(point: Floats) -> Layer:
        entry, none = point.reshape(2, FEATURES) / scale
        return Layer(tuple(entry.tolist()), tuple(none.tolist()))

    def cost(point: Floats) -> float:
        chosen = layer(point).probabilities(features)[np.arange(len(owners)), owners]
        return float(-np.log(np.maximum(chosen, 1e-300)).mean() + LAYER_PENALTY * (point**2).sum() / 2)

    return layer(minimize(cost, np.zeros(2 * FEATURES), method="L-BFGS-B").x)


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
