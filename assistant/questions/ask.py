"""Asking: a learner's text in, a stored question with its outcome out."""

import logging
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

import numpy as np
from sqlalchemy.exc import DBAPIError

from assistant.database import db, reading, writing
from assistant.errors import InvalidInputError, UnavailableError
from assistant.library import fitting
from assistant.library import queries as library
from assistant.library.tables import EntryRow
from assistant.matching import LONGEST, Match, Matcher, Topic
from assistant.matching.lexical import LexicalMatcher
from assistant.matching.semantic import SemanticMatcher, Vectors
from assistant.questions.tables import QuestionRow
from assistant.runs import queries as runs

log = logging.getLogger(__name__)

MOST_VECTORS = 5_000  # of questions that teachers look through, some 8 MB in each web process

_vectors: dict[str, Vectors] = {}


def readable(text: str) -> str:
    """Return a text as one line, without control characters and halves of characters."""
    return " ".join("".join(" " if unicodedata.category(each) in {"Cc", "Cs"} else each for each in text).split())


def cleaned(text: str) -> str:
    """Return a question as it is kept.

    Raises:
        InvalidInputError: nothing is left of it, or it is too long.
    """
    question = readable(text)
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
    return matcher().match(question)


def match_all(using: Matcher, questions: Sequence[str]) -> list[Match]:
    """Match many cleaned questions at once; those that were encoded before are not encoded again."""
    if not isinstance(using, SemanticMatcher):
        return [using.match(question) for question in questions]
    vectors = vectors_of(questions, using.learned(questions))
    return using.match_vectors(vectors) if vectors is not None else []


def vectors_of(questions: Sequence[str], learned: Mapping[str, Vectors] | None = None) -> Vectors | None:
    """Return (questions, width), each of length 1; None of no questions, or where there are no sentence vectors.

    Args:
        questions: the questions.
        learned: vectors that are known already.
    """
    using = fitting.encoder()
    if using is None or not questions:
        return None
    known = _vectors | dict(learned or {})
    if new := [question for question in dict.fromkeys(questions) if question not in known]:
        computed = dict(zip(new, using.encode(new), strict=True))
        known |= computed
        if len(_vectors) + len(computed) > MOST_VECTORS:
            _vectors.clear()
        _vectors.update(computed)
    return np.stack([known[question] for question in questions])


def matcher_with(topics: Sequence[Topic], not_covered: Sequence[str]) -> Matcher:
    """Return the matcher that there would be with these texts."""
    encoder, fitted = fitting.encoder(), fitting.stored_fit()
    if encoder is None or fitted is None:
        return LexicalMatcher({topic.slug: topic.phrasings for topic in topics})
    return SemanticMatcher(fitted.updated(topics, not_covered, encoder), encoder)


def matcher() -> Matcher:
    """Return the matcher of the library as it is now."""
    return _matcher(library.state(), library.fitted_at())


@lru_cache(maxsize=2)
def _matcher(_state: str, _fitted_at: datetime | None) -> Matcher:
    """Return the matcher of one state of the library, made once for each process and state.

    Where the sentence vectors are not installed, or nothing has been fitted to them, questions are matched by words.
    """
    return matcher_with(*fitting.texts())


def ask(text: str) -> QuestionRow:
    """Store a question with its outcome, and start a fresh run where it has an answer.

    Raises:
        InvalidInputError: the text is no question.
        UnavailableError: the database takes nothing at the moment.
    """
    question = cleaned(text)
    with reading():  # Matching takes longer than storing, and must keep no other writer waiting.
        using = matcher()
        found = using.match(question)
    try:
        with writing():
            return _store(question, found, using)
    except DBAPIError as error:
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
        row.entry = library.by_slug(found.entry)
        if row.entry is not None and row.entry.published is not None:
            row.run = runs.enqueue(row.entry.published)
    db.session.add(row)
    return row


def in_order(slugs: Sequence[str]) -> list[EntryRow]:
    """Return the published entries of these slugs, in their order."""
    entries = {row.slug: row for row in library.published()}
    return [entries[slug] for slug in slugs if slug in entries]
