"""What was asked in a span of time, counted by the database however much it was."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import aliased

from assistant.database import db
from assistant.library.tables import EntryRow
from assistant.questions.tables import QuestionRow

ANSWER, ENTRY = aliased(EntryRow), aliased(EntryRow)
ANSWERED_BY = case(  # as `QuestionRow.answered_by` says it
    (ANSWER.published_number.is_not(None), ANSWER.id), (ENTRY.published_number.is_not(None), ENTRY.id)
)


@dataclass(frozen=True)
class Asked:
    """Questions in the same words: the newest of them, and how many they are."""

    row: QuestionRow
    times: int


@dataclass(frozen=True)
class AskedTexts:
    """What was asked most often, and how many questions in other words are left out."""

    texts: list[Asked]
    left_out: int


def count_answers(since: datetime, until: datetime) -> dict[int | None, int]:
    """Return how many questions of a span, without its end, each published entry answers; None has those without one.

    Entries are told by their ids.
    """
    owners = select(ANSWERED_BY.label("owner")).select_from(QuestionRow).where(*_within(since, until))
    owners = owners.outerjoin(ANSWER, ANSWER.id == QuestionRow.answer_id)
    each = owners.outerjoin(ENTRY, ENTRY.id == QuestionRow.entry_id).subquery()
    return dict(db.session.execute(select(each.c.owner, func.count()).group_by(each.c.owner)).all())


def count_missed(since: datetime, until: datetime) -> dict[int, int]:
    """Return by the entry's id how many answers in a span were not what the learner meant."""
    missed = select(QuestionRow.entry_id, func.count()).where(
        *_within(since, until), QuestionRow.verdict == "missed", QuestionRow.entry_id.is_not(None)
    )
    return {entry: count for entry, count in db.session.execute(missed.group_by(QuestionRow.entry_id)) if entry}


def texts_asked(since: datetime, until: datetime, most: int, *, unanswered: bool = False) -> AskedTexts:
    """Return what was asked in a span, questions in the same words together, without what was redacted.

    Args:
        since: the first moment that counts.
        until: the first moment after it that counts no more.
        most: of how many different texts, those that were asked most often and then last.
        unanswered: only of what no published entry answers.
    """
    times, last = func.count().label("times"), func.max(QuestionRow.asked_at).label("last")
    asked = select(QuestionRow.text, times, last, func.sum(func.count()).over().label("total"))
    asked = asked.where(*_within(since, until), QuestionRow.redacted_at.is_(None)).group_by(QuestionRow.text)
    if unanswered:
        asked = asked.outerjoin(ANSWER, ANSWER.id == QuestionRow.answer_id)
        asked = asked.outerjoin(ENTRY, ENTRY.id == QuestionRow.entry_id).where(ANSWERED_BY.is_(None))
    often = asked.order_by(times.desc(), last.desc(), QuestionRow.text).limit(most).subquery()
    found = db.session.execute(
        select(QuestionRow, often.c.times, often.c.total)
        .join(often, (often.c.text == QuestionRow.text) & (often.c.last == QuestionRow.asked_at))
        .where(QuestionRow.redacted_at.is_(None))
        .order_by(often.c.times.desc(), QuestionRow.asked_at.desc(), QuestionRow.text, QuestionRow.id.desc())
    ).all()
    by_text = {row.text: Asked(row, times) for row, times, _ in found}  # Of two of one moment, one stands for both.
    texts = list(by_text.values())
    return AskedTexts(texts, int(found[0].total) - sum(each.times for each in texts) if found else 0)


def _within(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return QuestionRow.asked_at >= since, QuestionRow.asked_at < until
