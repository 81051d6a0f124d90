"""How soon a worker sees a new run, on SQLite and on PostgreSQL, and that it goes on listening after a failure."""

from collections.abc import Iterator
from threading import Event, Thread, Timer
from time import monotonic, sleep

import pytest
from flask import Flask

from assistant.database import db, writing
from assistant.library.queries import published_entry
from assistant.runs import queries, queue
from assistant.runs.worker.listening import Listener, listener
from tests.assistant.conftest import ENTRY
from tests.assistant.postgresql import Cluster

pytestmark = pytest.mark.slow

LONG = 20.0  # seconds, which no test waits for
SOON = 0.1


@pytest.fixture(autouse=True)
def pushed(either: Flask) -> Iterator[None]:
    with either.app_context():
        yield


@pytest.fixture
def stopping() -> Event:
    return Event()


@pytest.fixture
def listening(stopping: Event) -> Iterator[Listener]:
    """A listener that has begun to listen."""
    one = listener(db.engine, stopping)
    one.wait(LONG)
    yield one
    one.close()


def enqueue() -> None:
    with writing():
        entry = published_entry(ENTRY)
        assert entry is not None
        assert entry.published is not None
        queries.enqueue(entry.published).shared_key = None


def seconds_until_heard(one: Listener, app: Flask, act: str = "enqueue") -> float:
    """Let another thread do something in a moment, and return the seconds from its end to that the listener hears."""
    done = 0.0

    def later() -> None:
        nonlocal done
        sleep(0.3)
        with app.app_context():
            if act == "enqueue":
                enqueue()
            else:
                queue.release_all("here:1")
        done = monotonic()

    thread = Thread(target=later)
    thread.start()
    one.wait(LONG)
    heard = monotonic()
    thread.join()
    return heard - done


def test_a_new_run_is_heard_of_at_once(either: Flask, listening: Listener) -> None:
    assert min(seconds_until_heard(listening, either) for _ in range(3)) < SOON


def test_a_run_that_is_put_back_is_heard_of_at_once(either: Flask, listening: Listener) -> None:
    enqueue()
    assert queue.claim("here:1") is not None
    listening.wait(SOON)
    assert seconds_until_heard(listening, either, "release") < 1.0
    assert queue.claim("here:2") is not None


def test_a_run_that_came_before_anybody_listened_is_not_waited_for(stopping: Event) -> None:
    enqueue()
    one = listener(db.engine, stopping)
    began = monotonic()
    one.wait(LONG)
    assert monotonic() - began < LONG / 2
    one.close()


def test_nobody_waits_for_longer_than_told_nor_when_the_worker_stops(listening: Listener, stopping: Event) -> None:
    listening.wait(0.01)  # what was written before
    began = monotonic()
    listening.wait(0.3)
    assert 0.2 < monotonic() - began < LONG / 2
    Timer(0.2, stopping.set).start()
    listening.wait(LONG)
    assert monotonic() - began < LONG / 2


@pytest.mark.parametrize("either", ["postgresql_app"], indirect=True)
def test_a_listener_that_is_cut_off_listens_anew(
    either: Flask, listening: Listener, cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    db.session.remove()
    cluster.disconnect("copy")
    listening.wait(0.1)
    assert "new runs are seen late" in caplog.text
    listening.wait(LONG)  # it opens a new connection
    assert seconds_until_heard(listening, either) < 1.0
    assert caplog.text.count("new runs are seen late") == 2  # the second says that it is over


@pytest.mark.parametrize("either", ["postgresql_app"], indirect=True)
def test_a_server_that_is_started_anew_is_found_again(
    either: Flask, listening: Listener, cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING")
    db.session.remove()
    cluster.stop()
    for _ in range(3):
        listening.wait(0.1)
    cluster.start()
    listening.wait(0.1)
    assert seconds_until_heard(listening, either) < 1.0
    assert caplog.text.count("new runs are seen late") == 1
