"""A run's live panel, its figures, its JSON, and the button that trains anew."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WSGIResponse

from assistant.database import writing
from assistant.errors import InvalidInputError, NotFoundError
from assistant.library.addresses import require_published
from assistant.library.parameters import Field
from assistant.rate_limits import asks_limit
from assistant.runs import figure_queries, queries
from assistant.runs.evidence.notes import notes_of
from assistant.runs.evidence.settled import settle
from assistant.runs.outcome import outcome_of
from assistant.runs.panel import Panel, panel, placed_figures, section
from assistant.runs.tables import RunRow
from assistant.runs.vary import controls, query_of
from assistant.security import FIGURE_POLICY

runs = Blueprint("runs", __name__)


def require_run(run_id: str) -> RunRow:
    """Return a run."""
    run = queries.find(run_id)
    if run is None:
        raise NotFoundError("There is no run at this address.")
    return run


@runs.get("/runs/<run_id>/panel")
def live(run_id: str) -> Response:
    """Return the panel's parts as fragments; the page asks again while the run is under way."""
    return panel_fragments(require_run(run_id), place=request.args.get("place", "answer"))


def panel_fragments(run: RunRow, *, place: str, started: bool = False) -> Response:
    """Return the parts of a run's panel that change, for the ``place`` that they stand in, as `_panel.html` says."""
    return fragments_of(panel(run.entry, run), place=place, started=started)


def fragments_of(shown: Panel, *, place: str, started: bool = False, varying: Sequence[Field] = ()) -> Response:
    """Return the parts of a panel that change; with ``varying``, also the form that varies its experiment."""
    # Only where the explanation stands are there notes and places for figures; further experiments' figures stay. Both
    # come last, so that the verdict does not wait for them.
    own = panel(shown.entry, shown.together) if shown.together is not None and place == "answer" else shown
    there = place in {"answer", "frame"} and not (own.sides or shown.pending or shown.drawing)
    figures = placed_figures(own) if there else {}
    notes = notes_of(shown.entry) if there and shown.entry is not None else []
    known = {name: figure for name, figure in figures.items() if figure is not None}
    page = render_template(
        "_live.html",
        panel=shown,
        own=own,
        figures=known,
        settled=settle(own) if place in {"answer", "frame"} else (),
        notes=notes,
        started=started,
        place=place,
        varying=varying,
        query=query_of(shown.fresh),
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


@runs.get("/runs/<run_id>/section")
def live_section(run_id: str) -> Response:
    """Return the section of a run of a further experiment, as a fragment; it asks again while the run is under way."""
    return section_fragment(require_run(run_id))


def section_fragment(run: RunRow) -> Response:
    """Return the section of a run of a further experiment."""
    shown = section(run.entry, run.experiment, run)
    over = not (shown.panel.pending or shown.panel.drawing)
    notes = notes_of(run.entry) if over and run.entry is not None else []
    page = render_template("_further_live.html", section=shown, settled=settle(shown.panel), notes=notes)
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


@runs.post("/entries/<slug>/runs")
@asks_limit
def create(slug: str) -> WSGIResponse:
    """Train fresh networks for an entry: in place where a panel asks for it, and else on the run's own page."""
    return start_run(slug)


def start_run(slug: str, *, framed: bool = False) -> WSGIResponse:
    """Start a run of one of an entry's experiments, and answer with the panel's parts or the way to the run's page."""
    with writing():
        entry, published = require_published(slug)
        name = request.form.get("experiment", published.experiment)
        configuration = published.configuration(name)
        if configuration is None:
            raise InvalidInputError(f"This entry has no experiment {name[:100]!r}.")
        run = queries.enqueue(published, configuration)
    if request.headers.get("HX-Request"):
        main = run.experiment == published.experiment
        if framed or main:
            # The form below goes back to the entry's own values, with which this run is trained.
            varying = () if framed else controls(entry)
            shown = panel(entry, run)
            return fragments_of(shown, place="frame" if framed else "answer", started=True, varying=varying)
        return section_fragment(run)
    return redirect(url_for("forum.run_frame" if framed else "pages.run", run_id=run.id), 303)


@runs.get("/runs/<run_id>/figures/<name>.svg")
def figure(run_id: str, name: str) -> Response:
    """Serve a figure; it never changes."""
    row = figure_queries.figure(run_id, name)
    if row is None or row.svg is None:
        raise NotFoundError("There is no figure at this address. Figures of old runs are deleted; their numbers stay.")
    response = Response(row.svg, mimetype="image/svg+xml")
    response.set_etag(row.digest)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = FIGURE_POLICY
    response.make_conditional(request)
    return response


def _varied(run: RunRow) -> dict[str, Any] | None:
    if run.varied is None:
        return None
    return {"changes": [asdict(each) for each in run.changes], "beside": run.varied["beside"]}


def _outcome(run: RunRow) -> dict[str, Any] | None:
    """Return what the run counted of that which readers guess first."""
    outcome = outcome_of(run.entry, run)
    if outcome is None or outcome.counted is None:
        return None
    counted = {"count": outcome.counted.count, "of": outcome.counted.of}
    return {"question": outcome.prediction.question, **counted, "as_claimed": outcome.held}


@runs.get("/api/runs/<run_id>")
def api(run_id: str) -> Response:
    """Tell all of a run to a program."""
    run = require_run(run_id)
    public = current_app.config["SETTINGS"].public_url
    return jsonify(
        id=run.id,
        url=public.address(url_for("pages.run", run_id=run.id)),
        status=run.state,
        progress=run.progress,
        drawing=run.drawing,
        failure=run.failure,
        entry=run.entry.slug if run.entry else None,
        experiment=run.experiment,
        seed=run.seed,
        networks=run.networks,
        hyperparameters=run.hyperparameters,
        evidence=run.evidence,
        varied=_varied(run),
        setup=run.setup,
        findings=run.findings,
        outcome=_outcome(run),
        verdicts=[each.to_json() for each in run.verdicts] if run.verdicts is not None else None,
        figures=[
            {
                "name": each.name,
                "title": each.title,
                "url": public.address(url_for("runs.figure", run_id=run.id, name=each.name)),
            }
            for each in run.figures
        ],
        seconds=run.seconds,
        versions=run.versions,
        code=run.code,
        created_at=run.created_at.isoformat(),
        finished_at=run.finished_at.isoformat() if run.finished_at else None,
    )
