"""What becomes of an entry's address: withdrawing it, moving it, and deleting a draft that nobody saw."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as WSGIResponse

from assistant.admin.blueprint import Page, admin, teacher
from assistant.admin.entries import show_entry
from assistant.audit.queries import record
from assistant.database import writing
from assistant.errors import InvalidInputError
from assistant.library import addresses
from assistant.library.revisions import LONGEST_REASON, ConflictError
from assistant.questions.understanding.matcher import refresh
from assistant.runs import queries as runs


@admin.post("/entries/<slug>/withdraw")
def withdraw(slug: str) -> Page:
    """Let learners no longer see an entry; its address says so, and leads on."""
    expected, successor = request.form.get("expected", 0, type=int), request.form.get("successor", "")
    reason = " ".join(request.form.get("reason", "").split())
    try:
        if not 0 < len(reason) <= LONGEST_REASON:
            raise InvalidInputError(f"Say in 1 to {LONGEST_REASON} characters why it is withdrawn.")
        with writing():
            addresses.withdraw(slug, expected=expected, successor=successor)
            record(teacher().name, "withdrew", slug, reason)
    except (InvalidInputError, ConflictError) as error:
        return show_entry(slug, problem=str(error), reason=reason), error.status
    refresh()
    flash("Withdrawn. Its address says so; its revisions and runs stay, and it can be published again.", "message")
    return redirect(url_for("admin.entry", slug=slug), 303)


@admin.post("/entries/<slug>/move")
def move(slug: str) -> Page:
    """Give an entry another address; the old one leads there."""
    to = request.form.get("slug", "").strip()
    try:
        with writing():
            addresses.move(slug, to)
            record(teacher().name, "moved", slug, f"to {to}")
    except (InvalidInputError, ConflictError) as error:
        return show_entry(slug, moved_to=to, move_problem=str(error)), error.status
    refresh()
    flash(
        f"Moved. The address {slug} leads here from now on. If it has content files, rename them too.",
        "message",
    )
    return redirect(url_for("admin.entry", slug=to), 303)


@admin.post("/entries/<slug>/delete")
def delete(slug: str) -> Page | WSGIResponse:
    """Delete an entry that learners never saw."""
    try:
        with writing():
            draft = addresses.require_draft(slug)
            runs.forget_trials(draft)
            addresses.delete_draft(draft)
            record(teacher().name, "deleted a draft", slug)
    except InvalidInputError as error:
        return show_entry(slug, problem=str(error)), error.status
    flash(f"The draft {slug} is deleted.", "message")
    return redirect(url_for("admin.home"), 303)
