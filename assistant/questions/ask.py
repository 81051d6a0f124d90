"""Asking: a learner's text in, a stored question with its outcome out."""

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from time import perf_counter

from sqlalchemy.exc import DBAPIError

from assistant.database import db, is_outage, now, reading, writing
from assistant.errors import InvalidInputError, TooManyError, UnavailableError
from assistant.library import queries as library
from assistant.library.tables import EntryRow
from assistant.matching import LONGEST, LONGEST_POST
from assistant.matching.posts.courtesy import asks_nothing, without_courtesy
from assistant.matching.posts.parts import Matched, Part
from assistant.matching.text import readable, visible
from assistant.questions.own_numbers.own_runs import form_in
from assistant.questions.tables import FOLLOW_UP, WITH_FIGURE, QuestionRow
from assistant.questions.understanding.follow_up import in_light_of
from assistant.questions.understanding.lesson_figures import in_view_of, lesson_figure
from assistant.questions.understanding.other_languages import matcher_of
from assistant.questions.understanding.understand import understand
from assistant.runs import queries as runs
from assistant.runs.vary import vary_beside
from assistant.tallies import ASKED, tally

log = logging.getLogger(__name__)


def clean(text: str) -> str:
    """Return a question as it is kept: without what nobody sees, and with its line breaks, which tell code from prose.

    Raises:
        InvalidInputError: nothing is left of it, or it is too long.
    """
    question = "\n".join(line.rstrip() for line in visible(text).strip().splitlines())
    if not any(each.isalnum() for each in question):
        raise InvalidInputError("Please type a question in words, such as: why do neurons not all learn the same?")
    if len(question) > LONGEST_POST:
        raise InvalidInputError(
            f"A question has at most {LONGEST_POST:,} characters, and this one has {len(question):,}. "
            "Please leave out what is not needed, such as long output."
        )
    return question


def ask(text: str, chosen: str = "", follows: str = "", figure: str = "") -> QuestionRow:
    """Store a question with its outcome, and start a fresh run where it has an answer; and so for each part of it.

    Args:
        text: the question.
        chosen: the slug of the entry that the learner chose for it while typing; none unless given.
        follows: the address of the question that it follows; none unless given.
        figure: the name of the figure of the lessons that it is about; none unless given.

    Raises:
        InvalidInputError: the text is no question, or there is no such entry, figure, or question that it could follow.
        UnavailableError: the database takes nothing at the moment.
    """
    question, shown = clean(text), lesson_figure(figure)
    began = perf_counter()
    with reading():  # Matching takes longer than storing, and must keep no other writer waiting.
        before = _followed(follows)
        found = understand(without_courtesy(question) if before is not None else question)
        using = {language: matcher_of(language) for language in {None, *(each.language for each in found.parts)}}
        english = len(using) == 1
        in_light = in_light_of(before, question, found, using[None]) if before is not None and english else None
        in_view = in_view_of(shown, found, using[None]) if shown and in_light is None and english else None
        found = in_light or in_view or found
        matching = perf_counter() - began
        slugs = {each.match.entry for each in found.parts} | {chosen}
        answers = [each for slug in slugs if slug and (each := library.published_entry(slug)) is not None]
        forms = {each.slug: form_in(question, each) for each in answers}
    try:
        with writing():
            row = _store(question, found, {each: matcher.name for each, matcher in using.items()}, forms)
            row.figure = figure or None
            if asks_nothing(readable(question)):
                row.settled_at = now()  # There is nothing that anybody could answer.
            if in_light is not None:
                row.matcher += FOLLOW_UP
            if in_view is not None:
                row.matcher += WITH_FIGURE
            row.follows_id = before.id if before is not None else None
            if chosen and (row.entry is None or row.entry.slug != chosen):
                entry = library.published_entry(chosen)
                if entry is None:
                    raise InvalidInputError("The question that you chose is no longer there. Please choose again.")
                answer_by_choice(row, entry, forms.get(entry.slug, {}))
            db.session.flush()
            tally(ASKED, row.outcome, matching)
            return row
    except DBAPIError as error:
        if not is_outage(error):  # such as a text that no database holds
            raise
        log.error("a question could not be stored: %s", error.orig)
        raise UnavailableError("Your question cannot be stored at the moment. Please try again in a while.") from error


def _followed(question_id: str) -> QuestionRow | None:
    """Return the question that another one follows; None where it follows none."""
    row = db.session.get(QuestionRow, question_id[:22]) if question_id else None
    if question_id and row is None:
        raise InvalidInputError("The question that this one follows is no longer there. Please ask without it.")
    return row


def _store(
    question: str, found: Matched, matchers: Mapping[str | None, str], forms: Mapping[str, Mapping[str, str]]
) -> QuestionRow:
    """Store a post as a question about its main part, and its further parts as questions of their own.

    Args:
        question: the post.
        found: what it asks.
        matchers: by language, the name of what matched it.
        forms: by entry, what asks for the post's own numbers.
    """
    rows = [_row(part, at, matchers[part.language]) for at, part in enumerate(found.parts)]
    row = rows[found.parts.index(found.main)]
    row.left_out = found.left_out
    if len(rows) == 1 and len(question) <= LONGEST:
        row.text = question
    else:
        row.post = question
    row.parts = [each for each in rows if each is not row]
    db.session.add(row)
    for each in rows:
        if each.entry is not None:
            _train(each, each.entry, forms.get(each.entry.slug, {}))
    return row


def _row(part: Part, position: int, matcher: str) -> QuestionRow:
    row = QuestionRow(
        text=part.text,
        position=position,
        outcome=part.match.outcome,
        score=part.match.score,
        matcher=matcher,
        language=part.language,
        suggestions=[candidate.slug for candidate in part.match.candidates],
    )
    if part.match.entry is not None:
        row.entry = library.published_entry(part.match.entry)
    return row


def answer_by_choice(row: QuestionRow, entry: EntryRow, form: Mapping[str, str]) -> None:
    """Note that the learner chose a published entry for a question, and start a fresh run; call within `writing`.

    Args:
        row: the question.
        entry: what was chosen.
        form: what asks for the question's own numbers.
    """
    row.answer, row.chosen, row.settled_at = entry, True, now()
    _train(row, entry, form)


def _train(row: QuestionRow, entry: EntryRow, form: Mapping[str, str]) -> None:
    """Start a fresh run of an entry for a question, and one with the question's own numbers beside it."""
    if entry.published is not None:
        row.run = runs.enqueue(entry.published)
        with suppress(TooManyError):  # Its numbers are shown, and can be trained with when fewer runs wait.
            row.varied_run = vary_beside(entry, form, row.run)


def in_order(slugs: Sequence[str]) -> list[EntryRow]:
    """Return the published entries of these slugs, in their order."""
    found = (library.published_entry(slug) for slug in slugs)
    return [row for row in found if row is not None]
