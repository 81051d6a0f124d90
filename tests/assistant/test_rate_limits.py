"""One limit for a client over all routes, web processes and spellings of an address."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from assistant import create_app
from assistant.database import db, now, writing
from assistant.rate_limits import RateRow, limiter
from tests.assistant.conftest import ENTRY
from tests.conftest import ROOT, settings_in

pytestmark = pytest.mark.slow

ROUTES: tuple[tuple[str, dict[str, object]], ...] = (
    ("/questions", {"data": {"question": "why do neurons differ?"}}),
    ("/api/questions", {"json": {"question": "why do neurons differ?"}}),
    (f"/entries/{ENTRY}/runs", {}),
    (f"/embed/{ENTRY}/runs", {}),
    (f"/entries/{ENTRY}/variations", {"data": {"parameter-rate": "0.02"}}),
    (f"/entries/{ENTRY}/guesses", {"data": {"guess": "3"}}),
    ("/questions/none/choice", {"data": {"entry": ENTRY}}),
    ("/questions/none/verdict", {"data": {"verdict": "missed"}}),
)


Limited = Callable[..., Flask]


@pytest.fixture
def limited() -> Iterator[Limited]:
    """Another web process on the same database, with other settings."""
    processes = []

    def start(app: Flask, **values: object) -> Flask:
        settings = dict(app.config["SETTINGS"]) | values
        processes.append(create_app(settings_in(settings.pop("data_dir"), **settings)))
        return processes[-1]

    yield start
    for each in processes:
        with each.app_context():
            db.engine.dispose()


def test_all_routes_and_processes_count_together(either: Flask, limited: Limited) -> None:
    processes = [limited(either, asks_per_minute=len(ROUTES), secret_key="s" * 40).test_client() for _ in range(2)]
    first = [processes[at % 2].post(path, **sent).status_code for at, (path, sent) in enumerate(ROUTES)]
    assert 429 not in first
    second = {each.post(path, **sent).status_code for path, sent in ROUTES for each in processes}
    assert second == {429}


def test_a_port_or_another_address_of_the_same_network_is_no_other_client(sqlite_app: Flask, limited: Limited) -> None:
    client = limited(sqlite_app, asks_per_minute=1, trusted_proxies=1).test_client()

    def status(address: str) -> int:
        sent = {"X-Forwarded-For": address}
        return client.post("/questions", data={"question": "why?"}, headers=sent).status_code

    assert [status(f"10.0.0.7:{port}") for port in (1, 2, 3)] == [303, 429, 429]
    assert status("::ffff:10.0.0.7") == 429
    assert [status(f"2001:db8::{at}") for at in (1, 2)] == [303, 429]
    assert [status(nonsense) for nonsense in ("x", "y")] == [303, 429]
    assert status("10.0.0.8") == 303


def test_the_database_holds_no_address_and_forgets_what_is_over(either: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with either.test_request_context(environ_base={"REMOTE_ADDR": "10.0.0.7"}):
        counted: Callable[..., int] = limiter.storage.incr
        assert [counted(key, 60) for key in ("10.0.0.7", "10.0.0.7", "10.0.0.8")] == [1, 2, 1]
        assert limiter.storage.get("10.0.0.7") == 2
        rows = db.session.scalars(select(RateRow)).all()
        assert len(rows) == 2
        assert not any("10.0" in row.key for row in rows)
        later = now().replace(year=now().year + 1)
        monkeypatch.setattr("assistant.rate_limits.now", lambda: later)
        assert limiter.storage.get("10.0.0.7") == 0
        assert counted("10.0.0.9", 60) == 1
        assert len(db.session.scalars(select(RateRow.key)).all()) == 1


def test_what_only_reads_is_counted_apart(data_dir: Path) -> None:
    client = create_app(settings_in(data_dir, asks_per_minute=1, reads_per_minute=3)).test_client()
    reads = ("/?q=why", "/suggestions?question=why+do", "/forum?address=x", "/suggestions?question=why+do")
    assert [client.get(path).status_code for path in reads] == [200, 200, 404, 429]
    refused = client.get("/?q=why")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 61
    assert client.get("/entries").status_code == 200
    assert client.post("/questions", data={"question": "why?"}).status_code == 303


@pytest.mark.parametrize(("limit", "processes", "each"), [(6, 3, 2), (7, 3, 3), (1, 4, 1), (3, 1, 3)])
def test_what_only_reads_is_shared_out_among_the_web_processes(
    limit: int, processes: int, each: int, data_dir: Path
) -> None:
    settings = settings_in(data_dir, reads_per_minute=limit, web_concurrency=processes)
    client = create_app(settings).test_client()
    assert [client.get("/?q=why").status_code for _ in range(each + 1)] == [200] * each + [429]


@pytest.mark.parametrize(
    ("arguments", "given", "processes"),
    [(["--workers", "2"], {}, 2), ([], {"WEB_CONCURRENCY": "3"}, 3), (["--workers", "2"], {"WEB_CONCURRENCY": "9"}, 2)],
    ids=["by its option", "by the environment", "by both"],
)
def test_gunicorn_says_how_many_web_processes_there_are(
    arguments: list[str], given: dict[str, str], processes: int, data_dir: Path
) -> None:
    command = [sys.executable, "-m", "gunicorn", "--bind", f"unix:{data_dir}/web", "--no-control-socket", "--threads=2"]
    environment = os.environ | {"DATA_DIR": str(data_dir), "READS_PER_MINUTE": str(2 * processes), **given}
    running = subprocess.Popen([*command, *arguments, "wsgi:app"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        connection = HTTPConnection("localhost")  # is kept, and so answered by one process
        connection.sock = _connected(data_dir / "web")
        found = []
        for _ in range(3):
            connection.request("GET", "/suggestions?question=why+do")
            answer = connection.getresponse()
            answer.read()
            found.append(answer.status)
        connection.close()
    finally:
        running.terminate()
        running.wait(30)
    assert found == [200, 200, 429]


def _connected(path: Path) -> socket.socket:
    """Return a connection to a server that is starting."""
    end = time.monotonic() + 60
    while True:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(str(path))
        except OSError:
            connection.close()
            assert time.monotonic() < end
            time.sleep(0.1)
        else:
            return connection


def test_a_clock_that_was_set_back_locks_nobody_out(sqlite_app: Flask, limited: Limited) -> None:
    app = limited(sqlite_app, asks_per_minute=1)
    client = app.test_client()
    asked = {"data": {"question": "why?"}}
    assert [client.post("/questions", **asked).status_code for _ in range(2)] == [303, 429]
    with app.app_context(), writing():
        for row in db.session.scalars(select(RateRow)):
            row.ends_at += timedelta(hours=2)
    assert client.post("/questions", **asked).status_code == 303
