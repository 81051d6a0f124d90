"""Figures are drawn after the numbers, by a process of their own, and again where that process is killed."""

import gc
import os
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from datetime import timedelta
from multiprocessing.process import BaseProcess

import cloudpickle
import pytest
from flask import Flask

from assistant.database import db, now
from assistant.runs import queries
from assistant.runs.tables import RunRow
from assistant.runs.turns import UNASKED
from assistant.runs.worker import drawing
from assistant.runs.worker.drawing import Drawing, draw
from models import registry
from models.code import code_hash
from models.experiment import Result
from tests.assistant.runs.conftest import wait_until

pytestmark = pytest.mark.slow

Store = Callable[..., RunRow]


@pytest.fixture(scope="session")
def result() -> Result:
    """A short run of the blobs."""
    experiment = registry.find("blobs-split")
    return experiment.execute(experiment.validate({"steps": 8}, 5, 3), networks=5, seed=3)


@pytest.fixture
def undrawn(app: Flask, finished_run: Store) -> Callable[..., str]:
    """Return a function that stores a run whose figures are still to be drawn."""

    def store(run_id: str = "undrawn", **values: object) -> str:
        given = {
            "experiment": "blobs-split",
            "hyperparameters": {"steps": 8, "rate": 0.01, "batch_size": 32, "initializer": "glorot_uniform"},
            "networks": 5,
            "seed": 3,
            "evidence": False,
            "drawing": "waiting",
            "setup": {"data": "four blobs"},
            "seconds": {"train": 0.1, "figures": 0.0},
            "versions": {"tensorflow": "2", "numpy": "2", "cpu": "x86_64"},
            "findings": {},
            "code": code_hash("blobs-split"),
            "finished_at": now() - timedelta(minutes=5),
        }
        with app.app_context():
            run = finished_run(run_id, **(given | values))
            run.figures.clear()
            db.session.commit()
        return run_id

    return store


@pytest.fixture
def drawer(app: Flask) -> Iterator[Drawing]:
    drawer = Drawing(app)
    yield drawer
    drawer.stop()


def process_of(drawer: Drawing) -> BaseProcess:
    """Return the process that draws; another test's may still be about to end."""
    pool = drawer._process._pool
    assert pool is not None
    (process,) = (pool._processes or {}).values()
    return process


def state(app: Flask, run_id: str) -> tuple[str | None, int]:
    with app.app_context():
        run = db.session.get_one(RunRow, run_id)
        return run.drawing, len(run.figures)


def test_drawing_loads_no_tensorflow(result: Result) -> None:
    script = (
        "import sys\nfrom assistant.runs.worker.drawing import draw\n"
        "drawn = draw(sys.stdin.buffer.read())\n"
        "print(*(each['name'] for each in drawn.figures), 'tensorflow' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], input=cloudpickle.dumps(result), capture_output=True, check=True
    )
    assert done.stdout.decode().split() == ["map", "wall", "pairs", "thumbnail", "False"]


def test_figures_follow_the_numbers(app: Flask, undrawn: Callable[..., str], drawer: Drawing, result: Result) -> None:
    run_id = undrawn()
    drawer.submit(run_id, result)
    wait_until(lambda: state(app, run_id) == ("drawn", 3), "the figures", 120)
    client = app.test_client()
    picture = client.get(f"/runs/{run_id}/figures/wall.svg")
    assert b"<svg" in picture.data[:500]
    small = client.get(f"/runs/{run_id}/figures/thumbnail.svg")
    assert b"<svg" in small.data[:500]
    assert "immutable" in small.headers["Cache-Control"]
    assert "thumbnail" not in client.get(f"/runs/{run_id}").text  # It stands for the run elsewhere.
    assert "thumbnail" not in [each["name"] for each in client.get(f"/api/runs/{run_id}").get_json()["figures"]]


def test_figures_whose_process_is_killed_are_drawn_again(
    app: Flask, undrawn: Callable[..., str], drawer: Drawing, result: Result
) -> None:
    run_id = undrawn()
    drawer.rehearse(result)
    process = process_of(drawer).pid or 0
    wait_until(lambda: drawer.idle, "the rehearsal", 120)
    os.kill(process, signal.SIGSTOP)
    drawer.submit(run_id, result)
    os.kill(process, signal.SIGKILL)
    time.sleep(0.5)
    assert state(app, run_id) == ("waiting", 0)
    with app.app_context():
        assert drawer.take_up()
    wait_until(lambda: state(app, run_id) == ("drawn", 3), "the figures", 120)
    with app.app_context():
        assert not drawer.take_up()


def test_figures_of_a_process_that_is_slow_are_not_drawn_twice_and_of_one_that_hangs_again(
    app: Flask, undrawn: Callable[..., str], result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "DRAWING_LIMIT", 3.0)
    drawer, run_id = Drawing(app), undrawn()
    drawer.rehearse(result)
    process = process_of(drawer)
    wait_until(lambda: drawer.idle, "the rehearsal", 120)
    os.kill(process.pid or 0, signal.SIGSTOP)
    drawer.submit(run_id, result)
    with app.app_context():
        for _ in range(drawing.TRIES + 1):  # they only have to wait
            assert not drawer.take_up()
    assert state(app, run_id) == ("waiting", 0)
    time.sleep(3.1)
    with app.app_context():
        assert not drawer.take_up()  # ends the process
        process.join(60)
        wait_until(drawer.take_up, "the figures to be taken up", 60)
    wait_until(lambda: state(app, run_id) == ("drawn", 3), "the figures", 120)
    drawer.stop()


def test_a_process_that_is_ended_at_its_work_leaves_nothing(
    undrawn: Callable[..., str], drawer: Drawing, result: Result, caplog: pytest.LogCaptureFixture
) -> None:
    drawer.submit(undrawn(), result)
    pool = drawer._process._pool
    assert pool is not None
    queue = weakref.ref(vars(pool)["_call_queue"])  # whose semaphores are the system's
    del pool
    gc.disable()
    try:
        drawer.stop()
        assert "the process that draws has ended" in caplog.text
        assert queue() is None
    finally:
        gc.enable()


def test_a_worker_that_ends_starts_no_process_to_draw(
    app: Flask, undrawn: Callable[..., str], drawer: Drawing, result: Result
) -> None:
    drawer.stop()
    drawer.submit(undrawn(), result)
    assert drawer.idle
    assert drawer._process._pool is None
    assert state(app, "undrawn") == ("waiting", 0)  # for the next worker


def test_figures_that_a_reader_waits_for_are_drawn_before_those_that_nobody_asked_for(
    undrawn: Callable[..., str], drawer: Drawing, result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[str] = []
    store = drawing.store

    def noted(run_id: str, drawn: drawing.Drawn | None) -> None:
        store(run_id, drawn)
        stored.append(run_id)

    monkeypatch.setattr(drawing, "store", noted)
    for run_id in ("first", "second", "asked", "later"):
        undrawn(run_id)
    drawer.rehearse(result)
    process = process_of(drawer).pid or 0
    os.kill(process, signal.SIGSTOP)
    drawer.rehearse(result)  # as a warm-up does, for every experiment
    for run_id, turn in (("first", UNASKED), ("second", UNASKED), ("asked", 3), ("later", 4)):
        drawer.submit(run_id, result, turn)
    assert not drawer.idle
    os.kill(process, signal.SIGCONT)
    wait_until(lambda: len(stored) == 4, "the figures", 120)
    assert stored == ["asked", "later", "first", "second"]


def test_what_waits_is_drawn_by_a_new_process_where_the_old_one_is_killed(
    app: Flask, undrawn: Callable[..., str], drawer: Drawing, result: Result
) -> None:
    run_id = undrawn()
    drawer.rehearse(result)
    process = process_of(drawer).pid or 0
    os.kill(process, signal.SIGSTOP)
    drawer.submit(run_id, result)
    os.kill(process, signal.SIGKILL)
    wait_until(lambda: state(app, run_id) == ("drawn", 3), "the figures", 120)


def test_of_what_was_left_undrawn_what_was_asked_for_comes_first(app: Flask, undrawn: Callable[..., str]) -> None:
    undrawn("older", turn=UNASKED, finished_at=now() - timedelta(minutes=9))
    undrawn("asked", turn=3)
    with app.app_context():
        found = queries.left_undrawn(timedelta(seconds=20))
        assert found is not None
        assert found.id == "asked"


def test_figures_of_other_code_cannot_be_drawn(app: Flask, undrawn: Callable[..., str], drawer: Drawing) -> None:
    run_id = undrawn(code="c0de")
    with app.app_context():
        assert drawer.take_up()
    assert state(app, run_id) == ("failed", 0)
    assert "could not be drawn" in app.test_client().get(f"/runs/{run_id}").text


def test_figures_that_were_drawn_meanwhile_are_not_stored_twice(
    app: Flask, undrawn: Callable[..., str], result: Result
) -> None:
    run_id, drawn = undrawn(), draw(cloudpickle.dumps(result))
    for _ in range(2):
        with app.app_context():
            drawing.store(run_id, drawn)
            db.session.commit()
    assert state(app, run_id) == ("drawn", 3)


def test_the_page_asks_for_figures_until_they_are_there(app: Flask, undrawn: Callable[..., str]) -> None:
    run_id = undrawn(finished_at=now())
    client = app.test_client()
    first = client.get(f"/runs/{run_id}/panel").text
    assert "numbers=1" in first
    assert 'id="verdicts"' in first
    assert "<img" not in first
    later = client.get(f"/runs/{run_id}/panel?numbers=1").text
    assert "numbers=1" in later
    assert 'id="verdicts"' not in later
    with app.app_context():
        drawing.store(run_id, drawing.Drawn([], 0.1))
        db.session.commit()
    last = client.get(f"/runs/{run_id}/panel?numbers=1").text
    assert "hx-get" not in last.partition("hx-swap-oob")[0]
    assert "This run in full" in last
