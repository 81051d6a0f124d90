"""Short questions on an answer's page are read in its light; real SQLite and real vectors."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from assistant.database import db
from assistant.questions import queries
from assistant.questions.tables import QuestionRow
from tests.assistant.questions.test_posts import FIRST

ENTRY = "why-neurons-differ"


def _after(client: FlaskClient, question: str, before: str = FIRST) -> Any:
    follows = client.post("/api/questions", json={"question": before}).get_json()
    assert follows["entry"]
    return client.post("/api/questions", json={"question": question, "follows": follows["question_url"]}).get_json()


@pytest.mark.parametrize("question", ["Why is that?", "What does that mean?", "How come?", "Can you explain more?"])
def test_what_says_nothing_itself_is_about_the_answer_before(client: FlaskClient, question: str) -> None:
    alone = client.post("/api/questions", json={"question": question}).get_json()
    assert (alone["entry"], alone["read_as_follow_up"]) == (None, False)
    told = _after(client, question)
    assert (told["entry"], told["outcome"], told["read_as_follow_up"]) == (ENTRY, "answer", True)
    page = client.get(told["question_url"]).text
    assert "Read as a follow-up of" in page
    assert "It follows" not in page


def test_a_parameter_is_trained_beside_the_run_of_the_answer_before(client: FlaskClient) -> None:
    question = "And with learning rate 0.3?"
    alone = client.post("/api/questions", json={"question": question}).get_json()
    assert alone["entry"] != ENTRY
    told = _after(client, question)
    assert (told["entry"], told["read_as_follow_up"]) == (ENTRY, True)
    assert told["understood"]["taken"] == {"rate": 0.3}
    assert told["varied_run_url"]


@pytest.mark.parametrize(
    "question",
    [
        "How do I bake sourdough bread?",
        "And how do I bake sourdough bread?",
        "I have another thing that has nothing at all to do with it: why is that so, and what does it mean for me?",
    ],
)
def test_what_says_something_else_is_read_by_itself(client: FlaskClient, question: str) -> None:
    told = _after(client, question)
    assert (told["entry"], told["read_as_follow_up"]) == (None, False)


def test_a_question_that_stands_by_itself_keeps_its_own_answer(client: FlaskClient) -> None:
    told = _after(client, "What happens when the learning rate is too large?")
    assert (told["entry"], told["read_as_follow_up"]) == ("what-the-learning-rate-changes", False)


def test_nothing_is_read_in_the_light_of_what_was_redacted(app: Flask, client: FlaskClient) -> None:
    before = client.post("/api/questions", json={"question": FIRST}).get_json()["question_url"]
    with app.app_context():
        row = db.session.get(QuestionRow, before.rpartition("/")[2])
        assert row is not None
        queries.redact(row)
        db.session.commit()
    told = client.post("/api/questions", json={"question": "Why is that?", "follows": before}).get_json()
    assert (told["entry"], told["read_as_follow_up"]) == (None, False)
