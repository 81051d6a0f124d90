"""Signing in and out, and changing one's password."""

import re
from urllib.parse import urlsplit

from flask import g, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as WSGIResponse

from assistant.accounts import accounts, queries, sign_ins
from assistant.admin import known_browser
from assistant.admin.blueprint import Page, admin, has_token, teacher
from assistant.admin.expired import show_again
from assistant.errors import InvalidInputError
from assistant.rate_limits import limiter, take_back

# Only what fails counts: the rest is taken back.
OF_ACCOUNT, OF_ADDRESS = "10 per 15 minutes", "50 per 15 minutes"
HOME = "/admin/"
LONGEST_NAME = 200  # characters
WAIT = "Too many sign-ins failed. Please wait a quarter of an hour, or ask an owner for a new password."


def _name() -> str:
    """Return the name that was typed, as far as it is looked at: what is counted and who is looked up are the same."""
    return request.form.get("name", "")[:LONGEST_NAME]


def _account() -> str:
    """Return what a sign-in is counted for: the account, however its name is written, or the name that there is not."""
    row = queries.teacher(_name())
    if row is None:
        return f"no account {queries.key_of(_name())}"
    browser = known_browser.browser_of(row.id)
    return f"account {row.id} in browser {browser}" if browser else f"account {row.id}"


def _is_known() -> bool:
    row = queries.teacher(_name())
    return row is not None and known_browser.browser_of(row.id) is not None


def _local(path: str) -> str:
    """Return the path to go on to, below PUBLIC_URL, if it is one of the teachers' own pages."""
    try:
        parts = urlsplit(path)
    except ValueError:  # such as http://[
        return HOME
    own = not parts.scheme and not parts.netloc and re.match(r"/admin(/|\?|$)", path) and path.isprintable()
    return path if own and "\\" not in path else HOME


@admin.route("/sign-in", methods=["GET", "POST"])
@limiter.limit(OF_ACCOUNT, key_func=_account, methods=["POST"], error_message=WAIT)
@limiter.limit(OF_ADDRESS, methods=["POST"], exempt_when=_is_known, error_message=WAIT)
def sign_in() -> Page:
    """Ask for name and password; with the right ones, go on to where the teacher wanted to go."""
    if request.method != "POST":
        return _form(request.args.get("next", ""))
    typed, onward = request.form.get("carried", ""), request.form.get("next", "")
    if not has_token():
        take_back()
        return _form(onward, typed, "This page was open for too long. Please sign in once more."), 400
    token = sign_ins.sign_in(_name(), request.form.get("password", ""))
    if token is None:
        return _form(onward, typed, "The name or the password is not right."), 401
    take_back()
    # Whatever the session held before, a token that somebody else put there above all, is gone.
    session.clear()
    session["token"], session.permanent = token, True
    g.teacher = sign_ins.teacher_of(token)
    page = show_again(_local(onward), typed) if typed else redirect(request.script_root + _local(onward), 303)
    return known_browser.remember(make_response(page), teacher().id)


def _form(onward: str, typed: str = "", problem: str = "") -> str:
    name = _name() if request.endpoint == "admin.sign_in" else ""
    return render_template("admin/sign_in.html", next=onward, carried=typed, problem=problem, name=name)


def ask_again(path: str, typed: str) -> tuple[str, int]:
    """Ask somebody to sign in again whose session ended over a form; what they typed comes back after it."""
    notice = "You were signed out meanwhile. Sign in again, and what you typed is there as you left it."
    return _form(path, typed, notice), 401


@admin.post("/sign-out")
def sign_out() -> WSGIResponse:
    """End this sign-in, for its cookie's copies too."""
    sign_ins.sign_out(session.get("token", ""))
    session.clear()
    return redirect(url_for("admin.sign_in"), 303)


@admin.route("/password", methods=["GET", "POST"])
@limiter.limit(OF_ACCOUNT, key_func=lambda: f"password {teacher().id}", methods=["POST"])
def password() -> Page:
    """Change one's own password; every browser has to sign in anew."""
    if request.method != "POST":
        return render_template("admin/password.html", problem="")
    old, new = request.form.get("old", ""), request.form.get("new", "")
    try:
        if new != request.form.get("again", ""):
            raise InvalidInputError("The new password was not typed the same way twice.")
        accounts.change_password(teacher(), old, new)
    except InvalidInputError as error:
        return render_template("admin/password.html", problem=str(error)), error.status
    take_back()
    session.clear()
    return redirect(url_for("admin.sign_in"), 303)
