"""What only greets, thanks or agrees is told from what asks."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.matching.posts.courtesy import asks_nothing, thanks, without_courtesy

COURTESY = [
    "thanks!",
    "ok",
    "got it, thank you",
    "cool",
    "Thank you so much for the great explanation!",
    "I see",
    "ah ok, makes sense now",
    "Thanks a lot in advance",
    "Hi everyone!",
    "Good morning",
    "okkkkk",
    "thankssss",
    "no",
    "no thanks",
    "perfect 👍",
    "thx :)",
    "alright, understood",
    "Have a nice day!",
    "what a great answer",
    "That was very clear. Thank you.",
    "danke!",
    "Merci beaucoup",
    "спасибо",
    "谢谢",
    "ありがとうございます",
]
QUESTIONS = [
    "is that right?",
    "is that right",
    "makes no sense",
    "thanks! and with tanh?",
    "why?",
    "ok, but why?",
    "can anyone help?",
    "help me understand the picture",
    "I would love to know more",
    "thanks but that does not help",
    "I do not get it",
    "not clear",
    "does that make sense",
    "are you sure",
    "ok is it good",
    "more",
    "again",
    "good learning rate",
    "thanks for the dropout of 0.3",
    "softmax",
    "help",
    "what is it",
    "1",
    "!",
    "",
    "ok " * 30,
]


@pytest.mark.parametrize("text", COURTESY)
def test_what_only_greets_thanks_or_agrees_asks_nothing(text: str) -> None:
    assert asks_nothing(text)


@pytest.mark.parametrize("text", QUESTIONS)
def test_what_says_anything_else_is_no_courtesy(text: str) -> None:
    assert not asks_nothing(text)


def test_thanks_are_told_from_greetings() -> None:
    assert thanks("ok, thank you")
    assert not thanks("ok, hello")


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("thanks! and with tanh?", "and with tanh?"),
        ("ok and with tanh?", "and with tanh?"),
        ("Hello. Thank you, and with learning rate 0.3?", "and with learning rate 0.3?"),
        ("got it, but why?", "but why?"),
        ("cool. What if I use only one neuron", "What if I use only one neuron"),
        ("and with tanh?", "and with tanh?"),
        ("Is it good, and with tanh?", "Is it good, and with tanh?"),
        ("it works with tanh", "it works with tanh"),
        ("thanks!", "thanks!"),
        ("", ""),
    ],
)
def test_courtesy_at_the_beginning_is_left_out(text: str, rest: str) -> None:
    assert without_courtesy(text) == rest


@given(
    st.lists(st.sampled_from(["thanks", "ok", "!", ",", " ", "and", "why", "\n", "?", "tanh"]) | st.text(max_size=3))
)
def test_no_text_breaks_or_loses_what_it_ends_with(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert text.endswith(without_courtesy(text))
    assert not asks_nothing(text + " why")


def test_many_signs_take_no_long_time() -> None:
    began = process_time()
    assert not asks_nothing(", " * 5_000 + "why")
    assert process_time() - began < 0.2
