"""Matching by words."""

import bm25s
import pytest

from assistant.matching import Topic
from assistant.matching.lexical import SAME, LexicalMatcher

QUESTION = "Do pelicans sleep on steep roofs at midnight?"


# So many others that a phrasing more or less hardly changes how rare a word is.
OTHERS = {"other": [f"other{at} words{at} of{at} mine{at}" for at in range(200)]}


def _score(*phrasings: str) -> float:
    """Return the score of an entry with these phrasings, beside another."""
    found = LexicalMatcher({"entry": phrasings, **OTHERS}).match(QUESTION)
    return next(each.score for each in found.candidates if each.slug == "entry")


def test_the_mean_of_the_nearest_three_phrasings_of_an_entry_counts() -> None:
    near, far = ["steep paths", "copper roofs", "midnight trains"], ["walking dogs", "boiling eggs", "counting sheep"]
    three = _score(*near)
    assert 0 < three < SAME
    assert _score(*far, *near, *far) == pytest.approx(three, rel=0.02)
    assert _score(far[0], near[0], *far) == pytest.approx(three / 3, rel=0.1)


def test_an_entry_with_fewer_phrasings_is_judged_by_those_that_it_has() -> None:
    assert _score("steep paths") == pytest.approx(_score("steep paths", "copper roofs", "midnight trains"), rel=0.1)
    assert _score("steep paths", "walking dogs") == pytest.approx(_score("steep paths") / 2, rel=0.02)


def test_the_very_words_of_one_phrasing_decide_alone() -> None:
    assert _score("boiling eggs", QUESTION, "walking dogs") == pytest.approx(_score(QUESTION), rel=0.02)


def test_an_entry_without_phrasings_answers_nothing() -> None:
    found = LexicalMatcher({"none": [], "entry": [QUESTION], "other": ["unrelated words"]}).match(QUESTION)
    assert found.entry == "entry"
    assert [each.score for each in found.candidates if each.slug == "none"] == [0.0]


def test_many_questions_are_read_together_and_mean_what_each_means_alone(
    topics: tuple[Topic, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = [text for topic in topics for text in topic.phrasings[:5]] + [
        "",
        "the of",
        "Where is a petrol station?",
    ]
    read: list[int] = []
    tokenize = bm25s.tokenize

    def counting(texts: list[str], **options: bool) -> list[list[str]]:
        read.append(len(texts))
        found: list[list[str]] = tokenize(texts, **options)
        return found

    monkeypatch.setattr(bm25s, "tokenize", counting)
    matcher = LexicalMatcher({topic.slug: topic.phrasings for topic in topics})
    read.clear()
    together = matcher.match_all(questions)
    assert read == [len(questions)]
    assert together == [matcher.match(question) for question in questions]


def test_what_new_phrasings_take_from_another_entry_is_among_what_they_nearly_are(topics: tuple[Topic, ...]) -> None:
    library = {topic.slug: list(topic.phrasings[:40]) for topic in topics}
    taker, *others = library
    phrasings = [text for slug in others for text in library[slug]]
    new = [f"{text} honestly" for text in phrasings[::9]] + ["a petrol station"]
    today = LexicalMatcher(library)
    then = LexicalMatcher(library | {taker: [*library[taker], *new]})
    before, after = today.match_all(phrasings), then.match_all(phrasings)
    lost = [text for text, old, now in zip(phrasings, before, after, strict=True) if old.entry not in {None, now.entry}]
    may_move = today.nearly_same(phrasings, new)
    assert len(lost) > 50
    assert set(lost) <= set(may_move)
    assert len(may_move) < len(phrasings) / 2
    assert today.nearly_same(["never heard of"], new) == ["never heard of"]


def test_building_an_index_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    LexicalMatcher({"one": ["why do neurons differ"]})
    assert not caplog.records
