"""All that is kept of learners: taken out as plain data, and deleted."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import delete, inspect, select, update

from assistant.database import Base, affected_rows, db, reading, writing
from assistant.erasing import erase_from_log
from assistant.guesses.tables import GuessRow
from assistant.questions.queries import all_questions
from assistant.questions.tables import QuestionRow
from assistant.rate_limits import RateRow
from assistant.runs.tables import RunRow


def export_all() -> Iterator[dict[str, Any]]:
    """Yield each question and each guess with all that is stored of it."""
    with reading():
        for question in all_questions():
            yield {"kind": "question", **_plain(question)}
        for guess in db.session.scalars(select(GuessRow).order_by(GuessRow.id)):
            yield {"kind": "guess", **_plain(guess)}


def _plain(row: Base) -> dict[str, Any]:
    """Return a row's columns as JSON holds them."""
    values = {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs}
    return {key: each.isoformat() if isinstance(each, datetime) else each for key, each in values.items()}


def delete_all() -> tuple[int, int]:
    """Delete all questions and guesses, and what stands for who asked; return how many of the first two it was."""
    with writing():
        questions, guesses = affected_rows(delete(QuestionRow)), affected_rows(delete(GuessRow))
        affected_rows(delete(RateRow))
        affected_rows(update(RunRow).where(RunRow.asker.is_not(None)).values(asker=None))
    erase_from_log()
    return questions, guesses
