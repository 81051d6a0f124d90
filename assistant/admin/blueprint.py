"""Who may see the teachers' pages: every request is looked at here before any view."""

import json
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Blueprint, Flask, Response, g, redirect, request, session, url_for
from flask_wtf.csrf import generate_csrf, validate_csrf
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as WSGIResponse

from assistant.admin import accounts
from assistant.admin.accounts import Teacher
from assistant.database import db
from assistant.errors import AssistantError, RefusedError, wants_json
from assistant.runs.queries import reading

admin = Blueprint("admin", __name__, url_prefix="/admin")

Page = str | tuple[str, int] | Response | WSGIResponse | tuple[Response, int]  # what views answer
P = ParamSpec("P")
R = TypeVar("R")

# A text that is far too long still comes back in its form, with a word about it. Beyond this it is not even read.
LARGEST_SIGNED_IN = 16 * 1024 * 1024
LARGEST = 1024 * 1024
TYPED = ("carried", "csrf_token", "next")  # what is not carried through a sign-in


class SignedOutError(AssistantError):
    """Nobody is signed in."""

    status = 401


def configure(app: Flask) -> None:
    """Let sessions exist for the teachers' pages alone, so that learners never get a cookie."""
    settings = app.config["SETTINGS"]
    app.config.update(
        SESSION_COOKIE_NAME="askneuron_teacher",
        SESSION_COOKIE_PATH="/admin",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https://"),
        # The cookie's signature carries the time of the last request; an older one is not believed.
        PERMANENT_SESSION_LIFETIME=settings.session_idle_minutes * 60,
        WTF_CSRF_TIME_LIMIT=None,  # A form may be open for as long as the session lasts.
    )


def teacher() -> Teacher:
    """Return who is signed in."""
    found: Teacher | None = g.get("teacher")
    if found is None:
        raise SignedOutError("You are signed out. Please sign in again.")
    return found


def owners_only(view: Callable[P, R]) -> Callable[P, R]:
    """Let a view answer owners alone."""

    @wraps(view)
    def guarded(*args: P.args, **options: P.kwargs) -> R:
        if not teacher().is_owner:
            raise RefusedError("Only owners may do that.")
        return view(*args, **options)

    return guarded


@admin.url_value_preprocessor
def allow_long_texts(_endpoint: str | None, _values: object) -> None:
    """Read more of a teacher's form than of a learner's; this comes before anything reads the form."""
    request.max_content_length = request.max_form_memory_size = LARGEST_SIGNED_IN if session.get("token") else LARGEST


@admin.before_request
def guard() -> Page | None:
    """Find out who is signed in; refuse forms without the session's token; ask everybody else to sign in."""
    from assistant.admin import sign_in  # noqa: PLC0415 - its views need this module

    safe = request.method in {"GET", "HEAD", "OPTIONS"}
    if token := session.get("token"):
        if not safe:
            reading()
        g.teacher = accounts.signed_in(token)
        if not safe:
            db.session.rollback()
    if request.endpoint == "admin.sign_in":
        return None
    if g.get("teacher") is None:
        if wants_json():
            raise SignedOutError("You are signed out. Please sign in again.")
        if safe:
            return redirect(url_for("admin.sign_in", next=request.full_path.rstrip("?")), 303)
        return sign_in.asked_again(request.path, carried(request.form))
    if not safe and not has_token():
        if wants_json():
            raise RefusedError("The token of the session is missing: send it as X-CSRFToken.")
        return sign_in.stale()
    return None


def has_token() -> bool:
    """Say whether a form carries the token of its session."""
    try:
        validate_csrf(request.headers.get("X-CSRFToken") or request.form.get("csrf_token"))
    except ValueError:  # what it raises is one, and says in which way the token is wrong
        return False
    return True


def carried(form: MultiDict[str, str]) -> str:
    """Return what was typed into a form, as one text that another form can carry."""
    return json.dumps([[key, value] for key, value in form.items(multi=True) if key not in TYPED])


def uncarried(text: str) -> MultiDict[str, str]:
    """Return what was typed into a form that `carried` packed; nothing where it is something else."""
    try:
        return MultiDict([(str(key), str(value)) for key, value in json.loads(text)])
    except (ValueError, TypeError):
        return MultiDict()


@admin.after_request
def keep_private(response: Response) -> Response:
    """Let no cache keep a teacher's page, and no search engine list it."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@admin.context_processor
def known_to_pages() -> dict[str, object]:
    """Return what every page of teachers knows."""
    return {"teacher": g.get("teacher"), "csrf_token": generate_csrf}
