"""The worker as a real process: asked, killed, stopped and doubled."""

import os
import signal
import sqlite3
import sys
import threading
import time
from contextlib import closing
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from assistant.database import db, now, reading, writing
from assistant.library.queries import published_entries
from assistant.library.tables import EntryRow, ExperimentRow
from assistant.runs import queue
from assistant.runs.tables import LOADING, WARM, RunRow
from assistant.runs.worker.maintenance import LOWEST_PRIORITY, run_maintenance
from assistant.runs.worker.warm_up import warm_up
from assistant.runs.worker.watchdog import Deadline
from assistant.runs.worker.worker_state import WorkerState
from tests.assistant.runs.conftest import ENDLESS, LONG, Station, insert_run, look_at, wait_until

pytestmark = pytest.mark.slow

TITLE = "If every neuron gets the same data, why do they not all come out the same?"


def test_at_its_first_start_the_worker_runs_each_entry_once(warm_station: Station) -> None:
    with warm_station.app.app_context():
        entries = {row.id for row in db.session.query(EntryRow)}
        runs = db.session.query(RunRow).where(RunRow.evidence, RunRow.state == "done").all()
        assert {run.entry_id for run in runs} == entries


def test_an_asked_question_is_answered_by_a_stored_run(warm_station: Station) -> None:
    client = warm_station.app.test_client()
    told = client.post("/api/questions", json={"question": TITLE}).get_json()
    run_id = told["run_url"].rpartition("/")[2]
    run = warm_station.wait(run_id, "done", "failed")
    assert (run.state, run.failure, run.attempt, run.progress) == ("done", None, 1, 1.0)
    answer = client.get(f"/api/runs/{run_id}").get_json()
    assert answer["findings"]["identical_share.constant"]["count"] == 64
    assert answer["verdicts"]
    assert all(verdict["held"] is not None for verdict in answer["verdicts"])
    assert answer["versions"]["tensorflow"]
    replay = client.get(f"/api/runs/{run_id}/replay").get_json()  # It is there with the numbers.
    assert replay["run"] == run_id
    assert len(replay["cohorts"][0]["diverged"]) == 64
    run = warm_station.wait_for_figures(run_id)
    answer = client.get(f"/api/runs/{run_id}").get_json()
    assert answer["seconds"]["figures"] > 0
    assert answer["figures"]
    for figure in run.figures:
        picture = client.get(f"/runs/{run_id}/figures/{figure.name}.svg")
        assert picture.status_code == 200
        assert picture.data.startswith(b"<?xml") or b"<svg" in picture.data[:500]
        assert (figure.width > 0, figure.height > 0, bool(figure.rows)) == (True, True, True)


@pytest.mark.parametrize(
    ("run_id", "values", "reason"),
    [
        ("no-rate", {"hyperparameters": {"rate": -1.0}}, "rate must be a number from"),
        ("no-such-key", {"hyperparameters": {"colour": "red"}}, "has no parameter 'colour'"),
        ("no-networks", {"networks": 0}, "networks must be a whole number from 1"),
        (
            "beyond-a-learner",
            {
                "experiment": "symmetry",
                "hyperparameters": {"steps": 20_000},
                "varied": {"parameter": "steps", "value": 20_000, "own": 800, "beside": None},
            },
            "would take up to 10,260,000 network-steps, and the limit is 5,000,000",
        ),
        ("too-dear", {"networks": 65_536, "hyperparameters": {"steps": 20_000}}, "ask for fewer networks"),
    ],
)
def test_an_impossible_run_fails_with_a_reason(
    warm_station: Station, run_id: str, values: dict[str, object], reason: str
) -> None:
    insert_run(warm_station.app, run_id, **values)
    run = warm_station.wait(run_id, "done", "failed")
    assert run.state == "failed"
    assert reason in (run.failure or "")
    assert run.findings is None
    assert run.figures == []


def test_a_run_of_an_experiment_whose_code_is_gone_fails_with_a_reason(warm_station: Station) -> None:
    with warm_station.app.app_context(), writing():
        db.session.add(ExperimentRow(name="gone", title="", summary="", parameters={}, findings={}, code=""))
    insert_run(warm_station.app, "gone", experiment="gone")
    assert "there is no experiment 'gone'" in (warm_station.wait("gone", "failed").failure or "")


def test_others_can_write_while_a_run_trains_and_may_lock_the_worker_out_for_a_while(warm_station: Station) -> None:
    insert_run(warm_station.app, "long", networks=LONG)
    warm_station.wait_for_progress("long")
    with closing(sqlite3.connect(warm_station.folder / "askneuron.sqlite", timeout=2)) as connection:
        connection.execute("BEGIN IMMEDIATE")  # a transaction of the worker would hold this up for seconds
        assert connection.execute("SELECT state FROM runs WHERE id = 'long'").fetchone() == ("running",)
        time.sleep(2.5)  # longer than two heartbeats
        connection.rollback()
    run = warm_station.wait("long", "done", "failed")
    assert (run.state, run.attempt) == ("done", 1)


def test_a_run_whose_claim_was_lost_is_not_stored(warm_station: Station) -> None:
    insert_run(warm_station.app, "taken", networks=LONG)
    warm_station.wait_for_progress("taken")
    with warm_station.app.app_context(), writing():
        run = db.session.get_one(RunRow, "taken")
        run.worker, run.heartbeat = "elsewhere:1", now() + timedelta(hours=1)
    insert_run(warm_station.app, "next")
    warm_station.wait("next", "done")  # the worker is through with the other one
    run = look_at(warm_station.app, "taken")
    assert (run.state, run.worker, run.findings, run.figures) == ("running", "elsewhere:1", None, [])
    assert "taken was put back meanwhile" in warm_station.log


def test_two_workers_never_take_the_same_run_and_one_that_is_stopped_puts_its_run_back(warm_station: Station) -> None:
    app, second = warm_station.app, warm_station.start()

    def row_of_the_second() -> list[str]:
        return [each.state for each in warm_station.workers() if each.name.endswith(f":{second.pid}")]

    wait_until(lambda: row_of_the_second() not in ([], ["loading"]), "the second worker to be ready")
    names = [insert_run(app, f"both-{at}", networks=LONG // 4, seed=at) for at in range(6)]
    runs = [warm_station.wait(name, "done", "failed") for name in names]
    assert [(run.state, run.attempt) for run in runs] == [("done", 1)] * len(names)
    assert len({run.worker for run in runs}) == 2

    names = [insert_run(app, f"stop-{at}", networks=ENDLESS, seed=at) for at in range(2)]
    wait_until(lambda: {look_at(app, name).state for name in names} == {"running"}, "both to run")
    (stopped,) = [name for name in names if (look_at(app, name).worker or "").endswith(f":{second.pid}")]
    beside = [
        int(each) for file in Path(f"/proc/{second.pid}/task").glob("*/children") for each in file.read_text().split()
    ]
    second.send_signal(signal.SIGTERM)
    assert second.wait(40) == 0  # it takes seconds at most; a busy machine gets more
    wait_until(lambda: not any(Path(f"/proc/{each}").exists() for each in beside), "its processes to end", 40)
    assert "resource_tracker" not in warm_station.log  # which tells of what was left behind
    run = look_at(app, stopped)
    # The other worker may have taken it by now; the first attempt does not count.
    assert (run.state, run.attempt) in {("waiting", 0), ("running", 1)}
    assert row_of_the_second() == []
    with app.app_context(), writing():  # nobody needs them any more
        db.session.execute(update(RunRow).where(RunRow.id.in_(names)).values(state="failed"))


def test_a_run_whose_worker_is_killed_is_run_again_and_fails_the_third_time(own_station: Station) -> None:
    app = own_station.app
    long_ago = now() - timedelta(days=1)
    insert_run(app, "again", networks=LONG, created_at=long_ago)
    own_station.kill_in_the_middle_of("again")
    killed = look_at(app, "again")
    assert (killed.state, killed.attempt, killed.findings, killed.figures) == ("running", 1, None, [])

    second = own_station.start()
    run = own_station.wait("again", "done", "failed")
    assert (run.state, run.attempt, run.progress, bool(run.findings)) == ("done", 2, 1.0, True)
    assert own_station.wait_for_figures("again").figures
    insert_run(app, "endless", networks=ENDLESS, created_at=long_ago, attempt=queue.ATTEMPTS - 1)
    own_station.wait_for_progress("endless", second)
    second.send_signal(signal.SIGKILL)
    second.wait()
    assert (look_at(app, "endless").state, look_at(app, "endless").attempt) == ("running", 3)
    last = own_station.start()
    run = own_station.wait("endless", "failed", "done")
    assert (run.state, run.attempt, run.findings) == ("failed", 3, None)
    assert "stopped 3 times" in (run.failure or "")
    last.send_signal(signal.SIGINT)  # while it still loads TensorFlow, or just after
    assert last.wait(40) == 0


def test_a_worker_on_postgresql_stores_what_was_asked_and_puts_back_what_it_is_stopped_in(
    postgresql_app: Flask, tmp_path: Path
) -> None:
    place = Station(tmp_path, postgresql_app)
    process = place.start()
    try:
        told = postgresql_app.test_client().post("/api/questions", json={"question": TITLE}).get_json()
        run = place.wait(told["run_url"].rpartition("/")[2], "done", "failed")
        assert (run.state, run.failure, run.attempt) == ("done", None, 1)
        assert run.findings
        assert place.wait_for_figures(run.id).figures
        insert_run(postgresql_app, "endless", networks=ENDLESS)
        place.wait_for_progress("endless")
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0
    finally:
        place.close()
    assert (look_at(postgresql_app, "endless").state, look_at(postgresql_app, "endless").attempt) == ("waiting", 0)
    assert place.workers() == []
    assert "ERROR" not in place.log


def test_a_worker_without_its_tables_says_so_in_one_line(own_station: Station) -> None:
    with closing(sqlite3.connect(own_station.folder / "askneuron.sqlite")) as connection:
        connection.execute("DROP TABLE alembic_version")
    process = own_station.start()
    assert process.wait(60) == 1
    assert own_station.log == "Error: the database is not migrated: run `flask --app wsgi db upgrade`\n"


def warm_worker(app: Flask) -> WorkerState:
    worker = WorkerState(app)
    worker.phase = WARM
    with app.app_context():
        queue.record_heartbeat(worker.name, WARM)
    return worker


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives each thread a priority of its own")
def test_the_warm_up_passes_over_what_was_run(sqlite_app: Flask) -> None:
    state = WorkerState(sqlite_app)
    state.looked.set()
    with sqlite_app.app_context(), reading():
        state.executed += [each for row in published_entries() if row.published for each in row.published.experiments]
    warm_up(state, Deadline())
    assert state.phase == WARM
    assert state.drawing._process._pool is None  # nothing was trained, and nothing drawn
    state.executed.pop()
    state.phase = LOADING
    warm_up(state, Deadline())
    assert state.phase == WARM
    assert state.drawing._process._pool is not None
    state.drawing.stop()


def test_what_can_wait_leaves_the_cores_to_all_else(sqlite_app: Flask) -> None:
    seen: list[int] = []

    def task() -> bool:
        seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        worker.stopping.set()
        return False

    def at_the_start() -> bool:
        seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return False

    before = os.getpriority(os.PRIO_PROCESS, 0)
    worker = warm_worker(sqlite_app)
    thread = threading.Thread(target=run_maintenance, args=(worker, [task], Deadline(), [at_the_start]))
    thread.start()
    thread.join(30)
    assert seen == [before, LOWEST_PRIORITY]  # Questions are matched by words until the first fit is made.
    assert os.getpriority(os.PRIO_PROCESS, 0) == before < LOWEST_PRIORITY


def test_a_maintenance_task_that_goes_on_failing_is_tried_more_and_more_seldom(sqlite_app: Flask) -> None:
    tried: list[float] = []

    def fail() -> bool:
        tried.append(time.monotonic())
        raise ValueError("no")

    worker, deadline = warm_worker(sqlite_app), Deadline()
    thread = threading.Thread(target=run_maintenance, args=(worker, [fail], deadline))
    thread.start()
    wait_until(lambda: len(tried) > 4, "some tries", 60)
    worker.stopping.set()
    thread.join(30)
    pauses = [later - earlier for earlier, later in pairwise(tried)]
    assert pauses[-1] >= tried[-2] - tried[0] > pauses[0]  # as long again as it had failed
    assert not deadline.overdue


def test_maintenance_goes_on_after_a_failure_and_waits_while_a_run_does_not(sqlite_app: Flask) -> None:
    done: list[str] = []

    def fail() -> bool:
        done.append("fail")
        raise ValueError("no")

    def work() -> bool:
        done.append("work")
        if done.count("work") == 3:
            worker.current.busy.set()  # a run has come in
        return True

    worker = warm_worker(sqlite_app)
    thread = threading.Thread(target=run_maintenance, args=(worker, [fail, work], Deadline()))
    thread.start()
    wait_until(worker.current.busy.is_set, "the work to be done", 60)
    time.sleep(1.2)  # more than two looks
    assert done == ["fail", "work", "work", "work"]
    with sqlite_app.app_context():
        queue.release_all(worker.name)  # and another worker leads
        queue.record_heartbeat("elsewhere:1", WARM)
        queue.record_heartbeat(worker.name, WARM)
    worker.current.busy.clear()
    time.sleep(1.2)
    assert done == ["fail", "work", "work", "work"]
    with sqlite_app.app_context():
        queue.release_all("elsewhere:1")
    wait_until(lambda: done.count("fail") > 1, "the failed task to be tried again", 60)
    worker.stopping.set()
    thread.join(30)
