"""The blueprint of the teachers' pages, and what all of them share."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Blueprint, Flask, Response, g, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_wtf.csrf import generate_csrf, validate_csrf
from werkzeug.wrappers import Response as WSGIResponse

from assistant.accounts.sign_ins import Teacher
from assistant.errors import AssistantError, RefusedError

admin = Blueprint("admin", __name__, url_prefix="/admin")

Page = str | tuple[str, int] | Response | WSGIResponse | tuple[Response, int]  # what views answer
P = ParamSpec("P")
R = TypeVar("R")


class SignedOutError(AssistantError):
    """Nobody is signed in."""

    status = 401


class SessionOfPages(SecureCookieSessionInterface):
    """A session that is prolonged by what a teacher does, and by nothing that an open page asks for by itself.

    A part of a page that comes between a form's answer and the page after it would else bring the older cookie back,
    and the message that the form left in the newer one would never be seen.
    """

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Say whether an answer carries the cookie: where the session changed, and on whole pages and forms."""
        is_part = request.method == "GET" and "HX-Request" in request.headers
        return session.modified or (not is_part and super().should_set_cookie(app, session))


def configure(app: Flask) -> None:
    """Let sessions exist for the teachers' pages alone, so that learners never get a cookie."""
    settings = app.config["SETTINGS"]
    app.session_interface = SessionOfPages()
    app.config.update(
        SESSION_COOKIE_NAME="askneuron_teacher",
        SESSION_COOKIE_PATH=f"{settings.public_url.prefix}/admin",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.scheme == "https",
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
    def view_for_owners(*args: P.args, **options: P.kwargs) -> R:
        if not teacher().is_owner:
            raise RefusedError("Only owners may do that.")
        return view(*args, **options)

    return view_for_owners


def has_token() -> bool:
    """Say whether a form carries the token of its session."""
    try:
        validate_csrf(request.headers.get("X-CSRFToken") or request.form.get("csrf_token"))
    except ValueError:  # what it raises is one, and says in which way the token is wrong
        return False
    return True


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
