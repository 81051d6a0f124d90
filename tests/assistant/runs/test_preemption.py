"""A long run that somebody varied makes room for an entry's own run, and comes to its end all the same."""

import pytest
from flask import Flask

from assistant.runs import queue
from assistant.runs.heartbeat import preempt
from assistant.runs.tables import WAITING
from assistant.runs.turns import UNASKED, VARIED
from assistant.runs.worker import Worker
from assistant.runs.worker_state import CurrentRun, PreemptedError
from tests.assistant.runs.conftest import LONG, Station, insert_run, look_at, wait_until

pytestmark = pytest.mark.slow

GIVEN = {"experiment": "symmetry"}


def begun(app: Flask, run_id: str, turn: int, progress: float) -> tuple[Worker, CurrentRun]:
    """Return a worker that has claimed a new run, which is so far."""
    insert_run(app, run_id, **GIVEN, turn=turn)
    worker = Worker(app)
    task = queue.claim(worker.name)
    assert task is not None
    worker.current.begin(task)
    worker.current.progress = progress
    return worker, worker.current


@pytest.mark.parametrize("turn", [VARIED, UNASKED], ids=["varied", "unasked"])
def test_a_long_run_makes_room_once_and_then_not_again(either: Flask, turn: int) -> None:
    with either.app_context():
        worker, run = begun(either, "long", turn, progress=1e-9)
        preempt(worker)
        run.advance(1e-9)  # Nobody waits.
        insert_run(either, "own", **GIVEN, turn=0)
        preempt(worker)
        run.advance(1.0)  # What is trained is kept.
        with pytest.raises(PreemptedError):
            run.advance(0.2)
        assert run.task is not None
        queue.release(run.task)
        first, again = queue.claim(worker.name), queue.claim(worker.name)
        assert first is not None
        assert again is not None
        assert (first.id, again.id, again.attempt) == ("own", "long", 1)
        insert_run(either, "another", **GIVEN, turn=0)
        run.begin(again)
        preempt(worker)
        run.advance(0.2)


@pytest.mark.parametrize(
    ("turn", "progress", "waits"),
    [(0, 1e-9, 0), (VARIED, 0.999999, 0), (VARIED, 1e-9, VARIED)],
    ids=["an entry's own", "nearly done", "only varied ones wait"],
)
def test_other_runs_are_not_preempted(either: Flask, turn: int, progress: float, waits: int) -> None:
    with either.app_context():
        worker, run = begun(either, "under-way", turn, progress)
        insert_run(either, "waits", **GIVEN, turn=waits)
        preempt(worker)
        run.advance(0.5)


def test_a_worker_leaves_a_long_varied_run_for_an_entrys_own_and_takes_it_up_again(warm_station: Station) -> None:
    app = warm_station.app
    insert_run(app, "varied-long", turn=VARIED, networks=LONG)
    warm_station.wait_for_progress("varied-long")
    insert_run(app, "own-short", turn=0)
    wait_until(lambda: look_at(app, "varied-long").state == WAITING, "the long run to be put back", 60)
    own = warm_station.wait("own-short", "done")
    long = warm_station.wait("varied-long", "done")
    assert own.finished_at is not None
    assert long.started_at is not None
    assert own.finished_at <= long.started_at
