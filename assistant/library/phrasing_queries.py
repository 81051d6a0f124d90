"""Phrasings in the database: what matching reads, what teachers add and remove, and what an import changes.

A phrasing belongs to an entry, or to none: then it is a question that no entry answers. No text is active twice.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import ColumnElement, func, insert, select
from sqlalchemy.exc import IntegrityError

from assistant.database import db, now
from assistant.errors import InvalidInputError, NotFoundError
from assistant.library.entries import topic_of
from assistant.library.phrasings import SIGNS, Phrasing, problem
from assistant.library.queries import IMPORT, published_entries
from assistant.library.tables import EntryRow, PhrasingRow
from assistant.matching import Corpus

Origin = Literal["author", "learner", "import"]

ACTIVE = PhrasingRow.removed_at.is_(None)
PER_PAGE = 50
IN_ORDER = (PhrasingRow.model.is_(None), PhrasingRow.model, PhrasingRow.id)  # the models first


def key_of(text: str) -> str:
    """Return what tells phrasings apart: two that differ in case alone are the same."""
    return hashlib.sha256(text.casefold().encode("utf-8", "replace")).hexdigest()


def state() -> str:
    """Return a short text that changes whenever what matching reads does."""
    shown = select(EntryRow.slug, EntryRow.published_number).where(EntryRow.published_number.is_not(None))
    published_now = [tuple(row) for row in db.session.execute(shown.order_by(EntryRow.slug))]
    # Each by itself is read off its index; to count, or to ask for both at once, would take a look at every row.
    newest, latest = (select(func.max(column)) for column in (PhrasingRow.id, PhrasingRow.changed_at))
    phrasings_now = db.session.execute(select(newest.scalar_subquery(), latest.scalar_subquery())).one()
    return hashlib.sha256(repr((published_now, tuple(phrasings_now))).encode()).hexdigest()[:24]


def corpus() -> Corpus:
    """Return what matching reads: the published entries, and the questions that none of them answers."""
    texts: dict[int | None, list[str]] = {}
    held_out, keys = set(), set()
    rows = select(PhrasingRow.entry_id, PhrasingRow.text, PhrasingRow.held_out).where(ACTIVE).order_by(*IN_ORDER)
    for entry_id, text, out in db.session.execute(rows):
        texts.setdefault(entry_id, []).append(text)
        held_out |= {text} if out else set()
        keys.add(text.casefold())
    shown = [(row, row.published) for row in published_entries() if row.published is not None]
    beside = [text for _, revision in shown for text in revision.not_covered if text.casefold() not in keys]
    topics = tuple(topic_of(row.slug, revision, texts.get(row.id, [])) for row, revision in shown)
    return Corpus(topics, tuple(dict.fromkeys([*texts.get(None, []), *beside])), frozenset(held_out))


def newest(entry: EntryRow | None, page: int = 1, *, removed: bool = False) -> list[PhrasingRow]:
    """Return a page of an entry's phrasings, or of those that no entry answers, the newest first.

    Args:
        entry: the entry; None for what no entry answers.
        page: from 1; each has `PER_PAGE`.
        removed: those that were removed and are active nowhere now, in the place of the active ones.
    """
    rows = select(PhrasingRow).where(of_entry(entry), ACTIVE).order_by(PhrasingRow.id.desc())
    if removed:
        active = select(PhrasingRow.key).where(ACTIVE)
        last = select(func.max(PhrasingRow.id)).where(of_entry(entry), ~ACTIVE, PhrasingRow.key.not_in(active))
        rows = select(PhrasingRow).where(PhrasingRow.id.in_(last.group_by(PhrasingRow.key)))
        rows = rows.order_by(PhrasingRow.removed_at.desc(), PhrasingRow.id.desc())
    return list(db.session.scalars(rows.offset((page - 1) * PER_PAGE).limit(PER_PAGE)))


def of_entry(entry: EntryRow | None) -> ColumnElement[bool]:
    """Return the condition of an entry's phrasings, or with None of what no entry answers."""
    return PhrasingRow.entry_id.is_(None) if entry is None else PhrasingRow.entry_id == entry.id


def first_phrasings(entries: Sequence[EntryRow]) -> list[str]:
    """Return the first phrasing of each entry that has any."""
    first = [select(PhrasingRow.text).where(of_entry(row), ACTIVE).order_by(*IN_ORDER).limit(1) for row in entries]
    texts = [db.session.scalar(each) for each in first]
    return [text for text in texts if text is not None]


def texts_of(entry: EntryRow | None) -> list[str]:
    """Return the texts of an entry's phrasings, or of those that no entry answers."""
    return list(db.session.scalars(select(PhrasingRow.text).where(of_entry(entry), ACTIVE).order_by(*IN_ORDER)))


def phrasings_of(entry: EntryRow | None) -> list[Phrasing]:
    """Return an entry's phrasings, or those that no entry answers, as content files hold them."""
    rows = db.session.scalars(select(PhrasingRow).where(of_entry(entry), ACTIVE).order_by(*IN_ORDER))
    return [Phrasing(row.text, row.held_out, row.model) for row in rows]


def count_of(entry: EntryRow | None) -> int:
    """Return how many phrasings an entry has, or how many no entry answers."""
    return db.session.scalar(select(func.count(PhrasingRow.id)).where(of_entry(entry), ACTIVE)) or 0


def owners_of(texts: Iterable[str]) -> dict[str, str]:
    """Return the slugs of the published entries of which texts are phrasings, by text, without regard to case."""
    keys = {text: key_of(text) for text in texts}
    rows = (
        select(PhrasingRow.key, EntryRow.slug)
        .join(EntryRow, EntryRow.id == PhrasingRow.entry_id)
        .where(ACTIVE, PhrasingRow.key.in_(set(keys.values())), EntryRow.published_number.is_not(None))
    )
    slugs: dict[str, str] = dict(db.session.execute(rows).all())
    return {text: slugs[key] for text, key in keys.items() if key in slugs}


def cleaned(text: str) -> str:
    """Return a question as it is kept."""
    return " ".join(text.split()).lstrip(SIGNS + " ")


def refusal(question: str) -> str | None:
    """Say why a cleaned text can be no phrasing; None where it can."""
    return problem(question) if any(each.isalnum() for each in question) else "has no words"


class PhrasingError(InvalidInputError):
    """A text that can be no phrasing, or not this entry's."""


def add(
    entry: EntryRow | None, text: str, *, by: str, origin: Origin = "author", held_out: bool = False
) -> PhrasingRow:
    """Add a phrasing to an entry, or with None to what no entry answers; the caller commits.

    What is there already is returned as it is. A question that no entry answered until now becomes the entry's.

    Raises:
        PhrasingError: it is no question, or another entry's phrasing.
    """
    question = cleaned(text)
    if (told := refusal(question)) is not None:
        raise PhrasingError(f"This is no question that can be matched: it {told}.")
    row = _active(question)
    if row is not None and row.entry_id == (entry.id if entry is not None else None):
        return row
    if row is not None and row.entry is not None:
        taken = f"“{question}” is a phrasing of {row.entry.slug}. Take it out there first."
        raise PhrasingError(taken)
    if row is not None:
        _remove(row, by)
    return _insert(PhrasingRow(entry=entry, text=question, origin=origin, held_out=held_out, added_by=by))


def require_phrasing(number: int) -> PhrasingRow:
    """Return a phrasing, active or not.

    Raises:
        NotFoundError: there is none.
    """
    found = db.session.get(PhrasingRow, number)
    if found is None:
        raise NotFoundError("There is no such question.")
    return found


def remove(number: int, *, by: str) -> PhrasingRow:
    """Remove a phrasing; its row stays as history, and no import brings it back. The caller commits.

    Raises:
        NotFoundError: there is no such phrasing, or it was removed before.
    """
    row = db.session.get(PhrasingRow, number)
    if row is None or row.removed_at is not None:
        raise NotFoundError("There is no such question. Perhaps another teacher has removed it.")
    _remove(row, by)
    return row


def bring_back(number: int, *, by: str) -> PhrasingRow:
    """Add a phrasing that was removed, as it was; the caller commits.

    Raises:
        NotFoundError: there is no such phrasing.
        PhrasingError: it is active already.
    """
    gone = db.session.get(PhrasingRow, number)
    if gone is None or gone.removed_at is None:
        raise NotFoundError("There is no such question that was removed.")
    if (row := _active(gone.text)) is not None:
        where = f"a phrasing of {row.entry.slug}" if row.entry is not None else "marked as not covered"
        raise PhrasingError(f"“{gone.text}” is {where} by now.")
    same = {key: getattr(gone, key) for key in ("entry", "text", "origin", "held_out", "model")}
    return _insert(PhrasingRow(**same, added_by=by))


@dataclass
class Changes:
    """What an import changed of an entry's phrasings."""

    added: int = 0
    removed: int = 0
    marked: int = 0
    elsewhere: list[str] = field(default_factory=list)  # are another entry's in the database, and stay there

    def lines(self, name: str) -> list[str]:
        """Return what changed as lines of text; none where nothing did."""
        counts = {"added": self.added, "removed": self.removed, "marked anew": self.marked}
        told = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        taken = [f"{name}: {text!r} is another entry's in the database, and stays there" for text in self.elsewhere]
        return [*([f"{name}: phrasings: {told}"] if told else []), *taken]


def bring_in(files: Mapping[str | None, Sequence[Phrasing]]) -> dict[str | None, Changes]:
    """Bring in the phrasings of content files, by slug, and by None what no entry answers; the caller commits.

    What a teacher removed stays removed, and what a teacher added stays. All removals come first, so that a phrasing
    can go from one file to another.
    """
    entries: dict[str | None, EntryRow | None] = {None: None}
    entries |= {row.slug: row for row in db.session.scalars(select(EntryRow)).unique()}
    rows = list(db.session.scalars(select(PhrasingRow).order_by(PhrasingRow.id)))
    active: defaultdict[int | None, list[PhrasingRow]] = defaultdict(list)
    for row in rows:
        if row.removed_at is None:
            active[row.entry_id].append(row)
    changes: dict[str | None, Changes] = {}
    for slug, phrasings in files.items():
        own, wanted = changes.setdefault(slug, Changes()), {key_of(each.text): each for each in phrasings}
        for row in active[_id(entries[slug])]:
            if (phrasing := wanted.get(row.key)) is not None:
                own.marked += _mark_held_out(row, phrasing)
            elif row.origin == IMPORT:
                _remove(row, IMPORT)
                own.removed += 1
    db.session.flush()
    places = {row.key: row.entry_id for row in rows if row.removed_at is None}
    removed_by = {(row.entry_id, row.key): row.removed_by for row in rows}  # The last stay decides.
    new: list[dict[str, object]] = []
    for slug, phrasings in files.items():
        entry_id = _id(entries[slug])
        for phrasing in phrasings:
            key = key_of(phrasing.text)
            if key in places:
                changes[slug].elsewhere += [phrasing.text] if places[key] != entry_id else []
            elif removed_by.get((entry_id, key)) in {None, IMPORT}:
                marks = {"held_out": phrasing.held_out, "model": phrasing.model}
                new.append(
                    {
                        "entry_id": entry_id,
                        "text": phrasing.text,
                        "key": key,
                        "origin": IMPORT,
                        "added_by": IMPORT,
                        **marks,
                    }
                )
                changes[slug].added += 1
    if new:
        db.session.execute(insert(PhrasingRow), new)
    return changes


def _mark_held_out(row: PhrasingRow, phrasing: Phrasing) -> bool:
    """Give a row the marks that its file has, and say whether it had others."""
    before = (row.held_out, row.model)
    row.held_out, row.model = phrasing.held_out, phrasing.model
    return before != (row.held_out, row.model)


def _id(entry: EntryRow | None) -> int | None:
    return entry.id if entry is not None else None


def _active(text: str) -> PhrasingRow | None:
    return db.session.scalars(select(PhrasingRow).where(PhrasingRow.key == key_of(text), ACTIVE)).one_or_none()


def _remove(row: PhrasingRow, by: str) -> None:
    row.removed_by, row.removed_at = by, now()
    db.session.flush()


def _insert(row: PhrasingRow) -> PhrasingRow:
    row.key = key_of(row.text)
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        raise PhrasingError("Somebody else has just added this question.") from None
    return row
