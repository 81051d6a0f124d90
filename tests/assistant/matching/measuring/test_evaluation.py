"""Evaluation against counts made by hand, and intervals against SciPy's."""

import pytest
from scipy.stats import binomtest

from assistant.matching import Candidate, Match, Outcome, Topic, passages_of
from assistant.matching.measuring.evaluation import Proportion, evaluate
from assistant.matching.measuring.labelled import LabelledQuestion


@pytest.mark.parametrize(("count", "of"), [(0, 1), (1, 1), (0, 54), (3, 54), (46, 47), (500, 1_000)])
def test_intervals_are_wilsons(count: int, of: int) -> None:
    expected = binomtest(count, of).proportion_ci(0.95, method="wilson")
    assert Proportion(count, of).interval == pytest.approx((expected.low, expected.high))


def test_a_share_of_nothing_says_so() -> None:
    assert str(Proportion(0, 0)) == "none to count"
    assert str(Proportion(1, 4)) == "1 of 4: 25.0% (4.6% to 69.9%)"


def found(outcome: Outcome, *slugs: str) -> Match:
    return Match(outcome, tuple(Candidate(slug, 0.5) for slug in slugs))


def test_shares_are_counted_as_by_hand() -> None:
    answers = {
        "right": found("answer", "a", "b", "c"),
        "also right": found("answer", "b", "a", "c"),
        "wrong": found("answer", "c", "a", "b"),
        "suggested": found("suggest", "b", "a", "c"),
        "abstained": found("unknown", "c", "d", "e"),
        "stray": found("answer", "a", "b", "c"),
        "not here": found("suggest", "a", "b", "c"),
        "off": found("unknown", "a", "b", "c"),
    }
    questions = [
        LabelledQuestion("right", frozenset({"a"})),
        LabelledQuestion("also right", frozenset({"a", "b"})),
        LabelledQuestion("wrong", frozenset({"a"})),
        LabelledQuestion("suggested", frozenset({"a"})),
        LabelledQuestion("abstained", frozenset({"a"}), may_abstain=True),
        LabelledQuestion("stray", frozenset()),
        LabelledQuestion("not here", frozenset({"elsewhere"})),
        LabelledQuestion("off", frozenset(), may_abstain=True),
    ]
    told = evaluate(questions, answers.__getitem__, ("a", "b", "c", "d", "e"))
    assert told.coverage == Proportion(4, 8)
    assert told.answered == Proportion(3, 5)
    assert told.right == Proportion(3, 5)
    assert told.among_three == Proportion(4, 5)
    assert told.wrong == Proportion(2, 8)
    assert told.off_topic_answered == Proportion(1, 3)
    assert told.off_topic_unknown == Proportion(1, 3)
    assert told.confused == (("a", "c", 2), ("a", "b", 1))
    assert any("25.0%" in line for line in told.lines())


def test_passages_are_plain_sentences() -> None:
    blocks = [
        "## A heading of more than six words",
        "The *two* lines, as [told](there) before, meet at $x = 1$.",
        "| a |",
        "No.",
    ]
    assert passages_of("\n\n".join(blocks)) == ["The two lines, as told before, meet at x = 1 ."]


def test_a_topic_holds_each_text_once() -> None:
    topic = Topic.of("a", "Why?", ["Why?", "How?"], ["One two three four five six."] * 2)
    assert topic == Topic("a", ("Why?", "How?"), ("One two three four five six.",))


def test_what_is_not_covered_is_no_phrasing_of_an_entry(
    topics: tuple[Topic, ...], not_covered: tuple[str, ...]
) -> None:
    phrasings = {text.casefold() for topic in topics for text in topic.phrasings}
    assert len(not_covered) >= 150
    assert not phrasings & {text.casefold() for text in not_covered}
