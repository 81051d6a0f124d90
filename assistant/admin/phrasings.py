"""Phrasings of an entry, and questions that no entry answers: finding, adding, removing and bringing back."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WSGIResponse

from assistant.admin.blueprint import Page, admin, teacher
from assistant.admin.effects import digest, of_adding
from assistant.audit.queries import record
from assistant.database import reading, writing
from assistant.errors import InvalidInputError
from assistant.library import phrasing_lines, phrasing_queries, revisions
from assistant.library import queries as library
from assistant.library.phrasing_lines import PastedLines
from assistant.library.phrasing_queries import PER_PAGE, PhrasingError
from assistant.library.phrasing_search import SHOWN, SORTS, find, search_of
from assistant.library.tables import EntryRow, PhrasingRow
from assistant.questions import queries as questions
from assistant.questions.settle import settle_open, settled_text
from assistant.questions.understanding.matcher import refresh

KEPT = ("q", "show", "sort", "page")  # what an address says of the list, which stays after a change


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
    """Add phrasings to an entry, where nothing speaks against it or the teacher has seen what does."""
    return _answer(slug)


@admin.post("/not-covered")
def add_not_covered() -> Page:
    """Add questions that no entry answers."""
    return _answer(None)


@admin.post("/phrasings/<int:number>/remove")
def remove_phrasing(number: int) -> WSGIResponse:
    """Remove a phrasing, or a question that no entry answers; it can be brought back."""
    with writing():
        row = phrasing_queries.remove(number, by=teacher().name)
        slug = _log_change("removed a phrasing", row)
    refresh()
    flash("Removed. It is listed below, and can be restored there.", "message")
    flash(url_for("admin.bring_back_phrasing", number=number, **_list_query()), "undo")
    return _to(slug)


@admin.post("/phrasings/<int:number>/bring-back")
def bring_back_phrasing(number: int) -> Page:
    """Bring back a phrasing that was removed, as it was."""
    slug = _slug(phrasing_queries.require_phrasing(number))
    try:
        with writing():
            _log_change("restored a phrasing", phrasing_queries.bring_back(number, by=teacher().name))
    except PhrasingError as error:
        return _page(revisions.require_entry(slug) if slug else None, problem=str(error)), error.status
    refresh()
    flash("Restored.", "message")
    return _to(slug)


@admin.post("/phrasings/<int:first>-<int:last>/take-back")
def take_back_phrasings(first: int, last: int) -> WSGIResponse:
    """Remove again what this teacher has just added together."""
    with writing():
        entry = phrasing_queries.require_phrasing(first).entry
        count = phrasing_lines.take_back(entry, first, last, by=teacher().name)
        slug = entry.slug if entry is not None else None
        if count:
            told = f"{count} from phrasing {first} to {last}"
            record(teacher().name, "took back phrasings", slug or "not covered", told)
    refresh()
    flash(f"Undone: {count} that you had just added." if count else "There was nothing to undo any more.", "message")
    return _to(slug)


def _answer(slug: str | None) -> Page:
    """Add one line at once; show first what many lines are."""
    text, confirm = request.form.get("text", ""), request.form.get("confirm", "")
    with reading():
        entry = revisions.require_entry(slug) if slug is not None else None
        try:
            lines = phrasing_lines.sort_lines(entry, text)
        except InvalidInputError as error:
            return _page(entry, text=text, problem=str(error)), error.status
        against = of_adding(entry, *lines.addable) if entry is not None else []
        one = len([line for line in text.splitlines() if line.strip()]) == 1
        if one and against and confirm != digest(against):
            return _page(entry, text=text, against=against), 422
        seen = digest([*lines.addable, *against])
        if not one and (confirm != seen or not lines.addable):
            return _page(entry, text=text, lines=lines, against=against, confirm=seen)
    return _add(slug, [text] if one else lines.addable, typed=text)


def _add(slug: str | None, questions: list[str], *, typed: str) -> Page:
    before = 0
    try:
        with writing():
            entry = revisions.require_entry(slug) if slug is not None else None
            before = phrasing_queries.count_of(entry)
            first, last = phrasing_lines.add_many(entry, questions, by=teacher().name)
            added = phrasing_queries.count_of(entry) - before
            told = f"phrasing {first}" if first == last else f"{added} from phrasing {first} to {last}"
            did = "added a phrasing" if first == last else "added phrasings"
            if added:
                record(teacher().name, did, slug or "not covered", told)
    except PhrasingError as error:
        return _page(revisions.require_entry(slug) if slug else None, text=typed, problem=str(error)), error.status
    refresh()
    answered = settle_open() if slug is not None else 0
    told = f"Added{f': {added}' if added > 1 else ''}." if added else "It was there already."
    flash(f"{told} {settled_text(answered)}".strip(), "message")
    if added:
        flash(url_for("admin.take_back_phrasings", first=first, last=last), "undo")
    return _to(slug)


def _log_change(did: str, row: PhrasingRow) -> str | None:
    """Say in the log what was done with a phrasing, and not what it says; return its entry's slug."""
    slug = _slug(row)
    record(teacher().name, did, slug or "not covered", f"phrasing {row.id}")
    return slug


def _slug(row: PhrasingRow) -> str | None:
    return row.entry.slug if row.entry is not None else None


def _list_query() -> dict[str, Any]:
    """Return what the address says of the list."""
    return {key: request.args[key] for key in KEPT if request.args.get(key)}


def _address(slug: str | None, **more: object) -> str:
    values: dict[str, Any] = {**_list_query(), **more}
    return (
        url_for("admin.phrasings", slug=slug, **values) if slug is not None else url_for("admin.not_covered", **values)
    )


def _to(slug: str | None) -> WSGIResponse:
    return redirect(_address(slug), 303)


def _page(
    entry: EntryRow | None,
    *,
    text: str = "",
    problem: str = "",
    against: list[str] | None = None,
    action: str = "",
    lines: PastedLines | None = None,
    confirm: str = "",
) -> str:
    slug = entry.slug if entry is not None else None
    page = min(max(request.args.get("page", 1, type=int), 1), 1_000_000)
    search = search_of(*(request.args.get(key, "") for key in ("q", "show", "sort")))
    found = find(entry, search, page)
    shown = library.published_entries() if entry is None else []
    return render_template(
        "admin/phrasings.html",
        entry=entry,
        head=library.head(entry) if entry is not None else None,
        search=search,
        found=found,
        shows=SHOWN,
        sorts=SORTS,
        removed=phrasing_queries.newest(entry, 1, removed=True),
        beside=[each for each in shown if each.published is not None and each.published.not_covered],
        page=page,
        pages=-(-found.total // PER_PAGE),
        total=phrasing_queries.count_of(entry),
        address=lambda **more: _address(slug, **more),
        kept=_list_query(),
        text=text,
        problem=problem,
        against=against or [],
        confirm=confirm or digest(against or []),
        action=action,
        lines=lines,
    )
