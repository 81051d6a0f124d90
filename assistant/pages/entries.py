"""The page of all entries, each entry's own page, and varying its experiment."""

from collections.abc import Mapping

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WSGIResponse

from assistant.database import writing
from assistant.errors import NotFoundError
from assistant.forum.preview import entry_preview
from assistant.library import queries as library
from assistant.library.parameters import ParametersError
from assistant.library.tables import EntryRow
from assistant.pages.blueprint import pages
from assistant.runs.panel import further_sections, panel
from assistant.runs.vary import controls
from assistant.runs.vary import vary as start_variation
from assistant.security import asks_limit, limiter


@pages.get("/entries")
def browse() -> str:
    """Show all entries by theme, in reading order."""
    themes: dict[str, list[EntryRow]] = {}
    for row in library.published_entries():
        if row.published is not None:
            themes.setdefault(row.published.theme, []).append(row)
    return render_template("browse.html", themes=list(themes.items()))


@pages.get("/entries/<slug>")
def entry(slug: str) -> str:
    """Show one entry with its latest run and its evidence to date."""
    row = library.published_entry(slug)
    if row is None:
        raise NotFoundError("There is no entry at this address.")
    return _page(row)


@pages.post("/entries/<slug>/variations")
@limiter.limit(asks_limit)
def vary(slug: str) -> WSGIResponse | tuple[str, int]:
    """Train with one parameter changed, and lead to the page that shows it beside the entry's own run."""
    entry = library.published_entry(slug)
    if entry is None:
        raise NotFoundError("There is no entry at this address.")
    try:
        with writing():
            run = start_variation(entry, request.form)
    except ParametersError as error:
        return _page(entry, form=request.form, problems=error.problems), error.status
    return redirect(url_for("pages.run", run_id=run.id, _anchor="main"), 303)


def _page(entry: EntryRow, *, form: Mapping[str, str] | None = None, problems: Mapping[str, str] | None = None) -> str:
    """Return an entry's page; with what was wrong with a ``form`` by which a learner meant to vary its experiment."""
    shown, varying = panel(entry), controls(entry, form=form, problems=problems)
    preview = entry_preview(entry, shown.shown)
    return render_template(
        "entry.html", entry=entry, panel=shown, varying=varying, preview=preview, further=further_sections(entry)
    )
