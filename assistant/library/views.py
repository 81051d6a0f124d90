"""The browse page and the entries' pages."""

from itertools import groupby

from flask import Blueprint, render_template

from assistant.errors import NotFoundError
from assistant.library import queries
from assistant.runs.panel import panel

library = Blueprint("library", __name__)


@library.get("/entries")
def browse() -> str:
    """Show all entries by theme, in reading order."""
    entries = queries.published()
    first = {row.published.theme: at for at, row in reversed(list(enumerate(entries))) if row.published}
    rows = [row for row in entries if row.published]
    rows.sort(key=lambda row: first[row.published.theme] if row.published else 0)
    themes = [(theme, list(members)) for theme, members in groupby(rows, key=lambda row: row.published.theme)]
    return render_template("browse.html", themes=themes)


@library.get("/entries/<slug>")
def show(slug: str) -> str:
    """Show one entry with its latest run and its evidence to date."""
    entry = queries.by_slug(slug)
    if entry is None:
        raise NotFoundError("There is no entry at this address.")
    return render_template("entry.html", entry=entry, panel=panel(entry))
