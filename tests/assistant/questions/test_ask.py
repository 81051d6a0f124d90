"""Asking, from the form and from a program."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from assistant import create_app
from assistant.database import db
from assistant.questions.tables import QuestionRow
from assistant.runs.tables import RunRow
from tests.assistant.conftest import TITLE
from tests.conftest import settings_in


def test_a_question_with_an_answer_is_stored_and_starts_a_run(app: Flask, client: FlaskClient) -> None:
    response = client.post("/api/questions", json={"question": TITLE})
    assert response.status_code == 201
    told = response.get_json()
    assert told["outcome"] == "answer"
    assert told["entry"] == "why-neurons-differ"
    assert len(told["suggestions"]) == 3
    with app.app_context():
        assert db.session.query(QuestionRow).one().text == TITLE
        assert db.session.query(RunRow).one().state == "waiting"


def test_a_program_is_told_what_was_understood_of_the_numbers_and_where_their_run_is(client: FlaskClient) -> None:
    told = client.post(
        "/api/questions", json={"question": f"{TITLE} I trained with learning rate 0.3 for 200 steps."}
    ).get_json()
    assert told["understood"]["taken"] == {"rate": 0.3, "steps": 200}
    run = client.get(urlsplit(told["varied_run_url"]).path).get_json()
    assert run["hyperparameters"] == {"rate": 0.3, "steps": 200}
    assert run["varied"]["beside"] == told["run_url"].rpartition("/")[2]
    assert run["evidence"] is False
    plain = client.post("/api/questions", json={"question": TITLE}).get_json()
    assert (plain["understood"]["taken"], plain["varied_run_url"]) == ({}, None)


def test_two_who_ask_the_same_at_once_share_the_waiting_run(client: FlaskClient) -> None:
    first, second = (client.post("/api/questions", json={"question": TITLE}).get_json() for _ in range(2))
    assert first["question_url"] != second["question_url"]
    assert first["run_url"] == second["run_url"]


def test_a_link_with_a_question_stores_and_trains_nothing(app: Flask, client: FlaskClient) -> None:
    page = client.get("/", query_string={"q": TITLE})
    assert page.status_code == 200
    assert "would be answered" in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "X-Robots-Tag" not in client.get("/").headers
    with app.app_context():
        assert db.session.query(QuestionRow).count() == db.session.query(RunRow).count() == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Please type a question"),
        ("   \n\t ", "Please type a question"),
        ("???", "Please type a question"),
        ("a" * 10_001, "at most 10,000 characters"),
        ("x " * 5_100, "at most 10,000 characters"),
    ],
)
def test_what_is_no_question_is_refused_kindly_and_kept_in_the_form(client: FlaskClient, text: str, words: str) -> None:
    page = client.post("/questions", data={"question": text})
    assert page.status_code == 422
    assert words in page.text
    assert text.strip()[:10_000] in page.text


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script> why?",
        "'; DROP TABLE runs; --",
        "Warum lernen Neuronen Verschiedenes?",
        "为什么",
        "\x00a\x07b",
    ],
)
def test_any_text_gets_a_page_of_its_own_and_is_never_run(client: FlaskClient, text: str) -> None:
    response = client.post("/questions", data={"question": text})
    assert response.status_code == 303
    page = client.get(response.headers["Location"])
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"


@pytest.fixture
def read_only(data_dir: Path) -> FlaskClient:
    """The service on a database that takes nothing."""
    address = f"sqlite:///file:{data_dir}/askneuron.sqlite?mode=ro&uri=true"
    return create_app(settings_in(data_dir, database_url=address)).test_client()


def test_a_question_that_cannot_be_stored_is_kept_in_the_form(read_only: FlaskClient) -> None:
    page = read_only.post("/questions", data={"question": TITLE})
    assert page.status_code == 503
    assert "cannot be stored at the moment" in page.text
    assert f">{TITLE}</textarea>" in page.text
    told = read_only.post("/api/questions", json={"question": TITLE})
    assert told.status_code == 503
    assert "cannot be stored at the moment" in told.get_json()["error"]


def test_a_form_from_another_site_is_refused(client: FlaskClient) -> None:
    headers = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    assert client.post("/questions", data={"question": TITLE}, headers=headers).status_code == 403
