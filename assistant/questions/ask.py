"""Asking: a learner's text in, a stored question with its outcome out."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from assistant.database import db
from assistant.errors import InvalidInputError
from assistant.library.queries import published
from assistant.library.tables import EntryRow
from assistant.matching import Match
from assistant.matching.lexical import LexicalMatcher
from assistant.questions.tables import QuestionRow
from assistant.runs import queries as runs

LONGEST = 1_000  # characters of a question


def cleaned(text: str) -> str:
    """Return a question as it is kept: one line of readable characters.

    Raises:
        InvalidInputError: nothing is left of it, or it is too long.
    """
    readable = "".join(" " if unicodedata.category(each) in {"Cc", "Cs"} else each for each in text)
    question = " ".join(readable.split())
    if not any(each.isalnum() for each in question):
        raise InvalidInputError("Please type a question in words, such as: why do neurons not all learn the same?")
    if len(question) > LONGEST:
        raise InvalidInputError(
            f"A question has at most {LONGEST:,} characters, and this one has {len(question):,}. "
            "Please ask one thing at a time."
        )
    return question


def match(question: str) -> Match:
    """Match a cleaned question against the published entries."""
    return _matcher(tuple((row.slug, row.published_number or 0) for row in published())).match(question)


@lru_cache(maxsize=2)
def _matcher(state: tuple[tuple[str, int], ...]) -> LexicalMatcher:
    """Return the matcher of this state of the library, fitted once for each process and state."""
    slugs = {slug for slug, _ in state}
    return LexicalMatcher(
        {
            row.slug: [row.published.title, *row.published.phrasings]
            for row in published()
            if row.published is not None and row.slug in slugs
        }
    )


def ask(text: str) -> QuestionRow:
    """Store a question with its outcome, and start a fresh run where it has an answer.

    Raises:
        InvalidInputError: the text is no question.
    """
    question = cleaned(text)
    found = match(question)
    row = QuestionRow(
        text=question,
        outcome=found.outcome,
        score=found.score,
        matcher=LexicalMatcher.name,
        suggestions=[candidate.slug for candidate in found.candidates],
    )
    if found.entry is not None:
        row.entry = next(entry for entry in published() if entry.slug == found.entry)
        if row.entry.published is not None:
            row.run = runs.enqueue(row.entry.published)
    db.session.add(row)
    db.session.commit()
    return row


def in_order(slugs: Sequence[str]) -> list[EntryRow]:
    """Return the published entries of these slugs, in their order."""
    entries = {row.slug: row for row in published()}
    return [entries[slug] for slug in slugs if slug in entries]
