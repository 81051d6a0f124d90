"""A post is taken apart into prose, code and what it asks."""

import pytest

from assistant.matching.posts.asking import asks, is_courtesy, points
from assistant.matching.posts.post import parse_post
from assistant.matching.text import readable

POST = """Hi everyone!

I am in the second week and I built this network:
```
model = Sequential([Dense(3, activation='sigmoid')])
why = 3
```
model.fit(X, y, epochs=10)
Epoch 1/10
All three units end with other weights. Why are they not the same?And also, how many epochs do I need for this?
Thanks in advance for your help!"""


def test_prose_code_and_requests_are_told_apart() -> None:
    post = parse_post(POST)
    assert [each.text for each in post.requests] == [
        "Why are they not the same?",
        "And also, how many epochs do I need for this?",
    ]
    assert post.requests[0].in_context[0].endswith("other weights. Why are they not the same?")
    assert post.code == (
        "model = Sequential([Dense(3, activation='sigmoid')])",
        "why = 3",
        "model.fit(X, y, epochs=10)",
        "Epoch 1/10",
    )
    assert not {"Hi everyone!", "Thanks in advance"} & set(post.prose.split("."))
    assert "Thanks" not in post.prose


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("```python\n# why is the loss nan here?\nprint(x)\n```\nHow many neurons?", ["How many neurons?"]),
        ("```\nx = 1\nWhy do they differ?", ["Why do they differ?"]),
        ("See https://x.org/a?b=why and https://x.org/?q=how. Why so?", ["Why so?"]),
        (
            "why do they differ?! how many do i need?? really???",
            ["why do they differ?!", "how many do i need??", "really???"],
        ),
        (
            "1. why is it rising\n2) why do two differ\n3 - does it stay on\n- how many are needed",
            ["why is it rising", "why do two differ", "3 - does it stay on", "- how many are needed"],
        ),
        ("Why do they differ &amp; not die?", ["Why do they differ & not die?"]),
    ],
    ids=["fence", "open fence", "addresses", "small letters", "list", "references"],
)
def test_what_is_pasted_is_taken_apart_where_it_ends(text: str, asked: list[str]) -> None:
    assert [each.text for each in parse_post(readable(text)).requests] == asked


@pytest.mark.parametrize(
    "sentence",
    [
        "Why is that so",
        "and does the order matter",
        "If all start alike, why do they differ",
        "I don't understand the role of the bias.",
        "I was wondering about the size of the layer",
        "Please explain backpropagation",
        "2) the loss goes up again",
        "Second question: the role of momentum.",
        "Second: the role of momentum.",
        "Nobody knows why the loss rises",
        "I can't tell if it waits for something",
        "It is open whether the order matters",
    ],
)
def test_sentences_that_ask_are_found_without_a_question_mark(sentence: str) -> None:
    assert asks(sentence)
    assert not is_courtesy(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "My network has three layers.",
        "The loss falls to zero.",
        "It was late",
        "I did the first course, which I liked.",
        "The last layer is linear.",
        "That's why I took three layers.",
    ],
)
def test_statements_ask_nothing(sentence: str) -> None:
    assert not asks(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Hello all,",
        "Thanks a lot in advance!",
        "Can anyone help me with this?",
        "Any help is appreciated",
        "Is that right?",
    ],
)
def test_polite_words_are_no_request(sentence: str) -> None:
    assert is_courtesy(sentence)


def test_one_sentence_may_ask_twice() -> None:
    post = parse_post("How does a unit know what to look at, and why is the output not the same for all of them?")
    assert [each.text for each in post.requests] == [
        "How does a unit know what to look at",
        "why is the output not the same for all of them?",
    ]


def test_a_request_has_what_was_said_before_it_as_its_context() -> None:
    (request,) = parse_post("It is cold. It is late. It was slow. The loss rises. Why is that?").requests
    assert request.in_context == (
        "The loss rises. Why is that?",
        "It is late. It was slow. The loss rises. Why is that?",
    )


def test_a_line_that_goes_on_to_something_else_is_a_sentence_of_its_own() -> None:
    post = parse_post("do i need three outputs for this\nalso the loss stands still\n2. is it too small")
    assert [each.text for each in post.requests] == [
        "do i need three outputs for this",
        "also the loss stands still",
        "is it too small",
    ]


@pytest.mark.parametrize(
    ("sentence", "pointing"),
    [
        ("How large may such differences be?", True),
        ("Is it normal?", True),
        ("What does dropout do?", False),
        ("Does a network with more neurons in its only hidden layer need more examples?", False),
    ],
)
def test_short_sentences_that_point_back_are_known(sentence: str, pointing: bool) -> None:
    assert points(sentence) is pointing


def test_a_post_that_only_tells_asks_all_of_it() -> None:
    (request,) = parse_post("Training loss falls. Validation loss rises after epoch 20.").requests
    assert request.text == "Training loss falls. Validation loss rises after epoch 20."


@pytest.mark.parametrize("text", ["np.zeros((2, 2))", "Hi!", "x = 3\ny = 4\nz = 5", "", "```\nx\n```", "?\n?\n?"])
def test_posts_of_nothing_but_code_or_a_greeting_are_borne(text: str) -> None:
    post = parse_post(text)
    assert len(post.requests) <= 1


@pytest.mark.parametrize(
    ("signs", "asked"),
    [
        ("Why?\n\n" + " " * 9_000 + "!x y", ["Why?"]),
        ("Why?\n\na" + " " * 9_000 + "b", ["Why?"]),
        ("Hi " + "-" * 9_000 + " why do all of these units come out the same in the end?", None),
        ("Thanks " + "'" * 9_000 + " a" * 12, None),
        ("- " * 4_900 + "x", None),
    ],
    ids=["blanks-before", "blanks-within", "dashes", "quotes", "list"],
)
def test_long_rows_of_signs_are_read_at_once(signs: str, asked: list[str] | None) -> None:
    """With searches that go back, each of these would take from minutes to longer than anybody lives."""
    requests = [each.text for each in parse_post(signs).requests]
    assert requests == asked if asked is not None else len(requests) == 1


@pytest.mark.parametrize(
    ("sentence", "polite"),
    [
        ("Hi -- @bob, all.", True),
        ("Thanks 'all of you' --- bye", True),
        ("Hello, why do my four hidden units all end with the very same weights", False),
        ("- (2) why is that", False),
    ],
)
def test_signs_between_words_change_nothing(sentence: str, polite: bool) -> None:
    assert is_courtesy(sentence) is polite
    assert polite or asks(sentence)
