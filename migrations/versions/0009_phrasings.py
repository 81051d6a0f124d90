"""Phrasings as rows with a history of their own, and no longer a part of each revision; what no entry answers too."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

IMPORT = "import"
FROM_LEARNERS = "A phrasing that a learner asked."  # the reason of revisions that were made for one
HELD_OUT = 0.15  # of an entry's phrasings, the newest, were held out until now; at least one of two or more

Row = dict[str, Any]


def upgrade() -> None:
    phrasings = op.create_table(
        "phrasings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("held_out", sa.Boolean(), nullable=False),
        sa.Column("model", sa.Integer(), nullable=True),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_by", sa.Text(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("origin IN ('author', 'learner', 'import')", name=op.f("ck_phrasings_origin")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_phrasings_entry_id_entries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phrasings")),
    )
    active = sa.text("removed_at IS NULL")
    op.create_index(
        "uq_phrasings_active", "phrasings", ["key"], unique=True, sqlite_where=active, postgresql_where=active
    )
    op.create_index("ix_phrasings_entry", "phrasings", ["entry_id", "removed_at"])
    op.create_index(op.f("ix_phrasings_changed_at"), "phrasings", ["changed_at"])
    if rows := list(_rows()):
        op.bulk_insert(phrasings, rows)
    op.drop_table("not_covered")
    # Plain columns: a table that is made anew would lose what hangs on it.
    op.drop_column("revisions", "phrasings")
    # It was of a content that held the phrasings; a file that holds what its revision holds is recognised without it.
    op.execute("UPDATE entries SET imported_digest = NULL")
    op.execute("ALTER TABLE fits RENAME COLUMN learned_of TO fitted_to")
    op.add_column("fits", sa.Column("progress", sa.Double(), nullable=True))


def downgrade() -> None:
    op.drop_column("fits", "progress")
    op.execute("ALTER TABLE fits RENAME COLUMN fitted_to TO learned_of")
    op.add_column("revisions", sa.Column("phrasings", sa.JSON(), nullable=False, server_default="[]"))
    not_covered = op.create_table(
        "not_covered",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_not_covered")),
        sa.UniqueConstraint("text", name=op.f("uq_not_covered_text")),
    )
    names = ("id", "entry_id", "text", "origin", "added_by", "removed_by")
    found = sa.table("phrasings", *map(sa.column, names), _time("removed_at"), _time("changed_at"))
    texts: dict[int, list[str]] = {}
    beside: dict[str, Row] = {}
    for row in op.get_bind().execute(sa.select(found).order_by(found.c.id)).mappings():
        if row["entry_id"] is not None:
            texts.setdefault(row["entry_id"], []).extend([row["text"]] if row["removed_at"] is None else [])
            continue
        if row["removed_at"] is None or row["removed_by"] != IMPORT:
            author = IMPORT if row["origin"] == IMPORT else row["added_by"]
            beside[row["text"]] = {
                "text": row["text"],
                "author": author if row["removed_at"] is None else row["removed_by"],
                "changed_at": row["changed_at"],
                "removed": row["removed_at"] is not None,
            }
    if beside:
        op.bulk_insert(not_covered, list(beside.values()))
    revisions = sa.table("revisions", sa.column("entry_id"), sa.column("phrasings", sa.JSON))
    for entry_id, own in texts.items():
        op.execute(revisions.update().where(revisions.c.entry_id == entry_id).values(phrasings=own))
    op.execute("UPDATE entries SET imported_digest = NULL")
    op.drop_table("phrasings")


def _time(name: str) -> sa.ColumnClause[datetime]:
    return sa.column(name, sa.DateTime(timezone=True))


def _rows() -> Iterator[Row]:
    """Yield the rows of all entries, and then of what no entry answers; of the same text only the first is active."""
    bind = op.get_bind()
    names = ("id", "published_number")
    entries = sa.table("entries", *map(sa.column, names))
    columns = ("entry_id", "number", "title", "author", "reason")
    revisions = sa.table(
        "revisions",
        *map(sa.column, columns),
        _time("created_at"),
        sa.column("phrasings", sa.JSON),
        sa.column("not_covered", sa.JSON),
    )
    own: dict[int, list[Any]] = {}
    for each in bind.execute(sa.select(revisions).order_by(revisions.c.number)):
        own.setdefault(each.entry_id, []).append(each)
    taken: set[str] = set()
    beside: list[str] = []
    # Published entries come first: where two hold the same text, learners go on to find the entry that they find now.
    order = entries.c.published_number.is_(None), entries.c.id
    for entry_id, published in bind.execute(sa.select(entries).order_by(*order)):
        history = own.get(entry_id, [])
        yield from _free(_of_entry(entry_id, published, history), taken)
        beside += [text for each in history if each.number == published for text in each.not_covered]
    yield from _free(_not_covered(beside), taken)


def _free(rows: list[Row], taken: set[str]) -> Iterator[Row]:
    """Yield the rows without those whose text is active already."""
    for row in rows:
        if row["removed_at"] is None:
            if row["key"] in taken:
                continue
            taken.add(row["key"])
        yield row


def _of_entry(entry_id: int, published: int | None, history: list[Any]) -> list[Row]:
    """Return the rows of an entry: what each revision up to the published one added and took out, and what a newer
    draft adds."""
    active: dict[str, Row] = {}
    gone: list[Row] = []
    current: list[str] = []
    draft = {_key(text) for text in history[-1].phrasings} if history else set()
    for each in history:
        is_draft = published is not None and each.number > published
        keys = {_key(text) for text in each.phrasings}
        for key in [] if is_draft else [key for key in active if key not in keys]:
            gone.append(active.pop(key) | _removed(each.author, each.created_at))
        for text in each.phrasings:
            if (key := _key(text)) not in active and (not is_draft or key in draft):
                learner = each.reason == FROM_LEARNERS
                origin = IMPORT if each.author == IMPORT else "learner" if learner else "author"
                active[key] = _row(entry_id, text, origin, each.author, each.created_at)
        if each.number == published:
            current = list(dict.fromkeys((each.title, *each.phrasings)))
    newest = {_key(text) for text in current[len(current) - _held_out(len(current)) :]}
    places = {_key(text): at for at, text in enumerate(current)}
    rows = sorted(active.values(), key=lambda row: places.get(row["key"], len(places)))
    return [*gone, *(row | {"held_out": row["key"] in newest} for row in rows)]


def _not_covered(beside: list[str]) -> list[Row]:
    """Return the rows of what no entry answers; ``beside`` are those that stand with published entries."""
    table = sa.table(
        "not_covered", *map(sa.column, ("id", "text", "author")), _time("changed_at"), sa.column("removed", sa.Boolean)
    )
    rows = []
    for each in op.get_bind().execute(sa.select(table).order_by(table.c.id)):
        origin = IMPORT if each.author == IMPORT or each.removed else "author"
        row = _row(None, each.text, origin, IMPORT if each.removed else each.author, each.changed_at)
        rows.append(row | _removed(each.author, each.changed_at) if each.removed else row)
    texts = list(dict.fromkeys([*(row["text"] for row in rows if row["removed_at"] is None), *beside]))
    newest = set(texts[len(texts) - _held_out(len(texts)) :])
    return [row | {"held_out": row["text"] in newest and row["removed_at"] is None} for row in rows]


def _row(entry_id: int | None, text: str, origin: str, by: str, at: datetime) -> Row:
    text = text.lstrip("#* ") or text  # Files mark lines by these.
    own = {"entry_id": entry_id, "text": text, "key": _key(text), "origin": origin, "held_out": False, "model": None}
    return own | {"added_by": by, "added_at": at, "removed_by": None, "removed_at": None, "changed_at": at}


def _removed(by: str, at: datetime) -> Row:
    return {"removed_by": by, "removed_at": at, "changed_at": at}


def _held_out(of: int) -> int:
    return max(round(of * HELD_OUT), int(of > 1))


def _key(text: str) -> str:
    text = text.lstrip("#* ") or text
    return hashlib.sha256(text.casefold().encode("utf-8", "replace")).hexdigest()
