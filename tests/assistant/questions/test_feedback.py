"""What learners say of an answer: kept with the question, by POST alone."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from assistant.database import db
from assistant.questions.tables import QuestionRow
from tests.assistant.conftest import TITLE

UNKNOWN = "Where is the nearest petrol station?"


def asked(client: FlaskClient, text: str = TITLE) -> str:
    address: str = client.post("/questions", data={"question": text}).headers["Location"]
    return address


def kept(app: Flask) -> tuple[str | None, str | None, bool]:
    with app.app_context():
        row = db.session.query(QuestionRow).one()
        return row.verdict, row.meant.slug if row.meant else None, row.judged_at is not None


def test_a_page_offers_to_judge_its_answer(client: FlaskClient) -> None:
    page = client.get(asked(client)).text
    assert "This answers it" in page
    assert "Not what you meant?" in page
    assert page.count('class="as-link" name="entry"') == 2
    assert "None of these" in page


def test_an_answer_is_kept_as_answered(app: Flask, client: FlaskClient) -> None:
    address = asked(client)
    assert kept(app) == (None, None, False)
    response = client.post(f"{address}/verdict", data={"verdict": "answered"})
    assert response.status_code == 303
    assert response.headers["Location"] == f"{address}#feedback"
    assert kept(app) == ("answered", None, True)
    assert "This answered your question." in client.get(address).text


def test_what_was_chosen_in_its_place_is_kept_and_linked_to(app: Flask, client: FlaskClient) -> None:
    address = asked(client)
    with app.app_context():
        meant = db.session.query(QuestionRow).one().suggestions[1]
    client.post(f"{address}/choice", data={"entry": meant})
    assert kept(app) == ("missed", meant, True)
    assert f"/entries/{meant}" in client.get(address).text.split('id="feedback"')[1].split("</p>")[0]


def test_none_of_the_suggestions_is_kept_too(app: Flask, client: FlaskClient) -> None:
    address = asked(client, UNKNOWN)
    assert "None of these" in client.get(address).text
    client.post(f"{address}/verdict", data={"verdict": "missed"})
    assert kept(app) == ("missed", None, True)


def test_a_later_verdict_replaces_an_earlier_one(app: Flask, client: FlaskClient) -> None:
    address = asked(client)
    for verdict in ("missed", "answered"):
        client.post(f"{address}/verdict", data={"verdict": verdict})
    assert kept(app) == ("answered", None, True)


def test_the_page_is_swapped_a_fragment_at_a_time(client: FlaskClient) -> None:
    address = asked(client)
    fragment = client.post(f"{address}/verdict", data={"verdict": "missed"}, headers={"HX-Request": "true"})
    assert fragment.status_code == 200
    assert fragment.text.strip().startswith('<div class="feedback"')
    assert "The teachers see that" in fragment.text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "A verdict is answered or missed"),
        ({"verdict": "<b>great</b>"}, "A verdict is answered or missed"),
    ],
)
def test_what_is_no_verdict_is_refused_and_changes_nothing(
    app: Flask, client: FlaskClient, data: dict[str, str], words: str
) -> None:
    response = client.post(f"{asked(client)}/verdict", data=data)
    assert response.status_code == 422
    assert words in response.text
    assert "<b>great" not in response.text
    assert kept(app) == (None, None, False)


def test_a_question_that_is_not_there_cannot_be_judged(client: FlaskClient) -> None:
    assert client.post("/questions/none/verdict", data={"verdict": "missed"}).status_code == 404


def test_verdicts_from_other_sites_and_by_link_are_refused(app: Flask, client: FlaskClient) -> None:
    address = asked(client)
    headers = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    assert client.post(f"{address}/verdict", data={"verdict": "missed"}, headers=headers).status_code == 403
    assert client.get(f"{address}/verdict", query_string={"verdict": "missed"}).status_code == 405
    assert kept(app) == (None, None, False)
