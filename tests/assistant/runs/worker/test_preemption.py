"""A long run that somebody varied makes room for an entry's own run, and comes to its end all the same."""

import pytest
from flask import Flask

from assistant.runs import queue
from assistant.runs.turns import UNASKED, VARIED
from assistant.runs.worker.heartbeat import preempt
from assistant.runs.worker.worker import Worker
from assistant.runs.worker.worker_state import MOST_PREEMPTIONS, CurrentRun, PreemptedError
from tests.assistant.runs.conftest import LONG, Station, insert_run

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
def test_a_long_run_makes_room_some_times_and_then_comes_to_its_end(either: Flask, turn: int) -> None:
    with either.app_context():
        worker, run = begun(either, "long", turn, progress=1e-9)
        preempt(worker)
        run.advance(1e-9)  # Nobody waits.
        for at in range(MOST_PREEMPTIONS):
            insert_run(either, f"own-{at}", **GIVEN, turn=0)
            preempt(worker)
            run.advance(1.0)  # What is trained is kept.
            with pytest.raises(PreemptedError):
                run.advance(0.2)
            assert run.task is not None
            queue.make_room(run.task)
            run.end()
            first, again = queue.claim(worker.name), queue.claim(worker.name)
            assert first is not None
            assert again is not None
            assert (first.id, again.id, again.attempt) == (f"own-{at}", "long", 1)
            run.begin(again)
            run.progress = 1e-9
        insert_run(either, "another", **GIVEN, turn=0)
        preempt(worker)
        run.advance(0.2)


def test_what_was_preempted_waits_behind_what_the_same_visitor_has_waiting(either: Flask) -> None:
    with either.app_context():
        for at in range(3):
            insert_run(either, f"mine-{at}", **GIVEN, turn=VARIED + at, asker="me")
        insert_run(either, "theirs", **GIVEN, turn=VARIED + 7, asker="they")
        left = queue.claim("here:1")
        assert left is not None
        queue.make_room(left)
        served = [task.id for task in iter(lambda: queue.claim("here:2"), None)]
        assert served == ["mine-1", "mine-2", "mine-0", "theirs"]
        queue.make_room(left)  # It is another claim's by now.
        assert queue.claim("here:1") is None


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
    insert_run(app, "varied-long", turn=VARIED, networks=4 * LONG)  # seconds also on a fast machine
    warm_station.wait_for_progress("varied-long")
    insert_run(app, "own-short", turn=0)
    own = warm_station.wait("own-short", "done")
    long = warm_station.wait("varied-long", "done")
    assert own.finished_at is not None
    assert long.started_at is not None
    assert own.finished_at <= long.started_at
