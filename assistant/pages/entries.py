"""The page of all entries, each entry's own page, and varying its experiment."""

from flask import Response, current_app, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WSGIResponse

from assistant.database import writing
from assistant.library import queries as library
from assistant.library.addresses import require_published
from assistant.library.parameters import ParametersError
from assistant.pages.answer import shown_of
from assistant.pages.blueprint import pages
from assistant.rate_limits import asks_limit
from assistant.runs.figure_queries import thumbnail
from assistant.runs.panel import panel
from assistant.runs.vary import UnchangedError, controls, query_of
from assistant.runs.vary import vary as start_variation
from assistant.runs.views import fragments_of


@pages.get("/entries")
def browse() -> str:
    """Show all entries by theme, in reading order, each with what networks of its newest run became."""
    themes = library.by_theme(library.published_entries())
    shown = [(row, row.published) for rows in themes.values() for row in rows if row.published is not None]
    pictures = {row.slug: thumbnail(row.id, revision.experiment) for row, revision in shown}
    return render_template("browse.html", themes=list(themes.items()), pictures=pictures)


@pages.get("/entries/<slug>")
def entry(slug: str) -> str:
    """Show one entry with its latest run and its evidence to date."""
    row, _ = require_published(slug)
    return render_template("entry.html", **shown_of(row, query=request.args))


@pages.get("/api/entries/<slug>")
def entry_api(slug: str) -> Response:
    """Tell all of a published entry to a program."""
    _, published = require_published(slug)
    address = current_app.config["SETTINGS"].public_url.address(url_for("pages.entry", slug=slug))
    content = library.plain(library.content_of(published)) | {"short": published.short_words}
    return jsonify(slug=slug, url=address, revision=published.number, **content)


@pages.post("/entries/<slug>/variations")
@asks_limit
def vary(slug: str) -> WSGIResponse | tuple[str, int]:
    """Train with parameters changed, in place where a page asks for it, and else on the entry's page."""
    entry, _ = require_published(slug)
    in_place = "HX-Request" in request.headers
    mended = controls(entry, form=request.form) if "mends" in request.form else ()
    try:
        with writing():
            run = start_variation(entry, request.form)
    except UnchangedError as error:
        if not in_place:
            page = render_template("entry.html", **shown_of(entry, form=request.form, problems=error.problems))
            return page, error.status
        return fragments_of(panel(entry), place="answer", started=True, varying=mended)
    except ParametersError as error:
        if in_place:
            varying = controls(entry, form=request.form, problems=error.problems)
            response = make_response(render_template("_vary_live.html", entry=entry, varying=varying), error.status)
            response.headers.update({"HX-Retarget": "#vary", "HX-Reswap": "outerHTML"})
            return response
        page = render_template("entry.html", **shown_of(entry, form=request.form, problems=error.problems))
        return page, error.status
    if in_place:
        return fragments_of(panel(entry, run), place="answer", started=True, varying=mended)
    return redirect(url_for("pages.entry", slug=slug) + query_of(run), 303)
