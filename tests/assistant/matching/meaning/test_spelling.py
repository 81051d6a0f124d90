"""Typos are corrected where a library's word is clearly meant, and nothing else."""

import pytest

from assistant.matching.meaning.encoder import Encoder
from assistant.matching.meaning.semantic import SemanticMatcher
from assistant.matching.meaning.spelling import FEWEST_TEXTS, Spelling
from assistant.matching.meaning.stored_fit import Fit

TEXTS = ["the neurons learn a gradient", "gradients, neuron, learning rate", "initialise the weights, softmax, unite"]
WORDS = {"neutron", "learns", "units"}


def often(*texts: str) -> list[str]:
    """Return texts with the same words, as many as it takes to correct others to them."""
    return [f"{text} {number}" for text in texts for number in range(FEWEST_TEXTS)]


@pytest.fixture
def spelling() -> Spelling:
    return Spelling(often(*TEXTS), WORDS.__contains__)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("why do the nuerons differ", "why do the neurons differ"),
        ("the gradeint, please", "the gradient, please"),
        ("Learing rate?", "learning rate?"),
        ("initalize wieghts", "initialise weights"),
        ("a sofmax", "a softmax"),
    ],
)
def test_a_word_with_a_typo_becomes_the_librarys(spelling: Spelling, typed: str, meant: str) -> None:
    assert spelling.corrected(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "a neutron learns",  # words that the encoder has
        "the neuron, the neurons",
        "neuros",  # as near to neuron as to neurons
        "sftmx",  # two typos in a short word
        "unit",  # too short to tell
        "enurons",  # another first letter
        "Gradeint.weights gradeint_weights gradeint(2) gradeint=3 NUERONS nuEron nueron2 @nueron a/nueron nueron.py",
        "",
    ],
)
def test_what_is_no_clear_typo_stays(spelling: Spelling, typed: str) -> None:
    assert spelling.corrected(typed) == typed


def test_what_a_single_text_says_is_known_but_nothing_is_corrected_to_it() -> None:
    spelling = Spelling([*often(*TEXTS), "an oddword"], WORDS.__contains__)
    assert spelling.corrected("oddword od oddwrd") == "oddword od oddwrd"


def test_the_spelling_of_other_texts_is_as_if_they_had_been_read_alone() -> None:
    texts = [*often("a perceptron learns", "a gradient"), "momentum"]
    then = [*often("a gradient", "momentum"), "the perceptron"]
    typed = "perceptrom gradeint momentun"
    with_others = Spelling(texts, WORDS.__contains__).with_texts(then)
    assert Spelling(texts, WORDS.__contains__).corrected(typed) == "perceptron gradient momentun"
    assert with_others.corrected(typed) == Spelling(then, WORDS.__contains__).corrected(typed)
    assert with_others.corrected(typed) == "perceptrom gradient momentum"
    assert with_others.with_texts(texts).corrected(typed) == "perceptron gradient momentun"


def test_a_long_text_of_unknown_words_is_read_to_its_end(spelling: Spelling) -> None:
    typed = "nuerons gradeint " * 600
    assert spelling.corrected(typed) == "neurons gradient " * 600


def test_a_matcher_reads_typos_as_what_is_meant(stored: Fit, matcher: SemanticMatcher, encoder: Encoder) -> None:
    asked = "Why do all neurons of a layer not learn the same gradient?"
    typed = "Why do all nuerons of a layer not laern the same gradeint?"
    using = SemanticMatcher(stored, encoder, Spelling(often(asked), encoder.has_word))
    assert using.match(typed) == using.match(asked)
    assert matcher.match(typed) != matcher.match(asked)


def test_the_encoder_knows_which_words_it_has_whole(encoder: Encoder) -> None:
    assert encoder.has_word("network")
    assert not encoder.has_word("netwrok")
