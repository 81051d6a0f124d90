"""An entry's address: withdrawing what learners see, moving to another slug, and deleting what they never saw."""

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from assistant.database import db, now
from assistant.errors import AssistantError, InvalidInputError, MovedError, NotFoundError
from assistant.library import queries
from assistant.library.revisions import ConflictError, problem_of_slug, require_entry
from assistant.library.tables import EntryRow, MovedSlugRow, PhrasingRow, RevisionRow


class WithdrawnError(AssistantError):
    """What was at this address was taken back."""

    status = 410


def require_published(slug: str) -> tuple[EntryRow, RevisionRow]:
    """Return the published entry at an address, and the revision that learners see of it.

    Raises:
        MovedError: the entry has another address now.
        WithdrawnError: it was withdrawn; the error leads on where the teachers said whereto.
        NotFoundError: there is no such entry.
    """
    row = queries.published_entry(slug) or queries.entry(slug) or queries.moved_entry(slug)
    if row is not None and row.slug != slug:
        raise MovedError(slug=row.slug)
    if row is not None and row.published is not None:
        return row, row.published
    if row is None or row.withdrawn_at is None:
        raise NotFoundError("There is no entry at this address.")
    error = WithdrawnError(f"The teachers withdrew this explanation on {row.withdrawn_at:%-d %B %Y}.")
    successor = successor_of(row)
    if successor is not None and successor.published is not None:
        error.leads_on = (successor.slug, successor.published.title)
    raise error


def successor_of(withdrawn: EntryRow | None) -> EntryRow | None:
    """Return the published entry to which a withdrawn one leads on; None where there is none."""
    return queries.published_entry(withdrawn.successor) if withdrawn is not None and withdrawn.successor else None


def withdraw(slug: str, *, expected: int, successor: str = "") -> EntryRow:
    """Let learners no longer see an entry; its revisions and runs stay. Call it within `writing`.

    Args:
        slug: the entry.
        expected: the number that was published when whoever withdraws it looked.
        successor: the slug of the published entry to which its address leads on; none unless given.

    Raises:
        InvalidInputError: the successor is no other published entry.
        ConflictError: meanwhile somebody published or withdrew it.
    """
    row = require_entry(slug)
    if successor and (successor == slug or queries.published_entry(successor) is None):
        raise InvalidInputError("Its address can only lead on to another entry that learners see.")
    if not queries.move_published(row, expected, None):
        raise ConflictError("Somebody else has just published or withdrawn this entry. Nothing was changed.", None)
    row.withdrawn_at, row.successor = now(), successor or None
    return row


def move(slug: str, to: str) -> EntryRow:
    """Give an entry another address; the old one leads there from now on. Call it within `writing`.

    An address that it had before can be its own again.

    Raises:
        InvalidInputError: the new one is no slug, or another entry's, or was.
        ConflictError: meanwhile somebody gave either address away.
    """
    row = require_entry(slug)
    problem = problem_of_slug(to)
    if problem is not None and not (_owner_of_moved(to) == row.id and queries.entry(to) is None):
        raise InvalidInputError(problem)
    try:
        with db.session.begin_nested():
            # Where an entry is, no stored redirect works: the one that is left there leads to whoever was there last.
            db.session.execute(delete(MovedSlugRow).where(MovedSlugRow.slug.in_((slug, to))))
            db.session.add(MovedSlugRow(slug=slug, entry_id=row.id))
            row.slug = to
    except IntegrityError:
        told = "Somebody else has just taken this address, or moved the entry. Nothing was changed."
        raise ConflictError(told, None) from None
    return row


def require_draft(slug: str) -> EntryRow:
    """Return an entry that learners never saw.

    Raises:
        InvalidInputError: learners see it, or did.
    """
    row = require_entry(slug)
    if row.published_number is not None or row.withdrawn_at is not None:
        raise InvalidInputError("Learners have seen this entry, so it cannot be deleted. Withdraw it instead.")
    return row


def delete_draft(row: EntryRow) -> None:
    """Delete an entry that learners never saw, with its revisions and phrasings; call it within `writing`."""
    for table in (PhrasingRow, RevisionRow, MovedSlugRow):
        own: Any = delete(table).where(table.entry_id == row.id)
        db.session.execute(own)
    db.session.delete(row)
    db.session.flush()


def _owner_of_moved(slug: str) -> int | None:
    return db.session.scalar(select(MovedSlugRow.entry_id).where(MovedSlugRow.slug == slug))
