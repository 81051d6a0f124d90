"""Choosing a suggestion: it keeps the question, counts as its answer, and trains."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from assistant.database import db, writing
from assistant.questions.queries import counts
from assistant.questions.tables import QuestionRow
from assistant.runs.tables import RunRow
from tests.assistant.conftest import ENTRY, TITLE

UNKNOWN = "Where is the nearest petrol station?"
OTHER = "two-neurons-one-line"


def asked(client: FlaskClient, text: str = UNKNOWN, **more: str) -> str:
    answer = client.post("/questions", data={"question": text, **more})
    assert answer.status_code == 303, answer.text
    address: str = answer.headers["Location"]
    return address


def stored(app: Flask) -> tuple[str, str | None, bool, str | None, int]:
    """Return the question's outcome, its answer, whether it was chosen, the learner's verdict, and all runs."""
    with app.app_context():
        row = db.session.query(QuestionRow).one()
        shown = row.answered_by
        runs = db.session.query(RunRow).count()
        return row.outcome, shown.slug if shown else None, row.chosen, row.verdict, runs


def nearest(app: Flask, at: int = 0) -> str:
    with app.app_context():
        return db.session.query(QuestionRow).one().suggestions[at]


def test_a_suggestion_that_is_chosen_answers_the_question_and_trains(app: Flask, client: FlaskClient) -> None:
    address = asked(client)
    slug = nearest(app)
    assert f'name="entry" value="{slug}"' in client.get(address).text
    answer = client.post(f"{address}/choice", data={"entry": slug})
    assert (answer.status_code, answer.headers["Location"]) == (303, address)
    assert stored(app) == ("unknown", slug, True, None, 1)
    page = client.get(address).text
    assert f'<q dir="auto">{UNKNOWN}</q>' in page
    assert "You chose the answer below." in page
    assert f'href="/entries/{slug}">The answer on its own page' in page
    assert 'id="share"' in page
    assert UNKNOWN not in page.partition("</head>")[0]
    assert "This answers it" in page


def test_choosing_it_again_trains_no_more(app: Flask, client: FlaskClient) -> None:
    address = asked(client)
    slug = nearest(app)
    for _ in range(2):
        client.post(f"{address}/choice", data={"entry": slug})
    assert stored(app) == ("unknown", slug, True, None, 1)


def test_another_entry_may_be_chosen_in_the_place_of_the_answer(app: Flask, client: FlaskClient) -> None:
    address = asked(client, TITLE)
    assert stored(app) == ("answer", ENTRY, False, None, 1)
    other = nearest(app, 1)
    client.post(f"{address}/choice", data={"entry": other})
    assert stored(app) == ("answer", other, True, "missed", 2)
    client.post(f"{address}/choice", data={"entry": ENTRY})
    assert stored(app)[:4] == ("answer", ENTRY, True, None)


def test_what_is_chosen_while_typing_keeps_what_was_typed(app: Flask, client: FlaskClient) -> None:
    fragment = client.get("/suggestions", query_string={"question": "two neurons draw the same line"}).text
    assert f'name="entry" value="{OTHER}"' in fragment
    address = asked(client, UNKNOWN, entry=OTHER)
    assert stored(app) == ("unknown", OTHER, True, None, 1)
    assert f'<q dir="auto">{UNKNOWN}</q>' in client.get(address).text


def test_to_choose_what_would_answer_anyway_is_no_choice(app: Flask, client: FlaskClient) -> None:
    asked(client, TITLE, entry=ENTRY)
    assert stored(app) == ("answer", ENTRY, False, None, 1)


@pytest.mark.parametrize("slug", ["", "no-such-entry", "<b>x</b>"])
def test_what_was_not_suggested_cannot_be_chosen(app: Flask, client: FlaskClient, slug: str) -> None:
    address = asked(client)
    answer = client.post(f"{address}/choice", data={"entry": slug})
    assert answer.status_code == 422
    assert "Choose one of the questions that the page suggests." in answer.text
    assert stored(app) == ("unknown", None, False, None, 0)


def test_an_entry_that_is_gone_loses_no_question(app: Flask, client: FlaskClient) -> None:
    answer = client.post("/questions", data={"question": UNKNOWN, "entry": "gone"})
    assert answer.status_code == 422
    assert "no longer there" in answer.text
    assert UNKNOWN in answer.text
    with app.app_context():
        assert db.session.query(QuestionRow).count() == 0


def test_there_is_nothing_to_choose_for_a_question_that_is_not_there(client: FlaskClient) -> None:
    assert client.post("/questions/none/choice", data={"entry": ENTRY}).status_code == 404


def test_teachers_find_what_was_chosen(app: Flask, client: FlaskClient) -> None:
    address = asked(client)
    with app.app_context():
        assert (counts()["open"], counts()["chosen"]) == (1, 0)
    client.post(f"{address}/choice", data={"entry": nearest(app)})
    with app.app_context():
        assert (counts()["open"], counts()["chosen"]) == (0, 1)


def test_where_all_that_was_suggested_is_gone_nothing_is_offered(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), writing():
        row = QuestionRow(text=UNKNOWN, outcome="suggest", score=0.2, matcher="m", suggestions=["was-withdrawn"])
        db.session.add(row)
        db.session.flush()
        address = f"/questions/{row.id}"
    page = client.get(address).text
    assert "Which of these is nearest?" not in page
    assert "I do not know that yet" in page
