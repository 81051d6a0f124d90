"""The page of all entries, each entry's own page, and varying its experiment."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WSGIResponse

from assistant.database import writing
from assistant.errors import NotFoundError
from assistant.library import queries as library
from assistant.library.parameters import ParametersError
from assistant.library.tables import EntryRow
from assistant.pages.answer import shown_of
from assistant.pages.blueprint import pages
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
    return render_template("entry.html", **shown_of(row))


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
        page = render_template("entry.html", **shown_of(entry, form=request.form, problems=error.problems))
        return page, error.status
    return redirect(url_for("pages.run", run_id=run.id, _anchor="main"), 303)
