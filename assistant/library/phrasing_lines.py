"""Many phrasings at once: what of pasted lines is new, stands already, belongs to another entry, or is no question."""

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import func, select

from assistant.database import db
from assistant.errors import InvalidInputError
from assistant.library.phrasing_queries import ACTIVE, add, bring_back, cleaned, key_of, of_entry, refusal, remove
from assistant.library.tables import EntryRow, PhrasingRow

MOST_LINES = 1_000
AT_ONCE = timedelta(minutes=1)  # within which many lines are added


@dataclass
class PastedLines:
    """Pasted lines, told apart."""

    new: list[str] = field(default_factory=list)
    here: list[str] = field(default_factory=list)  # stand in this list already
    repeated: list[str] = field(default_factory=list)  # are the same as a line above
    not_covered: list[str] = field(default_factory=list)  # stand under what no entry answers, and would move here
    elsewhere: list[tuple[str, str]] = field(default_factory=list)  # with the slug of the entry that owns them
    bad: list[tuple[str, str]] = field(default_factory=list)  # with what is wrong

    @property
    def addable(self) -> list[str]:
        """What would be added."""
        return [*self.new, *self.not_covered]


def sort_lines(entry: EntryRow | None, text: str) -> PastedLines:
    """Tell pasted lines apart, for an entry, or with None for what no entry answers.

    Raises:
        InvalidInputError: there are too many, or none.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise InvalidInputError("Type a question, or paste several, one a line.")
    if len(lines) > MOST_LINES:
        raise InvalidInputError(f"These are {len(lines):,} lines, and at most {MOST_LINES:,} are taken at once.")
    questions = {key_of(cleaned(line)): cleaned(line) for line in reversed(lines)}
    found = db.session.scalars(select(PhrasingRow).where(ACTIVE, PhrasingRow.key.in_(questions)))
    rows = {row.key: row for row in found}
    sorted_out, seen = PastedLines(), set()
    for line in lines:
        question = cleaned(line)
        key = key_of(question)
        row = rows.get(key)
        if key in seen:
            sorted_out.repeated.append(question)
        elif (told := refusal(question)) is not None:
            sorted_out.bad.append((line.strip(), told))
        elif row is not None and row.entry_id == (entry.id if entry is not None else None):
            sorted_out.here.append(question)
        elif row is None:
            sorted_out.new.append(question)
        elif row.entry is None:
            sorted_out.not_covered.append(question)
        else:
            sorted_out.elsewhere.append((question, row.entry.slug))
        seen.add(key)
    return sorted_out


def add_many(entry: EntryRow | None, questions: list[str], *, by: str) -> tuple[int, int]:
    """Add phrasings, and return the first and the last of their numbers; the caller commits."""
    numbers = [add(entry, question, by=by).id for question in questions]
    return min(numbers), max(numbers)


def take_back(entry: EntryRow | None, first: int, last: int, *, by: str) -> int:
    """Remove again what somebody has just added, and return how many that is; the caller commits.

    What stood under what no entry answers until it was added stands there again.
    """
    own = of_entry(entry), ACTIVE, PhrasingRow.id.between(first, last), PhrasingRow.added_by == by
    rows = list(db.session.scalars(select(PhrasingRow).where(*own)))
    for row in rows:
        remove(row.id, by=by)
        if entry is not None and (number := _moved_from_not_covered(row)) is not None:
            bring_back(number, by=by)
    return len(rows)


def _moved_from_not_covered(row: PhrasingRow) -> int | None:
    """Return the question that no entry answered and that was removed to become this phrasing."""
    same = PhrasingRow.entry_id.is_(None), PhrasingRow.key == row.key, PhrasingRow.removed_by == row.added_by
    then = PhrasingRow.removed_at.between(row.added_at - AT_ONCE, row.added_at)
    return db.session.scalar(select(func.max(PhrasingRow.id)).where(*same, then))
