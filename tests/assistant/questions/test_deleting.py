"""What is kept of learners can be deleted by whoever has a question's address, and taken out and deleted as a whole."""

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from assistant import create_app
from assistant.database import db, writing
from assistant.erasing import erase_from_log
from assistant.questions import queries
from assistant.questions.tables import QuestionRow
from assistant.runs.tables import RunRow
from tests.assistant.conftest import TITLE
from tests.conftest import settings_in

pytestmark = pytest.mark.slow

POST = (
    "I trained two neurons all week.\n\nIf every neuron gets the same data, why do they not all come out the same?\n\n"
    "Also: why does dropout divide what is kept?\n\nThanks, Xanthippe Zwickelmeier"
)


@pytest.fixture
def app(sqlite_app: Flask) -> Flask:
    """The service with one entry."""
    return sqlite_app


@pytest.fixture
def data_dir(app: Flask) -> Path:
    """Its data folder."""
    folder: Path = app.config["SETTINGS"].data_dir
    return folder


def ask(client: FlaskClient, text: str, follows: str = "") -> str:
    """Ask, and return the question's id."""
    answer = client.post("/questions", data={"question": text, "follows": follows})
    assert answer.status_code == 303
    return str(answer.headers["Location"]).rpartition("/")[2]


def count(app: Flask, table: type[QuestionRow] | type[RunRow]) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_a_question_is_deleted_by_the_form_on_its_page(client: FlaskClient, app: Flask) -> None:
    first = ask(client, TITLE)
    second = ask(client, "Is that so for three of them?", follows=first)
    page = client.get(f"/questions/{first}").get_data(as_text=True)
    (action,) = re.findall(r'<form action="([^"]+/delete)" method="post">', page)
    assert 'name="sure" value="yes" required' in page

    refused = client.post(action)
    assert refused.status_code == 422
    assert "Please confirm" in refused.get_data(as_text=True)
    assert client.get(f"/questions/{first}").status_code == 200

    runs = count(app, RunRow)
    done = client.post(action, data={"sure": "yes"})
    assert done.status_code == 200
    assert "Your question is deleted" in done.get_data(as_text=True)
    assert client.get(f"/questions/{first}").status_code == 404
    assert client.post(action, data={"sure": "yes"}).status_code == 404
    assert count(app, RunRow) == runs
    follower = client.get(f"/questions/{second}")
    assert follower.status_code == 200
    assert first not in follower.get_data(as_text=True)


def test_another_site_cannot_delete_one(client: FlaskClient) -> None:
    first = ask(client, TITLE)
    sent = {"sure": "yes"}
    for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert client.post(f"/questions/{first}/delete", data=sent, headers=headers).status_code == 403
    assert client.get(f"/questions/{first}/delete").status_code == 405
    assert client.get(f"/questions/{first}").status_code == 200


@pytest.mark.parametrize("which", ["the post", "its part"])
def test_all_parts_of_a_post_go_together(client: FlaskClient, app: Flask, which: str) -> None:
    other, first = ask(client, "How long do I boil an egg?"), ask(client, POST)
    part = "a-part-of-the-post"
    told = {"text": "And why that?", "outcome": "unknown", "score": 0.0, "matcher": "m", "suggestions": []}
    with app.app_context(), writing():
        db.session.add(QuestionRow(id=part, part_of_id=first, position=1, **told))
    assert client.get(f"/questions/{part}").status_code == 200
    deleted = first if which == "the post" else part
    assert client.post(f"/questions/{deleted}/delete", data={"sure": "yes"}).status_code == 200
    with app.app_context():
        assert [row.id for row in db.session.scalars(select(QuestionRow))] == [other]


def in_files(folder: Path, text: str) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if text.encode() in path.read_bytes())


def redact(app: Flask, _client: FlaskClient, question_id: str) -> None:
    with app.app_context():
        with writing():
            row = queries.question(question_id)
            assert row is not None
            queries.redact(row)
        erase_from_log()


def delete(_app: Flask, client: FlaskClient, question_id: str) -> None:
    assert client.post(f"/questions/{question_id}/delete", data={"sure": "yes"}).status_code == 200


def forget(app: Flask, _client: FlaskClient, _question_id: str) -> None:
    assert app.test_cli_runner().invoke(args=["questions", "forget", "--all", "--yes"]).exit_code == 0


@pytest.mark.parametrize("away", [redact, delete, forget])
def test_what_is_deleted_is_gone_from_the_files(
    app: Flask, client: FlaskClient, data_dir: Path, away: Callable[[Flask, FlaskClient, str], None]
) -> None:
    """From the database's file and its log, also among others that came and went before."""
    name = "Xanthippe Zwickelmeier"
    for at in range(12):
        ask(client, f"How long do I boil an egg of {at} days? " + "It is quite large. " * 40 * (at % 3))
    first = ask(client, POST)
    assert in_files(data_dir, name)
    away(app, client, first)
    assert in_files(data_dir, name) == []
    with closing(sqlite3.connect(data_dir / "askneuron.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_while_others_read_it_goes_with_the_next_deletion(app: Flask, client: FlaskClient, data_dir: Path) -> None:
    first, second = ask(client, POST), ask(client, TITLE)
    with closing(sqlite3.connect(data_dir / "askneuron.sqlite", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM questions").fetchone()
        delete(app, client, first)
        reader.execute("COMMIT")
    delete(app, client, second)
    assert in_files(data_dir, "Zwickelmeier") == []


def test_an_operator_takes_out_and_deletes_all_that_is_kept(either: Flask, tmp_path: Path) -> None:
    client, run = either.test_client(), either.test_cli_runner().invoke
    first = ask(client, POST)
    assert client.post("/entries/why-neurons-differ/guesses", data={"guess": "7"}).status_code == 303
    file = tmp_path / "kept.jsonl"
    assert run(args=["questions", "export", str(file)]).exit_code == 0
    kept = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    (asked,) = (each for each in kept if each["kind"] == "question" and each["id"] == first)
    assert POST in (asked["post"], asked["text"])
    assert [each["guess"] for each in kept if each["kind"] == "guess"] == [7]
    columns = set(QuestionRow.__table__.columns.keys())
    assert all(columns <= set(each) for each in kept if each["kind"] == "question")
    assert run(args=["questions", "export", str(file)]).exit_code != 0  # it is there already

    refused = run(args=["questions", "forget", "--all"], input="n\n")
    assert refused.exit_code == 1
    assert count(either, QuestionRow) == len(kept) - 1
    told = run(args=["questions", "forget", "--all", "--yes"])
    assert told.output.endswith(f"deleted all {len(kept) - 1} questions and 1 guesses\n")
    assert count(either, QuestionRow) == 0
    assert count(either, RunRow) > 0
    with either.app_context():
        assert db.session.scalars(select(RunRow).where(RunRow.asker.is_not(None))).all() == []
    assert run(args=["questions", "export", "-"]).output == ""


@pytest.mark.parametrize("more", ["", "/", "#main", "?rate=0.1#main", "/?x=/y", " "])
def test_an_operator_deletes_one_by_its_address(app: Flask, client: FlaskClient, more: str) -> None:
    first, run = ask(client, TITLE), app.test_cli_runner().invoke
    told = run(args=["questions", "delete", f"https://ask.example/questions/{first}{more}"])
    assert (told.exit_code, told.output) == (0, "the question is deleted\n")
    for gone in (first, "-jAmO3kq5S-dCaQzZ7lLng"):  # one id in 64 begins with a hyphen
        again = run(args=["questions", "delete", gone])
        assert again.exit_code == 1
        assert again.output.startswith("Error: There is no question at this address.")


def test_a_page_asks_nothing_of_another_process(data_dir: Path) -> None:
    """A second web process that has the database open keeps nothing of what another deletes."""
    one, other = (create_app(settings_in(data_dir)).test_client() for _ in range(2))
    first = ask(one, POST)
    assert other.get(f"/questions/{first}").status_code == 200
    assert one.post(f"/questions/{first}/delete", data={"sure": "yes"}).status_code == 200
    assert other.get(f"/questions/{first}").status_code == 404
    assert in_files(data_dir, "Zwickelmeier") == []
