"""The record of the runs: what is asked for, what pages show of it, and what is kept."""

import hashlib
import json
import secrets
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from assistant.database import db, drop_in_batches, now, writing
from assistant.errors import InvalidInputError
from assistant.library.configurations import Configuration
from assistant.library.tables import EntryRow, ExperimentRow, RevisionRow
from assistant.runs.tables import DONE, DRAWN, FAILED, RUNNING, WAITING, FigureRow, ProbeRow, ReplayRow, RunRow
from assistant.runs.turns import UNASKED, place
from assistant.tallies import DRAWN as FIGURES_DRAWN
from assistant.tallies import tally

NETWORKS = 64


def enqueue(
    revision: RevisionRow,
    configuration: Configuration | None = None,
    *,
    varied: Mapping[str, Any] | None = None,
    seed: int | None = None,
) -> RunRow:
    """Return a run of a published entry that still waits: a new one, or the one that others already wait for.

    Args:
        revision: what the entry asks for.
        configuration: which of its experiments; the main one unless given.
        varied: what a learner changed: ``changes``, each with its ``parameter``, ``value`` and the entry's ``own``
            value, and the id of the run that it stands ``beside``; such a run is no evidence.
        seed: drawn unless given.
    """
    configuration = configuration or revision.experiments[0]
    experiment, own = configuration.experiment, configuration.hyperparameters
    changes = varied["changes"] if varied is not None else ()
    hyperparameters = own | {each["parameter"]: each["value"] for each in changes}
    asked = [revision.id, experiment, hyperparameters, NETWORKS, varied is not None]
    key = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    waiting = select(RunRow).where(RunRow.shared_key == key, RunRow.state == WAITING)
    if (shared := db.session.scalars(waiting).one_or_none()) is not None:
        if shared.turn == UNASKED:  # Now somebody waits for it.
            shared.asker, shared.turn = place(varied=False)
        return shared
    who, turn = place(varied=varied is not None)
    run = RunRow(
        asker=who,
        turn=turn,
        entry_id=revision.entry_id,
        revision_id=revision.id,
        experiment=experiment,
        hyperparameters=hyperparameters,
        networks=NETWORKS,
        seed=secrets.randbits(48) if seed is None else seed,
        evidence=varied is None,
        varied=dict(varied) if varied is not None else None,
        shared_key=key,
        claims=revision.claims_of(experiment),
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


def latest_varied(revision: RevisionRow, changed: Mapping[str, Any]) -> RunRow | None:
    """Return the newest run of a revision's main experiment in which a learner changed this, unless it failed."""
    same = select(RunRow).where(
        RunRow.entry_id == revision.entry_id,
        RunRow.state.in_((WAITING, RUNNING, DONE)),
        RunRow.revision_id == revision.id,
        RunRow.experiment == revision.experiment,
        ~RunRow.evidence,
        # As `enqueue` has written it, key after key in the same order.
        cast(RunRow.hyperparameters, Text) == json.dumps({**revision.hyperparameters, **changed}),
    )
    return db.session.scalars(same.order_by(RunRow.created_at.desc()).limit(1)).one_or_none()


def find(run_id: str) -> RunRow | None:
    """Return a run."""
    return db.session.get(RunRow, run_id)


def count_ahead(run: RunRow) -> int:
    """Return how many runs come before a waiting one."""
    earlier = (RunRow.turn < run.turn) | ((RunRow.turn == run.turn) & (RunRow.created_at < run.created_at))
    before = select(func.count()).where((RunRow.state == RUNNING) | ((RunRow.state == WAITING) & earlier))
    return db.session.scalar(before) or 0


def latest_done(entry: EntryRow, experiment: str | None = None) -> RunRow | None:
    """Return the newest finished run of an entry's experiment, the main one unless named, at its own parameters."""
    if entry.published is None:
        return None
    name = experiment or entry.published.experiment
    done = select(RunRow).where(
        RunRow.entry_id == entry.id, RunRow.experiment == name, RunRow.state == DONE, RunRow.evidence
    )
    return db.session.scalars(done.order_by(RunRow.finished_at.desc()).limit(1)).one_or_none()


def latest_undone(entry: EntryRow) -> RunRow | None:
    """Return the newest run of an entry's main experiment, at its own parameters, that waits, is trained or failed."""
    if entry.published is None:
        return None
    undone = select(RunRow).where(
        RunRow.entry_id == entry.id,
        RunRow.experiment == entry.published.experiment,
        RunRow.state != DONE,
        RunRow.evidence,
    )
    return db.session.scalars(undone.order_by(RunRow.created_at.desc()).limit(1)).one_or_none()


def runs_of(entry: EntryRow, fresh: RunRow | None) -> list[tuple[str, RunRow | None]]:
    """Return each experiment of an entry, the main one first, with its fresh run or else its latest stored one."""
    if entry.published is None:
        return []
    names = [each.experiment for each in entry.published.experiments]
    return [
        (name, fresh if fresh is not None and fresh.experiment == name else latest_done(entry, name)) for name in names
    ]


def add_trial(revision: RevisionRow, configuration: Configuration) -> RunRow:
    """Add a run of a draft. It belongs to no entry, and so never is an entry's latest run, nor evidence."""
    run = RunRow(
        revision_id=revision.id,
        experiment=configuration.experiment,
        hyperparameters=configuration.hyperparameters,
        networks=NETWORKS,
        seed=secrets.randbits(48),
        evidence=False,
        claims=revision.claims_of(configuration.experiment),
    )
    db.session.add(run)
    db.session.flush()
    return run


def forget_trials(entry: EntryRow) -> None:
    """Delete the trial runs of an entry that learners never saw; call it within `writing`.

    Raises:
        InvalidInputError: one is still under way.
    """
    own = RunRow.revision_id.in_(select(RevisionRow.id).where(RevisionRow.entry_id == entry.id))
    if db.session.scalar(select(func.count(RunRow.id)).where(own, RunRow.state.in_((WAITING, RUNNING)))):
        raise InvalidInputError("Its claims are being tried at the moment. Please wait until the networks are trained.")
    db.session.execute(delete(RunRow).where(own))


def latest_trial(revision: RevisionRow, configuration: Configuration) -> RunRow | None:
    """Return the newest run of a revision's experiment, or of one with the same claims and parameters."""
    same = select(RunRow.id).join(RevisionRow, RevisionRow.id == RunRow.revision_id)
    newest = same.where(RevisionRow.entry_id == revision.entry_id, RunRow.experiment == configuration.experiment)
    claims = revision.claims_of(configuration.experiment)
    for run_id in db.session.scalars(newest.order_by(RunRow.created_at.desc()).limit(50)).all():
        run = db.session.get(RunRow, run_id)
        if run is None:
            continue
        if run.varied is None and run.claims == claims and run.hyperparameters == configuration.hyperparameters:
            return run
    return None


def latest_findings(experiment: str) -> Mapping[str, Any]:
    """Return the findings of the newest finished run of an experiment; none before its first."""
    done = select(RunRow.findings).where(RunRow.experiment == experiment, RunRow.state == DONE)
    return db.session.scalars(done.order_by(RunRow.finished_at.desc()).limit(1)).first() or {}


def replay(run_id: str) -> ReplayRow | None:
    """Return what of a run can be watched; None where nothing was recorded, or it was pruned."""
    return db.session.get(ReplayRow, run_id)


def watchable(run_id: str) -> bool:
    """Say whether a run can be watched, without loading what was recorded."""
    return db.session.scalar(select(ReplayRow.run_id).where(ReplayRow.run_id == run_id)) is not None


def count_by_state() -> dict[str, int]:
    """Return how many runs are stored in each state."""
    rows = db.session.execute(select(RunRow.state, func.count().label("stored")).group_by(RunRow.state))
    found = {row.state: row.stored for row in rows}
    return {state: found.get(state, 0) for state in (WAITING, RUNNING, DONE, FAILED)}


def waiting_since() -> timedelta:
    """Return how long the oldest waiting run has waited, of those that a visitor asked for."""
    asked = select(func.min(RunRow.created_at)).where(RunRow.state == WAITING, RunRow.asker.is_not(None))
    oldest = db.session.scalar(asked)
    return now() - oldest if oldest is not None else timedelta(0)


def probe() -> None:
    """Write to the database, to see whether that can be done."""
    with writing():
        db.session.merge(ProbeRow(name="readyz", written_at=now()))


def without_runs() -> list[tuple[RevisionRow, Configuration]]:
    """Return the published experiments that no run shows which is done by today's code, or still to come."""
    shown = (
        select(RunRow.revision_id, RunRow.experiment)
        .join(ExperimentRow, ExperimentRow.name == RunRow.experiment)
        .where(
            RunRow.revision_id.is_not(None),
            RunRow.evidence,
            RunRow.state.in_((WAITING, RUNNING)) | ((RunRow.state == DONE) & (RunRow.code == ExperimentRow.code)),
        )
        .distinct()
    )
    known = {(revision_id, experiment) for revision_id, experiment in db.session.execute(shown)}
    shown_now = (EntryRow.id == RevisionRow.entry_id) & (EntryRow.published_number == RevisionRow.number)
    revisions = db.session.scalars(select(RevisionRow).join(EntryRow, shown_now)).all()
    return [
        (revision, each)
        for revision in revisions
        for each in revision.experiments
        if (revision.id, each.experiment) not in known
    ]


def old(older: timedelta) -> ColumnElement[bool]:
    """Return the condition that a run finished longer ago and is not the newest of its kind, which a page shows."""
    latest = (
        select(func.max(RunRow.finished_at))
        .where(RunRow.state == DONE, RunRow.evidence)
        .group_by(RunRow.entry_id, RunRow.experiment)
    )
    return (RunRow.finished_at < now() - older) & RunRow.finished_at.not_in(latest)


def prune(older: timedelta) -> tuple[int, int]:
    """Drop the pictures of runs that finished longer ago; return how many, and their bytes. Numbers stay.

    The newest run of each experiment of an entry keeps its pictures, since the entry's page shows it.
    """
    chosen = select(FigureRow.id).join(RunRow, RunRow.id == FigureRow.run_id)
    chosen = chosen.where(FigureRow.svg.is_not(None), old(older)).limit(100)
    return drop_in_batches(
        chosen, func.length(FigureRow.svg), lambda batch: update(FigureRow).where(batch).values(svg=None)
    )


def prune_replays(older: timedelta) -> tuple[int, int]:
    """Drop the replays of runs that finished longer ago, as `prune` does their pictures; return how many, and bytes."""
    chosen = select(ReplayRow.run_id).join(RunRow, RunRow.id == ReplayRow.run_id).where(old(older)).limit(100)
    size = func.length(ReplayRow.recording) + func.length(ReplayRow.scripts)
    return drop_in_batches(chosen, size, lambda batch: delete(ReplayRow).where(batch))


def left_undrawn(since: timedelta, under_way: Collection[str] = ()) -> RunRow | None:
    """Return the run whose figures come next: to be drawn, not yet ``under_way``, and finished longer ago.

    Those come first that were asked for, and of these the oldest.
    """
    ahead = RunRow.finished_at > now() + since  # by a clock that was set back since
    left = RunRow.id.not_in(list(under_way))
    undrawn = select(RunRow).where(RunRow.drawing == WAITING, (RunRow.finished_at < now() - since) | ahead, left)
    return db.session.scalars(undrawn.order_by(RunRow.turn, RunRow.finished_at).limit(1)).one_or_none()


def note_drawing(run_id: str, *, seconds: float = 0.0, failed: bool = False) -> bool:
    """Note what became of a run's figures; return False where that is known already."""
    run = db.session.get(RunRow, run_id)
    if run is None or run.drawing != WAITING:
        return False
    run.drawing = FAILED if failed else DRAWN
    run.seconds = {**(run.seconds or {}), "figures": seconds}
    if not failed:
        db.session.flush()
        tally(FIGURES_DRAWN, run.experiment, seconds)
    return True
