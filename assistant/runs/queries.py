"""The record of the runs: what is asked for, what pages show of it, and what is kept."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.exc import IntegrityError

from assistant.database import affected_rows, db, now, writing
from assistant.library.tables import EntryRow, ExperimentRow, RevisionRow
from assistant.runs.tables import DONE, RUNNING, WAITING, FigureRow, ProbeRow, RunRow

NETWORKS = 64


def enqueue(revision: RevisionRow, *, varied: Mapping[str, Any] | None = None, seed: int | None = None) -> RunRow:
    """Return a run of a published entry that still waits: a new one, or the one that others already wait for.

    Args:
        revision: what the entry asks for.
        varied: the ``parameter`` that a learner changed, its ``value``, the entry's ``own`` value, and the id of the
            run that it stands ``beside``; such a run is no evidence.
        seed: drawn unless given.
    """
    hyperparameters = dict(revision.hyperparameters)
    if varied is not None:
        hyperparameters[varied["parameter"]] = varied["value"]
    asked = [revision.id, revision.experiment, hyperparameters, NETWORKS, varied is not None]
    key = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    waiting = select(RunRow).where(RunRow.shared_key == key, RunRow.state == WAITING)
    if (shared := db.session.scalars(waiting).one_or_none()) is not None:
        return shared
    run = RunRow(
        entry_id=revision.entry_id,
        revision_id=revision.id,
        experiment=revision.experiment,
        hyperparameters=hyperparameters,
        networks=NETWORKS,
        seed=secrets.randbits(48) if seed is None else seed,
        evidence=varied is None,
        varied=dict(varied) if varied is not None else None,
        shared_key=key,
        claims=revision.claims,
    )
    try:
        with db.session.begin_nested():
            db.session.add(run)
    except IntegrityError:  # somebody else asked the same in the same moment
        if (shared := db.session.scalars(waiting).one_or_none()) is not None:
            return shared
        run.shared_key = None  # and theirs has begun by now
        db.session.add(run)
        db.session.flush()
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


def try_out(revision: RevisionRow) -> RunRow:
    """Add a run of a draft. It belongs to no entry, and so never is an entry's latest run, nor evidence."""
    run = RunRow(
        revision_id=revision.id,
        experiment=revision.experiment,
        hyperparameters=revision.hyperparameters,
        networks=NETWORKS,
        seed=secrets.randbits(48),
        evidence=False,
        claims=revision.claims,
    )
    db.session.add(run)
    db.session.flush()
    return run


def tried(revision: RevisionRow) -> RunRow | None:
    """Return the newest run of a revision, or of one with the same claims, experiment and parameters."""
    same = select(RunRow).join(RevisionRow, RevisionRow.id == RunRow.revision_id)
    newest = same.where(RevisionRow.entry_id == revision.entry_id, RunRow.experiment == revision.experiment)
    for run in db.session.scalars(newest.order_by(RunRow.created_at.desc()).limit(50)).unique():
        if run.varied is None and run.claims == revision.claims and same_set_up(run, revision):
            return run
    return None


def reported(experiment: str) -> Mapping[str, Any]:
    """Return the findings of the newest finished run of an experiment; none before its first."""
    done = select(RunRow.findings).where(RunRow.experiment == experiment, RunRow.state == DONE)
    return db.session.scalars(done.order_by(RunRow.finished_at.desc()).limit(1)).first() or {}


def same_set_up(run: RunRow, revision: RevisionRow) -> bool:
    """Say whether a run is of the experiment and the parameters that a revision asks for."""
    return run.experiment == revision.experiment and run.hyperparameters == revision.hyperparameters


def figure(run_id: str, name: str) -> FigureRow | None:
    """Return a figure of a run."""
    return db.session.scalars(select(FigureRow).where(FigureRow.run_id == run_id, FigureRow.name == name)).one_or_none()


def waiting() -> int:
    """Return how many runs wait."""
    return db.session.scalar(select(func.count()).where(RunRow.state == WAITING)) or 0


def waiting_since() -> timedelta:
    """Return how long the oldest waiting run has waited."""
    oldest = db.session.scalar(select(func.min(RunRow.created_at)).where(RunRow.state == WAITING))
    return now() - oldest if oldest is not None else timedelta(0)


def probe() -> None:
    """Write to the database, to see whether that can be done."""
    with writing():
        db.session.merge(ProbeRow(name="readyz", written_at=now()))


def entries_without_runs() -> list[EntryRow]:
    """Return the entries whose published revision no run shows that is done by today's code, or still to come."""
    shown = (
        select(RunRow.revision_id)
        .join(ExperimentRow, ExperimentRow.name == RunRow.experiment)
        .where(
            RunRow.revision_id.is_not(None),
            RunRow.evidence,
            RunRow.state.in_((WAITING, RUNNING)) | ((RunRow.state == DONE) & (RunRow.code == ExperimentRow.code)),
        )
    )
    missing = select(EntryRow).join(EntryRow.published).where(RevisionRow.id.not_in(shown))
    return list(db.session.scalars(missing).unique())


def old(older: timedelta) -> ColumnElement[bool]:
    """Return the condition that a run finished longer ago and is not the newest of its entry, which its page shows."""
    latest = select(func.max(RunRow.finished_at)).where(RunRow.state == DONE, RunRow.evidence).group_by(RunRow.entry_id)
    return (RunRow.finished_at < now() - older) & RunRow.finished_at.not_in(latest)


def prune(older: timedelta) -> tuple[int, int]:
    """Drop the pictures of runs that finished longer ago; return how many, and their bytes. Numbers stay.

    The newest run of each entry keeps its pictures, since the entry's page shows it. A hundred at a time, so that
    others who write wait for moments only.
    """
    chosen = (
        select(FigureRow.id)
        .join(RunRow, RunRow.id == FigureRow.run_id)
        .where(FigureRow.svg.is_not(None), old(older))
        .limit(100)
    )
    dropped, size = 0, 0
    while True:
        with writing():
            ids = list(db.session.scalars(chosen))
            if not ids:
                return dropped, size
            size += db.session.scalar(select(func.sum(func.length(FigureRow.svg))).where(FigureRow.id.in_(ids))) or 0
            dropped += affected_rows(update(FigureRow).where(FigureRow.id.in_(ids)).values(svg=None))
