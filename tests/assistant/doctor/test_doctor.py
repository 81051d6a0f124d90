"""`flask doctor`, and what `/readyz` says of the same: what is wrong, and what to do."""

import shutil
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from assistant import config, create_app
from assistant.database import db, now
from assistant.doctor import installation
from assistant.doctor.public_address import public_diagnoses
from assistant.runs.tables import WorkerRow
from tests.assistant.doctor.conftest import examine, with_worker
from tests.conftest import settings_in

pytestmark = pytest.mark.slow
Environ = dict[str, Any]


class Web:
    """A web process on loopback, behind what changes its requests."""

    def __init__(self) -> None:
        self.app: Flask | None = None
        self.proxy: Callable[[Environ], None] = lambda _environ: None
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.address = f"http://127.0.0.1:{self._server.port}"
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def _answer(self, environ: Environ, start_response: Any) -> Any:
        self.proxy(environ)
        if self.app is None:
            start_response("200 OK", [("Content-Type", "application/json")])
            return [b'{"status": "ok"}']
        return self.app(environ, start_response)

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def web() -> Iterator[Web]:
    """A web process that serves whichever app a test gives it."""
    found = Web()
    yield found
    found.close()


@pytest.fixture
def served(data_dir: Path, web: Web) -> Callable[..., Flask]:
    """Return a function that makes the service with other settings, serves it, and gives it a worker."""

    def make(**settings: object) -> Flask:
        web.app = with_worker(create_app(settings_in(data_dir, public_url=web.address, **settings)))
        return web.app

    return make


def test_all_is_well(served: Callable[..., Flask]) -> None:
    status, found = examine(served())
    assert {name: said.split()[0] for name, said in found.items() if not said.startswith("ok")} == {}
    assert status == 0
    assert set(found) == {
        *("settings", "folder", "disk", "migrations", "database", "clock", "library", "matcher", "worker"),
        *("vectors", "encoding", "languages", "fonts", "address", "proxies"),
    }


def test_what_is_wrong_ends_with_status_1_and_says_what_to_do(data_dir: Path) -> None:
    app = create_app(settings_in(data_dir, public_url="http://127.0.0.1:9"))  # a port on which nothing listens
    status, found = examine(app)
    assert status == 1
    assert found["worker"] == "FAILED no worker is alive: run `flask --app wsgi worker`"
    assert found["address"].startswith("FAILED http://127.0.0.1:9/healthz cannot be read ([Errno 111] Connection ref")
    assert "start the web process" in found["address"]
    assert sum(said.startswith("FAILED") for said in found.values()) == 2


def test_a_database_that_is_not_migrated(tmp_path: Path) -> None:
    status, found = examine(create_app(settings_in(tmp_path)))
    assert status == 1
    assert found["migrations"] == "FAILED the database is not migrated: run `flask --app wsgi db upgrade`"
    assert "worker" not in found


def test_a_damaged_database(app: Flask, data_dir: Path) -> None:
    with closing(sqlite3.connect(data_dir / "askneuron.sqlite")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # else its log holds the pages once more
    with (data_dir / "askneuron.sqlite").open("r+b") as file:
        size = file.seek(0, 2)
        for page in range(size // 4096 * 2 // 3, size // 4096, 3):
            file.seek(page * 4096)
            file.write(b"\xff" * 4096)
    status, found = examine(app)
    assert status == 1
    assert found["database"].startswith("FAILED")
    assert "restore` a backup" in found["database"]


def test_a_row_that_refers_to_none(app: Flask, data_dir: Path) -> None:
    with closing(sqlite3.connect(data_dir / "askneuron.sqlite")) as connection:
        connection.execute("UPDATE revisions SET entry_id = 999 WHERE id = 1")
        connection.commit()
    assert examine(app)[1]["database"].startswith("FAILED a row of revisions refers to none")


def test_a_clock_that_was_set_back(app: Flask) -> None:
    with with_worker(app).app_context():
        db.session.get_one(WorkerRow, "here:1").heartbeat = now() + timedelta(hours=2)
        db.session.commit()
    found = examine(app)[1]["clock"]
    assert found.startswith("FAILED something was stored 7")  # some 7,200 s
    assert "NTP" in found
    (problem,) = (each for each in app.test_client().get("/readyz").get_json()["problems"] if "clock" in each)
    assert problem.startswith("something was stored 7")


def test_a_secret_key_that_others_may_read(app: Flask, data_dir: Path) -> None:
    (data_dir / "secret-key").chmod(0o644)
    assert examine(app)[1]["folder"] == (
        "FAILED others may read secret-key in DATA_DIR: chmod 600 it, or delete it and start anew"
    )


def test_a_disk_that_is_nearly_full(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(".")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=500_000_000))
    assert examine(app)[1]["disk"].startswith("warning 0.5 GB are free for DATA_DIR: make room")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=50_000_000))
    assert examine(app)[1]["disk"].startswith("FAILED 0.1 GB are free")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"public_url": "http://ask.example.org"}, "warning PUBLIC_URL is http://ask.example.org, without HTTPS"),
        ({"secret_key": "letmein"}, "FAILED SECRET_KEY is so short that it can be guessed"),
        ({"public_url": "http://[::1]:9"}, "ok PUBLIC_URL is http://[::1]:9"),
        ({"public_url": "http://[::ffff:127.0.0.1]:9"}, "ok PUBLIC_URL is http://[::ffff:7f00:1]:9"),
    ],
)
def test_settings_that_go_ill_together(data_dir: Path, settings: dict[str, str], said: str) -> None:
    given = settings_in(data_dir, **settings)
    (found,) = installation.settings_diagnoses(given)
    assert f"{'FAILED' if found.state == 'failed' else found.state} {found.sentence}".startswith(said)


def test_a_setting_in_the_file_env_that_nothing_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("TRUSTED_PROXY=1\nDATA_DIR=here\nPORT=8001\n")
    monkeypatch.setitem(config.Settings.model_config, "env_file", tmp_path / ".env")
    (found,) = installation.settings_diagnoses(settings_in(tmp_path))
    assert (found.state, found.said) == ("warning", ".env sets TRUSTED_PROXY, which nothing reads")


def append(environ: Environ, address: str) -> None:
    """Add to X-Forwarded-For, as nginx does with $proxy_add_x_forwarded_for."""
    before = environ.get("HTTP_X_FORWARDED_FOR")
    environ["HTTP_X_FORWARDED_FOR"] = f"{before}, {address}" if before else address


def one(environ: Environ) -> None:
    append(environ, "203.0.113.5")


def two(environ: Environ) -> None:
    one(environ)
    append(environ, "10.0.0.2")


def replacing(environ: Environ) -> None:
    environ["HTTP_X_FORWARDED_FOR"] = "203.0.113.5"


def nothing(_environ: Environ) -> None:
    pass


@pytest.mark.parametrize(
    ("proxy", "trusted", "said"),
    [
        (nothing, 0, "ok 0 add to X-Forwarded-For"),
        (one, 1, "ok 1 add to X-Forwarded-For"),
        (two, 2, "ok 2 add to X-Forwarded-For"),
        (replacing, 1, "ok 1 add to X-Forwarded-For"),
        (one, 0, "FAILED all learners share one limit: TRUSTED_PROXIES is 0, and 1 add to X-Forwarded-For: set"),
        (two, 1, "FAILED all learners share one limit: TRUSTED_PROXIES is 1, and 2 add to X-Forwarded-For: set"),
        (nothing, 1, "FAILED anybody can pretend an address: TRUSTED_PROXIES is 1, and 0 add to X-Forwarded-For"),
        (one, 2, "FAILED anybody can pretend an address: TRUSTED_PROXIES is 2, and 1 add to X-Forwarded-For"),
    ],
)
def test_proxies_are_counted(
    served: Callable[..., Flask], web: Web, proxy: Callable[[Environ], None], trusted: int, said: str
) -> None:
    app = served(trusted_proxies=trusted)
    web.proxy = proxy
    status, found = examine(app)
    assert found["proxies"].startswith(said)
    assert status == (0 if said.startswith("ok") else 1)


def test_another_service_at_the_public_address(served: Callable[..., Flask], web: Web, tmp_path: Path) -> None:
    app = served()
    for other in (None, create_app(settings_in(tmp_path / "other"))):
        web.app = other
        assert examine(app)[1]["address"].startswith("FAILED another service than this installation answers at")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"220 mail.example ESMTP\r\n", "cannot be read (what answers there is no HTTP or JSON)"),
        (b"\x15\x03\x01\x00\x02\x02P", "cannot be read (what answers there is no HTTP or JSON)"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "cannot be read (what answers there is no"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 100_000, "cannot be read (what answers there is no HTTP or JSON)"),
        (b"HTTP/1.1 200 OK\r\n\r\n", "cannot be read (Expecting value"),
        (b'HTTP/1.1 200 OK\r\n\r\n{"arrived": 1}', "another service"),
        (b'HTTP/1.1 200 OK\r\n\r\n{"arrived": {"client": "x", "forwarded": null}}', "another service"),
    ],
)
def test_whatever_answers_at_the_public_address_is_one_line(answer: bytes, said: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(answer)

        thread = Thread(target=serve)
        thread.start()
        settings = settings_in(tmp_path, public_url=f"http://127.0.0.1:{server.getsockname()[1]}")
        with create_app(settings).app_context():
            (found,) = public_diagnoses(settings)
        thread.join(30)
    assert found.state == "failed"
    assert said in found.said


def test_nobody_else_is_told_what_arrived(served: Callable[..., Flask]) -> None:
    client = served().test_client()
    for token in ("", "doctor", "ImRvY3RvciI.x.y"):
        assert client.get("/healthz", headers={"X-Askneuron-Doctor": token}).get_json() == {"status": "ok"}


def test_on_postgresql(postgresql_app: Flask) -> None:
    found = examine(with_worker(postgresql_app))[1]
    assert found["database"] == "ok postgresql can be read and written"
    assert {name: found[name].split()[0] for name in ("migrations", "clock", "library", "worker")} == dict.fromkeys(
        ("migrations", "clock", "library", "worker"), "ok"
    )
