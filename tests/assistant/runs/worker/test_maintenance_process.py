"""Maintenance in a process of its own: on the service's data, with a thread's priority, and again after an end."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from time import sleep

import pytest
from flask import Flask

from assistant.database import db, reading, writing
from assistant.questions.tables import QuestionRow, QuestionVectorRow
from assistant.questions.vector_queries import encode_next
from assistant.runs.worker.maintenance import LOWEST_PRIORITY
from assistant.runs.worker.maintenance_process import MaintenanceProcess
from tests.assistant.runs.conftest import wait_until

pytestmark = pytest.mark.slow  # the process loads the service


# The process gets these by their names, as it gets the worker's own tasks.
def is_elsewhere() -> bool:
    return os.getpid() != int(os.environ["PID_OF_THE_TEST"])


def gives_way() -> bool:
    threads = [int(each.name) for each in Path("/proc/self/task").iterdir()]
    return {os.getpriority(os.PRIO_PROCESS, each) for each in threads} == {LOWEST_PRIORITY}


def fails() -> bool:
    raise ValueError("no card can be drawn")


def is_told_to_end() -> bool:
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(os.getpid(), each)
    return True


def lasts() -> bool:
    (Path(os.environ["DATA_DIR"]) / "lasts").touch()
    sleep(600)
    return True


def dies() -> bool:
    os.kill(os.getpid(), signal.SIGKILL)
    return True


@pytest.fixture
def aside(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MaintenanceProcess]:
    monkeypatch.setenv("DATA_DIR", str(data_dir))
    monkeypatch.setenv("PID_OF_THE_TEST", str(os.getpid()))
    process = MaintenanceProcess("wsgi")
    yield process
    process.end()


def test_a_task_of_the_worker_is_done_on_the_services_data(app: Flask, aside: MaintenanceProcess) -> None:
    with app.app_context(), writing():
        db.session.add(QuestionRow(text="why?", outcome="unknown", score=0.1, matcher="m", suggestions=[]))
    task = aside.task(encode_next)
    assert task.__name__ == "encode_next"  # which names it in the log
    assert [task(), task()] == [True, False]
    with app.app_context(), reading():
        assert db.session.query(QuestionVectorRow).count() == 1


def test_a_failure_is_the_callers_and_an_end_is_followed_by_a_new_process(aside: MaintenanceProcess) -> None:
    assert aside.task(is_elsewhere)()
    with pytest.raises(ValueError, match="no card can be drawn"):
        aside.task(fails)()
    assert aside.task(is_elsewhere)()
    with pytest.raises(BrokenProcessPool):
        aside.task(dies)()
    assert aside.task(is_elsewhere)()


def test_with_its_worker_it_ends_whatever_it_does_and_that_is_no_failure(
    aside: MaintenanceProcess, data_dir: Path
) -> None:
    more: list[bool] = []
    thread = threading.Thread(target=lambda: more.append(aside.task(lasts)()))
    thread.start()
    wait_until((data_dir / "lasts").exists, "the task to begin", 60)
    aside.end()
    thread.join(30)
    assert more == [False]


def test_what_ends_a_group_of_processes_is_the_workers_to_hear(aside: MaintenanceProcess) -> None:
    assert aside.task(is_told_to_end)()
    assert aside.task(is_elsewhere)()


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux has each thread a priority of its own")
def test_it_has_the_priority_of_the_thread_that_waits(aside: MaintenanceProcess) -> None:
    assert not aside.task(gives_way)()
    seen: list[bool] = []

    def wait() -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWEST_PRIORITY)
        seen.append(aside.task(gives_way)())

    thread = threading.Thread(target=wait)
    thread.start()
    thread.join(60)
    assert seen == [True]


def test_an_app_that_cannot_be_loaded_ends_the_task_and_not_the_worker(capfd: pytest.CaptureFixture[str]) -> None:
    process = MaintenanceProcess("no_such_module")
    with pytest.raises(BrokenProcessPool):
        process.task(is_elsewhere)()
    assert "no_such_module" in capfd.readouterr().err
