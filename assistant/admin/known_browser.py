"""Browsers in which a teacher has signed in before: guesses that others make elsewhere do not lock them out.

A signed cookie names the account and the browser. It lets nobody in; its sign-ins are only counted for themselves.
"""

import secrets

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

COOKIE = "askneuron_known"
KEPT = 365 * 24 * 3600  # seconds


def browser_of(teacher_id: int) -> str | None:
    """Return what tells this browser apart, if this account has signed in with it before."""
    try:
        known, browser = _signed().loads(request.cookies.get(COOKIE, ""), max_age=KEPT)
    except (BadSignature, ValueError, TypeError):
        return None
    return str(browser) if known == teacher_id else None


def remember(response: Response, teacher_id: int) -> Response:
    """Let this browser be known as one of the account's."""
    browser = browser_of(teacher_id) or secrets.token_urlsafe(12)
    response.set_cookie(
        COOKIE,
        _signed().dumps([teacher_id, browser]),
        max_age=KEPT,
        path=current_app.config["SESSION_COOKIE_PATH"],
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


def _signed() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="known browser")
