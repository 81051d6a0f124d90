"""What learners say of an answer; it is kept with the question for the teachers, and changes nothing by itself."""

from assistant.database import db, now, writing
from assistant.errors import InvalidInputError, NotFoundError
from assistant.library.tables import EntryRow
from assistant.questions.ask import in_order
from assistant.questions.tables import QuestionRow

VERDICTS = ("answered", "missed")


def require_question(question_id: str) -> QuestionRow:
    """Return the question at an address.

    Raises:
        NotFoundError: there is none.
    """
    row = db.session.get(QuestionRow, question_id)
    if row is None:
        raise NotFoundError("There is no question at this address. It may have been deleted after its time.")
    return row


def alternatives(row: QuestionRow) -> list[EntryRow]:
    """Return the entries that a question may have meant, other than its answer, the nearest first."""
    return [entry for entry in in_order(row.suggestions) if row.entry is None or entry.slug != row.entry.slug]


def store_verdict(question_id: str, verdict: str, meant: str = "") -> QuestionRow:
    """Keep a learner's verdict; a later one takes the place of an earlier one.

    Args:
        question_id: the question's address.
        verdict: "answered", or "missed" when what was shown was not what was meant.
        meant: the slug of the entry that was meant, one of `alternatives`; nothing where it was none of them.

    Raises:
        InvalidInputError: the verdict is something else, or ``meant`` was not among the suggestions.
        NotFoundError: there is no such question.
    """
    with writing():
        row = require_question(question_id)
        if verdict not in VERDICTS:
            raise InvalidInputError(f"A verdict is {' or '.join(VERDICTS)}, not {verdict[:40]!r}.")
        choices = {entry.slug: entry for entry in alternatives(row)}
        if meant and (meant not in choices or verdict != "missed"):
            raise InvalidInputError("What was meant is one of the entries that the question's page suggests.")
        row.verdict, row.meant, row.judged_at = verdict, choices.get(meant), now()
    return row
