"""A run's replay for the player, and its networks and data to take home. All of it is public and never changes."""

import gzip
from typing import Literal

from flask import Blueprint, Response, request

from assistant.errors import AssistantError, NotFoundError, UnavailableError
from assistant.runs import queries
from assistant.runs.tables import DONE, FAILED, ReplayRow
from assistant.runs.take_home import Form, Recorded
from assistant.runs.views import require_run

replays = Blueprint("replays", __name__)
KEPT = "public, max-age=31536000, immutable"


class GoneError(AssistantError):
    """There was such a thing, and it is not kept any more."""

    status = 410


def require_replay(run_id: str) -> ReplayRow:
    """Return what was recorded of a run.

    Raises:
        NotFoundError: there is no such run, or it failed.
        UnavailableError: the run is not done yet.
        GoneError: nothing was recorded, or it is not kept any more.
    """
    run = require_run(run_id)
    row = queries.replay(run_id)
    if row is not None:
        return row
    if run.state == FAILED:
        raise NotFoundError("This run failed, and so there is nothing to watch.")
    if run.state != DONE:
        raise UnavailableError("This run is still under way. Please look again in a moment.")
    raise GoneError("Nothing to watch is kept of this run: it is old. Its numbers stay.")


@replays.after_request
def allow_every_origin(response: Response) -> Response:
    """Let frames in a sandbox, which have no origin of their own, read what is public, refusals included."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@replays.get("/api/runs/<run_id>/replay")
def replay(run_id: str) -> Response:
    """Send what was recorded of a run, compressed as it is stored."""
    recording = require_replay(run_id).recording
    packed = request.accept_encodings["gzip"] > 0
    response = _public(recording if packed else gzip.decompress(recording), "application/json")
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    return response


@replays.get("/runs/<run_id>/keras.py")
def keras_script(run_id: str) -> Response:
    """Send one network as a Keras script."""
    return _code(run_id, "script", "text/x-python", "py")


@replays.get("/runs/<run_id>/notebook.ipynb")
def notebook(run_id: str) -> Response:
    """Send one network as a Jupyter notebook."""
    return _code(run_id, "notebook", "application/x-ipynb+json", "ipynb")


@replays.get("/runs/<run_id>/data.csv")
def data(run_id: str) -> Response:
    """Send the examples that the networks learned."""
    table = Recorded.of(require_replay(run_id)).table(request.args.get("cohort"))
    return _download(table, "text/csv", f"{_name(run_id)}.csv")


def _code(run_id: str, form: Form, kind: str, ending: Literal["py", "ipynb"]) -> Response:
    number = request.args.get("network", "0")
    code = Recorded.of(require_replay(run_id)).code(form, number, request.args.get("cohort"))
    return _download(code, kind, f"{_name(run_id)}-network-{int(number)}.{ending}")


def _name(run_id: str) -> str:
    """Return how the files of a run, or of one of its cohorts, are called; there is such a cohort."""
    return "-".join(filter(None, (run_id, request.args.get("cohort"))))


def _download(text: str, kind: str, name: str) -> Response:
    response = _public(text.encode(), kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _public(content: bytes, kind: str) -> Response:
    response = Response(content, mimetype=kind)
    response.headers["Cache-Control"] = KEPT
    return response
