"""Guessing before the result is seen: what is asked, kept and refused."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, select

from assistant import create_app
from assistant.database import db, now, writing
from assistant.guesses import queries
from assistant.guesses.tables import GuessRow
from assistant.library.claims import Claim
from assistant.library.predictions import Prediction
from assistant.library.queries import published_entry
from assistant.library.tables import RevisionRow
from assistant.runs.evidence.verdicts import judge
from assistant.runs.tables import RunRow
from tests.assistant.conftest import republish
from tests.assistant.runs.conftest import finished_run
from tests.conftest import settings_in

pytestmark = pytest.mark.slow

__all__ = ["finished_run"]

SLUG = "why-a-neuron-splits-the-blobs-in-two"
GUESSES = f"/entries/{SLUG}/guesses"
JSON = {"Accept": "application/json"}
Store = Callable[..., RunRow]


def published(app: Flask, slug: str = SLUG) -> RevisionRow:
    """Return what learners see of an entry."""
    with app.app_context():
        row = published_entry(slug)
        assert row is not None
        assert row.published is not None
        revision = row.published
        db.session.expunge_all()
        return revision


@pytest.fixture
def run(app: Flask, finished_run: Store) -> str:
    """A finished run of the entry: 53 of 64 networks did what is guessed."""
    counted = {"kind": "share", "label": "networks that do", "value": 53 / 64, "count": 53, "of": 64}
    entry_id = published(app).entry_id
    with app.app_context():
        values = {"experiment": "blobs-split", "entry_id": entry_id, "seconds": {"train": 0.1, "figures": 0.2}}
        versions = {"tensorflow": "2", "numpy": "2", "cpu": "x"}
        finished_run("guessed", **values, versions=versions, findings={"complementary_share": counted}, setup={})
    return "guessed"


def stored(app: Flask) -> list[tuple[int, int, int, str | None]]:
    with app.app_context():
        rows = db.session.scalars(select(GuessRow).order_by(GuessRow.id))
        return [(row.guess, row.of, row.revision_id, row.run_id) for row in rows]


def guess_often(app: Flask, times: int, guess: int = 20) -> None:
    with app.app_context(), writing():
        revision = published_entry(SLUG)
        assert revision is not None
        assert revision.published is not None
        for _ in range(times):
            queries.add(revision.published, guess, 64, None)


def test_a_page_asks_the_entrys_question_and_holds_what_would_answer_it(client: FlaskClient, run: str) -> None:
    page = client.get(f"/entries/{SLUG}").text
    assert "how many split the blobs two and two with both neurons" in page
    assert f'action="{GUESSES}"' in page
    assert 'data-key="why-a-neuron-splits-the-blobs-in-two complementary_share"' in page
    assert "<strong>53 of 64</strong> did." in page
    assert f'name="run" value="{run}"' in page


@pytest.mark.parametrize(("least", "said"), [(0.62, "as claimed (at least 40)"), (0.9, "not as claimed (at least 58)")])
def test_the_verdict_line_begins_with_what_is_guessed_at_in_words_and_for_programs(
    app: Flask, client: FlaskClient, finished_run: Store, least: float, said: str
) -> None:
    counted = {"kind": "share", "label": "networks that do", "value": 53 / 64, "count": 53, "of": 64}
    claim = Claim.model_validate({"text": "They do.", "finding": "complementary_share", "at_least": least})
    revision = published(app)
    with app.app_context():
        values = {"experiment": "blobs-split", "entry_id": revision.entry_id, "seconds": {"train": 0.1, "figures": 0.2}}
        versions = {"tensorflow": "2", "numpy": "2", "cpu": "x"}
        findings = {"complementary_share": counted}
        verdicts = judge([claim], findings)
        finished_run("told", **values, versions=versions, findings=findings, verdicts=verdicts, setup={})
    assert revision.predict is not None
    for address in (f"/entries/{SLUG}", "/runs/told"):
        page = client.get(address).text
        line = page.partition('id="verdict"')[2].partition("</p>")[0]
        words = " ".join(re.sub("<[^>]+>", "", line.partition(">")[2]).split())
        assert f"{revision.predict.question} 53 of 64 did: {said}. {int(least < 0.8)} of 1 claim held" in words
    outcome = client.get(f"/entries/{SLUG}").text.partition('class="guess-line"')[2].partition("</p>")[0]
    assert re.sub("<[^>]+>", "", outcome).endswith(f"53 of 64 did: {said}.")
    told = client.get("/api/runs/told").get_json()["outcome"]
    assert told == {"question": revision.predict.question, "count": 53, "of": 64, "as_claimed": least < 0.8}


def test_a_guess_is_kept_without_a_word_about_who_made_it(app: Flask, client: FlaskClient, run: str) -> None:
    answer = client.post(GUESSES, data={"guess": "20", "run": run}, headers=JSON)
    assert (answer.status_code, answer.json) == (201, {"guess": 20, "of": 64})
    assert "Set-Cookie" not in answer.headers
    assert stored(app) == [(20, 64, published(app).id, run)]
    with app.app_context():
        columns = {column["name"] for column in inspect(db.engine).get_columns("guesses")}
    assert columns == {"id", "entry_id", "revision_id", "run_id", "guess", "of", "guessed_at"}


def test_a_plain_form_leads_back_to_the_entry(app: Flask, client: FlaskClient) -> None:
    answer = client.post(GUESSES, data={"guess": "0"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/entries/{SLUG}")
    assert stored(app) == [(0, 64, published(app).id, None)]


@pytest.mark.parametrize("typed", ["", "many", "-1", "65", "<b>7</b>"])
def test_a_bad_guess_is_told_and_stays_in_its_field(app: Flask, client: FlaskClient, typed: str) -> None:
    answer = client.post(GUESSES, data={"guess": typed})
    assert answer.status_code == 422
    assert "a whole number" in answer.text
    assert 'class="predict refused"' in answer.text
    assert "<b>7</b>" not in answer.text
    assert f'value="{typed.replace("<", "&lt;").replace(">", "&gt;")}"' in answer.text
    assert client.post(GUESSES, data={"guess": typed}, headers=JSON).status_code == 422
    assert stored(app) == []


def test_a_run_that_is_not_the_entrys_is_refused(app: Flask, client: FlaskClient, run: str) -> None:
    answer = client.post(GUESSES, data={"guess": "3", "run": "nobody"}, headers=JSON)
    assert (answer.status_code, answer.json) == (
        422,
        {"status": 422, "error": "This entry has no run 'nobody'."},
    )
    other = client.post("/entries/two-neurons-one-line/guesses", data={"guess": "3", "run": run}, headers=JSON)
    assert other.status_code == 422
    assert stored(app) == []


def test_there_is_nothing_to_guess_where_nothing_is_asked(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        republish(SLUG, predict=None)
    page = client.get(f"/entries/{SLUG}").text
    assert "predict.js" not in page
    assert 'id="predict"' not in page
    assert client.post(GUESSES, data={"guess": "3"}).status_code == 404
    assert client.post("/entries/nothing/guesses", data={"guess": "3"}).status_code == 404


def test_the_guesses_of_others_are_shown_once_there_are_ten(app: Flask, client: FlaskClient, run: str) -> None:
    assert run
    guess_often(app, 9)
    assert "guesses so far" not in client.get(f"/entries/{SLUG}").text
    guess_often(app, 1, guess=40)
    assert "10 guesses so far, above the ticks: the median is 20" in client.get(f"/entries/{SLUG}").text


def test_another_question_begins_anew_and_another_text_does_not(app: Flask, client: FlaskClient) -> None:
    guess_often(app, 10)
    with app.app_context():
        republish(SLUG, title="Another title?")
    assert "10 guesses so far" in client.get(f"/entries/{SLUG}").text
    with app.app_context():
        republish(SLUG, predict=Prediction(question="How many converge?", finding="converged_share"))
    page = client.get(f"/entries/{SLUG}").text
    assert "How many converge?" in page
    assert "guesses so far" not in page


def test_before_a_run_is_there_the_page_says_so(client: FlaskClient) -> None:
    assert "the networks that tell are not trained yet." in client.get(f"/entries/{SLUG}").text


def test_a_runs_own_page_asks_nothing(client: FlaskClient, run: str) -> None:
    page = client.get(f"/runs/{run}").text
    assert 'id="predict"' not in page
    assert "held" not in page.partition("<replay-player")[2].partition(">")[0]


def test_guesses_are_limited_and_not_taken_from_other_sites(app: Flask, data_dir: Path) -> None:
    client = create_app(settings_in(data_dir, asks_per_minute=2)).test_client()
    elsewhere = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    assert client.post(GUESSES, data={"guess": "1"}, headers=elsewhere).status_code == 403
    assert [client.post(GUESSES, data={"guess": "1"}).status_code for _ in range(3)] == [303, 303, 429]
    assert len(stored(app)) == 2


def test_old_guesses_are_forgotten_with_old_questions(app: Flask) -> None:
    guess_often(app, 3)
    with app.app_context(), writing():
        row = db.session.scalars(select(GuessRow)).first()
        assert row is not None
        row.guessed_at = now() - timedelta(days=400)
    result = app.test_cli_runner().invoke(args=["questions", "forget"])
    assert "0 questions and 1 guesses" in result.output
    assert len(stored(app)) == 2
