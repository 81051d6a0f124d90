"""Asking: a learner's text in, a stored question with its outcome out."""

import logging
import unicodedata
from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError

from assistant.database import db, is_outage, now, reading, writing
from assistant.errors import InvalidInputError, UnavailableError
from assistant.library import queries as library
from assistant.library.tables import EntryRow
from assistant.matching import LONGEST, Match, Matcher
from assistant.questions.other_languages import matcher_for
from assistant.questions.own_runs import train_own_numbers
from assistant.questions.tables import QuestionRow
from assistant.runs import queries as runs

log = logging.getLogger(__name__)


def one_line(text: str) -> str:
    """Return a text as one line, without control characters and halves of characters."""
    return " ".join("".join(" " if unicodedata.category(each) in {"Cc", "Cs"} else each for each in text).split())


def clean(text: str) -> str:
    """Return a question as it is kept.

    Raises:
        InvalidInputError: nothing is left of it, or it is too long.
    """
    question = one_line(text)
    if not any(each.isalnum() for each in question):
        raise InvalidInputError("Please type a question in words, such as: why do neurons not all learn the same?")
    if len(question) > LONGEST:
        raise InvalidInputError(
            f"A question has at most {LONGEST:,} characters, and this one has {len(question):,}. "
            "Please ask one thing at a time."
        )
    return question


def ask(text: str, chosen: str = "") -> QuestionRow:
    """Store a question with its outcome, and start a fresh run where it has an answer.

    Args:
        text: the question.
        chosen: the slug of the entry that the learner chose for it while typing; none unless given.

    Raises:
        InvalidInputError: the text is no question, or there is no such entry.
        UnavailableError: the database takes nothing at the moment.
    """
    question = clean(text)
    with reading():  # Matching takes longer than storing, and must keep no other writer waiting.
        language, using = matcher_for(question)
        found = using.match(question)
    try:
        with writing():
            row = _store(question, found, using)
            row.language = language
            if chosen and (row.entry is None or row.entry.slug != chosen):
                entry = library.published_entry(chosen)
                if entry is None:
                    raise InvalidInputError("The question that you chose is no longer there. Please choose again.")
                answer_by_choice(row, entry)
            return row
    except DBAPIError as error:
        if not is_outage(error):  # such as a text that no database holds
            raise
        log.error("a question could not be stored: %s", error.orig)
        raise UnavailableError("Your question cannot be stored at the moment. Please try again in a while.") from error


def _store(question: str, found: Match, using: Matcher) -> QuestionRow:
    row = QuestionRow(
        text=question,
        outcome=found.outcome,
        score=found.score,
        matcher=using.name,
        suggestions=[candidate.slug for candidate in found.candidates],
    )
    if found.entry is not None:
        row.entry = library.published_entry(found.entry)
        if row.entry is not None and row.entry.published is not None:
            row.run = runs.enqueue(row.entry.published)
            train_own_numbers(row, row.entry)
    db.session.add(row)
    return row


def answer_by_choice(row: QuestionRow, entry: EntryRow) -> None:
    """Note that the learner chose a published entry for a question, and start a fresh run; call within `writing`."""
    row.answer, row.chosen, row.settled_at = entry, True, now()
    if entry.published is not None:
        row.run = runs.enqueue(entry.published)
        train_own_numbers(row, entry)


def in_order(slugs: Sequence[str]) -> list[EntryRow]:
    """Return the published entries of these slugs, in their order."""
    found = (library.published_entry(slug) for slug in slugs)
    return [row for row in found if row is not None]
