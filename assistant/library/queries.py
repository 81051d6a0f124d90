"""Everything that is read from and written to the library's tables."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from assistant.database import db
from assistant.library.entries import Entry
from assistant.library.markdown import render
from assistant.library.tables import EntryRow, ExperimentRow, FitRow, RevisionRow
from assistant.matching import Topic

# What makes two revisions different; the HTML follows from the explanation.
CONTENT = ("title", "theme", "order", "short", "explanation", "phrasings", "experiment", "hyperparameters", "claims")


def published() -> list[EntryRow]:
    """Return all entries that learners see, in reading order."""
    rows = db.session.scalars(select(EntryRow).where(EntryRow.published_number.is_not(None))).unique().all()
    return sorted(rows, key=lambda row: (row.published.order, row.slug) if row.published else (0, row.slug))


def by_slug(slug: str) -> EntryRow | None:
    """Return a published entry."""
    row = db.session.scalars(select(EntryRow).where(EntryRow.slug == slug)).unique().one_or_none()
    return row if row is not None and row.published is not None else None


def state() -> tuple[tuple[str, int], ...]:
    """Return each published entry's slug and revision, which tell whether the library changed."""
    shown = select(EntryRow.slug, EntryRow.published_number).where(EntryRow.published_number.is_not(None))
    return tuple((slug, number or 0) for slug, number in db.session.execute(shown.order_by(EntryRow.slug)))


def fitted_at() -> datetime | None:
    """Return when the matcher last learned, without loading what it learned."""
    return db.session.scalar(select(FitRow.updated_at).where(FitRow.id == 1))


def topics() -> list[Topic]:
    """Return what the matcher learns of every published entry."""
    return [
        Topic.of(row.slug, r.title, r.phrasings, (r.short, *(claim["text"] for claim in r.claims), r.explanation))
        for row in published()
        if (r := row.published) is not None
    ]


def fit() -> FitRow | None:
    """Return what the matcher learned when the library was last imported."""
    return db.session.get(FitRow, 1)


def store_fit(stored: bytes, not_covered: list[str]) -> None:
    """Keep what the matcher learned."""
    row = fit()
    if row is None:
        db.session.add(FitRow(id=1, stored=stored, not_covered=not_covered))
    else:
        row.stored, row.not_covered = stored, not_covered


def experiment(name: str) -> ExperimentRow | None:
    """Return what is known of an experiment."""
    return db.session.get(ExperimentRow, name)


def store_experiments(described: Iterable[Mapping[str, Any]]) -> None:
    """Write what `models.registry.describe` tells of each experiment."""
    for each in described:
        values = {key: each[key] for key in ("title", "summary", "parameters", "findings", "cost", "code")}
        row = db.session.get(ExperimentRow, each["name"])
        if row is None:
            db.session.add(ExperimentRow(name=each["name"], **values))
        else:
            for key, value in values.items():
                setattr(row, key, value)


def store_entry(entry: Entry, *, author: str, reason: str) -> bool:
    """Publish an entry as a new revision; return whether it differs from what was published."""
    row = db.session.scalars(select(EntryRow).where(EntryRow.slug == entry.slug)).unique().one_or_none()
    if row is None:
        row = EntryRow(slug=entry.slug)
        db.session.add(row)
        db.session.flush()
    values = entry.model_dump(mode="json", exclude_none=True)
    current = row.published
    if current is not None and all(getattr(current, key) == values[key] for key in (*CONTENT, "references")):
        return False
    last = db.session.scalar(select(func.max(RevisionRow.number)).where(RevisionRow.entry_id == row.id)) or 0
    content = {key: values[key] for key in (*CONTENT, "references")}
    html = render(entry.explanation)
    db.session.add(RevisionRow(entry_id=row.id, number=last + 1, html=html, author=author, reason=reason, **content))
    row.published_number = last + 1
    return True
