"""Each thing that a post asks finds its own entry; the real vectors decide."""

from assistant.matching import LONGEST_POST, Corpus
from assistant.matching.meaning.semantic import SemanticMatcher
from assistant.matching.posts.parts import MOST_REQUESTS, match_post

TWO = "{first} I also have a second question: {second} Thanks!"


def _held_out(corpus: Corpus, at: int) -> tuple[str, str]:
    topic = corpus.topics[at]
    return topic.slug, topic.phrasings[0]


def test_two_questions_in_one_post_find_both(matcher: SemanticMatcher, corpus: Corpus) -> None:
    (first, one), (second, other) = _held_out(corpus, 0), _held_out(corpus, -1)
    found = match_post(TWO.format(first=one, second=other), matcher)
    assert {each.match.entry for each in found.parts} >= {first, second}
    assert found.main.match.entry == found.parts[0].match.entry == first


def test_a_remark_that_has_no_answer_is_no_part(matcher: SemanticMatcher, corpus: Corpus) -> None:
    slug, question = _held_out(corpus, 0)
    found = match_post(f"I am in week two and I do not follow the lecture at all. {question}", matcher)
    assert [each.match.entry for each in found.parts] == [slug]


def test_a_question_that_only_points_back_means_what_was_said_before(matcher: SemanticMatcher) -> None:
    """Alone, "Why is that?" is unknown; and so it is after what has nothing to do with networks."""
    found = match_post(
        "I set the seed in the first cell. Every run still ends with another accuracy. Why is that? "
        "Also, does a hidden layer need more neurons than there are inputs, is there a rule?",
        matcher,
    )
    assert matcher.match("Why is that?").outcome == "unknown"
    assert [each.match.nearest for each in found.parts][:1] == ["why-two-runs-differ"]
    assert "how-many-hidden-neurons" in [each.match.nearest for each in found.parts]
    found = match_post("The weather was bad all week. Why is that? And who won the match on Sunday?", matcher)
    assert all(each.match.entry is None for each in found.parts)


def test_a_phrasing_of_two_sentences_is_one_question(matcher: SemanticMatcher, corpus: Corpus) -> None:
    twofold = [
        (topic.slug, text)
        for topic in corpus.topics
        for text in topic.phrasings
        if text.count("?") > 1 and text not in corpus.held_out
    ]
    for slug, text in twofold[:5]:
        (part,) = match_post(text, matcher).parts
        assert (part.match.entry, part.text) == (slug, text)


def test_what_stands_among_the_uncovered_is_not_answered_sentence_by_sentence(
    matcher: SemanticMatcher, corpus: Corpus
) -> None:
    for text in [each for each in corpus.not_covered if each.count("?") > 1][:5]:
        assert match_post(text, matcher).main.match.entry is None


def test_a_hundred_questions_are_read_in_part_and_counted(matcher: SemanticMatcher) -> None:
    text = " ".join(f"Why is number {n} so large here?" for n in range(100))
    found = match_post(text, matcher)
    assert len(found.parts) <= MOST_REQUESTS
    assert found.left_out == 100 - MOST_REQUESTS


def test_a_long_post_is_matched_by_what_it_asks_at_its_end(matcher: SemanticMatcher, corpus: Corpus) -> None:
    slug, question = _held_out(corpus, 0)
    story = "The weather was fine on that day and we took the train. "
    text = (story * 200)[: LONGEST_POST - len(question) - 1].rsplit(". ", 1)[0] + ". " + question
    found = match_post(text, matcher)
    assert slug in {each.match.nearest for each in found.parts}
