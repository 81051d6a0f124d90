"""What was asked in a span of time, on both kinds of database."""

from datetime import timedelta

from flask import Flask

from assistant.database import db, now, reading, writing
from assistant.questions.span_queries import texts_asked
from assistant.questions.tables import QuestionRow

MOMENT = now() - timedelta(hours=1)


def _ask(text: str, times: int, *, minutes: int = 0, redacted: bool = False) -> None:
    with writing():
        for _ in range(times):
            row = QuestionRow(text=text, outcome="unknown", score=0.5, matcher="m", suggestions=[])
            row.asked_at, row.redacted_at = MOMENT + timedelta(minutes=minutes), MOMENT if redacted else None
            db.session.add(row)


def test_questions_in_the_same_words_are_one_text_also_those_of_one_moment(either: Flask) -> None:
    with either.app_context():
        _ask("twice at once", 2)
        _ask("thrice", 2)
        _ask("thrice", 1, minutes=9)
        _ask("once, early", 1, minutes=-9)
        _ask("once, late", 1)
        _ask("thrice", 4, minutes=9, redacted=True)
        _ask("another day", 9, minutes=-9_000)
        with reading():
            for unanswered in (False, True):
                found = texts_asked(MOMENT - timedelta(days=1), now(), 3, unanswered=unanswered)
                told = [(each.row.text, each.times) for each in found.texts]
                assert told == [("thrice", 3), ("twice at once", 2), ("once, late", 1)]
                assert found.left_out == 1
                newest = found.texts[0].row
                assert newest.asked_at == MOMENT + timedelta(minutes=9)
                assert newest.redacted_at is None
