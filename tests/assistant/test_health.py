"""/healthz and /readyz: what they say when something is in the way."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from assistant import create_app
from assistant.config import Settings
from assistant.database import db, known_revisions, now
from assistant.library.queries import published_entries
from assistant.runs import queries, queue
from assistant.runs.tables import RunRow, WorkerRow

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def client_of(data_dir: Path, **values: object) -> FlaskClient:
    return create_app(Settings.model_validate({"data_dir": data_dir, **values})).test_client()


@pytest.fixture
def worker(app: Flask) -> str:
    """A worker that recorded a heartbeat just now."""
    with app.app_context():
        queue.record_heartbeat("here:1", "warming")
    return "here:1"


@pytest.mark.usefixtures("worker")
def test_all_is_well(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    told = answer.get_json()
    assert (answer.status_code, told["status"], told["problems"]) == (200, "ready", [])
    assert told["database"] == "ok"
    assert told["entries"] == len(list((ROOT / "content").glob("[!R]*.md")))
    assert [each["state"] for each in told["workers"]] == ["warming"]
    assert told["matcher"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("worker")
def test_a_worker_that_ends_meanwhile(app: Flask, client: FlaskClient, data_dir: Path) -> None:
    def end(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if "FROM workers" in statement and statement.startswith("SELECT"):
            with closing(sqlite3.connect(data_dir / "askneuron.sqlite", isolation_level=None)) as database:
                database.execute("DELETE FROM workers")

    with app.app_context():
        event.listen(db.engine, "after_cursor_execute", end)
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.text
    assert [each["state"] for each in answer.get_json()["workers"]] == ["warming"]
    assert client.get("/readyz").status_code == 503


@pytest.mark.usefixtures("worker")
def test_nothing_is_read_twice(app: Flask, client: FlaskClient) -> None:
    client.get("/readyz")
    asked: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda _c, _u, statement, *_: asked.append(statement))
    assert client.get("/readyz").status_code == 200
    reads = [statement for statement in asked if not statement.startswith("BEGIN")]
    assert len(reads) > 5
    assert sorted(reads) == sorted(set(reads))


def problems(client: FlaskClient) -> list[str]:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["status"] == "not ready"
    found: list[str] = answer.get_json()["problems"]
    return found


def test_no_worker(client: FlaskClient) -> None:
    assert problems(client) == ["no worker is alive: run `flask --app wsgi worker`"]


def test_a_worker_that_fell_silent(app: Flask, client: FlaskClient, worker: str) -> None:
    with app.app_context():
        db.session.get_one(WorkerRow, worker).heartbeat = now() - timedelta(minutes=1)
        db.session.commit()
    assert problems(client) == ["no worker is alive: run `flask --app wsgi worker`"]


def test_a_worker_that_stalled(app: Flask, client: FlaskClient, worker: str) -> None:
    with app.app_context():
        queue.record_heartbeat(worker, "stalled")
    (problem,) = problems(client)
    assert problem == "the worker takes no runs: its log says why"
    with app.app_context():
        queue.record_heartbeat("here:2", "loading")  # started anew
    assert client.get("/readyz").status_code == 200


@pytest.mark.usefixtures("worker")
def test_runs_that_pile_up(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        entry = published_entries()[0]
        assert entry.published is not None
        run = queries.enqueue(entry.published)
        run.created_at = now() - timedelta(minutes=2)
        db.session.commit()
        assert client.get("/readyz").status_code == 200  # Nobody waits for it.
        run.asker = "somebody"
        db.session.commit()
        assert db.session.query(RunRow).count() == 1
    (problem,) = problems(client)
    assert problem.startswith("a run has waited for 1")


@pytest.mark.usefixtures("worker")
def test_an_empty_library(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        for entry in published_entries():
            entry.published_number = None
        db.session.commit()
    assert problems(client) == ["the library is empty: run `flask --app wsgi library import`"]


def test_a_database_without_tables(tmp_path: Path) -> None:
    assert problems(client_of(tmp_path)) == ["the database is not migrated: run `flask --app wsgi db upgrade`"]


def test_a_database_of_an_earlier_version(data_dir: Path, client: FlaskClient) -> None:
    with closing(sqlite3.connect(data_dir / "askneuron.sqlite")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
        connection.commit()
    (problem,) = problems(client)
    assert problem.startswith(f"the database is at migration 0001, and the code needs {known_revisions()[0]}")


def test_a_database_that_cannot_be_opened(tmp_path: Path) -> None:
    client = client_of(tmp_path, database_url=f"sqlite:///{tmp_path}/no/such/folder/a.sqlite")
    assert problems(client) == ["the database cannot be used: unable to open database file"]
    assert client.get("/healthz").get_json() == {"status": "ok"}


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "askneuron.sqlite").write_text("a letter to a friend" * 100, encoding="ascii")
    assert problems(client_of(tmp_path)) == ["the database cannot be used: file is not a database"]


def test_a_database_that_may_only_be_read(data_dir: Path) -> None:
    client = client_of(data_dir, database_url=f"sqlite:///file:{data_dir}/askneuron.sqlite?mode=ro&uri=true")
    assert problems(client) == ["the database cannot be used: attempt to write a readonly database"]
    assert client.get("/entries").status_code == 200


def test_a_full_disk(data_dir: Path) -> None:
    """A process that may not make any file longer meets what a full disk does to SQLite."""
    asked = f"""
from assistant import create_app
from assistant.config import Settings
client = create_app(Settings.model_validate({{"data_dir": {str(data_dir)!r}}})).test_client()
answer = client.get("/readyz")
print(answer.status_code, answer.get_json()["problems"])
print(client.get("/healthz").status_code)
"""

    def without_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    finished = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=ROOT,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=without_room,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.stdout == "503 ['the database cannot be used: disk I/O error']\n200\n", finished.stderr
