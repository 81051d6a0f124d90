"""Threads that die or hang: the watchdog notices, the worker's state says so, and the process ends with status 1."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from threading import Event

import pytest
from flask import Flask

from assistant.database import db
from assistant.runs import queue
from assistant.runs.worker.watchdog import Deadline, Watchdog
from tests.assistant.runs.conftest import insert_run, look_at, wait_until
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

# A worker whose runs do something else than to train, so that it begins at once.
SCRIPT = """
import logging, sys, time
from assistant import create_app
from assistant.config import Settings
from assistant.runs.worker import worker

def hang(task, run):
    time.sleep(600)

def advance(task, run):
    while True:
        run.advance(0.5)
        time.sleep(0.01)

def leave(task, run):
    sys.exit("no reason")

class LightWorker(worker.Worker):
    def prepare(self):
        pass

worker.RUN_LIMIT = float(sys.argv[3])
app = create_app(Settings.model_validate({"data_dir": sys.argv[1]}))
one = LightWorker(app, execute=globals()[sys.argv[2]])
if sys.argv[4:] == ["main"]:
    worker.MAIN_LIMIT = 0.5
    one.watchdog.fault = lambda: time.sleep(600)
worker.run(one)
"""
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(sqlite_app: Flask) -> Start:
    """Start a worker that executes runs in this way."""

    def started(*arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", SCRIPT, str(sqlite_app.config["SETTINGS"].data_dir), *arguments]
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)

    return started


def states(app: Flask) -> list[str]:
    with app.app_context():
        return [each.state for each in queue.live_workers()]


def test_a_thread_that_returns_is_well() -> None:
    watchdog = Watchdog()
    watchdog.start("work", lambda _deadline: None, Deadline(0.01)).join(30)
    time.sleep(0.05)
    assert watchdog.fault() is None


def test_a_thread_that_dies_is_noticed(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_deadline: Deadline) -> None:
        raise ValueError("no")

    watchdog = Watchdog()
    watchdog.start("work", fail, Deadline(60)).join(30)
    assert watchdog.fault() == "the thread of the work has died (ValueError)"
    assert "ValueError: no" in caplog.text


def test_a_thread_that_hangs_is_noticed_until_it_comes_forward() -> None:
    go_on, came, end = Event(), Event(), Event()

    def hang(deadline: Deadline) -> None:
        go_on.wait(30)
        deadline.extend(60)
        came.set()
        end.wait(30)

    watchdog, deadline = Watchdog(), Deadline(60)
    thread = watchdog.start("work", hang, deadline)
    assert watchdog.fault() is None
    deadline.extend(0.05)
    wait_until(lambda: watchdog.fault() is not None, "the watchdog to notice", 30)
    assert watchdog.fault() == "the thread of the work has not come forward for 0.05 s"
    go_on.set()
    assert came.wait(30)
    assert watchdog.fault() is None
    end.set()
    thread.join(30)


def test_a_run_that_hangs_ends_the_process_and_the_attempt_counts(sqlite_app: Flask, start: Start) -> None:
    insert_run(sqlite_app, "hangs", experiment="symmetry")
    process = start("hang", "1")
    _, log = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "the worker ends: the thread of the runs has not come forward for 1 s" in log
    assert "in hang" in log  # where each thread was
    assert states(sqlite_app) == ["stalled"]
    run = look_at(sqlite_app, "hangs")
    assert (run.state, run.attempt) == ("running", 1)
    with sqlite_app.app_context():
        assert queue.sweep([run.worker or ""], queue.SILENT * 0) == 1
    assert (look_at(sqlite_app, "hangs").state, look_at(sqlite_app, "hangs").attempt) == ("waiting", 1)


def test_a_thread_that_leaves_ends_the_process(sqlite_app: Flask, start: Start) -> None:
    """SystemExit in a thread ends that thread alone, without a word."""
    insert_run(sqlite_app, "leaves", experiment="symmetry")
    process = start("leave", "60")
    _, log = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "the thread of the runs has died (SystemExit)" in log
    assert states(sqlite_app) == ["stalled"]


def test_a_main_thread_that_hangs_ends_the_process(start: Start) -> None:
    process = start("advance", "60", "main")
    _, log = process.communicate(timeout=60)
    assert process.returncode != 0  # it may crash where it writes down the stacks of threads that run on
    assert "Timeout (0:00:00.5" in log


@pytest.mark.parametrize(("run_as", "seconds"), [("advance", 3.0), ("hang", 6.0)])
def test_a_worker_that_is_told_to_stop_puts_its_run_back_in_time(
    sqlite_app: Flask, start: Start, run_as: str, seconds: float
) -> None:
    insert_run(sqlite_app, "stops", experiment="symmetry")
    process = start(run_as, "60")
    wait_until(lambda: look_at(sqlite_app, "stops").state == "running", "the run to be under way", 60)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=60)
    assert time.monotonic() - began < seconds
    assert process.returncode == 0, log
    assert (look_at(sqlite_app, "stops").state, look_at(sqlite_app, "stops").attempt) == ("waiting", 0)
    with sqlite_app.app_context():
        assert db.session.scalar(db.text("SELECT count(*) FROM workers")) == 0
