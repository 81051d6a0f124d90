"""What other sites show of this service: frames, and the button in them."""

from flask import Blueprint, Response, render_template
from werkzeug.wrappers import Response as WSGIResponse

from assistant.errors import NotFoundError
from assistant.library import queries as library
from assistant.runs.panel import panel
from assistant.runs.views import found, fragments, trained
from assistant.security import asks_limit, limiter

forum = Blueprint("forum", __name__)


@forum.get("/embed/<slug>")
def entry_frame(slug: str) -> str:
    """Show an entry's answer and experiment to a reader of another site's page."""
    entry = library.by_slug(slug)
    if entry is None:
        raise NotFoundError("There is no entry at this address.")
    return render_template("forum/entry.html", entry=entry, panel=panel(entry), framed=True)


@forum.get("/embed/runs/<run_id>")
def run_frame(run_id: str) -> str:
    """Show one run to a reader of another site's page."""
    run = found(run_id)
    return render_template("forum/run.html", run=run, entry=run.entry, panel=panel(run.entry, run), framed=True)


@forum.get("/embed/runs/<run_id>/panel")
def live(run_id: str) -> Response:
    """Return the panel's parts as fragments for a frame."""
    return fragments(found(run_id), framed=True)


@forum.post("/embed/<slug>/runs")
@limiter.limit(asks_limit)
def train(slug: str) -> WSGIResponse:
    """Train fresh networks for an entry, inside the frame."""
    return trained(slug, framed=True)
