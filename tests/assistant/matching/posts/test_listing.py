"""Points of a list are told from steps and options, and none is lost in another one; the real vectors decide."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.matching.meaning.semantic import SemanticMatcher
from assistant.matching.posts.listing import passages_of
from assistant.matching.posts.parts import match_post
from assistant.matching.posts.post import parse_post

SAME = "why do two neurons with the same inputs not learn the same"
RATE = "what happens when the learning rate is too large"
WIDTH = "how many hidden neurons do I need"
LISTS = [
    "(a) {0}? (b) {1}?",
    "(a) {0} (b) {1}",
    "a) {0}, b) {1}",
    "a. {0}? b. {1}?",
    "1) {0} 2) {1}",
    "1. {0}? 2. {1}?",
    "(1) {0}; (2) {1}",
    "(i) {0}, and (ii) {1}",
    "Q1: {0} Q2: {1}",
    "Q1 {0}? Q2 {1}?",
    "Question 1: {0}. Question 2: {1}.",
    "#1 {0}? #2 {1}?",
    "First, {0}. Second, {1}.",
    "First question: {0}? Second question: {1}?",
    "I have two questions: (a) {0} (b) {1}",
    "My questions are 1. {0} and 2. {1}",
    "My network is small.\n(a) {0}?\n(b) {1}?",
    "This is about my exercise. (a) {0}, and (b) {1}?",
    "My network has two layers. 1) {0}? 2) {1}?",
    "I train ten neurons for 20 epochs. Q1: {0}? Q2: {1}?",
    "{0}, and (b) {1}?",
]


@pytest.mark.parametrize("written", LISTS)
def test_each_point_is_asked_by_itself_without_its_label(written: str) -> None:
    requests = parse_post(written.format(SAME, RATE)).requests
    assert [each.text.rstrip("?.") for each in requests] == [SAME, RATE]
    assert [each.point for each in requests] == [1, 2]


@pytest.mark.parametrize(
    "text",
    [
        "I use (a) tanh and (b) ReLU, why is tanh slower?",
        "In step 1) I scale the inputs and in step 2) I train them. Why should inputs be scaled?",
        "1) I load all the data 2) I train the network. Why is the loss so high?",
        "Compare (a) a network with one layer (b) a network with two layers, which is better?",
        "The loss is 1. After 2. epochs it falls.",
        "Why does fig. (a) show a line, and why does fig. (b) show none?",
        "How is eq. 1) meant, and how is equation 2) meant here?",
        "Why is the loss 2. Why not 1?",
        "First, I scaled the inputs.",
        "(a) is all that I have",
    ],
)
def test_steps_and_options_are_no_points(text: str) -> None:
    assert all(each.point == 0 for each in passages_of(text.split("\n")))


def test_points_that_do_not_ask_are_asked_by_what_leads_to_them() -> None:
    requests = parse_post("Hi! Please explain: a) dropout when predicting b) the loss being averaged. Thanks!").requests
    assert [each.text for each in requests] == ["dropout when predicting", "the loss being averaged."]
    requests = parse_post("(a) the role of the learning rate (b) the number of hidden neurons").requests
    assert [each.text for each in requests] == ["the role of the learning rate", "the number of hidden neurons"]


def test_what_is_asked_before_and_after_a_list_stays() -> None:
    post = parse_post(f"Does the loss rise? I have two more questions: (a) {SAME}? (b) {RATE}? And also, {WIDTH}?")
    assert [each.text.rstrip("?") for each in post.requests] == [
        "Does the loss rise",
        SAME,
        RATE,
        f"And also, {WIDTH}",
    ]


def test_a_sentence_within_a_point_means_what_was_said_in_it() -> None:
    *_, last = parse_post(f"(a) {SAME}? (b) The test loss doubles. Is that a contradiction?").requests
    assert last.in_context == ("The test loss doubles. Is that a contradiction?",)


def test_points_of_one_answer_are_one_part_with_all_their_words(matcher: SemanticMatcher) -> None:
    (part,) = match_post("(a) Why do neurons differ? (b) Why do the neurons become different?", matcher).parts
    assert part.match.entry == "why-neurons-differ"
    assert part.text == "Why do neurons differ? Why do the neurons become different?"


@pytest.mark.parametrize("written", ["(a) {} (b) {} (c) {}", "1) {} 2) {} 3) {}", "Q1: {} Q2: {} Q3: {}"])
def test_no_point_is_dropped_whatever_it_means(matcher: SemanticMatcher, written: str) -> None:
    texts = ("What is the score of the match on Sunday?", "Why do neurons differ?", "Who won the cup, and is it heavy?")
    found = match_post(written.format(*texts), matcher)
    said = " ".join(each.text for each in found.parts)
    assert all(each.partition(",")[0] in said for each in texts)
    assert found.main.match.entry == "why-neurons-differ"


def test_points_without_any_answer_stay_apart(matcher: SemanticMatcher) -> None:
    texts = ["How do I bake sourdough bread?", "Which telescope shows the moons of Jupiter?"]
    found = match_post(f"(a) {texts[0]} (b) {texts[1]}", matcher)
    assert found.main.match.entry is None
    said = " ".join(each.text for each in found.parts)
    assert all(each in said for each in texts)


@given(st.lists(st.sampled_from(["(a)", "(b)", "1)", "2.", "Q1:", "First,", "why", "is it so", "?", "\n", ".", "and"])))
def test_cutting_loses_nothing_but_labels(pieces: list[str]) -> None:
    lines = [" ".join(line.split()) for line in " ".join(pieces).split("\n") if line.strip()]
    words = " ".join(each.text for each in passages_of(lines)).split()
    for word in ("why", "is", "so", "?"):
        assert words.count(word) == " ".join(lines).split().count(word)
