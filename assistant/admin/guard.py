"""Who may see the teachers' pages: every request is looked at here before any view."""

from flask import g, redirect, request, session, url_for

from assistant.accounts import sign_ins
from assistant.admin.blueprint import Page, SignedOutError, admin, has_token
from assistant.admin.expired import answer_stale_form, pack
from assistant.admin.sign_in import ask_again
from assistant.database import reading
from assistant.errors import RefusedError, wants_json

# A text that is far too long still comes back in its form, with a word about it. Beyond this it is not even read.
LARGEST_SIGNED_IN = 16 * 1024 * 1024
LARGEST = 1024 * 1024


@admin.url_value_preprocessor
def allow_long_texts(_endpoint: str | None, _values: object) -> None:
    """Read more of a teacher's form than of a learner's; this comes before anything reads the form."""
    request.max_content_length = request.max_form_memory_size = LARGEST_SIGNED_IN if session.get("token") else LARGEST


@admin.before_request
def guard() -> Page | None:
    """Find out who is signed in; refuse forms without the session's token; ask everybody else to sign in."""
    safe = request.method in {"GET", "HEAD", "OPTIONS"}
    if token := session.get("token"):
        with reading():
            g.teacher = sign_ins.teacher_of(token)
    if request.endpoint == "admin.sign_in" or request.method == "OPTIONS":  # which no view answers
        return None
    if g.get("teacher") is None:
        if wants_json():
            raise SignedOutError("You are signed out. Please sign in again.")
        if safe:
            return redirect(url_for("admin.sign_in", next=request.full_path.rstrip("?")), 303)
        return ask_again(request.path, pack(request.form))
    if not safe and not has_token():
        if wants_json():
            raise RefusedError("The token of the session is missing: send it as X-CSRFToken.")
        return answer_stale_form()
    return None
