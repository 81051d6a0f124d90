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


@pytest.mark.parametrize("text", ["thanks!", "ok", "got it, thank you", "cool", "👍 perfect", "danke!"])
def test_thanks_on_an_answers_page_ask_nothing_of_anybody(app: Flask, client: FlaskClient, text: str) -> None:
    told = _after(client, text)
    assert (told["outcome"], told["entry"], told["run_url"], told["asks_nothing"]) == ("unknown", None, None, True)
    with app.app_context():
        assert [row.text for row in queries.list_questions("open", 10)] == []
    page = client.get(told["question_url"]).text
    assert "That asks nothing, so nothing is trained for it." in page
    assert "The teachers will" not in page
    before = page.partition('name="follows" value="')[2].partition('"')[0]
    assert f'href="/questions/{before}"' in page  # The next question follows the answer, not the thanks.
    assert (
        client.post("/api/questions", json={"question": "Why is that?", "follows": before}).get_json()["entry"] == ENTRY
    )


@pytest.mark.parametrize("text", ["Hello!", "thanks", "ok, good"])
def test_a_greeting_alone_asks_nothing_either(app: Flask, client: FlaskClient, text: str) -> None:
    told = client.post("/api/questions", json={"question": text}).get_json()
    assert (told["outcome"], told["entry"], told["asks_nothing"]) == ("unknown", None, True)
    assert "That asks nothing yet." in client.get(told["question_url"]).text
    assert "That asks nothing yet." in client.get("/", query_string={"q": text}).text
    with app.app_context():
        assert queries.counts()["open"] == 0


@pytest.mark.parametrize(
    "text", ["thanks! and with learning rate 0.3?", "ok, why is that?", "Great, thank you. What does that mean?"]
)
def test_thanks_before_a_follow_up_change_nothing_of_it(client: FlaskClient, text: str) -> None:
    told = _after(client, text)
    assert (told["entry"], told["read_as_follow_up"], told["asks_nothing"]) == (ENTRY, True, False)


def test_thanks_before_tanh_are_read_as_tanh_alone(client: FlaskClient) -> None:
    plain, polite = _after(client, "and with tanh?"), _after(client, "thanks! and with tanh?")
    keys = ("entry", "outcome", "suggestions", "read_as_follow_up")
    assert [polite[key] for key in keys] == [plain[key] for key in keys]
