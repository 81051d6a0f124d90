"""The figures of the runs, as they are stored, and the thumbnails by which lists show entries."""

from collections.abc import Iterable

from sqlalchemy import func, select

from assistant.database import db
from assistant.runs.tables import DONE, THUMBNAIL, FigureRow, RunRow


def figure_names(experiment: str) -> list[str]:
    """Return the names of the figures of an experiment's newest finished run; none before its first."""
    done = select(RunRow.id).where(RunRow.experiment == experiment, RunRow.state == DONE)
    newest = done.order_by(RunRow.finished_at.desc()).limit(1).scalar_subquery()
    own = select(FigureRow.name).where(FigureRow.run_id == newest, FigureRow.position != THUMBNAIL)
    return list(db.session.scalars(own.order_by(FigureRow.position)))


def figure(run_id: str, name: str) -> FigureRow | None:
    """Return a figure of a run."""
    return db.session.scalars(select(FigureRow).where(FigureRow.run_id == run_id, FigureRow.name == name)).one_or_none()


def thumbnails() -> dict[tuple[int | None, str], FigureRow]:
    """Return the thumbnail of the newest run that has one, by an entry's number and the name of its experiment."""
    drawn = FigureRow.position == THUMBNAIL, FigureRow.svg.is_not(None), RunRow.evidence
    runs = select(RunRow.entry_id, RunRow.experiment, func.max(RunRow.finished_at).label("newest"))
    runs = runs.join(FigureRow, FigureRow.run_id == RunRow.id).where(*drawn)
    newest = runs.group_by(RunRow.entry_id, RunRow.experiment).subquery()
    same = (
        (newest.c.entry_id == RunRow.entry_id)
        & (newest.c.experiment == RunRow.experiment)
        & (newest.c.newest == RunRow.finished_at)
    )
    rows = select(RunRow.entry_id, RunRow.experiment, FigureRow).join(FigureRow, FigureRow.run_id == RunRow.id)
    found = db.session.execute(rows.join(newest, same).where(*drawn))
    return {(entry_id, experiment): figure for entry_id, experiment, figure in found}


def add_figures(figures: Iterable[FigureRow]) -> None:
    """Add the figures of a run."""
    db.session.add_all(figures)
