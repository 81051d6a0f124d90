"""The run with a question's own numbers: stored with the question, shown beside the entry's own, changed by chips."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from assistant.database import db, writing
from assistant.questions.own_numbers.own_runs import to_json
from assistant.questions.tables import QuestionRow
from assistant.runs import turns
from assistant.runs.tables import DONE, RunRow
from tests.assistant.conftest import ENTRY

pytestmark = pytest.mark.slow

QUESTION = "Why do neurons differ? I trained with learning rate 0.3 for 200 steps."


@pytest.fixture
def client(sqlite_app: Flask) -> Iterator[FlaskClient]:
    """A browser without JavaScript, before a service with one entry."""
    with sqlite_app.app_context():
        yield sqlite_app.test_client()


@pytest.fixture
def asked(client: FlaskClient) -> str:
    """The page of a question with numbers of its own."""
    return asked_with(client, QUESTION)


def asked_with(client: FlaskClient, text: str) -> str:
    """Ask, choosing the entry that answers; return the question's path."""
    response = client.post("/questions", data={"question": text, "entry": ENTRY})
    assert response.status_code == 303, response.text
    return str(response.headers["Location"])


def stored() -> tuple[QuestionRow, RunRow, RunRow | None]:
    """Return the one question with the entry's own run and that with its numbers, as they are now."""
    db.session.expire_all()
    row = db.session.query(QuestionRow).one()
    assert row.run is not None
    return row, row.run, row.varied_run


@pytest.mark.usefixtures("asked")
def test_a_question_with_numbers_trains_with_them_beside_the_entrys_own() -> None:
    row, own, varied = stored()
    assert varied is not None
    assert (own.evidence, varied.evidence) == (True, False)
    assert (own.hyperparameters, varied.hyperparameters) == ({}, {"rate": 0.3, "steps": 200})
    assert (varied.seed, varied.state) == (own.seed, "waiting")
    assert varied.varied is not None
    assert varied.varied["beside"] == own.id
    told = to_json(row)
    assert told is not None
    assert told["taken"] == {"rate": 0.3, "steps": 200}


def test_a_question_without_numbers_trains_nothing_more(client: FlaskClient) -> None:
    asked = asked_with(client, "Why do neurons differ?")
    row, _, varied = stored()
    assert varied is None
    assert to_json(row) == {"taken": {}, "same": {}, "beyond": [], "several": [], "elsewhere": []}
    assert "own-numbers" not in client.get(asked).text


def test_a_question_is_kept_where_too_many_runs_wait_for_one_with_its_numbers(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "MOST_WAITING", 1)
    asked = asked_with(client, QUESTION)
    row, own, varied = stored()
    assert (row.whole_post, own.state, varied) == (QUESTION, "waiting", None)
    assert 'aria-label="Train with learning rate 0.3 again"' in client.get(asked).text
    assert client.post(f"{asked}/numbers", data={"parameter-rate": "0.3"}).status_code == 429


def test_the_page_says_what_was_understood_and_stands_both_runs_side_by_side(client: FlaskClient, asked: str) -> None:
    page = client.get(asked).text
    assert "You asked with <strong>learning rate 0.3</strong> and <strong>200 steps</strong>" in " ".join(page.split())
    assert 'aria-label="Remove learning rate 0.3"' in page
    assert "With steps 200 instead of 800; learning rate 0.3 instead of 0.01" in page


def test_a_chip_is_removed_and_put_back_with_a_plain_form(client: FlaskClient, asked: str) -> None:
    response = client.post(f"{asked}/numbers", data={"parameter-steps": "200"})
    assert response.status_code == 303
    page = client.get(response.headers["Location"]).text
    assert 'aria-label="Train with learning rate 0.3 again"' in page
    assert 'aria-label="Remove steps 200"' in page
    _, own, varied = stored()
    assert varied is not None
    assert varied.hyperparameters == {"steps": 200}
    assert varied.seed == own.seed
    client.post(f"{asked}/numbers", data={})
    assert stored()[2] is None
    page = client.get(asked).text
    assert "You asked with <strong>" not in page
    assert page.count("again") >= 2
    client.post(f"{asked}/numbers", data={"parameter-steps": "200", "parameter-rate": "0.3"})
    again = stored()[2]
    assert again is not None
    assert again.hyperparameters == {"rate": 0.3, "steps": 200}


def test_in_place_the_panel_and_the_chips_come_back_as_fragments(client: FlaskClient, asked: str) -> None:
    headers = {"HX-Request": "true"}
    answer = client.post(f"{asked}/numbers", data={"parameter-steps": "200"}, headers=headers)
    assert answer.status_code == 200
    assert 'id="status"' in answer.text
    assert '<div class="own-numbers" id="own-numbers" hx-swap-oob="true">' in answer.text
    assert "<html" not in answer.text


def test_what_is_out_of_bounds_is_said_and_the_nearest_is_a_button(client: FlaskClient) -> None:
    asked = asked_with(client, "Why do neurons differ, with learning rate 500?")
    page = client.get(asked).text
    assert "<strong>learning rate 500</strong>, which is out of bounds. The learning rate must be a number" in page
    assert "Take 100, the nearest" in page
    client.post(f"{asked}/numbers", data={"parameter-rate": "100"})
    page = client.get(asked).text
    assert "Take 100" not in page
    assert 'aria-label="Remove learning rate 100"' in page


@pytest.mark.parametrize(("form", "status"), [({"parameter-rate": "500"}, 422), ({"parameter-rate": "x"}, 422)])
def test_a_value_that_is_sent_out_of_bounds_is_refused_in_words(
    client: FlaskClient, asked: str, form: dict[str, str], status: int
) -> None:
    answer = client.post(f"{asked}/numbers", data=form)
    assert answer.status_code == status
    assert "The learning rate must be a number from 0.000001 to 100" in answer.text


def test_a_question_that_has_no_answer_takes_no_numbers(client: FlaskClient) -> None:
    assert client.post("/questions/nowhere/numbers").status_code == 404
    with writing():
        db.session.add(QuestionRow(id="open", text="lr 0.3", outcome="unknown", score=0, matcher="m", suggestions=[]))
    assert client.post("/questions/open/numbers", data={"parameter-rate": "1"}).status_code == 422


@pytest.mark.parametrize("state", ["waiting", "failed"])
def test_what_is_done_before_the_entrys_own_run_still_has_a_page(client: FlaskClient, asked: str, state: str) -> None:
    with writing():
        _, own, varied = stored()
        assert varied is not None
        own.state, own.failure = state, "the machine stopped" if state == "failed" else None
        varied.state, varied.findings, varied.verdicts, varied.setup = DONE, {}, (), {}
        varied.seconds, varied.versions, varied.finished_at = {"train": 0.1}, {}, varied.created_at
        run_id = varied.id
    assert client.get(asked).status_code == 200
    live = client.get(f"/runs/{run_id}/panel")
    assert live.status_code == 200
    assert ("every" in live.text) == (state == "waiting")  # The page goes on asking until both are there.
