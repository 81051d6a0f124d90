"""What learners say of an answer, kept with the question for the teachers, and what they choose in its place."""

from collections.abc import Mapping

from assistant.database import db, now, reading, writing
from assistant.erasing import erase_from_log
from assistant.errors import InvalidInputError, NotFoundError
from assistant.library import queries as library
from assistant.library.tables import EntryRow
from assistant.questions import queries
from assistant.questions.ask import answer_by_choice, in_order
from assistant.questions.own_numbers.own_runs import form_in
from assistant.questions.tables import QuestionRow
from assistant.runs.vary import vary_beside

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
    shown = row.answered_by
    return [entry for entry in in_order(row.suggestions) if shown is None or entry.slug != shown.slug]


def choose(question_id: str, slug: str) -> QuestionRow:
    """Let an entry that the learner chose answer a question, and start a fresh run of it.

    Args:
        question_id: the question's address.
        slug: the entry, one of `alternatives`; the one that answers already changes nothing.

    Raises:
        InvalidInputError: it is none of them.
        NotFoundError: there is no such question.
    """
    with reading():
        chosen = library.published_entry(slug)
        form = form_in(require_question(question_id).whole_post, chosen) if chosen is not None else {}
    with writing():
        row = require_question(question_id)
        if row.answered_by is not None and row.answered_by.slug == slug:
            return row
        entry = next((each for each in alternatives(row) if each.slug == slug), None)
        if entry is None:
            raise InvalidInputError("Choose one of the questions that the page suggests.")
        if row.entry is not None:  # What was shown at first was missed, unless it is chosen again.
            row.verdict, row.meant = (None, None) if entry.id == row.entry_id else ("missed", entry)
            row.judged_at = now()
        answer_by_choice(row, entry, form)
    return row


def store_verdict(question_id: str, verdict: str) -> QuestionRow:
    """Keep a learner's verdict; a later one takes the place of an earlier one.

    Args:
        question_id: the question's address.
        verdict: "answered", or "missed" when nothing that was shown is what was meant.

    Raises:
        InvalidInputError: the verdict is something else.
        NotFoundError: there is no such question.
    """
    with writing():
        row = require_question(question_id)
        if verdict not in VERDICTS:
            raise InvalidInputError(f"A verdict is {' or '.join(VERDICTS)}, not {verdict[:40]!r}.")
        row.verdict, row.meant, row.judged_at = verdict, None, now()
    return row


def delete_question(question_id: str, sure: str) -> None:
    """Delete a question with its post, on the word of whoever knows its address.

    Raises:
        InvalidInputError: it was not confirmed.
        NotFoundError: there is no such question.
    """
    with writing():
        row = require_question(question_id)
        if sure != "yes":
            raise InvalidInputError("Nothing was deleted. Please confirm that the question is to be deleted for good.")
        queries.delete_post(row)
    erase_from_log()


def change_numbers(question_id: str, form: Mapping[str, str]) -> QuestionRow:
    """Train with what a form names in the place of a question's own numbers; with nothing, not beside the entry's run.

    Raises:
        InvalidInputError: nothing answers the question, or a value is out of bounds.
        NotFoundError: there is no such question.
    """
    with writing():
        row = require_question(question_id)
        if row.answered_by is None:
            raise InvalidInputError("Nothing is trained for this question: it has no answer yet.")
        row.varied_run = vary_beside(row.answered_by, form, row.run)
    return row
