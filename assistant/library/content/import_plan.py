"""Content files into the database, and back, without ever overwriting a teacher's edit.

Each entry remembers what its file held when it was last imported, and the revision that holds the same. So a file that
changed since, and an entry that was edited since, can be told apart from each other and from both at once.
"""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.library import beliefs, queries
from assistant.library.content.canonical import text_of
from assistant.library.differences import unified_text
from assistant.library.entries import Draft, Entry
from assistant.library.queries import IMPORT
from assistant.library.revisions import draft_of
from assistant.library.tables import EntryRow, RevisionRow

Side = Literal["files", "database"]
What = Literal["same", "new", "changed", "noted", "conflict", "kept", "moved"]

WORDS: dict[What, str] = {
    "same": "is as it was imported",
    "new": "is new",
    "changed": "changed, and becomes a new revision",
    "noted": "holds what the database holds, or held since the last import",
    "conflict": "changed, and so did the entry in the database",
    "kept": "is passed over; the entry in the database stays",
    "moved": "is passed over: a teacher gave its entry another address; rename its files",
}


@dataclass(frozen=True)
class Step:
    """What the import does with one file."""

    entry: Entry
    what: What
    number: int | None = None  # the revision that holds what the file holds, or that it is in conflict with
    edited_by: str = ""  # whose edit the file is in conflict with
    difference: str = ""  # from the database to the file
    moved_to: str = ""  # the entry's slug in the database, where that is another one

    def __str__(self) -> str:
        more = f" (by {self.edited_by})" if self.edited_by else f" to {self.moved_to}" if self.moved_to else ""
        return f"{self.entry.slug}.md {WORDS[self.what]}{more}"


def plan(entries: Sequence[Entry], take: Side | None = None, slugs: Collection[str] = ()) -> list[Step]:
    """Return what an import would do.

    Args:
        entries: what the content files hold.
        take: the side that wins where both changed; nobody does unless told.
        slugs: the entries for which ``take`` is meant; all where none is named.
    """
    return [_moved(entry) or _step(entry, take if not slugs or entry.slug in slugs else None) for entry in entries]


def bring_in(step: Step) -> None:
    """Do one step of the import; call it within `writing`."""
    if step.what == "moved":
        return
    row = queries.entry(step.entry.slug)
    if step.what in {"new", "changed"}:
        queries.store_entry(step.entry, author=IMPORT, reason="content file")
        row = queries.entry(step.entry.slug)
    if row is None or step.what in {"same", "conflict"}:
        return
    if step.what != "kept":  # A file that was passed over never held the edit that stays.
        row.imported_number = row.published_number if step.what in {"new", "changed"} else step.number
    row.imported_digest = _digest(step.entry)


def _moved(entry: Entry) -> Step | None:
    """Return the step of a file whose entry a teacher moved; None of any other."""
    moved = queries.moved_entry(entry.slug) if queries.entry(entry.slug) is None else None
    return Step(entry, "moved", moved_to=moved.slug) if moved is not None else None


def _step(entry: Entry, take: Side | None) -> Step:
    row = queries.entry(entry.slug)
    if row is None or row.imported_digest == _digest(entry):
        return Step(entry, "new" if row is None else "same")
    content, head, shown = queries.content(entry), queries.head(row), row.published
    imported = queries.revision(row, row.imported_number or 0)
    if imported is not None and queries.content_of(imported) == content:
        return Step(entry, "noted", imported.number)
    if shown is not None and queries.content_of(shown) == content:
        return Step(entry, "noted", shown.number)
    if head is None or (shown is not None and shown.number == row.imported_number == head.number):
        return Step(entry, "changed")
    exported = _exported_since(row, content)
    if exported is not None and take is None:
        return Step(entry, "noted", exported.number)
    return _conflict(entry, row, shown or head, head, take)


def _conflict(entry: Entry, row: EntryRow, shown: RevisionRow, head: RevisionRow, take: Side | None) -> Step:
    if take == "files":
        return Step(entry, "changed")
    if take == "database":
        return Step(entry, "kept")
    newest = head if head.number != shown.number else shown
    names = (f"database/{entry.slug}.md (revision {newest.number})", f"content/{entry.slug}.md")
    difference = unified_text(_texts(draft_of(row.slug, newest)), _texts(entry), names)
    return Step(entry, "conflict", newest.number, newest.author, difference)


def _texts(draft: Draft) -> str:
    """Return what the files of an entry hold, without its phrasings."""
    return text_of(draft) + beliefs.to_text(draft.beliefs)


def _exported_since(row: EntryRow, content: dict[str, object]) -> RevisionRow | None:
    """Return the revision, newer than the last import, that holds this: then the file is an export of it."""
    for revision in queries.revisions(row):
        if revision.number > (row.imported_number or 0) and queries.content_of(revision) == content:
            return revision
    return None


def _digest(entry: Entry) -> str:
    return hashlib.sha256(json.dumps(queries.plain(queries.content(entry)), sort_keys=True).encode()).hexdigest()
