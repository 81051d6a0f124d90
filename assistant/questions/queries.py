"""Everything that is read from and written to the questions' table."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import case, delete, func, select

from assistant.database import affected_rows, db, now
from assistant.library.tables import EntryRow
from assistant.questions.tables import QuestionRow, QuestionVectorRow

REDACTED = "A teacher removed what this question said."
OPEN = QuestionRow.outcome.in_(("suggest", "unknown")) & QuestionRow.settled_at.is_(None)
FILTERS = {  # Open ones are not known or got suggestions; these, the settled and the answered ones are all.
    "open": OPEN,
    "unknown": OPEN & (QuestionRow.outcome == "unknown"),
    "suggest": OPEN & (QuestionRow.outcome == "suggest"),
    "answer": QuestionRow.outcome == "answer",
    "missed": QuestionRow.verdict == "missed",
    "chosen": QuestionRow.chosen,
    "settled": QuestionRow.settled_at.is_not(None) & (QuestionRow.outcome != "answer"),
    "all": QuestionRow.id.is_not(None),
}


def forget(older: timedelta) -> int:
    """Delete the questions that were asked longer ago, and return how many it was; call it within `writing`."""
    return affected_rows(delete(QuestionRow).where(QuestionRow.asked_at < now() - older))


def list_questions(which: str, limit: int) -> list[QuestionRow]:
    """Return the questions that one of the `FILTERS` lets through, the newest first."""
    found = select(QuestionRow).where(FILTERS[which]).order_by(QuestionRow.asked_at.desc(), QuestionRow.id)
    return list(db.session.scalars(found.limit(limit)).unique())


def open_in_words(text: str) -> list[QuestionRow]:
    """Return all questions without an answer that ask the same in the same words, without regard to case."""
    as_long = select(QuestionRow).where(OPEN, func.length(QuestionRow.text) == len(text))
    return [row for row in db.session.scalars(as_long).unique() if row.text.casefold() == text.casefold()]


def counts() -> dict[str, int]:
    """Return how many questions each of the `FILTERS` lets through."""
    each = [func.coalesce(func.sum(case((condition, 1), else_=0)), 0) for condition in FILTERS.values()]
    found = db.session.execute(select(*each).select_from(QuestionRow)).one()
    return dict(zip(FILTERS, (int(count) for count in found), strict=True))


def asked_last(limit: int) -> list[QuestionRow]:
    """Return the questions that were asked last, of each text the newest, without what was redacted."""
    rows = select(QuestionRow).where(QuestionRow.redacted_at.is_(None)).order_by(QuestionRow.asked_at.desc())
    found: dict[str, QuestionRow] = {}
    with db.session.scalars(rows.execution_options(yield_per=limit)) as newest:
        for row in newest:
            found.setdefault(row.text, row)
            if len(found) == limit:
                break
    return list(found.values())


def question(question_id: str) -> QuestionRow | None:
    """Return a question."""
    return db.session.get(QuestionRow, question_id)


def settle(row: QuestionRow, answer: EntryRow | None) -> None:
    """Note what came of a question: the entry that answers it now, or that none should; call it within `writing`."""
    row.answer, row.chosen, row.settled_at = answer, False, now()


def delete_post(row: QuestionRow) -> None:
    """Delete a question with all parts of its post; what was trained stays. Call it within `writing`."""
    whole = row.part_of or row
    db.session.execute(delete(QuestionRow).where(QuestionRow.id == whole.id))
    db.session.expire_all()


def all_questions() -> Iterator[QuestionRow]:
    """Yield all questions, the oldest first."""
    yield from db.session.scalars(select(QuestionRow).order_by(QuestionRow.asked_at, QuestionRow.id)).unique()


def redact(row: QuestionRow) -> None:
    """Put a remark in the place of what was asked, in all parts of the post; call it within `writing`."""
    whole = row.part_of or row
    said = [each.id for each in (whole, *whole.parts)]
    db.session.execute(delete(QuestionVectorRow).where(QuestionVectorRow.question_id.in_(said)))
    for each in (whole, *whole.parts):
        each.text, each.post, each.redacted_at = REDACTED, None, now()
        if each.settled_at is None:
            each.settled_at = now()
