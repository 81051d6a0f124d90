"""Matching by meaning: which entry a question means, with probabilities that mean what they say.

Three things tell how near a question is to an entry:

1. the *discriminant*: a ridge regression from sentence vectors to entries, "not covered" among them, that learns which
   directions of meaning tell the entries apart;
2. the mean cosine with the three *phrasings* of the entry that are nearest;
3. the mean cosine with the three *passages* of its answer that are nearest.

A logistic layer with seven coefficients, the same for every entry, turns them into the probability of each entry and
of "not covered" (a conditional logit). It is fitted on phrasings that were left out when their nearness was computed:
half of the times at random, half of the times in groups of like phrasings, since learners also ask in ways that nobody
wrote down. The probabilities hold for questions of which as large a share is covered as of the fitted ones.

Everything that takes long (vectors, coefficients, thresholds) is in `Fitted`, made at import and stored. The
discriminant follows from the vectors in milliseconds, so that a new phrasing takes part at once (`Fitted.updated`)
and the layer can wait until it is fitted again.

Sources:
    McFadden (1974). Conditional logit analysis of qualitative choice behavior. In: Frontiers in Econometrics.
    Hoerl and Kennard (1970). Ridge regression. Technometrics 12.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from assistant.matching import LONGEST, SUGGESTIONS, Candidate, Match, Outcome, Topic

FORMAT = 1  # of the stored bytes
PENALTY = 3.0  # of the discriminant's squared weights
LAYER_PENALTY = 1e-3  # of the layer's squared weights, for features of variance 1
NEAREST = 3  # phrasings or passages are looked at
FOLDS = 5
GROUPS = 10  # of like phrasings in an entry
FEATURES = 3
# The answering threshold is the lowest that keeps to both shares when phrasings are left out.
MOST_WRONG, MOST_OFF_TOPIC = 0.05, 0.03
LEAST_ANSWER = 0.5  # An answer is more likely right than wrong.
SUGGEST = 0.25  # the least probability that one of three suggestions is right

Floats = npt.NDArray[np.float64]
Vectors = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]


class TextEncoder(Protocol):
    """What turns texts into vectors."""

    @property
    def name(self) -> str:
        """The encoder's name; vectors of different encoders do not mix."""
        ...

    def encode(self, texts: Sequence[str], /) -> Vectors:
        """Return (texts, width), each of length 1."""
        ...


class UnusableFitError(Exception):
    """Stored bytes that cannot be used: damaged, of another format, or made with another encoder."""


@dataclass(frozen=True)
class Examples:
    """Vectors of unit length, and what each belongs to: the number of an entry, or how many entries there are."""

    slugs: tuple[str, ...]
    phrasings: Vectors  # (phrasings, width); those that are not covered too
    owners: Numbers  # (phrasings,), 0..entries
    passages: Vectors  # (passages, width)
    passage_owners: Numbers  # (passages,), 0..entries - 1

    @property
    def entries(self) -> int:
        """How many entries there are; also the number of "not covered"."""
        return len(self.slugs)

    def only(self, kept: npt.NDArray[np.bool_]) -> Self:
        """Return the examples with fewer phrasings."""
        return replace(self, phrasings=self.phrasings[kept], owners=self.owners[kept])

    @cached_property
    def discriminant(self) -> Callable[[Vectors], Floats]:
        """A function from vectors (questions, width) to (questions, entries + 1): near 1 for what they belong to."""
        x = self.phrasings.astype(np.float64)
        targets = np.eye(self.entries + 1)[self.owners]  # (phrasings, entries + 1)
        centre, share = x.mean(axis=0), targets.mean(axis=0)
        x = x - centre
        weights = np.linalg.solve(x.T @ x + PENALTY * np.eye(x.shape[1]), x.T @ (targets - share))
        return lambda questions: (questions - centre) @ weights + share

    def features(self, questions: Vectors) -> Floats:
        """Return (questions, entries + 1, 3); the last entry is "not covered", which has no passages."""
        near = _nearest(questions @ self.phrasings.T, self.owners, self.entries + 1)
        said = _nearest(questions @ self.passages.T, self.passage_owners, self.entries + 1)
        return np.stack([self.discriminant(questions), near, said], axis=-1)


def _nearest(cosines: npt.NDArray[np.floating], owners: Numbers, of: int) -> Floats:
    """Return the mean (questions, of) of the three largest cosines with each owner's texts, 0 for one without."""
    means = np.zeros((len(cosines), of))
    for owner in range(of):
        own = cosines[:, owners == owner]
        if own.shape[1]:
            largest = np.sort(own, axis=1)[:, -NEAREST:]
            means[:, owner] = largest.mean(axis=1)
    return means


@dataclass(frozen=True)
class Layer:
    """The logistic layer: three weights for entries, three for "not covered", and its bias."""

    coefficients: tuple[float, ...]

    def probabilities(self, features: Floats) -> Floats:
        """Return (questions, entries + 1) of features (questions, entries + 1, 3); each row sums to 1."""
        return _softmax(_design(features) @ np.array(self.coefficients))

    @classmethod
    def fit(cls, features: Floats, owners: Numbers) -> Self:
        """Return the layer that finds ``owners`` (questions,) likeliest, by Newton's method with step halving."""
        scale = features.std(axis=(0, 1)) + 1e-9
        design = _design(features / scale)  # (questions, classes, 7)
        penalty = np.full(design.shape[-1], LAYER_PENALTY)
        chosen = design[np.arange(len(owners)), owners]  # (questions, 7)

        def cost(point: Floats) -> float:
            logits = design @ point
            largest = logits.max(axis=1)
            total = np.log(np.exp(logits - largest[:, None]).sum(axis=1)) + largest
            return float((total - chosen @ point).mean() + (penalty * point**2).sum() / 2)

        point = np.zeros(design.shape[-1])
        for _ in range(50):
            p = _softmax(design @ point)
            mean = np.einsum("qc,qcf->qf", p, design)
            slope = (mean - chosen).mean(axis=0) + penalty * point
            bend = np.einsum("qc,qcf,qcg->fg", p, design, design, optimize=True) - mean.T @ mean
            step = np.linalg.solve(bend / len(owners) + np.diag(penalty), slope)
            while cost(point - step) > cost(point) and np.abs(step).max() > 1e-10:
                step = step / 2
            point = point - step
            if np.abs(step).max() < 1e-9:
                break
        return cls(tuple(float(each) for each in point / np.concatenate([scale, scale, [1.0]])))


def _design(features: Floats) -> Floats:
    """Return (questions, classes, 7): entries use the first three columns, "not covered" the others."""
    design = np.zeros((*features.shape[:2], 2 * FEATURES + 1))
    design[:, :-1, :FEATURES] = features[:, :-1]
    design[:, -1, FEATURES:-1] = features[:, -1]
    design[:, -1, -1] = 1
    return design


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return shares


@dataclass(frozen=True)
class Fitted:
    """All that a web process needs, to be stored: vectors, the layer, and the answering threshold."""

    encoder: str
    examples: Examples
    digests: tuple[str, ...]  # of the texts of the phrasings and then of the passages
    layer: Layer
    answer: float  # the least probability of an answer

    def to_bytes(self) -> bytes:
        """Return what `from_bytes` reads: a NumPy archive of arrays without pickled objects."""
        told = {
            "format": FORMAT,
            "encoder": self.encoder,
            "slugs": self.examples.slugs,
            "digests": self.digests,
            "layer": self.layer.coefficients,
            "answer": self.answer,
        }
        file = io.BytesIO()
        np.savez(
            file,
            told=np.frombuffer(json.dumps(told).encode(), np.uint8),
            phrasings=self.examples.phrasings.astype(np.float16),
            owners=self.examples.owners.astype(np.int32),
            passages=self.examples.passages.astype(np.float16),
            passage_owners=self.examples.passage_owners.astype(np.int32),
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
                told = json.loads(file["told"].tobytes())
                if told["format"] != FORMAT:
                    raise UnusableFitError(f"the stored fit has format {told['format']}, not {FORMAT}")
                examples = Examples(
                    tuple(told["slugs"]),
                    file["phrasings"].astype(np.float32),
                    file["owners"].astype(np.int64),
                    file["passages"].astype(np.float32),
                    file["passage_owners"].astype(np.int64),
                )
            return cls(told["encoder"], examples, tuple(told["digests"]), Layer(tuple(told["layer"])), told["answer"])
        except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
            raise UnusableFitError(f"the stored fit is damaged: {error}") from None

    def vectors(self, encoder: TextEncoder) -> dict[str, Vectors]:
        """Return the vectors that need not be computed again, by digest: all, or none of another encoder."""
        if self.encoder != encoder.name:
            return {}
        return dict(zip(self.digests, [*self.examples.phrasings, *self.examples.passages], strict=True))

    def updated(self, topics: Sequence[Topic], not_covered: Sequence[str], encoder: TextEncoder) -> Self:
        """Return the fit with these texts and the same layer; only texts that it does not know are encoded."""
        examples, digests = _examples(topics, not_covered, encoder, self.vectors(encoder))
        return replace(self, encoder=encoder.name, examples=examples, digests=digests)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24]


def _texts(topics: Sequence[Topic], not_covered: Sequence[str]) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """Return (text, owner) of all phrasings, those that are not covered last, and of all passages."""
    phrasings = [(text, at) for at, topic in enumerate(topics) for text in topic.phrasings]
    phrasings += [(text, len(topics)) for text in not_covered]
    return phrasings, [(text, at) for at, topic in enumerate(topics) for text in topic.passages]


def _examples(
    topics: Sequence[Topic], not_covered: Sequence[str], encoder: TextEncoder, known: dict[str, Vectors]
) -> tuple[Examples, tuple[str, ...]]:
    """Return the vectors of all texts and the digests of the texts; vectors that are ``known`` are not computed."""
    pairs, passages = _texts(topics, not_covered)
    texts = [text for text, _ in (*pairs, *passages)]
    digests = tuple(_digest(text) for text in texts)
    new = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in known}
    # Half precision is what is stored: a cosine changes by less than 1e-4, and a stored fit is the fit itself.
    computed = encoder.encode(list(new.values())).astype(np.float16).astype(np.float32)
    vectors = known | dict(zip(new, computed, strict=True))
    stacked = np.stack([vectors[digest] for digest in digests])
    return Examples(
        tuple(topic.slug for topic in topics),
        stacked[: len(pairs)],
        np.array([owner for _, owner in pairs], np.int64),
        stacked[len(pairs) :],
        np.array([owner for _, owner in passages], np.int64),
    ), digests


def fit(
    topics: Sequence[Topic], not_covered: Sequence[str], encoder: TextEncoder, *, before: Fitted | None = None
) -> Fitted:
    """Return the matcher's fit to the library; it takes some seconds, most of them for vectors that are new.

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
    examples, digests = _examples(topics, not_covered, encoder, known)
    features, owners = _left_out(examples)
    layer = Layer.fit(features, owners)
    return Fitted(encoder.name, examples, digests, layer, _threshold(layer.probabilities(features), owners))


def _left_out(examples: Examples) -> tuple[Floats, Numbers]:
    """Return features and owners of all phrasings, each twice: left out with random others, and with those like it."""
    features = [_features_without(examples, folds) for folds in (_at_random(examples), _in_groups(examples))]
    return np.concatenate(features), np.tile(examples.owners, 2)


def _features_without(examples: Examples, folds: Numbers) -> Floats:
    """Return the features (phrasings, entries + 1, 3) of each phrasing against those of other folds."""
    features = np.zeros((len(folds), examples.entries + 1, FEATURES))
    for fold in range(FOLDS):
        out = folds == fold
        if out.any() and not out.all():
            features[out] = examples.only(~out).features(examples.phrasings[out])
    return features


def _at_random(examples: Examples) -> Numbers:
    """Return a fold (phrasings,) for each phrasing, spread evenly over the folds in each entry."""
    generator = np.random.default_rng(0)
    folds = np.zeros(len(examples.owners), np.int64)
    for _, own in _of_each(examples):
        folds[generator.permutation(own)] = np.arange(len(own)) % FOLDS
    return folds


def _in_groups(examples: Examples) -> Numbers:
    """Return a fold (phrasings,) for each phrasing, the same for those of an entry that are alike."""
    folds = np.zeros(len(examples.owners), np.int64)
    for _, own in _of_each(examples):
        groups = _alike(examples.phrasings[own])
        load = np.zeros(FOLDS)
        for group in sorted(set(groups.tolist()), key=lambda each: -int((groups == each).sum())):
            lightest = int(load.argmin())
            folds[own[groups == group]] = lightest
            load[lightest] += (groups == group).sum()
    return folds


def _of_each(examples: Examples) -> Iterator[tuple[int, Numbers]]:
    for owner in range(examples.entries + 1):
        yield owner, np.flatnonzero(examples.owners == owner)


def _alike(vectors: Vectors) -> Numbers:
    """Return a group (texts,) for each text: k-means on the sphere, each centre started far from those before it."""
    if len(vectors) <= GROUPS:
        return np.arange(len(vectors))
    chosen = [0]
    while len(chosen) < GROUPS:
        chosen.append(int((vectors @ vectors[chosen].T).max(axis=1).argmin()))
    centres = vectors[chosen]
    for _ in range(20):
        groups: Numbers = (vectors @ centres.T).argmax(axis=1)
        sums = np.stack([vectors[groups == at].sum(axis=0) for at in range(GROUPS)])
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.where(lengths > 0, sums / np.maximum(lengths, 1e-9), centres)
    return groups


def _threshold(probabilities: Floats, owners: Numbers) -> float:
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


def decide(slugs: Sequence[str], probabilities: Floats, answer: float) -> Match:
    """Return the decision for one question's probabilities (entries + 1,)."""
    ranked = sorted(zip(slugs, probabilities.tolist(), strict=False), key=lambda each: (-each[1], each[0]))
    nearest = ranked[:SUGGESTIONS]
    outcome: Outcome = "unknown"
    if nearest and nearest[0][1] >= answer:
        outcome = "answer"
    elif sum(score for _, score in nearest) >= SUGGEST:
        outcome = "suggest"
    return Match(outcome, tuple(Candidate(slug, round(score, 4)) for slug, score in nearest))


class SemanticMatcher:
    """Matches by meaning; safe to use from many threads."""

    name = f"semantic-{FORMAT}"

    def __init__(self, fitted: Fitted, encoder: TextEncoder) -> None:
        """Make the matcher of a stored fit.

        Raises:
            UnusableFitError: the fit was made with another encoder.
        """
        if fitted.encoder != encoder.name:
            raise UnusableFitError(f"the stored fit was made with {fitted.encoder}, not with {encoder.name}")
        self._fitted = fitted
        self._encoder = encoder
        _ = fitted.examples.discriminant  # Computed before the first question comes.

    def match(self, question: str) -> Match:
        """Return the nearest entries, with their probabilities, and what follows from them."""
        vectors = self._encoder.encode([question[:LONGEST]])
        probabilities = self._fitted.layer.probabilities(self._fitted.examples.features(vectors))
        found = decide(self._fitted.examples.slugs, probabilities[0], self._fitted.answer)
        if not any(each.isalnum() for each in question[:LONGEST]):
            return Match("unknown", found.candidates)  # Signs alone ask nothing.
        return found


def cross_validated(
    topics: Sequence[Topic],
    not_covered: Sequence[str],
    encoder: TextEncoder,
    *,
    groups: bool,
    before: Fitted | None = None,
) -> list[tuple[str | None, Match]]:
    """Return for each of the library's own phrasings its entry and what it is taken for when it is left out.

    Args:
        topics: the entries.
        not_covered: phrasings that no entry covers; they come last in what is returned.
        encoder: makes the vectors.
        groups: whether like phrasings are left out together. Layer and threshold never see what is left out.
        before: an earlier fit, whose vectors are used again.
    """
    examples, _ = _examples(topics, not_covered, encoder, before.vectors(encoder) if before is not None else {})
    folds = _in_groups(examples) if groups else _at_random(examples)
    found: list[Match] = [Match("unknown", ())] * len(folds)
    for fold in range(FOLDS):
        out = folds == fold
        kept = examples.only(~out)
        features, owners = _left_out(kept)
        layer = Layer.fit(features, owners)
        answer = _threshold(layer.probabilities(features), owners)
        rows = layer.probabilities(kept.features(examples.phrasings[out]))
        for at, row in zip(np.flatnonzero(out), rows, strict=True):
            found[at] = decide(examples.slugs, row, answer)
    slugs = (*examples.slugs, None)
    return [(slugs[owner], match) for owner, match in zip(examples.owners, found, strict=True)]
