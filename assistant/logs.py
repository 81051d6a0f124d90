"""Logs: a line or a JSON object for each event, with its time and the request's id.

Nothing that a learner typed stands in them, and no client's address: while a request is answered, an error is told by
its kind and its place in the code alone. What repeats in an outage is told once a minute, with how often more it was.
"""

import logging
import re
import secrets
import sys
import threading
import traceback
from collections.abc import Iterable
from copy import copy
from datetime import UTC, datetime
from typing import Any, Literal

from flask import Flask, Response, has_request_context, request
from pythonjsonlogger.json import JsonFormatter

Format = Literal["lines", "json"]
MINUTE = 60.0  # seconds in which the same is told once
ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
IN_ENVIRON = "askneuron.request_id"
OWN = "assistant-logs"  # the handler's name


def request_id() -> str:
    """Return what tells this request from others: what a trusted proxy calls it, or else drawn; "-" outside of one."""
    if not has_request_context():
        return "-"
    if IN_ENVIRON not in request.environ:
        request.environ[IN_ENVIRON] = secrets.token_hex(8)
    return str(request.environ[IN_ENVIRON])


class _Common(logging.Formatter):
    """What lines and objects have in common."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802
        """Return the time in UTC, to the millisecond."""
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def formatException(self, ei: Any) -> str:  # noqa: ANN401, N802
        """Return an error; within a request without its words, which may be a learner's."""
        return _without_words(ei[1]) if has_request_context() else super().formatException(ei)


class LogLines(_Common):
    """A line for each event, an error's places below it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(request)s %(name)s: %(message)s")


class Objects(_Common, JsonFormatter):
    """A JSON object for each event, in a line."""

    def __init__(self) -> None:
        names = {"asctime": "time", "levelname": "level", "name": "logger", "exc_info": "error"}
        JsonFormatter.__init__(self, "%(asctime)s %(levelname)s %(request)s %(name)s %(message)s", rename_fields=names)


def _without_words(error: BaseException | None) -> str:
    """Return an error and what it came of: where each was raised, and its kind."""
    told: list[str] = []
    while error is not None:
        told.insert(0, f"{''.join(traceback.format_tb(error.__traceback__))}{type(error).__qualname__}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(told)


def _name_request(record: logging.LogRecord) -> bool:
    record.request = request_id()
    return True


class Handler(logging.StreamHandler[Any]):
    """Writes to standard error, and of warnings and errors that repeat one a minute."""

    def __init__(self) -> None:
        super().__init__()
        self.name = OWN
        self._left_out: dict[tuple[object, ...], tuple[int, logging.LogRecord]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Write an event, or count it where the same was written within the minute; one thread at a time is here."""
        if record.levelno >= logging.WARNING:
            key = _kind(record)
            if key in self._left_out:
                self._left_out[key] = self._left_out[key][0] + 1, record
                return
            self._begin(key, record)
        self._write(record)

    def _write(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr  # whatever it is by now
        told = copy(record)
        told.exc_text = None  # as another handler may have put it
        super().emit(told)

    def _begin(self, key: tuple[object, ...], record: logging.LogRecord) -> None:
        self._left_out[key] = 0, record
        timer = threading.Timer(MINUTE, self._end, (key,))
        timer.daemon = True
        timer.start()

    def _end(self, key: tuple[object, ...], *, go_on: bool = True) -> None:
        """Say how often more it was, and go on counting where it was."""
        self.acquire()
        try:
            count, record = self._left_out.pop(key, (0, None))
            if record is None or not count:
                return
            if go_on:
                self._begin(key, record)
            told = copy(record)
            told.msg, told.args = f"{record.getMessage()} (and {count:,} more like it within a minute)", ()
            told.exc_info = told.exc_text = None
            self._write(told)
        finally:
            self.release()

    def close(self) -> None:
        """Say what was left out until now."""
        for key in list(self._left_out):
            self._end(key, go_on=False)
        super().close()


def _kind(record: logging.LogRecord) -> tuple[object, ...]:
    """Return what two events have in common that say the same: where they are told, and where an error was raised."""
    error = record.exc_info[1] if record.exc_info else None
    places = traceback.extract_tb(error.__traceback__, -1) if error is not None else ()
    return record.name, record.levelno, record.msg, type(error), *((each.filename, each.lineno) for each in places)


def configure(log_format: Format) -> None:
    """Let this process log so."""
    root = logging.getLogger()
    handler = next((each for each in root.handlers if each.name == OWN), None) or Handler()
    if handler not in root.handlers:
        root.addHandler(handler)
    root.setLevel(logging.INFO)
    give_form([handler], log_format)


def give_form(handlers: Iterable[logging.Handler], log_format: Format) -> None:
    """Let these handlers write so, whatever they write to."""
    formatter = Objects() if log_format == "json" else LogLines()
    for each in handlers:
        each.setFormatter(formatter)
        if _name_request not in each.filters:
            each.addFilter(_name_request)


def register(app: Flask) -> None:
    """Give each request of ``app`` an id, which its answer names too."""
    trusted = app.config["SETTINGS"].trusted_proxies

    @app.before_request
    def take_over() -> None:
        """Take the id over that a trusted proxy gave."""
        given = request.headers.get("X-Request-ID", "")
        if trusted and ID.fullmatch(given):
            request.environ[IN_ENVIRON] = given

    @app.after_request
    def name_it(response: Response) -> Response:
        response.headers["X-Request-ID"] = request_id()
        return response
