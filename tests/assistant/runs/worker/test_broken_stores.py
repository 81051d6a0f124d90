"""A real worker whose real store breaks at each moment of a run: it goes on and loses nothing, or ends."""

import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from assistant import create_app
from assistant.database import db
from assistant.runs.tables import RunRow
from tests.assistant.postgresql import Cluster
from tests.assistant.runs.conftest import LONG, Station, insert_run, wait_until
from tests.conftest import settings_in

pytestmark = [pytest.mark.outage, pytest.mark.slow, pytest.mark.worker]

# The worker's command, which logs all that repeats, takes undrawn figures up soon, and has less patience where told so.
FLASK = """
import sys
from assistant import logs
from assistant.runs.worker import drawing, worker
from flask.cli import main
logs.MINUTE, drawing.UNFINISHED, worker.HEARTBEAT_LIMIT = 0.0, 3.0, float(sys.argv.pop(1))
main()
"""
PATIENT, IMPATIENT = ("-c", FLASK, "60"), ("-c", FLASK, "3")
DATABASE = "broken"  # of the cluster
PAGE = 4096  # bytes

Breaks = Callable[[], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def on_sqlite(sqlite_with_an_entry: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    """A worker on SQLite."""
    folder = Path(shutil.copytree(sqlite_with_an_entry, tmp_path_factory.mktemp("broken") / "data"))
    place = Station(folder, create_app(settings_in(folder)))
    begin(place)
    yield place
    place.close()


@pytest.fixture(scope="module")
def on_postgresql(
    cluster: Cluster, postgresql_with_an_entry: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Station]:
    """A worker on PostgreSQL."""
    folder = tmp_path_factory.mktemp("broken")
    address = cluster.create(DATABASE, postgresql_with_an_entry)
    place = Station(folder, create_app(settings_in(folder, database_url=address)))
    begin(place)
    yield place
    place.close()
    with place.app.app_context():
        db.session.remove()
        db.engine.dispose()


def begin(place: Station) -> None:
    """Start a worker, and let it run the entry for the first time."""
    place.start(PATIENT)

    def has_begun() -> bool:
        with place.app.app_context():
            return {run.state for run in db.session.query(RunRow)} == {"done"}

    wait_until(has_begun, "the first run")


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Keep others from writing to an SQLite file, for longer than they wait."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def unreadable(file: Path) -> Iterator[None]:
    """Let an SQLite file begin with noise."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection, file.open("r+b", buffering=0) as raw:
        # What others have read of it is outdated by a change, and what they read next lies in the file, not in its log.
        connection.execute("UPDATE runs SET seed = seed + 1 WHERE id = 'none'")
        wait_until(lambda: is_quiet(file), "the log to be empty")
        connection.execute("BEGIN IMMEDIATE")  # so that nobody writes into the noise
        whole = raw.read(PAGE)
        raw.seek(0)
        raw.write(b"\xff" * PAGE)
        try:
            yield
        finally:
            raw.seek(0)
            raw.write(whole)


@contextmanager
def stopped(cluster: Cluster) -> Iterator[None]:
    """Stop the server, as a crash does, and start it again."""
    cluster.stop()
    try:
        yield
    finally:
        cluster.start()


@contextmanager
def refused(cluster: Cluster) -> Iterator[None]:
    """Terminate all connections, and let nobody in."""
    cluster.refuse(DATABASE)
    try:
        yield
    finally:
        cluster.admit(DATABASE)


def is_quiet(file: Path) -> bool:
    """Empty the log of an SQLite file, and say whether nobody was just reading or writing."""
    with closing(sqlite3.connect(file, isolation_level=None, timeout=0)) as connection:
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return bool(busy == 0)


@contextmanager
def held(place: Station) -> Iterator[None]:
    """Hold the worker for a moment, in which it keeps nobody from writing."""
    file, process = place.folder / "askneuron.sqlite", place.processes[0]
    while True:
        process.send_signal(signal.SIGSTOP)
        if not file.exists() or is_quiet(file):
            break
        process.send_signal(signal.SIGCONT)
        time.sleep(0.01)
    yield
    process.send_signal(signal.SIGCONT)


def drawer(place: Station) -> int:
    """Return the number of the process that draws for the worker."""
    worker = place.processes[0].pid
    children = {
        int(child)
        for task in Path(f"/proc/{worker}/task").iterdir()
        for child in (task / "children").read_text(encoding="ascii").split()
    }
    (found,) = [each for each in children if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]
    return found


KINDS = ("SQLite locked", "SQLite unreadable", "PostgreSQL stopped", "PostgreSQL refuses")


@pytest.fixture(params=KINDS)
def broken(request: pytest.FixtureRequest) -> tuple[str, Station, Breaks]:
    """A short name, a place, and what breaks its store for a while."""
    store, how = request.param.split()
    place: Station = request.getfixturevalue(f"on_{store.lower()}")
    if store == "SQLite":
        file = place.folder / "askneuron.sqlite"
        return how, place, lambda: (locked if how == "locked" else unreadable)(file)
    cluster: Cluster = request.getfixturevalue("cluster")
    return how, place, lambda: (stopped if how == "stopped" else refused)(cluster)


def test_a_store_that_breaks_at_any_moment_costs_no_run_and_no_figure(broken: tuple[str, Station, Breaks]) -> None:
    how, place, breaks = broken
    app, process, begun = place.app, place.processes[0], len(place.log)

    def is_told(*messages: str) -> None:
        def told() -> bool:
            return all(message in place.log[begun:] for message in messages)

        wait_until(told, f"{messages} in\n{place.log[begun:]}")

    def is_ready() -> bool:
        return app.test_client().get("/readyz").status_code == 200

    wait_until(is_ready, "the service to be ready")
    with ExitStack() as store:  # A run is about to be claimed.
        with held(place):
            claimed = insert_run(app, f"{how}-claim")
            store.enter_context(breaks())
        assert not is_ready()
        is_told("no run can be taken", "the worker's heartbeat failed")
    assert place.wait(claimed, "done").attempt == 1
    wait_until(is_ready, "the service to be ready again")

    trained = insert_run(app, f"{how}-train", networks=LONG)
    place.wait_for_progress(trained)
    with breaks():  # Its claim is to be renewed, and then its result to be stored.
        is_told("the run's heartbeat failed", f"run {trained} is stored again")
    run = place.wait(trained, "done", "failed")
    assert (run.state, run.attempt, bool(run.findings)) == ("done", 1, True)

    painter = drawer(place)
    os.kill(painter, signal.SIGSTOP)
    drawn = insert_run(app, f"{how}-draw")
    place.wait(drawn, "done")
    with breaks():  # Its figures are drawn, and then to be stored.
        os.kill(painter, signal.SIGCONT)
        is_told(f"the figures of run {drawn} could not be stored")

    assert place.wait(insert_run(app, f"{how}-last"), "done").attempt == 1
    for each in (claimed, trained, drawn):
        assert place.wait_for_figures(each).drawing == "drawn"
    wait_until(is_ready, "the service to be ready again")
    assert process.poll() is None
    assert [each.state for each in place.workers()] == ["warm"]


def test_a_server_that_hangs_ends_the_worker(cluster: Cluster, postgresql_with_an_entry: str, tmp_path: Path) -> None:
    """What waits for such a server can do nothing, and whoever supervises the worker starts it anew."""
    place = Station(
        tmp_path, create_app(settings_in(tmp_path, database_url=cluster.create("hung", postgresql_with_an_entry)))
    )
    process = place.start(IMPATIENT)
    try:
        wait_until(lambda: len(place.workers()) == 1, "the first heartbeat")
        cluster.signal(signal.SIGSTOP)
        assert process.wait(60) == 1
    finally:
        cluster.signal(signal.SIGCONT)
        place.close()
        with place.app.app_context():
            db.session.remove()
            db.engine.dispose()
    assert "the worker ends: the thread of the heartbeat has not come forward for 3 s" in place.log
