"""The page of what a class thinks, and the same as a table for programs."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

from flask import Response, render_template, request

from assistant.admin.blueprint import Page, admin
from assistant.admin.class_report import FEWEST, report
from assistant.database import now
from assistant.errors import InvalidInputError

DAYS = 7  # that are shown unless others are asked for
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # begin what a spreadsheet would compute


@admin.get("/class")
def class_page() -> Page:
    """Show what was asked, guessed and held to be so in a span of time."""
    first, last = request.args.get("from", ""), request.args.get("to", "")
    try:
        span = _span(first, last)
    except InvalidInputError as error:
        page = render_template(
            "admin/class.html", first=first, last=last, found=None, problem=str(error), fewest=FEWEST
        )
        return page, error.status
    since, until = span
    found = report(_midnight(since), _midnight(until + timedelta(days=1)))
    return render_template("admin/class.html", first=since, last=until, found=found, problem="", fewest=FEWEST)


@admin.get("/class.csv")
def class_table() -> Response:
    """Return the same as comma-separated values."""
    since, until = _span(request.args.get("from", ""), request.args.get("to", ""))
    found = report(_midnight(since), _midnight(until + timedelta(days=1)))
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(("kind", "theme or entry", "what", "count"))
    table.writerows([_plain(each) for each in row] for row in found.rows())
    name = f"class-{since.isoformat()}-{until.isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response("\ufeff" + text.getvalue(), mimetype="text/csv", headers=headers)


def _plain(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _span(first: str, last: str) -> tuple[date, date]:
    today = now().date()
    try:
        until = date.fromisoformat(last) if last else today
        since = date.fromisoformat(first) if first else until - timedelta(days=DAYS - 1)
    except (ValueError, OverflowError):
        raise InvalidInputError("A day is written as 2026-11-26.") from None
    if since > until:
        raise InvalidInputError("The first day comes after the last.")
    if until.year > today.year + 1:
        raise InvalidInputError("The last day is far in the future.")
    return since, until


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
