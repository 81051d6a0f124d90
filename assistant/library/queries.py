"""Everything that is read from and written to the library's tables."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.exc import IntegrityError

from assistant.database import db
from assistant.library.entries import Draft, Entry
from assistant.library.markdown import render
from assistant.library.tables import EntryRow, ExperimentRow, FitRow, RevisionRow
from assistant.matching import Topic

# What makes two revisions different; the HTML follows from the explanation.
CONTENT = (
    "title",
    "theme",
    "order",
    "short",
    "explanation",
    "phrasings",
    "not_covered",
    "experiment",
    "hyperparameters",
    "claims",
    "references",
)


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
        values = {key: each[key] for key in ("title", "summary", "parameters", "findings", "code")}
        row = db.session.get(ExperimentRow, each["name"])
        if row is None:
            db.session.add(ExperimentRow(name=each["name"], **values))
        else:
            for key, value in values.items():
                setattr(row, key, value)


def entry(slug: str) -> EntryRow | None:
    """Return an entry, published or not."""
    return db.session.scalars(select(EntryRow).where(EntryRow.slug == slug)).unique().one_or_none()


def entries() -> list[EntryRow]:
    """Return all entries, also those that are not published yet."""
    return list(db.session.scalars(select(EntryRow).order_by(EntryRow.slug)).unique())


def experiments() -> list[ExperimentRow]:
    """Return what is known of all experiments."""
    return list(db.session.scalars(select(ExperimentRow).order_by(ExperimentRow.name)))


def revisions(row: EntryRow) -> list[RevisionRow]:
    """Return all revisions of an entry, the newest first."""
    found = select(RevisionRow).where(RevisionRow.entry_id == row.id)
    return list(db.session.scalars(found.order_by(RevisionRow.number.desc())))


def revision(row: EntryRow, number: int) -> RevisionRow | None:
    """Return one revision of an entry."""
    found = select(RevisionRow).where(RevisionRow.entry_id == row.id, RevisionRow.number == number)
    return db.session.scalars(found).one_or_none()


def heads() -> dict[int, RevisionRow]:
    """Return the newest revision of every entry, by the entry's id."""
    newest = select(RevisionRow.entry_id, func.max(RevisionRow.number).label("number")).group_by(RevisionRow.entry_id)
    last = newest.subquery()
    found = select(RevisionRow).join(
        last, (RevisionRow.entry_id == last.c.entry_id) & (RevisionRow.number == last.c.number)
    )
    return {each.entry_id: each for each in db.session.scalars(found)}


def head(row: EntryRow) -> RevisionRow | None:
    """Return the newest revision of an entry."""
    found = select(RevisionRow).where(RevisionRow.entry_id == row.id)
    return db.session.scalars(found.order_by(RevisionRow.number.desc()).limit(1)).one_or_none()


def add_entry(slug: str) -> EntryRow:
    """Add an entry that holds nothing yet."""
    row = EntryRow(slug=slug)
    db.session.add(row)
    db.session.flush()
    return row


def add_revision(row: EntryRow, draft: Draft, *, number: int, author: str, reason: str) -> RevisionRow | None:
    """Add revision ``number`` on top of the one before it; return None where somebody else added it already."""
    added = RevisionRow(
        entry_id=row.id,
        number=number,
        based_on=number - 1 or None,
        html=render(draft.explanation),
        author=author,
        reason=reason,
        **content(draft),
    )
    try:
        with db.session.begin_nested():
            db.session.add(added)
    except IntegrityError:
        return None
    return added


def move_published(row: EntryRow, expected: int | None, number: int | None) -> bool:
    """Let learners see another revision, unless what they see is no longer the ``expected`` one; say whether it was."""
    current = EntryRow.published_number
    as_expected = current.is_(None) if expected is None else current == expected
    moved = db.session.execute(
        update(EntryRow).where(EntryRow.id == row.id, as_expected).values(published_number=number),
        execution_options={"synchronize_session": False},
    )
    db.session.expire(row)
    return isinstance(moved, CursorResult) and moved.rowcount == 1


def content(draft: Draft) -> dict[str, Any]:
    """Return an entry's content as the columns of a revision."""
    values = draft.model_dump(mode="json", exclude_none=True)
    return {key: values[key] for key in CONTENT}


def content_of(row: RevisionRow) -> dict[str, Any]:
    """Return the content that a revision holds."""
    return {key: getattr(row, key) for key in CONTENT}


def store_entry(new: Entry, *, author: str, reason: str) -> bool:
    """Publish an entry as a new revision; return whether it differs from what was published."""
    row = entry(new.slug) or add_entry(new.slug)
    current = row.published
    if current is not None and content_of(current) == content(new):
        return False
    last = head(row)
    number = last.number + 1 if last is not None else 1
    add_revision(row, new, number=number, author=author, reason=reason)
    row.published_number = number
    return True
