"""Logs: a time and a request's id in each line, nothing that a learner typed, and no flood in an outage."""

import json
import logging
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from assistant import create_app, logs
from assistant.database import db, writing
from assistant.pages import home
from tests.assistant.runs.conftest import wait_until
from tests.conftest import ROOT, settings_in

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (INFO|WARNING|ERROR) (\S+) [\w.]+: .+")
TYPED = "my secret sorrow with neurons"
Told = Callable[[], str]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    """Return what was logged since the last call, as if nothing had been before the test."""
    for each in logging.getLogger().handlers:
        if isinstance(each, logs.Handler):
            each._left_out.clear()
    return lambda: capsys.readouterr().err


def without_questions(app: Flask) -> None:
    """Let nothing be stored or read any more."""
    with app.app_context(), writing():
        db.session.connection().exec_driver_sql("ALTER TABLE questions RENAME TO elsewhere")


def configured(app: Flask, **values: object) -> Flask:
    return create_app(settings_in(app.config["SETTINGS"].data_dir, **values))


def test_each_line_has_a_time_and_the_id_that_the_answer_names(sqlite_app: Flask, told: Told) -> None:
    without_questions(sqlite_app)
    told()
    answer = sqlite_app.test_client().get("/questions/none")
    assert answer.status_code == 503
    (line,) = told().splitlines()
    found = LINE.fullmatch(line)
    assert found is not None, line
    assert found[2] == answer.headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{16}", found[2])
    logging.getLogger("assistant.test").info("outside of a request")
    assert " INFO - assistant.test: outside" in told()


def test_as_json(sqlite_app: Flask, told: Told) -> None:
    app = configured(sqlite_app, log_format="json")
    try:
        without_questions(app)
        told()
        answer = app.test_client().post("/questions", data={"question": TYPED})
        objects = [json.loads(line) for line in told().splitlines()]
    finally:
        logs.configure("lines")
    assert objects
    for each in objects:
        assert {"time", "level", "logger", "message", "request"} <= set(each)
        assert each["request"] == answer.headers["X-Request-ID"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", each["time"])


@pytest.mark.parametrize(
    ("trusted", "given", "taken"),
    [(1, "from-the-proxy_1", True), (0, "from-anybody", False), (1, "a b\x7f", False), (1, "x" * 65, False)],
)
def test_the_id_of_a_trusted_proxy_is_taken_over(sqlite_app: Flask, trusted: int, given: str, *, taken: bool) -> None:
    client = configured(sqlite_app, trusted_proxies=trusted).test_client()
    answer = client.get("/healthz", headers={"X-Request-ID": given})
    assert (answer.headers["X-Request-ID"] == given) is taken


@pytest.mark.parametrize("log_format", ["lines", "json"])
def test_nothing_that_a_learner_typed_and_no_address_stands_in_them(
    sqlite_app: Flask, told: Told, monkeypatch: pytest.MonkeyPatch, log_format: str
) -> None:
    app = configured(sqlite_app, log_format=log_format, asks_per_minute=3)
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = "192.0.2.55"

    def fails(text: str, *_args: str) -> None:
        try:
            int(text)
        except ValueError as error:
            raise RuntimeError(f"no answer to {text}") from error

    try:
        with monkeypatch.context() as patched:
            patched.setattr(home, "ask", fails)
            assert client.post("/questions", data={"question": TYPED}).status_code == 500
        without_questions(app)
        assert client.post("/questions", data={"question": TYPED}).status_code == 503
        statuses = [client.post("/questions", data={"question": TYPED}).status_code for _ in range(3)]
        assert 429 in statuses
        found = told()
    finally:
        logs.configure("lines")
    assert "RuntimeError" in found
    assert "ValueError" in found
    assert "in fails" in found
    assert "secret" not in found
    assert "sorrow" not in found
    assert "192.0.2.55" not in found


def test_an_outage_is_one_line_a_minute_with_a_count(
    sqlite_app: Flask, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "MINUTE", 1.0)
    without_questions(sqlite_app)
    client = sqlite_app.test_client()
    told()
    for _ in range(30):
        assert client.get("/questions/none").status_code == 503
    end, found = time.monotonic() + 60, told()

    def events() -> int:
        counted = sum(int(count) for count in re.findall(r"\(and (\d+) more like it within a minute\)", found))
        return len(found.splitlines()) - found.count("more like it") + counted

    while events() < 30 and time.monotonic() < end:
        time.sleep(0.05)
        found += told()
    assert events() == 30
    assert found.count("more like it") > 0
    assert len(found.splitlines()) < 30


def test_other_errors_are_told_beside_it_and_the_rest_at_the_end(told: Told) -> None:
    handler = logs.Handler()
    handler.addFilter(logs._name_request)
    handler.setFormatter(logs.LogLines())
    log = logging.getLogger("assistant.test.own")
    log.propagate = False
    log.addHandler(handler)
    for name in ("one", "other"):
        for _ in range(3):
            log.error(f"{name} thing")
    for _ in range(3):
        log.info("all is well")
    found = told()
    assert [found.count(each) for each in ("one thing", "other thing", "all is well")] == [1, 1, 3]
    log.removeHandler(handler)
    handler.close()
    assert re.findall(r"(\w+) thing \(and 2 more like it", told()) == ["one", "other"]


@pytest.mark.slow
@pytest.mark.parametrize("given", ["json", "lines", "wrong"])
def test_gunicorns_own_lines_have_the_same_form(given: str, tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("gunicorn")), "--bind", f"unix:{tmp_path}/web", "--no-control-socket"]
    environment = os.environ | {"DATA_DIR": str(tmp_path), "LOG_FORMAT": given}
    log = tmp_path / "log"
    with log.open("wb") as file:
        web = subprocess.Popen([*command, "wsgi:app"], cwd=ROOT, env=environment, stderr=file)
    try:
        if given != "wrong":
            ready = f"Booting worker with pid: (?!{web.pid})"
            wait_until(lambda: re.search(ready, log.read_text()) is not None, "a web process", 120)
            (child,) = map(int, Path(f"/proc/{web.pid}/task/{web.pid}/children").read_text().split())
            os.kill(child, signal.SIGKILL)
            wait_until(lambda: len(re.findall(ready, log.read_text())) == 2, "another web process", 120)
            web.terminate()
        assert web.wait(120) == (1 if given == "wrong" else 0)
    finally:
        web.kill()
    lines = log.read_text().splitlines()
    if given == "wrong":
        assert lines == ["askneuron: setting LOG_FORMAT: Input should be 'lines' or 'json', not 'wrong'"]
        return
    assert len(lines) > 5
    for line in lines:
        assert LINE.fullmatch(line) if given == "lines" else json.loads(line)["logger"] == "gunicorn.error", line
