"""A run's own page."""

from flask import render_template

from assistant.forum.preview import run_preview
from assistant.pages.blueprint import pages
from assistant.runs.panel import panel
from assistant.runs.vary import controls, form_of
from assistant.runs.views import require_run


@pages.get("/runs/<run_id>", endpoint="run")
def run_page(run_id: str) -> str:
    """Show one run, for ever at this address."""
    run = require_run(run_id)
    shown, varying = panel(run.entry, run), controls(run.entry, run.experiment, form=form_of(run))
    return render_template("run.html", run=run, panel=shown, varying=varying, preview=run_preview(run))
