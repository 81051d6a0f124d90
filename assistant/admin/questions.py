"""The learners' questions: what was asked, what became of it, and closing the gaps."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WSGIResponse

from assistant.admin.blueprint import admin, teacher
from assistant.admin.publishing import check, put_out
from assistant.audit.queries import record
from assistant.database import reading, writing
from assistant.errors import NotFoundError
from assistant.library import fitting, revisions
from assistant.library import queries as library
from assistant.library.entries import Draft
from assistant.library.tables import EntryRow
from assistant.matching.semantic import Vectors
from assistant.questions import queries as questions
from assistant.questions.ask import vectors_of
from assistant.questions.settle import settle_open
from assistant.questions.tables import QuestionRow

LATEST = 200  # questions on a page
ALIKE = 0.9  # the least cosine of two questions that stand together


@dataclass(frozen=True)
class Group:
    """Questions that are alike; the first is the newest."""

    rows: list[QuestionRow]

    @property
    def first(self) -> QuestionRow:
        """The question that stands for all."""
        return self.rows[0]


@admin.get("/questions")
def asked() -> str:
    """Show what was asked, like questions together."""
    which = request.args.get("outcome", "open")
    if which not in questions.FILTERS:
        abort(404)
    rows = questions.asked(which, LATEST)
    return render_template(
        "admin/questions.html",
        groups=grouped(rows),
        which=which,
        counts=questions.counts(),
        entries=library.published(),
        titles={row.slug: row.published.title for row in library.published() if row.published},
        latest=LATEST,
    )


def grouped(rows: Sequence[QuestionRow]) -> list[Group]:
    """Return questions that are alike together: each joins the first group whose newest question is near enough."""
    readable = [row for row in rows if row.redacted_at is None]
    vectors = vectors_of([row.text for row in readable])
    place = {row.id: at for at, row in enumerate(readable)}
    groups: list[Group] = []
    for row in rows:
        for group in groups:
            if _alike(group.first, row, place, vectors):
                group.rows.append(row)
                break
        else:
            groups.append(Group([row]))
    return groups


def _alike(one: QuestionRow, other: QuestionRow, place: dict[str, int], vectors: Vectors | None) -> bool:
    if one.id not in place or other.id not in place:
        return False
    if one.text.casefold() == other.text.casefold():
        return True
    if vectors is None:
        words, others = (set(row.text.casefold().split()) for row in (one, other))
        return len(words & others) >= 0.6 * len(words | others)
    return bool(vectors[place[one.id]] @ vectors[place[other.id]] >= ALIKE)


@admin.post("/questions/<question_id>/phrasing")
def add_phrasing(question_id: str) -> WSGIResponse:
    """Add a question to an entry's phrasings; publish that at once where nothing speaks against it."""
    slug = request.form.get("slug", "")
    with reading():
        text, entry = _readable(question_id).text, revisions.found(slug)
        head = library.head(entry)
        if head is None:
            raise NotFoundError("This entry holds nothing yet.")
        draft, number, published = revisions.draft_of(slug, head), head.number, entry.published_number
    if text.casefold() not in {each.casefold() for each in draft.phrasings}:
        left = tuple(each for each in draft.not_covered if each.casefold() != text.casefold())
        more = Draft.model_validate(draft.model_dump() | {"phrasings": (*draft.phrasings, text), "not_covered": left})
        with writing():
            added = revisions.save(more, base=number, author=teacher().name, reason="A phrasing that a learner asked.")
            record(teacher().name, "saved", slug, f"revision {added.number}: a phrasing that a learner asked")
            _no_longer_uncovered(text)
        if published != number:
            flash("The phrasing is in the draft. It takes part when the draft is published.", "message")
            return redirect(url_for("admin.publishing", slug=slug), 303)
        with reading():
            checked = check(slug, revisions.numbered(revisions.found(slug), number + 1))
        if checked.gaps or checked.concerns:
            flash("The phrasing is in a draft. Something speaks against publishing it at once.", "message")
            return redirect(url_for("admin.publishing", slug=slug), 303)
        put_out(slug, number + 1, expected=published, reason="a phrasing that a learner asked", concerns=[])
    answered = settle_open()
    flash(f"Added as a phrasing. {answered} waiting question{'s' if answered != 1 else ''} found an answer.", "message")
    return _back()


@admin.post("/questions/<question_id>/not-covered")
def mark_not_covered(question_id: str) -> WSGIResponse:
    """Say that no entry answers a question, nor should: matching learns from it."""
    with writing():
        row = _readable(question_id)
        library.add_not_covered(row.text, teacher().name)
        questions.settle(row, None)
        record(teacher().name, "marked not covered", f"question {row.id}")
    fitting.refresh()
    flash("Marked as not covered.", "message")
    return _back()


@admin.post("/questions/<question_id>/redact")
def redact(question_id: str) -> WSGIResponse:
    """Remove what a question said; the log tells that it happened, and not what it said."""
    with writing():
        row = _readable(question_id)
        questions.redact(row)
        record(teacher().name, "redacted", f"question {row.id}")
    flash("What the question said is removed.", "message")
    return _back()


@admin.get("/not-covered")
def not_covered() -> str:
    """Show the questions that no entry answers."""
    beside = [(row, row.published.not_covered) for row in library.published() if row.published]
    return render_template(
        "admin/not_covered.html", rows=library.not_covered(), beside=[each for each in beside if each[1]]
    )


@admin.post("/not-covered")
def add_not_covered() -> WSGIResponse:
    """Add a question that no entry answers."""
    with writing():
        library.add_not_covered(request.form.get("text", ""), teacher().name)
        record(teacher().name, "added", "not covered")
    fitting.refresh()
    return redirect(url_for("admin.not_covered"), 303)


@admin.post("/not-covered/<int:number>/remove")
def remove_not_covered(number: int) -> WSGIResponse:
    """Take a question off the list of those that no entry answers."""
    with writing():
        library.remove_not_covered(number, teacher().name)
        record(teacher().name, "removed", "not covered")
    fitting.refresh()
    return redirect(url_for("admin.not_covered"), 303)


def _no_longer_uncovered(text: str) -> None:
    """Take a question off the list that no entry answers, since one does now."""
    for row in library.not_covered():
        if row.text.casefold() == text.casefold():
            library.remove_not_covered(row.id, teacher().name)


def _readable(question_id: str) -> QuestionRow:
    row = questions.question(question_id)
    if row is None or row.redacted_at is not None:
        raise NotFoundError("There is no such question any more. Perhaps another teacher has redacted it.")
    return row


def _back() -> WSGIResponse:
    return redirect(url_for("admin.asked", outcome=request.form.get("outcome", "open")), 303)


def nearest(row: QuestionRow, entries: Sequence[EntryRow]) -> str:
    """Return the slug that is offered first: what the learner meant, or what was nearest."""
    known = {each.slug for each in entries}
    wanted = [row.meant.slug] if row.meant is not None else []
    return next((slug for slug in (*wanted, *row.suggestions) if slug in known), "")


admin.add_app_template_global(nearest, "nearest_entry")
