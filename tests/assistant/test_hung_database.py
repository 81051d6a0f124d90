"""A PostgreSQL that accepts what it is sent and never answers: nobody waits for it for ever, and it is said."""

import signal
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, OperationalError

from assistant import create_app
from assistant.database import db, writing
from assistant.patience import patient_for
from tests.assistant.conftest import ENTRY
from tests.assistant.postgresql import Cluster
from tests.conftest import settings_in

pytestmark = pytest.mark.slow

PAGES = ("/", "/entries", f"/entries/{ENTRY}", "/?q=neurons", "/metrics", "/suggestions?question=why", "/admin/sign-in")
FOR_EVER = 100  # seconds after which a test counts as one that hangs


@contextmanager
def hung(cluster: Cluster) -> Iterator[None]:
    """Let every process of the server stand still; what they are sent is still acknowledged by the machine."""
    cluster.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        cluster.signal(signal.SIGCONT)


def test_each_page_answers_while_the_server_hangs_and_after_it(postgresql_app: Flask, cluster: Cluster) -> None:
    client = postgresql_app.test_client()
    before = {path: client.get(path).status_code for path in PAGES}

    def ask(path: str) -> tuple[int, str]:
        with patient_for(0.5):
            answer = postgresql_app.test_client().get(path)
        return answer.status_code, answer.text

    with ThreadPoolExecutor(len(PAGES)) as pool:
        list(pool.map(ask, PAGES))  # so that there are connections to hang on
        with hung(cluster):
            told = list(pool.map(ask, PAGES, timeout=FOR_EVER))
    for status, page in told[:4]:
        assert status == 503
        assert "The database cannot be used at the moment" in page
    assert all(status < 500 or status == 503 for status, _ in told)
    assert {path: client.get(path).status_code for path in PAGES} == before


def test_readiness_says_that_the_server_does_not_answer(postgresql_app: Flask, cluster: Cluster) -> None:
    client = postgresql_app.test_client()
    client.get("/readyz")
    for _ in range(2):  # on a connection that is open, and on none
        with hung(cluster):
            answer = client.get("/readyz")
            assert client.get("/healthz").status_code == 200
        assert answer.status_code == 503
        (problem,) = answer.get_json()["problems"]
        assert problem.startswith("the database cannot be used: ")
    assert "the database cannot be used" not in client.get("/readyz").text


def write_twice(meanwhile: Callable[[], object], *, fails: bool = False) -> None:
    with writing():
        db.session.execute(text("SELECT 1"))
        meanwhile()
        db.session.execute(text("SELECT 1 / :by"), {"by": 0 if fails else 1})


@pytest.mark.parametrize("moment", ["statement", "commit", "rollback"])
def test_what_is_under_way_as_it_hangs_ends(postgresql_app: Flask, cluster: Cluster, moment: str) -> None:
    with postgresql_app.app_context(), patient_for(0.5):
        with ExitStack() as hanging:
            begin = partial(hanging.enter_context, hung(cluster))
            if moment != "statement":
                event.listen(db.engine, moment, lambda _connection: begin(), once=True)
            with pytest.raises(DBAPIError, match="has not answered"):
                write_twice(begin if moment == "statement" else bool, fails=moment == "rollback")
        write_twice(bool)


def test_what_takes_long_is_waited_for_where_that_is_meant(postgresql_app: Flask) -> None:
    with postgresql_app.app_context():
        with patient_for(float("inf")):
            assert db.session.scalar(text("SELECT 1 FROM pg_sleep(1)")) == 1
        db.session.rollback()
        with patient_for(0.5), pytest.raises(OperationalError, match="has not answered"):
            db.session.scalar(text("SELECT 1 FROM pg_sleep(60)"))


def test_a_listener_that_hears_nothing_is_not_cut_off(postgresql_app: Flask) -> None:
    from assistant.runs.worker.listening import listener

    stopping = Event()
    with postgresql_app.app_context(), patient_for(0.5):
        waiting = listener(db.engine, stopping)
        waiting.wait(0)
        connection = waiting._connection
        waiting.wait(1.5)
        assert waiting._connection is connection
        waiting.close()


def test_a_server_that_takes_connections_and_says_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        app = create_app(settings_in(tmp_path, database_url=f"postgresql://me@127.0.0.1:{port}/none"))
        client = app.test_client()
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.get_json()["problems"][0].startswith("the database cannot be used: ")
        assert client.get("/entries").status_code == 503
