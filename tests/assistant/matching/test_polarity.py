"""Whether two sentences say the same or the contrary: pairs written by hand, and the library's own sentences."""

from pathlib import Path

import pytest

from assistant.library.content.content_files import read
from assistant.matching.polarity import Comparison, compare

PAIRS = Path(__file__).with_name("opposites.txt").read_text(encoding="utf-8")
CONTENT = Path(__file__).parents[3] / "content"


def _pairs(text: str) -> list[tuple[str, str]]:
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(one, other) for one, _, other in (line.partition(" | ") for line in lines)]


def _relations(pairs: list[tuple[str, str]]) -> list[str | None]:
    return [found.relation if (found := compare(*pair)) is not None else None for pair in pairs]


def test_opposite_wordings_are_told_apart_and_hardly_any_is_taken_for_the_other() -> None:
    contraries, same = map(_pairs, PAIRS.split("== same\n"))
    assert len(contraries) >= 200
    found = _relations(contraries)
    assert found.count("contrary") >= 0.7 * len(contraries)
    assert found.count("same") <= 0.01 * len(contraries)
    assert _relations(same).count("contrary") <= 0.01 * len(same)


def test_the_order_of_two_sentences_does_not_matter() -> None:
    pairs = _pairs(PAIRS.replace("== same\n", ""))
    assert _relations(pairs) == _relations([(other, one) for one, other in pairs])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Neurons that start alike stay alike.", "Neurons that do not start alike stay alike."),
        ("If the rate is large, it diverges.", "If the rate is not large, it diverges."),
        ("All neurons learn the same.", "Not all neurons learn the same."),
        ("Adam is better than SGD.", "SGD is better than Adam."),
        ("Equal neurons do not learn.", "Neurons that are not equal learn."),
        ("Dropout helps.", "Dropout helps in large networks."),
        ("Is scaling needed?", "Is normalising the targets needed?"),
        ("When do neurons differ?", "Neurons differ."),
        ("Why?", "Why not?"),
    ],
)
def test_in_doubt_nothing_is_said(one: str, other: str) -> None:
    assert compare(one, other) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Neurons stay alike if they start alike.", "Neurons stay alike unless they start alike."),
        ("If neurons start alike, they stay alike.", "Neurons start alike if they stay alike."),
        ("The loss causes the overfitting.", "The loss is caused by the overfitting."),
        ("The loss goes up in the end.", "The loss goes out in the end."),
        ("Do all neurons die?", "Do any neurons die?"),
        ("Biases need not start at zero.", "Biases must not start at zero."),
        ("Dropout leads to overfitting.", "No dropout leads to overfitting."),
        ("Shuffling makes neurons differ.", "Not shuffling makes neurons differ."),
        ("It is fine to start the biases at zero.", "It is fine not to start the biases at zero."),
        ("Shuffling does not help.", "Shuffling does not always help."),
        ("The loss of both is > 1.", "The loss of both is < 1."),
    ],
)
def test_sentences_that_differ_in_how_their_words_go_together_are_not_compared(one: str, other: str) -> None:
    assert compare(one, other) is None
    assert compare(other, one) is None


def test_what_is_larger_may_be_neither_larger_nor_smaller() -> None:
    assert compare("The loss rises.", "The loss falls.") == Comparison("contrary", False, None)
    assert compare("The loss rises.", "The loss does not rise.") == Comparison("contrary", False, True)
    assert compare("Neurons must differ.", "Neurons must not differ.") == Comparison("contrary", False, None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Two networks with the same accuracy agree.", "Two networks with different accuracy agree."),
        ("Small random weights are a good start.", "Large random weights are a good start."),
        ("Wide layers help a deep network.", "Wide layers help a shallow network."),
        ("Increasing the rate makes it diverge.", "Decreasing the rate makes it diverge."),
        ("The networks agree before training.", "The networks agree after training."),
        ("The steps can be larger.", "The steps can be smaller."),
        ("Some neurons die.", "Some neurons do not die."),
    ],
)
def test_contraries_that_may_both_be_true_say_nothing_of_each_other(one: str, other: str) -> None:
    assert compare(one, other) == Comparison("contrary", None, None)
    assert compare(other, one) == Comparison("contrary", None, None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("If the weights exist, training reaches them.", "If the weights exist, training does not reach them."),
        ("The neurons become different.", "The neurons become the same."),
        ("Adam makes scaling necessary.", "Adam makes scaling unnecessary."),
        ("The accuracy rose, so the change works.", "The accuracy rose, so the change fails."),
    ],
)
def test_contraries_that_may_both_be_false_only_exclude_each_other(one: str, other: str) -> None:
    assert compare(one, other) == Comparison("contrary", False, None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Large networks overfit.", "Large networks do not overfit."),
        (
            "A network with dropout beats the same one without it.",
            "A network with dropout does not beat the same one without it.",
        ),
        ("Do large weights save steps?", "Large weights do not save steps."),
        ("Eight layers learn like one.", "Eight layers don't learn like one."),
    ],
)
def test_what_is_not_so_of_all_of_a_kind_may_be_so_of_some(one: str, other: str) -> None:
    assert compare(one, other) == compare(other, one) == Comparison("contrary", False, None, of_a_kind=True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A low loss means that it is reliable.", "A low loss does not mean that it is reliable."),
        ("A tiny gap is enough.", "A tiny gap is not enough."),
        ("The large networks overfit.", "The large networks do not overfit."),
        ("Shuffling the data makes neurons differ.", "Shuffling the data does not make neurons differ."),
        ("A network can forget old classes.", "A network cannot forget old classes."),
    ],
)
def test_of_what_does_not_follow_and_of_certain_things_one_of_both_is_true(one: str, other: str) -> None:
    found = compare(other, one)
    assert found is not None
    assert (found.if_false, found.of_a_kind) == (True, False)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It compares many networks and keeps the best.", "It compares many networks and does not keep the best."),
        (
            "The first unit gets one and the second the other.",
            "The first unit does not get one and the second the other.",
        ),
        ("Patience solves it, the loss will fall.", "Patience solves it, the loss will not fall."),
        (
            "The same rate suits both, otherwise it is cheating.",
            "The same rate suits both, otherwise it is not cheating.",
        ),
    ],
)
def test_of_two_things_that_are_said_both_may_be_false(one: str, other: str) -> None:
    found = compare(other, one)
    assert found is None or (found.if_false is None and not found.of_a_kind)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("High accuracy means that the set is large enough.", "High accuracy means that the set is not large enough."),
        ("What a network has forgotten is erased.", "What a network has not forgotten is erased."),
        ("Will the network repeat the wave it has learned?", "Will the network repeat the wave it has not learned?"),
        ("One can tell which feature a unit will take.", "One can tell which feature a unit will not take."),
        ("It is unimportant whether weights are restored.", "It is unimportant whether weights are not restored."),
    ],
)
def test_what_is_denied_within_a_clause_is_not_the_sentences(one: str, other: str) -> None:
    assert compare(one, other) is None


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [
        ("Can small sets make the loss lower?", "Small sets make the loss lower."),
        ("If a network can learn it, training may find it.", "If a network can learn it, training finds it."),
        ("Linear neurons do not work.", "Linear neurons never work."),
        ("Linear neurons do not work.", "Linear neurons cannot work."),
    ],
)
def test_what_can_be_so_says_less_than_what_is_so(weaker: str, stronger: str) -> None:
    assert compare(weaker, stronger) == Comparison("same", True, None)
    assert compare(stronger, weaker) == Comparison("same", None, False)


def test_what_is_not_always_so_may_be_so_sometimes() -> None:
    assert compare("Small sets never help.", "Small sets help.") == Comparison("contrary", False, None)
    assert compare("Small sets cannot help.", "Small sets can help.") == Comparison("contrary", False, True)
    assert compare("Small sets can help.", "Small sets do not help.") == Comparison("contrary", None, True)


def test_what_is_forbidden_is_not_what_is_expected() -> None:
    assert compare("Don't neurons differ?", "Neurons differ.") == Comparison("same", True, False)
    assert compare("Don't switch dropout off.", "Switch dropout off.") == Comparison("contrary", False, True)


def test_beliefs_of_an_entry_are_not_taken_for_each_other() -> None:
    for entry in read(CONTENT):
        texts = [(belief.answer, text) for belief in entry.beliefs for text in (belief.belief, *belief.wordings)]
        for at, (answer, text) in enumerate(texts):
            for other_answer, other in texts[at + 1 :]:
                found = compare(text, other)
                assert found is None or (found.relation == "same") == (answer == other_answer), (text, other)
