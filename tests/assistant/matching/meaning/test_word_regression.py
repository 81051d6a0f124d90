"""The regression on the very words: as scikit-learn computes it, and what it does for the matcher."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from assistant.matching import Corpus, Topic
from assistant.matching.meaning.fitting import C_WORDS, FEWEST_TEXTS, PASSAGE, fit
from assistant.matching.meaning.semantic import SemanticMatcher
from assistant.matching.meaning.stored_fit import Fit
from assistant.matching.meaning.word_regression import WordRegression, log_softmax, terms_of

pytestmark = pytest.mark.slow

SUBJECTS = {
    "dropout": ("what does dropout do to a layer", "does dropout slow the training", "dropout for a small net"),
    "epochs": ("how many epochs are enough", "are more epochs better for a net", "epochs and the training time"),
}
ASIDE = ("which bread is best", "the best film of a year", "is bread better than rice", "rice for the cat")
MANNERS = ("", " please", " again", " today", " in short")


class Blind:
    """An encoder whose vectors mean nothing, so that only words can tell texts apart."""

    name = "blind"
    seen: frozenset[str] = frozenset()

    def encode(self, texts: Sequence[str], /, *, threads: int = 1) -> npt.NDArray[np.float32]:
        del threads
        drawn = np.stack([np.random.default_rng(crc32(text.encode())).normal(size=8) for text in texts])
        unit: npt.NDArray[np.float32] = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
        return unit


def corpus_of(subjects: Mapping[str, tuple[str, ...]]) -> Corpus:
    """Return a library of these subjects, each in several manners; those of the last manner are held out."""

    def told(texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(f"{text}{manner}" for text in texts for manner in MANNERS)

    topics = tuple(Topic(slug, told(texts), (f"{slug} explained, for a net",)) for slug, texts in subjects.items())
    others = told(ASIDE)
    texts = [text for topic in topics for text in topic.phrasings] + list(others)
    return Corpus(topics, others, frozenset(text for text in texts if text.endswith(MANNERS[-1])))


CORPUS = corpus_of(SUBJECTS)


@pytest.fixture(scope="module")
def fitted() -> Fit:
    return fit(CORPUS, Blind())


@pytest.fixture(scope="module")
def words(fitted: Fit) -> WordRegression:
    assert fitted.words is not None
    return fitted.words


def test_terms_are_what_words_say_and_pairs_of_neighbours() -> None:
    found = terms_of("Why don't the 2 layers, and XOR_net?")
    assert found[:6] == ["whi", "don't", "2", "layer", "xor", "network"]
    assert found[6:] == ["whi don't", "don't 2", "2 layer", "layer xor", "xor network"]
    assert terms_of("?! Is it?") == []


def test_inflections_and_synonyms_are_one_term() -> None:
    assert terms_of("Do the nodes of a net specialise?") == terms_of("neurons in networks specializing")


def test_it_says_what_scikit_learn_says(words: WordRegression) -> None:
    texts = CORPUS.texts
    owners = [at for at, topic in enumerate(CORPUS.topics) for _ in topic.phrasings] + [2] * len(CORPUS.not_covered)
    owners += [at for at, topic in enumerate(CORPUS.topics) for _ in topic.passages]
    weights = [PASSAGE if text.endswith("explained, for a net") else 1.0 for text in texts]
    peer = TfidfVectorizer(analyzer=terms_of, min_df=FEWEST_TEXTS, sublinear_tf=True)
    regression = LogisticRegression(C=C_WORDS, max_iter=10_000, tol=1e-6).fit(
        peer.fit_transform(texts), owners, weights
    )
    assert words.terms == tuple(peer.get_feature_names_out())
    asked = ["does dropout do dropout", "epochs", "which rice", "nothing of it stands anywhere", *texts]
    expected = regression.predict_log_proba(peer.transform(asked))
    same = WordRegression(words.terms, peer.idf_, regression.coef_.T, regression.intercept_)
    np.testing.assert_allclose(same.log_probabilities(asked), expected, atol=1e-9)
    # The fit stops sooner than its peer here, at offsets that alone decide on a text of other words.
    of_terms = [at for at, text in enumerate(asked) if not set(terms_of(text)).isdisjoint(words.terms)]
    assert len(of_terms) == len(asked) - 1
    found = np.exp(words.log_probabilities(asked))
    np.testing.assert_allclose(found[of_terms], np.exp(expected)[of_terms], atol=0.02)


def test_terms_that_it_does_not_have_say_nothing(words: WordRegression) -> None:
    unknown, none = words.log_probabilities(["perceptron", "?"])
    np.testing.assert_array_equal(unknown, none)
    np.testing.assert_allclose(none, log_softmax(words.offsets[None].astype(float))[0])


def test_words_tell_apart_what_vectors_do_not(fitted: Fit) -> None:
    by_words = SemanticMatcher(fitted, Blind())
    for question, slug in (("dropout, what is it", "dropout"), ("epochs, how many", "epochs")):
        assert by_words.match(question).candidates[0].slug == slug
        assert by_words.match(question).score > 0.6
    assert by_words.match("bread or rice").score < 0.3
    by_vectors = SemanticMatcher(fit(CORPUS, Blind(), by_words=False), Blind())
    for question in ("dropout, what is it", "epochs, how many", "bread or rice"):
        assert by_vectors.match(question).score < 0.6


def test_a_stored_fit_says_the_same(fitted: Fit) -> None:
    again = Fit.from_bytes(fitted.to_bytes())
    asked = ["dropout, what is it", "bread or rice"]
    vectors = Blind().encode(asked)
    np.testing.assert_array_equal(again.probabilities(asked, vectors), fitted.probabilities(asked, vectors))
    without = fit(CORPUS, Blind(), by_words=False)
    assert Fit.from_bytes(without.to_bytes()).words is None


def test_an_entry_that_is_younger_is_as_probable_by_its_words_as_by_its_vector(fitted: Fit) -> None:
    new = Topic("momentum", ("what is momentum",))
    later = fitted.with_texts(replace(CORPUS, topics=(CORPUS.topics[1], new)), Blind())
    assert later.words is not None
    found = later.words.log_probabilities(["epochs"])
    assert np.isnan(found).tolist() == [[False, True, False]]
    assert np.exp(found[0, [0, 2]]).sum() == pytest.approx(1)
    probabilities = later.probabilities(["epochs"], Blind().encode(["epochs"]))
    assert np.isfinite(probabilities).all()
    assert probabilities.sum() == pytest.approx(1)
    assert probabilities.argmax() == 0


def test_a_library_with_too_few_words_is_fitted_without_them() -> None:
    few = Corpus((Topic("a", ("one", "two", "three")),), ("four", "five", "six"), held_out=frozenset({"three", "six"}))
    assert fit(few, Blind()).words is None
