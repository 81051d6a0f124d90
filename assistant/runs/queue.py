"""The queue, which is the runs table: workers claim runs, renew their claims, and store, fail or release the runs.

A claim is the worker's name and the attempt; whatever a worker writes of a run is written only while its claim stands.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, false, func, or_, select, update

from assistant.database import affected_rows, db, now, reading, writing
from assistant.library.claims import Claim
from assistant.runs.evidence.evidence_queries import add_evidence
from assistant.runs.tables import DONE, FAILED, RUNNING, WAITING, WARM, ReplayRow, RunRow, WorkerRow
from assistant.runs.turns import UNASKED, VARIED
from assistant.tallies import ENDED, TRAINED, WAITED, tally

STALE = timedelta(seconds=30)  # without a heartbeat; a running run gets one each second
SILENT = timedelta(seconds=3)  # without a heartbeat of a worker whose process is known to be gone
LATELY = timedelta(seconds=20)  # within which a live worker has recorded a heartbeat
FORGOTTEN = timedelta(hours=1)  # after which the row of a worker that was killed is deleted
ATTEMPTS = 3  # a run is put back twice at most

_OVER = {"shared_key": None, "asker": None}  # who asked for a run is forgotten with its end


@dataclass(frozen=True)
class Task:
    """What a worker needs of a run that it has claimed; the worker's name and the attempt are the claim."""

    id: str
    worker: str
    attempt: int
    experiment: str
    hyperparameters: Mapping[str, Any]
    networks: int
    seed: int
    claims: Sequence[Claim]
    varied: Mapping[str, Any] | None
    turn: int


TASK = tuple(field.name for field in fields(Task))


def _is_claim(task: Task) -> ColumnElement[bool]:
    """Return the condition that a run is still this claim's, and not put back or another's by now."""
    return (
        (RunRow.id == task.id)
        & (RunRow.state == RUNNING)
        & (RunRow.worker == task.worker)
        & (RunRow.attempt == task.attempt)
    )


def claim(worker: str) -> Task | None:
    """Take the run whose turn it is, and return it; only one worker gets each, and none waits for another."""
    waiting = select(RunRow.id).where(RunRow.state == WAITING)
    oldest = waiting.order_by(RunRow.turn, RunRow.created_at, RunRow.id).limit(1)
    with reading():  # A worker that finds nothing keeps nobody from writing.
        if db.session.scalar(oldest) is None:
            return None
    statement = (
        update(RunRow)
        .where(RunRow.id == oldest.with_for_update(skip_locked=True).scalar_subquery(), RunRow.state == WAITING)
        .values(
            state=RUNNING,
            worker=worker,
            heartbeat=now(),
            started_at=now(),
            attempt=RunRow.attempt + 1,
            progress=0.0,
        )
        .returning(*(getattr(RunRow, name) for name in (*TASK, "asker", "created_at", "started_at")))
    )
    with writing():
        row = db.session.execute(statement, execution_options={"synchronize_session": False}).one_or_none()
        if row is not None and row.asker is not None and row.attempt == 1:
            tally(WAITED, seconds=max((row.started_at - row.created_at).total_seconds(), 0.0))
    return Task(**{name: getattr(row, name) for name in TASK}) if row is not None else None


def waits_before(turn: int) -> bool:
    """Say whether a run waits whose turn is sooner."""
    with reading():
        return bool(db.session.scalar(select(exists().where(RunRow.state == WAITING, RunRow.turn < turn))))


def renew(task: Task, progress: float) -> bool:
    """Record that a run is alive and how far it is; return False when it is no longer this claim's."""
    with writing():
        return affected_rows(update(RunRow).where(_is_claim(task)).values(heartbeat=now(), progress=progress)) > 0


def finish(task: Task, values: Mapping[str, Any], replay: ReplayRow) -> bool:
    """Store a result in one transaction, all but its figures; return False when the run is another's by now."""
    done = {"state": DONE, "finished_at": now(), "progress": 1.0, "drawing": WAITING, **_OVER, **values}
    with writing():
        if not affected_rows(update(RunRow).where(_is_claim(task)).values(done)):
            return False
        db.session.add(replay)
        run = db.session.get_one(RunRow, task.id, populate_existing=True)
        add_evidence(run)
        db.session.flush()
        tally(ENDED, DONE)
        tally(TRAINED, run.experiment, sum((run.seconds or {}).values()))
        return True


def fail(task: Task, reason: str) -> None:
    """Record that a run failed, and why."""
    with writing():
        if affected_rows(update(RunRow).where(_is_claim(task)).values(_failure_values(reason))):
            tally(ENDED, FAILED)


def release(task: Task) -> None:
    """Let a run wait again that its worker leaves before its end; the attempt does not count."""
    with writing():
        _release(_is_claim(task))


def make_room(task: Task) -> None:
    """Let a run wait again that was preempted, behind what the same visitor has waiting; the attempt does not count."""
    asker = select(RunRow.asker).where(RunRow.id == task.id).scalar_subquery()
    alike = RunRow.turn.between(VARIED, UNASKED - 1)
    with writing():
        last = db.session.scalar(
            select(func.max(RunRow.turn)).where(RunRow.state == WAITING, RunRow.asker == asker, alike)
        )
        if _release(_is_claim(task)) and last is not None:
            turn = min(max(task.turn, last + 1), UNASKED - 1)
            db.session.execute(update(RunRow).where(RunRow.id == task.id).values(turn=turn))


def release_all(worker: str) -> int:
    """Let all wait again that a worker owns which is shut down, delete its row, and return how many runs it owned."""
    with writing():
        db.session.execute(delete(WorkerRow).where(WorkerRow.name == worker))
        return _release((RunRow.state == RUNNING) & (RunRow.worker == worker))


def _release(owned: ColumnElement[bool]) -> int:
    return affected_rows(update(RunRow).where(owned).values(_waiting_values() | {"attempt": RunRow.attempt - 1}))


def _waiting_values() -> dict[str, Any]:
    # Without its key, so that it cannot meet a younger run of the same thing that waits by now.
    return {"state": WAITING, "worker": None, "progress": 0.0, "shared_key": None}


def _failure_values(reason: str) -> dict[str, Any]:
    return {"state": FAILED, "finished_at": now(), "failure": reason, **_OVER}


@dataclass(frozen=True)
class OwnedRun:
    """A run that a worker owns, as of its last heartbeat."""

    id: str
    worker: str | None
    heartbeat: datetime | None


def owned_runs() -> list[OwnedRun]:
    """Return the runs that workers own, alive or not."""
    with reading():
        rows = db.session.execute(select(RunRow.id, RunRow.worker, RunRow.heartbeat).where(RunRow.state == RUNNING))
        return [OwnedRun(*row) for row in rows]


def sweep(gone: Iterable[str] = (), silent_for: timedelta = SILENT, unchanged: Collection[OwnedRun] = ()) -> int:
    """Put back runs whose worker is gone, and fail those that were put back twice; return how many it was.

    A worker is gone when its run had no heartbeat for `STALE`, or for ``silent_for`` when its name is in ``gone``. By a
    clock that was set back, heartbeats lie in the time to come, and stay there: of ``gone`` workers these count as old,
    and of others those that were seen to be ``unchanged`` for as long.
    """
    ahead = RunRow.heartbeat > now()
    silent = RunRow.worker.in_(list(gone)) & ((RunRow.heartbeat <= now() - silent_for) | ahead)
    still = or_(false(), *((RunRow.id == each.id) & (RunRow.heartbeat == each.heartbeat) for each in unchanged))
    lost = (RunRow.state == RUNNING) & ((RunRow.heartbeat < now() - STALE) | silent | still)
    with reading():
        if not db.session.scalar(select(exists().where(lost))):
            return 0
    given_up = _failure_values(f"the worker stopped {ATTEMPTS} times while this run was being trained")
    with writing():
        failed = affected_rows(update(RunRow).where(lost, RunRow.attempt >= ATTEMPTS).values(given_up))
        put_back = affected_rows(update(RunRow).where(lost).values(_waiting_values()))
        if failed:
            tally(ENDED, FAILED, count=failed)
        return failed + put_back


def record_heartbeat(worker: str, state: str) -> None:
    """Record that a worker is alive, and its state."""
    with writing():
        row = db.session.get(WorkerRow, worker) or WorkerRow(name=worker)
        row.state, row.heartbeat = state, now()
        db.session.add(row)
        recent = WorkerRow.heartbeat.between(now() - FORGOTTEN, now() + FORGOTTEN)
        db.session.execute(delete(WorkerRow).where(~recent))


def _alive() -> ColumnElement[bool]:
    """Return the condition that a worker recorded a heartbeat lately, and not by a clock that was set back since."""
    return WorkerRow.heartbeat.between(now() - LATELY, now() + LATELY)


def live_workers() -> list[WorkerRow]:
    """Return the workers that recorded a heartbeat lately, the latest first, as they were then."""
    alive = select(WorkerRow).where(_alive())
    rows = list(db.session.scalars(alive.order_by(WorkerRow.heartbeat.desc())))
    for each in rows:
        db.session.expunge(each)  # One may end at any moment, and its row is gone then.
    return rows


def leader() -> str | None:
    """Return the worker that does for all what can wait: of those that are warm, the one that started first."""
    warm = select(WorkerRow.name).where(_alive(), WorkerRow.state == WARM)
    with reading():
        return db.session.scalar(warm.order_by(WorkerRow.started_at, WorkerRow.name).limit(1))
