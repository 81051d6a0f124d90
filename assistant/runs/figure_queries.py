"""The figures of the runs, as they are stored, and the thumbnails by which lists show entries."""

from collections.abc import Iterable

from sqlalchemy import select

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


def thumbnail(entry_id: int, experiment: str) -> FigureRow | None:
    """Return the thumbnail of an entry's newest run that has one; it is found from the newest run on, by an index."""
    runs = RunRow.entry_id == entry_id, RunRow.state == DONE, RunRow.experiment == experiment, RunRow.evidence
    drawn = select(FigureRow).join(RunRow, FigureRow.run_id == RunRow.id)
    drawn = drawn.where(*runs, FigureRow.position == THUMBNAIL, FigureRow.svg.is_not(None))
    return db.session.scalars(drawn.order_by(RunRow.finished_at.desc()).limit(1)).one_or_none()


def add_figures(figures: Iterable[FigureRow]) -> None:
    """Add the figures of a run."""
    db.session.add_all(figures)
