"""Everything that is read from and written to the library's tables."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from assistant.database import affected_rows, db
from assistant.library.entries import Draft, Entry
from assistant.library.tables import EntryRow, ExperimentRow, MovedSlugRow, RevisionRow
from assistant.library.texts.markdown import render

# What makes two revisions different; the HTML follows from the explanation.
CONTENT = (
    "title",
    "theme",
    "order",
    "short",
    "explanation",
    "not_covered",
    "experiments",
    "claims",
    "predict",
    "beliefs",
    "references",
)
LISTS = ("not_covered", "references")
IMPORT = "import"  # the author of what comes from the content files


def published_entries() -> list[EntryRow]:
    """Return all entries that learners see, in reading order."""
    rows = db.session.scalars(select(EntryRow).where(EntryRow.published_number.is_not(None))).unique().all()
    return sorted(rows, key=lambda row: (row.published.order, row.slug) if row.published else (0, row.slug))


def by_theme(entries: Iterable[EntryRow]) -> dict[str, list[EntryRow]]:
    """Return the published ones of these entries by their themes, both in the order of the entries."""
    themes: dict[str, list[EntryRow]] = {}
    for row in entries:
        if row.published is not None:
            themes.setdefault(row.published.theme, []).append(row)
    return themes


def published_slugs() -> set[str]:
    """Return the slugs of all entries that learners see."""
    return set(db.session.scalars(select(EntryRow.slug).where(EntryRow.published_number.is_not(None))))


def count_published() -> int:
    """Return how many entries learners see."""
    query = select(func.count()).select_from(EntryRow).where(EntryRow.published_number.is_not(None))
    return db.session.scalar(query) or 0


class Neighbour(NamedTuple):
    """A published entry, as a link to it needs it."""

    slug: str
    title: str


def neighbours(row: EntryRow) -> tuple[Neighbour | None, Neighbour | None]:
    """Return the entries before and after one in the reading order, where there are such."""
    shown = (EntryRow.id == RevisionRow.entry_id) & (EntryRow.published_number == RevisionRow.number)
    found = select(EntryRow.slug, RevisionRow.title).join(RevisionRow, shown)
    known = [Neighbour(*each) for each in db.session.execute(found.order_by(RevisionRow.order, EntryRow.slug))]
    at = next((at for at, each in enumerate(known) if each.slug == row.slug), None)
    if at is None:
        return None, None
    return known[at - 1] if at else None, known[at + 1] if at + 1 < len(known) else None


def published_entry(slug: str) -> EntryRow | None:
    """Return a published entry, also by an address that it had before."""
    row = entry(slug) or moved_entry(slug)
    return row if row is not None and row.published is not None else None


def experiment(name: str) -> ExperimentRow | None:
    """Return what is known of an experiment."""
    return db.session.get(ExperimentRow, name)


def experiments() -> list[ExperimentRow]:
    """Return what is known of all experiments, by name."""
    return list(db.session.scalars(select(ExperimentRow).order_by(ExperimentRow.name)))


def schemas() -> dict[str, Mapping[str, Any]]:
    """Return what each experiment can be varied in, by its name, without its findings, which take long to read."""
    rows = db.session.execute(select(ExperimentRow.name, ExperimentRow.parameters).order_by(ExperimentRow.name))
    return {row.name: row.parameters for row in rows}


def experiment_codes() -> dict[str, str]:
    """Return the hash of each experiment's code, by its name."""
    rows = db.session.execute(select(ExperimentRow.name, ExperimentRow.code))
    return {row.name: row.code for row in rows}


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


def entry(slug: str) -> EntryRow | None:
    """Return an entry, published or not."""
    return db.session.scalars(select(EntryRow).where(EntryRow.slug == slug)).unique().one_or_none()


def moved_entry(slug: str) -> EntryRow | None:
    """Return the entry that had an address before."""
    found = select(EntryRow).join(MovedSlugRow, MovedSlugRow.entry_id == EntryRow.id)
    return db.session.scalars(found.where(MovedSlugRow.slug == slug)).unique().one_or_none()


def entries() -> list[EntryRow]:
    """Return all entries, also those that are not published yet."""
    return list(db.session.scalars(select(EntryRow).order_by(EntryRow.slug)).unique())


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
    values = {"published_number": number} | ({"withdrawn_at": None, "successor": None} if number is not None else {})
    moved = affected_rows(update(EntryRow).where(EntryRow.id == row.id, as_expected).values(**values))
    db.session.expire(row)
    return moved > 0


def content(draft: Draft) -> dict[str, Any]:
    """Return an entry's content as a revision keeps it."""
    values = {key: getattr(draft, key) for key in CONTENT}
    return values | {key: list(values[key]) for key in LISTS}


def content_of(row: RevisionRow) -> dict[str, Any]:
    """Return the content that a revision holds."""
    return {key: getattr(row, key) for key in CONTENT}


def plain(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a content as plain data, as programs and digests take it."""
    typed = {key: [each.to_json() for each in content[key]] for key in ("experiments", "claims", "beliefs")}
    predict = content["predict"]
    return {**content, **typed, "predict": predict.to_json() if predict is not None else None}


def store_entry(new: Entry, *, author: str, reason: str) -> bool:
    """Publish an entry as a new revision; return whether it differs from what was published."""
    row = entry(new.slug) or add_entry(new.slug)
    current = row.published
    if current is not None and content_of(current) == content(new):
        return False
    last = head(row)
    number = last.number + 1 if last is not None else 1
    add_revision(row, new, number=number, author=author, reason=reason)
    row.published_number, row.withdrawn_at, row.successor = number, None, None
    return True
