"""The record of the runs: claims, sweeps, evidence, and what is pruned."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from assistant.database import db, now
from assistant.library.queries import by_slug, experiment
from assistant.library.tables import EntryRow, ExperimentRow, RevisionRow
from assistant.runs import queries, worker_queries
from assistant.runs.tables import RunRow, WorkerRow

Store = Callable[..., RunRow]


@pytest.fixture(autouse=True)
def pushed(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def entry() -> EntryRow:
    row = by_slug("why-neurons-differ")
    assert row is not None
    return row


@pytest.fixture
def revision(entry: EntryRow) -> RevisionRow:
    assert entry.published is not None
    return entry.published


@pytest.fixture
def known(revision: RevisionRow) -> ExperimentRow:
    row = experiment(revision.experiment)
    assert row is not None
    return row


def enqueued(revision: RevisionRow) -> str:
    run = queries.enqueue(revision)
    db.session.commit()
    return run.id


def claimed(worker: str = "here:1") -> worker_queries.Task:
    task = worker_queries.claim_next(worker)
    assert task is not None
    return task


def state(run_id: str) -> tuple[str, int]:
    db.session.rollback()
    run = db.session.get_one(RunRow, run_id, populate_existing=True)
    return run.state, run.attempt


def silence(run_id: str, since: timedelta) -> None:
    db.session.get_one(RunRow, run_id).heartbeat = now() - since
    db.session.commit()


def test_a_run_is_claimed_once(revision: RevisionRow) -> None:
    run_id = enqueued(revision)
    task = claimed()
    assert (task.id, task.attempt, task.claims) == (run_id, 1, revision.claims)
    assert worker_queries.claim_next("here:2") is None
    assert not db.session.get_one(RunRow, run_id).finished_at


def test_runs_are_claimed_in_the_order_in_which_they_came(revision: RevisionRow) -> None:
    first = enqueued(revision)
    db.session.get_one(RunRow, first).shared_key = None
    second = enqueued(revision)
    assert [claimed().id, claimed().id] == [first, second]


def test_whoever_asks_while_a_run_waits_shares_it_and_later_starts_another(revision: RevisionRow) -> None:
    first = enqueued(revision)
    assert enqueued(revision) == first
    claimed()
    assert enqueued(revision) != first


def test_a_run_that_was_put_back_never_meets_a_younger_one_of_its_kind(revision: RevisionRow) -> None:
    first = enqueued(revision)
    task = claimed()
    second = enqueued(revision)
    worker_queries.put_back(task)
    assert state(first) == ("waiting", 0)
    assert state(second) == ("waiting", 0)


def test_what_a_lost_claim_brings_is_not_stored(revision: RevisionRow) -> None:
    run_id = enqueued(revision)
    lost = claimed()
    silence(run_id, timedelta(minutes=1))
    assert worker_queries.sweep() == 1
    assert not worker_queries.beat(lost, 0.5)
    assert not worker_queries.finish(lost, {"findings": {}}, [])
    again = claimed()  # by a worker of the same name
    worker_queries.fail(lost, "too late")
    worker_queries.put_back(lost)
    assert not worker_queries.finish(lost, {"findings": {}}, [])
    assert state(run_id) == ("running", 2)
    assert worker_queries.finish(again, {"findings": {}}, [])
    assert state(run_id) == ("done", 2)


def test_a_silent_run_is_put_back_twice_and_then_failed_with_a_reason(revision: RevisionRow) -> None:
    run_id = enqueued(revision)
    for attempt in (1, 2):
        claimed()
        silence(run_id, timedelta(minutes=1))
        assert worker_queries.sweep() == 1
        assert state(run_id) == ("waiting", attempt)
    claimed()
    silence(run_id, timedelta(minutes=1))
    assert worker_queries.sweep() == 1
    assert state(run_id) == ("failed", 3)
    assert "stopped 3 times" in (db.session.get_one(RunRow, run_id).failure or "")
    assert worker_queries.claim_next("here:1") is None


def test_a_sweep_leaves_alone_what_is_alive(revision: RevisionRow) -> None:
    run_id = enqueued(revision)
    claimed("here:1")
    silence(run_id, timedelta(seconds=10))
    assert worker_queries.sweep(["here:2"]) == 0
    assert state(run_id) == ("running", 1)
    assert worker_queries.sweep(["here:1"]) == 1
    assert state(run_id) == ("waiting", 1)


def test_a_worker_that_leaves_puts_back_what_it_holds_and_no_attempt_counts(revision: RevisionRow) -> None:
    run_id = enqueued(revision)
    worker_queries.sign_of_life("here:1", "warm")
    claimed("here:1")
    assert worker_queries.leave("here:2") == 0
    assert worker_queries.leave("here:1") == 1
    assert state(run_id) == ("waiting", 0)
    assert worker_queries.workers() == []


def test_only_workers_heard_of_lately_count_as_alive() -> None:
    worker_queries.sign_of_life("here:1", "loading")
    worker_queries.sign_of_life("here:1", "warm")
    worker_queries.sign_of_life("here:2", "warming")
    db.session.get_one(WorkerRow, "here:2").heartbeat = now() - timedelta(minutes=1)
    db.session.commit()
    assert [(each.name, each.state) for each in worker_queries.workers()] == [("here:1", "warm")]


def test_an_entry_without_a_run_by_todays_code_gets_one(
    entry: EntryRow, revision: RevisionRow, known: ExperimentRow, finished_run: Store
) -> None:
    def missing() -> set[str]:
        return {row.slug for row in queries.entries_without_runs()}

    assert len(missing()) == db.session.query(EntryRow).count()
    run_id = enqueued(revision)
    assert entry.slug not in missing()
    db.session.get_one(RunRow, run_id).state = "failed"
    db.session.commit()
    assert entry.slug in missing()
    finished_run("old", entry_id=entry.id, revision_id=revision.id, code="0" * 64)
    assert entry.slug in missing()
    finished_run("new", entry_id=entry.id, revision_id=revision.id, code=known.code)
    assert entry.slug not in missing()


def test_pruning_drops_old_pictures_and_keeps_numbers_and_what_pages_show(
    entry: EntryRow, finished_run: Store, client: FlaskClient
) -> None:
    long_ago = now() - timedelta(days=100)
    finished_run("older", entry_id=entry.id, finished_at=long_ago - timedelta(days=1))
    finished_run("latest", entry_id=entry.id, finished_at=long_ago)
    finished_run("own-seed", entry_id=entry.id, finished_at=long_ago + timedelta(days=1), evidence=False)
    finished_run("young", entry_id=None, evidence=False)
    assert queries.prune(timedelta(days=30)) == (2, 2 * len(b"<svg/>"))
    db.session.expire_all()
    pruned = {run.id: run.figures[0].pruned for run in db.session.query(RunRow)}
    assert pruned == {"older": True, "latest": False, "own-seed": True, "young": False}
    older = db.session.get_one(RunRow, "older")
    assert older.findings == {"a": 1}
    assert older.figures[0].rows == [["1"]]
    db.session.rollback()
    assert client.get("/runs/older/figures/one.svg").status_code == 404
    db.session.rollback()
    assert client.get("/runs/latest/figures/one.svg").status_code == 200
    assert queries.prune(timedelta(days=30)) == (0, 0)
