"""Everything that is read from and written to the runs' tables."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import CursorResult, Update, func, select, update
from sqlalchemy.exc import IntegrityError

from assistant.database import db, now
from assistant.library.tables import EntryRow, ExperimentRow, RevisionRow
from assistant.runs.tables import DONE, FAILED, RUNNING, WAITING, FigureRow, RunRow

NETWORKS = 64
STALE = timedelta(seconds=30)  # without a heartbeat; a running run gives one each second
ATTEMPTS = 3  # a run is put back twice at most


def enqueue(revision: RevisionRow) -> RunRow:
    """Return a run of a published entry that still waits: a new one, or the one that others already wait for."""
    key = hashlib.sha256(
        json.dumps([revision.id, revision.experiment, revision.hyperparameters, NETWORKS], sort_keys=True).encode()
    ).hexdigest()
    waiting = select(RunRow).where(RunRow.shared_key == key, RunRow.state == WAITING)
    if (shared := db.session.scalars(waiting).one_or_none()) is not None:
        return shared
    run = RunRow(
        entry_id=revision.entry_id,
        revision_id=revision.id,
        experiment=revision.experiment,
        hyperparameters=revision.hyperparameters,
        networks=NETWORKS,
        seed=secrets.randbits(48),
        evidence=True,
        shared_key=key,
        claims=revision.claims,
    )
    try:
        with db.session.begin_nested():
            db.session.add(run)
    except IntegrityError:  # somebody else asked the same in the same moment
        return db.session.scalars(waiting).one()
    return run


def find(run_id: str) -> RunRow | None:
    """Return a run."""
    return db.session.get(RunRow, run_id)


def ahead(run: RunRow) -> int:
    """Return how many runs come before a waiting one."""
    before = select(func.count()).where(
        (RunRow.state == RUNNING) | ((RunRow.state == WAITING) & (RunRow.created_at < run.created_at))
    )
    return db.session.scalar(before) or 0


def latest_done(entry_id: int) -> RunRow | None:
    """Return the newest finished run of an entry at its own parameters."""
    done = select(RunRow).where(RunRow.entry_id == entry_id, RunRow.state == DONE, RunRow.evidence)
    return db.session.scalars(done.order_by(RunRow.finished_at.desc()).limit(1)).one_or_none()


def alike(revision: RevisionRow, experiment: ExperimentRow) -> list[Sequence[Mapping[str, Any]]]:
    """Return the verdicts of all runs that count as evidence for a revision, each seed once."""
    rows = db.session.execute(
        select(RunRow.seed, RunRow.hyperparameters, RunRow.verdicts).where(
            RunRow.entry_id == revision.entry_id,
            RunRow.state == DONE,
            RunRow.evidence,
            RunRow.experiment == revision.experiment,
            RunRow.code == experiment.code,
        )
    ).all()
    same = {row.seed: row.verdicts for row in rows if row.hyperparameters == revision.hyperparameters}
    return list(same.values())


def figure(run_id: str, name: str) -> FigureRow | None:
    """Return a figure of a run."""
    return db.session.scalars(select(FigureRow).where(FigureRow.run_id == run_id, FigureRow.name == name)).one_or_none()


@dataclass(frozen=True)
class Task:
    """What a worker needs of a run that it has claimed."""

    id: str
    experiment: str
    hyperparameters: Mapping[str, Any]
    networks: int
    seed: int
    claims: Sequence[Mapping[str, Any]]


def claim_next(worker: str) -> Task | None:
    """Take the run that has waited longest, and return it; only one worker gets each. No transaction stays open."""
    while True:
        oldest = select(RunRow.id).where(RunRow.state == WAITING).order_by(RunRow.created_at).limit(1)
        run_id = db.session.scalar(oldest)
        if run_id is None:
            db.session.rollback()
            return None
        taken = _changed(
            update(RunRow)
            .where(RunRow.id == run_id, RunRow.state == WAITING)
            .values(
                state=RUNNING,
                worker=worker,
                heartbeat=now(),
                started_at=now(),
                attempt=RunRow.attempt + 1,
                progress=0.0,
            )
        )
        run = db.session.get_one(RunRow, run_id) if taken else None
        task = run and Task(run.id, run.experiment, run.hyperparameters, run.networks, run.seed, run.claims)
        db.session.commit()
        if task is not None:
            return task


def beat(run_id: str, worker: str, progress: float) -> bool:
    """Record that a run is alive; return False when it is no longer this worker's."""
    mine = _changed(
        update(RunRow)
        .where(RunRow.id == run_id, RunRow.worker == worker, RunRow.state == RUNNING)
        .values(heartbeat=now(), progress=progress)
    )
    db.session.commit()
    return mine


def finish(run_id: str, worker: str, values: Mapping[str, Any], figures: Sequence[FigureRow]) -> bool:
    """Store a whole result in one transaction; return False, and store nothing, when the run is another's by now."""
    mine = _changed(
        update(RunRow)
        .where(RunRow.id == run_id, RunRow.worker == worker, RunRow.state == RUNNING)
        .values(state=DONE, finished_at=now(), progress=1.0, shared_key=None, **values)
    )
    if not mine:
        db.session.rollback()
        return False
    db.session.add_all(figures)
    db.session.commit()
    return True


def fail(run_id: str, worker: str, reason: str) -> None:
    """Record that a run failed, and why."""
    _changed(
        update(RunRow)
        .where(RunRow.id == run_id, RunRow.worker == worker, RunRow.state == RUNNING)
        .values(state=FAILED, finished_at=now(), failure=reason, shared_key=None)
    )
    db.session.commit()


def put_back(run_id: str, worker: str) -> None:
    """Let a run wait again that its worker could not finish through no fault of the run."""
    _changed(
        update(RunRow)
        .where(RunRow.id == run_id, RunRow.worker == worker, RunRow.state == RUNNING)
        .values(state=WAITING, worker=None, attempt=RunRow.attempt - 1, progress=0.0, shared_key=None)
    )
    db.session.commit()


def sweep() -> int:
    """Put back runs whose worker is gone, fail those that were put back twice, and return how many wait now."""
    stale = (RunRow.state == RUNNING) & (RunRow.heartbeat < now() - STALE)
    _changed(
        update(RunRow)
        .where(stale, RunRow.attempt >= ATTEMPTS)
        .values(
            state=FAILED,
            finished_at=now(),
            shared_key=None,
            failure=f"the worker stopped {ATTEMPTS} times while this run was being trained",
        )
    )
    _changed(update(RunRow).where(stale).values(state=WAITING, worker=None, progress=0.0, shared_key=None))
    waiting = db.session.scalar(select(func.count()).where(RunRow.state == WAITING)) or 0
    db.session.commit()
    return waiting


def entries_without_runs() -> list[EntryRow]:
    """Return the published entries that no finished or pending run can show."""
    shown = select(RunRow.entry_id).where(RunRow.entry_id.is_not(None), RunRow.evidence, RunRow.state != FAILED)
    missing = select(EntryRow).where(EntryRow.published_number.is_not(None), EntryRow.id.not_in(shown))
    return list(db.session.scalars(missing).unique())


def _changed(statement: Update) -> bool:
    result = db.session.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount > 0
