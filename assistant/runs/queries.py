"""Everything that is read from and written to the runs' tables."""

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Delete, Update, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from assistant.database import db, now
from assistant.library.tables import EntryRow, ExperimentRow, RevisionRow
from assistant.runs.tables import DONE, FAILED, RUNNING, WAITING, EvidenceRow, FigureRow, ProbeRow, RunRow, WorkerRow
from assistant.runs.verdicts import Evidence, evidence_key, summed

NETWORKS = 64
STALE = timedelta(seconds=30)  # without a heartbeat; a running run gives one each second
SILENT = timedelta(seconds=3)  # without a heartbeat of a worker whose process is known to be gone
LATELY = timedelta(seconds=20)  # within which a worker that is alive gave a sign of it
FORGOTTEN = timedelta(hours=1)  # after which the row of a worker that was killed is deleted
ATTEMPTS = 3  # a run is put back twice at most


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


def recent(revision: RevisionRow, experiment: ExperimentRow, newest: int) -> list[Sequence[Mapping[str, Any]]]:
    """Return the verdicts of the newest runs that count as evidence for a revision by today's code, each seed once."""
    rows = db.session.execute(
        select(RunRow.seed, RunRow.hyperparameters, RunRow.verdicts)
        .where(
            RunRow.entry_id == revision.entry_id,
            RunRow.state == DONE,
            RunRow.evidence,
            RunRow.experiment == revision.experiment,
            RunRow.code == experiment.code,
        )
        .order_by(RunRow.finished_at.desc())
        .limit(newest)
    ).all()
    same = {row.seed: row.verdicts for row in rows if row.hyperparameters == revision.hyperparameters}
    return list(same.values())


def evidence(
    revision: RevisionRow, experiment: ExperimentRow, claims: Sequence[Mapping[str, Any]]
) -> list[Evidence | None]:
    """Return the evidence to date for each claim, from runs as a revision asks for and by today's code."""
    alike = (revision.entry_id, revision.experiment, experiment.code, revision.hyperparameters)
    keys = [evidence_key(*alike, claim) for claim in claims]
    rows = db.session.scalars(select(EvidenceRow).where(EvidenceRow.key.in_(keys)))
    found = {row.key: summed(row.held, row.judged, row.count, row.of) for row in rows}
    return [found.get(key) for key in keys]


def _add_evidence(run: RunRow) -> None:
    """Add a run that is just being stored to the evidence; of runs with the same seed, the first counts."""
    if run.entry_id is None or run.code is None or not run.evidence:
        return
    same = select(RunRow).where(RunRow.seed == run.seed, RunRow.id != run.id, RunRow.state == DONE, RunRow.evidence)
    counted = {key for other in db.session.scalars(same) for key in _judged(other)}
    for key, verdict in sorted(_judged(run).items()):
        if key in counted:
            continue
        share = verdict["finding"] if verdict["finding"]["kind"] == "share" else {"count": 0, "of": 0}
        more = {"held": int(verdict["held"]), "judged": 1, "count": share["count"], "of": share["of"]}
        _add(key, more)


def _judged(run: RunRow) -> dict[str, Mapping[str, Any]]:
    """Return the verdicts of a run by the keys that they are summed under, without those that judge nothing."""
    judged = [verdict for verdict in run.verdicts or [] if verdict["held"] is not None]
    return {
        evidence_key(run.entry_id or 0, run.experiment, run.code or "", run.hyperparameters, verdict["claim"]): verdict
        for verdict in judged
    }


def _add(key: str, more: Mapping[str, int]) -> None:
    """Add to the sums under a key, also while others do."""
    adding = update(EvidenceRow).where(EvidenceRow.key == key)
    adding = adding.values({name: getattr(EvidenceRow, name) + value for name, value in more.items()})
    if _changed(adding):
        return
    try:
        with db.session.begin_nested():
            db.session.add(EvidenceRow(key=key, **more))
    except IntegrityError:  # another worker was first
        _changed(adding)


def figure(run_id: str, name: str) -> FigureRow | None:
    """Return a figure of a run."""
    return db.session.scalars(select(FigureRow).where(FigureRow.run_id == run_id, FigureRow.name == name)).one_or_none()


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
    claims: Sequence[Mapping[str, Any]]
    varied: bool


def _claimed(task: Task) -> ColumnElement[bool]:
    """Return the condition that a run is still this claim's, and not put back or another's by now."""
    return (
        (RunRow.id == task.id)
        & (RunRow.state == RUNNING)
        & (RunRow.worker == task.worker)
        & (RunRow.attempt == task.attempt)
    )


def waiting() -> int:
    """Return how many runs wait."""
    return db.session.scalar(select(func.count()).where(RunRow.state == WAITING)) or 0


def claim_next(worker: str) -> Task | None:
    """Take the run that has waited longest, and return it; only one worker gets each. No transaction stays open."""
    while True:
        reading()
        oldest = select(RunRow.id).where(RunRow.state == WAITING).order_by(RunRow.created_at, RunRow.id).limit(1)
        run_id = db.session.scalar(oldest)
        db.session.rollback()
        if run_id is None:
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
        run = db.session.get_one(RunRow, run_id)
        task = Task(
            run.id,
            worker,
            run.attempt,
            run.experiment,
            run.hyperparameters,
            run.networks,
            run.seed,
            run.claims,
            run.varied is not None,
        )
        db.session.commit()
        if taken:
            return task


def beat(task: Task, progress: float) -> bool:
    """Record that a run is alive; return False when it is no longer this claim's."""
    mine = _changed(update(RunRow).where(_claimed(task)).values(heartbeat=now(), progress=progress))
    db.session.commit()
    return mine


def finish(task: Task, values: Mapping[str, Any], figures: Sequence[FigureRow]) -> bool:
    """Store a whole result in one transaction; return False, and store nothing, when the run is another's by now."""
    mine = _changed(
        update(RunRow)
        .where(_claimed(task))
        .values(state=DONE, finished_at=now(), progress=1.0, shared_key=None, **values)
    )
    if not mine:
        db.session.rollback()
        return False
    db.session.add_all(figures)
    _add_evidence(db.session.get_one(RunRow, task.id, populate_existing=True))
    db.session.commit()
    return True


def fail(task: Task, reason: str) -> None:
    """Record that a run failed, and why."""
    _changed(
        update(RunRow).where(_claimed(task)).values(state=FAILED, finished_at=now(), failure=reason, shared_key=None)
    )
    db.session.commit()


def put_back(task: Task) -> None:
    """Let a run wait again that its worker was told to leave; the attempt does not count."""
    _release(_claimed(task))
    db.session.commit()


def leave(worker: str) -> int:
    """Put back what a worker holds that is about to end, strike it off the list, and return how many runs it held."""
    held = _release((RunRow.state == RUNNING) & (RunRow.worker == worker))
    db.session.execute(delete(WorkerRow).where(WorkerRow.name == worker))
    db.session.commit()
    return held


def _release(held: ColumnElement[bool]) -> int:
    # Without its key, so that it cannot meet a younger run of the same thing that waits by now.
    values = {"state": WAITING, "worker": None, "progress": 0.0, "shared_key": None}
    return _rows(update(RunRow).where(held).values(attempt=RunRow.attempt - 1, **values))


def running_under(prefix: str) -> list[str]:
    """Return the names that begin with ``prefix`` of the workers that hold runs."""
    reading()
    held = select(RunRow.worker).where(RunRow.state == RUNNING, RunRow.worker.startswith(prefix, autoescape=True))
    names = [name for name in db.session.scalars(held.distinct()) if name is not None]
    db.session.rollback()
    return names


def sweep(gone: Iterable[str] = (), silent_for: timedelta = SILENT) -> int:
    """Put back runs whose worker is gone, and fail those that were put back twice; return how many it was.

    A worker is gone when its run had no heartbeat for `STALE`, or for ``silent_for`` when its name is in ``gone``.
    """
    silent = RunRow.worker.in_(list(gone)) & (RunRow.heartbeat <= now() - silent_for)
    lost = (RunRow.state == RUNNING) & ((RunRow.heartbeat < now() - STALE) | silent)
    reading()
    found = db.session.scalar(select(func.count()).where(lost))
    db.session.rollback()
    if not found:
        return 0
    failed = _rows(
        update(RunRow)
        .where(lost, RunRow.attempt >= ATTEMPTS)
        .values(
            state=FAILED,
            finished_at=now(),
            shared_key=None,
            failure=f"the worker stopped {ATTEMPTS} times while this run was being trained",
        )
    )
    again = _rows(update(RunRow).where(lost).values(state=WAITING, worker=None, progress=0.0, shared_key=None))
    db.session.commit()
    return failed + again


def sign_of_life(worker: str, state: str) -> None:
    """Record that a worker is alive and how far it is."""
    row = db.session.get(WorkerRow, worker) or WorkerRow(name=worker)
    row.state, row.heartbeat = state, now()
    db.session.add(row)
    db.session.execute(delete(WorkerRow).where(WorkerRow.heartbeat < now() - FORGOTTEN))
    db.session.commit()


def workers() -> list[WorkerRow]:
    """Return the workers that are alive, the one that was heard of last first."""
    alive = select(WorkerRow).where(WorkerRow.heartbeat >= now() - LATELY)
    return list(db.session.scalars(alive.order_by(WorkerRow.heartbeat.desc())))


def waiting_since() -> timedelta:
    """Return how long the oldest waiting run has waited."""
    oldest = db.session.scalar(select(func.min(RunRow.created_at)).where(RunRow.state == WAITING))
    return now() - oldest if oldest is not None else timedelta(0)


def probe() -> None:
    """Write to the database, to see whether that can be done."""
    db.session.merge(ProbeRow(name="readyz", written_at=now()))
    db.session.commit()


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
    while ids := list(db.session.scalars(chosen)):
        size += db.session.scalar(select(func.sum(func.length(FigureRow.svg))).where(FigureRow.id.in_(ids))) or 0
        dropped += _rows(update(FigureRow).where(FigureRow.id.in_(ids)).values(svg=None))
        db.session.commit()
    return dropped, size


def reading() -> None:
    """Begin a transaction that only reads, which on SQLite nobody who writes has to wait for; one under way goes on."""
    if not db.session().in_transaction():
        db.session.connection(execution_options={"read_only": True})


def _rows(statement: Update | Delete) -> int:
    result = db.session.execute(statement, execution_options={"synchronize_session": False})
    return result.rowcount if isinstance(result, CursorResult) else 0


def _changed(statement: Update) -> bool:
    return _rows(statement) > 0
