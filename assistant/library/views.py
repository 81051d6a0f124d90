"""The browse page and the entries' pages."""

from collections.abc import Mapping

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
    return page(entry)


def page(entry: EntryRow, *, form: Mapping[str, str] | None = None, problems: Mapping[str, str] | None = None) -> str:
    """Return an entry's page; with what was wrong with a ``form`` by which a learner meant to vary its experiment."""
    shown, varying = panel(entry), controls(entry, form=form, problems=problems)
    preview = of_entry(entry, shown.shown)
    return render_template("entry.html", entry=entry, panel=shown, varying=varying, preview=preview)
