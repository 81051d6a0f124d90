"""The learners' questions: what was asked, what became of it, and closing the gaps."""

from collections.abc import Sequence

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WSGIResponse

from assistant.admin.blueprint import admin, teacher
from assistant.admin.effects import digest, of_adding
from assistant.admin.grouping import group_questions
from assistant.audit.queries import record
from assistant.database import reading, writing
from assistant.erasing import erase_from_log
from assistant.errors import NotFoundError
from assistant.library import phrasing_queries, revisions
from assistant.library import queries as library
from assistant.library.tables import EntryRow
from assistant.questions import queries as questions
from assistant.questions.settle import settle_open, settled_text
from assistant.questions.tables import QuestionRow
from assistant.questions.understanding.matcher import refresh

LATEST = 200  # questions are grouped
PER_PAGE = 20  # groups on a page, each with a list of all entries


@admin.get("/questions")
def asked_questions() -> str:
    """Show what was asked, like questions together."""
    which = request.args.get("outcome", "open")
    if which not in questions.FILTERS:
        abort(404)
    groups = group_questions(questions.list_questions(which, LATEST))
    pages = max(-(-len(groups) // PER_PAGE), 1)
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    entries = library.published_entries()
    return render_template(
        "admin/questions.html",
        groups=groups[(page - 1) * PER_PAGE : page * PER_PAGE],
        page=page,
        pages=pages,
        which=which,
        counts=questions.counts(),
        entries=entries,
        titles={row.slug: row.published.title for row in entries if row.published},
        latest=LATEST,
    )


@admin.post("/questions/<question_id>/phrasing")
def accept_as_phrasing(question_id: str) -> WSGIResponse:
    """Add a question to an entry's phrasings, where nothing speaks against it or the teacher has seen what does."""
    slug = request.form.get("slug", "")
    with reading():
        text = _readable(question_id).text
        against = of_adding(revisions.require_entry(slug), text)
    if against and request.form.get("confirm", "") != digest(against):
        return redirect(url_for("admin.phrasings", slug=slug, question=question_id), 303)
    with writing():
        entry = revisions.require_entry(slug)
        # It tells better than any phrasing of ours how sure an answer is.
        phrasing_queries.add(entry, text, by=teacher().name, origin="learner", held_out=True)
        record(teacher().name, "added a phrasing", slug, f"question {question_id}")
        shown = entry.published_number is not None
    refresh()
    answered = settle_open()
    answers = settled_text(answered) if shown else "It will count once the entry is published."
    flash(f"Added as a phrasing. {answers}".strip(), "message")
    return _back()


@admin.post("/questions/<question_id>/not-covered")
def mark_not_covered(question_id: str) -> WSGIResponse:
    """Say that no entry answers a question, nor should: matching learns from it.

    All that asked the same in the same words, and wait for an answer, are dealt with.
    """
    with writing():
        row = _readable(question_id)
        phrasing_queries.add(None, row.text, by=teacher().name, origin="learner", held_out=True)
        questions.settle(row, None)
        for each in questions.open_in_words(row.text):
            questions.settle(each, None)
        record(teacher().name, "marked not covered", f"question {question_id}")
    refresh()
    flash("Marked as not covered.", "message")
    return _back()


@admin.post("/questions/<question_id>/redact")
def redact(question_id: str) -> WSGIResponse:
    """Remove what a question said; the log tells that it happened, and not what it said."""
    with writing():
        questions.redact(_readable(question_id))
        record(teacher().name, "redacted", f"question {question_id}")
    erase_from_log()
    flash("The text of the question was removed.", "message")
    return _back()


def _readable(question_id: str) -> QuestionRow:
    row = questions.question(question_id)
    if row is None or row.redacted_at is not None:
        raise NotFoundError("There is no such question any more. Perhaps another teacher has redacted it.")
    return row


def _back() -> WSGIResponse:
    page = request.form.get("page", 1, type=int)
    outcome = request.form.get("outcome", "open")
    return redirect(url_for("admin.asked_questions", outcome=outcome, page=page if page > 1 else None), 303)


def nearest_entry(row: QuestionRow, entries: Sequence[EntryRow]) -> str:
    """Return the slug that is offered first: what the learner meant or chose, or what was nearest."""
    known = {each.slug for each in entries}
    meant = [each.slug for each in (row.meant, row.answer) if each is not None]
    return next((slug for slug in (*meant, *row.suggestions) if slug in known), "")


admin.add_app_template_global(nearest_entry, "nearest_entry")
