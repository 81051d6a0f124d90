"""The browse page and the entries' pages."""

from flask import Blueprint, render_template

from assistant.errors import NotFoundError
from assistant.forum.preview import of_entry
from assistant.library import queries
from assistant.library.tables import EntryRow
from assistant.runs.panel import panel
from assistant.runs.vary import controls

library = Blueprint("library", __name__)


@library.get("/entries")
def browse() -> str:
    """Show all entries by theme, in reading order."""
    themes: dict[str, list[EntryRow]] = {}
    for row in queries.published():
        if row.published is not None:
            themes.setdefault(row.published.theme, []).append(row)
    return render_template("browse.html", themes=list(themes.items()))


@library.get("/entries/<slug>")
def show(slug: str) -> str:
    """Show one entry with its latest run and its evidence to date."""
    entry = queries.by_slug(slug)
    if entry is None:
        raise NotFoundError("There is no entry at this address.")
    shown, varying = panel(entry), controls(entry)
    preview = of_entry(entry, shown.shown)
    return render_template("entry.html", entry=entry, panel=shown, varying=varying, preview=preview)
