"""The queue, on SQLite and on PostgreSQL: claims, sweeps, and workers that come and go."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from assistant.database import db, now, reading, writing
from assistant.library.claims import Claim
from assistant.library.queries import published_entry
from assistant.library.tables import RevisionRow
from assistant.runs import queries, queue
from assistant.runs.evidence.verdicts import judge
from assistant.runs.tables import DONE, EvidenceRow, RunRow, WorkerRow
from assistant.runs.worker import heartbeat
from assistant.runs.worker.worker_state import WorkerState
from tests.assistant.conftest import ENTRY
from tests.assistant.runs.conftest import unwatched

pytestmark = pytest.mark.slow

MANY = 12


@pytest.fixture(autouse=True)
def pushed(either: Flask) -> Iterator[None]:
    with either.app_context():
        yield


def revision() -> RevisionRow:
    entry = published_entry(ENTRY)
    assert entry is not None
    assert entry.published is not None
    return entry.published


def enqueued(*, shared: bool = True) -> str:
    with writing():
        run = queries.enqueue(revision())
        if not shared:
            run.shared_key = None
        return run.id


def claimed(worker: str = "here:1") -> queue.Task:
    task = queue.claim(worker)
    assert task is not None
    return task


def state(run_id: str) -> tuple[str, int]:
    with reading():
        run = db.session.get_one(RunRow, run_id)
        return run.state, run.attempt


def failure(run_id: str) -> str:
    with reading():
        return db.session.get_one(RunRow, run_id).failure or ""


def silence(run_id: str, since: timedelta) -> None:
    with writing():
        db.session.get_one(RunRow, run_id).heartbeat = now() - since


def own_claims(entry: RevisionRow) -> tuple[Claim, ...]:
    """Return the claims about the main experiment."""
    return tuple(claim for claim in entry.claims if claim.experiment is None)


def test_a_run_is_claimed_once() -> None:
    run_id = enqueued()
    task = claimed()
    assert (task.id, task.worker, task.attempt, task.varied) == (run_id, "here:1", 1, None)
    assert (task.claims, task.experiment) == (own_claims(revision()), revision().experiment)
    assert queue.claim("here:2") is None
    assert state(run_id) == ("running", 1)


def test_runs_are_claimed_in_the_order_in_which_they_came() -> None:
    first, second = enqueued(shared=False), enqueued()
    assert [claimed().id, claimed().id] == [first, second]


def test_many_workers_at_once_claim_each_run_once(either: Flask) -> None:
    names = {enqueued(shared=False) for _ in range(MANY)}
    together = Barrier(4)

    def work(worker: str) -> list[str]:
        taken = []
        together.wait(30)
        with either.app_context():
            while (task := queue.claim(worker)) is not None:
                taken.append(task.id)
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(work, [f"here:{at}" for at in range(4)]))
    assert sorted(run_id for each in taken for run_id in each) == sorted(names)
    for at, each in enumerate(taken):
        for run_id in each:
            with reading():
                assert db.session.get_one(RunRow, run_id).worker == f"here:{at}"


@pytest.mark.parametrize("either", ["postgresql_app"], indirect=True)
def test_a_worker_passes_over_a_run_that_another_is_just_claiming() -> None:
    """On SQLite one writes at a time, and there is nothing to pass over."""
    first, second = enqueued(shared=False), enqueued()
    with db.engine.connect() as other:
        other.execute(text("SET LOCAL lock_timeout = '100ms'"))
        other.execute(text("SELECT id FROM runs WHERE id = :id FOR UPDATE"), {"id": first})
        assert claimed().id == second
        assert queue.claim("here:2") is None
    assert claimed().id == first


def test_a_worker_that_finds_nothing_keeps_nobody_from_writing() -> None:
    with db.engine.connect().execution_options(writes=True) as other:
        other.execute(text("SELECT 1"))  # on SQLite it holds the lock of the one that writes
        assert queue.claim("here:1") is None
        assert queue.sweep() == 0


def test_whoever_asks_while_a_run_waits_shares_it_and_later_starts_another() -> None:
    first = enqueued()
    assert enqueued() == first
    claimed()
    assert enqueued() != first


def test_all_who_ask_in_the_same_moment_share_one_run(either: Flask) -> None:
    together = Barrier(6)

    def ask(_: int) -> str:
        with either.app_context():
            revision()
            db.session.remove()
            together.wait(30)
            return enqueued()

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(ask, range(6)))) == 1
    with reading():
        assert db.session.scalar(select(func.count()).select_from(RunRow)) == 1


def test_a_run_that_was_put_back_never_meets_a_younger_one_of_its_kind() -> None:
    first = enqueued()
    task = claimed()
    second = enqueued()
    queue.release(task)
    assert state(first) == ("waiting", 0)
    assert state(second) == ("waiting", 0)


def test_what_a_lost_claim_brings_is_not_stored() -> None:
    run_id = enqueued()
    lost = claimed()
    silence(run_id, timedelta(minutes=1))
    assert queue.sweep() == 1
    assert not queue.renew(lost, 0.5)
    assert not queue.finish(lost, {"findings": {}}, unwatched(lost))
    again = claimed()  # by a worker of the same name
    queue.fail(lost, "too late")
    queue.release(lost)
    assert not queue.finish(lost, {"findings": {}}, unwatched(lost))
    assert state(run_id) == ("running", 2)
    assert queue.finish(again, {"findings": {}}, unwatched(again))
    assert state(run_id) == ("done", 2)


def test_a_silent_run_is_put_back_twice_and_then_failed_with_a_reason() -> None:
    run_id = enqueued()
    for attempt in (1, 2):
        claimed()
        silence(run_id, timedelta(minutes=1))
        assert queue.sweep() == 1
        assert state(run_id) == ("waiting", attempt)
    claimed()
    silence(run_id, timedelta(minutes=1))
    assert queue.sweep() == 1
    assert state(run_id) == ("failed", 3)
    assert "stopped 3 times" in failure(run_id)
    assert queue.claim("here:1") is None


def test_sweeps_at_the_same_time_put_each_run_back_once(either: Flask) -> None:
    for _ in range(MANY):
        silence_of = enqueued(shared=False)
        claimed()
        silence(silence_of, timedelta(minutes=1))
    together = Barrier(4)

    def sweep(_: int) -> int:
        with either.app_context():
            db.session.scalar(select(1))
            db.session.remove()
            together.wait(30)
            return queue.sweep()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(sweep, range(4))) == MANY
    with reading():
        assert set(db.session.scalars(select(RunRow.attempt))) == {1}
        assert set(db.session.scalars(select(RunRow.state))) == {"waiting"}


def test_a_sweep_leaves_alone_what_is_alive() -> None:
    run_id = enqueued()
    claimed("here:1")
    silence(run_id, timedelta(seconds=10))
    assert queue.sweep(["here:2"]) == 0
    assert state(run_id) == ("running", 1)
    assert queue.sweep(["here:1"]) == 1
    assert state(run_id) == ("waiting", 1)


def test_a_worker_that_is_shut_down_puts_back_what_it_holds_and_no_attempt_counts() -> None:
    run_id = enqueued()
    queue.record_heartbeat("here:1", "warm")
    claimed("here:1")
    assert [each.worker for each in queue.owned_runs()] == ["here:1"]
    assert queue.release_all("here:2") == 0
    assert queue.release_all("here:1") == 1
    assert state(run_id) == ("waiting", 0)
    assert queue.live_workers() == []


def test_only_workers_heard_of_lately_count_as_alive() -> None:
    queue.record_heartbeat("here:1", "loading")
    queue.record_heartbeat("here:1", "warm")
    queue.record_heartbeat("here:2", "warming")
    with writing():
        db.session.get_one(WorkerRow, "here:2").heartbeat = now() - timedelta(minutes=1)
    assert [(each.name, each.state) for each in queue.live_workers()] == [("here:1", "warm")]


def test_one_worker_does_for_all_what_can_wait() -> None:
    assert queue.leader() is None
    queue.record_heartbeat("here:2", "warm")
    queue.record_heartbeat("here:1", "warm")
    queue.record_heartbeat("here:3", "warming")
    assert queue.leader() == "here:2"
    with writing():
        db.session.get_one(WorkerRow, "here:2").heartbeat = now() - timedelta(minutes=1)
    assert queue.leader() == "here:1"


def test_evidence_is_summed_whoever_stores_at_the_same_time(either: Flask) -> None:
    for _ in range(MANY):
        enqueued(shared=False)
    finding = {"kind": "share", "label": "networks", "value": 0.5, "count": 32, "of": 64, "low": 0.38, "high": 0.62}
    together = Barrier(4)

    def work(worker: str) -> None:
        with either.app_context():
            claims = revision().claims
            verdicts = judge(claims, {claim.finding: finding for claim in claims})
            values = {"verdicts": verdicts, "findings": {}, "code": "c0de"}
            db.session.remove()
            together.wait(30)
            while (task := queue.claim(worker)) is not None:
                assert queue.finish(task, values, unwatched(task))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, [f"here:{at}" for at in range(4)]))
    with reading():
        assert set(db.session.scalars(select(RunRow.state))) == {DONE}
        rows = list(db.session.scalars(select(EvidenceRow)))
        assert {(row.judged, row.count, row.of) for row in rows} == {(MANY, 32 * MANY, 64 * MANY)}
        assert len(rows) == len(revision().claims)


def test_a_clock_that_was_set_back_keeps_no_run_of_a_worker_whose_process_is_gone() -> None:
    run_id = enqueued()
    claimed("here:1")
    silence(run_id, timedelta(hours=-2))  # the heartbeat lies two hours ahead of the clock
    assert queue.sweep() == 0  # of a worker that may be alive
    assert queue.sweep(["here:1"]) == 1
    assert state(run_id) == ("waiting", 1)


def test_a_clock_that_was_set_back_keeps_no_run_of_a_worker_elsewhere(
    either: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its heartbeat has not changed for thirty seconds of a clock that nobody sets."""
    passed = 1_000.0
    monkeypatch.setattr(heartbeat, "monotonic", lambda: passed)
    dead, alive = enqueued(shared=False), enqueued(shared=False)
    claimed("elsewhere:1")
    renewed = claimed("elsewhere:2")
    for run_id in (dead, alive):
        silence(run_id, timedelta(hours=-2))
    worker, silence_of = WorkerState(either), heartbeat.Silence()
    for _ in range(40):
        silence_of.sweep(worker)
        passed += 1
        assert queue.renew(renewed, 0.5)
    other = dead if renewed.id == alive else alive
    assert state(other) == ("waiting", 1)
    assert state(renewed.id) == ("running", 1)


def test_a_clock_that_was_set_back_keeps_no_worker_alive() -> None:
    queue.record_heartbeat("here:1", "warm")
    with writing():
        db.session.get_one(WorkerRow, "here:1").heartbeat = now() + timedelta(hours=2)
    assert queue.live_workers() == []
    assert queue.leader() is None
    queue.record_heartbeat("here:2", "warm")
    assert [each.name for each in queue.live_workers()] == ["here:2"]
    assert queue.leader() == "here:2"
    with reading():
        assert db.session.get(WorkerRow, "here:1") is None  # forgotten


def test_a_clock_that_was_set_back_leaves_no_figures_undrawn() -> None:
    run_id = enqueued()
    task = claimed()
    assert queue.finish(task, {"findings": {}, "verdicts": ()}, unwatched(task))
    with reading():
        assert queries.left_undrawn(timedelta(seconds=20)) is None
    with writing():
        db.session.get_one(RunRow, run_id).finished_at = now() + timedelta(hours=2)
    with reading():
        left = queries.left_undrawn(timedelta(seconds=20))
        assert left is not None
        assert left.id == run_id
