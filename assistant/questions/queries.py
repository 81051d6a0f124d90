"""Everything that is deleted from the questions' table."""

from datetime import timedelta

from sqlalchemy import CursorResult, delete

from assistant.database import db, now
from assistant.questions.tables import QuestionRow


def forget(older: timedelta) -> int:
    """Delete the questions that were asked longer ago, and return how many it was; the caller commits."""
    result = db.session.execute(delete(QuestionRow).where(QuestionRow.asked_at < now() - older))
    return result.rowcount if isinstance(result, CursorResult) else 0
