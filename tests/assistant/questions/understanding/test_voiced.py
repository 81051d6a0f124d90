"""The answer opens with Yes, No or Partly where a post voices a belief; and says where it answers the contrary."""

import re

import pytest
from flask.testing import FlaskClient

from assistant.library.beliefs import Answer
from assistant.matching.meaning.encoder import Encoder
from assistant.matching.polarity import Comparison
from assistant.questions.understanding.voiced import answer_to
from tests.assistant.matching.conftest import encoder

pytestmark = pytest.mark.slow

__all__ = ["encoder"]

BELIEF = "Shuffling the examples makes equal neurons different."
WHY = "A shuffled batch is the same batch for both neurons, so both take the same step."
VOICED = [
    ("Does shuffling the examples make equal neurons different?", "no"),
    ("Why does shuffling the examples make equal neurons different?", "no"),
    ("Shuffling the examples does not make equal neurons different, right?", "yes"),
    ("Shuffling the examples doesn't make identical units different, or does it?", "yes"),
]


@pytest.mark.parametrize(("question", "answer"), VOICED, ids=["asked", "taken for granted", "contrary", "other words"])
def test_the_answer_opens_with_yes_or_no_and_the_claim(
    client: FlaskClient, encoder: Encoder, question: str, answer: str
) -> None:
    del encoder  # tells whether the weights are there
    told = client.post("/api/questions", json={"question": question}).get_json()
    assert told["entry"] == "why-neurons-differ"
    assert told["voiced"] == {
        "sentence": question,
        "answer": answer,
        "belief": BELIEF,
        "why": WHY,
        "claim": "identical_share.constant_shuffled",
    }
    assert told["contrary_of"] is None
    page = client.get(told["question_url"]).text
    (opening,) = re.findall(r'<div class="opening">.*?</div>', page, re.DOTALL)
    assert f">{answer.capitalize()}.</strong> {WHY}" in opening
    assert "Claim: Shuffled mini-batches do not part equal neurons" in opening
    assert page.index(opening) < page.index('class="lead"')
    assert f'class="believed">{BELIEF}' not in page  # It stands at the top, and not again below.
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_a_belief_in_the_middle_of_a_post_is_answered(client: FlaskClient, encoder: Encoder) -> None:
    del encoder
    asked = "If every neuron gets the same data, why do they not all come out the same?"
    post = f"Hello! I think that {BELIEF.lower()} {asked}"
    told = client.post("/api/questions", json={"question": post}).get_json()
    assert (told["entry"], told["voiced"]["answer"]) == ("why-neurons-differ", "no")


@pytest.mark.parametrize(
    "question",
    [
        "Does shuffling the examples and dropping some make equal neurons different?",
        "If every neuron gets the same data, why do they not all come out the same?",
    ],
)
def test_nothing_is_said_of_other_sentences(client: FlaskClient, question: str) -> None:
    told = client.post("/api/questions", json={"question": question}).get_json()
    assert told["voiced"] is None
    assert 'class="opening"' not in client.get(told["question_url"]).text


@pytest.mark.parametrize(
    ("question", "answered"),
    [
        (
            "Why do two neurons that get the same data not become different?",
            "Why do two neurons that get the same data become different?",
        ),
        ("Why do neurons not become different?", "Why do neurons become different?"),
        ("Why do the neurons of a layer become the same?", "Why do the neurons of a layer become different?"),
    ],
)
def test_neurons_that_are_said_not_to_differ_are_told_that_they_do(
    client: FlaskClient, encoder: Encoder, question: str, answered: str
) -> None:
    del encoder
    told = client.post("/api/questions", json={"question": question}).get_json()
    assert (told["entry"], told["contrary_of"]) == ("why-neurons-differ", answered)


def test_neurons_that_do_start_equal_are_no_contrary(client: FlaskClient) -> None:
    question = "Why do two neurons that start equal not become different?"
    assert client.post("/api/questions", json={"question": question}).get_json()["contrary_of"] is None


def test_a_question_is_told_that_its_contrary_is_answered(client: FlaskClient, encoder: Encoder) -> None:
    del encoder
    told = client.post("/api/questions", json={"question": "Why is ReLU not faster than sigmoid?"}).get_json()
    assert (told["entry"], told["contrary_of"]) == ("why-a-nonlinear-activation", "Why is ReLU faster than sigmoid?")
    assert "You wrote the contrary of <q>Why is ReLU faster than sigmoid?</q>" in client.get(told["question_url"]).text
    told = client.post("/api/questions", json={"question": "Why is ReLU faster than sigmoid?"}).get_json()
    assert told["contrary_of"] is None


@pytest.mark.parametrize(
    ("answer", "compared", "follows"),
    [
        ("no", Comparison("same", True, False), "no"),
        ("yes", Comparison("contrary", False, None), "no"),
        ("no", Comparison("contrary", False, None), None),  # That it falls does not follow where it does not rise.
        ("no", Comparison("contrary", False, True), "yes"),
        ("partly", Comparison("contrary", False, True), "partly"),
        ("partly", Comparison("contrary", False, None), None),
        ("no", Comparison("contrary", False, None, of_a_kind=True), None),
        ("yes", Comparison("contrary", False, None, of_a_kind=True), "no"),
        ("partly", Comparison("contrary", False, None, of_a_kind=True), "partly"),
        ("no", Comparison("same", True, None), None),  # What is not so in general may be so at times.
        ("yes", Comparison("same", True, None), "yes"),
    ],
)
def test_what_follows_for_a_contrary(answer: Answer, compared: Comparison, follows: Answer | None) -> None:
    assert answer_to(answer, compared) == follows
