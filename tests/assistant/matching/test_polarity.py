"""Whether two sentences say the same or the contrary: pairs written by hand, and the library's own sentences."""

from pathlib import Path

import pytest

from assistant.library.content_files import read
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


def test_what_is_larger_may_be_neither_larger_nor_smaller() -> None:
    assert compare("The loss rises.", "The loss falls.") == Comparison("contrary", exclusive=True)
    assert compare("The loss rises.", "The loss does not rise.") == Comparison("contrary", True, True)
    assert compare("Neurons must differ.", "Neurons must not differ.") == Comparison("contrary", exclusive=True)


def test_beliefs_of_an_entry_are_not_taken_for_each_other() -> None:
    for entry in read(CONTENT):
        texts = [(belief.answer, text) for belief in entry.beliefs for text in (belief.belief, *belief.wordings)]
        for at, (answer, text) in enumerate(texts):
            for other_answer, other in texts[at + 1 :]:
                found = compare(text, other)
                assert found is None or (found.relation == "same") == (answer == other_answer), (text, other)
