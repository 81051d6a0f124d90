"""Real worker processes, and runs for them; one warm worker is shared by the tests that do not end it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from assistant import create_app
from assistant.config import Settings
from assistant.database import db, now, writing
from assistant.runs.queue import Task, live_workers
from assistant.runs.tables import FigureRow, ReplayRow, RunRow, WorkerRow
from tests.conftest import copy_entries, prepare

ROOT = Path(__file__).parents[3]
SMALL = ("why-neurons-differ", "why-a-neuron-splits-the-blobs-in-two")
FURTHER = "  - experiment: bias\n    hyperparameters:\n      steps: 400\n"
CLAIM = """\
  - text: Random biases make the two neurons differ in every network.
    finding: identical_share.constant_random
    experiment: bias
    complement: true
    at_least: 1.0
"""
LONG, ENDLESS = 6_000, 60_000  # networks: some seconds, and more than any test waits for
FLASK = ("-m", "flask")


def insert_run(app: Flask, run_id: str, **values: Any) -> str:
    """Insert a waiting run that is no evidence, unless told otherwise."""
    given = {"experiment": "blobs-split", "hyperparameters": {}, "networks": 64, "seed": 7, "evidence": False}
    with app.app_context(), writing():
        db.session.add(RunRow(id=run_id, claims=[], **(given | values)))
    return run_id


def unwatched(task: Task) -> ReplayRow:
    """Return a replay of a run in which there is nothing to see."""
    return ReplayRow(run_id=task.id, recording=b"", scripts=b"")


def look_at(app: Flask, run_id: str) -> RunRow:
    """Return a run as it is now."""
    with app.app_context():
        run = db.session.get_one(RunRow, run_id)
        run.figures  # noqa: B018 - loads them
        db.session.expunge_all()
        return run


def wait_until(true: Callable[[], bool], what: str, seconds: float = 300) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"waited for {seconds:.0f} s: {what}"
        time.sleep(0.03)


@dataclass
class Station:
    """A data folder, the service on it, and the worker processes that work on it."""

    folder: Path
    app: Flask
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, flask: Sequence[str] = FLASK) -> subprocess.Popen[bytes]:
        url = self.app.config["SETTINGS"].database_url
        environment = os.environ | {"DATA_DIR": str(self.folder), "CONTENT_DIR": f"{ROOT}/content", "DATABASE_URL": url}
        command = [sys.executable, *flask, "--app", "wsgi", "worker"]
        with (self.folder / "worker.log").open("ab") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    @property
    def log(self) -> str:
        return (self.folder / "worker.log").read_text(encoding="utf-8")

    def workers(self) -> list[WorkerRow]:
        with self.app.app_context():
            return live_workers()

    def wait(self, run_id: str, *states: str) -> RunRow:
        """Wait until a run is in one of ``states``, and return it."""
        wait_until(lambda: look_at(self.app, run_id).state in states, f"{run_id} to be {states}\n{self.log}")
        return look_at(self.app, run_id)

    def wait_for_figures(self, run_id: str) -> RunRow:
        """Wait until the figures of a run are drawn, or cannot be, and return it."""
        wait_until(lambda: look_at(self.app, run_id).drawing in {"drawn", "failed"}, f"figures of {run_id}\n{self.log}")
        return look_at(self.app, run_id)

    def wait_for_progress(self, run_id: str, process: subprocess.Popen[bytes] | None = None) -> RunRow:
        """Wait until a run is in the middle of its training, by ``process`` if given, as its heartbeats tell."""
        by = f":{process.pid}" if process else ""

        def trained() -> bool:
            run = look_at(self.app, run_id)
            assert run.state in {"waiting", "running"}, run.failure
            return run.state == "running" and run.progress > 0 and (run.worker or "").endswith(by)

        wait_until(trained, f"{run_id} to train\n{self.log}")
        return look_at(self.app, run_id)

    def kill_in_the_middle_of(self, run_id: str) -> None:
        """Start a worker, and kill it while it trains that run."""
        process = self.start()
        self.wait_for_progress(run_id, process)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        """End the workers that the test has left."""
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()


@pytest.fixture(scope="session")
def small_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two of the entries, which a worker has warmed and run within seconds.

    The first has a second experiment, and a claim about it.
    """
    content = copy_entries(SMALL, tmp_path_factory.mktemp("content"))
    first = content / f"{SMALL[0]}.md"
    text = first.read_text(encoding="utf-8")
    text = text.replace("  - experiment: symmetry\n", f"  - experiment: symmetry\n{FURTHER}", 1)
    first.write_text(text.replace("claims:\n", f"claims:\n{CLAIM}", 1), encoding="utf-8")
    return prepare(tmp_path_factory.mktemp("small"), content)


def station(library: Path, folder: Path) -> Station:
    data = Path(shutil.copytree(library, folder / "data"))
    return Station(data, create_app(Settings.model_validate({"data_dir": data, "content_dir": ROOT / "content"})))


@pytest.fixture
def own_station(small_library: Path, tmp_path: Path) -> Iterator[Station]:
    """A place for workers that the test starts and kills."""
    place = station(small_library, tmp_path)
    yield place
    place.close()


@pytest.fixture(scope="session")
def warm_station(small_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    """A place with a worker that is warm; tests must not end it."""
    place = station(small_library, tmp_path_factory.mktemp("warm"))
    place.start()
    wait_until(lambda: any(each.state == "warm" for each in place.workers()), "a warm worker")
    yield place
    place.close()


@pytest.fixture
def finished_run() -> Callable[..., RunRow]:
    """Return a function that stores a finished run with one figure, as a worker would have."""

    def store(run_id: str, *, finished_at: datetime | None = None, **values: Any) -> RunRow:
        given: dict[str, Any] = {
            "experiment": "symmetry",
            "hyperparameters": {},
            "networks": 64,
            "seed": 1,
            "evidence": True,
            "state": "done",
            "code": "c0de",
            "claims": [],
            "verdicts": [],
            "findings": {"a": 1},
        }
        figure = FigureRow(
            position=0,
            name="one",
            title="One",
            caption="",
            alternative="",
            columns=["n"],
            rows=[["1"]],
            width=1,
            height=1,
            digest="0",
            svg=b"<svg/>",
        )
        run = RunRow(id=run_id, finished_at=finished_at or now(), figures=[figure], **(given | values))
        with writing():
            db.session.add(run)
        return run

    return store
