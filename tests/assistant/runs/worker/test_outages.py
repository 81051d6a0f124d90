"""A database that fails for a moment, at each moment: the worker goes on, and no run is lost."""

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, OperationalError

from assistant.database import db, writing
from assistant.library.queries import published_entry
from assistant.runs import queries, queue
from assistant.runs.queue import Task
from assistant.runs.tables import RunRow
from assistant.runs.worker import execute, heartbeat, worker
from assistant.runs.worker.execute import store
from assistant.runs.worker.watchdog import Deadline
from assistant.runs.worker.worker import Worker
from assistant.runs.worker.worker_state import CurrentRun
from tests.assistant.conftest import ENTRY
from tests.assistant.postgresql import Cluster
from tests.assistant.runs.conftest import look_at, unwatched, wait_until

pytestmark = pytest.mark.slow

MOMENTS = {
    "looking for a run": r"SELECT runs\.id\s+FROM runs",
    "claiming a run": r"UPDATE runs SET .*started_at",
    "renewing the claim": r"UPDATE runs SET progress=\S+ heartbeat=",
    "storing the result": r"UPDATE runs SET .*finished_at",
    "adding to the evidence": r"SELECT .*FROM runs\s+WHERE runs\.id = \S+$",
    "recording the worker's heartbeat": r"(SELECT|UPDATE|INSERT|DELETE) .*workers",
    "sweeping": r"SELECT EXISTS",
    "anything at all": r"",
}
RESULT = {"findings": {"a": 1}, "verdicts": [], "code": "c0de"}


class Breakage:
    """Lets statements fail, and counts how often one did."""

    def __init__(self, pattern: str) -> None:
        self.pattern, self.failures = re.compile(pattern, re.DOTALL), 0

    def __call__(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if self.pattern.match(statement):
            self.failures += 1
            raise OperationalError(statement, parameters, sqlite3.OperationalError("disk I/O error"))


@contextmanager
def broken(app: Flask, pattern: str) -> Iterator[Breakage]:
    """Let the statements of a pattern fail for a while."""
    with app.app_context():
        engine = db.engine
    breakage = Breakage(pattern)
    event.listen(engine, "before_cursor_execute", breakage)
    yield breakage
    event.remove(engine, "before_cursor_execute", breakage)


def enqueue(app: Flask) -> str:
    with app.app_context(), writing():
        entry = published_entry(ENTRY)
        assert entry is not None
        assert entry.published is not None
        run = queries.enqueue(entry.published)
        run.shared_key = None
        return run.id


@pytest.fixture
def go_on() -> Event:
    """Lets a run that is under way come to its end."""
    return Event()


@pytest.fixture
def working(either: Flask, go_on: Event, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    """A worker whose runs train nothing; all else of it is as it is."""
    for module, name in (
        (execute, "PAUSE"),
        (heartbeat, "HEARTBEAT_INTERVAL"),
        (worker, "RETRY_INTERVAL"),
        (worker, "LOOK_INTERVAL"),
    ):
        monkeypatch.setattr(module, name, 0.05)

    def train_nothing(task: Task, run: CurrentRun) -> None:
        while not go_on.wait(0.01):
            run.advance(0.5)
        store(task, RESULT, unwatched(task), run)

    one = Worker(either, execute=train_nothing)
    threads = [
        one.watchdog.start("heartbeat", lambda deadline: heartbeat.send_heartbeats(one, deadline), Deadline(60)),
        one.watchdog.start("runs", lambda _deadline: one.take_runs(), one.current.deadline),
    ]
    yield one
    go_on.set()
    one.stopping.set()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def wait_for(app: Flask, run_id: str) -> RunRow:
    """Wait until a run is stored, and return it."""
    wait_until(lambda: look_at(app, run_id).state == "done", f"{run_id} to be stored", 60)
    return look_at(app, run_id)


def beats(app: Flask) -> Any:
    with app.app_context():
        return [row.heartbeat for row in queue.live_workers()]


def states(app: Flask) -> list[str]:
    with app.app_context():
        return [row.state for row in queue.live_workers()]


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_worker_goes_on_when_the_database_fails(
    either: Flask, working: Worker, go_on: Event, moment: str, caplog: pytest.LogCaptureFixture
) -> None:
    run_id, second = enqueue(either), enqueue(either)
    if moment == "renewing the claim":
        wait_until(lambda: look_at(either, run_id).progress > 0, "the run to be under way", 60)
        with broken(either, MOMENTS[moment]) as breakage:
            wait_until(lambda: breakage.failures > 3, "some failures", 60)
        go_on.set()
    else:
        wait_until(lambda: look_at(either, run_id).state == "running", "the run to be claimed", 60)
        with broken(either, MOMENTS[moment]) as breakage:
            go_on.set()
            wait_until(lambda: breakage.failures > 3, f"some failures\n{caplog.text}", 60)
            if moment in {"looking for a run", "claiming a run"}:
                wait_until(lambda: states(either) == ["stalled"], "the state to say so", 60)
    for each in (run_id, second, enqueue(either)):
        run = wait_for(either, each)
        assert (run.attempt, run.findings) == (1, RESULT["findings"]), caplog.text

    before = beats(either)
    wait_until(lambda: beats(either) > before, "another heartbeat", 60)
    wait_until(lambda: states(either) == ["loading"], "the state to say so", 60)
    assert working.watchdog.fault() is None
    assert "Traceback" not in caplog.text


def test_a_run_whose_end_cannot_be_stored_for_long_is_run_again(
    either: Flask, working: Worker, go_on: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execute, "STORE_WITHIN", 0.2)
    monkeypatch.setattr(queue, "STALE", queue.STALE / 30)
    run_id = enqueue(either)
    with broken(either, MOMENTS["storing the result"]):
        wait_until(lambda: look_at(either, run_id).state == "running", "the run to be claimed", 60)
        go_on.set()
        wait_until(lambda: working.current.task is None, "the worker to give up", 60)
    assert wait_for(either, run_id).attempt == 2


@pytest.mark.parametrize("either", ["postgresql_app"], indirect=True)
def test_a_server_that_is_started_anew_as_a_run_ends_loses_nothing(
    either: Flask, working: Worker, go_on: Event, cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    run_id = enqueue(either)
    wait_until(lambda: look_at(either, run_id).progress > 0, "the run to be under way", 60)
    cluster.stop()
    go_on.set()
    wait_until(lambda: "is stored again" in caplog.text, "the worker to notice", 60)
    time.sleep(0.5)
    cluster.start()
    assert wait_for(either, run_id).attempt == 1
    wait_for(either, enqueue(either))
    assert working.watchdog.fault() is None


def test_a_result_that_no_database_would_take_is_not_tried_again(either: Flask) -> None:
    enqueue(either)
    with either.app_context():
        task = queue.claim("here:1")
        assert task is not None
        began = time.monotonic()
        with pytest.raises(IntegrityError):
            store(task, {**RESULT, "networks": None}, unwatched(task), CurrentRun(Event()))
        assert time.monotonic() - began < execute.STORE_WITHIN / 2
