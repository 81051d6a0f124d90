"""Domain exceptions, and the one place that turns them into a page or JSON."""

import logging

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_limiter import RateLimitExceeded
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

log = logging.getLogger(__name__)


class AssistantError(Exception):
    """What went wrong, in words for the person who asked; ``status`` is the HTTP status."""

    status = 400


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


def _answer(status: int, message: str) -> Response:
    if wants_json():
        response: Response = jsonify(error=message, status=status)
    else:
        template = "forum/error.html" if in_frame() else "error.html"
        response = make_response(render_template(template, status=status, message=message))
    response.status_code = status
    return response


def register(app: Flask) -> None:
    """Make every error of ``app`` a clear answer, without a stack trace."""

    @app.errorhandler(AssistantError)
    def domain(error: AssistantError) -> Response:
        return _answer(error.status, str(error))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        messages = {
            404: "There is no page at this address.",
            405: "This address does not take that kind of request.",
            413: "That is too long. A question has at most 1,000 characters, an explanation 20,000.",
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

    @app.errorhandler(DBAPIError)
    def database(error: DBAPIError) -> Response:
        log.error("database: %s", error.orig)
        return _answer(
            503, "The database cannot be used at the moment. Nothing that was stored is lost; please try again."
        )

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        log.exception("unexpected error", exc_info=error)
        return _answer(500, "Something went wrong on our side. It has been logged.")
