"""Domain exceptions, and the one place that turns them into a page or JSON."""

import logging
from html import escape

from flask import Flask, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask_limiter import RateLimitExceeded
from sqlalchemy.exc import DataError, DBAPIError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as WSGIResponse

log = logging.getLogger(__name__)
PLAIN_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>{status}</title><h1>{status}</h1><p>{message}</p>'
)
# Browsers else keep some of these answers for good, 301 and 410 among them: an entry that moves back to its address
# would be redirected in a circle, and one that is published again would stay withdrawn.
ASKED_AGAIN = "no-cache"


class AssistantError(Exception):
    """What went wrong, in words for the person who asked; ``status`` is the HTTP status."""

    status = 400
    leads_on: tuple[str, str] | None = None  # the slug and the title of the entry to see in its place


class MovedError(AssistantError):
    """What is at this address has another one now, which differs in these values."""

    status = 308

    def __init__(self, **values: str) -> None:
        super().__init__("This has another address now.")
        self.values = values


class UnreadableError(AssistantError):
    """The address asks in a way that cannot be understood; the message names what would be right."""


class PrivateError(AssistantError):
    """There may be such a thing, and it is nobody else's business."""

    status = 401


class UnsupportedError(AssistantError):
    """The service does not do such a thing at all."""

    status = 501


class NotFoundError(AssistantError):
    """There is no such thing."""

    status = 404


class InvalidInputError(AssistantError):
    """The input cannot be used; the message names what was wrong and what would be right."""

    status = 422


class RefusedError(AssistantError):
    """The request may not do this."""

    status = 403


class TooManyError(AssistantError):
    """One client asks for more than its share."""

    status = 429


class UnavailableError(AssistantError):
    """Something that the service needs is not to be had at the moment."""

    status = 503


def in_frame() -> bool:
    """Say whether the request is for something that other sites may show in a frame, its errors included."""
    return request.path.startswith("/embed/")


def wants_json() -> bool:
    """Say whether the request is a program's."""
    if request.path.startswith("/api/") or request.path == "/oembed":
        return True
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]


def _answer(status: int, message: str, leads_on: tuple[str, str] | None = None) -> Response:
    if wants_json():
        more = {"see": url_for("pages.entry", slug=leads_on[0])} if leads_on else {}
        response: Response = jsonify(error=message, status=status, **more)
    else:
        template = "forum/error.html" if in_frame() else "error.html"
        try:
            response = make_response(render_template(template, status=status, message=message, leads_on=leads_on))
        except Exception:  # Whatever made the request fail may fail the page too, such as a Host that is none.
            if status >= 500:
                log.exception("the page of an error could not be made")
            response = make_response(PLAIN_PAGE.format(status=status, message=escape(message)))
    response.status_code = status
    response.headers["Cache-Control"] = ASKED_AGAIN
    return response


def register(app: Flask) -> None:
    """Make every error of ``app`` a clear answer, without a stack trace."""

    @app.errorhandler(AssistantError)
    def domain(error: AssistantError) -> Response:
        return _answer(error.status, str(error), error.leads_on)

    @app.errorhandler(MovedError)
    def moved(error: MovedError) -> WSGIResponse:
        place = url_for(request.endpoint or "", **{**(request.view_args or {}), **error.values})
        query = request.query_string.decode("latin-1")
        status = 301 if request.method in {"GET", "HEAD"} else error.status
        answer = redirect(f"{place}?{query}" if query else place, status)
        answer.headers["Cache-Control"] = ASKED_AGAIN
        return answer

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        messages = {
            404: "There is no page at this address.",
            405: "This address does not take that kind of request.",
            413: "That is too long, or has too many fields: a question has up to 10,000 characters, a text 20,000.",
            429: "Too many requests from your address at once. Please wait a minute and try again.",
        }
        status = error.code or 500
        message = messages.get(status, error.description or "Something went wrong.")
        if isinstance(error, RateLimitExceeded) and error.limit.error_message:
            message = error.description or message
        response = _answer(status, message)
        for name, value in error.get_headers():
            if name in {"Allow", "Retry-After"}:
                response.headers[name] = value
        return response

    @app.errorhandler(DataError)
    @app.errorhandler(OverflowError)
    @app.errorhandler(UnicodeEncodeError)
    def unstorable(_error: Exception) -> Response:
        """Answer what was sent a text or number that no database holds: with a NUL, half a character, or of 64 bits."""
        return _answer(422, "Something that was sent holds a character or a number that cannot be looked up or stored.")

    @app.errorhandler(DBAPIError)
    def database(error: DBAPIError) -> Response:
        log.error("database: %s", str(error.orig).partition("\n")[0])
        return _answer(
            503, "The database cannot be used at the moment. Nothing that was stored is lost; please try again."
        )

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        log.exception("unexpected error", exc_info=error)
        return _answer(500, "Something went wrong on our side. It has been logged.")
