"""Everything that is read from and written to the library's tables."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from assistant.database import db
from assistant.errors import InvalidInputError, NotFoundError
from assistant.library.entries import Entry
from assistant.library.markdown import render
from assistant.library.tables import EntryRow, ExperimentRow, FitRow, NotCoveredRow, RevisionRow
from assistant.matching import Topic

# What makes two revisions different; the HTML follows from the explanation.
CONTENT = ("title", "theme", "order", "short", "explanation", "phrasings", "experiment", "hyperparameters", "claims")
IMPORT = "import"  # the author of what comes from the content files
LONGEST_NOT_COVERED = 1_000  # characters, as of a question


def published() -> list[EntryRow]:
    """Return all entries that learners see, in reading order."""
    rows = db.session.scalars(select(EntryRow).where(EntryRow.published_number.is_not(None))).unique().all()
    return sorted(rows, key=lambda row: (row.published.order, row.slug) if row.published else (0, row.slug))


def by_slug(slug: str) -> EntryRow | None:
    """Return a published entry."""
    row = db.session.scalars(select(EntryRow).where(EntryRow.slug == slug)).unique().one_or_none()
    return row if row is not None and row.published is not None else None


def state() -> str:
    """Return a short text that changes whenever what the matcher learns from does."""
    shown = select(EntryRow.slug, EntryRow.published_number).where(EntryRow.published_number.is_not(None))
    published_now = [tuple(row) for row in db.session.execute(shown.order_by(EntryRow.slug))]
    not_covered_now = db.session.execute(select(func.count(), func.max(NotCoveredRow.changed_at))).one()
    return hashlib.sha256(repr((published_now, tuple(not_covered_now))).encode()).hexdigest()[:24]


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
    """Return what the matcher learned."""
    return db.session.get(FitRow, 1)


def learned_of() -> str | None:
    """Return of what the matcher last learned everything anew, without loading what it learned."""
    return db.session.scalar(select(FitRow.learned_of).where(FitRow.id == 1))


def store_fit(stored: bytes, *, learned_of: str | None = None) -> None:
    """Keep what the matcher learned, and of what when it learned everything anew; the caller commits."""
    row = fit()
    if row is None:
        db.session.add(FitRow(id=1, stored=stored, learned_of=learned_of or ""))
    else:
        row.stored, row.learned_of = stored, learned_of or row.learned_of


def not_covered() -> list[NotCoveredRow]:
    """Return the questions that no entry answers, in the order in which they came."""
    return list(
        db.session.scalars(select(NotCoveredRow).where(NotCoveredRow.removed.is_(False)).order_by(NotCoveredRow.id))
    )


def add_not_covered(text: str, author: str) -> NotCoveredRow:
    """Mark a question as one that no entry answers; the caller commits and then calls `fitting.refresh`.

    Raises:
        InvalidInputError: it is empty, too long, or a phrasing of an entry.
    """
    question = " ".join(text.split())
    if not any(each.isalnum() for each in question) or len(question) > LONGEST_NOT_COVERED:
        raise InvalidInputError(f"A question has words, and at most {LONGEST_NOT_COVERED:,} characters.")
    for row in published():
        if row.published and question.casefold() in {
            each.casefold() for each in (row.published.title, *row.published.phrasings)
        }:
            raise InvalidInputError(f"This is a phrasing of “{row.published.title}”. Take it out there first.")
    found = db.session.scalars(select(NotCoveredRow).where(NotCoveredRow.text == question)).one_or_none()
    if found is None:
        found = NotCoveredRow(text=question, author=author)
        db.session.add(found)
    elif found.removed:
        found.author, found.removed = author, False
    db.session.flush()
    return found


def remove_not_covered(number: int, author: str) -> None:
    """No longer mark question ``number`` as one that no entry answers; the caller commits and calls `fitting.refresh`.

    Raises:
        NotFoundError: there is no such question, or it was removed before.
    """
    row = db.session.get(NotCoveredRow, number)
    if row is None or row.removed:
        raise NotFoundError("There is no such question. Perhaps another teacher has removed it.")
    row.author, row.removed = author, True
    db.session.flush()


def store_not_covered(texts: Sequence[str]) -> int:
    """Bring in the lines of the content file, take out those that left it, and return how many changed.

    What a teacher added or removed stays as it is.
    """
    rows = {row.text: row for row in db.session.scalars(select(NotCoveredRow))}
    new = [text for text in texts if text not in rows]
    old = [row for text, row in rows.items() if row.author == IMPORT and text not in texts]
    db.session.add_all(NotCoveredRow(text=text, author=IMPORT) for text in new)
    for row in old:
        db.session.delete(row)
    db.session.flush()
    return len(new) + len(old)


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
