"""A question's settings do not decide which entry it means; real schemas, SQLite and vectors."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from assistant.database import db, reading
from assistant.library.parameters import properties
from assistant.matching.lexical import LexicalMatcher
from assistant.questions.own_numbers.mentions import Vocabulary
from assistant.questions.own_numbers.not_varied import settings_beside
from assistant.questions.understanding.settings_aside import Bare, SettingsAside, without_settings
from models import registry

SCHEMAS = [*(registry.describe(name)["parameters"] for name in registry.names()), settings_beside("")]
VOCABULARY = Vocabulary(
    {f"{at}/{name}": rule for at, each in enumerate(SCHEMAS) for name, rule in properties(each).items()}
)
QUESTION = "How many hidden neurons do I need?"


def bare(text: str) -> Bare | None:
    return without_settings(text, lambda: VOCABULARY)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("How many hidden neurons do I need, with learning rate 0.3 and he normal initialization?", QUESTION),
        ("How many hidden neurons do I need using Adam with lr 0.05, for 200 epochs?", QUESTION),
        ("With lr 0.1 and tanh, how many hidden neurons do I need?", "how many hidden neurons do I need?"),
        (f"{QUESTION} I use he_normal, dropout 0.2 and batch size 16.", f"{QUESTION}."),
        ("How many hidden neurons do I need, with he_normal initializer?", QUESTION),
    ],
)
def test_settings_beside_a_question_are_left_out(text: str, left: str) -> None:
    found = bare(text)
    assert found is not None
    assert found.text == left
    assert not found.in_doubt


@pytest.mark.parametrize(
    "text",
    [
        "What happens with learning rate 10?",  # which is what it asks
        "Is a learning rate of 0.3 too large for these blobs of points?",
        "Does a network with 2 hidden units separate the four blobs of points?",
        "For 40 epochs nothing happens in the accuracy but the loss is falling nicely.",
        "Why does the network need more than one hidden layer?",
        "I use Dense(64), Dense(32), Dense(1) because I saw this in a blog.",
        "",
    ],
)
def test_what_a_question_is_about_stays(text: str) -> None:
    assert bare(text) is None


def test_one_setting_at_the_end_may_be_asked_about() -> None:
    found = bare("What happens to the loss with batch size 1?")
    assert found == Bare("What happens to the loss?", in_doubt=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "entry"),
    [
        (
            "How many hidden neurons do I need, with learning rate 0.3 and he normal initialization?",
            "how-many-hidden-neurons",
        ),
        ("How many hidden neurons do I need with he_normal initializer?", "how-many-hidden-neurons"),
        ("What happens with learning rate 10?", "what-the-learning-rate-changes"),
        ("why does my network fail with he normal initialization?", "how-large-initial-weights-should-be"),
        ("what happens to the loss with batch size 1?", "why-average-the-loss"),
        ("Why is everything predicted as one class with he_normal initializer?", "why-the-same-answer-for-every-input"),
        ("Why is my model so sure of itself with he_normal initializer?", "is-it-a-probability"),
    ],
)
def test_settings_do_not_decide_the_entry_unless_they_are_asked_about(
    client: FlaskClient, question: str, entry: str
) -> None:
    told = client.post("/api/questions", json={"question": question}).get_json()
    assert told["suggestions"][0] == entry


@pytest.mark.slow
def test_a_setting_is_not_surely_asked_about_where_nothing_else_is_clear(client: FlaskClient) -> None:
    question = "Why do I get only three classes in the picture with lr=0.01?"
    told = client.post("/api/questions", json={"question": question}).get_json()
    assert told["outcome"] == "suggest"
    assert told["suggestions"][0] == "what-the-learning-rate-changes"


@pytest.mark.slow
def test_suggestions_while_typing_set_them_aside_too(client: FlaskClient) -> None:
    typed = "Why is my model so sure of itself with he_normal initializer?"
    shown = client.get("/suggestions", query_string={"question": typed}).text
    assert re.findall(r'name="entry" value="([^"]+)"', shown)[0] == "is-it-a-probability"


def test_the_library_is_looked_at_once_for_many_texts(app: Flask) -> None:
    texts = [f"{QUESTION[:-1]}, with learning rate 0.{n}1 and he normal weights?" for n in range(10)]
    asked: list[str] = []
    with app.app_context(), reading():
        using = SettingsAside(LexicalMatcher({"how-many-hidden-neurons": [QUESTION]}))
        event.listen(db.engine, "before_cursor_execute", lambda _c, _u, statement, *_: asked.append(statement))
        using.match_all(["Why do neurons differ?"])
        assert not asked
        using.match_all(texts[:1])
        before = len(asked)
        using.match_all(texts)
        looks = [each for each in asked[before:] if "max(phrasings.id)" in each]
    assert len(looks) == 1
