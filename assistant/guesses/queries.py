"""Everything that is read from and written to the guesses' table."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from assistant.database import affected_rows, db, now
from assistant.guesses.tables import GuessRow
from assistant.library.tables import RevisionRow


def add(revision: RevisionRow, guess: int, of: int, run_id: str | None) -> GuessRow:
    """Add a guess; call it within `writing`."""
    row = GuessRow(entry_id=revision.entry_id, revision_id=revision.id, run_id=run_id, guess=guess, of=of)
    db.session.add(row)
    return row


def counts(
    revision: RevisionRow, of: int, since: datetime | None = None, until: datetime | None = None
) -> dict[int, int]:
    """Return how often each number of networks was guessed, at this revision's question or the same of another.

    Args:
        revision: whose question was asked.
        of: of how many networks one guesses.
        since: the first moment that counts; all do unless given.
        until: the first moment after it that counts no more.
    """
    asked = select(RevisionRow.id, RevisionRow.predict).where(RevisionRow.entry_id == revision.entry_id)
    same = [each.id for each in db.session.execute(asked) if each.predict == revision.predict]
    found = select(GuessRow.guess, func.count().label("times")).where(
        GuessRow.entry_id == revision.entry_id, GuessRow.revision_id.in_(same), GuessRow.of == of
    )
    if since is not None and until is not None:
        found = found.where(GuessRow.guessed_at >= since, GuessRow.guessed_at < until)
    rows = db.session.execute(found.group_by(GuessRow.guess))
    return {row.guess: row.times for row in rows}


def entries_guessed(since: datetime, until: datetime) -> set[int]:
    """Return the ids of the entries at whose questions was guessed in a span of time, without its end."""
    within = GuessRow.guessed_at >= since, GuessRow.guessed_at < until
    return set(db.session.scalars(select(GuessRow.entry_id).where(*within).distinct()))


def forget(older: timedelta) -> int:
    """Delete the guesses that were made longer ago, and return how many it was; call it within `writing`."""
    return affected_rows(delete(GuessRow).where(GuessRow.guessed_at < now() - older))
