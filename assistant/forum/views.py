"""What other sites show of this service: frames, the button in them, oEmbed answers, cards; and the page about it."""

from pathlib import Path

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from werkzeug.wrappers import Response as WSGIResponse

from assistant.errors import AssistantError, NotFoundError
from assistant.forum import queries
from assistant.forum.addresses import preview_of
from assistant.forum.inspection import inspect_address
from assistant.forum.oembed import CACHE_AGE, mime_type, oembed_answer, pixel_limit, to_xml
from assistant.forum.preview import SIZES, entry_preview, run_preview
from assistant.forum.snippets import bookmarklet, snippets_of
from assistant.library.addresses import require_published
from assistant.rate_limits import asks_limit, reads_limit
from assistant.runs.evidence.notes import notes_of
from assistant.runs.evidence.settled import settle
from assistant.runs.panel import further_sections, panel, placed_figures
from assistant.runs.views import panel_fragments, require_run, start_run

STATIC = Path(__file__).parents[1] / "static"

forum = Blueprint("forum", __name__)
forum.add_app_template_global(snippets_of)


@forum.get("/embed/<slug>")
def entry_frame(slug: str) -> str:
    """Show an entry's answer and experiment to a reader of another site's page."""
    entry, _ = require_published(slug)
    return render_template(
        "forum/entry.html",
        entry=entry,
        panel=(shown := panel(entry)),
        figures=placed_figures(shown),
        settled=settle(shown, further_sections(shown.entry)),
        notes=notes_of(entry),
        own_page=url_for("pages.entry", slug=slug),
        preview=entry_preview(entry, shown.shown),
    )


@forum.get("/embed/runs/<run_id>")
def run_frame(run_id: str) -> str:
    """Show one run to a reader of another site's page."""
    run = require_run(run_id)
    return render_template(
        "forum/run.html",
        run=run,
        entry=run.entry,
        panel=(shown := panel(run.entry, run)),
        figures=placed_figures(shown),
        settled=settle(shown, further_sections(shown.entry)),
        notes=notes_of(run.entry) if run.entry is not None else [],
        own_page=url_for("pages.run", run_id=run_id),
        preview=run_preview(run),
    )


@forum.get("/embed/runs/<run_id>/panel")
def live(run_id: str) -> Response:
    """Return the panel's parts as fragments for a frame."""
    return panel_fragments(require_run(run_id), place="frame")


@forum.post("/embed/<slug>/runs")
@asks_limit
def train(slug: str) -> WSGIResponse:
    """Train fresh networks for an entry, inside the frame."""
    return start_run(slug, framed=True)


@forum.get("/oembed")
def oembed() -> Response:
    """Answer as an oEmbed provider, for this service's own entries and runs alone."""
    kind = mime_type(request.args.get("format"))
    sizes = [pixel_limit(name, request.args.get(name)) for name in ("maxwidth", "maxheight")]
    answer = oembed_answer(preview_of(request.args.get("url", "")), *sizes)
    response = jsonify(answer) if kind == "application/json" else Response(to_xml(answer), mimetype=kind)
    response.headers["Cache-Control"] = f"public, max-age={CACHE_AGE}"
    response.headers["Access-Control-Allow-Origin"] = "*"  # Pages of other sites may read it; it is public.
    return response


@forum.get("/runs/<run_id>/card-<int:width>.png")
def card(run_id: str, width: int) -> Response:
    """Serve a run's card, or one that stands in for it: its entry's newest, or that of the whole service."""
    run = require_run(run_id)
    if width not in dict(SIZES):
        raise NotFoundError(f"A card is {' or '.join(f'{wide}' for wide, _ in SIZES)} pixels wide, not {width}.")
    row = queries.card_picture(run, width)
    png = row.png if row is not None else None
    if png is None:
        png = (STATIC / f"card-{width}.png").read_bytes()
    response = Response(png, mimetype="image/png")
    response.add_etag()
    own = row is not None and row.run_id == run.id
    response.headers["Cache-Control"] = "public, max-age=86400" if own else "no-cache"
    response.make_conditional(request)
    return response


@forum.get("/forum")
@reads_limit
def staff() -> tuple[str, int]:
    """Tell a forum's staff what to set, and check an address as their forum would."""
    address, origin = (request.args.get(name, "").strip() for name in ("address", "forum"))
    inspection, problem, status = None, None, 200
    if address:
        try:
            inspection = inspect_address(address, origin)
        except AssistantError as error:
            problem, status = str(error), error.status
    page = render_template(
        "forum/staff.html",
        address=address,
        origin=origin,
        inspection=inspection,
        problem=problem,
        bookmarklet=bookmarklet(),
    )
    return page, status
