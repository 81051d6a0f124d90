"""Questions that found no answer when they were asked, and find one later."""

from assistant.database import reading, writing
from assistant.library import queries as library
from assistant.library.phrasing_queries import owners_of
from assistant.matching.text import one_line, readable
from assistant.questions import queries
from assistant.questions.understanding.matcher import matcher
from assistant.questions.understanding.settings_aside import SettingsAside

LATEST = 200  # of the questions without an answer are matched again


def settle_open() -> int:
    """Match the questions without an answer against the library as it is now; return how many have one now.

    Whoever kept a question's address then finds the answer there. How it was matched at the time stays on record.
    Those in other languages than English have one where their very words were taken into the library.
    """
    with reading():  # Matching takes time in which others may write.
        rows = queries.list_questions("open", LATEST)
        waiting = {row.id: row.text for row in rows}
        english = [row.id for row in rows if row.language is None]
        shown = [row for row in library.published_entries() if row.published is not None]
        titles = {row.published.title.casefold(): row.slug for row in shown if row.published is not None}
        phrasings = owners_of(waiting.values())
        matches = SettingsAside(matcher()).match_all(
            [one_line(readable(waiting[question_id])) for question_id in english]
        )
        found = {question_id: match.entry for question_id, match in zip(english, matches, strict=True)}
    answers = {
        question_id: slug
        for question_id, text in waiting.items()
        if (slug := titles.get(text.casefold()) or phrasings.get(text) or found.get(question_id)) is not None
    }
    with writing():
        for question_id, slug in answers.items():
            row, entry = queries.question(question_id), library.published_entry(slug)
            if row is not None and entry is not None and row.settled_at is None:
                queries.settle(row, entry)
    return len(answers)


def settled_text(answered: int) -> str:
    """Say how many waiting questions found an answer, as a sentence; nothing where none did."""
    return f"{answered} waiting question{'s' if answered != 1 else ''} found an answer." if answered else ""
