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
    newest_first = (QuestionRow.asked_at.desc(), QuestionRow.id)
    asked = select(
        QuestionRow.id,
        QuestionRow.asked_at,
        func.row_number().over(partition_by=QuestionRow.text, order_by=newest_first).label("place"),
        func.count().over(partition_by=QuestionRow.text).label("times"),
    ).where(*_within(since, until), QuestionRow.redacted_at.is_(None))
    if unanswered:
        asked = asked.outerjoin(ANSWER, ANSWER.id == QuestionRow.answer_id)
        asked = asked.outerjoin(ENTRY, ENTRY.id == QuestionRow.entry_id).where(ANSWERED_BY.is_(None))
    each = asked.subquery()
    total = func.sum(each.c.times).over().label("total")
    newest = select(each.c.id, each.c.times, total).where(each.c.place == 1)
    often = newest.order_by(each.c.times.desc(), each.c.asked_at.desc(), each.c.id).limit(most).subquery()
    found = db.session.execute(
        select(QuestionRow, often.c.times, often.c.total)
        .join(often, often.c.id == QuestionRow.id)
        .order_by(often.c.times.desc(), QuestionRow.asked_at.desc(), QuestionRow.id)
    ).all()
    texts = [Asked(row, times) for row, times, _ in found]
    return AskedTexts(texts, int(found[0].total) - sum(each.times for each in texts) if found else 0)


def _within(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return QuestionRow.asked_at >= since, QuestionRow.asked_at < until
