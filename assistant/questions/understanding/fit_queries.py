"""The matcher's fit in the database."""

from datetime import datetime

from sqlalchemy import func, select

from assistant.database import db, now
from assistant.questions.tables import FitRow


def fit_bytes() -> bytes | None:
    """Return the fit as bytes; None where there is none yet."""
    return db.session.scalar(select(FitRow.stored).where(FitRow.id == 1)) or None


def time_of_fit() -> datetime | None:
    """Return when the fit was stored, without loading it."""
    return db.session.scalar(select(FitRow.updated_at).where(FitRow.id == 1))


def kept_fit() -> tuple[datetime, int] | None:
    """Return when the last full fit was stored, and how many bytes it has, without loading it; None of none."""
    query = select(FitRow.updated_at, func.length(FitRow.stored)).where(FitRow.id == 1, FitRow.fitted_to != "")
    found = db.session.execute(query).one_or_none()
    return (found[0], found[1]) if found is not None else None


def fitted_to() -> str | None:
    """Return to which state of the library the last full fit was made."""
    return db.session.scalar(select(FitRow.fitted_to).where(FitRow.id == 1))


def progress() -> float | None:
    """Return how far a full fit is, 0..1; None where none is being made."""
    return db.session.scalar(select(FitRow.progress).where(FitRow.id == 1))


def store_fit(fit: bytes, *, fitted_to: str | None = None) -> None:
    """Keep a fit, and with a full one to what it was made; call it within `writing`."""
    row = _row()
    row.stored, row.updated_at = fit, now()
    if fitted_to is not None:
        row.fitted_to, row.progress = fitted_to, None


def store_progress(progress: float) -> None:
    """Note how far a full fit is, 0..1; call it within `writing`."""
    _row().progress = progress


def _row() -> FitRow:
    row = db.session.get(FitRow, 1)
    if row is None:
        row = FitRow(id=1, stored=b"", fitted_to="")
        db.session.add(row)
    return row
