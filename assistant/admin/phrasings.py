"""Phrasings of an entry, and questions that no entry answers: adding, removing and bringing back, one by one."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WSGIResponse

from assistant.admin.blueprint import Page, admin, teacher
from assistant.admin.effects import digest, of_adding
from assistant.audit.queries import record
from assistant.database import reading, writing
from assistant.library import phrasing_queries, revisions
from assistant.library import queries as library
from assistant.library.phrasing_queries import PER_PAGE, PhrasingError
from assistant.library.tables import EntryRow, PhrasingRow
from assistant.questions import queries as questions
from assistant.questions.matcher import refresh
from assistant.questions.settle import settle_open


@admin.get("/entries/<slug>/phrasings")
def phrasings(slug: str) -> str:
    """Show an entry's phrasings, and what speaks against adding the learner's question that is named."""
    entry = revisions.require_entry(slug)
    asked = questions.question(request.args.get("question", ""))
    if asked is None or asked.redacted_at is not None:
        return _page(entry)
    action = url_for("admin.accept_as_phrasing", question_id=asked.id)
    return _page(entry, text=asked.text, against=of_adding(entry, asked.text), action=action)


@admin.get("/not-covered")
def not_covered() -> str:
    """Show the questions that no entry answers."""
    return _page(None)


@admin.post("/entries/<slug>/phrasings")
def add_phrasing(slug: str) -> Page:
    """Add a phrasing to an entry, where nothing speaks against it or the teacher has seen what does."""
    text = request.form.get("text", "")
    with reading():
        entry = revisions.require_entry(slug)
        against = of_adding(entry, " ".join(text.split())) if text.strip() else []
        if against and request.form.get("confirm", "") != digest(against):
            return _page(entry, text=text, against=against), 422
    return _add(slug, text)


@admin.post("/not-covered")
def add_not_covered() -> Page:
    """Add a question that no entry answers."""
    return _add(None, request.form.get("text", ""))


@admin.post("/phrasings/<int:number>/remove")
def remove_phrasing(number: int) -> WSGIResponse:
    """Remove a phrasing, or a question that no entry answers; it can be brought back."""
    with writing():
        row = phrasing_queries.remove(number, by=teacher().name)
        slug = _log_change("removed a phrasing", row)
    refresh()
    flash("Removed. It stands below, from where it can be brought back.", "message")
    return _to(slug)


@admin.post("/phrasings/<int:number>/bring-back")
def bring_back_phrasing(number: int) -> Page:
    """Bring back a phrasing that was removed, as it was."""
    slug = _slug(phrasing_queries.require_phrasing(number))
    try:
        with writing():
            _log_change("brought back a phrasing", phrasing_queries.bring_back(number, by=teacher().name))
    except PhrasingError as error:
        return _page(revisions.require_entry(slug) if slug else None, problem=str(error)), error.status
    refresh()
    flash("Brought back.", "message")
    return _to(slug)


def _add(slug: str | None, text: str) -> Page:
    try:
        with writing():
            entry = revisions.require_entry(slug) if slug is not None else None
            _log_change("added a phrasing", phrasing_queries.add(entry, text, by=teacher().name))
    except PhrasingError as error:
        return _page(revisions.require_entry(slug) if slug else None, text=text, problem=str(error)), error.status
    refresh()
    answered = settle_open() if slug is not None else 0
    found = f" {answered} waiting question{'s' if answered != 1 else ''} found an answer." if answered else ""
    flash(f"Added.{found}", "message")
    return _to(slug)


def _log_change(did: str, row: PhrasingRow) -> str | None:
    """Say in the log what was done with a phrasing, and not what it says; return its entry's slug."""
    slug = _slug(row)
    record(teacher().name, did, slug or "not covered", f"phrasing {row.id}")
    return slug


def _slug(row: PhrasingRow) -> str | None:
    return row.entry.slug if row.entry is not None else None


def _to(slug: str | None) -> WSGIResponse:
    address = url_for("admin.phrasings", slug=slug) if slug is not None else url_for("admin.not_covered")
    return redirect(address, 303)


def _page(
    entry: EntryRow | None, *, text: str = "", problem: str = "", against: list[str] | None = None, action: str = ""
) -> str:
    page = max(request.args.get("page", 1, type=int), 1)
    total = phrasing_queries.count_of(entry)
    shown = library.published_entries() if entry is None else []
    return render_template(
        "admin/phrasings.html",
        entry=entry,
        head=library.head(entry) if entry is not None else None,
        rows=phrasing_queries.newest(entry, page),
        removed=phrasing_queries.newest(entry, 1, removed=True),
        beside=[each for each in shown if each.published is not None and each.published.not_covered],
        page=page,
        pages=-(-total // PER_PAGE),
        total=total,
        text=text,
        problem=problem,
        against=against or [],
        confirm=digest(against or []),
        action=action,
    )
