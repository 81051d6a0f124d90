"""Saving, publishing and restoring an entry, so that two who do it at once cannot overwrite each other.

Every save adds a revision on top of the newest; learners see the revision that the entry's ``published_number`` names.
Whoever saves or publishes says what they started from, and is told when that is no longer the newest.
"""

from assistant.errors import AssistantError, InvalidInputError, MovedError, NotFoundError
from assistant.library import queries
from assistant.library.entries import SLUG, Draft
from assistant.library.tables import EntryRow, RevisionRow

LONGEST_REASON = 300  # characters
LONGEST_SLUG = 100
BEGUN_AT = "new"  # in the place of a slug, where an entry is begun


class ConflictError(AssistantError):
    """Somebody else saved first; ``current`` is the revision that they made."""

    status = 409

    def __init__(self, message: str, current: RevisionRow | None) -> None:
        super().__init__(message)
        self.current = current


def require_entry(slug: str) -> EntryRow:
    """Return an entry, published or not.

    Raises:
        MovedError: it has another address now.
        NotFoundError: there is no such entry.
    """
    row = queries.entry(slug)
    if row is None and (moved := queries.moved_entry(slug)) is not None:
        raise MovedError(slug=moved.slug)
    if row is None:
        raise NotFoundError("There is no entry at this address.")
    return row


def require_revision(row: EntryRow, number: int) -> RevisionRow:
    """Return a revision of an entry.

    Raises:
        NotFoundError: there is no such revision.
    """
    revision = queries.revision(row, number)
    if revision is None:
        raise NotFoundError(f"This entry has no revision {number}.")
    return revision


def draft_of(slug: str, revision: RevisionRow) -> Draft:
    """Return what a revision holds, as it can be changed and saved again."""
    return Draft.model_validate({"slug": slug, **queries.content_of(revision)})


def create(draft: Draft, *, author: str, reason: str) -> RevisionRow:
    """Add an entry with its first revision, which learners do not see yet; call it within `writing`.

    Raises:
        InvalidInputError: its slug is taken, or none.
    """
    if (problem := problem_of_slug(draft.slug)) is not None:
        raise InvalidInputError(problem)
    return _add(queries.add_entry(draft.slug), draft, 1, author, reason)


def problem_of_slug(slug: str) -> str | None:
    """Say why an address cannot be given to an entry; None where it can."""
    if not SLUG.fullmatch(slug) or len(slug) > LONGEST_SLUG:
        return "A slug is made of small letters, digits and hyphens: why-neurons-differ."
    if slug == BEGUN_AT:
        return f"The slug {slug} is where entries are begun: choose another."
    if queries.entry(slug) is not None:
        return f"There is already an entry with the slug {slug}."
    if (moved := queries.moved_entry(slug)) is not None:
        return f"The slug {slug} was that of {moved.slug}, and leads there: choose another."
    return None


def save(draft: Draft, *, base: int, author: str, reason: str) -> RevisionRow:
    """Add a revision to an entry; call it within `writing`.

    Args:
        draft: what it holds.
        base: the number of the revision that the author started from.
        author: who saves.
        reason: why.

    Raises:
        NotFoundError: there is no such entry.
        ConflictError: there is a newer revision than ``base``.
        InvalidInputError: nothing was changed.
    """
    row = require_entry(draft.slug)
    current = queries.head(row)
    if current is not None and current.number != base:
        raise ConflictError(_conflict_message(current), current)
    if current is not None and queries.content_of(current) == queries.content(draft):
        raise InvalidInputError("Nothing was changed, and so there is nothing to save.")
    return _add(row, draft, base + 1, author, reason)


def restore(slug: str, number: int, *, base: int, author: str) -> RevisionRow:
    """Add a revision that holds what an earlier one held; call it within `writing`.

    Raises:
        NotFoundError: there is no such entry or revision.
        ConflictError: there is a newer revision than ``base``.
        InvalidInputError: the newest revision holds the same.
    """
    row = require_entry(slug)
    earlier = draft_of(slug, require_revision(row, number))
    return save(earlier, base=base, author=author, reason=f"Restored revision {number}.")


def publish(slug: str, number: int, *, expected: int | None) -> EntryRow:
    """Let learners see the newest revision; call it within `writing`.

    Args:
        slug: the entry.
        number: the revision that whoever publishes has looked at.
        expected: the number that was published when they did.

    Raises:
        NotFoundError: there is no such entry or revision.
        ConflictError: meanwhile somebody saved a newer revision, or published.
    """
    row = require_entry(slug)
    require_revision(row, number)
    newest = queries.head(row)
    if newest is not None and newest.number != number:
        raise ConflictError(_conflict_message(newest), newest)
    if not queries.move_published(row, expected, number):
        raise ConflictError("Somebody else has just published this entry. Nothing was changed.", row.published)
    return row


def _add(row: EntryRow, draft: Draft, number: int, author: str, reason: str) -> RevisionRow:
    why = " ".join(reason.split())
    if not why or len(why) > LONGEST_REASON:
        raise InvalidInputError(f"Say in 1 to {LONGEST_REASON} characters what was changed, and why.")
    added = queries.add_revision(row, draft, number=number, author=author, reason=why)
    if added is None:
        newest = queries.head(row)
        raise ConflictError(_conflict_message(newest), newest)
    return added


def _conflict_message(newest: RevisionRow | None) -> str:
    return f"{newest.author if newest else 'Somebody else'} has saved a newer revision of this entry meanwhile."
